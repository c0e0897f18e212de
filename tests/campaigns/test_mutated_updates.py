"""Updates broken in every way, 20,000 at full size: none causes an unexpected error or stays in memory (R19)."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import logging
import os
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import GetMe
from aiogram.types import Chat, Message, User
from sqlalchemy.engine import URL

from bot import demo
from bot.services import Services, make_services
from bot.telegram.session import BotSession
from bot.updates import processor
from bot.updates.processor import Ack, Update, UpdateProcessor
from bot.wiring import BotComponents, make_components
from handlers import callbacks
from handlers.carousel import HOT
from sandbox import Sandbox
from sandbox.bot_api.request import ApiRequest
from services.clock import SystemClock
from storage.db import Database
from storage.migrate import migrate
from tests import postgres
from tests.campaigns.size import sized
from tests.conftest import DEMO_TOKEN, ORGANISER, TUESDAY_TEN, a_picture, import_goods, settings_for, spend
from tests.handlers.test_callbacks import BUTTONS
from tests.services.conftest import ask

pytestmark = pytest.mark.long
ANN, BOB = 1001, 1002
SEED = 20_261_124
MUTATED = [("sqlite", sized(small=4_000, full=20_000)), ("postgresql", sized(small=2_000, full=4_000))]
FORGED = sized(small=600, full=2_000)
MORE_MEMORY = 1.05
"""Bytes that the second half may leave in memory beyond the first one, in which caches fill."""

ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, -(2**63), 2**70, 0.5, 1e308),
    *(
        "",
        " ",
        "x",
        "x" * 5_000,
        "\0",
        "a\0b",
        "\ud800",
        "b\udfff\ud83d",
        "\u202e\u200d🤷🏽\u200d♀️\u200b",
        "'; DROP TABLE votes; --",
    ),
    *("/start", "/desk", "<b>&lt;", "None", "-1", "١٢٣", "private", "supergroup", "channel"),
    *([], {}, [[]], [None], {"id": None}, {"": ""}, [1, "2", {"3": 4}]),
]


def forged(chance: random.Random) -> str:
    """Callback data as an attacker might write it."""
    button = chance.choice(BUTTONS)
    parts = [button.__prefix__, *(str(chance.choice(_PARTS)) for _ in range(len(button.model_fields)))]
    if chance.random() < 0.2:
        parts = parts[: chance.randrange(len(parts) + 1)]
    return ":".join(parts)


_PARTS = (
    0,
    1,
    2,
    7,
    40,
    41,
    -1,
    2**31,
    2**53,
    2**63,
    2**70,
    "",
    "l",
    "d",
    "x",
    "\0",
    "\ud800",
    "1.5",
    "１",
    "home",
    "go",
    "A" * 16,
)


def nested(depth: int) -> Any:
    """A deeply nested value."""
    value: Any = "deep"
    for number in range(depth):
        value = {"reply_to_message": value} if number % 2 else [value]
    return value


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values in an update."""
    if path:
        yield path
    if isinstance(value, dict | list) and len(path) < 30:
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*path, key))


def mutated(update: Update, number: int, chance: random.Random) -> Update:
    """The update with one to four mutations, and a new update id."""
    update = copy.deepcopy(update)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        path = chance.choice([path for path in places(update) if path != ("update_id",)] or [("nothing",)])
        holder: Any = update
        for key in path[:-1]:
            holder = holder[key]
        what = chance.random()
        if path == ("nothing",):
            break
        if what < 0.25:
            del holder[path[-1]]
        elif what < 0.35 and path[-1] == "data":
            holder["data"] = forged(chance)
        elif what < 0.4:
            holder[path[-1]] = nested(chance.choice((3, 40, 400)))
        elif what < 0.5:
            holder[path[-1]] = chance.choice((ANN, BOB, ORGANISER, 999_999_999, -100_123))
        elif what < 0.55 and len(path) == 1:
            update[chance.choice(("channel_post", "edited_message", "poll", "x", "message"))] = holder.pop(path[-1])
        else:
            holder[path[-1]] = copy.deepcopy(chance.choice(ODD))
    if chance.random() < 0.98:
        update["update_id"] = number
    else:
        update["update_id"] = copy.deepcopy(chance.choice(ODD))
    return update


async def real_ones(items: list[int]) -> list[Update]:
    """An update of each kind that the bot receives, as the local chat makes them."""
    async with Sandbox(any_token=False, limits=False) as box:
        box.clock.move_to(TUESDAY_TEN)
        bot = box.add_bot(DEMO_TOKEN, demo.USERNAME, "I want to group")
        people = [
            box.add_person(name, id=id, language_code=code, username=name.lower())
            for name, id, code in (("Ann", ANN, "en"), ("林", BOB, "zh-hans"), ("Olga", ORGANISER, "en"))
        ]
        actions, world = box.backend.actions, box.world
        group = box.add_group("Neighbours", [*(person.id for person in people), bot.id], admins=[bot.id])
        channel = box.add_group("News", [ORGANISER, bot.id], kind="channel", admins=[bot.id])
        bot.allowed_updates = list(ALLOWED)
        for person in people:
            actions.start(person, bot)
            chat = world.private_chat(person.id, bot.id)
            for text in COMMANDS:
                sent = actions.say(person, chat, text)
            actions.edit(person, chat, sent.id, "meant otherwise")
            await box.backend.send_file(person, chat, "photo", a_picture(), "p.jpg", "", "a picture")
            await box.backend.send_file(person, chat, "document", b"ref,shop\n", "goods.csv", "text/csv", "")
            said = ApiRequest(
                world, bot, "sendMessage", {"chat_id": person.id, "text": "A card"}, box.backend.limiter, {}
            )
            card = world.find_message(chat.key, (await box.backend.dispatcher.perform(said))["message_id"])
            assert card is not None
            for button in BUTTONS:
                values = {name: VALUES.get(name, items[0]) for name in button.model_fields}
                actions.press_button(person, chat, card, {"callback_data": button(**values).pack()})
            for text in ("/bind", "/goods@" + demo.USERNAME, "hello"):
                actions.say(person, group, text)
            for query in ("", "tea", "i7", "x" * 200):
                box.backend.inline.send_query(person, group, bot, query)
            actions.block(person, bot)
            actions.unblock(person, bot)
        actions.say(people[2], channel, "/bind")
        box.backend.groups.remove(group, [bot.id])
        return [json.loads(update.as_text()) for update in bot.updates]


COMMANDS = (
    *("/start i_abc", "/start c_ABCDEFGHIJKLMNOP", "/goods", "/mine", "/canvass", "/settings", "/help", "/privacy"),
    *("/desk", "/nonsense", "hello", "2026-12-01 10:00", "1001 3 thanks"),
)
ALLOWED = (
    *("message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "inline_query"),
    *("chosen_inline_result", "my_chat_member", "chat_member"),
)
VALUES = {
    **{"draw": 1, "position": 0, "of": 1, "view": "l", "page": 0, "category": "food", "fresh": False, "shown": 0},
    **{"what": "alerts", "do": "desk", "value": "1", "name": "A" * 16, "look": "p", "language": "en"},
}


class Telegram:
    """Stands for Telegram: accepts the calls that Telegram would accept, and refuses the others."""

    def __init__(self) -> None:
        self.answered: set[str] = set()
        self.calls = 0

    def _look(self, payload: dict[str, Any]) -> None:
        self.calls += 1
        orjson.dumps(payload)  # a value without a JSON form fails as it does in a real call
        chat = payload.get("chat_id", ANN)
        if not isinstance(chat, int) or abs(chat) >= 2**53 or chat == 0:
            raise TelegramBadRequest(GetMe(), "Bad Request: chat not found")

    async def call(self, _bot: Any, name: str, payload: dict[str, Any], seconds: float | None = None) -> Any:
        self._look(payload)
        if name == "answerCallbackQuery":
            self.answered.add(payload["callback_query_id"])
        return {"message_id": 7, "date": 1, "chat": {"id": ANN, "type": "private"}}

    async def make_request(self, bot: Any, method: Any, timeout: int | None = None) -> Any:
        self._look(method.model_dump(mode="json", include={"chat_id", "text", "caption"}, exclude_none=True))
        if method.__api_method__.startswith("answer"):
            return True
        if method.__returning__ is User:
            return User(id=bot.id, is_bot=True, first_name="Bot", username=demo.USERNAME)
        if method.__api_method__.startswith(("send", "edit", "copy", "forward")):
            chat = Chat(id=ANN, type="private")
            return Message(message_id=7, date=TUESDAY_TEN, chat=chat)
        if method.__returning__ is bool:
            return True
        raise TelegramBadRequest(method, "Bad Request: no")


class Complaints(logging.Handler):
    """A log record in few words."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.critical: list[str] = []
        self.tasks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.CRITICAL:
            self.critical.append(record.getMessage())
        if record.name == "asyncio":
            self.tasks.append(record.getMessage())


@contextmanager
def listening() -> Iterator[Complaints]:
    """Records complaints as texts. Kept log records would distort the measured memory."""
    root, heard = logging.getLogger(), Complaints()
    before, root.handlers[:] = root.handlers[:], [heard]
    try:
        yield heard
    finally:
        root.handlers[:] = before


@asynccontextmanager
async def open_bot(
    url: str, folder: Path, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[BotComponents, Services]]:
    """A bot with goods on display, whose calls go to `telegram`."""
    monkeypatch.setattr(BotSession, "call", lambda _self, *args, **rest: telegram.call(*args, **rest))
    monkeypatch.setattr(BotSession, "make_request", lambda _self, *args, **rest: telegram.make_request(*args, **rest))
    monkeypatch.setattr(processor, "_FIRST_PAUSE", 0.0)
    db = Database(url)
    try:
        await migrate(db)
        services = make_services(db, settings_for(folder, database_url=url), SystemClock(lambda: TUESDAY_TEN))
        await services.rounds.tick()
        await import_goods(services, folder / "goods", 40)
        assert await services.rounds.open_special()
        for person in (ANN, BOB, ORGANISER):
            await services.people.meet(person, "P", "en")
            await spend(services, person, "90000.00")
        running = make_components(services, DEMO_TOKEN, "http://127.0.0.1:1")
        yield running, services
        await running.bot.session.close()
    finally:
        await db.close()


async def feed(processor: UpdateProcessor, updates: Iterator[Update]) -> None:
    """Process all updates, eight at a time. Raises any exception that the processor lets through."""

    async def process_the_next() -> None:
        for update in updates:
            await processor.process(Ack(update))

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(process_the_next())


def resident() -> int:
    """The resident memory of this process in bytes."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def failed_by_a_bug(services: Services) -> list[str]:
    """Failed updates that are valid updates: a bug made them fail."""
    theirs = ("ValidationError:", "UpdateTypeLookupError:", "TelegramBadRequest:", "OverflowError:")
    rows = await ask(services.context.db, "SELECT error, content FROM failed_updates")
    ours = [row for row in rows if not row[0].startswith(theirs) and "out of int64 range" not in row[0]]
    return sorted(f"{error[:80]} {str(content)[:300]}" for error, content in ours)


@pytest.mark.parametrize(("kind", "number"), MUTATED)
async def test_r19_mutated_updates_break_nothing_and_leave_nothing_behind(
    kind: str, number: int, tmp_path: Path, server: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    url = file if kind == "sqlite" else postgres.address(await postgres.new_database(server))
    telegram, chance = Telegram(), random.Random(SEED)
    async with open_bot(url, tmp_path, telegram, monkeypatch) as (running, services):
        items = [item.id for item, _ in await services.goods.ranking(40)]
        real = await real_ones(items)
        with listening() as heard:
            await feed(running.processor, iter(real))
            assert not await ask(services.context.db, "SELECT error FROM failed_updates"), "whole ones are all handled"
            numbers = iter(range(10**6, 10**6 + number))

            def some(count: int) -> Iterator[Update]:
                return (mutated(chance.choice(real), next(numbers), chance) for _ in range(count))

            await feed(running.processor, some(number // 2))
            half = resident()
            await feed(running.processor, some(number - number // 2))
            assert resident() <= half * MORE_MEMORY
            assert not heard.critical and not heard.tasks
        assert not await failed_by_a_bug(services)
        assert telegram.calls > number / 2


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_r19_forged_buttons_are_answered_kindly(
    kind: str, tmp_path: Path, server: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    url = file if kind == "sqlite" else postgres.address(await postgres.new_database(server))
    telegram, chance = Telegram(), random.Random(SEED)
    async with open_bot(url, tmp_path, telegram, monkeypatch) as (running, services):
        taps = [update for update in await real_ones([1]) if "callback_query" in update]
        sent: list[Update] = []
        for number in range(FORGED):
            update = copy.deepcopy(chance.choice(taps))
            update["update_id"] = number
            update["callback_query"] |= {"id": f"q{number}", "data": forged(chance)}
            sent.append(update)
        await feed(running.processor, iter(sent))
        assert not await ask(services.context.db, "SELECT error FROM failed_updates")
        unanswered = {update["callback_query"]["id"]: update for update in sent}
        for answered in telegram.answered:
            del unanswered[answered]
        assert not unanswered, [update["callback_query"]["data"] for update in unanswered.values()][:10]


async def test_an_update_processor_that_trusts_its_input_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trusting(self: UpdateProcessor, ack: Ack) -> Any:
        return self._hot.get(str(ack.update.get("callback_query", {}).get("data")).partition(":")[0])

    telegram, chance = Telegram(), random.Random(SEED)
    async with open_bot(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, telegram, monkeypatch) as (
        running,
        services,
    ):
        monkeypatch.setattr(UpdateProcessor, "_hot_button", trusting)
        taps = [u for u in await real_ones([1]) if u.get("callback_query", {}).get("data", "").partition(":")[0] in HOT]
        with listening(), pytest.raises(AssertionError):
            await feed(running.processor, (mutated(chance.choice(taps), n, chance) for n in range(500)))
            assert not await failed_by_a_bug(services)
    assert callbacks.VoteCallback.__prefix__ in HOT
