"""The evidence of a case, shaped for an organiser (R29)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.brushing.evidence import (
    Bar,
    CaseEvidence,
    CoVote,
    IdBatch,
    JudgedVote,
    LinkVotes,
    case_evidence,
    read_patterns,
)
from domain.brushing.neighbourhoods import WIDTH
from domain.brushing.verdicts import Verdict
from domain.brushing.votes import LEAST_CANVASSED, Pattern

OPENS = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


def vote(
    member: int, hours: float = 0, *, named: bool = False, at: int | None = None, via: int | None = None
) -> JudgedVote:
    """A standing vote so many hours after the opening."""
    patterns = (Pattern.LOCKSTEP,) if named else ()
    return JudgedVote(member, at, OPENS + timedelta(hours=hours), Verdict.COUNTED, via, patterns)


def shaped(*votes: JudgedVote, co_votes: tuple[CoVote, ...] = (), hours: float = 24) -> CaseEvidence:
    """The evidence in these votes of a round of so many hours."""
    return case_evidence(votes, co_votes, OPENS, OPENS + timedelta(hours=hours))


def test_r29_votes_are_counted_by_the_hour_of_the_round_without_a_gap() -> None:
    evidence = shaped(vote(1, 0.5), vote(2, 2.99, named=True), vote(3, 2.0), hours=3.5)
    assert evidence.bar == timedelta(hours=1)
    assert [(bar.named, bar.others) for bar in evidence.bars] == [(0, 1), (0, 0), (1, 1), (0, 0)]
    assert evidence.bars[2].begins == OPENS + timedelta(hours=2)


@pytest.mark.parametrize(
    ("hours", "width", "bars"), [(0, 1, 1), (24, 1, 24), (96, 1, 96), (97, 2, 49), (24 * 9, 3, 72)]
)
def test_a_longer_round_has_wider_bars(hours: int, width: int, bars: int) -> None:
    evidence = shaped(vote(1), hours=hours)
    assert (evidence.bar, len(evidence.bars)) == (timedelta(hours=width), bars)


def test_a_round_that_never_ends_has_a_bounded_number_of_bars() -> None:
    assert len(shaped(vote(1), hours=24 * 5000).bars) == 96


def test_votes_outside_of_the_round_are_in_the_next_bar() -> None:
    assert shaped(vote(1, -3), vote(2, 99), hours=2).bars == (
        Bar(OPENS, 0, 1),
        Bar(OPENS + timedelta(hours=1), 0, 1),
    )


def test_r29_goods_that_several_accounts_share_say_which_and_when() -> None:
    accounts = [vote(member, member / 10, named=True) for member in (3, 1, 2)]
    others = (
        *(CoVote(member, 7, OPENS + timedelta(hours=member)) for member in (1, 2, 3)),
        *(CoVote(member, 8, OPENS) for member in (2, 3)),
        *(CoVote(member, 9, OPENS) for member in (1, 99)),
    )
    evidence = shaped(*accounts, vote(99), co_votes=others)
    assert [(good.item_id, good.accounts) for good in evidence.goods] == [(7, {0, 1, 2}), (8, {1, 2})]
    assert evidence.shared_by == {1: 1, 2: 2, 3: 2}
    assert evidence.goods[0].begins == OPENS + timedelta(hours=1)
    assert evidence.goods[0].ends == OPENS + timedelta(hours=3)


def test_r29_of_neighbouring_ids_only_numbers_come_out() -> None:
    ids = {1: 700, 2: 705, 3: 700 + WIDTH, 4: 10**9, 5: 10**9 + 1, 6: 5 * 10**9, 7: None}
    evidence = shaped(*(vote(member, named=True, at=at) for member, at in ids.items()), vote(8, at=701))
    assert evidence.batches == (IdBatch(3, WIDTH + 1),)
    assert evidence.batch_of == {1: 0, 2: 0, 3: 0}
    assert evidence.apart == 4


def test_r29_links_say_how_many_votes_they_brought_and_what_is_canvassed() -> None:
    many = [vote(100 + n, via=5) for n in range(LEAST_CANVASSED)]
    evidence = shaped(*many, vote(1, via=4, named=True), vote(2, named=True), vote(3))
    assert evidence.links == (LinkVotes(5, LEAST_CANVASSED, 0), LinkVotes(4, 1, 1), LinkVotes(None, 2, 1))
    assert [link.canvassed for link in evidence.links] == [True, False, False]


def test_a_case_without_votes_has_empty_evidence() -> None:
    evidence = shaped()
    assert (evidence.accounts, evidence.goods, evidence.batches, evidence.links) == (0, (), (), ())


def test_stored_findings_are_read_the_strongest_first_and_what_is_missing_is_zero() -> None:
    weak, strong = (
        {"pattern": "lockstep", "score": 2.0},
        {"pattern": "refund-ring", "score": 9, "votes": 12, "begins": None},
    )
    first, second = read_patterns([weak, strong | {"ends": OPENS.isoformat()}])
    assert (first.pattern, first.votes, first.begins, first.ends) == (Pattern.REFUND_RING, 12, None, OPENS)
    assert (second.pattern, second.votes, second.expected) == (Pattern.LOCKSTEP, 0, 0)
