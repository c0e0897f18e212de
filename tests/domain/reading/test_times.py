"""R24, R27: days and times as people write them."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people import QuietHours
from domain.reading.times import WrittenTime, read_clock, read_day, read_time
from domain.reading.width import to_plain_width

TODAY = date(2026, 11, 24)
"""A Tuesday."""
EAST = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("2026-12-01 10:00", "2026-12-01", "10:00"),
        ("2026-12-01 10：00", "2026-12-01", "10:00"),
        ("２０２６－１２－０１　１０：００", "2026-12-01", "10:00"),
        ("2026/12/1 10:00", "2026-12-01", "10:00"),
        ("2026.12.1 9:05", "2026-12-01", "09:05"),
        ("2026-12-01T10:00", "2026-12-01", "10:00"),
        ("2026-12-01t10:00:30", "2026-12-01", "10:00:30"),
        ("2026年12月1日 10:00", "2026-12-01", "10:00"),
        ("2026年12月1日10点", "2026-12-01", "10:00"),
        ("12月1日 10:00", "2026-12-01", "10:00"),
        ("12月1号，10：00。", "2026-12-01", "10:00"),
        ("1月2日 10:00", "2027-01-02", "10:00"),
        ("11月24日 10:00", "2026-11-24", "10:00"),
        ("十二月一日上午十点半", "2026-12-01", "10:30"),
        ("明天 10:00", "2026-11-25", "10:00"),
        ("明天上午10点半", "2026-11-25", "10:30"),
        ("明天下午三点", "2026-11-25", "15:00"),
        ("明天中午12点", "2026-11-25", "12:00"),
        ("明早8点", "2026-11-25", "08:00"),
        ("今晚8点一刻", "2026-11-24", "20:15"),
        ("今天 晚上20:00", "2026-11-24", "20:00"),
        ("後天 10時30分", "2026-11-26", "10:30"),
        ("大后天10点钟", "2026-11-27", "10:00"),
        ("tomorrow 10:00", "2026-11-25", "10:00"),
        ("Tomorrow at 10:00", "2026-11-25", "10:00"),
        ("today, 3 pm", "2026-11-24", "15:00"),
        ("1 Dec 10:00", "2026-12-01", "10:00"),
        ("Tue 1 Dec, 10:00", "2026-12-01", "10:00"),
        ("Tue 1 Dec 2026, 10:00", "2026-12-01", "10:00"),
        ("December 1st, 2026 10:00 a.m.", "2026-12-01", "10:00"),
        ("12月1日 周二 10:00", "2026-12-01", "10:00"),
        ("12月1日(星期二) 10:00", "2026-12-01", "10:00"),
        ("\u202a2026-12-01\u200b 10:00\u202c", "2026-12-01", "10:00"),
    ],
)
def test_r24_the_usual_ways_to_write_a_time(text: str, day: str, clock: str) -> None:
    assert read_time(text, TODAY) == WrittenTime(date.fromisoformat(day), time.fromisoformat(clock))


@pytest.mark.parametrize(
    "text", ["2026-12-01", "2026/12/1", "2026年12月1日", "12月1日", "１２月１日", "1 December 2026"]
)
def test_r24_a_day_without_a_time_is_no_midnight(text: str) -> None:
    written = read_time(text, TODAY)
    assert written == WrittenTime(date(2026, 12, 1)) and written.moment(UTC) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-01T10:00+08:00", datetime(2026, 12, 1, 2, tzinfo=UTC)),
        ("2026-12-01 10:00+0800", datetime(2026, 12, 1, 2, tzinfo=UTC)),
        ("2026-12-01T10:00Z", datetime(2026, 12, 1, 10, tzinfo=UTC)),
        ("2026-12-01 10:00", datetime(2026, 12, 1, 2, tzinfo=UTC)),
    ],
)
def test_r24_an_offset_is_kept_and_otherwise_the_zone_of_the_platform_counts(text: str, moment: datetime) -> None:
    written = read_time(text, TODAY)
    assert written is not None and written.moment(EAST) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "10:00",
        "12/1 10:00",
        "1.12. 10:00",
        "26-12-01 10:00",
        "2026-12/01 10:00",
        "2026-13-01 10:00",
        "2026-02-30 10:00",
        "2月30日 10:00",
        "2026-12-01 25:00",
        "2026-12-01 10:60",
        "2026-12-01 24:00",
        "2026-12-01 10:00 or later",
        "12月1日 周三 10:00",
        "Wed 1 Dec 10:00",
        "1 Foo 10:00",
        "明天晚上12点",
        "明天凌晨12点",
        "明天上午15:00",
        "明天下午0点",
        "明天 13 pm",
        "2026-12-01 10:00+99:99",
        "２０²6-12-01 10:00",
        "٢٠٢٦-12-01 10:00",
    ],
)
def test_r24_what_is_no_time_or_may_be_two(text: str) -> None:
    assert read_time(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-02", "2026-11-02"),
        ("2026/11/2", "2026-11-02"),
        ("2026.11.2", "2026-11-02"),
        ("2026-11-02 00:00:00", "2026-11-02"),
        ("2026/11/2 0:00", "2026-11-02"),
        ("2026-11-02T00:00:00", "2026-11-02"),
        ("2021-12-23 12:04:37\t", "2021-12-23"),
        ("2026年11月2日", "2026-11-02"),
        ("2026年11月02日 星期一", "2026-11-02"),
        ("2026年11月02日 12时04分37秒", "2026-11-02"),
        ("2026-11-02 00:00:00.0", "2026-11-02"),
        ("2026-11-02T00:00:00.000", "2026-11-02"),
        ("２０２６/１１/２", "2026-11-02"),
        ("20261102", "2026-11-02"),
    ],
)
def test_r14_days_as_spreadsheets_save_them(text: str, day: str) -> None:
    assert read_day(text) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "11/2/2026",
        "2/11/2026",
        "46328",
        "46328.5",
        "2026-11",
        "2026-02-30",
        "2026-11-02T23:00Z",
        "2026-11-02 12:04.5",
        "Nov-26",
        "2026-W45-1",
    ],
)
def test_r14_days_that_may_be_others(text: str) -> None:
    assert read_day(text) is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("23:00-7:30", "23:00-07:30"),
        ("23：00-7：30", "23:00-07:30"),
        ("２３：００－７：３０", "23:00-07:30"),
        ("23:00～07:30", "23:00-07:30"),
        ("23:00 — 7:30", "23:00-07:30"),
        ("23:00至7:30。", "23:00-07:30"),
        ("晚上11点到早上7点半", "23:00-07:30"),
        ("23点-7点半", "23:00-07:30"),
        ("11pm to 7:30 am", "23:00-07:30"),
        ("22:00-24:00", "22:00-00:00"),
    ],
)
def test_r27_the_usual_ways_to_write_quiet_hours(text: str, hours: str) -> None:
    assert str(QuietHours.parse(text)) == hours


@pytest.mark.parametrize(
    "text", ["", "at night", "23:00", "23:00-", "23-7", "25:00-7:00", "1:00-2:00-3:00", "23:00-7:3"]
)
def test_r27_what_are_no_quiet_hours(text: str) -> None:
    with pytest.raises(ValueError, match="is not two times"):
        QuietHours.parse(text)


@given(st.text(max_size=30) | st.text(alphabet="0123456789年月日点半明天今晚上下午:：-/. T周一ap十", max_size=20))
def test_no_text_raises(text: str) -> None:
    read_time(text, TODAY)
    read_clock(text)
    read_day(text)


def test_only_the_width_changes() -> None:
    assert to_plain_width("１２：３０　／ｇｏ　ｶ") == "12:30 /go カ"
    assert to_plain_width("12² ½ ① ㎏ 臺 。") == "12² ½ ① ㎏ 臺 。"
