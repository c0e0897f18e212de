"""A PostgreSQL server for tests: the one that TEST_POSTGRES_URL names, or one of their own in a folder that goes."""

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
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

_numbers = count(1)


def programs() -> Path | None:
    """Where `initdb` and `pg_ctl` are: Debian keeps them out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    name = str(found[-1]) if found else shutil.which("initdb")
    return Path(name).resolve().parent if name else None


def is_there() -> bool:
    """Whether tests on PostgreSQL can run here."""
    return bool(os.environ.get("TEST_POSTGRES_URL")) or programs() is not None


@contextmanager
def server(*, durable: bool = False) -> Iterator[URL]:
    """The address of a server on which databases may be made; one that was started for it is stopped at the end.

    What it stores is gone with the machine's power, which tests need not survive, unless it is to be durable.
    """
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield make_url(given)
    else:
        with TemporaryDirectory(prefix="postgres-") as folder:
            yield from _own_server(Path(folder), durable)


def _own_server(folder: Path, durable: bool) -> Iterator[URL]:
    bin_ = programs()
    assert bin_ is not None, "is_there() says so before"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    who: dict[str, Any] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        known = {user.pw_name: user for user in pwd.getpwall()}
        user = known.get("postgres") or known["nobody"]
        os.chown(folder, user.pw_uid, user.pw_gid)
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def do(*command: str | Path) -> None:
        quiet = subprocess.DEVNULL
        subprocess.run(list(map(str, command)), check=True, cwd=folder, stdin=quiet, stdout=quiet, **who)

    data = folder / "data"
    do(bin_ / "initdb", "-D", data, "-U", "bot", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
    careless = "" if durable else "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 {careless}"
    do(bin_ / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    try:
        yield URL.create("postgresql+asyncpg", "bot", host="127.0.0.1", port=port, database="postgres")
    finally:
        do(bin_ / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


async def new_database(server: URL, template: str = "template0") -> URL:
    """A database of its own on this server, empty or a copy of another one to which nobody is connected."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    await _order(server.set(database="postgres"), f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return server.set(database=name)


async def drop_database(url: URL) -> None:
    """Let a database go, whoever is still connected."""
    await _order(url.set(database="postgres"), f"DROP DATABASE {url.database} WITH (FORCE)")


async def _order(url: URL, command: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(command))
    await engine.dispose()


def address(url: URL) -> str:
    """An address as DATABASE_URL has it."""
    return url.render_as_string(hide_password=False)
