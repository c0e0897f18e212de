"""Tables that people hand in: goods (R2-R4) and spending (R14). All of it or nothing, and the same again is nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.services import Services, make_services
from domain.csv_files import read_goods, read_spending
from domain.goods import ItemState, WhyOut
from services.goods import Imported
from storage.db import Database
from tests.conftest import Watch, make_goods, meet, settings_for, spend
from tests.services.conftest import on_display, one, voter, votes_table

pytestmark = pytest.mark.postgresql_later


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of six goods beside their pictures."""
    return make_goods(tmp_path / "goods", 6)


def take_in(services: Services, table: Path, **how: bool) -> Coroutine[Any, Any, Imported]:
    return services.goods.import_goods(read_goods(table.read_bytes()), table.parent, "test", **how)


def change(table: Path, old: str, new: str) -> None:
    text = table.read_text(encoding="utf-8")
    assert old in text
    table.write_text(text.replace(old, new, 1), encoding="utf-8")


def counts(found: Imported) -> tuple[int, int, int, int, bool]:
    """(new, changed, same, bad, whether it was stored)."""
    return found.new, found.changed, found.same, len(found.bad), found.stored


async def count(db: Database, table: str) -> int:
    number: int = await one(db, f"SELECT count(*) FROM {table}")
    return number


# -- goods --


async def test_r2_everything_that_a_table_says_is_stored_exactly(services: Services, table: Path) -> None:
    change(table, "201.50,101.00", "1299.99,0.01")
    assert counts(await take_in(services, table)) == (6, 0, 0, 0, True)
    item = await services.groups.find("g1")
    assert item is not None and (item.original_fen, item.expected_fen) == (129_999, 1)
    assert (item.title_zh, item.title_en, item.shop, item.category) == ("宝贝g1", "Thing g1", "小店1", "fashion")
    assert (item.stock, item.lead_days, item.url) == (51, 3, "https://shop.example.com/g1")
    assert (item.description_zh, item.description_en) == ("很好的宝贝", "A very good thing")
    assert (item.state, item.wants, item.listing_number) == (ItemState.PASSED, 0, 1)


async def test_the_same_table_twice_changes_nothing(services: Services, table: Path, db: Database) -> None:
    await take_in(services, table)
    assert counts(await take_in(services, table)) == (0, 0, 6, 0, True)
    assert (await count(db, "items"), await count(db, "pictures"), await count(db, "item_steps")) == (6, 6, 12)


async def test_the_same_table_at_once_from_two_processes_registers_each_good_once(
    services: Services, second: Services, table: Path, db: Database
) -> None:
    found = await asyncio.gather(*(take_in((services, second)[n % 2], table) for n in range(4)))
    assert sum(each.new for each in found) == 6 and not any(each.bad for each in found)
    assert await count(db, "items") == 6


@pytest.fixture
async def second(db: Database, tmp_path: Path, watch: Watch) -> AsyncIterator[Services]:
    """The same bot in another process."""
    other = Database(db.url.render_as_string(hide_password=False))
    yield make_services(other, settings_for(tmp_path), watch)
    await other.close()


async def test_before_its_display_a_good_may_be_changed(services: Services, table: Path, db: Database) -> None:
    await take_in(services, table)
    change(table, "Thing g2", "A better thing")
    (table.parent / "g3.png").write_bytes((table.parent / "g4.png").read_bytes())
    assert counts(await take_in(services, table)) == (0, 2, 4, 0, True)
    item = await services.groups.find("g2")
    assert item is not None and item.title_en == "A better thing" and await count(db, "items") == 6


async def test_r4_once_it_was_displayed_a_changed_good_is_refused(
    services: Services, table: Path, watch: Watch
) -> None:
    await take_in(services, table)
    await services.rounds.open_special()
    change(table, "Thing g2", "A better thing")
    for _ in range(2):
        found = await take_in(services, table)
        assert counts(found)[3:] == (1, False)
        assert [(cell.line, cell.code, cell.value) for cell in found.bad] == [(4, "shown_already", "g2")]
        watch.advance(days=1)  # nor when its round is over
        await services.rounds.tick()
    item = await services.groups.find("g2")
    assert item is not None and item.title_en == "Thing g2"


async def test_r4_the_address_of_a_displayed_good_can_be_corrected_and_nothing_else_with_it(
    services: Services, table: Path
) -> None:
    await take_in(services, table)
    await services.rounds.open_special()
    change(table, "https://shop.example.com/g2", "https://shop.example.org/new")
    assert counts(await take_in(services, table, dry_run=True)) == (0, 1, 5, 0, False)
    assert counts(await take_in(services, table)) == (0, 1, 5, 0, True)
    assert counts(await take_in(services, table)) == (0, 0, 6, 0, True)
    item = await services.groups.find("g2")
    assert item is not None and (item.url, item.state) == ("https://shop.example.org/new", ItemState.ON_DISPLAY)
    change(table, "https://shop.example.org/new", "https://shop.example.net/newer")
    change(table, "Thing g2", "A better thing")
    assert counts(await take_in(services, table))[3:] == (1, False)


@pytest.mark.parametrize(("own", "expected"), [(None, "new"), ("https://group.example.com/own", "own")])
async def test_r24_a_corrected_address_reaches_the_group_unless_the_group_has_one_of_its_own(
    services: Services, table: Path, watch: Watch, own: str | None, expected: str
) -> None:
    await take_in(services, table)
    await services.rounds.open_special()
    item = await services.groups.find("g2")
    assert item is not None
    await services.groups.schedule(item.id, watch.now() + timedelta(days=2), own, "test")
    change(table, "https://shop.example.com/g2", "https://shop.example.org/new")
    await take_in(services, table)
    item = await services.groups.find("g2")
    assert item is not None and item.group_url is not None and item.group_url.endswith(expected)


async def test_r2_a_table_that_was_imported_with_invisible_characters_and_wrappings_changes_nothing(
    services: Services, table: Path, db: Database
) -> None:
    await take_in(services, table)
    async with db.write() as connection:  # as earlier versions stored them
        await connection.execute(
            text("UPDATE items SET title = '\u202e' || title, description = description || '\u200b'")
        )
        await connection.execute(text("UPDATE shops SET name = '=\"' || name || '\"'"))
    await services.rounds.open_special()
    assert counts(await take_in(services, table)) == (0, 0, 6, 0, True)
    item = await services.groups.find("g2")
    assert item is not None and (item.title("zh"), item.description("zh")) == ("宝贝g2", "很好的宝贝")


async def test_r5_the_address_of_a_good_that_has_ended_stays(services: Services, table: Path, watch: Watch) -> None:
    await take_in(services, table)
    await services.rounds.open_special()
    item = await services.groups.find("g2")
    assert item is not None
    await services.groups.reject(item.id, WhyOut.PRICE, "test")
    change(table, "https://shop.example.com/g2", "https://shop.example.org/new")
    assert counts(await take_in(services, table))[3:] == (1, False)


async def test_r4_a_good_that_comes_on_display_during_the_import_is_not_changed(
    services: Services, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take_in(services, table)
    change(table, "Thing g2", "A better thing")
    opened = False
    write = services.context.db.write

    def open_first() -> object:
        nonlocal opened
        monkeypatch.undo()
        opened = True
        return _after(services, write)

    monkeypatch.setattr(services.context.db, "write", open_first)
    await take_in(services, table)
    item = await services.groups.find("g2")
    assert opened and item is not None and item.state is ItemState.ON_DISPLAY
    assert item.title_en == "Thing g2", "members saw it as it was"


class _after:
    """A write door in front of which a round opens."""

    def __init__(self, services: Services, write: object) -> None:
        self._services = services
        self._write = write

    async def __aenter__(self) -> object:
        await self._services.rounds.open_special()
        self._door = self._services.context.db.write()
        return await self._door.__aenter__()

    async def __aexit__(self, *error: object) -> object:
        return await self._door.__aexit__(*error)  # type: ignore[arg-type]


@pytest.mark.parametrize("fault", ["price", "picture"])
async def test_a_bad_row_keeps_everything_out(services: Services, table: Path, db: Database, fault: str) -> None:
    spoil(table, fault)
    found = await take_in(services, table)
    assert counts(found) == (5, 0, 0, 1, False) and found.bad[0].line == 5
    assert await count(db, "items") == 0 and await services.groups.find("g0") is None


@pytest.mark.parametrize("fault", ["price", "picture"])
async def test_with_skip_bad_the_good_rows_are_stored(
    services: Services, table: Path, db: Database, fault: str
) -> None:
    spoil(table, fault)
    assert counts(await take_in(services, table, skip_bad=True)) == (5, 0, 0, 1, True)
    assert await count(db, "items") == 5 and await services.groups.find("g3") is None


def spoil(table: Path, fault: str) -> None:
    if fault == "price":
        change(table, "203.50,103.00", "203.50,999.00")
    else:
        (table.parent / "g3.png").write_bytes(b"not a picture")


async def test_a_dry_run_says_the_same_and_changes_nothing(services: Services, table: Path, db: Database) -> None:
    assert counts(await take_in(services, table, dry_run=True)) == (6, 0, 0, 0, False)
    assert (await count(db, "items"), await count(db, "pictures"), await count(db, "shops")) == (0, 0, 0)
    await take_in(services, table)
    change(table, "Thing g2", "A better thing")
    assert counts(await take_in(services, table, dry_run=True)) == (0, 1, 5, 0, False)
    item = await services.groups.find("g2")
    assert item is not None and item.title_en == "Thing g2"


async def test_one_picture_of_many_goods_is_stored_once(services: Services, table: Path, db: Database) -> None:
    for number in range(1, 6):
        change(table, f"g{number}.png", "g0.png")
    await take_in(services, table)
    assert (await count(db, "items"), await count(db, "pictures"), await count(db, "shops")) == (6, 1, 5)


async def test_a_killed_import_registers_nothing_and_can_be_done_again(
    services: Services, table: Path, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        async def killed(*_: object) -> None:
            raise SystemExit

        patch.setattr("services.goods.registration.store_all", killed)
        with pytest.raises(SystemExit):
            await take_in(services, table)
    assert await count(db, "items") == 0
    assert counts(await take_in(services, table)) == (6, 0, 0, 0, True)


async def test_r31_the_ranking_is_by_votes_and_names_the_audience(display: Services) -> None:
    first, second = (await on_display(display))[5:7]
    ann, bob = await voter(display, 1001), await voter(display, 1002)
    for member in (ann, bob):
        await display.voting.cast(member, second)
    await display.voting.cast(ann, first)
    for chat_id in range(2001, 2005):
        await display.voting.follow(await meet(display, chat_id), first, on=True)
    top = [(item.id, item.wants, told) for item, told in await display.goods.ranking(3)]
    assert top[:2] == [(second, 2, 2), (first, 1, 5)] and top[2][1:] == (0, 0)
    assert len(await votes_table(display)) == 3


# -- spending (R14) --


async def take_in_spending(services: Services, *lines: str, **how: bool) -> Imported:
    text = "\n".join(["telegram_id,amount,spent_on,ref", *lines]) + "\n"
    return await services.goods.import_spending(read_spending(text.encode()), **how)


async def balance(services: Services, chat_id: int) -> int:
    member = await meet(services, chat_id, f"P{chat_id}")
    return (await services.voting.mine(member, 0)).purse.ballots_left


async def test_r14_spending_is_stored_for_users_who_have_not_met_the_bot_yet(services: Services) -> None:
    await take_in_spending(services, "1001,250.00,2026-01-05,o-1")
    assert await balance(services, 1001) == 2 and await balance(services, 1002) == 0


async def test_r14_the_same_spending_twice_and_at_once_counts_once(services: Services) -> None:
    line = "1001,250.00,2026-01-05,o-1"
    found = await asyncio.gather(*(take_in_spending(services, line) for _ in range(5)))
    assert sorted(each.new for each in found) == [0, 0, 0, 0, 1] and await balance(services, 1001) == 2


async def test_r14_a_known_reference_of_another_person_is_bad(services: Services) -> None:
    line = "1002,250,2026-01-05,o-1"
    await take_in_spending(services, "1001,250.00,2026-01-05,o-1")
    found = await take_in_spending(services, "1001,500,2026-01-05,o-2", line)
    assert counts(found)[3:] == (1, False) and found.bad[0].code == "known_otherwise" and found.bad[0].line == 3
    assert await balance(services, 1001) == 2
    assert counts(await take_in_spending(services, "1001,500,2026-01-05,o-2", line, skip_bad=True)) == (
        1,
        0,
        0,
        1,
        True,
    )
    assert await balance(services, 1001) == 7


async def test_r14_a_bad_spending_keeps_everything_out_and_a_dry_run_too(services: Services) -> None:
    assert not (await take_in_spending(services, "1001,250,2026-01-05,o-1", "1001,x,2026-01-05,o-2")).stored
    assert not (await take_in_spending(services, "1001,250,2026-01-05,o-1", dry_run=True)).stored
    assert await balance(services, 1001) == 0


async def test_r14_what_was_spent_before_2011_or_is_to_be_spent_is_bad(services: Services) -> None:
    for day in ("2010-12-31", "2026-11-25"):
        found = await take_in_spending(services, f"1001,250,{day},o-1")
        assert not found.stored and found.bad[0].field == "spent_on"
    assert (await take_in_spending(services, "1001,250,2011-01-01,o-1", "1001,100,2026-11-24,o-2")).stored
    assert await balance(services, 1001) == 3


async def test_r14_new_spending_opens_the_way_to_a_vote_at_once(display: Services) -> None:
    item = (await on_display(display))[0]
    ann = await meet(display)
    assert (await display.voting.cast(ann, item)).refused is not None
    await spend(display, ann.chat_id, "100")
    assert (await display.voting.cast(ann, item)).refused is None
