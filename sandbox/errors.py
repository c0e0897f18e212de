"""Errors: those that Telegram answers to bots, and those of the people and control APIs."""

from __future__ import annotations

from typing import Any

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
STALE_QUERY = "query is too old and response timeout expired or query ID is invalid"


class Refusal(Exception):
    """A Bot API error: HTTP status, description and, for some errors, `parameters`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def envelope(self) -> dict[str, Any]:
        """The JSON body of the response (Bot API, "Making requests")."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class Misuse(Exception):
    """An impossible request to the people or control API; the text is shown to the user as it is."""


def lowered(text: str) -> str:
    """The text with a lower first letter, as after Telegram's prefixes; acronyms and codes keep their capitals."""
    if len(text) > 1 and (text[1].isupper() or text[1] == "_"):
        return text
    return text[:1].lower() + text[1:]


def bad_request(text: str, **parameters: int) -> Refusal:
    """A 400 refusal with its prefix."""
    return Refusal(400, "Bad Request: " + lowered(text), **parameters)


def forbidden(text: str) -> Refusal:
    """A 403 refusal: the bot may not write to this chat."""
    return Refusal(403, "Forbidden: " + lowered(text))


def conflict(text: str) -> Refusal:
    """A 409 refusal: two consumers of the same updates."""
    return Refusal(409, "Conflict: " + text)


def too_many(seconds: int) -> Refusal:
    """A 429 refusal; the bot must wait `seconds`."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def unparsable(text: str) -> Refusal:
    """A 400 refusal of text with invalid formatting; the description keeps its capital letter, as in Telegram."""
    return Refusal(400, "Bad Request: can't parse entities: " + text)
