"""Whose link brought whom: opens and votes by canvass links, and what ends them (R21-R23, R36; docs/canvassing.md)."""

from __future__ import annotations

import asyncio
import re

import pytest

from bot.services import Services
from domain.people import Member
from domain.voting import MILESTONES
from services.canvassing.links import UNOPENED_KEPT, MyLink
from storage.db import Database
from tests.conftest import Watch, meet
from tests.services.conftest import ask, on_display, one, order, voter

pytestmark = pytest.mark.postgresql_later


@pytest.fixture
async def item(display: Services) -> int:
    return (await on_display(display))[0]


async def link_of(services: Services, owner: Member, item: int) -> MyLink:
    found = await services.canvassing.link(owner, item)
    assert found is not None
    return found


async def came(services: Services, owner: Member, item: int) -> tuple[int, int]:
    """(opens, votes) as the owner sees them."""
    found = await link_of(services, owner, item)
    return found.opens, found.votes


async def milestones(db: Database, owner: Member) -> list[int]:
    query = "SELECT revision FROM notifications WHERE kind = 'milestone' AND member_id = :id ORDER BY id"
    return [row[0] for row in await ask(db, query, id=owner.id)]


# -- links ------------------------------------------------------------------------------------------------------------


async def test_r21_one_link_a_member_and_item(display: Services, item: int) -> None:
    ann, bob = await meet(display, 1001), await meet(display, 1002)
    first, again = await link_of(display, ann, item), await link_of(display, ann, item)
    assert first.token == again.token
    others = {(await link_of(display, bob, item)).token, (await link_of(display, ann, item + 1)).token}
    assert len(others | {first.token}) == 3


async def test_r21_a_link_made_many_times_at_once_is_one(display: Services, db: Database, item: int) -> None:
    ann = await meet(display)
    made = await asyncio.gather(*(link_of(display, ann, item) for _ in range(30)))
    assert len({link.token for link in made}) == 1
    assert await one(db, "SELECT count(*) FROM canvass_links") == 1


async def test_r23_links_are_long_random_and_say_nothing(display: Services, db: Database) -> None:
    people = [await meet(display, 5_000_000 + n, f"Name{n}") for n in range(5)]
    goods = await on_display(display)
    tokens = [(await link_of(display, who, what)).token for who in people for what in goods[:10]]
    assert len(set(tokens)) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{16}", token) for token in tokens), "what a start payload may hold"
    assert not [token for token in tokens if any(str(who.chat_id) in token for who in people)]
    # 96 bits: no two share more than chance gives them.
    assert max(sum(a == b for a, b in zip(x, y, strict=True)) for x in tokens for y in tokens if x != y) <= 6


@pytest.mark.parametrize("forged", [0, -1, 2**53])
async def test_r19_no_link_for_an_item_that_there_is_not(display: Services, forged: int) -> None:
    ann = await meet(display)
    assert await display.canvassing.link(ann, forged) is None
    assert await display.canvassing.link(ann, forged, renew=True) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "A" * 15,
        "A" * 16,
        "A" * 17,
        "A" * 4000,
        "'; DROP TABLE members; --",
        "../../etc/pass",
        "票" * 16,
        "\0" * 16,
    ],
)
async def test_r23_an_unknown_token_leads_nowhere(display: Services, db: Database, token: str) -> None:
    ann = await meet(display)
    assert await display.canvassing.open(ann, token) is None
    assert await display.canvassing.invitation(token) is None
    assert await one(db, "SELECT count(*) FROM canvass_opens") == 0


# -- opens ------------------------------------------------------------------------------------------------------------


async def test_r22_each_friend_counts_once_however_often_they_open(display: Services, item: int) -> None:
    ann, bob = await meet(display, 1001), await meet(display, 1002)
    link = await link_of(display, ann, item)
    opened = await asyncio.gather(*(display.canvassing.open(bob, link.token) for _ in range(20)))
    assert {one and one.item_id for one in opened} == {item}
    assert await came(display, ann, item) == (1, 0)


async def test_r22_never_oneself(display: Services, item: int) -> None:
    ann = await voter(display)
    link = await link_of(display, ann, item)
    opened = await display.canvassing.open(ann, link.token)
    assert opened is not None and opened.own
    await display.voting.cast(ann, item)
    assert await came(display, ann, item) == (0, 0)


async def test_r22_the_first_link_wins(display: Services, item: int) -> None:
    ann, bob, eve = await meet(display, 1001), await meet(display, 1002), await voter(display, 1003)
    for owner in (ann, bob):
        await display.canvassing.open(eve, (await link_of(display, owner, item)).token)
    await display.voting.cast(eve, item)
    assert await came(display, ann, item) == (1, 1)
    assert await came(display, bob, item) == (0, 0)


async def test_r22_of_two_links_opened_at_once_one_wins(display: Services, item: int) -> None:
    owners = [await meet(display, 1001 + n) for n in range(4)]
    tokens = [(await link_of(display, owner, item)).token for owner in owners]
    eve = await voter(display, 2000)
    await asyncio.gather(*(display.canvassing.open(eve, token) for token in tokens * 5))
    await display.voting.cast(eve, item)
    assert sorted([await came(display, owner, item) for owner in owners]) == [(0, 0)] * 3 + [(1, 1)]


async def test_r22_one_level_only(display: Services, item: int) -> None:
    """Ann brings Bob, Bob brings Eve: Eve counts for Bob, and not for Ann."""
    ann, bob, eve = await meet(display, 1001), await voter(display, 1002), await voter(display, 1003)
    await display.canvassing.open(bob, (await link_of(display, ann, item)).token)
    await display.voting.cast(bob, item)
    await display.canvassing.open(eve, (await link_of(display, bob, item)).token)
    await display.voting.cast(eve, item)
    assert await came(display, ann, item) == (1, 1)
    assert await came(display, bob, item) == (1, 1)


async def test_r22_a_link_counts_for_its_own_item_only(display: Services, item: int) -> None:
    ann, bob = await meet(display, 1001), await voter(display, 1002)
    await display.canvassing.open(bob, (await link_of(display, ann, item)).token)
    await display.voting.cast(bob, item + 1)
    assert await came(display, ann, item) == (1, 0)
    assert await came(display, ann, item + 1) == (0, 0)


async def test_r22_a_vote_before_the_open_gets_no_credit(display: Services, item: int) -> None:
    ann, bob = await meet(display, 1001), await voter(display, 1002)
    await display.voting.cast(bob, item)
    await display.canvassing.open(bob, (await link_of(display, ann, item)).token)
    assert await came(display, ann, item) == (1, 0)


async def test_r22_looking_at_the_page_counts_nothing(display: Services, db: Database, item: int) -> None:
    ann = await meet(display)
    link = await link_of(display, ann, item)
    for _ in range(10):
        shown = await display.canvassing.invitation(link.token)
        assert shown is not None and shown.item.id == item and shown.on_display
    assert await came(display, ann, item) == (0, 0)
    assert await one(db, "SELECT count(*) FROM members") == 1


# -- votes that come and go -------------------------------------------------------------------------------------------


async def test_r18_a_vote_taken_back_leaves_and_comes_again(display: Services, item: int) -> None:
    ann, bob = await meet(display, 1001), await voter(display, 1002)
    await display.canvassing.open(bob, (await link_of(display, ann, item)).token)
    await display.voting.cast(bob, item)
    assert await came(display, ann, item) == (1, 1)
    await display.voting.take_back(bob, item)
    assert await came(display, ann, item) == (1, 0)
    await display.voting.cast(bob, item)
    assert await came(display, ann, item) == (1, 1)


async def test_r22_a_milestone_is_notified_once_even_if_votes_are_taken_back(
    display: Services, db: Database, item: int
) -> None:
    ann = await meet(display, 1001)
    link = await link_of(display, ann, item)
    friends = [await voter(display, 2000 + n) for n in range(26)]
    for friend in friends:
        await display.canvassing.open(friend, link.token)
        await display.voting.cast(friend, item)
        await display.voting.take_back(friend, item)
        await display.voting.cast(friend, item)
    assert await milestones(db, ann) == [mark for mark in MILESTONES if mark <= 26]


async def test_r22_milestones_count_over_all_links_of_one_owner_and_item(
    display: Services, db: Database, item: int
) -> None:
    ann = await meet(display, 1001)
    for n in range(5):
        link = await display.canvassing.link(ann, item, renew=True)
        assert link is not None
        friend = await voter(display, 2000 + n)
        await display.canvassing.open(friend, link.token)
        await display.voting.cast(friend, item)
    assert await milestones(db, ann) == [1, 5]


# -- a new link -------------------------------------------------------------------------------------------------------


async def test_a_replaced_link_still_shows_the_item_but_does_not_count(display: Services, item: int) -> None:
    ann, bob, eve = await meet(display, 1001), await voter(display, 1002), await voter(display, 1003)
    old = await link_of(display, ann, item)
    await display.canvassing.open(bob, old.token)
    new = await display.canvassing.link(ann, item, renew=True)
    assert new is not None and new.token != old.token
    opened = await display.canvassing.open(eve, old.token)
    assert opened is not None and opened.item_id == item
    await display.voting.cast(eve, item)
    assert await came(display, ann, item) == (1, 0), "what came before stays"
    assert (await display.canvassing.invitation(old.token)) is not None


async def test_a_friend_of_the_old_link_still_counts_when_they_vote_after_it_ended(
    display: Services, item: int
) -> None:
    ann, bob = await meet(display, 1001), await voter(display, 1002)
    await display.canvassing.open(bob, (await link_of(display, ann, item)).token)
    await display.canvassing.link(ann, item, renew=True)
    await display.voting.cast(bob, item)
    assert await came(display, ann, item) == (1, 1)


async def test_an_open_of_a_revoked_link_leaves_room_for_a_valid_one(display: Services, item: int) -> None:
    ann, bob = await meet(display, 1001), await voter(display, 1002)
    old = await link_of(display, ann, item)
    new = await display.canvassing.link(ann, item, renew=True)
    assert new is not None
    await display.canvassing.open(bob, old.token)
    await display.canvassing.open(bob, new.token)
    assert await came(display, ann, item) == (1, 0)


async def test_new_links_at_once_leave_exactly_one_that_holds(display: Services, db: Database, item: int) -> None:
    ann = await meet(display)
    await asyncio.gather(*(display.canvassing.link(ann, item, renew=True) for _ in range(12)))
    assert await one(db, "SELECT count(*) FROM canvass_links WHERE revoked_at IS NULL") == 1
    assert len((await display.canvassing.mine(ann)).lines) == 1


# -- the end of a round, of an item, of a member ----------------------------------------------------------------------


async def test_a_link_opened_when_the_round_is_over_shows_the_item_and_counts_nothing(
    display: Services, watch: Watch, item: int
) -> None:
    ann, bob, eve = await meet(display, 1001), await meet(display, 1002), await meet(display, 1003)
    link = await link_of(display, ann, item)
    watch.advance(hours=21, minutes=59, seconds=59)
    await display.canvassing.open(bob, link.token)
    watch.advance(seconds=1)  # nothing has ticked yet: the clock alone decides
    opened = await display.canvassing.open(eve, link.token)
    assert opened is not None and opened.item_id == item
    found = await link_of(display, ann, item)
    assert (found.opens, found.votes, found.on_display) == (1, 0, False)
    shown = await display.canvassing.invitation(link.token)
    assert shown is not None and not shown.on_display


async def test_a_link_of_an_item_that_ended_shows_how_it_ended(display: Services, db: Database, item: int) -> None:
    ann, bob = await meet(display, 1001), await meet(display, 1002)
    link = await link_of(display, ann, item)
    await order(db, "UPDATE items SET state = 'rejected' WHERE id = :id", id=item)
    opened = await display.canvassing.open(bob, link.token)
    shown = await display.canvassing.invitation(link.token)
    assert opened is not None and shown is not None and shown.item.state == "rejected" and not shown.on_display
    assert await came(display, ann, item) == (0, 0)


async def test_r36_a_link_of_an_erased_member_shows_the_item_without_a_name_and_without_counting(
    display: Services, db: Database, item: int
) -> None:
    ann, bob = await meet(display, 1001, "Annabel"), await voter(display, 1002)
    await display.people.toggle(ann, "name", True)
    link = await link_of(display, ann, item)
    await display.people.erase(ann)
    opened = await display.canvassing.open(bob, link.token)
    shown = await display.canvassing.invitation(link.token)
    assert opened is not None and not opened.name and shown is not None and not shown.name
    await display.voting.cast(bob, item)
    assert await one(db, "SELECT count(*) FROM canvass_opens") == 0
    assert await one(db, "SELECT count(*) FROM votes WHERE link_id IS NOT NULL") == 0


async def test_r36_a_member_who_returns_after_erasure_starts_with_no_links(display: Services, item: int) -> None:
    ann, bob = await meet(display, 1001), await voter(display, 1002)
    old = await link_of(display, ann, item)
    await display.canvassing.open(bob, old.token)
    await display.people.erase(ann)
    ann = await meet(display, 1001)
    new = await link_of(display, ann, item)
    assert new.token != old.token and (new.opens, new.votes) == (0, 0)


async def test_r36_credit_survives_the_friends_deletion_as_a_number(display: Services, db: Database, item: int) -> None:
    ann, bob = await meet(display, 1001), await voter(display, 1002)
    await display.canvassing.open(bob, (await link_of(display, ann, item)).token)
    await display.voting.cast(bob, item)
    await display.people.erase(bob)
    assert await came(display, ann, item) == (1, 1)
    assert await ask(db, "SELECT chat_id, first_name FROM members WHERE id = :id", id=bob.id) == [(None, "")]


# -- names (R23) ------------------------------------------------------------------------------------------------------


async def test_r23_a_first_name_is_shown_only_while_its_owner_wants_it(display: Services, item: int) -> None:
    ann = await meet(display, 1001, "Annabel")
    link = await link_of(display, ann, item)

    async def shown() -> str:
        found = await display.canvassing.invitation(link.token)
        assert found is not None
        return found.name

    assert not ann.show_name and await shown() == ""
    ann = await display.people.toggle(ann, "name", True)
    assert ann.show_name and await shown() == "Annabel"
    await display.people.toggle(ann, "name", False)
    assert await shown() == ""


async def test_r22_the_top_names_those_who_agreed_by_votes_that_stand(display: Services, item: int) -> None:
    owners = [await meet(display, 1001 + n, name) for n, name in enumerate(("Ann", "Bob", "Eve", "Hidden"))]
    for owner in owners[:3]:
        await display.people.toggle(owner, "name", True)
    friends = iter([await voter(display, 2000 + n) for n in range(10)])
    for owner, votes in zip(owners, (1, 3, 2, 4), strict=True):
        token = (await link_of(display, owner, item)).token
        for _ in range(votes):
            friend = next(friends)
            await display.canvassing.open(friend, token)
            await display.voting.cast(friend, item)
    await display.voting.take_back(friend, item)
    assert (await link_of(display, owners[0], item)).top == (("Bob", 3), ("Eve", 2), ("Ann", 1))
    assert (await link_of(display, owners[0], item + 1)).top == ()
    await display.people.erase(owners[1])
    assert (await link_of(display, owners[0], item)).top == (("Eve", 2), ("Ann", 1))


async def test_mine_is_paged_newest_first(display: Services) -> None:
    ann = await meet(display)
    goods = await on_display(display)
    for good in goods[:20]:
        await link_of(display, ann, good)
    pages = [await display.canvassing.mine(ann, page) for page in range(3)]
    assert [line.item.id for page in pages for line in page.lines] == list(reversed(goods[:20]))
    assert {page.pages for page in pages} == {3}
    for page, lands in ((-5, 0), (99, 2)):
        assert (await display.canvassing.mine(ann, page)).page == lands


async def test_new_links_without_end_leave_few_rows_and_none_that_a_friend_opened(
    display: Services, db: Database
) -> None:
    ann, ben, item = await voter(display), await voter(display, 1002), (await on_display(display))[0]
    first = await display.canvassing.link(ann, item)
    assert first is not None and await display.canvassing.open(ben, first.token)
    for _ in range(40):
        last = await display.canvassing.link(ann, item, renew=True)
    assert await one(db, "SELECT count(*) FROM canvass_links") == 2 + UNOPENED_KEPT
    assert last is not None and last.opens == 1
    assert await display.canvassing.open(ben, first.token), "what was opened goes on showing its item"
