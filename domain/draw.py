"""The fair draw: which items one opening of the carousel shows, and in which order (R9, R10, R12).

A draw takes a few *candidates* by chance alone from what the member has not seen, three times as many as it shows,
gives each a key, its exposures plus a random number from a *band*, and shows those of lowest key. An item that has been
shown less therefore comes sooner, which evens the exposures out; and since the band is wide, the exposures alone say
little about who comes next.

How wide? Of candidates that are `share` times as many as are shown, an item at the average is taken with probability
``1 / share``. With a band of `SPREAD` times `share` an item that lags by one exposure is ``1 + 1 / SPREAD`` times as
likely: enough to pull the exposures together (their standard deviation stays below ``sqrt(SPREAD / 2)``), too little
to bet on. Where all items fit into one draw nothing but their order is secret, and the band shrinks to `ORDER_SPREAD`.
How far an item may lag or lead is bounded: whatever happened, none is more than twice as likely as the usual one, nor
less than half as likely. So one that is far behind does not fill every draw, and nobody can drive one off the display
by having it shown to many.

Since nothing is ever done for all items, a draw costs the same for 84 of them and for 100,000.
`benchmarks/draw.py` measures all of this.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from random import Random

SPREAD = 6.0
"""Exposures by which an item must lag to be twice as likely as the average item to be drawn, and no likelier."""

ORDER_SPREAD = 2.0
"""Width of the band, in exposures, where every item is drawn and chance only decides the order."""

LEAD_SPREAD = 0.5
"""First places by which an item must lag to be twice as likely as the others of its draw to come first."""

CANDIDATES = 3
"""Of so many unseen items, taken by chance alone, one is drawn by its exposures."""

_PICKS = 16
"""Picks from a long source before it is filtered item by item. Where half of it counts, three or four are enough."""


class Display:
    """The items on display, and the draws from them.

    It lives in memory, belongs to one event loop, and holds exposures only; who has seen what is the caller's to know.
    An item's *level* is its exposures, plus a head start if it joined late: that is what the database has.
    """

    def __init__(self, items: Iterable[tuple[int, str, int]] = ()) -> None:
        """`items` are (number, category, level)."""
        self._leads: dict[int, float] = {}
        self.put(items)

    def put(self, items: Iterable[tuple[int, str, int]]) -> None:
        """Show these, (number, category, level), and no others; first places are remembered of those that stay."""
        self._level: dict[int, int] = {}
        self._shelves: dict[str, list[int]] = {}
        for item_id, category, level in items:
            self._level[item_id] = level
            self._shelves.setdefault(category, []).append(item_id)
        self._all = list(self._level)
        self._leads = {item_id: number for item_id, number in self._leads.items() if item_id in self._level}
        # Whoever is new among the first places starts at their average: from 0 it would come first each time.
        self._usual_leads = sum(self._leads.values()) / len(self._leads) if self._leads else 0.0

    def __len__(self) -> int:
        return len(self._level)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._level

    def level(self, item_id: int) -> int:
        """The item's exposures including its head start. KeyError if it is not on display."""
        return self._level[item_id]

    def count(self, category: str | None = None) -> int:
        """How many items are on display, in one category or in all."""
        return len(self._shelf(category))

    def shown(self, item_id: int) -> None:
        """Count one exposure.

        Call it at the *first* view per member, item and round only: then a rival who flips through the carousel all
        day adds one exposure to each item and no more. An item that has left the display is ignored.
        """
        if item_id in self._level:
            self._level[item_id] += 1

    def draw(self, seen: AbstractSet[int], size: int, rng: Random, category: str | None = None) -> list[int]:
        """Draw up to `size` different items, those that the member has not seen first (R10).

        `seen` are the items that the member saw in this round. If too few are unseen, seen ones fill the rest behind
        them. With a `category`, only its items are drawn (R12). In production `rng` is ``secrets.SystemRandom()``.
        For a member who has seen more than half this looks at every item; `draw_unseen` does not.
        """
        shelf = self._shelf(category)
        if 2 * len(seen) <= len(shelf):
            return self._draw(shelf, seen, size, rng, shelf)
        return self._draw([item_id for item_id in shelf if item_id not in seen], frozenset(), size, rng, shelf)

    def draw_unseen(self, unseen: Sequence[int], size: int, rng: Random, category: str | None = None) -> list[int]:
        """The same for a member of whom is known what they have not seen, different items of this category.

        Items that have left the display since `unseen` was read are ignored.
        """
        return self._draw(unseen, frozenset(), size, rng, self._shelf(category))

    def _draw(
        self, source: Sequence[int], seen: AbstractSet[int], size: int, rng: Random, shelf: Sequence[int]
    ) -> list[int]:
        """Draw what of the source is on display and not seen; behind it others of the shelf."""
        if size <= 0 or not shelf:
            return []
        # One question to the system's randomness instead of a hundred: nothing of one draw is left for the next.
        dice = Random(rng.getrandbits(128))
        unseen = self._lowest(self._some_of(source, seen, CANDIDATES * size, dice), size, dice)
        again: list[int] = []
        if len(unseen) < size:  # then what is unseen was taken whole, and all else on the shelf was seen
            others = self._some_of(shelf, frozenset(unseen), CANDIDATES * size, dice)
            again = self._lowest(others, size - len(unseen), dice)
        drawn = unseen + again
        if drawn:
            leader = self._leader(unseen or drawn, dice)
            drawn.remove(leader)
            drawn.insert(0, leader)
            if unseen:  # What is seen again counts nowhere: else a rival's endless draws would move first places.
                self._leads[leader] = self._leads.get(leader, self._usual_leads) + 1
        return drawn

    def _some_of(self, source: Sequence[int], seen: AbstractSet[int], number: int, dice: Random) -> list[int]:
        """`number` different items that are on display and not seen, each set of them as likely as any other.

        All of them where there are no more. Filters before it counts: an item that has left must not take the place of
        an unseen one.
        """
        levels = self._level
        found: dict[int, None] = {}
        for _ in range(_PICKS if len(source) > 4 * number else 0):
            picked = dice.choices(source, k=number)
            found.update(dict.fromkeys([item for item in picked if item in levels and item not in seen]))
            if len(found) >= number:
                return list(found)[:number]
        left = [item for item in source if item in levels and item not in seen]
        return left if len(left) <= number else dice.sample(left, number)

    def _lowest(self, candidates: list[int], size: int, dice: Random) -> list[int]:
        """The candidates of lowest key, at most `size`, in the order of their keys."""
        levels, random = self._level, dice.random
        if not candidates:
            return []
        usual = sorted([levels[item_id] for item_id in candidates])[len(candidates) // 2]
        share = max(1.0, len(candidates) / size)
        band = ORDER_SPREAD + (SPREAD * CANDIDATES - ORDER_SPREAD) * (share - 1.0) / (CANDIDATES - 1.0)
        behind, ahead = usual - band / share, usual + band / share / 2
        keys = [(min(max(levels[item_id], behind), ahead) + random() * band, item_id) for item_id in candidates]
        keys.sort()
        return [item_id for _, item_id in keys[:size]]

    def _leader(self, candidates: list[int], dice: Random) -> int:
        """The item for the first place, by the law of the draw itself, over first places instead of exposures.

        The first card is the one that everybody sees. The order of exposures alone leaves its distribution to chance.
        """
        band, leads, usual = LEAD_SPREAD * len(candidates), self._leads, self._usual_leads
        return min((leads.get(item_id, usual) + dice.random() * band, item_id) for item_id in candidates)[1]

    def _shelf(self, category: str | None) -> Sequence[int]:
        return self._all if category is None else self._shelves.get(category, ())
