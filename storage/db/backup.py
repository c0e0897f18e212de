"""Checked copies of an SQLite database that is in use, and restoring one.

Everything here blocks: a running program calls it on a thread.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from storage.db.numbering import SKIP_ON_SQLITE

_ROOM = 1.1
"""Free space that a copy needs, as a multiple of its size: others write to the same disk meanwhile."""
_PART = ".part"


class BackupError(Exception):
    """One line for operators: why there is no backup, or why one cannot be used."""


class Cancellation:
    """Lets another thread cancel a backup: what SQLite does for it then ends with an error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """Cancel for good. A backup that is nearly done may still finish."""
        with self._lock:
            self._cancelled = True
            if self._connection is not None:
                self._connection.interrupt()

    @contextlib.contextmanager
    def interrupts(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Statements of this connection inside can be interrupted. Raises BackupError where it was cancelled before."""
        with self._lock:
            if self._cancelled:
                raise BackupError("it was given up")
            self._connection = connection
        try:
            yield
        finally:
            with self._lock:  # a closed connection must not be interrupted
                self._connection = None


def back_up(database: Path, target: Path, cancellation: Cancellation | None = None) -> int:
    """Write a copy of the present state while others go on writing; returns its size in bytes. Raises BackupError, also
    where the disk has no room for it, and soon after a cancellation.

    In the copy everything due is held, so that a bot that is started on it sends nothing for a second time. The copy
    gets its name only once it is checked and on the disk, and replaces a file of this name.
    """
    cancellation = cancellation or Cancellation()
    if not database.is_file():
        raise BackupError(f"{database} does not exist yet")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as copy, contextlib.closing(sqlite3.connect(database, timeout=60)) as connection:
            _find_room(connection, target.parent)
            with cancellation.interrupts(connection):
                connection.execute("VACUUM INTO ?", (str(copy),))
            check(copy, cancellation)
            _hold(copy)
            _sync(copy)
            os.replace(copy, target)
            _sync(target.parent)
        return target.stat().st_size
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"{target} cannot be written: {error}") from None


def _find_room(connection: sqlite3.Connection, folder: Path) -> None:
    """Raises BackupError for a disk that a copy would fill."""
    pages, empty, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    needed, free = (pages - empty) * size * _ROOM, shutil.disk_usage(folder).free
    if free < needed:
        raise BackupError(f"{folder} has room for {free / 1e6:.1f} MB, a copy asks for {needed / 1e6:.1f} MB")


def check(copy: Path, cancellation: Cancellation | None = None) -> None:
    """Raises BackupError for what is not a whole database of this bot, and soon after a cancellation."""
    try:
        with contextlib.closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            with (cancellation or Cancellation()).interrupts(connection):
                result = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error as error:
        raise BackupError(f"{copy} is not a database: {error}") from None
    if result != "ok":
        raise BackupError(f"{copy} is damaged: {result}")
    if "alembic_version" not in tables or not {"key_values", "facts"} & tables:
        raise BackupError(f"{copy} is not a database of this bot")


def clear_unfinished(folder: Path, names: str) -> None:
    """Delete the unfinished files of killed backups in a folder, for targets whose names match a pattern; no backup may
    be running."""
    for left in folder.glob(f".{names}.*{_PART}*"):
        left.unlink(missing_ok=True)


def restore(copy: Path, database: Path, now: datetime) -> Path | None:
    """Replace the database, which must not be in use, by a backup, with everything due held.

    Returns the new path of the replaced database, None where there was none. Raises BackupError.
    """
    check(copy)
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        with _beside(database) as fresh:
            with contextlib.closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                connection.execute("VACUUM INTO ?", (str(fresh),))  # includes what is only in its log
            check(fresh)
            _hold(fresh, now)
            _sync(fresh)
            before = _rename_replaced(database, now)
            os.replace(fresh, database)
            _sync(database.parent)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"{database} cannot be restored: {error}") from None
    return before


def _hold(copy: Path, now: datetime | None = None) -> None:
    """Hold everything due, and drop jobs: they may have been done since. The copy may be of an earlier version.

    What was stored since the backup has numbers that must not be given again.
    """
    with contextlib.closing(sqlite3.connect(copy)) as connection, connection:
        moment = (
            now.isoformat()
            if now
            else connection.execute("SELECT strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')").fetchone()[0]
        )
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "sqlite_sequence" in tables:
            connection.execute(SKIP_ON_SQLITE)
        if "key_values" in tables:
            connection.execute("INSERT OR REPLACE INTO key_values (name, value) VALUES ('held_since', ?)", (moment,))
            connection.execute("UPDATE jobs SET state = 'expired' WHERE state = 'waiting'")
            return
        connection.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('hold', ?)", (moment,))
        if "errands" in tables:
            connection.execute("UPDATE errands SET state = 'lapsed' WHERE state = 'waiting'")


def _rename_replaced(database: Path, now: datetime) -> Path | None:
    """Give the present database a second name, together with the files in which SQLite keeps its newest commits.

    It keeps its first name until the new database replaces it: else a kill could leave no database there, or the log
    of another one.
    """
    renamed = database.with_name(f"{database.name}.before-{now:%Y%m%dT%H%M%SZ}")
    was_there = database.exists() and database.stat().st_size > 0  # an empty file is the lock of this restore
    if was_there:
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(database, timeout=0)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # then there is no log that could be lost
        try:
            os.link(database, renamed)
        except OSError:  # not every file system has hard links
            shutil.copy2(database, renamed)
            _sync(renamed)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{database}{suffix}", f"{renamed}{suffix}")
    _sync(database.parent)
    return renamed if was_there else None


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """An empty file of another name in the same folder, readable only by its owner; deleted afterwards."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}{_PART}")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(f"{part}{suffix}").unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Wait until a file, or the entries of a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
