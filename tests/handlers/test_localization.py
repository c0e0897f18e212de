"""Money, numbers, moments and spans, in the form of each language (R35)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people import LANGUAGES
from handlers.localization import Localizer, shown
from tests.handlers.conftest import NOW, localizer_in


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "¥0"),
        (1, "¥0.01"),
        (10, "¥0.10"),
        (100, "¥1"),
        (1250, "¥12.50"),
        (129_900, "¥1,299"),
        (129_905, "¥1,299.05"),
        (10**11, "¥1,000,000,000"),
    ],
)
def test_money_is_exact(fen: int, said: str, localizer: Localizer) -> None:
    assert localizer.money(fen) == said


@given(st.integers(0, 2**53), st.sampled_from(LANGUAGES))
def test_formatted_money_keeps_every_fen(fen: int, language: str) -> None:
    whole, _, part = localizer_in(language).money(fen).removeprefix("¥").replace(",", "").partition(".")
    assert int(whole) * 100 + int(part or 0) == fen


def test_numbers_are_grouped(localizer: Localizer) -> None:
    assert localizer.number(1234567) == "1,234,567"


@pytest.mark.parametrize(
    ("hours", "english", "chinese"),
    [
        (0, "today 10:00", "今天 10:00"),
        (13.9, "today 23:54", "今天 23:54"),
        (14, "tomorrow 00:00", "明天 00:00"),
        (22, "tomorrow 08:00", "明天 08:00"),
        (38, "Thu 26 Nov, 00:00", "11月26日 周四 00:00"),
        (-11, "Mon 23 Nov, 23:00", "11月23日 周一 23:00"),
        (24 * 365, "Wed 24 Nov 2027, 10:00", "2027年11月24日 周三 10:00"),
    ],
)
def test_today_and_tomorrow_have_names_other_days_a_date(hours: float, english: str, chinese: str) -> None:
    when = NOW + timedelta(hours=hours)
    assert (localizer_in("en").moment(when), localizer_in("zh").moment(when)) == (english, chinese)


def test_another_year_is_named_and_around_new_year_it_is_the_readers_zone_that_counts(localizer: Localizer) -> None:
    eve = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)
    moment = datetime(2027, 1, 3, 2, 0, tzinfo=UTC)
    assert "2027" in localizer_in(localizer.language, eve).moment(moment)
    assert "2027" not in localizer_in(localizer.language, eve + timedelta(hours=2)).moment(moment), (
        "2027 has begun there"
    )
    late = eve + timedelta(hours=2)
    assert "2026" not in localizer_in(localizer.language, moment).moment(late)
    assert "2026" in localizer_in(localizer.language, moment, "UTC").moment(late)


def test_moments_use_the_platforms_time_zone_also_for_today() -> None:
    late = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
    assert localizer_in("en", late).moment(late) == "today 01:30"
    assert localizer_in("en", late).moment(late - timedelta(hours=2)) == "Tue 24 Nov, 23:30"
    assert localizer_in("en", late, "UTC").moment(late) == "today 17:30"
    assert localizer_in("en", late, "America/New_York").moment(late) == "today 12:30"


def test_exact_moments_include_the_year() -> None:
    assert localizer_in("en").exact(NOW) == "Tue 24 Nov 2026, 10:00"
    assert localizer_in("zh").exact(NOW) == "2026年11月24日 周二 10:00"


@pytest.mark.parametrize(
    ("minutes", "english", "chinese"),
    [
        (-5, "1 minute", "1 分钟"),
        (0.2, "1 minute", "1 分钟"),
        (1, "1 minute", "1 分钟"),
        (30, "30 minutes", "30 分钟"),
        (59.4, "59 minutes", "59 分钟"),
        (60, "1 hour", "1 小时"),
        (119, "2 hours", "2 小时"),
        (26 * 60, "26 hours", "26 小时"),
        (48 * 60, "2 days", "2 天"),
        (14 * 1440, "14 days", "14 天"),
    ],
)
def test_a_span_uses_minutes_hours_or_days(minutes: float, english: str, chinese: str) -> None:
    length = timedelta(minutes=minutes)
    assert (localizer_in("en").span(length), localizer_in("zh").span(length)) == (english, chinese)


@given(st.text(max_size=60))
def test_user_text_is_cleaned_escaped_in_html_and_otherwise_unchanged(text: str) -> None:
    localizer, written = localizer_in("en"), shown(text)
    escaped = written.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert localizer.html("desk-ranking-line", place=1, title=text, price="", wants=0, set_aside="", told=0).startswith(
        f"1. <b>{escaped}</b>"
    )
    assert localizer.text("day-today", time=text) == f"today {written}"


def test_a_name_from_right_to_left_does_not_reorder_the_words_beside_it() -> None:
    said = localizer_in("en").html("start-by-named-friend", name="\u202eדנה")
    assert "\u2068דנה\u2069" in said and "\u202e" not in said


def test_names_from_right_to_left_are_isolated_and_others_are_not() -> None:
    assert shown("Ann") == "Ann" and shown("小博") == "小博" and shown("김치") == "김치"
    assert shown("דנה") == "\u2068דנה\u2069"
    assert shown("علي 5") == "\u2068علي 5\u2069"
    assert shown("\u202eעלי") == "\u2068עלי\u2069"


def test_what_is_isolated_once_stays_so_in_a_longer_text() -> None:
    inner = f"{shown('דנה')} · 5 votes"
    assert shown(inner) == inner
    assert shown("\u2068a\u202eb\u2069 · 茶") == "\u2068ab\u2069 · 茶"
    assert shown("\u2069\u2068a") == "a"
    assert shown(f"{shown('דנה')} עם 5") == "\u2068דנה עם 5\u2069"


@given(st.text())
def test_isolates_are_balanced_and_isolating_again_changes_nothing(text: str) -> None:
    assert shown(shown(text)) == shown(text)
    depth = 0
    for character in shown(text):
        depth += {"\u2068": 1, "\u2069": -1}.get(character, 0)
        assert depth in (0, 1)
    assert depth == 0 and not set(shown(text)) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u200b\ufeff")
