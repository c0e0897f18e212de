"""Methods that are not simulated: every method of aiogram is known, validated and answered with its result type."""

from __future__ import annotations

from typing import Any

from aiogram.methods import TelegramMethod
from pydantic import TypeAdapter

from sandbox.bot_api.catalogue import method_schemas
from sandbox.bot_api.methods import HANDLERS
from tests.sandbox.harness import ANN, Harness

OF_THE_DISPATCHER = {"getupdates", "setwebhook", "deletewebhook", "getwebhookinfo"}
SPECIAL = {"logout", "close"}


def test_every_handler_is_a_method_of_the_bot_api() -> None:
    assert HANDLERS.keys() <= method_schemas().keys()
    assert method_schemas().keys() >= OF_THE_DISPATCHER
    assert len(method_schemas()) > 180


def given(known: Any, ids: dict[str, Any]) -> dict[str, Any]:
    """Valid parameters: an existing chat, and a sample for each other required field."""
    values: dict[str, Any] = {"chat_id": ids["super"], "user_id": ANN}
    for name in known.required:
        values.setdefault(name, SAMPLES.get(name, "1"))
    return values


SAMPLES: dict[str, Any] = {
    "photo": {"type": "static", "photo": "attach://x"},
    "sticker": {"sticker": "x", "format": "static", "emoji_list": ["🙂"]},
    "stickers": [],
    "errors": [],
    "content": {"type": "photo", "photo": "attach://x"},
    "media": [],
    "prices": [],
    "permissions": {},
    "checklist": {"title": "t", "tasks": [{"id": 1, "text": "x"}]},
    "keywords": [],
    "emoji_list": ["🙂"],
    "custom_emoji_ids": [],
    "message_ids": [1],
    "accepted_gift_types": {
        "unlimited_gifts": True,
        "limited_gifts": True,
        "unique_gifts": True,
        "premium_subscription": True,
        "gifts_from_channels": True,
    },
    "result": {"type": "article", "id": "a", "title": "t", "input_message_content": {"message_text": "x"}},
}


async def test_every_other_method_answers_with_its_result_type(harness: Harness) -> None:
    wrong = []
    tried = 0
    for name, known in method_schemas().items():
        if name in HANDLERS or name in OF_THE_DISPATCHER:
            continue
        tried += 1
        answer = await harness.call(known.name, **given(known, harness.ids))
        try:
            TypeAdapter(known.returning).validate_python(answer.result)
        except Exception as error:
            wrong.append((known.name, answer.body, str(error)[:300]))
    assert not wrong
    assert tried > 90


async def test_required_and_typed_parameters_are_checked(harness: Harness) -> None:
    missing = await harness.call("sendChecklist", chat_id=ANN, business_connection_id="x")
    assert missing.refusal == (400, 'Bad Request: parameter "checklist" is required')
    malformed = await harness.call("sendChecklist", chat_id=ANN, business_connection_id="x", checklist={"title": 5})
    assert malformed.refusal[0] == 400 and malformed.refusal[1].startswith("Bad Request: can't parse checklist: ")
    unknown = await harness.call("createForumTopic", chat_id=424242, name="x")
    assert unknown.refusal == (400, "Bad Request: chat not found")


def test_parameters_read_by_simulated_methods_exist_in_aiogram() -> None:
    """The parameters that the simulated methods read exist in aiogram's classes."""
    import aiogram.methods

    fields = {
        cls.__api_method__.lower(): set(cls.model_fields)
        for cls in vars(aiogram.methods).values()
        if isinstance(cls, type) and issubclass(cls, TelegramMethod) and cls is not TelegramMethod
    }
    read = {
        "sendmessage": {"chat_id", "text", "parse_mode", "entities", "reply_markup", "reply_parameters"},
        "sendphoto": {"chat_id", "photo", "caption", "parse_mode", "has_spoiler", "show_caption_above_media"},
        "editmessagetext": {"chat_id", "message_id", "inline_message_id", "text", "rich_message"},
        "answercallbackquery": {"callback_query_id", "text", "show_alert", "url"},
        "answerinlinequery": {"inline_query_id", "results", "next_offset", "button"},
    }
    for name, parameters in read.items():
        assert parameters <= fields[name]
