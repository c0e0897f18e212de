"""Shared parts of the inbound campaigns: simulated people who tap, and bots that are killed meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot import demo
from bot.services import Services, make_services
from domain.csv_files import Parsed, SpendingRecord
from handlers import callbacks
from sandbox import Sandbox
from sandbox.bot_api.request import ApiRequest
from sandbox.delivery import webhooks
from sandbox.state.model import Bot, Message, Person
from services.clock import SystemClock
from storage.db import Database
from storage.db.errors import DatabaseUnavailable
from storage.migrate import migrate
from tests.conftest import DEMO_TOKEN, TUESDAY_TEN, a_picture, import_goods, settings_for
from tests.services.conftest import assert_sound, one

ROOT = Path(__file__).parent.parent.parent
SECRET = "a-secret-of-the-webhook"
PER_DAY = 5
ITEMS = 40
SILENCE, LONGEST_SILENCE = 30.0, 120.0
"""Seconds without an answer after which none is expected: with no update queued at Telegram, and otherwise."""
SOON_SILENT = 8.0
"""The first of these when a planted bug loses taps, so that some answers never come."""
EAGER = 0.3
"""The longest delay, in seconds, before a failed webhook is called again."""
COUNTS, ALREADY, DAY_IS_OVER, LATER = (
    "Your vote counts",
    "voted for it already",
    "votes for the day are used",
    "One moment",
)


def free_port() -> int:
    """A free port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Bots:
    """Starts bots by forking a loaded process, and kills them."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log
        self._numbers: asyncio.Queue[int] = asyncio.Queue()
        self._ends: dict[int, asyncio.Future[int]] = {}
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            words = line.decode().split()
            if words[0] == "end":
                end = self.end_of(int(words[1]))
                if not end.done():
                    end.set_result(int(words[2]))
            elif words[0] != "ready":
                self._numbers.put_nowait(int(words[0]))
        self._numbers.put_nowait(0)

    def end_of(self, number: int) -> asyncio.Future[int]:
        """Wait until a bot ends by itself. Returns its exit code."""
        return self._ends.setdefault(number, asyncio.get_running_loop().create_future())

    async def start(self, settings: dict[str, Any], offset: float, bug: str | None = None, role: str = "all") -> int:
        """Start a bot. Returns its process number."""
        assert self._process.stdin is not None
        order = {"settings": settings, "offset": offset, "bug": bug, "role": role}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        number = await asyncio.wait_for(self._numbers.get(), 180)
        assert number, "the loaded bot has ended"
        self.end_of(number)
        return number

    async def stop(self, number: int) -> int:
        """Ask a bot to stop. Returns its exit code."""
        os.kill(number, signal.SIGTERM)
        return await asyncio.wait_for(self.end_of(number), 120)

    async def kill(self, number: int) -> None:
        """Kill a bot and wait until its process is gone."""
        os.kill(number, signal.SIGKILL)
        async with asyncio.timeout(30):
            while True:
                try:
                    os.kill(number, 0)
                except ProcessLookupError:
                    self.end_of(number).cancel()
                    return
                await asyncio.sleep(0.001)

    @property
    def log(self) -> str:
        """The logs of all bots."""
        return self._log.read_text() if self._log.exists() else ""

    async def close(self) -> None:
        """End the loaded process and the bots that a failed test has left."""
        for number, end in self._ends.items():
            if not end.done():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reading


@contextlib.asynccontextmanager
async def loaded(folder: Path) -> AsyncIterator[Bots]:
    """A loaded process that waits for orders."""
    log = folder / "bots.log"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.campaigns.inbound_child", str(log)),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    bots = Bots(process, log)
    try:
        yield bots
    finally:
        await bots.close()


@dataclass
class Tap:
    """One tap on a vote button, with its expected and its actual result.

    The result is the text of the answer, or of the message that followed an answer that asked for patience.
    """

    person: int
    item: int
    expected: str
    answer: str | None = None
    outcome: str | None = None


@dataclass
class Crowd:
    """People with five votes each. They vote, vote for the same item once more, and try a sixth vote."""

    box: Sandbox
    bot: Bot
    people: list[Person]
    services: Services
    chance: random.Random
    taps: dict[str, Tap] = field(default_factory=dict)
    outcomes: int = 0
    silence: float = SILENCE
    refused_answers: int = 0
    cards: dict[tuple[int, int], int] = field(default_factory=dict)
    _waiting: dict[str, asyncio.Future[str]] = field(default_factory=dict)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    # -- before ----------------------------------------------------------------------------------------------------

    async def show_cards(self, items: list[int]) -> None:
        """Let the bot show each person this number of cards with a vote button, each in its own message."""
        file = None
        for person in self.people:
            self.box.backend.actions.start(person, self.bot)
            for item in self.chance.sample(items, PER_DAY + 1):
                button = {"text": "🙋", "callback_data": callbacks.VoteCallback(item=item).pack()}
                markup = {"inline_keyboard": [[button]]}
                if file is None:
                    files = self.box.world.files
                    file = files.photo_json(await files.add_photo(a_picture()), self.bot.id)[-1]["file_id"]
                args = {"chat_id": person.id, "photo": file, "caption": "A card", "reply_markup": markup}
                sent = await self.box.backend.dispatcher.perform(
                    ApiRequest(self.box.world, self.bot, "sendPhoto", args, self.box.backend.limiter, {})
                )
                self.cards[person.id, item] = sent["message_id"]
        self.bot.updates.clear()  # the greetings are no part of the campaign

    # -- meanwhile -------------------------------------------------------------------------------------------------

    async def listen(self) -> None:
        """Record every answer."""
        feed = self.box.world.feed
        rev = feed.rev
        while True:
            await feed.wait()
            events = feed.since(rev)
            assert events is not None, "the feed forgets events sooner than they are read"
            for event in events:
                rev = event.rev
                if event.type == "message" and event.payload["message"].sender == self.bot.id:
                    self._read(event.payload["message"])
                elif event.type == "answer":
                    self._hear(str(event.payload["callback_query_id"]), event.payload["text"])
                elif event.type == "call":
                    call = event.payload["call"]
                    self.refused_answers += call.method == "answerCallbackQuery" and call.refusal is not None

    def _hear(self, query_id: str, text: str) -> None:
        tap = self.taps.get(query_id)
        if tap is None or tap.answer is not None:
            return
        tap.answer = text
        if LATER not in text:
            self._came_of(query_id, text)

    def _read(self, message: Message) -> None:
        """Record a result that comes as a message. Messages come in the order of the taps."""
        if any(outcome in message.text for outcome in (COUNTS, ALREADY, DAY_IS_OVER)):
            for query_id, tap in self.taps.items():
                if f"p{tap.person}:{self.bot.id}" == message.chat and tap.answer and tap.outcome is None:
                    self._came_of(query_id, message.text)
                    return

    def _came_of(self, query_id: str, text: str) -> None:
        self.taps[query_id].outcome = text
        self.outcomes += 1
        self._more.set()
        self._waiting.pop(query_id).set_result(text)

    def tap(self, person: Person, item: int, expected: str) -> asyncio.Future[str]:
        """Tap a card's vote button as it was first shown. Returns the tap, which receives its result later."""
        chat = self.box.world.private_chat(person.id, self.bot.id)
        message = self.box.world.find_message(chat.key, self.cards[person.id, item])
        assert message is not None
        button = {
            "text": "🙋",
            "callback_data": callbacks.VoteCallback(item=item).pack(),
        }  # as in an app that does not show the edit yet
        done = self.box.backend.actions.press_button(person, chat, message, button)
        self.taps[done["callback_query_id"]] = Tap(person.id, item, expected)
        answer = self._waiting[done["callback_query_id"]] = asyncio.get_running_loop().create_future()
        return answer

    async def vote(self, person: Person) -> None:
        """One person's day: five votes, some by two quick taps, a repeated vote, and a sixth vote."""
        *five, sixth = [item for who, item in self.cards if who == person.id]
        again = self.chance.choice(five)
        for item in five:
            taps = [self.tap(person, item, COUNTS)]
            if self.chance.random() < 0.1:
                taps.append(self.tap(person, item, ALREADY))
            await asyncio.gather(*taps)
            if item == again:
                await self.tap(person, item, ALREADY)
        await self.tap(person, sixth, DAY_IS_OVER)

    async def vote_all(self, at_once: int) -> None:
        """Let all people vote, this number of them at the same time."""
        waiting = list(self.people)

        async def vote_for_the_next() -> None:
            while waiting:
                await self.vote(waiting.pop())

        await asyncio.gather(*(vote_for_the_next() for _ in range(at_once)))

    async def heard(self, number: int, voting: asyncio.Task[None]) -> bool:
        """Wait until this number of taps have a result. False if the voting has ended or no further result comes."""
        loop = asyncio.get_running_loop()
        last = loop.time()
        while self.outcomes < number:
            self._more.clear()
            hearing = asyncio.ensure_future(self._more.wait())
            await asyncio.wait({hearing, voting}, timeout=self.silence, return_when=asyncio.FIRST_COMPLETED)
            if hearing.done():
                last = loop.time()
                continue
            hearing.cancel()
            if voting.done():
                voting.result()  # raises an error of the campaign itself
                return False
            # Queued updates will be delivered: a slow machine may be silent for long without losing any.
            if not self.bot.updates or loop.time() - last > LONGEST_SILENCE:
                return False
        return True

    # -- after -----------------------------------------------------------------------------------------------------

    @property
    def unanswered(self) -> list[Tap]:
        """Taps without a result."""
        return [tap for tap in self.taps.values() if tap.outcome is None]

    @property
    def wrong(self) -> list[Tap]:
        """Taps whose result was not the expected one."""
        return [tap for tap in self.taps.values() if tap.outcome is not None and tap.expected not in tap.outcome]

    async def check(self) -> None:
        """Check that each confirmed vote is stored once, that no other is, and that purses and counts are exact."""
        db = self.services.context.db
        with contextlib.suppress(DatabaseUnavailable):  # these connections may be older than an outage
            await one(db, "SELECT 1")
        await assert_sound(db, PER_DAY)
        told = {(tap.person, tap.item) for tap in self.taps.values() if tap.outcome and COUNTS in tap.outcome}
        async with db.read() as connection:
            rows = await connection.exec_driver_sql(
                "SELECT m.chat_id, v.item_id FROM votes v JOIN members m ON m.id = v.member_id"
            )
            stored = [(row[0], row[1]) for row in rows]
        assert len(stored) == len(set(stored)), "nothing is stored twice, not even as taken back"
        assert told == set(stored), f"told and not stored: {told - set(stored)}; the reverse: {set(stored) - told}"
        assert await one(db, "SELECT count(*) FROM failed_updates") == 0
        for person in self.people[:50]:
            member = await self.services.people.find(person.id)
            assert member is not None
            purse = (await self.services.voting.mine(member, 0)).purse
            assert (purse.earned, purse.used, purse.left_today) == (PER_DAY + 2, PER_DAY, 0)


@contextlib.asynccontextmanager
async def crowd_of(
    number: int, database_url: str, folder: Path, *, seed: int = 1
) -> AsyncIterator[tuple[Crowd, dict[str, Any]]]:
    """A crowd in the local chat, with a bot's cards before it, and the settings for running the bot."""
    chance = random.Random(seed)
    async with Sandbox(any_token=False, limits=False) as box:
        box.clock.move_to(TUESDAY_TEN)
        # Webhooks are retried at once: the campaign is about what arrives, not about how long it takes.
        patient, webhooks.LONGEST_DELAY, box.backend.webhooks.first_delay = webhooks.LONGEST_DELAY, EAGER, 0.02
        bot = box.add_bot(DEMO_TOKEN, demo.USERNAME, "I want to group")
        settings = settings_for(folder, database_url=database_url)
        db = Database(database_url)
        try:
            await migrate(db)
            services = make_services(db, settings, SystemClock(box.clock.now))
            await services.rounds.tick()
            await import_goods(services, folder / "goods", ITEMS)
            assert await services.rounds.open_special()
            people = [box.add_person(f"P{n}", id=100_000 + n, language_code="en") for n in range(number)]
            for person in people:
                await services.people.meet(person.id, person.first_name, "en")
            fen = (PER_DAY + 2) * 100_00
            spent = [SpendingRecord(n, person.id, fen, TUESDAY_TEN.date(), f"o{n}") for n, person in enumerate(people)]
            await services.goods.import_spending(Parsed(tuple(spent), ()))
            # The day's carousels are no part of the campaign.
            async with db.write() as connection:
                await connection.exec_driver_sql("UPDATE members SET carousel_on = false")
            crowd = Crowd(box, bot, people, services, chance)
            await crowd.show_cards([item.id for item, _ in await services.goods.ranking(ITEMS)])
            listening = asyncio.create_task(crowd.listen())
            wanted = {
                "bot_token": DEMO_TOKEN,
                "bot_api_url": box.url,
                "database_url": database_url,
                "web_port": 0,
                "metrics": "off",
            }
            try:
                yield crowd, wanted
            finally:
                listening.cancel()
        finally:
            webhooks.LONGEST_DELAY = patient
            await db.close()


def by_webhook(settings: dict[str, Any], port: int) -> dict[str, Any]:
    """The same settings with a webhook."""
    here = f"http://127.0.0.1:{port}"
    return {**settings, "updates": "webhook", "webhook_secret": SECRET, "public_url": here, "web_port": port}


def moments(chance: random.Random, number: int, total: int) -> Iterator[int]:
    """Random moments in order, as numbers of answers until then."""
    yield from sorted(chance.randrange(total) for _ in range(number))


async def until(question: Any, limit: float = 30.0) -> None:
    """Wait until an asynchronous condition holds."""
    async with asyncio.timeout(limit):
        while not await question():
            await asyncio.sleep(0.01)
