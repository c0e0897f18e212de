"""A database that is away, in the log: one line when it goes, one when it is back."""

from __future__ import annotations

import logging
import time

from bot.telegram.redaction import error_of
from storage.errors import DatabaseUnavailable


class OutageLog:
    """What one part of the bot says of it."""

    def __init__(self, log: logging.Logger, what_waits: str) -> None:
        self._log = log
        self._what_waits = what_waits
        self._since: float | None = None

    def away(self, error: DatabaseUnavailable) -> None:
        """It could not be used just now."""
        if self._since is None:
            self._since = time.monotonic()
            self._log.error("the database is away, and %s wait for it: %s", self._what_waits, error_of(error))

    def back(self) -> None:
        """It could be used just now."""
        if self._since is not None:
            passed = time.monotonic() - self._since
            self._log.warning("the database is back after %.0f s, and %s go on", passed, self._what_waits)
            self._since = None
