"""The number of a row that is gone leads to no other row: it may stand in a button, or be held by a sender."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.services import Services
from domain.notifications import NotificationKind
from domain.people import Member
from services.carousel import Card
from services.jobs import KEPT_FOR, JobKind
from services.notifications.outbox import ClaimedNotification
from services.operations import hold
from storage.db import Database
from storage.models import Base
from storage.notifications import add_notification
from tests.conftest import Watch, meet
from tests.services.conftest import ask, one, order

TABLE = {"file_id": "f"}


async def enqueue(services: Services, member: Member, key: str) -> int:
    number = await services.jobs.enqueue(key, JobKind.IMPORT_CHECK, member, TABLE)
    assert number is not None
    return number


async def granted(services: Services, member: Member, grant: int) -> ClaimedNotification:
    """The claimed notification of ballots that a member was given."""
    now = services.context.clock.now()
    async with services.context.db.write() as connection:
        await add_notification(connection, NotificationKind.GRANT, grant, 1, member.id, now, now + timedelta(days=1))
    (claimed,) = await services.outbox.claim(5)
    assert claimed.member_id == member.id
    return claimed


async def test_r26_what_was_sent_to_a_member_who_is_erased_meanwhile_settles_no_other_notification(
    services: Services, db: Database
) -> None:
    ann, bob = await meet(services, 1001), await meet(services, 1002, "Bob")
    in_flight = await granted(services, ann, 1)
    assert await services.outbox.begin(in_flight)
    await services.people.erase(ann)
    other = await granted(services, bob, 2)
    assert (other.id, other.fence) != (in_flight.id, in_flight.fence)
    await services.outbox.sent(in_flight, 77)
    assert [tuple(row) for row in await ask(db, "SELECT member_id, state FROM notifications")] == [(bob.id, "claimed")]
    assert await services.outbox.begin(other)


async def test_the_button_of_a_purged_job_leads_to_no_newer_file(
    services: Services, db: Database, watch: Watch
) -> None:
    ann = await meet(services)
    old = await enqueue(services, ann, "monday")
    watch.advance(days=KEPT_FOR.days + 1)
    await services.housekeeping.tick()
    assert await one(db, "SELECT count(*) FROM jobs") == 0
    newest = await enqueue(services, ann, "tuesday")
    assert newest != old
    assert await services.jobs.payload(old, JobKind.IMPORT_CHECK, ann) is None


async def test_the_button_of_a_deleted_draw_leads_to_no_newer_draw(display: Services, db: Database) -> None:
    ann = await meet(display)
    old = await display.carousel.new_draw(ann)
    assert isinstance(old, Card)
    await order(db, "DELETE FROM draws")
    new = await display.carousel.new_draw(ann)
    assert isinstance(new, Card) and new.place.draw != old.place.draw


@pytest.mark.parametrize("table", [table.name for table in Base.metadata.sorted_tables if "id" in table.columns])
async def test_no_table_gives_the_number_of_a_deleted_row_again(table: str, db: Database) -> None:
    if db.is_sqlite:
        made = await one(db, "SELECT sql FROM sqlite_master WHERE name = :table", table=table)
        assert "PRIMARY KEY (id AUTOINCREMENT)" in made or "PRIMARY KEY AUTOINCREMENT" in made
    else:
        assert await one(db, "SELECT pg_get_serial_sequence(:table, 'id')", table=table) is not None


async def test_after_a_restore_no_number_is_given_that_was_given_since_the_backup(
    services: Services, db: Database, watch: Watch
) -> None:
    ann = await meet(services)
    before = await enqueue(services, ann, "before")
    await hold(db, watch.now() + timedelta(days=1))
    after = await enqueue(services, ann, "after")
    assert after > before + 1_000_000
    async with db.write() as connection:
        await connection.execute(text("INSERT INTO shops (name) VALUES ('the first')"))
    assert await one(db, "SELECT min(id) FROM shops") > 1_000_000
