"""Keeps a second bot from the same SQLite file."""

from __future__ import annotations

import fcntl
from pathlib import Path
from types import TracebackType
from typing import IO

from bot.settings import WrongSettings
from storage.db import Database


class OnlyOne:
    """Held while the bot runs. The system lets go of it when the process ends, however it ends.

    Raises WrongSettings where another process holds it. Databases other than SQLite are not its business.
    """

    def __init__(self, db: Database) -> None:
        self._path = Path(f"{db.url.database}.lock") if db.is_sqlite and db.url.database else None
        self._file: IO[str] | None = None

    def __enter__(self) -> OnlyOne:
        if self._path is not None:
            self._file = self._path.open("w")
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._file.close()
                raise WrongSettings(
                    f"another bot runs on {self._path.with_suffix('')} already; stop it first"
                ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
