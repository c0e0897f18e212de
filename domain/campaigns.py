"""How a campaign's delivery stands, and how what did not arrive is told in a few words (R24, R26)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import floor


class CampaignState(StrEnum):
    """Where a campaign is: letters are queued while it is *waiting*; those named like a doing end by themselves."""

    WAITING = "waiting"
    QUEUED = "queued"
    PAUSED = "paused"
    PAUSED_QUEUED = "paused-queued"
    RESUMING = "resuming"
    RESUMING_QUEUED = "resuming-queued"
    CANCELLING = "cancelling"
    EXPIRING = "expiring"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


PAUSE = {
    CampaignState.WAITING: CampaignState.PAUSED,
    CampaignState.QUEUED: CampaignState.PAUSED_QUEUED,
    CampaignState.RESUMING: CampaignState.PAUSED,
    CampaignState.RESUMING_QUEUED: CampaignState.PAUSED_QUEUED,
}
RESUME = {CampaignState.PAUSED: CampaignState.RESUMING, CampaignState.PAUSED_QUEUED: CampaignState.RESUMING_QUEUED}
CANCEL = {stage: CampaignState.CANCELLING for stage in (*PAUSE, *RESUME)}
WITHDRAWN = tuple(stage.value for stage in CANCEL if stage is not CampaignState.QUEUED)
"""Stages in which there is something to withdraw when the cause of a campaign is gone."""
LAPSE = {stage: CampaignState.EXPIRING for stage in RESUME}
"""What becomes of a paused campaign when it is of no use any more."""
ENDS_IN = {
    CampaignState.RESUMING: CampaignState.WAITING,
    CampaignState.RESUMING_QUEUED: CampaignState.QUEUED,
    CampaignState.CANCELLING: CampaignState.CANCELLED,
    CampaignState.EXPIRING: CampaignState.EXPIRED,
}
"""What follows once the letters have been brought into line."""
NOTIFICATIONS_BECOME = {
    CampaignState.PAUSED: "paused",
    CampaignState.PAUSED_QUEUED: "paused",
    CampaignState.RESUMING: "pending",
    CampaignState.RESUMING_QUEUED: "pending",
    CampaignState.CANCELLING: "cancelled",
    CampaignState.EXPIRING: "expired",
}
"""The state into which a campaign in this stage brings its letters that have not begun to leave."""
HELD_BACK = tuple(stage for stage, state in NOTIFICATIONS_BECOME.items() if state != "pending")
"""Stages whose letters nobody may claim."""


class UnsentReason(StrEnum):
    """Why a letter was not wanted, or could not be brought."""

    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    TURNED_OFF = "turned-off"
    NOT_NEEDED = "not-needed"


def why_unsent(reason: str | None) -> UnsentReason:
    """A stored reason in one word."""
    said = (reason or "").lower()
    if "blocked" in said:
        return UnsentReason.BLOCKED
    if any(sign in said for sign in ("forbidden", "not found", "deactivated", "unreachable", "left", "kicked")):
        return UnsentReason.UNREACHABLE
    return UnsentReason.TURNED_OFF if said.endswith("are off") else UnsentReason.NOT_NEEDED


@dataclass(frozen=True, slots=True)
class Tally:
    """How many letters of a campaign there are, by what became of them."""

    states: Mapping[str, int] = field(default_factory=dict)
    unsent: Mapping[UnsentReason, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All that were queued."""
        return sum(self.states.values())

    @property
    def waiting(self) -> int:
        """On their way: queued, or in the courier's hands."""
        return sum(self.states.get(state, 0) for state in ("pending", "claimed", "inflight"))

    @property
    def paused(self) -> int:
        """Held back by the organiser."""
        return self.states.get("paused", 0)

    @property
    def done(self) -> float:
        """The share that is in its final state, 0 to 1; 0 where nothing was queued."""
        return 1 - (self.waiting + self.paused) / self.total if self.total else 0.0


LEAST_STARS = 10_000
"""What a bot must have before Telegram sends faster for Stars (Bot FAQ, "Broadcasting to users")."""
PRICE = 0.1
"""Stars that a message costs; those that fit the free rate cost nothing, so what is offered is the most it can cost."""


@dataclass(frozen=True, slots=True)
class PaidOffer:
    """What it would cost, at most, to tell everybody in time: so many messages at a tenth of a Star each (R24).

    Without it `late` of them would leave after `until`, when they are of no use any more. Paid for, all have left by
    `ends_at`.
    """

    messages: int
    late: int
    until: datetime
    ends_at: datetime

    @property
    def stars(self) -> float:
        """The price, in Stars."""
        return self.messages * PRICE


def offered(
    now: datetime, until: datetime, waiting: int, ahead: int, rate: float, paid_rate: float
) -> PaidOffer | None:
    """The offer for `waiting` messages with `ahead` others before them, rates in messages a second; None where all are
    in time at the free rate, or where nobody would be even so."""
    in_time = max(0, min(waiting, floor((until - now).total_seconds() * rate) - ahead))
    if until <= now or in_time == waiting:
        return None
    return PaidOffer(waiting, waiting - in_time, until, now + timedelta(seconds=(waiting + ahead) / paid_rate))


def estimated_end(now: datetime, starts: datetime | None, ahead: int, rate: float) -> datetime | None:
    """When the last of `ahead` letters leaves at `rate` a second; None where none waits. Not before `starts`."""
    if not ahead:
        return None
    return max(now, starts or now) + timedelta(seconds=ahead / rate)
