"""Appeals of shops against confirmed cases (R29): recorded within a week, decided once, by another organiser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.bans import APPEAL_WITHIN, SAME_ORGANISER_AFTER, may_appeal, may_decide_appeal
from domain.brushing.verdicts import Verdict
from domain.goods import ENDS, ItemState
from domain.notifications import NEWS_FOR, NotificationKind
from services.ballots import return_ballots_soon
from services.context import ServiceContext
from services.rounds import display_changed
from storage import campaigns, items, notifications, people
from storage.brushing import appeals, bans, organisers, verdicts
from storage.brushing.appeals import ConfirmedCase
from storage.brushing.verdicts import Cause
from storage.canvassing import cards
from storage.db import advisory_lock

LONGEST_WORDS = 4000
"""Characters of an appeal."""
LONGEST_REASON = 500
"""Characters of the reason of a decision."""


class AppealRefusal(StrEnum):
    """Why an appeal cannot be recorded, or decided so."""

    NO_CASE = "no-case"
    """There is no confirmed case of this number: a shop appeals against nothing else."""
    TOO_LATE = "too-late"
    APPEALED_ALREADY = "appealed-already"
    NO_APPEAL = "no-appeal"
    DECIDED_ALREADY = "decided-already"
    SAME_ORGANISER = "same-organiser"
    """Another organiser decides."""
    TOO_EARLY = "too-early"
    """A single organiser decides on the appeal against their own decision after a day."""


@dataclass(frozen=True, slots=True)
class AppealDecided:
    """An appeal that has just been decided. `restored` are the members whose void vote counts again; `back` is where
    the good stands again, None where it stays out. `same_organiser`: who had decided the case decided this, too."""

    granted: bool
    restored: tuple[int, ...] = ()
    back: ItemState | None = None
    same_organiser: bool = False


@dataclass(frozen=True, slots=True)
class ShopNotice:
    """What the shop is told of a confirmed case, and until when (aware) it may appeal. `alone`: with a single organiser
    the same one decides. `group_is_open`: the good stays, for its group cannot be undone."""

    case: ConfirmedCase
    appeal_until: datetime
    may_appeal: bool
    alone: bool
    group_is_open: bool = False


class Appeals:
    """Use cases of appeals. Until shops have screens of their own, organisers record them."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    @property
    def _organisers(self) -> int:
        return max(1, len(self._context.rules.organisers))

    async def notice(self, case_id: int) -> ShopNotice | None:
        """What to tell the shop of a confirmed case; None for any other."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            case = await appeals.confirmed_case(connection, case_id)
            good = await items.by_ref(connection, case.ref) if case is not None else None
        if case is None:
            return None
        may = may_appeal(case.decided_at, now, appealed=case.appeal is not None)
        is_open = good is not None and good.state is ItemState.OPEN
        return ShopNotice(case, case.decided_at + APPEAL_WITHIN, may, self._organisers == 1, is_open)

    async def record(self, case_id: int, words: str, actor: str) -> AppealRefusal | None:
        """Store the shop's appeal in its words; None where that is done. Raises ValueError without words."""
        if not words.strip():
            raise ValueError("an appeal has words")
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            case = await appeals.confirmed_case(connection, case_id)
            if case is None:
                return AppealRefusal.NO_CASE
            if case.appeal is not None:
                return AppealRefusal.APPEALED_ALREADY
            if not may_appeal(case.decided_at, now, appealed=False):
                return AppealRefusal.TOO_LATE
            if not await appeals.add(connection, case_id, words.strip()[:LONGEST_WORDS], actor, now):
                return AppealRefusal.APPEALED_ALREADY
            await self._tell_who_may_decide(connection, case, actor, now)
            return None

    async def _tell_who_may_decide(
        self, connection: AsyncConnection, case: ConfirmedCase, actor: str, now: datetime
    ) -> None:
        """Queue the notification of an appeal, for the organisers who may decide on it and have not recorded it; for a
        single one when the day that they wait is over."""
        for each in await people.by_chats(connection, self._context.rules.organisers):
            name = each.as_organiser
            known = await organisers.known_as(connection, name, case.decided_by, case.decided_at)
            has_decided = known == case.decided_by
            if (has_decided and self._organisers > 1) or (not has_decided and name == actor):
                continue
            due = now + SAME_ORGANISER_AFTER if has_decided else now
            kind, until = NotificationKind.APPEAL_WAITS, due + NEWS_FOR
            await notifications.add_notification(connection, kind, case.id, 1, each.id, due, until)

    async def decide(self, case_id: int, reason: str, actor: str, *, granted: bool) -> AppealDecided | AppealRefusal:
        """Grant or refuse an appeal, in one transaction.

        A granted one lets the votes that the case made void count again, lifts the ban, and brings the good back. Votes
        whose ballot came back use it again where it is free. Raises ValueError without a reason.
        """
        if not reason.strip():
            raise ValueError("a decision has a reason")
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "cases")
            case = await appeals.confirmed_case(connection, case_id)
            who = await organisers.known_as(connection, actor, case.decided_by, case.decided_at) if case else actor
            refused = self._why_not(case, who, now)
            if refused is not None:
                return refused
            assert case is not None
            said, same = reason.strip()[:LONGEST_REASON], case.decided_by == who
            if not await appeals.decide(connection, case_id, said, actor, now, granted=granted):
                return AppealRefusal.DECIDED_ALREADY
            if not granted:
                return AppealDecided(granted=False, same_organiser=same)
            listing = await appeals.newest_listing(connection, case.ref)
            cause = Cause(actor, now, case_id)
            restored = await _restore_votes(connection, case, listing, cause)
            await bans.lift(connection, case_id, now)
            back = await self._bring_back(connection, case, listing, cause, _history(said, same))
            await _tell(connection, case, restored, listing if back else None, now)
        await return_ballots_soon(self._context)
        return AppealDecided(granted=True, restored=tuple(restored), back=back, same_organiser=same)

    def _why_not(self, case: ConfirmedCase | None, actor: str, now: datetime) -> AppealRefusal | None:
        if case is None:
            return AppealRefusal.NO_CASE
        if case.appeal is None:
            return AppealRefusal.NO_APPEAL
        if case.appeal.decided_at is not None:
            return AppealRefusal.DECIDED_ALREADY
        if may_decide_appeal(case.decided_by, actor, case.appeal.recorded_at, now, self._organisers):
            return None
        return AppealRefusal.TOO_EARLY if self._organisers == 1 else AppealRefusal.SAME_ORGANISER

    async def _bring_back(
        self, connection: AsyncConnection, case: ConfirmedCase, listing: int, cause: Cause, reason: str
    ) -> ItemState | None:
        """Bring the good's newest listing back, where cases have rejected it and this was the last of them; its state
        then, else None."""
        back = None
        if await appeals.is_out_by_appealed_cases(connection, listing, case.ref):
            back = await appeals.bring_back(connection, listing, cause.actor, cause.at, reason)
            gone = "an appeal has brought the good back"
            await notifications.cancel(connection, (NotificationKind.ITEM_BRUSHED,), listing, gone)
            await display_changed(connection)
            await cards.reopen(connection, listing)
        for item_id in sorted({case.item_id, listing}):
            await self._settle_ballots(connection, item_id, cause.at)
        return back

    async def _settle_ballots(self, connection: AsyncConnection, item_id: int, now: datetime) -> None:
        """Let votes for a good that is alive use their ballots again; those of one that has ended return (R5)."""
        item, rules = await items.by_id(connection, item_id), self._context.rules
        assert item is not None, "a case is about an item"
        if item.state not in ENDS:
            await appeals.use_ballots_again(connection, item_id, rules.fen_per_ballot, now)
        elif rules.return_ballots:
            await appeals.return_ballots(connection, item_id, now)


async def _restore_votes(connection: AsyncConnection, case: ConfirmedCase, listing: int, cause: Cause) -> list[int]:
    """Let the votes that the case made void count again; returns their members. Locks those, votes, then goods."""
    both = sorted({case.item_id, listing})
    await verdicts.lock_votes(connection, both)
    for item_id in both:
        await advisory_lock(connection, f"item {item_id}")
    void = await appeals.members_with_void_vote(connection, case.id, case.item_id)
    return await verdicts.change(connection, case.item_id, void, Verdict.COUNTED, cause)


def _history(reason: str, same_organiser: bool) -> str:
    """What the good's history says; who decided stands beside it."""
    alone = " (decided by the same organiser, for there is no other)" if same_organiser else ""
    return f"the shop's appeal was granted{alone}: {reason}"


async def _tell(
    connection: AsyncConnection, case: ConfirmedCase, restored: list[int], back: int | None, now: datetime
) -> None:
    """Tell the voters and followers of the listing that is back, once each; those whose vote was void in any case,
    whatever their settings, as they were told of that."""
    kind, until = NotificationKind.ITEM_RESTORED, now + NEWS_FOR
    await notifications.add_to_members(connection, kind, case.item_id, restored, now, until, revision=case.id)
    if back is not None:
        await campaigns.add(connection, kind, back, case.id, now, until)
