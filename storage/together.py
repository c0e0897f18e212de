"""SQLite without waiting between statements: transactions that run in one go, and many of them in one commit.

A statement through the asynchronous driver costs two changes of thread, which is more than most statements cost
themselves. Here a piece of work runs on one thread from its first statement to its last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, CursorResult, Dialect, Engine, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.away import is_away

Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Awaitable[Result]]
"""What queries take: a coroutine function over a connection, which awaits nothing but that connection."""

MOST_TOGETHER = 50
"""Pieces of work in one commit: enough that the disk is waited for seldom, few enough that nobody waits long."""


class _InPlace:
    """A connection whose `execute` is done when it is called. Queries cannot tell it from an AsyncConnection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect

    async def execute(self, statement: Any, parameters: Any = None) -> CursorResult[Any]:
        result: CursorResult[Any] = self._connection.execute(statement, parameters)
        return result

    def driver(self) -> Any:
        """SQLite's own connection."""
        return self._connection.connection.dbapi_connection


class Prepared:
    """A statement that people run all day: compiled once, and in place handed to the driver as it is.

    Every value is a bound parameter by name; lists of values ("IN") are not for it.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: _Compiled | None = None

    async def rows(self, connection: AsyncConnection, **values: Any) -> Sequence[Any]:
        """Run it; the rows as tuples, or none where it gives none."""
        if isinstance(connection, _InPlace):
            if self._compiled is None:
                self._compiled = _Compiled(self._statement, connection.dialect)
            return self._compiled.rows(connection.driver(), values)
        result = await connection.execute(self._statement, values)
        return result.all() if result.returns_rows else ()


class _Compiled:
    """A statement as text, with what turns values into the driver's and back."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._binds = [(name, compiled._bind_processors.get(name)) for name in compiled.positiontup]
        self._fixed = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}
        types = [column.type for column in compiled._result_columns or ()]
        backs = [(at, kind.dialect_impl(dialect).result_processor(dialect, None)) for at, kind in enumerate(types)]
        self._backs = [(at, back) for at, back in backs if back is not None]

    def rows(self, driver: Any, values: dict[str, Any]) -> Sequence[Any]:
        values = {**self._fixed, **values}
        bound = [values[name] if turn is None else turn(values[name]) for name, turn in self._binds]
        found = driver.execute(self._text, bound).fetchall()
        if not self._backs:
            return cast(Sequence[Any], found)
        rows = [list(row) for row in found]
        for row in rows:
            for at, back in self._backs:
                row[at] = back(row[at])
        return rows


def run_in_place(connection: Connection, work: Work[Result]) -> Result:
    """Run a piece of work to its end, here and now. Raises RuntimeError for work that awaits something else."""
    coroutine = work(cast(AsyncConnection, _InPlace(connection))).__await__()
    try:
        next(coroutine)
    except StopIteration as done:
        return cast(Result, done.value)
    raise RuntimeError("inside a transaction nothing but the database may be awaited")


class Together:
    """Commits the pieces of work that wait in one go; when one of them fails, each is done again by itself.

    `lock` is held meanwhile, so that the asynchronous writer and this one never wait in the file's own lock.
    """

    def __init__(self, engine: Engine, lock: asyncio.Lock) -> None:
        self._engine = engine
        self._lock = lock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._waiting: list[tuple[Work[Any], asyncio.Future[Any]]] = []
        self._running: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Pieces of work whose turn has not come."""
        return len(self._waiting)

    async def do(self, work: Work[Result]) -> Result:
        """Do a piece of work and return its result once it is committed; raises what the work raised."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                async with self._lock:
                    batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                    try:
                        results = await loop.run_in_executor(self._thread, self._commit, [w for w, _ in batch])
                    except Exception as error:  # the commit itself failed: none of it is stored, everyone must know
                        results = [error] * len(batch)
                for (_, future), result in zip(batch, results, strict=True):
                    if future.cancelled():
                        continue
                    if isinstance(result, BaseException):
                        future.set_exception(result)
                    else:
                        future.set_result(result)
        finally:
            self._running = None

    def _commit(self, works: list[Work[Any]]) -> list[Any]:
        try:
            with self._engine.begin() as connection:
                return [run_in_place(connection, work) for work in works]
        except Exception as error:
            # Nothing of it is stored. Failing is rare, so it may cost: a savepoint for each would cost every time.
            if len(works) == 1 or is_away(error):  # who is away for one is away for all, and each try may wait long
                return [error] * len(works)
            return [result for work in works for result in self._commit([work])]

    async def close(self) -> None:
        """Finish what waits and let the thread go."""
        if self._running is not None:
            await self._running
        await asyncio.to_thread(self._thread.shutdown)
        self._engine.dispose()
