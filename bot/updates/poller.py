"""Takes updates in by long polling: people side by side, each person's own in order, confirmed when they are done."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol

from aiogram.exceptions import (
    AiogramError,
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from bot.telegram.redaction import error_of
from bot.updates.processor import Update, sender_id
from handlers.tap import Left
from storage.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

POLL_SECONDS = 25
MOST = 100
"""What one answer holds at most, from the offset on (getUpdates): so many updates that would come again are in hand at
most, and as many whose answers are on their way."""
_LONGEST_BACKOFF = 30.0
_GATHER = 0.002
"""Seconds for which the next question waits for all that is in hand: confirmed together, they cost one question."""
_ASK_AGAIN = 0.6
"""Seconds between two questions with the same offset. Telegram answers one that comes within half a second with the
oldest update alone (its own server's source), which is the one that is being handled."""

_TICK = 0.0005
"""Seconds: uvloop's clock shows whole milliseconds, and a timer may ring when by the clock its moment has not come."""


class ApiCall(Protocol):
    """One call of the Bot API with plain values, and how many seconds it may take."""

    def __call__(self, name: str, payload: dict[str, Any], seconds: float | None = None) -> Awaitable[Any]: ...


class ProcessUpdate(Protocol):
    """Handles an update to its end; `left` is called when it need not come again, where that is so earlier, and `more`
    says whether its person's next one waits already."""

    def __call__(self, update: Update, *, left: Left, more: Callable[[], bool]) -> Awaitable[None]: ...


class LongPoller:
    """Asks for updates and hands them on. Telegram forgets an update once a higher offset is asked for (getUpdates),
    so the offset is the oldest update that is not done: a kill loses none. A vote counts as done when it is committed
    and its answer is on its way (`Reception.receive`).

    Whoever waits for a slow update are those behind it in its own person's lane. Others' are taken in as they come, up
    to Telegram's hundred from the offset on; what is given again with them is known by its number.

    `call` is one call of the Bot API with plain values; `kinds` are the kinds of updates to ask for.
    """

    def __init__(
        self,
        call: ApiCall,
        receive: ProcessUpdate,
        kinds: list[str],
        *,
        poll_seconds: int = POLL_SECONDS,
    ) -> None:
        self._call = call
        self._receive = receive
        self._kinds = kinds
        self._poll_seconds = poll_seconds
        self._stopping = asyncio.Event()
        self._offset: int | None = None
        self._answered = 0.0
        self._taken: dict[int, bool] = {}
        """What was given from the offset on, in its order, and whether it is done."""
        self._undone = 0
        self._lanes: dict[int, deque[Update]] = {}
        self._work: set[asyncio.Task[None]] = set()
        self._waiting: asyncio.Future[None] | None = None
        self._failure: BaseException | None = None

    def stop(self) -> None:
        """Finish what is in hand and take no more."""
        self._stopping.set()
        self._wake()

    async def run(self) -> None:
        """Poll until stopped. Raises TelegramUnauthorizedError: with a refused token there is nothing to wait for."""
        try:
            await self._take_in()
            if self._work:
                await asyncio.wait(self._work)
        finally:
            for lane in self._work:
                lane.cancel()
        if self._failure is not None:
            raise self._failure
        await self._confirm()

    async def _take_in(self) -> None:
        wait = 1.0
        while not self._stopping.is_set():
            try:
                updates = await self._poll()
                wait = 1.0
            except TelegramUnauthorizedError:
                raise
            except TelegramRetryAfter as error:
                await self._pause(error.retry_after)
                continue
            except (AiogramError, OSError) as error:
                if isinstance(error, TelegramConflictError):
                    log.error("another program polls with this bot's token: %s", error_of(error))
                else:
                    log.warning("no updates for now, next try in %.0f s: %s", wait, error_of(error))
                await self._pause(wait)
                wait = min(wait * 2, _LONGEST_BACKOFF)
                continue
            for update in updates:
                self._take(update)
            await self._until_it_is_worth_asking()

    async def _poll(self) -> Sequence[Update]:
        self._move_on()
        asked: dict[str, Any] = {"timeout": self._poll_seconds, "allowed_updates": self._kinds}
        if self._offset is not None:
            asked["offset"] = self._offset
        poll = asyncio.ensure_future(self._call("getUpdates", asked, self._poll_seconds + 15))
        stopped = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({poll, stopped}, return_when=asyncio.FIRST_COMPLETED)
            return poll.result() if poll.done() else []
        finally:
            stopped.cancel()
            poll.cancel()
            self._answered = asyncio.get_running_loop().time()

    # -- what is in hand -----------------------------------------------------------------------------------------------

    def _take(self, update: Update) -> None:
        """Put an update at the end of its person's lane, unless it was given before."""
        number = update["update_id"]
        if number in self._taken:
            return
        self._taken[number] = False
        self._undone += 1
        person = sender_id(update)
        lane = self._lanes.get(person)
        if lane is not None:
            lane.append(update)
            return
        self._lanes[person] = lane = deque([update])
        work = asyncio.create_task(self._along(person, lane))
        self._work.add(work)
        work.add_done_callback(self._end_of_lane)

    async def _along(self, person: int, lane: deque[Update]) -> None:
        """Handle one person's updates in order."""

        def more() -> bool:
            return len(lane) > 1

        while lane:
            try:
                await self._receive(lane[0], left=partial(self._done, lane[0]["update_id"]), more=more)
            except (
                DatabaseUnavailable
            ):  # the bot stops while the database is away: this one and those behind it have to come again
                return
            self._done(lane.popleft()["update_id"])
        del self._lanes[person]

    def _done(self, number: int) -> None:
        """Telegram need not bring it again; it may have heard so already."""
        if self._taken.get(number, True):
            return
        self._taken[number] = True
        self._undone -= 1
        if self._waiting is not None and self._is_worth_asking(asyncio.get_running_loop().time() + _TICK):
            self._wake()

    def _end_of_lane(self, work: asyncio.Task[None]) -> None:
        self._work.discard(work)
        if not work.cancelled() and (failure := work.exception()) is not None:
            self._failure = failure
            self.stop()

    def _move_on(self) -> None:
        """Move the offset over all that is done, up to the oldest that is not.

        Only when it is asked for: an answer that is on its way still begins at the offset that it was asked with.
        """
        for number in list(self._taken):
            if not self._taken[number]:
                return
            del self._taken[number]
            self._offset = number + 1

    # -- when to ask ---------------------------------------------------------------------------------------------------

    def _is_worth_asking(self, now: float) -> bool:
        """Whether the next question can bring something new. With updates in hand it is answered at once, and with
        them: then it is asked seldom."""
        if not self._undone or self._stopping.is_set():
            return True
        if next(iter(self._taken.values())):  # the oldest is done: the offset moves
            return now >= self._answered + _GATHER
        return now >= self._answered + _ASK_AGAIN and len(self._taken) < MOST

    async def _until_it_is_worth_asking(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._is_worth_asking(now := loop.time() + _TICK):
            self._waiting = loop.create_future()
            moments = (self._answered + _GATHER, self._answered + _ASK_AGAIN)
            timers = [loop.call_at(moment, self._wake) for moment in moments if moment > now]
            try:
                await self._waiting
            finally:
                self._waiting = None
                for timer in timers:
                    timer.cancel()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    # -- the end -------------------------------------------------------------------------------------------------------

    async def _confirm(self) -> None:
        """Tell Telegram what was handled last, so that the next start is not given it again."""
        self._move_on()
        if self._offset is None:
            return
        try:
            await self._call("getUpdates", {"offset": self._offset, "limit": 1, "timeout": 0}, 5)
        except (AiogramError, OSError) as error:
            log.warning("the last updates could not be confirmed: %s", error_of(error))

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
