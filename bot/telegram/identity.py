"""Who the bot is: asked again from time to time, because BotFather may rename it while it runs (Bot API, getMe)."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import AiogramError
from aiogram.types import User

from services.clock import Clock

log = logging.getLogger(__name__)

KNOWN_FOR = timedelta(minutes=1)
"""How long an answer of getMe holds, unless the bot is seen under another name."""
_PATIENCE = 5
"""Seconds for which a link waits for the bot's name, where an older one is known."""
_NEVER = datetime.min.replace(tzinfo=UTC)


class KnownBot(Bot):
    """A bot whose `me` follows its changes; aiogram's asks once."""

    def __init__(self, token: str, session: BaseSession, clock: Clock) -> None:
        super().__init__(token, session=session)
        self._clock = clock
        self._known: User | None = None
        self._asked_at = _NEVER

    async def me(self) -> User:
        """The bot as it is, at most `KNOWN_FOR` ago. Raises TelegramAPIError where it was never known."""
        known, now = self._known, self._clock.now()
        if known is not None and abs(now - self._asked_at) < KNOWN_FOR:
            return known
        self._asked_at = now  # meanwhile others use what is known
        try:
            self._known = await self.get_me(request_timeout=None if known is None else _PATIENCE)
        except (AiogramError, OSError) as error:
            if known is None:
                raise
            log.info("the bot's name could not be asked for: %s", error)
            return known
        return self._known

    def notice_name(self, update: dict[str, Any]) -> None:
        """A tapped message shows what the bot is called now; `update` is as it came over the wire."""
        match update:
            case {"callback_query": {"message": {"from": {"id": self.id, "username": str(name)}}}}:
                self.seen_as(name)

    def seen_as(self, username: str | None) -> None:
        """A tapped message of the bot shows this username: with another one than is known, `me` asks at once."""
        if self._known is not None and username and username != self._known.username:
            self._asked_at = _NEVER
