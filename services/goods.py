"""Taking in goods and spending, showing a good again, and tables for organisers (R1-R4, R14, R16, R31)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.csv_files import BadCell, GoodsRow, Parsed, SpendRow
from domain.goods import Item, ItemState
from services.house import House
from services.pictures import PictureError, Ready, prepare_all
from storage import items, people, votes

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do; bad cells name what was left out."""

    new: int = 0
    changed: int = 0
    same: int = 0
    bad: tuple[BadCell, ...] = field(default=())
    stored: bool = False


class Goods:
    """The goods and what members spent."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def take_in(
        self,
        table: Parsed[GoodsRow],
        folder: Path | None,
        actor: str,
        *,
        dry_run: bool = False,
        skip_bad: bool = False,
        anywhere: bool = False,
        progress: Progress | None = None,
    ) -> Imported:
        """Register goods and audit them by rules alone (R4); pictures are looked for in `folder` or by https.

        All of the table, or with `skip_bad` its good rows, in one transaction; the same table again changes nothing.
        A good that was on display keeps what members saw: a changed row about it is bad.
        """
        sources = list(dict.fromkeys(row.picture for row in table.rows))
        pictures = await prepare_all(sources, folder, anywhere=anywhere, progress=progress)
        now = self._house.clock()
        # What is known is read in the transaction that stores: in between, a round may open with these goods.
        async with self._house.db.read() if dry_run else self._house.db.write() as connection:
            newest = await items.newest_turns(connection, [row.ref for row in table.rows])
            bad = [*table.bad, *_complaints(table.rows, pictures, newest)]
            wrong = {cell.line for cell in bad}
            good = [row for row in table.rows if row.line not in wrong]
            fresh = [row for row in good if row.ref not in newest]
            differing = [
                row
                for row in good
                if (known := newest.get(row.ref)) and not _same(known, row, _ready(pictures[row.picture]))
            ]
            stop = dry_run or (bool(bad) and not skip_bad)
            for row in () if stop else (*fresh, *differing):
                await self._store(connection, row, _ready(pictures[row.picture]), newest.get(row.ref), actor, now)
        bad.sort(key=lambda cell: cell.line)
        return Imported(
            len(fresh), len(differing), len(good) - len(fresh) - len(differing), tuple(bad), stored=not stop
        )

    async def _store(
        self,
        connection: AsyncConnection,
        row: GoodsRow,
        picture: Ready,
        known: Any | None,
        actor: str,
        now: datetime,
    ) -> None:
        values: dict[str, Any] = {
            "shop_id": await items.shop(connection, row.shop),
            "title": row.title,
            "title_en": row.title_en,
            "category": row.category,
            "original_fen": row.original_price,
            "expected_fen": row.expected_price,
            "stock": row.stock,
            "lead_days": row.lead_days,
            "url": row.url,
            "description": row.description,
            "description_en": row.description_en,
            "picture_id": await items.add_picture(
                connection, picture.digest, picture.content, picture.width, picture.height, now
            ),
        }
        if known:
            await items.change(connection, known.id, values)
            return
        item_id = await items.add(connection, {**values, "ref": row.ref, "state": ItemState.REGISTERED})
        await items.note_step(connection, item_id, ItemState.REGISTERED, actor, now)
        # The table's own checks are the machine audit: a row that fails one never becomes an item (R4).
        await items.move(connection, item_id, ItemState.REGISTERED, [ItemState.PASSED], "machine audit", now)
        await items.change(connection, item_id, {"passed_at": now})

    async def take_in_spending(
        self, table: Parsed[SpendRow], *, dry_run: bool = False, skip_bad: bool = False
    ) -> Imported:
        """Store what people spent (R14); somebody who has not met the bot yet finds their ballots when they come.

        A reference is counted once; one that comes again with another amount, person or day is bad, but for those of
        people who had themselves forgotten: they stay counted, for nobody (R36). What is said to be spent after today
        (in the bot's zone) is bad, too.
        """
        today = self._house.clock().astimezone(self._house.rules.zone).date()
        bad = list(table.bad)
        async with self._house.db.write() as connection:
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
        """Let a good whose round is over come back with a new count (R16); None when it may not."""
        now = self._house.clock()
        async with self._house.db.write() as connection:
            item = await items.by_id(connection, item_id)
            if item is None or item.state not in (ItemState.DISPLAYED, ItemState.LAPSED):
                return None
            newest = await items.by_ref(connection, item.ref)
            if newest is None or newest.id != item.id:
                return None
            if item.state is ItemState.DISPLAYED:
                await items.move(connection, item.id, item.state, [ItemState.LAPSED], actor, now, reason="comes back")
            again = await items.copy(connection, item.id, now)
            await items.note_step(connection, again, ItemState.REGISTERED, actor, now)
            await items.note_step(connection, again, ItemState.PASSED, "machine audit", now)
            return again

    async def item(self, item_id: int) -> Item | None:
        """One item."""
        async with self._house.db.read() as connection:
            return await items.by_id(connection, item_id)

    async def ranking(self, most: int | None = None, offset: int = 0) -> list[tuple[Item, int]]:
        """Items by votes, each with the number of people its opening would be told to (R31)."""
        async with self._house.db.read() as connection:
            found = await items.ranking(connection, most, offset)
            told = await votes.audiences(connection, [item.id for item in found])
        return [(item, told.get(item.id, 0)) for item in found]

    async def votes_table(self) -> list[Any]:
        """One row a vote that stands."""
        async with self._house.db.read() as connection:
            return await votes.table(connection)


def _complaints(
    rows: Sequence[GoodsRow], pictures: Mapping[str, Ready | PictureError], newest: Mapping[str, Any]
) -> Iterator[BadCell]:
    """What is wrong with rows that are good in themselves: their pictures, and goods that were shown as they are."""
    for row in rows:
        got = pictures[row.picture]
        if isinstance(got, PictureError):
            yield BadCell(row.line, "picture", got.code, row.picture[:80])
            continue
        known = newest.get(row.ref)
        if known and not _may_change(known) and not _same(known, row, got):
            yield BadCell(row.line, "ref", "shown_already", row.ref)


def _ready(picture: Ready | PictureError) -> Ready:
    assert isinstance(picture, Ready), "rows with bad pictures were sorted out"
    return picture


def _may_change(known: Any) -> bool:
    return known.state in (ItemState.REGISTERED, ItemState.PASSED)


def _same(known: Any, row: GoodsRow, picture: Ready) -> bool:
    return bool(
        (
            known.shop,
            known.title,
            known.title_en,
            known.category,
            known.original_fen,
            known.expected_fen,
            known.stock,
            known.lead_days,
            known.url,
            known.description,
            known.description_en,
            known.digest,
        )
        == (
            row.shop,
            row.title,
            row.title_en,
            row.category,
            row.original_price,
            row.expected_price,
            row.stock,
            row.lead_days,
            row.url,
            row.description,
            row.description_en,
            picture.digest,
        )
    )
