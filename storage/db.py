"""The database engine: `read()`, `write()`, and their fast forms `autocommit_read()` and `batch_write()`."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, StaticPool, create_engine, event, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Dialect, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

from storage.errors import DatabaseUnavailable, is_unavailable
from storage.group_commit import BUSY_SECONDS, BatchQueue, GroupCommit, Result, Work, run_inline
from storage.statement_batcher import NotBatchable, StatementBatcher

_CONNECTIONS = 16
"""To PostgreSQL, of one process: more only wait there instead of here, and five processes stay below its 100."""

STANDS_STILL = "20s"
"""After so long PostgreSQL ends a transaction in which nothing is asked: who is stopped or suspended inside one must
not keep everybody waiting for what they hold."""
_CONNECTS_WITHIN = 10.0
"""Seconds in which PostgreSQL takes a connection, or else is away: a machine that has vanished refuses none."""
_VANISHED = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 25_000}
"""After 25 s without a sign of life from PostgreSQL's machine a connection is over, in tcp(7)'s words. A statement may
take as long as it likes: its machine goes on answering for it. By itself the kernel would wait for a quarter of an hour
for what was sent, and for ever where nothing was."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored in UTC. Refuses naive values: SQLite would forget which zone they meant."""

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


def insert_new(connection: AsyncConnection, table: type[DeclarativeBase]) -> Any:
    """An INSERT of this database's dialect, which has `on_conflict_do_nothing()` and `on_conflict_do_update()`."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


async def advisory_lock(connection: AsyncConnection, what: str) -> None:
    """Hold a name to the end of the transaction, so that no other process does the same thing meanwhile.

    On SQLite there is one writer at a time anyway.
    """
    if connection.dialect.name != "sqlite":
        await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))


def _notice_a_vanished_machine(connection: Any, _record: Any) -> None:
    """Have the kernel ask PostgreSQL's machine for a sign of life, as far as this system knows how to."""
    line = connection.driver_connection._transport.get_extra_info("socket")
    if line is None or line.fileno() < 0:
        raise ConnectionResetError("PostgreSQL has closed the connection at once")
    if line.family == socket.AF_UNIX:
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _VANISHED.items():
        if hasattr(socket, name):
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class _TranslateErrors:  # as a generator it would cost twice as much, at every tap
    """Around a transaction: raises DatabaseUnavailable for the driver's errors that mean it."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception) and is_unavailable(error):
            raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error


class Database:
    """One database with two ways in, `read()` and `write()`. Inside them only the database may be awaited. They raise
    DatabaseUnavailable while it cannot be used.

    On SQLite a write begins IMMEDIATE, so that what it has read still holds when it writes. There is one write
    connection: writers queue for it here, in order, instead of for the file's lock. On PostgreSQL several processes
    write, and each statement sees what others have committed by then: a transaction locks the rows that its decision
    depends on, or a name (`advisory_lock`).
    """

    def __init__(self, url: str) -> None:
        self.url: URL = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer: AsyncEngine
        self._reader: AsyncEngine
        self._autocommit_engine: AsyncEngine
        self._one_writer: AbstractAsyncContextManager[Any] = nullcontext()
        self._batch_queue: BatchQueue
        self._autocommit_batcher: BatchQueue | None = None
        self._autocommit_connection: Connection | None = None
        if self.is_sqlite:
            if self.url.database and self.url.database != ":memory:":
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._sqlite_engine(pool_size=1, begin="BEGIN IMMEDIATE")
            self._reader = self._sqlite_engine(pool_size=4, begin="BEGIN", query_only=True)
            self._one_writer = asyncio.Lock()
            self._batch_queue = GroupCommit(self._in_place_engine(), self._one_writer)
        else:
            self._writer = create_async_engine(
                self.url,
                hide_parameters=True,
                pool_size=_CONNECTIONS,
                max_overflow=0,
                pool_timeout=60,
                connect_args={
                    "server_settings": {"idle_in_transaction_session_timeout": STANDS_STILL},
                    "timeout": _CONNECTS_WITHIN,
                },
            )
            event.listen(self._writer.sync_engine, "connect", _notice_a_vanished_machine)
            self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._autocommit_engine = self._writer.execution_options(isolation_level="AUTOCOMMIT")
            self._batch_queue = StatementBatcher(self._writer, changes=True)
            self._autocommit_batcher = StatementBatcher(self._autocommit_engine, changes=False)

    @staticmethod
    def shown(url: str) -> str:
        """The address of a database without its password."""
        return make_url(url).render_as_string(hide_password=True)

    @staticmethod
    def exists(url: str) -> bool:
        """Whether there is something to connect to: an SQLite file is made only when it is needed."""
        parts = make_url(url)
        return parts.get_backend_name() != "sqlite" or Path(parts.database or "").is_file()

    def _prepare(self, engine: Engine, begin: str | None, *, query_only: bool) -> None:
        """Set up each SQLite connection of an engine, and how its transactions begin; None: each statement is one."""

        @event.listens_for(engine, "connect")
        def _set_up(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            for pragma in (
                f"busy_timeout={BUSY_SECONDS * 1000}",  # first: making a new file write-ahead waits for others
                "journal_mode=WAL",
                "synchronous=FULL",  # under NORMAL the last commits can vanish with the power
                "foreign_keys=ON",
                "temp_store=MEMORY",
                "cache_size=-32768",
            ):
                cursor.execute(f"PRAGMA {pragma}")
            if query_only:
                cursor.execute("PRAGMA query_only=ON")
            cursor.close()

        if begin is not None:

            @event.listens_for(engine, "begin")
            def _begin(connection: Any) -> None:
                connection.exec_driver_sql(begin)

    def _sqlite_engine(self, *, pool_size: int, begin: str, query_only: bool = False) -> AsyncEngine:
        engine = create_async_engine(
            self.url,
            hide_parameters=True,  # an error's text goes into logs: it must not hold whom it was about
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=60,
            connect_args={"isolation_level": None, "timeout": BUSY_SECONDS},
        )
        self._prepare(engine.sync_engine, begin, query_only=query_only)
        return engine

    def _in_place_engine(self, *, query_only: bool = False) -> Engine:
        engine = create_engine(
            self.url.set(drivername="sqlite"),
            hide_parameters=True,
            poolclass=StaticPool,
            connect_args={"isolation_level": None, "timeout": BUSY_SECONDS, "check_same_thread": False},
        )
        self._prepare(engine, None, query_only=query_only)
        return engine

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

    async def autocommit_read(self, work: Work[Result]) -> Result:
        """Read a few rows by key: each statement sees what is committed by then.

        On SQLite in place: a change of thread would cost more than the reading. On PostgreSQL batched with others.
        """
        with _TranslateErrors():
            if self._autocommit_batcher is not None:
                try:
                    return await self._autocommit_batcher.do(work)
                except NotBatchable:
                    async with self._autocommit_engine.connect() as connection:
                        return await work(connection)
            if self._autocommit_connection is None:
                # Each statement by itself: an autocommit read is one, or some that need not agree to the moment.
                engine = self._in_place_engine(query_only=True)
                self._autocommit_connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            return run_inline(self._autocommit_connection, work)

    async def batch_write(self, work: Work[Result], of: int | None = None, *, long: bool = False) -> Result:
        """A short transaction of a kind that many people cause at once, or a `long` one of milliseconds which has its
        place among them. Returns when it is committed.

        Those that wait are committed together, each all or nothing. On PostgreSQL only where `of` names the member
        whose row the work holds first, and where it changes no rows that members have in common but by a statement
        that is prepared for it (`storage.statement_batcher`); everything else has its own transaction there.
        """
        if self.is_sqlite or of is not None:
            try:
                with _TranslateErrors():
                    return await self._batch_queue.do(work, of, long=long)
            except NotBatchable:
                pass
        async with self.write() as connection:
            return await work(connection)

    def load(self) -> tuple[int, int]:
        """How many connections are in use, and how many acts wait for the writer, right now."""
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
        if self._reader is not self._writer:
            await self._reader.dispose()
