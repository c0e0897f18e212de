"""Taking in goods and spending, showing a good again, and tables for organisers (R1-R4, R14, R16, R31)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from domain.csv_files import BadCell, GoodsRecord, Parsed, SpendingRecord
from domain.goods import Item, ItemState
from services.context import ServiceContext
from services.registration import Imported, Progress, Registration
from storage import items, people, votes
from storage.db import advisory_lock


class Goods:
    """The goods and what members spent."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._registration = Registration(context)

    async def take_in(
        self,
        table: Parsed[GoodsRecord],
        folder: Path | None,
        actor: str,
        *,
        dry_run: bool = False,
        skip_bad: bool = False,
        anywhere: bool = False,
        progress: Progress | None = None,
    ) -> Imported:
        """Register goods and audit them by rules alone (R4); pictures are looked for in `folder` or by https.

        All of the table, or with `skip_bad` its good rows, at once; the same table again changes nothing. A good that
        was on display keeps what members saw: a changed row about it is bad.
        """
        return await self._registration.take_in(
            table, folder, actor, dry_run=dry_run, skip_bad=skip_bad, anywhere=anywhere, progress=progress
        )

    async def take_in_spending(
        self, table: Parsed[SpendingRecord], *, dry_run: bool = False, skip_bad: bool = False
    ) -> Imported:
        """Store what people spent (R14); somebody who has not met the bot yet finds their ballots when they come.

        A reference is counted once; one that comes again with another amount, person or day is bad, but for those of
        people who had themselves forgotten: they stay counted, for nobody (R36). What is said to be spent after today
        (in the bot's zone) is bad, too.
        """
        today = self._context.clock.now().astimezone(self._context.rules.zone).date()
        bad = list(table.bad)
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "spending")
            known = await people.known_refs(connection, [row.ref for row in table.rows])
            fresh: list[dict[str, Any]] = []
            same = 0
            for row in table.rows:
                stored = known.get(row.ref)
                if row.spent_on > today:
                    bad.append(BadCell(row.line, "spent_on", "in_the_future", row.spent_on.isoformat()))
                elif stored is None:
                    fresh.append(
                        {
                            "ref": row.ref,
                            "telegram_id": row.telegram_id,
                            "amount_fen": row.amount,
                            "spent_on": row.spent_on,
                        }
                    )
                elif stored[0] == people.NOBODY or stored == (row.telegram_id, row.amount, row.spent_on):
                    same += 1
                else:
                    bad.append(BadCell(row.line, "ref", "known_otherwise", row.ref))
            bad.sort(key=lambda cell: cell.line)
            stop = dry_run or (bool(bad) and not skip_bad)
            if fresh and not stop:
                await people.add_spendings(connection, fresh)
        return Imported(len(fresh), 0, same, tuple(bad), stored=not stop)

    async def show_again(self, item_id: int, actor: str) -> int | None:
        """Let a good whose round is over come back with a new count (R16); None when it may not.

        Whoever follows it goes on following it (R26); its voters vote anew.
        """
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await advisory_lock(connection, f"item {item_id}")
            item = await items.by_id(connection, item_id)
            if item is None or item.state not in (ItemState.DISPLAYED, ItemState.LAPSED):
                return None
            newest = await items.by_ref(connection, item.ref)
            if newest is None or newest.id != item.id:
                return None
            if item.state is ItemState.DISPLAYED:
                await items.move(connection, item.id, item.state, [ItemState.LAPSED], actor, now, reason="comes back")
            again = await items.copy(connection, item.id, now)
            await votes.carry_follows(connection, item.id, again)
            await items.note_step(connection, again, ItemState.REGISTERED, actor, now)
            await items.note_step(connection, again, ItemState.PASSED, "machine audit", now)
            return again

    async def item(self, item_id: int) -> Item | None:
        """One item."""
        async with self._context.db.read() as connection:
            return await items.by_id(connection, item_id)

    async def ranking(self, most: int | None = None, offset: int = 0) -> list[tuple[Item, int]]:
        """Items by votes, each with the number of people its opening would be told to (R31)."""
        async with self._context.db.read() as connection:
            found = await items.ranking(connection, most, offset)
            told = await votes.audiences(connection, [item.id for item in found])
        return [(item, told.get(item.id, 0)) for item in found]

    async def votes_table(self) -> list[Any]:
        """One row a vote that stands."""
        async with self._context.db.read() as connection:
            return await votes.table(connection)
