"""Fixtures of campaigns about delivery: goods on display, an empty outbox, a Bot API server, and sender processes."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from bot.services import make_services
from sandbox import Sandbox
from services.clock import SystemClock
from storage.db import Database
from tests import postgres
from tests.bot.delivery.sender_kit import TOKEN
from tests.campaigns.outbound import Post, Senders
from tests.conftest import TUESDAY_TEN, settings_for
from tests.services.conftest import server, templates

__all__ = ["server", "templates"]


@pytest.fixture(scope="session")
def senders() -> Iterator[Senders]:
    """Starts sender processes."""
    source = Senders()
    yield source
    source.close()


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    """A Bot API server at whose clock it is Tuesday morning."""
    async with Sandbox(any_token=False, limits=False) as box:
        box.clock.move_to(TUESDAY_TEN)
        box.add_bot(TOKEN, "test_bot", "Test")
        yield box


@pytest.fixture(params=["sqlite", "postgresql"])
def goods(request: pytest.FixtureRequest) -> Path | URL:
    """A database with forty goods on display. Tests copy it."""
    name = "made_once" if request.param == "sqlite" else "templates"
    made: dict[str, Path | URL] = request.getfixturevalue(name)
    return made["display"]


@pytest.fixture
async def post(telegram: Sandbox, senders: Senders, goods: Path | URL, tmp_path: Path) -> AsyncIterator[Post]:
    """An empty outbox in the test's own database."""
    if isinstance(goods, Path):
        shutil.copy(goods, tmp_path / "bot.db")
        url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    else:
        url = postgres.address(await postgres.new_database(goods, str(goods.database)))
    db = Database(url)
    yield Post(telegram, make_services(db, settings_for(tmp_path), SystemClock(telegram.clock.now)), db, senders)
    await senders.end_all()
    await db.close()
    if isinstance(goods, URL):
        await postgres.drop_database(db.url)
