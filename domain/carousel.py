"""Views of the carousel: cards at their places in a draw, and the empty display (R9-R12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.goods import Item


@dataclass(frozen=True, slots=True)
class Place:
    """A card's place: `position` counts from 0 in a draw of `of` cards. Draw 0 is a single card outside any draw."""

    draw: int = 0
    position: int = 0
    of: int = 1


@dataclass(frozen=True, slots=True)
class Card:
    """One item as one member sees it now.

    `others` counts the items on display that are not in the draw, on its last card only, and is 0 elsewhere.
    `alerts_on` is the member's setting; `void` says that their vote was found to be false, as they were told (R28).
    """

    item: Item
    place: Place
    voted: bool
    following: bool
    on_display: bool
    others: int = 0
    alerts_on: bool = True
    void: bool = False


@dataclass(frozen=True, slots=True)
class NothingOnDisplay:
    """Nothing is on display, or nothing in one category. `next_opening` (aware) is that of the next round."""

    next_opening: datetime
    category: str | None = None
