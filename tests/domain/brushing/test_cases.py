"""From findings to what is held against the votes for one good (R28, R29)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from domain.brushing.cases import LEAST_ACCOUNTS, suspicions
from domain.brushing.votes import Account, BrushingFinding, Evidence, Pattern, Target

AT = datetime(2026, 11, 2, tzinfo=UTC)


def finding(
    members: Collection[int], items: Collection[int], score: float = 5.0, pattern: Pattern = Pattern.LOCKSTEP
) -> BrushingFinding:
    return BrushingFinding(
        pattern,
        score,
        tuple(Account(str(member), 2.0, len(items)) for member in members),
        tuple(Target(str(item), "a shop", len(members), 50, AT, AT) for item in items),
        Evidence(len(members), 0.5),
    )


TEN = range(1, 11)
VOTERS = {"7": {str(member) for member in TEN}, "8": {"1", "2"}}


def test_r28_a_finding_is_held_against_each_of_its_goods_with_those_who_voted_for_it() -> None:
    first, second = suspicions([finding(TEN, [7, 8])], VOTERS, frozenset())
    assert (first.item_id, len(first.accounts)) == (7, 10)
    assert (second.item_id, [account.member_id for account in second.accounts]) == (8, [1, 2])
    assert first.evidence[0]["pattern"] == "lockstep" and first.evidence[0]["votes"] == 10


def test_r28_several_findings_on_a_good_are_one_suspicion_of_the_highest_score() -> None:
    found = [finding(TEN, [7], 4.0), finding(TEN, [7], 9.0, Pattern.REFUND_RING)]
    (one,) = suspicions(found, VOTERS, frozenset())
    assert one.score == 9.0 and len(one.accounts) == 20 and len(one.evidence) == 2


def test_r28_the_strongest_suspicion_comes_first() -> None:
    found = suspicions([finding(TEN, [7], 4.0), finding(TEN, [8], 9.0)], VOTERS, frozenset())
    assert [each.item_id for each in found] == [8, 7]


def test_r28_canvassing_is_held_against_no_one() -> None:
    assert not list(suspicions([finding(TEN, [7], pattern=Pattern.CANVASSED)], VOTERS, frozenset()))


def test_r29_a_pattern_is_not_raised_again_for_accounts_for_which_it_was_cleared() -> None:
    cleared = frozenset((Pattern.LOCKSTEP, member) for member in (1, 2))
    (one,) = suspicions([finding(TEN, [7])], VOTERS, cleared)
    assert {account.member_id for account in one.accounts} == set(range(3, 11)) and LEAST_ACCOUNTS == 8
    assert not list(suspicions([finding(TEN, [7])], VOTERS, cleared | {(Pattern.LOCKSTEP, 3)})), "too few are left"
    (other,) = suspicions([finding(TEN, [7], pattern=Pattern.REFUND_RING)], VOTERS, cleared)
    assert len(other.accounts) == 10, "another pattern is another matter"
