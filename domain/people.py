"""Members and bound chats: language, settings and quiet hours (R13, R27, R35)."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from domain.calendar import instant
from domain.reading.shown_text import clean
from domain.reading.times import read_clock
from domain.reading.width import to_plain_width

_AS_STORED = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_ORGANISER = re.compile(r"organiser ([0-9]{1,18})")
_UNTIL = re.compile(r"\s*(?:[-–—~〜至到]|\bto\b)\s*", re.IGNORECASE)

LANGUAGES = ("zh", "en")
"""The languages of every text; the first one is the fallback."""


NAMELESS = "👤"
"""Stands for a name that has nothing to see."""

PICKS = 3
"""Number of cards sent to a bound chat when a round opens."""


def language_for(chosen: str | None, app_language: str | None) -> str:
    """The member's setting, else the language of their app: Chinese for `zh…`, English otherwise (R35)."""
    if chosen in LANGUAGES:
        return chosen
    return "zh" if (app_language or "").lower().startswith("zh") else "en"


def may_be_elsewhere(app_language: str | None) -> bool:
    """Whether a member may live in another time zone than the platform's: their app is not in Chinese (R35)."""
    return not (app_language or "").lower().startswith("zh")


RULES = "rules"
"""The actor of the welcome grant, which no person gives."""


class MemberErased(Exception):
    """The member was erased after they were read: nothing is stored for them any more (R36)."""


def keyed_hash(key: bytes, value: int | str) -> str:
    """Stands for a chat ID, or the key of a gift, after an erasure: equal where they are; irreversible without the
    key (R36)."""
    return hmac.new(key, str(value).encode(), sha256).hexdigest()


def welcome_key(key: bytes, chat_id: int) -> str:
    """The key of a person's welcome grant: it is theirs once, also where they erase their data and come back (R14)."""
    return f"welcome:{keyed_hash(key, chat_id)[:48]}"


@dataclass(frozen=True, slots=True)
class ErasedHashes:
    """What may stay of a member who is erased, hashed with this key (R36)."""

    key: bytes
    chat_id: int

    @property
    def person(self) -> str:
        """Recognises the person when they come back."""
        return keyed_hash(self.key, self.chat_id)

    @property
    def welcome(self) -> str:
        """The key of their welcome grant."""
        return welcome_key(self.key, self.chat_id)

    def gift(self, key: str) -> str:
        """Stands for the key that organisers gave a grant."""
        return keyed_hash(self.key, key)


def own_part(update: Mapping[str, object]) -> dict[str, str | None]:
    """The kind of an update and the text that its user wrote; quoted and forwarded text is left out."""
    for kind, event in update.items():
        if isinstance(event, Mapping):
            texts = [event.get(name) for name in ("text", "caption", "data", "query")]
            written = (
                None
                if "forward_origin" in event
                else next((text for text in texts if isinstance(text, str) and text), None)
            )
            return {"kind": kind, "written": written}
    return {"kind": None, "written": None}


def _moments(wall: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """When the zone's clocks show `wall`: twice where they go back over it, and once they go on where they skip it."""
    first, again = instant(zone, wall), wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return (first, again) if again > first else (first,)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A daily span of local time without notifications; it may cross midnight. Equal ends mean no quiet hours."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> QuietHours:
        """Read `22:00-08:00`, also as Chinese keyboards write it, and `晚上11点到早上7点半`. Raises ValueError with a
        readable message."""
        if _AS_STORED.fullmatch(text):
            return cls(time.fromisoformat(text[:5]), time.fromisoformat(text[6:]))
        parts = _UNTIL.split(to_plain_width(text).strip())
        clocks = [read_clock(part) for part in parts]
        if len(clocks) != 2 or None in clocks:
            raise ValueError(f"{text!r} is not two times of a clock of the form 22:00-08:00")
        return cls(*(clock for clock in clocks if clock is not None))

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def covers(self, moment: time) -> bool:
        """Whether this local time of day is quiet; the end is exclusive."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def free_from(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first moment that is not quiet: `now` (aware) itself, or the next end of the quiet hours (R27)."""
        local = now.astimezone(zone).replace(tzinfo=None)
        if not self.covers(local.time()):
            return now
        ends = (_moments(datetime.combine(local.date() + timedelta(days=days), self.end), zone) for days in (0, 1))
        return next(end for of_day in ends for end in of_day if end > now).astimezone(now.tzinfo)


@dataclass(frozen=True, slots=True)
class Member:
    """A user with a private chat. `quiet` is None while the platform's quiet hours apply.

    `show_name` allows friends to read the first name on canvass links (R23). Members who may be `elsewhere` read the
    name of the platform's time zone beside times (R35).
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
    elsewhere: bool = False

    @property
    def shown_name(self) -> str:
        """The first name without invisible characters; a sign for a name that has no others."""
        return clean(self.first_name).strip() or NAMELESS

    @property
    def as_organiser(self) -> str:
        """How history names this member as an organiser who did something."""
        return f"organiser {self.id}"


def organiser_number(actor: str) -> int | None:
    """The member whom history names like `Member.as_organiser`; None for any other actor."""
    found = _ORGANISER.fullmatch(actor)
    return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class BoundChat:
    """A group or channel that its administrators bound. `chat_id` is Telegram's; `language` None means both.

    `topic` is the forum topic that everything goes to; None without topics, and for General. `paused` is why nothing is
    posted there now, a code of `CallOutcome`. With `fairness` it is sent the figures of each round (R39).
    """

    id: int
    chat_id: int
    channel: bool
    language: str | None
    topic: int | None = None
    paused: str | None = None
    fairness: bool = False

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of messages in this chat."""
        return (self.language,) if self.language else LANGUAGES
