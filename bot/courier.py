"""Drains the outbox: the most urgent letters first, never above the allowed rate, each answer by its rule."""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import random
import time
from dataclasses import replace
from datetime import datetime, timedelta

import aiohttp
from aiogram.exceptions import AiogramError

from bot.answers import Meaning, bad_picture, goes_without_picture, meaning_of, retry_after
from bot.chat_letters import ChatLetters
from bot.metrics import SEND
from bot.outage import Outage
from bot.session import MAY_LEAVE, NotLeft, error_of
from domain.alerts import Kind
from handlers.screen import Screen
from handlers.stage import Stage
from handlers.views import deliveries as deliveries_view
from handlers.views import letters as view
from handlers.words import Speech
from services.carousel import Carousel
from services.deliveries import Deliveries
from services.house import House
from services.outbox import Claimed, Contents, ForChat, Gift, Outbox, Stopped, Useless
from services.people import People
from storage.away import Away

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
_BAD_FOR = 3600.0
"""Seconds for which a picture that Telegram refused is left out of the letters that follow."""

Sendable = Contents | Gift | ForChat | Stopped


class Courier:
    """Claims letters, writes them from what is true now, sends them, and settles each by Telegram's answer.

    A letter is *held* from its claim until it is in flight. Few are held, so that an alert soon overtakes whatever
    waits (R27); they go through the door one by one, so that what is marked as in flight leaves at once.
    """

    def __init__(
        self,
        house: House,
        outbox: Outbox,
        carousel: Carousel,
        people: People,
        deliveries: Deliveries,
        stage: Stage,
        for_chats: ChatLetters,
    ) -> None:
        self._house = house
        self._outbox = outbox
        self._carousel = carousel
        self._people = people
        self._deliveries = deliveries
        self._stage = stage
        self._for_chats = for_chats
        rate = house.rules.send_rate
        self._pace = house.pace
        self._turns = house.turns
        self._recovered = -math.inf
        self._most_held = max(1, min(50, round(rate / 2)))
        self._longest_wait = 1.0 + 2.0 / rate
        fastest = max(rate, house.rules.paid_rate or rate)
        self._in_flight = asyncio.Semaphore(max(8, math.ceil(fastest * _ANSWER_TAKES)))
        self._door = asyncio.Lock()
        self._held = 0
        self._room = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._silences = 0
        self._silent_since = -math.inf
        self._bad_pictures: dict[int, float] = {}
        self._outage = Outage(log, "letters")
        self._stopping = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Whether letters are in hand; what can wait gives way to them (R27)."""
        return bool(self._tasks)

    def stop(self) -> None:
        """Finish the letters in hand and claim no more."""
        self._stopping.set()
        self._outbox.stop()

    async def run(self) -> None:
        """Work until stopped, as soon as the database is there."""
        while not (self._stopping.is_set() or await self._took_over()):
            await self._pause(_IDLE)
        while not self._stopping.is_set():
            await self._work()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _took_over(self) -> bool:
        """Free what a killed predecessor held, by its lease where others may live. False while the database is away.

        Telegram goes on counting over a restart: its last pause, and what groups were sent in the last minute, hold.
        """
        try:
            await self._recover(everything=self._house.db.is_sqlite)
            self._pace.pause(await self._turns.closed(), time.monotonic())
            for chat_id, ago in await self._outbox.lately_in_chats():
                self._pace.went(chat_id, time.monotonic() - ago.total_seconds())
        except Away as error:
            self._outage.away(error)
            return False
        self._outage.back()
        return True

    async def _work(self) -> None:
        now = time.monotonic()
        closed_for = self._pace.next_free(_NOBODY, now) - now
        if closed_for > self._longest_wait:
            await self._pause(closed_for)
            return
        if self._held > self._most_held // 2:
            self._room.clear()
            await self._room.wait()
            return
        claimed: list[Claimed] = []
        try:
            if time.monotonic() - self._recovered > (_RECOVER_EVERY if self._tasks else _IDLE):
                await self._recover(everything=False)
            claimed = await self._outbox.claim(self._most_held - self._held)
            self._outage.back()
        except Away as error:
            self._outage.away(error)
        except Exception as error:
            log.error("the outbox could not be read", exc_info=error)
        for letter in claimed:
            self._held += 1
            task = asyncio.create_task(self._one(letter))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not claimed:
            await self._pause(_IDLE)

    async def _recover(self, *, everything: bool) -> None:
        self._recovered = time.monotonic()
        freed, undecided = await self._outbox.recover(everything=everything)
        if freed or undecided:
            log.info("outbox: %s letters taken up again, %s whose arrival nobody knows", freed, undecided)

    async def _one(self, letter: Claimed) -> None:
        try:
            try:
                ready = await self._bring_to_the_door(letter)
            except Away as error:  # perhaps it is marked as in flight all the same, but it has not left
                self._outage.away(error)
                await self._outbox.again(letter, timedelta(0))
                return
            finally:
                self._held -= 1
                self._room.set()
            if ready is not None:
                try:
                    await self._send(letter, *ready)
                finally:
                    self._in_flight.release()
        except Away as error:  # the lease frees the letter, as it does below
            log.warning("letter %s waits for the end of its lease: %s", letter.id, error_of(error))
        except Exception as error:
            log.error("letter %s could not be settled", letter.id, exc_info=error)

    async def _bring_to_the_door(self, letter: Claimed) -> tuple[Sendable, datetime] | None:
        """Read what to send and wait for its turn. Returns it with the time until which it may leave, or None when the
        letter was settled otherwise. Raises Away where nothing could be settled."""
        try:
            contents = await self._outbox.contents(letter)
        except Away:
            raise
        except Exception as error:  # a bug in one letter must not keep the others from their readers
            log.error("letter %s cannot be read", letter.id, exc_info=error)
            await self._outbox.again(letter, timedelta(seconds=_WORST_WAIT), error_of(error))
            return None
        if isinstance(contents, Useless):
            await self._outbox.drop(letter, contents)
            return None
        leaves_by = await self._begin(letter, contents.chat_id)
        return (contents, leaves_by) if leaves_by else None

    async def _begin(self, letter: Claimed, chat_id: int) -> datetime | None:
        async with self._door:
            await self._in_flight.acquire()
            begun = False
            leaves_by = None
            try:
                if await self._everyones_turn(letter, chat_id):
                    leaves_by = await self._outbox.begin(letter)
                if leaves_by is not None:
                    begun = await self._turn(letter, chat_id)
                    for missed in itertools.count(1):
                        if not begun or not self._turns.missed():
                            break
                        if missed == _MOST_MISSED or self._stopping.is_set():
                            log.warning("letter %s waits: turns come too late from the database", letter.id)
                            await self._outbox.again(letter, timedelta(0))
                            begun = False
                            break
                        begun = await self._everyones_turn(letter, chat_id) and await self._turn(letter, chat_id)
            finally:
                if not begun:
                    self._in_flight.release()
            if begun:
                self._pace.took(chat_id, time.monotonic(), paid=letter.paid)
            return leaves_by if begun else None

    async def _turn(self, letter: Claimed, chat_id: int, early: float = 0.0) -> bool:
        """Wait for this chat's turn under the overall rate and its own, or for `early` seconds before it.

        False when that is too far off, as in a pause that Telegram asked for: the letter waits in the outbox again.
        """
        while True:
            now = time.monotonic()
            free = self._pace.next_free(chat_id, now, paid=letter.paid)
            wait = free - now
            # Where only this chat has to wait, others go first.
            gives_way = free > self._pace.next_free(_NOBODY, now, paid=letter.paid)
            if wait > self._longest_wait or (wait > early and gives_way):
                await self._outbox.again(letter, timedelta(seconds=wait))
                return False
            if wait <= early:
                return True
            await asyncio.sleep(wait - early)

    async def _everyones_turn(self, letter: Claimed, chat_id: int) -> bool:
        """Take a turn among all processes that send, and wait until shortly before it; False like `_turn`."""
        if not await self._turn(letter, chat_id, early=_MARKING):
            return False
        wait = await self._turns.take(self._longest_wait, paid=letter.paid)
        if wait > 0:
            self._pace.pause(wait, time.monotonic())
        return await self._turn(letter, chat_id, early=_MARKING)

    async def _send(self, letter: Claimed, contents: Sendable, leaves_by: datetime) -> None:
        left_at = time.monotonic()
        try:
            screen = await self._screen_of(letter, contents)
        except Away as error:
            self._outage.away(error)
            await self._outbox.again(letter, timedelta(0))
            return
        except Exception as error:  # nothing has left: it is a bug in one letter, and no disturbance of Telegram's
            log.error("letter %s cannot be shown", letter.id, exc_info=error)
            await self._outbox.again(letter, timedelta(seconds=_WORST_WAIT), error_of(error))
            return
        try:
            MAY_LEAVE.set(lambda: self._house.clock() < leaves_by)
            message = await self._stage.send(contents.chat_id, screen, paid=letter.paid)
        except NotLeft:
            log.warning("letter %s has not left: this process stood still for too long", letter.id)
            await self._outbox.again(letter, timedelta(0))
            return
        except Away as error:  # its picture could not be read, so it has not left
            self._outage.away(error)
            await self._outbox.again(letter, timedelta(0))
            return
        except (AiogramError, OSError, TimeoutError, aiohttp.ClientError) as error:
            await self._refused(letter, contents, screen, error, left_at)
            return
        except Exception as error:
            log.error("letter %s failed", letter.id, exc_info=error)
            await self._silence(letter, error, left_at)
            return
        SEND.observe(time.monotonic() - left_at)
        self._silences = 0
        await self._outbox.sent(letter, message.message_id)
        self._deliveries.taken(letter)
        if isinstance(contents, ForChat):
            await self._for_chats.sent(contents, message)
        elif isinstance(contents, Contents) and contents.card is not None:
            await self._carousel.shown(contents.member, contents.card.item.id)

    async def _refused(
        self, letter: Claimed, contents: Sendable, screen: Screen, error: Exception, left_at: float
    ) -> None:
        """Each answer has its rule; only what proves that nothing arrived is tried again freely."""
        reason = error_of(error)
        meaning = meaning_of(error)
        if meaning is Meaning.LOST:
            await self._silence(letter, error, left_at)
            return
        if meaning is Meaning.NEVER_LEFT:
            await self._outbox.again(letter, timedelta(seconds=self._unanswered(left_at)), reason)
            return
        self._silences = 0
        if meaning is Meaning.WAIT:
            await self._wait(letter, contents.chat_id, retry_after(error) or 0.0, reason)
        elif isinstance(contents, ForChat) and await self._for_chats.refused(contents, error):
            await self._outbox.again(letter, timedelta(0), reason)
        elif meaning is Meaning.GONE:
            await self._outbox.drop(letter, Useless(reason))
            if not isinstance(contents, ForChat):
                await self._people.gone(contents.chat_id, "blocked" if "blocked" in reason else "unreachable")
        elif meaning is Meaning.PICTURE and isinstance(screen.picture, int):
            log.warning("letter %s goes out without its picture: %s", letter.id, reason)
            if bad_picture(reason):
                self._bad_pictures[screen.picture] = time.monotonic() + _BAD_FOR
            await self._outbox.again(letter, timedelta(0), reason)
        elif meaning is Meaning.NOT_THERE:
            await self._outbox.drop(letter, Useless(reason))
        elif meaning is Meaning.STOPPED:
            log.error("sending stops for a minute: %s", reason)
            self._pace.pause(_WORST_WAIT, time.monotonic())
            await self._outbox.again(letter, timedelta(seconds=_WORST_WAIT), reason)
        else:
            log.warning("letter %s is refused for good: %s", letter.id, reason)
            await self._outbox.dead(letter, reason)
            if await self._deliveries.refused(letter, reason):
                log.error("a campaign has stopped, its letters are refused one after the other: %s", reason)

    async def _wait(self, letter: Claimed, chat_id: int, seconds: float, reason: str) -> None:
        """A 429: this chat waits for so long, or everybody where several chats were told so."""
        everybody = self._pace.refused(chat_id, seconds, time.monotonic())
        await self._outbox.chat_waits(letter, timedelta(seconds=seconds), reason)  # first what is known of the letter
        if everybody:
            log.warning("too many requests: nothing is sent for %s s", seconds)
            await self._turns.close(seconds)
        else:
            log.warning("too many requests in one chat: it waits for %s s", seconds)

    async def _silence(self, letter: Claimed, error: Exception, left_at: float) -> None:
        """Nobody knows whether the letter arrived."""
        await self._outbox.lost_answer(letter, timedelta(seconds=self._unanswered(left_at)), error_of(error))

    def _unanswered(self, left_at: float) -> float:
        """Seconds until a letter that left then and was not answered may be tried again.

        One such letter is chance. When one that left later is not answered either, all sending waits, longer from
        time to time: a disturbance of a minute must not use up the one more try of every letter (R26).
        """
        wait = _backoff(self._silences)
        if left_at > self._silent_since:
            self._silent_since = time.monotonic()
            if self._silences:
                self._pace.pause(wait, self._silent_since)
            self._silences += 1
        return wait

    async def _screen_of(self, letter: Claimed, contents: Sendable) -> Screen:
        """What is sent; as words alone where Telegram has refused the picture, in this letter or in one before."""
        if isinstance(contents, ForChat):
            screen = await self._for_chats.screen(contents)
        else:
            screen = self._screen(contents)
        if not isinstance(screen.picture, int):
            return screen
        known_as_bad = self._bad_pictures.get(screen.picture, -math.inf) > time.monotonic()
        if not known_as_bad and not goes_without_picture(letter.reason):
            return screen
        if isinstance(contents, ForChat):
            return await self._for_chats.screen(contents, pictured=False)
        return replace(screen, picture=None)

    def _screen(self, contents: Contents | Gift | Stopped) -> Screen:
        speech = Speech(contents.member.language, self._house.rules.zone, self._house.clock())
        if isinstance(contents, Stopped):
            return deliveries_view.stopped_letter(contents.delivery, speech)
        if isinstance(contents, Gift):
            return view.grant_letter(contents.ballots, contents.reason, speech)
        if contents.card is not None:
            return view.carousel_letter(contents.card, speech)
        if contents.kind is Kind.ITEM_BACK:
            return view.item_back_letter(contents.item, speech)
        if contents.why is not None:
            return view.item_out_letter(contents.item, contents.why, speech, cancelled=contents.corrected)
        if contents.kind is Kind.ITEM_LAPSED:
            return view.item_lapsed_letter(contents.item, speech)
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


def _backoff(times: int) -> float:
    """Seconds before the next try: doubling from one, with jitter so that senders do not march in step."""
    return min(_WORST_WAIT, 2.0 ** min(times, 6)) * random.uniform(0.7, 1.3)
