"""The full path of a vote, compared with bare bots: `python -m benchmarks.taps [--rounds N] [--only NAME …]`.

A local Bot API runs in this process and each bot in a process of its own, one bot at a time. Forty users at a time tap
🙋 or ✅ on a card and wait until it is answered and edited; then others follow. Each votes for many goods and takes a
vote back later: at least `PAUSE` seconds lie between two taps on one card. Our bot judges every rule and commits each
act to an SQLite file with `synchronous=FULL` before it answers; the bare bots only answer and edit, with the same words
and buttons. Each is set up as its library's guide says: default polling, both calls in parallel, the update done when
both are answered.

Prints acts per second, latency, and CPU time per act: of the bot's process, and of the Bot API with the users. With
several rounds, in which the bots alternate, medians and spreads follow, and the ratio of the first bot to each other.
`--checkout NAME=FOLDER` adds our bot as it is in another checkout, which fills a database of its own. Bare bots whose
library is missing are named and left out: `pip install -e '.[dev]'`, and `npm install grammy @grammyjs/runner` in a
folder that NODE_PATH names.
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
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from sandbox import Sandbox
from sandbox.state.model import Bot, Chat, Person
from services.clock import SystemClock

HERE = Path(__file__).parent
ROOT = HERE.parent
TOKEN = "100001:benchmark-of-taps"
GOODS = 48
GOODS_EACH = 40
"""Cards of each user. With the users they bound the rate: `people` * GOODS_EACH / PAUSE acts per second."""
CONCURRENT = 40
"""Users who tap at the same time."""
PAUSE = 2.2
"""Seconds between two taps on one card: a vote cannot be taken back in the first two seconds."""
WARM_SECONDS = 3.0
"""Before the measurement: in this time Node compiles what it runs."""


@dataclass(frozen=True, slots=True)
class Result:
    """One round of a bot: acts per second, latency in ms, and CPU time per act in ms."""

    rate: float
    median: float
    p99: float
    bot_cpu: float
    api_cpu: float

    def __str__(self) -> str:
        return f"{self.rate:9.0f}{self.median:11.1f}{self.p99:9.1f}{self.bot_cpu:9.2f}{self.api_cpu:9.2f}"


@dataclass(frozen=True, slots=True)
class Contender:
    """A bot, and the checkout that it runs in."""

    name: str
    command: tuple[str, ...]
    installed: bool = True
    checkout: Path = ROOT


def contenders(checkouts: list[str]) -> list[Contender]:
    """Every bot that can take part; `checkouts` are NAME=FOLDER."""
    ours = (sys.executable, "-m", "bot")
    others = [(name, Path(folder).resolve()) for name, _, folder in (one.partition("=") for one in checkouts)]
    node = subprocess.run(["node", "-e", "require('grammy')"], capture_output=True, check=False).returncode == 0
    bare = HERE / "bare"
    return [
        Contender("ours", ours),
        *(Contender(name, ours, checkout=folder) for name, folder in others),
        Contender("pyTelegramBotAPI", (sys.executable, f"{bare}/telebot_bare.py"), find_spec("telebot") is not None),
        Contender("python-telegram-bot", (sys.executable, f"{bare}/ptb_bare.py"), find_spec("telegram") is not None),
        Contender("grammY", ("node", f"{bare}/grammy_bare.cjs"), node),
    ]


async def prepare(database_url: str, people: int) -> str:
    """Fill an empty database with goods on display and ballots for everyone.

    Returns JSON for the bare bots: caption, buttons and answer as our bot writes them, with "{count}" where the text
    changes from tap to tap.
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
    await services.goods.import_goods(Parsed(table.rows[:GOODS], ()), ROOT / "demo", "benchmark")
    await services.rounds.tick()
    await services.rounds.open_special()
    spending = [SpendingRecord(i, 1001 + i, 100_000_00, date(2026, 1, 5), f"o{i}") for i in range(people)]
    await services.goods.import_spending(Parsed(tuple(spending), ()))
    async with db.read() as connection:
        (item,) = (await items.by_ids(connection, [1])).values()
    member = await services.people.meet(1001, "P0", "en")
    purse = (await services.voting.mine(member, 0)).purse
    await db.close()
    localizer = Localizer("en", ZoneInfo(settings.time_zone), datetime.now(UTC))
    card = Card(item._replace(title_en=item.title_en + " {count}"), Place(1, 0, 28), True, True, True)
    screen = view.card_screen(card, localizer)
    said = view.standing("voted", purse, localizer)
    return json.dumps({"caption": screen.text, "keyboard": plain_keyboard(screen), "answer": said})


async def prepared(checkout: Path, database_url: str, people: int) -> str:
    """What `prepare` returns with the program of a checkout, whose tables may be others."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--prepare", database_url, "--people", str(people),
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(checkout)}, cwd=checkout,
    )  # fmt: skip
    said, _ = await program.communicate()
    if program.returncode:
        raise ChildProcessError(f"no database could be prepared in {checkout}")
    return said.decode()


@dataclass(slots=True)
class ShownCard:
    """A message with a vote button. It may be tapped again from `due` on (perf_counter)."""

    person: Person
    chat: Chat
    message_id: int
    due: float = 0.0


class Crowd:
    """Users with many cards each, who tap one after the other."""

    def __init__(self, box: Sandbox, bot: Bot, people: list[Person]) -> None:
        self.box, self.bot, self.people = box, bot, people
        self.concurrent = CONCURRENT
        self.waits: list[float] = []
        self.idle = 0.0
        """Seconds in which a tap waited for its card's pause: the bot was faster than the cards allow."""
        self._cards: deque[ShownCard] = deque()
        self._answered: dict[str, asyncio.Event] = {}
        self._edited: dict[tuple[str, int], asyncio.Event] = {}

    async def open_cards(self, goods: int = GOODS_EACH) -> None:
        """Open cards of so many goods for each user. Raises TimeoutError."""
        for good in range(1, goods + 1):
            asked = {
                person.id: self.box.backend.actions.start(person, self.bot, f"i{good}").id for person in self.people
            }
            cards: dict[int, ShownCard] = {}

            def all_open(asked: dict[int, int] = asked, cards: dict[int, ShownCard] = cards) -> bool | None:
                for person in self.people:
                    if person.id not in cards and (card := self._card_after(person, asked[person.id])) is not None:
                        cards[person.id] = card
                return len(cards) == len(self.people) or None

            if not await self.box.world.feed.wait_for(all_open, 90):
                raise TimeoutError("not everybody was shown a card")
            self._cards.extend(cards.values())

    def _card_after(self, person: Person, message_id: int) -> ShownCard | None:
        chat = self.box.world.private_chat(person.id, self.bot.id)
        for message in reversed(self.box.world.state.messages[chat.key].values()):
            if message.id <= message_id:
                return None
            if message.markup and "photo" in message.content:
                return ShownCard(person, chat, message.id)
        return None

    def _vote_row(self, card: ShownCard) -> int:
        markup = self.box.world.state.messages[card.chat.key][card.message_id].markup or {}
        rows = markup["inline_keyboard"]
        return next(i for i, row in enumerate(rows) if row[0]["text"].startswith(("🙋", "✅")))

    async def listen(self) -> None:
        """Follow the local chat's events and wake the taps that wait for them."""
        rev = self.box.world.feed.rev
        while True:
            await self.box.world.feed.wait()
            for event in self.box.world.feed.since(rev) or []:
                rev = event.rev
                waiting = None
                if event.type == "answer":
                    waiting = self._answered.get(str(event.payload["callback_query_id"]))
                elif event.type == "edit":
                    message = event.payload["message"]
                    waiting = self._edited.get((message.chat, message.id))
                if waiting is not None:
                    waiting.set()

    async def tap(self, card: ShownCard) -> None:
        """One tap on 🙋 or ✅, until it is answered and the card is edited."""
        answered, edited = asyncio.Event(), asyncio.Event()
        self._edited[card.chat.key, card.message_id] = edited
        began = time.perf_counter()
        done = self.box.backend.actions.tap(card.person, card.chat, card.message_id, self._vote_row(card), 0)
        self._answered[done["callback_query_id"]] = answered
        async with asyncio.timeout(30):
            await answered.wait()
            await edited.wait()
        self.waits.append(time.perf_counter() - began)
        del self._answered[done["callback_query_id"]]

    async def tap_for(self, seconds: float) -> None:
        """Tap for so long."""
        until = time.perf_counter() + seconds
        await asyncio.gather(*(self._keep_tapping(until) for _ in range(self.concurrent)))

    async def _keep_tapping(self, until: float) -> None:
        while (now := time.perf_counter()) < until:
            card = self._cards.popleft()
            if card.due > now:
                self.idle += card.due - now
                await asyncio.sleep(card.due - now)
            await self.tap(card)
            card.due = time.perf_counter() + PAUSE
            self._cards.append(card)


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process has used so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def started(
    command: Sequence[str], folder: str, environment: dict[str, str], log: IO[bytes]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A bot that runs inside the block, which prints the end of its log to `log` if the block fails."""
    program = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=log
    )
    try:
        yield program
    except BaseException:
        log.seek(0)
        print(log.read().decode()[-2_000:], file=sys.stderr)
        raise
    finally:
        if program.returncode is None:
            program.terminate()
        await program.wait()


async def measure(bot_of: Contender, people: int, seconds: float) -> Result:
    """One round of a bot."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as log:
        database_url = f"sqlite+aiosqlite:///{folder}/bot.db"
        card = await prepared(bot_of.checkout, database_url, people)
        async with Sandbox(limits=False) as box:
            bot = box.add_bot(TOKEN, "benchmark_bot", "Benchmark")
            crowd = Crowd(box, bot, [box.add_person(f"P{i}", id=1001 + i) for i in range(people)])
            environment = {
                **os.environ,
                "BOT_TOKEN": TOKEN,
                "BOT_API_URL": box.url,
                "DATABASE_URL": database_url,
                "WEB_PORT": "0",
                "VOTES_PER_DAY": "1000",
                "TAKE_BACKS_PER_DAY": "1000000",
                "CARD": card,
                "PICTURE": str(next((ROOT / "demo/pictures").glob("*.jpg"))),
                "PYTHONPATH": str(bot_of.checkout),
            }
            async with started(bot_of.command, folder, environment, log) as program:
                await crowd.open_cards()
                return await measure_crowd(crowd, program.pid, seconds)


async def measure_crowd(crowd: Crowd, pid: int, seconds: float) -> Result:
    """Let the users tap, first to warm up and then to measure."""
    listening = asyncio.create_task(crowd.listen())
    await crowd.tap_for(WARM_SECONDS)
    crowd.waits.clear()
    crowd.idle = 0.0
    gc.collect()
    gc.freeze()  # a collection in the Bot API's process would stop every bot for a third of a second
    began, used, served = time.perf_counter(), cpu_seconds(pid), time.process_time()
    await crowd.tap_for(seconds)
    took, served, used = time.perf_counter() - began, time.process_time() - served, cpu_seconds(pid) - used
    listening.cancel()
    gc.unfreeze()
    if crowd.idle > 0.02 * took * CONCURRENT:
        print(f"the next line is limited by the cards: more --people ({crowd.idle / took / CONCURRENT:.0%} idle)")
    acts, waits = len(crowd.waits), sorted(crowd.waits)
    return Result(
        acts / took,
        statistics.median(waits) * 1000,
        waits[int(acts * 0.99)] * 1000,
        used / acts * 1000,
        served / acts * 1000,
    )


def spread(values: list[float], digits: int = 0) -> str:
    """The median, the least and the greatest value."""
    median, least, most = statistics.median(values), min(values), max(values)
    return f"{median:.{digits}f} ({least:.{digits}f} to {most:.{digits}f})"


def summary(results: dict[str, list[Result]]) -> None:
    """Print medians and spreads, and how the first bot compares round by round."""
    print("\nmedians")
    for name, of in results.items():
        print(f"{name:22}{Result(*map(statistics.median, zip(*map(astuple, of), strict=True)))}")
    print("\nacts/s: median (least to greatest), and the first bot's ratio in each round")
    (first, *_) = results
    for name, of in results.items():
        ratios = [ours.rate / theirs.rate for ours, theirs in zip(results[first], of, strict=True)]
        print(f"{name:22}{spread([one.rate for one in of]):>26}{spread(ratios, 2):>26}")


async def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--seconds", type=float, default=8)
    ask.add_argument("--people", type=int, default=160)
    ask.add_argument("--rounds", type=int, default=1)
    ask.add_argument("--only", nargs="*", default=[])
    ask.add_argument("--checkout", action="append", default=[], metavar="NAME=FOLDER")
    ask.add_argument("--prepare", help=argparse.SUPPRESS)
    asked = ask.parse_args()
    if asked.prepare:
        print(await prepare(asked.prepare, asked.people))
        return
    chosen = [one for one in contenders(asked.checkout) if not asked.only or one.name in asked.only]
    for one in chosen:
        if not one.installed:
            print(f"{one.name:22}  not installed here")
    bots = [one for one in chosen if one.installed]
    print(f"{CONCURRENT} of {asked.people} users tap at a time, {asked.seconds:.0f} s each round")
    print(f"{'':22}{'acts/s':>9}{'median ms':>11}{'p99 ms':>9}{'bot ms':>9}{'API ms':>9}   (CPU ms per act)")
    results: dict[str, list[Result]] = {one.name: [] for one in bots}
    for number in range(asked.rounds):
        for at in range(len(bots)):
            one = bots[(at + number) % len(bots)]  # none is always the first
            results[one.name].append(await measure(one, asked.people, asked.seconds))
            print(f"{one.name:22}{results[one.name][-1]}", flush=True)
    if asked.rounds > 1:
        summary(results)


if __name__ == "__main__":
    asyncio.run(main())
