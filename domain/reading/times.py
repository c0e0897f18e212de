"""Days and times as people write them, in Chinese and English, with any keyboard.

Only what has one meaning is read: `12/1` may be January or December, `晚上12点` the beginning or the end of a day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from domain.reading.width import to_plain_width

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6} | {
    name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
}
_DAYS_AHEAD = {
    **{"今天": 0, "今日": 0, "今": 0, "today": 0, "明天": 1, "明日": 1, "明": 1, "tomorrow": 1},
    **{"后天": 2, "後天": 2, "大后天": 3, "大後天": 3},
}
_DIGITS = {character: number for number, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_WRITTEN_OUT = re.compile(r"[〇零一二两兩三四五六七八九十]+(?=[月日号號点點时時分])")

_DAY = re.compile(
    r"""(?: (?P<word>大[后後]天|[后後]天|[今明][天日]|today|tomorrow|[今明](?=[早晚]))
          | (?P<year>\d{4}) (?: (?P<mark>[-/.]) (?P<month>\d{1,2}) (?P=mark) (?P<day>\d{1,2})
                              | 年 \s* (?P<month_zh>\d{1,2}) 月 \s* (?P<day_zh>\d{1,2}) [日号號]? )
          | (?P<month_only>\d{1,2}) 月 \s* (?P<day_only>\d{1,2}) [日号號]?
          | (?P<day_en>\d{1,2}) (?:st|nd|rd|th)? \s+ (?P<month_en>[a-z]{3,9}) \.? (?: ,? \s+ (?P<year_en>\d{4}) )?
          | (?P<month_us>[a-z]{3,9}) \.? \s+ (?P<day_us>\d{1,2}) (?:st|nd|rd|th)? (?: ,? \s+ (?P<year_us>\d{4}) )? )""",
    re.VERBOSE | re.ASCII,
)
_WEEKDAY = re.compile(r"[(]?(?:周|週|星期|礼拜|禮拜)([一二三四五六日天])[)]?|(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b")
_CLOCK = re.compile(
    r"""(?P<part>凌晨|早上|早晨|清晨|上午|中午|下午|傍晚|晚上|早|晚)? \s* (?P<hour>\d{1,2})
        (?: : (?P<minute>\d{2}) (?: :(?P<second>\d{2}) )? (?: \s* (?P<half>[ap])\.?m\.? )?
              (?P<offset>z|[+-]\d{2}:?\d{2})?
          | [点點时時] (?: (?P<minute_zh>\d{1,2})分? (?:(?P<second_zh>\d{1,2})秒)? | (?P<word>半|一刻|三刻|整|钟|鐘) )?
          | \s* (?P<half_only>[ap])\.?m\.? )""",
    re.VERBOSE | re.ASCII,
)
_FRACTION = re.compile(r"(?<=:[0-9]{2}:[0-9]{2})\.[0-9]{1,9}$")
"""Of a second, as databases write it."""
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}
_BETWEEN = re.compile(r"[\s,、]*t?[\s,、]*(?:at\s)?\s*")
_AFTERNOON = {"下午", "傍晚", "晚上", "晚", "p"}


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """A day, and the time of day where one was written; `zone` where an offset was."""

    day: date
    clock: time | None = None
    zone: tzinfo | None = None

    def moment(self, zone: tzinfo) -> datetime | None:
        """The aware moment, in `zone` where no offset was written; None without a time of day."""
        return None if self.clock is None else datetime.combine(self.day, self.clock, self.zone or zone)


def read_time(text: str, today: date) -> WrittenTime | None:
    """A day with or without a time of day: `2026-12-01 10:00`, `2026年12月1日`, `12月1日 10：00`, `明天上午10点半`.

    A day without a year is the next one there is from `today` on. None for anything else, also for a weekday that does
    not fit the day.
    """
    rest = _prepared(text)
    rest, weekday = _weekday(rest)
    found = _DAY.match(rest)
    day = _day(found, today) if found else None
    if found is None or day is None:
        return None
    rest, later = _weekday(rest[found.end() :].lstrip(" ,"))
    if any(named not in (None, day.weekday()) for named in (weekday, later)):
        return None
    rest = rest[between.end() :] if (between := _BETWEEN.match(rest)) else rest
    if not rest:
        return WrittenTime(day)
    clock = _CLOCK.fullmatch(rest)
    read = _clock(clock) if clock else None
    if clock is None or read is None:
        return None
    try:
        return WrittenTime(day, read, _zone(clock["offset"]))
    except ValueError:  # an offset of more than a day
        return None


def read_clock(text: str) -> time | None:
    """A time of day: `23：00`, `7:30`, `晚上11点半`, `11pm`; `24:00` is midnight. None for anything else."""
    found = _CLOCK.fullmatch(_prepared(text))
    if found is None or found["offset"]:
        return None
    midnight = found["hour"] == "24" and (found["minute"] or found["minute_zh"] or "00") == "00"
    return time(0) if midnight and not found["part"] and not found["word"] else _clock(found)


def read_day(text: str) -> date | None:
    """A day with its year first, as spreadsheets save it: `2026/11/2`, `2026-11-02 00:00:00`, `2026年11月2日`.

    A time of day is left out, but not one with an offset: it may be another day here. None for anything else.
    """
    plain = _FRACTION.sub("", _prepared(text))
    if re.fullmatch(r"[0-9]{8}", plain):
        plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    written = read_time(plain, date.min) if plain[:4].isascii() and plain[:4].isdecimal() else None
    return written.day if written is not None and written.zone is None else None


def _prepared(text: str) -> str:
    plain = to_plain_width(text).strip().rstrip("。.!,;、").strip().casefold()
    return _WRITTEN_OUT.sub(lambda found: str(_number(found[0])), plain)


def _number(written: str) -> int:
    """`十二` is 12, `二十` is 20, `二〇二六` is 2026."""
    if "十" not in written:
        return int("".join(str(_DIGITS[character]) for character in written))
    tens, _, ones = written.partition("十")
    return (_number(tens) if tens else 1) * 10 + (_number(ones) if ones and "十" not in ones else 0)


def _weekday(text: str) -> tuple[str, int | None]:
    found = _WEEKDAY.match(text)
    if found is None:
        return text, None
    return text[found.end() :].lstrip(" ,"), _WEEKDAYS[found[1] or found[2]]


def _day(found: re.Match[str], today: date) -> date | None:
    part = found.groupdict()
    if part["word"]:
        return today + timedelta(days=_DAYS_AHEAD[part["word"]])
    name = part["month_en"] or part["month_us"]
    if name is not None and name[:3] not in _MONTHS:
        return None
    month = _MONTHS.index(name[:3]) + 1 if name else int(part["month"] or part["month_zh"] or part["month_only"])
    number = int(part["day"] or part["day_zh"] or part["day_only"] or part["day_en"] or part["day_us"])
    year = part["year"] or part["year_en"] or part["year_us"]
    try:
        if year is not None:
            return date(int(year), month, number)
        this_year = date(today.year, month, number)
        return this_year if this_year >= today else date(today.year + 1, month, number)
    except ValueError:
        return None


def _clock(found: re.Match[str]) -> time | None:
    hour = int(found["hour"])
    minute = int(found["minute"] or found["minute_zh"] or _MINUTES.get(found["word"] or "", 0))
    part, half = found["part"], found["half"] or found["half_only"]
    if half:
        if part or not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    elif part is not None:
        read = _hour_in(part, hour)
        if read is None:
            return None
        hour = read
    try:
        return time(hour, minute, int(found["second"] or found["second_zh"] or 0))
    except ValueError:
        return None


def _hour_in(part: str, hour: int) -> int | None:
    """The hour of a clock with 24 hours; None where the part of the day does not fit or leaves two meanings."""
    if part == "中午":
        return {11: 11, 12: 12, 1: 13, 2: 14}.get(hour)
    if part in _AFTERNOON:
        if hour == 12:
            return 12 if part == "下午" else None
        return hour + 12 if 1 <= hour < 12 else hour if hour > 12 else None
    return hour if hour < 12 else None


def _zone(offset: str | None) -> tzinfo | None:
    return datetime.fromisoformat("2000-01-01T00:00" + offset.upper()).tzinfo if offset else None
