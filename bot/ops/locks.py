"""Keeps a second bot from the same SQLite file."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from filelock import BaseFileLock, FileLock, Timeout

from bot.settings import SettingsError
from storage.db import Database


class DatabaseLock:
    """Held while the bot runs. The operating system releases it when the process ends, however it ends.

    Raises WrongSettings if another process holds it. Does nothing for databases other than SQLite.
    """

    def __init__(self, db: Database) -> None:
        self._database = Path(db.url.database) if db.is_sqlite and db.url.database else None
        self._lock: BaseFileLock | None = None
        if self._database is not None:
            # Without the kernel's lock, filelock would fall back to a file that outlives a killed process.
            self._lock = FileLock(f"{self._database}.lock", blocking=False, fallback_to_soft=False)

    def __enter__(self) -> DatabaseLock:
        if self._lock is not None:
            try:
                self._lock.acquire()
            except Timeout:
                raise SettingsError(f"another bot runs on {self._database} already; stop it first") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock is not None:
            self._lock.release()
