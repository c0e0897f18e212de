"""Looks for cards that are wrong cost little however many there are, and letting go holds up no vote (R21)."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import Services
from services.canvassing.cards import Spot
from storage.canvassing import cards
from storage.db import Database
from storage.models import CanvassLinkRow, CanvassOpenRow, ItemRow, MemberRow, SharedCardRow
from tests.conftest import Watch, meet
from tests.services.conftest import ask, on_display, one, order

pytestmark = pytest.mark.long


async def put(db: Database, watch: Watch, item_id: int, number: int, shown: int | None = 0, **values: Any) -> None:
    """So many cards of an item, free and alike."""
    known = await ask(db, "SELECT count(*) AS number FROM shared_cards")
    rest = {
        "item_id": item_id,
        "look": "ep",
        "shown": shown,
        "free_at": watch.now(),
        "tapped_at": watch.now(),
        **values,
    }
    async with db.write() as connection:
        rows = [{"inline_id": f"card-{known[0].number + i}", **rest} for i in range(number)]
        await connection.execute(insert(SharedCardRow), rows)


async def steps(db: Database, work: Callable[[AsyncConnection], Awaitable[Any]]) -> int:
    """What SQLite has to do for this, in tens of its own steps: a measure that no other load on the machine moves."""
    number = 0

    def note() -> int:
        nonlocal number
        number += 1
        return 0

    async with db.read() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.set_progress_handler(note, 10)
        await work(connection)
        await driver.set_progress_handler(None, 0)
    return number


async def test_due_cards_are_outdated_and_unclaimed(display: Services, db: Database, watch: Watch) -> None:
    """Every way to be wrong, by chance, against what the words say."""
    chance, shown = random.Random(7), (None, 0, 1, 2, 3)
    items = (await on_display(display))[:12]
    open_ones = items[:9]
    spread = [timedelta(0), -cards.LEASE / 2, cards.LEASE / 2, cards.LEASE * 2]
    async with db.write() as connection:
        for item_id in items:
            state = "on_display" if item_id in open_ones else "samples"
            await connection.execute(
                update(ItemRow).where(ItemRow.id == item_id).values(wants=chance.randrange(3), state=state)
            )
    for _ in range(200):
        free_at, tapped_at = watch.now() + chance.choice(spread), watch.now() - timedelta(seconds=chance.randrange(50))
        over = chance.random() < 0.2
        await put(
            db, watch, chance.choice(items), 1, chance.choice(shown), free_at=free_at, tapped_at=tapped_at, over=over
        )
    async with db.read() as connection:
        found = await cards.due(connection, watch.now(), 1000)
        few = await cards.due(connection, watch.now(), 7)
        later = await cards.due(connection, watch.now() + timedelta(days=2), 1000)
    rows = await ask(
        db,
        "SELECT c.id, c.item_id, c.shown, c.free_at, c.tapped_at, i.wants FROM shared_cards c "
        "JOIN items i ON i.id = c.item_id WHERE NOT c.over ORDER BY c.tapped_at DESC, c.id DESC",
    )
    held = {row.id for row in rows if row.free_at == plain(watch.now() + cards.LEASE / 2)}
    wrong = [row.id for row in rows if row.item_id not in open_ones or row.shown != row.wants]
    assert found == [card_id for card_id in wrong if card_id not in held] and len(found) > 50
    assert few == found[:7]
    assert later == [row.id for row in rows], "when the round is over every card is"


def plain(moment: Any) -> str:
    """A moment as `ask` gives it."""
    return str(moment.replace(tzinfo=None).isoformat(" ", "microseconds"))


class TestOnSQLite:
    """PostgreSQL chooses by its statistics, and of a test it has none."""

    @pytest.fixture
    def source(self, made_once: dict[str, Path]) -> Path | URL:
        return made_once["display"]

    async def test_a_search_costs_the_same_for_any_number_of_current_cards(
        self, display: Services, db: Database, watch: Watch
    ) -> None:
        items = await on_display(display)

        async def look(connection: AsyncConnection) -> None:
            found.append(len(await cards.due(connection, watch.now(), 10)))

        found: list[int] = []
        for item_id in items:
            await put(db, watch, item_id, 2)
        few = await steps(db, look)
        for item_id in items:
            await put(db, watch, item_id, 100)
        many = await steps(db, look)
        assert found == [0, 0] and many <= few * 1.1, (few, many)
        await put(db, watch, items[0], 5, shown=None)
        one_item = await steps(db, look)
        assert found[-1] == 5 and one_item <= few * 2, "only the cards that are wrong are read"

    async def test_sweeping_costs_by_deleted_rows_and_not_by_the_links_of_all_rounds(
        self, display: Services, db: Database, watch: Watch
    ) -> None:
        ann = await meet(display)
        first, second, *_ = await on_display(display)
        await display.cards.offers(ann, "", 0, 50)

        async def let_go(connection: AsyncConnection) -> None:
            await connection.exec_driver_sql("PRAGMA query_only=OFF")
            await cards.sweep(connection, first, 1000)
            await connection.rollback()

        few = await steps(db, let_go)
        await opened_by(db, watch, second, 500)
        assert await steps(db, let_go) <= few * 2, "500 would be read"


async def decided(db: Database) -> None:
    """Every item has expired and its cards say so: what is undecided keeps its cards, which have an end to show."""
    await order(db, "UPDATE items SET state = 'expired'")


async def opened_by(db: Database, watch: Watch, item_id: int, number: int) -> None:
    """Links of this number of people for an item, each opened once."""
    people = [{"chat_id": 50_000 + i, "joined_at": watch.now(), "seen_at": watch.now()} for i in range(number)]
    async with db.write() as connection:
        await connection.execute(insert(MemberRow), people)
        known = await connection.execute(select(MemberRow.id).where(MemberRow.chat_id >= 50_000).order_by(MemberRow.id))
        members = list(known.scalars())
        links = [
            {"token": f"t{member}", "member_id": member, "item_id": item_id, "created_at": watch.now()}
            for member in members
        ]
        await connection.execute(insert(CanvassLinkRow), links)
        made = await connection.execute(
            select(CanvassLinkRow.id).where(CanvassLinkRow.token.in_(f"t{m}" for m in members))
        )
        opens = [
            {"item_id": item_id, "friend_id": friend, "link_id": link, "at": watch.now()}
            for friend, link in zip(members, made.scalars(), strict=True)
        ]
        await connection.execute(insert(CanvassOpenRow), opens)


async def test_sweeping_deletes_in_small_transactions(
    display: Services, db: Database, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        await display.cards.offers(await meet(display, 1001 + number), "", 0, 50)
    (item_id, *_) = await on_display(display)
    await put(db, watch, item_id, 8, over=True)
    watch.advance(hours=23)
    await display.rounds.tick()
    watch.advance(days=15)
    await decided(db)
    monkeypatch.setattr("services.canvassing.cards.SWEPT_AT_ONCE", 3)
    went = []
    while not await display.cards.sweep(0):
        (left,) = await ask(
            db, "SELECT (SELECT count(*) FROM shared_cards) AS drawn, (SELECT count(*) FROM canvass_links) AS links"
        )
        went.append((left.drawn, left.links))
    assert went[:3] == [(5, 277), (2, 274), (0, 273)], "three of each, and then the next item's"
    assert went[-1] == (0, 0) and len(went) == 40 * 3


async def test_late_cards_are_swept_too(display: Services, db: Database, watch: Watch) -> None:
    """A bot that stood still for two months, and a card that is tapped long after its round."""
    ann = await meet(display)
    await display.cards.offers(ann, "", 0, 50)
    (item_id, *_) = await on_display(display)
    watch.advance(hours=23)
    await display.rounds.tick()
    await decided(db)
    await display.cards.sweep()
    watch.advance(days=60)
    assert await one(db, "SELECT count(*) FROM canvass_links") == 40
    assert await display.cards.sweep()
    assert await one(db, "SELECT count(*) FROM canvass_links") == 0
    await display.cards.tap(ann, str(item_id), Spot(inline_id="late"), "ep", 0)
    await display.cards.settle(await display.cards.claim(9))
    watch.advance(minutes=2)
    await display.cards.settle(await display.cards.claim(9))
    assert await one(db, "SELECT count(*) FROM shared_cards") == 1
    watch.advance(days=60)
    assert await display.cards.sweep()
    assert await one(db, "SELECT count(*) FROM shared_cards") == 0


async def test_a_link_that_was_opened_stays_r22(display: Services, db: Database, watch: Watch) -> None:
    (item_id, *_) = await on_display(display)
    await display.cards.offers(await meet(display), "", 0, 50)
    await opened_by(db, watch, item_id, 2)
    await order(db, "UPDATE canvass_links SET used = (0 = 1)")
    watch.advance(days=20)
    await display.rounds.tick()
    await decided(db)
    watch.advance(days=20)
    await display.cards.sweep()
    assert await one(db, "SELECT count(*) FROM canvass_links") == 2
