"""Queries about appeals: recorded, decided, and what a granted one restores (R29)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from domain.brushing.cases import CaseOutcome
from domain.brushing.verdicts import Verdict
from domain.goods import BRUSHING, ItemState
from storage import items
from storage.brushing import bans
from storage.brushing.bans import StoredBan
from storage.db import changed, insert_new
from storage.models import (
    AppealRow,
    CaseRow,
    GrantRow,
    ItemRow,
    ItemStepRow,
    MemberRow,
    PastVoteRow,
    ReusedBallotRow,
    RoundRow,
    ShopRow,
    SpendingRow,
    VerdictChangeRow,
    VoteRow,
)

_STANDING = VoteRow.taken_back_at.is_(None)


@dataclass(frozen=True, slots=True)
class StoredAppeal:
    """A shop's appeal. `granted` is None until an organiser has decided."""

    words: str
    recorded_at: datetime
    recorded_by: str
    granted: bool | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ConfirmedCase:
    """A confirmed case, with its good, ban and appeal; `void` and `counted` are the votes at the decision."""

    id: int
    item_id: int
    ref: str
    title: str
    title_en: str
    shop: str
    decided_at: datetime
    decided_by: str
    reason: str
    counted: int
    void: int
    ban: StoredBan | None = None
    appeal: StoredAppeal | None = None


_CASE: Select[*tuple[Any, ...]] = (
    select(
        *(CaseRow.id, CaseRow.item_id, ItemRow.ref, ItemRow.title, ItemRow.title_en, ShopRow.name),
        *(CaseRow.decided_at, CaseRow.decided_by, CaseRow.reason, CaseRow.counted, CaseRow.void),
    )
    .join(ItemRow, ItemRow.id == CaseRow.item_id)
    .join(ShopRow, ShopRow.id == CaseRow.shop_id)
)
_APPEAL: Select[*tuple[Any, ...]] = select(
    *(AppealRow.words, AppealRow.recorded_at, AppealRow.recorded_by),
    *(AppealRow.granted, AppealRow.decided_at, AppealRow.decided_by, AppealRow.reason),
)


async def confirmed_case(connection: AsyncConnection, case_id: int) -> ConfirmedCase | None:
    """A case against whose decision a shop may appeal; None for any other."""
    confirmed = _CASE.where(CaseRow.id == case_id, CaseRow.outcome == CaseOutcome.CONFIRMED.value)
    row = (await connection.execute(confirmed)).one_or_none()
    if row is None:
        return None
    ban, appeal = await bans.of_case(connection, case_id), await appeal_of(connection, case_id)
    return replace(ConfirmedCase(*row), ban=ban, appeal=appeal)


async def appeal_of(connection: AsyncConnection, case_id: int) -> StoredAppeal | None:
    """The appeal against a case, if there is one."""
    row = (await connection.execute(_APPEAL.where(AppealRow.case_id == case_id))).one_or_none()
    return StoredAppeal(*row) if row else None


async def add(connection: AsyncConnection, case_id: int, words: str, actor: str, now: datetime) -> bool:
    """Store the appeal against a case; False where there is one."""
    values = {"case_id": case_id, "words": words, "recorded_at": now, "recorded_by": actor}
    new = insert_new(connection, AppealRow).on_conflict_do_nothing(index_elements=["case_id"])
    return await changed(connection, new.values(**values))


async def decide(
    connection: AsyncConnection, case_id: int, reason: str, actor: str, now: datetime, *, granted: bool
) -> bool:
    """Claim the undecided appeal against a case; False where it is decided."""
    this = update(AppealRow).where(AppealRow.case_id == case_id, AppealRow.decided_at.is_(None))
    values = {"granted": granted, "decided_at": now, "decided_by": actor, "reason": reason}
    return await changed(connection, this.values(**values))


async def newest_listing(connection: AsyncConnection, ref: str) -> int:
    """The newest listing of a good: a decision takes that one out (R16)."""
    listings = select(ItemRow.id).where(ItemRow.ref == ref)
    return (await connection.execute(listings.order_by(ItemRow.listing_number.desc()).limit(1))).scalar_one()


async def members_with_void_vote(connection: AsyncConnection, case_id: int, item_id: int) -> list[int]:
    """The members whose standing vote for the item is void by this case."""
    by_case = (
        select(VerdictChangeRow.case_id)
        .where(VerdictChangeRow.vote_id == VoteRow.id)
        .order_by(VerdictChangeRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    void = select(VoteRow.member_id).where(VoteRow.item_id == item_id, _STANDING)
    return list(await connection.scalars(void.where(VoteRow.verdict == Verdict.VOID.value, by_case == case_id)))


async def is_out_by_appealed_cases(connection: AsyncConnection, item_id: int, ref: str) -> bool:
    """Whether a case has rejected the item, a listing of this good whose row is locked by this, and the appeals against
    it and every later confirmed case on the good were granted."""
    this = select(ItemRow.state).where(ItemRow.id == item_id).with_for_update(key_share=True)
    if await connection.scalar(this) != ItemState.REJECTED:
        return False
    steps = select(ItemStepRow.at, ItemStepRow.reason).where(ItemStepRow.item_id == item_id)
    last = (await connection.execute(steps.order_by(ItemStepRow.id.desc()).limit(1))).one()
    granted = exists().where(AppealRow.case_id == CaseRow.id, AppealRow.granted.is_(True))
    stands = (
        select(CaseRow.id)
        .join(ItemRow, ItemRow.id == CaseRow.item_id)
        .where(ItemRow.ref == ref, CaseRow.outcome == CaseOutcome.CONFIRMED.value)
        .where(CaseRow.decided_at >= last.at, ~granted)
    )
    return last.reason == BRUSHING and await connection.scalar(stands.limit(1)) is None


async def bring_back(connection: AsyncConnection, item_id: int, actor: str, now: datetime, reason: str) -> ItemState:
    """Bring a rejected good, whose row is locked, back to where it stands by the clock: waiting for its round, on
    display while that runs, else displayed, with two weeks for a decision."""
    its_round = select(ItemRow.round_id, RoundRow.closed_at).outerjoin(RoundRow, RoundRow.id == ItemRow.round_id)
    round_id, closed_at = (await connection.execute(its_round.where(ItemRow.id == item_id))).one()
    back = ItemState.PASSED if round_id is None else ItemState.DISPLAYED if closed_at else ItemState.ON_DISPLAY
    await items.move(connection, item_id, ItemState.REJECTED, [back], actor, now, reason)
    this = update(ItemRow).where(ItemRow.id == item_id)
    await connection.execute(this.values(restored_at=now, returning_since=None))
    return back


async def use_ballots_again(connection: AsyncConnection, item_id: int, fen_per_ballot: int, now: datetime) -> None:
    """Let the votes for an item use the ballots that came back again, where nothing has used them since: the member has
    one left, and the place of the day is free. The votes of others stand all the same, and `returned_at` stays. The
    voters' rows are locked."""
    this = (VoteRow.item_id == item_id, _STANDING, VoteRow.verdict != Verdict.VOID.value)
    moment = literal(now, ReusedBallotRow.at.type)
    again = select(VoteRow.id, VoteRow.returned_at, moment).where(*this, VoteRow.returned_at.is_not(None))
    again = again.where(_is_there(), _slot_is_free(), _has_ballot(fen_per_ballot)).order_by(VoteRow.id)
    await connection.execute(insert(ReusedBallotRow).from_select(["vote_id", "returned_at", "at"], again))
    these = VoteRow.id.in_(select(ReusedBallotRow.vote_id).where(ReusedBallotRow.at == now))
    await connection.execute(update(VoteRow).where(VoteRow.item_id == item_id, these).values(returned_at=None))


def _is_there() -> ColumnElement[bool]:
    """Whether the voter has not been erased: who came back might have voted in that slot since."""
    return exists().where(MemberRow.id == VoteRow.member_id, MemberRow.chat_id.is_not(None))


def _slot_is_free() -> ColumnElement[bool]:
    other = aliased(VoteRow)
    used = exists().where(
        *(other.member_id == VoteRow.member_id, other.day == VoteRow.day, other.slot == VoteRow.slot),
        *(other.taken_back_at.is_(None), other.returned_at.is_(None)),
    )
    past = exists().where(
        PastVoteRow.member_id == VoteRow.member_id, PastVoteRow.day == VoteRow.day, PastVoteRow.slot == VoteRow.slot
    )
    return ~used & ~past


def _has_ballot(fen_per_ballot: int) -> ColumnElement[bool]:
    """Whether the voter has a ballot left, as `domain.voting.Purse` counts them."""
    other = aliased(VoteRow)
    mine = select(MemberRow.chat_id).where(MemberRow.id == VoteRow.member_id).correlate(VoteRow).scalar_subquery()
    spent = select(func.coalesce(func.sum(SpendingRow.amount_fen), 0)).where(SpendingRow.telegram_id == mine)
    granted = select(func.coalesce(func.sum(GrantRow.ballots), 0)).where(GrantRow.member_id == VoteRow.member_id)
    used = select(func.count()).where(
        other.member_id == VoteRow.member_id, other.taken_back_at.is_(None), other.returned_at.is_(None)
    )
    to_earn = used.scalar_subquery() + 1 - granted.scalar_subquery()
    return or_(to_earn <= 0, and_(to_earn > 0, to_earn * fen_per_ballot <= spent.scalar_subquery()))


async def return_ballots(connection: AsyncConnection, item_id: int, now: datetime) -> None:
    """Let the ballots of an ended item's votes be returned, as far as they have not (R5)."""
    due = exists().where(VoteRow.item_id == item_id, _STANDING, VoteRow.returned_at.is_(None))
    await connection.execute(update(ItemRow).where(ItemRow.id == item_id, due).values(returning_since=now))
