"""Rate limits. Telegram does not publish its limits, so all of them are settings."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.errors import Misuse, too_many


@dataclass(slots=True)
class RateSettings:
    """The settings, in messages per second or minute."""

    enabled: bool = True
    global_per_second: float = 30
    paid_per_second: float = 1000  # with allow_paid_broadcast, for a bot that has the Stars
    chat_per_second: float = 1
    chat_burst: int = 8
    group_per_minute: float = 20

    def change(self, wanted: dict[str, Any]) -> None:
        """Change the given settings. Raises Misuse for an unknown name or a value that is not positive."""
        for name, value in wanted.items():
            if name not in self.__slots__:
                raise Misuse(f"There is no limit named {name}.")
            if name == "enabled":
                self.enabled = bool(value)
                continue
            if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
                raise Misuse(f"The limit {name} must be a number above zero.")
            setattr(self, name, int(value) if name == "chat_burst" else float(value))

    def as_json(self) -> dict[str, Any]:
        """All settings."""
        return asdict(self)


class _Window:
    """A sliding window: at most `rate` messages in any period."""

    __slots__ = ("taken",)

    def __init__(self) -> None:
        self.taken: deque[float] = deque()

    def wait(self, now: float, rate: float, period: float, count: int) -> float:
        """Seconds until `count` more messages fit; 0 if they fit now."""
        taken = self.taken
        while taken and taken[0] <= now - period:
            taken.popleft()
        allowed = max(1, int(rate))
        over = len(taken) + min(count, allowed) - allowed
        return 0.0 if over <= 0 else taken[over - 1] + period - now

    def take(self, now: float, count: int) -> None:
        self.taken.extend([now] * count)


class _Bucket:
    """A token bucket that refills evenly up to a burst."""

    __slots__ = ("level", "seen")

    def __init__(self, now: float, burst: float) -> None:
        self.level = burst
        self.seen = now

    def wait(self, now: float, rate: float, burst: float, count: int) -> float:
        self.level = min(burst, self.level + (now - self.seen) * rate)
        self.seen = now
        missing = min(count, burst) - self.level
        return 0.0 if missing <= 1e-9 else missing / rate

    def take(self, count: int) -> None:
        self.level -= count


class Limiter:
    """Counts messages and edits of bots, and refuses those above a limit (429 with `retry_after`)."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.rates = RateSettings()
        self.now = now
        self._all: dict[tuple[int, bool], _Window] = {}
        self._free: dict[int, _Window] = {}
        self._chats: dict[tuple[int, str], _Bucket] = {}
        self._groups: dict[tuple[int, str], _Window] = {}

    def spend(self, bot_id: int, chat_key: str, *, group: bool, count: int = 1, paid: bool = False) -> int:
        """Count `count` messages or edits in a chat ("" for an inline message). Raises 429 when over a limit.

        Returns how many of them must be paid for: with `paid`, those above the free overall rate.
        """
        rates = self.rates
        if not rates.enabled:
            return 0
        now = self.now()
        overall = self._all.setdefault((bot_id, paid), _Window())
        waits = [overall.wait(now, rates.paid_per_second if paid else rates.global_per_second, 1.0, count)]
        window: _Window | None = None
        bucket: _Bucket | None = None
        if chat_key and group:
            window = self._groups.setdefault((bot_id, chat_key), _Window())
            waits.append(window.wait(now, rates.group_per_minute, 60.0, count))
        elif chat_key:
            bucket = self._chats.setdefault((bot_id, chat_key), _Bucket(now, rates.chat_burst))
            waits.append(bucket.wait(now, rates.chat_per_second, rates.chat_burst, count))
        if (longest := max(waits)) > 0:
            raise too_many(max(1, math.ceil(longest)))
        overall.take(now, count)
        free = self._free.setdefault(bot_id, _Window())
        costs = count if paid and free.wait(now, rates.global_per_second, 1.0, count) > 0 else 0
        free.take(now, count - costs)
        if window is not None:
            window.take(now, count)
        if bucket is not None:
            bucket.take(count)
        return costs

    def clear(self) -> None:
        """Reset all counters."""
        self._all.clear()
        self._free.clear()
        self._chats.clear()
        self._groups.clear()
