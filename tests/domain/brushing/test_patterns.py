"""Single patterns, each in the smallest world that shows it (R28)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from domain.brushing.detection.detector import examine
from domain.brushing.votes import BrushingFinding, CastVote, Pattern

OPENS = datetime(2026, 11, 2, tzinfo=UTC)
GOODS, ROUNDS = 12, 3
SPREAD = 9_999_991
"""IDs of the crowd are this far apart."""


def vote(member: str, good: int, minute: float, telegram_id: int, **more: int | str) -> CastVote:
    """A vote for a good of round `good // GOODS`, so many minutes after its opening."""
    at = OPENS + timedelta(days=good // GOODS, minutes=minute)
    return CastVote(f"g{good}", f"s{good % 5}", member, telegram_id, at, **more)  # type: ignore[arg-type]


def crowd(members: int = 400, **more: int) -> list[CastVote]:
    """Members who vote for three goods a round, at all hours, with IDs far apart."""
    chance, found = Random(3), []
    for member in range(members):
        for round_ in range(ROUNDS):
            minute = chance.uniform(0, 1380)
            for good in chance.sample(range(GOODS), 3):
                minute += 1
                found.append(vote(f"m{member}", round_ * GOODS + good, minute, 10**9 + member * SPREAD, **more))
    return found


def suspects(votes: list[CastVote]) -> list[BrushingFinding]:
    """The findings whose votes are suspect."""
    return [finding for finding in examine(votes) if finding.sets_aside]


def test_a_crowd_alone_is_not_suspect() -> None:
    assert not suspects(crowd())


@pytest.mark.parametrize("minutes", [30, 180])
def test_accounts_that_vote_for_three_goods_in_the_same_hours_are_a_lockstep_group(minutes: int) -> None:
    group = [
        vote(f"x{account}", good, 300 + account * minutes / 25, 2 * 10**9 + account * 7 * SPREAD)
        for account in range(25)
        for good in (1, 14, 30)
    ]
    (finding,) = suspects(crowd() + group)
    assert finding.pattern is Pattern.LOCKSTEP
    found = {account.member for account in finding.accounts}
    assert found >= {f"x{account}" for account in range(25)}
    assert len(found) <= 27, "in so small a crowd one or two members do the same"
    assert {good.item for good in finding.goods} == {"g1", "g14", "g30"}


@pytest.mark.parametrize("days", [800, 2_500_000])
def test_a_date_that_is_far_away_hides_no_group_and_takes_no_memory(days: int) -> None:
    group = [
        vote(f"x{account}", good, 300 + account, 2 * 10**9 + account * 7 * SPREAD)
        for account in range(25)
        for good in (1, 14, 30)
    ]
    late = [vote("late", good, days * 1440, 77) for good in (0, 1)]
    (finding,) = suspects(crowd() + group + late)
    assert {good.item for good in finding.goods} == {"g1", "g14", "g30"}


def test_friends_who_come_by_one_link_for_one_good_are_canvassed() -> None:
    friends = [vote(f"f{n}", 5, 200 + n / 2, 6 * 10**9 + n * SPREAD // 3, via="m1", granted=1) for n in range(60)]
    findings = examine(crowd() + friends)
    assert [finding.pattern for finding in findings] == [Pattern.CANVASSED]
    assert findings[0].evidence.via == "m1" and len(findings[0].accounts) == 60


def test_neighbouring_ids_for_one_good_are_a_batch_even_over_a_whole_day() -> None:
    batch = [vote(f"x{n}", 5, n * 50 % 1380, 3 * 10**9 + n * 23) for n in range(25)]
    (finding,) = suspects(crowd() + batch)
    assert finding.pattern is Pattern.REGISTRATION_BATCH
    assert {account.member for account in finding.accounts} == {f"x{n}" for n in range(25)}
    assert [good.item for good in finding.goods] == ["g5"]
    assert finding.evidence.id_span == 24 * 23 + 1


def test_friends_who_joined_telegram_in_the_same_hour_and_come_by_a_link_are_canvassed() -> None:
    friends = [
        vote(f"f{n}", 5, 200 + n, 6 * 10**9 + n * 700 + n % 7 * 90, **({"via": "m1"} if n % 2 else {}))
        for n in range(60)
    ]
    assert [finding.pattern for finding in examine(crowd() + friends)] == [Pattern.CANVASSED]


@pytest.mark.parametrize(("apart", "owner"), [(23, "m1"), (700, "x3")])
def test_a_batch_does_not_look_honest_by_a_link_if_it_is_close_or_the_link_its_own(apart: int, owner: str) -> None:
    batch = [vote(f"x{n}", 5, 200 + n, 3 * 10**9 + n * apart, via=owner) for n in range(25)]
    (finding,) = suspects(crowd() + batch)
    assert finding.pattern is Pattern.REGISTRATION_BATCH and len(finding.accounts) == 25


def test_neighbouring_ids_that_vote_for_different_goods_are_no_batch() -> None:
    neighbours = [vote(f"x{n}", n % (GOODS * ROUNDS), n * 50 % 1380, 3 * 10**9 + n * 23) for n in range(36)]
    assert not suspects(crowd() + neighbours)


def test_refunded_voters_of_one_good_in_a_few_hours_are_a_ring() -> None:
    ring = [
        vote(f"x{n}", 5, 400 + n * 4, 10**9 + n * 11 * SPREAD + 5, spent_fen=30_000, refunded_fen=30_000)
        for n in range(30)
    ]
    (finding,) = suspects(crowd(spent_fen=50_000) + ring)
    assert finding.pattern is Pattern.REFUND_RING
    assert len(finding.accounts) == 30 and [good.item for good in finding.goods] == ["g5"]


def test_a_second_vote_of_a_member_for_a_good_changes_nothing() -> None:
    batch = [vote(f"x{n}", 5, n * 50 % 1380, 3 * 10**9 + n * 23) for n in range(25)]
    again = [vote(f"x{n}", 5, 1400, 3 * 10**9 + n * 23) for n in range(25)]
    once, twice = suspects(crowd() + batch), suspects(crowd() + batch + again)
    assert [finding.accounts for finding in once] == [finding.accounts for finding in twice]


def many_goods(member: str, good: int, minute: float, telegram_id: int) -> CastVote:
    """A vote where twenty goods of five shops come each day."""
    at = OPENS + timedelta(days=good // 20, minutes=minute)
    return CastVote(f"g{good}", f"s{good % 5}", member, telegram_id, at)


def quiet_crowd() -> list[CastVote]:
    """A thousand members who vote for two of twenty goods on two of five days."""
    chance, found = Random(3), []
    for member in range(1_000):
        for day in chance.sample(range(5), 2):
            for good in chance.sample(range(20), 2):
                found.append(
                    many_goods(f"m{member}", day * 20 + good, chance.uniform(0, 1380), 10**9 + member * SPREAD)
                )
    return found


def at_own_hours(goods: list[int], keen: float) -> list[CastVote]:
    """Forty members who vote for so many of these goods, each at their own hours."""
    chance = Random(5)
    return [
        many_goods(f"x{n}", good, chance.uniform(0, 1380), 2 * 10**9 + n * 7 * SPREAD)
        for n in range(40)
        for good in goods
        if chance.random() < keen
    ]


def test_fans_who_vote_for_half_the_goods_of_a_shop_at_their_own_hours_are_not_suspect() -> None:
    of_one_shop = [good for good in range(100) if good % 5 == 1]
    assert not suspects(quiet_crowd() + at_own_hours(of_one_shop, keen=0.5))


def test_accounts_that_vote_for_some_goods_of_a_shop_at_all_hours_are_a_group() -> None:
    (finding,) = suspects(quiet_crowd() + at_own_hours([1, 26, 51, 86], keen=0.95))
    assert {good.item for good in finding.goods} == {"g1", "g26", "g51", "g86"}


def test_goods_that_nearly_the_whole_group_wants_at_all_hours_belong_to_it() -> None:
    chance = Random(4)
    group = [
        vote(f"x{n}", good, minute, 2 * 10**9 + n * 7 * SPREAD)
        for n in range(25)
        for good, minute in [
            (1, 300),
            (14, 310),
            (30, 320),
            (4, chance.uniform(0, 1380)),
            (33, chance.uniform(0, 1380)),
        ]
    ]
    (finding,) = suspects(crowd() + group)
    assert {good.item for good in finding.goods} == {"g1", "g14", "g30", "g4", "g33"}
