"""What tests share: a clock that can be moved, a real SQLite file, services over it, and goods to vote for."""

from __future__ import annotations

import asyncio
import io
import math
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from PIL import Image

from bot.services import Services, make_services
from bot.settings import Settings
from domain.csv_files import read_goods, read_spending
from domain.people import Member
from services.clock import SystemClock
from storage.db import Database
from storage.migrate import migrate
from tests import scratch
from tests.campaigns.size import sized
from tests.shortcuts import (
    bots_open_and_close_at_once,
    bots_share_their_handlers,
    commands_are_read_once,
    sqlite_changes_no_threads,
    statements_are_compiled_once,
)

__all__ = [
    "bots_open_and_close_at_once",
    "bots_share_their_handlers",
    "commands_are_read_once",
    "sqlite_changes_no_threads",
    "statements_are_compiled_once",
]

# An example may take as long as it takes: a busy machine must not fail a rule.
_ANY_SPEED: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "database": None}
settings.register_profile("fixed", derandomize=True, max_examples=50, **_ANY_SPEED)
settings.register_profile(
    "fresh", derandomize=False, max_examples=sized(small=200, full=500), print_blob=True, **_ANY_SPEED
)
settings.load_profile("fixed")  # `--hypothesis-profile fresh`, as in `make campaigns`, goes before this

ORGANISER = 1009
DEMO_TOKEN = "70000001:a-token-for-the-local-chat-of-tests"
TUESDAY_TEN = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Tuesday, 10:00 in Shanghai: an ordinary working day, two hours into its round."""


def examples(number: int) -> settings:
    """So many examples of a property in `make test`, and more in `make campaigns`, as of every property."""
    return settings(max_examples=number * settings.default.max_examples // 100)


class Watch(SystemClock):
    """A clock for tests: its wall time stands still until it is moved."""

    def __init__(self, now: datetime = TUESDAY_TEN) -> None:
        super().__init__(lambda: self.time)
        self.time = now

    def advance(self, **span: float) -> None:
        """Move on by a timedelta's arguments."""
        self.time += timedelta(**span)


class _Given(Settings):
    """Settings with no other source than what a test gives: to look through the environment takes milliseconds."""

    @classmethod
    def settings_customise_sources(cls, *sources: Any, init_settings: Any, **_others: Any) -> tuple[Any, ...]:
        return (init_settings,)


def settings_for(tmp_path: Path, **changes: object) -> Settings:
    """Settings of a test: a fresh SQLite file, nothing from this machine's environment or `.env`.

    The clock of most tests stands still, so the taps that undo a vote count at once; journeys have the default.
    """
    values: dict[str, object] = {
        "database_url": f"sqlite+aiosqlite:///{tmp_path}/bot.db",
        "web_port": 0,
        "metrics_port": 0,
        "local_chat_port": 0,
        "organiser_ids": frozenset({ORGANISER}),
        "double_tap_seconds": 0,
        **changes,
    }
    if not str(values["database_url"]).startswith("sqlite"):  # whose key would lie in this project's data folder
        values.setdefault("erasure_key", "a secret of the tests that opens no other key")
    return _Given(**values)  # type: ignore[arg-type]


CATEGORIES = ("apparel", "fashion", "shoes_bags", "appliances", "food", "mother_baby", "home", "other")


def make_goods(folder: Path, number: int, prefix: str = "g") -> Path:
    """A table of goods with small distinct pictures; prices, stock and categories vary."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        "ref,shop,title,title_en,category,original_price,expected_price,stock,lead_days,url,picture,"
        "description,description_en"
    ]
    for i in range(number):
        picture = folder / f"{prefix}{i}.png"
        Image.new("RGB", (40, 30), (i * 7 % 256, i * 31 % 256, (i * 59 + 40) % 256)).save(picture)
        lines.append(
            f"{prefix}{i},小店{i % 5},宝贝{prefix}{i},Thing {prefix}{i},{CATEGORIES[i % 8]},{200 + i}.50,{100 + i}.00,"
            f"{50 + i},{2 + i % 9},https://shop.example.com/{prefix}{i},{picture.name},很好的宝贝,A very good thing"
        )
    table = folder / f"{prefix}.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return table


async def import_goods(services: Services, folder: Path, number: int, prefix: str = "g") -> None:
    """Register goods that pass the audit."""
    table = make_goods(folder, number, prefix)
    found = await services.goods.import_goods(read_goods(table.read_bytes()), folder, "test")
    assert found.new == number and not found.bad


async def spend(services: Services, chat_id: int, yuan: str, ref: str = "") -> None:
    """Record spending of a person, from which ballots come."""
    line = f"telegram_id,amount,spent_on,ref\n{chat_id},{yuan},2026-01-05,{ref or f'o-{chat_id}-{yuan}'}\n"
    found = await services.goods.import_spending(read_spending(line.encode()))
    assert found.new == 1


async def queue_due(services: Services, seconds: float = math.inf) -> int:
    """What a tick does for groups and campaigns; returns how many notifications were queued."""
    await services.groups.open_due()
    return await services.campaigns.queue_due(seconds)


async def meet(services: Services, chat_id: int = 1001, name: str = "Ann", language: str = "en") -> Member:
    """A member."""
    return await services.people.meet(chat_id, name, language)


def a_picture(width: int = 64, height: int = 48, kind: str = "JPEG", colour: str = "teal") -> bytes:
    """The bytes of a plain picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema: to copy it takes a fraction of what the migrations take."""
    file = tmp_path_factory.mktemp("migrated") / "bot.db"

    async def make() -> None:
        empty = Database(f"sqlite+aiosqlite:///{file}")
        await migrate(empty)
        await empty.close()

    asyncio.run(make())
    return file


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> dict[str, Path]:
    """The SQLite files of which every test gets a copy, which takes a moment only."""
    files = {"bare": migrated, "display": migrated.with_name("display.db")}
    shutil.copy(migrated, files["display"])
    asyncio.run(put_on_display(f"sqlite+aiosqlite:///{files['display']}", tmp_path_factory.mktemp("goods")))
    return files


async def put_on_display(url: str, folder: Path) -> None:
    """Open the round of the day in a migrated database, and a special round with forty goods."""
    database = Database(url)
    services = make_services(database, settings_for(folder), Watch())
    await services.rounds.tick()
    await import_goods(services, folder, 40)
    assert await services.rounds.open_special()
    await database.close()


@pytest.fixture
async def db(request: pytest.FixtureRequest, tmp_path: Path, made_once: dict[str, Path]) -> AsyncIterator[Database]:
    shutil.copy(made_once["display" if "display" in request.fixturenames else "bare"], tmp_path / "bot.db")
    own = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    yield own
    await own.close()


@pytest.fixture
def services(db: Database, tmp_path: Path, watch: Watch) -> Services:
    return make_services(db, settings_for(tmp_path), watch)


@pytest.fixture
def display(services: Services) -> Services:
    """Services with forty goods on display in a special round, and the round of the day."""
    return services


# -- what a run leaves out ---------------------------------------------------------------------------------------------

_CAMPAIGNS = ("long", "browser")
_left_out = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_left_out] = Counter()
    if memory := scratch.root():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", memory)  # of `tmp_path`


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where a module says so, only its tests on SQLite are quick ones, and those marked as exceptions: see
    docs/testing.md."""
    for item in items:
        parameters = getattr(item, "callspec", None)
        later = item.get_closest_marker("postgresql_later") and not item.get_closest_marker("postgresql_too")
        if later and parameters and "postgresql" in parameters.params.values():
            item.add_marker(pytest.mark.long)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Count the tests of the campaigns that `-m` leaves out, by their marker."""
    for item in items:
        marker = next((name for name in _CAMPAIGNS if item.get_closest_marker(name)), None)
        if marker is not None:
            item.config.stash[_left_out][marker] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of xdist hands its count to the controller, which collects no tests itself."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = dict(session.config.stash[_left_out])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every worker collects all tests, so each has the same count; a worker that crashed has none."""
    node.config.stash[_left_out] |= Counter(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", [])
    )
    for reason, number in skipped.items():
        terminalreporter.write_line(f"Skipped: {number} ({reason})")
    left_out = config.stash[_left_out]
    if left_out:
        numbers = ", ".join(f"{left_out[name]} marked {name}" for name in _CAMPAIGNS if left_out[name])
        terminalreporter.write_line(f"Left out: {numbers}; run `make campaigns`")
