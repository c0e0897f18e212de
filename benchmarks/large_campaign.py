"""A round opens for a million members: queueing time of their carousels, and vote latency meanwhile (R13, R19).

``python -m benchmarks.large_campaign [--members N] [--url ADDRESS]`` takes some minutes on an SQLite file of its own
(``synchronous=FULL``), or on an empty PostgreSQL database. It creates the members, opens the round through the services
that the scheduler calls, and lets members vote at a constant rate, first without other work, then while notifications
are queued, and while the outbox is used and cleaned with a million rows in it. Ends with the promised bounds, and with
exit code 1 if one is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time

from sqlalchemy import insert, text

from bot.services import Services, make_services
from bot.settings import Settings
from domain.people import Member
from services.clock import SystemClock
from storage import models, people
from storage.db import Database
from storage.migrate import migrate

EIGHT = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
"""Wednesday, 08:00 in Shanghai."""
ITEMS = 72
VOTERS = 20_000
RATE = 100
"""Votes per second during the other work."""
MOST_SECONDS, MOST_P99 = 60.0, 0.250


class Clock(SystemClock):
    """The bot's clock, whose wall time is moved by hand."""

    def __init__(self) -> None:
        super().__init__(lambda: self.time)
        self.time = EIGHT - timedelta(hours=1)


@dataclass
class Taps:
    """Votes at a constant rate, whether or not earlier ones were answered; `waits` are in seconds."""

    services: Services
    voters: Iterator[tuple[Member, int]]
    waits: list[float] = field(default_factory=list)

    async def _one(self) -> None:
        member, item = next(self.voters)
        began = perf_counter()
        answer = await self.services.voting.cast(member, item)
        self.waits.append(perf_counter() - began)
        assert answer.refused is None, answer.refused

    async def _tap(self) -> None:
        began, made = perf_counter(), 0
        async with asyncio.TaskGroup() as taps:
            while True:
                # Delayed votes are made up for: users tap although the event loop is busy.
                while made < (perf_counter() - began) * RATE:
                    taps.create_task(self._one())
                    made += 1
                await asyncio.sleep(1 / RATE)

    @contextlib.asynccontextmanager
    async def beside(self) -> AsyncIterator[None]:
        """Vote until the block is left."""
        self.waits = []
        task = asyncio.create_task(self._tap())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def said(self) -> str:
        """The latency of the votes, as text."""
        cuts = statistics.quantiles(self.waits, n=100)
        return (
            f"{len(self.waits):>6} votes  p50 {cuts[49] * 1000:6.1f}  p99 {cuts[98] * 1000:6.1f}  "
            f"longest {max(self.waits) * 1000:6.1f} ms"
        )

    def p99(self) -> float:
        """In seconds."""
        return statistics.quantiles(self.waits, n=100)[98]


async def populate(db: Database, members: int) -> None:
    """Create members who get carousels, one in twenty more who do not, audited goods, and ballots for some voters."""
    every, yes, no = members + members // 20, "true", "false"
    rows = f"generate_series(1, {every}) AS numbers (n)"
    day = "timestamptz '2026-11-20 02:00:00+00'"
    if db.is_sqlite:
        rows = (
            f"(WITH RECURSIVE up (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM up WHERE n < {every}) SELECT n FROM up)"
        )
        day = "'2026-11-20 02:00:00.000000'"
    async with db.write() as connection:
        await connection.execute(
            text(
                "INSERT INTO members (id, chat_id, first_name, language, app_language, carousel_on, alerts_on, "
                "alerts_quiet, show_name, unreachable, joined_at, seen_at) "
                f"SELECT n, 100000000 + n * 7, 'Member ' || n, CASE WHEN n % 3 = 0 THEN 'en' END, 'zh-hans', "
                f"n <= {members} OR n % 2 = 0, {yes}, {no}, {no}, "
                f"CASE WHEN n > {members} AND n % 2 = 0 THEN 'blocked' END, {day}, {day} FROM {rows}"
            )
        )
        await connection.execute(insert(models.ShopRow).values(id=1, name="shop"))
        await connection.execute(
            insert(models.PictureRow).values(id=1, digest="d", content=b"", width=1, height=1, wanted_at=EIGHT)
        )
        item = {"shop_id": 1, "title": "x", "category": "home", "original_fen": 200, "expected_fen": 100, "stock": 9}
        item |= {"lead_days": 1, "url": "x", "picture_id": 1, "state": "passed"}
        item |= {"passed_at": EIGHT - timedelta(hours=2)}
        await connection.execute(insert(models.ItemRow), [{**item, "ref": f"r{n}"} for n in range(ITEMS)])
        grant = {"ballots": 5, "reason": "benchmark", "actor": "benchmark", "at": EIGHT}
        await connection.execute(
            insert(models.GrantRow), [{**grant, "member_id": n} for n in range(1, min(VOTERS, members) + 1)]
        )
    async with db.write() as connection:
        await connection.execute(text("ANALYZE"))


async def voting(db: Database) -> Iterator[tuple[Member, int]]:
    """(member, item) pairs, each good for one vote."""
    found: list[Member] = []
    async with db.read() as connection:
        for number in range(1, VOTERS + 1):
            if member := await people.by_id(connection, number):
                found.append(member)
    return ((member, item) for item in range(1, 6) for member in found)


async def timed(what: str, act: Callable[[], Awaitable[object]], times: int = 1) -> float:
    """Print the median duration of an operation in milliseconds; returns seconds."""
    spans = []
    for _ in range(times):
        began = perf_counter()
        await act()
        spans.append(perf_counter() - began)
    print(f"    {what:<52}{statistics.median(spans) * 1000:10.1f} ms")
    return statistics.median(spans)


async def change_all(db: Database, change: str, **values: object) -> None:
    """Set the state of all notifications directly in the table, without votes meanwhile."""
    async with db.write() as connection:
        await connection.execute(text(f"UPDATE notifications SET {change}"), values)
    if not db.is_sqlite:
        async with db._writer.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await autocommit.execute(text("VACUUM notifications"))


async def use(services: Services, taps: Taps, title: str) -> float:
    """Use the outbox like the sender, the desk and the metrics, beside votes; returns the p99 of the votes."""
    print(f"  {title}")
    outbox = services.outbox
    async with taps.beside():
        await timed("the sender claims 30", lambda: outbox.claim(30), 20)
        await timed("the desk and /metrics count by state", outbox.states, 3)
        await timed("/metrics asks for the oldest due notification", outbox.oldest_due, 3)
        await timed("the organiser opens the campaign's page", lambda: services.campaigns.one(1), 3)
        await timed("recovery at a start", lambda: outbox.recover(everything=True))
        await timed("a tick of the scheduler", services.campaigns.queue_due, 5)
    print(f"    meanwhile {taps.said()}")
    return taps.p99()


async def main(url: str, members: int) -> int:
    """Measure and print; returns 1 if a bound is broken."""
    db = Database(url)
    await migrate(db)
    clock = Clock()
    services = make_services(db, Settings(_env_file=None), clock)  # type: ignore[call-arg]
    began = perf_counter()
    await populate(db, members)
    print(f"{members:,} members with carousels created in {perf_counter() - began:.0f} s, {Database.shown(url)}")
    await services.rounds.tick()
    taps = Taps(services, await voting(db))
    clock.time = EIGHT
    began = perf_counter()
    opened = await services.rounds.tick()
    assert opened is not None
    print(f"  the round opens in {(perf_counter() - began) * 1000:.0f} ms")
    async with taps.beside():
        await asyncio.sleep(10)
    print(f"  no other work    {taps.said()}")

    began, used = perf_counter(), process_time()
    async with taps.beside():
        queued = await services.campaigns.queue_due()
        seconds = perf_counter() - began
    used = process_time() - used
    assert queued == members, queued
    print(
        f"  {queued:,} notifications queued in {seconds:.1f} s, {queued / seconds:,.0f} a second, {used:.0f} s of CPU"
    )
    print(f"  meanwhile        {taps.said()}")
    slowest = {"while notifications are queued": taps.p99()}

    slowest["with all waiting"] = await use(services, taps, "with all of them waiting")
    await change_all(db, "state = 'sent', leased_until = NULL")
    slowest["with all sent"] = await use(services, taps, "with all of them sent")
    await change_all(db, "state = 'pending'")
    print("  with all of them past their deadline")
    await change_all(db, "expires_at = :now", now="2026-11-25 00:00:00.000000" if db.is_sqlite else EIGHT)
    async with taps.beside():
        began, ticks = perf_counter(), 0
        while ticks % 8 or (await services.outbox.states()).get("pending"):
            await services.campaigns.tick()
            assert not await services.outbox.claim(30)
            ticks += 1
        print(f"    expired in {perf_counter() - began:.1f} s by {ticks} ticks")
    print(f"    meanwhile {taps.said()}")
    slowest["while all expire"] = taps.p99()

    print("\nBounds")
    promises = [("seconds until all are queued", seconds, MOST_SECONDS * members / 1_000_000)]
    promises += [(f"seconds of a vote's p99 {when}", p99, MOST_P99) for when, p99 in slowest.items()]
    for name, value, most in promises:
        print(f"  {name:<52}{value:>9.3f}   at most {most:<6g}{'' if value <= most else '  BROKEN'}")
    await db.close()
    return int(any(value > most for _, value, most in promises))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--url", help="an empty PostgreSQL database")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(asyncio.run(main(given.url or f"sqlite+aiosqlite:///{folder}/million.db", given.members)))
