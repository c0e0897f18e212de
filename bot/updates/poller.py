"""Receives updates by long polling: users in parallel, each user's updates in order, confirmed when processed."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiogram.exceptions import (
    AiogramError,
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from bot.telegram.redaction import error_of
from bot.updates.floods import COOL_DOWN, FAIR_SHARE, may_be_refused
from bot.updates.processor import Ack, AckState, Update
from bot.worker import StopRequested, Worker
from handlers.bot_api import ApiCall
from services.clock import Clock

log = logging.getLogger(__name__)

POLL_SECONDS = 25
MAX_UPDATES = 100
"""The most that one answer holds, from the offset on (getUpdates)."""
_GATHER = 0.002
"""Seconds for which the next poll waits for further updates to finish: confirmed together, they cost one call."""
_REPEAT = 0.6
"""Seconds between two polls with the same offset. Telegram answers one within half a second with the oldest update
alone (seen in the source of its Bot API server), which is the one that is being handled."""
_TICK = 0.0005
"""Seconds. uvloop counts timers in whole milliseconds, so one may fire a little before its time."""


ProcessUpdate = Callable[[Ack], Awaitable[None]]
"""Sets the state of the Ack."""


class LongPoller(Worker):
    """Polls for updates and hands them to `process`.

    Telegram deletes updates once a higher offset is asked for (getUpdates), so the offset is the oldest unfinished
    update: a crash loses none. Up to a hundred updates from the offset on are in hand. A slow update delays only later
    updates from the same user; those that Telegram delivers again with it are recognised by their number.

    Behind a hundred of one user those of others would not be seen. So where there may be more than these, each user
    keeps `FAIR_SHARE`, and `refuse` is called with the rest (R42).

    `call` is one call of the Bot API; `kinds` are the kinds of updates to ask for.
    """

    def __init__(
        self,
        call: ApiCall,
        process: ProcessUpdate,
        kinds: list[str],
        clock: Clock,
        *,
        refuse: Callable[[Ack], None] = lambda ack: None,
        poll_seconds: int = POLL_SECONDS,
    ) -> None:
        super().__init__(clock, log, "updates")
        self._call = call
        self._process = process
        self._refuse = refuse
        self._kinds = kinds
        self._poll_seconds = poll_seconds
        self._offset: int | None = None
        self._answered_at = 0.0
        self._done: dict[int, bool] = {}
        """Whether each update from the offset on is processed, by number, in the order in which they came."""
        self._unfinished = 0
        self._lanes: dict[int, deque[Ack]] = {}
        """The updates of each user that are not finished."""
        self._refused_until: dict[int, float] = {}
        """Until when (monotonic) a user from whom updates were refused gets no further ones in."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        """Set when the next poll may have become useful."""
        self._failure: BaseException | None = None

    def stop(self) -> None:
        """Take no more updates; `run` finishes those in hand."""
        super().stop()
        self._changed.set()

    async def run(self) -> None:
        """Poll until stopped. Raises TelegramUnauthorizedError when the token is refused."""
        try:
            with suppress(StopRequested):
                await self._poll_until_stopped()
            if self._tasks:
                await asyncio.wait(self._tasks)
        finally:
            for task in self._tasks:
                task.cancel()
        if self._failure is not None:
            raise self._failure
        await self._confirm()

    async def _poll_until_stopped(self) -> None:
        while not self.stopping:
            try:
                updates = await self._poll()
            except TelegramUnauthorizedError:
                raise
            except TelegramRetryAfter as error:
                await self.pause(error.retry_after)
            except (AiogramError, OSError) as error:
                await self._back_off(error)
            else:
                self.backoff.reset()
                self._take_all(updates)
                await self._until_poll_is_useful()

    async def _back_off(self, error: Exception) -> None:
        delay = self.next_delay()
        if isinstance(error, TelegramConflictError):
            log.error("another program polls with this bot's token: %s", error_of(error))
        else:
            log.warning("no updates for now, next try in %.0f s: %s", delay, error_of(error))
        await self.pause(delay)

    async def _poll(self) -> list[Update]:
        self._advance_offset()
        payload: dict[str, Any] = {"timeout": self._poll_seconds, "allowed_updates": self._kinds}
        if self._offset is not None:
            payload["offset"] = self._offset
        try:
            updates: list[Update] = await self.unless_stopped(
                self._call("getUpdates", payload, self._poll_seconds + 15)
            )
            return updates
        finally:
            self._answered_at = self.clock.monotonic()

    # -- updates in hand -----------------------------------------------------------------------------------------------

    def _take_all(self, updates: list[Update]) -> None:
        """Append what is new to the lanes of its users. In a full answer, who had too many just now gets none in."""
        full, now = len(updates) >= MAX_UPDATES, self.clock.monotonic()
        for update in updates:
            number = update["update_id"]
            if number in self._done:
                continue
            ack = Ack(update)
            self._done[number] = False
            self._unfinished += 1
            if full and self._refused_until.get(ack.user_id, now) > now and may_be_refused(update):
                self._refuse_now(ack)
            else:
                self._append(ack)
        if full:
            self._keep_fair_shares()

    def _append(self, ack: Ack) -> None:
        user = ack.user_id
        lane = self._lanes.get(user)
        if lane is not None:
            lane[-1].superseded = True
            lane.append(ack)
            return
        self._lanes[user] = lane = deque([ack])
        task = asyncio.create_task(self._work_off(user, lane))
        self._tasks.add(task)
        task.add_done_callback(self._lane_ended)

    async def _work_off(self, user: int, lane: deque[Ack]) -> None:
        """Process one user's updates in order."""
        while lane:
            ack = lane[0]
            await self._process(ack)
            if ack.state is AckState.RETURNED:  # the bot stops: this one and those behind it come again
                return
            lane.popleft()
            self._finished(ack.update["update_id"])
        del self._lanes[user]

    def _keep_fair_shares(self) -> None:
        """Refuse the newest of what a user has in hand beyond a fair share."""
        now = self.clock.monotonic()
        self._refused_until = {user: until for user, until in self._refused_until.items() if until > now}
        for lane in self._lanes.values():
            for ack in list(lane)[FAIR_SHARE:]:
                if may_be_refused(ack.update):
                    lane.remove(ack)
                    self._refuse_now(ack)

    def _refuse_now(self, ack: Ack) -> None:
        self._refused_until[ack.user_id] = self.clock.monotonic() + COOL_DOWN
        if (lane := self._lanes.get(ack.user_id)) is not None:
            lane[-1].superseded = True
        self._refuse(ack)
        self._finished(ack.update["update_id"])

    def _finished(self, number: int) -> None:
        self._done[number] = True
        self._unfinished -= 1
        if self._poll_is_useful(self.clock.monotonic() + _TICK):
            self._changed.set()

    def _lane_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failure = failure
            self.stop()

    def _advance_offset(self) -> None:
        """Move the offset up to the oldest unfinished update.

        Only immediately before a poll: the answer to a running poll still begins at the offset that it was sent with.
        """
        for number, done in list(self._done.items()):
            if not done:
                return
            del self._done[number]
            self._offset = number + 1

    # -- when to poll --------------------------------------------------------------------------------------------------

    def _poll_is_useful(self, now: float) -> bool:
        """Whether the next poll can bring something new. With unfinished updates it is answered at once, and with
        those updates: then it is repeated seldom."""
        if not self._unfinished or self.stopping:
            return True
        if next(iter(self._done.values())):  # the offset can move
            return now >= self._answered_at + _GATHER
        return now >= self._answered_at + _REPEAT and len(self._done) < MAX_UPDATES

    async def _until_poll_is_useful(self) -> None:
        while not self._poll_is_useful(now := self.clock.monotonic() + _TICK):
            self._changed.clear()
            since = now - self._answered_at
            timer = asyncio.create_task(self._wake_after((_GATHER if since < _GATHER else _REPEAT) - since))
            try:
                await self._changed.wait()
            finally:
                timer.cancel()

    async def _wake_after(self, seconds: float) -> None:
        if seconds > 0:
            await self.clock.sleep(seconds)
            self._changed.set()

    async def _confirm(self) -> None:
        """Confirm the last updates, so that the next start does not receive them again."""
        self._advance_offset()
        if self._offset is None:
            return
        try:
            await self._call("getUpdates", {"offset": self._offset, "limit": 1, "timeout": 0}, 5)
        except (AiogramError, OSError) as error:
            log.warning("the last updates could not be confirmed: %s", error_of(error))
