"""Drains the outbox: the most urgent letters first, never above the allowed rate, each answer by its rule."""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import TypeGuard

import aiohttp
from aiogram.exceptions import AiogramError

from bot.delivery.chat_notifications import ChatNotifications
from bot.ops.metrics import SEND
from bot.telegram.errors import classify, retry_after
from bot.telegram.redaction import error_of
from bot.telegram.session import MAY_LEAVE, SendDeadlinePassed
from bot.worker import Worker
from domain.call_outcomes import CallOutcome
from domain.chats import BoundChat
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.screen import Screen
from handlers.views.notifications import Reader, render
from services.campaigns import Campaigns
from services.carousel import Carousel
from services.context import ServiceContext
from services.notifications.kinds import AnyNotification, DailyCarousel, Notification, Skip
from services.notifications.outbox import ClaimedNotification, Outbox
from services.people import People
from storage.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

_IDLE = 0.3
_MOST_MISSED = 5
"""Turns that may go by before a letter gives up and waits again: then the database is too slow to be kept time with."""
_WORST_WAIT = 60.0
_MARKING = 0.02
"""Seconds that it takes to mark a letter as in flight; it is done so much before the letter's turn."""
_RECOVER_EVERY = 30.0
"""Seconds after which letters whose lease is over are looked for, also while there is work."""
_ANSWER_TAKES = 2.0
"""Seconds within which Telegram may answer without slowing the courier down."""
_NOBODY = 0
"""A chat that nobody has: its turn is the overall rate's."""
_PICTURE_CODES = frozenset(outcome for outcome in CallOutcome if outcome.concerns_picture)
_BAD_FOR = 3600.0
"""Seconds for which a picture that Telegram refused is left out of the letters that follow."""


class NotificationSender(Worker):
    """Claims letters, writes them from what is true now, sends them, and settles each by Telegram's answer.

    A letter is *held* from its claim until it is in flight. Few are held, so that an alert soon overtakes whatever
    waits (R27); they go through the door one by one, so that what is marked as in flight leaves at once.
    """

    def __init__(
        self,
        context: ServiceContext,
        outbox: Outbox,
        carousel: Carousel,
        people: People,
        campaigns: Campaigns,
        messenger: Messenger,
        chat_notifications: ChatNotifications,
        *,
        chance: Random | None = None,
    ) -> None:
        super().__init__(context.clock, log, "notifications", chance=chance, longest_backoff=_WORST_WAIT)
        self._context = context
        self._outbox = outbox
        self._carousel = carousel
        self._people = people
        self._campaigns = campaigns
        self._messenger = messenger
        self._chat_notifications = chat_notifications
        rate = context.rules.send_rate
        self._rate_limiter = context.rate_limiter
        self._send_slots = context.send_slots
        self._recovered = -math.inf
        self._most_held = max(1, min(50, round(rate / 2)))
        self._longest_wait = 1.0 + 2.0 / rate
        fastest = max(rate, context.rules.paid_rate or rate)
        self._in_flight = asyncio.Semaphore(max(8, math.ceil(fastest * _ANSWER_TAKES)))
        self._door = asyncio.Lock()
        self._held = 0
        self._room = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._silent_since = -math.inf
        self._bad_pictures: dict[int, float] = {}

    @property
    def busy(self) -> bool:
        """Whether letters are in hand; what can wait gives way to them (R27)."""
        return bool(self._tasks)

    def stop(self) -> None:
        super().stop()
        self._outbox.stop()

    async def run(self) -> None:
        """Work until stopped, as soon as the database is there."""
        while not (self.stopping or await self._took_over()):
            await self.pause(_IDLE)
        while not self.stopping:
            await self._work()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _took_over(self) -> bool:
        """Free what a killed predecessor held, by its lease where others may live. False while the database is away.

        Telegram goes on counting over a restart: its last pause, and what groups were sent in the last minute, hold.
        """
        try:
            await self._recover(everything=self._context.db.is_sqlite)
            self._rate_limiter.pause(await self._send_slots.closed(), self.clock.monotonic())
            for chat_id, ago in await self._outbox.lately_in_chats():
                self._rate_limiter.went(chat_id, self.clock.monotonic() - ago.total_seconds())
        except DatabaseUnavailable as error:
            self.outage_log.unavailable(error)
            return False
        self.outage_log.available()
        return True

    async def _work(self) -> None:
        now = self.clock.monotonic()
        closed_for = self._rate_limiter.next_free(_NOBODY, now) - now
        if closed_for > self._longest_wait:
            await self.pause(closed_for)
            return
        if self._held > self._most_held // 2:
            self._room.clear()
            await self._room.wait()
            return
        claimed: list[ClaimedNotification] = []
        try:
            if self.clock.monotonic() - self._recovered > (_RECOVER_EVERY if self._tasks else _IDLE):
                await self._recover(everything=False)
            claimed = await self._outbox.claim(self._most_held - self._held)
            self.outage_log.available()
        except DatabaseUnavailable as error:
            self.outage_log.unavailable(error)
        except Exception as error:
            log.error("the outbox could not be read", exc_info=error)
        for notification in claimed:
            self._held += 1
            task = asyncio.create_task(self._one(notification))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not claimed:
            await self.pause(_IDLE)

    async def _recover(self, *, everything: bool) -> None:
        self._recovered = self.clock.monotonic()
        freed, undecided = await self._outbox.recover(everything=everything)
        if freed or undecided:
            log.info("outbox: %s letters taken up again, %s whose arrival nobody knows", freed, undecided)

    async def _one(self, notification: ClaimedNotification) -> None:
        try:
            try:
                ready = await self._bring_to_the_door(notification)
            except DatabaseUnavailable as error:  # perhaps it is marked as in flight all the same, but it has not left
                self.outage_log.unavailable(error)
                await self._outbox.again(notification, timedelta(0))
                return
            finally:
                self._held -= 1
                self._room.set()
            if ready is not None:
                try:
                    await self._send(notification, *ready)
                finally:
                    self._in_flight.release()
        except DatabaseUnavailable as error:  # the lease frees the letter, as it does below
            log.warning("letter %s waits for the end of its lease: %s", notification.id, error_of(error))
        except Exception as error:
            log.error("letter %s could not be settled", notification.id, exc_info=error)

    async def _bring_to_the_door(self, notification: ClaimedNotification) -> tuple[AnyNotification, datetime] | None:
        """Read what to send and wait for its turn. Returns it with the time until which it may leave, or None when the
        letter was settled otherwise. Raises Away where nothing could be settled."""
        try:
            contents = await self._outbox.contents(notification)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # a bug in one letter must not keep the others from their readers
            log.error("letter %s cannot be read", notification.id, exc_info=error)
            await self._outbox.again(notification, timedelta(seconds=_WORST_WAIT), error_of(error))
            return None
        if isinstance(contents, Skip):
            await self._outbox.drop(notification, contents)
            return None
        leaves_by = await self._begin(notification, contents.chat_id)
        return (contents, leaves_by) if leaves_by else None

    async def _begin(self, notification: ClaimedNotification, chat_id: int) -> datetime | None:
        async with self._door:
            await self._in_flight.acquire()
            begun = False
            leaves_by = None
            try:
                if await self._everyones_turn(notification, chat_id):
                    leaves_by = await self._outbox.begin(notification)
                if leaves_by is not None:
                    begun = await self._turn(notification, chat_id)
                    for missed in itertools.count(1):
                        if not begun or not self._send_slots.missed():
                            break
                        if missed == _MOST_MISSED or self.stopping:
                            log.warning("letter %s waits: turns come too late from the database", notification.id)
                            await self._outbox.again(notification, timedelta(0))
                            begun = False
                            break
                        begun = await self._everyones_turn(notification, chat_id) and await self._turn(
                            notification, chat_id
                        )
            finally:
                if not begun:
                    self._in_flight.release()
            if begun:
                self._rate_limiter.took(chat_id, self.clock.monotonic(), paid=notification.paid)
            return leaves_by if begun else None

    async def _turn(self, notification: ClaimedNotification, chat_id: int, early: float = 0.0) -> bool:
        """Wait for this chat's turn under the overall rate and its own, or for `early` seconds before it.

        False when that is too far off, as in a pause that Telegram asked for: the letter waits in the outbox again.
        """
        while True:
            now = self.clock.monotonic()
            free = self._rate_limiter.next_free(chat_id, now, paid=notification.paid)
            wait = free - now
            # Where only this chat has to wait, others go first.
            gives_way = free > self._rate_limiter.next_free(_NOBODY, now, paid=notification.paid)
            if wait > self._longest_wait or (wait > early and gives_way):
                await self._outbox.again(notification, timedelta(seconds=wait))
                return False
            if wait <= early:
                return True
            await self.clock.sleep(wait - early)

    async def _everyones_turn(self, notification: ClaimedNotification, chat_id: int) -> bool:
        """Take a turn among all processes that send, and wait until shortly before it; False like `_turn`."""
        if not await self._turn(notification, chat_id, early=_MARKING):
            return False
        wait = await self._send_slots.take(self._longest_wait, paid=notification.paid)
        if wait > 0:
            self._rate_limiter.pause(wait, self.clock.monotonic())
        return await self._turn(notification, chat_id, early=_MARKING)

    async def _send(self, notification: ClaimedNotification, contents: AnyNotification, leaves_by: datetime) -> None:
        left_at = self.clock.monotonic()
        try:
            screen = await self._screen_of(notification, contents)
        except DatabaseUnavailable as error:
            self.outage_log.unavailable(error)
            await self._outbox.again(notification, timedelta(0))
            return
        except Exception as error:  # nothing has left: it is a bug in one letter, and no disturbance of Telegram's
            log.error("letter %s cannot be shown", notification.id, exc_info=error)
            await self._outbox.again(notification, timedelta(seconds=_WORST_WAIT), error_of(error))
            return
        try:
            MAY_LEAVE.set(lambda: self._context.clock.now() < leaves_by)
            message = await self._messenger.send(contents.chat_id, screen, paid=notification.paid)
        except SendDeadlinePassed:
            log.warning("letter %s has not left: this process stood still for too long", notification.id)
            await self._outbox.again(notification, timedelta(0))
            return
        except DatabaseUnavailable as error:  # its picture could not be read, so it has not left
            self.outage_log.unavailable(error)
            await self._outbox.again(notification, timedelta(0))
            return
        except (AiogramError, OSError, TimeoutError, aiohttp.ClientError) as error:
            await self._refused(notification, contents, screen, error, left_at)
            return
        except Exception as error:
            log.error("letter %s failed", notification.id, exc_info=error)
            await self._silence(notification, error, left_at)
            return
        SEND.observe(self.clock.monotonic() - left_at)
        self.backoff.reset()
        await self._outbox.sent(notification, message.message_id)
        self._campaigns.taken(notification)
        if _is_for_chat(contents):
            await self._chat_notifications.sent(contents, message)
        elif isinstance(contents, DailyCarousel):
            await self._carousel.shown(contents.to, contents.card.item.id)

    async def _refused(
        self,
        notification: ClaimedNotification,
        contents: AnyNotification,
        screen: Screen,
        error: Exception,
        left_at: float,
    ) -> None:
        """Each answer has its rule; only what proves that nothing arrived is tried again freely."""
        reason = error_of(error)
        outcome = classify(error)
        if outcome is CallOutcome.NO_ANSWER:
            await self._silence(notification, error, left_at)
            return
        if outcome is CallOutcome.NOT_SENT:
            await self._outbox.again(notification, timedelta(seconds=self._unanswered(left_at)), reason, outcome)
            return
        self.backoff.reset()
        if outcome is CallOutcome.RETRY_AFTER:
            await self._wait(notification, contents.chat_id, retry_after(error) or 0.0, reason)
        elif _is_for_chat(contents) and await self._chat_notifications.refused(contents, error):
            await self._outbox.again(notification, timedelta(0), reason, outcome)
        elif outcome.chat_is_gone:
            await self._outbox.drop(notification, Skip(reason, code=outcome))
            if not _is_for_chat(contents):
                await self._people.mark_unreachable(contents.chat_id, outcome)
        elif outcome.concerns_picture and isinstance(screen.picture, int):
            log.warning("letter %s goes out without its picture: %s", notification.id, reason)
            if outcome is not CallOutcome.NO_PHOTO_RIGHT:
                self._bad_pictures[screen.picture] = self.clock.monotonic() + _BAD_FOR
            await self._outbox.again(notification, timedelta(0), reason, outcome)
        elif outcome is CallOutcome.NO_RIGHTS:
            await self._outbox.drop(notification, Skip(reason, code=outcome))
        elif outcome is CallOutcome.BOT_REFUSED:
            log.error("sending stops for a minute: %s", reason)
            self._rate_limiter.pause(_WORST_WAIT, self.clock.monotonic())
            await self._outbox.again(notification, timedelta(seconds=_WORST_WAIT), reason, outcome)
        else:
            log.warning("letter %s is refused for good: %s", notification.id, reason)
            await self._outbox.dead(notification, reason, outcome)
            if await self._campaigns.refused(notification, reason):
                log.error("a campaign has stopped, its letters are refused one after the other: %s", reason)

    async def _wait(self, notification: ClaimedNotification, chat_id: int, seconds: float, reason: str) -> None:
        """A 429: this chat waits for so long, or everybody where several chats were told so."""
        everybody = self._rate_limiter.refused(chat_id, seconds, self.clock.monotonic())
        await self._outbox.chat_waits(
            notification, timedelta(seconds=seconds), reason, CallOutcome.RETRY_AFTER
        )  # first what is known of the letter
        if everybody:
            log.warning("too many requests: nothing is sent for %s s", seconds)
            await self._send_slots.close(seconds)
        else:
            log.warning("too many requests in one chat: it waits for %s s", seconds)

    async def _silence(self, notification: ClaimedNotification, error: Exception, left_at: float) -> None:
        """Nobody knows whether the letter arrived."""
        await self._outbox.lost_answer(
            notification, timedelta(seconds=self._unanswered(left_at)), error_of(error), CallOutcome.NO_ANSWER
        )

    def _unanswered(self, left_at: float) -> float:
        """Seconds until a letter that left then and was not answered may be tried again.

        One such letter is chance. When one that left later is not answered either, all sending waits, longer from
        time to time: a disturbance of a minute must not use up the one more try of every letter (R26).
        """
        first = not self.backoff.counter
        if left_at <= self._silent_since:
            return self.jittered(self.backoff.next_delay)
        self._silent_since = self.clock.monotonic()
        wait = self.next_delay()
        if not first:
            self._rate_limiter.pause(wait, self._silent_since)
        return wait

    async def _screen_of(self, notification: ClaimedNotification, contents: AnyNotification) -> Screen:
        """The screen to send; without its picture where Telegram has refused that, for this notification or another."""
        screen = await self._screen(contents)
        if not isinstance(screen.picture, int):
            return screen
        known_as_bad = self._bad_pictures.get(screen.picture, -math.inf) > self.clock.monotonic()
        if not known_as_bad and notification.code not in _PICTURE_CODES:
            return screen
        return await self._screen(contents, pictured=False)

    async def _screen(self, contents: AnyNotification, *, pictured: bool = True) -> Screen:
        if _is_for_chat(contents):
            return await self._chat_notifications.screen(contents, pictured=pictured)
        zone, now = self._context.rules.zone, self._context.clock.now()
        screen = render(contents, Reader(tuple(Localizer(each, zone, now) for each in contents.languages)))
        return screen if pictured else replace(screen, picture=None)


def _is_for_chat(contents: AnyNotification) -> TypeGuard[Notification[BoundChat]]:
    return isinstance(contents.to, BoundChat)
