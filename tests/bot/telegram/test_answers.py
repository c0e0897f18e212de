"""Answers to sent messages: what is not read of them may be missing, malformed or new (Bot API, Message)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiogram.exceptions import ClientDecodeError
from aiogram.methods import EditMessageMedia, GetMe, SendMessage, SendPhoto
from aiogram.types import InputMediaPhoto

from bot.telegram.session import BotSession, make_bot

TOKEN = "123456:a-token-for-tests-of-answers"
SIZES = [{"file_id": name, "file_unique_id": "u", "width": 9, "height": 9} for name in ("small", "large")]
BOT = {"id": 123456, "is_bot": True, "first_name": "Bot", "username": "shop_bot"}
SENT: dict[str, Any] = {
    **{"message_id": 7, "date": 5, "chat": {"id": 1001, "type": "private", "first_name": "Ann"}, "from": BOT},
    **{"photo": SIZES, "caption": "x", "reply_to_message": {"message_id": 3}, "entities": [{"type": "bold"}]},
}


def read(method: Any, answer: object) -> Any:
    bot = make_bot(TOKEN, "http://127.0.0.1:1")
    assert isinstance(bot.session, BotSession)
    return bot.session.check_response(bot, method, 200, json.dumps(answer)).result


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"date": "yesterday", "entities": 5, "of_2027": {"x": 1}},
        {"forward_origin": {"type": "hidden_user"}, "reply_markup": {"inline_keyboard": [[{"of_2027": 1}]]}},
        {"chat": {"id": 1001, "type": "private", "photo": "none"}, "from": {"id": 123456, "username": "shop_bot"}},
        {"photo": [{"of_2027": 1}, {"file_id": "large"}]},
    ],
)
@pytest.mark.parametrize(
    "method", [SendPhoto(chat_id=1001, photo="p"), EditMessageMedia(media=InputMediaPhoto(media="p"))]
)
def test_a_sent_message_is_understood_whatever_comes_with_it(method: Any, odd: dict[str, Any]) -> None:
    message = read(method, {"ok": True, "result": {**SENT, **odd}})
    assert (message.message_id, message.photo[-1].file_id) == (7, "large")


def test_a_message_without_a_number_is_an_unreadable_answer() -> None:
    with pytest.raises(ClientDecodeError):
        read(SendMessage(chat_id=1001, text="x"), {"ok": True, "result": {**SENT, "message_id": "x"}})


def test_other_answers_are_read_whole() -> None:
    assert read(GetMe(), {"ok": True, "result": {**BOT, "supports_inline_queries": True}}).supports_inline_queries
    assert read(EditMessageMedia(media=InputMediaPhoto(media="p")), {"ok": True, "result": True}) is True
