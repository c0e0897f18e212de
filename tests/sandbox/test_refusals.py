"""Refused calls: status codes and descriptions are exactly those of Telegram."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.harness import ANN, OTHER_TOKEN, Harness, png
from tests.sandbox.refusals import BAD, REFUSALS, STALE


def filled(value: Any, ids: dict[str, Any]) -> Any:
    """Replace "$name" by the id in `Harness.ids`."""
    if isinstance(value, str) and value.startswith("$"):
        return ids[value[1:]]
    if isinstance(value, dict):
        return {name: filled(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    return value


async def test_every_refusal_has_the_exact_code_and_description(harness: Harness) -> None:
    wrong = []
    for method, params, code, description in REFUSALS:
        answer = await harness.call(method, **filled(params, harness.ids))
        if answer.body.get("ok") or answer.refusal != (code, description):
            wrong.append((method, params, description, answer.body))
    assert not wrong
    assert len(REFUSALS) >= 70


async def test_refused_calls_change_nothing(harness: Harness) -> None:
    before = harness.box.world.dump()
    for method, params, _, _ in REFUSALS:
        await harness.call(method, **filled(params, harness.ids))
    assert harness.box.world.dump() == before


@pytest.mark.parametrize(
    ("token", "code", "description"),
    [
        ("nonsense", 401, "Unauthorized: invalid token specified"),
        ("0123:abc", 401, "Unauthorized: invalid token specified"),
        ("1" * 81 + ":a", 401, "Unauthorized: invalid token specified"),
        ("100001:another-secret", 401, "Unauthorized"),
    ],
)
async def test_invalid_tokens_are_refused_with_401(harness: Harness, token: str, code: int, description: str) -> None:
    assert (await harness.call("getMe", token=token)).refusal == (code, description)


async def test_revoked_and_logged_out_bots_are_refused(harness: Harness) -> None:
    harness.box.world.by_token[OTHER_TOKEN].revoked = True
    assert (await harness.call("getMe", token=OTHER_TOKEN)).refusal == (401, "Unauthorized")
    await harness.call("logOut")
    assert (await harness.call("getMe")).refusal == (400, "Logged out")


async def test_a_path_without_a_method_is_404(harness: Harness) -> None:
    async with harness.http.get(harness.box.url + "/bot100001:probe-bot-token") as response:
        assert response.status == 404
        assert await response.json() == {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_an_upgraded_group_refuses_with_the_new_id(harness: Harness) -> None:
    answer = await harness.call("sendMessage", chat_id=harness.ids["old"], text="x")
    assert answer.body["parameters"] == {"migrate_to_chat_id": harness.ids["new"]}


@pytest.mark.parametrize(
    ("data", "description"),
    [
        (b"", "file must be non-empty"),
        (b"not a picture", "IMAGE_PROCESS_FAILED"),
        (png(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (png(9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
        (
            b"x" * (10 * 1024 * 1024 + 1),
            "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes",
        ),
    ],
)
async def test_invalid_pictures_are_refused(harness: Harness, data: bytes, description: str) -> None:
    answer = await harness.form("sendPhoto", {"chat_id": str(ANN), "photo": "attach://p"}, p=data)
    assert answer.refusal == (400, BAD + description)


async def test_an_upload_over_fifty_megabytes_is_refused(harness: Harness) -> None:
    answer = await harness.form(
        "sendDocument", {"chat_id": str(ANN), "document": "attach://d"}, d=b"x" * (52 * 1024 * 1024)
    )
    assert answer.refusal == (413, "Request Entity Too Large")


async def test_a_file_id_belongs_to_one_bot(harness: Harness) -> None:
    answer = await harness.call("getFile", token=OTHER_TOKEN, file_id=harness.ids["photo_file"])
    assert answer.refusal == (400, BAD + "invalid file_id")


async def test_callback_answers_are_refused_when_invalid_repeated_or_late(harness: Harness) -> None:
    tap = harness.box.backend.actions.tap
    ann, chat = harness.box.world.person(ANN), harness.box.world.private_chat(ANN, 100001)

    def press() -> str:
        return str(tap(ann, chat, harness.ids["text"], 0, 0)["callback_query_id"])

    first, second = press(), press()
    too_long = await harness.call("answerCallbackQuery", callback_query_id=first, text="x" * 201)
    assert too_long.refusal == (400, BAD + "MESSAGE_TOO_LONG")
    elsewhere = await harness.call("answerCallbackQuery", callback_query_id=first, url="https://example.com")
    assert elsewhere.refusal == (400, BAD + "URL_INVALID")
    assert (await harness.call("answerCallbackQuery", token=OTHER_TOKEN, callback_query_id=first)).refusal == (
        400,
        STALE,
    )
    assert (await harness.call("answerCallbackQuery", callback_query_id=first, text="x" * 200)).result is True
    assert (await harness.call("answerCallbackQuery", callback_query_id=first)).refusal == (400, STALE)
    harness.box.clock.set_offset(151)
    assert (await harness.call("answerCallbackQuery", callback_query_id=second)).refusal == (400, STALE)


async def test_deleting_old_or_foreign_messages_is_refused(harness: Harness) -> None:
    ann, group = harness.box.world.person(ANN), harness.box.world.chat(f"g{harness.ids['plain']}")
    said = harness.box.backend.actions.say(ann, group, "mine")
    answer = await harness.call("deleteMessage", chat_id=group.id, message_id=said.id)
    assert answer.refusal == (400, BAD + "message can't be deleted")
    harness.box.clock.set_offset(48 * 3600 + 5)
    answer = await harness.call("deleteMessage", chat_id=ANN, message_id=harness.ids["text"])
    assert answer.refusal == (400, BAD + "message can't be deleted for everyone")
