"""Spans: entities while they are being worked on, with offsets in code points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]


@dataclass(slots=True)
class Span:
    """An entity over `text[start:end]`; offsets become UTF-16 only at the very end."""

    start: int
    end: int
    type: str
    more: Json = field(default_factory=dict)


def byte_offset(text: str, index: int) -> int:
    """Where in the UTF-8 text a code point begins: Telegram counts its complaints in bytes."""
    return len(text[:index].encode())


def link_span(start: int, end: int, url: str) -> Span | None:
    """A text link, or a mention by id for tg://user?id=…; None for what is no link: then the text stays plain."""
    url = url.strip()
    if url.lower().startswith("tg://user?id="):
        number = url.partition("=")[2]
        return Span(start, end, "text_mention", {"user_id": int(number)}) if number.isdigit() else None
    checked = checked_link(url)
    return Span(start, end, "text_link", {"url": checked}) if checked else None


def checked_link(url: str) -> str:
    """The link as Telegram keeps it, or "" when it is none: a scheme is added, a bare host gets a slash."""
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
