"""Bans of shops by confirmed cases: for how long, and who has to agree (R29)."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.bans import SHORTEST, ban_ends, may_agree, months_by_gravity, months_in_force
from services.context import ServiceContext
from storage.brushing import bans, cases, organisers
from storage.brushing.bans import StoredBan
from storage.brushing.cases import DecidedCase
from storage.brushing.verdicts import Cause


class AgreementRefusal(StrEnum):
    """Why an organiser cannot agree to a longer ban."""

    NO_BAN = "no-ban"
    """The case has brought none, or it is over or lifted."""
    IN_FORCE = "in-force"
    """All of it is in force already."""
    SAME_ORGANISER = "same-organiser"


async def ban_shop(
    connection: AsyncConnection, context: ServiceContext, case: DecidedCase, void: int, cause: Cause
) -> StoredBan:
    """Ban the shop of a confirmed case, which has made so many votes `void`, from now on. Bans that began since the
    case was opened are for the same act, and do not make this one longer."""
    there_are, zone = len(context.rules.organisers), context.rules.zone
    before = await bans.earlier(connection, case.shop_id, case.opened_at)
    asked = months_by_gravity(before, void, await cases.counted(connection, case.id), there_are)
    months = months_in_force(asked, agreed=False)
    await bans.add(
        connection,
        shop_id=case.shop_id,
        case_id=case.id,
        months=months,
        asked_months=asked,
        decided_by=cause.actor,
        begins_at=cause.at,
        ends_at=ban_ends(cause.at, months, zone),
    )
    ban = await bans.lasting(connection, case.id, cause.at)
    assert ban is not None, "a ban lasts for a month at least"
    return ban


async def agree(
    connection: AsyncConnection, context: ServiceContext, case_id: int, actor: str
) -> StoredBan | AgreementRefusal:
    """Put the longer ban of a case in force, as another organiser than who has decided; once."""
    now = context.clock.now()
    ban = await bans.lasting(connection, case_id, now)
    if ban is None:
        return AgreementRefusal.NO_BAN
    if ban.asked_months == SHORTEST or ban.agreed_by is not None:
        return AgreementRefusal.IN_FORCE
    who = await organisers.known_as(connection, actor, ban.decided_by, ban.begins_at)
    if not may_agree(ban.asked_months, ban.decided_by, ban.agreed_by, who):
        return AgreementRefusal.SAME_ORGANISER
    ends_at = ban_ends(ban.begins_at, ban.asked_months, context.rules.zone)
    if not await bans.agree(connection, ban, actor, now, ends_at):
        return AgreementRefusal.IN_FORCE
    agreed = await bans.lasting(connection, case_id, now)
    assert agreed is not None
    return agreed
