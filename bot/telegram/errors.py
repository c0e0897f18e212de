"""What Telegram's answer to a letter means: for the letter, for its reader, for everybody (R26; Bot API, "Making
requests")."""

from __future__ import annotations

import re
from enum import Enum, auto

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

_NEVER_CONNECTED = re.compile(r"ClientConnector|ClientProxyConnection|ConnectionTimeout|NotConnected")
"""Errors that come before the first byte has left, aiohttp's and our own: their names stand in aiogram's error."""
_NO_RIGHTS = re.compile(
    r"not enough rights|have no rights|need administrator rights|CHAT_(?:WRITE|SEND_\w+)_FORBIDDEN|CHAT_RESTRICTED"
    r"|TOPIC_CLOSED"
)
"""Refusals that are about one chat and what its administrators allow there."""
_NO_PICTURES_THERE = re.compile(r"rights to send photos|CHAT_SEND_(?:PHOTOS|MEDIA)_FORBIDDEN")
_PICTURE = re.compile(
    r"\bfile\b|\bphoto\b|image_process|(?:file|photo)_\w+|media_(?:empty|invalid)|http url|web page content|webpage_"
    r"|entity too large",
    re.I,
)
"""Refusals that are about the picture: its size or shape, its bytes, or the name that it once had."""


class DeliveryOutcome(Enum):
    """What follows from an answer. All but `LOST` prove that nothing arrived."""

    WAIT = auto()
    """429: this chat, or everybody, waits for as long as it says."""
    GONE = auto()
    """Nobody is reached there until they are seen again."""
    NOT_THERE = auto()
    """What the administrators of a chat do not allow there."""
    PICTURE = auto()
    """The words may go without their picture."""
    REFUSED = auto()
    """This letter will never be taken."""
    STOPPED = auto()
    """Nobody's letter is taken from this bot: 401, 404, 409."""
    NEVER_LEFT = auto()
    """There was no connection."""
    LOST = auto()
    """Perhaps it arrived: a timeout, a broken connection, a failing server, an answer that nobody can read."""


def classify(error: Exception) -> DeliveryOutcome:
    """What an error that a call has raised means."""
    said = str(error)
    if retry_after(error) is not None:
        return DeliveryOutcome.WAIT
    if isinstance(error, TelegramForbiddenError) or "chat not found" in said:
        return DeliveryOutcome.GONE
    if isinstance(error, TelegramBadRequest | TelegramEntityTooLarge | TelegramMigrateToChat):
        if _NO_PICTURES_THERE.search(said) or bad_picture(said):
            return DeliveryOutcome.PICTURE
        return DeliveryOutcome.NOT_THERE if _NO_RIGHTS.search(said) else DeliveryOutcome.REFUSED
    if isinstance(error, TelegramUnauthorizedError | TelegramConflictError | TelegramNotFound):
        return DeliveryOutcome.STOPPED
    if isinstance(error, TelegramNetworkError) and _NEVER_CONNECTED.search(said):
        return DeliveryOutcome.NEVER_LEFT
    return DeliveryOutcome.LOST


def bad_picture(said: str) -> bool:
    """Whether a refusal is about the picture itself, which then nobody can be sent."""
    return bool(_PICTURE.search(said)) and not _NO_RIGHTS.search(said) and "button" not in said.lower()


def goes_without_picture(reason: str | None) -> bool:
    """Whether a letter's last refusal, as it was noted, was about its picture: its words go alone from then on."""
    if reason is None or not reason.startswith(("TelegramBadRequest", "TelegramEntityTooLarge")):
        return False
    return bool(_NO_PICTURES_THERE.search(reason)) or bad_picture(reason)


def retry_after(error: Exception) -> float | None:
    """The seconds that a 429 asks for; where it comes without parameters they stand in its text."""
    if isinstance(error, TelegramRetryAfter):
        return float(error.retry_after)
    found = re.search(r"Too Many Requests(?:: retry after (\d+))?", str(error))
    return float(found[1] or 1) if found else None
