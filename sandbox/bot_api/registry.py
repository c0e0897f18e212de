"""The table of simulated Bot API methods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.bot_api.request import ApiRequest

Handler = Callable[[ApiRequest], Any]  # may be async; the dispatcher awaits what is awaitable


@dataclass(slots=True, frozen=True)
class ResultWithDescription:
    """A result with a `description` next to it in the response."""

    result: Any
    description: str


HANDLERS: dict[str, Handler] = {}


def method(*names: str) -> Callable[[Handler], Handler]:
    """Register a handler under the official names of one or more methods."""

    def register(handler: Handler) -> Handler:
        for name in names:
            HANDLERS[name.lower()] = handler
        return handler

    return register
