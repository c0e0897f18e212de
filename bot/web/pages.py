"""What all web pages share: their headers, the language of a visitor, and a cache in which each is rendered once."""

from __future__ import annotations

import base64
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from aiohttp import web

from domain.people import LANGUAGES
from services.shared_answers import SingleFlight

FRESH = 1.0
"""Seconds for which a rendered page is served again."""
USABLE = 3.0
"""Seconds for which it may still be served while a newer one is rendered."""
_MOST_PAGES = 1024


def style_and_headers(name: str) -> tuple[str, dict[str, str]]:
    """A style sheet of the templates, and the headers of pages that have it in them: no script, and no other style."""
    style = (files("bot.web") / "templates" / name).read_text("utf-8").strip()
    digest = "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src 'self'; style-src '{digest}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return style, {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
        "Referrer-Policy": "no-referrer",
        "Server": "bot",
    }


@lru_cache(maxsize=512)
def preferred_language(header: str) -> str:
    """The supported language that an Accept-Language header prefers (RFC 9110, 12.5.4); English without one."""
    best, weight = "en", 0.0
    for part in header.split(","):
        tag, _, rest = part.strip().partition(";")
        code = tag.strip().lower().partition("-")[0]
        language = {"*": "en"}.get(code, code)
        try:
            quality = float(rest.strip().removeprefix("q=")) if rest.strip() else 1.0
        except ValueError:
            quality = 0.0
        if language in LANGUAGES and quality > weight:
            best, weight = language, quality
    return best


def language_of(request: web.Request) -> str:
    """The language in the address, else the browser's preference."""
    chosen = request.rel_url.query.get("l", "") if request.rel_url.raw_query_string else ""
    return chosen if chosen in LANGUAGES else preferred_language(request.headers.get("Accept-Language", "")[:200])


@dataclass(slots=True)
class CachedPage:
    """A rendered page, and until when (monotonic seconds) it is fresh, and usable."""

    body: bytes
    status: int
    headers: dict[str, str]
    fresh: float
    usable: float


def answer(request: web.Request, cached: CachedPage) -> web.Response:
    """The page, or 304 where the browser has this version."""
    if cached.status == 200 and is_held(request, cached.headers["ETag"]):
        return web.Response(status=304, headers=cached.headers)
    return web.Response(body=cached.body, status=cached.status, headers=cached.headers)


def is_held(request: web.Request, etag: str) -> bool:
    """Whether the browser has this version: If-None-Match is a list, compared weakly (RFC 9110, 13.1.2)."""
    held = request.if_none_match or ()
    return any(each.value in ("*", etag.strip('"')) for each in held)


class PageCache:
    """Rendered pages by name and language, those that were asked for last. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._pages: OrderedDict[tuple[str, str], CachedPage] = OrderedDict()
        self._rendering = SingleFlight[CachedPage | None]()

    def __len__(self) -> int:
        return len(self._pages)

    async def fresh(
        self, key: tuple[str, str], render: Callable[[], Awaitable[CachedPage | None]]
    ) -> CachedPage | None:
        """The page, rendered at most once in `FRESH` seconds; None is not kept."""
        now = self._clock()
        cached = self._pages.get(key)
        if cached is not None and now < cached.fresh:
            return cached
        if cached is not None and now < cached.usable:
            cached.fresh = cached.usable  # other requests are served this one while it is rendered again
        rendered = await self._rendering.do(key, render)
        if rendered is not None:
            self.keep(key, rendered)
        return rendered

    def held(self, key: tuple[str, str]) -> CachedPage | None:
        """The page as it was rendered last."""
        if key in self._pages:
            self._pages.move_to_end(key)
        return self._pages.get(key)

    def keep(self, key: tuple[str, str], page: CachedPage) -> None:
        """Keep a page."""
        self._pages[key] = page
        self._pages.move_to_end(key)
        while len(self._pages) > _MOST_PAGES:
            self._pages.popitem(last=False)

    def clear(self) -> None:
        """Render all pages again."""
        self._pages.clear()

    def page(self, body: bytes, status: int, language: str, headers: dict[str, str]) -> CachedPage:
        """A page that was rendered now."""
        now = self._clock()
        more = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Language": language,
            "Vary": "Accept-Language",
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        }
        return CachedPage(body, status, {**headers, **more}, now + FRESH, now + USABLE)
