"""The database engine: `read()`, `write()`, and their fast forms `autocommit_read()` and `batch_write()`."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Executable, StaticPool, create_engine, event, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Dialect, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import NullPool, QueuePool
from sqlalchemy.types import TypeDecorator

from storage.db.addresses import PostgresqlAddress, normalized, read_postgresql
from storage.db.errors import DatabaseUnavailable, is_unavailable
from storage.db.group_commit import BUSY_SECONDS, BatchQueue, GroupCommit, Result, Work, run_inline
from storage.db.statement_batcher import NotBatchable, StatementBatcher

SQLITE_VERSION = sqlite3.sqlite_version
"""Of the library that Python has."""
_CONNECTIONS = 16
"""To PostgreSQL, of one process: more would only wait there instead of here, and five processes stay below its 100."""
IDLE_IN_TRANSACTION = "20s"
"""After this time PostgreSQL ends a transaction that sends nothing: a stopped or suspended process must not keep its
locks."""
_CONNECT_SECONDS = 10.0
"""How long PostgreSQL may take to accept a connection: a machine that has vanished does not refuse one."""
_KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 25_000}
"""After 25 s without a sign of life from PostgreSQL's machine a connection ends (tcp(7)). A statement may take long:
its machine goes on answering. By default the kernel would wait a quarter of an hour for an acknowledgement of what was
sent, and for ever where nothing was."""
WAL_BYTES = 8 * 1024 * 1024
"""What SQLite's log is cut to once all of it is in the database file. While a reader keeps an old state for long, as
backup does, the log must grow; without a limit it would keep that size for ever."""
_SHRINK_SECONDS = 1.0
_PRAGMAS = (
    f"busy_timeout={BUSY_SECONDS * 1000}",  # first: switching a new file to WAL waits for others
    "journal_mode=WAL",
    "synchronous=FULL",  # under NORMAL a power failure can lose the last commits
    f"journal_size_limit={WAL_BYTES}",
    "foreign_keys=ON",
    "secure_delete=ON",  # the default of Debian's build, not of every other: erased rows are overwritten (R36)
    "temp_store=MEMORY",
    "cache_size=-32768",
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored in UTC. Refuses naive values: SQLite would lose which zone they meant."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs its time zone: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def insert_new(connection: AsyncConnection, table: type[DeclarativeBase]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of this database's dialect, which has `on_conflict_do_nothing()` and `on_conflict_do_update()`."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


async def changed(connection: AsyncConnection, statement: Executable) -> bool:
    """Run an INSERT, UPDATE or DELETE; returns whether it changed a row."""
    return bool((await connection.execute(statement)).rowcount)


async def advisory_lock(connection: AsyncConnection, name: str) -> None:
    """Lock a name to the end of the transaction, so that no other process does the same thing meanwhile.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name != "sqlite":
        await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def _set_keepalive(connection: Any, _record: Any) -> None:
    """Have the kernel probe PostgreSQL's machine, as far as this system supports it."""
    connected = connection.driver_connection._transport.get_extra_info("socket")
    if connected is None or connected.fileno() < 0:
        raise ConnectionResetError("PostgreSQL has closed the connection at once")
    if connected.family == socket.AF_UNIX:
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _truncate_log(database: str) -> None:
    """Copy the log into the database file and cut it; where a reader still needs it, as much as is possible."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(database, timeout=_SHRINK_SECONDS)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what fails is tried again in a minute


class _TranslateErrors:  # as a generator it would cost twice as much, at every tap
    """Around a transaction: raises DatabaseUnavailable for the driver's errors that mean it."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception) and is_unavailable(error):
            raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error


class Database:
    """One database with `read()` and `write()`. Inside a transaction only the database may be awaited. Both raise
    DatabaseUnavailable while it cannot be used.

    On SQLite a write begins IMMEDIATE, so that what it has read still holds when it writes. There is one write
    connection: writers queue for it here, in order, instead of for the file's lock. On PostgreSQL several processes
    write, and each statement sees what others have committed by then: a transaction locks the rows that its decision
    depends on, or a name (`advisory_lock`).
    """

    def __init__(self, url: str) -> None:
        self.url: URL = make_url(normalized(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._one_writer: AbstractAsyncContextManager[Any] = nullcontext()
        self._batch_queue: BatchQueue
        self._autocommit_batcher: StatementBatcher | None = None
        self._autocommit_connection: Connection | None = None
        if self.is_sqlite:
            if self.url.database and self.url.database != ":memory:":
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._sqlite_engine(pool_size=1, begin="BEGIN IMMEDIATE")
            self._reader = self._sqlite_engine(pool_size=4, begin="BEGIN", query_only=True)
            self._one_writer = lock = asyncio.Lock()
            self._batch_queue = GroupCommit(self._in_place_engine(), lock)
        else:
            self._writer = self._postgresql_engine(read_postgresql(self.url))
            self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._autocommit_engine = self._writer.execution_options(isolation_level="AUTOCOMMIT")
            self._session_engine = self._postgresql_engine(read_postgresql(self.url), in_pool=False).execution_options(
                isolation_level="AUTOCOMMIT"
            )
            self._batch_queue = StatementBatcher(self._writer, changes=True)
            self._autocommit_batcher = StatementBatcher(self._autocommit_engine, changes=False)

    @staticmethod
    def shown(url: str) -> str:
        """The address of a database without its password and parameters."""
        return make_url(normalized(url)).set(query={}).render_as_string(hide_password=True)

    @staticmethod
    def exists(url: str) -> bool:
        """Whether there is something to connect to: an SQLite file is made only when it is needed."""
        parts = make_url(normalized(url))
        return parts.get_backend_name() != "sqlite" or Path(parts.database or "").is_file()

    @staticmethod
    def _postgresql_engine(address: PostgresqlAddress, *, in_pool: bool = True) -> AsyncEngine:
        own = {"idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION}
        pool: dict[str, Any] = {"pool_size": _CONNECTIONS, "max_overflow": 0, "pool_timeout": 60}
        engine = create_async_engine(
            address.url,
            hide_parameters=True,  # an error's text goes into logs: it must not name a member
            **(pool if in_pool else {"poolclass": NullPool}),
            connect_args={
                "timeout": _CONNECT_SECONDS,
                **address.arguments,
                "server_settings": {**address.server_settings, **own},
            },
        )
        event.listen(engine.sync_engine, "connect", _set_keepalive)
        return engine

    def _sqlite_engine(self, *, pool_size: int, begin: str, query_only: bool = False) -> AsyncEngine:
        engine = create_async_engine(
            self.url,
            hide_parameters=True,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=60,
            connect_args={"isolation_level": None, "timeout": BUSY_SECONDS},
        )
        self._set_pragmas(engine.sync_engine, query_only=query_only)
        event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        return engine

    def _in_place_engine(self, *, query_only: bool = False) -> Engine:
        """Runs statements on the calling thread; each is a transaction of its own, unless one was begun."""
        engine = create_engine(
            self.url.set(drivername="sqlite"),
            hide_parameters=True,
            poolclass=StaticPool,
            connect_args={"isolation_level": None, "timeout": BUSY_SECONDS, "check_same_thread": False},
        )
        self._set_pragmas(engine, query_only=query_only)
        return engine

    @staticmethod
    def _set_pragmas(engine: Engine, *, query_only: bool) -> None:
        @event.listens_for(engine, "connect")
        def _set(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            for pragma in (*_PRAGMAS, f"query_only={int(query_only)}"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one consistent state and changes nothing."""
        with _TranslateErrors():
            async with self._reader.connect() as connection, connection.begin():
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: all of it is stored when the block is left, none of it when the block raises."""
        with _TranslateErrors():
            async with self._one_writer, self._writer.begin() as connection:
                yield connection

    async def own_session(self) -> AsyncConnection:
        """A connection to PostgreSQL that is in no pool, where each statement is a transaction of its own: for what
        belongs to a session, until it is invalidated and closed. Raises what the driver raises."""
        return await self._session_engine.connect()

    async def autocommit_read(self, work: Work[Result]) -> Result:
        """Read a few rows by key: each statement sees what is committed by then.

        On SQLite on this thread: a change of thread would cost more than the read. On PostgreSQL batched with others.
        """
        with _TranslateErrors():
            if self._autocommit_batcher is not None:
                try:
                    return await self._autocommit_batcher.do(work)
                except NotBatchable:
                    async with self._autocommit_engine.connect() as connection:
                        return await work(connection)
            if self._autocommit_connection is None:
                engine = self._in_place_engine(query_only=True)
                self._autocommit_connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            return run_inline(self._autocommit_connection, work)

    async def batch_write(self, work: Work[Result], of: int | None = None, *, long: bool = False) -> Result:
        """A short transaction of a kind that many members cause at once, or a `long` one of milliseconds that queues
        with them. Returns when it is committed.

        Those that wait are committed together, each all or nothing. On PostgreSQL only where `of` names the member
        whose row the work locks first, and where it changes rows that members have in common only by a statement that
        is prepared for it (`storage.db.statement_batcher`); other work has its own transaction there.
        """
        if self.is_sqlite or of is not None:
            try:
                with _TranslateErrors():
                    return await self._batch_queue.do(work, of, long=long)
            except NotBatchable:
                pass
        async with self.write() as connection:
            return await work(connection)

    async def shrink_log(self) -> bool:
        """Empty SQLite's log where it is far larger than `WAL_BYTES`; returns whether it tried. Writers wait meanwhile,
        up to `_SHRINK_SECONDS`.

        Reads that always overlap leave no moment in which a commit could do that by itself.
        """
        if not self.is_sqlite or _size(f"{self.url.database}-wal") <= 4 * WAL_BYTES:
            return False
        async with self._one_writer:
            await asyncio.to_thread(_truncate_log, str(self.url.database))
        return True

    def load(self) -> tuple[int, int]:
        """How many connections are in use, and how many transactions wait in the batch queue, right now."""
        pools = {id(engine): engine.pool for engine in (self._reader, self._writer)}
        used = sum(pool.checkedout() for pool in pools.values() if isinstance(pool, QueuePool))
        return used, self._batch_queue.waiting

    async def close(self) -> None:
        """Close every connection; without it the driver's threads keep the process alive."""
        await self._batch_queue.close()
        if self._autocommit_batcher is not None:
            await self._autocommit_batcher.close()
        if self._autocommit_connection is not None:
            self._autocommit_connection.close()
            self._autocommit_connection.engine.dispose()
        await self._writer.dispose()
        await self._reader.dispose()
