"""How fast to send: Telegram's limits as a state machine, the lead that alerts need, and what is late (R24, R27).

Time is an argument: seconds of a monotonic clock, as a float. Nothing here waits.
"""

from bisect import insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from math import ceil, inf

CATCH_UP = 0.004
"""Seconds by which a message may follow early after a late one. More would turn every stall into a burst."""
_TOLERANCE = 1.02
"""Windows are this much longer than the limit, because messages travel unevenly and Telegram counts on arrival."""
_SEVERAL = 5.0
"""Seconds within which two chats must be refused for it to be the bot's limit, and not each chat's own."""
_SHARED_TOLERANCE = 1.015
"""`_TOLERANCE` for several senders, which also report when each message left."""
_SLOT_DISTANCE = 0.8
"""The distance between their slots, as a share of the even distance."""
LATEST = 0.1
"""Seconds after its slot by which a message must leave."""
_MOST_SLOTS = 200
"""Slots that a ledger remembers. A higher rate keeps its limit within a part of each second."""
_PER_CHAT = (1, 1.0 * _TOLERANCE)
_PER_GROUP = (20, 60.0 * _TOLERANCE)
_ROUNDING = 1e-6
_LEAD_MARGIN = 1.1
_LEAD_START = 5.0
"""Seconds for the start and for messages already in flight."""


class _Limit:
    """At most `count` messages in any `span` seconds."""

    __slots__ = ("_span", "_times")

    def __init__(self, count: int, span: float) -> None:
        self._span = span
        self._times: deque[float] = deque(maxlen=count)

    def free_at(self) -> float:
        return self._times[0] + self._span if len(self._times) == self._times.maxlen else -inf

    def record(self, now: float) -> None:
        self._times.append(now)

    def idle_from(self) -> float:
        return self._times[-1] + self._span if self._times else -inf


class _Chat:
    """One chat's limits: a message a second and, in a group, 20 a minute (Bot API FAQ, "Broadcasting to users")."""

    __slots__ = ("limits", "paused_until")

    def __init__(self, chat_id: int) -> None:
        self.paused_until = -inf
        self.limits = [_Limit(*_PER_CHAT)] + ([_Limit(*_PER_GROUP)] if chat_id < 0 else [])

    def free_at(self) -> float:
        return max(self.paused_until, *(limit.free_at() for limit in self.limits))

    def idle_from(self) -> float:
        return max(self.paused_until, *(limit.idle_from() for limit in self.limits))


class _RateLane:
    """All messages of one kind: an even distance between them, and a hard limit within any 1.02 seconds."""

    __slots__ = ("_due", "_interval", "_limit")

    def __init__(self, rate: float) -> None:
        if not 0 < rate < inf:
            raise ValueError("The rate must be above 0 messages a second.")
        self._interval = 1.0 / rate
        count = ceil(rate)
        self._limit = _Limit(count, _TOLERANCE * count / rate)
        self._due = -inf

    def free_at(self) -> float:
        return max(self._due, self._limit.free_at())

    def record(self, now: float) -> None:
        # From the time at which it was due, if that is not long past: a timer that fires late costs no speed.
        self._due = max(self._due, now - CATCH_UP) + self._interval
        self._limit.record(now)


@dataclass(frozen=True, slots=True)
class SlotLedger:
    """The last send slots of several senders, in seconds of a clock that they share.

    `due` is the earliest time of the next slot. `departures`, in order, has for each of the last slots the time at
    which its message left or, until that is reported, the latest time at which it may leave.
    """

    due: float
    departures: tuple[float, ...] = ()

    def take(self, now: float, rate: float) -> tuple[float, "SlotLedger"]:
        """The next slot, not before `now`, and the ledger with it; `rate` is in messages a second.

        However late messages leave within `LATEST`, no second has more than `rate` of them. Slots are a little closer
        than that, so the next messages make up for a late one.
        """
        count = min(ceil(rate), _MOST_SLOTS)
        slot = max(now, self.due)
        if len(self.departures) >= count:
            slot = max(slot, self.departures[-count] + _SHARED_TOLERANCE * count / rate)
        departures = sorted((*self.departures, slot + LATEST))[-count:]
        return slot, SlotLedger(slot + _SLOT_DISTANCE / rate, tuple(departures))

    def settled(self, slot: float, left_at: float | None) -> "SlotLedger":
        """The ledger after the message of a slot left, or, for None, was not sent."""
        departures = list(self.departures)
        if slot + LATEST in departures:
            departures.remove(slot + LATEST)
            if left_at is not None:
                insort(departures, left_at)
        return replace(self, departures=tuple(departures))

    def paused(self, until: float) -> "SlotLedger":
        """The ledger without slots before this time; a longer pause stays as it is."""
        return replace(self, due=max(self.due, until))


class RateLimiter:
    """Computes when the next message may be sent, in all and to one chat.

    Messages keep an even distance of ``1 / rate`` seconds, and any 1.02 seconds have at most `rate` of them, also after
    a stall. Call both methods without an `await` in between::

        if limiter.next_free(chat_id, now) <= now:
            limiter.record(chat_id, now)
            ...  # send

    Paid messages have a rate of their own; the limits and pauses of chats hold for them, too.
    Memory is bounded by the chats of the last minute and those that are paused.
    """

    def __init__(self, rate: float, paid_rate: float | None = None) -> None:
        """Rates are in messages a second, above 0 (else ValueError). A fraction is rounded up within a window only."""
        self._free = _RateLane(rate)
        self._paid = _RateLane(paid_rate) if paid_rate is not None else self._free
        self._paused_until = -inf
        self._silent_until = -inf
        self._refused: tuple[int | None, float] = (None, -inf)
        self._chats: dict[int, _Chat] = {}
        self._idle: list[tuple[float, int]] = []  # a heap with one entry for each chat, never later than true

    def __len__(self) -> int:
        """The number of chats in memory."""
        return len(self._chats)

    def next_free(self, chat_id: int | None, now: float, *, paid: bool = False) -> float:
        """The first time, not before `now`, at which a message may be sent to this chat; None is an unknown chat."""
        lane = self._paid if paid else self._free
        free = max(now, self._paused_until, lane.free_at())
        chat = self._chats.get(chat_id) if chat_id is not None else None
        return free if chat is None else max(free, chat.free_at())

    def record(self, chat_id: int | None, now: float, *, paid: bool = False) -> None:
        """Count a message that is sent now to this chat, or to one that is not known."""
        (self._paid if paid else self._free).record(now)
        if chat_id is not None:
            self.record_past(chat_id, now)
        self._drop_idle(now)

    def record_past(self, chat_id: int, at: float) -> None:
        """Count a message that was sent to this chat earlier, as by a process that has ended."""
        for limit in self._chat(chat_id).limits:
            limit.record(at)

    def refused(self, chat_id: int | None, seconds: float, now: float) -> bool:
        """Pause this chat for a 429's `retry_after`, or all where the chat is not known or another was refused just
        before. Returns whether all pause."""
        before, at = self._refused
        all_pause = chat_id is None or (before not in (None, chat_id) and now - at < _SEVERAL)
        self._refused = (chat_id, now)
        self.pause(seconds, now, chat_id)
        if all_pause:
            self.pause(seconds, now)
            self._silent_until = max(self._silent_until, now + seconds)
        return all_pause

    def silence(self, chat_id: int, now: float) -> float:
        """Seconds for which the 429s so far forbid sending to this chat; 0 where none does."""
        chat = self._chats.get(chat_id)
        return max(0.0, self._silent_until - now, chat.paused_until - now if chat else 0.0)

    def pause(self, seconds: float, now: float, chat_id: int | None = None) -> None:
        """Send nothing for so many seconds, to one chat or to all. A pause never shortens one that is running."""
        until = now + seconds
        if chat_id is None:
            self._paused_until = max(self._paused_until, until)
        else:
            chat = self._chat(chat_id)
            chat.paused_until = max(chat.paused_until, until)
        self._drop_idle(now)

    def _chat(self, chat_id: int) -> _Chat:
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._chats[chat_id] = _Chat(chat_id)
            heappush(self._idle, (-inf, chat_id))
        return chat

    def _drop_idle(self, now: float) -> None:
        while self._idle and self._idle[0][0] <= now:
            _, chat_id = heappop(self._idle)
            idle_from = self._chats[chat_id].idle_from()
            if idle_from <= now:
                del self._chats[chat_id]
            else:
                heappush(self._idle, (idle_from, chat_id))


def lead(audience: int, rate: float, minimum: timedelta) -> timedelta:
    """How long before an opening its alerts must begin, so that the last voter is notified before it (R24).

    `audience` is the number of messages, of all openings at that time together; `rate` is in messages a second. A tenth
    and a few seconds are added. Never less than `minimum`. A rate of 0 or a negative audience raises ValueError.
    """
    if not 0 < rate < inf or audience < 0:
        raise ValueError("A lead needs a rate above 0 and an audience that is not negative.")
    needed = timedelta(seconds=audience / rate * _LEAD_MARGIN + _LEAD_START) if audience else timedelta(0)
    return max(minimum, needed)


@dataclass(frozen=True, slots=True)
class Demand:
    """So many messages that may be sent from `since` on, and are worth nothing from `until` on (aware)."""

    messages: int
    since: datetime
    until: datetime


def late(demands: Iterable[Demand], now: datetime, rate: float) -> int:
    """How many messages have not left by their `until`, if what expires first is sent first, `rate` a second.

    Sending in this order leaves none late where any order leaves none late ("earliest deadline first").
    """
    ahead = sorted(
        (max(0.0, (each.since - now).total_seconds()), (each.until - now).total_seconds(), float(each.messages))
        for each in demands
    )
    waiting: list[tuple[float, float]] = []
    time, missed, following = 0.0, 0.0, 0
    while following < len(ahead) or waiting:
        if not waiting:
            time = max(time, ahead[following][0])
        while following < len(ahead) and ahead[following][0] <= time:
            heappush(waiting, ahead[following][1:])
            following += 1
        until, left = heappop(waiting)
        stops = until if following == len(ahead) else min(until, ahead[following][0])
        sent = min(left, max(0.0, stops - time) * rate)
        time += sent / rate
        if stops < until and sent < left - _ROUNDING:
            time = stops
            heappush(waiting, (until, left - sent))
        else:
            missed += left - sent
    return ceil(missed - _ROUNDING * (1 + len(ahead)))
