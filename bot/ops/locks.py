"""Keeps a second bot from the same SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.ops.permissions import database_files, why_not_writable
from bot.settings import SettingsError
from storage.db import Database


class AlreadyRunning(SettingsError):
    """Another process holds the lock."""


@contextmanager
def database_lock(db: Database) -> Iterator[None]:
    """Held while the bot runs. The operating system releases it when the process ends, in whatever way.

    Raises AlreadyRunning if another process holds it, and SettingsError if the files may not be written. Does nothing
    for databases other than SQLite.
    """
    if not (db.is_sqlite and db.url.database):
        yield
        return
    if (why_not := why_not_writable(database_files(Path(db.url.database)))) is not None:
        raise SettingsError(why_not)
    from filelock import FileLock, Timeout  # only SQLite needs it

    # Without the kernel's lock, filelock would fall back to a file that outlives a killed process.
    lock = FileLock(f"{db.url.database}.lock", blocking=False, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyRunning(f"another bot runs on {db.url.database} already; stop it first") from None
    except OSError as error:
        raise SettingsError(f"{lock.lock_file} cannot be locked: {error.strerror}") from None
    try:
        yield
    finally:
        lock.release()
