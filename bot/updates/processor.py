"""Where every update arrives, by polling or by webhook: handled, tried again when it fails, or kept aside."""

from __future__ import annotations

import asyncio
import inspect
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types.update import UpdateTypeLookupError
from pydantic import ValidationError

from bot.ops.observability import ObservedUpdate, observe_update
from bot.ops.outage_log import OutageLog
from bot.telegram.redaction import error_of
from domain.people import language_for
from handlers.carousel import HOT
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.screen import Screen
from handlers.tap import Left, Tap
from services.context import ServiceContext
from services.failed_updates import FailedUpdates, storable
from services.people import People
from storage.errors import DatabaseUnavailable, is_too_large

log = logging.getLogger(__name__)

ATTEMPTS = 3
_FIRST_PAUSE = 0.2
AT_ONCE = 100
"""Updates handled at the same time; without a bound a backlog of thousands becomes thousands of tasks."""
WAIT_IS_LONG = 4.0
"""Seconds after which somebody whose tap waits is told so: Telegram takes no answer to a tap for long."""
_LONGEST_PAUSE = 2.0
"""Seconds between two looks whether the database is back."""
_MOST_ID = 2**53
_WAITS_FOR_TELEGRAM = 60.0
"""Seconds for which an answer waits while Telegram takes none."""
_MOST_WAIT = 20
"""How many updates wait so at once: a hundred are in hand at most, and the others must come through."""
_HOPELESS = (TelegramBadRequest, ValidationError, UpdateTypeLookupError)
"""What a second try would meet again: Telegram said no, or it is no update of a kind that the library knows."""

Update = dict[str, Any]


class UpdateProcessor:
    """Handles one update to its end. Returns only when its effects are committed, or it is kept aside with its error.

    Taps on a card's buttons are handled from the update as it came; everything else goes through aiogram's dispatcher.
    """

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        given: Mapping[str, Any],
        *,
        context: ServiceContext,
        people: People,
        messenger: Messenger,
        failed_updates: FailedUpdates,
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._context = context
        self._people = people
        self._messenger = messenger
        self._failed_updates = failed_updates
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._hot = {prefix: (data, _bound(handler, given)) for prefix, (data, handler) in HOT.items()}
        self._stopping = asyncio.Event()
        self._outage_log = OutageLog(context.clock, log, "updates")
        self._notices: set[asyncio.Task[None]] = set()
        self._waiting = 0

    def stop(self) -> None:
        """Wait no longer for a database that is away: what waits for it is given back with Away."""
        self._stopping.set()

    async def receive(
        self,
        update: Update,
        patience: float | None = None,
        left: Left | None = None,
        more: Callable[[], bool] = lambda: False,
    ) -> None:
        """Handle one update. One that fails is tried again, then kept aside, and blocks nobody.

        `left` is called once a vote is committed and all that answers it is on its way, before Telegram has said what
        became of that: from then on the update need not come again.

        An answer that Telegram takes later waits for that. Where `more` says that the same person has written again
        since, a chat that is told too much gets the answer to that one: nobody's flood keeps others waiting.

        While the database is away an update waits for it, at most `patience` seconds where that is given. Raises Away,
        and nothing else, when that is over or the bot stops: nothing of the update was acknowledged, so it has to come
        again.
        """
        with self._told_if_it_takes_long(update):
            async with self._at_once:
                with observe_update(update) as said:
                    try:
                        await self._bring_to_its_end(update, said, patience, left, more)
                    except DatabaseUnavailable:
                        said.outcome = "given back"
                        raise

    async def _bring_to_its_end(
        self, update: Update, said: ObservedUpdate, patience: float | None, left: Left | None, more: Callable[[], bool]
    ) -> None:
        handle: Callable[[], Awaitable[None]] = partial(self._handle, update, left)
        act = handle
        attempt, pause, began = 1, 0.05, time.monotonic()
        while True:
            try:
                await act()
                self._outage_log.available()
                return
            except DatabaseUnavailable as error:
                self._outage_log.unavailable(error)
                waited = time.monotonic() - began
                if self._stopping.is_set() or (patience is not None and waited + pause > patience):
                    raise
                if said.outcome == "aside":  # nothing could even be kept: it was no fault of the update's
                    said.outcome, act, attempt = "handled", handle, 1
                await self._pause(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            except TelegramForbiddenError:
                said.outcome = "gone"
                act = partial(self._went_away, update)
            except Exception as error:
                if isinstance(error, TelegramRetryAfter) and more():
                    said.outcome = "unanswered"
                    return
                if (wait := self._worth_waiting(error, began, pause, patience)) is not None:
                    log.warning("update %s is answered in %.1f s: %s", update.get("update_id"), wait, error_of(error))
                    await self._wait_for_telegram(wait)
                    pause = min(pause * 2, _LONGEST_PAUSE)
                    continue
                hopeless = isinstance(error, _HOPELESS) or is_too_large(error)
                log.error("update %s failed (try %s)", update.get("update_id"), attempt, exc_info=error)
                if hopeless or attempt == ATTEMPTS:
                    said.outcome = "aside"
                    act = partial(self._keep_aside, update, error, attempt)
                    continue
                # What no database takes in a text is no reason not to serve whoever wrote it.
                act = partial(self._handle, storable(update))
                await asyncio.sleep(_FIRST_PAUSE * 2**attempt)
                attempt += 1

    def _worth_waiting(self, error: Exception, began: float, pause: float, patience: float | None) -> float | None:
        """Seconds after which an answer may be taken that Telegram does not take just now; None for all else, or where
        it has waited for long, or too many wait."""
        if not isinstance(error, TelegramRetryAfter | TelegramServerError | TelegramNetworkError):
            return None
        wait = float(error.retry_after) if isinstance(error, TelegramRetryAfter) else max(pause, _FIRST_PAUSE)
        limit = _WAITS_FOR_TELEGRAM if patience is None else min(patience, _WAITS_FOR_TELEGRAM)
        too_long = time.monotonic() - began + wait > limit
        return None if too_long or self._waiting >= _MOST_WAIT or self._stopping.is_set() else wait

    async def _wait_for_telegram(self, seconds: float) -> None:
        self._waiting += 1
        try:
            with suppress(TimeoutError):  # never earlier than it says; the stop ends it
                await asyncio.wait_for(self._stopping.wait(), seconds)
        finally:
            self._waiting -= 1

    async def _handle(self, update: Update, left: Left | None = None) -> None:
        hot = self._hot_button(update)
        if hot is None:
            await self._dispatcher.feed_raw_update(self._bot, update)
        else:
            await self._tapped(update, *hot, left)

    def _hot_button(self, update: Update) -> tuple[Any, Callable[..., Awaitable[None]]] | None:
        """The class and the handler of a button that is tapped all day; None for everything else, and for what is not
        whole: of that the dispatcher says what is wrong with it."""
        match update:
            case {
                "update_id": int(),
                "callback_query": {
                    "id": str(),
                    "data": str(data),
                    "from": {"id": int(person), "first_name": str()},
                    "message": {"message_id": int(), "chat": {"type": "private", "id": int(chat)}},
                },
            } if 0 < person < _MOST_ID and 0 < chat < _MOST_ID:
                return self._hot.get(data.partition(":")[0])
        return None

    async def _tapped(
        self,
        update: Update,
        data: Any,
        handler: Callable[..., Awaitable[None]],
        left: Left | None,
    ) -> None:
        tap = Tap.read(update, left)
        try:
            read = data.unpack(tap.data)
        except (TypeError, ValueError):
            await self._messenger.answer(tap)  # forged or from a version that is gone: the button only stops waiting
            return
        person = update["callback_query"]["from"]
        member = await self._people.meet_again(person["id"], person["first_name"], _code(person))
        if member is None:  # whoever had everything deleted is not stored again by an old button (R36)
            await self._messenger.answer(tap, self._localizer(person).text("start-anew"), alert=True)
            return
        localizer = Localizer(member.language, self._context.rules.zone, self._context.clock.now())
        await handler(query=tap, callback_data=read, member=member, localizer=localizer)

    def _localizer(self, person: Mapping[str, Any]) -> Localizer:
        """What somebody is spoken to in, as far as that is known without the database."""
        return Localizer(language_for(None, _code(person)), self._context.rules.zone, self._context.clock.now())

    async def _went_away(self, update: Update) -> None:
        person = sender_id(update)
        if person:
            await self._people.gone(person, "blocked")

    # -- what cannot be handled ----------------------------------------------------------------------------------------

    async def _keep_aside(self, update: Update, error: Exception, attempts: int) -> None:
        """Raises Away, and nothing else."""
        person = _person(update)
        await self._failed_updates.keep(update, sender_id(update) or None, error_of(error), attempts)
        if person is None:
            return
        try:
            said = self._localizer(person)
            if "callback_query" in update:
                await self._messenger.answer(Tap.read(update), said.text("error"), alert=True)
            elif update.get("message", {}).get("chat", {}).get("type") == "private":
                await self._messenger.send(sender_id(update), Screen(said.html("error")))
        except (
            Exception
        ) as second:  # it is kept: what is left is a courtesy, and of what is not whole it may be nobody's
            log.warning("update %s: the apology did not arrive: %s", update.get("update_id"), error_of(second))

    # -- while the database is away ------------------------------------------------------------------------------------

    async def _pause(self, seconds: float) -> None:
        """Not all at the same moment; and the stop ends it."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds * random.uniform(0.75, 1.25))
        except TimeoutError:
            return

    @contextmanager
    def _told_if_it_takes_long(self, update: Update) -> Iterator[None]:
        """Around the handling of a tap: the button must not wait for longer than Telegram takes an answer."""
        query = update.get("callback_query")
        if not isinstance(query, dict) or not isinstance(number := query.get("id"), str):
            yield
            return
        self._messenger.expect(number)
        timer = asyncio.get_running_loop().call_later(WAIT_IS_LONG, self._begin_to_tell, update)
        try:
            yield
        finally:
            timer.cancel()
            self._messenger.expect_no_more(number)

    def _begin_to_tell(self, update: Update) -> None:
        task = asyncio.ensure_future(self._tell_to_wait(update["callback_query"]))
        self._notices.add(task)
        task.add_done_callback(self._notices.discard)

    async def _tell_to_wait(self, query: Mapping[str, Any]) -> None:
        person = query.get("from")
        try:
            said = self._localizer(person if isinstance(person, dict) else {})
            await self._messenger.hold(query["id"], said.text("one-moment"))
        except Exception as error:
            log.warning("somebody could not be told that their tap waits: %s", error_of(error))


def _bound(handler: Callable[..., Awaitable[None]], given: Mapping[str, Any]) -> Callable[..., Awaitable[None]]:
    """The handler with those of its services that wiring gives, by name."""
    names = [name for name in inspect.signature(handler).parameters if name in given]
    services = {name: given[name] for name in names}

    async def bound(**rest: Any) -> None:
        await handler(**services, **rest)

    return bound


def _code(person: Mapping[str, Any]) -> str | None:
    """The language of somebody's app (Bot API, User)."""
    code = person.get("language_code")
    return code if isinstance(code, str) else None


def _person(update: Update) -> dict[str, Any] | None:
    """Who an update is from; None for kinds that are nobody's."""
    for kind, event in update.items():
        if kind != "update_id" and isinstance(event, dict) and isinstance(event.get("from"), dict):
            person: dict[str, Any] = event["from"]
            return person
    return None


def sender_id(update: Update) -> int:
    """The person an update is of, for keeping each person's own in order; 0 for what nobody did."""
    number = (_person(update) or {}).get("id")
    return number if type(number) is int and 0 < number < _MOST_ID else 0  # a truth value is an int to Python alone
