"""The key of the hashes lies outside of the database, and no upgrade or restart loses what they recognise (R36)."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.services import Services, make_services
from bot.settings import Settings
from domain.people import keyed_hash
from domain.voting import Reason
from services.erasure_key import ErasureKey, UnusableKeyFile
from storage.db import Database
from tests.conftest import Watch, meet, settings_for
from tests.services.conftest import ask, on_display, one, order, voter

OLD = "5e" * 32
"""A key as previous versions stored it."""


@pytest.fixture
async def second(db: Database) -> AsyncIterator[Database]:
    """Another process's way to the database."""
    other = Database(db.url.render_as_string(hide_password=False))
    yield other
    await other.close()


async def texts(db: Database) -> str:
    """All small values of the database."""
    return str(await ask(db, "SELECT * FROM key_values"))


async def test_r36_the_database_holds_no_key_that_can_be_read(services: Services, db: Database, tmp_path: Path) -> None:
    key, file = await services.context.erasure_key.get(), tmp_path / "bot.db.key"
    assert key.hex() not in await texts(db)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and len(bytes.fromhex(file.read_text())) == 32
    assert file.read_text() not in await texts(db)
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")], "nothing is left of making it"


async def test_r36_the_key_of_a_previous_version_goes_on_working_and_is_read_no_more(
    display: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    item, ann = (await on_display(display))[0], await voter(display)
    await display.voting.cast(ann, item)
    await display.people.erase(ann)
    await order(db, "DELETE FROM key_values WHERE name = 'erasure_key'")
    await order(db, f"INSERT INTO key_values (name, value) VALUES ('erased_hash_key', '{OLD}')")
    await order(db, f"UPDATE members SET erased_hash = '{keyed_hash(bytes.fromhex(OLD), 1001)}'")
    upgraded = make_services(db, settings_for(tmp_path), watch)
    assert (await upgraded.context.erasure_key.get()).hex() == OLD
    assert OLD not in await texts(db) and "erased_hash_key" not in await texts(db)
    refused = (await upgraded.voting.cast(await meet(upgraded), item)).refused
    assert refused is not None and refused.reason is Reason.VOTED_BEFORE


async def test_r36_processes_that_start_together_share_one_key(db: Database, second: Database, tmp_path: Path) -> None:
    keys = [ErasureKey(each, tmp_path / "a.key") for each in (db, second) for _ in range(3)]
    assert len(set(await asyncio.gather(*(key.get() for key in keys)))) == 1
    assert await ErasureKey(second, tmp_path / "a.key").get() == await keys[0].get(), "and after a restart"


async def test_r36_another_secret_makes_a_new_key_and_says_so(
    db: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = await ErasureKey(db, b"one secret").get()
    assert await ErasureKey(db, b"one secret").get() == first
    with caplog.at_level(logging.WARNING):
        assert await ErasureKey(db, b"another one").get() != first
    assert "not recognised" in caplog.text
    assert await one(db, "SELECT count(*) FROM key_values WHERE name = 'erasure_key'") == 1


async def test_r36_a_deletion_succeeds_while_two_processes_have_different_keys(
    display: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    """As while a process with a new BOT_TOKEN starts beside one with the old: the latter knows the hash already."""
    item, ann = (await on_display(display))[0], await voter(display)
    await display.voting.cast(ann, item)
    await display.people.erase(ann)
    other = make_services(db, settings_for(tmp_path, erasure_key="the secret of another process"), watch)
    again = await meet(other)
    await display.carousel.shown(again, item)
    await display.people.erase(again)
    assert await one(db, "SELECT count(*) FROM members WHERE chat_id IS NOT NULL") == 0
    refused = (await display.voting.cast(await meet(display), item)).refused
    assert refused is not None and refused.reason is Reason.VOTED_BEFORE, "what is known of both is one"


async def test_the_folder_of_the_keys_file_is_made_with_it(db: Database, tmp_path: Path) -> None:
    made = await ErasureKey(db, tmp_path / "data" / "erasure.key").get()
    assert await ErasureKey(db, tmp_path / "data" / "erasure.key").get() == made


async def test_a_file_that_is_no_key_is_named_in_one_line(db: Database, tmp_path: Path) -> None:
    file = tmp_path / "broken.key"
    file.write_text("not a key")
    with pytest.raises(UnusableKeyFile, match=r"broken\.key is no key"):
        await ErasureKey(db, file).get()
    with pytest.raises(UnusableKeyFile, match="cannot be used"):
        await ErasureKey(db, file / "folder.key").get()


TOKEN = "123456:AAAAAAAAAAAAAAAAAAAA"
SHARED = "postgresql://bot:secret@host/bot"


def secret(**settings: object) -> bytes | Path:
    return Settings(_env_file=None, **settings).erasure_secret  # type: ignore[arg-type]


def test_where_the_secret_comes_from(tmp_path: Path) -> None:
    """A setting; else a file beside the SQLite database; else, where processes share no folder, the bot's token."""
    assert secret(erasure_key="a secret of ours") == secret(erasure_key="a secret of ours", database_url=SHARED)
    shared = secret(database_url=SHARED, bot_token=TOKEN)
    assert isinstance(shared, bytes) and TOKEN.encode() not in shared
    assert shared == secret(database_url=SHARED, bot_token=TOKEN) != secret(database_url=SHARED, bot_token=TOKEN + "B")
    assert isinstance(secret(database_url=SHARED), Path), "the demo"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link.db").symlink_to(tmp_path / "elsewhere" / "live.db")
    by_link = secret(database_url=f"sqlite+aiosqlite:///{tmp_path}/link.db", bot_token=TOKEN)
    assert by_link == (tmp_path / "elsewhere" / "live.db.key").resolve()


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16"):
        Settings(_env_file=None, erasure_key="short")  # type: ignore[call-arg, arg-type]
