"""Transactions: a write is stored as a whole or not at all, and a read changes nothing."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notifications import PRIORITY, NotificationKind
from storage import campaigns, notifications, votes
from storage.db import Database, insert_new
from storage.db.database import WAL_BYTES
from storage.migrate import migrate
from storage.models import ItemRow, KeyValueRow, MemberRow, NotificationRow, PictureRow, ShopRow, VoteRow
from storage.notifications import of_campaign
from tests.waiting import GUARD

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture
async def db(tmp_path: Path, migrated: Path) -> AsyncIterator[Database]:
    shutil.copy(migrated, tmp_path / "bot.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    async with database.write() as connection:
        await connection.execute(insert(KeyValueRow).values(name="counter", value="0"))
    yield database
    await database.close()


@pytest.fixture
async def second(db: Database) -> AsyncIterator[Database]:
    """The same file from another process."""
    other = Database(db.url.render_as_string())
    yield other
    await other.close()


async def counter(db: Database) -> int:
    async with db.read() as connection:
        return int(
            (await connection.execute(select(KeyValueRow.value).where(KeyValueRow.name == "counter"))).scalar_one()
        )


async def count_up(connection: AsyncConnection) -> int:
    """Read a value, then write one derived from it: this goes wrong when two of these overlap."""
    before = int(
        (await connection.execute(select(KeyValueRow.value).where(KeyValueRow.name == "counter"))).scalar_one()
    )
    await connection.execute(update(KeyValueRow).where(KeyValueRow.name == "counter").values(value=str(before + 1)))
    return before + 1


# -- reads and writes --


async def test_a_block_that_raises_stores_nothing(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.write() as connection:
            await count_up(connection)
            raise ZeroDivisionError
    assert await counter(db) == 0


async def test_reads_cannot_change_anything(db: Database) -> None:
    with pytest.raises(OperationalError, match="readonly"):
        async with db.read() as connection:
            await count_up(connection)
    with pytest.raises(OperationalError, match="readonly"):
        await db.autocommit_read(count_up)
    assert await counter(db) == 0


async def test_a_reader_sees_one_state_while_others_write(db: Database) -> None:
    async with db.read() as connection:
        first = (await connection.execute(select(KeyValueRow.value))).scalar_one()
        await db.batch_write(count_up)
        assert (await connection.execute(select(KeyValueRow.value))).scalar_one() == first
    assert await counter(db) == 1


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
    ids=lambda part: str(part),
)
async def test_each_write_connection_has_the_safe_pragmas(db: Database, pragma: str, value: object) -> None:
    """`synchronous` 2 is FULL: a commit that was acknowledged survives a power failure."""

    async def ask(connection: AsyncConnection) -> object:
        return (await connection.execute(text(f"PRAGMA {pragma}"))).scalar_one()

    async with db.write() as connection:
        assert await ask(connection) == value
    assert await db.batch_write(ask) == value


async def test_concurrent_writers_of_two_processes_lose_no_update(db: Database, second: Database) -> None:
    """`write` and `batch_write` of two processes at once: no count is lost, and no write fails with "locked"."""

    async def by_write(database: Database) -> int:
        async with database.write() as connection:
            return await count_up(connection)

    seen = await asyncio.gather(
        *(by_write((db, second)[n % 2]) for n in range(40)),
        *((db, second)[n % 2].batch_write(count_up) for n in range(80)),
    )
    assert sorted(seen) == list(range(1, 121)) and await counter(db) == 120


# -- many in one commit --


async def test_waiting_work_items_share_a_commit(db: Database) -> None:
    said: list[str] = []

    async def listen(connection: AsyncConnection) -> None:
        connection._driver.set_trace_callback(said.append)  # type: ignore[attr-defined]

    await db.batch_write(listen)
    seen = await asyncio.gather(*(db.batch_write(count_up) for _ in range(60)))
    assert sorted(seen) == list(range(1, 61)) and 1 <= said.count("COMMIT") < 12


async def passes_during(waiting: asyncio.Future[object]) -> int:
    """How often the event loop ran other tasks meanwhile."""
    passes = 0
    while not waiting.done():
        await asyncio.sleep(0.01)
        passes += 1
    return passes


async def test_a_lock_of_another_program_delays_only_writers(db: Database, second: Database) -> None:
    async with second.write() as connection:
        await count_up(connection)
        waiting = asyncio.ensure_future(db.batch_write(count_up))
        for _ in range(20):
            assert await asyncio.wait_for(counter(db), GUARD) == 0
        assert not waiting.done()
    assert await asyncio.wait_for(waiting, GUARD) == 2


async def test_a_long_work_item_delays_only_writers(db: Database) -> None:
    up = "WITH RECURSIVE up (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM up WHERE n < 3000000)"

    async def runs_long(connection: AsyncConnection) -> object:
        return (await connection.execute(text(f"{up} SELECT max(n) FROM up"))).scalar_one()

    long = asyncio.ensure_future(db.batch_write(runs_long, long=True))
    after = asyncio.ensure_future(db.batch_write(count_up))
    assert await passes_during(long) > 3
    assert await long == 3_000_000 and await after == 1


async def test_a_result_is_returned_only_after_its_commit(db: Database, second: Database) -> None:
    async def act() -> None:
        number = await db.batch_write(count_up)
        assert await counter(second) >= number

    await asyncio.gather(*(act() for _ in range(30)))


async def test_a_work_item_that_fails_fails_alone(db: Database) -> None:
    async def fails(connection: AsyncConnection) -> int:
        await count_up(connection)
        await connection.execute(insert(KeyValueRow).values(name="counter", value="again"))
        return 0

    found = await asyncio.gather(
        *(db.batch_write(fails if n % 5 == 2 else count_up) for n in range(20)), return_exceptions=True
    )
    failed = [n for n, result in enumerate(found) if isinstance(result, IntegrityError)]
    assert failed == [2, 7, 12, 17]
    assert sorted(result for result in found if isinstance(result, int)) == list(range(1, 17))
    assert await counter(db) == 16


async def test_awaiting_anything_else_inside_a_transaction_raises(db: Database) -> None:
    async def waits(connection: AsyncConnection) -> int:
        await count_up(connection)
        await asyncio.sleep(0)
        return 0

    found = await asyncio.gather(db.batch_write(count_up), db.batch_write(waits), return_exceptions=True)
    assert found[0] == 1 and isinstance(found[1], RuntimeError)
    assert await counter(db) == 1
    with pytest.raises(RuntimeError, match="awaited"):
        await db.autocommit_read(waits_in_an_autocommit_read)


async def waits_in_an_autocommit_read(_: AsyncConnection) -> None:
    await asyncio.sleep(0)


async def test_a_cancelled_caller_does_not_affect_the_others(db: Database) -> None:
    tasks = [asyncio.create_task(db.batch_write(count_up)) for _ in range(6)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[4].cancel()
    found = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), GUARD)
    assert [isinstance(result, asyncio.CancelledError) for result in found] == [False, True, False, False, True, False]
    assert await counter(db) == 6, "a work item that was queued is still done"


async def test_closing_finishes_what_waits(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    await migrate(db)
    async with db.write() as connection:
        await connection.execute(insert(KeyValueRow).values(name="counter", value="0"))
    tasks = [asyncio.create_task(db.batch_write(count_up)) for _ in range(70)]
    await asyncio.sleep(0)
    await db.close()
    assert sorted(await asyncio.gather(*tasks)) == list(range(1, 71))
    again = Database(db.url.render_as_string())
    assert await counter(again) == 70
    await again.close()


# -- moments --


async def test_a_moment_is_read_as_the_same_moment_in_utc(db: Database) -> None:
    for chat_id, moment in ((1, NOON), (2, NOON.astimezone(ZoneInfo("Asia/Shanghai")))):
        async with db.write() as connection:
            await connection.execute(insert(MemberRow).values(chat_id=chat_id, joined_at=moment, seen_at=moment))
    async with db.read() as connection:
        found = (await connection.execute(select(MemberRow.joined_at))).scalars().all()
        assert found == [NOON, NOON] and {moment.tzinfo for moment in found} == {UTC}
        same = await connection.execute(
            select(MemberRow.id).where(MemberRow.joined_at <= NOON, MemberRow.seen_at >= NOON)
        )
        assert len(same.all()) == 2


async def test_a_naive_moment_is_refused(db: Database) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(StatementError, match="time zone"):
        async with db.write() as connection:
            await connection.execute(insert(MemberRow).values(chat_id=1, joined_at=naive, seen_at=naive))


# -- costs that do not grow with the data --


@asynccontextmanager
async def counted(db: Database) -> AsyncIterator[tuple[AsyncConnection, list[int]]]:
    """A transaction, and the tens of steps of SQLite's virtual machine in it: the same on every computer."""
    steps = [0]

    def note() -> None:
        steps[0] += 1

    async with db.write() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.set_progress_handler(note, 10)
        yield connection, steps
        await driver.set_progress_handler(None, 10)


async def display_one(db: Database, *, members: int) -> None:
    async with db.write() as connection:
        await connection.execute(insert(ShopRow).values(id=1, name="shop"))
        await connection.execute(
            insert(PictureRow).values(id=1, digest="d", content=b"", width=1, height=1, wanted_at=NOON)
        )
        item = {"ref": "r", "shop_id": 1, "title": "x", "category": "home", "original_fen": 2, "expected_fen": 1}
        item |= {"stock": 1, "lead_days": 1, "url": "x", "picture_id": 1, "state": "on_display"}
        await connection.execute(insert(ItemRow).values(id=1, **item))
        people = [{"id": n, "chat_id": n, "joined_at": NOON, "seen_at": NOON} for n in range(1, members + 1)]
        await connection.execute(insert(MemberRow), people)


async def test_r19_a_tap_costs_the_same_however_many_votes_its_item_has(db: Database) -> None:
    people = range(1, 3001)
    await display_one(db, members=3000)

    async def vote(some: range) -> None:
        rows = [
            {"item_id": 1, "member_id": n, "cast_at": NOON, "cast_by": n, "day": NOON.date(), "slot": 1} for n in some
        ]
        async with db.write() as connection:
            await connection.execute(insert(VoteRow), rows)

    async def tap() -> int:
        async with counted(db) as (connection, steps):
            assert not (await votes.status(connection, 3000, 1, cause=9_999_999)).done
            assert (await votes.status(connection, 7, 1, cause=7)).done
        return steps[0]

    await vote(people[:20])
    few = await tap()
    await vote(people[20:2999])
    many = await tap()
    assert 0 < many < few * 1.5, f"{many} steps instead of {few}"


async def test_r18_a_tap_costs_the_same_however_often_its_member_has_taken_a_vote_back(db: Database) -> None:
    """And a repeated update is recognised for as long as Telegram can repeat it."""

    async def vote_and_take_back(some: range) -> None:
        rows = [
            {"item_id": 1, "member_id": 1, "cast_at": NOON, "cast_by": 2 * n, "day": NOON.date(), "slot": 1}
            | {"taken_back_at": NOON, "taken_back_by": 2 * n + 1}
            for n in some
        ]
        async with db.write() as connection:
            await connection.execute(insert(VoteRow), rows)

    async def tap(newest: int) -> int:
        async with counted(db) as (connection, steps):
            assert not (await votes.status(connection, 1, 1, cause=9_999_999)).done
            for cause in (newest, newest - 1, newest - 99):
                assert (await votes.status(connection, 1, 1, cause=cause)).done
        return steps[0]

    await display_one(db, members=1)
    await vote_and_take_back(range(1, 61))
    few = await tap(2 * 60 + 1)
    await vote_and_take_back(range(61, 3001))
    many = await tap(2 * 3000 + 1)
    assert 0 < many < few * 1.5, f"{many} steps instead of {few}"


async def queue(db: Database, number: int, first: int) -> None:
    """So many notifications, each about another subject, from this one on."""
    common = {"kind": "carousel", "revision": 1, "member_id": 1, "policy": "hold", "state": "pending"}
    rows = [
        {
            **common,
            "subject": first + n,
            "priority": int(PRIORITY[NotificationKind.CAROUSEL]),
            "not_before": NOON + timedelta(hours=n % 2),
            "expires_at": NOON + timedelta(days=1),
        }
        for n in range(number)
    ]
    async with db.write() as connection:
        member = insert_new(connection, MemberRow).values(id=1, chat_id=1, joined_at=NOON, seen_at=NOON)
        await connection.execute(member.on_conflict_do_nothing())
        await connection.execute(insert(NotificationRow), rows)


async def test_a_claim_costs_the_same_however_many_notifications_wait(db: Database) -> None:
    """Votes and claims share one writer: a claim that reads all that waits would stop every tap."""

    async def claim() -> int:
        async with counted(db) as (connection, steps):
            assert await notifications.any_due(connection, NOON)
            assert len(await notifications.claim(connection, NOON, timedelta(minutes=1), 10)) == 10
            assert not await notifications.any_due(connection, NOON - timedelta(hours=1))
        return steps[0]

    await queue(db, 100, 1)
    few = await claim()
    await queue(db, 5000, 1001)
    many = await claim()
    assert 0 < many < few * 1.5, f"{many} steps instead of {few}"


async def test_pausing_a_small_campaign_costs_the_same_however_many_notifications_of_others_wait(db: Database) -> None:
    """Pausing holds the only writer."""

    async def steer(subject: int) -> int:
        async with db.write() as connection:
            await campaigns.add(connection, NotificationKind.CAROUSEL, subject, 1, NOON, NOON + timedelta(days=1))
        async with counted(db) as (connection, steps):
            found = (await campaigns.page(connection, 1, 0, NOON))[0]
            assert found.subject == subject
            moved = [await of_campaign.move(connection, found, ("pending", "claimed"), "paused", 9) for _ in "ab"]
            assert moved == [1, 0]
        return steps[0]

    await queue(db, 100, 1)
    few = await steer(7)
    await queue(db, 5000, 1001)
    many = await steer(1007)
    assert 0 < many < few * 1.5, f"{many} steps instead of {few}"


@pytest.mark.parametrize("way", ["write", "batch_write", "long"])
async def test_the_log_that_grew_behind_a_long_reader_shrinks_when_it_has_ended(
    way: str, db: Database, second: Database, tmp_path: Path
) -> None:
    log, blob = tmp_path / "bot.db-wal", b"x" * 1024 * 1024

    async def store(connection: AsyncConnection, number: int, content: bytes) -> None:
        row = {"digest": str(number), "content": content, "width": 1, "height": 1, "wanted_at": NOON}
        await connection.execute(insert(PictureRow).values(**row))

    async def commit(number: int, content: bytes) -> None:
        if way == "write":
            async with db.write() as connection:
                await store(connection, number, content)
        else:
            await db.batch_write(lambda connection: store(connection, number, content), long=way == "long")

    async with second.read() as reader:
        await reader.execute(select(KeyValueRow))
        for number in range(2 * WAL_BYTES // len(blob)):
            await commit(number, blob)
        assert log.stat().st_size > 2 * WAL_BYTES, "it cannot be emptied while its reader needs it"
    for number in range(1000, 1003):
        await commit(number, b"x")
    assert log.stat().st_size <= WAL_BYTES


async def test_a_log_that_overlapping_reads_keep_growing_is_emptied(
    db: Database, second: Database, tmp_path: Path
) -> None:
    log = tmp_path / "bot.db-wal"
    assert not await db.shrink_log(), "a small one is left alone"
    readers = [AsyncExitStack()]
    await (await readers[0].enter_async_context(second.read())).execute(select(KeyValueRow))
    for number in range(5 * WAL_BYTES // 1024 // 1024):
        row = {"digest": str(number), "content": b"x" * 1024 * 1024, "width": 1, "height": 1, "wanted_at": NOON}
        async with db.write() as connection:
            await connection.execute(insert(PictureRow).values(**row))
        readers.append(AsyncExitStack())
        await (await readers[-1].enter_async_context(second.read())).execute(select(KeyValueRow))
        await readers[-2].aclose()
    assert log.stat().st_size > 4 * WAL_BYTES, "no reader was long, but at each commit there was one"
    await readers[-1].aclose()
    assert await db.shrink_log()
    assert log.stat().st_size == 0 and await counter(db) == 0
