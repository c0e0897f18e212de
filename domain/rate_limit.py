"""How fast may be sent: Telegram's limits as a small state machine, and the lead that alerts need (R24, R27).

Time is an argument: seconds of a monotonic clock, as a float. Nothing here waits.
"""

from bisect import insort
from collections import deque
from dataclasses import dataclass, replace
from datetime import timedelta
from heapq import heappop, heappush
from math import ceil, inf

CATCH_UP = 0.004
"""Seconds by which a late sender may hasten its next message. More would turn every stall into a burst."""

_TOLERANCE = 1.02
"""Windows are this much longer than the limit asks, for messages travel unevenly and Telegram counts on arrival."""

_SEVERAL = 5.0
"""Seconds within which two chats must be refused for it to be the limit of all, and not each chat's own."""

_SHARED_TOLERANCE = 1.015
"""The same for several senders, who also tell when each of their messages left."""

_HASTE = 0.8
"""Their turns may be that much of an even distance apart."""

LATEST = 0.1
"""Seconds after its turn at which a message may leave at the latest."""

_MOST_LOOKED_AT = 200
"""Turns that are remembered. A higher rate keeps its limit within a part of each second."""

_PER_CHAT = (1, 1.0 * _TOLERANCE)
_PER_GROUP = (20, 60.0 * _TOLERANCE)

_LEAD_MARGIN = 1.1
_LEAD_START = 5.0
"""Seconds for waking up and for messages already in flight."""


class _Limit:
    """At most `count` messages in any `span` seconds."""

    __slots__ = ("_span", "_times")

    def __init__(self, count: int, span: float) -> None:
        self._span = span
        self._times: deque[float] = deque(maxlen=count)

    def free_at(self) -> float:
        return self._times[0] + self._span if len(self._times) == self._times.maxlen else -inf

    def took(self, now: float) -> None:
        self._times.append(now)

    def forgettable_at(self) -> float:
        return self._times[-1] + self._span if self._times else -inf


class _Chat:
    """One chat's limits: a message a second and, in a group, 20 a minute (Bot API FAQ, "Broadcasting to users")."""

    __slots__ = ("limits", "paused_until")

    def __init__(self, chat_id: int) -> None:
        self.paused_until = -inf
        self.limits = [_Limit(*_PER_CHAT)] + ([_Limit(*_PER_GROUP)] if chat_id < 0 else [])

    def free_at(self) -> float:
        return max(self.paused_until, *(limit.free_at() for limit in self.limits))

    def forgettable_at(self) -> float:
        return max(self.paused_until, *(limit.forgettable_at() for limit in self.limits))


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

    def took(self, now: float) -> None:
        # From the time at which it was due, if that is not long past: a timer that fires late costs no speed.
        self._due = max(self._due, now - CATCH_UP) + self._interval
        self._limit.took(now)


@dataclass(frozen=True, slots=True)
class SlotLedger:
    """The last turns that several senders took, in seconds of the clock that all of them go by.

    `due` is the earliest time of the next one. `left` is in order: of each of the last turns when its message left, or,
    as long as nobody has said that, the latest moment at which it may.
    """

    due: float
    left: tuple[float, ...] = ()

    def take(self, now: float, rate: float) -> tuple[float, "SlotLedger"]:
        """The next turn, not before `now`, and the turns with it; `rate` is in messages a second.

        However late messages leave within `LATEST`, never more than `rate` of them fall into any second. Turns follow
        each other a little faster than that: so what one message was late is made good by the next ones.
        """
        count = min(ceil(rate), _MOST_LOOKED_AT)
        turn = max(now, self.due)
        if len(self.left) >= count:
            turn = max(turn, self.left[-count] + _SHARED_TOLERANCE * count / rate)
        return turn, SlotLedger(turn + _HASTE / rate, tuple(sorted((*self.left, turn + LATEST))[-count:]))

    def told(self, turn: float, left: float | None) -> "SlotLedger":
        """The turns with what became of one: its message left then, or, for None, not at all."""
        rest = list(self.left)
        if turn + LATEST in rest:
            rest.remove(turn + LATEST)
            if left is not None:
                insort(rest, left)
        return replace(self, left=tuple(rest))

    def closed(self, until: float) -> "SlotLedger":
        """The turns where nobody sends before this moment; a longer pause stays as it is."""
        return replace(self, due=max(self.due, until))


class RateLimiter:
    """Says when the next message may go out, to anyone and to one chat.

    All sends together keep an even distance of ``1 / rate`` seconds, and never more than `rate` of them fall into any
    1.02 seconds, also after a stall. Ask and take without giving way to others in between::

        if pace.next_free(chat_id, now) <= now:
            pace.took(chat_id, now)
            ...  # send

    Messages that are paid for have a rate of their own; chats' limits and pauses hold for them as for all.
    Memory is bounded by the chats written to in the last minute and those that are paused.
    """

    def __init__(self, rate: float, paid_rate: float | None = None) -> None:
        """Rates are in messages a second, above 0 (else ValueError). A fraction is rounded up within a window only."""
        self._free = _RateLane(rate)
        self._paid = _RateLane(paid_rate) if paid_rate is not None else self._free
        self._paused_until = -inf
        self._silent_until = -inf
        self._refused: tuple[int | None, float] = (None, -inf)
        self._chats: dict[int, _Chat] = {}
        self._forget: list[tuple[float, int]] = []  # A heap with one entry for each chat, never later than true.

    def __len__(self) -> int:
        """How many chats are remembered."""
        return len(self._chats)

    def next_free(self, chat_id: int | None, now: float, *, paid: bool = False) -> float:
        """The first time, not before `now`, at which a message to this chat may go out.

        None stands for a message of no chat that the bot knows, which only the overall rate holds back.
        """
        lane = self._paid if paid else self._free
        free = max(now, self._paused_until, lane.free_at())
        chat = self._chats.get(chat_id) if chat_id is not None else None
        return free if chat is None else max(free, chat.free_at())

    def took(self, chat_id: int | None, now: float, *, paid: bool = False) -> None:
        """Count a message that goes out to this chat, or to none that is known, at `now`."""
        (self._paid if paid else self._free).took(now)
        if chat_id is not None:
            self.went(chat_id, now)
        self._forget_idle(now)

    def went(self, chat_id: int, at: float) -> None:
        """Count a message that went to this chat before, as by a process that was stopped since."""
        for limit in self._remember(chat_id).limits:
            limit.took(at)

    def refused(self, chat_id: int | None, seconds: float, now: float) -> bool:
        """Telegram's 429 with its `retry_after` in answer to a message to this chat, or to none that is known.

        The chat waits for so long. Where another chat was refused just before, the limit is everybody's, and all do.
        Returns whether all wait.
        """
        before, at = self._refused
        everyone = chat_id is None or (before not in (None, chat_id) and now - at < _SEVERAL)
        self._refused = (chat_id, now)
        self.pause(seconds, now, chat_id)
        if everyone:
            self.pause(seconds, now)
            self._silent_until = max(self._silent_until, now + seconds)
        return everyone

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
            chat = self._remember(chat_id)
            chat.paused_until = max(chat.paused_until, until)
        self._forget_idle(now)

    def _remember(self, chat_id: int) -> _Chat:
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._chats[chat_id] = _Chat(chat_id)
            heappush(self._forget, (-inf, chat_id))
        return chat

    def _forget_idle(self, now: float) -> None:
        while self._forget and self._forget[0][0] <= now:
            _, chat_id = heappop(self._forget)
            forgettable_at = self._chats[chat_id].forgettable_at()
            if forgettable_at <= now:
                del self._chats[chat_id]
            else:
                heappush(self._forget, (forgettable_at, chat_id))


def lead(audience: int, rate: float, minimum: timedelta) -> timedelta:
    """How long before an opening its alerts must begin, so that the last voter is told before it (R24).

    `audience` is the number of messages, of all openings at that time together; `rate` is in messages a second. A tenth
    and a few seconds are added. Never less than `minimum`. A rate of 0 or a negative audience raises ValueError.
    """
    if not 0 < rate < inf or audience < 0:
        raise ValueError("A lead needs a rate above 0 and an audience that is not negative.")
    needed = timedelta(seconds=audience / rate * _LEAD_MARGIN + _LEAD_START) if audience else timedelta(0)
    return max(minimum, needed)
