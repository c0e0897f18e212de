"""What is kept no longer than it is needed: updates that failed, errands, and pictures that no good has (R36)."""

from __future__ import annotations

from datetime import timedelta

from services import jobs as of_errands
from services.context import Every, ServiceContext
from services.failed_updates import KEPT_FOR
from storage import campaigns, display, failed_updates, jobs, registration

PICTURES_WAIT = timedelta(days=1)
"""How long a picture waits for its good: longer than any import takes."""
KEEP_DRAWS = timedelta(days=3)
"""How long draws, "who saw what" and the carousels' letters stay after their round; the counts stay for ever."""
MOST_ROWS = 1_000
"""Draws, views and letters forgotten in one transaction: a million members make thirty million views a day."""
BATCHES = 20
"""Such transactions at a tick."""
MOST_AT_ONCE = 50
"""Pictures let go in one transaction, so that taps never wait for it."""


class Housekeeping:
    """Tidies up once an hour."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._looks = Every(timedelta(hours=1))

    async def tick(self) -> None:
        """Let go of what has been kept for long enough; the schedule calls this all the time."""
        now = self._context.clock.now()
        if not self._looks.due(now):
            return
        async with self._context.db.write() as connection:
            await failed_updates.clear(connection, now - KEPT_FOR)
            await jobs.delete_old(connection, now - of_errands.KEPT_FOR)
        for _ in range(BATCHES):
            async with self._context.db.write() as connection:
                gone = await display.clear_old(connection, now - KEEP_DRAWS, MOST_ROWS)
                gone = max(gone, await campaigns.clear_old(connection, now - KEEP_DRAWS, MOST_ROWS))
            if gone < MOST_ROWS:
                break
        else:
            self._looks.soon()  # the schedule has other things to do: the next tick goes on
        gone = MOST_AT_ONCE
        while gone == MOST_AT_ONCE:
            async with self._context.db.write() as connection:
                gone = await registration.drop_pictures(connection, now - PICTURES_WAIT, MOST_AT_ONCE)
