"""What tests of the services share: people with ballots, and a look into the database behind the services' backs."""

from __future__ import annotations

import asyncio
import shutil
from collections import namedtuple
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from bot.services import Services
from domain.people import Member
from storage import items
from storage.db import Database
from storage.migrate import migrate
from storage.votes import VoteRecord
from tests import postgres
from tests.conftest import meet, put_on_display, spend
from tests.postgres_pool import Pool

Source = Path | Pool
"""An SQLite file to copy, or databases of PostgreSQL."""


@pytest.fixture(scope="session")
def server() -> Iterator[URL]:
    """A PostgreSQL server."""
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def templates(server: URL, tmp_path_factory: pytest.TempPathFactory) -> dict[str, URL]:
    """The PostgreSQL databases of which every test gets a copy."""
    made: dict[str, URL] = {}

    async def make() -> None:
        made["bare"] = await postgres.new_database(server)
        database = Database(postgres.address(made["bare"]))
        await migrate(database)
        await database.close()
        made["display"] = await postgres.new_database(server, str(made["bare"].database))
        await put_on_display(postgres.address(made["display"]), tmp_path_factory.mktemp("goods"))

    asyncio.run(make())
    return made


@pytest.fixture(scope="session")
def pools(templates: dict[str, URL]) -> dict[str, Pool]:
    """The PostgreSQL databases that tests use one after the other, by what they hold at first."""
    return {kind: Pool(template) for kind, template in templates.items()}


@pytest.fixture(params=["sqlite", "postgresql"])
def source(request: pytest.FixtureRequest) -> Source:
    """Where the test's database comes from: one with goods where the test asks for `display` too."""
    kind = "display" if "display" in request.fixturenames else "bare"
    if request.param == "postgresql" and not postgres.is_there():
        pytest.skip("PostgreSQL is not installed here")
    made: dict[str, Source] = request.getfixturevalue("made_once" if request.param == "sqlite" else "pools")
    return made[kind]


@pytest.fixture
async def db(tmp_path: Path, source: Source) -> AsyncIterator[Database]:
    """The test's own database."""
    if isinstance(source, Path):
        shutil.copy(source, tmp_path / "bot.db")
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
        yield database
        await database.close()
        return
    url = await source.take()
    database = Database(postgres.address(url))
    yield database
    await database.close()
    await source.give_back(url)


async def voter(services: Services, chat_id: int = 1001, ballots: int = 20, language: str = "en") -> Member:
    """A member with so many ballots from spending."""
    member = await meet(services, chat_id, f"P{chat_id}", language)
    if ballots:
        await spend(services, chat_id, f"{ballots}00", f"o-{chat_id:x}")
    return member


async def stored_about(services: Services, member: Member) -> dict[str, list[dict[str, object]]]:
    """All stored data about a member, by table."""
    stored: dict[str, list[dict[str, object]]] = {}
    async for table, rows in services.people.stored_about(member):
        stored.setdefault(table, []).extend(rows)
    return stored


async def votes_table(services: Services) -> list[VoteRecord]:
    """The standing votes as organisers export them."""
    return [row async for part in services.goods.votes_table() for row in part]


async def on_display(services: Services) -> list[int]:
    """The numbers of the items on display now."""
    async with services.context.db.read() as connection:
        return [item_id for item_id, _, _ in await items.on_display(connection, services.context.clock.now())]


async def ask(db: Database, query: str, **values: Any) -> Sequence[Any]:
    """Rows of a plain SQL question, in the words of SQLite on every database: moments and days are texts."""
    async with db.read() as connection:
        found = await connection.execute(text(query), values)
        row = namedtuple("row", found.keys(), rename=True)  # type: ignore[misc]
        return [row(*map(_plain, values)) for values in found]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, Decimal) else value


async def one(db: Database, query: str, **values: Any) -> Any:
    """The one value that a plain SQL question has for an answer."""
    return (await ask(db, query, **values))[0][0]


async def order(db: Database, command: str, **values: Any) -> None:
    """A plain SQL command; days are texts."""
    if not db.is_sqlite and "day" in values:
        values["day"] = date.fromisoformat(values["day"])
    async with db.write() as connection:
        await connection.execute(text(command), values)


async def deadlocks(db: Database) -> int:
    """How many deadlocks PostgreSQL has counted in this database, which other tests have had before."""
    counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    return 0 if db.is_sqlite else int(await one(db, counted))


async def until_blocked(db: Database, *tasks: asyncio.Task[Any]) -> None:
    """Wait until each of these tasks is done, or waits for a lock that a transaction of the test holds."""
    locks = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    async def blocked() -> bool:
        if db.is_sqlite:
            return db._one_writer.locked()  # type: ignore[attr-defined]
        return bool(await one(db, locks) >= sum(not task.done() for task in tasks))

    while not (all(task.done() for task in tasks) or await blocked()):
        await asyncio.sleep(0.01)


async def wants(services: Services, item_id: int) -> int:
    """The stored count of one item."""
    item = await services.goods.item(item_id)
    assert item is not None
    return item.wants


async def assert_sound(db: Database, votes_per_day: int = 5, *, overdrawn: bool = False) -> None:
    """What must hold whatever was done: every tally is that of the standing votes, the history of verdicts ends with
    those that the votes have, and no rule of R14-R16 broke; purses may be `overdrawn` after a refund or an erasure."""
    standing = "SELECT * FROM votes WHERE taken_back_at IS NULL"
    number = f"(SELECT count(*) FROM ({standing}) v WHERE v.item_id = i.id AND v.verdict"
    is_open = "(SELECT closed_at FROM rounds WHERE rounds.id = i.round_id) IS NULL"
    wrong = await ask(
        db,
        "SELECT i.id, i.wants, i.set_aside, i.withheld FROM items i "
        f"WHERE i.wants - i.withheld <> {number} = 'counted') OR i.set_aside <> {number} = 'set-aside') "
        f"OR i.withheld <> CASE WHEN {is_open} THEN {number} <> 'counted') ELSE 0 END",
    )
    assert not wrong, f"(item, its public count, set aside, withheld): {wrong}"
    newest = "SELECT new FROM verdict_changes WHERE vote_id = v.id ORDER BY id DESC LIMIT 1"
    assert not await ask(db, f"SELECT v.id FROM votes v WHERE v.verdict <> coalesce(({newest}), 'counted')")
    assert not await ask(db, f"SELECT member_id, item_id FROM ({standing}) v GROUP BY 1, 2 HAVING count(*) > 1")
    used = f"{standing} AND returned_at IS NULL"
    assert not await ask(
        db, f"SELECT member_id, day FROM ({used}) v GROUP BY 1, 2 HAVING count(*) > :most", most=votes_per_day
    )
    negative = await ask(
        db,
        f"SELECT m.id FROM members m JOIN ({used}) v ON v.member_id = m.id AND m.chat_id IS NOT NULL "
        "GROUP BY m.id, m.chat_id HAVING count(*) > "
        "(SELECT coalesce(sum(amount_fen), 0) / 10000 FROM spendings WHERE telegram_id = m.chat_id) + "
        "(SELECT coalesce(sum(ballots), 0) FROM grants WHERE member_id = m.id)",
    )
    assert overdrawn or not negative
