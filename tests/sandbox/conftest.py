"""Fixtures: the sandbox under test, empty or with accounts and chats."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from sandbox import Sandbox
from tests.sandbox.harness import Harness, create_accounts


@pytest_asyncio.fixture
async def box() -> AsyncIterator[Sandbox]:
    """An empty sandbox without rate limits."""
    async with Sandbox(limits=False) as box:
        yield box


@pytest_asyncio.fixture
async def harness(box: Sandbox) -> AsyncIterator[Harness]:
    """A sandbox with the accounts and chats of `create_accounts`."""
    async with aiohttp.ClientSession() as http:
        made = Harness(box, http)
        await create_accounts(made)
        yield made
