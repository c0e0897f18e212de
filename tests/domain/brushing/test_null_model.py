"""What chance explains: never less than it does, and no more than a member's votes can be for."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from domain.brushing.detection.ballot_box import BallotBox, ballot_box
from domain.brushing.detection.null_model import TASTE, Spans, by_chance
from domain.brushing.detection.tails import surprise
from domain.brushing.votes import CastVote
from tests.domain.brushing.test_patterns import GOODS, vote

MINUTE = 60


def honest(members: int) -> list[CastVote]:
    """Members who cast one to five votes in each of two rounds, half of them at once; some goods are popular."""
    chance, found = Random(11), []
    for member in range(members):
        for round_ in range(2):
            wanted, minute = chance.randint(1, 5), chance.choice([2.0, chance.uniform(60, 1200)])
            goods = list(range(GOODS))
            for _ in range(wanted):
                (good,) = chance.choices(goods, [1 / (3 + good) for good in goods])
                goods.remove(good)
                found.append(vote(f"m{member}", round_ * GOODS + good, minute, 10**9 + member))
    return found


def chances(box: BallotBox, goods: list[int], spans: Spans | None) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.array([box.items.index(f"g{good}") for good in goods])
    everyone = np.ones(len(box.members), bool)
    return by_chance(box, numbers, spans, ~everyone, everyone)


@pytest.mark.parametrize("timed", [False, True])
@pytest.mark.parametrize("goods", [[1, 4, 7], [0, 2, 5, 6, 9], [0, 3, 12, 14, 20]])
def test_honest_members_do_not_have_more_goods_in_common_than_chance_is_said_to_explain(
    goods: list[int], timed: bool
) -> None:
    box = ballot_box(honest(4_000))
    opens = np.array([good // GOODS * 86_400 for good in goods])
    spans = Spans(opens, opens + 5 * MINUTE + np.arange(len(goods))) if timed else None
    hits, tails = chances(box, goods, spans)
    for least in range(1, len(goods) + 1):
        assert surprise(int((hits >= least).sum()), float(tails[:, least].sum())) < 3


def test_three_votes_can_be_for_three_goods_in_six_ways() -> None:
    crowd = [vote(f"m{n}", good, 5, 10**9 + n) for n in range(40) for good in (n % 12, (n + 5) % 12)]
    box = ballot_box(crowd + [vote("x", good, 5, 7) for good in (1, 2, 3)])
    _, tails = chances(box, [1, 2, 3], None)
    shares = np.array([box.shares[box.items.index(f"g{good}")] for good in (1, 2, 3)])
    assert tails[box.members.index("x"), 3] == pytest.approx(6 * np.prod(TASTE * shares), rel=0.2)
    assert tails[box.members.index("m0"), 3] == 0, "two votes are for two goods at most"


def test_votes_in_hours_apart_are_counted_for_the_goods_of_these_hours_only() -> None:
    crowd = [vote(f"m{n}", n % 12, 5 + n % 2 * 600, 10**9 + n) for n in range(60)]
    box = ballot_box([*crowd, vote("x", 1, 5, 7), vote("x", 2, 6, 7), vote("x", 3, 7, 7)])
    spans = Spans(np.array([0, 36_000]), np.array([3_600, 39_600]))
    _, tails = chances(box, [1, 2], spans)
    assert tails[box.members.index("x"), 1] > 0
    assert tails[box.members.index("x"), 2] == 0
