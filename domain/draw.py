"""The fair draw: which items one opening of the carousel shows, and in which order (R9, R10, R12).

A draw samples unseen items, three times as many *candidates* as it shows, gives each a key, its exposures plus a random
number from a *band*, and shows those of lowest key. So an item with fewer exposures comes sooner, which evens the
exposures out; and since the band is wide, exposures alone say little about who comes next.

The width of the band: of candidates that are `share` times as many as are shown, an average item is taken with
probability ``1 / share``. With a band of `SPREAD` times `share`, an item that lags by one exposure is
``1 + 1 / SPREAD`` times as likely: enough to pull the exposures together (their standard deviation stays below
``sqrt(SPREAD / 2)``), too little to predict a draw. Where all items fit into one draw only their order is secret, and
the band shrinks to `ORDER_SPREAD`. How far an item may lag or lead is bounded: no item is more than twice or less than
half as likely as the average one. So an item that lags far does not fill every draw, and no item can be driven off the
display by having it shown to many.

A draw never looks at all items: it costs the same for 84 of them and for 100,000.
`benchmarks/draw.py` measures this.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from random import Random

SPREAD = 6.0
"""Exposures by which an item must lag to be drawn with twice the average probability, which is the maximum."""

ORDER_SPREAD = 2.0
"""Width of the band, in exposures, where every item is drawn and chance only decides the order."""

LEAD_SPREAD = 0.5
"""First places by which an item must lag to be twice as likely as the others of its draw to come first."""

CANDIDATES = 3
"""Random unseen items for each place, of which one is drawn by its exposures."""

_PICKS = 16
"""Random picks from a long source before it is filtered completely. Where half of it is unseen, three are enough."""


class Display:
    """The items on display, and the draws from them.

    It lives in memory and belongs to one event loop. It holds exposures; the caller knows which member has seen what.
    An item's *level* is its exposures plus a head start if it joined late, as stored in the database.
    """

    def __init__(self, items: Iterable[tuple[int, str, int]] = ()) -> None:
        """`items` are (number, category, level)."""
        self._leads: dict[int, float] = {}
        self.put(items)

    def put(self, items: Iterable[tuple[int, str, int]]) -> None:
        """Replace the items by these (number, category, level). First places of items that stay are remembered."""
        self._level: dict[int, int] = {}
        self._by_category: dict[str, list[int]] = {}
        for item_id, category, level in items:
            self._level[item_id] = level
            self._by_category.setdefault(category, []).append(item_id)
        self._all = list(self._level)
        self._leads = {item_id: number for item_id, number in self._leads.items() if item_id in self._level}
        # A new item starts at the average of first places: from 0 it would come first in each draw.
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
        return len(self._items_in(category))

    def shown(self, item_id: int) -> None:
        """Count the exposure of a first view per member, item and round; an item that has left is ignored."""
        if item_id in self._level:
            self._level[item_id] += 1

    def draw(self, seen: AbstractSet[int], size: int, rng: Random, category: str | None = None) -> list[int]:
        """Draw up to `size` different items, those that the member has not seen first (R10).

        `seen` are the items that the member saw in this round. If too few are unseen, seen ones fill the rest behind
        them. With a `category`, only its items are drawn (R12). In production `rng` is ``secrets.SystemRandom()``.
        For a member who has seen more than half this looks at every item; `draw_unseen` does not.
        """
        items = self._items_in(category)
        if 2 * len(seen) <= len(items):
            return self._draw(items, seen, size, rng, items)
        return self._draw([item_id for item_id in items if item_id not in seen], frozenset(), size, rng, items)

    def draw_unseen(self, unseen: Sequence[int], size: int, rng: Random, category: str | None = None) -> list[int]:
        """The same, by the unseen items of this category; those that have left the display are ignored."""
        return self._draw(unseen, frozenset(), size, rng, self._items_in(category))

    def _draw(
        self, source: Sequence[int], seen: AbstractSet[int], size: int, rng: Random, items: Sequence[int]
    ) -> list[int]:
        """Draw unseen items of the source that are on display; fill up with others of the category."""
        if size <= 0 or not items:
            return []
        # One call to the system's randomness instead of a hundred; each draw has its own generator.
        generator = Random(rng.getrandbits(128))
        unseen = self._lowest(self._some_of(source, seen, CANDIDATES * size, generator), size, generator)
        again: list[int] = []
        if len(unseen) < size:  # then every unseen item is in it, and the rest of the category was seen
            others = self._some_of(items, frozenset(unseen), CANDIDATES * size, generator)
            again = self._lowest(others, size - len(unseen), generator)
        drawn = unseen + again
        if drawn:
            leader = self._leader(unseen or drawn, generator)
            drawn.remove(leader)
            drawn.insert(0, leader)
            if unseen:  # Repeats do not count, or endless draws of one member would move first places.
                self._leads[leader] = self._leads.get(leader, self._usual_leads) + 1
        return drawn

    def _some_of(self, source: Sequence[int], seen: AbstractSet[int], number: int, generator: Random) -> list[int]:
        """`number` different unseen items on display, each such set with the same probability; fewer where there are no
        more. It filters before it samples, so that an item that has left takes no unseen one's place."""
        levels = self._level
        found: dict[int, None] = {}
        for _ in range(_PICKS if len(source) > 4 * number else 0):
            picked = generator.choices(source, k=number)
            found.update(dict.fromkeys([item for item in picked if item in levels and item not in seen]))
            if len(found) >= number:
                return list(found)[:number]
        left = [item for item in source if item in levels and item not in seen]
        return left if len(left) <= number else generator.sample(left, number)

    def _lowest(self, candidates: list[int], size: int, generator: Random) -> list[int]:
        """The candidates of lowest key, at most `size`, in the order of their keys."""
        levels, random = self._level, generator.random
        if not candidates:
            return []
        usual = sorted([levels[item_id] for item_id in candidates])[len(candidates) // 2]
        share = max(1.0, len(candidates) / size)
        band = ORDER_SPREAD + (SPREAD * CANDIDATES - ORDER_SPREAD) * (share - 1.0) / (CANDIDATES - 1.0)
        behind, ahead = usual - band / share, usual + band / share / 2
        keys = [(min(max(levels[item_id], behind), ahead) + random() * band, item_id) for item_id in candidates]
        keys.sort()
        return [item_id for _, item_id in keys[:size]]

    def _leader(self, candidates: list[int], generator: Random) -> int:
        """The item for the first place, which every member sees: chosen like the draw, by first places instead of
        exposures."""
        band, leads, usual = LEAD_SPREAD * len(candidates), self._leads, self._usual_leads
        return min((leads.get(item_id, usual) + generator.random() * band, item_id) for item_id in candidates)[1]

    def _items_in(self, category: str | None) -> Sequence[int]:
        return self._all if category is None else self._by_category.get(category, ())
