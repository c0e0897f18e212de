"""What the processor does with updates that fail or arrive while the database is unavailable (R19)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
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
from bot.updates.processor import ATTEMPTS, Ack, AckState, UpdateProcessor
from bot.wiring import make_components
from domain.people import Member
from services.operations import storable
from storage.db import Database
from storage.db.errors import DatabaseUnavailable
from tests.bot.delivery.sender_kit import TOKEN
from tests.conftest import meet
from tests.services.conftest import on_display, one, voter
from tests.virtual_clock import VirtualClock

ANN = 1001
REFUSED = TelegramBadRequest(SendMessage(chat_id=1, text="x"), "Bad Request: no")
BLOCKED = TelegramForbiddenError(SendMessage(chat_id=1, text="x"), "Forbidden: bot was blocked by the user")
TOO_MANY = TelegramRetryAfter(SendMessage(chat_id=1, text="x"), "Too Many Requests: retry after 1", 1)
NO_ANSWER = TelegramNetworkError(SendMessage(chat_id=1, text="x"), "Request timeout error")
UNAVAILABLE = DatabaseUnavailable("connection refused")
START_ANEW = "Nothing is stored about you here. /start begins anew."


def tap(number: int = 7, data: str = "v:1:0:0:1:l") -> dict[str, Any]:
    person = {"id": ANN, "is_bot": False, "first_name": "Ann", "language_code": "en"}
    photo = {"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1}
    message = {"message_id": 5, "date": 1, "chat": {"id": ANN, "type": "private"}, "photo": [photo]}
    return {
        "update_id": number,
        "callback_query": {"id": f"q{number}", "from": person, "data": data, "message": message, "chat_instance": "c"},
    }


class Telegram:
    """Records what the bot sends."""

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
def telegram(monkeypatch: pytest.MonkeyPatch) -> Telegram:
    telegram = Telegram()
    monkeypatch.setattr(BotSession, "call", lambda *given, **_: telegram.call(*given))
    monkeypatch.setattr(BotSession, "make_request", lambda *given, **_: telegram.make_request(*given))
    return telegram


@pytest.fixture
def clock(services: Services) -> VirtualClock:
    services.context.clock = clock = VirtualClock(services.context.clock.now())
    return clock


@pytest.fixture
async def processor(services: Services, telegram: Telegram, clock: VirtualClock) -> AsyncIterator[UpdateProcessor]:
    running = make_components(services, TOKEN, "http://127.0.0.1:1")
    yield running.processor
    await running.bot.session.close()


def failing(processor: UpdateProcessor, *errors: Exception) -> list[dict[str, Any]]:
    """Let the first attempts fail with these errors; gives the updates that were tried."""
    tried: list[dict[str, Any]] = []
    waiting = list(errors)

    async def handle(work: module._Work) -> None:
        tried.append(work.ack.update)
        if waiting:
            raise waiting.pop(0)
        await processor._handle(work)

    processor._steps[AckState.HANDLED] = handle
    return tried


async def process(processor: UpdateProcessor, update: dict[str, Any], **more: Any) -> AckState:
    """Process an update on a virtual clock; gives its final state."""
    ack, clock = Ack(update, **more), processor.clock
    assert isinstance(clock, VirtualClock)
    await clock.finish(processor.process(ack))
    return ack.state


async def failed_updates(services: Services) -> int:
    return await services.failed_updates.count()


async def test_a_transient_error_is_retried_and_not_stored(
    processor: UpdateProcessor, services: Services, telegram: Telegram
) -> None:
    tried = failing(processor, KeyError("a bug"), KeyError("a bug"))
    assert await process(processor, tap()) is AckState.HANDLED
    assert len(tried) == 3 and await failed_updates(services) == 0
    assert telegram.answers == [START_ANEW]


async def test_an_update_that_keeps_failing_is_stored_once_and_the_user_gets_an_apology(
    processor: UpdateProcessor, services: Services, telegram: Telegram
) -> None:
    tried = failing(processor, *[KeyError("a bug")] * 3)
    assert await process(processor, tap()) is AckState.FAILED
    assert len(tried) == 3 and await failed_updates(services) == 1
    assert telegram.answers == ["Something went wrong on our side. Please try it again."]
    failing(processor, *[KeyError("a bug")] * 3)
    await process(processor, tap())
    assert await failed_updates(services) == 1, "delivered again after a crash, it is stored once"


async def test_what_telegram_refuses_is_not_tried_again(processor: UpdateProcessor, services: Services) -> None:
    tried = failing(processor, REFUSED)
    await process(processor, tap())
    assert len(tried) == 1 and await failed_updates(services) == 1


async def test_a_failed_update_that_a_database_refuses_is_made_storable(services: Services) -> None:
    odd: Any = {"update_id": 2**70, "x": ["a\0b", "\ud800", float("inf")], "\0": 1}
    deep: Any = odd
    for _ in range(2_000):
        deep["deeper"] = deep = {}
    await services.failed_updates.keep(odd, None, "an error with \0 and \udfff", 3)
    assert await failed_updates(services) == 1
    assert storable(["a\0b", "\ud800"]) == ["a\ufffdb", "?"]


async def test_while_the_database_is_unavailable_an_update_waits_and_is_then_handled(
    processor: UpdateProcessor, services: Services, telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    tried = failing(processor, *[UNAVAILABLE] * 5)
    with caplog.at_level(logging.WARNING):
        await process(processor, tap())
    assert len(tried) == 6 and await failed_updates(services) == 0 and len(telegram.answers) == 1
    assert len(caplog.records) == 2, "one line when the outage begins, and one when it ends"


def not_stored(services: Services, monkeypatch: pytest.MonkeyPatch, times: int) -> list[DatabaseUnavailable]:
    """Let the first attempts to store a failed update fail; gives the errors that are still to come."""
    keep, missing = type(services.failed_updates).keep, [UNAVAILABLE] * times

    async def keep_later(self: Any, *given: Any) -> None:
        if missing:
            raise missing.pop()
        await keep(self, *given)

    monkeypatch.setattr(type(services.failed_updates), "keep", keep_later)
    return missing


async def test_storing_a_failed_update_waits_for_the_database_too(
    processor: UpdateProcessor, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(processor, *[REFUSED] * 4)
    missing = not_stored(services, monkeypatch, 3)
    await process(processor, tap())
    assert await failed_updates(services) == 1 and not missing


async def test_an_update_that_failed_because_nothing_could_be_stored_is_handled_later(
    processor: UpdateProcessor, services: Services, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that is read-only for a while: the update fails as by a bug, and cannot be stored either."""
    failing(processor, *[KeyError("read-only")] * 3)
    not_stored(services, monkeypatch, 1)
    await process(processor, tap())
    assert await failed_updates(services) == 0 and telegram.answers == [START_ANEW]


async def test_recording_that_a_user_has_blocked_the_bot_waits_for_the_database_too(
    processor: UpdateProcessor, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await meet(services, ANN)
    failing(processor, BLOCKED)
    gone, missing = type(services.people).mark_unreachable, [UNAVAILABLE] * 3

    async def gone_later(self: Any, *given: Any) -> None:
        if missing:
            raise missing.pop()
        await gone(self, *given)

    monkeypatch.setattr(type(services.people), "mark_unreachable", gone_later)
    assert await process(processor, tap()) is AckState.BLOCKED
    assert not missing and await failed_updates(services) == 0


@pytest.mark.parametrize("said", ["chat not found", "user not found", "PEER_ID_INVALID"])
async def test_an_answer_to_an_unreachable_user_is_no_failed_update(
    processor: UpdateProcessor, services: Services, db: Database, said: str
) -> None:
    await meet(services, ANN)
    failing(processor, TelegramBadRequest(SendMessage(chat_id=1, text="x"), f"Bad Request: {said}"))
    assert await process(processor, tap()) is AckState.BLOCKED
    assert await failed_updates(services) == 0
    assert await one(db, "SELECT unreachable FROM members") == "unreachable"


async def test_a_group_that_refuses_an_answer_makes_no_member_unreachable(
    processor: UpdateProcessor, services: Services, db: Database
) -> None:
    await meet(services, ANN)
    kicked = TelegramForbiddenError(SendMessage(chat_id=-5, text="x"), "Forbidden: bot was kicked from the group chat")
    failing(processor, kicked)
    update = tap()
    update["callback_query"]["message"]["chat"] = {"id": -5, "type": "group", "title": "Neighbours"}
    assert await process(processor, update) is AckState.BLOCKED
    assert await one(db, "SELECT unreachable FROM members") is None


async def test_an_update_is_returned_when_its_patience_ends(processor: UpdateProcessor, services: Services) -> None:
    failing(processor, *[UNAVAILABLE] * 100)
    assert await process(processor, tap(), patience=0.2) is AckState.RETURNED
    assert await failed_updates(services) == 0


async def test_a_stop_returns_updates_that_wait_for_the_database(
    processor: UpdateProcessor, clock: VirtualClock
) -> None:
    failing(processor, *[UNAVAILABLE] * 1_000)
    ack = Ack(tap())
    waiting = asyncio.create_task(processor.process(ack))
    await clock.sleeping()
    processor.stop()
    await waiting
    assert ack.state is AckState.RETURNED


async def test_the_user_of_a_slow_tap_gets_one_notice_and_later_the_result_as_a_message(
    processor: UpdateProcessor, telegram: Telegram, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NOTICE_AFTER", 0)
    failing(processor, *[UNAVAILABLE] * 100)
    for _ in range(2):  # by webhook it is delivered again and again
        assert await process(processor, tap(), patience=0.3) is AckState.RETURNED
    assert len(telegram.answers) == 1 and "One moment" in telegram.answers[0]
    failing(processor)
    await process(processor, tap())
    assert telegram.messages == [START_ANEW]
    assert len(telegram.answers) == 1, "Telegram accepts one answer to a tap"


async def test_a_tap_that_has_its_answer_gets_no_notice(
    processor: UpdateProcessor, telegram: Telegram, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices: list[str] = []
    monkeypatch.setattr(module, "NOTICE_AFTER", 0)

    async def slow(work: module._Work) -> None:
        await processor._handle(work)
        await clock.sleep(60)  # as by an edit that takes long

    notice = processor._notice

    async def counted(ack: Ack, query_id: str) -> None:
        await clock.sleep(30)
        await notice(ack, query_id)
        notices.append(query_id)

    monkeypatch.setattr(processor, "_notice", counted)
    processor._steps[AckState.HANDLED] = slow
    await process(processor, tap())
    assert notices == ["q7"] and telegram.answers == [START_ANEW]


async def test_an_answer_is_retried_while_telegram_refuses_it_and_never_too_early(
    processor: UpdateProcessor, services: Services, telegram: Telegram, clock: VirtualClock
) -> None:
    tried = failing(processor, *[NO_ANSWER] * 4, TOO_MANY)
    began = clock.monotonic()
    await process(processor, tap())
    assert len(tried) == 6 and clock.monotonic() - began >= 1.0
    assert await failed_updates(services) == 0 and len(telegram.answers) == 1


async def test_a_user_who_floods_the_chat_gets_the_newest_answer_only(
    processor: UpdateProcessor, services: Services
) -> None:
    tried = failing(processor, TOO_MANY, NO_ANSWER)
    assert await process(processor, tap(), superseded=True) is AckState.SUPERSEDED
    assert len(tried) == 1, "its effects are committed; the answer to the next one is what the user reads"
    assert await process(processor, tap(8), superseded=True) is AckState.HANDLED
    assert len(tried) == 3 and await failed_updates(services) == 0, "after any other error the answer is sent again"


async def test_few_updates_wait_for_telegram_so_that_the_others_are_processed(
    processor: UpdateProcessor, services: Services, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_WAITING", 2)
    later = TelegramRetryAfter(SendMessage(chat_id=1, text="x"), "Too Many Requests: retry after 30", 30)
    failing(processor, *[later] * 2, *[later] * ATTEMPTS)
    waiting = [asyncio.create_task(processor.process(Ack(tap(number)))) for number in (1, 2)]
    await clock.sleeping(2)
    third = Ack(tap(3))
    processing = asyncio.create_task(processor.process(third))
    for _ in range(ATTEMPTS - 1):
        await clock.sleeping(3)
        await clock.advance(1.0)
    await processing
    assert third.state is AckState.FAILED and not any(task.done() for task in waiting)
    processor.stop()  # ends their waiting, not their attempts
    await asyncio.gather(*waiting)
    assert await failed_updates(services) == 1


async def test_no_update_waits_longer_for_telegram_than_a_minute_or_the_webhooks_patience(
    processor: UpdateProcessor, services: Services
) -> None:
    never = TelegramRetryAfter(SendMessage(chat_id=1, text="x"), "Too Many Requests: retry after 61", 61)
    tried = failing(processor, *[never] * ATTEMPTS)
    assert await process(processor, tap()) is AckState.FAILED
    assert len(tried) == ATTEMPTS and await failed_updates(services) == 1
    failing(processor, *[NO_ANSWER] * 100)
    assert await process(processor, tap(8), patience=0.5) is AckState.FAILED
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


async def test_r36_neither_old_buttons_nor_blocking_store_an_erased_user(
    processor: UpdateProcessor, services: Services, telegram: Telegram, db: Database
) -> None:
    member = await meet(services, ANN)
    await services.people.erase(member)
    for number, data in enumerate(("v:1:0:0:1:l", "g:1:1:0:28:l", "n::0", "f:1:0:0:1:l", "k:1", "nonsense")):
        await process(processor, tap(10 + number, data))
    assert telegram.answers == [START_ANEW] * 6
    await process(processor, blocked(20))
    assert await services.people.find(ANN) is None and await failed_updates(services) == 0
    assert await one(db, "SELECT count(*) FROM members WHERE chat_id IS NOT NULL") == 0


async def test_r36_a_tap_that_meets_the_deletion_is_answered_as_a_tap_after_it(
    processor: UpdateProcessor, services: Services, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await meet(services, ANN)
    await services.people.erase(member)

    async def read_before(*_: object) -> Member:
        return member

    monkeypatch.setattr(services.people, "meet_known", read_before)
    await process(processor, tap(10, "v:1:0:0:1:l"))
    await process(processor, tap(11, "f:1:0:0:1:l"))
    assert telegram.answers == [START_ANEW] * 2 and await failed_updates(services) == 0


async def test_r19_a_vote_is_committed_before_its_calls_and_handled_once_telegram_has_answered_them(
    display: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash before that finds the vote in the database, and Telegram delivers the tap again."""
    await voter(display, ANN)
    item = (await on_display(display))[0]
    calls: list[str] = []
    both_sent, answered = asyncio.Event(), asyncio.Event()

    async def call(_session: Any, _bot: Any, name: str, _payload: Any) -> None:
        calls.append(name)
        if len(calls) == 2:
            both_sent.set()
        await answered.wait()

    monkeypatch.setattr(BotSession, "call", call)
    running = make_components(display, TOKEN, "http://127.0.0.1:1")
    ack = Ack(tap(data=f"v:{item}:0:0:1:l"))
    processing = asyncio.create_task(running.processor.process(ack))
    await both_sent.wait()
    assert calls == ["answerCallbackQuery", "editMessageCaption"] and ack.state is AckState.PENDING
    assert await one(display.context.db, "SELECT count(*) FROM votes") == 1
    answered.set()
    await processing
    assert len(calls) == 2 and ack.state is AckState.HANDLED
    await running.bot.session.close()


@pytest.mark.parametrize("broken", ["id", "from", "data", "message"])
async def test_a_malformed_tap_is_settled_without_an_error(
    broken: str, processor: UpdateProcessor, services: Services
) -> None:
    update = tap()
    del update["callback_query"][broken]
    await process(processor, update)
    update["callback_query"][broken] = []
    await process(processor, update | {"update_id": 8})
    assert processor._hot_button(Ack(update)) is None


@pytest.mark.parametrize("odd", [True, "1001", 1.5, -3, 2**60, None])
async def test_an_update_without_a_valid_sender_belongs_to_no_user_and_is_stored(
    odd: Any, processor: UpdateProcessor, services: Services
) -> None:
    failing(processor, REFUSED)
    update = tap()
    update["callback_query"]["from"]["id"] = odd
    assert await process(processor, update) is AckState.FAILED
    assert await failed_updates(services) == 1 and Ack(update).user_id == 0
