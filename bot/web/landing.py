"""The web page of a canvass link, for friends without Telegram open (R21, R23).

Pages have no script, set no cookie, name no member and count nothing: a friend counts when they start the bot.
"""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from importlib.resources import files

from aiohttp import web

from bot.services import Services
from bot.web.pages import (
    FRESH,
    CachedPage,
    PageCache,
    answer,
    is_held,
    language_of,
    preferred_language,
    style_and_headers,
)
from bot.web.public import PUBLIC
from domain.payloads import Links, PlainStart, chat_link, without_clinging
from handlers.localization import Localizer
from handlers.views.canvass import poster as poster_of
from handlers.views.landing import LandingPage, busy_page, front_page, item_page, lost_page
from services.canvassing.links import Invitation
from services.pictures.posters import qr_path
from services.pictures.uploads import Pictures
from services.shared_answers import SingleFlight, TooManyAtOnce

__all__ = ("FRESH", "HEADERS", "STYLE", "LandingPages", "preferred_language")

log = logging.getLogger(__name__)

_MOST_PICTURES = 32
_PICTURE_CACHING = "public, max-age=3600"
_POSTER_CACHING = "public, max-age=300"
_REVALIDATE = "public, no-cache"
_RETRY_AFTER = "5"


STYLE, HEADERS = style_and_headers("style.css")
"""The style sheet, and the headers of every response."""


class LandingPages:
    """Serves `/i/<token>` and its pictures. A page is rendered at most once in `FRESH` seconds.

    `username` is the bot's, or asks for it: it may change while the pages are served.
    """

    def __init__(
        self,
        services: Services,
        pictures: Pictures,
        links: Links,
        username: str | Callable[[], Awaitable[str]],
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._context = services.context
        self._canvassing = services.canvassing
        self._pictures = pictures
        self._links = links
        self._username = username if isinstance(username, str) else ""
        self._ask_username = None if isinstance(username, str) else username
        self._clock = clock or services.context.clock.monotonic
        self._pages = PageCache(self._clock)
        self._photos: OrderedDict[int, tuple[bytes, str]] = OrderedDict()
        self._reading = SingleFlight[bytes]()
        from jinja2 import Environment, PackageLoader, StrictUndefined

        self._template = Environment(
            loader=PackageLoader("bot.web", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        ).get_template("page.html")
        self._icon = (files("bot.web") / "templates" / "icon.svg").read_bytes()

    def add_to(self, app: web.Application) -> None:
        """Add the routes and the error pages."""
        app.middlewares.append(self._guard)
        app.router.add_get("/", self.front)
        app.router.add_get("/i/icon.svg", self.icon)
        app.router.add_get("/i/{token}", self.page)
        app.router.add_get("/i/{token}/picture.jpg", self.picture)
        app.router.add_get("/i/{token}/poster.jpg", self.poster)
        app.router.add_get("/i/{link:.+}", self.clinging)

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Visitors never see a trace or a bare 500, but a page that leads on, or asks to try again."""
        try:
            if self._ask_username is not None:
                await self._follow_name(self._ask_username)
            return await handler(request)
        except web.HTTPNotFound:
            return answer(request, self._notice("lost", language_of(request)))
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        except Exception as error:
            if request.path != "/" and not request.path.startswith(("/i/", *PUBLIC)):
                raise  # a route of another component
            log.error("the page of a link failed", exc_info=error)
            return answer(request, self._notice("busy", language_of(request)))

    async def _follow_name(self, ask: Callable[[], Awaitable[str]]) -> None:
        """Pages that lead to an old name of the bot are rendered again."""
        if (name := await ask()) != self._username:
            self._username = name
            self._pages.clear()

    async def front(self, request: web.Request) -> web.Response:
        """The front page."""
        return answer(request, self._notice("front", language_of(request)))

    async def icon(self, request: web.Request) -> web.Response:
        """The icon in a browser's tab."""
        return _file(request, self._icon, "icon", "image/svg+xml", "public, max-age=86400")

    async def page(self, request: web.Request) -> web.Response:
        """The item of a friend's link."""
        token, language = request.match_info["token"], language_of(request)
        if token != without_clinging(token):
            return await self.clinging(request)
        cached = await self._pages.fresh((token, language), lambda: self._render(token, language))
        if cached is None:
            raise web.HTTPNotFound
        return answer(request, cached)

    async def clinging(self, request: web.Request) -> web.Response:
        """A link with more behind its token than belongs there, such as `/`: on to the page."""
        token = without_clinging(request.match_info.get("link") or request.match_info["token"])
        if await self._canvassing.invitation(token) is None:
            raise web.HTTPNotFound
        query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
        raise web.HTTPFound((self._links.page(token) or f"/i/{token}") + query)

    async def picture(self, request: web.Request) -> web.Response:
        """The item's picture, which only a link's token gives access to."""
        invitation = await self._invitation(request)
        number = invitation.item.picture_id
        if number not in self._photos:
            content = await self._reading.do(number, lambda: self._pictures.content(number))
            self._photos[number] = content, hashlib.sha256(content).hexdigest()[:20]
            while len(self._photos) > _MOST_PICTURES:
                self._photos.popitem(last=False)
        content, digest = self._photos[number]
        return _file(request, content, digest, "image/jpeg", _PICTURE_CACHING)

    async def poster(self, request: web.Request) -> web.Response:
        """The poster; its ETag is known without drawing it."""
        invitation = await self._invitation(request)
        localizer = self._localizer(language_of(request))
        poster = poster_of(invitation, self._links.anywhere(self._username, invitation.token), localizer)
        headers = _file_headers(poster.fingerprint, "image/jpeg", _POSTER_CACHING)
        headers["Vary"] = "Accept-Language"  # without a language in the address the browser's decides
        unchanged = _unchanged(request, headers)
        if unchanged is not None:
            return unchanged
        try:
            return web.Response(body=await self._pictures.poster_for_visitor(poster), headers=headers)
        except TooManyAtOnce:
            return web.Response(
                status=503, headers={**HEADERS, "Cache-Control": "no-store", "Retry-After": _RETRY_AFTER}
            )

    async def _invitation(self, request: web.Request) -> Invitation:
        token = request.match_info["token"]
        invitation = await self._canvassing.invitation(token) if token == without_clinging(token) else None
        if invitation is None:
            raise web.HTTPNotFound
        return invitation

    def _localizer(self, language: str) -> Localizer:
        return Localizer.for_anyone(language, self._context.rules.zone, self._context.clock.now())

    async def _render(self, token: str, language: str) -> CachedPage | None:
        invitation = await self._canvassing.invitation(token)
        if invitation is None:
            return None
        localizer = self._localizer(language)
        next_opening = (await self._context.fresh_calendar()).next_opening(self._context.clock.now())
        words = item_page(invitation, next_opening, localizer)
        to = self._links.from_outside(self._links.chat(self._username, invitation.token))
        if words.leads_to_group:  # the group is joined in the shop
            to = words.leads_to_group
        address, number = self._links.page(invitation.token) or "", invitation.item.picture_id
        return self._rendered(
            words,
            200,
            to,
            address=address,
            preview=f"{address}/picture.jpg?v={number}",
            preview_size=await self._pictures.size(number),
            picture=f"{invitation.token}/picture.jpg",
            root="",
        )

    def _notice(self, what: str, language: str) -> CachedPage:
        """A page without an item; each is rendered once in each language."""
        cached = self._pages.held((what, language))
        if cached is None:
            make, status = {"lost": (lost_page, 404), "busy": (busy_page, 503), "front": (front_page, 200)}[what]
            to = self._links.from_outside(chat_link(self._username, PlainStart()))
            cached = self._rendered(
                make(self._localizer(language)), status, to, root=f"{self._links.public_url or ''}/i/"
            )
            if status == 503:
                cached.headers["Retry-After"] = _RETRY_AFTER
            self._pages.keep((what, language), cached)
        return cached

    def _rendered(self, page: LandingPage, status: int, to: str, **more: object) -> CachedPage:
        code, side = qr_path(to)
        body = self._template.render(page=page, style=STYLE, chat=to, code=code, code_side=side, **more).encode()
        caching = _REVALIDATE if status == 200 else "no-store"
        return self._pages.page(body, status, page.language, {**HEADERS, "Cache-Control": caching})


def _unchanged(request: web.Request, headers: dict[str, str]) -> web.Response | None:
    """304 where the browser has this version; None otherwise."""
    return web.Response(status=304, headers=headers) if is_held(request, headers["ETag"]) else None


def _file_headers(tag: str, kind: str, caching: str) -> dict[str, str]:
    return {**HEADERS, "Content-Type": kind, "Cache-Control": caching, "ETag": f'"{tag}"'}


def _file(request: web.Request, content: bytes, tag: str, kind: str, caching: str) -> web.Response:
    headers = _file_headers(tag, kind, caching)
    return _unchanged(request, headers) or web.Response(body=content, headers=headers)
