"""Shared cards: what inline mode offers, what a tap on one does, and which have to be drawn again (R19-R23)."""

from __future__ import annotations

import hmac
import math
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.cards import Look, found
from domain.goods import Item
from domain.payloads import VoteStart
from domain.people import Member
from domain.voting import Reason, why_no_credit, why_not_on_display
from services.canvassing import TOKEN_BYTES
from services.context import ServiceContext
from services.voting import Answer, Voting
from storage import canvass, cards, display, items
from storage.cards import Spot
from storage.db import advisory_lock

__all__ = ["Cards", "Completed", "Drawable", "InlineOffer", "InlineOffers", "Spot", "Tapped"]

KEPT = timedelta(days=14)
"""How long cards and unused links stay after their round: so long a late tap is told what became of the item."""

SWEPT_AT_ONCE = 1_000
"""Cards and links deleted in one transaction: few enough that taps hardly wait for it."""

_SWEPT = "links_swept"
"""Names the fact that keeps up to which closing nobody's links are left."""
_CLOSED_LATE = timedelta(days=1)
"""Closings so long before that moment are looked at again: clocks go back, and transactions end in another order."""

_MOST_QUERY = 256
_LONGEST_NUMBER = 15


@dataclass(frozen=True, slots=True)
class InlineOffer:
    """One item in inline mode, with the token of the canvass link that its card would carry."""

    item: Item
    token: str


@dataclass(frozen=True, slots=True)
class InlineOffers:
    """One page of what inline mode offers; `after` is the offset of the next one, None at the end."""

    offers: tuple[InlineOffer, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class Drawable:
    """A card as it must be drawn now. It belongs to whoever was given it until it is given back."""

    id: int
    spot: Spot
    item: Item
    token: str | None
    look: Look
    on_display: bool


@dataclass(frozen=True, slots=True)
class Tapped:
    """What a tap on a card came to. `answer` is None for a stranger and for a card that leads nowhere.

    `payload` leads a stranger into the bot, where the vote completes; `redraw` is the card, where it is wrong now.
    `kept` is False in a chat that was let go: the vote counts there, too, but no card is drawn again.
    """

    answer: Answer | None
    item: Item | None = None
    payload: VoteStart | None = None
    redraw: Drawable | None = None
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Completed:
    """What became of a vote that began with a tap on a card elsewhere.

    `answer` is None where nothing was cast by itself: the link was not made for this person, or they had voted before.
    """

    item_id: int
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class _Card:
    """What a button names: the item, and the link that gets the credit."""

    item: Item
    link: canvass.Link | None


class Cards:
    """The cards in other people's chats. A card's name is its link's token; where nobody owns it, the item's number."""

    def __init__(self, context: ServiceContext, voting: Voting) -> None:
        self._context = context
        self._voting = voting
        self._key: bytes | None = None

    async def offers(self, member: Member, query: str, offset: int, most: int, only: int | None = None) -> InlineOffers:
        """What a member can share: what they voted for and follow, then the rest of the display, by a search (R20).

        `only` is the item that they asked for by its number: it comes first. Each comes with their own link, which is
        stored now: nobody is told when it is sent.
        """
        now = self._context.clock.now()
        key = await self._secret()
        async with self._context.db.read() as connection:
            mine = await cards.wanted(connection, member.id)
            shown = await cards.on_display(connection, now)
            first = mine if only is None else [only, *mine]
            chosen = found(shown, query[:_MOST_QUERY], first, _order(key, member.id))
            page = chosen[offset : offset + most]
            known = await items.by_ids(connection, page)
            tokens = await cards.tokens(connection, member.id, page)
        fresh = {item_id: secrets.token_urlsafe(TOKEN_BYTES) for item_id in page if item_id not in tokens}
        if fresh:
            async with self._context.db.write() as connection:
                await cards.offer(connection, member.id, fresh, now)
                tokens = await cards.tokens(connection, member.id, page)
        after = offset + len(page)
        return InlineOffers(
            tuple(InlineOffer(known[i], tokens[i]) for i in page), after if after < len(chosen) else None
        )

    async def chosen(self, member: Member, item_id: int, spot: Spot, look: str, shown: int) -> None:
        """Note a card that a member has just sent; Telegram tells only where inline feedback is on."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            item = await items.by_id(connection, item_id)
            if item is None:
                return
            link = await canvass.link_of(connection, member.id, item_id, secrets.token_urlsafe(TOKEN_BYTES), now)
            await cards.use(connection, link.id)
            await cards.touch(connection, spot, item_id, link.id, Look.parse(look).code, shown, now)

    async def posted(self, spot: Spot, item: Item, look: Look) -> None:
        """Note a card that the bot has just posted in a bound chat."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await cards.touch(connection, spot, item.id, None, look.code, item.wants, now)

    async def tap(
        self, member: Member, name: str, spot: Spot, look: str, shown: int, cause: int | None = None
    ) -> Tapped:
        """A member's tap: their vote, credited to the card's owner as if they had opened the link (R21, R22).

        `look` and `shown` are what the button says of its card: so the first tap teaches what nobody told before.
        `cause` is the id of the update.
        """
        now = self._context.clock.now()

        async def work(connection: AsyncConnection) -> Tapped:
            card = await self._find(connection, name)
            if card is None:
                return Tapped(None)
            await self._credit(connection, card, member, now)
            answer = await self._voting.cast_within(connection, member, card.item.id, cause, now)
            assert answer.item is not None, "rows of items are never deleted"
            redraw, kept = await self._note(connection, replace(card, item=answer.item), spot, look, shown, now)
            return Tapped(answer, answer.item, redraw=redraw, kept=kept)

        tapped = await self._context.db.batch_write(work)
        if tapped.answer is not None:
            self._voting.note(tapped.answer)
        return tapped

    async def stranger(self, person: int, name: str, spot: Spot, look: str, shown: int) -> Tapped:
        """A tap by somebody who never met the bot (a Telegram ID): the way into it, where the vote completes (R21).

        Nothing is stored about them; the card is noted like at any tap.
        """
        now = self._context.clock.now()
        key = await self._secret()

        async def work(connection: AsyncConnection) -> Tapped:
            card = await self._find(connection, name)
            if card is None:
                return Tapped(None)
            redraw, kept = await self._note(connection, card, spot, look, shown, now)
            payload = VoteStart.sign(key, person, name) if why_not_on_display(card.item, now) is None else None
            return Tapped(None, card.item, payload, redraw, kept)

        return await self._context.db.batch_write(work)

    async def complete(self, member: Member, payload: VoteStart, cause: int | None = None) -> Completed | None:
        """Cast the vote that a stranger's tap began, once, by the payload that they were given; None for no card.

        A payload of somebody else only leads to the item, like a link: nobody is made to vote by a trick. So does one
        that is used again: who has taken the vote back keeps it.
        """
        now = self._context.clock.now()
        own = payload.is_signed_for(await self._secret(), member.chat_id)

        async def work(connection: AsyncConnection) -> Completed | None:
            card = await self._find(connection, payload.card)
            if card is None:
                return None
            await self._credit(connection, card, member, now)
            if not own or await cards.voted_before(connection, member.id, card.item.id, cause):
                return Completed(card.item.id, None)
            answer = await self._voting.cast_within(connection, member, card.item.id, cause, now)
            return Completed(card.item.id, answer)

        completed = await self._context.db.batch_write(work)
        if completed is not None and completed.answer is not None:
            self._voting.note(completed.answer)
        return completed

    # -- keeping them true ---------------------------------------------------------------------------------------

    async def take(self, most: int) -> list[Drawable]:
        """The cards that show something no longer true, the most recently tapped first; each may be edited now."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            if not (due := await cards.due(connection, now, most)):
                return []
        async with self._context.db.write() as connection:
            taken = await cards.take(connection, due, now)
        async with self._context.db.read() as connection:
            return await self._drawables(connection, [card_id for card_id in due if card_id in taken], now)

    async def give_back(self, drawn: Collection[Drawable], unknown: Collection[Drawable] = ()) -> None:
        """Cards that were edited, and those of which nobody knows whether they were."""
        now = self._context.clock.now()
        shown: dict[int, tuple[int | None, bool]] = {card.id: (card.item.wants, not card.on_display) for card in drawn}
        shown |= {card.id: (None, False) for card in unknown}
        async with self._context.db.write() as connection:
            await cards.settle(connection, shown, now)

    async def leave(self, card_ids: Collection[int], after: timedelta = timedelta(0)) -> None:
        """Cards that were not edited; they wait for their next turn, not before so long."""
        async with self._context.db.write() as connection:
            await cards.release(connection, card_ids, self._context.clock.now() + after)

    async def forget(self, card_ids: Collection[int]) -> None:
        """Cards whose messages are gone."""
        async with self._context.db.write() as connection:
            await cards.forget(connection, card_ids)

    async def sweep(self, seconds: float = math.inf) -> bool:
        """Let go what nobody needs any more of rounds that are long over, a little in each transaction.

        Returns False where something may be left after so many seconds.
        """
        until, before = time.monotonic() + seconds, self._context.clock.now() - KEPT
        async with self._context.db.read() as connection:
            swept = await display.fact(connection, _SWEPT)
            since = datetime.fromisoformat(swept) if swept else None
            found = await cards.sweepable(connection, since and since - _CLOSED_LATE, before)
        for item_id in found:
            while await self._context.db.batch_write(partial(self._sweep_some, item_id=item_id), long=True):
                if time.monotonic() >= until:
                    return False
            if time.monotonic() >= until:
                return False
        async with self._context.db.write() as connection:
            await display.set_fact(connection, _SWEPT, before.isoformat())
        return True

    @staticmethod
    async def _sweep_some(connection: AsyncConnection, item_id: int) -> bool:
        await advisory_lock(connection, f"cards of item {item_id}")
        return await cards.sweep(connection, item_id, SWEPT_AT_ONCE)

    # -- inside a transaction ------------------------------------------------------------------------------------

    async def _find(self, connection: AsyncConnection, name: str) -> _Card | None:
        """What a card's name names; None for a name that was forged, or forgotten."""
        if name.isascii() and name.isdecimal() and len(name) <= _LONGEST_NUMBER:
            link, item_id = None, int(name)
        else:
            link = await canvass.by_token(connection, name)
            item_id = link.item_id if link else 0
        item = await items.by_id(connection, item_id)
        known = why_not_on_display(item, self._context.clock.now()) is not Reason.UNKNOWN_ITEM
        return _Card(item, link) if item is not None and known else None

    async def _credit(self, connection: AsyncConnection, card: _Card, friend: Member, now: datetime) -> None:
        link, on_display = card.link, why_not_on_display(card.item, now) is None
        if link is None:
            return
        if why_no_credit(link.member_id, friend.id, revoked=link.revoked, on_display=on_display) is None:
            await canvass.opened(connection, link.id, link.item_id, friend.id, now)

    async def _note(
        self, connection: AsyncConnection, card: _Card, spot: Spot, look: str, shown: int, now: datetime
    ) -> tuple[Drawable | None, bool]:
        """Note that a card was tapped, and take it where it is wrong and free; False for one that is not kept."""
        item = card.item
        link = card.link if card.link is not None and not card.link.revoked else None
        code = Look.parse(look).code
        row = await cards.touch(connection, spot, item.id, link.id if link else None, code, shown, now)
        if link is not None:
            await cards.use(connection, link.id)
        if row is None:
            return None, False
        if row.shown == item.wants and why_not_on_display(item, now) is None:
            return None, True
        if row.id not in await cards.take(connection, [row.id], now):
            return None, True
        (redraw,) = await self._drawables(connection, [row.id], now)
        return redraw, True

    async def _drawables(self, connection: AsyncConnection, card_ids: list[int], now: datetime) -> list[Drawable]:
        stored = await cards.by_ids(connection, card_ids)
        known = await items.by_ids(connection, {card.item_id for card in stored.values()})
        return [
            Drawable(
                card.id,
                card.spot,
                known[card.item_id],
                card.token,
                Look.parse(card.look),
                why_not_on_display(known[card.item_id], now) is None,
            )
            for card in (stored[card_id] for card_id in card_ids if card_id in stored)
        ]

    async def _secret(self) -> bytes:
        """The key of signatures and of the order of offers, made once and kept with the data."""
        if self._key is None:
            async with self._context.db.write() as connection:
                stored = await display.fact_once(connection, "card_key", secrets.token_hex(32))
            self._key = bytes.fromhex(stored)  # once it is committed
        return self._key


def _order(key: bytes, member_id: int) -> Callable[[int], bytes]:
    """A member's own order of items: nobody else can tell or steer it, and it stays while they turn pages (R10)."""
    return lambda item_id: hmac.digest(key, f"{member_id}:{item_id}".encode(), "sha256")
