"""A backup of the SQLite file every hour, by setting; the oldest ones give way."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from storage.backup import BackupError, back_up

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
_AFTER_A_FAILURE = 300.0


class Backups:
    """Keeps the newest `keep` backups of a database in a folder. Works on a thread of its own: taps do not wait."""

    def __init__(self, database: Path, folder: Path, keep: int, *, every: float = EVERY_SECONDS) -> None:
        self._database = database
        self._folder = folder
        self._keep = keep
        self._every = every
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the one under way and begin no more."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped. A restart waits for what is left of the hour."""
        wait = self._due_in()
        while not await self._stopped_within(wait):
            try:
                target, size = await asyncio.to_thread(self.one)
                log.info("backup: %s, %.1f MB", target, size / 1e6)
                wait = self._every
            except (BackupError, OSError) as error:
                log.error("no backup: %s", error)
                wait = min(self._every, _AFTER_A_FAILURE)

    def one(self) -> tuple[Path, int]:
        """Write one now and let the oldest go; its path and bytes. Blocks; raises BackupError."""
        target = self._folder / f"{self._database.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.db"
        size = back_up(self._database, target)
        for old in sorted(self._all())[: -self._keep]:
            old.unlink(missing_ok=True)
        return target, size

    def _all(self) -> Iterator[Path]:
        """Those of this database: their names sort by their time."""
        return self._folder.glob(f"{self._database.stem}-[0-9]*T[0-9]*Z.db")

    def _due_in(self) -> float:
        newest = max((path.stat().st_mtime for path in self._all()), default=0.0)
        return max(0.0, newest + self._every - time.time())

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True
