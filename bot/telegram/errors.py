"""The one place that reads Telegram's error descriptions: maps an exception to what it means (R26; Bot API, "Making
requests")."""

from __future__ import annotations

import re
from collections.abc import Container

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
    # The address of a button may be called a "wrong HTTP URL", and the text of entities may hold any word.
    (CallOutcome.BAD_CONTENT, re.compile(r"button|can't parse|entities|entity_|reply.?markup|keyboard", re.I)),
    (CallOutcome.BLOCKED, re.compile(r"blocked by the user|\b(?:USER_IS_BLOCKED|YOU_BLOCKED_USER)")),
    (CallOutcome.TOPIC_CLOSED, re.compile(r"TOPIC_CLOSED")),
    (CallOutcome.TOPIC_GONE, re.compile(r"TOPIC_(?:DELETED|ID_INVALID)|message thread not found")),
    (
        CallOutcome.REMOVED,
        re.compile(
            r"bot was kicked|not a member of the|(?:chat|group|channel) (?:was|is) de(?:leted|activated)"
            r"|\b(?:CHANNEL_PRIVATE|CHAT_FORBIDDEN|CHANNEL_PUBLIC_GROUP_NA)\b"
        ),
    ),
    (
        CallOutcome.UNREACHABLE,
        re.compile(
            r"(?:chat|user|peer) not found|user is (?:deactivated|deleted|a bot)|no (?:write )?access to the chat"
            r"|can't (?:initiate conversation|send messages to)|invalid user_id"
            r"|\b(?:PEER|CHAT|USER|CHANNEL)_(?:ID_)?INVALID\b|\bPEER_ID_NOT_SUPPORTED\b"
            r"|\b(?:INPUT_)?USER_(?:DEACTIVATED|DELETED|IS_BOT|BOT)\w*|\bPRIVACY_PREMIUM_REQUIRED\b"
            r"|\bUSER_PRIVACY_RESTRICTED\b|\bUSER_NOT_MUTUAL_CONTACT\b"
        ),
    ),
    (CallOutcome.NO_PHOTO_RIGHT, re.compile(r"rights to send photos|CHAT_SEND_(?:PHOTOS|MEDIA)_FORBIDDEN")),
    (
        CallOutcome.NO_RIGHTS,
        re.compile(
            r"not enough rights|have no rights|need administrator rights|CHAT_(?:GUEST_)?(?:WRITE|SEND\w*)_FORBIDDEN"
            r"|CHAT_RESTRICTED|CHAT_ADMIN_REQUIRED|USER_BANNED_IN_CHANNEL"
        ),
    ),
    (CallOutcome.BAD_FILE, re.compile(r"\bfile\b|file_\w+", re.I)),
    (
        CallOutcome.BAD_PICTURE,
        re.compile(
            r"\bphoto\b|image_process|photo_\w+|media_(?:empty|invalid)|http url|web page content|webpage_"
            r"|entity too large",
            re.I,
        ),
    ),
    (
        CallOutcome.BAD_CONTENT,
        re.compile(r"too.long|text is empty|must be non-empty|MESSAGE_EMPTY|parse_mode|UTF-8|\burl\b|\bmedia\b", re.I),
    ),
)
"""What a 400 or 413 means, by its description: the words of the Bot API server, TDLib and Telegram's own servers. The
first that matches counts. A 403 speaks of people and chats only."""
_FORBIDDEN = frozenset(
    {
        *(CallOutcome.BLOCKED, CallOutcome.TOPIC_CLOSED, CallOutcome.TOPIC_GONE, CallOutcome.REMOVED),
        *(CallOutcome.NO_PHOTO_RIGHT, CallOutcome.NO_RIGHTS),
    }
)
_NEVER_CONNECTED = re.compile(r"ClientConnector|ClientProxyConnection|ConnectionTimeout|NotConnected")
"""Errors from before the first byte was sent, aiohttp's and those of our client: aiogram's error holds their names."""


def classify(error: Exception) -> CallOutcome:
    """What an error that a call has raised means."""
    said = str(error)
    if retry_after(error) is not None:
        return CallOutcome.RETRY_AFTER
    if isinstance(error, TelegramForbiddenError):
        return _first(said, _FORBIDDEN, CallOutcome.UNREACHABLE)
    if isinstance(error, TelegramMigrateToChat):
        return CallOutcome.MIGRATED
    if isinstance(error, TelegramBadRequest | TelegramEntityTooLarge):
        return _first(said, frozenset(CallOutcome), CallOutcome.REFUSED)
    if isinstance(error, TelegramUnauthorizedError | TelegramConflictError | TelegramNotFound):
        return CallOutcome.BOT_REFUSED
    if isinstance(error, TelegramNetworkError) and _NEVER_CONNECTED.search(said):
        return CallOutcome.NOT_SENT
    return CallOutcome.NO_ANSWER


def _first(said: str, among: Container[CallOutcome], otherwise: CallOutcome) -> CallOutcome:
    return next((outcome for outcome, sign in _BAD_REQUESTS if outcome in among and sign.search(said)), otherwise)


def retry_after(error: Exception) -> float | None:
    """The seconds that a 429 asks for; where it comes without parameters they stand in its text."""
    if isinstance(error, TelegramRetryAfter):
        return float(error.retry_after)
    found = re.search(r"Too Many Requests(?:: retry after (\d+))?", str(error))
    return float(found[1] or 1) if found else None
