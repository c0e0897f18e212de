"""R7, R8, R15: when rounds and voting days begin and end."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import Calendar, Window, calendar_of
from domain.voting import voting_day

CHINA = calendar_of("CN", ZoneInfo("Asia/Shanghai"), time(8))
HOUR = timedelta(hours=1)


def local(calendar: Calendar, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=calendar.zone)  # type: ignore[arg-type, misc]


def voting_day_of(calendar: Calendar, now: datetime) -> tuple[date, datetime]:
    return voting_day(now, calendar.zone, calendar.opens_at)


def hours(window: Window) -> float:
    return window.duration / HOUR


def wall(calendar: Calendar, moment: datetime) -> str:
    return f"{moment.astimezone(calendar.zone):%m-%d %H:%M}"


def test_r7_a_round_of_a_working_day_lasts_until_the_next_morning() -> None:
    window = CHINA.window(local(CHINA, 2026, 3, 10, 12))
    assert window == Window(local(CHINA, 2026, 3, 10, 8), local(CHINA, 2026, 3, 11, 8))
    assert window.opens_at.tzinfo is UTC
    assert hours(window) == 24


def test_r7_fridays_round_closes_on_monday() -> None:
    window = CHINA.window(local(CHINA, 2026, 3, 15, 23))
    assert (wall(CHINA, window.opens_at), wall(CHINA, window.closes_at)) == ("03-13 08:00", "03-16 08:00")
    assert hours(window) == 72


@pytest.mark.parametrize(
    ("during", "opens", "closes"),
    [
        ((2026, 2, 20, 12), "02-14 08:00", "02-24 08:00"),  # Spring Festival; Saturday the 14th is made up for
        ((2026, 2, 28, 9), "02-28 08:00", "03-02 08:00"),  # Saturday the 28th too
        ((2026, 9, 20, 9), "09-20 08:00", "09-21 08:00"),  # a working Sunday
        ((2026, 10, 4, 0), "09-30 08:00", "10-08 08:00"),  # National Day
        ((2026, 10, 10, 9), "10-10 08:00", "10-12 08:00"),
        ((2026, 1, 3, 9), "12-31 08:00", "01-04 08:00"),  # over the end of the year
        ((2011, 12, 31, 9), "12-31 08:00", "01-04 08:00"),  # a Saturday in December for a Tuesday in January
    ],
)
def test_r7_holidays_lengthen_the_round_and_make_up_days_open_one(
    during: tuple[int, ...], opens: str, closes: str
) -> None:
    window = CHINA.window(local(CHINA, *during))
    assert (wall(CHINA, window.opens_at), wall(CHINA, window.closes_at)) == (opens, closes)


@pytest.mark.parametrize("year", [1, 1900, 2027, 2028, 2060, 2101, 2400, 9999])
def test_r7_a_year_that_the_calendar_knows_little_of_is_no_error(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    working = [day for day in days if CHINA.is_working_day(day)]
    assert all(day.weekday() < 5 for day in working)
    assert 235 <= len(working) <= 262


def test_r7_holidays_of_a_year_without_published_make_up_days_are_kept() -> None:
    assert CHINA.opening_on(date(2027, 10, 1)) is None
    assert not CHINA.is_working_day(date(2027, 2, 8))


def test_r7_the_organisers_word_wins() -> None:
    saturday, sunday, monday = date(2027, 9, 25), date(2027, 9, 26), date(2027, 9, 27)
    assert hours(CHINA.window(local(CHINA, 2027, 9, 24, 9))) == 72
    changed = calendar_of("CN", CHINA.zone, time(8), {saturday: True, monday: False})
    assert [changed.is_working_day(day) for day in (saturday, sunday, monday)] == [True, False, False]
    assert hours(changed.window(local(changed, 2027, 9, 24, 9))) == 24
    assert hours(changed.window(local(changed, 2027, 9, 26, 9))) == 72
    assert changed != CHINA


def test_the_organisers_days_are_copied() -> None:
    added = {date(2027, 9, 25): True}
    calendar = calendar_of("CN", CHINA.zone, time(8), added)
    added.clear()
    assert calendar.is_working_day(date(2027, 9, 25))


@pytest.mark.parametrize("code", ["NONE", "none", "", " "])
def test_a_calendar_without_holidays_knows_weekends_only(code: str) -> None:
    calendar = calendar_of(code, ZoneInfo("UTC"), time(8))
    assert calendar.is_working_day(date(2026, 10, 1))
    assert not calendar.is_working_day(date(2026, 10, 3))


def test_another_countrys_calendar() -> None:
    germany = calendar_of("de", ZoneInfo("Europe/Berlin"), time(8))
    assert not germany.is_working_day(date(2026, 12, 25))
    assert germany.is_working_day(date(2026, 10, 1))


@pytest.mark.parametrize("code", ["XX", "CHN1", "HolidayBase", "中国"])
def test_an_unknown_country_is_refused_in_a_clear_sentence(code: str) -> None:
    with pytest.raises(ValueError, match="There is no holiday calendar for"):
        calendar_of(code)


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        CHINA.window(datetime(2026, 3, 10, 12))
    with pytest.raises(ValueError, match="wall-clock"):
        calendar_of("CN", opens_at=time(8, tzinfo=UTC))


def test_r8_now_may_be_in_any_zone() -> None:
    here = local(CHINA, 2026, 3, 10, 12)
    assert CHINA.window(here) == CHINA.window(here.astimezone(ZoneInfo("America/New_York")))


def test_r8_a_round_opens_at_its_very_moment() -> None:
    opening = local(CHINA, 2026, 3, 10, 8)
    tick = timedelta(microseconds=1)
    assert CHINA.last_opening(opening) == opening
    assert CHINA.last_opening(opening - tick) == local(CHINA, 2026, 3, 9, 8)
    assert CHINA.next_opening(opening - tick) == opening
    assert CHINA.next_opening(opening) == local(CHINA, 2026, 3, 11, 8)


def test_r7_the_preview_begins_now_and_reaches_as_far_as_asked() -> None:
    now = local(CHINA, 2026, 9, 25, 12)
    windows = CHINA.preview(now, days=14)
    assert windows[0] == CHINA.window(now)
    assert all(one.closes_at == other.opens_at for one, other in pairwise(windows))
    assert windows[-1].opens_at <= now + timedelta(days=14) < windows[-1].closes_at
    assert [hours(window) for window in windows] == [24 * days for days in (4, 1, 1, 8, 1, 1)]


BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
ST_JOHNS = ZoneInfo("America/St_Johns")
APIA = ZoneInfo("Pacific/Apia")


@pytest.mark.parametrize(
    ("zone", "opens_at", "day", "opens"),
    [
        (BERLIN, time(8), date(2026, 3, 29), "2026-03-29T06:00"),
        (BERLIN, time(2, 30), date(2026, 3, 28), "2026-03-28T01:30"),
        (BERLIN, time(2, 30), date(2026, 3, 29), "2026-03-29T01:00"),  # 02:00-03:00 does not exist: at 03:00
        (BERLIN, time(2, 30), date(2026, 10, 25), "2026-10-25T00:30"),  # 02:30 comes twice: the first
        (NEW_YORK, time(2), date(2026, 3, 8), "2026-03-08T07:00"),
        (NEW_YORK, time(2, 59, 59), date(2026, 3, 8), "2026-03-08T07:00"),
        (NEW_YORK, time(1, 30), date(2026, 11, 1), "2026-11-01T05:30"),
        (SAO_PAULO, time(0), date(2018, 11, 4), "2018-11-04T03:00"),  # midnight does not exist: at 01:00
    ],
)
def test_r8_clock_changes(zone: ZoneInfo, opens_at: time, day: date, opens: str) -> None:
    calendar = calendar_of("NONE", zone, opens_at, {day: True})
    opening = datetime.fromisoformat(opens).replace(tzinfo=UTC)
    assert calendar.opening_on(day) == opening
    assert calendar.last_opening(opening) == opening
    assert calendar.next_opening(opening - timedelta(seconds=1)) == opening
    assert voting_day_of(calendar, opening)[0] == day
    assert voting_day_of(calendar, opening - timedelta(seconds=1))[0] == day - timedelta(days=1)


def test_r8_where_the_clock_goes_back_over_midnight_the_opening_stays_behind() -> None:
    """In 2010 the clocks of St. John's went from 00:01 back to 23:01 of the day before."""
    day = date(2010, 11, 7)
    calendar = calendar_of("NONE", ST_JOHNS, time(0), {day: True})
    opening = calendar.opening_on(day)
    assert opening is not None
    later = opening + timedelta(minutes=30)
    assert later.astimezone(ST_JOHNS).date() == date(2010, 11, 6)
    assert calendar.last_opening(later) == opening
    assert voting_day_of(calendar, later)[0] == day
    assert calendar.next_opening(later) > later


def test_a_round_over_a_clock_change_is_an_hour_shorter() -> None:
    calendar = calendar_of("NONE", BERLIN, time(8))
    assert hours(calendar.window(local(calendar, 2026, 3, 28, 9))) == 71
    assert hours(calendar.window(local(calendar, 2026, 10, 24, 9))) == 73


def test_r15_a_72_hour_round_has_three_voting_days() -> None:
    window = CHINA.window(local(CHINA, 2026, 3, 13, 8))
    moments = [window.opens_at + n * HOUR for n in range(72)]
    assert [voting_day_of(CHINA, moment)[0].day for moment in moments[::24]] == [13, 14, 15]
    assert len({voting_day_of(CHINA, moment)[0] for moment in moments}) == 3
    assert voting_day_of(CHINA, local(CHINA, 2026, 3, 15, 7, 59))[1] == local(CHINA, 2026, 3, 15, 8)
    assert voting_day_of(CHINA, local(CHINA, 2026, 3, 15, 8))[1] == window.closes_at


zones = st.sampled_from(
    [CHINA.zone, BERLIN, NEW_YORK, SAO_PAULO, ST_JOHNS, APIA]
    + [ZoneInfo(key) for key in ("Australia/Lord_Howe", "Africa/Casablanca")]
)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1), timezones=st.just(UTC))
calendars = st.builds(
    calendar_of,
    st.sampled_from(["CN", "NONE", "DE", "AE"]),
    zones,
    st.times().map(lambda at: at.replace(microsecond=0)),
    st.dictionaries(st.dates(date(2005, 1, 1), date(2030, 1, 1)), st.booleans(), max_size=5),
)


@given(calendars, moments)
def test_r8_the_rounds_tile_time(calendar: Calendar, now: datetime) -> None:
    window = calendar.window(now)
    assert window.opens_at <= now < window.closes_at
    assert calendar.window(window.opens_at) == window
    assert calendar.window(window.closes_at - timedelta(microseconds=1)) == window
    assert calendar.window(window.closes_at).opens_at == window.closes_at
    assert calendar.last_opening(window.opens_at) == window.opens_at


@given(calendars, moments)
def test_r15_the_voting_days_tile_time(calendar: Calendar, now: datetime) -> None:
    day, ends = voting_day_of(calendar, now)
    assert now < ends <= now + timedelta(hours=50)
    assert voting_day_of(calendar, ends - timedelta(microseconds=1))[0] == day
    assert voting_day_of(calendar, ends)[0] > day
    assert voting_day_of(calendar, calendar.window(now).opens_at)[0] <= day


@given(zones.filter(lambda zone: zone != APIA), st.times(), st.dates(date(1990, 1, 1), date(2080, 1, 1)))
def test_r8_each_day_opens_once_and_in_order(zone: ZoneInfo, opens_at: time, start: date) -> None:
    days = [start + timedelta(days=n) for n in range(5)]
    calendar = calendar_of("NONE", zone, opens_at, dict.fromkeys(days, True))
    openings = [opening for day in days if (opening := calendar.opening_on(day)) is not None]
    assert len(openings) == len(days)
    assert all(one < other for one, other in pairwise(openings))


def test_r8_a_day_that_a_zone_left_out_does_no_harm() -> None:
    """Samoa went from 29 to 31 December 2011 when it changed sides of the date line."""
    skipped = date(2011, 12, 30)
    calendar = calendar_of("NONE", APIA, time(8), {skipped: True, date(2011, 12, 31): True})
    windows = calendar.preview(local(calendar, 2011, 12, 29, 9), days=2)
    assert [wall(calendar, window.opens_at) for window in windows] == ["12-29 08:00", "12-31 00:00", "12-31 08:00"]
