"""What the picture of a case shows: words and numbers, before anything is drawn (R29)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlotBar:
    """A bar of the time plot: votes of the accounts of the case, and of others."""

    named: int
    others: int


@dataclass(frozen=True, slots=True)
class GoodRow:
    """A good, in words, and which accounts of the case voted for it, by their places."""

    title: str
    about: str
    accounts: frozenset[int]


@dataclass(frozen=True, slots=True)
class Lines:
    """A heading and what stands below it."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CasePicture:
    """What the picture shows; texts are in the reader's language. `named` and `others` are the legends of the two kinds
    of votes, `times` has the label of some bars by their place, `accounts` is how many the case names."""

    title: str
    subtitle: str
    named: str
    others: str
    hours: str
    bars: tuple[PlotBar, ...]
    times: tuple[tuple[int, str], ...]
    matrix: str
    accounts: int
    goods: tuple[GoodRow, ...]
    more_goods: str
    lists: tuple[Lines, ...]
