"""Cost, evenness and predictability of a fair draw (R9, R10): ``python -m benchmarks.draw``, about a minute and a half.

Policies side by side in one process:

- *sample*: `random.sample` over the items that the member has not seen;
- *least*: buckets, the least exposed first, chance only among equals;
- *random()*: ``ORDER BY random() LIMIT 28`` in SQLite, in memory; as even and as unpredictable as *sample*;
- *indexed*: ``ORDER BY shown, random() LIMIT 28`` over an index; as even and as unpredictable as *least*;
- *ours*: `domain.draw.Display`.

Ends with the bounds that *ours* promises, and with exit code 1 if one is broken.
"""

import sqlite3
import statistics
import sys
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
"""The share of readers who leave at each card."""
MOST_MICROSECONDS, MOST_RATIO, MOST_CV, MOST_GUESSED, MOST_MOVED = 200, 1.10, 0.03, 2.0, 0.01


class Policy(Protocol):
    def draw(self, seen: AbstractSet[int], size: int, rng: Random) -> list[int]: ...

    def shown(self, item_id: int) -> None: ...


class Sample:
    """`random.sample`, which ignores exposures."""

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


class Sql:
    """A draw by the database alone, from the items that one member has not seen."""

    def __init__(self, items: int, order: str) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, shown INTEGER NOT NULL)")
        self._connection.execute("CREATE INDEX by_shown ON items (shown)")
        self._connection.execute("CREATE TABLE seen (item INTEGER PRIMARY KEY)")
        self._connection.executemany("INSERT INTO items VALUES (?, 0)", ((item,) for item in range(items)))
        self._query = (
            f"SELECT id FROM items WHERE NOT EXISTS (SELECT 1 FROM seen WHERE item = id) ORDER BY {order} LIMIT {PAGE}"
        )

    def has_seen(self, seen: AbstractSet[int]) -> None:
        self._connection.execute("DELETE FROM seen")
        self._connection.executemany("INSERT INTO seen VALUES (?)", ((item,) for item in seen))

    def draw(self, seen: AbstractSet[int], size: int, rng: Random) -> list[int]:
        return [item for (item,) in self._connection.execute(self._query)]

    def shown(self, item_id: int) -> None:
        self._connection.execute("UPDATE items SET shown = shown + 1 WHERE id = ?", (item_id,))


def ours(items: int) -> Display:
    return Display((item, "any", 0) for item in range(items))


POLICIES: dict[str, Callable[[int], Policy]] = {"sample": Sample, "least": Least, "ours": ours}
BY_SQL: dict[str, Callable[[int], Sql]] = {
    "random()": partial(Sql, order="random()"),
    "indexed": partial(Sql, order="shown, random()"),
}


def read(policy: Policy, drawn: list[int], rng: Random, levels: list[int]) -> None:
    for card in drawn:
        policy.shown(card)
        levels[card] += 1
        if rng.random() < LEAVING:
            return


def microseconds(act: Callable[[], object], seconds: float = 0.25) -> float:
    """Median duration over as many calls as fit."""
    spans: list[float] = []
    end = perf_counter() + seconds
    while perf_counter() < end:
        start = perf_counter()
        act()
        spans.append(perf_counter() - start)
    return statistics.median(spans) * 1e6


def draw_of(policy: Policy, seen: set[int], items: int, rng: Random) -> Callable[[], object]:
    """A draw with the database's answer about a reader: what they have seen, or the rest if they have seen most."""
    if isinstance(policy, Display) and 2 * len(seen) > items:
        unseen = [item for item in range(items) if item not in seen]
        return lambda: policy.draw_unseen(unseen, PAGE, rng)
    return lambda: policy.draw(seen, PAGE, rng)


def cost() -> float:
    """Print the cost of draws; returns the microseconds of the most expensive of ours."""
    print(f"One draw of {PAGE}, microseconds (median), randomness of the operating system")
    makers = {**POLICIES, **BY_SQL}
    print(f"{'items':>8}  {'the member has seen':<20}" + "".join(f"{name:>10}" for name in makers))
    system, dearest = SystemRandom(), 0.0
    for items in (1_000, 10_000, 100_000):
        rng = Random(items)
        policies = {name: make(items) for name, make in makers.items()}
        for card in rng.choices(range(items), k=items * 2):  # Typical exposures in the middle of a cycle.
            for policy in policies.values():
                policy.shown(card)
        shuffled = rng.sample(range(items), items)
        readers = {"nothing": 0, "half": items // 2, "nine tenths": items * 9 // 10, "all but 10": items - 10}
        for reader, count in readers.items():
            seen = set(shuffled[:count])
            spans: dict[str, float] = {}
            for name, policy in policies.items():
                if isinstance(policy, Sql):
                    policy.has_seen(seen)
                spans[name] = microseconds(draw_of(policy, seen, items, system))
            dearest = max(dearest, spans["ours"])
            print(f"{items:>8,}  {reader:<20}" + "".join(f"{span:>10,.0f}" for span in spans.values()))
    return dearest


def evenness() -> tuple[float, float]:
    """Print the evenness of exposures; returns the worst (max/min, CV) of ours after 1,000 sessions or more."""
    print(f"\nExposures by number of sessions, {LEAVING:.0%} of the readers leaving at each card (median of 9 runs)")
    print(f"{'items':>8}  {'sessions':<10}{'policy':<8}{'max/min':>10}{'max-min':>10}{'CV':>10}{'first max/min':>15}")
    promised = []
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
            if name == "ours" and sessions >= 1_000:
                promised.append((ratio, spread))
    return max(ratio for ratio, _ in promised), max(spread for _, spread in promised)


def guessing() -> float:
    """Print what an observer can guess; returns the worst multiple of chance of ours at 1,000 items."""
    print(f"\nAn observer of every exposure names the likeliest {PAGE}: hits in the next draw, as a multiple of chance")
    print(f"{'items':>8}  {'readers look at':<18}" + "".join(f"{name:>10}" for name in POLICIES))
    worst = 0.0
    for items in (100, 1_000, 10_000):
        for habit, leaving in (("5 cards or so", LEAVING), ("every card", 0.0)):
            multiples = {name: guessed(make(items), items, leaving) for name, make in POLICIES.items()}
            print(f"{items:>8,}  {habit:<18}" + "".join(f"{multiple:>10.2f}" for multiple in multiples.values()))
            if items == 1_000:
                worst = max(worst, multiples["ours"])
    return worst


def guessed(policy: Policy, items: int, leaving: float, moments: int = 60, draws: int = 40) -> float:
    """The guess at many moments of a cycle, each tried on many draws from the same state."""
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


def hostility() -> float:
    """Print how far rivals move items by opening draws; returns the largest move as a share of the exposures."""
    print("\nA rival opens 20,000 draws of 28 items and shows a competitor's item to as many accounts as they have")
    print(f"{'members before':>15}{'accounts':>10}  {'way':<28}{'views that count':>17}{'moved most by':>15}")
    worst = 0.0
    for members, accounts in ((1_000, 1), (10_000, 10), (10_000, 17), (100_000, 100)):
        for way, until_seen in (("everything is looked at", False), ("until the competitor is seen", True)):
            counted, moved = burnt(members, accounts, until_seen=until_seen)
            worst = max(worst, moved)
            print(f"{members:>15,}{accounts:>10}  {way:<28}{counted:>17,}{moved:>15.2%}")
    print("An account moves an item by one view at most, and only once a round: more takes more accounts.")
    return worst


def burnt(members: int, accounts: int, *, until_seen: bool, opens: int = 20_000) -> tuple[int, float]:
    """Views that count, and the share by which the item that moves most has moved against the average."""
    rng, display, levels = Random(11), ours(PAGE), [0] * PAGE
    for _ in range(members):
        read(display, display.draw(frozenset(), PAGE, rng), rng, levels)
    before, target = list(levels), 0
    for _ in range(accounts):
        seen: set[int] = set()
        for _ in range(opens // accounts):
            if until_seen and target in seen:
                break
            drawn = display.draw(seen, PAGE, rng)
            for card in drawn[:1] if until_seen else drawn:  # 🎲 again and again, or ▶️ to the end
                if card not in seen:  # Only the first view per member, item and round counts.
                    seen.add(card)
                    display.shown(card)
                    levels[card] += 1
    moves = [(after - level) / level for after, level in zip(levels, before, strict=True)]
    return sum(levels) - sum(before), max(moves)


def main() -> int:
    """Measure and print everything; returns 1 if a bound is broken."""
    dearest = cost()
    ratio, spread = evenness()
    multiple = guessing()
    moved = hostility()
    print("\nBounds that ours promises")
    promises = (
        ("the dearest draw, microseconds", dearest, MOST_MICROSECONDS),
        ("max/min from 1,000 sessions on", ratio, MOST_RATIO),
        ("coefficient of variation of the same", spread, MOST_CV),
        ("the best guess at 1,000 items, times chance", multiple, MOST_GUESSED),
        ("hostile opening moves an item by", moved, MOST_MOVED),
    )
    for name, value, most in promises:
        print(f"  {name:<45}{value:>9.4g}   at most {most:<6g}{'' if value <= most else '  BROKEN'}")
    return int(any(value > most for _, value, most in promises))


if __name__ == "__main__":
    sys.exit(main())
