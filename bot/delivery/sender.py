"""Sends the notifications of the outbox: urgent ones first, within the rate limits, with one rule for each answer."""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import TypeGuard

import aiohttp
from aiogram.exceptions import AiogramError
from aiogram.types import Message

from bot.delivery.chat_notifications import ChatNotifications
from bot.ops.metrics import SEND
from bot.services import Services
from bot.telegram.errors import classify, retry_after
from bot.telegram.http_client import CallWithheld
from bot.telegram.redaction import error_of
from bot.telegram.session import MAY_LEAVE
from bot.worker import Worker
from domain.call_outcomes import CallOutcome
from domain.payloads import Links
from domain.people import BoundChat
from handlers.card_editor import CardEditor
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.screen import Screen
from handlers.views.notifications import Reader, render
from services.clock import LeapGuard
from services.notifications.kinds import AnyNotification, DailyCarousel, Notification, Skip
from services.notifications.outbox import ClaimedNotification
from storage.db.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

_IDLE = 0.3
_MOST_MISSED = 5
"""Send slots that a notification may miss before it returns to the outbox: the database is too slow."""
_WORST_WAIT = 60.0
_MARKING = 0.02
"""Seconds that marking as in flight takes; it is done so long before the send slot."""
_RECOVER_EVERY, _RECOVER_EVERY_IDLE = 30.0, 1.0
"""Seconds between two searches for expired leases, while there is other work and otherwise."""
_ANSWER_TAKES = 2.0
"""Seconds that Telegram may take to answer without slowing the sender down."""
_NO_CHAT = 0
"""A chat ID that is not in use: only the overall rate limits it."""
_PICTURE_CODES = frozenset(outcome for outcome in CallOutcome if outcome.concerns_picture)
_BAD_FOR = 3600.0
"""Seconds for which a picture that Telegram refused is left out of later notifications."""


class NotificationSender(Worker):
    """Claims notifications, renders them from current data, sends them, and stores the outcome of each.

    A notification is *held* from its claim until it is in flight. Few are held, so that an alert soon overtakes the
    rest (R27). They are admitted one by one, so that those marked as in flight are sent at once.
    """

    def __init__(
        self,
        services: Services,
        messenger: Messenger,
        card_editor: CardEditor,
        links: Links | None = None,
        *,
        chance: Random | None = None,
        leaps: LeapGuard | None = None,
    ) -> None:
        context = services.context
        super().__init__(context.clock, log, "notifications", chance=chance, longest_backoff=_WORST_WAIT)
        self._context = context
        self._services = services
        self._outbox = services.outbox
        self._messenger = messenger
        self._chat_notifications = ChatNotifications(
            messenger, services.chats, services.cards, card_editor, links or Links()
        )
        rate = context.rules.send_rate
        self._rate_limiter = context.rate_limiter
        self._send_slots = context.send_slots
        self._leaps = leaps or LeapGuard()
        self._recovered = -math.inf
        self._most_held = max(1, min(50, round(rate / 2)))
        self._longest_wait = 1.0 + 2.0 / rate
        fastest = max(rate, context.rules.paid_rate or rate)
        self._in_flight = asyncio.Semaphore(max(8, math.ceil(fastest * _ANSWER_TAKES)))
        self._admission = asyncio.Lock()
        self._held = 0
        self._room = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._unanswered_since = -math.inf
        self._bad_pictures: dict[int, float] = {}

    @property
    def busy(self) -> bool:
        """Whether notifications are being sent; work that can wait gives way to them (R27)."""
        return bool(self._tasks)

    def stop(self) -> None:
        super().stop()
        self._outbox.stop()

    async def run(self) -> None:
        """Send until stopped, once the database is available."""
        while not (self.stopping or await self._recover_predecessor()):
            await self.pause(_IDLE)
        while not self.stopping:
            await self._work()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _recover_predecessor(self) -> bool:
        """Release what a killed process held. False while the database is unavailable.

        Telegram's limits outlive a restart: its last pause, and what groups were sent in the last minute, still count.
        """
        try:
            await self._recover(everything=self._context.db.is_sqlite)
            self._rate_limiter.pause(await self._send_slots.paused_for(), self.clock.monotonic())
            for chat_id, ago in await self._outbox.lately_in_chats():
                self._rate_limiter.record_past(chat_id, self.clock.monotonic() - ago.total_seconds())
        except DatabaseUnavailable as error:
            self.outage_log.unavailable(error)
            return False
        self.outage_log.available()
        return True

    async def _work(self) -> None:
        now = self.clock.monotonic()
        closed_for = self._rate_limiter.next_free(_NO_CHAT, now) - now
        if closed_for > self._longest_wait:
            await self.pause(closed_for)
            return
        if self._leaps.doubtful():  # what waits would expire
            await self.pause(_IDLE)
            return
        if self._held > self._most_held // 2:
            self._room.clear()
            await self._room.wait()
            return
        claimed: list[ClaimedNotification] = []
        try:
            if self.clock.monotonic() - self._recovered > (_RECOVER_EVERY if self._tasks else _RECOVER_EVERY_IDLE):
                await self._recover(everything=False)
            claimed = await self._outbox.claim(self._most_held - self._held)
            self.outage_log.available()
        except DatabaseUnavailable as error:
            self.outage_log.unavailable(error)
        except Exception as error:
            log.error("the outbox could not be read", exc_info=error)
        for notification in claimed:
            self._held += 1
            task = asyncio.create_task(self._deliver(notification))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not claimed:
            await self.pause(_IDLE)

    async def _recover(self, *, everything: bool) -> None:
        self._recovered = self.clock.monotonic()
        freed, undecided = await self._outbox.recover(everything=everything)
        if freed or undecided:
            log.info("outbox: %s notifications released, %s with an unknown outcome", freed, undecided)

    async def _deliver(self, notification: ClaimedNotification) -> None:
        try:
            try:
                contents = await self._load(notification)
                deadline = await self._begin(notification, contents.chat_id) if contents else None
            except DatabaseUnavailable as error:  # it may be marked as in flight, but it was not sent
                await self._return_in_outage(notification, error)
                return
            finally:
                self._held -= 1
                self._room.set()
            if contents and deadline:
                try:
                    await self._send(notification, contents, deadline)
                finally:
                    self._in_flight.release()
        except DatabaseUnavailable as error:  # the expired lease releases it, as in the next case
            log.warning("notification %s waits for the end of its lease: %s", notification.id, error_of(error))
        except Exception as error:
            log.error("the outcome of notification %s could not be stored", notification.id, exc_info=error)

    async def _load(self, notification: ClaimedNotification) -> AnyNotification | None:
        """The contents; None if the notification needs no sending or was returned. Raises DatabaseUnavailable."""
        try:
            contents = await self._outbox.contents(notification)
        except DatabaseUnavailable:
            raise
        except Exception as error:
            await self._return_broken(notification, "loaded", error)
            return None
        if isinstance(contents, Skip):
            await self._outbox.drop(notification, contents)
            return None
        return contents

    async def _return_in_outage(self, notification: ClaimedNotification, error: DatabaseUnavailable) -> None:
        self.outage_log.unavailable(error)
        await self._outbox.again(notification, timedelta(0))

    async def _return_broken(self, notification: ClaimedNotification, what: str, error: Exception) -> None:
        """Nothing was sent: a bug in one notification says nothing about Telegram and must not hold up the others."""
        log.error("notification %s cannot be %s", notification.id, what, exc_info=error)
        await self._outbox.again(notification, timedelta(seconds=_WORST_WAIT), error_of(error))

    async def _begin(self, notification: ClaimedNotification, chat_id: int) -> datetime | None:
        """Mark as in flight shortly before the send slot, and wait for it. Returns the deadline for sending, or None if
        the notification was returned to the outbox."""
        async with self._admission:
            await self._in_flight.acquire()
            deadline = None
            try:
                deadline = await self._mark_in_flight(notification, chat_id)
            finally:
                if deadline is None:
                    self._in_flight.release()
            if deadline is not None:
                self._rate_limiter.record(chat_id, self.clock.monotonic(), paid=notification.paid)
            return deadline

    async def _mark_in_flight(self, notification: ClaimedNotification, chat_id: int) -> datetime | None:
        if not await self._take_slot(notification, chat_id):
            return None
        deadline = await self._outbox.begin(notification)
        if deadline is None or not await self._wait_for_rate(notification, chat_id):
            return None
        for attempt in range(1, _MOST_MISSED + 1):
            if not (self._send_slots.shared and self._send_slots.missed()):
                return deadline
            if attempt == _MOST_MISSED or self.stopping:
                break
            if not (await self._take_slot(notification, chat_id) and await self._wait_for_rate(notification, chat_id)):
                return None
        log.warning("notification %s waits: send slots come too late from the database", notification.id)
        await self._outbox.again(notification, timedelta(0))
        return None

    async def _wait_for_rate(self, notification: ClaimedNotification, chat_id: int, early: float = 0.0) -> bool:
        """Wait until the limits of this chat and of all allow sending, or for `early` seconds before that.

        False if that takes too long, as in a pause that Telegram asked for: the notification returns to the outbox.
        """
        while True:
            now = self.clock.monotonic()
            free = self._rate_limiter.next_free(chat_id, now, paid=notification.paid)
            wait = free - now
            # If only this chat has to wait, others go first.
            gives_way = free > self._rate_limiter.next_free(_NO_CHAT, now, paid=notification.paid)
            if wait > self._longest_wait or (wait > early and gives_way):
                await self._outbox.again(notification, timedelta(seconds=wait))
                return False
            if wait <= early:
                return True
            await self.clock.sleep(wait - early)

    async def _take_slot(self, notification: ClaimedNotification, chat_id: int) -> bool:
        """Wait until shortly before sending, for a slot where processes share them; False like `_wait_for_rate`."""
        if not await self._wait_for_rate(notification, chat_id, early=_MARKING):
            return False
        if not self._send_slots.shared:
            return True
        wait = await self._send_slots.take(self._longest_wait, paid=notification.paid)
        if wait > 0:
            self._rate_limiter.pause(wait, self.clock.monotonic())
        return await self._wait_for_rate(notification, chat_id, early=_MARKING)

    async def _send(self, notification: ClaimedNotification, contents: AnyNotification, deadline: datetime) -> None:
        sent_at = self.clock.monotonic()
        screen = None
        try:
            screen = await self._screen_of(notification, contents)
            MAY_LEAVE.set(
                lambda: self._outbox.may_leave(notification, deadline) and not self._silence(contents.chat_id)
            )
            message = await self._messenger.send(contents.chat_id, screen, paid=notification.paid, topic=contents.topic)
        except CallWithheld:
            wait = self._silence(contents.chat_id)
            why = f"Telegram asked for {wait:.1f} s" if wait else "this process hung for too long"
            log.warning("notification %s was not sent: %s", notification.id, why)
            await self._outbox.again(notification, timedelta(seconds=wait))
        except DatabaseUnavailable as error:  # its contents or its picture could not be read, so it was not sent
            await self._return_in_outage(notification, error)
        except Exception as error:
            if screen is None:
                await self._return_broken(notification, "rendered", error)
            else:
                await self._refused(notification, contents, screen, error, sent_at)
        else:
            SEND.observe(self.clock.monotonic() - sent_at)
            self.backoff.reset()
            await self._sent(notification, contents, message)

    def _silence(self, chat_id: int) -> float:
        """Seconds for which Telegram wants no message to this chat."""
        return self._rate_limiter.silence(chat_id, self.clock.monotonic())

    async def _sent(self, notification: ClaimedNotification, contents: AnyNotification, message: Message) -> None:
        await self._outbox.sent(notification, message.message_id)
        self._services.campaigns.accepted(notification)
        if _is_for_chat(contents):
            await self._chat_notifications.sent(contents, message)
        elif isinstance(contents, DailyCarousel):
            await self._services.carousel.shown(contents.to, contents.card.item.id)

    async def _refused(
        self,
        notification: ClaimedNotification,
        contents: AnyNotification,
        screen: Screen,
        error: Exception,
        sent_at: float,
    ) -> None:
        """Apply the rule of each outcome; only a proof that nothing arrived allows free retries."""
        reason = error_of(error)
        outcome = classify(error)
        if outcome is CallOutcome.NO_ANSWER:  # it may have arrived
            if not isinstance(error, AiogramError | OSError | aiohttp.ClientError):
                log.error("notification %s failed", notification.id, exc_info=error)
            wait = timedelta(seconds=self._unanswered(sent_at))
            await self._outbox.lost_answer(notification, wait, reason, outcome)
            return
        if outcome is CallOutcome.NOT_SENT:
            await self._outbox.again(notification, timedelta(seconds=self._unanswered(sent_at)), reason, outcome)
            return
        self.backoff.reset()
        if outcome is CallOutcome.RETRY_AFTER:
            await self._wait(notification, contents.chat_id, retry_after(error) or 0.0, reason)
        elif _is_for_chat(contents) and await self._chat_notifications.refused(contents, error):
            await self._outbox.again(notification, timedelta(0), reason, outcome)
        elif outcome.chat_is_gone:
            await self._outbox.drop(notification, Skip(reason, code=outcome))
            if not _is_for_chat(contents):
                await self._services.people.mark_unreachable(contents.chat_id, outcome)
            await self._count_refusal(notification, reason, outcome)
        elif outcome.concerns_picture and screen.picture is not None:
            log.warning("notification %s is sent without its picture: %s", notification.id, reason)
            if outcome is not CallOutcome.NO_PHOTO_RIGHT and isinstance(screen.picture, int):
                self._bad_pictures[screen.picture] = self.clock.monotonic() + _BAD_FOR
            await self._outbox.again(notification, timedelta(0), reason, outcome)
        elif outcome is CallOutcome.NO_RIGHTS or outcome.concerns_topic:
            await self._outbox.drop(notification, Skip(reason, code=outcome))
        elif outcome is CallOutcome.BOT_REFUSED:
            log.error("sending pauses for a minute: %s", reason)
            self._rate_limiter.pause(_WORST_WAIT, self.clock.monotonic())
            await self._outbox.again(notification, timedelta(seconds=_WORST_WAIT), reason, outcome)
        else:
            log.warning("notification %s is refused permanently: %s", notification.id, reason)
            await self._outbox.dead(notification, reason, outcome)
            await self._count_refusal(notification, reason, outcome)

    async def _count_refusal(self, notification: ClaimedNotification, reason: str, outcome: CallOutcome) -> None:
        if await self._services.campaigns.refused(notification, reason, outcome):
            log.error("a campaign is paused by refusals (%s): %s", outcome, reason)

    async def _wait(self, notification: ClaimedNotification, chat_id: int, seconds: float, reason: str) -> None:
        """A 429: this chat waits, or all chats if several were refused."""
        all_wait = self._rate_limiter.refused(chat_id, seconds, self.clock.monotonic())
        # Stored first: the outcome is certain.
        await self._outbox.chat_waits(notification, timedelta(seconds=seconds), reason, CallOutcome.RETRY_AFTER)
        if all_wait:
            log.warning("too many requests: nothing is sent for %s s", seconds)
            await self._send_slots.pause(seconds)
        else:
            log.warning("too many requests in one chat: it waits for %s s", seconds)

    def _unanswered(self, sent_at: float) -> float:
        """Seconds before an unanswered notification of that time may be retried.

        A single one is chance. If a later one is not answered either, all sending backs off: an outage of a minute must
        not use up the one retry of every notification (R26).
        """
        first = not self.backoff.counter
        if sent_at <= self._unanswered_since:
            return self.jittered(self.backoff.next_delay)
        self._unanswered_since = self.clock.monotonic()
        wait = self.next_delay()
        if not first:
            self._rate_limiter.pause(wait, self._unanswered_since)
        return wait

    async def _screen_of(self, notification: ClaimedNotification, contents: AnyNotification) -> Screen:
        """The screen to send; without its picture where Telegram has refused that, for this notification or another."""
        screen = await self._screen(contents)
        known_as_bad = (
            isinstance(screen.picture, int)
            and self._bad_pictures.get(screen.picture, -math.inf) > self.clock.monotonic()
        )
        if known_as_bad or (screen.picture is not None and notification.code in _PICTURE_CODES):
            return await self._screen(contents, pictured=False)
        return screen

    async def _screen(self, contents: AnyNotification, *, pictured: bool = True) -> Screen:
        if _is_for_chat(contents):
            return await self._chat_notifications.screen(contents, pictured=pictured)
        zone, now, elsewhere = self._context.rules.zone, self._context.clock.now(), contents.elsewhere
        localizers = tuple(Localizer(each, zone, now, names_zone=elsewhere) for each in contents.languages)
        screen = render(contents, Reader(localizers))
        return screen if pictured else replace(screen, picture=None)


def _is_for_chat(contents: AnyNotification) -> TypeGuard[Notification[BoundChat]]:
    return isinstance(contents.to, BoundChat)
