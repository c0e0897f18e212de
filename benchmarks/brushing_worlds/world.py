"""A simulated world: its votes, and what is true of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum

from domain.brushing.votes import CastVote

SHANGHAI = timezone(timedelta(hours=8))
OPENS = datetime(2026, 11, 2, 8, tzinfo=SHANGHAI)


class Attack(StrEnum):
    """How votes are bought, or not."""

    HONEST = "honest"
    PLAIN = "plain"
    RANDOM_CAMOUFLAGE = "random camouflage"
    POPULAR_CAMOUFLAGE = "popular camouflage"
    AGED = "aged ids"
    HIJACKED = "hijacked"
    SLOW_BATCH = "slow batch"
    SINGLE_BATCH = "single-good batch"
    REFUND_RING = "refund ring"


@dataclass(frozen=True, slots=True)
class World:
    """Votes in random order, the accounts whose votes were bought, and the goods that they were bought for."""

    attack: Attack
    votes: list[CastVote]
    accounts: frozenset[str]
    goods: frozenset[str]
    setting: str
    twist: str = ""
    """What its operator does to be overlooked, where the generator knows such."""
    promised: bool = True
    """Whether the targets hold for it: of fan clubs they do not."""
