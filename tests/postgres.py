"""A PostgreSQL server for tests: the one that TEST_POSTGRES_URL names, or their own in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from tests import scratch

_numbers = count(1)

_QUICK = "-c fsync=off -c full_page_writes=off"
"""Safe except for a failure of the machine."""
_END = 'trap "" INT TERM HUP; cat; "$1/pg_ctl" -D "$2/data" -m immediate -w stop; rm -rf "$2"'
"""The watcher waits until the tests have ended in any way, and then cleans up."""


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`. Debian keeps them out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    name = str(found[-1]) if found else shutil.which("initdb")
    return Path(name).resolve().parent if name else None


def is_there() -> bool:
    """Whether tests on PostgreSQL can run here."""
    return bool(os.environ.get("TEST_POSTGRES_URL")) or programs() is not None


@contextmanager
def server() -> Iterator[URL]:
    """The address of a server on which databases may be created. One that was started for it stops at the end."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield make_url(given)
    else:
        with own_server() as own:
            yield own.url


class Server:
    """The tests' own server, which can be stopped and started again without losing its data."""

    def __init__(self, folder: Path, who: dict[str, Any], *, careful: bool, durable: bool) -> None:
        """`who` names the server's user to subprocess. A server that is not `careful` may lose commits in a crash."""
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = probe.getsockname()[1]
        self.folder = folder
        self._who = who
        self._set = f"{'' if durable else _QUICK} -c synchronous_commit={'on' if careful or durable else 'off'}"
        if not (careful or durable):  # statistics of the last test would mislead the planner in the next one
            self._set += " -c autovacuum=off"
        self.url = URL.create("postgresql+asyncpg", "bot", host="127.0.0.1", port=self._port, database="postgres")

    def make(self) -> None:
        """Create an empty cluster."""
        options = ("-U", "bot", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        self._do("initdb", "-D", self.folder / "data", *options)

    def start(self) -> None:
        """Start, and wait until it accepts connections."""
        where = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        options = f"{where} -c max_connections=200 {self._set}"
        self._do("pg_ctl", "-D", self.folder / "data", "-o", options, "-l", self.folder / "log", "-w", "start")

    def stop(self) -> None:
        """Stop at once, as a crash does. A `careful` server keeps all confirmed commits."""
        self._do("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    def _do(self, program: str, *arguments: str | Path) -> None:
        bin_ = programs()
        assert bin_ is not None, "callers check is_there() first"
        quiet = subprocess.DEVNULL
        command = [str(bin_ / program), *map(str, arguments)]
        subprocess.run(command, check=True, cwd=self.folder, stdin=quiet, stdout=quiet, **self._who)


@contextmanager
def own_server(*, careful: bool = False, durable: bool = False) -> Iterator[Server]:
    """A running server; a `careful` one for tests that stop it. It ends with the block, and also if this process is
    killed: a watcher holds the other end of a pipe."""
    folder = Path(mkdtemp(prefix="postgres-", dir=None if durable else scratch.root()))
    who: dict[str, Any] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        known = {user.pw_name: user for user in pwd.getpwall()}
        user = known.get("postgres") or known["nobody"]
        os.chown(folder, user.pw_uid, user.pw_gid)
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    quiet = subprocess.DEVNULL
    watcher = subprocess.Popen(
        ["sh", "-c", _END, "sh", str(programs()), str(folder)],
        stdin=subprocess.PIPE,
        stdout=quiet,
        stderr=quiet,
        start_new_session=True,
        **who,
    )
    try:
        own = Server(folder, who, careful=careful, durable=durable)
        own.make()
        own.start()
        yield own
    finally:
        assert watcher.stdin is not None
        watcher.stdin.close()
        watcher.wait()


async def new_database(server: URL, template: str = "template0") -> URL:
    """Create a database on this server, empty or as a copy of one without connections."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    await order(server.set(database="postgres"), f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return server.set(database=name)


async def drop_database(url: URL) -> None:
    """Drop a database, and end its connections."""
    await order(url.set(database="postgres"), f"DROP DATABASE {url.database} WITH (FORCE)")


async def order(url: URL, command: str) -> None:
    """Run one statement, outside of a transaction."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(command))
    await engine.dispose()


def address(url: URL) -> str:
    """An address in the form of DATABASE_URL."""
    return url.render_as_string(hide_password=False)
