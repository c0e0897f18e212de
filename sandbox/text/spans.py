"""Spans: entities with offsets in code points, before conversion to UTF-16."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]


@dataclass(slots=True)
class Span:
    """An entity over `text[start:end]`."""

    start: int
    end: int
    type: str
    more: Json = field(default_factory=dict)


def byte_offset(text: str, index: int) -> int:
    """The offset of a code point in the UTF-8 text, the unit of Telegram's error descriptions."""
    return len(text[:index].encode())


def link_span(start: int, end: int, url: str) -> Span | None:
    """A text link, or a mention by id for tg://user?id=…; None for an invalid URL, whose text stays plain."""
    url = url.strip()
    if url.lower().startswith("tg://user?id="):
        number = url.partition("=")[2]
        return Span(start, end, "text_mention", {"user_id": int(number)}) if number.isdigit() else None
    checked = checked_link(url)
    return Span(start, end, "text_link", {"url": checked}) if checked else None


def checked_link(url: str) -> str:
    """The URL as Telegram stores it, with a scheme and a slash after a bare host; "" for an invalid URL."""
    if not url or any(character.isspace() for character in url):
        return ""
    scheme, separator, rest = url.partition("://")
    if separator and scheme.lower() in ("tg", "ton", "tonsite"):
        return url if rest else ""
    if url.lower().startswith("mailto:"):
        return ""
    if not separator:
        url = "http://" + url
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or "." not in host.strip("."):
        return ""
    return url + "/" if not parts.path and not parts.query and not parts.fragment else url
