"""What is old is deleted in small steps, and what a rule still needs is kept (R5, R16, R22, R24, R26, R36)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select

from bot.services import Services
from domain.goods import WhyOut
from domain.notifications import NotificationKind
from domain.people import Member
from services import operations
from services.groups import Rejected, Scheduled
from services.notifications.kinds import GroupNotification, ItemRejected
from services.notifications.outbox import ClaimedNotification
from services.operations import KEEP_LINKS, KEEP_NOTIFICATIONS, KEEP_PICTURES, KEEP_POSTERS, RETENTIONS, Retention
from services.pictures.uploads import Pictures
from storage import registration
from storage.db import Database
from storage.models import ItemRow, ItemStepRow
from storage.registration import NewPicture
from tests.conftest import Watch, meet, queue_due
from tests.services.conftest import ask, on_display, one, order, voter
from tests.services.test_campaigns import latest, send
from tests.services.test_posters import poster_of

pytestmark = pytest.mark.postgresql_later

ABOUT_GROUPS = "SELECT count(*) FROM notifications WHERE kind LIKE 'group-%'"


@pytest.fixture
async def item(display: Services, db: Database) -> int:
    """An item that three members follow; nothing else is to be told."""
    await order(db, "UPDATE campaigns SET state = 'expired'")
    item = (await on_display(display))[0]
    for chat_id in (1001, 1002, 1003):
        await display.voting.follow(await meet(display, chat_id, "P"), item, on=True)
    return item


async def scheduled(services: Services, item: int, **ahead: float) -> None:
    """A group so far ahead; its first alert is queued."""
    opens_at = services.context.clock.now() + timedelta(**ahead)
    assert isinstance(await services.groups.schedule(item, opens_at, None, "test", even_late=True), Scheduled)
    await queue_due(services)


async def purge(services: Services, watch: Watch, after: timedelta = timedelta()) -> None:
    """What the hourly ticks do after this time."""
    watch.time += after + timedelta(hours=1)
    await services.housekeeping.tick()


async def claim_one(services: Services, kind: NotificationKind, member: Member) -> ClaimedNotification:
    claimed = await services.outbox.claim(50)
    return next(one for one in claimed if (one.kind, one.member_id) == (kind, member.id))


# -- notifications -----------------------------------------------------------------------------------------------------


async def test_alerts_are_deleted_a_month_after_their_group_has_opened_and_stay_counted(
    display: Services, item: int, db: Database, watch: Watch
) -> None:
    await scheduled(display, item, hours=5)
    await send(display, 2)
    await display.people.mark_unreachable(1003, "blocked")
    await queue_due(display)
    before = (await latest(display, NotificationKind.GROUP_SCHEDULED)).tally
    assert before.states == {"sent": 2, "suppressed": 1}
    watch.advance(hours=5)
    await queue_due(display)
    await send(display)
    await purge(display, watch, KEEP_NOTIFICATIONS - timedelta(hours=2))
    assert await one(db, ABOUT_GROUPS) > 0
    await purge(display, watch, timedelta(hours=5))
    assert await one(db, ABOUT_GROUPS) == 0
    after = await latest(display, NotificationKind.GROUP_SCHEDULED)
    assert after.tally == before and after.finished and not after.untold


async def test_r24_who_was_told_of_a_group_is_remembered_as_long_as_it_can_move(
    display: Services, item: int, db: Database, watch: Watch
) -> None:
    ann = await meet(display, 1001)
    await scheduled(display, item, days=2)
    await send(display)
    await scheduled(display, item, days=100)
    await purge(display, watch, 2 * KEEP_NOTIFICATIONS)
    assert await one(db, f"{ABOUT_GROUPS} AND revision = 1 AND state = 'sent'") == 3
    await scheduled(display, item, days=30)
    moved = await display.outbox.contents(await claim_one(display, NotificationKind.GROUP_SCHEDULED, ann))
    assert isinstance(moved, GroupNotification) and moved.corrected


async def test_r5_who_was_told_of_a_cancelled_group_reads_that_it_does_not_come(
    display: Services, item: int, db: Database, watch: Watch
) -> None:
    ann = await meet(display, 1001)
    await scheduled(display, item, days=2)
    await send(display)
    await scheduled(display, item, days=100)
    await send(display)
    watch.time += 2 * KEEP_NOTIFICATIONS
    assert isinstance(await display.groups.reject(item, WhyOut.PRICE, "test"), Rejected)
    await queue_due(display)
    await purge(display, watch)
    found = await display.outbox.contents(await claim_one(display, NotificationKind.ITEM_REJECTED, ann))
    assert isinstance(found, ItemRejected) and found.group_announced
    await purge(display, watch, 3 * KEEP_NOTIFICATIONS)
    assert await one(db, ABOUT_GROUPS) == 0


async def test_r22_a_milestone_is_remembered_while_votes_come(display: Services, db: Database, watch: Watch) -> None:
    ann, item = await meet(display, 1001, "Ann"), (await on_display(display))[0]
    link = await display.canvassing.link(ann, item)
    assert link is not None
    friend = await voter(display, 1002)
    await display.canvassing.open(friend, link.token)
    milestones = "SELECT count(*) FROM notifications WHERE kind = 'milestone'"
    assert (await display.voting.cast(friend, item)).refused is None and await one(db, milestones) == 1
    await order(db, "UPDATE notifications SET state = 'sent'")
    await purge(display, watch, 2 * KEEP_NOTIFICATIONS)
    assert await one(db, milestones) == 1, "the round goes on, as nothing has closed it"
    await display.rounds.tick()
    await purge(display, watch)
    assert await one(db, milestones) == 0


async def test_r26_what_is_on_its_way_or_held_back_is_kept_whatever_its_age(
    display: Services, item: int, db: Database, watch: Watch
) -> None:
    await scheduled(display, item, hours=5)
    await order(db, "UPDATE groups SET cancelled_at = scheduled_at")
    for state in ("pending", "claimed", "inflight", "paused"):
        await order(db, f"UPDATE notifications SET state = '{state}' WHERE kind = 'group-scheduled'")
        await purge(display, watch, 2 * KEEP_NOTIFICATIONS)
        assert await one(db, ABOUT_GROUPS) == 3, state


async def test_what_perhaps_arrived_is_counted_as_unknown_when_it_is_deleted(
    display: Services, item: int, db: Database, watch: Watch
) -> None:
    await scheduled(display, item, hours=5)
    await order(db, "UPDATE notifications SET state = 'expired', uncertain_attempts = 1 WHERE kind = 'group-scheduled'")
    await order(db, "UPDATE groups SET cancelled_at = scheduled_at")
    await purge(display, watch, 2 * KEEP_NOTIFICATIONS)
    campaign = await latest(display, NotificationKind.GROUP_SCHEDULED)
    assert campaign.tally.states == {"unknown": 3} and not campaign.untold


async def test_a_deleted_alert_is_not_queued_again(display: Services, item: int, db: Database, watch: Watch) -> None:
    await scheduled(display, item, hours=5)
    await send(display)
    watch.advance(hours=5)
    await queue_due(display)
    await send(display)
    await purge(display, watch, 2 * KEEP_NOTIFICATIONS)
    await queue_due(display)
    await display.campaigns.tick()
    assert await one(db, ABOUT_GROUPS) == 0


async def test_one_kind_of_row_that_cannot_be_deleted_keeps_no_other(
    display: Services, item: int, db: Database, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> int:
        raise ValueError("broken")

    await scheduled(display, item, hours=5)
    await order(db, "UPDATE notifications SET state = 'sent'")
    await order(db, "UPDATE groups SET cancelled_at = scheduled_at")
    monkeypatch.setattr(operations, "RETENTIONS", (Retention(timedelta(), broken), *RETENTIONS))
    with pytest.raises(ValueError, match="broken"):
        await purge(display, watch, 2 * KEEP_NOTIFICATIONS)
    assert await one(db, ABOUT_GROUPS) == 0


# -- members -----------------------------------------------------------------------------------------------------------


async def test_r36_an_erased_member_to_whom_nothing_refers_leaves_no_row(
    display: Services, db: Database, watch: Watch
) -> None:
    ann, bob = await meet(display, 1001), await voter(display, 1002)
    item = (await on_display(display))[0]
    await display.voting.cast(bob, item)
    for member in (ann, bob):
        await display.people.erase(member)
    await order(db, "UPDATE members SET erased_hash = NULL WHERE id = :id", id=ann.id)
    await purge(display, watch)
    assert await one(db, "SELECT count(*) FROM members") == 2, "what was begun for them may still end"
    await purge(display, watch, timedelta(days=2))
    left = [tuple(row) for row in await ask(db, "SELECT id, chat_id FROM members")]
    assert left == [(bob.id, None)], "a vote refers to them"
    await order(db, "UPDATE members SET erased_hash = NULL")
    await purge(display, watch)
    assert await one(db, "SELECT wants FROM items WHERE id = :id", id=item) == 1
    assert await one(db, "SELECT count(*) FROM votes WHERE member_id = :id", id=bob.id) == 1
    assert (await meet(display, 1003)).id > bob.id, "numbers are never given again"


async def test_r16_an_erased_member_stays_known_while_their_hash_is_needed(
    display: Services, db: Database, watch: Watch
) -> None:
    ann = await meet(display, 1001)
    await display.people.erase(ann)
    await order(db, "UPDATE members SET erased_hash = 'kept'")
    await purge(display, watch, timedelta(days=400))
    assert await one(db, "SELECT count(*) FROM members") == 1


async def test_links_of_an_erased_member_are_deleted_after_the_round_unless_a_friend_came_by_them(
    display: Services, db: Database, watch: Watch
) -> None:
    ann, bob, item = await meet(display, 1001), await meet(display, 1002), (await on_display(display))[0]
    friend = await meet(display, 1003)
    for owner in (ann, bob):
        link = await display.canvassing.link(owner, item)
        assert link is not None
        if owner is bob:
            await display.canvassing.open(friend, link.token)
        await display.people.erase(owner)
    await purge(display, watch, 2 * KEEP_LINKS)
    assert await one(db, "SELECT count(*) FROM canvass_links") == 2, "no round has closed"
    await display.rounds.tick()
    await purge(display, watch, KEEP_LINKS - timedelta(hours=2))
    assert await one(db, "SELECT count(*) FROM canvass_links") == 2
    await purge(display, watch, timedelta(hours=2))
    assert [row.member_id for row in await ask(db, "SELECT member_id FROM canvass_links")] == [bob.id]
    assert [row.id for row in await ask(db, "SELECT id FROM members ORDER BY id")] == [bob.id, friend.id]


# -- pictures and posters ----------------------------------------------------------------------------------------------


async def end_all(db: Database, watch: Watch) -> None:
    """All goods end now."""
    await order(db, "UPDATE items SET state = 'expired'")
    async with db.write() as connection:
        await connection.execute(delete(ItemStepRow))
        for item in await connection.scalars(select(ItemRow.id)):
            step = {"item_id": item, "state": "expired", "at": watch.time, "actor": "clock"}
            await connection.execute(insert(ItemStepRow).values(step))


FULL = "SELECT count(*) FROM pictures WHERE length(content) > 0"


async def test_pictures_are_emptied_half_a_year_after_their_goods_ended_and_a_plain_one_stands_for_them(
    display: Services, db: Database, watch: Watch
) -> None:
    await end_all(db, watch)
    number = await one(db, "SELECT min(picture_id) FROM items")
    pictures = Pictures(display.context, 42)
    await pictures.keep_file_id(number, "known")
    await purge(display, watch, KEEP_PICTURES - timedelta(hours=2))
    kept = await one(db, FULL)
    assert kept > 0
    await order(db, "UPDATE items SET state = 'on_display' WHERE picture_id = (SELECT max(picture_id) FROM items)")
    await purge(display, watch, timedelta(hours=2))
    assert await one(db, FULL) == 1, "one is shown again"
    assert await one(db, "SELECT count(*) FROM pictures") == kept
    assert (await pictures.content(number)).startswith(b"\xff\xd8"), "a JPEG"
    anew = Pictures(display.context, 42)
    await anew.start()
    assert anew.file_ids == {number: "known"}, "the chat goes on showing it"


async def test_a_picture_that_is_imported_again_has_its_content_again(
    display: Services, db: Database, watch: Watch
) -> None:
    pictures = Pictures(display.context, 42)
    (row,) = await ask(db, "SELECT id, digest, content, width, height FROM pictures ORDER BY id LIMIT 1")
    content = bytes(row.content)
    await order(db, "UPDATE pictures SET content = :nothing", nothing=b"")
    assert await pictures.content(row.id) != content
    await pictures.keep_file_id(row.id, "of the plain one")
    assert pictures.file_ids == {}
    async with db.write() as connection:
        again = [NewPicture(row.digest, content, row.width, row.height)]
        await registration.add_pictures(connection, again, watch.time)
    assert await one(db, FULL) == 1
    assert await pictures.content(row.id) == content
    await pictures.keep_file_id(row.id, "its own")
    assert pictures.file_ids == {row.id: "its own"}


async def test_file_ids_of_posters_are_deleted_two_weeks_after_their_round(
    display: Services, db: Database, watch: Watch
) -> None:
    pictures = Pictures(display.context, 42)
    poster = await poster_of(display)
    await pictures.keep_file_id(poster, "known")
    await purge(display, watch, 2 * KEEP_POSTERS)
    assert await pictures.poster_file_id(poster) == "known", "no round has closed"
    await display.rounds.tick()
    await purge(display, watch, KEEP_POSTERS - timedelta(hours=2))
    assert await pictures.poster_file_id(poster) == "known"
    await purge(display, watch, timedelta(hours=2))
    assert await pictures.poster_file_id(poster) is None
