"""What the detector finds and leaves alone, in small worlds of both generators with fixed seeds (R28)."""

from __future__ import annotations

import random

import pytest

from benchmarks.brushing import Tally, f1, ours, precision, recall
from benchmarks.brushing_worlds import market, street
from benchmarks.brushing_worlds.world import Attack, World
from domain.brushing.detection.detector import examine
from domain.brushing.votes import Pattern
from tests.campaigns.size import sized

MEMBERS = 700
UNSEEN = sized(small=1, full=8)
"""Seeds of each attack that nothing was tuned on: a world of the usual size takes a second."""
SEVERAL = [attack for attack in Attack if attack not in (Attack.HONEST, Attack.SINGLE_BATCH)]


def tally_of(world: World) -> Tally:
    """What is right of what the detector finds in a world."""
    tally = Tally()
    tally.add(world, *ours(world), "")
    return tally


@pytest.mark.parametrize("attack", SEVERAL)
@pytest.mark.parametrize("make", [market.make, street.make])
def test_an_attack_on_several_goods_is_found_with_its_accounts_and_goods(make, attack: Attack) -> None:
    tally = tally_of(make(7, attack, MEMBERS))
    assert f1(tally.accounts) >= 0.9
    assert precision(tally.goods) >= 0.9 and recall(tally.goods) >= 0.9


@pytest.mark.parametrize("make", [market.make, street.make])
def test_a_registration_batch_that_votes_for_one_good_is_found(make) -> None:
    tally = tally_of(make(7, Attack.SINGLE_BATCH, MEMBERS))
    assert precision(tally.accounts) >= 0.95 and recall(tally.accounts) >= 0.9 and recall(tally.goods) == 1


@pytest.mark.parametrize("seed", [2, *(pytest.param(seed, marks=pytest.mark.long) for seed in (0, 1))])
@pytest.mark.parametrize("make", [market.make, street.make])
def test_nothing_is_suspect_in_honest_rounds_with_a_rush_and_three_bursts(make, seed: int) -> None:
    assert not any(finding.sets_aside for finding in examine(make(seed, Attack.HONEST, MEMBERS).votes))


def test_honest_bursts_are_labelled_as_canvassed_and_not_suspect() -> None:
    findings = examine(market.make(2, Attack.HONEST, MEMBERS).votes)
    bursts = [finding for finding in findings if finding.pattern is Pattern.CANVASSED]
    assert len(bursts) >= 3 and not any(burst.sets_aside for burst in bursts)
    assert all(burst.evidence.via and len(burst.accounts) >= 40 for burst in bursts[:3])


@pytest.mark.parametrize(
    ("attack", "pattern"),
    [
        (Attack.AGED, Pattern.LOCKSTEP),
        (Attack.SLOW_BATCH, Pattern.REGISTRATION_BATCH),
        (Attack.SINGLE_BATCH, Pattern.REGISTRATION_BATCH),
        (Attack.REFUND_RING, Pattern.REFUND_RING),
    ],
)
def test_a_finding_says_what_its_votes_have_in_common(attack: Attack, pattern: Pattern) -> None:
    findings = examine(street.make(7, attack, MEMBERS).votes)
    found = next(finding for finding in findings if finding.pattern is pattern)
    assert found.evidence.observed > 5 * found.evidence.expected
    assert found.score > 3
    assert (found.evidence.id_span > 0) == (pattern is Pattern.REGISTRATION_BATCH)
    assert pattern is not Pattern.REFUND_RING or found.evidence.refunded >= 0.7 * len(found.accounts)


def test_the_order_of_the_votes_does_not_matter() -> None:
    votes = street.make(7, Attack.POPULAR_CAMOUFLAGE, MEMBERS).votes
    mixed = [*votes]
    random.Random(1).shuffle(mixed)
    assert examine(mixed) == examine(votes)


def test_no_votes_have_no_findings() -> None:
    assert examine([]) == ()


def test_a_single_vote_has_no_findings() -> None:
    assert examine(street.make(7, Attack.HONEST, MEMBERS).votes[:1]) == ()


@pytest.mark.long
@pytest.mark.parametrize("make", [market.make, street.make])
def test_the_targets_are_met_on_seeds_that_nothing_was_tuned_on(make) -> None:
    for attack in Attack:
        tally = Tally()
        for seed in range(9000, 9000 + UNSEEN):
            world = make(seed, attack)
            tally.add(world, *ours(world), "")
        assert tally.set_aside <= 0.001 * tally.honest
        if attack is Attack.HONEST:
            assert tally.flagged == 0
        elif attack is Attack.SINGLE_BATCH:
            assert precision(tally.accounts) >= 0.95 and recall(tally.accounts) >= 0.9, attack
        else:
            assert f1(tally.accounts) >= 0.95, attack
            assert min(precision(tally.goods), recall(tally.goods)) >= 0.95, attack
