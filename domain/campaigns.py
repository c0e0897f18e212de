"""The states of a campaign, what became of its notifications, and what faster sending would cost (R24, R26)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import floor

from domain.call_outcomes import CallOutcome
from domain.notifications import ON_THE_WAY, PERHAPS_READ, NotificationState


class CampaignState(StrEnum):
    """Where a campaign stands: its notifications are queued while it is *waiting*; states named by a verb end by
    themselves."""

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
CANCEL = {state: CampaignState.CANCELLING for state in (*PAUSE, *RESUME)}
WITHDRAWN = tuple(state for state in CANCEL if state is not CampaignState.QUEUED)
"""States in which there is something to withdraw when the cause of a campaign is gone."""
EXPIRE = {state: CampaignState.EXPIRING for state in RESUME}
"""What becomes of a paused campaign whose time is over."""
ENDS_IN = {
    CampaignState.RESUMING: CampaignState.WAITING,
    CampaignState.RESUMING_QUEUED: CampaignState.QUEUED,
    CampaignState.CANCELLING: CampaignState.CANCELLED,
    CampaignState.EXPIRING: CampaignState.EXPIRED,
}
"""The state that follows once all notifications have the state that it demands."""
NOTIFICATIONS_BECOME = {
    CampaignState.PAUSED: NotificationState.PAUSED,
    CampaignState.PAUSED_QUEUED: NotificationState.PAUSED,
    CampaignState.RESUMING: NotificationState.PENDING,
    CampaignState.RESUMING_QUEUED: NotificationState.PENDING,
    CampaignState.CANCELLING: NotificationState.CANCELLED,
    CampaignState.EXPIRING: NotificationState.EXPIRED,
}
"""The state that a campaign gives to those of its notifications whose sending has not begun."""
HELD_BACK = tuple(state for state, become in NOTIFICATIONS_BECOME.items() if become is not NotificationState.PENDING)
"""States of campaigns whose notifications are not claimed."""


class UnsentReason(StrEnum):
    """Why a notification was not wanted, or could not be delivered."""

    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    TOPIC_CLOSED = "topic-closed"
    TURNED_OFF = "turned-off"
    NOT_NEEDED = "not-needed"


def unsent_reason(code: str | None) -> UnsentReason:
    """The reason to show for a stored code; every other one means that the notification had become pointless."""
    if code == CallOutcome.TOPIC_GONE:
        return UnsentReason.TOPIC_CLOSED
    return UnsentReason(code) if code in set(UnsentReason) else UnsentReason.NOT_NEEDED


@dataclass(frozen=True, slots=True)
class Tally:
    """How many notifications of a campaign there are, by state."""

    states: Mapping[str, int] = field(default_factory=dict)
    unsent: Mapping[UnsentReason, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All that were queued."""
        return sum(self.states.values())

    @property
    def waiting(self) -> int:
        """Queued, claimed or in flight."""
        return sum(self.states.get(state, 0) for state in ON_THE_WAY)

    @property
    def paused(self) -> int:
        """Held back by the organiser."""
        return self.states.get(NotificationState.PAUSED, 0)

    @property
    def untold(self) -> bool:
        """Whether it ended without a message: some came too late, and none can have arrived."""
        return bool(self.states.get(NotificationState.EXPIRED)) and not any(self.states.get(s) for s in PERHAPS_READ)

    @property
    def done(self) -> float:
        """The share that is in its final state, 0 to 1, without what expired: that is no success. 0 where nothing was
        queued."""
        open_ones = self.waiting + self.paused + self.states.get(NotificationState.EXPIRED, 0)
        return 1 - open_ones / self.total if self.total else 0.0


LEAST_STARS = 10_000
"""What a bot must have before Telegram sends faster for Stars (Bot FAQ, "Broadcasting to users")."""
PRICE = 0.1
"""Stars that a message costs; those that fit the free rate cost nothing, so what is offered is the most it can cost."""


@dataclass(frozen=True, slots=True)
class PaidOffer:
    """The highest cost of sending all notifications in time, at a tenth of a Star each (R24).

    Unpaid, `late` of them would leave after `until`, when they have expired; paid, all have left by `ends_at`.
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
    in time at the free rate, or where none would be even so."""
    in_time = max(0, min(waiting, floor((until - now).total_seconds() * rate) - ahead))
    if until <= now or in_time == waiting:
        return None
    return PaidOffer(waiting, waiting - in_time, until, now + timedelta(seconds=(waiting + ahead) / paid_rate))


def estimated_end(now: datetime, starts: datetime | None, ahead: int, rate: float) -> datetime | None:
    """When the last of `ahead` notifications is sent at `rate` a second; None where none waits. Not before `starts`."""
    if not ahead:
        return None
    return max(now, starts or now) + timedelta(seconds=ahead / rate)


EQUAL_REFUSALS = 5
"""Different recipients in a row, refused in the same words, after which a campaign pauses."""
UNREACHABLE_IN_A_ROW = 50
"""Different recipients in a row who cannot be reached, after which a campaign pauses: the token may be another's."""


@dataclass(slots=True)
class RefusalRun:
    """Telegram's refusals of one campaign since it last accepted one of its messages. Recipients are told apart by any
    number of theirs."""

    reason: str = ""
    refused: set[int] = field(default_factory=set)
    unreachable: set[int] = field(default_factory=set)

    def add(self, outcome: CallOutcome, reason: str, recipient: int, *, same_for_all: bool) -> bool:
        """Count a final refusal. Returns whether the campaign must pause: at once where it is known to be about a
        message that is the same for everyone."""
        if outcome.chat_is_gone:
            self.unreachable.add(recipient)
            return len(self.unreachable) >= UNREACHABLE_IN_A_ROW
        if reason != self.reason:
            self.reason, self.refused = reason, set()
        self.refused.add(recipient)
        return (outcome.concerns_content and same_for_all) or len(self.refused) >= EQUAL_REFUSALS
