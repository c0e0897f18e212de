"""What the detector of brushing reads and answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class CastVote:
    """A standing vote with what is known of its member. `cast_at` is aware; `via` is the member whose link brought the
    vote, or None; money is in fen, gross and refunded, ballots `granted` are those that organisers gave."""

    item: str
    shop: str
    member: str
    telegram_id: int
    cast_at: datetime
    via: str | None = None
    spent_fen: int = 0
    refunded_fen: int = 0
    granted: int = 0


class Pattern(StrEnum):
    """What a group of votes has in common."""

    LOCKSTEP = "lockstep"
    """Many accounts voted for the same goods, several of them, in the same hours."""
    REGISTRATION_BATCH = "registration-batch"
    """Accounts with neighbouring Telegram IDs, as they are registered in one go, voted for the same good or goods."""
    REFUND_RING = "refund-ring"
    """Accounts whose spending was refunded voted for the same good or goods."""
    CANVASSED = "canvassed"
    """A burst by one member's link. It is honest: its votes are never set aside for it."""


LEAST_CANVASSED = 15
"""Votes for one good by one link that are labelled as a burst."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a finding; `score` is the evidence that it belongs to the group, in decimal orders of magnitude."""

    member: str
    score: float
    goods: int
    """How many of the finding's goods it voted for."""


@dataclass(frozen=True, slots=True)
class Target:
    """A good of a finding: votes of the group among all its votes, and the hours between which the middle of the
    group's votes was cast."""

    item: str
    shop: str
    votes: int
    of_all: int
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a finding is one, in numbers; the sentence is written in handlers.

    observed: accounts that show the pattern; expected: how many honest accounts would show it, at most.
    id_span: width of the neighbourhood of Telegram IDs, of `id_accounts` accounts; 0 without one.
    refunded: accounts of the group with refunded spending.
    via: the member whose link brought a canvassed burst.
    """

    observed: int
    expected: float
    id_span: int = 0
    id_accounts: int = 0
    refunded: int = 0
    via: str | None = None


@dataclass(frozen=True, slots=True)
class BrushingFinding:
    """A group of accounts and the goods that it voted for. `score` is the evidence in decimal orders of magnitude,
    after the cost of the search: chance alone brings a finding of score s in fewer than one of 10^s files."""

    pattern: Pattern
    score: float
    accounts: tuple[Account, ...]
    goods: tuple[Target, ...]
    evidence: Evidence

    @property
    def sets_aside(self) -> bool:
        """Whether the votes of its accounts for its goods are suspect."""
        return self.pattern is not Pattern.CANVASSED
