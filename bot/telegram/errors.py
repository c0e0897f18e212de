"""The one place that reads Telegram's error descriptions: maps an exception to what it means (R26; Bot API, "Making
requests")."""

from __future__ import annotations

import re

from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from domain.call_outcomes import CallOutcome

_BAD_REQUESTS = (
    (CallOutcome.NOT_MODIFIED, re.compile(r"message is not modified")),
    (CallOutcome.TOO_LATE, re.compile(r"query is too old")),
    (
        CallOutcome.MESSAGE_GONE,
        re.compile(r"MESSAGE_ID_INVALID|message to edit not found|can't be edited|in the message to edit"),
    ),
    (CallOutcome.UNREACHABLE, re.compile(r"chat not found")),
    (CallOutcome.NO_PHOTO_RIGHT, re.compile(r"rights to send photos|CHAT_SEND_(?:PHOTOS|MEDIA)_FORBIDDEN")),
    (
        CallOutcome.NO_RIGHTS,
        re.compile(
            r"not enough rights|have no rights|need administrator rights|CHAT_(?:WRITE|SEND_\w+)_FORBIDDEN"
            r"|CHAT_RESTRICTED|TOPIC_CLOSED"
        ),
    ),
    (CallOutcome.REFUSED, re.compile(r"button", re.I)),  # its address may be called a "wrong HTTP URL", too
    (CallOutcome.BAD_FILE, re.compile(r"\bfile\b|file_\w+", re.I)),
    (
        CallOutcome.BAD_PICTURE,
        re.compile(
            r"\bphoto\b|image_process|photo_\w+|media_(?:empty|invalid)|http url|web page content|webpage_"
            r"|entity too large",
            re.I,
        ),
    ),
)
"""What a 400 or 413 means, by its description. The first that matches counts."""
_NEVER_CONNECTED = re.compile(r"ClientConnector|ClientProxyConnection|ConnectionTimeout|NotConnected")
"""Errors from before the first byte was sent, aiohttp's and those of our client: aiogram's error holds their names."""


def classify(error: Exception) -> CallOutcome:
    """What an error that a call has raised means."""
    said = str(error)
    if retry_after(error) is not None:
        return CallOutcome.RETRY_AFTER
    if isinstance(error, TelegramForbiddenError):
        return CallOutcome.BLOCKED if "blocked" in said else CallOutcome.UNREACHABLE
    if isinstance(error, TelegramMigrateToChat):
        return CallOutcome.MIGRATED
    if isinstance(error, TelegramBadRequest | TelegramEntityTooLarge):
        return next((outcome for outcome, sign in _BAD_REQUESTS if sign.search(said)), CallOutcome.REFUSED)
    if isinstance(error, TelegramUnauthorizedError | TelegramConflictError | TelegramNotFound):
        return CallOutcome.BOT_REFUSED
    if isinstance(error, TelegramNetworkError) and _NEVER_CONNECTED.search(said):
        return CallOutcome.NOT_SENT
    return CallOutcome.NO_ANSWER


def retry_after(error: Exception) -> float | None:
    """The seconds that a 429 asks for; where it comes without parameters they stand in its text."""
    if isinstance(error, TelegramRetryAfter):
        return float(error.retry_after)
    found = re.search(r"Too Many Requests(?:: retry after (\d+))?", str(error))
    return float(found[1] or 1) if found else None
