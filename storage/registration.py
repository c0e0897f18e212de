"""Queries that import goods: many at a time, in few statements, so that taps do not wait for a table (R1, R2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, exists, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.goods import ItemState
from storage.db import insert_new
from storage.models import ItemRow, ItemStepRow, PictureFileRow, PictureRow, ShopRow

_MOST_NAMES = 500
"""Names in one question: SQLite takes a limited number of variables."""
_MOST_ROWS = 1_000
"""Rows in one statement: preparing thousands would block the event loop for long."""


@dataclass(frozen=True, slots=True)
class NewPicture:
    """A picture to store: JPEG bytes and their SHA-256."""

    digest: str
    content: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class NewItem:
    """A good to store, with its columns; shop and picture are named by what is known of them."""

    ref: str
    shop: str
    digest: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class RegisteredItem:
    """The newest listing of a good, with what an import can compare."""

    id: int
    state: str
    item: NewItem


_VALUES = (
    *(ItemRow.title, ItemRow.title_en, ItemRow.category, ItemRow.original_fen, ItemRow.expected_fen),
    *(ItemRow.stock, ItemRow.lead_days, ItemRow.url, ItemRow.description, ItemRow.description_en),
)


async def add_pictures(connection: AsyncConnection, pictures: Collection[NewPicture], now: datetime) -> None:
    """Store pictures; of those that are stored already the time of their last upload changes, and those that were
    emptied get their content back."""
    new = insert_new(connection, PictureRow)
    content = case((func.length(PictureRow.content) == 0, new.excluded.content), else_=PictureRow.content)
    await connection.execute(
        new.on_conflict_do_update(index_elements=["digest"], set_={"wanted_at": now, "content": content}),
        [
            {"digest": one.digest, "content": one.content, "width": one.width, "height": one.height, "wanted_at": now}
            for one in pictures
        ],
    )


async def drop_pictures(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete pictures that no item has and that were not uploaded since `before`; returns how many."""
    unused = and_(PictureRow.wanted_at < before, ~exists().where(ItemRow.picture_id == PictureRow.id))
    ids = list(await connection.scalars(select(PictureRow.id).where(unused).limit(most)))
    await connection.execute(delete(PictureFileRow).where(PictureFileRow.picture_id.in_(ids)))
    await connection.execute(delete(PictureRow).where(PictureRow.id.in_(ids)))
    return len(ids)


async def newest_listings(connection: AsyncConnection, refs: list[str]) -> dict[str, RegisteredItem]:
    """The newest listing of each of these goods, by reference."""
    found: dict[str, RegisteredItem] = {}
    for start in range(0, len(refs), _MOST_NAMES):
        rows = await connection.execute(
            select(ItemRow.id, ItemRow.state, ItemRow.ref, ShopRow.name, PictureRow.digest, *_VALUES)
            .join(ShopRow, ShopRow.id == ItemRow.shop_id)
            .join(PictureRow, PictureRow.id == ItemRow.picture_id)
            .where(ItemRow.ref.in_(refs[start : start + _MOST_NAMES]))
            .order_by(ItemRow.listing_number)
        )
        for item_id, state, ref, shop, digest, *values in rows:
            columns = {column.key: value for column, value in zip(_VALUES, values, strict=True)}
            found[ref] = RegisteredItem(item_id, state, NewItem(ref, shop, digest, columns))
    return found


async def _numbers(connection: AsyncConnection, name: Any, number: Any, names: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    wanted = list(names)
    for start in range(0, len(wanted), _MOST_NAMES):
        rows = await connection.execute(select(name, number).where(name.in_(wanted[start : start + _MOST_NAMES])))
        found.update({row[0]: row[1] for row in rows})
    return found


async def _all(connection: AsyncConnection, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _MOST_ROWS):
        await connection.execute(statement, rows[start : start + _MOST_ROWS])


async def store_all(
    connection: AsyncConnection,
    fresh: Sequence[NewItem],
    changed: Mapping[int, NewItem],
    steps: Sequence[tuple[ItemState, str]],
    now: datetime,
) -> None:
    """Store new goods, each with these steps (state and actor) in its history, and new values of items by number.

    A few statements for any number of goods. Their pictures must be stored.
    """
    every = [*fresh, *changed.values()]
    if not every:
        return
    shops = {one.shop for one in every}
    new_shop = insert_new(connection, ShopRow).on_conflict_do_nothing(index_elements=["name"])
    await _all(connection, new_shop, [{"name": name} for name in shops])
    shop_ids = await _numbers(connection, ShopRow.name, ShopRow.id, shops)
    picture_ids = await _numbers(connection, PictureRow.digest, PictureRow.id, {one.digest for one in every})

    def row(one: NewItem) -> dict[str, Any]:
        return {**one.values, "shop_id": shop_ids[one.shop], "picture_id": picture_ids[one.digest]}

    if changed:
        columns = row(next(iter(changed.values())))
        await _all(
            connection,
            update(ItemRow).where(ItemRow.id == bindparam("of")).values({name: bindparam(name) for name in columns}),
            [{**row(one), "of": item_id} for item_id, one in changed.items()],
        )
    if fresh:
        state = steps[-1][0]
        await _all(
            connection,
            insert(ItemRow),
            [{**row(one), "ref": one.ref, "listing_number": 1, "state": state, "passed_at": now} for one in fresh],
        )
        for start in range(0, len(fresh), _MOST_NAMES):
            refs = [one.ref for one in fresh[start : start + _MOST_NAMES]]
            for step, actor in steps:
                await connection.execute(
                    insert(ItemStepRow).from_select(
                        ["item_id", "state", "at", "actor"],
                        select(
                            ItemRow.id, literal(step.value), literal(now, ItemStepRow.at.type), literal(actor)
                        ).where(ItemRow.ref.in_(refs), ItemRow.listing_number == 1),
                    )
                )
