"""How well brushing is found, beside FRAUDAR and CopyCatch: ``python -m benchmarks.brushing``.

Worlds of ten rounds with three honest canvassing bursts each (`benchmarks/brushing_worlds`), every kind of attack and
none. Thresholds of the two rivals are tuned on seeds of their own. Ends with the table of targets, and with exit code 1
if one is missed.

``--held-out`` takes seeds from 20,000 on, which nothing was tuned on; without it they begin at 1,000, to look into;
``--first SEED`` takes others. ``--worlds N`` worlds of each kind (20), ``--honest N`` honest ones (40),
``--generator market|street|town|harbour|all``, ``--members N`` fixes the size, ``--no-rivals`` leaves the comparison
out, ``--twists`` adds a line for each twist, ``--show`` names the worlds that are off,
``--speed`` measures time and memory for 100,000 votes instead.
"""

from __future__ import annotations

import argparse
import resource
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter, process_time

from benchmarks.brushing_worlds import harbour, market, street, town
from benchmarks.brushing_worlds.rivals import Block, copycatch, fraudar
from benchmarks.brushing_worlds.world import Attack, World
from domain.brushing.detection.ballot_box import BallotBox, ballot_box
from domain.brushing.detection.detector import examine

GENERATORS = {"market": market.make, "street": street.make, "town": town.make, "harbour": harbour.make}
TUNING, LOOKED_INTO, HELD_OUT = range(100, 104), 1_000, 20_000
"""Seeds: of the rivals' thresholds, the first one to look into and to tune on, the first one to report."""
F1, GOODS, SINGLE_PRECISION, SINGLE_RECALL, HONEST_WORLDS, HONEST_VOTERS = 0.95, 0.95, 0.95, 0.90, 0.01, 0.001
SECONDS, MEGABYTES = 10.0, 500.0


@dataclass(slots=True)
class Tally:
    """Counts over worlds: right, found and true accounts and goods; honest voters, and such that were set aside."""

    worlds: int = 0
    accounts: list[int] = field(default_factory=lambda: [0, 0, 0])
    goods: list[int] = field(default_factory=lambda: [0, 0, 0])
    honest: int = 0
    set_aside: int = 0
    flagged: int = 0
    off: list[str] = field(default_factory=list)

    def add(self, world: World, accounts: set[str], goods: set[str], name: str) -> None:
        right = [len(accounts & world.accounts), len(accounts), len(world.accounts)]
        goods_right = [len(goods & world.goods), len(goods), len(world.goods)]
        self.worlds += 1
        self.accounts = [a + b for a, b in zip(self.accounts, right, strict=True)]
        self.goods = [a + b for a, b in zip(self.goods, goods_right, strict=True)]
        self.honest += len({vote.member for vote in world.votes} - world.accounts)
        self.set_aside += len(accounts - world.accounts)
        self.flagged += bool(goods)
        if right[0] < 0.9 * max(right[1:]) or goods_right[0] < max(goods_right[1:]):
            self.off.append(f"{name}: {world.setting}; accounts {right}, goods {goods_right} (right, found, true)")


def precision(counts: list[int]) -> float:
    """The part of what was found that is true; 1 where nothing was found and nothing is true."""
    return counts[0] / counts[1] if counts[1] else float(counts[2] == 0)


def recall(counts: list[int]) -> float:
    """The part of what is true that was found."""
    return counts[0] / counts[2] if counts[2] else 1.0


def f1(counts: list[int]) -> float:
    """The harmonic mean of both."""
    p, r = precision(counts), recall(counts)
    return 2 * p * r / (p + r) if p + r else 0.0


def ours(world: World) -> tuple[set[str], set[str]]:
    """The accounts and goods that the detector suspects."""
    suspect = [finding for finding in examine(world.votes) if finding.sets_aside]
    accounts = {account.member for finding in suspect for account in finding.accounts}
    return accounts, {good.item for finding in suspect for good in finding.goods}


def rival(box: BallotBox, blocks: list[Block], threshold: float) -> tuple[set[str], set[str]]:
    """What a rival suspects: its blocks above the threshold."""
    above = [block for block in blocks if block.measure > threshold]
    accounts = {box.members[at] for block in above for at in block.accounts}
    return accounts, {box.items[at] for block in above for at in block.goods}


RIVALS: dict[str, Callable[[BallotBox], list[Block]]] = {
    "FRAUDAR": fraudar,
    "CopyCatch": lambda box: copycatch(box, 1),
}


def tuned(make: Callable[..., World], members: int | None) -> dict[str, float]:
    """For each rival the threshold with the best F1 over accounts on the tuning seeds, honest worlds included."""
    seen: dict[str, list[tuple[World, BallotBox, list[Block]]]] = {name: [] for name in RIVALS}
    for kind in (Attack.HONEST, Attack.PLAIN, Attack.POPULAR_CAMOUFLAGE, Attack.HIJACKED):
        for seed in TUNING:
            world = make(seed, kind, members)
            box = ballot_box(world.votes)
            for name, detect in RIVALS.items():
                seen[name].append((world, box, detect(box)))
    best = {}
    for name, worlds in seen.items():
        measures = sorted({block.measure for _, _, blocks in worlds for block in blocks})
        tried = [0.0, *(measures[int(part * (len(measures) - 1) / 20)] for part in range(21))]
        scores = {}
        for threshold in tried:
            tally = Tally()
            for world, box, blocks in worlds:
                tally.add(world, *rival(box, blocks, threshold), "")
            scores[threshold] = f1(tally.accounts)
        best[name] = max(scores, key=lambda threshold: scores[threshold])
    return best


@dataclass(frozen=True, slots=True)
class Target:
    """A figure, and what it has to be: at least `limit`, or at most where `at_most`."""

    what: str
    value: float
    limit: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.value <= self.limit if self.at_most else self.value >= self.limit


def targets_of(kind: Attack, tally: Tally) -> list[Target]:
    """The targets of the worlds of one kind."""
    name, a, g = kind.value, tally.accounts, tally.goods
    if kind is Attack.HONEST:
        flagged = tally.flagged / max(tally.worlds, 1)
        return [Target("honest worlds with any good flagged", flagged, HONEST_WORLDS, at_most=True)]
    if kind is Attack.SINGLE_BATCH:
        return [
            Target(f"{name}: precision over accounts", precision(a), SINGLE_PRECISION),
            Target(f"{name}: recall over accounts", recall(a), SINGLE_RECALL),
        ]
    return [
        Target(f"{name}: F1 over accounts", f1(a), F1),
        Target(f"{name}: precision over goods", precision(g), GOODS),
        Target(f"{name}: recall over goods", recall(g), GOODS),
    ]


def measure(options: argparse.Namespace, generator: str) -> bool:
    """Print the tables of one generator; whether every target is met."""
    make, first = GENERATORS[generator], options.first
    thresholds = {} if options.no_rivals else tuned(make, options.members)
    print(f"\nGenerator {generator}, seeds from {first} on; thresholds of the rivals: {thresholds}")
    print(
        f"{'attack':20} worlds | accounts P     R     F1 | goods P     R |" + " ".join(f" {n} F1" for n in thresholds)
    )
    targets, honest, wrong = list[Target](), 0, 0
    for kind in Attack:
        number = options.honest if kind is Attack.HONEST else options.worlds
        tally, others, by_twist = Tally(), {name: Tally() for name in thresholds}, defaultdict[str, Tally](Tally)
        for seed in range(first, first + number):
            world = make(seed, kind, options.members)
            found, name = ours(world), f"{generator} {kind.value} {seed} {world.twist}"
            by_twist[world.twist].add(world, *found, name)
            if not world.promised:
                continue
            tally.add(world, *found, name)
            if thresholds:
                box = ballot_box(world.votes)
                for name, threshold in thresholds.items():
                    others[name].add(world, *rival(box, RIVALS[name](box), threshold), "")
        honest, wrong = honest + tally.honest, wrong + tally.set_aside
        a, g = tally.accounts, tally.goods
        print(
            f"{kind.value:20} {tally.worlds:6} |   {precision(a):.3f} {recall(a):.3f} {f1(a):.3f}   |"
            f" {precision(g):.3f} {recall(g):.3f} |" + " ".join(f"      {f1(o.accounts):.3f}" for o in others.values()),
            flush=True,
        )
        if len(by_twist) > 1 and (options.twists or kind is Attack.HONEST):
            print_twists(by_twist)
        if options.show:
            print("".join(f"    {line}\n" for line in tally.off), end="")
        if kind is Attack.HONEST:
            flags = ", ".join(f"{name} {o.flagged}" for name, o in others.items())
            print(f"    honest worlds with any good flagged: {tally.flagged} of {tally.worlds}; {flags}")
        targets += targets_of(kind, tally)
    print(f"honest voters set aside: {wrong} of {honest}")
    targets.append(Target("honest voters set aside", wrong / max(honest, 1), HONEST_VOTERS, at_most=True))
    for each in targets:
        sign, verdict = "≤" if each.at_most else "≥", "met" if each.met else "MISSED"
        print(f"    {each.what:42} {each.value:8.4f}   {sign} {each.limit:<6} {verdict}")
    return all(each.met for each in targets)


def print_twists(tallies: Mapping[str, Tally]) -> None:
    """A line for each twist of the worlds of a kind."""
    for twist, tally in sorted(tallies.items()):
        a, g = tally.accounts, tally.goods
        print(
            f"    {twist:28} {tally.worlds:3} | {precision(a):.3f} {recall(a):.3f} {f1(a):.3f} |"
            f" {precision(g):.3f} {recall(g):.3f} | flagged {tally.flagged}"
        )


def speed() -> bool:
    """Time and memory of the detector for 100,000 votes of ten rounds; whether both targets are met."""
    for seed in range(HELD_OUT, HELD_OUT + 200):
        world = market.make(seed, Attack.POPULAR_CAMOUFLAGE, 20_000)
        if len(world.votes) >= 100_000:
            break
    votes = world.votes[:100_000]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, cpu = perf_counter(), process_time()
    examine(votes)
    seconds, cpu = perf_counter() - started, process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    print(f"{len(votes)} votes: {seconds:.1f} s, {cpu:.1f} s of CPU; peak of the process {peak / unit:.0f} MB,")
    print(f"of which {(peak - before) / unit:.0f} MB more than the generator needed")
    return seconds <= SECONDS and peak / unit <= MEGABYTES


def main() -> int:
    """Measure what the options say; the exit code."""
    parser = argparse.ArgumentParser(description="How well brushing is found.")
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--honest", type=int, default=40)
    parser.add_argument("--generator", choices=[*GENERATORS, "all"], default="all")
    parser.add_argument("--held-out", dest="first", action="store_const", const=HELD_OUT, default=LOOKED_INTO)
    parser.add_argument("--first", type=int)
    parser.add_argument("--members", type=int)
    parser.add_argument("--no-rivals", action="store_true")
    parser.add_argument("--twists", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    if options.speed:
        return 0 if speed() else 1
    chosen = list(GENERATORS) if options.generator == "all" else [options.generator]
    return 0 if all([measure(options, name) for name in chosen]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
