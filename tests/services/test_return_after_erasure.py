"""To delete one's data and come back is no lever: nothing is had twice, and nothing of before is there again (R9, R14,
R15, R16, R22, R36)."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from bot.services import Services, make_services
from domain.brushing.verdicts import Verdict
from domain.people import Member
from domain.voting import Reason
from storage.db import Database
from tests.conftest import Watch, meet, settings_for, spend
from tests.services.conftest import ask, on_display, one, order, stored_about, voter, wants
from tests.verdicts import give

pytestmark = pytest.mark.postgresql_later


@pytest.fixture
def welcoming(db: Database, tmp_path: Path, watch: Watch, display: Services) -> Services:
    """The same services, where each new member is given seven ballots."""
    return make_services(db, settings_for(tmp_path, welcome_ballots=7), watch)


async def back(services: Services, member: Member) -> Member:
    """The same person after a deletion."""
    await services.people.erase(member)
    return await meet(services, member.chat_id, member.first_name)


async def why_refused(services: Services, member: Member, item: int) -> Reason | None:
    refused = (await services.voting.cast(member, item)).refused
    return refused.reason if refused else None


async def next_round(services: Services, watch: Watch) -> None:
    watch.advance(days=1)
    await services.rounds.tick()


# -- votes and ballots (a) --


async def test_r15_a_deletion_gives_no_votes_of_the_day_back(display: Services, watch: Watch) -> None:
    """Also not where the goods have left the display, so that nothing else is kept of them."""
    items, ann = await on_display(display), await voter(display)
    for item in items[:5]:
        assert await why_refused(display, ann, item) is None
    for item in items[:5]:
        await display.groups.schedule(item, watch.time + timedelta(days=2), None, "test")
    for _ in range(2):
        ann = await back(display, ann)
        await spend(display, ann.chat_id, "900", f"r-{ann.id}")
        assert await why_refused(display, ann, items[6]) is Reason.DAY_LIMIT
    await next_round(display, watch)
    assert (await display.voting.purse(ann)).left_today == 5


async def test_r14_no_welcome_grant_is_given_twice_in_a_year(welcoming: Services, watch: Watch, db: Database) -> None:
    ann = await meet(welcoming)
    for _ in range(3):
        ann = await back(welcoming, ann)
        assert (await welcoming.voting.purse(ann)).ballots_left == 0, "those of before are gone, too"
        await next_round(welcoming, watch)
    await welcoming.people.erase(ann)
    watch.advance(days=364)
    await welcoming.rounds.tick()
    ann = await meet(welcoming)
    assert (await welcoming.voting.purse(ann)).ballots_left == 0
    await welcoming.people.erase(ann)
    watch.advance(days=366)
    await welcoming.rounds.tick()
    assert await one(db, "SELECT count(*) FROM members WHERE erased_hash IS NOT NULL") == 0
    assert (await welcoming.voting.purse(await meet(welcoming))).ballots_left == 7


async def test_r14_the_key_of_a_welcome_grant_recognises_its_person(welcoming: Services, db: Database) -> None:
    ann = await meet(welcoming)
    await welcoming.people.erase(ann)
    await order(db, "UPDATE members SET erased_hash = NULL, welcomed_at = NULL")
    assert (await welcoming.voting.purse(await meet(welcoming))).ballots_left == 0
    assert (await welcoming.voting.purse(await meet(welcoming, 1002))).ballots_left == 7


async def test_r36_no_moment_tells_which_anonymous_votes_are_those_of_a_member_who_came_back(
    welcoming: Services, watch: Watch, db: Database
) -> None:
    """The moment of the welcome grant did: it stood beside both members."""
    ann, item = await meet(welcoming), (await on_display(welcoming))[0]
    watch.advance(minutes=1)
    assert await why_refused(welcoming, ann, item) is None
    watch.advance(minutes=1)
    await welcoming.people.erase(ann)
    watch.advance(minutes=1)
    again = await meet(welcoming)
    moments = "SELECT joined_at, seen_at, welcomed_at, erased_at FROM members WHERE id = :id"
    old, new = set((await ask(db, moments, id=ann.id))[0]), set((await ask(db, moments, id=again.id))[0])
    for other in ("SELECT at FROM grants WHERE member_id = :id", "SELECT cast_at FROM votes WHERE member_id = :id"):
        old |= {row[0] for row in await ask(db, other, id=ann.id)}
    assert not (old & new) - {None} and len(old) == 4, (old, new)


async def test_r16_a_vote_of_before_keeps_its_good_from_a_second_one(display: Services) -> None:
    item, ann = (await on_display(display))[0], await voter(display)
    assert await why_refused(display, ann, item) is None
    for _ in range(3):
        ann = await back(display, ann)
        assert await why_refused(display, ann, item) is Reason.VOTED_BEFORE
        taken = await display.voting.take_back(ann, item)
        assert taken.refused is not None and taken.refused.reason is Reason.NOT_VOTED
    assert await wants(display, item) == 1


async def test_r28_a_void_vote_of_before_keeps_its_good_and_its_slot(display: Services) -> None:
    items, ann = await on_display(display), await voter(display)
    for item in items[:5]:
        assert await why_refused(display, ann, item) is None
    for verdict in (Verdict.SET_ASIDE, Verdict.VOID):
        await give(display, items[0], [ann.id], verdict, "test")
    ann = await back(display, ann)
    await spend(display, ann.chat_id, "900", "again")
    assert await why_refused(display, ann, items[0]) is Reason.VOTED_BEFORE
    assert await why_refused(display, ann, items[6]) is Reason.DAY_LIMIT


async def test_r14_ballots_that_were_used_before_are_no_debt(display: Services) -> None:
    items, ann = await on_display(display), await voter(display, ballots=3)
    for item in items[:2]:
        await display.voting.cast(ann, item)
    ann = await back(display, ann)
    assert (await display.voting.purse(ann)).fen_to_next_ballot == 100_00


# -- what is counted once (b) --


async def test_r9_a_card_counts_one_exposure_however_often_its_viewer_returns(display: Services, db: Database) -> None:
    item, ann = (await on_display(display))[0], await meet(display)
    for _ in range(4):
        await display.carousel.shown(ann, item)
        ann = await back(display, ann)
    await display.carousel.shown(ann, item)
    assert await one(db, "SELECT shown FROM items WHERE id = :id", id=item) == 1


async def test_r22_a_friend_counts_once_however_often_they_return(display: Services) -> None:
    item, owner, friend = (await on_display(display))[0], await meet(display, 1002), await voter(display)
    link = await display.canvassing.link(owner, item)
    assert link is not None
    for _ in range(4):
        await display.canvassing.open(friend, link.token)
        friend = await back(display, friend)
    mine = await display.canvassing.link(owner, item)
    assert mine is not None and mine.opens == 1


# -- what is gone (c) --


async def test_r36_an_owner_who_returns_has_no_numbers_grants_votes_or_settings_of_before(
    display: Services, db: Database
) -> None:
    items, ann, bob = await on_display(display), await voter(display), await voter(display, 1002)
    await display.people.grant_ballots(1001, 3, "a gift", "test")
    await display.people.toggle(ann, "name", on=True)
    for item in items[:2]:
        await display.voting.cast(ann, item)
    await display.voting.take_back(ann, items[1])
    await display.voting.follow(ann, items[2], on=True)
    link = await display.canvassing.link(ann, items[0])
    assert link is not None
    await display.canvassing.open(bob, link.token)
    await display.voting.cast(bob, items[0])
    again = await back(display, ann)
    assert again.id != ann.id and again.new and not again.show_name
    stored = await stored_about(display, again)
    assert {name for name, rows in stored.items() if rows} == {"member", "past_votes"}
    mine = await display.voting.mine(again, 0)
    assert mine.voted == mine.followed == () and mine.purse.ballots_left == 0
    assert (await display.canvassing.mine(again)).lines == ()
    assert await display.people.grants_of(1001) == []
    assert await why_refused(display, again, items[1]) is Reason.NO_BALLOTS, "a vote that was taken back blocks nothing"
    assert await one(db, "SELECT count(*) FROM votes WHERE member_id = :id", id=again.id) == 0


# -- for how long --


async def test_r36_what_was_kept_is_deleted_when_its_round_closes(
    display: Services, watch: Watch, db: Database
) -> None:
    item, ann, bob = (await on_display(display))[0], await voter(display), await meet(display, 1002)
    await display.voting.cast(ann, item)
    await display.carousel.shown(bob, item)
    await display.people.erase(ann)
    await display.people.erase(bob)
    assert await one(db, "SELECT count(*) FROM members WHERE erased_hash IS NOT NULL") == 2
    await next_round(display, watch)
    assert await ask(db, "SELECT erased_hash FROM members") == [(None,)] * 2
    assert await one(db, "SELECT count(*) FROM past_votes") == 0


async def test_r36_who_did_nothing_that_counts_leaves_no_hash(display: Services, db: Database) -> None:
    ann = await voter(display)
    item = (await on_display(display))[0]
    await display.voting.cast(ann, item)
    await display.voting.take_back(ann, item)
    await display.people.erase(ann)
    assert await one(db, "SELECT erased_hash FROM members") is None


# -- the keys of gifts --


async def test_r36_a_gifts_key_is_kept_as_a_hash_and_goes_on_working(services: Services, db: Database) -> None:
    ann = await meet(services)
    await services.people.grant_ballots(1001, 3, "thanks", "command", "for Ann of No. 7")
    again = await back(services, ann)
    assert "Ann" not in str(await ask(db, "SELECT * FROM grants"))
    refused = await services.people.grant_ballots(again.chat_id, 3, "thanks", "command", "for Ann of No. 7")
    assert refused == "key-taken"


# -- whatever they do --


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2, 3))])
async def test_r36_no_order_of_acts_gives_a_person_more_than_one_who_stays(
    welcoming: Services, db: Database, seed: int
) -> None:
    """Votes, take-backs, views, opens, deletions and returns: what one person has in all stays within what R9, R14,
    R15, R16 and R22 give a member."""
    chance, owner = random.Random(seed), await meet(welcoming, 1002)
    items = (await on_display(welcoming))[:8]
    links = [link for item in items if (link := await welcoming.canvassing.link(owner, item)) is not None]
    ann = await meet(welcoming)
    for _ in range(60):
        at = chance.randrange(len(items))
        match chance.choice(("vote", "vote", "vote", "take back", "view", "open", "return", "spend")):
            case "vote":
                await welcoming.voting.cast(ann, items[at])
            case "take back":
                await welcoming.voting.take_back(ann, items[at])
            case "view":
                await welcoming.carousel.shown(ann, items[at])
            case "open":
                await welcoming.canvassing.open(ann, links[at].token)
            case "return":
                ann = await back(welcoming, ann)
            case "spend":
                await spend(welcoming, 1001, "300", f"s-{chance.random()}")
        standing = "SELECT {0} FROM votes WHERE taken_back_at IS NULL GROUP BY {0} HAVING count(*) > {1}"
        assert await ask(db, standing.format("item_id", 1)) == []
        assert await ask(db, standing.format("day", 5)) == []
    assert await ask(db, "SELECT id FROM items WHERE shown > 1 OR wants > 1") == []
    assert await ask(db, "SELECT item_id FROM canvass_opens GROUP BY item_id HAVING count(*) > 1") == []
    assert await one(db, "SELECT count(*) FROM grants WHERE actor = 'rules'") == 2, "the owner's and Ann's"
