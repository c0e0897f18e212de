"""Queries about who has decided on a case: a second organiser is another person, not another number (R29, R36)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.people import organiser_number
from storage.models import MemberRow


async def known_as(connection: AsyncConnection, actor: str, decided_by: str, decided_at: datetime) -> str:
    """As whom an actor is judged beside the one who decided at this moment (aware): as the same, where that one has
    deleted their data since and the actor became a member afterwards. Nothing else would tell the two apart."""
    number, decider = organiser_number(actor), organiser_number(decided_by)
    if actor == decided_by or number is None or decider is None:
        return actor
    rows = await connection.execute(
        select(MemberRow.id, MemberRow.joined_at, MemberRow.erased_at).where(MemberRow.id.in_((number, decider)))
    )
    found = {row.id: row for row in rows}
    gone = decider not in found or found[decider].erased_at is not None
    came_later = number in found and found[number].joined_at > decided_at
    return decided_by if gone and came_later else actor
