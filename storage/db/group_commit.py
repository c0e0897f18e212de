"""Group commit: the short transactions of many members that wait are committed together.

This module has what both databases share, and SQLite's way. A statement through SQLite's asynchronous driver costs two
changes of thread, more than most statements themselves: a work item therefore runs on one thread from its first
statement to its last. PostgreSQL's way is `storage.db.statement_batcher`.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar, TypeVarTuple, cast

from sqlalchemy import Connection, CursorResult, Dialect, Engine, Executable, Insert, ScalarResult
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import TypedReturnsRows
from sqlalchemy.types import TypeEngine

from storage.db.errors import is_unavailable

Result = TypeVar("Result")
Columns = TypeVarTuple("Columns")
Work = Callable[[AsyncConnection], Awaitable[Result]]
"""What queries take: a coroutine function over a connection, which awaits nothing but that connection."""
Rows = Sequence[Sequence[object]]
AnyResult = CursorResult[*tuple[Any, ...]]
Parameters = Mapping[str, object] | Sequence[Mapping[str, object]] | None
Converter = Callable[[object], object]

MAX_BATCH = 50
"""Work items in one commit: enough that few commits wait for the disk, few enough that each item waits briefly."""
_SMALL_BATCH = 12
"""The same where the disk is quick: the answers to the first items leave while the next ones run."""
_QUICK = 0.01
"""Seconds that a quick disk takes for a commit, at most."""
_HELD = 0.02
"""Seconds after which other writers get the lock, even while items wait."""
BUSY_SECONDS = 10
"""How long another program may lock an SQLite file before the file counts as unavailable."""
_RETRY_SECONDS = 0.005


class DriverConnection:
    """A connection that hands prepared statements to the driver as they are.

    With `dialect`, `execute`, `scalar` and `scalars` it has what queries use of an AsyncConnection. It is no ABC:
    `isinstance`, which every prepared statement calls, is slow with those.
    """

    dialect: Dialect

    @abstractmethod
    async def rows(self, prepared: AnyStatement, values: dict[str, object]) -> Rows:
        """The rows of a prepared statement; none for a statement that returns none."""

    @abstractmethod
    async def execute(self, statement: Executable, parameters: Parameters = None) -> AnyResult:
        """Run any other statement."""

    async def scalar(self, statement: Executable) -> object:
        """The first column of the first row; None where there is no row."""
        return (await self.execute(statement)).scalar()

    async def scalars(self, statement: Executable) -> ScalarResult[object]:
        """The first column of every row."""
        return (await self.execute(statement)).scalars()


class PreparedStatement(Generic[*Columns]):
    """A frequent statement: compiled once, and handed to the driver as it is where that is quicker.

    Every value is a bound parameter by name; lists of values ("IN") are not supported.

    On PostgreSQL (`storage.db.statement_batcher`) it runs for many sets of values at once. `many` is the statement for
    all sets in the table `asked`, with the set's number `n` as the last column, where it cannot be derived. `last` says
    that it locks rows that members have in common, so that it runs after everything else of the batch.
    """

    def __init__(
        self, statement: TypedReturnsRows[*Columns] | Insert, *, many: str | None = None, last: bool = False
    ) -> None:
        self.statement = statement
        self.many = many
        self.last = last
        self._in_place: _DriverStatement | None = None

    async def rows(self, connection: AsyncConnection, **values: object) -> Sequence[tuple[*Columns]]:
        """Run it and return the rows; none for a statement that returns none."""
        if isinstance(connection, DriverConnection):  # types as texts below: working them out costs as much as the rest
            return cast("Sequence[tuple[*Columns]]", await connection.rows(self, values))
        result = await connection.execute(self.statement, values)
        return cast("Sequence[tuple[*Columns]]", result.all() if result.returns_rows else ())

    def in_place(self, dialect: Dialect) -> _DriverStatement:
        """This statement for SQLite's own driver."""
        if self._in_place is None:
            self._in_place = _DriverStatement(self.statement, dialect)
        return self._in_place


AnyStatement: TypeAlias = PreparedStatement[*tuple[Any, ...]]


_BY_NAME = sqlite.dialect(paramstyle="named")


class _DriverStatement:
    """A statement as text, with the converters of its values and columns."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        # Bound by name: a value that a statement has in many places is converted and bound once.
        compiled = statement.compile(dialect=_BY_NAME)
        self._text = str(compiled)
        converters = {name: to_driver(bind.type, dialect) for name, bind in compiled.binds.items()}
        # Mostly it is the day and its beginning, the same at every tap.
        self._converters = [(name, lru_cache(64)(convert)) for name, convert in converters.items() if convert]
        self._fixed = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}
        self._processors = result_processors(compiled, dialect)

    def rows(self, driver: Any, values: dict[str, object]) -> Rows:
        bound = {**self._fixed, **values}
        for name, convert in self._converters:
            bound[name] = convert(bound[name])
        return convert_rows(driver.execute(self._text, bound).fetchall(), self._processors)


def to_driver(kind: TypeEngine[object], dialect: Dialect) -> Converter | None:
    """Converts our values of a type to the driver's; None where they are the same."""
    return kind.dialect_impl(dialect).bind_processor(dialect)


ResultProcessors = list[tuple[int, Converter]]
"""The converters of a driver's values to ours, by the columns that need one."""


def result_processors(compiled: SQLCompiler, dialect: Dialect) -> ResultProcessors:
    """For the columns that a compiled statement returns."""
    types = [column.type for column in compiled._result_columns or ()]
    found = [(at, kind.dialect_impl(dialect).result_processor(dialect, None)) for at, kind in enumerate(types)]
    return [(at, convert) for at, convert in found if convert is not None]


def convert_rows(found: Rows, processors: ResultProcessors) -> Rows:
    """The driver's rows with our values in them."""
    if not processors:
        return found
    rows = [list(row) for row in found]
    for row in rows:
        for at, convert in processors:
            row[at] = convert(row[at])
    return rows


class _InlineConnection(DriverConnection):
    """SQLite's connection: each statement runs at once, on this thread."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver = connection.connection.dbapi_connection
        self.dialect = connection.dialect

    async def rows(self, prepared: AnyStatement, values: dict[str, object]) -> Rows:
        return prepared.in_place(self.dialect).rows(self._driver, values)

    async def execute(self, statement: Executable, parameters: Parameters = None) -> AnyResult:
        return self._connection.execute(statement, parameters)


def run_inline(connection: Connection, work: Work[Result]) -> Result:
    """Run a work item to its end on this thread. Raises RuntimeError for work that awaits something else."""
    coroutine = work(cast(AsyncConnection, _InlineConnection(connection))).__await__()
    try:
        next(coroutine)
    except StopIteration as done:
        return cast(Result, done.value)
    raise RuntimeError("inside a transaction nothing but the database may be awaited")


@dataclass(slots=True, eq=False)
class WorkItem:
    """Work that waits. `of` is the member whose rules it judges, where it names one; the statements of `long` work may
    take milliseconds."""

    work: Work[Any]
    of: int | None
    long: bool
    result: asyncio.Future[Any]


class BatchQueue(ABC):
    """Collects work items while earlier ones run, and runs them together."""

    def __init__(self) -> None:
        self._waiting: deque[WorkItem] = deque()
        self._running: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """The number of work items that do not run yet."""
        return len(self._waiting)

    async def do(self, work: Work[Result], of: int | None = None, *, long: bool = False) -> Result:
        """Run a work item and return its result once it is committed; raises what the work raised."""
        item = WorkItem(work, of, long, asyncio.get_running_loop().create_future())
        self._waiting.append(item)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        result: Result = await item.result
        return result

    @abstractmethod
    async def _run_batch(self) -> None:
        """Run some of the items that wait, and settle them."""

    @staticmethod
    def _settle(batch: Collection[WorkItem], results: Sequence[object]) -> None:
        """Give each item its result, or the exception that it ended with."""
        for item, result in zip(batch, results, strict=True):
            if item.result.cancelled():
                continue
            if isinstance(result, BaseException):
                item.result.set_exception(result)
            else:
                item.result.set_result(result)

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._run_batch()
        except Exception as error:  # the queue itself has failed: no item may wait for ever
            waiting, self._waiting = self._waiting, deque()
            self._settle(waiting, [error] * len(waiting))
        finally:
            self._running = None

    async def close(self) -> None:
        """Finish what waits."""
        if self._running is not None:
            await self._running


class GroupCommit(BatchQueue):
    """SQLite's queue: commits the items that wait together; when one of them fails, each runs again by itself.

    An item's statements take microseconds and run on the event loop's thread: on another one, both would contend for
    the interpreter. What takes longer runs on a writer thread: the commit, which waits for the disk, and `long` items.
    `lock` is held meanwhile, so that the asynchronous writer and this one never wait for the file's own lock.
    """

    def __init__(self, engine: Engine, lock: asyncio.Lock) -> None:
        super().__init__()
        self._engine = engine
        self._lock = lock
        self._connection: Connection | None = None
        self._batch_size = _SMALL_BATCH
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")

    async def _run_batch(self) -> None:
        async with self._lock:
            until = time.monotonic() + _HELD
            while self._waiting and time.monotonic() < until:
                batch = self._next()
                self._settle(batch, await self._results(batch))

    def _next(self) -> list[WorkItem]:
        """The first items in the queue; a long one by itself."""
        batch = [self._waiting.popleft()]
        while self._waiting and len(batch) < self._batch_size and not (batch[-1].long or self._waiting[0].long):
            batch.append(self._waiting.popleft())
        return batch

    async def _results(self, batch: list[WorkItem]) -> list[object]:
        """Each item's result, or the exception that it ended with."""
        try:
            return await self._commit(batch)
        except Exception as error:
            # Nothing is stored. Failures are rare, so they may be costly: a savepoint for each item would always cost.
            if len(batch) == 1 or is_unavailable(error):  # for all items then, and each attempt may wait long
                return [error] * len(batch)
            return [result for item in batch for result in await self._results([item])]

    async def _commit(self, batch: list[WorkItem]) -> list[object]:
        if self._connection is None:
            self._connection = await self._in_thread(self._connect)
        connection = self._connection
        driver: Any = connection.connection.dbapi_connection
        if driver.in_transaction:  # the rollback of the last one has failed
            driver.execute("ROLLBACK")
        await self._begin(driver)
        try:
            if batch[0].long:
                results = [await self._in_thread(run_inline, connection, batch[0].work)]
            else:
                results = [run_inline(connection, item.work) for item in batch]
            began = time.monotonic()
            await self._in_thread(driver.execute, "COMMIT")
        except Exception:
            if driver.in_transaction:
                driver.execute("ROLLBACK")
            raise
        self._batch_size = _SMALL_BATCH if time.monotonic() - began < _QUICK else MAX_BATCH
        return results

    def _connect(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("PRAGMA busy_timeout=0")  # it would block the event loop
        return connection

    @staticmethod
    async def _begin(driver: Any) -> None:
        """Begin a write transaction, waiting while another program writes."""
        until = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                await asyncio.sleep(_RETRY_SECONDS)

    async def _in_thread(self, do: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, do, *arguments)

    async def close(self) -> None:
        """Finish what waits, and end the thread."""
        await super().close()
        await asyncio.to_thread(self._thread.shutdown)
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()
