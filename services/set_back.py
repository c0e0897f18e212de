"""What waited for a moment that has passed goes on when the clock is set back (R24, R26)."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.context import Every, ServiceContext
from storage import campaigns, jobs, key_values, notifications

_SEEN = "clock_seen"
_EVERY = timedelta(minutes=1)
_AT_ONCE = 1_000
"""Notifications brought forward in one transaction."""


class SetBack:
    """Notices that the clock is behind the latest time that was seen, also before a restart."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._looks = Every(_EVERY)

    async def tick(self) -> bool:
        """Bring forward what was due by the time before; returns whether the clock was set back."""
        now = self._context.clock.now()
        if not self._looks.due(now):
            return False
        async with self._context.db.read() as connection:
            stored = await key_values.get(connection, _SEEN)
        # The time is stored once a minute, so by as much it may have gone on since; clocks of processes differ less.
        until = datetime.fromisoformat(stored) + _EVERY if stored else now
        set_back = until > now + 2 * _EVERY
        if set_back:
            await self._bring_forward(now, until)
        async with self._context.db.write() as connection:
            await key_values.set(connection, _SEEN, now.isoformat())
        return set_back

    async def _bring_forward(self, now: datetime, until: datetime) -> None:
        moved = _AT_ONCE
        while moved == _AT_ONCE:
            async with self._context.db.write() as connection:
                moved = await notifications.bring_forward(connection, now, until, _AT_ONCE)
        async with self._context.db.write() as connection:
            await campaigns.bring_forward(connection, now, until)
            await jobs.bring_forward(connection, now, until)
