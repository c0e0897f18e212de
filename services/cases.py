"""Cases on votes that look bought: opened by the detector's findings, decided by people (R28, R29)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.cases import CaseOutcome, Suspicion
from domain.brushing.verdicts import Verdict
from domain.goods import ENDS
from domain.notifications import NEWS_FOR, NotificationKind
from services.context import ServiceContext
from storage import notifications, people
from storage.brushing import cases, verdicts
from storage.brushing.cases import StoredCase
from storage.brushing.verdicts import Cause
from storage.db import advisory_lock

LONGEST_REASON = 500
"""Characters of the reason of a decision."""
DETECTOR = "detector"
"""The actor of what no person did."""


class Cases:
    """Use cases of cases."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def suspect(self, suspicion: Suspicion) -> list[int]:
        """The votes of a suspicion are set aside, in the undecided case on the good or a new one; idempotent. Returns
        the members whose vote was set aside by this. What has ended without a group is left alone."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "cases")  # a run that began before may still be at work
            item = await cases.suspect_item(connection, suspicion.item_id)
            members = {account.member_id for account in suspicion.accounts}
            if item is None or item.state in ENDS:
                return []
            if not await cases.any_counted(connection, suspicion.item_id, members):
                return []
            return await _set_aside(connection, suspicion, item.shop_id, members, now)

    async def tell_organisers(self) -> None:
        """Queue the notification of each new case, once for every organiser who is a member."""
        now = self._context.clock.now()
        kind, until = NotificationKind.CASE_OPENED, now + NEWS_FOR
        async with self._context.db.write() as connection:
            for case_id in await cases.claim_untold(connection, now):
                for chat_id in sorted(self._context.rules.organisers):
                    if found := await people.by_chat(connection, chat_id):
                        await notifications.add_notification(connection, kind, case_id, 1, found.member.id, now, until)

    async def undecided(self) -> list[StoredCase]:
        """The cases that wait for a person, the strongest first."""
        async with self._context.db.read() as connection:
            return await cases.undecided(connection)

    async def clear(self, case_id: int, actor: str) -> list[int] | None:
        """Let all votes of a case count again; its patterns are not raised again for its accounts. Returns the members
        whose vote counts again; None for a case that is decided already, or unknown."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "cases")
            item_id = await cases.decide(connection, case_id, CaseOutcome.CLEARED, actor, now)
            if item_id is None:
                return None
            members = await cases.members_of(connection, case_id)
            return await verdicts.change(connection, item_id, members, Verdict.COUNTED, Cause(actor, now, case_id))

    async def void(self, case_id: int, reason: str, actor: str) -> list[int] | None:
        """Decide that the suspect votes of a case are false, and the shop is not to blame: they are void, and their
        members are told; the good and its shop stay. Returns these members; None for a case that is decided already, or
        unknown. Raises ValueError without a reason."""
        if not reason.strip():
            raise ValueError("a decision has a reason")
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "cases")
            item_id = await cases.decide(connection, case_id, CaseOutcome.VOTES_FALSE, actor, now)
            if item_id is None:
                return None
            members = await cases.members_of(connection, case_id)
            void = await verdicts.change(connection, item_id, members, Verdict.VOID, Cause(actor, now, case_id))
            await cases.note_votes(connection, case_id, item_id, reason.strip()[:LONGEST_REASON])
            kind, until = NotificationKind.VOTE_VOID, now + NEWS_FOR
            for member_id in void:
                if await people.keep_from_erasure(connection, member_id):
                    await notifications.add_notification(connection, kind, case_id, 1, member_id, now, until)
        return void


async def _set_aside(
    connection: AsyncConnection, suspicion: Suspicion, shop_id: int, members: set[int], now: datetime
) -> list[int]:
    case_id = await cases.open_case(connection, suspicion, shop_id, now)
    cause = Cause(DETECTOR, now, case_id)
    changed = await verdicts.change(connection, suspicion.item_id, members, Verdict.SET_ASIDE, cause)
    await cases.name_accounts(connection, case_id, suspicion, changed)
    return changed
