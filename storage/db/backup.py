"""Copies of an SQLite database that can be trusted, taken while it is in use, and the way back from one.

Everything here blocks: callers in a running program give it a thread.
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

_ROOM = 1.1
"""Free space that a copy asks for, of what it will hold: others go on writing to the same disk meanwhile."""
_PART = ".part"


class BackupError(Exception):
    """One line for people: why there is no backup, or why one cannot be used."""


class Leave:
    """Leave to work on, which another thread may withdraw: what SQLite does for a backup then ends with an error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._withdrawn = False

    def withdraw(self) -> None:
        """For good. What is nearly done may still be finished."""
        with self._lock:
            self._withdrawn = True
            if self._connection is not None:
                self._connection.interrupt()

    @contextlib.contextmanager
    def for_work_on(self, connection: sqlite3.Connection) -> Iterator[None]:
        """What is asked of this connection inside can be interrupted. Raises BackupError without leave."""
        with self._lock:
            if self._withdrawn:
                raise BackupError("it was given up")
            self._connection = connection
        try:
            yield
        finally:
            with self._lock:  # one that is closed must not be interrupted
                self._connection = None


def back_up(database: Path, target: Path, leave: Leave | None = None) -> int:
    """Write a copy of the state as of now, others may go on writing; returns its bytes. Raises BackupError, also where
    the disk has no room for it, and soon after `leave` was withdrawn.

    In the copy everything due is held, so that a bot which is started on it, however it came there, tells nobody
    anything for a second time. The copy gets its name only when it was checked and is on the disk; what had this name
    is replaced.
    """
    leave = leave or Leave()
    if not database.is_file():
        raise BackupError(f"{database} does not exist yet")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as copy, contextlib.closing(sqlite3.connect(database, timeout=60)) as connection:
            _find_room(connection, target.parent)
            with leave.for_work_on(connection):
                connection.execute("VACUUM INTO ?", (str(copy),))
            check(copy, leave)
            _hold(copy)
            _settle(copy)
            os.replace(copy, target)
            _settle(target.parent)
        return target.stat().st_size
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"{target} cannot be written: {error}") from None


def _find_room(connection: sqlite3.Connection, folder: Path) -> None:
    """Raises BackupError for a disk that a copy would fill: what else lives there needs it more."""
    pages, empty, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    needed, free = (pages - empty) * size * _ROOM, shutil.disk_usage(folder).free
    if free < needed:
        raise BackupError(f"{folder} has room for {free / 1e6:.1f} MB, a copy asks for {needed / 1e6:.1f} MB")


def check(copy: Path, leave: Leave | None = None) -> None:
    """Raises BackupError for what is not a whole database of this bot, and soon after `leave` was withdrawn."""
    try:
        with contextlib.closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            with (leave or Leave()).for_work_on(connection):
                said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error as error:
        raise BackupError(f"{copy} is not a database: {error}") from None
    if said != "ok":
        raise BackupError(f"{copy} is damaged: {said}")
    if "alembic_version" not in tables or not {"key_values", "facts"} & tables:
        raise BackupError(f"{copy} is not a database of this bot")


def clear_unfinished(folder: Path, names: str) -> None:
    """Delete what killed backups left in a folder, of targets whose names match a pattern; none may be under way."""
    for left in folder.glob(f".{names}.*{_PART}*"):
        left.unlink(missing_ok=True)


def restore(copy: Path, database: Path, now: datetime) -> Path | None:
    """Put a backup in the place of the database, which must not be in use, with everything due held.

    Returns where the database of before has been put, None where there was none. Raises BackupError.
    """
    check(copy)
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        with _beside(database) as fresh:
            with contextlib.closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                connection.execute("VACUUM INTO ?", (str(fresh),))  # with what stands beside it in its log
            check(fresh)
            _hold(fresh, now)
            _settle(fresh)
            before = _keep_aside(database, now)
            os.replace(fresh, database)
            _settle(database.parent)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"{database} cannot be restored: {error}") from None
    return before


def _hold(copy: Path, now: datetime | None = None) -> None:
    """Hold everything due, and drop jobs: they may have been done since. The copy may be of an earlier version."""
    with contextlib.closing(sqlite3.connect(copy)) as connection, connection:
        moment = (
            now.isoformat()
            if now
            else connection.execute("SELECT strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')").fetchone()[0]
        )
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "key_values" in tables:
            connection.execute("INSERT OR REPLACE INTO key_values (name, value) VALUES ('held_since', ?)", (moment,))
            connection.execute("UPDATE jobs SET state = 'expired' WHERE state = 'waiting'")
            return
        connection.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('hold', ?)", (moment,))
        if "errands" in tables:
            connection.execute("UPDATE errands SET state = 'lapsed' WHERE state = 'waiting'")


def _keep_aside(database: Path, now: datetime) -> Path | None:
    """Give the present database another name, together with the files in which SQLite keeps its newest commits.

    It keeps its place, too, until the new one takes that: between two names a kill would leave nothing there, or a log
    that belongs to another database.
    """
    aside = database.with_name(f"{database.name}.before-{now:%Y%m%dT%H%M%SZ}")
    was_there = database.exists()
    if was_there:
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(database, timeout=0)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # then there is no log that could be lost
        try:
            os.link(database, aside)
        except OSError:  # not every file system has second names
            shutil.copy2(database, aside)
            _settle(aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{database}{suffix}", f"{aside}{suffix}")
    _settle(database.parent)
    return aside if was_there else None


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """An empty file of another name in the same folder, for its owner's eyes only; gone afterwards."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}{_PART}")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(f"{part}{suffix}").unlink(missing_ok=True)


def _settle(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
