"""Taking in a table of goods: pictures first, a few at a time, then all rows in one short transaction (R1-R4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.csv_files import BadCell, GoodsRecord, Parsed
from domain.goods import ItemState
from services.context import ServiceContext
from services.pictures import PictureError, Ready, prepare_each
from storage import registration
from storage.db import advisory_lock
from storage.registration import NewItem, NewPicture

Progress = Callable[[int, int], None]

_Pictures = Mapping[str, str | PictureError]
"""By the source that the table names: the picture's digest, or what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do; bad cells name what was left out."""

    new: int = 0
    changed: int = 0
    same: int = 0
    bad: tuple[BadCell, ...] = field(default=())
    stored: bool = False


@dataclass(frozen=True, slots=True)
class _Verdict:
    fresh: list[NewItem]
    changed: dict[int, NewItem]
    same: int
    bad: tuple[BadCell, ...]


class Registration:
    """Where goods are registered."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def take_in(
        self,
        table: Parsed[GoodsRecord],
        folder: Path | None,
        actor: str,
        *,
        dry_run: bool,
        skip_bad: bool,
        anywhere: bool,
        progress: Progress | None,
    ) -> Imported:
        """What `Goods.take_in` promises. Pictures of a table that turns out bad are stored by then and let go later."""
        hopeless = bool(table.bad) and not skip_bad
        pictures = await self._take_in_pictures(
            table, folder, keep=not dry_run and not hopeless, anywhere=anywhere, progress=progress
        )
        async with self._context.db.read() as connection:
            verdict = await _judge(connection, table, pictures)
        stop = dry_run or (bool(verdict.bad) and not skip_bad)
        if not stop and (verdict.fresh or verdict.changed):
            now = self._context.clock.now()
            async with self._context.db.write() as connection:
                await advisory_lock(connection, "goods")
                # In between, a round may have opened with these goods: what was read then may no longer be true.
                verdict = await _judge(connection, table, pictures)
                stop = bool(verdict.bad) and not skip_bad
                if not stop:
                    # The table's own checks are the machine audit: a row that fails one never becomes an item (R4).
                    way = ((ItemState.REGISTERED, actor), (ItemState.PASSED, "machine audit"))
                    await registration.store_all(connection, verdict.fresh, verdict.changed, way, now)
        return Imported(len(verdict.fresh), len(verdict.changed), verdict.same, verdict.bad, stored=not stop)

    async def _take_in_pictures(
        self, table: Parsed[GoodsRecord], folder: Path | None, *, keep: bool, anywhere: bool, progress: Progress | None
    ) -> _Pictures:
        """Look at every picture, and with `keep` store it: each few in a transaction of their own."""
        sources = list(dict.fromkeys(row.picture for row in table.rows))
        seen: dict[str, str | PictureError] = {}
        async for some in prepare_each(sources, folder, anywhere=anywhere):
            good = [one for one in some.values() if isinstance(one, Ready)]
            if good and keep:
                now = self._context.clock.now()
                new = [NewPicture(one.digest, one.content, one.width, one.height) for one in good]
                async with self._context.db.write() as connection:
                    await registration.add_pictures(connection, new, now)
            seen.update({name: one.digest if isinstance(one, Ready) else one for name, one in some.items()})
            if progress:
                progress(len(seen), len(sources))
        return seen


async def _judge(connection: AsyncConnection, table: Parsed[GoodsRecord], pictures: _Pictures) -> _Verdict:
    """Which rows are new, which change something, which are as before, and which are bad."""
    newest = await registration.newest_turns(connection, [row.ref for row in table.rows])
    bad = [*table.bad, *_complaints(table.rows, pictures, newest)]
    wrong = {cell.line for cell in bad}
    fresh: list[NewItem] = []
    changed: dict[int, NewItem] = {}
    good = [row for row in table.rows if row.line not in wrong]
    for row in good:
        new, known = _item(row, str(pictures[row.picture])), newest.get(row.ref)
        if known is None:
            fresh.append(new)
        elif not _same(known, new):
            changed[known.id] = new
    same = len(good) - len(fresh) - len(changed)
    return _Verdict(fresh, changed, same, tuple(sorted(bad, key=lambda cell: cell.line)))


def _complaints(rows: Sequence[GoodsRecord], pictures: _Pictures, newest: Mapping[str, Any]) -> Iterator[BadCell]:
    """What is wrong with rows that are good in themselves: their pictures, and goods that were shown as they are."""
    for row in rows:
        got = pictures[row.picture]
        if isinstance(got, PictureError):
            yield BadCell(row.line, "picture", got.code, row.picture[:80])
            continue
        known = newest.get(row.ref)
        if known and not _may_change(known) and not _same(known, _item(row, got)):
            yield BadCell(row.line, "ref", "shown_already", row.ref)


def _item(row: GoodsRecord, digest: str) -> NewItem:
    values = {
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
    }
    return NewItem(row.ref, row.shop, digest, values)


def _may_change(known: Any) -> bool:
    return known.state in (ItemState.REGISTERED, ItemState.PASSED)


def _same(known: Any, new: NewItem) -> bool:
    return (known.shop, known.digest) == (new.shop, new.digest) and all(
        getattr(known, name) == value for name, value in new.values.items()
    )
