"""Verdicts that a test gives without a case (R28)."""

from __future__ import annotations

from collections.abc import Collection

from bot.services import Services
from domain.brushing.verdicts import Verdict
from storage.brushing import verdicts
from storage.brushing.verdicts import Cause


async def give(
    services: Services,
    item_id: int,
    member_ids: Collection[int],
    verdict: Verdict,
    actor: str,
    case_id: int | None = None,
) -> list[int]:
    """Give the votes of these members for an item a verdict; returns those whose vote has changed."""
    cause = Cause(actor, services.context.clock.now(), case_id)
    async with services.context.db.write() as connection:
        return await verdicts.change(connection, item_id, member_ids, verdict, cause)
