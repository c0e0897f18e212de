"""A simulated year: how large each table becomes, and how long counts take (R36).

``python -m benchmarks.growth [--members N] [--days N] [--picture BYTES] [--url ADDRESS]`` fills a database with what a
bot writes in a year of 10,000 members, once without deleting anything and once with the hourly deletion, whose clock
moves on with the days. SQLite files of its own, or one empty PostgreSQL database at ADDRESS, with deletion only.
Prints the size of each table with its indexes, what the deletion cost (on a busy machine its CPU seconds say more), and
the time of the counts behind /healthz and /metrics.

Each day 30 goods are shown for a day; seven of ten members are sent the carousel, four open it and see twelve cards,
two vote; three goods get a group, of which their voters are told three times; some share links, and some newcomers
erase themselves. With 10,000 members about 27 million rows are written, most of them views.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

from sqlalchemy import JSON, bindparam, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import Services, make_services
from bot.settings import Settings
from services.clock import SystemClock
from storage import models
from storage.db import Database, UtcDateTime
from storage.migrate import migrate

FIRST = datetime(2026, 1, 5, 0, 0, tzinfo=UTC)
GOODS, GROUPS = 30, 3
TICKS = 6
"""Hours between two ticks of the deletion: the bot's are an hour apart, or a second while more is left."""

MEMBERS = """
INSERT INTO members (chat_id, first_name, app_language, carousel_on, alerts_on, alerts_quiet, show_name, joined_at,
                     seen_at)
SELECT 1000000 + n, 'Member ' || n, 'zh-hans', true, true, false, false, :now, :now
FROM (WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < :members) SELECT n FROM up) numbers"""
CAROUSELS = """
INSERT INTO notifications (kind, subject, revision, member_id, priority, policy, not_before, expires_at, state,
                           attempts, uncertain_attempts, fence, sent_at, message_id)
SELECT 'carousel', :round, 1, id, 9, 'hold', :now, :later, CASE WHEN id % 50 = 0 THEN 'suppressed' ELSE 'sent' END, 1,
       0, 1, :now, id FROM members WHERE id <= :members AND (id + :round) % 10 < 7"""
ALERTS = """
INSERT INTO notifications (kind, subject, revision, member_id, priority, policy, not_before, expires_at, state,
                           attempts, uncertain_attempts, fence, sent_at, message_id)
SELECT :kind, :group, 1, member_id, 0, 'resend', :now, :later, 'sent', 1, 0, 1, :now, id
FROM votes WHERE item_id = :item"""
DRAWS = """
INSERT INTO draws (member_id, items, made_at)
SELECT id, :items, :now FROM members WHERE id <= :members AND (id + :round) % 10 < 4"""
VIEWS = """
INSERT INTO exposures (member_id, item_id, at)
SELECT m.id, i.id, :now FROM members m JOIN items i ON i.round_id = :round
WHERE m.id <= :members AND (m.id + :round) % 10 < 4 AND (m.id + i.id) % 28 < 12"""
VOTES = """
INSERT INTO votes (item_id, member_id, cast_at, cast_by, day, slot)
SELECT :first + id % :goods, id, :now, id, :day, 1 FROM members WHERE id <= :members AND (id + :round) % 10 < 2"""
FOLLOWS = """
INSERT INTO follows (item_id, member_id, at)
SELECT :first + id % :goods, id, :now FROM members WHERE id <= :members AND (id + :round) % 100 = 2"""
LINKS = """
INSERT INTO canvass_links (token, member_id, item_id, created_at, used)
SELECT 'link-' || id, member_id, item_id, :now, id % 4 > 0 FROM votes WHERE cast_at = :now AND id % 10 = 0"""
OPENS = """
INSERT INTO canvass_opens (item_id, friend_id, link_id, at)
SELECT item_id, 1 + (member_id + 7) % :members, min(id), :now FROM canvass_links
WHERE created_at = :now AND used GROUP BY item_id, 1 + (member_id + 7) % :members"""
POSTERS = """
INSERT INTO poster_files (link_id, language, bot_id, print, file_id)
SELECT id, 'zh', 1, 'f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0', :file FROM canvass_links WHERE created_at = :now AND used"""
JOBS = """
INSERT INTO jobs (key, kind, member_id, payload, state, attempts, enqueued_at, available_at)
SELECT 'poster ' || id, 'poster', member_id, :payload, 'done', 1, :now, :now FROM canvass_links
WHERE created_at = :now AND used"""


class Clock(SystemClock):
    """The bot's clock, whose wall time is moved by hand."""

    def __init__(self) -> None:
        super().__init__(lambda: self.time)
        self.time = FIRST


class Year:
    """Writes what the bot writes, day by day."""

    def __init__(self, db: Database, services: Services, clock: Clock, members: int, picture: int) -> None:
        self._db, self._services, self._clock = db, services, clock
        self._members, self._picture = members, picture
        self._newcomer = 10_000_000

    async def begin(self) -> None:
        """The members and the shop."""
        async with self._db.write() as connection:
            await connection.execute(insert(models.ShopRow).values(id=1, name="shop"))
            await self._run(connection, MEMBERS)

    async def day(self, number: int) -> None:
        """One day: the round of the day before closes, and its groups open."""
        first = number * GOODS + 1
        values = {"round": number + 1, "first": first, "goods": GOODS, "day": self._clock.time.date()}
        items = ",".join(str(first + n % GOODS) for n in range(28))
        async with self._db.write() as connection:
            await self._close(connection, number)
            await self._open(connection, number, first)
            for statement in (CAROUSELS, DRAWS, VIEWS, VOTES, FOLLOWS, LINKS, OPENS, POSTERS, JOBS):
                await self._run(connection, statement, **values, items=items, file="x" * 80, payload={})
        for _ in range(max(1, self._members // 1000)):
            self._newcomer += 1
            await self._services.people.erase(await self._services.people.meet(self._newcomer, "P", "zh"))

    async def _close(self, connection: AsyncConnection, number: int) -> None:
        """Close yesterday's round: three of its goods have an open group, the others expire."""
        if not number:
            return
        now, first = self._clock.time, (number - 1) * GOODS + 1
        await self._run(connection, "UPDATE rounds SET closed_at = :now WHERE id = :round", round=number)
        await self._run(connection, "UPDATE items SET state = 'expired' WHERE round_id = :round", round=number)
        steps = [{"item_id": first + n, "state": "expired", "at": now, "actor": "clock"} for n in range(GOODS)]
        await connection.execute(insert(models.ItemStepRow), steps)
        for group in range(GROUPS):
            item = first + group
            values = {"item_id": item, "opens_at": now, "opened_at": now, "scheduled_at": now, "actor": "x", "url": "x"}
            made = await connection.execute(insert(models.GroupRow).values(**values))
            await self._run(connection, "UPDATE items SET state = 'open' WHERE id = :item", item=item)
            for kind in ("group-scheduled", "group-soon", "group-open"):
                key = {"kind": kind, "group": made.inserted_primary_key[0], "item": item}
                await self._campaign(connection, kind, key["group"])
                await self._run(connection, ALERTS, **key)

    async def _open(self, connection: AsyncConnection, number: int, first: int) -> None:
        now, later = self._clock.time, self._clock.time + timedelta(days=1)
        rounds = insert(models.RoundRow).values(id=number + 1, opens_at=now, closes_at=later, opened_at=now)
        await connection.execute(rounds)
        await self._campaign(connection, "carousel", number + 1)
        picture = {"width": 960, "height": 720, "wanted_at": now}
        item = {
            "shop_id": 1,
            "title": "高山绿茶",
            "category": "food",
            "original_fen": 200,
            "expected_fen": 100,
            "stock": 9,
        }
        item |= {"lead_days": 1, "url": "https://shop.example.com/x", "state": "on_display", "round_id": number + 1}
        numbers = range(first, first + GOODS)
        pictures = [{**picture, "id": n, "digest": f"{n:064x}", "content": os.urandom(self._picture)} for n in numbers]
        await connection.execute(insert(models.PictureRow), pictures)
        await connection.execute(
            insert(models.PictureFileRow), [{"picture_id": n, "bot_id": 1, "file_id": "x" * 80} for n in numbers]
        )
        await connection.execute(
            insert(models.ItemRow),
            [{**item, "id": n, "ref": f"r{n}", "picture_id": n} for n in numbers],
        )
        for state in ("registered", "passed", "on_display"):
            steps = [{"item_id": n, "state": state, "at": now, "actor": "clock"} for n in numbers]
            await connection.execute(insert(models.ItemStepRow), steps)

    async def _campaign(self, connection: AsyncConnection, kind: str, subject: int) -> None:
        now = self._clock.time
        key = {"kind": kind, "subject": subject, "due_at": now, "expires_at": now + timedelta(hours=20)}
        await connection.execute(insert(models.CampaignRow).values(**key, state="queued", queued=self._members))

    async def _run(self, connection: AsyncConnection, statement: str, **values: object) -> None:
        now = self._clock.time
        given = {**values, "members": self._members, "now": now, "later": now + timedelta(hours=20)}
        known = {name: given[name] for name in set(re.findall(r"(?<!:):(\w+)", statement)) & given.keys()}
        types = {"now": UtcDateTime(), "later": UtcDateTime(), "payload": JSON()}
        typed = [bindparam(name, type_=types[name]) for name in types.keys() & known.keys()]
        await connection.execute(text(statement).bindparams(*typed), known)


async def sizes(db: Database) -> dict[str, int]:
    """Bytes of each table with its indexes."""
    sqlite = """SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master USING (name) GROUP BY tbl_name"""
    postgresql = """SELECT relname, pg_total_relation_size(oid) FROM pg_class
                    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""
    async with db.read() as connection:
        rows = await connection.execute(text(sqlite if db.is_sqlite else postgresql))
        found = {name: int(size) for name, size in rows}
    return {name: found.get(name, 0) for name in sorted(models.Base.metadata.tables)}


async def counts(services: Services) -> list[str]:
    """The time of each count, the best of three."""
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "notifications by state": services.outbox.states,
        "oldest due": services.outbox.oldest_due,
        "open jobs": services.jobs.waiting,
        "failed updates": services.failed_updates.count,
    }
    lines = []
    for name, ask in asked.items():
        took = []
        for _ in range(3):
            began = perf_counter()
            await ask()
            took.append(perf_counter() - began)
        lines.append(f"  {name:24} {min(took) * 1000:8.1f} ms")
    return lines


async def year(url: str, given: argparse.Namespace, *, delete: bool) -> tuple[dict[str, int], list[str]]:
    """Live through the days; returns sizes and what else is to be printed."""
    clock = Clock()
    db = Database(url)
    await migrate(db)
    settings = Settings(_env_file=None, database_url=url)  # type: ignore[call-arg]
    services = make_services(db, settings, clock)
    written = Year(db, services, clock, given.members, given.picture)
    await written.begin()
    ticks: list[tuple[float, float]] = []
    for number in range(given.days):
        await written.day(number)
        for _ in range(24 // TICKS):
            clock.time += timedelta(hours=TICKS)
            if delete:
                began, used = perf_counter(), process_time()
                await services.housekeeping.tick()
                await services.cards.sweep()
                ticks.append((perf_counter() - began, process_time() - used))
    async with db.write() as connection:
        await connection.execute(text("ANALYZE"))
    said = await counts(services)
    if ticks:
        for name, figures in zip(("seconds", "CPU seconds"), zip(*ticks, strict=True), strict=True):
            average, longest = sum(figures) / len(figures), max(figures)
            said.append(f"  a tick of the deletion, {name}: {average:.3f} on average, {longest:.3f} at most")
    found = await sizes(db)
    await db.close()
    return found, said


async def main(given: argparse.Namespace) -> None:
    print(f"{given.members:,} members, {given.days} days, pictures of {given.picture:,} bytes")
    results: list[tuple[str, dict[str, int], list[str]]] = []
    with tempfile.TemporaryDirectory() as folder:
        for delete in (True,) if given.url else (False, True):
            url = given.url or f"sqlite+aiosqlite:///{Path(folder) / f'{delete}.db'}"
            results.append(("with deletion" if delete else "without", *await year(url, given, delete=delete)))
    print(f"{'MB':22}" + "".join(f"{name:>16}" for name, _, _ in results))
    for table in results[0][1]:
        print(f"{table:22}" + "".join(f"{found[table] / 1e6:16.1f}" for _, found, _ in results))
    print(f"{'all':22}" + "".join(f"{sum(found.values()) / 1e6:16.1f}" for _, found, _ in results))
    for name, _, said in results:
        print(f"{name}:", *said, sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--picture", type=int, default=120_000)
    parser.add_argument("--url")
    asyncio.run(main(parser.parse_args()))
