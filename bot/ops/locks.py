"""Keeps a second bot from the same SQLite file, by whatever name it opens it."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bot.ops.permissions import database_files, why_not_writable
from bot.settings import SettingsError
from storage.db import Database

_BYTE = 2**62
"""The byte of the database file that is locked: far behind those that SQLite locks and writes."""


class AlreadyRunning(SettingsError):
    """Another process holds the lock."""


@contextmanager
def database_lock(db: Database) -> Iterator[None]:
    """Held while the bot runs. The operating system releases it when the process ends, in whatever way. Enter it before
    the first connection, and leave it after the last: to close the file would drop SQLite's own locks.

    Raises AlreadyRunning if another process holds it, and SettingsError if the files may not be written. Does nothing
    for databases other than SQLite.
    """
    if not (db.is_sqlite and db.url.database):
        yield
        return
    if (why_not := why_not_writable(database_files(Path(db.url.database)))) is not None:
        raise SettingsError(why_not)
    with ExitStack() as stack:
        try:
            stack.enter_context(_lock_beside(db.url.database))
            stack.enter_context(_lock_itself(Path(db.url.database)))
        except (TimeoutError, BlockingIOError):
            raise AlreadyRunning(f"another bot runs on {db.url.database} already; stop it first") from None
        except OSError as error:
            raise SettingsError(f"{db.url.database} cannot be locked: {error.strerror}") from None
        yield


@contextmanager
def _lock_beside(database: str) -> Iterator[None]:
    """Lock a file of its own beside the database, as previous versions and other systems than Linux do. Raises
    TimeoutError."""
    from filelock import FileLock  # only SQLite needs it

    # Without the kernel's lock, filelock would fall back to a file that outlives a killed process.
    with FileLock(f"{database}.lock", blocking=False, fallback_to_soft=False):
        yield


@contextmanager
def _lock_itself(database: Path) -> Iterator[None]:
    """Lock the file, which symbolic and hard links lead to as well, and whose lock no one can delete. Raises
    BlockingIOError.

    An open file description lock (fcntl(2)): SQLite's own locks belong to the process, so they would not exclude each
    other, and closing one of its files would release ours.
    """
    if sys.platform != "linux":
        yield
        return
    descriptor = _locked(database)
    try:
        yield
    finally:
        if _is_open(descriptor, database) and os.fstat(descriptor).st_size == 0:  # made here, and nothing was stored
            database.unlink()
        os.close(descriptor)


def _locked(database: Path) -> int:
    wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, _BYTE, 1, 0)
    while True:
        descriptor = os.open(database, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)
            if _is_open(descriptor, database):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the file was replaced meanwhile, as `restore` does


def _is_open(descriptor: int, path: Path) -> bool:
    """Whether the path still leads to this open file."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
