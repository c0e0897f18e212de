"""Rich HTML (Bot API, "Rich message formatting options") to the blocks of a rich message."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from sandbox.errors import unparsable
from sandbox.text.spans import Json, checked_link

INLINE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "mark": "marked",
    "sub": "subscript",
    "sup": "superscript",
    "tg-spoiler": "spoiler",
}
INLINE_TAGS = frozenset(INLINE) | {"a", "tg-emoji", "tg-time", "tg-math", "tg-button", "span", "cite"}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
MEDIA_TAGS = {"img": "photo", "video": "video", "audio": "audio", "tg-document": "document"}
BLOCK_TAGS = {
    *HEADINGS,
    *MEDIA_TAGS,
    *[
        "p",
        "pre",
        "footer",
        "hr",
        "ul",
        "ol",
        "li",
        "blockquote",
        "aside",
        "tg-collage",
        "tg-slideshow",
        "table",
        "caption",
        "tr",
        "td",
        "th",
        "details",
        "summary",
        "tg-map",
        "tg-math-block",
        "figure",
        "figcaption",
        "tg-button-row",
        "tg-thinking",
    ],
}
VOID = frozenset({"br", "hr", "img", "tg-map", "input"})
BUTTON_VALUES = {
    "callback_data": "data",
    "url": "url",
    "switch_inline_query": "query",
    "switch_inline_query_current_chat": "query",
}


@dataclass(slots=True)
class Node:
    """A tag and its children; text nodes are plain strings."""

    tag: str
    attributes: dict[str, str]
    inside: list[Node | str] = field(default_factory=list)


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self.stack = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE_TAGS and tag not in BLOCK_TAGS and tag not in VOID:
            raise unparsable(f'Unsupported start tag "{tag}"')
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.stack[-1].inside.append(node)
        if tag not in VOID:
            self.stack.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if len(self.stack) == 1:
            raise unparsable(f'Unexpected end tag "{tag}"')
        if self.stack[-1].tag != tag:
            raise unparsable(f'Unmatched end tag, expected "</{self.stack[-1].tag}>", found "</{tag}>"')
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.stack[-1].inside.append(data)


def parse_rich_html(source: str) -> list[Json]:
    """Input blocks; media keep their URL, as in InputRichBlock objects. Raises a Refusal for invalid HTML."""
    tree = _Tree()
    tree.feed(source)
    tree.close()
    if len(tree.stack) > 1:
        raise unparsable(f"""Can't find end tag corresponding to start tag "{tree.stack[-1].tag}\"""")
    return blocks(tree.root.inside)


def blocks(nodes: list[Node | str]) -> list[Json]:
    """The blocks of a list of nodes; text outside block tags becomes paragraphs."""
    result: list[Json] = []
    loose: list[Node | str] = []

    def settle() -> None:
        text = rich_text(loose)
        if text not in ("", []):
            result.append({"type": "paragraph", "text": text})
        loose.clear()

    for node in nodes:
        if isinstance(node, str) or node.tag in INLINE_TAGS or node.tag == "br":
            if not (isinstance(node, str) and not loose and not node.strip()):
                loose.append(node)
            continue
        settle()
        result.append(_block(node))
    settle()
    return result


def _block(node: Node) -> Json:
    tag, attributes, inside = node.tag, node.attributes, node.inside
    if tag in HEADINGS:
        return {"type": "heading", "size": HEADINGS.index(tag) + 1, "text": rich_text(inside)}
    if tag == "p":
        return {"type": "paragraph", "text": rich_text(inside)}
    if tag == "footer":
        return {"type": "footer", "text": rich_text(inside)}
    if tag == "tg-thinking":
        return {"type": "thinking", "text": rich_text(inside)}
    if tag == "hr":
        return {"type": "divider"}
    if tag == "pre":
        return _preformatted(node)
    if tag in ("ul", "ol"):
        return _list(node)
    if tag == "blockquote":
        rest, credit = _credit(inside)
        kind = "expandable_blockquote" if "collapsed" in attributes or "expandable" in attributes else "blockquote"
        return {"type": kind, "blocks": blocks(rest), **credit}
    if tag == "aside":
        rest, credit = _credit(inside)
        return {"type": "pullquote", "text": rich_text(rest), **credit}
    if tag in ("tg-collage", "tg-slideshow"):
        rest, caption = _figcaption(inside)
        return {"type": tag.removeprefix("tg-"), "blocks": blocks(rest), **caption}
    if tag == "figure":
        rest, caption = _figcaption(inside)
        found = blocks(rest)
        if len(found) != 1:
            raise unparsable("A figure must contain exactly one media element")
        return {**found[0], **caption}
    if tag in MEDIA_TAGS:
        return _media(node)
    if tag == "table":
        return _table(node)
    if tag == "details":
        summary = next((one for one in _children(node) if one.tag == "summary"), None)
        rest = [one for one in inside if one is not summary]
        shown = rich_text(summary.inside) if summary is not None else ""
        opened = {"is_open": True} if "open" in attributes else {}
        return {"type": "details", "summary": shown, "blocks": blocks(rest), **opened}
    if tag == "tg-map":
        place = {"latitude": _float(attributes, "lat"), "longitude": _float(attributes, "long")}
        return {"type": "map", "location": place, "zoom": int(_float(attributes, "zoom", 15.0))}
    if tag == "tg-math-block":
        return {"type": "mathematical_expression", "expression": _plain(inside).strip()}
    if tag == "tg-button-row":
        align = {"align": attributes["align"]} if "align" in attributes else {}
        return {
            "type": "buttons",
            "buttons": [button(one) for one in _children(node) if one.tag == "tg-button"],
            **align,
        }
    raise unparsable(f'Tag "{tag}" is not allowed here')


def _children(node: Node) -> list[Node]:
    return [one for one in node.inside if isinstance(one, Node)]


def _float(attributes: dict[str, str], name: str, default: float | None = None) -> float:
    try:
        return float(attributes.get(name, "" if default is None else str(default)))
    except ValueError:
        raise unparsable(f'Attribute "{name}" must be a number') from None


def _credit(inside: list[Node | str]) -> tuple[list[Node | str], Json]:
    cite = next((one for one in inside if isinstance(one, Node) and one.tag == "cite"), None)
    if cite is None:
        return inside, {}
    return [one for one in inside if one is not cite], {"credit": rich_text(cite.inside)}


def _figcaption(inside: list[Node | str]) -> tuple[list[Node | str], Json]:
    caption = next((one for one in inside if isinstance(one, Node) and one.tag == "figcaption"), None)
    if caption is None:
        return inside, {}
    rest, credit = _credit(caption.inside)
    return [one for one in inside if one is not caption], {"caption": {"text": rich_text(rest), **credit}}


def _preformatted(node: Node) -> Json:
    result: Json = {"type": "pre", "text": _plain(node.inside).strip("\n")}
    for child in _children(node):
        language = child.attributes.get("class", "")
        if child.tag == "code" and language.startswith("language-"):
            result["language"] = language.removeprefix("language-")
    return result


def _list(node: Node) -> Json:
    items: list[Json] = []
    for child in _children(node):
        if child.tag != "li":
            raise unparsable(f'Tag "{child.tag}" is not allowed in a list')
        box = next((one for one in _children(child) if one.tag == "input"), None)
        item: Json = {"blocks": blocks([one for one in child.inside if one is not box])}
        if box is not None:
            item["has_checkbox"] = True
            if "checked" in box.attributes:
                item["is_checked"] = True
        if node.tag == "ol":
            item["value"] = int(child.attributes.get("value") or len(items) + int(node.attributes.get("start") or 1))
            item["type"] = node.attributes.get("type", "1")
        items.append(item)
    return {"type": "list", "items": items}


def _media(node: Node) -> Json:
    kind = MEDIA_TAGS[node.tag]
    if node.tag == "video" and "loop" in node.attributes:
        kind = "animation"
    media: Json = {"type": kind, "media": node.attributes.get("src", "")}
    if "tg-spoiler" in node.attributes:
        media["has_spoiler"] = True
    return {"type": kind, kind: media}


def _table(node: Node) -> Json:
    result: Json = {"type": "table", "cells": []}
    for name in ("bordered", "striped", "compact"):
        if name in node.attributes:
            result[f"is_{name}"] = True
    for child in _children(node):
        if child.tag == "caption":
            result["caption"] = rich_text(child.inside)
        elif child.tag == "tr":
            result["cells"].append([_cell(one) for one in _children(child) if one.tag in ("td", "th")])
        else:
            raise unparsable(f'Tag "{child.tag}" is not allowed in a table')
    return result


def _cell(node: Node) -> Json:
    cell: Json = {
        "align": node.attributes.get("align", "left"),
        "valign": node.attributes.get("valign", "middle"),
        "text": rich_text(node.inside),
    }
    if node.tag == "th":
        cell["is_header"] = True
    for name in ("colspan", "rowspan"):
        if node.attributes.get(name, "").isdigit():
            cell[name] = int(node.attributes[name])
    return cell


def button(node: Node) -> Json:
    """A RichMessageButton of a tg-button tag."""
    kind = node.attributes.get("type", "")
    result: Json = {"text": rich_text(node.inside)}
    if style := node.attributes.get("style"):
        result["style"] = style
    if kind == "disabled":
        result["disabled"] = {}
    elif kind == "copy_text":
        result["copy_text"] = {"text": node.attributes.get("text", "")}
    elif kind in ("web_app", "login_url"):
        result[kind] = {"url": node.attributes.get("url", "")}
    elif kind in BUTTON_VALUES:
        result[kind] = node.attributes.get(BUTTON_VALUES[kind], "")
    else:
        raise unparsable(f'Unsupported button type "{kind}"')
    return result


def rich_text(nodes: list[Node | str]) -> Any:
    """A RichText: a string, an object or an array of them. Whitespace is collapsed as in HTML."""
    parts: list[Any] = []
    for node in nodes:
        part = _squeezed(node) if isinstance(node, str) else _inline(node)
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        elif part != "":
            parts.append(part)
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip(" ")
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip(" ")
    parts = [part for part in parts if part != ""]
    return parts[0] if len(parts) == 1 else parts or ""


def _squeezed(text: str) -> str:
    squeezed = " ".join(text.split())
    if not squeezed:
        return " " if text else ""
    return (" " if text[0].isspace() else "") + squeezed + (" " if text[-1].isspace() else "")


def _inline(node: Node) -> Any:
    tag, attributes, inside = node.tag, node.attributes, node.inside
    if tag == "br":
        return "\n"
    if tag == "a":
        if "name" in attributes and not inside:
            return {"type": "anchor", "name": attributes["name"]}
        href = attributes.get("href", "")
        if href.startswith("#"):
            return {"type": "anchor_link", "text": rich_text(inside), "anchor_name": href[1:]}
        url = checked_link(href)
        return {"type": "url", "text": rich_text(inside), "url": url} if url else rich_text(inside)
    if tag == "tg-emoji":
        emoji, shown = attributes.get("emoji-id", ""), _plain(inside)
        return {"type": "custom_emoji", "custom_emoji_id": emoji, "alternative_text": shown}
    if tag == "tg-time":
        moment = int(_float(attributes, "unix"))
        wanted = attributes.get("format", "")
        return {"type": "date_time", "text": rich_text(inside), "unix_time": moment, "date_time_format": wanted}
    if tag == "tg-math":
        return {"type": "mathematical_expression", "expression": _plain(inside)}
    if tag == "tg-button":
        return {"type": "button", "button": button(node)}
    if tag == "span":
        if attributes.get("class") != "tg-spoiler":
            raise unparsable('Tag "span" must have class "tg-spoiler"')
        return {"type": "spoiler", "text": rich_text(inside)}
    if tag in INLINE:
        return {"type": INLINE[tag], "text": rich_text(inside)}
    raise unparsable(f'Tag "{tag}" is not allowed in text')


def _plain(nodes: list[Node | str]) -> str:
    return "".join(node if isinstance(node, str) else _plain(node.inside) for node in nodes)
