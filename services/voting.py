"""Votes and follows of members (R14-R19, R25, R26)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.goods import Item
from domain.notifications import NEWS_FOR, NotificationKind
from domain.people import Member
from domain.voting import (
    MILESTONES,
    Allowed,
    Purse,
    Reason,
    Refused,
    VotingDay,
    is_double_tap,
    is_known,
    judge_taking_back,
    judge_vote,
    voting_day_of,
    why_not_on_display,
)
from services.context import ServiceContext
from storage import campaigns, groups, items, notifications, people, votes
from storage.brushing import verdicts
from storage.canvassing import links
from storage.db import advisory_lock


@dataclass(frozen=True, slots=True)
class VoteOutcome:
    """The result of a vote or follow: the refusal, if any, with the current item and purse."""

    refused: Refused | None
    item: Item | None
    purse: Purse
    voted: bool
    following: bool
    on_display: bool
    void: bool = False
    """Whether the vote that stands was found to be false (R28)."""


@dataclass(frozen=True, slots=True)
class MyVotes:
    """One page of items that a member voted for and follows, and their purse (R25).

    `back` has the newest listings of relisted goods, by the item voted for (R16); `ballots_back` the items whose ballot
    has returned (R5), `void` those for which the vote was found to be false (R29). `are_ended`: these ended without a
    group; `others` is how many there are besides.
    """

    voted: tuple[Item, ...]
    followed: tuple[Item, ...]
    back: dict[int, Item]
    purse: Purse
    page: int
    pages: int
    ballots_back: frozenset[int] = frozenset()
    are_ended: bool = False
    others: int = 0
    void: frozenset[int] = frozenset()


JUST_OPENED = timedelta(days=3)
"""How long an open group stays above goods without one in "my votes": as long as the longest usual round."""


class Voting:
    """Use cases of votes and follows."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self.outcomes: Counter[str] = Counter()
        self._day: VotingDay | None = None

    def _voting_day(self, now: datetime) -> VotingDay:
        """The voting day of `now`; worked out once for each."""
        rules, day = self._context.rules, self._day
        if day is None or not day.begins <= now < day.ends:
            self._day = day = voting_day_of(now, rules.zone, rules.opens_at)
        return day

    async def _purse(self, connection: AsyncConnection, member_id: int, now: datetime) -> Purse:
        rules, day = self._context.rules, self._voting_day(now)
        return await votes.purse(
            connection, member_id, day, rules.votes_per_day, rules.take_backs_per_day, rules.fen_per_ballot
        )

    async def _locked(
        self, connection: AsyncConnection, member: Member, item_id: int, cause: int | None, now: datetime
    ) -> tuple[votes.VoteStatus, Purse]:
        """What is judged at a tap, locked to the end of the transaction. Raises MemberErased."""
        if connection.dialect.name != "sqlite":  # which has one writer at a time; the purse is of no erased member
            await people.lock(connection, member.id)
        found = await votes.status(connection, member.id, item_id, cause)
        return found, await self._purse(connection, member.id, now)

    async def cast(self, member: Member, item_id: int, cause: int | None = None) -> VoteOutcome:
        """Vote for an item; a repeated, late or excess vote is refused (R14-R19). Without a ballot the member follows
        the item instead, so that they are told of its group (R26).

        `cause` is the update's ID: handled again after a crash, it is answered as before and has no second effect.
        Raises MemberErased, as every write for a member does.
        """
        now = self._context.clock.now()
        outcome = await self._context.db.batch_write(
            lambda connection: self.cast_within(connection, member, item_id, cause, now), member.id
        )
        self.count_outcome(outcome)
        return outcome

    def count_outcome(self, outcome: VoteOutcome | None, done: str = "counted") -> None:
        """Count the outcome of a committed tap, if it has one, for the metrics."""
        if outcome is not None:
            self.outcomes[outcome.refused.reason.value if outcome.refused else done] += 1

    async def cast_within(
        self, connection: AsyncConnection, member: Member, item_id: int, cause: int | None, now: datetime
    ) -> VoteOutcome:
        """Like `cast`, inside the caller's transaction."""
        found, purse = await self._locked(connection, member, item_id, cause, now)
        voted = found.vote_id is not None
        verdict = None if found.done else self._judge(found, purse, now)
        if isinstance(verdict, Allowed):
            wants = await votes.cast(connection, member.id, item_id, purse.day, verdict.slot, found.link_id, now, cause)
            if wants is not None:
                if found.link_id is not None:
                    await self._tell_owner(connection, found.link_id, item_id, member.id, now)
                assert found.item is not None, "only an item on display is allowed"
                item = found.item._replace(wants=wants)
                purse = purse._replace(used=purse.used + 1, slots_today=purse.slots_today | {verdict.slot})
                return VoteOutcome(None, item, purse, True, found.following, on_display=True)
            found = await votes.status(connection, member.id, item_id, cause)  # another process took it off the display
            again = self._judge(found, purse, now)
            assert isinstance(again, Refused), "what has left the display takes no vote"
            return self._answer(again, found, purse, voted, now)
        if verdict is not None and verdict.reason is Reason.NO_BALLOTS:
            await votes.follow(connection, member.id, item_id, now)
            found = replace(found, following=True)
        return self._answer(verdict, found, purse, voted, now)

    @staticmethod
    def _judge(found: votes.VoteStatus, purse: Purse, now: datetime) -> Allowed | Refused:
        voted = found.vote_id is not None
        return judge_vote(found.item, voted, purse, now, voted_before=found.voted_before, void=found.void)

    async def purse(self, member: Member) -> Purse:
        """What a member can vote with now."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            return await self._purse(connection, member.id, now)

    async def take_back(self, member: Member, item_id: int, cause: int | None = None) -> VoteOutcome:
        """Take a vote back, with its ballot and its slot of the day; both acts stay in the history (R18). Refused so
        soon after the vote that it is the second half of a double tap on 🙋, in whose place ✅ appeared, and after
        many changes of mind on one day: each leaves a row."""
        now = self._context.clock.now()
        outcome = await self._context.db.batch_write(
            lambda connection: self._take_back(connection, member, item_id, cause, now), member.id
        )
        self.count_outcome(outcome, "taken-back")
        return outcome

    async def _take_back(
        self, connection: AsyncConnection, member: Member, item_id: int, cause: int | None, now: datetime
    ) -> VoteOutcome:
        found, purse = await self._locked(connection, member, item_id, cause, now)
        double_tap = self._context.rules.double_tap
        refused = None
        if not found.done:
            refused = judge_taking_back(found.item, found.voted_at, now, double_tap, purse, void=found.void)
        if refused is None and not found.done:
            assert found.vote_id is not None, "a vote that does not stand is refused"
            taken = await votes.take_back(connection, found.vote_id, item_id, now, cause)
            assert taken is not None, "the member's row is locked: the vote stands, and nothing has made it void"
            wants, day, slot = taken
            assert found.item is not None, "only an item on display is taken back from"
            found = replace(found, vote_id=None, item=found.item._replace(wants=wants))
            if day == purse.day:
                slots, taken_back = purse.slots_today - {slot}, purse.taken_back + 1
                purse = purse._replace(used=purse.used - 1, slots_today=slots, taken_back=taken_back)
            else:
                purse = await self._purse(connection, member.id, now)
        return self._answer(refused, found, purse, found.vote_id is not None, now)

    @staticmethod
    def _answer(
        refused: Refused | None, found: votes.VoteStatus, purse: Purse, voted: bool, now: datetime
    ) -> VoteOutcome:
        refused = replace(refused, purse=purse) if refused else None
        on_display = why_not_on_display(found.item, now) is None
        return VoteOutcome(refused, found.item, purse, voted, found.following, on_display, found.void)

    async def follow(self, member: Member, item_id: int, *, on: bool) -> VoteOutcome:
        """Follow or unfollow an item, a relisted good by its newest listing (R16): followers get the alerts of voters
        without a ballot (R26). 🔕 appears in the place of 🔔, so a double tap does not undo itself (R18)."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await people.lock(connection, member.id)
            await advisory_lock(connection, f"item {item_id}")  # followers move to a relisted good (R16)
            found = await votes.status(connection, member.id, item_id, None)
            if found.item is not None and (back := await items.newest_listings(connection, [found.item])):
                item_id = back[item_id].id
                found = await votes.status(connection, member.id, item_id, None)
            known = is_known(found.item, now)
            kept = known and not on and is_double_tap(found.followed_at, now, self._context.rules.double_tap)
            if known and on:
                await votes.follow(connection, member.id, item_id, now)
                await self._tell_soon(connection, member.id, item_id, now)
            elif known and not kept:
                await votes.unfollow(connection, member.id, item_id)
            purse = await self._purse(connection, member.id, now)
        refused = None if known else Refused(Reason.UNKNOWN_ITEM, purse)
        if kept:
            refused = Refused(Reason.JUST_FOLLOWED, purse)
        found = replace(found, following=on or kept) if known else votes.VoteStatus(None)
        return self._answer(refused, found, purse, found.vote_id is not None, now)

    async def _tell_soon(self, connection: AsyncConnection, member_id: int, item_id: int, now: datetime) -> None:
        """Queue the alert before the opening for one who follows after it was queued for the others: with a large
        audience that is long before the usual lead (R24)."""
        group = await groups.of_item(connection, item_id)
        if group is None or group.cancelled_at is not None:
            return
        due_at, kind = group.opens_at - self._context.rules.alert_lead, NotificationKind.GROUP_SOON
        campaign = await campaigns.of_notification(connection, kind, group.id, group.revision)
        if campaign is not None and campaign.due_at <= now < due_at:
            await notifications.add_notification(
                connection, kind, group.id, group.revision, member_id, due_at, group.opens_at
            )

    async def mine(self, member: Member, page: int, size: int = 8, *, ended: bool = False) -> MyVotes:
        """Items voted for and followed, `size` of each per page (R25): those that `ended` without a group, or all
        others, the soonest group first."""
        now = self._context.clock.now()
        voted = items.Wanted(member.id, ended, now - JUST_OPENED)
        followed = replace(voted, followed=True)
        async with self._context.db.read() as connection:
            numbers = [await items.count_wanted(connection, which) for which in (voted, followed)]
            pages = max(1, -(-max(numbers) // size))
            page = min(max(page, 0), pages - 1)
            mine = await items.wanted_by(connection, voted, size, page * size)
            shown = [item.id for item in mine]
            besides = [replace(which, ended=not ended) for which in (voted, followed)]
            return MyVotes(
                tuple(mine),
                tuple(await items.wanted_by(connection, followed, size, page * size)),
                {} if ended else await items.newest_listings(connection, mine),
                await self._purse(connection, member.id, now),
                page,
                pages,
                ballots_back=await votes.with_ballot_back(connection, member.id, shown),
                are_ended=ended,
                others=sum([await items.count_wanted(connection, which) for which in besides]),
                void=await verdicts.void_among(connection, member.id, shown),
            )

    async def _tell_owner(
        self, connection: AsyncConnection, link_id: int, item_id: int, friend: int, now: datetime
    ) -> None:
        """Queue the notification of a milestone, each once per owner and item (R22)."""
        owner, number = await links.brought(connection, link_id, friend)
        if number in MILESTONES and await people.keep_from_erasure(connection, owner):
            kind, until = NotificationKind.MILESTONE, now + NEWS_FOR
            await notifications.add_notification(connection, kind, item_id, number, owner, now, until)
