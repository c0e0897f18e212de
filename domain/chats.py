"""Groups and channels that are bound to the bot: what they are sent, and in which languages (R35)."""

from __future__ import annotations

from dataclasses import dataclass

from domain.people import LANGUAGES

PICKS = 3
"""Cards that a bound chat is sent when a round opens."""


@dataclass(frozen=True, slots=True)
class BoundChat:
    """A group or channel that its administrators bound. `chat_id` is Telegram's; no language means both."""

    id: int
    chat_id: int
    channel: bool
    language: str | None

    @property
    def languages(self) -> tuple[str, ...]:
        """What is spoken there."""
        return (self.language,) if self.language else LANGUAGES
