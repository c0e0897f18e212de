"""The rules of votes (R14-R19), and of the credit for bringing them by a canvass link (R22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.calendar import instant
from domain.goods import ENDS, Item, ItemState


class Reason(StrEnum):
    """Why a tap is refused. The sentence is written in handlers, in the member's language."""

    UNKNOWN_ITEM = "unknown-item"
    ROUND_OVER = "round-over"
    GROUP_SCHEDULED = "group-scheduled"
    GROUP_OPEN = "group-open"
    ITEM_OUT = "item-out"
    ALREADY_VOTED = "already-voted"
    VOTED_BEFORE = "voted-before"
    """Before the member erased their data: the vote counts, and is theirs no more (R36)."""
    NOT_VOTED = "not-voted"
    VOTE_COUNTS = "vote-counts"
    VOTE_VOID = "vote-void"
    JUST_VOTED = "just-voted"
    JUST_FOLLOWED = "just-followed"
    NO_BALLOTS = "no-ballots"
    DAY_LIMIT = "day-limit"
    CHANGES_LIMIT = "changes-limit"


SECOND_TAPS = frozenset({Reason.ALREADY_VOTED, Reason.JUST_VOTED, Reason.JUST_FOLLOWED})
"""Refusals of the second half of a double tap: nothing is wrong, so the answer is no window that has to be closed."""


class Purse(NamedTuple):  # a tuple: two are made at each tap
    """What a member can vote with: spending in fen (below 0 after refunds), used ballots, today's places (R14, R15).

    `day` is the voting day, which runs from 08:00 to 08:00 local time; `day_ends` is its end (aware). `taken_back` is
    how often votes were taken back on it (R18).
    """

    spent_fen: int
    granted: int
    used: int
    slots_today: frozenset[int]
    day: date
    day_ends: datetime
    votes_per_day: int
    fen_per_ballot: int
    taken_back: int = 0
    take_backs_per_day: int = 20

    @property
    def earned(self) -> int:
        """Ballots in all: one for each full step of spending, and those that organisers gave."""
        return max(0, self.spent_fen) // self.fen_per_ballot + self.granted

    @property
    def ballots_left(self) -> int:
        """Ballots not used yet; never below 0, also where more are used than earned: after a refund, or where a rule
        was made stricter. Used ballots stay used, and new spending first catches up with them."""
        return max(0, self.earned - self.used)

    @property
    def left_today(self) -> int:
        """Votes that the day still allows, whatever ballots there are."""
        return max(0, self.votes_per_day - len(self.slots_today))

    @property
    def fen_to_next_ballot(self) -> int:
        """Spending in fen that gives one ballot more to vote with: at most the price of one, or as much more as ballots
        are used beyond what was earned."""
        goal = max(self.earned, self.used) + 1 - self.granted
        return goal * self.fen_per_ballot - self.spent_fen

    def free_slot(self) -> int:
        """The lowest of today's places that no vote holds, from 1. Raises StopIteration when the day is full."""
        return next(slot for slot in range(1, self.votes_per_day + 1) if slot not in self.slots_today)


def voting_day(now: datetime, zone: ZoneInfo, opens_at: time) -> tuple[date, datetime]:
    """The voting day of `now` (aware, else ValueError), by the local date on which it began, and the moment (UTC) at
    which it ends (R15).

    It runs from the opening time to the opening time of the next calendar day, working day or not.
    """
    if now.tzinfo is None:
        raise ValueError("A time without a zone is in no voting day.")
    day, step = now.astimezone(zone).date(), timedelta(days=1)
    ends = instant(zone, datetime.combine(day + step, opens_at))
    while ends <= now:
        day, ends = day + step, instant(zone, datetime.combine(day + 2 * step, opens_at))
    while (begins := instant(zone, datetime.combine(day, opens_at))) > now:
        day, ends = day - step, begins
    return day, ends


@dataclass(frozen=True, slots=True)
class VotingDay:
    """A voting day (R15) by the local date on which it begins, with the moments (UTC) at which it begins and ends, and
    at which the next one ends."""

    day: date
    begins: datetime
    ends: datetime
    next_ends: datetime


def voting_day_of(now: datetime, zone: ZoneInfo, opens_at: time) -> VotingDay:
    """The voting day of `now` (aware, else ValueError), as `voting_day` says."""
    day, ends = voting_day(now, zone, opens_at)
    begins, _, next_ends = (instant(zone, datetime.combine(day + timedelta(days=n), opens_at)) for n in range(3))
    return VotingDay(day, begins, ends, next_ends)


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal with what would help: `purse` as it stands, where the member is known."""

    reason: Reason
    purse: Purse | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """The vote may be cast and takes this place of the day."""

    slot: int


def why_not_on_display(item: Item | None, now: datetime) -> Reason | None:
    """What keeps an item from being voted for, or None while it is on display (R17)."""
    if item is None:
        return Reason.UNKNOWN_ITEM
    if item.state is ItemState.ON_DISPLAY and item.closes_at is not None and now < item.closes_at:
        return None
    if item.state is ItemState.SCHEDULED:
        return Reason.GROUP_SCHEDULED
    if item.state is ItemState.OPEN:
        return Reason.GROUP_OPEN
    if item.state in ENDS:
        return Reason.ITEM_OUT
    if item.state in (ItemState.REGISTERED, ItemState.PASSED):
        return Reason.UNKNOWN_ITEM
    return Reason.ROUND_OVER


def is_known(item: Item | None, now: datetime) -> bool:
    """Whether a round has shown an item, in this or an earlier listing (R16)."""
    return item is not None and (item.listing_number > 1 or why_not_on_display(item, now) is not Reason.UNKNOWN_ITEM)


def judge_vote(
    item: Item | None, voted: bool, purse: Purse, now: datetime, *, voted_before: bool = False, void: bool = False
) -> Allowed | Refused:
    """Whether this vote may be cast now: on display (R17), one per item (R16), a ballot (R14), five a day (R15).
    `voted_before` says that the member voted for it, erased their data and came back (R36); `void` that the vote that
    stands was found to be false (R28).

    A refusal that the member can do nothing about comes before one that they can.
    """
    closed = why_not_on_display(item, now)
    if voted:
        return Refused(Reason.VOTE_VOID if void else Reason.ALREADY_VOTED, purse)
    if closed is not None:
        return Refused(closed, purse)
    if voted_before:
        return Refused(Reason.VOTED_BEFORE, purse)
    if purse.ballots_left <= 0:
        return Refused(Reason.NO_BALLOTS, purse)
    if purse.left_today <= 0:
        return Refused(Reason.DAY_LIMIT, purse)
    return Allowed(purse.free_slot())


def is_double_tap(since: datetime | None, now: datetime, span: timedelta) -> bool:
    """Whether a tap that undoes an act comes so soon after it (both aware) that it was meant for the act's own button,
    in whose place its own appeared (R18). The distance counts in both directions: clocks of processes differ."""
    return since is not None and abs(now - since) < span


def judge_taking_back(
    item: Item | None,
    voted_at: datetime | None,
    now: datetime,
    double_tap: timedelta,
    purse: Purse,
    *,
    void: bool = False,
) -> Refused | None:
    """Why a vote cannot be taken back (R18): there is none, it was found to be false (`void`, R28), the item has left
    the display, so that it counts, this is the second half of a double tap on 🙋, or the day's changes are used.
    `voted_at` is the time of the standing vote, if any."""
    if item is None:
        return Refused(Reason.UNKNOWN_ITEM)
    if voted_at is None:
        return Refused(Reason.NOT_VOTED)
    if void:
        return Refused(Reason.VOTE_VOID)
    closed = why_not_on_display(item, now)
    if closed in (Reason.ROUND_OVER, Reason.GROUP_SCHEDULED, Reason.GROUP_OPEN):
        return Refused(Reason.VOTE_COUNTS)
    if closed is not None:
        return Refused(closed)
    if is_double_tap(voted_at, now, double_tap):
        return Refused(Reason.JUST_VOTED)
    return Refused(Reason.CHANGES_LIMIT) if purse.taken_back >= purse.take_backs_per_day else None


MILESTONES = (1, 5, 10, 25, 50, 100)
"""Votes by a canvass link at which its owner is notified (R22)."""


def earns_credit(owner_id: int, friend_id: int, *, revoked: bool, on_display: bool) -> bool:
    """Whether an open counts for the link's owner (R22). A constraint of the database lets only a friend's first link
    count."""
    return owner_id != friend_id and not revoked and on_display


def next_milestone(votes: int) -> int | None:
    """The next number of votes at which the link's owner is notified; None after the last one (R22)."""
    return next((mark for mark in MILESTONES if mark > votes), None)


STEPS_FROM = 10
"""A poster shows lower counts exactly."""


def step(wants: int) -> int:
    """The count that a poster shows: below `STEPS_FROM` the count itself, then the highest of 10, 20, 50, 100… reached.

    A poster stays true while votes come in, and is drawn again only at a step. Raises ValueError for negative numbers.
    """
    if wants < 0:
        raise ValueError("A count cannot be negative.")
    if wants < STEPS_FROM:
        return wants
    power = int("1" + "0" * (len(str(wants)) - 1))
    return power * next(lead for lead in (5, 2, 1) if wants >= lead * power)
