"""HTML as parsed by Telegram (Bot API, "HTML style"), with the same error descriptions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.errors import unparsable
from sandbox.text.spans import Json, Span, byte_offset, link_span

SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
TAGS = frozenset(SIMPLE) | {"a", "pre", "code", "blockquote", "tg-emoji", "tg-time"}
ESCAPE = re.compile(r"&(?:(lt|gt|amp|quot)|#(?:x([0-9a-fA-F]+)|([0-9]+)));")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")
BARE_VALUE = re.compile(r"[A-Za-z0-9.-]*")


@dataclass(slots=True)
class _OpenTag:
    tag: str
    begin: int  # in the source
    start: int  # in the result
    attributes: dict[str, str]


def parse_html(source: str) -> tuple[str, list[Span]]:
    """Text and spans. Raises a Refusal with the byte offset of the error."""
    if "<" not in source and "&" not in source:
        return source, []
    out: list[str] = []
    length = 0
    spans: list[Span] = []
    stack: list[_OpenTag] = []
    position = 0
    while position < len(source):
        character = source[position]
        if character == "&":
            decoded, position = _unescape(source, position)
            out.append(decoded)
            length += len(decoded)
        elif character != "<":
            stop = _next_special(source, position)
            out.append(source[position:stop])
            length += stop - position
            position = stop
        elif source.startswith("</", position):
            position = _close(source, position, stack, spans, length, out)
        else:
            tag, attributes, stop = _open_tag(source, position)
            stack.append(_OpenTag(tag, position, length, attributes))
            position = stop
    if stack:
        raise unparsable(f"""Can't find end tag corresponding to start tag "{stack[-1].tag}\"""")
    return "".join(out), spans


def _next_special(source: str, position: int) -> int:
    stops = [found for mark in "<&" if (found := source.find(mark, position)) >= 0]
    return min(stops, default=len(source))


def _unescape(source: str, position: int) -> tuple[str, int]:
    match = ESCAPE.match(source, position)
    if match is None:
        return "&", position + 1
    name, hexadecimal, decimal = match.groups()
    if name:
        return NAMED[name], match.end()
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
        return "&", position + 1
    return chr(code), match.end()


def _open_tag(source: str, begin: int) -> tuple[str, dict[str, str], int]:
    at = byte_offset(source, begin)
    position = begin + 1
    while position < len(source) and not source[position].isspace() and source[position] != ">":
        position += 1
    if position == len(source):
        raise unparsable(f"Unclosed start tag at byte offset {at}")
    tag = source[begin + 1 : position].lower()
    if tag not in TAGS:
        raise unparsable(f'Unsupported start tag "{tag}" at byte offset {at}')
    attributes: dict[str, str] = {}
    while True:
        while position < len(source) and source[position].isspace():
            position += 1
        if position < len(source) and source[position] == ">":
            break
        name, value, position = _attribute(source, position, tag, at)
        attributes[name] = value
    if tag == "span" and attributes.get("class") != "tg-spoiler":
        raise unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
    return tag, attributes, position + 1


def _attribute(source: str, position: int, tag: str, at: int) -> tuple[str, str, int]:
    begin = position
    while position < len(source) and not source[position].isspace() and source[position] not in "=>/\"'":
        position += 1
    name = source[begin:position].lower()
    if position == len(source):
        raise unparsable(f"Unclosed start tag at byte offset {at}")
    if not name:
        raise unparsable(f'Empty attribute name in the tag "{tag}" at byte offset {at}')
    while position < len(source) and source[position].isspace():
        position += 1
    if position == len(source):
        raise unparsable(f"Unclosed start tag at byte offset {at}")
    if source[position] != "=":
        return name, "", position
    position += 1
    while position < len(source) and source[position].isspace():
        position += 1
    if position == len(source):
        raise unparsable(f"Unclosed start tag at byte offset {at}")
    if source[position] not in "\"'":
        match = BARE_VALUE.match(source, position)
        end = match.end() if match else position
        if end < len(source) and not source[end].isspace() and source[end] != ">":
            raise unparsable(f"Unexpected end of name token at byte offset {byte_offset(source, position)}")
        return name, source[position:end].lower(), end
    quote = source[position]
    end = source.find(quote, position + 1)
    if end < 0:
        raise unparsable(f"Unclosed start tag at byte offset {at}")
    return name, ESCAPE.sub(lambda match: _unescape(match.group(), 0)[0], source[position + 1 : end]), end + 1


def _close(source: str, begin: int, stack: list[_OpenTag], spans: list[Span], length: int, out: list[str]) -> int:
    at = byte_offset(source, begin)
    if not stack:
        raise unparsable(f"Unexpected end tag at byte offset {at}")
    position = begin + 2
    while position < len(source) and not source[position].isspace() and source[position] != ">":
        position += 1
    tag = source[begin + 2 : position].lower()
    while position < len(source) and source[position].isspace():
        position += 1
    if position == len(source) or source[position] != ">":
        raise unparsable(f"Unclosed end tag at byte offset {at}")
    opened = stack.pop()
    if tag and tag != opened.tag:
        raise unparsable(f'Unmatched end tag at byte offset {at}, expected "</{opened.tag}>", found "</{tag}>"')
    if length > opened.start and (span := _span(opened, length, stack, spans, out)) is not None:
        spans.append(span)
    return position + 1


def _span(opened: _OpenTag, end: int, stack: list[_OpenTag], spans: list[Span], out: list[str]) -> Span | None:
    tag, start, attributes = opened.tag, opened.start, opened.attributes
    if tag in SIMPLE:
        return Span(start, end, SIMPLE[tag])
    if tag == "a":
        return link_span(start, end, attributes.get("href") or "".join(out)[start:])
    if tag == "blockquote":
        return Span(start, end, "expandable_blockquote" if "expandable" in attributes else "blockquote")
    if tag == "tg-emoji":
        emoji = attributes.get("emoji-id", "")
        if not emoji.isdigit():
            raise unparsable("Invalid custom emoji identifier specified")
        return Span(start, end, "custom_emoji", {"custom_emoji_id": emoji})
    if tag == "tg-time":
        return _time(start, end, attributes)
    if tag == "code":
        language = attributes.get("class", "")
        if stack and stack[-1].tag == "pre" and stack[-1].start == start and language.startswith("language-"):
            stack[-1].attributes["language"] = language.removeprefix("language-")
            return None
        return Span(start, end, "code")
    more: Json = {"language": attributes["language"]} if attributes.get("language") else {}
    spans[:] = [span for span in spans if span.start < start or span.type != "code"]
    return Span(start, end, "pre", more)


def _time(start: int, end: int, attributes: dict[str, str]) -> Span:
    moment = attributes.get("unix", "")
    if not moment.isdigit() or not 0 < int(moment) < 2**31:
        raise unparsable("Invalid date and time specified")
    wanted = attributes.get("format", "")
    if not TIME_FORMAT.fullmatch(wanted):
        raise unparsable("Invalid date-time format specified")
    return Span(start, end, "date_time", {"unix_time": int(moment), "date_time_format": wanted})
