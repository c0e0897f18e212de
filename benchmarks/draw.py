"""What one fair draw costs, how even it makes the exposures, and what it gives away (R9, R10).

Run ``python -m benchmarks.draw``: about half a minute. Three policies side by side in one process:

- *sample*: `random.sample` over what the member has not seen;
- *least*: the least exposed first, chance only among equals;
- *ours*: `domain.draw.Display`.
"""

import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from random import Random
from secrets import SystemRandom
from time import perf_counter
from typing import Protocol

from domain.draw import Display

PAGE = 28
LEAVING = 0.2


class Policy(Protocol):
    def draw(self, seen: AbstractSet[int], size: int, rng: Random) -> list[int]: ...

    def shown(self, item_id: int) -> None: ...


class Sample:
    """`random.sample`, which knows no exposures."""

    def __init__(self, items: int) -> None:
        self._items = range(items)

    def draw(self, seen: AbstractSet[int], size: int, rng: Random) -> list[int]:
        unseen: Sequence[int] = [item for item in self._items if item not in seen] if seen else self._items
        return rng.sample(unseen, min(size, len(unseen)))

    def shown(self, item_id: int) -> None:
        pass


class Least:
    """Buckets by exposures, emptied from below."""

    def __init__(self, items: int) -> None:
        self._level = [0] * items
        self._buckets = {0: list(range(items))}
        self._place = list(range(items))

    def draw(self, seen: AbstractSet[int], size: int, rng: Random) -> list[int]:
        drawn: list[int] = []
        for level in sorted(self._buckets):
            bucket = self._buckets[level]
            unseen = [item for item in bucket if item not in seen] if seen else bucket
            drawn += rng.sample(unseen, min(size - len(drawn), len(unseen)))
            if len(drawn) == size:
                break
        return drawn

    def shown(self, item_id: int) -> None:
        level, place = self._level[item_id], self._place[item_id]
        bucket = self._buckets[level]
        last = bucket.pop()
        if last != item_id:
            bucket[place], self._place[last] = last, place
        if not bucket:
            del self._buckets[level]
        above = self._buckets.setdefault(level + 1, [])
        self._level[item_id], self._place[item_id] = level + 1, len(above)
        above.append(item_id)


def ours(items: int) -> Display:
    display = Display()
    for item in range(items):
        display.add(item, "any")
    return display


POLICIES: dict[str, Callable[[int], Policy]] = {"sample": Sample, "least": Least, "ours": ours}


def read(policy: Policy, drawn: list[int], rng: Random, levels: list[int]) -> None:
    for card in drawn:
        policy.shown(card)
        levels[card] += 1
        if rng.random() < LEAVING:
            return


def microseconds(act: Callable[[], object], seconds: float = 0.3) -> float:
    """The median over as many calls as fit."""
    spans: list[float] = []
    end = perf_counter() + seconds
    while perf_counter() < end:
        start = perf_counter()
        act()
        spans.append(perf_counter() - start)
    return statistics.median(spans) * 1e6


def cost() -> None:
    print(f"One draw of {PAGE}, microseconds (median), randomness of the operating system")
    print(f"{'items':>8}  {'the member has seen':<20}" + "".join(f"{name:>10}" for name in POLICIES))
    system = SystemRandom()
    for items in (1_000, 10_000, 100_000):
        rng = Random(items)
        policies = [make(items) for make in POLICIES.values()]
        for card in rng.choices(range(items), k=items * 2):  # Exposures as they are between two laps.
            for policy in policies:
                policy.shown(card)
        shuffled = rng.sample(range(items), items)
        readers = {"nothing": 0, "half": items // 2, "nine tenths": items * 9 // 10, "all but 10": items - 10}
        for reader, count in readers.items():
            seen = set(shuffled[:count])
            spans = [microseconds(partial(policy.draw, seen, PAGE, system)) for policy in policies]
            print(f"{items:>8,}  {reader:<20}" + "".join(f"{span:>10,.0f}" for span in spans))


def evenness() -> None:
    print(f"\nExposures after so many sessions, {LEAVING:.0%} of the readers leaving at each card (median of 9 runs)")
    print(f"{'items':>8}  {'sessions':<10}{'policy':<8}{'max/min':>10}{'max-min':>10}{'CV':>10}{'first max/min':>15}")
    for items, sessions in ((28, 100), (28, 1_000), (72, 1_000), (1_000, 20_000)):
        for name, make in POLICIES.items():
            runs: list[tuple[float, ...]] = []
            for seed in range(9 if items < 1_000 else 1):
                rng, policy, levels = Random(seed), make(items), [0] * items
                firsts: Counter[int] = Counter()
                for _ in range(sessions):
                    drawn = policy.draw(frozenset(), PAGE, rng)
                    firsts[drawn[0]] += 1
                    read(policy, drawn, rng, levels)
                high, low = max(levels), min(levels)
                spread = statistics.pstdev(levels) / statistics.mean(levels)
                leads = [firsts[item] for item in range(items)]
                runs.append((high / max(1, low), high - low, spread, max(leads) / max(1, min(leads))))
            ratio, gap, spread, lead = (statistics.median(column) for column in zip(*runs, strict=True))
            print(f"{items:>8,}  {sessions:<10,}{name:<8}{ratio:>10.3f}{gap:>10.0f}{spread:>10.4f}{lead:>15.2f}")


def guessing() -> None:
    print(f"\nWho knows every exposure and names the likeliest {PAGE}: hits in the next draw, as a multiple of chance")
    print(f"{'items':>8}  {'readers look at':<18}" + "".join(f"{name:>10}" for name in POLICIES))
    for items in (100, 1_000, 10_000):
        for habit, leaving in (("5 cards or so", LEAVING), ("every card", 0.0)):
            multiples = [guessed(make(items), items, leaving) for make in POLICIES.values()]
            print(f"{items:>8,}  {habit:<18}" + "".join(f"{multiple:>10.2f}" for multiple in multiples))


def guessed(policy: Policy, items: int, leaving: float, moments: int = 60, draws: int = 40) -> float:
    """The guess at many moments spread over the laps, each tried on many draws from the same state."""
    rng, levels = Random(7), [0] * items
    lap = items / PAGE if leaving == 0 else items * leaving
    hits = 0
    for moment in range(moments):
        for _ in range(int(lap * (6 if moment == 0 else 0.37)) + 1):
            for card in policy.draw(frozenset(), PAGE, rng):
                policy.shown(card)
                levels[card] += 1
                if rng.random() < leaving:
                    break
        likeliest = sorted((level, rng.random(), item) for item, level in enumerate(levels))[:PAGE]
        guess = {item for _, _, item in likeliest}
        hits += sum(len(guess.intersection(policy.draw(frozenset(), PAGE, rng))) for _ in range(draws))
    return hits / moments / draws / PAGE / (PAGE / items)


def hostility() -> None:
    rng, policy, levels = Random(11), ours(PAGE), [0] * PAGE
    for _ in range(1_000):
        read(policy, policy.draw(frozenset(), PAGE, rng), rng, levels)
    seen: set[int] = set()
    before, opens = list(levels), 20_000
    for _ in range(opens):
        for card in policy.draw(seen, PAGE, rng):
            if card not in seen:  # Only the first view per member, item and round counts.
                seen.add(card)
                policy.shown(card)
                levels[card] += 1
    moved = max((after - level) / level for after, level in zip(levels, before, strict=True))
    print(f"\nA rival opens {opens:,} draws of {PAGE} items and flips through all: {len(seen)} views count,")
    print(f"and the item that moves most moves by {moved:.2%}.")


if __name__ == "__main__":
    cost()
    evenness()
    guessing()
    hostility()
