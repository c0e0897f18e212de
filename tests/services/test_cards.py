"""Shared cards as a service: what is offered, what a tap does, and which cards have to be drawn again (R19-R23)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.services import Services
from domain.cards import CHAT_GAP, GAP, Look
from domain.goods import WhyOut
from domain.payloads import VoteStart, parse
from domain.people import Member
from domain.voting import Reason
from services.canvassing.cards import KEPT, ClaimedCard, InlineOffer, Spot
from storage.models import CanvassLinkRow, CanvassOpenRow, SharedCardRow, VoteRow
from tests.conftest import Watch, import_goods, meet, spend

pytestmark = pytest.mark.postgresql_later

HERE, THERE = Spot(inline_id="here"), Spot(inline_id="there")


async def buyer(services: Services, chat_id: int = 1001, name: str = "Ann", yuan: str = "2000.00") -> Member:
    """A member with ballots."""
    member = await meet(services, chat_id, name)
    await spend(services, chat_id, yuan)
    return member


async def a_card(services: Services, owner: Member, query: str = "Thing g7") -> InlineOffer:
    """What inline mode would offer this member first."""
    return (await services.cards.offers(owner, query, 0, 1)).offers[0]


async def number_of(services: Services, table: Any, *where: Any) -> int:
    """How many rows of a table meet a condition."""
    async with services.context.db.read() as connection:
        found = await connection.execute(select(func.count()).select_from(table).where(*where))
        return int(found.scalar_one())


async def tap(
    services: Services, member: Member, card: InlineOffer, spot: Spot = HERE, cause: int | None = None
) -> Any:
    """A tap on a card without votes."""
    return await services.cards.tap(member, card.token, spot, "ep", 0, cause)


# -- offers ----------------------------------------------------------------------------------------------------------


async def test_each_offer_carries_its_owners_own_link_and_the_same_one_again_r23(display: Services) -> None:
    ann, bob = await buyer(display), await buyer(display, 1002, "Bob")
    first = await display.cards.offers(ann, "", 0, 50)
    again = await display.cards.offers(ann, "", 0, 50)
    assert [(one.item.id, one.token) for one in first.offers] == [(one.item.id, one.token) for one in again.offers]
    assert len(first.offers) == 40 and first.after is None
    others = await display.cards.offers(bob, "", 0, 50)
    assert not {one.token for one in first.offers} & {one.token for one in others.offers}
    assert [one.item.id for one in first.offers] != [one.item.id for one in others.offers], (
        "each member has an order of their own"
    )


async def test_offers_do_not_appear_in_the_list_of_links(display: Services) -> None:
    ann = await buyer(display)
    await display.cards.offers(ann, "", 0, 50)
    assert (await display.canvassing.mine(ann)).lines == ()
    card = await a_card(display, ann)
    await display.cards.chosen(ann, card.item.id, HERE, "ep", 0)
    assert [line.item.id for line in (await display.canvassing.mine(ann)).lines] == [card.item.id]


async def test_pages_hold_everything_once(display: Services) -> None:
    ann = await buyer(display)
    seen: list[int] = []
    offset: int | None = 0
    while offset is not None:
        page = await display.cards.offers(ann, "", offset, 7)
        seen += [one.item.id for one in page.offers]
        offset = page.after
    assert len(seen) == len(set(seen)) == 40
    assert (await display.cards.offers(ann, "", 10_000, 7)).offers == ()


async def test_followed_items_come_after_voted_ones_and_before_the_rest(display: Services) -> None:
    ann = await buyer(display)
    voted, followed = await a_card(display, ann, "Thing g3"), await a_card(display, ann, "Thing g9")
    await display.voting.follow(ann, followed.item.id, on=True)
    await display.voting.cast(ann, voted.item.id)
    found = await display.cards.offers(ann, "", 0, 5)
    assert [one.item.id for one in found.offers[:2]] == [voted.item.id, followed.item.id]
    first = await display.cards.offers(ann, "", 0, 5, only=followed.item.id)
    assert [one.item.id for one in first.offers[:2]] == [followed.item.id, voted.item.id]


async def test_items_off_display_are_not_offered(display: Services, watch: Watch) -> None:
    ann = await buyer(display)
    card = await a_card(display, ann)
    await display.voting.cast(ann, card.item.id)
    watch.advance(hours=23)
    await display.rounds.tick()
    assert (await display.cards.offers(ann, "", 0, 5, only=card.item.id)).offers == ()


# -- taps ------------------------------------------------------------------------------------------------------------


async def test_a_tap_votes_and_credits_the_owner_r22(display: Services) -> None:
    ann, bob = await buyer(display), await buyer(display, 1002, "Bob")
    card = await a_card(display, ann)
    tapped = await tap(display, bob, card)
    assert tapped.answer.refused is None and tapped.item.wants == 1
    link = await display.canvassing.link(ann, card.item.id)
    assert link is not None and (link.opens, link.votes) == (1, 1)


async def test_a_tap_twice_counts_once(display: Services) -> None:
    ann, bob = await buyer(display), await buyer(display, 1002, "Bob")
    card = await a_card(display, ann)
    await tap(display, bob, card, cause=1)
    repeated = await tap(display, bob, card, cause=1)
    assert repeated.answer.refused is None and repeated.answer.voted, (
        "the same update brought again is answered as before"
    )
    second = await tap(display, bob, card, cause=2)
    assert second.answer.refused.reason is Reason.ALREADY_VOTED
    assert await number_of(display, VoteRow) == 1 and await number_of(display, CanvassOpenRow) == 1


async def test_taps_at_once_on_two_cards_are_one_vote_and_one_credit(display: Services) -> None:
    ann, bob, cem = [await buyer(display, 1001 + i, name) for i, name in enumerate(("Ann", "Bob", "Cem"))]
    cards = [await a_card(display, owner) for owner in (ann, bob)]
    await asyncio.gather(*(tap(display, cem, card, spot) for card, spot in zip(cards, (HERE, THERE), strict=True)))
    assert await number_of(display, VoteRow) == 1 and await number_of(display, CanvassOpenRow) == 1
    assert await number_of(display, SharedCardRow) == 2


async def test_a_late_tap_is_refused_gives_no_credit_and_ends_the_card(display: Services, watch: Watch) -> None:
    ann, bob = await buyer(display), await buyer(display, 1002, "Bob")
    card = await a_card(display, ann)
    watch.advance(hours=23)
    await display.rounds.tick()
    tapped = await tap(display, bob, card)
    assert tapped.answer.refused.reason is Reason.ROUND_OVER
    assert tapped.to_edit is not None and not tapped.to_edit.on_display
    assert await number_of(display, VoteRow) == await number_of(display, CanvassOpenRow) == 0


async def test_a_revoked_link_still_votes_without_credit_r22(display: Services) -> None:
    ann, bob = await buyer(display), await buyer(display, 1002, "Bob")
    card = await a_card(display, ann)
    await display.canvassing.link(ann, card.item.id, renew=True)
    tapped = await tap(display, bob, card)
    assert tapped.answer.refused is None
    assert await number_of(display, CanvassOpenRow) == 0
    assert tapped.to_edit is not None and tapped.to_edit.token is None, "the card has no owner any more"


@pytest.mark.parametrize("name", ["", "0", "999999", "9" * 40, "no-such-token-00", "../../etc/passwd", "１２"])
async def test_forged_names_lead_nowhere_r19(display: Services, name: str) -> None:
    ann = await buyer(display)
    assert (await display.cards.tap(ann, name, HERE, "ep", 0)).answer is None
    assert (await display.cards.tap_by_stranger(77, name, HERE, "zz", -5)).payload is None
    assert await number_of(display, SharedCardRow) == 0


async def test_an_item_that_no_round_has_shown_cannot_be_reached_by_its_number(
    display: Services, tmp_path: Any
) -> None:
    ann = await buyer(display)
    await import_goods(display, tmp_path / "later", 1, "later")
    hidden = await display.groups.find("later0")
    assert hidden is not None
    assert (await display.cards.tap(ann, str(hidden.id), HERE, "ep", 0)).answer is None


# -- strangers -------------------------------------------------------------------------------------------------------


async def test_a_strangers_vote_completes_once_r21(display: Services) -> None:
    ann = await buyer(display)
    card = await a_card(display, ann)
    tapped = await display.cards.tap_by_stranger(2002, card.token, HERE, "ep", 0)
    assert tapped.payload is not None and len(str(tapped.payload)) <= 64
    assert await number_of(display, VoteRow) == 0
    eve = await buyer(display, 2002, "Eve")
    done = await display.cards.complete(eve, tapped.payload, 5)
    assert done is not None and done.answer is not None and done.answer.voted
    same = await display.cards.complete(eve, tapped.payload, 5)
    assert same is not None and same.answer is not None, "the same update, brought again"
    again = await display.cards.complete(eve, tapped.payload, 6)
    assert again is not None and again.answer is None
    await display.voting.take_back(eve, card.item.id)
    after = await display.cards.complete(eve, tapped.payload, 7)
    assert after is not None and after.answer is None, "who took the vote back is not made to vote again"
    assert await number_of(display, VoteRow, VoteRow.taken_back_at.is_(None)) == 0


async def test_a_payload_votes_only_for_the_user_who_tapped(display: Services) -> None:
    ann, bob = await buyer(display), await buyer(display, 1002, "Bob")
    card = await a_card(display, ann)
    tapped = await display.cards.tap_by_stranger(2002, card.token, HERE, "ep", 0)
    assert tapped.payload is not None
    found = await display.cards.complete(bob, tapped.payload)
    assert found is not None and found.answer is None and found.item_id == card.item.id
    forged = VoteStart.sign(b"another key", bob.chat_id, card.token)
    found = await display.cards.complete(bob, forged)
    assert found is not None and found.answer is None
    assert await number_of(display, VoteRow) == 0


@pytest.mark.parametrize("payload", ["", "x", "v" * 60, "0" * 27, "é" * 20, "-" * 27])
async def test_garbage_completes_nothing(display: Services, payload: str) -> None:
    ann = await buyer(display)
    vote = parse("v" + payload)
    assert isinstance(vote, VoteStart) and await display.cards.complete(ann, vote) is None


async def test_the_key_of_signatures_is_made_once_even_at_once(display: Services) -> None:
    ann = await buyer(display)
    card = await a_card(display, ann)
    found = await asyncio.gather(*(display.cards.tap_by_stranger(2002, card.token, HERE, "ep", 0) for _ in range(5)))
    assert len({one.payload for one in found}) == 1


# -- keeping cards true ----------------------------------------------------------------------------------------------


async def shared(services: Services, owner: Member, query: str, spot: Spot) -> InlineOffer:
    """A card that was sent, with inline feedback."""
    card = await a_card(services, owner, query)
    await services.cards.chosen(owner, card.item.id, spot, "ep", card.item.wants)
    return card


async def taken(services: Services, most: int = 50) -> list[str | None]:
    """Where the cards are that have to be drawn."""
    return [one.spot.inline_id for one in await services.cards.claim(most)]


async def test_an_outdated_card_is_claimed_by_one_process_only(display: Services) -> None:
    ann = await buyer(display)
    card = await shared(display, ann, "Thing g7", HERE)
    await shared(display, ann, "Thing g8", THERE)
    assert await taken(display) == []
    await display.voting.cast(ann, card.item.id)
    assert sorted(map(len, await asyncio.gather(taken(display), taken(display)))) == [0, 1]


async def test_a_vote_taken_back_in_between_causes_no_edit(display: Services) -> None:
    ann = await buyer(display)
    card = await shared(display, ann, "Thing g7", HERE)
    await display.voting.cast(ann, card.item.id)
    await display.voting.take_back(ann, card.item.id)
    assert await taken(display) == []


async def test_an_edited_card_rests_and_then_shows_later_votes_in_one_edit(display: Services, watch: Watch) -> None:
    ann, bob, cem = [await buyer(display, 1001 + i, name) for i, name in enumerate(("Ann", "Bob", "Cem"))]
    card = await shared(display, ann, "Thing g7", HERE)
    await display.voting.cast(ann, card.item.id)
    await display.cards.settle(await display.cards.claim(50))
    await display.voting.cast(bob, card.item.id)
    await display.voting.cast(cem, card.item.id)
    watch.advance(seconds=GAP.total_seconds() - 0.1)
    assert await taken(display) == []
    watch.advance(seconds=0.1)
    (again,) = await display.cards.claim(50)
    assert again.item.wants == 3
    await display.cards.settle([again])
    watch.advance(hours=1)
    assert await taken(display) == []


async def test_the_most_recently_tapped_come_first(display: Services, watch: Watch) -> None:
    ann, bob = await buyer(display), await buyer(display, 1002, "Bob")
    card = await a_card(display, ann)
    for place in "abcd":
        await display.cards.chosen(ann, card.item.id, Spot(inline_id=place), "ep", 0)
        watch.advance(seconds=5)
    tapped = await tap(display, bob, card, Spot(inline_id="b"))
    assert tapped.to_edit is not None and tapped.to_edit.spot.inline_id == "b", "the tapped one at once"
    assert await taken(display, 2) == ["d", "c"]
    assert await taken(display) == ["a"]


async def test_a_tap_within_the_gap_leaves_its_card_to_the_others(display: Services, watch: Watch) -> None:
    ann, bob, cem = [await buyer(display, 1001 + i, name) for i, name in enumerate(("Ann", "Bob", "Cem"))]
    card = await a_card(display, ann)
    first = await tap(display, bob, card)
    await display.cards.settle([first.to_edit])
    watch.advance(seconds=1)
    assert (await tap(display, cem, card)).to_edit is None
    watch.advance(seconds=2)
    assert await taken(display) == ["here"]


async def test_a_card_whose_edit_got_no_answer_is_edited_again(display: Services, watch: Watch) -> None:
    ann = await buyer(display)
    card = await shared(display, ann, "Thing g7", HERE)
    await display.voting.cast(ann, card.item.id)
    await display.cards.settle((), await display.cards.claim(50))
    watch.advance(seconds=3)
    assert await taken(display) == ["here"]


async def test_a_card_that_was_held_by_a_dead_process_is_free_after_its_lease(display: Services, watch: Watch) -> None:
    ann = await buyer(display)
    card = await shared(display, ann, "Thing g7", HERE)
    await display.voting.cast(ann, card.item.id)
    assert len(await display.cards.claim(50)) == 1
    watch.advance(seconds=59)
    assert await taken(display) == []
    watch.advance(seconds=1)
    assert await taken(display) == ["here"]


async def test_a_clock_that_goes_back_holds_no_card_for_ever(display: Services, watch: Watch) -> None:
    ann = await buyer(display)
    watch.advance(hours=6)
    card = await shared(display, ann, "Thing g7", HERE)
    watch.advance(hours=-6)
    await display.voting.cast(ann, card.item.id)
    assert await taken(display) == ["here"]


async def test_a_closed_round_is_one_last_edit(display: Services, watch: Watch) -> None:
    ann = await buyer(display)
    await shared(display, ann, "Thing g7", HERE)
    watch.advance(hours=22, seconds=1)  # the clock has passed the closing, and no tick has noticed yet
    (last,) = await display.cards.claim(50)
    assert not last.on_display
    await display.cards.settle([last])
    await display.rounds.tick()
    watch.advance(hours=1)
    assert await taken(display) == []


async def test_scheduling_ends_a_card_like_the_end_of_its_round(display: Services, watch: Watch) -> None:
    ann = await buyer(display)
    card = await shared(display, ann, "Thing g7", HERE)
    await display.groups.schedule(card.item.id, watch.now() + timedelta(hours=5), None, "test")
    (last,) = await display.cards.claim(50)
    assert not last.on_display and last.item.group_opens_at is not None


async def test_a_cancelled_item_ends_its_cards_and_refuses_taps_r19(display: Services) -> None:
    ann, bob = await buyer(display), await buyer(display, 1002, "Bob")
    card = await shared(display, ann, "Thing g7", HERE)
    await display.groups.reject(card.item.id, WhyOut.SAMPLE, "test")
    tapped = await tap(display, bob, card)
    assert tapped.answer.refused.reason is Reason.ITEM_OUT and tapped.to_edit is not None
    assert not tapped.to_edit.on_display and await number_of(display, CanvassOpenRow) == 0
    assert (await display.cards.tap_by_stranger(77, card.token, THERE, "ep", 0)).payload is None


async def test_cards_in_bound_chats_rest_longer_and_unbound_ones_are_not_kept(display: Services, watch: Watch) -> None:
    ann, bob = await buyer(display), await buyer(display, 1002, "Bob")
    item = (await a_card(display, ann)).item
    spot = Spot(chat_id=-100, message_id=7)
    assert (await display.cards.tap(ann, str(item.id), spot, "ep", 0)).to_edit is None
    assert await number_of(display, SharedCardRow) == 0
    await display.chats.bind(-100, "en")
    await display.cards.posted(spot, item, Look(("en",), photo=True))
    (card,) = await display.cards.claim(50)
    await display.cards.settle([card])
    await display.voting.cast(bob, item.id)
    watch.advance(seconds=CHAT_GAP.total_seconds() - 1)
    assert await display.cards.claim(50) == []
    watch.advance(seconds=1)
    assert [one.spot for one in await display.cards.claim(50)] == [spot]


async def test_old_cards_and_unused_links_are_deleted_after_their_round(display: Services, watch: Watch) -> None:
    ann = await buyer(display)
    await display.cards.offers(ann, "", 0, 50)
    await shared(display, ann, "Thing g7", HERE)
    await shared(display, ann, "Thing g8", THERE)
    watch.advance(hours=23)
    await display.rounds.tick()
    cards = await display.cards.claim(50)
    await display.cards.settle(cards[:1])
    await display.cards.delete([card.id for card in cards[1:]])
    assert await number_of(display, SharedCardRow) == 1 and await number_of(display, CanvassLinkRow) == 40
    await display.cards.sweep()
    assert await number_of(display, SharedCardRow) == 1 and await number_of(display, CanvassLinkRow) == 40
    watch.advance(seconds=KEPT.total_seconds() + 3600)
    await display.groups.expire()
    await display.cards.settle(await display.cards.claim(50))
    await display.cards.sweep()
    assert await number_of(display, SharedCardRow) == 0 and await number_of(display, CanvassLinkRow) == 2


def test_a_drawable_knows_nothing_of_its_owner_r23() -> None:
    assert not {"member", "owner", "member_id"} & set(ClaimedCard.__dataclass_fields__)
