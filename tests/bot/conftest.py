"""Commands as people run them: in a folder of their own, with nothing from this machine's environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.settings import Settings
from tests.waiting import GUARD

ROOT = Path(__file__).parent.parent.parent
NAMES = tuple(name.upper() for name in Settings.model_fields)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without `.env`, and an environment in which nothing is set."""
    for name in (*NAMES, *map(str.lower, NAMES), "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def migrated_database(own_folder: Path, migrated: Path) -> None:
    """The folder has a migrated database, so that the first command does not spend its time on making one."""
    (own_folder / "data").mkdir()
    shutil.copy(migrated, own_folder / "data" / "bot.db")


@dataclass
class Terminal:
    """Runs `python -m bot …`, in this process or in one of its own."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def set(self, **values: str) -> None:
        """Set settings, or LANG, by name."""
        for name, value in values.items():
            self.monkeypatch.setenv(name, value)

    def run(self, *arguments: str, given: str | None = None) -> Result:
        """The command in this process, with what is `given` typed into it. An exception other than its exit fails the
        test with its trace."""
        result = CliRunner().invoke(app, list(arguments), input=given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def ok(self, *arguments: str) -> str:
        """What the command printed; it must have ended with 0."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def fails(self, *arguments: str) -> str:
        """What the command complained; it must have ended with 1."""
        result = self.run(*arguments)
        assert result.exit_code == 1, result.output
        return result.stderr

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Python in a process of its own, such as `-m bot`."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding=os.environ.get("PYTHONIOENCODING", "utf-8"),
            timeout=GUARD,
            check=False,
        )


@pytest.fixture
def terminal(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(own_folder, monkeypatch)


MakeFile = Callable[[str, str], Path]


@pytest.fixture
def write(own_folder: Path) -> MakeFile:
    """Writes a small text file and says where it is."""

    def make(name: str, content: str) -> Path:
        path = own_folder / name
        path.write_text(content, encoding="utf-8")
        return path

    return make
