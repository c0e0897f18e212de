"""Queueing a campaign's notifications: many rows in little time, by ranges of member IDs (R13, R24, R26)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, and_, func, literal, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notifications import POLICY, PRIORITY
from storage.campaign_rows import StoredCampaign
from storage.db import insert_new
from storage.models import FollowRow, MemberRow, NotificationRow, VoteRow


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a campaign tells: the voters of any of these items, with or without those who only follow them."""

    item_ids: tuple[int, ...]
    followers: bool = True


_REACHABLE = and_(MemberRow.chat_id.is_not(None), MemberRow.unreachable.is_(None))
_TAKES_CAROUSELS = and_(_REACHABLE, MemberRow.carousel_on)


async def carousel_takers(connection: AsyncConnection) -> int:
    """How many members the carousel of a round that opens now would be queued for."""
    return (await connection.execute(select(func.count()).select_from(MemberRow).where(_TAKES_CAROUSELS))).scalar_one()


async def queue_notifications(
    connection: AsyncConnection, campaign: StoredCampaign, audience: Audience | None, now: datetime, batch: int
) -> tuple[int, int | None]:
    """Queue the next notifications of a campaign: for its audience, or without one for all with carousels on.

    Works through members in the order of their numbers, after the campaign's cursor, at most `batch` at a time.
    Returns (number queued, last member or None at the end). A stretch of numbers is what two short statements need,
    however many members it has.
    """
    kind, after = campaign.kind, campaign.cursor
    wanted = _REACHABLE
    if audience is None:
        wanted = _TAKES_CAROUSELS
        ahead = select(MemberRow.id).where(wanted, MemberRow.id > after).order_by(MemberRow.id).limit(batch).subquery()
    else:
        # Of each part only so many as can be among the next: else every batch would read all who are left.
        parts = [part.order_by(part.selected_columns[0]).limit(batch).subquery() for part in _parts(audience, after)]
        people = union(*(select(part) for part in parts))
        ahead = people.order_by(people.selected_columns[0]).limit(batch).subquery()
    last: int | None = (await connection.execute(select(func.max(ahead.c[0])))).scalar_one()
    if last is None:
        return 0, None
    if audience is not None:
        wanted = and_(wanted, MemberRow.alerts_on, MemberRow.id.in_(union(*_parts(audience, after, last))))
    values: dict[str, SQLColumnExpression[Any]] = {
        "kind": literal(kind.value),
        "subject": literal(campaign.subject),
        "revision": literal(campaign.revision),
        "member_id": MemberRow.id,
        "priority": literal(int(PRIORITY[kind])),
        "policy": literal(POLICY[kind].value),
        "not_before": literal(now, NotificationRow.not_before.type),
        "expires_at": literal(campaign.expires_at, NotificationRow.expires_at.type),
        "state": literal("pending"),
        "attempts": literal(0),
        "uncertain_attempts": literal(0),
        "fence": literal(0),
    }
    stretch = select(*values.values()).where(MemberRow.id > after, MemberRow.id <= last, wanted).order_by(MemberRow.id)
    result = await connection.execute(
        insert_new(connection, NotificationRow)
        .from_select(list(values), stretch)
        .on_conflict_do_nothing(index_elements=["kind", "subject", "revision", "member_id"])
    )
    return result.rowcount, last


def _parts(audience: Audience, after: int, last: int | None = None) -> list[Select[int]]:
    """The voters, and the followers, of an audience, as far as their numbers lie in a stretch."""
    items = audience.item_ids
    parts = [
        select(VoteRow.member_id).where(
            VoteRow.item_id.in_(items), VoteRow.taken_back_at.is_(None), VoteRow.member_id > after
        )
    ]
    if audience.followers:
        parts.append(select(FollowRow.member_id).where(FollowRow.item_id.in_(items), FollowRow.member_id > after))
    return parts if last is None else [part.where(part.selected_columns[0] <= last) for part in parts]
