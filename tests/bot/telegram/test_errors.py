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

from bot.telegram.errors import DeliveryOutcome, bad_picture, classify, goes_without_picture, retry_after
from bot.telegram.redaction import error_of

CALL = GetMe()
ANSWERS: list[tuple[Exception, DeliveryOutcome]] = [
    (TelegramRetryAfter(CALL, "Too Many Requests: retry after 7", 7), DeliveryOutcome.WAIT),
    (TelegramAPIError(CALL, "Too Many Requests: retry after 7"), DeliveryOutcome.WAIT),
    (TelegramServerError(CALL, "not an answer of the Bot API: <h1>429 Too Many Requests</h1>"), DeliveryOutcome.WAIT),
    (TelegramForbiddenError(CALL, "Forbidden: bot was blocked by the user"), DeliveryOutcome.GONE),
    (TelegramForbiddenError(CALL, "Forbidden: bot can't initiate conversation with a user"), DeliveryOutcome.GONE),
    (TelegramBadRequest(CALL, "Bad Request: chat not found"), DeliveryOutcome.GONE),
    (TelegramUnauthorizedError(CALL, "Unauthorized"), DeliveryOutcome.STOPPED),
    (TelegramConflictError(CALL, "Conflict: terminated by other getUpdates request"), DeliveryOutcome.STOPPED),
    (TelegramNotFound(CALL, "Not Found"), DeliveryOutcome.STOPPED),
    (TelegramNetworkError(CALL, "ClientConnectorError: Cannot connect to host"), DeliveryOutcome.NEVER_LEFT),
    (TelegramNetworkError(CALL, "NotConnected: ConnectionRefusedError: nobody there"), DeliveryOutcome.NEVER_LEFT),
    (TelegramNetworkError(CALL, "Request timeout error"), DeliveryOutcome.LOST),
    (TelegramNetworkError(CALL, "ServerDisconnectedError: Server disconnected"), DeliveryOutcome.LOST),
    (TelegramServerError(CALL, "Internal Server Error"), DeliveryOutcome.LOST),
    (TelegramServerError(CALL, "not an answer of the Bot API: <html>file photo</html>"), DeliveryOutcome.LOST),
    (TimeoutError(), DeliveryOutcome.LOST),
    (TelegramEntityTooLarge(CALL, "Request Entity Too Large"), DeliveryOutcome.PICTURE),
    (
        TelegramMigrateToChat(CALL, "Bad Request: group chat was upgraded to a supergroup chat", -5),
        DeliveryOutcome.REFUSED,
    ),
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), DeliveryOutcome.PICTURE)
        for said in (
            "IMAGE_PROCESS_FAILED",
            "PHOTO_INVALID_DIMENSIONS",
            "MEDIA_EMPTY",
            "FILE_REFERENCE_EXPIRED",
            "there is no photo in the request",
            "file must be non-empty",
            "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes",
            "wrong remote file identifier specified: Wrong padding in the string",
            "wrong file identifier/HTTP URL specified",
            "can't use file of type Document as Photo",
            "wrong HTTP URL specified",
            "failed to get HTTP URL content",
            "wrong type of the web page content",
            "not enough rights to send photos to the chat",
            "CHAT_SEND_PHOTOS_FORBIDDEN",
        )
    ],
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), DeliveryOutcome.NOT_THERE)
        for said in (
            "not enough rights to send text messages to the chat",
            "have no rights to send a message",
            "need administrator rights in the channel chat",
            "CHAT_WRITE_FORBIDDEN",
            "TOPIC_CLOSED",
        )
    ],
    *[
        (TelegramBadRequest(CALL, f"Bad Request: {said}"), DeliveryOutcome.REFUSED)
        for said in (
            "message is too long",
            "message caption is too long",
            "BUTTON_DATA_INVALID",
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
            "inline keyboard button URL 'localhost' is invalid: Wrong HTTP URL",
        )
    ],
]


@pytest.mark.parametrize(("error", "meaning"), ANSWERS, ids=lambda value: str(value)[:60])
def test_each_answer_has_its_meaning(error: Exception, meaning: DeliveryOutcome) -> None:
    assert classify(error) is meaning


@pytest.mark.parametrize(("said", "seconds"), [(": retry after 7", 7.0), (": retry after 35", 35.0), ("", 1.0)])
def test_the_seconds_of_a_429_stand_in_its_text_too(said: str, seconds: float) -> None:
    assert retry_after(TelegramAPIError(CALL, f"Too Many Requests{said}")) == seconds


def test_a_chat_without_rights_for_photos_says_nothing_of_the_picture() -> None:
    assert not bad_picture("Bad Request: not enough rights to send photos to the chat")
    assert bad_picture("Bad Request: PHOTO_INVALID_DIMENSIONS")


def test_only_a_noted_refusal_of_the_picture_leaves_it_out() -> None:
    refused = TelegramBadRequest(CALL, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    assert goes_without_picture(error_of(refused))
    assert goes_without_picture(error_of(TelegramBadRequest(CALL, "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN")))
    assert not goes_without_picture(error_of(TelegramServerError(CALL, "<html>photo file</html>")))
    assert not goes_without_picture(error_of(TelegramBadRequest(CALL, "Bad Request: message is too long")))
    assert not goes_without_picture(None)
