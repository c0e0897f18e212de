"""The reception: what it does with an update that fails, and with one that comes while the database is away (R19)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
)
from aiogram.methods import SendMessage

from bot.services import Services
from bot.telegram.session import BotSession
from bot.updates import processor as module
from bot.updates.processor import ATTEMPTS, UpdateProcessor
from bot.wiring import make_components
from handlers.tap import Left
from services.failed_updates import storable
from storage.db import Database
from storage.errors import DatabaseUnavailable
from tests.bot.delivery.test_sender import TOKEN
from tests.conftest import meet
from tests.services.conftest import on_display, one, voter

ANN = 1001
REFUSED = TelegramBadRequest(SendMessage(chat_id=1, text="x"), "Bad Request: no")
BLOCKED = TelegramForbiddenError(SendMessage(chat_id=1, text="x"), "Forbidden: bot was blocked by the user")


def tap(number: int = 7, data: str = "v:1:0:0:1:l") -> dict[str, Any]:
    person = {"id": ANN, "is_bot": False, "first_name": "Ann", "language_code": "en"}
    photo = {"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1}
    message = {"message_id": 5, "date": 1, "chat": {"id": ANN, "type": "private"}, "photo": [photo]}
    return {
        "update_id": number,
        "callback_query": {"id": f"q{number}", "from": person, "data": data, "message": message, "chat_instance": "c"},
    }


class Told:
    """What Telegram was told."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.messages: list[str] = []

    async def call(self, _session: Any, _bot: Any, name: str, payload: dict[str, Any], *_: Any) -> Any:
        if name == "answerCallbackQuery":
            self.answers.append(payload.get("text", ""))
        return True

    async def make_request(self, _session: Any, _bot: Any, method: Any, *_: Any) -> Any:
        self.messages.append(method.text)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    told = Told()
    monkeypatch.setattr(BotSession, "call", lambda *given, **_: told.call(*given))
    monkeypatch.setattr(BotSession, "make_request", lambda *given, **_: told.make_request(*given))
    monkeypatch.setattr(module, "_FIRST_PAUSE", 0.0)
    return told


@pytest.fixture
async def processor(services: Services, told: Told) -> AsyncIterator[UpdateProcessor]:
    running = make_components(services, TOKEN, "http://127.0.0.1:1")
    yield running.processor
    await running.bot.session.close()


def failing(processor: UpdateProcessor, *errors: Exception) -> list[dict[str, Any]]:
    """Make the handling fail so often; gives the updates that it was tried with."""
    tried: list[dict[str, Any]] = []
    waiting = list(errors)
    whole: Callable[..., Awaitable[None]] = processor._handle

    async def handle(update: dict[str, Any], left: Left | None = None) -> None:
        tried.append(update)
        if waiting:
            raise waiting.pop(0)
        await whole(update, left)

    processor._handle = handle  # type: ignore[method-assign]
    return tried


async def failed_updates(services: Services) -> int:
    return await services.failed_updates.count()


async def test_an_error_that_passes_is_none(processor: UpdateProcessor, services: Services, told: Told) -> None:
    tried = failing(processor, KeyError("a bug"), KeyError("a bug"))
    await processor.receive(tap())
    assert len(tried) == 3 and await failed_updates(services) == 0
    assert told.answers == ["Nothing is stored about you here. /start begins anew."]


async def test_one_that_stays_is_kept_aside_and_excused(
    processor: UpdateProcessor, services: Services, told: Told
) -> None:
    tried = failing(processor, *[KeyError("a bug")] * 3)
    await processor.receive(tap())
    assert len(tried) == 3 and await failed_updates(services) == 1
    assert told.answers == ["Something went wrong on our side. Please try it again."]
    tried = failing(processor, *[KeyError("a bug")] * 3)
    await processor.receive(tap())
    assert await failed_updates(services) == 1, "what comes again after a kill is kept once"


async def test_what_telegram_refuses_is_not_tried_again(processor: UpdateProcessor, services: Services) -> None:
    tried = failing(processor, REFUSED)
    await processor.receive(tap())
    assert len(tried) == 1 and await failed_updates(services) == 1


async def test_an_aside_that_a_database_refuses_is_made_storable(services: Services) -> None:
    odd: Any = {"update_id": 2**70, "x": ["a\0b", "\ud800", float("inf")], "\0": 1}
    deep: Any = odd
    for _ in range(2_000):
        deep["deeper"] = deep = {}
    await services.failed_updates.keep(odd, None, "an error with \0 and \udfff", 3)
    assert await failed_updates(services) == 1
    assert storable(["a\0b", "\ud800"]) == ["a\ufffdb", "?"]


async def test_while_the_database_is_away_an_update_waits_and_is_done_when_it_is_back(
    processor: UpdateProcessor, services: Services, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    tried = failing(processor, *[DatabaseUnavailable("nobody there")] * 5)
    with caplog.at_level(logging.WARNING):
        await processor.receive(tap())
    assert len(tried) == 6 and await failed_updates(services) == 0 and len(told.answers) == 1
    said = [line.partition(",")[0].partition(" again")[0] for line in caplog.messages]
    assert said == ["the database is unavailable", "the database is available"]


def not_kept(services: Services, monkeypatch: pytest.MonkeyPatch, times: int) -> list[DatabaseUnavailable]:
    """So often keeping an update aside meets a database that is away; returns how often it still will."""
    whole, missing = type(services.failed_updates).keep, [DatabaseUnavailable("nobody there")] * times

    async def keep(self: Any, *given: Any) -> None:
        if missing:
            raise missing.pop()
        await whole(self, *given)

    monkeypatch.setattr(type(services.failed_updates), "keep", keep)
    return missing


async def test_what_is_to_be_kept_aside_waits_too(
    processor: UpdateProcessor, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(processor, *[REFUSED] * 4)
    missing = not_kept(services, monkeypatch, 3)
    await processor.receive(tap())
    assert await failed_updates(services) == 1 and not missing


async def test_what_failed_because_nothing_could_be_stored_is_done_when_that_can_be(
    processor: UpdateProcessor, services: Services, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that only reads for a while: the update fails like one with a bug, and cannot be kept either."""
    failing(processor, *[KeyError("only reading")] * 3)
    not_kept(services, monkeypatch, 1)
    await processor.receive(tap())
    assert await failed_updates(services) == 0 and told.answers == [
        "Nothing is stored about you here. /start begins anew."
    ]


async def test_what_is_noted_about_somebody_who_went_waits_too(
    processor: UpdateProcessor, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await meet(services, ANN)
    failing(processor, BLOCKED)
    whole, missing = type(services.people).gone, [DatabaseUnavailable("nobody there")] * 3

    async def gone(self: Any, *given: Any) -> None:
        if missing:
            raise missing.pop()
        await whole(self, *given)

    monkeypatch.setattr(type(services.people), "gone", gone)
    await processor.receive(tap())
    assert not missing and await failed_updates(services) == 0


async def test_whose_patience_ends_gets_it_back(processor: UpdateProcessor, services: Services) -> None:
    failing(processor, *[DatabaseUnavailable("nobody there")] * 100)
    with pytest.raises(DatabaseUnavailable):
        await processor.receive(tap(), 0.2)
    assert await failed_updates(services) == 0


async def test_a_stop_gives_back_what_waits(processor: UpdateProcessor) -> None:
    failing(processor, *[DatabaseUnavailable("nobody there")] * 1_000)
    waiting = asyncio.create_task(processor.receive(tap()))
    await asyncio.sleep(0)
    processor.stop()
    with pytest.raises(DatabaseUnavailable):
        await asyncio.wait_for(waiting, 2)


async def test_whoever_taps_meanwhile_is_told_once_and_reads_later_what_came_of_it(
    processor: UpdateProcessor, services: Services, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT_IS_LONG", 0.05)
    failing(processor, *[DatabaseUnavailable("nobody there")] * 100)
    for _ in range(2):  # by a webhook it comes again and again
        with pytest.raises(DatabaseUnavailable):
            await processor.receive(tap(), 0.3)
    assert len(told.answers) == 1 and "One moment" in told.answers[0]
    failing(processor)
    del processor.__dict__["_handle"]
    await processor.receive(tap())
    assert told.messages == ["Nothing is stored about you here. /start begins anew."]
    assert len(told.answers) == 1, "Telegram takes one answer to a tap"


async def test_who_has_an_answer_is_not_told_to_wait(
    processor: UpdateProcessor, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT_IS_LONG", 0.01)
    whole = processor._handle

    async def slow(update: dict[str, Any], left: Left | None = None) -> None:
        await whole(update, left)
        await asyncio.sleep(0.1)  # as by a redraw that takes long

    monkeypatch.setattr(processor, "_handle", slow)
    await processor.receive(tap())
    assert told.answers == ["Nothing is stored about you here. /start begins anew."]


TOO_MANY = TelegramRetryAfter(SendMessage(chat_id=1, text="x"), "Too Many Requests: retry after 1", 1)
NO_ANSWER = TelegramNetworkError(SendMessage(chat_id=1, text="x"), "Request timeout error")


async def test_an_answer_waits_while_telegram_takes_none(
    processor: UpdateProcessor, services: Services, told: Told
) -> None:
    tried = failing(processor, *[NO_ANSWER] * 4, TOO_MANY)
    began = time.monotonic()
    await processor.receive(tap())
    assert len(tried) == 6 and time.monotonic() - began > 1.0, "never earlier than Telegram says"
    assert await failed_updates(services) == 0 and len(told.answers) == 1


async def test_who_writes_too_much_for_one_chat_gets_the_newest_answer(
    processor: UpdateProcessor, services: Services
) -> None:
    tried = failing(processor, TOO_MANY, NO_ANSWER)
    await processor.receive(tap(), more=lambda: True)
    assert len(tried) == 1, "what was done about it is done; the answer to the next one is what they read"
    await processor.receive(tap(8), more=lambda: True)
    assert len(tried) == 3 and await failed_updates(services) == 0, "anything else that is lost comes again"


async def test_few_wait_for_telegram_so_that_all_others_come_through(
    processor: UpdateProcessor, services: Services, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_WAIT", 2)
    later = TelegramRetryAfter(SendMessage(chat_id=1, text="x"), "Too Many Requests: retry after 30", 30)
    failing(processor, *[later] * 2, *[later] * ATTEMPTS)
    waiting = [asyncio.create_task(processor.receive(tap(number))) for number in (1, 2)]
    await asyncio.sleep(0)
    await asyncio.wait_for(processor.receive(tap(3)), 5)
    assert await failed_updates(services) == 1 and not any(task.done() for task in waiting)
    processor.stop()  # it ends their waiting, not their trying
    await asyncio.wait_for(asyncio.gather(*waiting), 5)
    assert await failed_updates(services) == 1


async def test_nobody_waits_longer_for_telegram_than_a_minute_or_the_webhooks_patience(
    processor: UpdateProcessor, services: Services
) -> None:
    never = TelegramRetryAfter(SendMessage(chat_id=1, text="x"), "Too Many Requests: retry after 61", 61)
    tried = failing(processor, *[never] * ATTEMPTS)
    await asyncio.wait_for(processor.receive(tap()), 5)
    assert len(tried) == ATTEMPTS and await failed_updates(services) == 1
    failing(processor, *[NO_ANSWER] * 100)
    await asyncio.wait_for(processor.receive(tap(8), patience=0.5), 5)
    assert await failed_updates(services) == 2


def blocked(number: int) -> dict[str, Any]:
    """Ann has blocked the bot."""
    status = {"user": {"id": 1, "is_bot": True, "first_name": "Bot"}}
    return {
        "update_id": number,
        "my_chat_member": {
            "chat": {"id": ANN, "type": "private"},
            "from": tap()["callback_query"]["from"],
            "date": 1,
            "old_chat_member": status | {"status": "member"},
            "new_chat_member": status | {"status": "kicked", "until_date": 0},
        },
    }


async def test_r36_no_old_button_and_no_blocking_stores_whoever_had_everything_deleted(
    processor: UpdateProcessor, services: Services, told: Told, db: Database
) -> None:
    member = await meet(services, ANN)
    await services.people.forget(member)
    for number, data in enumerate(("v:1:0:0:1:l", "g:1:1:0:28:l", "n::0", "f:1:0:0:1:l", "k:1", "nonsense")):
        await processor.receive(tap(10 + number, data))
    assert told.answers == ["Nothing is stored about you here. /start begins anew."] * 6
    await processor.receive(blocked(20))
    assert await services.people.find(ANN) is None and await failed_updates(services) == 0
    assert await one(db, "SELECT count(*) FROM members WHERE chat_id IS NOT NULL") == 0


async def test_r19_a_vote_is_on_its_way_once_it_is_stored_and_both_calls_have_left(
    display: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From then on Telegram need not bring it again: a kill finds the vote in the database and its answer outside."""
    await voter(display, ANN)
    item = (await on_display(display))[0]
    calls: list[str] = []
    answered, on_its_way = asyncio.Event(), asyncio.Event()
    calls_at_left: list[int] = []

    async def call(_session: Any, _bot: Any, name: str, _payload: Any, *, left: Left | None = None) -> None:
        calls.append(name)
        assert left is not None
        left()
        await answered.wait()

    def told_left() -> None:
        calls_at_left.append(len(calls))
        on_its_way.set()

    monkeypatch.setattr(BotSession, "call", call)
    running = make_components(display, TOKEN, "http://127.0.0.1:1")
    handling = asyncio.create_task(running.processor.receive(tap(data=f"v:{item}:0:0:1:l"), left=told_left))
    await asyncio.wait_for(on_its_way.wait(), 5)
    assert calls == ["answerCallbackQuery", "editMessageCaption"] and not handling.done()
    assert await one(display.context.db, "SELECT count(*) FROM votes") == 1
    answered.set()
    await handling
    assert calls_at_left == [2]
    await running.bot.session.close()


@pytest.mark.parametrize("broken", ["id", "from", "data", "message"])
async def test_a_tap_that_is_not_whole_is_not_ours_to_stumble_over(
    broken: str, processor: UpdateProcessor, services: Services
) -> None:
    update = tap()
    del update["callback_query"][broken]
    await processor.receive(update)
    update["callback_query"][broken] = []
    await processor.receive(update | {"update_id": 8})
    assert processor._hot_button(update) is None


@pytest.mark.parametrize("odd", [True, "1001", 1.5, -3, 2**60, None])
async def test_whoever_has_no_number_is_nobody_and_their_update_is_kept(
    odd: Any, processor: UpdateProcessor, services: Services
) -> None:
    failing(processor, REFUSED)
    update = tap()
    update["callback_query"]["from"]["id"] = odd
    await asyncio.wait_for(processor.receive(update), 10)
    assert await failed_updates(services) == 1 and module.sender_id(update) == 0
