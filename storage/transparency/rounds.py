"""Queries about the public figures of rounds (R39)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.cases import CaseOutcome
from domain.brushing.verdicts import Verdict
from domain.goods import ENDS, ItemState
from domain.notifications import POLICY, PRIORITY, NotificationKind, NotificationState
from domain.reading.shown_text import clean
from storage.db import insert_new
from storage.display import newest_draw
from storage.models import (
    AppealRow,
    BoundChatRow,
    CaseRow,
    ItemRow,
    ItemStepRow,
    NotificationRow,
    RoundRow,
    VerdictChangeRow,
    VoteRow,
)

_LEFT = (ItemState.SAMPLED, ItemState.REVIEWED, ItemState.SCHEDULED, ItemState.OPEN, *ENDS)


@dataclass(frozen=True, slots=True)
class StoredRound:
    """A round; `draws` were opened while it was on display. None for rounds of which that was not noted."""

    id: int
    opens_at: datetime
    closes_at: datetime
    special: bool
    closed: bool
    draws: int | None


@dataclass(frozen=True, slots=True)
class ShownGood:
    """What everybody sees of a good of a round. One that `left` early was decided on before the round closed, so it was
    on display for a shorter time than others."""

    ref: str
    title_zh: str
    title_en: str
    votes: int
    exposures: int
    left: bool

    def title(self, language: str) -> str:
        """The title for a reader of this language, as an item's."""
        written = self.title_en or self.title_zh if language == "en" else self.title_zh
        return clean(written) or self.ref


@dataclass(frozen=True, slots=True)
class StoredVerdicts:
    """What became of the votes of some rounds: votes that were ever set aside, and that are void now; `outcomes` counts
    the decided cases, `granted` the appeals."""

    undecided: int
    set_aside: int
    void: int
    outcomes: dict[CaseOutcome, int]
    granted: int


async def between(connection: AsyncConnection, start: datetime, end: datetime) -> list[StoredRound]:
    """The rounds that opened from `start` on and before `end` (aware), in order."""
    columns = (RoundRow.id, RoundRow.opens_at, RoundRow.closes_at, RoundRow.special, RoundRow.closed_at)
    query = select(*columns, RoundRow.draws_before, RoundRow.draws_until)
    rows = list(await connection.execute(query.where(RoundRow.opens_at >= start, RoundRow.opens_at < end)))
    newest = await newest_draw(connection) if any(row.closed_at is None for row in rows) else 0
    found = [
        StoredRound(
            *(row.id, row.opens_at, row.closes_at, row.special, row.closed_at is not None),
            draws=_draws(row.draws_before, row.draws_until if row.closed_at else newest),
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: (each.opens_at, each.special))


def _draws(before: int | None, until: int | None) -> int | None:
    return None if before is None or until is None else max(0, until - before)


async def closed(connection: AsyncConnection, round_ids: Collection[int]) -> list[StoredRound]:
    """These rounds, without their draws; the regular ones first."""
    columns = (RoundRow.id, RoundRow.opens_at, RoundRow.closes_at, RoundRow.special)
    rows = await connection.execute(select(*columns).where(RoundRow.id.in_(round_ids)).order_by(RoundRow.special))
    return [StoredRound(*row, closed=True, draws=None) for row in rows]


async def opening_of(connection: AsyncConnection, round_id: int) -> datetime | None:
    """When a round opened; None for an unknown one."""
    return await connection.scalar(select(RoundRow.opens_at).where(RoundRow.id == round_id))


async def post_figures(connection: AsyncConnection, round_id: int, due: datetime, until: datetime) -> None:
    """Queue the figures of a round for the bound chats that want them, once each, `due` `until` (both aware)."""
    kind = NotificationKind.FIGURES
    columns = {
        "bound_chat_id": BoundChatRow.id,
        "kind": literal(kind.value),
        "subject": literal(round_id),
        "revision": literal(1),
        "priority": literal(int(PRIORITY[kind])),
        "policy": literal(POLICY[kind].value),
        "not_before": literal(due, NotificationRow.not_before.type),
        "expires_at": literal(until, NotificationRow.expires_at.type),
        "state": literal(NotificationState.PENDING.value),
    }
    wanted = select(*columns.values()).where(BoundChatRow.fairness, BoundChatRow.paused.is_(None))
    new = insert_new(connection, NotificationRow).from_select(list(columns), wanted)
    await connection.execute(new.on_conflict_do_nothing())


async def openings(connection: AsyncConnection, most: int) -> list[datetime]:
    """When the latest rounds with goods opened, at most so many, the newest first."""
    with_goods = select(RoundRow.opens_at).where(exists().where(ItemRow.round_id == RoundRow.id))
    return list(await connection.scalars(with_goods.order_by(RoundRow.opens_at.desc()).limit(most)))


async def goods(connection: AsyncConnection, round_id: int) -> list[ShownGood]:
    """The goods of a round, in the order in which they were registered."""
    left = exists().where(
        *(ItemStepRow.item_id == ItemRow.id, ItemStepRow.state.in_(_LEFT)),
        ItemStepRow.at < func.coalesce(RoundRow.closed_at, RoundRow.closes_at),
    )
    rows = await connection.execute(
        select(ItemRow.ref, ItemRow.title, ItemRow.title_en, ItemRow.wants, ItemRow.shown, left)
        .join(RoundRow, RoundRow.id == ItemRow.round_id)
        .where(RoundRow.id == round_id)
        .order_by(ItemRow.id)
    )
    return [ShownGood(*row[:-1], left=bool(row[-1])) for row in rows]


async def verdicts(connection: AsyncConnection, round_ids: Collection[int]) -> StoredVerdicts:
    """What became of the votes and cases of these rounds."""
    items = select(ItemRow.id).where(ItemRow.round_id.in_(round_ids))
    cases = select(CaseRow.outcome, func.count()).where(CaseRow.item_id.in_(items)).group_by(CaseRow.outcome)
    outcomes = {outcome: number for outcome, number in await connection.execute(cases)}
    set_aside = (
        select(func.count(VerdictChangeRow.vote_id.distinct()))
        .join(VoteRow, VoteRow.id == VerdictChangeRow.vote_id)
        .where(VoteRow.item_id.in_(items), VerdictChangeRow.new == Verdict.SET_ASIDE.value)
    )
    void = select(func.count()).where(VoteRow.item_id.in_(items), VoteRow.verdict == Verdict.VOID.value)
    granted = (
        select(func.count())
        .select_from(AppealRow)
        .join(CaseRow, CaseRow.id == AppealRow.case_id)
        .where(CaseRow.item_id.in_(items), AppealRow.granted.is_(True))
    )
    return StoredVerdicts(
        undecided=outcomes.get(None, 0),
        set_aside=await connection.scalar(set_aside) or 0,
        void=await connection.scalar(void) or 0,
        outcomes={CaseOutcome(outcome): number for outcome, number in outcomes.items() if outcome is not None},
        granted=await connection.scalar(granted) or 0,
    )
