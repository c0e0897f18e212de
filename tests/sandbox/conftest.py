"""The sandbox under test, and the probe's stage."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from sandbox import Sandbox
from tests.sandbox.harness import Harness, set_the_stage


@pytest_asyncio.fixture
async def box() -> AsyncIterator[Sandbox]:
    """An empty sandbox without rate limits."""
    async with Sandbox(limits=False) as box:
        yield box


@pytest_asyncio.fixture
async def harness(box: Sandbox) -> AsyncIterator[Harness]:
    """The probe's cast on an otherwise empty sandbox."""
    async with aiohttp.ClientSession() as http:
        made = Harness(box, http)
        await set_the_stage(made)
        yield made
