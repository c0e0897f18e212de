"""What Telegram's answer to a call means, as codes that may be stored (R26)."""

from __future__ import annotations

from enum import StrEnum


class CallOutcome(StrEnum):
    """What follows from a failed call. Every outcome but `NO_ANSWER` proves that nothing arrived."""

    RETRY_AFTER = "retry-after"
    """429: this chat, or every chat, waits for the seconds that the answer names."""
    BLOCKED = "blocked"
    """The user has blocked the bot, and is not reached until they come back."""
    UNREACHABLE = "unreachable"
    """The user or chat is said not to exist, or not to be open to this bot. With another bot's token that is said of
    everyone."""
    REMOVED = "removed"
    """The bot was removed from this group or channel, or the chat was deleted: it is not reached until it is added."""
    MIGRATED = "migrated"
    """The group has become a supergroup with another ID."""
    NO_RIGHTS = "no-rights"
    """The chat's administrators do not allow this message."""
    TOPIC_CLOSED = "topic-closed"
    """The topic of the forum is closed; others may be open."""
    TOPIC_GONE = "topic-gone"
    """The topic of the forum was deleted."""
    NO_PHOTO_RIGHT = "no-photo-right"
    """The chat's administrators do not allow pictures; text may be sent."""
    BAD_FILE = "bad-file"
    """The file, or the ID it is known by, is not accepted: uploading it again may help."""
    BAD_PICTURE = "bad-picture"
    """The picture itself is not accepted, in any chat."""
    BAD_CONTENT = "bad-content"
    """The message is not accepted, in any chat: its entities, its length, a button or an address."""
    NOT_MODIFIED = "not-modified"
    """The message shows exactly this already."""
    MESSAGE_GONE = "message-gone"
    """The message that was to be edited is deleted, or can no longer be edited."""
    TOO_LATE = "too-late"
    """Telegram no longer takes an answer to this tap or inline query."""
    REFUSED = "refused"
    """This call will never be accepted, in words that are not known: it may be the message, or this chat alone."""
    BOT_REFUSED = "bot-refused"
    """No call of this bot is accepted now: 401, 404, 409."""
    NOT_SENT = "not-sent"
    """There was no connection."""
    NO_ANSWER = "no-answer"
    """It may have arrived: a timeout, a broken connection, a failing server, an unreadable answer."""

    @property
    def concerns_picture(self) -> bool:
        """Whether the text alone may be accepted."""
        return self in (CallOutcome.NO_PHOTO_RIGHT, CallOutcome.BAD_FILE, CallOutcome.BAD_PICTURE)

    @property
    def chat_is_gone(self) -> bool:
        """Whether no message at all reaches this chat."""
        return self in (CallOutcome.BLOCKED, CallOutcome.UNREACHABLE, CallOutcome.REMOVED)

    @property
    def concerns_content(self) -> bool:
        """Whether it is the message that is refused, so that other chats would refuse it, too."""
        return self in (CallOutcome.BAD_CONTENT, CallOutcome.BAD_FILE, CallOutcome.BAD_PICTURE)

    @property
    def concerns_topic(self) -> bool:
        """Whether only this topic of the chat is closed to the bot."""
        return self in (CallOutcome.TOPIC_CLOSED, CallOutcome.TOPIC_GONE)
