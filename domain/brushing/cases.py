"""Cases: people decide on what the detector has found (R29)."""

from __future__ import annotations

from enum import StrEnum


class CaseOutcome(StrEnum):
    """How a case is decided."""

    CLEARED = "cleared"
    """All its votes count, and its patterns are not raised again for its accounts."""
    VOTES_FALSE = "votes-false"
    """The false votes are void; the good and its shop stay, for a rival may have bought them."""
    CONFIRMED = "confirmed"
    """The false votes are void, the good is out and its shop is banned."""
