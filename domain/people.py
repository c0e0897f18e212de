"""Members: what they chose, and when they may be disturbed (R13, R27, R35)."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

LANGUAGES = ("zh", "en")
"""The languages of every text, the first being the one for everybody else's second choice."""


def language_for(chosen: str | None, app_language: str | None) -> str:
    """The member's own setting, else what their app speaks: Chinese for `zh…`, English otherwise (R35)."""
    if chosen in LANGUAGES:
        return chosen
    return "zh" if (app_language or "").lower().startswith("zh") else "en"


def ghost_of(key: bytes, chat_id: int) -> str:
    """What is kept of a forgotten person while their votes are on display (R16): nobody can turn it back without the
    key, and it tells whether somebody who comes is the same person."""
    return hmac.new(key, str(chat_id).encode(), sha256).hexdigest()


def own_part(update: Mapping[str, Any]) -> dict[str, str | None]:
    """What a person did by one of Telegram's updates and wrote in it themselves: nothing that they quote or forward."""
    for kind, event in update.items():
        if isinstance(event, Mapping):
            texts = [event.get(name) for name in ("text", "caption", "data", "query")]
            written = None if "forward_origin" in event else next((text for text in texts if text), None)
            return {"kind": kind, "written": written}
    return {"kind": None, "written": None}


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A daily span of local time in which nothing unasked is sent, also over midnight. Equal ends: never quiet."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> QuietHours:
        """Read `22:00-08:00`. Raises ValueError with a sentence for people."""
        match = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*[-–—~至]\s*(\d{1,2}):(\d{2})\s*", text)
        if match is None:
            raise ValueError(f"{text!r} is not of the form 22:00-08:00")
        h1, m1, h2, m2 = (int(part) for part in match.groups())
        try:
            return cls(
                time(h1 % 24 if (h1, m1) == (24, 0) else h1, m1), time(h2 % 24 if (h2, m2) == (24, 0) else h2, m2)
            )
        except ValueError:
            raise ValueError(f"{text!r} names a time that no clock shows") from None

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def covers(self, moment: time) -> bool:
        """Whether this local time of day is quiet; the end is no longer quiet."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def free_from(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first moment from `now` (aware) on that is not quiet: `now` itself or the coming end (R27)."""
        local = now.astimezone(zone)
        if not self.covers(local.time().replace(tzinfo=None)):
            return now
        end = datetime.combine(local.date(), self.end, zone)
        if end <= local:
            end = datetime.combine(local.date() + timedelta(days=1), self.end, zone)
        return end.astimezone(now.tzinfo)


@dataclass(frozen=True, slots=True)
class Member:
    """A person in the chat, with one chat ID. `quiet` is None while they keep the platform's quiet hours.

    `show_name` says that friends may read their first name beside what they canvass for (R23).
    """

    id: int
    chat_id: int
    first_name: str
    language: str
    chosen_language: str | None
    carousel_on: bool
    alerts_on: bool
    alerts_quiet: bool
    quiet: QuietHours | None
    show_name: bool = False
    organiser: bool = False
    new: bool = False
