"""A backup of the SQLite file every hour, where a folder is configured; the oldest ones are deleted."""

from __future__ import annotations

import asyncio
import glob
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.worker import Worker
from services.clock import Clock
from storage.db.backup import BackupError, Cancellation, back_up, clear_unfinished

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
_AFTER_A_FAILURE = 300.0
_MOMENT = "%Y%m%dT%H%M%S.%fZ"
"""The moment in a backup's name; names sort by it."""
_ANY_MOMENT = f"{'[0-9]' * 8}T{'[0-9]' * 6}.{'[0-9]' * 6}Z"


class Backups(Worker):
    """Keeps the newest `keep` backups of a database in a folder. They are written in a thread, so taps do not wait."""

    def __init__(self, clock: Clock, database: Path, folder: Path, keep: int, *, every: float = EVERY_SECONDS) -> None:
        super().__init__(clock, log, "backups")
        self._database = database
        self._folder = folder
        self._keep = keep
        self._every = every
        self._names = f"{glob.escape(database.stem)}-{_ANY_MOMENT}.db"
        self._cancellation = Cancellation()

    def stop(self) -> None:
        """Abandon the running backup and begin no more: a large one would take longer than a stop may."""
        super().stop()
        self._cancellation.cancel()

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
        """Write a backup now and delete the oldest; its path and bytes. Blocks; raises BackupError.

        Leftovers of killed backups are deleted first: each is as large as the database, and may hold what users have
        erased (R36). Only one bot runs on the database, so no other process writes under these names.
        """
        clear_unfinished(self._folder, self._names)
        target = self._folder / f"{self._database.stem}-{self.clock.now():{_MOMENT}}.db"
        size = back_up(self._database, target, self._cancellation)
        for old in sorted(self._all())[: -self._keep]:
            old.unlink(missing_ok=True)
        return target, size

    def _all(self) -> Iterator[Path]:
        return self._folder.glob(self._names)

    def _due_in(self) -> float:
        """Seconds until the next backup; never more than one interval, in case the system clock was set back."""
        newest = max((path.stem.rpartition("-")[2] for path in self._all()), default=None)
        if newest is None:
            return 0.0
        age = self.clock.now() - datetime.strptime(newest, _MOMENT).replace(tzinfo=UTC)
        return min(self._every, max(0.0, self._every - age.total_seconds()))
