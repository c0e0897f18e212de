"""Files of another user, or that are read-only, are named in one line with what helps, by doctor and at every start."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import filelock  # noqa: F401  # loaded now: another user may not be allowed to read where it is
import pytest

from bot.doctor import examine, examine_database
from bot.ops.locks import database_lock
from bot.ops.permissions import database_files, why_not_writable
from bot.settings import Settings, SettingsError, read_settings
from storage.db import Database
from tests.bot.conftest import Terminal
from tests.conftest import settings_for

OTHERS = Path("/etc/passwd")
"""A file that root owns on every system and that no one else may write."""


@contextmanager
def as_a_user() -> Iterator[None]:
    """Inside, this process is no administrator, who may write everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def folder(migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of that user with a migrated database, which that user can reach."""
    made = Path(mkdtemp(prefix="permissions-"))
    shutil.copy(migrated, made / "bot.db")
    if os.geteuid() == 0:
        for path in (made, made / "bot.db"):
            os.chown(path, pwd.getpwnam("nobody").pw_uid, -1)
    monkeypatch.chdir(made)
    yield made
    made.chmod(0o700)
    shutil.rmtree(made)


def settings() -> Settings:
    return settings_for(Path())


def found_by_doctor() -> str:
    """What doctor says of the database, which must be wrong."""
    with as_a_user():
        finding = asyncio.run(examine_database(settings()))
    assert not finding.ok and "\n" not in finding.text
    return finding.text


def said_at_the_start() -> str:
    """What the start says, which must fail."""
    with as_a_user(), pytest.raises(SettingsError) as caught, database_lock(Database(settings().database_url)):
        raise AssertionError("it must not come this far")
    return str(caught.value)


def test_files_of_its_own_are_fine(folder: Path) -> None:
    with as_a_user():
        assert asyncio.run(examine_database(settings())).ok
        with database_lock(Database(settings().database_url)):
            assert why_not_writable(database_files(folder / "bot.db")) is None


@pytest.mark.parametrize("name", ["bot.db", "bot.db.lock", "bot.db-wal", "bot.db-shm"])
def test_a_file_of_another_user_is_named_with_its_owner_and_what_helps(name: str, folder: Path) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(OTHERS)
    with as_a_user():
        me = pwd.getpwuid(os.geteuid()).pw_name
    said = f"{name} cannot be written: it is root's, and this is {me}; run: sudo chown -R {me} {name}"
    assert (found_by_doctor(), said_at_the_start()) == (said, said)


@pytest.mark.parametrize(("name", "mode"), [("bot.db", 0o444), (".", 0o555)])
def test_a_file_or_folder_that_is_read_only_is_named_with_what_helps(name: str, mode: int, folder: Path) -> None:
    (folder / name).chmod(mode)
    for said in (found_by_doctor(), said_at_the_start()):
        assert said.startswith(f"{name} cannot be written: its mode is ") and said.endswith(f"run: chmod u+rwX {name}")


def test_a_folder_in_which_nothing_can_be_made_is_named(folder: Path) -> None:
    (folder / "bot.db").unlink()
    folder.chmod(0o555)
    assert found_by_doctor().startswith(". cannot be written")


def test_a_folder_that_may_not_be_entered_is_named(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "bot.db").rename(folder / "data" / "bot.db")
    (folder / "data").chmod(0o600)
    with as_a_user():
        finding = asyncio.run(examine_database(settings_for(Path("data"))))
    assert not finding.ok and finding.text.startswith("data cannot be written")


def test_what_the_local_chat_wrote_as_another_user_is_named(folder: Path) -> None:
    (folder / "local-chat").mkdir()
    if os.geteuid() == 0:
        os.chown(folder / "local-chat", pwd.getpwnam("nobody").pw_uid, -1)
    (folder / "local-chat" / "address").symlink_to(OTHERS)
    with as_a_user():
        said = {one.subject: one.text for one in asyncio.run(examine(settings()))}["local chat"]
    assert said.startswith("local-chat/address cannot be written: it is root's")


def test_the_folders_of_backups_and_of_the_local_chat_are_looked_at_too(folder: Path) -> None:
    for name in ("backups", "local-chat"):
        (folder / name).mkdir(mode=0o555)
        if os.geteuid() == 0:
            os.chown(folder / name, pwd.getpwnam("nobody").pw_uid, -1)
    with as_a_user():
        found = {one.subject: one for one in asyncio.run(examine(settings_for(Path(), backup_folder=Path("backups"))))}
    for subject, name in (("backups", "backups"), ("local chat", "local-chat")):
        assert not found[subject].ok and found[subject].text.startswith(f"{name} cannot be written")


def test_settings_that_may_not_be_read_are_one_line(folder: Path) -> None:
    (folder / ".env").write_text("PAGE_SIZE=12\n", encoding="utf-8")
    (folder / ".env").chmod(0)
    with as_a_user(), pytest.raises(SettingsError, match=r"^\.env cannot be read \(Permission denied\)"):
        read_settings()


def test_a_backup_of_files_of_another_user_names_them_and_not_the_copy(
    folder: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "bot.db").chmod(0o444)
    monkeypatch.chdir(folder)
    terminal.set(DATABASE_URL="sqlite+aiosqlite:///bot.db")
    with as_a_user():
        assert terminal.fails("backup", "copy.db").startswith("bot.db cannot be written")


def test_restoring_over_files_of_another_user_is_one_line(
    folder: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(folder / "bot.db", folder / "copy.db")
    (folder / "bot.db").chmod(0o444)
    (folder / "copy.db").chmod(0o644)
    monkeypatch.chdir(folder)
    terminal.set(DATABASE_URL="sqlite+aiosqlite:///bot.db")
    with as_a_user():
        assert "bot.db cannot be written" in terminal.fails("restore", "copy.db")
