"""Classification of the drivers' errors: is the database unavailable for now, or is it a bug?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
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
"""Prefixes of SQLSTATEs (PostgreSQL, appendix A): no connection; out of disk, memory or connections; the server stops,
starts or cancels; a system error on the server; this process idled inside a transaction; a lock timed out."""


class DatabaseUnavailable(Exception):
    """The database is stopped, locked by another program, unreachable or out of disk: the work can be tried again.

    Nothing of the transaction is stored; only where the answer to its commit was lost, all of it may be.
    """


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and what it wraps."""
    while error is not None:
        yield error
        error = error.__cause__


def is_unavailable(error: BaseException | None) -> bool:
    """Whether an error that came out of a transaction says that the database cannot be used for now.

    A violated constraint, a wrong statement or a value that cannot be stored is a bug instead.
    """
    return any(_says_unavailable(cause) for cause in _causes(error))


def _says_unavailable(error: BaseException) -> bool:
    if isinstance(error, PoolTimeout | ConnectionError | TimeoutError | gaierror) or type(error) is OSError:
        return True  # inside a transaction only the database is awaited, so network errors are its own
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE:  # the higher bits say where it happened
        return True
    return str(getattr(error, "sqlstate", None) or "").startswith(_POSTGRESQL)


def sqlstate_of(error: BaseException | None) -> str | None:
    """PostgreSQL's code of an error, or of what it wraps."""
    codes = (getattr(cause, "sqlstate", None) for cause in _causes(error))
    return next((str(code) for code in codes if code), None)


def is_too_large(error: BaseException | None) -> bool:
    """Whether a number was beyond what a database stores: Telegram sends none such, so it was forged."""
    return any(isinstance(cause, OverflowError) for cause in _causes(error))
