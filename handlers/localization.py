"""Texts, money, numbers and times in the reader's language (R35)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as TimeOfDay
from decimal import Decimal
from functools import cache, lru_cache
from html import escape
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, get_timezone_name
from babel.numbers import format_decimal
from fluent.runtime import FluentBundle, FluentResource

from domain.reading.shown_text import clean

_LOCALE = {"zh": "zh_CN", "en": "en"}
_FIRST_STRONG, _POP = "\u2068", "\u2069"
"""The isolates of Unicode (UAX 9)."""
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_ISOLATED = re.compile(f"{_FIRST_STRONG}[^{_FIRST_STRONG}{_POP}]*{_POP}")


def escaped(text: str) -> str:
    """User text, escaped for HTML. Fluent accepts no variable of more than 2,500 characters."""
    return escape(text, quote=False)


@lru_cache(maxsize=20_000)
def shown(text: str) -> str:
    """The text as a part of a sentence: cleaned, and isolated where some of it runs from right to left, so that
    these do not reorder the words and numbers beside them. Isolates of an earlier call stay."""
    if text.isascii():
        return text
    parts = _ISOLATED.findall(text)
    if parts and not _RIGHT_TO_LEFT.search(_ISOLATED.sub("", text)):
        others = _ISOLATED.split(text)
        inner = [_FIRST_STRONG + clean(part[1:-1]) + _POP for part in parts]
        return "".join(clean(other) + part for other, part in zip(others, [*inner, ""], strict=True))
    cleaned = clean(text)
    return f"{_FIRST_STRONG}{cleaned}{_POP}" if _RIGHT_TO_LEFT.search(cleaned) else cleaned


@cache
def bundle(language: str) -> FluentBundle:
    """The texts of one language."""
    texts = FluentBundle([_LOCALE[language].replace("_", "-")], use_isolating=False)
    for file in ("appeals", "bot", "brushing", "canvass", "cards", "cases", "campaigns", "desk", "public", "tally"):
        source = (files("handlers") / "texts" / f"{file}.{language}.ftl").read_text("utf-8")
        texts.add_resource(FluentResource(source))
    return texts


# Most users read the same texts, prices and times, so formatting is cached.


Arguments = tuple[tuple[str, str | int | float], ...]


@lru_cache(maxsize=20_000)
def _as_html(language: str, key: str, args: Arguments) -> str:
    safe = ((name, escaped(shown(value)) if isinstance(value, str) else value) for name, value in args)
    return _formatted(language, key, tuple(safe))


@lru_cache(maxsize=20_000)
def _as_text(language: str, key: str, args: Arguments) -> str:
    cleaned = ((name, shown(value) if isinstance(value, str) else value) for name, value in args)
    return _formatted(language, key, tuple(cleaned))


def _formatted(language: str, key: str, args: Arguments) -> str:
    texts = bundle(language)
    message = texts.get_message(key)
    if message is None or message.value is None:
        raise LookupError(f"no text {key!r} in {language}")
    text, errors = texts.format_pattern(message.value, dict(args))
    if errors:
        raise LookupError(f"text {key!r} in {language}: {errors[0]}")
    return str(text).replace(
        "） ", "）"
    )  # a value such as a time may end in a full-width bracket, which has its own room


@lru_cache(maxsize=4_000)
def _money(language: str, fen: int) -> str:
    pattern = "#,##0.00" if fen % 100 else "#,##0"
    return "¥" + format_decimal(Decimal(fen) / 100, format=pattern, locale=_LOCALE[language])


@lru_cache(maxsize=4_000)
def _number(language: str, value: int) -> str:
    return format_decimal(value, locale=_LOCALE[language])


@lru_cache(maxsize=4_000)
def _moment(language: str, local: datetime, days_away: int, with_year: bool) -> str:
    clock = format_time(local, "HH:mm", locale=_LOCALE[language])
    if days_away == 0:
        return _formatted(language, "day-today", (("time", clock),))
    if days_away == 1:
        return _formatted(language, "day-tomorrow", (("time", clock),))
    if with_year:
        return _exact(language, local)
    pattern = "M月d日 EEE HH:mm" if language == "zh" else "EEE d MMM, HH:mm"
    return str(format_datetime(local, pattern, locale=_LOCALE[language]))


def _exact(language: str, local: datetime) -> str:
    pattern = "y年M月d日 EEE HH:mm" if language == "zh" else "EEE d MMM y, HH:mm"
    return str(format_datetime(local, pattern, locale=_LOCALE[language]))


@lru_cache(maxsize=4_000)
def _day(language: str, day: date) -> str:
    return str(format_date(day, "M月d日 EEE" if language == "zh" else "EEE d MMM", locale=_LOCALE[language]))


@lru_cache(maxsize=4_000)
def _in_words(language: str, key: str, local: datetime, days_away: int) -> str:
    suffix = {0: "-today", 1: "-tomorrow"}.get(days_away, "")
    clock = format_time(local, "HH:mm", locale=_LOCALE[language])
    return _formatted(language, key + suffix, (("day", _day(language, local.date())), ("time", clock)))


@cache
def _zone_name(language: str, zone: ZoneInfo) -> str:
    """The name of a time zone, such as China Time; its key where the language has none."""
    name = get_timezone_name(zone, width="long", zone_variant="generic", locale=_LOCALE[language])
    return zone.key if "(" in name else name


@dataclass(frozen=True, slots=True)
class Localizer:
    """A language at one moment; `zone` is the platform's time zone, in which all times are shown.

    `names_zone` puts its name beside clock times, for readers who may be elsewhere (R35).
    """

    language: str
    zone: ZoneInfo
    now: datetime
    names_zone: bool = False

    @classmethod
    def for_anyone(cls, language: str, zone: ZoneInfo, now: datetime) -> Localizer:
        """For a text that anyone may read, of whom only the language is known."""
        return cls(language, zone, now, names_zone=language != "zh")

    def html(self, key: str, **args: str | int | float) -> str:
        """The text of a key as HTML; string arguments are cleaned, isolated where they run from right to left, and
        escaped. Raises LookupError for a missing key or variable."""
        return _as_html(self.language, key, tuple(args.items()))

    def text(self, key: str, **args: str | int | float) -> str:
        """The text of a key without markup, for buttons, notices and terminals."""
        return _as_text(self.language, key, tuple(args.items()))

    def money(self, fen: int) -> str:
        """An amount in fen as yuan: `¥1,299` or `¥12.50`."""
        return _money(self.language, fen)

    def discount(self, percent: int) -> str:
        """The number of a discount of so many percent: `31`, and in Chinese the tenths that are left (折): `6.9`."""
        return f"{(100 - percent) / 10:g}" if self.language == "zh" else str(percent)

    def number(self, value: int) -> str:
        """A whole number with the language's grouping."""
        return _number(self.language, value)

    def moment(self, when: datetime) -> str:
        """A moment (aware) as date and time: "today" and "tomorrow" by name, with the year if it is not this year."""
        return self.in_zone(self.brief(when))

    def brief(self, when: datetime) -> str:
        """The same without the zone, for buttons and titles."""
        # Naive, because equal aware datetimes of different zones would share one cache entry.
        local = when.astimezone(self.zone).replace(tzinfo=None)
        today = self.now.astimezone(self.zone).date()
        return _moment(self.language, local, (local.date() - today).days, local.year != today.year)

    def day_at(self, when: datetime) -> str:
        """A moment (aware) within a sentence: "tomorrow at 10:00"."""
        return self._in_words(when, "day-at")

    def at_day(self, when: datetime) -> str:
        """A moment (aware) at the end of a sentence: "at 08:00 today"."""
        return self._in_words(when, "at-day")

    def _in_words(self, when: datetime, key: str) -> str:
        local = when.astimezone(self.zone).replace(tzinfo=None)
        days = (local.date() - self.now.astimezone(self.zone).date()).days
        return self.in_zone(_in_words(self.language, key, local, days))

    def time(self, when: TimeOfDay) -> str:
        """A time of day, such as that of opening: `08:00`."""
        return self.in_zone(f"{when:%H:%M}")

    def left(self, until: datetime) -> str:
        """How long it still is until a moment (aware)."""
        return self.span(until - self.now)

    def in_zone(self, clock: str) -> str:
        """A clock time, or two, with the name of the zone where it may surprise."""
        if not self.names_zone:
            return clock
        return _as_text(self.language, "in-zone", (("moment", clock), ("zone", _zone_name(self.language, self.zone))))

    def exact(self, when: datetime) -> str:
        """A moment (aware) with weekday and year."""
        return self.in_zone(_exact(self.language, when.astimezone(self.zone)))

    def day(self, day: date) -> str:
        """A date with its weekday, without the year."""
        return _day(self.language, day)

    def span(self, length: timedelta) -> str:
        """A duration in minutes, hours or days."""
        minutes = max(1, round(length.total_seconds() / 60))
        if minutes < 60:
            return self.text("span-minutes", number=minutes)
        if minutes < 48 * 60:
            return self.text("span-hours", number=round(minutes / 60))
        return self.text("span-days", number=round(minutes / 1440))
