"""Files of jobs hold all that is stored about a member: a kill leaves none behind for long (R36)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bot.jobs.folders import job_folder
from bot.services import Services
from tests.bot.jobs.worker_kit import RecordingHandlers, worker_of

KILLED = """
import os, signal
from bot.jobs.folders import job_folder
with job_folder() as folder:
    (folder / "my-data.json").write_text("all about Ann")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.json"))


@pytest.fixture
def left_behind(temporary: Path) -> Path:
    """What a killed process has written."""
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", KILLED], cwd=root, env={"TMPDIR": str(temporary)}, check=False)
    (file,) = files(temporary)
    return file


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files of this test alone."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


async def test_r36_what_a_killed_job_has_written_is_deleted_at_the_next_start(
    services: Services, temporary: Path, left_behind: Path
) -> None:
    with job_folder() as used:
        (used / "my-data.json").touch()
        async with worker_of(services, RecordingHandlers()):
            pass
        assert files(temporary) == [used / "my-data.json"], "what another process uses stays"
    assert files(temporary) == []


def test_the_folder_is_its_owners_alone(temporary: Path) -> None:
    with job_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0
