"""Drains the outbox: the most urgent letters first, never above the allowed rate, each answer by its rule."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from datetime import timedelta

import aiohttp
from aiogram.exceptions import (
    ClientDecodeError,
    RestartingTelegram,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from bot.session import error_of
from domain.alerts import Kind
from domain.pace import Pace
from handlers.screen import Screen
from handlers.stage import Stage
from handlers.views import letters as view
from handlers.words import Speech
from services.carousel import Carousel
from services.house import House
from services.outbox import Claimed, Contents, Outbox, Useless
from services.people import People

log = logging.getLogger(__name__)

_IDLE = 0.3
_LANES = 8
_WORST_WAIT = 60.0


class Courier:
    """Claims letters, writes them from what is true now, sends them, and settles each by Telegram's answer."""

    def __init__(self, house: House, outbox: Outbox, carousel: Carousel, people: People, stage: Stage) -> None:
        self._house = house
        self._outbox = outbox
        self._carousel = carousel
        self._people = people
        self._stage = stage
        self._pace = Pace(house.rules.send_rate)
        self._stopping = asyncio.Event()
        self._lanes = asyncio.Semaphore(_LANES)
        # About half a second's worth is held at a time, so that an alert overtakes whatever waits (R27).
        self._handful = max(1, min(50, round(house.rules.send_rate / 2)))

    def stop(self) -> None:
        """Finish the letters in hand and claim no more."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped. What a killed predecessor held is freed first."""
        freed, undecided = await self._outbox.recover(everything=True)
        if freed or undecided:
            log.info("outbox: %s letters taken up again, %s whose arrival nobody knows", freed, undecided)
        while not self._stopping.is_set():
            try:
                claimed = await self._outbox.claim(self._handful)
            except Exception as error:
                log.error("the outbox could not be read", exc_info=error)
                claimed = []
            if not claimed:
                await self._pause(_IDLE)
                continue
            async with asyncio.TaskGroup() as tasks:
                for letter in claimed:
                    await self._lanes.acquire()
                    tasks.create_task(self._one(letter))

    async def _one(self, letter: Claimed) -> None:
        try:
            await self._deliver(letter)
        except Exception as error:  # a bug in one letter must not keep the others from their readers
            log.error("letter %s failed", letter.id, exc_info=error)
            await self._outbox.again(letter, timedelta(seconds=_backoff(letter.attempts + 2)), error_of(error))
        finally:
            self._lanes.release()

    async def _deliver(self, letter: Claimed) -> None:
        contents = await self._outbox.contents(letter)
        if isinstance(contents, Useless):
            await self._outbox.drop(letter, contents)
            return
        chat_id = contents.member.chat_id
        await self._turn(chat_id)
        if not await self._outbox.begin(letter):
            return
        try:
            message = await self._stage.send(chat_id, self._screen(contents))
        except TelegramAPIError as error:
            await self._refused(letter, chat_id, error)
            return
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            await self._outbox.lost_answer(letter, timedelta(seconds=_backoff(letter.attempts)), error_of(error))
            return
        await self._outbox.sent(letter, message.message_id)
        if contents.card is not None:
            await self._carousel.shown(contents.member, contents.card.item.id)

    async def _turn(self, chat_id: int) -> None:
        """Wait for this chat's turn under the overall rate and its own."""
        while True:
            now = time.monotonic()
            free = self._pace.next_free(chat_id, now)
            if free <= now:
                self._pace.took(chat_id, now)
                return
            await asyncio.sleep(free - now)

    async def _refused(self, letter: Claimed, chat_id: int, error: TelegramAPIError) -> None:
        """Each answer has its rule; only what proves that nothing arrived is tried again freely."""
        reason = error_of(error)
        later = timedelta(seconds=_backoff(letter.attempts))
        if isinstance(error, TelegramRetryAfter):
            log.warning("too many requests: nothing is sent for %s s", error.retry_after)
            self._pace.pause(error.retry_after, time.monotonic())
            await self._outbox.again(letter, timedelta(seconds=error.retry_after), reason)
        elif isinstance(error, TelegramForbiddenError) or "chat not found" in error.message:
            await self._people.gone(chat_id, "blocked" if "blocked" in error.message else "unreachable")
            await self._outbox.drop(letter, Useless(reason))
        elif isinstance(error, TelegramUnauthorizedError | TelegramConflictError | TelegramNotFound):
            log.error("sending stops for a minute: %s", reason)
            self._pace.pause(_WORST_WAIT, time.monotonic())
            await self._outbox.again(letter, timedelta(seconds=_WORST_WAIT), reason)
        elif isinstance(error, TelegramServerError | RestartingTelegram | TelegramNetworkError | ClientDecodeError):
            await self._outbox.lost_answer(letter, later, reason)
        elif isinstance(error, TelegramBadRequest | TelegramEntityTooLarge):
            log.error("letter %s is refused for good: %s", letter.id, reason)
            await self._outbox.dead(letter, reason)
        else:
            await self._outbox.lost_answer(letter, later, reason)

    def _screen(self, contents: Contents) -> Screen:
        speech = Speech(contents.member.language, self._house.rules.zone, self._house.clock())
        if contents.card is not None:
            return view.carousel_letter(contents.card, speech)
        if contents.kind is Kind.ITEM_BACK:
            return view.item_back_letter(contents.item, speech)
        if contents.kind is Kind.MILESTONE:
            return view.milestone_letter(contents.item, contents.number, speech)
        assert contents.opens_at is not None, "every other kind is about a group, which has its time"
        return view.group_letter(
            contents.kind,
            contents.item,
            contents.opens_at,
            speech,
            corrected=contents.corrected,
            middle_follows=contents.middle_follows,
        )

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


def _backoff(attempts: int) -> float:
    """Seconds before the next try: doubling from one, with jitter so that senders do not march in step."""
    return min(_WORST_WAIT, 2.0 ** min(attempts, 6)) * random.uniform(0.7, 1.3)
