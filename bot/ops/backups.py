"""A backup of the SQLite file every hour, by setting; the oldest ones give way."""

from __future__ import annotations

import asyncio
import glob
import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.worker import Worker
from services.clock import Clock
from storage.db.backup import BackupError, Leave, back_up, clear_unfinished

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
_AFTER_A_FAILURE = 300.0
_MOMENT = f"{'[0-9]' * 8}T{'[0-9]' * 6}.{'[0-9]' * 6}Z"
"""The moment in a backup's name, as a pattern; names sort by it."""


class Backups(Worker):
    """Keeps the newest `keep` backups of a database in a folder. Works on a thread of its own: taps do not wait."""

    def __init__(self, clock: Clock, database: Path, folder: Path, keep: int, *, every: float = EVERY_SECONDS) -> None:
        super().__init__(clock, log, "backups")
        self._database = database
        self._folder = folder
        self._keep = keep
        self._every = every
        self._names = f"{glob.escape(database.stem)}-{_MOMENT}.db"
        self._leave = Leave()

    def stop(self) -> None:
        """Give up the one under way and begin no more: a large one would take longer than a stop may."""
        super().stop()
        self._leave.withdraw()

    async def run(self) -> None:
        """Work until stopped. A restart waits for what is left of the hour."""
        wait = self._due_in()
        await self.pause(wait)
        while not self.stopping:
            try:
                target, size = await asyncio.to_thread(self.one)
                log.info("backup: %s, %.1f MB", target, size / 1e6)
                wait = self._every
            except (BackupError, OSError) as error:
                if self.stopping:
                    log.info("a backup was given up for the stop; the next start makes it")
                    return
                log.error("no backup: %s", error)
                wait = min(self._every, _AFTER_A_FAILURE)
            await self.pause(wait)

    def one(self) -> tuple[Path, int]:
        """Write one now and let the oldest go; its path and bytes. Blocks; raises BackupError.

        What killed ones left goes first: it is as large as the database, and what people had deleted may be in it
        (R36). Nobody else writes backups under these names, for one bot holds the database.
        """
        clear_unfinished(self._folder, self._names)
        target = self._folder / f"{self._database.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.db"
        size = back_up(self._database, target, self._leave)
        for old in sorted(self._all())[: -self._keep]:
            old.unlink(missing_ok=True)
        return target, size

    def _all(self) -> Iterator[Path]:
        """Those of this database."""
        return self._folder.glob(self._names)

    def _due_in(self) -> float:
        newest = max((path.stat().st_mtime for path in self._all()), default=0.0)
        return max(0.0, newest + self._every - time.time())
