"""What tests of the services share: people with ballots, and a look into the database behind the services' backs."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.services import Services, make_services
from domain.people import Member
from storage import items
from storage.db import Database
from storage.migrate import migrate
from tests.conftest import Watch, import_goods, meet, settings_for, spend


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A migrated database, and one with forty goods on display: every test gets a copy, which takes a moment only."""
    folder = tmp_path_factory.mktemp("made-once")

    async def make() -> None:
        database = Database(f"sqlite+aiosqlite:///{folder}/bare.db")
        await migrate(database)
        await database.close()
        shutil.copy(folder / "bare.db", folder / "display.db")
        database = Database(f"sqlite+aiosqlite:///{folder}/display.db")
        services = make_services(database, settings_for(folder), Watch())
        await services.rounds.tick()
        await import_goods(services, folder, 40)
        assert await services.rounds.open_special()
        await database.close()

    asyncio.run(make())
    return {name: folder / f"{name}.db" for name in ("bare", "display")}


@pytest.fixture
async def db(tmp_path: Path, made_once: dict[str, Path], request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """The test's own database: with goods where the test asks for `display` too."""
    shutil.copy(made_once["display" if "display" in request.fixturenames else "bare"], tmp_path / "bot.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    yield database
    await database.close()


@pytest.fixture
def display(services: Services) -> Services:
    """Services with forty goods on display in a special round."""
    return services


async def voter(services: Services, chat_id: int = 1001, ballots: int = 20, language: str = "en") -> Member:
    """A member with so many ballots from spending."""
    member = await meet(services, chat_id, f"P{chat_id}", language)
    if ballots:
        await spend(services, chat_id, f"{ballots}00", f"for-{chat_id}")
    return member


async def on_display(services: Services) -> list[int]:
    """The numbers of the items on display now."""
    async with services.house.db.read() as connection:
        return [item_id for item_id, _, _ in await items.on_display(connection, services.house.clock())]


async def ask(db: Database, query: str, **values: Any) -> Sequence[Any]:
    """Rows of a plain SQL question."""
    async with db.read() as connection:
        return (await connection.execute(text(query), values)).all()


async def one(db: Database, query: str, **values: Any) -> Any:
    """The one value that a plain SQL question has for an answer."""
    return (await ask(db, query, **values))[0][0]


async def order(db: Database, command: str, **values: Any) -> None:
    """A plain SQL command."""
    async with db.write() as connection:
        await connection.execute(text(command), values)


async def wants(services: Services, item_id: int) -> int:
    """The stored count of one item."""
    item = await services.goods.item(item_id)
    assert item is not None
    return item.wants


async def assert_sound(db: Database, votes_per_day: int = 5) -> None:
    """What must hold whatever was done: every count is the number of standing votes, and no rule of R14-R16 broke."""
    standing = "SELECT * FROM votes WHERE taken_back_at IS NULL"
    wrong = await ask(
        db,
        f"SELECT i.id, i.wants, count(v.id) FROM items i LEFT JOIN ({standing}) v ON v.item_id = i.id "
        "GROUP BY i.id HAVING i.wants <> count(v.id)",
    )
    assert not wrong, f"(item, its count, its votes): {wrong}"
    assert not await ask(db, f"SELECT member_id, item_id FROM ({standing}) GROUP BY 1, 2 HAVING count(*) > 1")
    assert not await ask(
        db, f"SELECT member_id, day FROM ({standing}) GROUP BY 1, 2 HAVING count(*) > :most", most=votes_per_day
    )
    overdrawn = await ask(
        db,
        f"SELECT m.id FROM members m JOIN ({standing}) v ON v.member_id = m.id GROUP BY m.id HAVING count(*) > "
        "(SELECT coalesce(sum(amount_fen), 0) / 10000 FROM spendings WHERE telegram_id = m.chat_id) + "
        "(SELECT coalesce(sum(ballots), 0) FROM grants WHERE member_id = m.id)",
    )
    assert not overdrawn
