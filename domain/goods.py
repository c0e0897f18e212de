"""Items: states, categories, texts, prices and heat (R1-R3, R11)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.reading.shown_text import clean


class Category(StrEnum):
    """The eight categories of goods (R3), in the order in which they are shown."""

    APPAREL = "apparel"
    FASHION = "fashion"
    SHOES_BAGS = "shoes_bags"
    APPLIANCES = "appliances"
    FOOD = "food"
    MOTHER_BABY = "mother_baby"
    HOME = "home"
    OTHER = "other"


class ItemState(StrEnum):
    """Where an item stands on its way from registration to an open group (R1)."""

    REGISTERED = "registered"
    PASSED = "passed"
    REFUSED = "refused"
    ON_DISPLAY = "on_display"
    DISPLAYED = "displayed"
    SAMPLED = "sampled"
    REVIEWED = "reviewed"
    SCHEDULED = "scheduled"
    OPEN = "open"
    REJECTED = "rejected"
    EXPIRED = "expired"


THE_WAY = (
    ItemState.REGISTERED,
    ItemState.PASSED,
    ItemState.ON_DISPLAY,
    ItemState.DISPLAYED,
    ItemState.SAMPLED,
    ItemState.REVIEWED,
    ItemState.SCHEDULED,
    ItemState.OPEN,
)
"""The states of an item that reaches its group, in order (R1)."""

ENDS = frozenset({ItemState.REFUSED, ItemState.REJECTED, ItemState.EXPIRED})
"""States that end an item before its group; each carries a reason (R1, R5)."""


UNDECIDED = frozenset({ItemState.DISPLAYED, ItemState.SAMPLED, ItemState.REVIEWED})
"""States of an item whose round is over and without an organiser's decision yet (R6)."""


class WhyOut(StrEnum):
    """What may end an item that members voted for (R5)."""

    SAMPLE = "sample"
    QUALIFICATION = "qualification"
    PRICE = "price"
    QUANTITY = "quantity"
    TIME = "time"


BRUSHING = "brushing"
"""The reason in the history of a good that is out because votes for it were bought: only a case gives it (R29)."""


def steps_between(now: ItemState, goal: ItemState) -> tuple[ItemState, ...]:
    """The states that an item passes from `now` (left out) to `goal` (included): none is skipped (R1).

    Raises ValueError when `goal` does not lie ahead of `now`.
    """
    if now not in THE_WAY or goal not in THE_WAY[THE_WAY.index(now) + 1 :]:
        raise ValueError(f"an item that is {now} cannot become {goal}")
    return THE_WAY[THE_WAY.index(now) + 1 : THE_WAY.index(goal) + 1]


class Item(NamedTuple):  # a tuple: several are made at each tap
    """One candidate good in one round. Prices are integer fen (R2); counts are of valid acts only."""

    id: int
    ref: str
    listing_number: int
    shop: str
    title_zh: str
    title_en: str
    category: Category
    original_fen: int
    expected_fen: int
    stock: int
    lead_days: int
    url: str
    picture_id: int
    description_zh: str
    description_en: str
    state: ItemState
    wants: int
    shown: int
    closes_at: datetime | None
    group_opens_at: datetime | None
    group_url: str | None
    shop_banned_until: datetime | None = None

    def kept_back_until(self, now: datetime) -> datetime | None:
        """The end (aware) of the ban of its shop, before which no round displays what is not on display; else None."""
        return self.shop_banned_until if self.shop_banned_until and self.shop_banned_until > now else None

    def title(self, language: str) -> str:
        """The title for a reader of `language`; where no English one is given, the Chinese one. The ref stands for a
        title with nothing to see, which earlier versions imported."""
        written = self.title_en or self.title_zh if language == "en" else self.title_zh
        return clean(written) or self.ref

    def description(self, language: str) -> str:
        """The description for a reader of `language`; where no English one is given, the Chinese one."""
        return clean(self.description_en or self.description_zh if language == "en" else self.description_zh)


def percent_off(original_fen: int, expected_fen: int) -> int:
    """How much less the expected price is, in whole percent rounded down, from 1 to 99; 0 for less than one percent,
    which is no discount to speak of (R11). Rounding down never promises more than there is."""
    if original_fen <= 0:
        return 0
    return min(99, max(0, (original_fen - expected_fen) * 100 // original_fen))


MAX_HEAT = 5

_UNCONVINCED = 40
"""Imagined members who saw the item and did not vote: a handful of exposures proves little."""

_FLAMES_AT_PERCENT = (2, 5, 10, 20, 35)


def heat(votes: int, shown: int) -> int:
    """Rate the share of members who saw an item and voted for it, from 0 to `MAX_HEAT` flames (R11).

    `votes` counts the valid votes, `shown` the exposures. More votes never lower the heat, more exposures never raise
    it. Votes without an exposure, by a canvass link, count as exposures. Raises ValueError for negative numbers.
    """
    if votes < 0 or shown < 0:
        raise ValueError("Votes and exposures cannot be negative.")
    witnesses = max(shown, votes) + _UNCONVINCED
    return sum(votes * 100 >= percent * witnesses for percent in _FLAMES_AT_PERCENT)
