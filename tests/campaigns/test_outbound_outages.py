"""Delivery while the database is unavailable or its disk is full resumes by itself, and loses and repeats nothing."""

from __future__ import annotations

import asyncio
import resource
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.services import make_services
from sandbox import Sandbox
from services.clock import SystemClock
from storage.db import Database
from storage.migrate import migrate
from tests import postgres
from tests.campaigns.outbound import Post, Senders
from tests.campaigns.size import sized
from tests.conftest import import_goods, settings_for
from tests.waiting import until

pytestmark = pytest.mark.long

OUTAGE = sized(small=8.0, full=60.0)
"""Seconds for which the database is unavailable."""
LEASE = sized(small=45.0, full=90.0)
"""The lease: longer than the outage, but shorter than the real one, so that the claims of a lost commit expire soon."""
SOON = LEASE - OUTAGE
"""Seconds within which sending resumes: less than the leases from before the outage."""
MEMBERS = 100
DISK = "12m"
FULL_FOR = 3.0
"""Seconds for which the disk stays full."""
AWAY = "the database is unavailable, notifications wait for it"
BACK = "notifications continue"


@pytest.fixture
def database_server() -> Iterator[postgres.Server]:
    """A PostgreSQL server that can be stopped."""
    with postgres.own_server(careful=True) as own:
        yield own


async def furnished(url: str, telegram: Sandbox, senders: Senders, folder: Path) -> Post:
    """An outbox in a new database, with goods on display."""
    db = Database(url)
    await migrate(db)
    services = make_services(db, settings_for(folder), SystemClock(telegram.clock.now))
    await services.rounds.tick()
    await import_goods(services, folder / "goods", 40)
    assert await services.rounds.open_special()
    return Post(telegram, services, db, senders)


def _lines(log: Path, words: str) -> int:
    return log.read_text().count(words)


# -- PostgreSQL is stopped --


async def through_an_outage(post: Post, server: postgres.Server, log: Path, seconds: float, **asked: object) -> None:
    """Stop and start the database of two running senders. Both must resume by themselves."""
    two = [await post.start(role="sender", log=str(log), **asked) for _ in range(2)]
    await post.until_sent(10)
    await asyncio.to_thread(server.stop)
    await post.db.close()  # the test's own connections are lost, too
    began = time.monotonic()
    await until_said(log, AWAY, 2)
    await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
    await asyncio.to_thread(server.start)
    await post.until_sent(seconds=SOON)
    await until(post.settled)
    for sender in two:
        assert await post.stop(sender) == 0


async def until_said(log: Path, words: str, times: int) -> None:
    """Wait for a text in a log."""

    async def said() -> bool:
        return _lines(log, words) >= times

    await until(said)


async def test_r26_an_outage_of_the_database_loses_and_repeats_nothing(
    telegram: Sandbox, senders: Senders, database_server: postgres.Server, tmp_path: Path
) -> None:
    url = postgres.address(await postgres.new_database(database_server.url))
    post = await furnished(url, telegram, senders, tmp_path)
    log = tmp_path / "log"
    await post.notifications(MEMBERS)
    await through_an_outage(post, database_server, log, OUTAGE, lease=LEASE)
    figures = await post.judge()
    assert figures.extra == 0 and not figures.undecided
    assert _lines(log, AWAY) == _lines(log, BACK) == 2, "each sender says so once"
    await post.db.close()


async def test_the_outage_sees_a_planted_bug(
    telegram: Sandbox, senders: Senders, database_server: postgres.Server, tmp_path: Path
) -> None:
    url = postgres.address(await postgres.new_database(database_server.url))
    post = await furnished(url, telegram, senders, tmp_path)
    await post.notifications(20)
    post.box.backend.faults.add({"kind": "slow", "method": "sendPhoto", "seconds": 0.3})
    await through_an_outage(post, database_server, tmp_path / "log", 1, lease=3.0, bug="an answer is lost")
    with pytest.raises(AssertionError, match=r"doubled|lost"):
        await post.judge()
    await post.db.close()


# -- SQLite's disk is full --


class Disk:
    """A small file system if it can be mounted, otherwise a limit on the size of the sender's files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
        self._own = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        self._ballast = folder / "ballast"

    def fill(self, sender: int) -> None:
        """Fill the disk."""
        if not self._own:
            largest = max(path.stat().st_size for path in self.folder.iterdir())
            resource.prlimit(sender, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
            return
        with self._ballast.open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(4096))
            except OSError as error:
                assert error.strerror is not None and "space" in error.strerror

    def free(self, sender: int) -> None:
        """Make room again."""
        if self._own:
            self._ballast.unlink()
        else:
            resource.prlimit(sender, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self) -> None:
        """Unmount the file system."""
        if self._own:
            subprocess.run(["umount", str(self.folder)], check=True)


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[Disk]:
    small = Disk(tmp_path / "disk")
    yield small
    small.close()


async def through_a_full_disk(post: Post, disk: Disk, log: Path, **asked: object) -> None:
    """Let the disk of a running sender be full for a while."""
    sender = await post.start(role="all", log=str(log), **asked)
    await post.until_sent(5)
    disk.fill(sender)
    await until_said(log, AWAY, 1)
    there = len(post.sends())
    await asyncio.sleep(FULL_FOR)  # the length of the outage is what is tested
    left_meanwhile = len(post.sends()) - there
    disk.free(sender)
    await until(post.settled)
    assert await post.stop(sender) == 0
    assert left_meanwhile <= post.rate * FULL_FOR / 10, "what cannot be marked does not leave"


async def test_r26_a_full_disk_loses_and_repeats_nothing(
    telegram: Sandbox, senders: Senders, disk: Disk, tmp_path: Path
) -> None:
    post = await furnished(f"sqlite+aiosqlite:///{disk.folder}/bot.db", telegram, senders, tmp_path)
    log = tmp_path / "log"
    await post.notifications(MEMBERS)
    await through_a_full_disk(post, disk, log)
    figures = await post.judge()
    assert figures.extra == 0 and not figures.undecided
    assert _lines(log, AWAY) == _lines(log, BACK) == 1
    assert log.read_text().count("\n") < 100, "a full disk must not be filled with complaints"
    await post.db.close()


async def test_the_full_disk_sees_a_planted_bug(
    telegram: Sandbox, senders: Senders, disk: Disk, tmp_path: Path
) -> None:
    post = await furnished(f"sqlite+aiosqlite:///{disk.folder}/bot.db", telegram, senders, tmp_path)
    await post.notifications(20)
    post.box.backend.faults.add({"kind": "slow", "method": "sendPhoto", "seconds": 0.3})
    await through_a_full_disk(post, disk, tmp_path / "log", lease=2.0, bug="an answer is lost")
    with pytest.raises(AssertionError, match=r"doubled|lost"):
        await post.judge()
    await post.db.close()
