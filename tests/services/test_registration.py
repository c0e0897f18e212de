"""Importing goods: whole tables at once, without delaying taps (R1, R2, R4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import Services
from domain.csv_files import read_goods
from services.network.connections import Network
from services.pictures import preparation
from services.pictures.decoding import PictureError
from services.pictures.preparation import BATCH, prepare_each
from storage import registration
from storage.db import Database
from tests.conftest import Watch, make_goods
from tests.services.conftest import ask, one


async def test_r1_each_new_good_has_its_first_two_steps_with_their_actors(
    services: Services, db: Database, tmp_path: Path
) -> None:
    table = read_goods(make_goods(tmp_path, 3).read_bytes())
    found = await services.goods.import_goods(table, tmp_path, "organiser 7")
    assert (found.new, found.stored) == (3, True)
    steps = await ask(
        db, "SELECT i.ref, s.state, s.actor FROM item_steps s JOIN items i ON i.id = item_id ORDER BY 1, s.id"
    )
    for ref in ("g0", "g1", "g2"):
        mine = [tuple(step[1:]) for step in steps if step[0] == ref]
        assert mine == [("registered", "organiser 7"), ("passed", "machine audit")]
    assert await one(db, "SELECT count(*) FROM items WHERE state = 'passed' AND passed_at IS NOT NULL") == 3


async def test_r2_a_changed_row_changes_its_good_and_its_shop_and_nothing_else(
    services: Services, db: Database, tmp_path: Path
) -> None:
    path = make_goods(tmp_path, 2)
    await services.goods.import_goods(read_goods(path.read_bytes()), tmp_path, "test")
    changed = path.read_text("utf-8").replace("小店0,宝贝g0,Thing g0", "新店,宝贝g0,Better g0")
    found = await services.goods.import_goods(read_goods(changed.encode()), tmp_path, "test")
    assert (found.new, found.changed, found.same) == (0, 1, 1)
    rows = await ask(db, "SELECT ref, title_en, name FROM items JOIN shops ON shops.id = shop_id ORDER BY ref")
    assert rows == [("g0", "Better g0", "新店"), ("g1", "Thing g1", "小店1")]
    assert await one(db, "SELECT count(*) FROM item_steps") == 4


async def test_r4_slow_pictures_of_one_table_do_not_hold_up_the_jobs_of_others_for_ever(
    services: Services, watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each took just less than ends the process that reads it, or its link just less than ends the connection."""
    table, elapsed, loaded = read_goods(make_goods(tmp_path, 100).read_bytes()), 0.0, 0

    async def slowly(source: str, folder: Path | None, network: Network) -> bytes:
        nonlocal elapsed, loaded
        elapsed, loaded = elapsed + 30, loaded + 1
        raise PictureError("picture-unreachable")

    monkeypatch.setattr(preparation, "load", slowly)
    monkeypatch.setattr(watch, "monotonic", lambda: elapsed)
    found = await services.goods.import_goods(table, tmp_path, "test", patience=300)
    assert loaded < 20, "10 within its time, and those that had begun"
    assert len(found.bad) == 50 and found.further == 50 and found.bad[-1].code == "picture-not-tried"


async def test_pictures_are_stored_a_few_at_a_time_and_all_rows_at_once(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a tap waits for a few pictures at most, and a kill between two of them leaves no half table."""
    table = read_goods(make_goods(tmp_path, 2 * BATCH + 1).read_bytes())
    db, seen = services.context.db, []
    write = db.write

    @asynccontextmanager
    async def counting() -> AsyncIterator[AsyncConnection]:
        async with write() as connection:
            yield connection
            counts = [
                await connection.exec_driver_sql(f"SELECT count(*) FROM {name}") for name in ("pictures", "items")
            ]
            seen.append(tuple(count.scalar_one() for count in counts))

    monkeypatch.setattr(db, "write", counting)
    await services.goods.import_goods(table, tmp_path, "test")
    assert seen == [(BATCH, 0), (2 * BATCH, 0), (2 * BATCH + 1, 0), (2 * BATCH + 1, 2 * BATCH + 1)]
    seen.clear()
    await services.goods.import_goods(table, tmp_path, "test", dry_run=True)
    assert seen == [], "looking through stores nothing"


async def test_never_more_than_a_few_pictures_are_held(tmp_path: Path) -> None:
    names = [f"{name}.png" for name in ("g0", "missing", *(f"g{n}" for n in range(1, BATCH + 2)))]
    make_goods(tmp_path, BATCH + 2)
    some = [found async for found in prepare_each(names, tmp_path)]
    assert [len(batch) for batch in some] == [BATCH, 3]
    assert [name for batch in some for name in batch] == names
    assert [name for batch in some for name, got in batch.items() if isinstance(got, Exception)] == ["missing.png"]


async def test_a_bad_table_leaves_no_goods_and_its_pictures_are_deleted_later(
    services: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    path = make_goods(tmp_path, 3)
    (tmp_path / "g1.png").write_bytes(b"no picture")
    found = await services.goods.import_goods(read_goods(path.read_bytes()), tmp_path, "test")
    assert [cell.code for cell in found.bad] == ["picture-broken"] and not found.stored
    assert await one(db, "SELECT count(*) FROM items") == 0 == await one(db, "SELECT count(*) FROM shops")
    async with db.write() as connection:
        assert await registration.drop_pictures(connection, watch.time, 10) == 0, "an import may be about to use them"
        assert await registration.drop_pictures(connection, watch.time + timedelta(seconds=1), 10) == 2
    assert await one(db, "SELECT count(*) FROM pictures") == 0


async def test_a_table_that_is_known_to_be_bad_stores_no_picture(
    services: Services, db: Database, tmp_path: Path
) -> None:
    table = make_goods(tmp_path, 2).read_text("utf-8").replace("Thing g1,fashion", "Thing g1,cars")
    found = await services.goods.import_goods(read_goods(table.encode()), tmp_path, "test")
    assert found.bad and await one(db, "SELECT count(*) FROM pictures") == 0


async def test_a_picture_that_a_good_has_is_never_let_go(
    services: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    table = read_goods(make_goods(tmp_path, 2).read_bytes())
    await services.goods.import_goods(table, tmp_path, "test")
    async with db.write() as connection:
        assert await registration.drop_pictures(connection, watch.time + timedelta(days=99), 10) == 0
