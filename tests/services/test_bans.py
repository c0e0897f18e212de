"""Bans stop a shop's registration, imports and display, from the next round until they end by the clock (R29)."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.services import Services
from domain.brushing.cases import SuspectAccount, Suspicion
from domain.brushing.votes import Pattern
from domain.csv_files import read_goods
from domain.goods import ItemState
from services.brushing.cases import Confirmed
from services.goods import Imported
from storage.brushing.bans import StoredBan
from storage.db import Database
from tests.conftest import Watch, make_goods
from tests.services.conftest import ask, assert_sound, one, order, voter

pytestmark = pytest.mark.postgresql_later

SHOP = "小店1"
FALSE = 2
"""Votes of a case; its good has two more."""


def take_in(services: Services, table: Path, **how: bool) -> Coroutine[Any, Any, Imported]:
    return services.goods.import_goods(read_goods(table.read_bytes()), table.parent, "test", **how)


async def ban(services: Services, db: Database, watch: Watch, *, of: int = 0, actor: str = "organiser 8") -> StoredBan:
    """Confirm a case on one of the shop's goods on display, the first where none is given."""
    shown = "SELECT i.id FROM items i JOIN shops s ON s.id = i.shop_id WHERE s.name = :shop AND i.state = 'on_display'"
    item = of or await one(db, f"{shown} ORDER BY i.id", shop=SHOP)
    members = [await voter(services, 1001 + number, 9) for number in range(2 * FALSE)]
    for member in members:
        assert (await services.voting.cast(member, item)).voted
    accounts = tuple(SuspectAccount(member.id, Pattern.LOCKSTEP, 2.0, 3) for member in members[:FALSE])
    assert await services.cases.suspect(Suspicion(item, 6.5, accounts, ()))
    (case,) = [each for each in await services.cases.undecided() if each.item_id == item]
    confirmed = await services.cases.confirm(case.id, "bought", actor)
    assert isinstance(confirmed, Confirmed)
    return confirmed.ban


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Ten goods of five shops, two of each."""
    return make_goods(tmp_path / "goods", 10)


def rename(table: Path, old: str, new: str) -> None:
    table.write_text(table.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


async def goods_of(db: Database, state: ItemState, shop: str = SHOP) -> list[str]:
    query = "SELECT ref FROM items i JOIN shops s ON s.id = i.shop_id WHERE s.name = :shop AND i.state = :state"
    return [row.ref for row in await ask(db, f"{query} ORDER BY i.id", shop=shop, state=state.value)]


async def test_r29_goods_of_a_banned_shop_wait_until_the_ban_has_ended(
    services: Services, table: Path, db: Database, watch: Watch
) -> None:
    await take_in(services, table)
    await services.rounds.open_special()
    more = make_goods(table.parent.parent / "more", 10, "h")
    await take_in(services, more)
    displayed = await goods_of(db, ItemState.ON_DISPLAY)
    waiting = await goods_of(db, ItemState.PASSED)
    stored = await ban(services, db, watch)
    assert await goods_of(db, ItemState.ON_DISPLAY) == displayed[1:], "its other goods stay for this round"
    assert (await services.rounds.overview()).waiting == 8
    watch.advance(minutes=1)
    opened = await services.rounds.open_special()
    assert opened is not None and opened.items == 8
    watch.advance(minutes=1)
    assert await services.rounds.open_special() is None, "only goods of the banned shop wait"
    watch.advance(days=1)
    assert await services.rounds.tick() is not None
    assert await goods_of(db, ItemState.ON_DISPLAY) == [] and await goods_of(db, ItemState.PASSED) == waiting
    watch.time = stored.ends_at - timedelta(minutes=1)
    await services.rounds.tick()
    assert await services.rounds.open_special() is None
    watch.time = stored.ends_at
    opened = await services.rounds.open_special()
    assert opened is not None and await goods_of(db, ItemState.ON_DISPLAY) == waiting
    await assert_sound(db)


async def test_r29_a_table_with_new_or_changed_goods_of_a_banned_shop_says_until_when(
    services: Services, table: Path, db: Database, watch: Watch
) -> None:
    await take_in(services, table)
    await services.rounds.open_special()
    stored = await ban(services, db, watch)
    same = await take_in(services, table)
    assert same.stored and (same.same, same.bad) == (10, ()), "what is stored already changes nothing"
    more = make_goods(table.parent.parent / "more", 10, "h")
    found = await take_in(services, more)
    wrong = {(cell.field, cell.code, cell.value, cell.until) for cell in found.bad}
    assert not found.stored and wrong == {("shop", "shop_banned", SHOP, stored.ends_at)}
    assert (await take_in(services, more, skip_bad=True)).stored
    assert await goods_of(db, ItemState.PASSED) == []
    watch.time = stored.ends_at
    assert (await take_in(services, more)).new == len(found.bad)


async def test_r29_a_banned_shop_is_known_however_its_name_is_written(
    services: Services, table: Path, db: Database, watch: Watch
) -> None:
    await take_in(services, table)
    await services.rounds.open_special()
    await order(db, "UPDATE shops SET name = 'Acme Tea 1' WHERE name = :shop", shop=SHOP)
    item = await one(db, "SELECT min(i.id) FROM items i JOIN shops s ON s.id = i.shop_id WHERE s.name LIKE 'Acme%'")
    await ban(services, db, watch, of=item)
    for number, name in enumerate(("acme tea 1", "ＡＣＭＥ Tea １", "Acme  Tea1", "Ac\u200bme Tea 1")):
        more = make_goods(table.parent.parent / f"more{number}", 10, f"h{number}-")
        rename(more, SHOP, name)
        assert {cell.code for cell in (await take_in(services, more)).bad} == {"shop_banned"}, name


async def test_r29_a_waiting_good_is_not_moved_from_a_banned_shop_to_another_name(
    services: Services, table: Path, db: Database, watch: Watch
) -> None:
    await take_in(services, table)
    await services.rounds.open_special()
    more = make_goods(table.parent.parent / "more", 10, "h")
    await take_in(services, more)
    await ban(services, db, watch)
    rename(more, SHOP, "小店9")
    found = await take_in(services, more)
    assert {(cell.code, cell.value) for cell in found.bad} == {("shop_banned", SHOP)} and not found.stored


async def test_r29_a_good_of_a_banned_shop_does_not_come_back_before_the_ban_has_ended(
    services: Services, table: Path, db: Database, watch: Watch
) -> None:
    await take_in(services, table)
    await services.rounds.open_special()
    stored = await ban(services, db, watch)
    (other, *_) = await goods_of(db, ItemState.ON_DISPLAY)
    watch.advance(days=1)
    await services.rounds.tick()
    good = await services.groups.find(other)
    assert good is not None and good.state is ItemState.DISPLAYED
    assert await services.goods.show_again(good.id, "test") is None
    watch.time = stored.ends_at
    assert await services.goods.show_again(good.id, "test") is not None


async def test_r29_a_good_that_waits_for_the_end_of_a_ban_says_until_when_and_the_desk_counts_it(
    services: Services, table: Path, db: Database, watch: Watch
) -> None:
    await take_in(services, table)
    await services.rounds.open_special()
    await take_in(services, make_goods(table.parent.parent / "more", 10, "h"))
    (_, other), (waiting, _) = await goods_of(db, ItemState.ON_DISPLAY), await goods_of(db, ItemState.PASSED)
    assert await kept_back_until(services, waiting, watch) is None
    stored = await ban(services, db, watch)
    assert await kept_back_until(services, waiting, watch) == stored.ends_at
    assert await kept_back_until(services, other, watch) is None, "it stays on display"
    assert (await services.rounds.overview()).kept_back == 2
    watch.advance(days=1)
    await services.rounds.tick()
    assert await kept_back_until(services, other, watch) == stored.ends_at, "it cannot be listed again"
    assert (await services.rounds.overview()).waiting == 0
    watch.time = stored.ends_at
    assert [await kept_back_until(services, ref, watch) for ref in (waiting, other)] == [None, None]
    assert (await services.rounds.overview()).kept_back == 0


async def test_r29_a_ban_that_an_appeal_has_lifted_keeps_nothing_back(
    services: Services, table: Path, db: Database, watch: Watch
) -> None:
    await take_in(services, table)
    await services.rounds.open_special()
    await take_in(services, make_goods(table.parent.parent / "more", 10, "h"))
    (waiting, _) = await goods_of(db, ItemState.PASSED)
    stored = await ban(services, db, watch)
    assert await services.appeals.record(stored.case_id, "true customers", "organiser 8") is None
    watch.advance(days=2)
    await services.appeals.decide(stored.case_id, "they are", "organiser 9", granted=True)
    assert await kept_back_until(services, waiting, watch) is None


async def kept_back_until(services: Services, ref: str, watch: Watch) -> datetime | None:
    item = await services.groups.find(ref)
    assert item is not None
    return item.kept_back_until(watch.time)
