"""Where an erased member's Telegram ID was, roughly: evidence of registration batches that erasure must not remove."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from datetime import timedelta
from hashlib import sha256

WIDTH = 4096
"""Telegram IDs of a neighbourhood: enough to hide in, and no more than the accounts that one batch registers."""
KEPT_FOR = timedelta(days=7)
"""How long after its round a vote keeps the neighbourhood of its erased member."""
_LENGTH = 32
_SPREAD = 2_654_435_761
"""Knuth's multiplier: the places of successive members within a neighbourhood look like chance."""


def neighbourhood_hash(key: bytes, telegram_id: int) -> str:
    """Recognises accounts of one neighbourhood; says nothing without the key, and not which account it is with it."""
    return hmac.new(key, f"neighbourhood {telegram_id // WIDTH}".encode(), sha256).hexdigest()[:_LENGTH]


def placed(key: bytes, known_ids: Collection[int], erased: Mapping[int, str]) -> dict[int, int]:
    """A Telegram ID for each erased member, by the hash of their neighbourhood: somewhere in it, where an account that
    is known lives there too. Neighbourhoods that only erased members share are put beyond all IDs, far apart."""
    places = {neighbourhood_hash(key, at * WIDTH): at for at in {known // WIDTH for known in known_ids}}
    beyond = max(places.values(), default=0)
    for number, unknown in enumerate(sorted(set(erased.values()) - places.keys()), 1):
        places[unknown] = beyond + number * WIDTH
    return {member: places[where] * WIDTH + member * _SPREAD % WIDTH for member, where in erased.items()}
