"""Logs an outage of the database in two lines: when it begins and when it is over."""

from __future__ import annotations

import logging

from bot.telegram.redaction import error_of
from services.clock import Clock
from storage.errors import DatabaseUnavailable


class OutageLog:
    """What one worker logs about outages of the database."""

    def __init__(self, clock: Clock, log: logging.Logger, waiting: str) -> None:
        """`waiting` names what waits for the database."""
        self._clock = clock
        self._log = log
        self._waiting = waiting
        self._since: float | None = None

    def unavailable(self, error: DatabaseUnavailable) -> None:
        """Note that an operation failed."""
        if self._since is None:
            self._since = self._clock.monotonic()
            self._log.error("the database is unavailable, %s wait for it: %s", self._waiting, error_of(error))

    def available(self) -> None:
        """Note that an operation succeeded."""
        if self._since is not None:
            passed = self._clock.monotonic() - self._since
            self._log.warning("the database is available again after %.0f s, %s continue", passed, self._waiting)
            self._since = None
