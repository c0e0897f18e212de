"""Where every update arrives, by polling or by webhook: handled, tried again when it fails, or kept aside."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
)
from pydantic import ValidationError

from bot.session import error_of
from bot.watching import Watched, watched
from domain.people import language_for
from handlers.carousel import HOT
from handlers.screen import Screen
from handlers.stage import Stage
from handlers.tap import Tap
from handlers.words import Speech
from services.asides import Asides
from services.house import House
from services.people import People

log = logging.getLogger(__name__)

ATTEMPTS = 3
_FIRST_PAUSE = 0.2
AT_ONCE = 100
"""Updates handled at the same time; without a bound a backlog of thousands becomes thousands of tasks."""

Update = dict[str, Any]


class Reception:
    """Handles one update to its end. Returns only when its effects are committed, or it is kept aside with its error.

    Taps on a card's buttons are handled from the update as it came; everything else goes through aiogram's dispatcher.
    """

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        given: Mapping[str, Any],
        *,
        house: House,
        people: People,
        stage: Stage,
        asides: Asides,
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._house = house
        self._people = people
        self._stage = stage
        self._asides = asides
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._hot = {prefix: (data, _bound(handler, given)) for prefix, (data, handler) in HOT.items()}

    async def receive(self, update: Update) -> None:
        """Handle one update. Never raises: one that fails is tried again, then kept aside, and blocks nobody."""
        async with self._at_once:
            with watched(update) as said:
                await self._bring_to_its_end(update, said)

    async def _bring_to_its_end(self, update: Update, said: Watched) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._handle(update)
                return
            except TelegramForbiddenError:
                said.outcome = "gone"
                await self._went_away(update)
                return
            except Exception as error:
                hopeless = isinstance(error, TelegramBadRequest | ValidationError)
                log.error("update %s failed (try %s)", update.get("update_id"), attempt, exc_info=error)
                if hopeless or attempt == ATTEMPTS:
                    said.outcome = "aside"
                    await self._keep_aside(update, error, attempt)
                    return
                await asyncio.sleep(_FIRST_PAUSE * 2**attempt)

    async def _handle(self, update: Update) -> None:
        query = update.get("callback_query")
        if query is not None:
            hot = self._hot.get(str(query.get("data", "")).partition(":")[0])
            message = query.get("message")
            if hot is not None and message is not None and message.get("chat", {}).get("type") == "private":
                await self._tapped(update, *hot)
                return
        await self._dispatcher.feed_raw_update(self._bot, update)

    async def _tapped(self, update: Update, data: Any, handler: Callable[..., Awaitable[None]]) -> None:
        tap = Tap.read(update)
        try:
            read = data.unpack(tap.data)
        except (TypeError, ValueError):
            await self._stage.answer(tap)  # forged or from a version that is gone: the button only stops waiting
            return
        person = update["callback_query"]["from"]
        if (
            await self._people.find(person["id"]) is None
        ):  # whoever had everything deleted is not stored again by an old button (R36)
            language = language_for(None, person.get("language_code"))
            said = Speech(language, self._house.rules.zone, self._house.clock()).plain("start-anew")
            await self._stage.answer(tap, said, alert=True)
            return
        member = await self._people.meet(person["id"], person["first_name"][:128], person.get("language_code"))
        speech = Speech(member.language, self._house.rules.zone, self._house.clock())
        await handler(query=tap, callback_data=read, member=member, speech=speech)

    async def _went_away(self, update: Update) -> None:
        person = _person(update)
        if person is not None:
            await self._people.gone(person["id"], "blocked")

    async def _keep_aside(self, update: Update, error: Exception, attempts: int) -> None:
        person = _person(update)
        try:
            await self._asides.keep(update, person["id"] if person else None, error_of(error), attempts)
        except Exception as second:  # the database is away: the log is what remains, and the apology
            log.critical("update %s could not even be kept aside", update.get("update_id"), exc_info=second)
        if person is None:
            return
        language = language_for(None, person.get("language_code"))
        speech = Speech(language, self._house.rules.zone, self._house.clock())
        try:
            if "callback_query" in update:
                await self._stage.answer(Tap.read(update), speech.plain("error"), alert=True)
            elif update.get("message", {}).get("chat", {}).get("type") == "private":
                await self._stage.send(person["id"], Screen(speech.t("error")))
        except (AiogramError, OSError, KeyError) as third:
            log.warning("update %s: the apology did not arrive: %s", update.get("update_id"), error_of(third))


def _bound(handler: Callable[..., Awaitable[None]], given: Mapping[str, Any]) -> Callable[..., Awaitable[None]]:
    """The handler with those of its services that wiring gives, by name."""
    names = [name for name in inspect.signature(handler).parameters if name in given]
    services = {name: given[name] for name in names}

    async def bound(**rest: Any) -> None:
        await handler(**services, **rest)

    return bound


def _person(update: Update) -> dict[str, Any] | None:
    """Who an update is from; None for kinds that are nobody's."""
    for kind, event in update.items():
        if kind != "update_id" and isinstance(event, dict) and isinstance(event.get("from"), dict):
            person: dict[str, Any] = event["from"]
            return person
    return None


def whose(update: Update) -> int:
    """The person an update is of, for keeping each person's own in order; 0 for what nobody did."""
    person = _person(update)
    return int(person["id"]) if person else 0
