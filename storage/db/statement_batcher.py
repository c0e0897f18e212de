"""Batches the statements of concurrent transactions on PostgreSQL: fifty votes cost the round trips of one.

A vote is half a dozen statements, and the round trip of each costs both ends more than the statement itself. Work items
therefore run together: each runs until it issues a statement, one statement of each kind is sent for all of them, and
each goes on with its own rows. The items do not notice.

Items that change rows share a transaction. So that two processes cannot deadlock, all rows are locked in the order of
their IDs: the members' first, then those that members have in common, in one statement, after all else.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Generator
from typing import Any, cast

from sqlalchemy import Dialect, Executable, Insert, Select, Update, column, literal_column, table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter

from storage.db.errors import is_unavailable, sqlstate_of
from storage.db.group_commit import (
    MAX_BATCH,
    AnyResult,
    AnyStatement,
    BatchQueue,
    DriverConnection,
    Parameters,
    PreparedStatement,
    Rows,
    WorkItem,
    convert_rows,
    result_processors,
    to_driver,
)

_LOCK_TIMEOUT = 1000
"""Milliseconds for which a batch waits for one row. Then its items run by themselves: the process that has the row may
be stopped."""
ANSWERS_WITHIN = 20.0
"""Seconds for a batch, which asks for little. A server that takes longer hangs on a machine that lives: its connection
is closed, and it counts as unavailable."""
_LOCK_NOT_AVAILABLE = "55P03"
"""The SQLSTATE of a lock timeout (PostgreSQL, appendix A)."""


class NotBatchable(Exception):
    """A work item has to run by itself; nothing of it is stored."""


class _Request:
    """A statement that a work item has issued, with its values; its answer is the rows of a prepared statement, or the
    result of any other one."""

    __slots__ = ("statement", "values")

    def __init__(self, statement: Any, values: Any) -> None:
        self.statement = statement
        self.values = values

    def __await__(self) -> Generator[_Request, Any, Any]:
        return (yield self)

    @property
    def last(self) -> bool:
        return isinstance(self.statement, PreparedStatement) and self.statement.last


class _BatchConnection(DriverConnection):
    """The connection that the items of a batch see; without `changes` only prepared statements may run: any other one
    would delay the others."""

    def __init__(self, dialect: Dialect, changes: bool) -> None:
        self.dialect = dialect
        self._changes = changes

    async def rows(self, prepared: AnyStatement, values: dict[str, object]) -> Rows:
        rows: Rows = await _Request(prepared, values)
        return rows

    async def execute(self, statement: Executable, parameters: Parameters = None) -> AnyResult:
        if not self._changes:
            raise NotBatchable
        result: AnyResult = await _Request(statement, parameters)
        return result


class _BatchedStatement:
    """A prepared statement for many sets of values: they are sent as lists, and the rows come back numbered."""

    def __init__(self, prepared: AnyStatement, dialect: Dialect) -> None:
        statement: Any = prepared.statement
        compiled = statement.compile(dialect=dialect)
        asked = {name: bind.type for name, bind in compiled.binds.items() if bind.required}
        self._binds = [(name, to_driver(kind, dialect)) for name, kind in asked.items()]
        self._processors = result_processors(compiled, dialect)
        self._fixed: list[Any] = []
        self._returns_rows = not isinstance(statement, Insert)
        if not self._returns_rows:  # the driver sends these one after the other without waiting
            self._sql = str(statement.inline().compile(dialect=dialect))
            return
        text = prepared.many or self._for_many(statement, asked, dialect)
        first = len(self._fixed) + 1
        lists = (f"${at}::{kind.compile(dialect=dialect)}[]" for at, kind in enumerate(asked.values(), first))
        names = ", ".join(f'"{name}"' for name in (*asked, "n"))
        source = f"SELECT * FROM unnest({', '.join(lists)}) WITH ORDINALITY AS asked ({names})"  # noqa: S608 - none
        self._sql = f"WITH asked AS ({source}) {text}"

    def _for_many(self, statement: Any, asked: dict[str, Any], dialect: Dialect) -> str:
        """The statement for each row of the table `asked`, whose number is the last column of the result."""
        source = table("asked", *(column(name, kind) for name, kind in asked.items()), column("n"))
        updates = isinstance(statement, Update)

        def swap(element: Any, **_: Any) -> Any:
            if not isinstance(element, BindParameter) or not element.required:
                return None
            # A plain name keeps `asked` out of the FROM of every query inside a query; an UPDATE needs it there.
            return source.c[element.key] if updates else literal_column(f'asked."{element.key}"', element.type)

        swapped: Any = visitors.replacement_traverse(statement, {}, swap)
        if updates:
            swapped = swapped.returning(source.c.n)
        elif not isinstance(statement, Select):
            raise TypeError(f"cannot be batched: {statement}")
        compiled = swapped.compile(dialect=dialect)
        self._fixed = [compiled.binds[name].effective_value for name in compiled.positiontup]
        if updates:
            return str(compiled)
        return f"SELECT found.*, asked.n FROM asked CROSS JOIN LATERAL ({compiled}) AS found"  # noqa: S608 - no input

    async def rows(self, driver: Any, values: list[dict[str, Any]]) -> list[Rows]:
        """The rows for each set of values."""
        lists = [
            [of_one[name] if convert is None else convert(of_one[name]) for of_one in values]
            for name, convert in self._binds
        ]
        if not self._returns_rows:
            await driver.executemany(self._sql, list(zip(*lists, strict=True)))
            return [()] * len(values)
        found: list[list[Any]] = [[] for _ in values]
        for record in await driver.fetch(self._sql, *self._fixed, *lists):
            found[record[-1] - 1].append(record[:-1])
        return [convert_rows(rows, self._processors) for rows in found]


_batched: dict[AnyStatement, _BatchedStatement] = {}


class _Batch:
    """Work items that run together on one connection. With `changes` the first exception of an item ends them all;
    else it stands for the item's result."""

    def __init__(self, connection: AsyncConnection, driver: Any, items: list[WorkItem], changes: bool) -> None:
        self._connection = connection
        self._driver = driver
        self._changes = changes
        shared = cast(AsyncConnection, _BatchConnection(connection.dialect, changes))
        self._coroutines = [item.work(shared).__await__() for item in items]
        self._requests: dict[int, _Request] = {}
        self._results: list[Any] = [None] * len(items)

    async def run(self) -> list[Any]:
        """Run all to their end and return their results.

        Raises RuntimeError for work that awaits anything but its connection.
        """
        try:
            for at in range(len(self._coroutines)):
                self._continue(at, None)
            while self._requests:
                ready = [at for at, request in self._requests.items() if not request.last] or list(self._requests)
                same: dict[Any, list[int]] = {}
                for at in ready:
                    same.setdefault(self._requests[at].statement, []).append(at)
                for statement, those in same.items():
                    answers = await self._answers(statement, [self._requests[at].values for at in those])
                    for at, answer in zip(those, answers, strict=True):
                        self._continue(at, answer)
            return self._results
        finally:
            for coroutine in self._coroutines:
                coroutine.close()

    async def _answers(self, statement: Any, values: list[Any]) -> list[Any]:
        if isinstance(statement, PreparedStatement):
            if statement not in _batched:
                _batched[statement] = _BatchedStatement(statement, self._connection.dialect)
            return await _batched[statement].rows(self._driver, values)
        return [await self._connection.execute(statement, of_one) for of_one in values]

    def _continue(self, at: int, answer: Any) -> None:
        """Run an item to its next statement, or to its end."""
        try:
            request = self._coroutines[at].send(answer)
            if not isinstance(request, _Request):
                raise RuntimeError("inside a transaction nothing but the database may be awaited")
            self._requests[at] = request
            return
        except StopIteration as done:
            self._results[at] = done.value
        except Exception as error:
            if self._changes:
                raise
            self._results[at] = error
        self._requests.pop(at, None)


class StatementBatcher(BatchQueue):
    """PostgreSQL's queue. An item that fails ends the others of its batch too, with NotBatchable: nothing is stored.

    `changes` is for items that each begin by locking the row of the member that they name, and share a transaction;
    without it they read a few rows, each as it is committed by then.
    """

    def __init__(self, engine: AsyncEngine, *, changes: bool) -> None:
        super().__init__()
        self._engine = engine
        self._changes = changes
        self._connection: AsyncConnection | None = None

    async def _run_batch(self) -> None:
        batch = self._choose()
        try:
            results = await self._results(batch)
        except Exception as error:
            await self._disconnect()
            if not is_unavailable(error) and is_unavailable(error.__context__):
                error = cast(Exception, error.__context__)  # the error itself only says that the rollback failed
            # An unavailable database is so for all items. Any other error is of one item, and it is not known of which.
            of_all = is_unavailable(error) and sqlstate_of(error) != _LOCK_NOT_AVAILABLE
            results = [error if of_all else NotBatchable() for _ in batch]
        self._settle(batch, results)

    def _choose(self) -> list[WorkItem]:
        """The first items in the queue, one of each member: the next one must see what it has done."""
        batch: list[WorkItem] = []
        later: deque[WorkItem] = deque()
        members: set[int] = set()
        for item in self._waiting:
            if len(batch) == MAX_BATCH or item.of in members:
                later.append(item)
                continue
            batch.append(item)
            if item.of is not None:
                members.add(item.of)
        self._waiting = later
        return batch

    async def _results(self, items: list[WorkItem]) -> list[Any]:
        connection, driver = await self._connected()
        # A timeout would ask the server to cancel, and wait for that as well.
        timer = asyncio.get_running_loop().call_later(ANSWERS_WITHIN, driver.terminate)
        try:
            if not self._changes:
                return await _Batch(connection, driver, items, changes=False).run()
            async with driver.transaction():
                results = await _Batch(connection, driver, items, changes=True).run()
                if connection.in_transaction():  # a statement that is not prepared began one inside of ours
                    await connection.commit()
                return results
        finally:
            timer.cancel()

    async def _connected(self) -> tuple[AsyncConnection, Any]:
        """The queue's own connection, and the driver's."""
        if self._connection is not None:
            driver: Any = (await self._connection.get_raw_connection()).driver_connection
            if not driver.is_closed():
                return self._connection, driver
            await self._disconnect()
        self._connection = await self._engine.connect()
        driver = (await self._connection.get_raw_connection()).driver_connection
        if self._changes:
            await driver.execute(f"SET lock_timeout = {_LOCK_TIMEOUT}", timeout=ANSWERS_WITHIN)
        return self._connection, driver

    async def _disconnect(self) -> None:
        """Use a fresh connection next time: the state of this one is not known."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):  # it may be broken in any way
                await connection.invalidate()
                await connection.close()

    async def close(self) -> None:
        """Finish what waits and give the connection back."""
        await super().close()
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
