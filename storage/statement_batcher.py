"""Batches the statements of concurrent transactions on PostgreSQL: each statement is sent once for all of them.

A vote is half a dozen statements, and the journey of each costs both ends more than the statement itself. Pieces that
wait are therefore taken along together: each runs until it asks for something, one statement of each kind brings what
all of them asked for, and each goes on with its own rows. The pieces themselves know nothing of it.

Those that change something share a transaction. So that the transactions of two processes never wait for each other
in a circle, all rows are held in the order of their numbers: the members' first, then those that members have in
common, in one statement, when every piece has come so far.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Generator, Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, Dialect, Insert, Select, Update, column, literal_column, table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter

from storage.errors import is_unavailable, sqlstate_of
from storage.group_commit import (
    MAX_BATCH,
    BatchQueue,
    DriverConnection,
    PreparedStatement,
    WorkItem,
    convert_rows,
    result_processors,
    to_driver,
)

_WAITS_FOR_OTHERS = 1000
"""Milliseconds for which all wait for a row of one. Whoever needs it then waits alone: a process may stand still."""
ANSWERS_WITHIN = 20.0
"""Seconds for a batch, which asks for little. A server that takes longer stands still on a machine that lives: its
connection is given up, and it counts as away."""
_HELD_BY_OTHERS = "55P03"
"""The SQLSTATE for that (PostgreSQL, appendix A: lock_not_available)."""


class NotBatchable(Exception):
    """A piece of work that has to be done by itself; nothing of it has been."""


class _Request:
    """What a piece of work waits for: the rows of a prepared statement, or the result of any other one."""

    __slots__ = ("values", "what")

    def __init__(self, what: Any, values: Any) -> None:
        self.what = what
        self.values = values

    def __await__(self) -> Generator[_Request, Any, Any]:
        return (yield self)

    @property
    def last(self) -> bool:
        return isinstance(self.what, PreparedStatement) and self.what.last


class _WriteConnection(DriverConnection):
    """The connection of pieces that share a transaction."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    async def rows(self, prepared: PreparedStatement, values: dict[str, Any]) -> Sequence[Any]:
        found: Sequence[Any] = await _Request(prepared, values)
        return found

    async def execute(self, statement: Any, parameters: Any = None) -> CursorResult[Any]:
        result: CursorResult[Any] = await _Request(statement, parameters)
        return result


class _ReadConnection(_WriteConnection):
    """The connection of pieces that read a few rows by key. Whatever else they read would keep the others waiting."""

    async def execute(self, statement: Any, parameters: Any = None) -> CursorResult[Any]:
        raise NotBatchable


class _BatchedStatement:
    """A prepared statement that is asked many times at once: their values are lists, their rows come numbered."""

    def __init__(self, prepared: PreparedStatement, dialect: Dialect) -> None:
        statement: Any = prepared.statement
        compiled = statement.compile(dialect=dialect)
        asked = {name: bind.type for name, bind in compiled.binds.items() if bind.required}
        self._binds = [(name, to_driver(kind, dialect)) for name, kind in asked.items()]
        self._backs = result_processors(compiled, dialect)
        self._fixed: list[Any] = []
        self.gives_rows = True
        text = prepared.many or self._text(statement, asked, dialect)
        if self.gives_rows:
            first = len(self._fixed) + 1
            lists = (f"${at}::{kind.compile(dialect=dialect)}[]" for at, kind in enumerate(asked.values(), first))
            names = ", ".join(f'"{name}"' for name in (*asked, "n"))
            source = f"SELECT * FROM unnest({', '.join(lists)}) WITH ORDINALITY AS asked ({names})"  # noqa: S608 - none
            text = f"WITH asked AS ({source}) {text}"
        self._sql = text

    def _text(self, statement: Any, asked: dict[str, Any], dialect: Dialect) -> str:
        """What follows the list `asked`; its last column is the number of whoever asked."""
        if isinstance(statement, Insert):  # the driver sends these along one after the other without waiting
            self.gives_rows = False
            return str(statement.inline().compile(dialect=dialect))
        source = table("asked", *(column(name, kind) for name, kind in asked.items()), column("n"))

        def swap(element: Any, **_: Any) -> Any:
            if not isinstance(element, BindParameter) or not element.required:
                return None
            # A plain name keeps `asked` out of the FROM of every query inside a query; an UPDATE needs it there.
            known = isinstance(statement, Update)
            return source.c[element.key] if known else literal_column(f'asked."{element.key}"', element.type)

        swapped: Any = visitors.replacement_traverse(statement, {}, swap)
        if isinstance(statement, Update):
            swapped = swapped.returning(source.c.n)
        elif not isinstance(statement, Select):
            raise TypeError(f"not for many at once: {statement}")
        compiled = swapped.compile(dialect=dialect)
        self._fixed = [compiled.binds[name].effective_value for name in compiled.positiontup]
        if isinstance(statement, Update):
            return str(compiled)
        return f"SELECT found.*, asked.n FROM asked CROSS JOIN LATERAL ({compiled}) AS found"  # noqa: S608 - no input

    async def rows(self, driver: Any, askers: list[dict[str, Any]]) -> list[Sequence[Any]]:
        """Each asker's rows."""
        lists = [[v[name] if turn is None else turn(v[name]) for v in askers] for name, turn in self._binds]
        if not self.gives_rows:
            await driver.executemany(self._sql, list(zip(*lists, strict=True)))
            return [()] * len(askers)
        found: list[list[Any]] = [[] for _ in askers]
        for record in await driver.fetch(self._sql, *self._fixed, *lists):
            found[record[-1] - 1].append(record[:-1])
        return [convert_rows(rows, self._backs) for rows in found]


_compiled: dict[PreparedStatement, _BatchedStatement] = {}


class _Steps:
    """Pieces of work on their way, all on one connection."""

    def __init__(
        self, connection: AsyncConnection, driver: Any, side: DriverConnection, pieces: list[WorkItem]
    ) -> None:
        self._connection = connection
        self._driver = driver
        self._going = [piece.work(cast(AsyncConnection, side)).__await__() for piece in pieces]
        self._asks: dict[int, _Request] = {}
        self._results: list[Any] = [None] * len(pieces)

    async def walk(self, *, all_or_none: bool) -> list[Any]:
        """Bring all to their end: their results; the first exception of one is raised, or else stands for its result.

        Raises RuntimeError for work that awaits anything but its connection.
        """
        try:
            for at in range(len(self._going)):
                self._go_on(at, None, all_or_none)
            while self._asks:
                ready = [at for at, ask in self._asks.items() if not ask.last] or list(self._asks)
                kinds: dict[Any, list[int]] = {}
                for at in ready:
                    kinds.setdefault(self._asks[at].what, []).append(at)
                for what, askers in kinds.items():
                    for at, rows in zip(askers, await self._fetch(what, askers), strict=True):
                        self._go_on(at, rows, all_or_none)
            return self._results
        finally:
            for one in self._going:
                one.close()

    async def _fetch(self, what: Any, askers: list[int]) -> list[Any]:
        values = [self._asks[at].values for at in askers]
        if isinstance(what, PreparedStatement):
            if what not in _compiled:
                _compiled[what] = _BatchedStatement(what, self._connection.dialect)
            return await _compiled[what].rows(self._driver, values)
        return [await self._connection.execute(what, of_one) for of_one in values]

    def _go_on(self, at: int, rows: Any, all_or_none: bool) -> None:
        try:
            asked = self._going[at].send(rows)
            if not isinstance(asked, _Request):
                raise RuntimeError("inside a transaction nothing but the database may be awaited")
        except StopIteration as done:
            self._results[at] = done.value
        except Exception as error:
            if all_or_none:
                raise
            self._results[at] = error
        else:
            self._asks[at] = asked
            return
        self._asks.pop(at, None)


class StatementBatcher(BatchQueue):
    """PostgreSQL's line. What fails takes the others with it; then each ends with Apart, and nothing has been done.

    `changes` is for pieces that each begin by holding a member, whom they name, and share a transaction; without it
    they read a few rows, each as it is committed by then.
    """

    def __init__(self, engine: AsyncEngine, *, changes: bool) -> None:
        super().__init__()
        self._engine = engine
        self._changes = changes
        self._connection: AsyncConnection | None = None

    async def _work(self) -> None:
        batch = self._choose()
        self._settle(batch, await self._done(batch))

    async def _done(self, batch: list[WorkItem]) -> list[Any]:
        """Each one's result, or the exception that it ends with."""
        try:
            return await self._do(batch)
        except Exception as error:
            await self._let_go()
            # Who is away for one is away for all. Anything else is one piece's own, and nobody knows yet whose.
            if not is_unavailable(error) and is_unavailable(error.__context__):
                error = cast(Exception, error.__context__)  # it only says that there was nobody to roll back with
            everyones = is_unavailable(error) and sqlstate_of(error) != _HELD_BY_OTHERS
            return [error if everyones else NotBatchable() for _ in batch]

    def _choose(self) -> list[WorkItem]:
        """Those who come first, one piece of each member: what one has done is seen by the next."""
        batch: list[WorkItem] = []
        later: deque[WorkItem] = deque()
        members: set[int] = set()
        for piece in self._waiting:
            if len(batch) == MAX_BATCH or piece.of in members:
                later.append(piece)
                continue
            batch.append(piece)
            if piece.of is not None:
                members.add(piece.of)
        self._waiting = later
        return batch

    async def _do(self, batch: list[WorkItem]) -> list[Any]:
        connection, driver = await self._connected()
        # A timeout would ask the server to leave off, and wait for that as well.
        given_up = asyncio.get_running_loop().call_later(ANSWERS_WITHIN, driver.terminate)
        try:
            return await self._walk(batch, connection, driver)
        finally:
            given_up.cancel()

    async def _walk(self, batch: list[WorkItem], connection: AsyncConnection, driver: Any) -> list[Any]:
        if not self._changes:
            looking = _ReadConnection(connection.dialect)
            return await _Steps(connection, driver, looking, batch).walk(all_or_none=False)
        async with driver.transaction():
            changing = _WriteConnection(connection.dialect)
            results = await _Steps(connection, driver, changing, batch).walk(all_or_none=True)
            if connection.in_transaction():  # a statement that was not prepared began one inside of ours
                await connection.commit()
            return results

    async def _connected(self) -> tuple[AsyncConnection, Any]:
        """The line's own connection, and the driver's."""
        if self._connection is not None:
            driver: Any = (await self._connection.get_raw_connection()).driver_connection
            if not driver.is_closed():
                return self._connection, driver
            await self._let_go()
        self._connection = await self._engine.connect()
        driver = (await self._connection.get_raw_connection()).driver_connection
        if self._changes:
            await driver.execute(f"SET lock_timeout = {_WAITS_FOR_OTHERS}", timeout=ANSWERS_WITHIN)
        return self._connection, driver

    async def _let_go(self) -> None:
        """Take a fresh connection next time: nobody knows how this one was left."""
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
