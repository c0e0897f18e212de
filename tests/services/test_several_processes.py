"""Several processes on one database: nothing is done twice, and nothing is left undone (R8, R22, R26, R27)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from aiogram.fsm.storage.base import StorageKey
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

import storage.db.database
from bot.services import Services, make_services
from bot.updates.conversations import DatabaseFsmStorage
from services.jobs import JobKind
from services.notifications.outbox import LEASE
from services.notifications.send_slots import SendSlots
from services.operations import check_writable
from services.rounds import display_changed
from storage.db import Database
from storage.db.errors import DatabaseUnavailable
from storage.migrate import migrate, schema
from tests import postgres
from tests.conftest import Watch, import_goods, meet, queue_due, settings_for
from tests.services.conftest import ask, assert_sound, deadlocks, on_display, one, order, until_blocked, voter, wants
from tests.virtual_clock import VirtualClock
from tests.waiting import GUARD, until


@pytest.fixture
async def second(db: Database, tmp_path: Path, watch: Watch) -> AsyncIterator[Services]:
    """The same bot in another process: its own connections to the same database."""
    other = Database(db.url.render_as_string(hide_password=False))
    yield make_services(other, settings_for(tmp_path), watch)
    await other.close()


async def test_r19_two_hundred_taps_at_once_count_each_vote_once(
    display: Services, second: Services, db: Database
) -> None:
    item = (await on_display(display))[0]
    people = [await voter(display, 3000 + n, 1) for n in range(100)]
    both = [services.voting.cast(member, item) for member in people for services in (display, second)]
    answers = await asyncio.gather(*both)
    assert sum(answer.refused is None for answer in answers) == 100 == await wants(display, item)
    assert sorted(a.item.wants for a in answers if a.item and not a.refused) == list(range(1, 101))
    await assert_sound(db)


async def test_r8_two_tickers_open_and_close_one_round(
    services: Services, second: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    await services.rounds.tick()
    await import_goods(services, tmp_path / "goods", 6)
    watch.advance(days=1)
    opened = await asyncio.gather(*(one_of.rounds.tick() for one_of in (services, second) * 4))
    assert [found.items for found in opened if found] == [6]
    assert await one(db, "SELECT count(*) FROM item_steps WHERE state = 'on_display'") == 6
    assert await one(db, "SELECT count(*) FROM campaigns WHERE kind = 'carousel'") == 1


async def test_r8_a_special_round_that_two_ask_for_opens_once(
    services: Services, second: Services, tmp_path: Path
) -> None:
    await services.rounds.tick()
    await import_goods(services, tmp_path / "goods", 3)
    opened = await asyncio.gather(services.rounds.open_special(), second.rounds.open_special())
    assert [found.items for found in opened if found] == [3]


async def test_r8_two_rounds_that_end_and_a_rejection_at_that_moment_never_wait_in_a_circle(
    display: Services, second: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    """Who takes an item off the display locks it and then says that the display changed; the end of the rounds said so
    after the first of them, and went on to lock the items of the other."""
    watch.advance(minutes=1)
    await import_goods(display, tmp_path / "more", 1, "h")
    assert await display.rounds.open_special() is not None
    last = max(await on_display(display))
    watch.advance(days=1)
    async with db.write() as connection:
        await connection.execute(text("UPDATE items SET title = title WHERE id = :id"), {"id": last})
        tick = asyncio.ensure_future(second.rounds.tick())
        await until_blocked(db, tick)
        await display_changed(connection)
    await tick
    assert await on_display(display) == []


async def test_r26_two_schedulers_queue_each_notification_once(
    display: Services, second: Services, db: Database
) -> None:
    for n in range(60):
        await meet(display, 4000 + n)
    queued = await asyncio.gather(*(queue_due(services) for services in (display, second) * 3))
    assert sum(queued) == 60 == await one(db, "SELECT count(*) FROM notifications")
    assert await one(db, "SELECT count(*) FROM campaigns WHERE kind = 'carousel' AND state = 'waiting'") == 0


async def test_r27_two_senders_never_claim_the_same_notification(display: Services, second: Services) -> None:
    for n in range(60):
        await meet(display, 4000 + n)
    await queue_due(display)

    async def sender(services: Services) -> list[int]:
        held: list[int] = []
        while claimed := await services.outbox.claim(7):
            held += [notification.id for notification in claimed]
        return held

    held = await asyncio.gather(sender(display), sender(second), sender(display), sender(second))
    assert Counter(Counter(chain(*held)).values()) == {1: 60}


async def test_r26_a_sender_that_was_paused_beyond_its_lease_has_lost_its_claims(
    display: Services, second: Services, watch: Watch, db: Database
) -> None:
    await meet(display)
    await queue_due(display)
    (slept,) = await display.outbox.claim(5)
    assert await second.outbox.recover(everything=False) == (0, 0), "its lease still runs"
    watch.advance(seconds=LEASE.total_seconds() + 1)
    assert await second.outbox.recover(everything=False) == (1, 0)
    assert not await display.outbox.begin(slept), "it is pending again, without a claim"
    (taken,) = await second.outbox.claim(5)
    assert not await display.outbox.begin(slept) and await second.outbox.begin(taken)
    await display.outbox.sent(slept, 1)
    assert await ask(db, "SELECT state, message_id FROM notifications") == [("inflight", None)]
    await second.outbox.sent(taken, 2)
    assert await ask(db, "SELECT state, message_id FROM notifications") == [("sent", 2)]


async def test_r26_what_slept_in_flight_follows_its_policy(
    display: Services, second: Services, watch: Watch, db: Database
) -> None:
    await meet(display)
    await queue_due(display)
    (slept,) = await display.outbox.claim(5)
    assert await display.outbox.begin(slept)
    watch.advance(seconds=LEASE.total_seconds() + 1)
    assert await second.outbox.recover(everything=False) == (0, 1), "a carousel is never sent twice"
    assert await second.outbox.claim(5) == []
    assert await one(db, "SELECT state FROM notifications") == "unknown"


async def test_r22_the_first_link_wins_also_at_once(display: Services, second: Services, db: Database) -> None:
    item = (await on_display(display))[0]
    owners = [await meet(display, 5000 + n) for n in range(8)]
    friend = await meet(display, 6000)
    links = [await display.canvassing.link(owner, item) for owner in owners]
    tokens = [link.token for link in links if link]
    opened = await asyncio.gather(
        *((display, second)[n % 2].canvassing.open(friend, token) for n, token in enumerate(tokens))
    )
    assert len([found for found in opened if found]) == 8
    assert await one(db, "SELECT count(*) FROM canvass_opens") == 1


async def test_r21_a_link_that_is_asked_for_at_once_is_one_link(display: Services, second: Services) -> None:
    item = (await on_display(display))[0]
    ann = await meet(display)
    links = await asyncio.gather(*((display, second)[n % 2].canvassing.link(ann, item) for n in range(12)))
    assert len({link.token for link in links if link}) == 1


async def test_questions_that_one_process_asked_are_known_to_the_other(
    services: Services, second: Services, db: Database
) -> None:
    await meet(services, 1001)
    here, there = DatabaseFsmStorage(services.context), DatabaseFsmStorage(second.context)
    key = StorageKey(1, 1001, 1001)
    if db.is_sqlite:  # one process, which has its questions in memory; the next one reads them at its start
        await here.set_state(key, "quiet")
        await there.start()
    else:
        await there.start()
        await here.set_state(key, "quiet")
        await here.set_data(key, {"from": "22:00"})
        assert (await there.get_state(key), await there.get_data(key)) == ("quiet", {"from": "22:00"})
    assert await there.get_state(key) == "quiet"


@pytest.fixture
def clock(db: Database, second: Services, monkeypatch: pytest.MonkeyPatch) -> VirtualClock:
    """The clock of both processes; that of the database's server is a day ahead of it."""
    clock = VirtualClock(busy=lambda: any((*db.load(), *second.context.db.load())))
    lock = SendSlots._lock

    async def lock_at_virtual_time(self: SendSlots, connection: AsyncConnection, row: str) -> Any:
        now = clock.monotonic()
        return (await lock(self, connection, row))._replace(now=now + 86_400, asked=now, answered=now)

    monkeypatch.setattr(SendSlots, "_lock", lock_at_virtual_time)
    return clock


async def test_r27_send_slots_of_all_processes_keep_the_rate(
    services: Services, second: Services, db: Database, clock: VirtualClock
) -> None:
    """Four senders take slots for two seconds: an even distance, and no second with more than the rate."""
    rate = services.context.rules.send_rate
    left: list[float] = []

    async def sender(slots: SendSlots) -> None:
        while clock.monotonic() < 2.0:
            await clock.sleep(await slots.take(1.0))
            if not slots.missed():
                left.append(clock.monotonic())

    if db.is_sqlite:
        assert await services.context.send_slots.take(1.0) == 0.0, "one process: its own rate limiter is enough"
        return
    databases = (db, second.context.db, db, second.context.db)
    await clock.finish(asyncio.gather(*(sender(SendSlots(database, clock, rate)) for database in databases)))
    left.sort()
    worst = max(sum(start <= moment < start + 1.0 for moment in left) for start in left)
    assert worst <= rate
    assert len(left) >= 1.8 * rate


async def test_r27_senders_that_alternate_between_paid_and_free_slots_never_deadlock(
    second: Services, db: Database, clock: VirtualClock
) -> None:
    before = await deadlocks(db)

    async def sender(slots: SendSlots, first: bool) -> None:
        for number in range(20):
            await clock.sleep(await slots.take(1.0, paid=(number % 2 == 0) is first))
            slots.missed()

    one_of, other = SendSlots(db, clock, 25), SendSlots(second.context.db, clock, 25)
    await clock.finish(asyncio.gather(sender(one_of, True), sender(other, False)))
    assert await deadlocks(db) == before


async def test_r27_a_pause_holds_for_every_process(second: Services, db: Database, clock: VirtualClock) -> None:
    if db.is_sqlite:
        return
    one_of, other = SendSlots(db, clock, 25), SendSlots(second.context.db, clock, 25)
    await one_of.take(1.0)
    await one_of.pause(30)
    await one_of.pause(5)
    assert 29 < await other.take(1.0) < 31, "a shorter pause does not end a longer one"
    await order(db, "UPDATE key_values SET value = '0' WHERE name = 'send_slots'")
    assert await other.take(1.0) < 1.0


async def test_processes_that_start_at_once_migrate_once(db: Database) -> None:
    if db.is_sqlite:
        return  # tests/storage has it
    empty = await postgres.new_database(db.url)
    databases = [Database(postgres.address(empty)) for _ in range(4)]
    try:
        await asyncio.gather(*map(migrate, databases))
        assert None not in await schema(databases[0])
        assert await schema(databases[0]) == await schema(databases[3])
    finally:
        for database in databases:
            await database.close()
        await postgres.drop_database(empty)


async def test_a_process_that_hangs_in_a_transaction_does_not_block_the_others(
    templates: dict[str, URL], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await postgres.new_database(templates["display"], str(templates["display"].database))
    awake = Database(postgres.address(url))
    monkeypatch.setattr(storage.db.database, "IDLE_IN_TRANSACTION", "200ms")
    asleep = Database(postgres.address(url))
    touch = text("UPDATE items SET stock = stock + 1")

    async def writes_again() -> bool:
        try:
            await order(asleep, touch.text)
        except DatabaseUnavailable:  # on a busy machine 200 ms pass by themselves
            return False
        return True

    with pytest.raises(DatabaseUnavailable):
        async with asleep.write() as connection:
            await connection.execute(touch)
            await asyncio.wait_for(order(awake, touch.text), GUARD)
            await connection.execute(touch)
    await until(writes_again)
    await asleep.close()
    await awake.close()
    await postgres.drop_database(url)


@pytest.mark.parametrize("source", ["postgresql"], indirect=True)  # an SQLite file is for one process
async def test_a_process_that_hangs_in_its_heartbeat_does_not_make_others_look_ill(
    services: Services, second: Services, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, stands, go_on = db.write, asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def stand_still() -> AsyncIterator[AsyncConnection]:
        async with write() as connection:
            yield connection
            stands.set()
            await go_on.wait()

    monkeypatch.setattr(db, "write", stand_still)
    standing = asyncio.create_task(check_writable(services.context))
    await stands.wait()
    async with asyncio.timeout(GUARD):
        await check_writable(second.context)
    go_on.set()
    await standing
    assert await one(db, "SELECT count(*) FROM key_values WHERE name LIKE 'write_check%'") == 0


async def test_a_postponed_job_cannot_be_changed_by_its_earlier_claim(
    services: Services, second: Services, watch: Watch
) -> None:
    number = await services.jobs.enqueue("k", JobKind.POSTER, await meet(services), {})
    assert number is not None
    first = await services.jobs.claim(number)
    assert first is not None and await services.jobs.postpone(first, timedelta(seconds=10))
    watch.advance(seconds=11)
    taken = await second.jobs.claim(number)
    assert taken is not None and taken.failures == 1
    assert not await services.jobs.postpone(first, timedelta(0)) and await second.jobs.heartbeat(taken)
