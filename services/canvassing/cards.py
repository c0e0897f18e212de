"""Shared cards: what inline mode offers, taps on cards in any chat, and which cards have to be edited (R19-R23)."""

from __future__ import annotations

import hmac
import math
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.cards import Look, search
from domain.goods import Item
from domain.payloads import VoteStart
from domain.people import Member
from domain.voting import Reason, earns_credit, why_not_on_display
from services.canvassing.links import TOKEN_BYTES
from services.context import ServiceContext
from services.voting import VoteOutcome, Voting
from storage import items, key_values, people
from storage.canvassing import cards, links
from storage.canvassing.cards import Spot
from storage.db import advisory_lock

__all__ = ["Cards", "ClaimedCard", "CompletedVote", "InlineOffer", "InlineOffers", "Spot", "TapResult"]

KEPT = timedelta(days=14)
"""How long cards and unused links stay after their round, so that late taps are answered with the item's state."""

SWEPT_AT_ONCE = 1_000
"""Cards and links deleted in one transaction: few enough that taps hardly wait."""

_SWEPT = "links_swept"
"""Key-value: the closing up to which rounds have been swept."""
_CLOSED_LATE = timedelta(days=1)
"""Closings so long before that moment are checked again: clocks go back, and transactions commit in another order."""

_MOST_QUERY = 256
_LONGEST_NUMBER = 15


@dataclass(frozen=True, slots=True)
class InlineOffer:
    """One item in inline mode, with the token of the canvass link on its card."""

    item: Item
    token: str


@dataclass(frozen=True, slots=True)
class InlineOffers:
    """One page of offers; `after` is the offset of the next page, None at the end."""

    offers: tuple[InlineOffer, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class ClaimedCard:
    """An outdated card, claimed for one edit until it is settled or released, and what it must show."""

    id: int
    spot: Spot
    item: Item
    token: str | None
    look: Look
    on_display: bool


@dataclass(frozen=True, slots=True)
class TapResult:
    """The result of a tap on a card. `answer` is None for a stranger and for a card of an unknown item.

    `payload` leads a stranger into the bot, where the vote completes; `to_edit` is the card, claimed, where it is
    outdated. `edited_later` is False in a chat that was unbound: the vote counts, but cards there are not edited.
    """

    answer: VoteOutcome | None
    item: Item | None = None
    payload: VoteStart | None = None
    to_edit: ClaimedCard | None = None
    edited_later: bool = True


@dataclass(frozen=True, slots=True)
class CompletedVote:
    """A stranger's completed vote; no `answer` if the payload is not signed for this user, or they voted before."""

    item_id: int
    answer: VoteOutcome | None


@dataclass(frozen=True, slots=True)
class _NamedCard:
    """The item of a button, and the link that gets the credit."""

    item: Item
    link: links.Link | None


class Cards:
    """Shared cards. A card's name is the token of its owner's link, or the item's number where it has no owner."""

    def __init__(self, context: ServiceContext, voting: Voting) -> None:
        self._context = context
        self._voting = voting
        self._key: bytes | None = None

    async def offers(self, member: Member, query: str, offset: int, most: int, only: int | None = None) -> InlineOffers:
        """What a member can share: items they voted for or follow, then the rest of the display, by a search (R20).

        `only` is an item that comes first. Each offer carries the member's own link, which is stored now, because
        Telegram does not reliably report when a card is sent.
        """
        now = self._context.clock.now()
        key = await self._secret()
        async with self._context.db.read() as connection:
            mine = await cards.wanted(connection, member.id)
            shown = await cards.on_display(connection, now)
            first = mine if only is None else [only, *mine]
            chosen = search(shown, query[:_MOST_QUERY], first, _order(key, member.id))
            page = chosen[offset : offset + most]
            known = await items.by_ids(connection, page)
            tokens = await cards.tokens(connection, member.id, page)
        fresh = {item_id: secrets.token_urlsafe(TOKEN_BYTES) for item_id in page if item_id not in tokens}
        if fresh:
            async with self._context.db.write() as connection:
                await people.lock(connection, member.id)
                await cards.offer(connection, member.id, fresh, now)
                tokens = await cards.tokens(connection, member.id, page)
        after = offset + len(page)
        return InlineOffers(
            tuple(InlineOffer(known[i], tokens[i]) for i in page), after if after < len(chosen) else None
        )

    async def chosen(self, member: Member, item_id: int, spot: Spot, look: str, shown: int) -> None:
        """Store a card that a member has just sent; Telegram reports it only where inline feedback is on."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await people.lock(connection, member.id)
            item = await items.by_id(connection, item_id)
            if item is None:
                return
            link = await links.link_of(connection, member.id, item_id, secrets.token_urlsafe(TOKEN_BYTES), now)
            await links.use(connection, link.id)
            await cards.touch(connection, spot, item_id, link.id, Look.parse(look).code, shown, now)

    async def posted(self, spot: Spot, item: Item, look: Look) -> None:
        """Store a card that the bot has just posted in a bound chat."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await cards.touch(connection, spot, item.id, None, look.code, item.wants, now)

    async def tap(
        self, member: Member, name: str, spot: Spot, look: str, shown: int, cause: int | None = None
    ) -> TapResult:
        """A member's tap: their vote, credited to the card's owner as if they had opened the link (R21, R22).

        `look` and `shown` come from the button and describe its card, which may not be stored yet. `cause` is the
        update's ID.
        """
        now = self._context.clock.now()

        async def work(connection: AsyncConnection) -> TapResult:
            await people.lock(connection, member.id)
            card = await self._find(connection, name)
            if card is None:
                return TapResult(None)
            await self._credit(connection, card, member, now)
            answer = await self._voting.cast_within(connection, member, card.item.id, cause, now)
            assert answer.item is not None, "rows of items are never deleted"
            to_edit, stored = await self._note(connection, replace(card, item=answer.item), spot, look, shown, now)
            return TapResult(answer, answer.item, to_edit=to_edit, edited_later=stored)

        tapped = await self._context.db.batch_write(work)
        self._voting.count_outcome(tapped.answer)
        return tapped

    async def tap_by_stranger(self, person: int, name: str, spot: Spot, look: str, shown: int) -> TapResult:
        """A tap by a user who never met the bot, about whom nothing is stored: a payload for the chat with the bot,
        where the vote completes (R21). `person` is a Telegram ID."""
        now = self._context.clock.now()
        key = await self._secret()

        async def work(connection: AsyncConnection) -> TapResult:
            card = await self._find(connection, name)
            if card is None:
                return TapResult(None)
            to_edit, stored = await self._note(connection, card, spot, look, shown, now)
            payload = VoteStart.sign(key, person, name) if why_not_on_display(card.item, now) is None else None
            return TapResult(None, card.item, payload, to_edit, stored)

        return await self._context.db.batch_write(work)

    async def complete(self, member: Member, payload: VoteStart, cause: int | None = None) -> CompletedVote | None:
        """Cast the vote that a stranger's tap began, once; None for an unknown card.

        A payload signed for another user only shows the item, so a link cannot make users vote. So does a second use
        of a payload: a vote that was taken back is not cast again.
        """
        now = self._context.clock.now()
        own = payload.is_signed_for(await self._secret(), member.chat_id)

        async def work(connection: AsyncConnection) -> CompletedVote | None:
            await people.lock(connection, member.id)
            card = await self._find(connection, payload.card)
            if card is None:
                return None
            await self._credit(connection, card, member, now)
            if not own or await cards.voted_before(connection, member.id, card.item.id, cause):
                return CompletedVote(card.item.id, None)
            answer = await self._voting.cast_within(connection, member, card.item.id, cause, now)
            return CompletedVote(card.item.id, answer)

        completed = await self._context.db.batch_write(work)
        self._voting.count_outcome(completed.answer if completed else None)
        return completed

    # -- edits -----------------------------------------------------------------------------------------------------

    async def claim(self, most: int) -> list[ClaimedCard]:
        """Claim outdated cards that may be edited now, the most recently tapped first."""
        now = self._context.clock.now()
        if not (due := await self._context.db.autocommit_read(lambda of: cards.due(of, now, most))):
            return []
        async with self._context.db.write() as connection:
            taken = await cards.claim(connection, due, now)
        async with self._context.db.read() as connection:
            return await self._claimed_cards(connection, [card_id for card_id in due if card_id in taken], now)

    async def settle(self, edited: Collection[ClaimedCard], unknown: Collection[ClaimedCard] = ()) -> None:
        """Store what cards show now; of `unknown` ones Telegram has not answered whether they were edited."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            known = await items.by_ids(connection, {card.item.id for card in edited})
            shown: dict[int, tuple[int | None, bool]] = {
                card.id: (card.item.wants, not card.on_display and _is_still(card.item, known[card.item.id]))
                for card in edited
            }
            shown |= {card.id: (None, False) for card in unknown}
            await cards.settle(connection, shown, now)

    async def release(self, card_ids: Collection[int], after: timedelta = timedelta(0)) -> None:
        """Give up the claim on cards that were not edited; they are due again `after` a while."""
        async with self._context.db.write() as connection:
            await cards.release(connection, card_ids, self._context.clock.now() + after)

    async def delete(self, card_ids: Collection[int]) -> None:
        """Delete cards whose messages are gone."""
        async with self._context.db.write() as connection:
            await cards.delete_all(connection, card_ids)

    async def sweep(self, seconds: float = math.inf) -> bool:
        """Delete cards and unused links of rounds that ended more than `KEPT` ago, a few in each transaction; False
        where some may be left after so many seconds."""
        until, before = self._context.clock.monotonic() + seconds, self._context.clock.now() - KEPT
        async with self._context.db.read() as connection:
            swept = await key_values.get(connection, _SWEPT)
            since = datetime.fromisoformat(swept) if swept else None
            found = await cards.sweepable(connection, since and since - _CLOSED_LATE, before)
        for item_id in found:
            more = True
            while more:
                more = await self._context.db.batch_write(partial(self._sweep_some, item_id=item_id), long=True)
                if self._context.clock.monotonic() >= until:
                    return False
        async with self._context.db.write() as connection:
            await key_values.set(connection, _SWEPT, before.isoformat())
        return True

    @staticmethod
    async def _sweep_some(connection: AsyncConnection, item_id: int) -> bool:
        await advisory_lock(connection, f"cards of item {item_id}")
        return await cards.sweep(connection, item_id, SWEPT_AT_ONCE)

    # -- inside a transaction ------------------------------------------------------------------------------------

    async def _find(self, connection: AsyncConnection, name: str) -> _NamedCard | None:
        """The item and link of a card's name, whose owner is not erased before the transaction ends; None for a name
        that was forged, or deleted. A card is tapped, so the link on it was shared."""
        if name.isascii() and name.isdecimal() and len(name) <= _LONGEST_NUMBER:
            link, item_id = None, int(name)
        else:
            link = await links.by_token(connection, name, keep=True)
            item_id = link.item_id if link else 0
        if link is not None and not await people.keep_from_erasure(connection, link.member_id):
            link = replace(link, revoked=True)  # at this moment: nothing that was the owner's is touched any more
        if link is not None and not link.revoked:
            await links.use(connection, link.id)
        item = await items.by_id(connection, item_id)
        known = why_not_on_display(item, self._context.clock.now()) is not Reason.UNKNOWN_ITEM
        return _NamedCard(item, link) if item is not None and known else None

    async def _credit(self, connection: AsyncConnection, card: _NamedCard, friend: Member, now: datetime) -> None:
        link, on_display = card.link, why_not_on_display(card.item, now) is None
        if link and earns_credit(link.member_id, friend.id, revoked=link.revoked, on_display=on_display):
            await links.opened(connection, link.id, link.item_id, friend.id, now)

    async def _note(
        self, connection: AsyncConnection, card: _NamedCard, spot: Spot, look: str, shown: int, now: datetime
    ) -> tuple[ClaimedCard | None, bool]:
        """Store that a card was tapped, and claim it where it is outdated; False for a card that is not stored."""
        item = card.item
        link = card.link if card.link is not None and not card.link.revoked else None
        code = Look.parse(look).code
        row = await cards.touch(connection, spot, item.id, link.id if link else None, code, shown, now)
        if row is None:
            return None, False
        if row.shown == item.wants and why_not_on_display(item, now) is None:
            return None, True
        if row.id not in await cards.claim(connection, [row.id], now):
            return None, True
        (to_edit,) = await self._claimed_cards(connection, [row.id], now)
        return to_edit, True

    async def _claimed_cards(
        self, connection: AsyncConnection, card_ids: list[int], now: datetime
    ) -> list[ClaimedCard]:
        stored = await cards.by_ids(connection, card_ids)
        known = await items.by_ids(connection, {card.item_id for card in stored.values()})
        return [
            ClaimedCard(
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
        """The key of signatures and of the order of offers, made once and stored."""
        if self._key is None:
            async with self._context.db.write() as connection:
                stored = await key_values.set_once(connection, "card_key", secrets.token_hex(32))
            self._key = bytes.fromhex(stored)  # cached only after the commit
        return self._key


def _is_still(shown: Item, now: Item) -> bool:
    """Whether a card says what is true of its item: its group may have got a time while the card was edited."""
    return (shown.state, shown.group_opens_at) == (now.state, now.group_opens_at)


def _order(key: bytes, member_id: int) -> Callable[[int], bytes]:
    """A member's own order of items: it cannot be predicted or steered, and is stable from page to page (R10)."""
    return lambda item_id: hmac.digest(key, f"{member_id}:{item_id}".encode(), "sha256")
