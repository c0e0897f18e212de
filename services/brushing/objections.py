"""Objections of members whose vote was found to be false: an organiser looks again, and lets it count (R29)."""

from __future__ import annotations

from domain.brushing.verdicts import Verdict
from domain.goods import ENDS
from domain.notifications import NEWS_FOR, NotificationKind
from services.ballots import return_ballots_soon
from services.context import ServiceContext
from storage import items, notifications
from storage.brushing import appeals, cases, verdicts
from storage.brushing.verdicts import Cause
from storage.db import advisory_lock


class Objections:
    """Use cases of objections. What else the case has decided stays: a shop appeals."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def is_void(self, case_id: int, member_id: int) -> bool:
        """Whether this case has made a vote of this member void that still stands."""
        async with self._context.db.read() as connection:
            item_id = await cases.item_of(connection, case_id)
            return item_id is not None and member_id in await appeals.members_with_void_vote(
                connection, case_id, item_id
            )

    async def grant(self, case_id: int, member_id: int, actor: str) -> bool:
        """Let the vote of this member that a case made void count again, and tell them; False where there is none. Its
        ballot stays in use, and returns where the good has ended (R5). The case's pattern is not raised again for the
        account."""
        cause = Cause(actor, self._context.clock.now(), case_id)
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "cases")
            item_id = await cases.item_of(connection, case_id)
            if item_id is None:
                return False
            await verdicts.lock_voters(connection, [member_id])
            if member_id not in await appeals.members_with_void_vote(connection, case_id, item_id):
                return False
            restored = await verdicts.change(connection, item_id, [member_id], Verdict.COUNTED, cause)
            kind, until = NotificationKind.VOTE_RESTORED, cause.at + NEWS_FOR
            await notifications.add_to_members(connection, kind, item_id, restored, cause.at, until, revision=case_id)
            item = await items.by_id(connection, item_id)
            if item is not None and item.state in ENDS and self._context.rules.return_ballots:
                await appeals.return_ballots(connection, item_id, cause.at)
        await return_ballots_soon(self._context)
        return bool(restored)
