"""What the sandbox says no with: Telegram's envelope, code and words."""

from __future__ import annotations

from typing import Any

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
STALE_QUERY = "query is too old and response timeout expired or query ID is invalid"


class Refusal(Exception):
    """A call that Telegram would refuse: an HTTP status, a description and, at times, parameters."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def envelope(self) -> dict[str, Any]:
        """The JSON body of the answer (Bot API, "Making requests")."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class Misuse(Exception):
    """A request to the people's or control API that makes no sense; the text is the sentence to show."""


def lowered(text: str) -> str:
    """Telegram lowers the first letter of an inner message, unless it starts like an acronym or a code."""
    if len(text) > 1 and (text[1].isupper() or text[1] == "_"):
        return text
    return text[:1].lower() + text[1:]


def bad_request(text: str, **parameters: int) -> Refusal:
    """A refusal with code 400 and the prefix that belongs to it."""
    return Refusal(400, "Bad Request: " + lowered(text), **parameters)


def forbidden(text: str) -> Refusal:
    """A refusal with code 403: the bot may not write there."""
    return Refusal(403, "Forbidden: " + lowered(text))


def conflict(text: str) -> Refusal:
    """A refusal with code 409: two ways of receiving updates at once."""
    return Refusal(409, "Conflict: " + text)


def too_many(seconds: int) -> Refusal:
    """A refusal with code 429; `seconds` is what the bot must wait."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def unparsable(text: str) -> Refusal:
    """A refusal of text whose formatting cannot be read; `text` keeps its capital as Telegram's does."""
    return Refusal(400, "Bad Request: can't parse entities: " + text)
