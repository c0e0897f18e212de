"""Updates with fields that are missing, malformed or of later versions of the Bot API: what handlers need is enough."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SendMessage

from bot.services import Services
from bot.telegram.needed import needed
from bot.telegram.session import BotSession
from bot.updates.processor import Ack, AckState, UpdateProcessor
from bot.wiring import make_components
from storage.db import Database
from tests.bot.delivery.sender_kit import TOKEN
from tests.conftest import meet
from tests.services.conftest import ask

ANN = 1001
PERSON = {"id": ANN, "is_bot": False, "first_name": "Ann", "language_code": "en"}
PRIVATE = {"id": ANN, "type": "private", "first_name": "Ann"}
GROUP_ID = -1001
GROUP = {"id": GROUP_ID, "type": "supergroup", "title": "Neighbours"}
HIDDEN = {"type": "hidden_user", "date": 1}
"""The origin of a message by a deleted account that hid its name."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the bot sends."""
    texts: list[str] = []

    async def make_request(_session: Any, _bot: Any, method: Any, **_: Any) -> None:
        texts.append(str(getattr(method, "text", "") or getattr(method, "caption", "")))

    async def call(_session: Any, _bot: Any, name: str, payload: dict[str, Any], *_: Any, **__: Any) -> bool:
        texts.append(str(payload.get("text", "")))
        return True

    monkeypatch.setattr(BotSession, "make_request", make_request)
    monkeypatch.setattr(BotSession, "call", call)
    return texts


@pytest.fixture
async def processor(services: Services, sent: list[str]) -> AsyncIterator[UpdateProcessor]:
    running = make_components(services, TOKEN, "http://127.0.0.1:1")
    yield running.processor
    await running.bot.session.close()


async def processed(processor: UpdateProcessor, **event: Any) -> AckState:
    ack = Ack({"update_id": 7, **event})
    await processor.process(ack)
    return ack.state


@pytest.mark.parametrize(
    "more",
    [
        {"forward_origin": HIDDEN},
        {"reply_to_message": {"message_id": 3, "date": 1, "chat": PRIVATE, "forward_origin": HIDDEN}},
        {"reply_to_message": {"message_id": 3}, "entities": [{"type": "of 2027"}], "sticker": "none"},
        {"date": "yesterday", "photo": {}, "external_reply": 5, "of_2027": {"x": [1]}},
    ],
)
async def test_a_command_is_answered_whatever_comes_with_it(
    processor: UpdateProcessor, sent: list[str], more: dict[str, Any]
) -> None:
    message = {"message_id": 4, "date": 1, "from": PERSON, "chat": PRIVATE, "text": "/help", **more}
    assert await processed(processor, message=message) is AckState.HANDLED
    assert len(sent) == 2 and sent[1], "the greeting of a newcomer, and the answer"


@pytest.mark.parametrize(
    "old",
    [
        {"status": "administrator", "user": PERSON, "can_be_edited": False},
        {"status": "administrator"},
        {"status": "restricted", "user": {"id": 9}},
        {"status": "of 2027"},
        {},
        None,
    ],
)
async def test_a_group_that_removed_the_bot_is_unbound_whatever_rights_are_named(
    processor: UpdateProcessor, sent: list[str], services: Services, old: object
) -> None:
    await services.chats.bind(GROUP_ID, "en")
    change = {"chat": GROUP, "from": PERSON, "date": 1, "old_chat_member": old}
    state = await processed(processor, my_chat_member={**change, "new_chat_member": {"status": "kicked"}})
    assert state is AckState.HANDLED and await services.chats.find(GROUP_ID) is None


async def test_a_tap_on_a_hot_button_needs_little_of_its_user(
    processor: UpdateProcessor, sent: list[str], services: Services
) -> None:
    await services.people.meet(ANN, "Ann", "en")
    message = {"message_id": 5, "chat": PRIVATE, "photo": [{"of_2027": 1}]}
    person = {"id": ANN, "is_bot": None, "first_name": "Ann", "username": 5, "language_code": ["en"]}
    query = {"id": "q", "from": person, "data": "v:1:0:0:1:l", "message": message}
    assert await processed(processor, callback_query=query) is AckState.HANDLED
    assert sent


async def test_an_update_without_what_is_needed_is_stored_as_failed(
    processor: UpdateProcessor, sent: list[str]
) -> None:
    assert await processed(processor, message={"message_id": 4, "from": PERSON, "text": "/help"}) is AckState.FAILED


async def test_of_every_kind_that_is_asked_for_only_the_needed_part_is_taken(services: Services) -> None:
    running = make_components(services, TOKEN, "http://127.0.0.1:1")
    asked_for = running.dispatcher.resolve_used_update_types()
    assert asked_for
    for kind in asked_for:
        assert "of_2027" not in needed({"update_id": 1, kind: {"of_2027": 1}})[kind], kind
    await running.bot.session.close()


async def test_r36_a_deletion_whose_answer_telegram_refuses_stores_nothing_about_the_person(
    services: Services, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their data is gone by then, and the tap was stored as a failed update for 14 days."""
    await meet(services, ANN)

    async def refuse(*_: Any, **__: Any) -> Any:
        raise TelegramBadRequest(SendMessage(chat_id=1, text="x"), "Bad Request: no")

    monkeypatch.setattr(BotSession, "call", refuse)
    running = make_components(services, TOKEN, "http://127.0.0.1:1")
    tap = {"id": "q", "from": PERSON, "data": "r:delete", "chat_instance": "c"}
    message = {"message_id": 5, "date": 1, "chat": PRIVATE, "text": "delete?"}
    assert await processed(running.processor, callback_query={**tap, "message": message}) is AckState.FAILED
    assert await services.people.find(ANN) is None
    ((content, person),) = await ask(db, "SELECT CAST(content AS TEXT), person_id FROM failed_updates")
    assert json.loads(content) == {"update_id": 7, "callback_query": {"data": "r:delete"}} and person is None
    await running.bot.session.close()
