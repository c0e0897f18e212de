"""Queries about cases: opened by findings, decided by people (R28, R29)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.cases import CaseOutcome, Cleared, Suspicion
from domain.brushing.verdicts import Verdict
from domain.brushing.votes import Pattern
from domain.goods import ItemState
from storage.db import insert_new
from storage.models import AppealRow, CaseAccountRow, CaseRow, ItemRow, RoundRow, ShopRow, VerdictChangeRow, VoteRow

_UNDECIDED = CaseRow.decided_at.is_(None)


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case with its good and shop. `accounts` is how many accounts it names."""

    id: int
    item_id: int
    ref: str
    listing_number: int
    title: str
    title_en: str
    shop: str
    opened_at: datetime
    score: float
    outcome: CaseOutcome | None
    accounts: int


@dataclass(frozen=True, slots=True)
class SuspectItem:
    """What decides whether a case may be opened on an item."""

    shop_id: int
    state: ItemState


async def rounds_since(connection: AsyncConnection, number: int) -> datetime | None:
    """The closing time of the regular round before the last `number` of them; None where there are no more."""
    before = select(RoundRow.closes_at).where(RoundRow.special.is_(False)).order_by(RoundRow.opens_at.desc())
    return await connection.scalar(before.offset(number).limit(1))


async def cleared(connection: AsyncConnection) -> Cleared:
    """The patterns that are not raised again, each with a member: of cases that were cleared, or granted an appeal, and
    of members whose void vote counts again."""
    restored = exists().where(
        *(VerdictChangeRow.case_id == CaseAccountRow.case_id, VerdictChangeRow.old == Verdict.VOID.value),
        *(VoteRow.id == VerdictChangeRow.vote_id, VoteRow.member_id == CaseAccountRow.member_id),
    )
    rows = await connection.execute(
        select(CaseAccountRow.pattern, CaseAccountRow.member_id)
        .join(CaseRow, CaseRow.id == CaseAccountRow.case_id)
        .outerjoin(AppealRow, AppealRow.case_id == CaseRow.id)
        .where(or_(CaseRow.outcome == CaseOutcome.CLEARED.value, AppealRow.granted.is_(True), restored))
    )
    return frozenset((Pattern(pattern), member_id) for pattern, member_id in rows)


async def suspect_item(connection: AsyncConnection, item_id: int) -> SuspectItem | None:
    """The shop and the state of an item; None for an unknown one."""
    row = (await connection.execute(select(ItemRow.shop_id, ItemRow.state).where(ItemRow.id == item_id))).one_or_none()
    return SuspectItem(row.shop_id, ItemState(row.state)) if row else None


async def any_counted(connection: AsyncConnection, item_id: int, member_ids: Collection[int]) -> bool:
    """Whether a vote of these members for an item stands and counts."""
    votes = select(VoteRow.id).where(
        VoteRow.item_id == item_id,
        VoteRow.member_id.in_(member_ids),
        VoteRow.taken_back_at.is_(None),
        VoteRow.verdict == Verdict.COUNTED.value,
    )
    return await connection.scalar(votes.limit(1)) is not None


async def open_case(connection: AsyncConnection, suspicion: Suspicion, shop_id: int, now: datetime) -> int:
    """The number of the undecided case on an item, which is opened where there is none; its evidence is the newest."""
    evidence = {"findings": list(suspicion.evidence)}
    known = select(CaseRow.id).where(CaseRow.item_id == suspicion.item_id, _UNDECIDED)
    case_id = await connection.scalar(known)
    if case_id is not None:
        this = update(CaseRow).where(CaseRow.id == case_id)
        score = func.max if connection.dialect.name == "sqlite" else func.greatest
        values = {"evidence": evidence, "changed_at": now, "score": score(CaseRow.score, suspicion.score)}
        await connection.execute(this.values(values))
        return case_id
    new = insert(CaseRow).values(
        item_id=suspicion.item_id,
        shop_id=shop_id,
        opened_at=now,
        changed_at=now,
        score=suspicion.score,
        evidence=evidence,
    )
    return (await connection.execute(new.returning(CaseRow.id))).scalar_one()


async def name_accounts(
    connection: AsyncConnection, case_id: int, suspicion: Suspicion, member_ids: Collection[int]
) -> None:
    """Store these of the suspect accounts with a case; those that it has stay as they are."""
    rows = [
        {
            "case_id": case_id,
            "member_id": account.member_id,
            "pattern": account.pattern.value,
            "score": account.score,
            "goods": account.goods,
        }
        for account in suspicion.accounts
        if account.member_id in member_ids
    ]
    await connection.execute(insert_new(connection, CaseAccountRow).on_conflict_do_nothing(), rows)


async def undecided(connection: AsyncConnection) -> list[StoredCase]:
    """The cases that no one has decided, the strongest first."""
    accounts = select(func.count(CaseAccountRow.member_id.distinct())).where(CaseAccountRow.case_id == CaseRow.id)
    rows = await connection.execute(
        select(
            *(CaseRow.id, CaseRow.item_id, ItemRow.ref, ItemRow.listing_number, ItemRow.title, ItemRow.title_en),
            *(ShopRow.name, CaseRow.opened_at, CaseRow.score, CaseRow.outcome, accounts.scalar_subquery()),
        )
        .join(ItemRow, ItemRow.id == CaseRow.item_id)
        .join(ShopRow, ShopRow.id == CaseRow.shop_id)
        .where(_UNDECIDED)
        .order_by(CaseRow.score.desc(), CaseRow.id)
    )
    return [StoredCase(*row) for row in rows]


async def item_of(connection: AsyncConnection, case_id: int) -> int | None:
    """The item of a case; None for an unknown one."""
    return await connection.scalar(select(CaseRow.item_id).where(CaseRow.id == case_id))


async def item_of_undecided(connection: AsyncConnection, case_id: int) -> int | None:
    """The item of a case; None where it is decided, or unknown."""
    return await connection.scalar(select(CaseRow.item_id).where(CaseRow.id == case_id, _UNDECIDED))


async def claim_untold(connection: AsyncConnection, now: datetime) -> list[int]:
    """The undecided cases of which organisers were not told; from now on they were."""
    untold = update(CaseRow).where(CaseRow.told_at.is_(None), _UNDECIDED)
    return sorted(await connection.scalars(untold.values(told_at=now).returning(CaseRow.id)))


@dataclass(frozen=True, slots=True)
class DecidedCase:
    """A case that was just claimed for its outcome."""

    id: int
    item_id: int
    shop_id: int
    opened_at: datetime


async def decide(
    connection: AsyncConnection, case_id: int, outcome: CaseOutcome, actor: str, now: datetime
) -> DecidedCase | None:
    """Claim an undecided case for this outcome; None where it is decided or unknown."""
    this = update(CaseRow).where(CaseRow.id == case_id, _UNDECIDED)
    values = {"outcome": outcome.value, "decided_at": now, "decided_by": actor}
    columns = (CaseRow.id, CaseRow.item_id, CaseRow.shop_id, CaseRow.opened_at)
    row = (await connection.execute(this.values(values).returning(*columns))).one_or_none()
    return DecidedCase(*row) if row else None


async def note_votes(connection: AsyncConnection, case_id: int, item_id: int, reason: str) -> None:
    """Store why a case was decided, and how many of the good's standing votes count and are void now."""
    standing = select(func.count()).where(VoteRow.item_id == item_id, VoteRow.taken_back_at.is_(None))
    counted, void = (
        standing.where(VoteRow.verdict == verdict.value).scalar_subquery()
        for verdict in (Verdict.COUNTED, Verdict.VOID)
    )
    this = update(CaseRow).where(CaseRow.id == case_id)
    await connection.execute(this.values(reason=reason, counted=counted, void=void))


async def counted(connection: AsyncConnection, case_id: int) -> int:
    """How many of the good's votes counted when a case was decided."""
    return await connection.scalar(select(CaseRow.counted).where(CaseRow.id == case_id)) or 0


async def members_of(connection: AsyncConnection, case_id: int) -> list[int]:
    """The members whom a case names."""
    named = select(CaseAccountRow.member_id).where(CaseAccountRow.case_id == case_id).distinct()
    return list(await connection.scalars(named))
