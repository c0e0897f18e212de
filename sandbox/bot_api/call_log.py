"""The log of Bot API calls, without tokens."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass

from sandbox.bot_api.request import ApiRequest
from sandbox.errors import Refusal
from sandbox.state.events import EventFeed
from sandbox.state.model import Json

CAPACITY = 20_000
SHOWN_LENGTH = 400  # characters of one parameter


@dataclass(slots=True, frozen=True)
class LoggedCall:
    """A call; rendered as JSON only on request."""

    number: int
    method: str
    bot: str
    args: Json
    files: tuple[str, ...]
    started: float  # monotonic seconds
    seconds: float
    refusal: Refusal | None
    note: str

    def as_json(self) -> Json:
        """The entry in `GET /api/calls`. `ok`: the call took effect, even if its response was lost."""
        refusal = self.refusal
        return {
            "n": self.number,
            "method": self.method,
            "bot": self.bot,
            "chat_id": self.args.get("chat_id"),
            "ok": refusal is None,
            "error_code": refusal.code if refusal else None,
            "description": refusal.description if refusal else None,
            "at_monotonic": self.started,
            "seconds": self.seconds,
            "params": {name: _short(value) for name, value in self.args.items()},
            "files": list(self.files),
            "note": self.note,
        }


class CallLog:
    """A ring buffer of numbered calls. Successful getUpdates calls are not logged."""

    def __init__(self, feed: EventFeed) -> None:
        self._feed = feed
        self._ring: deque[LoggedCall] = deque(maxlen=CAPACITY)
        self.count = 0

    def add(self, call: ApiRequest | None, name: str, started: float, refusal: Refusal | None, note: str = "") -> None:
        """Log a call that has just ended. `started` is in monotonic seconds, `note` the kind of an injected fault."""
        if refusal is None and not note and name.lower() == "getupdates":
            return
        self.count += 1
        bot, args, files = (call.bot.username, call.args, tuple(call.files)) if call is not None else ("", {}, ())
        seconds = time.monotonic() - started
        logged = LoggedCall(self.count, name, bot, args, files, started, seconds, refusal, note)
        self._ring.append(logged)
        self._feed.emit("call", call=logged)

    def since(self, number: int) -> list[Json]:
        """The calls after a number, the oldest first."""
        return [logged.as_json() for logged in self._ring if logged.number > number]

    def clear(self) -> None:
        """Delete all entries."""
        self._ring.clear()


def _short(value: object) -> object:
    if isinstance(value, str) and len(value) > SHOWN_LENGTH:
        return value[:SHOWN_LENGTH] + "…"
    return value
