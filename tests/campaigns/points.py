"""The moments in the life of a notification at which a process can be killed or paused, reached by wrapping functions.

The product contains nothing of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

from handlers.messenger import Messenger
from services.carousel import Carousel
from services.notifications.outbox import Outbox
from storage import notifications

_Match = Callable[..., bool]


def _found(result: Any, *_: Any) -> bool:
    return bool(result)


def _becomes(state: str) -> _Match:
    return lambda result, connection, notification, to, *rest: bool(result) and to == state


_BEFORE = {
    "leaving": (Messenger, "send"),
    "answered": (Outbox, "sent"),
    "putting off": (Outbox, "chat_waits"),
}
_AFTER: dict[str, tuple[Any, str, _Match]] = {
    "claiming": (notifications, "claim", _found),
    "claimed": (Outbox, "claim", _found),
    "read": (Outbox, "contents", _found),
    "marking": (notifications, "settle", _becomes("inflight")),
    "marked": (Outbox, "begin", _found),
    "noting": (notifications, "settle", _becomes("sent")),
    "sent": (Outbox, "sent", lambda *_: True),
    "shown": (Carousel, "shown", lambda *_: True),
    "recovering": (notifications, "recover", lambda *_: True),
    "recovered": (Outbox, "recover", lambda *_: True),
    "put off": (Outbox, "chat_waits", lambda *_: True),
}
POINTS = (*_BEFORE, *_AFTER)
"""Names with -ing are inside their transaction, before its commit. Exceptions: *leaving* is just before the call;
*putting off* and *answered* are just before that transaction."""
SELDOM = ("claiming", "claimed", "recovering", "recovered", "putting off", "put off", "shown")
"""Points that not every notification reaches."""


def set_up(point: str, number: int, signal: int) -> None:
    """Let this process send itself a signal when it reaches the point for the nth time."""
    times = 0

    def here() -> None:
        nonlocal times
        times += 1
        if times == number:
            os.kill(os.getpid(), signal)

    if point in _BEFORE:
        owner, name = _BEFORE[point]
        verb = getattr(owner, name)

        @wraps(verb)
        async def stops_before(*args: Any, **named: Any) -> Any:
            here()
            return await verb(*args, **named)

        setattr(owner, name, stops_before)
    else:
        owner, name, is_it = _AFTER[point]
        action = getattr(owner, name)

        @wraps(action)
        async def stops_after(*args: Any, **named: Any) -> Any:
            result = await action(*args, **named)
            if is_it(result, *args):
                here()
            return result

        setattr(owner, name, stops_after)
