"""Deletes what is no longer needed: failed updates, ended jobs, old draws and views, unused pictures (R36)."""

from __future__ import annotations

from datetime import timedelta

from services import jobs as job_service
from services.context import Every, ServiceContext
from services.failed_updates import KEPT_FOR
from storage import display, failed_updates, jobs, notifications, registration

PICTURES_WAIT = timedelta(days=1)
"""How long a picture without a good is kept: longer than any import takes."""
KEEP_DRAWS = timedelta(days=3)
"""How long draws, views and carousel notifications are kept after their round; the counts are kept for ever."""
MOST_ROWS = 1_000
"""Rows deleted in one transaction: a million members make thirty million views a day."""
BATCHES = 20
"""Such transactions per tick."""
MOST_AT_ONCE = 50
"""Pictures deleted in one transaction: few enough that taps do not wait noticeably."""


class Housekeeping:
    """Deletes old rows once an hour."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._looks = Every(timedelta(hours=1))

    async def tick(self) -> None:
        """Delete what has been kept for long enough; called at each tick of the scheduler."""
        now = self._context.clock.now()
        if not self._looks.due(now):
            return
        async with self._context.db.write() as connection:
            await failed_updates.clear(connection, now - KEPT_FOR)
            await jobs.delete_old(connection, now - job_service.KEPT_FOR)
        for _ in range(BATCHES):
            async with self._context.db.write() as connection:
                gone = await display.clear_old(connection, now - KEEP_DRAWS, MOST_ROWS)
                gone = max(gone, await notifications.clear_old(connection, now - KEEP_DRAWS, MOST_ROWS))
            if gone < MOST_ROWS:
                break
        else:
            self._looks.soon()  # the next tick goes on: the scheduler has other work
        gone = MOST_AT_ONCE
        while gone == MOST_AT_ONCE:
            async with self._context.db.write() as connection:
                gone = await registration.drop_pictures(connection, now - PICTURES_WAIT, MOST_AT_ONCE)
