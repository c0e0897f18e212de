"""A vote's full path, against bare bots: `python benchmarks/taps.py [--rounds N] [--people N] [--only NAME …]`.

A local Bot API runs in this process, each bot in one of its own, one after the other: people tap 🙋 and ✅ in turn on a
card, and tap again as soon as the answer and the redrawn card have come. Ours judges every rule and commits every act
to an SQLite file with `synchronous=FULL` before it answers; the bare bots only answer and edit, with the same words and
buttons. All are set up as their libraries' guides say: default polling, both calls under way together, the update done
when both are answered. Prints acts a second, how long people waited, and what an act costs of a processor: the bot's
process with all its threads, and the Bot API's with the people. With several rounds the medians of each bot follow.
Bare bots whose library is not installed are named and left out: `pip install -e '.[dev]'`, and
`npm install grammy @grammyjs/runner` in a folder that NODE_PATH names.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import astuple, dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from sandbox import Sandbox
from sandbox.state.model import Bot, Person
from services.clock import SystemClock

HERE = Path(__file__).parent
ROOT = HERE.parent
TOKEN = "100001:benchmark-of-taps"
GOODS = 48
WARM_SECONDS = 3.0
"""Before anything is measured: until then Node compiles what it runs."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one turn of a bot came to: acts a second, waits in ms, and ms of a processor an act."""

    rate: float
    median: float
    p99: float
    bot_cpu: float
    api_cpu: float

    def __str__(self) -> str:
        return f"{self.rate:9.0f}{self.median:11.1f}{self.p99:9.1f}{self.bot_cpu:9.2f}{self.api_cpu:9.2f}"


def contenders() -> dict[str, tuple[list[str], bool]]:
    """The command of each bot, and whether it can run here."""
    node = subprocess.run(["node", "-e", "require('grammy')"], capture_output=True, check=False).returncode == 0
    return {
        "ours": ([sys.executable, "-m", "bot"], True),
        "pyTelegramBotAPI": ([sys.executable, str(HERE / "bare/telebot_bare.py")], find_spec("telebot") is not None),
        "python-telegram-bot": ([sys.executable, str(HERE / "bare/ptb_bare.py")], find_spec("telegram") is not None),
        "grammY": (["node", str(HERE / "bare/grammy_bare.cjs")], node),
    }


async def prepare(database_url: str, people: int) -> str:
    """Fill an empty database with goods on display and ballots for everyone.

    Gives what the bare bots show and say: caption, buttons and answer as ours writes them, in JSON, with "{count}"
    where they put what changes from tap to tap.
    """
    from datetime import UTC, date, datetime
    from zoneinfo import ZoneInfo

    from bot.services import make_services
    from bot.settings import read_settings
    from domain.carousel import Card, Place
    from domain.csv_files import Parsed, SpendingRecord, read_goods
    from handlers.localization import Localizer
    from handlers.messenger import plain_keyboard
    from handlers.views import goods as view
    from storage import items
    from storage.db import Database
    from storage.migrate import migrate

    settings = read_settings(_env_file=None, database_url=database_url)
    db = Database(settings.database_url)
    await migrate(db)
    services = make_services(db, settings, SystemClock())
    table = read_goods((ROOT / "demo/goods.csv").read_bytes())
    await services.goods.take_in(Parsed(table.rows[:GOODS], ()), ROOT / "demo", "benchmark")
    await services.rounds.tick()
    await services.rounds.open_special()
    spending = [SpendingRecord(i, 1001 + i, 100_000_00, date(2026, 1, 5), f"o{i}") for i in range(people)]
    await services.goods.take_in_spending(Parsed(tuple(spending), ()))
    async with db.read() as connection:
        (item,) = (await items.by_ids(connection, [1])).values()
    member = await services.people.meet(1001, "P0", "en")
    purse = (await services.voting.mine(member, 0)).purse
    await db.close()
    localizer = Localizer("en", ZoneInfo(settings.time_zone), datetime.now(UTC))
    card = Card(replace(item, title_en=item.title_en + " {count}"), Place(1, 0, 28), True, True, True)
    screen = view.card_screen(card, localizer)
    said = view.standing("voted", purse, localizer)
    return json.dumps({"caption": screen.text, "keyboard": plain_keyboard(screen), "answer": said})


class Crowd:
    """People who tap, wait for answer and redraw, and tap again."""

    def __init__(self, box: Sandbox, bot: Bot, people: list[Person]) -> None:
        self.box, self.bot, self.people = box, bot, people
        self.waits: list[float] = []
        self._answered: dict[str, asyncio.Event] = {}
        self._edited: dict[str, asyncio.Event] = {}

    async def listen(self) -> None:
        """Follow the world's feed and wake whoever waits."""
        rev = self.box.world.feed.rev
        while True:
            await self.box.world.feed.wait()
            for event in self.box.world.feed.since(rev) or []:
                rev = event.rev
                waiting = None
                if event.type == "answer":
                    waiting = self._answered.get(str(event.payload["callback_query_id"]))
                elif event.type == "edit":
                    waiting = self._edited.get(event.payload["message"].chat)
                if waiting is not None:
                    waiting.set()

    async def tap(self, person: Person) -> None:
        """One tap on 🙋 or ✅, until it is answered and the card is redrawn."""
        chat = self.box.world.private_chat(person.id, self.bot.id)
        message = next(reversed(self.box.world.state.messages[chat.key].values()))
        rows = (message.markup or {})["inline_keyboard"]
        row = next(i for i, row in enumerate(rows) if row[0]["text"].startswith(("🙋", "✅")))
        answered, edited = asyncio.Event(), asyncio.Event()
        self._edited[chat.key] = edited
        began = time.perf_counter()
        done = self.box.backend.actions.tap(person, chat, message.id, row, 0)
        self._answered[done["callback_query_id"]] = answered
        async with asyncio.timeout(30):
            await answered.wait()
            await edited.wait()
        self.waits.append(time.perf_counter() - began)
        del self._answered[done["callback_query_id"]]

    def all_have_cards(self) -> bool:
        """Whether everybody sees a card with buttons."""
        state = self.box.world.state
        return all(
            any(m.markup and "photo" in m.content for m in state.messages[f"p{p.id}:{self.bot.id}"].values())
            for p in self.people
        )

    async def work_together(self, seconds: float) -> None:
        """Everybody taps for so long."""
        until = time.perf_counter() + seconds
        await asyncio.gather(*(self.work(person, until) for person in self.people))

    async def work(self, person: Person, until: float) -> None:
        while time.perf_counter() < until:
            await self.tap(person)


def cpu_seconds(pid: int) -> float:
    """What a process has used of a processor so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(name: str, command: list[str], people: int, seconds: float) -> Result:
    """One turn of a bot."""
    with tempfile.TemporaryDirectory() as folder:
        card = await prepare(f"sqlite+aiosqlite:///{folder}/bot.db", people)
        async with Sandbox(limits=False) as box:
            bot = box.add_bot(TOKEN, "benchmark_bot", "Benchmark")
            crowd = Crowd(box, bot, [box.add_person(f"P{i}", id=1001 + i) for i in range(people)])
            environment = {
                **os.environ,
                "BOT_TOKEN": TOKEN,
                "BOT_API_URL": box.url,
                "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db",
                "WEB_PORT": "0",
                "VOTES_PER_DAY": "1000",
                "CARD": card,
                "PICTURE": str(next((ROOT / "demo/pictures").glob("*.jpg"))),
                "PYTHONPATH": str(ROOT),
            }
            program = await asyncio.create_subprocess_exec(
                *command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                for person in crowd.people:
                    box.backend.actions.start(person, bot)
                    box.backend.actions.say(person, box.world.private_chat(person.id, bot.id), "/goods")
                ready = await box.world.feed.wait_for(lambda: crowd.all_have_cards() or None, 90)
                assert ready, f"{name} did not show everybody a card"
                listening = asyncio.create_task(crowd.listen())
                await crowd.work_together(WARM_SECONDS)
                crowd.waits.clear()
                gc.collect()
                gc.freeze()  # the Bot API's own looks for garbage would stop every bot for a third of a second
                began, used, served = time.perf_counter(), cpu_seconds(program.pid), time.process_time()
                await crowd.work_together(seconds)
                took, served = time.perf_counter() - began, time.process_time() - served
                used = cpu_seconds(program.pid) - used
                listening.cancel()
                gc.unfreeze()
            finally:
                program.terminate()
                await program.wait()
    waits = sorted(crowd.waits)
    return Result(
        len(waits) / took,
        statistics.median(waits) * 1000,
        waits[int(len(waits) * 0.99)] * 1000,
        used / len(waits) * 1000,
        served / len(waits) * 1000,
    )


async def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--seconds", type=float, default=8)
    ask.add_argument("--people", type=int, default=40)
    ask.add_argument("--rounds", type=int, default=1, help="how often each bot has its turn")
    ask.add_argument("--only", nargs="*", default=[])
    asked = ask.parse_args()
    print(f"{asked.people} people tap for {asked.seconds:.0f} s; one process a bot, the Bot API in another")
    print(f"{'':22}{'acts/s':>9}{'median ms':>11}{'p99 ms':>9}{'bot ms':>9}{'API ms':>9}   (ms of a processor an act)")
    bots = [(name, *found) for name, found in contenders().items() if not asked.only or name in asked.only]
    for name, _, here in bots:
        if not here:
            print(f"{name:22}  not installed here")
    bots = [bot for bot in bots if bot[2]]
    results: dict[str, list[Result]] = defaultdict(list)
    for turn in range(asked.rounds):
        for at in range(len(bots)):
            name, command, _ = bots[(at + turn) % len(bots)]  # nobody is always the first
            results[name].append(await measure(name, command, asked.people, asked.seconds))
            print(f"{name:22}{results[name][-1]}", flush=True)
    if asked.rounds > 1:
        print("medians")
        for name, of in results.items():
            print(f"{name:22}{Result(*map(statistics.median, zip(*map(astuple, of), strict=True)))}")


if __name__ == "__main__":
    asyncio.run(main())
