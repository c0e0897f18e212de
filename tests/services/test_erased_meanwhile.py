"""A member who was read before their deletion, by another process say, and is used after it: nothing more is stored
about them, and no vote of an erased member is cast (R16, R36)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import Services, make_services
from domain.payloads import VoteStart
from domain.people import Member, MemberErased, QuietHours
from services.canvassing.cards import Spot
from services.jobs import JobKind
from storage import people
from storage.db import Database
from tests.conftest import Watch, meet, settings_for
from tests.services.conftest import on_display, one, stored_about, until_blocked, voter, wants

pytestmark = pytest.mark.postgresql_later

CARD = Spot(inline_id="a card")


async def everything(db: Database) -> dict[str, list[Any]]:
    """All rows of all tables."""
    async with db.read() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        return {
            table: sorted(map(str, (await connection.exec_driver_sql(f'SELECT * FROM "{table}"')).all()))
            for table in tables
            if table != "key_values"
        }


WRITES: dict[str, Callable[[Services, Member, int, str], Awaitable[Any]]] = {
    "a vote": lambda all, ann, item, _: all.voting.cast(ann, item),
    "a vote taken back": lambda all, ann, item, _: all.voting.take_back(ann, item),
    "a follow": lambda all, ann, item, _: all.voting.follow(ann, item, on=True),
    "a follow ended": lambda all, ann, item, _: all.voting.follow(ann, item, on=False),
    "a draw": lambda all, ann, item, _: all.carousel.new_draw(ann),
    "an exposure": lambda all, ann, item, _: all.carousel.shown(ann, item),
    "a link": lambda all, ann, item, _: all.canvassing.link(ann, item),
    "another link": lambda all, ann, item, _: all.canvassing.link(ann, item, renew=True),
    "an open": lambda all, ann, item, token: all.canvassing.open(ann, token),
    "an offer": lambda all, ann, item, _: all.cards.offers(ann, "", 0, 3),
    "a card sent": lambda all, ann, item, _: all.cards.chosen(ann, item, CARD, "zp", 0),
    "a card tapped": lambda all, ann, item, token: all.cards.tap(ann, token, CARD, "zp", 0),
    "a vote completed": lambda all, ann, item, token: all.cards.complete(
        ann, VoteStart.sign(b"another key", ann.chat_id, token)
    ),
    "a language": lambda all, ann, item, _: all.people.set_language(ann, "zh"),
    "a switch": lambda all, ann, item, _: all.people.toggle(ann, "name", on=True),
    "quiet hours": lambda all, ann, item, _: all.people.set_quiet_hours(ann, QuietHours.parse("1:00-2:00")),
    "a job": lambda all, ann, item, _: all.jobs.enqueue("k", JobKind.EXPORT, ann, {"kind": "votes"}),
    "a bound chat": lambda all, ann, item, _: all.chats.bind(-100500, "en", by=ann),
}


@pytest.mark.parametrize("what", WRITES)
async def test_r36_nothing_is_stored_for_a_member_who_was_erased_meanwhile(
    display: Services, db: Database, what: str
) -> None:
    item = (await on_display(display))[0]
    bob, ann = await voter(display, 1002), await voter(display, 1001)
    link = await display.canvassing.link(bob, item)
    assert link is not None
    await display.cards.offers(bob, "", 0, 1)
    await display.people.erase(ann)
    before = await everything(db)
    with pytest.raises(MemberErased):
        await WRITES[what](display, ann, item, link.token)
    assert await everything(db) == before


async def test_r36_an_export_that_was_asked_for_before_the_deletion_shows_nothing_of_others(display: Services) -> None:
    """What names no one, such as a failed post of a channel, was taken for the erased member's own."""
    ann = await voter(display, 1001)
    await display.failed_updates.keep({"update_id": 5, "channel_post": {"text": "of others"}}, None, "failed", 3)
    await display.people.erase(ann)
    with pytest.raises(MemberErased):
        await stored_about(display, ann)


async def test_r16_a_vote_that_waits_for_the_deletion_is_not_cast(display: Services, db: Database) -> None:
    """The vote was begun before the deletion was stored, and waits for it."""
    item, ann = (await on_display(display))[0], await voter(display, 1001)
    async with db.write() as connection:
        await people.lock_for_erasure(connection, ann.id)
        voting = asyncio.ensure_future(display.voting.cast(ann, item))
        await until_blocked(db, voting)
        await connection.exec_driver_sql(f"UPDATE members SET chat_id = NULL WHERE id = {ann.id}")
    with pytest.raises(MemberErased):
        await voting
    assert await wants(display, item) == 0 and await one(db, "SELECT count(*) FROM votes") == 0


async def test_r36_a_name_that_changed_before_the_deletion_is_not_stored_after_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await meet(services)
    lock = people.lock

    async def lock_after_an_erasure(connection: AsyncConnection, member_id: int) -> None:
        await connection.exec_driver_sql(f"UPDATE members SET chat_id = NULL, first_name = '' WHERE id = {ann.id}")
        await lock(connection, member_id)

    monkeypatch.setattr(people, "lock", lock_after_an_erasure)
    with pytest.raises(MemberErased):
        await meet(services, name="Annabel")


# -- one order of locks ------------------------------------------------------------------------------------------------


@pytest.fixture
async def second(db: Database, tmp_path: Path, watch: Watch) -> AsyncIterator[Services]:
    """The same bot in another process."""
    other = Database(db.url.render_as_string(hide_password=False))
    yield make_services(other, settings_for(tmp_path), watch)
    await other.close()


@pytest.mark.parametrize("whose", ["owner", "friend"])
async def test_r36_a_tap_on_a_card_and_a_deletion_at_once_both_end(
    display: Services, second: Services, db: Database, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    """The tap has stored its open when the deletion begins: on PostgreSQL each then waited for the other's locks."""
    item = (await on_display(display))[0]
    owner, friend = await voter(display, 1002), await voter(display, 1001)
    (offer,) = (await display.cards.offers(owner, "", 0, 1, only=item)).offers
    halfway, go_on = asyncio.Event(), asyncio.Event()
    cast = display.voting.cast_within

    async def stopped_halfway(*given: Any) -> Any:
        halfway.set()
        if not db.is_sqlite:  # which has one writer at a time
            await go_on.wait()
        return await cast(*given)

    monkeypatch.setattr(display.voting, "cast_within", stopped_halfway)
    tap = asyncio.ensure_future(display.cards.tap(friend, offer.token, CARD, "zp", 0))
    await halfway.wait()
    erasing = asyncio.ensure_future(second.people.erase({"owner": owner, "friend": friend}[whose]))
    await until_blocked(db, erasing)
    go_on.set()
    tapped, _ = await asyncio.gather(tap, erasing)
    assert tapped.answer is not None and tapped.answer.refused is None
    assert await wants(display, item) == 1
    assert await one(db, "SELECT count(*) FROM notifications WHERE member_id = :id", id=friend.id) == 0
    stays = await one(db, "SELECT count(*) FROM shared_cards WHERE link_id IS NOT NULL")
    assert stays == (whose == "friend"), "a card of an erased owner leads to no link"


async def test_r19_taps_on_a_card_by_a_new_friend_and_by_its_owner_never_wait_for_each_other(
    display: Services, second: Services, db: Database
) -> None:
    """Both are about to count a vote. The friend's tap has stored that the link was shared; the owner's stored it after
    its vote, and so each waited for the other's lock."""
    item = (await on_display(display))[0]
    owner, friend = await voter(display, 1002), await voter(display, 1001)
    (offer,) = (await display.cards.offers(owner, "", 0, 1, only=item)).offers
    taps: list[asyncio.Task[Any]] = []
    async with db.write() as connection:
        await connection.exec_driver_sql(f"UPDATE items SET title = title WHERE id = {item}")
        for process, member in ((display, owner), (second, friend)):
            taps.append(asyncio.ensure_future(process.cards.tap(member, offer.token, CARD, "zp", 0)))
            await until_blocked(db, *taps)
    tapped = await asyncio.gather(*taps)
    assert [each.answer.refused for each in tapped] == [None, None] and await wants(display, item) == 2


async def test_r22_an_owner_who_is_erased_is_told_of_no_milestone(display: Services, db: Database) -> None:
    item = (await on_display(display))[0]
    bob, ann = await voter(display, 1002), await voter(display, 1001)
    link = await display.canvassing.link(bob, item)
    assert link is not None
    await display.canvassing.open(ann, link.token)
    await display.people.erase(bob)
    await display.voting.cast(ann, item)
    assert await wants(display, item) == 1
    assert await one(db, "SELECT count(*) FROM notifications WHERE kind = 'milestone'") == 0
