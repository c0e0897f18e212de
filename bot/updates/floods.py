"""What becomes of updates of a user who sends more at once than is fair to others: they are refused, kindly (R42)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.ops.metrics import UPDATES
from bot.telegram.redaction import error_of
from bot.updates.processor import Ack, AckState, Update
from handlers.messenger import Messenger

log = logging.getLogger(__name__)

FAIR_SHARE = 5
"""Updates that a user keeps in hand while others may have to wait."""
COOL_DOWN = 1.0
"""Seconds after a refusal in which full answers of getUpdates bring in none of this user: a flood fills several."""
_MOVED = ("migrate_to_chat_id", "migrate_from_chat_id")
_REPEATABLE = ("message", "callback_query", "inline_query", "chosen_inline_result")


def may_be_refused(update: Update) -> bool:
    """Whether its user can simply do it again: a tap, a word, a search; not what Telegram reports once."""
    message = update.get("message")
    if isinstance(message, dict):
        return not any(field in message for field in _MOVED)
    return any(kind in update for kind in _REPEATABLE)


class FloodNotices:
    """Tells users that updates were refused: once a second at most, however many there were."""

    def __init__(self, messenger: Messenger, say: Callable[[Ack, str], Awaitable[None]]) -> None:
        """`say` answers an update with the text of a key."""
        self._messenger = messenger
        self._say = say
        self._tasks: set[asyncio.Task[None]] = set()

    def refuse(self, ack: Ack) -> None:
        """Settle an update without handling it."""
        ack.state = AckState.REFUSED
        UPDATES.labels(ack.kind, ack.state.value).inc()
        if "inline_query" not in ack.update and ack.user_id and self._messenger.may_hint(ack.user_id):
            task = asyncio.create_task(self._tell(ack))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _tell(self, ack: Ack) -> None:
        try:
            await self._say(ack, "too-many-at-once")
        except Exception as error:  # the update may be malformed, and Telegram may refuse further messages
            log.info("update %s: the refusal was not told: %s", ack.update.get("update_id"), error_of(error))
