"""Queries about shared cards: which there are, and which are outdated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CTE, ColumnElement, Select, case, delete, func, literal, or_, select, true, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.cards import CHAT_GAP, GAP, Offered
from domain.goods import UNDECIDED, ItemState
from storage.db import insert_new
from storage.models import (
    BoundChatRow,
    CanvassLinkRow,
    CanvassOpenRow,
    FollowRow,
    ItemRow,
    RoundRow,
    SharedCardRow,
    ShopRow,
    VoteRow,
)

LEASE = timedelta(seconds=60)
"""How long a claim on a card holds, longer than any call takes."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a card is: sent through inline mode, or a message in a chat (Telegram's numbers)."""

    inline_id: str | None = None
    chat_id: int | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class StoredCard:
    """A card as stored. `token` is its owner's, where it has one."""

    id: int
    spot: Spot
    item_id: int
    token: str | None
    look: str


@dataclass(frozen=True, slots=True)
class TouchedCard:
    """A stored card, and the count that it shows, where that is known."""

    id: int
    shown: int | None


async def touch(
    connection: AsyncConnection,
    spot: Spot,
    item_id: int,
    link_id: int | None,
    look: str,
    shown: int | None,
    now: datetime,
) -> TouchedCard | None:
    """Store a card, or that it was tapped again; None in a chat that is not bound."""
    key: dict[str, object] = {"inline_id": spot.inline_id}
    if spot.inline_id is None:
        bound = await connection.scalar(select(BoundChatRow.id).where(BoundChatRow.chat_id == spot.chat_id))
        if bound is None:
            return None
        key = {"bound_chat_id": bound, "message_id": spot.message_id}
    new = insert_new(connection, SharedCardRow).values(
        **key, item_id=item_id, link_id=link_id, look=look, shown=shown, free_at=now, tapped_at=now
    )
    tapped = new.on_conflict_do_update(index_elements=list(key), set_={"tapped_at": now})
    row = await connection.execute(tapped.returning(SharedCardRow.id, SharedCardRow.shown))
    return TouchedCard(*row.one())


def _free(now: datetime) -> ColumnElement[bool]:
    """Whether a card is not claimed, and its gap is over. A moment beyond every lease is from before the clock went
    back."""
    return or_(SharedCardRow.free_at <= now, SharedCardRow.free_at > now + LEASE)


async def _lock(connection: AsyncConnection, which: ColumnElement[bool]) -> None:
    """Lock cards in the order of their numbers, so that two transactions over several never wait for each other."""
    if connection.dialect.name != "sqlite":  # which has one writer at a time
        these = select(SharedCardRow.id).where(which).order_by(SharedCardRow.id)
        await connection.execute(these.with_for_update(key_share=True))


async def make_anonymous(connection: AsyncConnection, link_ids: Select[int]) -> None:
    """Cut cards from the links of their owner."""
    theirs = SharedCardRow.link_id.in_(link_ids)
    await _lock(connection, theirs)
    await connection.execute(update(SharedCardRow).where(theirs).values(link_id=None))


async def claim(connection: AsyncConnection, card_ids: Collection[int], now: datetime) -> set[int]:
    """Claim these cards for an edit, as far as they are free; no other process gets them before the lease is over."""
    await _lock(connection, SharedCardRow.id.in_(card_ids))
    free = update(SharedCardRow).where(SharedCardRow.id.in_(card_ids), ~SharedCardRow.over, _free(now))
    return set(await connection.scalars(free.values(free_at=now + LEASE).returning(SharedCardRow.id)))


def _with_cards(*, over: bool) -> CTE:
    """The items that have cards of this kind: one step in the index each, however many cards they have."""
    kind = SharedCardRow.over if over else ~SharedCardRow.over
    found = select(func.min(SharedCardRow.item_id).label("item_id")).where(kind).cte("with_cards", recursive=True)
    following = select(func.min(SharedCardRow.item_id)).where(kind, SharedCardRow.item_id > found.c.item_id)
    return found.union_all(select(following.scalar_subquery()).where(found.c.item_id.is_not(None)))


async def due(connection: AsyncConnection, now: datetime, most: int) -> list[int]:
    """The cards that are outdated and free, the most recently tapped first.

    A card is outdated when it shows another count than its item's, or a vote that is closed. The items that have such
    cards are found first, by the lowest and the highest count that theirs show: mostly there are none, and cards are
    many.
    """
    outdated = await _outdated_items(connection, now)
    if not outdated:
        return []
    found = union_all(
        *(
            select(SharedCardRow.id, SharedCardRow.tapped_at)
            .join(ItemRow, ItemRow.id == SharedCardRow.item_id)
            .where(ItemRow.id.in_(item_ids), ~SharedCardRow.over, _CONDITIONS[why], _free(now))
            for why, item_ids in outdated.items()
        )
    ).subquery()
    newest = select(found.c.id).order_by(found.c.tapped_at.desc(), found.c.id.desc())
    return list(await connection.scalars(newest.limit(most)))


_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "closed": true(),
    "fewer": SharedCardRow.shown < ItemRow.wants,
    "more": SharedCardRow.shown > ItemRow.wants,
    "unknown": SharedCardRow.shown.is_(None),
}
"""Why a card is outdated: its item's vote is closed, or the card shows fewer, more, or nothing that is known."""


async def _outdated_items(connection: AsyncConnection, now: datetime) -> dict[str, list[int]]:
    """Items with outdated cards, by the reason."""
    with_cards = _with_cards(over=False)
    theirs = select(SharedCardRow.id).where(~SharedCardRow.over, SharedCardRow.item_id == with_cards.c.item_id)
    rows = await connection.execute(
        select(
            ItemRow.id,
            ItemRow.wants,
            or_(ItemRow.state != ItemState.ON_DISPLAY, RoundRow.closes_at <= now).label("closed"),
            theirs.with_only_columns(func.min(SharedCardRow.shown)).scalar_subquery().label("least"),
            theirs.with_only_columns(func.max(SharedCardRow.shown)).scalar_subquery().label("most"),
            theirs.where(SharedCardRow.shown.is_(None)).exists().label("unknown"),
        )
        .select_from(with_cards)
        .join(ItemRow, ItemRow.id == with_cards.c.item_id)
        .outerjoin(RoundRow, RoundRow.id == ItemRow.round_id)
    )
    found = defaultdict(list)
    for row in rows:
        if row.closed:
            found["closed"].append(row.id)
            continue
        if row.least is not None and row.least < row.wants:
            found["fewer"].append(row.id)
        if row.most is not None and row.most > row.wants:
            found["more"].append(row.id)
        if row.unknown:
            found["unknown"].append(row.id)
    return found


async def by_ids(connection: AsyncConnection, card_ids: Collection[int]) -> dict[int, StoredCard]:
    """These cards by number."""
    rows = await connection.execute(
        select(
            SharedCardRow.id,
            SharedCardRow.inline_id,
            BoundChatRow.chat_id,
            SharedCardRow.message_id,
            SharedCardRow.item_id,
            CanvassLinkRow.token,
            SharedCardRow.look,
        )
        .outerjoin(BoundChatRow, BoundChatRow.id == SharedCardRow.bound_chat_id)
        .outerjoin(CanvassLinkRow, CanvassLinkRow.id == SharedCardRow.link_id)
        .where(SharedCardRow.id.in_(card_ids))
    )
    return {
        row.id: StoredCard(row.id, Spot(row.inline_id, row.chat_id, row.message_id), row.item_id, row.token, row.look)
        for row in rows
    }


async def settle(connection: AsyncConnection, shown: Mapping[int, tuple[int | None, bool]], now: datetime) -> None:
    """Release cards after their edits: what each shows now, None where it is unknown, and whether it was the last."""
    moment = SharedCardRow.free_at.type
    free_at = case(
        (SharedCardRow.inline_id.is_(None), literal(now + CHAT_GAP, moment)), else_=literal(now + GAP, moment)
    )
    await _lock(connection, SharedCardRow.id.in_(shown))
    alike = defaultdict(list)
    for card_id, what in shown.items():
        alike[what].append(card_id)
    for (count, over), card_ids in alike.items():
        await connection.execute(
            update(SharedCardRow).where(SharedCardRow.id.in_(card_ids)).values(shown=count, over=over, free_at=free_at)
        )


async def reopen(connection: AsyncConnection, item_id: int) -> None:
    """Have all cards of an item edited once more: something else is true of it than after its vote."""
    await connection.execute(
        update(SharedCardRow).where(SharedCardRow.item_id == item_id, SharedCardRow.over).values(over=False)
    )


async def release(connection: AsyncConnection, card_ids: Collection[int], until: datetime) -> None:
    """Release cards that were not edited; they are free from `until` on."""
    await _lock(connection, SharedCardRow.id.in_(card_ids))
    await connection.execute(update(SharedCardRow).where(SharedCardRow.id.in_(card_ids)).values(free_at=until))


async def delete_all(connection: AsyncConnection, card_ids: Collection[int]) -> None:
    """Delete cards whose messages are gone."""
    await _lock(connection, SharedCardRow.id.in_(card_ids))
    await connection.execute(delete(SharedCardRow).where(SharedCardRow.id.in_(card_ids)))


async def on_display(connection: AsyncConnection, now: datetime) -> list[Offered]:
    """What can be voted for now, with the texts that a search looks through."""
    rows = await connection.execute(
        select(ItemRow.id, ItemRow.title, ItemRow.title_en, ShopRow.name)
        .join(RoundRow, RoundRow.id == ItemRow.round_id)
        .join(ShopRow, ShopRow.id == ItemRow.shop_id)
        .where(ItemRow.state == ItemState.ON_DISPLAY, RoundRow.closes_at > now)
        .order_by(ItemRow.id)
    )
    return [Offered(row.id, (row.title, row.title_en, row.name)) for row in rows]


async def wanted(connection: AsyncConnection, member_id: int) -> list[int]:
    """What a member voted for and follows, the newest first."""
    votes = select(VoteRow.item_id).where(VoteRow.member_id == member_id, VoteRow.taken_back_at.is_(None))
    voted = await connection.scalars(votes.order_by(VoteRow.cast_at.desc(), VoteRow.id.desc()))
    follows = select(FollowRow.item_id).where(FollowRow.member_id == member_id).order_by(FollowRow.at.desc())
    return list(dict.fromkeys([*voted, *await connection.scalars(follows)]))


async def tokens(connection: AsyncConnection, member_id: int, item_ids: Collection[int]) -> dict[int, str]:
    """The tokens of a member's links for these items, as far as there are links."""
    rows = await connection.execute(
        select(CanvassLinkRow.item_id, CanvassLinkRow.token).where(
            CanvassLinkRow.member_id == member_id,
            CanvassLinkRow.item_id.in_(item_ids),
            CanvassLinkRow.revoked_at.is_(None),
        )
    )
    return {row.item_id: row.token for row in rows}


async def offer(connection: AsyncConnection, member_id: int, fresh: Mapping[int, str], now: datetime) -> None:
    """Store links, by item, that are only offered for now."""
    rows = [
        {"token": token, "member_id": member_id, "item_id": item_id, "created_at": now, "used": False}
        for item_id, token in fresh.items()
    ]
    await connection.execute(insert_new(connection, CanvassLinkRow).values(rows).on_conflict_do_nothing())


async def voted_before(connection: AsyncConnection, member_id: int, item_id: int, cause: int | None) -> bool:
    """Whether a member voted for an item by another update than this one, even if they took it back."""
    other = or_(VoteRow.cast_by.is_(None), VoteRow.cast_by != cause) if cause is not None else true()
    found = select(VoteRow.id).where(VoteRow.member_id == member_id, VoteRow.item_id == item_id, other)
    return await connection.scalar(found.limit(1)) is not None


_STILL_TO_SHOW = UNDECIDED | {ItemState.SCHEDULED}
"""States of items whose cards have something left to show: that no group comes, or that it is open."""


async def sweepable(connection: AsyncConnection, since: datetime | None, before: datetime) -> list[int]:
    """Items of rounds that closed before this moment of which `sweep` can delete something.

    No link is offered after the round: of rounds that closed before `since` links are not searched again. A card can
    be stored at any time later, by a tap.
    """
    of_old_rounds = (
        select(ItemRow.id)
        .join(RoundRow, RoundRow.id == ItemRow.round_id)
        .where(RoundRow.closed_at < before, ItemRow.state.not_in(_STILL_TO_SHOW))
    )
    with_cards = _with_cards(over=True)
    edited = await connection.scalars(of_old_rounds.join(with_cards, with_cards.c.item_id == ItemRow.id))
    unused = select(CanvassLinkRow.id).where(CanvassLinkRow.item_id == ItemRow.id, ~CanvassLinkRow.used)
    offered = of_old_rounds.where(unused.exists())
    if since is not None:
        offered = offered.where(RoundRow.closed_at >= since)
    return sorted({*edited, *await connection.scalars(offered)})


async def sweep(connection: AsyncConnection, item_id: int, most: int) -> bool:
    """Delete an item's cards after their last edit, and its unused links, at most so many of each.

    Returns whether there may be more.
    """
    opened = select(CanvassOpenRow.friend_id).where(CanvassOpenRow.link_id == CanvassLinkRow.id)
    unused = select(CanvassLinkRow.id).where(CanvassLinkRow.item_id == item_id, ~CanvassLinkRow.used, ~opened.exists())
    links = delete(CanvassLinkRow).where(CanvassLinkRow.id.in_(unused.limit(most)))
    gone = (await connection.execute(links)).rowcount  # first: a tap, too, locks a link before a card
    edited = select(SharedCardRow.id).where(SharedCardRow.over, SharedCardRow.item_id == item_id).limit(most)
    return (
        max(gone, (await connection.execute(delete(SharedCardRow).where(SharedCardRow.id.in_(edited)))).rowcount)
        == most
    )
