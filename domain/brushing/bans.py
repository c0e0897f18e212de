"""How long a shop is banned, and who has to agree (R29). A ban ends by the clock; no machine bans anyone."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import instant

SHORTEST, MIDDLE, LONGEST = 1, 3, 6
"""Months of a ban."""
APPEAL_WITHIN = timedelta(days=7)
"""How long after the decision a shop may appeal, once."""
SAME_ORGANISER_AFTER = timedelta(hours=24)
"""How long a single organiser waits before they decide on the appeal against their own decision."""


def months_by_gravity(earlier_bans: int, false_votes: int, honest_votes: int, organisers: int) -> int:
    """Months of a ban: one for the first; three for the second, or where half of the good's votes are false; six for
    the third, or where four fifths are. A single organiser bans for one month at most.

    `earlier_bans` are the shop's that no appeal has lifted. Raises ValueError without a false vote.
    """
    if false_votes <= 0:
        raise ValueError("no shop is banned without a false vote")
    of_all = false_votes + honest_votes
    if organisers <= 1:
        return SHORTEST
    if earlier_bans >= 2 or 5 * false_votes >= 4 * of_all:
        return LONGEST
    return MIDDLE if earlier_bans == 1 or 2 * false_votes >= of_all else SHORTEST


def months_in_force(asked_months: int, *, agreed: bool) -> int:
    """Months that a ban lasts as things are: above one month a second organiser has to agree."""
    return asked_months if agreed else SHORTEST


def may_agree(asked_months: int, decided_by: str, agreed_by: str | None, organiser: str) -> bool:
    """Whether this organiser may agree to a longer ban: another one than who decided, and once."""
    return asked_months > SHORTEST and agreed_by is None and organiser != decided_by


def ban_ends(begins_at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The end (UTC) of a ban that begins at this moment (aware): at the same local time so many months later, or on the
    last day of a month that is too short."""
    local = begins_at.astimezone(zone).replace(tzinfo=None)
    years, month = divmod(local.month - 1 + months, 12)
    year, month = local.year + years, month + 1
    return instant(zone, local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1])))


def may_appeal(decided_at: datetime, now: datetime, *, appealed: bool) -> bool:
    """Whether a shop may appeal against a decision: within seven days, once (both times aware)."""
    return not appealed and now < decided_at + APPEAL_WITHIN


def may_decide_appeal(decided_by: str, organiser: str, recorded_at: datetime, now: datetime, organisers: int) -> bool:
    """Whether this organiser may decide on an appeal (both times aware): another one than who decided the case; with a
    single organiser the same one, after a day."""
    return organiser != decided_by or (organisers <= 1 and now >= recorded_at + SAME_ORGANISER_AFTER)
