"""Verdicts about votes: set aside, cleared, void (R28). They tell no one: cases do."""

from __future__ import annotations

from collections.abc import Collection

from domain.brushing.verdicts import Verdict
from services.context import ServiceContext
from storage.brushing import verdicts
from storage.brushing.verdicts import Cause


class Verdicts:
    """Use cases of verdicts."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def give(
        self, item_id: int, member_ids: Collection[int], verdict: Verdict, actor: str, case_id: int | None = None
    ) -> list[int]:
        """Give the votes of these members for an item a verdict; returns those whose vote has changed. What is told
        twice changes nothing, and votes that were taken back keep the verdict that they had."""
        cause = Cause(actor, self._context.clock.now(), case_id)
        async with self._context.db.write() as connection:
            return await verdicts.change(connection, item_id, member_ids, verdict, cause)
