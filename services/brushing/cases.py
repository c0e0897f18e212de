"""Cases on votes that look bought: opened by the detector's findings, decided by people (R28, R29)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.cases import CaseOutcome, Cleared, Suspicion
from domain.brushing.verdicts import Verdict
from domain.goods import BRUSHING, ENDS, Item, ItemState
from domain.notifications import NEWS_FOR, NotificationKind
from services.ballots import return_ballots_soon
from services.brushing.bans import AgreementRefusal, agree, ban_shop
from services.context import ServiceContext
from services.groups import By, take_out
from storage import campaigns, items, notifications, people
from storage.brushing import bans, cases, verdicts
from storage.brushing.bans import StoredBan
from storage.brushing.cases import DecidedCase, StoredCase
from storage.brushing.verdicts import Cause
from storage.db import advisory_lock

LONGEST_REASON = 500
"""Characters of the reason of a decision."""
DETECTOR = "detector"
"""The actor of what no person did."""


class ConfirmationRefusal(StrEnum):
    """Why a case cannot be confirmed."""

    NO_CASE = "no-case"
    """It is unknown, or decided already."""
    NO_FALSE_VOTE = "no-false-vote"
    """All its votes were taken back, and no shop is banned without a false vote."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmed case: the members whose votes are void, the newest listing of the good as it is now, and the ban."""

    void: list[int]
    good: Item
    ban: StoredBan

    @property
    def group_is_open(self) -> bool:
        """Whether the good stays, because its group is open."""
        return self.good.state is ItemState.OPEN


class Cases:
    """Use cases of cases."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def suspect(self, suspicion: Suspicion, cleared: Cleared | None = None) -> list[int]:
        """The votes of a suspicion are set aside, in the undecided case on the good or a new one; idempotent. Returns
        the members whose vote was set aside by this. What has ended without a group is left alone, and so is what a
        person has cleared since the run began, which knew of the patterns that were `cleared` by then."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "cases")  # a run that began before may still be at work
            item = await cases.suspect_item(connection, suspicion.item_id)
            members = {account.member_id for account in suspicion.accounts}
            if item is None or item.state in ENDS:
                return []
            if not await cases.any_counted(connection, suspicion.item_id, members):
                return []
            raised = {(account.pattern, account.member_id) for account in suspicion.accounts}
            if cleared is not None and raised & (await cases.cleared(connection) - cleared):
                return []
            return await _set_aside(connection, suspicion, item.shop_id, members, now)

    async def tell_organisers(self) -> None:
        """Queue the notification of each new case, once for every organiser who is a member."""
        now = self._context.clock.now()
        kind, until = NotificationKind.CASE_OPENED, now + NEWS_FOR
        async with self._context.db.write() as connection:
            organisers = await people.by_chats(connection, self._context.rules.organisers)
            for case_id in await cases.claim_untold(connection, now):
                for organiser in organisers:
                    await notifications.add_notification(connection, kind, case_id, 1, organiser.id, now, until)

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
            case = await cases.decide(connection, case_id, CaseOutcome.CLEARED, actor, now)
            if case is None:
                return None
            members = await cases.members_of(connection, case_id)
            return await verdicts.change(connection, case.item_id, members, Verdict.COUNTED, Cause(actor, now, case_id))

    async def void(self, case_id: int, reason: str, actor: str) -> list[int] | None:
        """Decide that the suspect votes of a case are false, and the shop is not to blame: they are void, and their
        members are told; the good and its shop stay. Returns these members; None for a case that is decided already, or
        unknown. Raises ValueError without a reason."""
        _check(reason)
        cause = Cause(actor, self._context.clock.now(), case_id)
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "cases")
            case = await cases.decide(connection, case_id, CaseOutcome.VOTES_FALSE, actor, cause.at)
            return await _make_void(connection, case, reason, cause) if case else None

    async def confirm(self, case_id: int, reason: str, actor: str) -> Confirmed | ConfirmationRefusal:
        """Decide that the shop has bought votes: those of the case are void and their members are told, the good is out
        and its shop banned from now on; honest voters get ballot and slot back and are told once, as followers are.

        All of that is one transaction; ballots and notifications follow in batches, whatever is interrupted. A group
        that is open stays: the bot cannot undo it. Raises ValueError without a reason.
        """
        _check(reason)
        cause = Cause(actor, self._context.clock.now(), case_id)
        try:
            async with self._context.db.write() as connection:
                confirmed = await self._confirm(connection, reason, cause)
        except _NoFalseVote:
            return ConfirmationRefusal.NO_FALSE_VOTE
        await return_ballots_soon(self._context)
        return confirmed

    async def _confirm(self, connection: AsyncConnection, reason: str, cause: Cause) -> Confirmed | ConfirmationRefusal:
        await advisory_lock(connection, "cases")
        assert cause.case_id is not None
        case = await cases.decide(connection, cause.case_id, CaseOutcome.CONFIRMED, cause.actor, cause.at)
        if case is None:
            return ConfirmationRefusal.NO_CASE
        organisers = await people.by_chats(connection, self._context.rules.organisers)
        named = await cases.members_of(connection, case.id)
        await verdicts.lock_voters(connection, [*named, *(each.id for each in organisers)])
        listing = await _locked_listing(connection, case.item_id)
        void = await _make_void(connection, case, reason, cause)
        if not void:
            raise _NoFalseVote
        ban = await ban_shop(connection, self._context, case, len(void), cause)
        if ban.waits:
            others = [each.id for each in organisers if each.as_organiser != cause.actor]
            kind, until = NotificationKind.BAN_WAITS, cause.at + NEWS_FOR
            await notifications.add_to_members(connection, kind, case.id, others, cause.at, until)
        by = By(cause.actor, cause.at, self._context.rules.return_ballots)
        return Confirmed(void, await _take_out(connection, listing, case.id, by), ban)

    async def agree(self, case_id: int, actor: str) -> StoredBan | AgreementRefusal:
        """Put the longer ban that a case has asked for in force, as another organiser than who has decided; once."""
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "cases")
            return await agree(connection, self._context, case_id, actor)

    async def bans(self) -> list[StoredBan]:
        """The bans in force, the one that ends first first."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            return await bans.in_force(connection, now)


class _NoFalseVote(Exception):
    """Undoes a decision that has found nothing to be void."""


def _check(reason: str) -> None:
    if not reason.strip():
        raise ValueError("a decision has a reason")


async def _make_void(connection: AsyncConnection, case: DecidedCase, reason: str, cause: Cause) -> list[int]:
    """Make the standing votes of a case's accounts for its good void, and tell these members; returns them. One that
    was taken back and cast again since is among them: it is set aside first, as the next run would do."""
    members = await cases.members_of(connection, case.id)
    await verdicts.change(connection, case.item_id, members, Verdict.SET_ASIDE, cause)
    void = await verdicts.change(connection, case.item_id, members, Verdict.VOID, cause)
    await cases.note_votes(connection, case.id, case.item_id, reason.strip()[:LONGEST_REASON])
    kind, until = NotificationKind.VOTE_VOID, cause.at + NEWS_FOR
    await notifications.add_to_members(connection, kind, case.id, void, cause.at, until)
    return void


async def _locked_listing(connection: AsyncConnection, item_id: int) -> int:
    """The newest listing of an item's good: all others have ended. Neither is decided on until the transaction ends."""
    await advisory_lock(connection, f"item {item_id}")  # it is not listed again meanwhile
    newest = await items.newest_listing(connection, item_id)
    if newest != item_id:
        await advisory_lock(connection, f"item {newest}")
    return newest


async def _take_out(connection: AsyncConnection, item_id: int, case_id: int, by: By) -> Item:
    """Reject the newest listing of a brushed good, withdraw what is unsent about it and plan the news; returns it as it
    is then. One that has ended, or whose group is open, stays."""
    listing = await _item(connection, item_id)
    if listing.state in ENDS or listing.state is ItemState.OPEN:
        return listing
    if await take_out(connection, listing, BRUSHING, by):
        about_it = (NotificationKind.ITEM_RELISTED, NotificationKind.MILESTONE)
        await notifications.cancel(connection, about_it, item_id, "votes for the item were bought")
        kind, until = NotificationKind.ITEM_BRUSHED, by.now + NEWS_FOR
        await campaigns.add(connection, kind, item_id, case_id, by.now, until)
    return await _item(connection, item_id)


async def _item(connection: AsyncConnection, item_id: int) -> Item:
    item = await items.by_id(connection, item_id)
    assert item is not None, "a case is about an item"
    return item


async def _set_aside(
    connection: AsyncConnection, suspicion: Suspicion, shop_id: int, members: set[int], now: datetime
) -> list[int]:
    case_id = await cases.open_case(connection, suspicion, shop_id, now)
    cause = Cause(DETECTOR, now, case_id)
    changed = await verdicts.change(connection, suspicion.item_id, members, Verdict.SET_ASIDE, cause)
    await cases.name_accounts(connection, case_id, suspicion, changed)
    return changed
