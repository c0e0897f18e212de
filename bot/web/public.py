"""The web pages that everybody may read: the voting rules, and the figures of each round (R39).

Like landing pages they have no script, set no cookie, name no member and count nothing.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import date

from aiohttp import web

from bot.services import Services
from bot.web.pages import CachedPage, PageCache, answer, language_of, style_and_headers
from handlers.localization import Localizer
from handlers.views.transparency import pages as view
from handlers.views.transparency.pages import PublicPage

PUBLIC = ("/rules", "/fairness", "/rounds/")
"""How their paths begin."""
_STYLE, _HEADERS = style_and_headers("public.css")
_CACHING = {200: "public, max-age=60", 404: "no-store"}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class PublicPages:
    """Serves `/rules`, `/fairness` and `/rounds/<day>`; browsers may keep a page for a minute."""

    def __init__(self, services: Services, clock: Callable[[], float] | None = None) -> None:
        self._context = services.context
        self._rounds = services.public_rounds
        self._pages = PageCache(clock or services.context.clock.monotonic)
        from jinja2 import Environment, PackageLoader, StrictUndefined

        self._template = Environment(
            loader=PackageLoader("bot.web", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        ).get_template("public.html")

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/rules", self.rules)
        app.router.add_get("/fairness", self.fairness)
        app.router.add_get("/rounds/{day}", self.rounds)

    async def rules(self, request: web.Request) -> web.Response:
        """The voting rules."""

        async def page(localizer: Localizer) -> PublicPage:
            return view.rules_page(self._context.rules, localizer)

        return await self._answer(request, "rules", page)

    async def fairness(self, request: web.Request) -> web.Response:
        """The latest rounds."""

        async def page(localizer: Localizer) -> PublicPage:
            days = await self._rounds.days()
            newest = await self._rounds.of_day(days[0]) if days else None
            return view.fairness_page(days, newest, localizer)

        return await self._answer(request, "fairness", page)

    async def rounds(self, request: web.Request) -> web.Response:
        """The rounds of a day; for any other text or day a page that leads on, with 404."""
        day = _day(request.match_info["day"])

        async def page(localizer: Localizer) -> PublicPage | None:
            found = await self._rounds.of_day(day) if day is not None else None
            return view.round_page(found, localizer) if found is not None else None

        return await self._answer(request, f"rounds {day}", page)

    async def _answer(
        self, request: web.Request, name: str, make: Callable[[Localizer], Awaitable[PublicPage | None]]
    ) -> web.Response:
        language = language_of(request)
        localizer = Localizer.for_anyone(language, self._context.rules.zone, self._context.clock.now())

        async def render() -> CachedPage | None:
            page = await make(localizer)
            return None if page is None else self._rendered(page, 200)

        cached = await self._pages.fresh((name, language), render)
        return answer(request, cached or self._missing(localizer))

    def _missing(self, localizer: Localizer) -> CachedPage:
        """The page of a day without a round, rendered once in each language."""
        key = ("missing", localizer.language)
        cached = self._pages.held(key)
        if cached is None:
            cached = self._rendered(view.missing_page(localizer), 404)
            self._pages.keep(key, cached)
        return cached

    def _rendered(self, page: PublicPage, status: int) -> CachedPage:
        body = self._template.render(page=page, style=_STYLE, height=view.BAR_HEIGHT).encode()
        return self._pages.page(body, status, page.language, {**_HEADERS, "Cache-Control": _CACHING[status]})


def _day(text: str) -> date | None:
    """A day as ISO 8601 writes it, such as 2026-11-30; None for anything else."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
