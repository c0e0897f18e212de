"""Edits that wait: of shared cards whose content has changed, at a rate of their own (R21), and of tapped messages."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from bot.worker import Worker
from domain.rate_limit import RateLimiter
from handlers.card_editor import CardEditor, EditOutcome
from handlers.messenger import Messenger
from services.canvassing.cards import Cards, ClaimedCard
from services.clock import Clock
from services.context import ServiceContext
from storage.db.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

_IDLE = 1.0
_SWEEP_EVERY = 3600.0
_SWEEP_FOR = 0.2
"""Seconds of cleaning up between two claims; the rest waits for the next."""
_LONGEST_WAIT = 2.0
"""Seconds that a card may be held for the rate limit; otherwise it is released and others go first."""
_SHARE_BESIDE_NOTIFICATIONS = 0.08
"""The share of the send rate for cards while notifications wait: less than the reserve in the lead of alerts (R24)."""
_ANSWER_TAKES = 2.0
_WORST_WAIT = 30.0
_DELAYED_EVERY = 1.0
"""Seconds between two looks at delayed edits: Telegram names whole seconds."""


class CardUpdater(Worker):
    """Claims cards with outdated content, the most recently tapped first, and edits them.

    Which cards are outdated is stored in the database: votes only change the count there, and a restart loses nothing.
    A card is not edited again before its gap is over, so that all changes meanwhile become one edit.
    """

    def __init__(
        self, context: ServiceContext, cards: Cards, card_editor: CardEditor, notifications_wait: Callable[[], bool]
    ) -> None:
        """`notifications_wait` says whether the sender is busy; notifications go first."""
        super().__init__(context.clock, log, "cards", longest_backoff=_WORST_WAIT)
        self._context = context
        self._cards = cards
        self._card_editor = card_editor
        self._notifications_wait = notifications_wait
        rate = context.rules.send_rate
        self._most = max(1, math.ceil(rate / 2))
        self._low_rate = RateLimiter(rate * _SHARE_BESIDE_NOTIFICATIONS)
        self._in_flight = asyncio.Semaphore(max(8, math.ceil(rate * _ANSWER_TAKES)))
        self._tasks: set[asyncio.Task[None]] = set()
        self._edited: list[tuple[ClaimedCard, EditOutcome]] = []
        self._swept = -math.inf
        self._unanswered_pause = 0.0

    async def run(self) -> None:
        """Work until stopped. A failure of the database is logged, and the next round tries again."""
        while not self.stopping:
            try:
                await self._sweep()
                busy = await self._round()
                self.outage_log.available()
            except DatabaseUnavailable as error:
                self.outage_log.unavailable(error)
                busy = False
            except Exception as error:
                log.error("cards could not be updated; the next round tries again", exc_info=error)
                busy = False
            if not busy:
                await self.pause(_IDLE)
        if self._tasks:
            await asyncio.wait(self._tasks)
        with suppress(DatabaseUnavailable):  # the next start finds the cards that were edited, and edits them again
            await self._settle()

    async def _round(self) -> bool:
        """Settle finished edits, claim due cards and start their edits one by one. False if nothing was due."""
        await self._settle()
        if self._unanswered_pause:
            await self.pause(self._unanswered_pause)
        claimed = await self._cards.claim(1 if self._notifications_wait() else self._most)
        for number, card in enumerate(claimed):
            await self._in_flight.acquire()
            started = False
            try:
                wait = await self._wait_for_rate(card)
                if self.stopping:
                    await self._cards.release([each.id for each in claimed[number:]])
                    break
                if wait > 0:
                    await self._cards.release([card.id], timedelta(seconds=wait))
                    continue
                task = asyncio.create_task(self._edit(card))
                started = True
            finally:
                if not started:
                    self._in_flight.release()
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return bool(claimed)

    async def _wait_for_rate(self, card: ClaimedCard) -> float:
        """Wait until this card may be edited. Returns 0 then, or the seconds to wait if those are too many."""
        chat, limiter, slots = card.spot.chat_id, self._context.rate_limiter, self._context.card_send_slots
        while not self.stopping:
            now = self.clock.monotonic()
            wait = limiter.next_free(chat, now) - now
            if self._notifications_wait():
                wait = max(wait, self._low_rate.next_free(None, now) - now)
            if wait > _LONGEST_WAIT or (wait > 0 and limiter.next_free(chat, now) > limiter.next_free(None, now)):
                return wait
            if wait <= 0:
                wait = await slots.take(_LONGEST_WAIT)
                if wait > 0:  # other processes send as well
                    limiter.pause(wait, now)
                    if wait > _LONGEST_WAIT:
                        return wait
                    await self.pause(wait)
                if slots.missed():
                    continue
                now = self.clock.monotonic()
                limiter.record(chat, now)
                self._low_rate.record(None, now)
                break
            await self.pause(wait)
        return 0.0

    async def _edit(self, card: ClaimedCard) -> None:
        try:
            self._edited.append((card, await self._card_editor.edit(card)))
        finally:
            self._in_flight.release()

    async def _settle(self) -> None:
        edited, self._edited = self._edited, []
        if not edited:
            return
        if all(outcome is EditOutcome.UNKNOWN for _, outcome in edited):
            self._unanswered_pause = self.next_delay()
        else:
            self._unanswered_pause = 0.0
            self.backoff.reset()
        await self._card_editor.settle(edited)

    async def _sweep(self) -> None:
        now = self.clock.monotonic()
        if now - self._swept >= _SWEEP_EVERY:
            self._swept = now  # a sweep that fails is not repeated before the next hour, and delays no edit
            if not await self._cards.sweep(_SWEEP_FOR):
                self._swept = -math.inf


class DelayedEdits(Worker):
    """Makes edits of tapped messages that Telegram refused for now. A stop drops the rest: the next tap shows it."""

    def __init__(self, clock: Clock, messenger: Messenger) -> None:
        super().__init__(clock, log, "delayed edits")
        self._messenger = messenger

    async def run(self) -> None:
        while not self.stopping:
            await self.pause(_DELAYED_EVERY)
            await self._messenger.make_due_edits()
