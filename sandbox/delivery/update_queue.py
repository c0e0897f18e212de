"""Long polling: bots fetch their updates with getUpdates (Bot API, "Getting updates")."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from dataclasses import dataclass

from sandbox.bot_api.request import ApiRequest
from sandbox.errors import Refusal, conflict
from sandbox.state.model import Bot, Update
from sandbox.state.world import World

LONGEST_POLL = 50.0  # seconds
ANSWER_BYTES = 4 * 1024 * 1024
GATHER = 0.001  # seconds between the first update and the answer, so that a burst is answered together
OFFLINE_AFTER = 5.0  # seconds without a poll until the page shows the bot as offline
UPDATE_KINDS = frozenset(
    [
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "guest_message",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
    ]
)
TERMINATED = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@dataclass(slots=True)
class _Poller:
    """The polling state of one bot; not part of snapshots. Times are those of the event loop."""

    waiting: asyncio.Future[None] | None = None
    offset: int = 0
    started: float = -1000.0
    conflict: float = -1000.0
    offline_timer: asyncio.TimerHandle | None = None


class UpdateQueue:
    """Answers getUpdates. Timeouts use the event loop's clock, not the movable one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.throttling = True  # slow down a bot that requests the same offset repeatedly, as Telegram does
        self.monotonic = time.monotonic
        self._pollers: dict[int, _Poller] = {}
        self._closing = False

    def open(self) -> None:
        """Accept polls."""
        self._closing = False

    def close(self) -> None:
        """Answer every waiting poll with 500 "restart", and refuse new ones."""
        self._closing = True
        for poller in self._pollers.values():
            self._refuse(poller, Refusal(500, "Internal Server Error: restart"))

    def wake(self, bot: Bot) -> None:
        """Answer the waiting poll of a bot for which an update was queued."""
        poller = self._pollers.get(bot.id)
        if poller is not None and poller.waiting is not None and not poller.waiting.done():
            poller.waiting.set_result(None)

    def interrupt(self, bot: Bot, why: str) -> None:
        """End the waiting poll of a bot with a 409."""
        if (poller := self._pollers.get(bot.id)) is not None:
            self._refuse(poller, conflict(why))

    @staticmethod
    def _refuse(poller: _Poller, refusal: Refusal) -> None:
        if poller.waiting is not None and not poller.waiting.done():
            poller.waiting.set_exception(refusal)
        poller.waiting = None

    def set_allowed(self, call: ApiRequest) -> None:
        """Store `allowed_updates`. A value that is no list is ignored; a list without known names means the default."""
        wanted = call.json("allowed_updates")
        if isinstance(wanted, list):
            call.bot.allowed_updates = [name for name in dict.fromkeys(map(str, wanted)) if name in UPDATE_KINDS]

    def pending(self, bot: Bot, limit: int = 0) -> list[Update]:
        """The updates that have not expired, the oldest first; at most `limit` of them, 0 for all."""
        now = self.world.clock.unix()
        found: list[Update] = []
        stale = False
        for update in bot.updates:
            if update.expires <= now:
                stale = True
                continue
            found.append(update)
            if len(found) == limit:
                break
        if stale:
            bot.updates = [update for update in bot.updates if update.expires > now]
        return found

    async def get_updates(self, call: ApiRequest) -> bytes:
        """The JSON array of updates. Raises 409 to the older of two polls, and while a webhook is set."""
        bot = call.bot
        if bot.webhook.get("url"):
            raise conflict(WEBHOOK_ACTIVE)
        poller = self._pollers.setdefault(bot.id, _Poller())
        await self._end_previous_poll(poller, self.monotonic())
        self.set_allowed(call)
        offset = call.integer("offset")
        limit = min(max(call.integer("limit", 100), 1), 100)
        timeout = min(max(float(call.integer("timeout")), 0.0), LONGEST_POLL)
        now = self.monotonic()
        if self.throttling and offset == poller.offset:
            if timeout < 3 and now < poller.started + 3.0:
                timeout = 3.0
            if now < poller.started + 0.5:
                limit = 1
        poller.offset, poller.started = offset, now
        self._confirm(bot, offset)
        if timeout > 0 and not self.pending(bot, 1):
            await self._wait(bot, poller, timeout)
        return self._answer(bot, limit)

    async def _end_previous_poll(self, poller: _Poller, now: float) -> None:
        if self._closing:
            raise Refusal(500, "Internal Server Error: restart")
        previous = poller.waiting
        if previous is None or previous.done():
            return
        poller.waiting = None
        if now < poller.conflict + 3.0:  # two competing pollers are slowed down
            asyncio.get_running_loop().call_later(3.0, _refuse_later, previous)
        else:
            previous.set_exception(conflict(TERMINATED))
        poller.conflict = now

    def _confirm(self, bot: Bot, offset: int) -> None:
        if offset < 0:
            bot.updates = self.pending(bot)[offset:]
        elif offset > 0:
            del bot.updates[: bisect_left(bot.updates, offset, key=lambda update: update.id)]

    async def _wait(self, bot: Bot, poller: _Poller, timeout: float) -> None:
        """Wait for the first update, the end of `timeout` seconds, or a refusal by another request."""
        loop = asyncio.get_running_loop()
        poll: asyncio.Future[None] = loop.create_future()
        poller.waiting = poll
        self._set_online(bot, poller)
        timer = loop.call_later(timeout, _finish, poll)
        try:
            await poll
        finally:
            timer.cancel()
            if poller.waiting is poll:
                poller.waiting = None
            poller.offline_timer = loop.call_later(OFFLINE_AFTER, self._set_offline, bot, poller)
        await asyncio.sleep(GATHER)

    def _set_online(self, bot: Bot, poller: _Poller) -> None:
        if poller.offline_timer is not None:
            poller.offline_timer.cancel()
        if bot.id not in self.world.online:
            self.world.online.add(bot.id)
            self.world.feed.emit("bot", bot=bot)

    def _set_offline(self, bot: Bot, poller: _Poller) -> None:
        if poller.waiting is None and bot.id in self.world.online:
            self.world.online.discard(bot.id)
            self.world.feed.emit("bot", bot=bot)

    def _answer(self, bot: Bot, limit: int) -> bytes:
        texts: list[str] = []
        size = 0
        for update in self.pending(bot, limit):
            text = update.as_text()
            size += len(text)
            if texts and size > ANSWER_BYTES:
                break
            texts.append(text)
        return ("[" + ",".join(texts) + "]").encode()


def _finish(poll: asyncio.Future[None]) -> None:
    if not poll.done():
        poll.set_result(None)


def _refuse_later(poll: asyncio.Future[None]) -> None:
    if not poll.done():
        poll.set_exception(conflict(TERMINATED))
