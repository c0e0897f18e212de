"""Shared cards: their look, how often they are edited, and the search of inline mode."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from domain.people import LANGUAGES

GAP = timedelta(seconds=3)
"""The shortest time between two edits of a card that was sent through inline mode."""

CHAT_GAP = timedelta(seconds=15)
"""The same in a bound chat, where edits and messages share 20 a minute (Bot API FAQ)."""

_BOTH = "b"


@dataclass(frozen=True, slots=True)
class Look:
    """A card's languages, and whether it has a picture.

    Its code travels in a button, so it is short: one character for the languages, and `p` (picture) or `t` (text).
    """

    languages: tuple[str, ...]
    photo: bool

    @property
    def code(self) -> str:
        """Two letters."""
        return (self.languages[0][0] if len(self.languages) == 1 else _BOTH) + ("p" if self.photo else "t")

    @classmethod
    def parse(cls, code: str) -> Look:
        """Read a code. A forged one becomes a valid look, too."""
        languages = tuple(language for language in LANGUAGES if code.startswith(language[0]))
        return cls(languages or LANGUAGES, code.endswith("p"))


@dataclass(frozen=True, slots=True)
class Offered:
    """An item on display with the texts that a query searches."""

    item_id: int
    texts: tuple[str, ...]


def search(
    display: Iterable[Offered],
    query: str,
    first: Collection[int],
    order: Callable[[int], bytes],
) -> list[int]:
    """The items that match a query of inline mode, in order and each once (Bot API: results have unique identifiers).

    Every word of the query must occur in the texts, in any case and width. Items of `first` keep their
    order; the others are sorted by `order`, which is secret, so that no shop can steer it (R10).
    """
    words = _plain(query).split()
    texts = ((offer.item_id, _plain("\n".join(offer.texts)) if words else "") for offer in display)
    matching = {item_id for item_id, text in texts if all(word in text for word in words)}
    ahead = [item_id for item_id in dict.fromkeys(first) if item_id in matching]
    return ahead + sorted(matching.difference(ahead), key=order)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
