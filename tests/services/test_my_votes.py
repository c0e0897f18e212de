"""My votes: the soonest group first, and what ended without one apart (R5, R16, R25)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.services import Services
from domain.goods import Item, WhyOut
from domain.people import Member
from services.voting import MyVotes
from storage.db import Database
from tests.conftest import Watch, meet
from tests.services.conftest import on_display, order, voter

pytestmark = pytest.mark.postgresql_later

Listed = Callable[[MyVotes], tuple[Item, ...]]
LISTS: tuple[Listed, Listed] = (lambda mine: mine.voted, lambda mine: mine.followed)


@pytest.fixture(params=LISTS, ids=("voted", "followed"))
def listed(request: pytest.FixtureRequest) -> Listed:
    """Each of the two lists."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
async def goods(display: Services) -> list[int]:
    """Five goods on display."""
    return (await on_display(display))[:5]


async def want_all(display: Services, listed: Listed, goods: list[int], watch: Watch) -> Member:
    """Ann votes for these goods, or follows them, one a minute."""
    ann = await voter(display, 1001, len(goods))
    for item in goods:
        watch.advance(minutes=1)
        if listed is LISTS[0]:
            assert (await display.voting.cast(ann, item)).voted
        else:
            await display.voting.follow(ann, item, on=True)
    return ann


async def test_r25_the_soonest_group_comes_first_then_what_has_no_time_by_the_newest_vote(
    display: Services, goods: list[int], listed: Listed, watch: Watch
) -> None:
    ann = await want_all(display, listed, goods, watch)
    for item, hours in ((goods[3], 9), (goods[1], 3)):
        await display.groups.schedule(item, watch.time + timedelta(hours=hours), None, "test")
    expected = [goods[i] for i in (1, 3, 4, 2, 0)]
    assert [item.id for item in listed(await display.voting.mine(ann, 0))] == expected
    pages = [await display.voting.mine(ann, page, size=2) for page in range(3)]
    assert [item.id for page in pages for item in listed(page)] == expected and pages[0].pages == 3
    watch.advance(hours=4)
    await display.groups.tick()
    assert listed(await display.voting.mine(ann, 0))[0].id == goods[1], "one that just opened can be joined now"


async def test_r25_groups_that_opened_long_ago_come_last(
    display: Services, goods: list[int], listed: Listed, watch: Watch
) -> None:
    ann = await want_all(display, listed, goods, watch)
    for item, hours in ((goods[4], 2), (goods[3], 100)):
        await display.groups.schedule(item, watch.time + timedelta(hours=hours), None, "test")
    watch.advance(hours=80)
    await display.groups.tick()
    assert [item.id for item in listed(await display.voting.mine(ann, 0))] == [goods[i] for i in (3, 2, 1, 0, 4)]


async def test_r25_what_ended_without_a_group_is_listed_apart(
    display: Services, goods: list[int], listed: Listed, watch: Watch
) -> None:
    ann = await want_all(display, listed, goods, watch)
    assert (await display.voting.mine(ann, 0)).others == 0
    for item in goods[:3]:
        await display.groups.reject(item, WhyOut.PRICE, "test")
    mine = await display.voting.mine(ann, 0)
    assert [item.id for item in listed(mine)] == [goods[4], goods[3]] and (mine.others, mine.are_ended) == (3, False)
    pages = [await display.voting.mine(ann, page, size=2, ended=True) for page in range(2)]
    assert [item.id for page in pages for item in listed(page)] == [goods[2], goods[1], goods[0]]
    assert {(page.pages, page.others, page.are_ended) for page in pages} == {(2, 2, True)}
    assert await display.voting.mine(ann, 99, size=2, ended=True) == pages[1], "a page that is gone shows the last one"


async def test_r5_my_votes_know_which_ballots_came_back(
    display: Services, goods: list[int], db: Database, watch: Watch
) -> None:
    ann = await want_all(display, LISTS[0], goods[:2], watch)
    await display.groups.reject(goods[0], WhyOut.PRICE, "test")
    assert (await display.voting.mine(ann, 0)).ballots_back == frozenset()
    assert (await display.voting.mine(ann, 0, ended=True)).ballots_back == {goods[0]}
    await order(db, "UPDATE votes SET returned_at = NULL")
    assert (await display.voting.mine(ann, 0, ended=True)).ballots_back == frozenset()


async def test_r16_a_good_that_came_back_is_as_alive_as_its_newest_listing(
    display: Services, goods: list[int], watch: Watch
) -> None:
    ann = await want_all(display, LISTS[0], goods[:2], watch)
    watch.advance(days=1)
    await display.rounds.tick()
    again = await display.goods.show_again(goods[0], "test")
    assert again is not None
    mine = await display.voting.mine(ann, 0)
    assert [item.id for item in mine.voted] == [goods[1], goods[0]] and mine.ballots_back == {goods[0]}
    await display.rounds.open_special()
    await display.groups.schedule(again, watch.time + timedelta(hours=2), None, "test")
    mine = await display.voting.mine(ann, 0)
    assert [item.id for item in mine.voted] == [goods[0], goods[1]], "by the time of the newest listing's group"
    assert mine.back[goods[0]].id == again
    await display.groups.reject(again, WhyOut.TIME, "test")
    mine = await display.voting.mine(ann, 0, ended=True)
    assert [item.id for item in mine.voted] == [goods[0]]


async def test_r16_an_earlier_listing_is_over_for_who_voted_for_the_newest_one(
    display: Services, goods: list[int], watch: Watch
) -> None:
    ann = await want_all(display, LISTS[0], goods[:1], watch)
    watch.advance(days=1)
    await display.rounds.tick()
    again = await display.goods.show_again(goods[0], "test")
    assert again is not None
    await display.rounds.open_special()
    assert (await display.voting.cast(ann, again)).voted
    assert [item.id for item in (await display.voting.mine(ann, 0)).voted] == [again]
    assert [item.id for item in (await display.voting.mine(ann, 0, ended=True)).voted] == [goods[0]]
    await display.voting.take_back(ann, again)
    assert [item.id for item in (await display.voting.mine(ann, 0)).voted] == [goods[0]]


async def test_r25_ended_goods_of_others_are_not_mine(display: Services, goods: list[int], watch: Watch) -> None:
    await want_all(display, LISTS[0], goods[:1], watch)
    await display.groups.reject(goods[0], WhyOut.PRICE, "test")
    eve = await meet(display, 1009)
    mine = await display.voting.mine(eve, 0)
    assert (mine.voted, mine.followed, mine.others, mine.pages) == ((), (), 0, 1)
    assert (await display.voting.mine(eve, 0, ended=True)).voted == ()
