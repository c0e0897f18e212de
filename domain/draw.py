"""The fair draw: which items one opening of the carousel shows, and in which order (R9, R10, R12).

Every draw gives each item on display a fresh key, ``exposures + U(0, band)``, and shows the lowest keys of the
items that the member has not seen. An item that has been shown less therefore comes sooner, which evens the
exposures out; and since the band is wide, the exposures alone say little about who comes next.

How wide? If a draw takes the ``size`` lowest of ``n`` keys, an item at the average is taken with probability
``size / n``. With ``band = SPREAD * n / size`` an item that lags by one exposure is ``1 + 1 / SPREAD`` times as
likely, whatever ``n`` is: enough to pull the exposures together (their standard deviation stays below
``sqrt(SPREAD / 2)``), too little to bet on. Where all items fit into one draw nothing but their order is secret, and
the band shrinks to `ORDER_SPREAD`. The few items that lag most are treated as if they had just as many exposures as
the next: one that is far behind catches up, but does not fill every draw. `benchmarks/draw.py` measures both sides.

The keys are never all made. Items of equal exposure stand in one bucket, and the keys of a bucket of ``n`` items are
``n`` uniform numbers, whose order statistics can be drawn one after another, lowest first. Merging the few buckets
gives the lowest keys of 100,000 items in as many steps as items are taken.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Container, Iterator
from heapq import heappop, heappush, heapreplace, nsmallest
from itertools import filterfalse
from random import Random

SPREAD = 6.0
"""Exposures by which an item must lag to be twice as likely as the average item to be drawn."""

ORDER_SPREAD = 2.0
"""Width of the band, in exposures, where every item is drawn and chance only decides the order."""

LEAD_SPREAD = 0.5
"""First places by which an item must lag to be twice as likely as the others of its draw to come first."""

_ONE_LAGS_IN = 32
"""Of so many items one may lag without being pulled harder than the rest, up to a full draw of them."""

_SCAN_SPEED = 16
"""Items that a scan looks at in the time in which one item is drawn."""


class _Pool:
    """Items in buckets of equal exposure; every change takes constant time, up to the number of distinct exposures."""

    __slots__ = ("_buckets", "_level", "_levels", "_place")

    def __init__(self) -> None:
        self._level: dict[int, int] = {}
        self._place: dict[int, int] = {}
        self._buckets: dict[int, list[int]] = {}
        self._levels: list[int] = []

    def __len__(self) -> int:
        return len(self._level)

    def __iter__(self) -> Iterator[int]:
        return iter(self._level)

    def level(self, item_id: int) -> int:
        return self._level[item_id]

    def lowest(self) -> int:
        return self._levels[0] if self._levels else 0

    def put(self, item_id: int, level: int) -> None:
        bucket = self._buckets.get(level)
        if bucket is None:
            bucket = self._buckets[level] = []
            insort(self._levels, level)
        self._level[item_id] = level
        self._place[item_id] = len(bucket)
        bucket.append(item_id)

    def take(self, item_id: int) -> int:
        """Remove an item and return its level."""
        level = self._level.pop(item_id)
        place = self._place.pop(item_id)
        bucket = self._buckets[level]
        last = bucket.pop()
        if last != item_id:
            bucket[place] = last
            self._place[last] = place
        if not bucket:
            del self._buckets[level]
            del self._levels[bisect_left(self._levels, level)]
        return level

    def floor(self, laggards: int) -> int:
        """The lowest level but for so many items, which may lie below it."""
        for level in self._levels:
            laggards -= len(self._buckets[level])
            if laggards < 0:
                return level
        return self._levels[-1]

    def by_key(self, band: float, floor: int, rng: Random) -> Iterator[int]:
        """All items by rising key ``max(level, floor) + U(0, band)``, each step at the cost of one bucket.

        The pool must not change while this runs.
        """
        random = rng.random
        place_of = self._place
        opened: list[tuple[float, int, list[int], int]] = []  # (next key, level, bucket, items already passed)
        levels = iter(self._levels)
        unopened = next(levels, None)
        while opened or unopened is not None:
            # A bucket's keys lie above its level, so it can wait until the merge has come that far.
            while unopened is not None and (not opened or unopened <= opened[0][0]):
                bucket = self._buckets[unopened]
                start = max(unopened, floor)
                lowest = start + band * (1.0 - random() ** (1.0 / len(bucket)))
                heappush(opened, (lowest, unopened, bucket, 0))
                unopened = next(levels, None)
            key, level, bucket, passed = opened[0]
            left = len(bucket) - passed
            chosen = passed + int(random() * left)
            item_id = bucket[chosen]
            if chosen != passed:  # A shuffle in place: the order inside a bucket has no meaning.
                other = bucket[passed]
                bucket[chosen], bucket[passed] = other, item_id
                place_of[other], place_of[item_id] = chosen, passed
            if left == 1:
                heappop(opened)
            else:
                # The lowest of the keys left, which are uniform between this key and the end of the bucket's band.
                end = max(level, floor) + band
                following = key + (end - key) * (1.0 - random() ** (1.0 / (left - 1)))
                heapreplace(opened, (following, level, bucket, passed + 1))
            yield item_id


class Display:
    """The items on display in a round, and the draws from them.

    It lives in memory, belongs to one event loop, and holds exposures only; who has seen what is the caller's to
    know. An item's *level* is its exposures, plus a head start if it joined late: that is the number to store and to
    hand to `add` after a restart.
    """

    def __init__(self) -> None:
        self._all = _Pool()
        self._shelves: dict[str, _Pool] = {}
        self._category: dict[int, str] = {}
        self._leads: dict[int, int] = {}
        self._leads_total = 0

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._category

    def add(self, item_id: int, category: str, shown: int | None = None) -> int:
        """Put an item on display and return the level at which it starts.

        `shown` is the stored level of an item that was on display before. Leave it out for a newcomer: it starts at
        the current minimum, for from 0 it would fill every draw until it had caught up (R9). Adding an item again
        raises ValueError.
        """
        if item_id in self._category:
            raise ValueError(f"Item {item_id} is on display already.")
        level = self._all.lowest() if shown is None else shown
        self._category[item_id] = category
        self._all.put(item_id, level)
        self._shelves.setdefault(category, _Pool()).put(item_id, level)
        average = self._leads_total // len(self._leads) if self._leads else 0
        self._leads[item_id] = average
        self._leads_total += average
        return level

    def remove(self, item_id: int) -> None:
        """Take an item off display; one that is not there is left alone."""
        category = self._category.pop(item_id, None)
        if category is None:
            return
        self._all.take(item_id)
        shelf = self._shelves[category]
        shelf.take(item_id)
        if not shelf:
            del self._shelves[category]
        self._leads_total -= self._leads.pop(item_id)

    def level(self, item_id: int) -> int:
        """The item's exposures including its head start. KeyError if it is not on display."""
        return self._all.level(item_id)

    def count(self, category: str | None = None) -> int:
        """How many items are on display, in one category or in all."""
        return len(self._pool(category))

    def shown(self, item_id: int) -> None:
        """Count one exposure.

        Call it at the *first* view per member, item and round only: then a rival who flips through the carousel all
        day adds one exposure to each item and no more. An item that has left the display is ignored.
        """
        category = self._category.get(item_id)
        if category is None:
            return
        for pool in (self._all, self._shelves[category]):
            pool.put(item_id, pool.take(item_id) + 1)

    def draw(
        self,
        seen: Container[int] | Callable[[int], bool],
        size: int,
        rng: Random,
        category: str | None = None,
    ) -> list[int]:
        """Draw up to `size` different items, those that the member has not seen first (R10).

        `seen` holds the items that the member saw in this round, or answers for one. If too few are unseen, seen
        ones fill the rest behind them. With a `category`, only its items are drawn (R12). In production `rng` is
        ``secrets.SystemRandom()``.
        """
        pool = self._pool(category)
        if size <= 0 or not pool:
            return []
        is_seen = seen if callable(seen) else seen.__contains__
        # One question to the system's randomness instead of a hundred: nothing of one draw is left for the next.
        dice = Random(rng.getrandbits(128))
        band = ORDER_SPREAD + SPREAD * max(0.0, len(pool) / size - 1.0)
        floor = pool.floor(min(size, len(pool) // _ONE_LAGS_IN))
        unseen, again = self._split(pool, is_seen, size, band, floor, dice)
        drawn = unseen + again[: size - len(unseen)]
        leader = self._leader(unseen or drawn, dice)
        drawn.remove(leader)
        return [leader, *drawn]

    @staticmethod
    def _split(
        pool: _Pool, is_seen: Callable[[int], bool], size: int, band: float, floor: int, dice: Random
    ) -> tuple[list[int], list[int]]:
        """The unseen items of lowest key, at most `size`, and seen ones enough to fill up with."""
        unseen: list[int] = []
        again: list[int] = []
        for item_id in pool.by_key(band, floor, dice):
            if not is_seen(item_id):
                unseen.append(item_id)
                if len(unseen) == size:
                    break
                continue
            again.append(item_id)
            if len(again) >= size and len(again) * size * _SCAN_SPEED > len(pool) * max(1, len(unseen)):
                # At this rate of seen ones, one look at every item is cheaper than to go on by chance.
                rest = filterfalse(is_seen, pool)
                unseen = nsmallest(size, rest, key=lambda item: max(pool.level(item), floor) + dice.random() * band)
                break
        return unseen, again

    def _leader(self, candidates: list[int], dice: Random) -> int:
        """The item for the first place, by the law of the draw itself, over first places instead of exposures.

        The first card is the one that everybody sees. The order of exposures alone leaves its distribution to chance.
        """
        band = LEAD_SPREAD * len(candidates)
        leads = self._leads
        leader = min(candidates, key=lambda item: leads[item] + dice.random() * band)
        leads[leader] += 1
        self._leads_total += 1
        return leader

    def _pool(self, category: str | None) -> _Pool:
        return self._all if category is None else self._shelves.get(category, _EMPTY)


_EMPTY = _Pool()
