"""What organisers read of cases: the list, one case with its ban, and the votes behind it (R29)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.cases import CaseOutcome
from domain.brushing.evidence import CoVote, JudgedVote
from domain.brushing.neighbourhoods import placed
from domain.brushing.verdicts import Verdict
from domain.brushing.votes import Pattern
from storage.models import (
    AppealRow,
    BanRow,
    CanvassLinkRow,
    CaseAccountRow,
    CaseRow,
    ItemRow,
    MemberRow,
    RoundRow,
    ShopRow,
    VerdictChangeRow,
    VoteRow,
)

_UNDECIDED = CaseRow.decided_at.is_(None)
_APPEALED = and_(AppealRow.id.is_not(None), AppealRow.decided_at.is_(None))


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """How many cases there are, and how many of them wait for a decision, on the case or on the shop's appeal."""

    all: int
    undecided: int


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """A case in the list. `counted` and `suspect` are the good's votes: those that count, and those that are set aside;
    or of a decided case, those that were found to be false. `appeal_waits` and `granted` are about the shop's appeal;
    `ban_waits`: a longer ban is in force once a second organiser agrees."""

    id: int
    title: str
    title_en: str
    shop: str
    outcome: CaseOutcome | None
    counted: int
    suspect: int
    appeal_waits: bool = False
    granted: bool = False
    ban_waits: bool = False


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as it is stored; `counted` and `void` are the good's votes at the decision, where it was noted."""

    id: int
    item_id: int
    shop_id: int
    shop: str
    opened_at: datetime
    findings: tuple[Mapping[str, object], ...]
    outcome: CaseOutcome | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    counted: int | None
    void: int | None
    round_opens_at: datetime
    round_closes_at: datetime


async def counts(connection: AsyncConnection) -> CaseCounts:
    """How many cases there are, and how many wait."""
    waiting = func.count().filter(_UNDECIDED | _APPEALED)
    with_appeals = select(func.count(), waiting).select_from(CaseRow).outerjoin(AppealRow)
    return CaseCounts(*(await connection.execute(with_appeals)).one())


def _ban_waits(now: datetime) -> ColumnElement[bool]:
    longer, lasts = BanRow.asked_months > BanRow.months, BanRow.ends_at > now
    return and_(BanRow.id.is_not(None), longer, lasts, BanRow.lifted_at.is_(None))


async def page(connection: AsyncConnection, now: datetime, most: int, offset: int) -> list[CaseEntry]:
    """Cases: those that wait for a decision, the strongest first; those with an appeal that waits; then the decided
    ones, the newest first."""
    rows = await connection.execute(
        select(
            *(CaseRow.id, ItemRow.title, ItemRow.title_en, ShopRow.name, CaseRow.outcome),
            *(ItemRow.wants - ItemRow.withheld, ItemRow.set_aside, CaseRow.counted, CaseRow.void),
            *(_APPEALED, AppealRow.granted, _ban_waits(now)),
        )
        .join(ItemRow, ItemRow.id == CaseRow.item_id)
        .join(ShopRow, ShopRow.id == CaseRow.shop_id)
        .outerjoin(AppealRow, AppealRow.case_id == CaseRow.id)
        .outerjoin(BanRow, BanRow.case_id == CaseRow.id)
        .order_by(_UNDECIDED.desc(), _APPEALED.desc(), CaseRow.decided_at.desc(), CaseRow.score.desc(), CaseRow.id)
        .limit(most)
        .offset(offset)
    )
    return [_entry(row) for row in rows]


def _entry(row: Sequence[Any]) -> CaseEntry:
    case_id, title, title_en, shop, outcome, counts, suspect, counted_then, void, appeal_waits, granted, ban_waits = row
    if outcome is None:
        return CaseEntry(case_id, title, title_en, shop, None, counts, suspect)
    numbers, waits = (counted_then or 0, void or 0), (bool(appeal_waits), bool(granted), bool(ban_waits))
    return CaseEntry(case_id, title, title_en, shop, CaseOutcome(outcome), *numbers, *waits)


async def record(connection: AsyncConnection, case_id: int) -> CaseRecord | None:
    """A case; None for an unknown one."""
    row = (
        await connection.execute(
            select(
                *(CaseRow.id, CaseRow.item_id, CaseRow.shop_id, ShopRow.name, CaseRow.opened_at, CaseRow.evidence),
                *(CaseRow.outcome, CaseRow.decided_at, CaseRow.decided_by, CaseRow.reason),
                *(CaseRow.counted, CaseRow.void, RoundRow.opens_at, RoundRow.closes_at),
            )
            .join(ItemRow, ItemRow.id == CaseRow.item_id)
            .join(RoundRow, RoundRow.id == ItemRow.round_id)
            .join(ShopRow, ShopRow.id == CaseRow.shop_id)
            .where(CaseRow.id == case_id)
        )
    ).one_or_none()
    if row is None:
        return None
    return CaseRecord(
        id=row.id,
        item_id=row.item_id,
        shop_id=row.shop_id,
        shop=row.name,
        opened_at=row.opened_at,
        findings=tuple(row.evidence.get("findings", ())),
        outcome=CaseOutcome(row.outcome) if row.outcome else None,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
        counted=row.counted,
        void=row.void,
        round_opens_at=row.opens_at,
        round_closes_at=row.closes_at,
    )


async def votes_named(connection: AsyncConnection, case_id: int) -> dict[Verdict, int]:
    """The standing votes for the good of the accounts that a case names, by their verdict."""
    named = select(CaseAccountRow.member_id).where(CaseAccountRow.case_id == case_id)
    rows = await connection.execute(
        select(VoteRow.verdict, func.count())
        .join(CaseRow, CaseRow.item_id == VoteRow.item_id)
        .where(CaseRow.id == case_id, VoteRow.taken_back_at.is_(None), VoteRow.member_id.in_(named))
        .group_by(VoteRow.verdict)
    )
    return {Verdict(verdict): number for verdict, number in rows}


async def votes_restored(connection: AsyncConnection, case_id: int) -> int:
    """How many votes that a case made void count again, after an objection or an appeal."""
    restored = select(func.count()).where(
        VerdictChangeRow.case_id == case_id, VerdictChangeRow.old == Verdict.VOID.value
    )
    return (await connection.execute(restored)).scalar_one()


async def link_counts(connection: AsyncConnection, item_id: int, most: int) -> list[tuple[int, int]]:
    """(owner, votes) of the links that brought most of a good's standing votes."""
    rows = await connection.execute(
        select(CanvassLinkRow.member_id, func.count().label("votes"))
        .join(VoteRow, VoteRow.link_id == CanvassLinkRow.id)
        .where(VoteRow.item_id == item_id, VoteRow.taken_back_at.is_(None))
        .group_by(CanvassLinkRow.member_id)
        .order_by(func.count().desc(), CanvassLinkRow.member_id)
        .limit(most)
    )
    return [(owner, number) for owner, number in rows]


async def judged_votes(connection: AsyncConnection, case_id: int, item_id: int, key: bytes) -> list[JudgedVote]:
    """All votes for the good of a case, also those that were taken back, in the order in which they were cast; `key` is
    that of the hashes of neighbourhoods."""
    named: dict[int, list[tuple[Pattern, float]]] = {}
    accounts = select(CaseAccountRow.member_id, CaseAccountRow.pattern, CaseAccountRow.score)
    rows = await connection.execute(accounts.where(CaseAccountRow.case_id == case_id).order_by(CaseAccountRow.pattern))
    for member_id, pattern, score in rows:
        named.setdefault(member_id, []).append((Pattern(pattern), score))
    found = (await connection.execute(_votes(item_id))).all()
    places = _places(found, key)
    return [
        JudgedVote(
            row.member_id,
            row.chat_id or places.get(row.member_id),
            row.cast_at,
            Verdict(row.verdict),
            row.owner,
            tuple(pattern for pattern, _ in named.get(row.member_id, ())),
            max((score for _, score in named.get(row.member_id, ())), default=0.0),
            row.taken_back_at,
            row.returned_at,
        )
        for row in found
    ]


def _votes(item_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(VoteRow.member_id, MemberRow.chat_id, VoteRow.neighbourhood, VoteRow.cast_at, VoteRow.verdict),
            *(CanvassLinkRow.member_id.label("owner"), VoteRow.taken_back_at, VoteRow.returned_at),
        )
        .join(MemberRow, MemberRow.id == VoteRow.member_id)
        .outerjoin(CanvassLinkRow, CanvassLinkRow.id == VoteRow.link_id)
        .where(VoteRow.item_id == item_id)
        .order_by(VoteRow.cast_at, VoteRow.id)
    )


def _places(found: Sequence[Any], key: bytes) -> dict[int, int]:
    """A rough Telegram ID of each erased member of whom the neighbourhood is kept."""
    known = {row.chat_id for row in found if row.chat_id is not None}
    return placed(
        key, known, {row.member_id: row.neighbourhood for row in found if not row.chat_id and row.neighbourhood}
    )


async def co_votes(connection: AsyncConnection, case_id: int, since: datetime, until: datetime) -> list[CoVote]:
    """The standing votes of the accounts that a case names, cast between these moments, for any good."""
    named = select(CaseAccountRow.member_id).where(CaseAccountRow.case_id == case_id)
    standing = and_(VoteRow.taken_back_at.is_(None), VoteRow.cast_at >= since, VoteRow.cast_at <= until)
    rows = await connection.execute(
        select(VoteRow.member_id, VoteRow.item_id, VoteRow.cast_at).where(VoteRow.member_id.in_(named), standing)
    )
    return [CoVote(*row) for row in rows]
