"""The daily carousel as members draw it: 28 cards, everything once before anything twice, counted once (R9-R12)."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from bot.services import Services
from domain.carousel import Card, NothingOnDisplay, Place
from domain.people import Member
from storage.db import Database
from tests.conftest import CATEGORIES, Watch, import_goods, meet
from tests.services.conftest import ask, on_display, one, wants

pytestmark = pytest.mark.postgresql_later


async def draw(services: Services, member: Member, category: str | None = None) -> list[Card]:
    """A fresh draw, paged to its end, each card shown."""
    first = await services.carousel.new_draw(member, category)
    assert isinstance(first, Card)
    cards = []
    for position in range(first.place.of):
        card = await services.carousel.card(member, first.place.draw, position)
        assert card is not None and card.place == Place(first.place.draw, position, first.place.of)
        await services.carousel.shown(member, card.item.id)
        cards.append(card)
    assert cards[0].item == first.item
    return cards


async def shown(services: Services, item_id: int) -> int:
    item = await services.goods.item(item_id)
    assert item is not None
    return item.shown


async def test_r9_a_draw_holds_28_different_items_in_another_order_each_time(display: Services) -> None:
    ann, bob = await meet(display, 1001), await meet(display, 1002)
    mine = [card.item.id for card in await draw(display, ann)]
    theirs = [card.item.id for card in await draw(display, bob)]
    assert len(mine) == len(set(mine)) == 28 and mine != theirs


async def test_r10_every_item_comes_once_before_any_comes_twice(display: Services) -> None:
    ann = await meet(display)
    goods = set(await on_display(display))
    first = [card.item.id for card in await draw(display, ann)]
    second = [card.item.id for card in await draw(display, ann)]
    assert set(second[:12]) == goods - set(first), "the twelve that are left come first"
    assert set(second[12:]) <= set(first) and len(set(second)) == 28


async def test_r10_a_member_who_has_seen_most_of_a_large_display_draws_from_the_rest(
    display: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database says what is left, in a category and in all, as it does of tens of thousands of items."""
    ann = await meet(display)
    goods = set(await on_display(display))
    seen = {card.item.id for card in await draw(display, ann)}
    monkeypatch.setattr("services.carousel._LOOKED_AT_EACH", 3)
    monkeypatch.setattr("domain.draw.Display.draw", None)
    food = [card.item for card in await draw(display, ann, "food")]
    assert len(food) == 5 and {item.category for item in food} == {"food"}
    left = goods - seen - {item.id for item in food}
    rest = [card.item.id for card in await draw(display, ann)]
    assert set(rest[: len(left)]) == left and len(set(rest)) == 28


async def test_the_last_card_of_a_draw_says_how_many_goods_wait_beside_it(display: Services) -> None:
    ann = await meet(display)
    cards = await draw(display, ann)
    assert [card.others for card in cards] == [0] * 27 + [12]
    gone = await draw(display, ann, "food")
    assert gone[-1].others == 0, "all of its category were drawn"


async def test_at_the_last_card_goods_that_came_meanwhile_count_and_after_the_round_none_wait(
    display: Services, tmp_path: Path, watch: Watch
) -> None:
    ann = await meet(display)
    *_, last = await draw(display, ann)
    watch.advance(minutes=1)
    await import_goods(display, tmp_path / "more", 3, "more")
    assert await display.rounds.open_special()
    again = await display.carousel.card(ann, last.place.draw, 27)
    assert again is not None and again.others == 15
    watch.advance(days=1)
    over = await display.carousel.card(ann, last.place.draw, 27)
    assert over is not None and not over.on_display and over.others == 0


async def test_r10_drawn_items_that_were_not_shown_count_as_unseen(display: Services) -> None:
    ann = await meet(display)
    card = await display.carousel.new_draw(ann)
    assert isinstance(card, Card)
    await display.carousel.shown(ann, card.item.id)
    seen = {drawn.item.id for _ in range(2) for drawn in await draw(display, ann)}
    assert seen | {card.item.id} == set(await on_display(display)), "only one card of the first draw was looked at"


async def test_r9_an_exposure_is_counted_at_the_first_view_only(display: Services, db: Database) -> None:
    ann, bob = await meet(display, 1001), await meet(display, 1002)
    item = (await on_display(display))[0]
    for _ in range(5):
        await display.carousel.shown(ann, item)
    await asyncio.gather(*(display.carousel.shown(bob, item) for _ in range(10)))
    assert await shown(display, item) == 2
    assert await one(db, "SELECT count(*) FROM exposures") == 2


async def test_r9_drawing_alone_shows_nothing(display: Services, db: Database) -> None:
    ann = await meet(display)
    for _ in range(4):
        await display.carousel.new_draw(ann)
    assert await one(db, "SELECT sum(shown) FROM items") == 0


@pytest.mark.long
async def test_r9_members_together_see_every_item_alike(display: Services, db: Database) -> None:
    for number in range(15):
        await draw(display, await meet(display, 2000 + number))
    levels = [row.shown for row in await ask(db, "SELECT shown FROM items")]
    assert sum(levels) == 15 * 28 and max(levels) - min(levels) <= 8, Counter(levels)


async def test_r12_a_category_draws_from_itself_alone_under_the_same_rules(display: Services) -> None:
    ann = await meet(display)
    cards = await draw(display, ann, "food")
    assert {card.item.category for card in cards} == {"food"} and len({card.item.id for card in cards}) == 5
    assert await display.carousel.categories() == dict.fromkeys(CATEGORIES, 5)
    rest = {card.item.id for card in await draw(display, ann)}
    assert not rest & {card.item.id for card in cards}, "seen in its category is seen"


async def test_r12_another_draw_stays_in_the_category_of_the_one_before_it(display: Services) -> None:
    ann, bob = await meet(display, 1001), await meet(display, 1002)
    first = await display.carousel.new_draw(ann, "food")
    assert isinstance(first, Card)
    again = await display.carousel.new_draw(ann, like=first.place.draw)
    assert isinstance(again, Card) and again.item.category == "food" and again.place.of == 5
    for member, like in ((bob, first.place.draw), (ann, again.place.draw + 1)):
        other = await display.carousel.new_draw(member, like=like)
        assert isinstance(other, Card) and other.place.of == 28, "a forged or deleted draw has no category"


async def test_r12_an_empty_or_forged_category_is_no_error(services: Services, display: Services) -> None:
    ann = await meet(display)
    found = await display.carousel.new_draw(ann, "no-such-thing")
    assert isinstance(found, NothingOnDisplay) and found.category == "no-such-thing"
    assert found.next_opening == await display.rounds.next_opening()


async def test_r9_paging_back_shows_the_same_cards(display: Services) -> None:
    ann = await meet(display)
    cards = await draw(display, ann)
    number = cards[0].place.draw
    for position in (27, 13, 0):
        again = await display.carousel.card(ann, number, position)
        assert again is not None and again.item.id == cards[position].item.id
    before_first = await display.carousel.card(ann, number, -1)
    assert before_first is not None and before_first.place.position == 27


async def test_r10_a_draw_is_only_its_owners(display: Services) -> None:
    ann, bob = await meet(display, 1001), await meet(display, 1002)
    card = await display.carousel.new_draw(ann)
    assert isinstance(card, Card)
    assert await display.carousel.card(bob, card.place.draw, 0) is None
    assert await display.carousel.card(ann, card.place.draw + 1, 0) is None


async def test_r11_a_card_says_whether_i_voted_and_follow(display: Services) -> None:
    ann, bob = await meet(display, 1001), await meet(display, 1002)
    item = (await on_display(display))[0]
    await display.voting.follow(ann, item, on=True)
    for member, following in ((ann, True), (bob, False)):
        card = await display.carousel.item(member, item)
        assert card is not None and card.following is following and not card.voted and card.on_display
    assert await wants(display, item) == 0


@pytest.mark.long
async def test_r9_a_newcomer_starts_level_with_the_others(display: Services, tmp_path: Path, watch: Watch) -> None:
    """Without a head start new items, which were never shown, would fill every draw."""
    for number in range(15):
        await draw(display, await meet(display, 2000 + number))
    watch.advance(minutes=1)
    old = set(await on_display(display))
    await import_goods(display, tmp_path / "new", 20, "new")
    assert await display.rounds.open_special()
    new = set(await on_display(display)) - old
    assert len(new) == 20
    first = {card.item.id for card in await draw(display, await meet(display, 3000))}
    assert len(first & new) <= 20 * 0.9, f"{len(first & new)} of 20 newcomers in the first draw"
    assert await shown(display, min(new)) <= 1, "a head start is no exposure"


async def test_r10_a_new_round_is_drawn_as_soon_as_it_opens(display: Services, watch: Watch, tmp_path: Path) -> None:
    ann = await meet(display)
    await draw(display, ann)
    await import_goods(display, tmp_path / "next", 3, "next")
    watch.advance(days=1)
    await display.rounds.tick()
    assert {card.item.ref for card in await draw(display, ann)} == {"next0", "next1", "next2"}


async def test_r17_scheduled_items_leave_the_draws(display: Services, watch: Watch) -> None:
    ann = await meet(display)
    gone = (await on_display(display))[0]
    watch.advance(minutes=1)
    await display.groups.schedule(gone, watch.time.replace(hour=10), None, "test")
    drawn = [card.item.id for _ in range(2) for card in await draw(display, ann)]
    assert gone not in drawn and len(set(drawn)) == 39


async def test_r9_old_draws_are_deleted_and_counts_stay(
    display: Services, watch: Watch, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.operations.MOST_ROWS", 5)
    monkeypatch.setattr("services.operations.BATCHES", 2)
    ann = await meet(display)
    card = (await draw(display, ann))[0]
    for _ in range(6):
        watch.advance(days=1)
        await display.rounds.tick()
    fresh = await meet(display, 1002)
    for left in (18, 8, 0, 0):
        await display.housekeeping.tick()
        assert await one(db, "SELECT count(*) FROM exposures") == left, "a little at each tick, so that taps go on"
    assert await display.carousel.card(ann, card.place.draw, 0) is None
    assert await one(db, "SELECT sum(shown) FROM items") == 28
    assert isinstance(await display.carousel.new_draw(fresh), NothingOnDisplay)


async def test_r9_exposures_are_deleted_also_after_the_bot_was_stopped_for_months(
    display: Services, watch: Watch, db: Database
) -> None:
    await draw(display, await meet(display))
    watch.advance(days=1)
    await display.rounds.tick()
    watch.advance(days=200)
    await display.housekeeping.tick()
    assert await one(db, "SELECT count(*) FROM exposures") == 0


async def test_r10_what_was_seen_is_remembered_while_its_round_is_on(
    display: Services, watch: Watch, db: Database
) -> None:
    await draw(display, await meet(display))
    watch.advance(hours=3)
    await display.housekeeping.tick()
    assert await one(db, "SELECT count(*) FROM exposures") == 28
