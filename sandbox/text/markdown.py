"""MarkdownV2 and legacy Markdown as parsed by Telegram, with the same error descriptions."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.errors import unparsable
from sandbox.text.spans import Json, Span, byte_offset, link_span

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
NAMES = {
    "*": ("bold", "Bold"),
    "_": ("italic", "Italic"),
    "__": ("underline", "Underline"),
    "~": ("strikethrough", "Strikethrough"),
    "||": ("spoiler", "Spoiler"),
    "`": ("code", "Code"),
    "```": ("pre", "Pre"),
    "[": ("text_link", "TextUrl"),
    "![": ("custom_emoji", "CustomEmoji"),
}


@dataclass(slots=True)
class _OpenEntity:
    mark: str
    begin: int
    start: int
    language: str = ""


class _Reader:
    """One pass over MarkdownV2 text."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.spans: list[Span] = []
        self.stack: list[_OpenEntity] = []
        self.quote_from: int | None = None

    def read(self) -> tuple[str, list[Span]]:
        """Text and spans."""
        line_start = True
        while self.at < len(self.source):
            character = self.source[self.at]
            in_code = bool(self.stack) and self.stack[-1].mark in ("`", "```")
            if line_start and not in_code:
                self._line_start()
                line_start = False
                continue
            if character == "\\" and self.at + 1 < len(self.source) and 0 < ord(self.source[self.at + 1]) <= 126:
                self._plain(self.source[self.at + 1], 2)
            elif in_code and not self._closes_code():
                self._plain(character, 1)
            elif character == "\n":
                self._plain(character, 1)
                line_start = True
            elif self.quote_from is not None and self.source.startswith("||", self.at) and self._ends_quote():
                self._end_quote(expandable=True)
                self.at += 2
            elif character in RESERVED:
                self._mark(character)
            else:
                self._plain(character, 1)
        if self.quote_from is not None:
            self._end_quote(expandable=False)
        if self.stack:
            opened = self.stack[-1]
            kind = "PreCode" if opened.language else NAMES[opened.mark][1]
            where = byte_offset(self.source, opened.begin)
            raise unparsable(f"Can't find end of {kind} entity at byte offset {where}")
        return "".join(self.out), self.spans

    def _line_start(self) -> None:
        if self.source[self.at] == ">":
            if self.quote_from is None:
                self.quote_from = len(self.out)
            self.at += 1
        elif self.quote_from is not None:
            self._end_quote(expandable=False)
        if self.at < len(self.source) and self.source[self.at] == "\n":
            self._plain("\n", 1)
            if self.at < len(self.source):
                self._line_start()

    def _ends_quote(self) -> bool:
        follows = self.source[self.at + 2 : self.at + 3]
        return follows in ("", "\n") and not any(opened.mark == "||" for opened in self.stack)

    def _end_quote(self, *, expandable: bool) -> None:
        start = self.quote_from if self.quote_from is not None else 0
        end = len(self.out)
        if self.out[-1:] == ["\n"] and not expandable:
            end -= 1
        if end > start:
            self.spans.append(Span(start, end, "expandable_blockquote" if expandable else "blockquote"))
        self.quote_from = None

    def _plain(self, character: str, width: int) -> None:
        self.out.append(character)
        self.at += width

    def _closes_code(self) -> bool:
        return self.source.startswith(self.stack[-1].mark, self.at)

    def _mark(self, character: str) -> None:
        source, at = self.source, self.at
        if self.stack and character == "]" and self.stack[-1].mark in ("[", "!["):
            self._end_link()
            return
        mark = character
        for wide in ("```", "__", "||", "!["):
            if source.startswith(wide, at):
                mark = wide
                break
        if mark == "__" and source.startswith("___", at) and self.stack and self.stack[-1].mark == "_":
            mark = "_"
        if mark not in NAMES:
            raise unparsable(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")
        if self.stack and self.stack[-1].mark == mark:
            self._end(mark)
            return
        opened = _OpenEntity(mark, at, len(self.out))
        self.at += len(mark)
        if mark == "```":
            self._language(opened)
        self.stack.append(opened)

    def _language(self, opened: _OpenEntity) -> None:
        stop = self.at
        while stop < len(self.source) and not self.source[stop].isspace() and self.source[stop] != "`":
            stop += 1
        if stop > self.at and stop < len(self.source) and self.source[stop] != "`":
            opened.language = self.source[self.at : stop]
            self.at = stop
        if self.source.startswith("\n", self.at):
            self.at += 1

    def _end(self, mark: str) -> None:
        opened = self.stack.pop()
        self.at += len(mark)
        end = len(self.out)
        if mark == "```" and self.out[-1:] == ["\n"] and end > opened.start:
            self.out.pop()
            end -= 1
        if end > opened.start:
            more: Json = {"language": opened.language} if opened.language else {}
            self.spans.append(Span(opened.start, end, NAMES[mark][0], more))

    def _end_link(self) -> None:
        opened = self.stack.pop()
        self.at += 1
        end = len(self.out)
        url = "".join(self.out[opened.start : end])
        if self.source.startswith("(", self.at):
            begin = self.at
            stop = begin + 1
            characters: list[str] = []
            while stop < len(self.source) and self.source[stop] != ")":
                if self.source[stop] == "\\" and stop + 1 < len(self.source):
                    stop += 1
                characters.append(self.source[stop])
                stop += 1
            if stop >= len(self.source):
                where = byte_offset(self.source, begin)
                raise unparsable(f"Can't find end of a URL at byte offset {where}")
            url = "".join(characters)
            self.at = stop + 1
        elif opened.mark == "![":
            where = byte_offset(self.source, opened.begin)
            raise unparsable(f"Custom emoji entity must contain a tg://emoji URL at byte offset {where}")
        if end == opened.start:
            return
        if opened.mark == "![":
            self.spans.append(self._special(opened, end, url))
        elif (span := link_span(opened.start, end, url)) is not None:
            self.spans.append(span)

    def _special(self, opened: _OpenEntity, end: int, url: str) -> Span:
        kind, _, query = url.partition("?")
        values = dict(part.partition("=")[::2] for part in query.split("&"))
        if kind == "tg://time" and values.get("unix", "").isdigit():
            more: Json = {"unix_time": int(values["unix"]), "date_time_format": values.get("format", "")}
            return Span(opened.start, end, "date_time", more)
        if kind != "tg://emoji" or not values.get("id", "").isdigit():
            raise unparsable("Custom emoji URL must have an emoji identifier")
        return Span(opened.start, end, "custom_emoji", {"custom_emoji_id": values["id"]})


def parse_markdown_v2(source: str) -> tuple[str, list[Span]]:
    """Text and spans of MarkdownV2. Raises a Refusal with the byte offset of the error."""
    return _Reader(source).read()


def parse_markdown(source: str) -> tuple[str, list[Span]]:
    """Text and spans of legacy Markdown: no nesting; only _ * [ and ` are special."""
    out: list[str] = []
    spans: list[Span] = []
    at = 0
    while at < len(source):
        character = source[at]
        if character == "\\" and source[at + 1 : at + 2] in tuple("_*`["):
            out.append(source[at + 1])
            at += 2
            continue
        if character not in "_*`[":
            out.append(character)
            at += 1
            continue
        mark = "```" if source.startswith("```", at) else character
        close = "]" if mark == "[" else mark
        end = source.find(close, at + len(mark))
        if end < 0:
            raise unparsable(f"Can't find end of the entity starting at byte offset {byte_offset(source, at)}")
        inner = source[at + len(mark) : end]
        start = len(out)
        at = end + len(close)
        url = inner
        if mark == "[" and source.startswith("(", at):
            stop = source.find(")", at)
            if stop > 0:
                url, at = source[at + 1 : stop], stop + 1
        language = ""
        if mark == "```":
            first, newline, rest = inner.partition("\n")
            if newline and not any(one.isspace() for one in first):
                language, inner = first, rest
        out.extend(inner)
        if not inner:
            continue
        if mark == "[":
            span = link_span(start, len(out), url)
        else:
            span = Span(start, len(out), NAMES[mark][0], {"language": language} if language else {})
        if span is not None:
            spans.append(span)
    return "".join(out), spans
