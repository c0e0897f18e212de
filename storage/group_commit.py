"""Short acts of many people at once: pieces of work that wait are committed in one go.

Here is what both databases have in common, and SQLite's way. A statement through its asynchronous driver costs two
changes of thread, which is more than most statements cost themselves, so there a piece of work runs on one thread from
its first statement to its last. PostgreSQL's way is `storage.statement_batcher`.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, CursorResult, Dialect, Engine, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.errors import is_unavailable

Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Awaitable[Result]]
"""What queries take: a coroutine function over a connection, which awaits nothing but that connection."""

MAX_BATCH = 50
"""Pieces of work in one commit: enough that the disk is waited for seldom, few enough that nobody waits long."""
_FEW = 12
"""The same where the disk is quick: the answers to the first ones leave while the next ones are judged."""
_QUICK = 0.01
"""Seconds that a quick disk takes for a commit, at most."""
_HELD = 0.02
"""Seconds after which other writers have their turn, whoever waits in the line."""
BUSY_SECONDS = 10
"""How long an SQLite file may be another program's before it counts as away."""
_LOOK_AGAIN = 0.005


class DriverConnection:
    """A connection that hands prepared statements to the driver as they are.

    With `dialect` and `execute` it has what queries use, so that they cannot tell it from an AsyncConnection. It is no
    ABC: of those `isinstance`, which every statement asks for, is slow.
    """

    dialect: Dialect

    @abstractmethod
    async def rows(self, prepared: PreparedStatement, values: dict[str, Any]) -> Sequence[Any]:
        """The rows of a prepared statement as tuples, or none where it gives none."""

    @abstractmethod
    async def execute(self, statement: Any, parameters: Any = None) -> CursorResult[Any]:
        """Any other statement."""


class PreparedStatement:
    """A statement that people run all day: compiled once, and handed to the driver as it is where that is quicker.

    Every value is a bound parameter by name; lists of values ("IN") are not for it.

    On PostgreSQL (`storage.statement_batcher`) many ask at once: `many` is the statement for all whose values stand in
    the list `asked`, with its number `n` as the last column, where it cannot be derived; `last` says that it holds
    rows which people have in common, so that it is asked when all have come so far.
    """

    def __init__(self, statement: Executable, *, many: str | None = None, last: bool = False) -> None:
        self.statement = statement
        self.many = many
        self.last = last
        self._in_place: _DriverStatement | None = None

    async def rows(self, connection: AsyncConnection, **values: Any) -> Sequence[Any]:
        """Run it; the rows as tuples, or none where it gives none."""
        if isinstance(connection, DriverConnection):
            return await connection.rows(self, values)
        result = await connection.execute(self.statement, values)
        return result.all() if result.returns_rows else ()

    def in_place(self, dialect: Dialect) -> _DriverStatement:
        """This statement for SQLite's own driver."""
        if self._in_place is None:
            self._in_place = _DriverStatement(self.statement, dialect)
        return self._in_place


class _DriverStatement:
    """A statement as text, with what turns values into the driver's and back."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._binds = [(name, to_driver(compiled.binds[name].type, dialect)) for name in compiled.positiontup]
        self._fixed = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}
        self._backs = result_processors(compiled, dialect)

    def rows(self, driver: Any, values: dict[str, Any]) -> Sequence[Any]:
        values = {**self._fixed, **values}
        bound = [values[name] if turn is None else turn(values[name]) for name, turn in self._binds]
        return convert_rows(driver.execute(self._text, bound).fetchall(), self._backs)


def to_driver(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    """What turns our values of a type into the driver's, where they differ."""
    turn: Callable[[Any], Any] | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return turn


ResultProcessors = list[tuple[int, Callable[[Any], Any]]]
"""What turns a driver's values into ours, by the columns that need it."""


def result_processors(compiled: Any, dialect: Dialect) -> ResultProcessors:
    """For the columns that a compiled statement gives."""
    types = [column.type for column in compiled._result_columns or ()]
    backs = [(at, kind.dialect_impl(dialect).result_processor(dialect, None)) for at, kind in enumerate(types)]
    return [(at, back) for at, back in backs if back is not None]


def convert_rows(found: Sequence[Any], backs: ResultProcessors) -> Sequence[Any]:
    """The driver's rows with our values in them."""
    if not backs:
        return found
    rows = [list(row) for row in found]
    for row in rows:
        for at, back in backs:
            row[at] = back(row[at])
    return rows


class _InlineConnection(DriverConnection):
    """SQLite's connection: what is asked is done when it is asked."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver = connection.connection.dbapi_connection
        self.dialect = connection.dialect

    async def rows(self, prepared: PreparedStatement, values: dict[str, Any]) -> Sequence[Any]:
        return prepared.in_place(self.dialect).rows(self._driver, values)

    async def execute(self, statement: Any, parameters: Any = None) -> CursorResult[Any]:
        result: CursorResult[Any] = self._connection.execute(statement, parameters)
        return result


def run_inline(connection: Connection, work: Work[Result]) -> Result:
    """Run a piece of work to its end, here and now. Raises RuntimeError for work that awaits something else."""
    coroutine = work(cast(AsyncConnection, _InlineConnection(connection))).__await__()
    try:
        next(coroutine)
    except StopIteration as done:
        return cast(Result, done.value)
    raise RuntimeError("inside a transaction nothing but the database may be awaited")


@dataclass(slots=True, eq=False)
class WorkItem:
    """A piece of work that waits. `of` is the member whose rules it judges, where it names one; `long` says that its
    statements may take milliseconds."""

    work: Work[Any]
    of: int | None
    long: bool
    result: asyncio.Future[Any]


class BatchQueue(ABC):
    """Where pieces of work wait to be done together, while those before them are."""

    def __init__(self) -> None:
        self._waiting: deque[WorkItem] = deque()
        self._running: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Pieces of work whose turn has not come."""
        return len(self._waiting)

    async def do(self, work: Work[Result], of: int | None = None, *, long: bool = False) -> Result:
        """Do a piece of work and return its result once it is committed; raises what the work raised."""
        piece = WorkItem(work, of, long, asyncio.get_running_loop().create_future())
        self._waiting.append(piece)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        result: Result = await piece.result
        return result

    @abstractmethod
    async def _work(self) -> None:
        """Do some of those that wait, and settle them."""

    @staticmethod
    def _settle(batch: Collection[WorkItem], results: Sequence[Any]) -> None:
        """Tell whoever waits for a piece its result, or the exception that it ended with."""
        for piece, result in zip(batch, results, strict=True):
            if piece.result.cancelled():
                continue
            if isinstance(result, BaseException):
                piece.result.set_exception(result)
            else:
                piece.result.set_result(result)

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._work()
        except Exception as error:  # the line itself has failed: whoever waits in it must know
            waiting, self._waiting = self._waiting, deque()
            self._settle(waiting, [error] * len(waiting))
        finally:
            self._running = None

    async def close(self) -> None:
        """Finish what waits."""
        if self._running is not None:
            await self._running


class GroupCommit(BatchQueue):
    """SQLite's line: commits the pieces that wait in one go; when one of them fails, each is done again by itself.

    A piece's statements take microseconds and run where everything else does: on a thread of their own both would wait
    for the interpreter in turns. What takes longer is waited for aside: the disk, at the commit, and `long` pieces.
    `lock` is held meanwhile, so that the asynchronous writer and this one never wait in the file's own lock.
    """

    def __init__(self, engine: Engine, lock: asyncio.Lock) -> None:
        super().__init__()
        self._engine = engine
        self._lock = lock
        self._connection: Connection | None = None
        self._at_once = _FEW
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")

    async def _work(self) -> None:
        async with self._lock:
            until = time.monotonic() + _HELD
            while self._waiting and time.monotonic() < until:
                batch = self._next()
                self._settle(batch, await self._commit(batch))

    def _next(self) -> list[WorkItem]:
        """Those who come first; a long one by itself."""
        batch = [self._waiting.popleft()]
        while self._waiting and len(batch) < self._at_once and not (batch[-1].long or self._waiting[0].long):
            batch.append(self._waiting.popleft())
        return batch

    async def _commit(self, batch: list[WorkItem]) -> list[Any]:
        try:
            return await self._in_one_go(batch)
        except Exception as error:
            # Nothing of it is stored. Failing is rare, so it may cost: a savepoint for each would cost every time.
            if len(batch) == 1 or is_unavailable(
                error
            ):  # who is away for one is away for all, and each try may wait long
                return [error] * len(batch)
            return [result for piece in batch for result in await self._commit([piece])]

    async def _in_one_go(self, batch: list[WorkItem]) -> list[Any]:
        if self._connection is None:
            self._connection = await self._aside(self._connect)
        connection = self._connection
        driver: Any = connection.connection.dbapi_connection
        if driver.in_transaction:  # the last one could not be rolled back then
            driver.execute("ROLLBACK")
        await self._begin(driver)
        try:
            if batch[0].long:
                results = [await self._aside(run_inline, connection, batch[0].work)]
            else:
                results = [run_inline(connection, piece.work) for piece in batch]
            began = time.monotonic()
            await self._aside(driver.execute, "COMMIT")
        except Exception:
            if driver.in_transaction:
                driver.execute("ROLLBACK")
            raise
        self._at_once = _FEW if time.monotonic() - began < _QUICK else MAX_BATCH
        return results

    def _connect(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("PRAGMA busy_timeout=0")  # it would wait where nobody may
        return connection

    @staticmethod
    async def _begin(driver: Any) -> None:
        """Become the file's writer, when no other program is."""
        until = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                await asyncio.sleep(_LOOK_AGAIN)

    async def _aside(self, do: Callable[..., Result], *given: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, do, *given)

    async def close(self) -> None:
        """Finish what waits and let the thread go."""
        await super().close()
        await asyncio.to_thread(self._thread.shutdown)
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()
