"""When the database cannot be used for now: what that looks like, driver by driver."""

from __future__ import annotations

import sqlite3
from socket import gaierror

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_SQLITE = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    )
)
_POSTGRESQL = ("08", "53", "57", "58", "25P03", "55P03")
"""SQLSTATEs begin so (PostgreSQL, appendix A): no connection; out of disk, memory or connections; stopped, starting
or told to give up; its own input and output failed; this process stood still inside a transaction; a lock did not come
free in time."""


class DatabaseUnavailable(Exception):
    """The database is stopped, held by another program, out of reach or out of disk: whoever waits can go on later.

    Nothing of the transaction is stored; only where the answer to its commit was lost, all of it may be.
    """


def is_unavailable(error: BaseException | None) -> bool:
    """Whether an error that came out of a transaction says that the database cannot be used for now.

    Bugs are none: a constraint that broke, a statement that is wrong, or a value that cannot be stored.
    """
    while error is not None:
        if isinstance(error, PoolTimeout | ConnectionError | TimeoutError | gaierror) or type(error) is OSError:
            return True  # inside a transaction only the database is awaited, so the network's errors are its own
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            return True
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE:  # the rest of the number says where it happened
            return True
        if str(getattr(error, "sqlstate", None) or "").startswith(_POSTGRESQL):
            return True
        error = error.__cause__
    return False


def sqlstate_of(error: BaseException | None) -> str | None:
    """PostgreSQL's code for what an error, or what it wraps, is about."""
    while error is not None:
        if state := getattr(error, "sqlstate", None):
            return str(state)
        error = error.__cause__
    return None


def is_too_large(error: BaseException | None) -> bool:
    """Whether a number was beyond what a database holds: Telegram has none such, so it was forged."""
    while error is not None:
        if isinstance(error, OverflowError):
            return True
        error = error.__cause__
    return False
