"""Time from the start of a bot to its first answered tap: `python -m benchmarks.restart [--rows N] [--starts N] [URL]`.

Creates a database with so many members, votes and notifications (a million of each by default, some minutes), in an
SQLite file or in the empty PostgreSQL database at URL. A tenth of the notifications is pending, and the carousel of the
day is not queued yet. Then starts `python -m bot` repeatedly, each time with a tap already waiting at Telegram, and
kills it once the tap was answered. Prints the seconds from the start of the program to its first output, its first call
of the Bot API, its readiness for updates, and the answer; and the CPU seconds until then, which say more on a busy
machine. The Bot API is a local one, in this process.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from benchmarks.taps import ROOT, TOKEN, cpu_seconds
from bot.services import make_services
from bot.settings import read_settings
from domain.csv_files import Parsed, SpendingRecord, read_goods
from handlers import callbacks
from sandbox import Sandbox
from sandbox.bot_api.request import ApiRequest
from services.clock import SystemClock
from storage.db import Database
from storage.migrate import migrate

GOODS = 48
FIRST = 1_000_000
"""The Telegram ID of the first member."""
AT_ONCE = 100_000
"""Rows per statement: a transaction of a million would need much memory."""

MEMBERS = """
INSERT INTO members (chat_id, first_name, app_language, carousel_on, alerts_on, alerts_quiet, show_name, joined_at,
                     seen_at)
SELECT :first + n, 'Member ' || n, CASE n % 3 WHEN 0 THEN 'en' ELSE 'zh-hans' END, true, true, false, false, :now, :now
FROM ({numbers}) numbers"""
SPENDINGS = """
INSERT INTO spendings (ref, telegram_id, amount_fen, spent_on)
SELECT 'order-' || n, :first + n, 100000 + n % 7 * 10000, :day FROM ({numbers}) numbers"""
VOTES = """
INSERT INTO votes (item_id, member_id, cast_at, cast_by, day, slot)
SELECT :item + n % :goods, :member + n, :now, n, :day, 1 FROM ({numbers}) numbers"""
COUNTS = "UPDATE items SET wants = (SELECT count(*) FROM votes WHERE item_id = items.id AND taken_back_at IS NULL)"
NOTIFICATIONS = """
INSERT INTO notifications (kind, subject, revision, member_id, priority, policy, not_before, expires_at, state,
                           attempts, uncertain_attempts, fence, sent_at, message_id)
SELECT 'scheduled', 1, 1, :member + n, 10, 'resend', :now, :later, CASE n % 10 WHEN 0 THEN 'pending' ELSE 'sent' END, 1,
       0, 1, :now, n FROM ({numbers}) numbers"""


async def fill(db: Database, rows: int) -> None:
    """Create goods on display, members, votes and notifications."""
    settings = read_settings(_env_file=None, database_url=db.url.render_as_string(hide_password=False))
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    services = make_services(db, settings, SystemClock())
    table = read_goods((ROOT / "demo/goods.csv").read_bytes())
    await services.goods.import_goods(Parsed(table.rows[:GOODS], ()), ROOT / "demo", "benchmark")
    await services.rounds.tick()
    await services.rounds.open_special()
    await services.people.meet(FIRST - 1, "Ann", "en")
    day = now.date()
    await services.goods.import_spending(Parsed((SpendingRecord(1, FIRST - 1, 100_000_00, day, "ann"),), ()))
    async with db.read() as connection:
        item = (await connection.execute(text("SELECT min(id) FROM items"))).scalar_one()
        member = (await connection.execute(text("SELECT max(id) FROM members"))).scalar_one() + 1
    stored = now.replace(tzinfo=None) if db.is_sqlite else now
    given = {"first": FIRST, "item": item, "member": member, "goods": GOODS}
    times = {
        "now": str(stored) if db.is_sqlite else stored,
        "later": str(stored + timedelta(days=1)) if db.is_sqlite else stored + timedelta(days=1),
        "day": str(day - timedelta(days=1)) if db.is_sqlite else day - timedelta(days=1),
    }
    for name, statement in (
        ("members", MEMBERS),
        ("spendings", SPENDINGS),
        ("votes", VOTES),
        ("notifications", NOTIFICATIONS),
    ):
        began = time.perf_counter()
        for start in range(0, rows, AT_ONCE):
            end = min(start + AT_ONCE, rows) - 1
            numbers = (
                f"WITH RECURSIVE c(n) AS (SELECT {start} UNION ALL SELECT n + 1 FROM c WHERE n < {end}) SELECT n FROM c"
                if db.is_sqlite
                else f"SELECT n::bigint FROM generate_series({start}, {end}) AS n"
            )
            asked = statement.format(numbers=numbers)
            bound = {key: value for key, value in (given | times).items() if f":{key}" in asked}
            async with db.write() as connection:
                await connection.execute(text(asked), bound)
        print(f"{rows} {name} in {time.perf_counter() - began:.0f} s", flush=True)
    async with db.write() as connection:
        await connection.execute(text(COUNTS))
        await connection.execute(text("ANALYZE"))


async def start(url: str, folder: Path) -> list[float]:
    """One start: seconds to the first output, the first call, readiness, the answer; and the CPU seconds."""
    async with Sandbox(limits=False) as box:
        bot = box.add_bot(TOKEN, "benchmark_bot", "Benchmark")
        ann = box.add_person("Ann", id=FIRST - 1)
        box.backend.actions.start(ann, bot)
        call = ApiRequest(box.world, bot, "sendMessage", {"chat_id": ann.id, "text": "A card"}, box.backend.limiter, {})
        chat = box.world.private_chat(ann.id, bot.id)
        card = box.world.find_message(chat.key, (await box.backend.dispatcher.perform(call))["message_id"])
        assert card is not None
        bot.updates.clear()
        tap = {"text": "🙋", "callback_data": callbacks.VoteCallback(item=1).pack()}
        query = box.world.state.callbacks[box.backend.actions.press_button(ann, chat, card, tap)["callback_query_id"]]
        environment = {"BOT_TOKEN": TOKEN, "BOT_API_URL": box.url, "DATABASE_URL": url, "WEB_PORT": "0"}
        began = time.monotonic()
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot"),
            cwd=folder,
            env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            assert program.stderr is not None
            said = await program.stderr.readline()
            first = time.monotonic() - began
            answered = await box.world.feed.wait_for(lambda: query.answer, 120)
            took, used = time.monotonic() - began, cpu_seconds(program.pid)
            assert answered, said + await program.stderr.read(10_000)
            calls = {
                entry["method"]: entry["at_monotonic"] - began for entry in reversed(box.backend.call_log.since(0))
            }
            return [first, calls["getMe"], calls["deleteWebhook"], took, used]
        finally:
            program.kill()
            await program.wait()


async def main() -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("url", nargs="?")
    ask.add_argument("--rows", type=int, default=1_000_000)
    ask.add_argument("--starts", type=int, default=5)
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory() as name:
        url = asked.url or f"sqlite+aiosqlite:///{name}/bot.db"
        db = Database(url)
        await migrate(db)
        async with db.read() as connection:
            members = (await connection.execute(text("SELECT count(*) FROM members"))).scalar_one()
        if not members:
            await fill(db, asked.rows)
        await db.close()
        print(f"{'':8}{'output':>9}{'call':>9}{'ready':>9}{'answer':>9}{'CPU':>9}   seconds")
        found = []
        for number in range(asked.starts):
            found.append(await start(url, Path(name)))
            print(f"start {number + 1:<2}" + "".join(f"{value:>9.2f}" for value in found[-1]), flush=True)
        print("median  " + "".join(f"{statistics.median(column):>9.2f}" for column in zip(*found, strict=True)))


if __name__ == "__main__":
    asyncio.run(main())
