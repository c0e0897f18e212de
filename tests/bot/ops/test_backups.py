"""Backups are complete, checked and rotated; a restore sends nothing twice by accident."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.ops.backups import Backups
from bot.ops.locks import database_lock
from bot.services import Services, make_services
from bot.settings import read_settings
from services.clock import SystemClock
from services.jobs import JobKind
from storage.db import Database
from storage.db.backup import BackupError, Cancellation, back_up, check, restore
from storage.migrate import migrate
from tests.bot.conftest import Terminal
from tests.conftest import TUESDAY_TEN, Watch, meet, settings_for
from tests.services.conftest import one
from tests.virtual_clock import VirtualClock
from tests.waiting import until


@pytest.fixture
async def db(tmp_path: Path) -> Database:
    """On SQLite, whose file is what this is about."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    await migrate(database)
    return database


@pytest.fixture
def file(db: Database) -> Path:
    return Path(db.url.database or "")


def members(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        number: int = connection.execute("SELECT count(*) FROM members").fetchone()[0]
        return number


async def test_a_backup_holds_what_was_committed_a_moment_ago(
    services: Services, db: Database, file: Path, tmp_path: Path
) -> None:
    await meet(services)
    target = tmp_path / "new" / "copy.db"
    size = back_up(file, target)
    await meet(services, 1002)
    assert members(target) == 1 and size == target.stat().st_size
    assert target.stat().st_mode & 0o077 == 0, "it holds what people entrusted"
    back_up(file, target)
    assert members(target) == 2
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]
    await db.close()


async def test_a_backup_that_fails_leaves_the_one_before_and_nothing_else(
    db: Database, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "new" / "copy.db"
    back_up(file, target)
    before = target.read_bytes()

    def damaged(*_: object) -> None:
        raise BackupError("damaged")

    monkeypatch.setattr("storage.db.backup.check", damaged)
    with pytest.raises(BackupError, match="damaged"):
        back_up(file, target)
    assert target.read_bytes() == before and len(list(target.parent.iterdir())) == 1
    with pytest.raises(BackupError, match="does not exist"):
        back_up(tmp_path / "none.db", target)
    (tmp_path / "a-file").touch()
    with pytest.raises(BackupError, match="cannot be written"):
        back_up(file, tmp_path / "a-file" / "copy.db")
    await db.close()


async def test_only_whole_databases_of_this_bot_are_restored(db: Database, file: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.db"
    back_up(file, good)
    await db.close()
    check(good)
    content = bytearray(good.read_bytes())
    content[4096 * 3 : 4096 * 5] = b"\xff" * 8192
    (tmp_path / "damaged.db").write_bytes(content)
    (tmp_path / "text.db").write_text("hello, this is no database at all" * 100)
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE t (x)")
    before = file.read_bytes()  # noqa: ASYNC240
    for name in ("damaged", "text", "other"):
        with pytest.raises(BackupError, match=f"{name}.db is "):
            restore(tmp_path / f"{name}.db", file, TUESDAY_TEN)
    assert file.read_bytes() == before  # noqa: ASYNC240


async def test_a_copy_is_held_however_it_is_put_in_place(
    services: Services, db: Database, file: Path, tmp_path: Path
) -> None:
    ann = await meet(services)
    await services.jobs.enqueue("k", JobKind.POSTER, ann, {"item": 1})
    back_up(file, tmp_path / "copy.db")
    assert await services.campaigns.held_since() is None and await services.jobs.waiting() == 1
    await db.close()
    shutil.copy(tmp_path / "copy.db", tmp_path / "elsewhere.db")  # by hand, without `restore`
    other = Database(f"sqlite+aiosqlite:///{tmp_path}/elsewhere.db")
    there = make_services(other, settings_for(tmp_path), services.context.clock)
    since = await there.campaigns.held_since()
    assert since is not None and abs((datetime.now(UTC) - since).total_seconds()) < 60
    assert await there.jobs.waiting() == 0, "what was asked for may have been done since"
    await other.close()


async def test_a_restored_database_is_the_backup_with_everything_held(
    services: Services, db: Database, file: Path, tmp_path: Path
) -> None:
    await meet(services)
    copy = tmp_path / "copy.db"
    back_up(file, copy)
    await meet(services, 1002)  # stands in the file beside the database only
    before = restore(copy, file, TUESDAY_TEN)
    await db.close()
    assert before is not None and before.name.startswith("bot.db.before-") and members(before) == 2
    again = Database(f"sqlite+aiosqlite:///{file}")
    await migrate(again)
    assert await one(again, "SELECT count(*) FROM members") == 1
    restored = make_services(again, settings_for(tmp_path), SystemClock(lambda: TUESDAY_TEN))
    assert await restored.campaigns.held_since() == TUESDAY_TEN
    await again.close()
    assert members(copy) == 1 and restore(copy, tmp_path / "elsewhere" / "new.db", TUESDAY_TEN) is None


async def test_after_a_restore_no_number_is_given_that_was_given_since_the_backup(
    services: Services, db: Database, file: Path, tmp_path: Path, watch: Watch
) -> None:
    """An old 📥 button would else import a newer file. The table may be empty in the backup."""
    ann = await meet(services)
    back_up(file, tmp_path / "copy.db")
    lost = await services.jobs.enqueue("since", JobKind.IMPORT_CHECK, ann, {})
    await db.close()
    restore(tmp_path / "copy.db", file, TUESDAY_TEN)
    restored = make_services(Database(db.url.render_as_string()), settings_for(tmp_path), watch)
    new = await restored.jobs.enqueue("after", JobKind.IMPORT_CHECK, ann, {})
    await restored.context.db.close()
    assert lost is not None and new is not None and new > lost + 100_000


async def test_a_database_that_a_restore_replaced_can_be_restored_with_its_newest_commits(
    services: Services, db: Database, file: Path, tmp_path: Path
) -> None:
    """A bot that was killed leaves its newest commits in the file beside the database."""
    back_up(file, tmp_path / "wrong.db")
    await meet(services)
    before = restore(tmp_path / "wrong.db", file, TUESDAY_TEN)
    await db.close()
    assert before is not None and members(file) == 0
    assert restore(before, tmp_path / "again.db", TUESDAY_TEN) is None
    assert members(tmp_path / "again.db") == 1


class Killed(BaseException):
    """The process ended here."""


def left_by_a_kill(file: Path, folder: Path) -> Path:
    """A database as a bot leaves it that was killed: its newest commits stand beside it."""
    folder.mkdir()
    for suffix in ("", "-wal", "-shm"):
        shutil.copy(f"{file}{suffix}", folder)
    assert (folder / f"{file.name}-wal").stat().st_size
    return folder / file.name


@pytest.mark.parametrize("in_use", [False, True], ids=["nobody reads it", "somebody reads it"])
async def test_a_restore_that_is_killed_anywhere_leaves_a_whole_database_and_loses_no_commit(
    services: Services,
    db: Database,
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    in_use: bool,
) -> None:
    await meet(services)
    back_up(file, tmp_path / "copy.db")
    await meet(services, 1002)
    kinds, finished, step = ("rename", "link", "replace"), False, 0
    while not finished:
        step += 1
        place, begun = left_by_a_kill(file, tmp_path / f"killed-{step}"), 0

        def until_killed(real: Callable[..., None], *given: object, last: int = step) -> None:
            nonlocal begun
            begun += 1
            if begun == last:
                raise Killed
            real(*given)

        with closing(sqlite3.connect(place)) as reader, monkeypatch.context() as patch:
            if in_use:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM members").fetchone()
            for kind in kinds:
                patch.setattr(os, kind, partial(until_killed, getattr(os, kind)))
            try:
                restore(tmp_path / "copy.db", place, TUESDAY_TEN)
                finished = True
            except Killed:
                pass
        replaced = {path: members(path) for path in place.parent.glob("*.before-*Z")}
        assert place.exists() and (members(place) == (1 if finished else 2) or (in_use and 2 in replaced.values()))
        assert not finished or [*replaced.values()] == [2]
        check(place)
    assert step > 2
    await db.close()


# -- the commands --


def test_backup_and_restore_as_commands(terminal: Terminal, own_folder: Path) -> None:
    assert "does not exist" in terminal.fails("backup", "copy.db")
    terminal.ok("rounds", "preview", "--days", "1")
    assert "checked" in terminal.ok("backup", "copy.db")
    assert "held" in terminal.ok("restore", "copy.db")
    assert terminal.ok("deliveries", "go").strip() == "Messages are sent again."
    assert terminal.ok("deliveries", "go").strip() == "Nothing is held."
    (own_folder / "text.db").write_text("no database")
    assert "is not a database" in terminal.fails("restore", "text.db")


def test_nothing_is_restored_under_a_running_bot(terminal: Terminal, own_folder: Path) -> None:
    terminal.ok("rounds", "preview", "--days", "1")
    terminal.ok("backup", "copy.db")
    before = sorted((own_folder / "data").iterdir())
    with database_lock(Database(read_settings().database_url)):
        assert "another bot runs" in terminal.fails("restore", "copy.db")
    assert {*before} <= {*(own_folder / "data").iterdir()}
    assert not list((own_folder / "data").glob("*.before-*"))


def test_on_postgresql_they_name_its_own_tools(terminal: Terminal, own_folder: Path) -> None:
    terminal.set(DATABASE_URL="postgresql+asyncpg://u:secret@127.0.0.1/none")
    (own_folder / "copy.db").touch()
    for command in ("backup", "restore"):
        said = terminal.fails(command, "copy.db")
        assert "pg_dump" in said and "secret" not in said
    terminal.set(BACKUP_FOLDER="backups")
    assert "BACKUP_FOLDER is for SQLite" in terminal.fails("backup", "copy.db")


async def test_a_backup_that_would_fill_the_disk_is_not_begun(
    db: Database, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "new" / "copy.db"
    size = back_up(file, target)
    seen: list[object] = []

    def nearly_full(folder: object) -> SimpleNamespace:
        seen.append(folder)
        return SimpleNamespace(free=size)

    monkeypatch.setattr(shutil, "disk_usage", nearly_full)
    with pytest.raises(BackupError, match=r"has room for .* MB, a copy asks for"):
        back_up(file, target)
    assert seen == [target.parent] and [path.name for path in target.parent.iterdir()] == ["copy.db"]
    await db.close()


# -- every hour --


async def test_the_newest_backups_are_kept(db: Database, file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "notes.txt").write_text("not ours")
    backups = Backups(SystemClock(), file, folder, keep=3)
    made = [backups.one()[0] for _ in range(5)]
    assert sorted(folder.glob("*.db")) == made[2:]
    assert (folder / "notes.txt").exists()
    await db.close()


async def test_what_killed_backups_left_goes_with_the_next_one_r36(db: Database, file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    killed = ".bot-20261124T020000.000000Z.db.0a1b2c3d.part"
    by_hand = (".bot.db.0a1b2c3d.part", ".live.db.0a1b2c3d.part", ".bot-2-20261124T020000.000000Z.db.0a1b2c3d.part")
    for name in (killed, f"{killed}-journal", *by_hand):
        (folder / name).write_text("what somebody had deleted")
    made, _ = Backups(SystemClock(), file, folder, keep=3).one()
    assert {path.name for path in folder.iterdir()} == {made.name, *by_hand}, "others may be writing theirs"
    await db.close()


async def test_a_stop_gives_up_the_backup_under_way(
    db: Database, file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """100 MB here; many more would be copied and checked for longer than a stop may take."""
    async with db.write() as connection:
        await connection.exec_driver_sql("CREATE TABLE ballast (x)")
        rows = "WITH RECURSIVE up(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM up WHERE n<100000) SELECT n FROM up"
        await connection.exec_driver_sql(f"INSERT INTO ballast SELECT randomblob(1000) FROM ({rows})")
    folder = tmp_path / "kept"
    backups = Backups(SystemClock(), file, folder, keep=1)
    with caplog.at_level(logging.INFO):
        work = asyncio.create_task(backups.run())
        await until(lambda: folder.is_dir() and any(path.stat().st_size for path in folder.glob(".*.part")))
        backups.stop()
        await work
    assert not list(folder.iterdir()) and "given up" in caplog.text and "no backup" not in caplog.text
    await db.close()


async def test_backups_follow_their_hour_and_a_failure_stops_none(
    db: Database, file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, clock = tmp_path / "kept", VirtualClock()
    folder.touch()  # in the way
    backups = Backups(clock, file, folder, keep=100)
    work = asyncio.create_task(backups.run())
    await until(lambda: "no backup" in caplog.text)
    folder.unlink()
    await clock.sleeping()
    await clock.advance(300)
    for number in (1, 2, 3):
        await until(lambda: folder.is_dir() and len(list(folder.glob("*.db"))) == number)  # noqa: B023 - used at once
        await clock.sleeping()
        await clock.advance(3600 if number < 3 else 1)
    backups.stop()
    await work
    later = Backups(clock, file, folder, keep=100, every=3600)
    assert later._due_in() == 3599, "a restart makes no further one at once"
    clock.jump(timedelta(days=-1))
    assert later._due_in() == 3600, "a clock that was set back delays it by an hour at most"
    assert len(list(folder.glob("*.db"))) == 3 and not list(folder.glob(".*"))
    await db.close()


class HeldCancellation(Cancellation):
    """Holds a copy in its middle until the test lets it go on."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.go = threading.Event()

    def interrupts(self, connection: sqlite3.Connection) -> AbstractContextManager[None]:
        def hold() -> int:
            self.reached.set()
            self.go.wait()
            return 0

        connection.set_progress_handler(hold, 1_000)
        return super().interrupts(connection)


async def test_taps_go_on_while_a_backup_is_written(
    services: Services, db: Database, file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the loop nor the writer waits for the copy to be done."""
    async with db.write() as connection:
        await connection.exec_driver_sql("CREATE TABLE ballast (x)")
        for _ in range(40):
            await connection.exec_driver_sql("INSERT INTO ballast VALUES (randomblob(100000))")
    backups = Backups(SystemClock(), file, tmp_path / "kept", keep=1, every=3600)
    backups._cancellation = cancellation = HeldCancellation()
    with caplog.at_level(logging.INFO):
        work = asyncio.create_task(backups.run())
        await asyncio.to_thread(cancellation.reached.wait)
        during = 0
        for number in range(5):
            await meet(services, 10_000 + number)
            during += bool(list((tmp_path / "kept").glob(".*")))
        assert during > 3 and "backup:" not in caplog.text, "people were met while the copy was being written"
        cancellation.go.set()
        await until(lambda: "backup:" in caplog.text)
    backups.stop()
    await work
    await db.close()
