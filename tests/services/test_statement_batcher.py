"""Votes of many people in one transaction on PostgreSQL: each independent of the others, and without deadlocks."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

import storage.db.statement_batcher
from bot.services import Services, make_services
from domain.voting import VotingDay
from storage import key_values, people, votes
from storage.db import Database
from storage.db.errors import DatabaseUnavailable
from storage.db.statement_batcher import StatementBatcher
from storage.models import KeyValueRow
from tests.conftest import Watch, meet, settings_for
from tests.services.conftest import ask, assert_sound, deadlocks, on_display, one, order, voter, wants
from tests.waiting import GUARD

pytestmark = pytest.mark.parametrize("source", ["postgresql"], indirect=True)


@pytest.fixture
async def second(db: Database, tmp_path: Path, watch: Watch) -> AsyncIterator[Services]:
    """The same bot in another process: its own line to the same database."""
    other = Database(db.url.render_as_string(hide_password=False))
    yield make_services(other, settings_for(tmp_path), watch)
    await other.close()


async def driver_of(db: Database) -> Any:
    """The driver's connection on which acts are done together."""
    line = db._batch_queue
    assert isinstance(line, StatementBatcher)
    return (await line._connected())[1]


@contextmanager
def journeys(driver: Any) -> Iterator[list[str]]:
    """What is sent to the server meanwhile, one entry a statement."""
    sent: list[str] = []

    def note(record: Any) -> None:
        sent.append(record.query)

    driver.add_query_logger(note)
    yield sent
    driver.remove_query_logger(note)


async def note_down(connection: AsyncConnection, member: int) -> None:
    """Store a row by a statement that is not prepared."""
    await people.lock(connection, member)
    await connection.execute(insert(KeyValueRow).values(name=f"m{member}", value="1"))


# -- each as if it had been alone --


async def test_forty_votes_take_no_more_journeys_than_one(display: Services, db: Database) -> None:
    goods = await on_display(display)
    crowd = [await voter(display, 2000 + n, 1) for n in range(42)]
    await display.voting.cast(crowd.pop(), goods[0])
    driver = await driver_of(db)
    with journeys(driver) as alone:
        await display.voting.cast(crowd.pop(), goods[0])
    with journeys(driver) as batch_write:
        await asyncio.gather(*(display.voting.cast(member, goods[n % 7]) for n, member in enumerate(crowd)))
    assert len(alone) <= 7 and len(batch_write) == len(alone), "\n".join(batch_write)
    await assert_sound(db)


async def test_statuses_and_purses_are_the_same_for_one_and_for_many(display: Services, db: Database) -> None:
    goods = (await on_display(display))[:4]
    crowd = [await voter(display, 2000 + n, n % 7) for n in range(12)]
    for n, member in enumerate(crowd):
        for item in goods[: n % 4]:
            await display.voting.cast(member, item, cause=100 * n + item)
        await display.voting.follow(member, goods[n % 4], on=n % 3 == 0)
        if n % 5 == 3:
            await display.voting.take_back(member, goods[0], cause=7000 + n)
    now, day = display.context.clock.now(), (await display.voting.mine(crowd[0], 0)).purse.day

    def look(n: int, item: int) -> Any:
        async def work(connection: AsyncConnection) -> Any:
            cause = 7000 + n if n % 2 else 100 * n + item
            status = await votes.status(connection, crowd[n].id, item, cause)
            purse = await votes.purse(connection, crowd[n].id, VotingDay(day, now, now, now), 5, 20, 100_00)
            return status, purse, await people.by_chat(connection, crowd[n].chat_id)

        return work

    looks = [look(n, item) for n in range(12) for item in (*goods, 10**9)]
    many = await asyncio.gather(*map(db.autocommit_read, looks))
    async with db.read() as connection:
        single = [await work(connection) for work in looks]
    assert [(status, purse, who[0]) for status, purse, who in many] == [(f, p, w[0]) for f, p, w in single]
    assert {status.done for status, _, _ in many} == {True, False}
    assert any(status.item is None for status, _, _ in many) and any(purse.slots_today for _, purse, _ in many)


async def test_r19_votes_for_one_item_and_their_taking_back_each_read_their_own_count(
    display: Services, db: Database
) -> None:
    hot = (await on_display(display))[0]
    crowd = [await voter(display, 2000 + n, 1) for n in range(40)]
    await asyncio.gather(*(display.voting.cast(member, hot) for member in crowd[:20]))
    answers = await asyncio.gather(
        *(display.voting.cast(member, hot) for member in crowd[20:]),
        *(display.voting.take_back(member, hot) for member in crowd[:20]),
    )
    counts = [answer.item.wants for answer in answers if answer.item is not None and answer.refused is None]
    assert len(counts) == 40 and counts[-1] == 20 == await wants(display, hot)
    assert all(abs(one - before) == 1 for before, one in zip([20, *counts], counts, strict=False)), counts
    await assert_sound(db)


async def test_r22_no_milestone_is_jumped_over_by_votes_that_come_at_once(display: Services, db: Database) -> None:
    goods = (await on_display(display))[:2]
    owners = [await meet(display, 1500 + n) for n in range(2)]
    links = [await display.canvassing.link(owner, item) for owner in owners for item in goods]
    friends = [await voter(display, 2000 + n, 1) for n in range(48)]
    for n, friend in enumerate(friends):
        link = links[n % 4]
        assert link is not None and await display.canvassing.open(friend, link.token)
    await asyncio.gather(*(display.voting.cast(friend, goods[n % 2]) for n, friend in enumerate(friends)))
    told = await ask(
        db, "SELECT member_id, subject, revision FROM notifications WHERE kind = 'milestone' ORDER BY 1, 2, 3"
    )
    assert told == [(owner.id, item, mark) for owner in owners for item in goods for mark in (1, 5, 10)]


async def test_a_piece_that_fails_takes_no_other_with_it(display: Services, db: Database) -> None:
    crowd = [await meet(display, 2000 + n) for n in range(20)]

    def piece(n: int) -> Any:
        async def work(connection: AsyncConnection) -> int:
            await note_down(connection, crowd[n].id)
            if n % 5 == 2:
                await connection.execute(insert(KeyValueRow).values(name=f"m{crowd[n].id}", value="again"))
            return n

        return work

    found = await asyncio.gather(*(db.batch_write(piece(n), crowd[n].id) for n in range(20)), return_exceptions=True)
    assert [n for n, result in enumerate(found) if isinstance(result, IntegrityError)] == [2, 7, 12, 17]
    assert [result for result in found if isinstance(result, int)] == [n for n in range(20) if n % 5 != 2]
    assert await one(db, "SELECT count(*) FROM key_values WHERE name LIKE 'm%'") == 16


async def test_what_a_member_does_next_sees_what_they_have_done(display: Services, db: Database) -> None:
    ann, ben = await meet(display, 2001), await meet(display, 2002)

    def count_up(member: int) -> Any:
        async def work(connection: AsyncConnection) -> int:
            await people.lock(connection, member)
            before = int(await key_values.get(connection, f"count-{member}") or 0)
            await key_values.set(connection, f"count-{member}", str(before + 1))
            return before + 1

        return work

    both = [member.id for _ in range(15) for member in (ann, ben)]
    found = await asyncio.gather(*(db.batch_write(count_up(member), member) for member in both))
    assert found == [n for n in range(1, 16) for _ in range(2)]


async def test_waiting_for_anything_else_is_a_mistake_that_is_told(display: Services, db: Database) -> None:
    ann, ben = await meet(display, 2001), await meet(display, 2002)

    async def waits(connection: AsyncConnection) -> None:
        await note_down(connection, ben.id)
        await asyncio.get_running_loop().create_future()

    async def quick(connection: AsyncConnection) -> str:
        await note_down(connection, ann.id)
        return "done"

    waiting = asyncio.create_task(db.batch_write(waits, ben.id))
    assert await asyncio.wait_for(db.batch_write(quick, ann.id), GUARD) == "done"
    waiting.cancel()


async def test_a_cancelled_caller_leaves_the_others_their_answers(display: Services, db: Database) -> None:
    item = (await on_display(display))[0]
    crowd = [await voter(display, 2000 + n, 1) for n in range(12)]
    taps = [asyncio.create_task(display.voting.cast(member, item)) for member in crowd]
    await asyncio.sleep(0)
    taps[3].cancel()
    taps[8].cancel()
    found = await asyncio.wait_for(asyncio.gather(*taps, return_exceptions=True), GUARD)
    assert [n for n, result in enumerate(found) if isinstance(result, asyncio.CancelledError)] == [3, 8]
    assert await wants(display, item) == 12, "an act that was begun is done to its end"


async def test_closing_finishes_what_waits(display: Services, second: Services, db: Database) -> None:
    item = (await on_display(display))[0]
    crowd = [await voter(display, 2000 + n, 1) for n in range(60)]
    taps = [asyncio.create_task(second.voting.cast(member, item)) for member in crowd]
    await asyncio.sleep(0)
    await second.context.db.close()
    assert all(answer.refused is None for answer in await asyncio.gather(*taps))
    assert await wants(display, item) == 60


# -- deadlocks --


@pytest.mark.long
@pytest.mark.parametrize("whose", ["the same people", "each its own people"])
async def test_r19_two_processes_on_the_same_items_never_deadlock(
    display: Services, second: Services, db: Database, whose: str
) -> None:
    """Fifty taps at once in each of two processes, votes and taking back, on the same few items."""
    goods = (await on_display(display))[:8]
    crowd = [await voter(display, 2000 + n, 6) for n in range(60)]
    own = {display: crowd[:30], second: crowd[30:] if whose == "each its own people" else crowd[:30]}
    chance, before = random.Random(5), await deadlocks(db)

    async def tap(services: Services) -> None:
        for _ in range(50):
            verb = chance.choice((services.voting.cast, services.voting.take_back))
            await verb(chance.choice(own[services]), chance.choice(goods))

    await asyncio.gather(*(tap(services) for services in (display, second) for _ in range(50)))
    # What a connection has done is counted when it ends.
    await display.context.db._batch_queue.close()
    await second.context.db._batch_queue.close()
    assert await deadlocks(db) == before
    await assert_sound(db)


async def test_r17_a_round_that_closes_meanwhile_waits_in_line(
    display: Services, second: Services, db: Database, watch: Watch
) -> None:
    goods, before = await on_display(display), await deadlocks(db)
    crowd = [await voter(display, 2000 + n, 5) for n in range(60)]

    async def close() -> None:
        watch.advance(days=1)
        await display.rounds.tick()

    def taps(some: range) -> list[Any]:
        both = (display, second)
        return [both[n % 2].voting.cast(crowd[n], item) for n in some for item in goods[n % 9 : n % 9 + 4]]

    answers = await asyncio.gather(*taps(range(30)), close(), *taps(range(30, 60)))
    counted = sum(answer is not None and answer.refused is None for answer in answers)
    assert counted == await one(db, "SELECT count(*) FROM votes WHERE taken_back_at IS NULL")
    assert await deadlocks(db) == before
    await assert_sound(db)


async def test_whose_row_is_held_elsewhere_waits_alone(display: Services, second: Services, db: Database) -> None:
    """A process that is paused during a transaction delays only the member whose row it has locked."""
    item = (await on_display(display))[0]
    ann, *others = [await voter(display, 2000 + n, 1) for n in range(12)]
    async with second.context.db.write() as connection:
        await people.lock(connection, ann.id)
        waits = asyncio.create_task(display.voting.cast(ann, item))
        answers = await asyncio.wait_for(asyncio.gather(*(display.voting.cast(one, item) for one in others)), GUARD)
        assert all(answer.refused is None for answer in answers) and not waits.done()
    assert (await asyncio.wait_for(waits, GUARD)).refused is None
    assert await wants(display, item) == 12


# -- what breaks under it --


async def test_a_line_whose_connection_was_cut_takes_a_fresh_one(display: Services, db: Database) -> None:
    item, *_ = await on_display(display)
    crowd = [await voter(display, 2000 + n, 1) for n in range(20)]
    await display.voting.cast(crowd[0], item, cause=1)
    pid = (await driver_of(db)).get_server_pid()
    await order(db, "SELECT pg_terminate_backend(:pid)", pid=pid)
    answers = await asyncio.gather(
        *(display.voting.cast(member, item, cause=n) for n, member in enumerate(crowd[1:], 2)), return_exceptions=True
    )
    assert all(isinstance(answer, DatabaseUnavailable) or answer.refused is None for answer in answers if answer)  # type: ignore[union-attr]
    again = [await display.voting.cast(member, item, cause=n) for n, member in enumerate(crowd[1:], 2)]
    assert all(answer.refused is None and answer.voted for answer in again), "brought again, it is answered as before"
    assert await wants(display, item) == 20
    assert await ask(db, "SELECT member_id FROM votes GROUP BY member_id HAVING count(*) > 1") == []


async def test_a_transaction_that_is_cut_in_its_middle_stores_nothing(display: Services, db: Database) -> None:
    crowd = [await meet(display, 2000 + n) for n in range(6)]

    def piece(n: int) -> Any:
        async def work(connection: AsyncConnection) -> None:
            await note_down(connection, crowd[n].id)
            if n == 4:
                await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        return work

    found = await asyncio.gather(*(db.batch_write(piece(n), crowd[n].id) for n in range(6)), return_exceptions=True)
    stored = await one(db, "SELECT count(*) FROM key_values WHERE name LIKE 'm%'")
    assert isinstance(found[4], DatabaseUnavailable) and stored == sum(result is None for result in found)


@pytest.mark.parametrize("door", ["write", "together"])
async def test_a_connection_whose_machine_has_vanished_is_over_within_half_a_minute(db: Database, door: str) -> None:
    """A machine that vanishes cannot be made here: these are what the kernel is told of it (tcp(7)), in seconds."""
    if door == "together":
        driver = await driver_of(db)
    else:
        async with db.write() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
    line = driver._transport.get_extra_info("socket")

    def told(name: str) -> int:
        return int(line.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)))

    assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert told("TCP_KEEPIDLE") + told("TCP_KEEPINTVL") * told("TCP_KEEPCNT") <= 30, "where an answer is waited for"
    assert 0 < told("TCP_USER_TIMEOUT") <= 30_000, "where something was sent, in milliseconds"


class Relay:
    """Stands between the bot and the server, and may fall silent: it takes what comes, and brings none of it."""

    def __init__(self) -> None:
        self.speaks = asyncio.Event()
        self.speaks.set()

    async def bring(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while some := await source.read(65536):
            await self.speaks.wait()
            to.write(some)
        to.close()


@asynccontextmanager
async def relayed(db: Database) -> AsyncIterator[tuple[Relay, Database]]:
    """The same database by way of a relay."""
    relay, url = Relay(), db.url

    async def meet_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far, back = await asyncio.open_connection(url.host, url.port)
        await asyncio.gather(relay.bring(reader, back), relay.bring(far, writer), return_exceptions=True)

    door = await asyncio.start_server(meet_one, "127.0.0.1", 0)
    there = Database(url.set(port=door.sockets[0].getsockname()[1]).render_as_string(hide_password=False))
    yield relay, there
    relay.speaks.set()
    await there.close()
    door.close()


async def test_votes_do_not_wait_for_ever_for_a_server_that_has_fallen_silent(
    display: Services, db: Database, tmp_path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    goods = await on_display(display)
    ann = await voter(display, 2001, 9)
    async with relayed(db) as (relay, there):
        voting = make_services(there, settings_for(tmp_path), watch).voting
        await voting.cast(ann, goods[0], cause=1)
        monkeypatch.setattr(storage.db.statement_batcher, "ANSWERS_WITHIN", 0.5)
        relay.speaks.clear()
        with pytest.raises(DatabaseUnavailable):
            await asyncio.wait_for(voting.cast(ann, goods[1], cause=2), GUARD)
        relay.speaks.set()
        monkeypatch.undo()
        answer = await voting.cast(ann, goods[1], cause=2)
        assert answer.refused is None and answer.voted
    assert await wants(display, goods[1]) == 1
