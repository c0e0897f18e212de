"""Ten thousand shared cards are kept up to date while members vote: edits, their rate and their cost.

    python -m benchmarks.cards                  # 10,000 cards at the default rate, half a minute of votes
    python -m benchmarks.cards --rate 500 --all # until every card is up to date again

A stand-in for Telegram records every edit. It refuses edits that change nothing, and answers after a realistic delay.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import random
import tempfile
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image
from sqlalchemy import func, insert, select, update

from bot.delivery.card_updater import CardUpdater
from domain.cards import GAP
from handlers.card_editor import CardEditor
from handlers.screen import Screen
from services.canvassing.cards import Cards
from services.clock import SystemClock
from services.context import Rules, ServiceContext
from services.voting import Voting
from storage.canvassing.cards import due
from storage.db import Database
from storage.migrate import migrate
from storage.models import CanvassLinkRow, ItemRow, MemberRow, PictureRow, RoundRow, SharedCardRow, ShopRow

ITEMS = 72
CHUNK = 500


@dataclass
class Telegram:
    """Accepts edits, and counts the ones that should not happen."""

    answers_after: float
    edits: int = 0
    same: int = 0
    too_soon: int = 0
    busiest: int = 0
    last: dict[str, float] = field(default_factory=dict)
    shown: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    second: deque[float] = field(default_factory=deque)

    async def change(self, where: dict[str, Any], screen: Screen, *, photo: bool) -> None:
        """One edit, as `Messenger.change` makes it."""
        now, card = time.perf_counter(), where["inline_message_id"]
        content = (screen.text, screen.buttons)
        self.edits += 1
        self.same += self.shown.get(card) == content
        self.too_soon += now - self.last.get(card, -1e9) < GAP.total_seconds()
        self.last[card], self.shown[card] = now, content
        self.second.append(now)
        while self.second[0] <= now - 1.0:
            self.second.popleft()
        self.busiest = max(self.busiest, len(self.second))
        await asyncio.sleep(random.uniform(0.5, 1.5) * self.answers_after)


async def furnish(db: Database, cards: int) -> list[int]:
    """Create a round on display, one member with a link for each item, and the cards; returns the items."""
    now = datetime.now(UTC)
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "teal").save(out, "JPEG")
    async with db.write() as connection:
        shop = (await connection.execute(insert(ShopRow).values(name="bench").returning(ShopRow.id))).scalar_one()
        drawn = insert(PictureRow).values(digest="0" * 64, content=out.getvalue(), width=8, height=6, wanted_at=now)
        picture = (await connection.execute(drawn.returning(PictureRow.id))).scalar_one()
        made = insert(RoundRow).values(
            opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=1), special=False, opened_at=now
        )
        round_id = (await connection.execute(made.returning(RoundRow.id))).scalar_one()
        joined = insert(MemberRow).values(chat_id=1, first_name="Ann", joined_at=now, seen_at=now)
        member = (await connection.execute(joined.returning(MemberRow.id))).scalar_one()
        found = []
        for number in range(ITEMS):
            values = {"ref": f"b{number}", "shop_id": shop, "title": f"宝贝{number}", "title_en": f"Thing {number}"}
            values |= {"category": "other", "original_fen": 20_000, "expected_fen": 10_000, "stock": 9, "lead_days": 2}
            values |= {"url": "https://shop.example.com", "picture_id": picture, "state": "on_display"}
            added = insert(ItemRow).values(**values, round_id=round_id, passed_at=now)
            found.append((await connection.execute(added.returning(ItemRow.id))).scalar_one())
        links = [
            {"token": f"token{item:011}", "member_id": member, "item_id": item, "created_at": now} for item in found
        ]
        await connection.execute(insert(CanvassLinkRow), links)
        known = await connection.execute(select(CanvassLinkRow.item_id, CanvassLinkRow.id))
        by_item = {row.item_id: row.id for row in known}
        for start in range(0, cards, CHUNK):
            rows = [
                {
                    "inline_id": f"card-{number}",
                    "item_id": (item := found[number % ITEMS]),
                    "link_id": by_item[item],
                    "look": "ep" if number % 2 else "zp",
                    "shown": 0,
                    "free_at": now,
                    "tapped_at": now - timedelta(seconds=cards - number),
                }
                for number in range(start, min(start + CHUNK, cards))
            ]
            await connection.execute(insert(SharedCardRow), rows)
    return found


async def vote(db: Database, found: list[int], rate: float, until: float) -> int:
    """Vote until a moment: once for every item, so that all cards are outdated, then at random; returns the count."""
    async with db.write() as connection:
        await connection.execute(update(ItemRow).where(ItemRow.id.in_(found)).values(wants=ItemRow.wants + 1))
    cast = len(found)
    while time.perf_counter() < until:
        async with db.write() as connection:
            await connection.execute(
                update(ItemRow).where(ItemRow.id == random.choice(found)).values(wants=ItemRow.wants + 1)
            )
        cast += 1
        await asyncio.sleep(random.expovariate(rate))
    return cast


async def outdated(db: Database) -> int:
    """The number of cards that show an outdated count."""
    async with db.read() as connection:
        found = await connection.execute(
            select(func.count())
            .select_from(SharedCardRow)
            .join(ItemRow, ItemRow.id == SharedCardRow.item_id)
            .where(SharedCardRow.shown != ItemRow.wants)
        )
        return int(found.scalar_one())


async def query_milliseconds(db: Database, times: int = 30) -> float:
    """Median milliseconds of the query for outdated cards."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        async with db.read() as connection:
            await due(connection, datetime.now(UTC), 13)
        taken.append((time.perf_counter() - start) * 1000)
    return sorted(taken)[times // 2]


async def main(arguments: argparse.Namespace) -> None:
    """Run the benchmark and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite+aiosqlite:///{Path(folder)}/cards.db")
        await migrate(db)
        found = await furnish(db, arguments.cards)
        rules = Rules(zone=ZoneInfo("Asia/Shanghai"), send_rate=arguments.rate)
        context = ServiceContext(db, SystemClock(), rules)
        telegram = Telegram(arguments.latency / 1000)
        me = SimpleNamespace(username="wanttogroup_bot")
        messenger: Any = SimpleNamespace(change=telegram.change, bot=SimpleNamespace(me=lambda: _given(me)))
        cards = Cards(context, Voting(context))
        card_updater = CardUpdater(context, cards, CardEditor(messenger, cards, context), lambda: False)
        print(f"{arguments.cards:,} cards of {ITEMS} items, {arguments.rate:g} edits a second allowed")
        print(f"  nothing outdated: the query for outdated cards takes {await query_milliseconds(db):.1f} ms")
        start, cpu = time.perf_counter(), time.process_time()
        running = asyncio.create_task(card_updater.run())
        cast = await vote(db, found, arguments.votes, start + arguments.seconds)
        print(
            f"  {cast} votes in {arguments.seconds:g} s; then {await outdated(db):,} cards are outdated, "
            f"the query takes {await query_milliseconds(db):.1f} ms"
        )
        while arguments.all and await outdated(db):  # noqa: ASYNC110 - the database has to be polled
            await asyncio.sleep(0.2)
        card_updater.stop()
        await running
        passed = time.perf_counter() - start
        print(
            f"  {telegram.edits:,} edits in {passed:.1f} s: {telegram.edits / passed:.1f} a second, "
            f"at most {telegram.busiest} in any second"
        )
        print(
            f"  edits that changed nothing: {telegram.same}; within {GAP.total_seconds():g} s of the card's last: "
            f"{telegram.too_soon}; cards still outdated: {await outdated(db):,}"
        )
        print(f"  {(time.process_time() - cpu) / max(1, telegram.edits) * 1000:.2f} ms of CPU per edit")
        await db.close()


async def _given(value: Any) -> Any:
    return value


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=25, help="SEND_RATE: edits per second")
    parser.add_argument("--votes", type=float, default=20, help="votes per second from elsewhere")
    parser.add_argument("--seconds", type=float, default=30, help="for how long people vote")
    parser.add_argument("--latency", type=float, default=150, help="milliseconds until Telegram answers")
    parser.add_argument("--all", action="store_true", help="continue until every card is up to date")
    asyncio.run(main(parser.parse_args()))
