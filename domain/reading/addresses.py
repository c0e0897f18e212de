"""Web addresses: which ones Telegram accepts in a URL button, and which ones the program can connect to."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import urlsplit

LONGEST_ADDRESS = 2000
"""Characters. Telegram publishes no limit; browsers agree on about two thousand."""

_PARTS = re.compile(
    r"[Hh][Tt][Tt][Pp][Ss]?://(?:[^/?#@\[\]\u0080-\U0010ffff]*@)?"
    r"(?P<host>\[[^\]/?#]*\]|[^/?#@:\[\]]*)(?::(?P<port>[0-9]*))?(?:[/?#].*)?",
)
_HOST = re.compile(r"(?:[A-Za-z0-9.\-_!$,~*'();&+=\u0080-\U0010ffff]|%[0-9A-Fa-f]{2})+")
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]")
_OTHER_STOPS = "\u3002\uff0e\uff61"
"""Full stops of other scripts: browsers take them for dots, Telegram does not."""


@lru_cache(maxsize=4_000)
def is_button_address(value: str) -> bool:
    """Whether Telegram accepts this as the URL of a button; one that it refuses costs the whole message.

    The rule of TDLib (`parse_url` in HttpUrl.cpp, `LinkManager::check_link`): http or https, a host of certain
    characters with a dot in it or an IPv6 address, a port from 1 to 65535. Stricter are: the scheme must be written
    out, no white space, no empty labels of the host, and no full-width or other look-alikes in it.
    """
    match = _PARTS.fullmatch(value)
    if match is None or len(value) > LONGEST_ADDRESS or _UNSEEN.search(value):
        return False
    if match["port"] is not None and not (match["port"].lstrip("0") and int(match["port"][-9:]) <= 65_535):
        return False
    host = match["host"]
    if host.startswith("["):
        return _is_ipv6(host[1:-1])
    if not _HOST.fullmatch(host) or any(stop in host for stop in _OTHER_STOPS):
        return False
    labels = host.removesuffix(".").split(".")
    return len(labels) > 1 and all(labels) and unicodedata.normalize("NFKC", host) == unicodedata.normalize("NFC", host)


def _is_ipv6(host: str) -> bool:
    try:
        return IPv6Address(host).scope_id is None
    except AddressValueError:
        return False


def is_web_address(value: str) -> bool:
    """Whether this is an http or https URL to which the program can connect: also one of this machine or network."""
    if " " in value:
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def address_error(value: str) -> str | None:
    """Why this cannot be the address of a good or a group: `not_a_url`, or `not_a_button_url`; None where it can."""
    if is_button_address(value):
        return None
    return "not_a_button_url" if is_web_address(value) else "not_a_url"
