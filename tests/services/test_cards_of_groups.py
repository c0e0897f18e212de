"""Shared cards after the vote: they show that the group got a time, another one, is open, or does not come (R21)."""

from __future__ import annotations

from datetime import timedelta

from bot.services import Services
from domain.goods import ItemState, WhyOut
from services.canvassing.cards import ClaimedCard
from storage.db import Database
from tests.conftest import Watch
from tests.services.test_cards import HERE, buyer, shared


async def edited(services: Services, watch: Watch) -> list[ClaimedCard]:
    """The cards that are edited now, as the card updater does it."""
    watch.advance(minutes=2)
    claimed = await services.cards.claim(50)
    await services.cards.settle(claimed)
    return claimed


async def test_a_card_follows_its_item_from_the_vote_to_the_open_group(display: Services, watch: Watch) -> None:
    ann = await buyer(display)
    card = await shared(display, ann, "Thing g7", HERE)
    await display.voting.cast(ann, card.item.id)
    assert [one.on_display for one in await edited(display, watch)] == [True]
    opens_at = watch.now() + timedelta(hours=5)
    seen = []
    for moment in (opens_at, opens_at + timedelta(hours=1)):
        await display.groups.schedule(card.item.id, moment, None, "test")
        seen += [(one.item.state, one.item.group_opens_at) for one in await edited(display, watch)]
        assert await edited(display, watch) == [], "once for each news"
    assert seen == [(ItemState.SCHEDULED, opens_at), (ItemState.SCHEDULED, opens_at + timedelta(hours=1))]
    watch.advance(hours=6)
    await display.groups.open_due()
    assert [one.item.state for one in await edited(display, watch)] == [ItemState.OPEN]
    assert await edited(display, watch) == []


async def test_a_card_says_that_no_group_comes(display: Services, watch: Watch) -> None:
    ann = await buyer(display)
    card = await shared(display, ann, "Thing g7", HERE)
    watch.advance(days=1)
    await display.rounds.tick()
    assert [one.item.state for one in await edited(display, watch)] == [ItemState.DISPLAYED]
    await display.groups.reject(card.item.id, WhyOut.PRICE, "test")
    assert [one.item.state for one in await edited(display, watch)] == [ItemState.REJECTED]


async def test_a_card_says_that_its_item_expired(display: Services, watch: Watch) -> None:
    ann = await buyer(display)
    await shared(display, ann, "Thing g7", HERE)
    watch.advance(days=1)
    await display.rounds.tick()
    await edited(display, watch)
    watch.advance(days=14)
    await display.cards.sweep()
    assert await display.groups.expire()
    assert [one.item.state for one in await edited(display, watch)] == [ItemState.EXPIRED]
    assert await display.cards.sweep() and await display.cards.claim(50) == []


async def test_a_card_of_a_good_that_is_shown_again_says_that_no_group_came_of_it(
    display: Services, watch: Watch
) -> None:
    ann = await buyer(display)
    card = await shared(display, ann, "Thing g7", HERE)
    watch.advance(days=1)
    await display.rounds.tick()
    await edited(display, watch)
    assert await display.goods.show_again(card.item.id, "test")
    assert [one.item.state for one in await edited(display, watch)] == [ItemState.EXPIRED]


async def test_news_that_come_while_a_card_is_edited_are_shown_next(display: Services, watch: Watch) -> None:
    ann = await buyer(display)
    card = await shared(display, ann, "Thing g7", HERE)
    watch.advance(days=1)
    await display.rounds.tick()
    [claimed] = await display.cards.claim(50)
    await display.groups.schedule(card.item.id, watch.now() + timedelta(hours=5), None, "test")
    await display.cards.settle([claimed])
    assert [one.item.state for one in await edited(display, watch)] == [ItemState.SCHEDULED]


async def test_cards_of_a_scheduled_group_are_kept_until_it_opens(
    display: Services, db: Database, watch: Watch
) -> None:
    ann = await buyer(display)
    card = await shared(display, ann, "Thing g7", HERE)
    watch.advance(days=1)
    await display.rounds.tick()
    await display.groups.schedule(card.item.id, watch.now() + timedelta(days=20), None, "test", even_late=True)
    await edited(display, watch)
    watch.advance(days=19)
    await display.cards.sweep()
    watch.advance(days=1)
    await display.groups.open_due()
    assert [one.item.state for one in await edited(display, watch)] == [ItemState.OPEN]
