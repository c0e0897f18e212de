"""What each of Telegram's answers means (R26; Bot API, "Making requests")."""

from __future__ import annotations

import pytest
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe

from bot.telegram.errors import classify, retry_after
from domain.call_outcomes import CallOutcome

CALL = GetMe()
ANSWERS: list[tuple[Exception, CallOutcome]] = [
    (TelegramRetryAfter(CALL, "Too Many Requests: retry after 7", 7), CallOutcome.RETRY_AFTER),
    (TelegramAPIError(CALL, "Too Many Requests: retry after 7"), CallOutcome.RETRY_AFTER),
    (
        TelegramServerError(CALL, "not an answer of the Bot API: <h1>429 Too Many Requests</h1>"),
        CallOutcome.RETRY_AFTER,
    ),
    (TelegramForbiddenError(CALL, "Forbidden: bot was blocked by the user"), CallOutcome.BLOCKED),
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), CallOutcome.BLOCKED)
        for said in ("USER_IS_BLOCKED", "YOU_BLOCKED_USER", "bot was blocked by the user")
    ],
    *[
        (TelegramForbiddenError(CALL, f"Forbidden: {said}"), CallOutcome.UNREACHABLE)
        for said in (
            "bot can't initiate conversation with a user",
            "user is deactivated",
            "the bot can't send messages to the bot",
            "bot can't send messages to bots",
            "words that nobody has read before",
        )
    ],
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), CallOutcome.UNREACHABLE)
        for said in (
            "chat not found",
            "user not found",
            "PEER_ID_INVALID",
            "[Error]: PEER_ID_INVALID",
            "USER_ID_INVALID",
            "CHAT_ID_INVALID",
            "CHANNEL_INVALID",
            "invalid user_id specified",
            "have no write access to the chat",
            "INPUT_USER_DEACTIVATED",
            "USER_DEACTIVATED_BAN",
            "USER_IS_BOT",
            "PRIVACY_PREMIUM_REQUIRED",
        )
    ],
    *[
        (TelegramForbiddenError(CALL, f"Forbidden: {said}"), CallOutcome.REMOVED)
        for said in (
            "bot was kicked from the group chat",
            "bot was kicked from the supergroup chat",
            "bot is not a member of the channel chat",
            "the group chat was deleted",
        )
    ],
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), CallOutcome.REMOVED)
        for said in ("CHANNEL_PRIVATE", "CHAT_FORBIDDEN", "group chat was deactivated", "group is deactivated")
    ],
    (TelegramForbiddenError(CALL, "Forbidden: not enough rights to send text messages"), CallOutcome.NO_RIGHTS),
    (TelegramForbiddenError(CALL, "Forbidden: CHAT_WRITE_FORBIDDEN"), CallOutcome.NO_RIGHTS),
    (TelegramUnauthorizedError(CALL, "Unauthorized"), CallOutcome.BOT_REFUSED),
    (TelegramConflictError(CALL, "Conflict: terminated by other getUpdates request"), CallOutcome.BOT_REFUSED),
    (TelegramNotFound(CALL, "Not Found"), CallOutcome.BOT_REFUSED),
    (TelegramNetworkError(CALL, "ClientConnectorError: Cannot connect to host"), CallOutcome.NOT_SENT),
    (TelegramNetworkError(CALL, "NotConnected: ConnectionRefusedError: nobody there"), CallOutcome.NOT_SENT),
    (TelegramNetworkError(CALL, "Request timeout error"), CallOutcome.NO_ANSWER),
    (TelegramNetworkError(CALL, "ServerDisconnectedError: Server disconnected"), CallOutcome.NO_ANSWER),
    (TelegramServerError(CALL, "Internal Server Error"), CallOutcome.NO_ANSWER),
    (TelegramServerError(CALL, "not an answer of the Bot API: <html>file photo</html>"), CallOutcome.NO_ANSWER),
    (TimeoutError(), CallOutcome.NO_ANSWER),
    (TelegramEntityTooLarge(CALL, "Request Entity Too Large"), CallOutcome.BAD_PICTURE),
    (
        TelegramMigrateToChat(CALL, "Bad Request: group chat was upgraded to a supergroup chat", -5),
        CallOutcome.MIGRATED,
    ),
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), CallOutcome.BAD_PICTURE)
        for said in (
            "IMAGE_PROCESS_FAILED",
            "PHOTO_INVALID_DIMENSIONS",
            "MEDIA_EMPTY",
            "there is no photo in the request",
            "wrong HTTP URL specified",
            "failed to get HTTP URL content",
            "wrong type of the web page content",
        )
    ],
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), CallOutcome.BAD_FILE)
        for said in (
            "FILE_REFERENCE_EXPIRED",
            "file must be non-empty",
            "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes",
            "wrong remote file identifier specified: Wrong padding in the string",
            "wrong file identifier/HTTP URL specified",
            "can't use file of type Document as Photo",
        )
    ],
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), CallOutcome.NO_PHOTO_RIGHT)
        for said in ("not enough rights to send photos to the chat", "CHAT_SEND_PHOTOS_FORBIDDEN")
    ],
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), CallOutcome.MESSAGE_GONE)
        for said in (
            "message to edit not found",
            "message can't be edited",
            "MESSAGE_ID_INVALID",
            "there is no caption in the message to edit",
        )
    ],
    (TelegramBadRequest(CALL, "Bad Request: message is not modified: nothing differs"), CallOutcome.NOT_MODIFIED),
    (TelegramBadRequest(CALL, "Bad Request: query is too old and response timeout expired"), CallOutcome.TOO_LATE),
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), CallOutcome.NO_RIGHTS)
        for said in (
            "not enough rights to send text messages to the chat",
            "have no rights to send a message",
            "need administrator rights in the channel chat",
            "CHAT_WRITE_FORBIDDEN",
            "CHAT_SEND_PLAIN_FORBIDDEN",
            "CHAT_GUEST_SEND_FORBIDDEN",
            "CHAT_ADMIN_REQUIRED",
            "USER_BANNED_IN_CHANNEL",
        )
    ],
    (TelegramBadRequest(CALL, "Bad Request: TOPIC_CLOSED"), CallOutcome.TOPIC_CLOSED),
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), CallOutcome.TOPIC_GONE)
        for said in ("TOPIC_DELETED", "TOPIC_ID_INVALID", "message thread not found")
    ],
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), CallOutcome.BAD_CONTENT)
        for said in (
            "message is too long",
            "message caption is too long",
            "text is too long",
            "MESSAGE_TOO_LONG",
            "MEDIA_CAPTION_TOO_LONG",
            "message text is empty",
            "text must be non-empty",
            "BUTTON_DATA_INVALID",
            "BUTTON_USER_PRIVACY_RESTRICTED",
            "reply markup is too long",
            "can't parse reply keyboard markup JSON object",
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
            'can\'t parse entities: Unsupported start tag "file" at byte offset 0',
            'can\'t parse entities: Unexpected end tag "TOPIC_CLOSED" at byte offset 0',
            "inline keyboard button URL 'https://shop/chat was deleted' is invalid: URL host is empty",
            "ENTITY_BOUNDS_INVALID",
            "ENTITIES_TOO_LONG",
            "inline keyboard button URL 'localhost' is invalid: Wrong HTTP URL",
            "can't parse InputMedia: media not found",
            "strings must be encoded in UTF-8",
        )
    ],
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), CallOutcome.REFUSED)
        for said in ("SOMETHING_NEW", "no", "message to be replied not found")
    ],
]


@pytest.mark.parametrize(("error", "meaning"), ANSWERS, ids=lambda value: str(value)[:60])
def test_each_answer_has_its_meaning(error: Exception, meaning: CallOutcome) -> None:
    assert classify(error) is meaning


@pytest.mark.parametrize(("said", "seconds"), [(": retry after 7", 7.0), (": retry after 35", 35.0), ("", 1.0)])
def test_the_seconds_of_a_429_stand_in_its_text_too(said: str, seconds: float) -> None:
    assert retry_after(TelegramAPIError(CALL, f"Too Many Requests{said}")) == seconds


def test_only_people_and_chats_are_unreachable_and_only_messages_have_content() -> None:
    gone = {outcome for outcome in CallOutcome if outcome.chat_is_gone}
    content = {outcome for outcome in CallOutcome if outcome.concerns_content}
    assert gone == {CallOutcome.BLOCKED, CallOutcome.UNREACHABLE, CallOutcome.REMOVED}
    assert content == {CallOutcome.BAD_CONTENT, CallOutcome.BAD_FILE, CallOutcome.BAD_PICTURE}


def test_every_outcome_about_a_picture_lets_the_text_go_alone() -> None:
    about = {outcome for outcome in CallOutcome if outcome.concerns_picture}
    assert about == {CallOutcome.BAD_FILE, CallOutcome.BAD_PICTURE, CallOutcome.NO_PHOTO_RIGHT}
