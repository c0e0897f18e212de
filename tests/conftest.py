"""What tests share: a clock that can be moved, a real SQLite file, services over it, and goods to vote for."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.services import Services, make_services
from bot.settings import Settings
from domain.csv_files import read_goods, read_spending
from domain.people import Member
from storage.db import Database
from storage.migrate import migrate

ORGANISER = 1009
TUESDAY_TEN = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Tuesday, 10:00 in Shanghai: an ordinary working day, two hours into its round."""


class Watch:
    """A clock for tests: stands still until it is moved."""

    def __init__(self, now: datetime = TUESDAY_TEN) -> None:
        self.time = now

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **span: float) -> None:
        """Move on by a timedelta's arguments."""
        self.time += timedelta(**span)


def settings_for(tmp_path: Path, **changes: object) -> Settings:
    """Settings of a test: a fresh SQLite file, nothing from this machine's environment or `.env`."""
    values: dict[str, object] = {
        "database_url": f"sqlite+aiosqlite:///{tmp_path}/bot.db",
        "web_port": 0,
        "local_chat_port": 0,
        "organiser_ids": frozenset({ORGANISER}),
        **changes,
    }
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


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
    found = await services.goods.take_in(read_goods(table.read_bytes()), folder, "test")
    assert found.new == number and not found.bad


async def spend(services: Services, chat_id: int, yuan: str, ref: str = "") -> None:
    """Record spending of a person, from which ballots come."""
    line = f"telegram_id,amount,spent_on,ref\n{chat_id},{yuan},2026-01-05,{ref or f'o-{chat_id}-{yuan}'}\n"
    found = await services.goods.take_in_spending(read_spending(line.encode()))
    assert found.new == 1


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


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    await migrate(database)
    yield database
    await database.close()


@pytest.fixture
def services(db: Database, tmp_path: Path, watch: Watch) -> Services:
    return make_services(db, settings_for(tmp_path), watch)


@pytest.fixture
async def display(services: Services, tmp_path: Path) -> Services:
    """Services with forty goods on display in a special round, and the round of the day."""
    await services.rounds.tick()
    await import_goods(services, tmp_path / "goods", 40)
    assert await services.rounds.open_special()
    return services
