"""Rich Markdown to Rich HTML: headings, lists, quotes, tables, fences, rules and pictures, with inline marks."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

HEADING = re.compile(r"(#{1,6})\s*(.+?)\s*#*$")
ITEM = re.compile(r"(?:[-*+]|(\d+)[.)])\s+(?:\[([ xX])\]\s+)?(.*)")
RULE = re.compile(r"(?:-{3,}|\*{3,}|_{3,})$")
PICTURE = re.compile(r'!\[[^\]]*\]\(([^\s)]+)(?:\s+"([^"]*)")?\)$')
DIVISION = re.compile(r"\|\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?")
MARKS = (
    (re.compile(r"\*\*(.+?)\*\*"), "b"),
    (re.compile(r"(?<!\w)__(.+?)__(?!\w)"), "b"),
    (re.compile(r"\*(?!\s)(.+?)(?<!\s)\*"), "i"),
    (re.compile(r"(?<!\w)_(?!\s)(.+?)(?<!\s)_(?!\w)"), "i"),
    (re.compile(r"~~(.+?)~~"), "s"),
    (re.compile(r"==(.+?)=="), "mark"),
    (re.compile(r"\|\|(.+?)\|\|"), "tg-spoiler"),
)
LINK = re.compile(r"\[([^\]]+)\]\(([^\s)]+)\)")
CODE = re.compile(r"`([^`]+)`")


def markdown_to_html(source: str) -> str:
    """The equivalent rich HTML; HTML inside the Markdown is kept."""
    lines = source.replace("\r", "").split("\n")
    out: list[str] = []
    at = 0
    while at < len(lines):
        at = _block(lines, at, out)
    return "".join(out)


def _block(lines: list[str], at: int, out: list[str]) -> int:
    line = lines[at].strip()
    if not line:
        return at + 1
    if line.startswith("```"):
        end = next((entry for entry in range(at + 1, len(lines)) if lines[entry].strip() == "```"), len(lines))
        language = line[3:].strip()
        code = html.escape("\n".join(lines[at + 1 : end]), quote=False)
        mark = f' class="language-{html.escape(language)}"' if language else ""
        out.append(f"<pre><code{mark}>{code}</code></pre>")
        return end + 1
    if heading := HEADING.match(line):
        level = len(heading.group(1))
        out.append(f"<h{level}>{inline(heading.group(2))}</h{level}>")
        return at + 1
    if RULE.match(line):
        out.append("<hr/>")
        return at + 1
    if picture := PICTURE.match(line):
        caption = f"<figcaption>{inline(picture.group(2))}</figcaption>" if picture.group(2) else ""
        out.append(f'<figure><img src="{html.escape(picture.group(1))}"/>{caption}</figure>')
        return at + 1
    if line.startswith(">"):
        end = _run(lines, at, lambda entry: entry.startswith(">"))
        inner = "\n".join(entry.strip()[1:].strip() for entry in lines[at:end])
        out.append(f"<blockquote>{markdown_to_html(inner)}</blockquote>")
        return end
    if line.startswith("|") and at + 1 < len(lines) and DIVISION.fullmatch(lines[at + 1].strip()):
        end = _run(lines, at, lambda entry: entry.startswith("|"))
        out.append(_table(lines[at:end]))
        return end
    if ITEM.match(line):
        end = _run(lines, at, lambda entry: ITEM.match(entry) is not None)
        out.append(_list(lines[at:end]))
        return end
    if line.startswith("<"):
        out.append(line)
        return at + 1
    end = at + 1
    while end < len(lines) and lines[end].strip() and not _begins_block(lines[end].strip()):
        end += 1
    out.append("<p>" + inline(" ".join(entry.strip() for entry in lines[at:end])) + "</p>")
    return end


def _begins_block(line: str) -> bool:
    return line.startswith((">", "|", "```", "#", "<")) or any(entry.match(line) for entry in (ITEM, RULE, PICTURE))


def _run(lines: list[str], at: int, belongs: Callable[[str], bool]) -> int:
    end = at
    while end < len(lines) and belongs(lines[end].strip()):
        end += 1
    return end


def _list(lines: list[str]) -> str:
    items, ordered = [], False
    for line in lines:
        match = ITEM.match(line.strip())
        if match is None:
            continue
        number, box, text = match.groups()
        ordered = ordered or number is not None
        checked = "" if box is None else f'<input type="checkbox"{" checked" if box != " " else ""}>'
        items.append(f"<li>{checked}{inline(text)}</li>")
    tag = "ol" if ordered else "ul"
    return f"<{tag}>{''.join(items)}</{tag}>"


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    aligns = [
        "center" if entry[:1] == entry[-1:] == ":" else "right" if entry[-1:] == ":" else "left" for entry in rows[1]
    ]
    rendered = []
    for number, row in enumerate(rows[:1] + rows[2:]):
        tag = "th" if number == 0 else "td"
        cells = [
            f'<{tag} align="{aligns[index] if index < len(aligns) else "left"}">{inline(cell)}</{tag}>'
            for index, cell in enumerate(row)
        ]
        rendered.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(rendered)}</table>"


def inline(text: str) -> str:
    """Inline markup as HTML; code spans are not parsed."""
    code_spans: list[str] = []

    def code(match: re.Match[str]) -> str:
        code_spans.append(f"<code>{html.escape(match.group(1), quote=False)}</code>")
        return f"\0{len(code_spans) - 1}\0"

    text = CODE.sub(code, text)
    text = LINK.sub(lambda match: f'<a href="{html.escape(match.group(2))}">{match.group(1)}</a>', text)
    for pattern, tag in MARKS:
        text = pattern.sub(rf"<{tag}>\1</{tag}>", text)
    return re.sub(r"\0(\d+)\0", lambda match: code_spans[int(match.group(1))], text)
