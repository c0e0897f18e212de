"""How long a shop is banned, and who has to agree (R29)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.brushing.bans import (
    APPEAL_WITHIN,
    ban_ends,
    may_agree,
    may_appeal,
    may_decide_appeal,
    months_by_gravity,
    months_in_force,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 30, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("earlier", "false", "honest", "organisers", "months"),
    [
        (0, 10, 90, 2, 1),
        (0, 49, 51, 2, 1),
        (0, 50, 50, 2, 3),
        (0, 79, 21, 2, 3),
        (0, 80, 20, 2, 6),
        (1, 1, 99, 2, 3),
        (1, 80, 20, 2, 6),
        (2, 1, 99, 2, 6),
        (7, 1, 99, 5, 6),
        (0, 5, 0, 2, 6),
        (2, 100, 0, 1, 1),
    ],
)
def test_r29_a_ban_lasts_by_its_gravity(earlier: int, false: int, honest: int, organisers: int, months: int) -> None:
    assert months_by_gravity(earlier, false, honest, organisers) == months


def test_r29_no_shop_is_banned_without_a_false_vote() -> None:
    with pytest.raises(ValueError, match="false vote"):
        months_by_gravity(2, 0, 10, 2)


def test_r29_above_one_month_a_second_organiser_agrees_once() -> None:
    assert (months_in_force(6, agreed=False), months_in_force(6, agreed=True)) == (1, 6)
    assert may_agree(3, "organiser 1", None, "organiser 2")
    assert not may_agree(3, "organiser 1", None, "organiser 1"), "who decided"
    assert not may_agree(3, "organiser 1", "organiser 2", "organiser 3"), "it was agreed to"
    assert not may_agree(1, "organiser 1", None, "organiser 2"), "one month needs no second organiser"


@pytest.mark.parametrize(
    ("begins", "months", "ends"),
    [
        (datetime(2026, 11, 30, 8), 1, datetime(2026, 12, 30, 8)),
        (datetime(2026, 8, 31, 8), 6, datetime(2027, 2, 28, 8)),
        (datetime(2027, 8, 31, 8), 6, datetime(2028, 2, 29, 8)),
        (datetime(2026, 12, 1, 8), 1, datetime(2027, 1, 1, 8)),
        (datetime(2026, 10, 31, 8), 3, datetime(2027, 1, 31, 8)),
    ],
)
def test_r29_a_ban_ends_on_the_same_day_or_the_last_of_a_shorter_month(
    begins: datetime, months: int, ends: datetime
) -> None:
    found = ban_ends(begins.replace(tzinfo=SHANGHAI), months, SHANGHAI)
    assert found == ends.replace(tzinfo=SHANGHAI) and found.utcoffset() == timedelta(0)


def test_r29_a_shop_appeals_once_and_within_seven_days() -> None:
    assert may_appeal(AT, AT + APPEAL_WITHIN - timedelta(seconds=1), appealed=False)
    assert not may_appeal(AT, AT + APPEAL_WITHIN, appealed=False)
    assert not may_appeal(AT, AT, appealed=True)


def test_r29_another_organiser_decides_an_appeal_or_the_only_one_after_a_day() -> None:
    day = timedelta(days=1)
    assert may_decide_appeal("organiser 1", "organiser 2", AT, AT, 2)
    assert not may_decide_appeal("organiser 1", "organiser 1", AT, AT + 9 * day, 2)
    assert not may_decide_appeal("organiser 1", "organiser 1", AT, AT + day - timedelta(seconds=1), 1)
    assert may_decide_appeal("organiser 1", "organiser 1", AT, AT + day, 1)
