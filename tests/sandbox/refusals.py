"""Refused calls of the Bot API, with the codes and descriptions that Telegram sends."""

from __future__ import annotations

from typing import Any

from tests.sandbox.harness import ANN, BLOCKER, GONE, KEYBOARD, KNOWN, STRANGER

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
            *(
                (
                    keys({"text": "x", "url": url}),
                    BAD + f"inline keyboard button URL '{url}' is invalid: {why}",
                )
                for url, why in (
                    ("http://shop/item/1", "Wrong HTTP URL"),
                    ("https://shop。example。com/t", "Wrong HTTP URL"),
                    ("https://a<b.cd/", "Wrong URL host"),
                    ("https://a%2.cd/", "Wrong percent-encoded symbol in URL host"),
                    ("https://[a.bc]/", "Wrong IPv6 address specified in the URL"),
                )
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
