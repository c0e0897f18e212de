"""What strangers can cause at will is logged once per kind and minute."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp.http_exceptions import HttpProcessingError

MINUTE = 60.0
_MOST_KINDS = 1000


class OncePerMinute(logging.Filter):
    """Lets the first record of each kind and minute pass, with the number of those held back before it.

    A kind is a logger, the text before its arguments, and the class of the error. A malformed request is the client's
    mistake, so its record loses the trace. `monotonic` gives seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._passed: dict[tuple[str, str, str], float] = {}
        self._held: dict[tuple[str, str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg, record.args = "a malformed request was refused: %s", (type(error).__name__,)
            record.exc_info = record.exc_text = None
        kind = (record.name, str(record.msg).partition("\n")[0], type(error).__name__)
        now = self._monotonic()
        if now - self._passed.get(kind, now - MINUTE) < MINUTE:
            self._held[kind] = self._held.get(kind, 0) + 1
            return False
        if len(self._passed) >= _MOST_KINDS:
            self._passed.clear()
            self._held.clear()
        self._passed[kind] = now
        if held := self._held.pop(kind, 0):
            record.msg, record.args = f"{record.getMessage()} ({held} more like this were not logged)", None
        return True

    @contextmanager
    def on(self, *names: str) -> Iterator[None]:
        """Filter the records of these loggers within the block."""
        loggers = [logging.getLogger(name) for name in names]
        for each in loggers:
            each.addFilter(self)
        try:
            yield
        finally:
            for each in loggers:
                each.removeFilter(self)
