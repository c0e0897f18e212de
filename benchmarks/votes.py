"""Votes per second of the service and their latency, beside a bare insert (R14-R19): ``python -m benchmarks.votes``.

Takes about half a minute. Each case uses its own SQLite file, committed to the disk (``synchronous=FULL``), in
alternating rounds of one process, so that other load on the machine affects all alike:

- *bare*: one ``INSERT`` through aiosqlite: no rules, no count, no purse;
- *spread*: `Voting.cast`, the votes spread over forty items;
- *hot*: `Voting.cast`, every vote for the same item.

With the address of an empty PostgreSQL database as argument the last two run there, and *bare* is left out.

Each runs with one member after the other, and with fifty at once. Every vote is by another member and is judged in
full.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from time import perf_counter, process_time

import aiosqlite
from sqlalchemy import insert

from bot.services import Services, make_services
from bot.settings import Settings
from domain.goods import ItemState
from domain.people import Member
from services.clock import SystemClock
from storage import models, people
from storage.db import Database
from storage.migrate import migrate

ROUNDS = 7
VOTES = 400
"""Votes per case and round."""
AT_ONCE = (1, 50)
ITEMS = 40
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)

Act = Callable[[], Awaitable[None]]


@dataclass
class Case:
    """One way to vote, with the number of simultaneous members and the measurements: votes per second, seconds per
    vote, and CPU seconds of this process per vote, which other load changes least."""

    name: str
    at_once: int
    acts: Iterator[Act]
    rates: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    async def run(self) -> None:
        """One round."""
        acts = [next(self.acts) for _ in range(VOTES)]

        async def tap_repeatedly() -> None:
            while acts:
                act = acts.pop()
                began = perf_counter()
                await act()
                self.waits.append(perf_counter() - began)

        began, used = perf_counter(), process_time()
        await asyncio.gather(*(tap_repeatedly() for _ in range(self.at_once)))
        self.rates.append(VOTES / (perf_counter() - began))
        self.costs.append((process_time() - used) / VOTES)

    def reset(self) -> None:
        """Discard the measurements of the warm-up."""
        for measured in (self.rates, self.waits, self.costs):
            measured.clear()


async def stock(db: Database, members: int) -> list[Member]:
    """Create a display of forty items, and members with ballots."""
    async with db.write() as connection:
        await connection.execute(insert(models.ShopRow).values(id=1, name="shop"))
        await connection.execute(
            insert(models.PictureRow).values(id=1, digest="d", content=b"", width=1, height=1, wanted_at=NOON)
        )
        await connection.execute(
            insert(models.RoundRow).values(id=1, opens_at=NOON, closes_at=NOON + timedelta(days=1), opened_at=NOON)
        )
        item = {"shop_id": 1, "title": "x", "category": "home", "original_fen": 200, "expected_fen": 100, "stock": 9}
        item |= {"lead_days": 1, "url": "x", "picture_id": 1, "state": ItemState.ON_DISPLAY, "round_id": 1}
        await connection.execute(
            insert(models.ItemRow), [{**item, "id": n, "ref": f"r{n}"} for n in range(1, ITEMS + 1)]
        )
        numbers = range(1, members + 1)
        await connection.execute(
            insert(models.MemberRow), [{"id": n, "chat_id": n, "joined_at": NOON, "seen_at": NOON} for n in numbers]
        )
        grant = {"ballots": 5, "reason": "benchmark", "actor": "benchmark", "at": NOON}
        await connection.execute(insert(models.GrantRow), [{**grant, "member_id": n} for n in numbers])
    found: list[Member] = []
    async with db.read() as connection:
        for number in range(1, members + 1):
            if member := await people.by_id(connection, number):
                found.append(member)
    return found


def casting(services: Services, members: Iterator[Member], items: Iterator[int]) -> Iterator[Act]:
    """Votes through the service, each by the next member for the next item."""
    for member, item in zip(members, items, strict=False):

        async def act(member: Member = member, item: int = item) -> None:
            answer = await services.voting.cast(member, item)
            assert answer.refused is None, answer.refused

        yield act


def inserting(connection: aiosqlite.Connection) -> Iterator[Act]:
    """Inserts through the driver alone."""
    for number in count(1):

        async def act(number: int = number) -> None:
            await connection.execute(
                "INSERT INTO bare (item_id, member_id, cast_at) VALUES (?, ?, ?)", (number % ITEMS, number, "now")
            )

        yield act


def spread() -> Iterator[int]:
    """The items, one after the other."""
    return (number % ITEMS + 1 for number in count())


def hot() -> Iterator[int]:
    """The same item every time."""
    return (1 for _ in count())


def show(cases: list[Case]) -> None:
    """Print the table: medians of the rates over the rounds, and the latency of a vote."""
    bare = {case.at_once: statistics.median(case.rates) for case in cases if case.name == "bare"}
    print(f"\n{'':10}{'at once':>8}{'votes/s':>10}{'of bare':>9}{'p50':>10}{'p99':>10}{'CPU':>11}")
    for case in cases:
        rate = statistics.median(case.rates)
        waits = statistics.quantiles(case.waits, n=100)
        of_bare = f"{rate / bare[case.at_once]:.2f}" if bare else ""
        print(
            f"{case.name:10}{case.at_once:>8}{rate:>10.0f}{of_bare:>9}"
            f"{waits[49] * 1000:>7.2f} ms{waits[98] * 1000:>7.2f} ms"
            f"{statistics.median(case.costs) * 1e6:>8.0f} µs"
        )


async def main(folder: Path, url: str | None) -> None:
    """Measure and print."""
    db = Database(url or f"sqlite+aiosqlite:///{folder}/votes.db")
    await migrate(db)
    services = make_services(db, Settings(_env_file=None), SystemClock(lambda: NOON + timedelta(minutes=1)))  # type: ignore[call-arg]
    members = iter(await stock(db, (ROUNDS + 1) * VOTES * len(AT_ONCE) * 2))
    async with aiosqlite.connect(folder / "bare.db", isolation_level=None) as connection:
        await connection.execute("PRAGMA journal_mode=WAL")
        await connection.execute("PRAGMA synchronous=FULL")
        await connection.execute(
            "CREATE TABLE bare (id INTEGER PRIMARY KEY, item_id INTEGER, member_id INTEGER, cast_at TEXT)"
        )
        cases = [
            case
            for at_once in AT_ONCE
            for case in (
                Case("bare", at_once, inserting(connection)),
                Case("spread", at_once, casting(services, members, spread())),
                Case("hot", at_once, casting(services, members, hot())),
            )
            if case.name != "bare" or url is None
        ]
        for case in cases:  # to warm up
            await case.run()
            case.reset()
        for number in range(ROUNDS):
            for case in cases if number % 2 else reversed(cases):
                await case.run()
    show(cases)
    await db.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(main(Path(place), *(sys.argv[1:] or [None])))
