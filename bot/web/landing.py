"""The web page of a canvass link, for friends who do not have the app open (R21, R23).

Pages hold no script, set no cookie, name no member and count nothing: a friend counts when they come into the chat.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from domain.payloads import Links, PlainStart, chat_link
from domain.people import LANGUAGES
from handlers.localization import Localizer
from handlers.views.canvass import poster as poster_of
from handlers.views.landing import LandingPage, busy_page, front_page, item_page, lost_page
from services.canvassing import Canvassing, Invitation
from services.context import ServiceContext
from services.pictures import Pictures
from services.posters.cache import PosterShelf
from services.posters.elements import qr_path

log = logging.getLogger(__name__)

FRESH = 1.0
"""Seconds for which a rendered page is given again."""
USABLE = 3.0
"""Seconds for which it may stand in while a newer one is being rendered."""
_MOST_PAGES = 1024
_MOST_PICTURES = 32
_PICTURE_HOLDS = "public, max-age=3600"
_POSTER_HOLDS = "public, max-age=300"
_ASK_EACH_TIME = "public, no-cache"
_RETRY_AFTER = "5"


def _style() -> tuple[str, str]:
    """The style sheet, and its hash as a content security policy wants it."""
    style = (files("bot.web") / "templates" / "style.css").read_text("utf-8").strip()
    return style, "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


STYLE, _STYLE_HASH = _style()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; img-src 'self'; style-src '{_STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Server": "bot",
}
"""On every answer."""


@lru_cache(maxsize=512)
def language_wished(header: str) -> str:
    """The language of ours that an Accept-Language header wants most (RFC 9110, 12.5.4); English for everybody else."""
    best, weight = "en", 0.0
    for part in header.split(","):
        tag, _, rest = part.strip().partition(";")
        code = tag.strip().lower().partition("-")[0]
        found = {"*": "en"}.get(code, code)
        try:
            wished = float(rest.strip().removeprefix("q=")) if rest.strip() else 1.0
        except ValueError:
            wished = 0.0
        if found in LANGUAGES and wished > weight:
            best, weight = found, wished
    return best


@dataclass(slots=True)
class _CachedPage:
    """A rendered page, and until when (monotonic seconds) it is fresh, and usable."""

    body: bytes
    status: int
    headers: dict[str, str]
    fresh: float
    usable: float


class LandingPages:
    """Serves `/i/<token>` and its pictures. A page is rendered at most once a second, and its count is that new."""

    def __init__(
        self,
        context: ServiceContext,
        canvassing: Canvassing,
        pictures: Pictures,
        posters: PosterShelf,
        links: Links,
        username: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._context = context
        self._canvassing = canvassing
        self._pictures = pictures
        self._posters = posters
        self._links = links
        self._username = username
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], _CachedPage] = OrderedDict()
        self._photos: OrderedDict[int, tuple[bytes, str]] = OrderedDict()
        self._template = Environment(
            loader=PackageLoader("bot.web", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        ).get_template("page.html")
        self._icon = (files("bot.web") / "templates" / "icon.svg").read_bytes()

    def add_to(self, app: web.Application) -> None:
        """The routes, and what stands between them and every error."""
        app.middlewares.append(self._guard)
        app.router.add_get("/", self.front)
        app.router.add_get("/i/icon.svg", self.icon)
        app.router.add_get("/i/{token}", self.page)
        app.router.add_get("/i/{token}/picture.jpg", self.picture)
        app.router.add_get("/i/{token}/poster.jpg", self.poster)

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Nobody sees a trace or a bare 500: what is not there leads on, what breaks asks to come again."""
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return self._answer(request, self._notice("lost", _language(request)))
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        except Exception as error:
            if request.path != "/" and not request.path.startswith("/i/"):
                raise  # whoever else serves here answers for it
            log.error("the page of a link failed", exc_info=error)
            return self._answer(request, self._notice("busy", _language(request)))

    async def front(self, request: web.Request) -> web.Response:
        """The address alone."""
        return self._answer(request, self._notice("front", _language(request)))

    async def icon(self, request: web.Request) -> web.Response:
        """The little picture in a browser's tab."""
        return _file(request, self._icon, "icon", "image/svg+xml", "public, max-age=86400")

    async def page(self, request: web.Request) -> web.Response:
        """An item by a friend's link."""
        token, language = request.match_info["token"], _language(request)
        now = self._clock()
        kept = self._kept.get((token, language))
        if kept is None or now >= kept.fresh:
            if kept is not None and now < kept.usable:
                kept.fresh = kept.usable  # others may have this one while it is rendered anew
            shown = await self._canvassing.invitation(token)
            if shown is None:
                raise web.HTTPNotFound
            kept = await self._render(shown, language)
        return self._answer(request, kept)

    async def picture(self, request: web.Request) -> web.Response:
        """The item's picture. There is no way to it but by a link's token."""
        shown = await self._shown(request)
        number = shown.item.picture_id
        if number not in self._photos:
            content = await self._pictures.content(number)
            self._photos[number] = content, hashlib.sha256(content).hexdigest()[:20]
            while len(self._photos) > _MOST_PICTURES:
                self._photos.popitem(last=False)
        content, digest = self._photos[number]
        return _file(request, content, digest, "image/jpeg", _PICTURE_HOLDS)

    async def poster(self, request: web.Request) -> web.Response:
        """The poster; its tag is known without drawing it."""
        shown = await self._shown(request)
        localizer = self._localizer(_language(request))
        poster = poster_of(shown, self._links.anywhere(self._username, shown.token), localizer)
        unchanged = _unchanged(request, poster.print, _POSTER_HOLDS)
        if unchanged is not None:
            return unchanged
        return _file(request, await self._posters.content(poster), poster.print, "image/jpeg", _POSTER_HOLDS)

    async def _shown(self, request: web.Request) -> Invitation:
        shown = await self._canvassing.invitation(request.match_info["token"])
        if shown is None:
            raise web.HTTPNotFound
        return shown

    def _localizer(self, language: str) -> Localizer:
        return Localizer(language, self._context.rules.zone, self._context.clock.now())

    async def _render(self, shown: Invitation, language: str) -> _CachedPage:
        localizer = self._localizer(language)
        words = item_page(shown, await self._canvassing.next_opening(), localizer)
        to = self._links.chat(self._username, shown.token)
        address, number = self._links.page(shown.token) or "", shown.item.picture_id
        kept = self._written(
            words,
            200,
            to,
            address=address,
            preview=f"{address}/picture.jpg?v={number}",
            preview_size=await self._pictures.size(number),
            picture=f"{shown.token}/picture.jpg",
            root="",
        )
        self._kept[shown.token, language] = kept
        self._kept.move_to_end((shown.token, language))
        while len(self._kept) > _MOST_PAGES:
            self._kept.popitem(last=False)
        return kept

    def _notice(self, what: str, language: str) -> _CachedPage:
        """A page about nothing: each is rendered once a language."""
        kept = self._kept.get((what, language))
        if kept is None:
            make, status = {"lost": (lost_page, 404), "busy": (busy_page, 503), "front": (front_page, 200)}[what]
            to = chat_link(self._username, PlainStart())
            kept = self._written(make(self._localizer(language)), status, to, root=f"{self._links.public_url or ''}/i/")
            if status == 503:
                kept.headers["Retry-After"] = _RETRY_AFTER
            self._kept[what, language] = kept
        self._kept.move_to_end((what, language))
        return kept

    def _written(self, page: LandingPage, status: int, chat: str, **more: object) -> _CachedPage:
        to = self._links.from_outside(chat)
        code, side = qr_path(to)
        body = self._template.render(page=page, style=STYLE, chat=to, code=code, code_side=side, **more).encode()
        headers = {
            **HEADERS,
            "Content-Type": "text/html; charset=utf-8",
            "Content-Language": page.language,
            "Vary": "Accept-Language",
            "Cache-Control": _ASK_EACH_TIME if status == 200 else "no-store",
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        }
        now = self._clock()
        return _CachedPage(body, status, headers, now + FRESH, now + USABLE)

    @staticmethod
    def _answer(request: web.Request, kept: _CachedPage) -> web.Response:
        if kept.status == 200 and kept.headers["ETag"] == request.headers.get("If-None-Match"):
            return web.Response(status=304, headers=kept.headers)
        return web.Response(body=kept.body, status=kept.status, headers=kept.headers)


def _language(request: web.Request) -> str:
    """What the address asks for, else what the browser wishes."""
    asked = request.rel_url.query.get("l", "") if request.rel_url.raw_query_string else ""
    return asked if asked in LANGUAGES else language_wished(request.headers.get("Accept-Language", "")[:200])


def _unchanged(request: web.Request, tag: str, holds: str) -> web.Response | None:
    """304 where the browser has it already."""
    etag = f'"{tag}"'
    if request.headers.get("If-None-Match") != etag:
        return None
    return web.Response(status=304, headers={**HEADERS, "ETag": etag, "Cache-Control": holds})


def _file(request: web.Request, content: bytes, tag: str, kind: str, holds: str) -> web.Response:
    unchanged = _unchanged(request, tag, holds)
    if unchanged is not None:
        return unchanged
    return web.Response(
        body=content, headers={**HEADERS, "Content-Type": kind, "Cache-Control": holds, "ETag": f'"{tag}"'}
    )
