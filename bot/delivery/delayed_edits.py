"""Makes the edits of tapped messages that Telegram refused for now."""

from __future__ import annotations

import logging

from bot.worker import Worker
from handlers.messenger import Messenger
from services.clock import Clock

log = logging.getLogger(__name__)

_EVERY_SECONDS = 1.0
"""Telegram names whole seconds after which a call may be repeated."""


class DelayedEdits(Worker):
    """Makes each edit when it is due. A stop drops the rest: the next tap on such a message shows the same."""

    def __init__(self, clock: Clock, messenger: Messenger) -> None:
        super().__init__(clock, log, "delayed edits")
        self._messenger = messenger

    async def run(self) -> None:
        while not self.stopping:
            await self.pause(_EVERY_SECONDS)
            await self._messenger.make_due_edits()
