"""What the carousel shows: cards, each at its place in a draw (R9-R12), and how hot an item is (R11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.goods import Item


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card stands: `position` counts from 0 in a draw of `of` cards. Draw 0 is a card on its own."""

    draw: int = 0
    position: int = 0
    of: int = 1


@dataclass(frozen=True, slots=True)
class Card:
    """One item as one member sees it now.

    `others` is how many goods wait beside its draw: counted at the draw's last card, and 0 elsewhere. `alerts_on` is
    whether the member lets alerts come: who does not is promised none.
    """

    item: Item
    place: Place
    voted: bool
    following: bool
    on_display: bool
    others: int = 0
    alerts_on: bool = True


@dataclass(frozen=True, slots=True)
class NothingOnDisplay:
    """The display is empty, in all or in one category; `next_opening` (aware) is when that may change."""

    next_opening: datetime
    category: str | None = None


@dataclass(frozen=True, slots=True)
class CategoryCounts:
    """What the category menu shows: how many items each holds now (R12)."""

    counts: dict[str, int]
    place: Place
