"""The rules of canvassing: what counts for a link's owner (R22), and when a poster is worth making anew."""

from __future__ import annotations

from enum import StrEnum

from domain.voting import MILESTONES

STEPS_FROM = 10
"""Fewer than so many are shown exactly on a poster: a rounded two would be a lie that everybody sees."""


class NoCredit(StrEnum):
    """Why an open counts for nobody; the friend is shown the item all the same."""

    OWN = "own"
    REVOKED = "revoked"
    NOT_ON_DISPLAY = "not-on-display"


def why_no_credit(owner_id: int, friend_id: int, *, revoked: bool, on_display: bool) -> NoCredit | None:
    """What keeps an open from counting for the link's owner, or None when it counts (R22).

    Whether another link brought this friend before is the database's promise, not judged here: the first one wins.
    """
    if owner_id == friend_id:
        return NoCredit.OWN
    if revoked:
        return NoCredit.REVOKED
    if not on_display:
        return NoCredit.NOT_ON_DISPLAY
    return None


def next_milestone(votes: int) -> int | None:
    """The number of votes at which the owner is told next; None after the last one (R22)."""
    return next((mark for mark in MILESTONES if mark > votes), None)


def step(wants: int) -> int:
    """The count that a poster shows: below `STEPS_FROM` the count itself, then the highest of 10, 20, 50, 100… that has
    been reached.

    So a poster stays true while votes come in, and is made anew at a step and not at each tap. Negative numbers raise
    ValueError.
    """
    if wants < 0:
        raise ValueError("A count cannot be negative.")
    if wants < STEPS_FROM:
        return wants
    power = int("1" + "0" * (len(str(wants)) - 1))
    return power * next(lead for lead in (5, 2, 1) if wants >= lead * power)
