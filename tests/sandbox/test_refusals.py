"""Refused calls: status codes and descriptions are exactly those of Telegram."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.harness import ANN, BLOCKER, GONE, KEYBOARD, KNOWN, OTHER_TOKEN, STRANGER, Harness, png

BAD = "Bad Request: "
ENTITIES = BAD + "can't parse entities: "
BUTTON = BAD + "can't parse inline keyboard button: "
STALE = BAD + "query is too old and response timeout expired or query ID is invalid"
SAME = (
    BAD + "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def keys(*buttons: Any) -> dict[str, Any]:
    return {"inline_keyboard": [list(buttons)]}


def commands(count: int) -> list[dict[str, str]]:
    return [{"command": f"c{number}", "description": "d"} for number in range(count)]


# (method, parameters, code, description); a value "$name" stands for an id in `Harness.ids`
REFUSALS: list[tuple[str, dict[str, Any], int, str]] = [
    ("noSuchMethod", {}, 404, "Not Found: method not found"),
    # -- chats
    ("sendMessage", {"text": "x"}, 400, BAD + "chat_id is empty"),
    ("sendMessage", {"chat_id": 424242, "text": "x"}, 400, BAD + "chat not found"),
    ("sendMessage", {"chat_id": "ann", "text": "x"}, 400, BAD + "chat not found"),
    ("sendMessage", {"chat_id": "@nobody_here", "text": "x"}, 400, BAD + "chat not found"),
    ("sendMessage", {"chat_id": STRANGER, "text": "x"}, 400, BAD + "chat not found"),
    ("sendMessage", {"chat_id": KNOWN, "text": "x"}, 403, "Forbidden: bot can't initiate conversation with a user"),
    ("sendMessage", {"chat_id": BLOCKER, "text": "x"}, 403, "Forbidden: bot was blocked by the user"),
    ("sendMessage", {"chat_id": GONE, "text": "x"}, 403, "Forbidden: user is deactivated"),
    ("sendMessage", {"chat_id": 100002, "text": "x"}, 403, "Forbidden: the bot can't send messages to the bot"),
    *[
        (
            "sendMessage",
            {"chat_id": f"$kicked_{kind}", "text": "x"},
            403,
            f"Forbidden: bot was kicked from the {kind} chat",
        )
        for kind in ("group", "supergroup", "channel")
    ],
    *[
        (
            "sendMessage",
            {"chat_id": f"$left_{kind}", "text": "x"},
            403,
            f"Forbidden: bot is not a member of the {kind} chat",
        )
        for kind in ("group", "supergroup", "channel")
    ],
    ("sendMessage", {"chat_id": "$old", "text": "x"}, 400, BAD + "group chat was upgraded to a supergroup chat"),
    ("sendMessage", {"chat_id": "$muted", "text": "x"}, 400, BAD + "need administrator rights in the channel chat"),
    # -- text
    ("sendMessage", {"chat_id": ANN}, 400, BAD + "message text is empty"),
    ("sendMessage", {"chat_id": ANN, "text": " \n "}, 400, BAD + "text must be non-empty"),
    ("sendMessage", {"chat_id": ANN, "text": "x" * 4097}, 400, BAD + "message is too long"),
    ("sendMessage", {"chat_id": ANN, "text": "好" * 11000}, 400, BAD + "text is too long"),
    ("sendMessage", {"chat_id": ANN, "text": "x", "parse_mode": "BBCode"}, 400, BAD + "unsupported parse_mode"),
    # -- formatting
    *[
        ("sendMessage", {"chat_id": ANN, "text": text, "parse_mode": "HTML"}, 400, ENTITIES + said)
        for text, said in (
            ("<b>x", """Can't find end tag corresponding to start tag "b\""""),
            ("<foo>x</foo>", 'Unsupported start tag "foo" at byte offset 0'),
            ("好 < 5", 'Unsupported start tag "" at byte offset 4'),
            ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
            ("</b>x", "Unexpected end tag at byte offset 0"),
            ("x <b", "Unclosed start tag at byte offset 2"),
            ("<b>x</b", "Unclosed end tag at byte offset 4"),
            ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        )
    ],
    *[
        ("sendMessage", {"chat_id": ANN, "text": text, "parse_mode": "MarkdownV2"}, 400, ENTITIES + said)
        for text, said in (
            ("a.b", "Character '.' is reserved and must be escaped with the preceding '\\'"),
            ("a! b", "Character '!' is reserved and must be escaped with the preceding '\\'"),
            ("*bold", "Can't find end of Bold entity at byte offset 0"),
            ("好 _it", "Can't find end of Italic entity at byte offset 4"),
        )
    ],
    (
        "sendMessage",
        {"chat_id": ANN, "text": "x", "entities": [{"offset": 0, "length": 1}]},
        400,
        BAD + """can't parse MessageEntity: Can't find field "type\"""",
    ),
    # -- keyboards
    *[
        ("sendMessage", {"chat_id": ANN, "text": "x", "reply_markup": markup}, 400, said)
        for markup, said in (
            ("{oops", BAD + "can't parse reply keyboard markup JSON object"),
            ("[1]", BAD + "object expected as reply markup"),
            (
                {"inline_keyboard": [{"text": "x"}]},
                BAD + 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
            ),
            (keys({"text": "x"}), BUTTON + "Text buttons are unallowed in the inline keyboard"),
            (keys({"callback_data": "x"}), BUTTON + """Can't find field "text\""""),
            (keys({"text": "x", "callback_data": "好" * 22}), BAD + "BUTTON_DATA_INVALID"),
            (
                keys({"text": "x", "url": "localhost"}),
                BAD + "inline keyboard button URL 'localhost' is invalid: Wrong HTTP URL",
            ),
            (
                keys({"text": "x", "url": "ftp://a.bc"}),
                BAD + "inline keyboard button URL 'ftp://a.bc' is invalid: Unsupported URL protocol",
            ),
            (
                keys({"text": "x", "url": "http://a.bc:99999"}),
                BAD
                + "inline keyboard button URL 'http://a.bc:99999' is invalid: Wrong port number specified in the URL",
            ),
            (
                keys({"text": "x", "url": "http://"}),
                BAD + "inline keyboard button URL 'http://' is invalid: URL host is empty",
            ),
            (
                keys({"text": "x", "web_app": {"url": "http://a.bc"}}),
                BAD + "inline keyboard button Web App URL 'http://a.bc' is invalid: Only HTTPS links are allowed",
            ),
            (keys({"text": "x", "copy_text": {"text": ""}}), BAD + "BUTTON_COPY_TEXT_INVALID"),
        )
    ],
    # -- replies, actions
    (
        "sendMessage",
        {"chat_id": ANN, "text": "x", "reply_parameters": {"message_id": 9999}},
        400,
        BAD + "message to be replied not found",
    ),
    ("sendChatAction", {"chat_id": ANN, "action": "dance"}, 400, BAD + "wrong parameter action in request"),
    # -- edits
    ("editMessageText", {"text": "x"}, 400, BAD + "message identifier is not specified"),
    ("editMessageText", {"chat_id": ANN, "text": "x"}, 400, BAD + "message to edit not found"),
    ("editMessageText", {"chat_id": ANN, "message_id": 9999, "text": "x"}, 400, BAD + "message to edit not found"),
    ("editMessageText", {"chat_id": ANN, "message_id": "$from_ann", "text": "x"}, 400, BAD + "message can't be edited"),
    (
        "editMessageText",
        {"chat_id": ANN, "message_id": "$photo", "text": "x"},
        400,
        BAD + "there is no text in the message to edit",
    ),
    (
        "editMessageCaption",
        {"chat_id": ANN, "message_id": "$text", "caption": "x"},
        400,
        BAD + "there is no caption in the message to edit",
    ),
    ("editMessageText", {"chat_id": ANN, "message_id": "$text", "text": "hello", "reply_markup": KEYBOARD}, 400, SAME),
    ("editMessageReplyMarkup", {"chat_id": ANN, "message_id": "$text", "reply_markup": KEYBOARD}, 400, SAME),
    ("editMessageCaption", {"chat_id": ANN, "message_id": "$photo", "caption": "look"}, 400, SAME),
    (
        "editMessageMedia",
        {"chat_id": ANN, "message_id": "$photo", "media": {"type": "photo", "media": "$photo_file", "caption": "look"}},
        400,
        SAME,
    ),
    (
        "editMessageReplyMarkup",
        {"chat_id": ANN, "message_id": "$text", "reply_markup": {"keyboard": [[{"text": "x"}]]}},
        400,
        BAD + "inline keyboard expected",
    ),
    (
        "editMessageCaption",
        {"chat_id": ANN, "message_id": "$photo", "caption": "x" * 1025},
        400,
        BAD + "message caption is too long",
    ),
    ("editMessageMedia", {"chat_id": ANN, "message_id": "$photo"}, 400, BAD + 'parameter "media" is required'),
    (
        "editMessageMedia",
        {"chat_id": ANN, "message_id": "$photo", "media": {"type": "hologram", "media": "$photo_file"}},
        400,
        BAD + 'can\'t parse InputMedia: type "hologram" is unsupported',
    ),
    (
        "editMessageMedia",
        {"chat_id": ANN, "message_id": "$photo", "media": {"type": "photo", "media": "attach://none"}},
        400,
        BAD + "can't parse InputMedia: media not found",
    ),
    # -- files
    ("sendPhoto", {"chat_id": ANN}, 400, BAD + "there is no photo in the request"),
    ("sendPhoto", {"chat_id": ANN, "photo": "$document_file"}, 400, BAD + "can't use file of type Document as Photo"),
    (
        "sendPhoto",
        {"chat_id": ANN, "photo": "AgAD"},
        400,
        BAD + "wrong remote file identifier specified: can't unserialize it. Wrong last symbol",
    ),
    (
        "sendPhoto",
        {"chat_id": ANN, "photo": "AgADAB"},
        400,
        BAD + "wrong remote file identifier specified: Wrong padding in the string",
    ),
    ("sendPhoto", {"chat_id": ANN, "photo": "http://oops"}, 400, BAD + "wrong HTTP URL specified"),
    ("sendPhoto", {"chat_id": ANN, "photo": "https://example.com/a.jpg"}, 400, BAD + "failed to get HTTP URL content"),
    ("getFile", {}, 400, BAD + "file_id not specified"),
    ("getFile", {"file_id": "nonsense"}, 400, BAD + "invalid file_id"),
    # -- albums
    ("sendMediaGroup", {"chat_id": ANN}, 400, BAD + 'parameter "media" is required'),
    ("sendMediaGroup", {"chat_id": ANN, "media": []}, 400, BAD + "there are no messages to send"),
    (
        "sendMediaGroup",
        {"chat_id": ANN, "media": [{"type": "photo", "media": "$photo_file"}] * 11},
        400,
        BAD + "too many messages to send as an album",
    ),
    (
        "sendMediaGroup",
        {
            "chat_id": ANN,
            "media": [{"type": "photo", "media": "$photo_file"}, {"type": "document", "media": "$document_file"}],
        },
        400,
        BAD + "document can't be mixed with other media types",
    ),
    (
        "sendMediaGroup",
        {"chat_id": ANN, "media": [{"type": "animation", "media": "$photo_file"}] * 2},
        400,
        BAD + "can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup",
    ),
    # -- deleting, copying
    ("deleteMessage", {"chat_id": ANN, "message_id": 9999}, 400, BAD + "message to delete not found"),
    ("copyMessage", {"chat_id": ANN, "from_chat_id": ANN, "message_id": 9999}, 400, BAD + "message to copy not found"),
    (
        "forwardMessage",
        {"chat_id": ANN, "from_chat_id": ANN, "message_id": 9999},
        400,
        BAD + "message to forward not found",
    ),
    # -- queries
    ("answerCallbackQuery", {"callback_query_id": "1"}, 400, STALE),
    ("answerInlineQuery", {"inline_query_id": "1", "results": []}, 400, STALE),
    ("answerPreCheckoutQuery", {"pre_checkout_query_id": "1", "ok": True}, 400, STALE),
    (
        "answerInlineQuery",
        {
            "inline_query_id": "1",
            "results": [
                {"type": "location", "id": str(n), "latitude": 1, "longitude": 1, "title": "x"} for n in range(51)
            ],
        },
        400,
        BAD + "too many inline query results specified",
    ),
    (
        "answerInlineQuery",
        {"inline_query_id": "1", "results": [{"type": "article", "id": "a"}]},
        400,
        BAD + """can't parse inline query result: Can't find field "title\"""",
    ),
    (
        "answerInlineQuery",
        {
            "inline_query_id": "1",
            "results": [{"type": "location", "id": "a", "latitude": 1, "longitude": 1, "title": "x"}] * 2,
        },
        400,
        BAD + "RESULT_ID_DUPLICATE",
    ),
    (
        "answerInlineQuery",
        {"inline_query_id": "1", "results": [], "button": {"text": "x", "start_parameter": "y" * 65}},
        400,
        BAD + "too long start_parameter specified",
    ),
    (
        "answerInlineQuery",
        {"inline_query_id": "1", "results": [], "button": {"text": "x", "start_parameter": "a b"}},
        400,
        BAD + "unallowed characters in start_parameter are used",
    ),
    # -- the bot's own account
    ("setMyCommands", {"commands": [{"command": "Bad!", "description": "x"}]}, 400, BAD + "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": commands(101)}, 400, BAD + "BOT_COMMANDS_TOO_MUCH"),
    (
        "setMyCommands",
        {"commands": [{"command": "a", "description": " "}]},
        400,
        BAD + "command description must be non-empty",
    ),
    (
        "setMyCommands",
        {"commands": [{"command": "a"}]},
        400,
        BAD + """can't parse BotCommand: Can't find field "description\"""",
    ),
    # -- webhooks
    (
        "setWebhook",
        {"url": "http://example.com/x"},
        400,
        BAD + "bad webhook: An HTTPS URL must be provided for webhook",
    ),
    (
        "setWebhook",
        {"url": "https://example.com:9000/x"},
        400,
        BAD + "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
    ),
    ("setWebhook", {"url": "https://127.0.0.1/x"}, 400, BAD + "bad webhook: IP address 127.0.0.1 is reserved"),
    ("setWebhook", {"url": "https://"}, 400, BAD + "invalid webhook URL specified"),
    ("setWebhook", {"url": "http://127.0.0.1:1/x", "secret_token": "s" * 257}, 400, BAD + "secret token is too long"),
    (
        "setWebhook",
        {"url": "http://127.0.0.1:1/x", "secret_token": "a b"},
        400,
        BAD + "secret token contains unallowed characters",
    ),
    # -- from aiogram's classes
    ("sendGame", {"chat_id": ANN}, 400, BAD + 'parameter "game_short_name" is required'),
    ("createForumTopic", {"name": "x"}, 400, BAD + "chat_id is empty"),
]


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
