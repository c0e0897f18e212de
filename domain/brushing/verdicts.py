"""What a vote is worth (R28): it counts, it is suspect, or it was found to be false."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What becomes of a vote. It is counted when it is cast; a run of the detector, or a person, changes that."""

    COUNTED = "counted"
    SET_ASIDE = "set-aside"
    """Suspect: it counts again once it is cleared, and its member cannot tell."""
    VOID = "void"
    """False, as a person has decided. It keeps the member's one vote for the good, its ballot and its daily slot."""


MAY_BECOME = {
    Verdict.COUNTED: frozenset({Verdict.SET_ASIDE}),
    Verdict.SET_ASIDE: frozenset({Verdict.COUNTED, Verdict.VOID}),
    Verdict.VOID: frozenset({Verdict.COUNTED}),
}
"""A vote is set aside before it is void, so that a person has looked at it. A granted appeal lets it count again."""


def came_from(verdict: Verdict) -> frozenset[Verdict]:
    """The verdicts that a vote may have had before this one."""
    return frozenset(old for old, new in MAY_BECOME.items() if verdict in new)


@dataclass(frozen=True, slots=True)
class VoteTally:
    """The votes of an item, as organisers see them.

    `public` is what everybody sees. Until the round has closed it includes `withheld` votes that are set aside or void:
    a count that fell would tell their members, and the shop, which votes were noticed.
    """

    public: int
    set_aside: int
    withheld: int

    @property
    def counted(self) -> int:
        """The votes that count."""
        return self.public - self.withheld


@dataclass(frozen=True, slots=True)
class TallyChange:
    """By how much a tally changes."""

    public: int
    set_aside: int
    withheld: int


def tally_change(old: Verdict, new: Verdict, number: int, *, round_is_open: bool) -> TallyChange:
    """What becomes of an item's tally when so many of its standing votes change their verdict (decision 12).

    The public count takes verdicts in when the round has closed: before that the votes are only withheld.
    """
    set_aside = number * ((new is Verdict.SET_ASIDE) - (old is Verdict.SET_ASIDE))
    uncounted = number * ((new is not Verdict.COUNTED) - (old is not Verdict.COUNTED))
    if round_is_open:
        return TallyChange(0, set_aside, uncounted)
    return TallyChange(-uncounted, set_aside, 0)
