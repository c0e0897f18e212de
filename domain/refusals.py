"""Refusals in a row: when a campaign pauses by itself (R26)."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.call_outcomes import CallOutcome

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
