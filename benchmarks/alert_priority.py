"""How soon alerts overtake 20,000 carousels that wait to be sent at 25 a second (R27).

    python -m benchmarks.alert_priority               # on a new SQLite file
    python -m benchmarks.alert_priority --url ADDRESS # on an empty PostgreSQL database

While the sender works through carousels, groups are scheduled one after the other, each with the same number of
followers. Measured is the time from the scheduling, when the alerts are due, until the first and the last one reach the
local chat's Bot API; the scheduler ticks once a second, as in the bot. Exit code 1 if the first one took more than 2
seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import insert, select

from bot.ops.scheduler import EVERY_SECONDS, Scheduler
from bot.services import Services, make_services
from bot.settings import Settings
from bot.wiring import make_components
from domain.csv_files import read_goods
from sandbox import Sandbox
from services.clock import SystemClock
from services.groups import Scheduled
from storage import items
from storage.db import Database
from storage.migrate import migrate
from storage.models import FollowRow, MemberRow

TOKEN = "123456:a-token-for-the-benchmark"
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
LIMIT = 2.0
SENDS = ("sendMessage", "sendPhoto")


async def furnish(services: Services, box: Sandbox, folder: Path, carousels: int, groups: int) -> list[int]:
    """Create members who have pressed Start and goods on display; returns their numbers."""
    bot = int(TOKEN.partition(":")[0])
    people = [box.add_person("P").id for _ in range(carousels)]
    for person in people:
        box.world.private_chat(person, bot).started = True
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(picture, "PNG")
    (folder / "g.png").write_bytes(picture.getvalue())
    head = "ref,shop,title,category,original_price,expected_price,stock,lead_days,url,picture,description"
    rows = [f"g{i},shop,Thing {i},food,20,10,50,3,https://shop.example.com/{i},g.png,good" for i in range(groups)]
    await services.rounds.tick()
    found = await services.goods.import_goods(read_goods("\n".join((head, *rows)).encode()), folder, "benchmark")
    assert found.new == groups, found.bad
    now = services.context.clock.now()
    async with services.context.db.write() as connection:
        of_all = {"first_name": "P", "app_language": "en", "joined_at": now, "seen_at": now}
        await connection.execute(insert(MemberRow), [{"chat_id": person, **of_all} for person in people])
    await services.rounds.open_special()
    async with services.context.db.read() as connection:
        return [item for item, _, _ in await items.on_display(connection, now)]


async def follow(services: Services, item: int, start: int, audience: int) -> None:
    """Let members follow an item."""
    now = services.context.clock.now()
    async with services.context.db.write() as connection:
        found = await connection.execute(select(MemberRow.id).order_by(MemberRow.id).offset(start).limit(audience))
        await connection.execute(
            insert(FollowRow), [{"item_id": item, "member_id": id, "at": now} for id in found.scalars()]
        )


def groups(box: Sandbox, since: int) -> list[dict[str, Any]]:
    """The alerts among the calls since the given one."""
    calls = (call for call in box.backend.call_log.since(since) if call["method"] in SENDS)
    return [call for call in calls if "is coming" in str(call["params"])]


async def measure(arguments: argparse.Namespace, url: str, folder: Path) -> bool:
    """Run the benchmark; False if an alert came too late."""
    async with Sandbox(any_token=False) as box:
        box.clock.move_to(NOON)
        box.add_bot(TOKEN, "test_bot", "Test")
        db = Database(url)
        await migrate(db)
        settings = Settings(_env_file=None, database_url=url, send_rate=arguments.rate)  # type: ignore[call-arg]
        services = make_services(db, settings, SystemClock(box.clock.now))
        goods = await furnish(services, box, folder, arguments.carousels, arguments.groups)
        for number, item in enumerate(goods):
            await follow(services, item, number * arguments.audience, arguments.audience)
        running = make_components(services, TOKEN, box.url)
        await running.messenger.pictures.start()
        await services.groups.tick()
        await services.campaigns.queue_due()
        schedule = Scheduler(
            services.context.clock, services.rounds, services.groups, services.campaigns, every=EVERY_SECONDS
        )
        await schedule.open_rounds()
        ticking = asyncio.create_task(schedule.run())
        waiting = (await services.outbox.states())["pending"]
        sender = asyncio.create_task(running.sender.run())
        await asyncio.sleep(3)
        firsts, lasts = [], []
        for item in goods:
            seen, began = box.backend.call_log.count, time.monotonic()
            opens_at = services.context.clock.now() + timedelta(hours=5)
            assert isinstance(await services.groups.schedule(item, opens_at, None, "benchmark"), Scheduled)
            await box.world.feed.wait_for(lambda n=seen: len(groups(box, n)) >= arguments.audience or None, 60)
            times = [call["at_monotonic"] - began for call in groups(box, seen)]
            firsts.append(min(times))
            lasts.append(max(times))
            await asyncio.sleep(1.3)
        left = (await services.outbox.states())["pending"]
        running.sender.stop()
        await sender
        schedule.stop()
        await ticking
        await running.bot.session.close()
        await db.close()
    print(f"{db.url.get_backend_name()}: {waiting:,} carousels waited, {left:,} still do; {arguments.rate:g} a second")
    print(f"first of {arguments.audience} alerts after {statistics.median(firsts):.2f} s, at most {max(firsts):.2f} s")
    print(f"last of them after {statistics.median(lasts):.2f} s, at most {max(lasts):.2f} s")
    return max(firsts) <= LIMIT


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url")
    parser.add_argument("--carousels", type=int, default=20_000)
    parser.add_argument("--groups", type=int, default=10)
    parser.add_argument("--audience", type=int, default=25)
    parser.add_argument("--rate", type=float, default=25)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        url = arguments.url or f"sqlite+aiosqlite:///{name}/bot.db"
        if not asyncio.run(measure(arguments, url, Path(name))):
            sys.exit(f"an alert took more than {LIMIT:g} s")


if __name__ == "__main__":
    main()
