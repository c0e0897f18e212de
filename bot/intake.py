"""Takes updates in by long polling: people side by side, each person's own in order, confirmed when they are done."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from aiogram.exceptions import (
    AiogramError,
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from bot.reception import Update, whose
from bot.session import error_of
from storage.away import Away

log = logging.getLogger(__name__)

POLL_SECONDS = 25
_LONGEST_BACKOFF = 30.0


class Call(Protocol):
    """One call of the Bot API with plain values, and how many seconds it may take."""

    def __call__(self, name: str, payload: dict[str, Any], seconds: float | None = None) -> Awaitable[Any]: ...


class Intake:
    """Asks for updates and hands them on. Telegram forgets an update once a higher offset is asked for (getUpdates),
    so the next batch is asked for only when every update of this one was handled: a kill loses none.

    `call` is one call of the Bot API with plain values; `kinds` are the kinds of updates to ask for.
    """

    def __init__(
        self,
        call: Call,
        receive: Callable[[Update], Awaitable[None]],
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

    def stop(self) -> None:
        """Finish what is in hand and take no more."""
        self._stopping.set()

    async def run(self) -> None:
        """Poll until stopped. Raises TelegramUnauthorizedError: with a refused token there is nothing to wait for."""
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
            await self._handle(updates)
        await self._confirm()

    async def _poll(self) -> Sequence[Update]:
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

    async def _handle(self, updates: Sequence[Update]) -> None:
        if not updates:
            return
        lanes: dict[int, list[Update]] = defaultdict(list)
        for update in updates:
            lanes[whose(update)].append(update)
        given_back = await asyncio.gather(*(self._lane(lane) for lane in lanes.values()))
        self._offset = min((number for number in given_back if number), default=updates[-1]["update_id"] + 1)

    async def _lane(self, updates: Sequence[Update]) -> int | None:
        """Handle one person's updates in order; the number of the first that has to come again, or None."""
        for update in updates:
            try:
                await self._receive(update)
            except Away:  # the bot stops while the database is away
                return int(update["update_id"])
        return None

    async def _confirm(self) -> None:
        """Tell Telegram what was handled last, so that the next start is not given it again."""
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
