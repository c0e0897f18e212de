"""Groups and channels that are bound to the bot, and their languages (R35)."""

from __future__ import annotations

from dataclasses import dataclass

from domain.people import LANGUAGES

PICKS = 3
"""Number of cards sent to a bound chat when a round opens."""


@dataclass(frozen=True, slots=True)
class BoundChat:
    """A group or channel that its administrators bound. `chat_id` is Telegram's; `language` None means both."""

    id: int
    chat_id: int
    channel: bool
    language: str | None

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of messages in this chat."""
        return (self.language,) if self.language else LANGUAGES
