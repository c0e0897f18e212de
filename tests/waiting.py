"""Waiting in real time for an event in another thread, process or server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

GUARD = 600.0
"""Real seconds after which a wait gives up: a guard against a test that hangs, not a measure of speed."""


async def until(reached: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait until `reached` returns true. For conditions that no event reports."""
    async with asyncio.timeout(GUARD):
        while True:
            found = reached()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.005)
