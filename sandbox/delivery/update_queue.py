"""The update_queue: how bots fetch their updates by long polling (Bot API, getUpdates)."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from dataclasses import dataclass

from sandbox.bot_api.request import ApiRequest
from sandbox.errors import Refusal, conflict
from sandbox.state.model import Bot, Update
from sandbox.state.world import World

LONGEST_POLL = 50.0  # seconds
ANSWER_BYTES = 4 * 1024 * 1024
GATHER = 0.001  # seconds from the first update to the answer, so that a burst arrives together
ABSENT_AFTER = 5.0  # seconds without a poll until the page shows a bot as offline
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
    """One bot's polling, apart from what a snapshot keeps. Times are the loop's."""

    waiting: asyncio.Future[None] | None = None
    offset: int = 0
    started: float = -1000.0
    conflict: float = -1000.0
    leaving: asyncio.TimerHandle | None = None


class UpdateQueue:
    """Hands updates to pollers. Waiting is measured by the loop's clock, never by the world's."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.guard = True  # Telegram's brake on bots that ask for the same offset over and over
        self._desks: dict[int, _Poller] = {}
        self._closing = False

    def open(self) -> None:
        """Take polls (again)."""
        self._closing = False

    def close(self) -> None:
        """Answer every waiting poll with a restart, and take no more."""
        self._closing = True
        for desk in self._desks.values():
            self._refuse(desk, Refusal(500, "Internal Server Error: restart"))

    def wake(self, bot: Bot) -> None:
        """An update is there."""
        desk = self._desks.get(bot.id)
        if desk is not None and desk.waiting is not None and not desk.waiting.done():
            desk.waiting.set_result(None)

    def interrupt(self, bot: Bot, why: str) -> None:
        """End a waiting poll with a 409."""
        if (desk := self._desks.get(bot.id)) is not None:
            self._refuse(desk, conflict(why))

    @staticmethod
    def _refuse(desk: _Poller, refusal: Refusal) -> None:
        if desk.waiting is not None and not desk.waiting.done():
            desk.waiting.set_exception(refusal)
        desk.waiting = None

    def set_allowed(self, call: ApiRequest) -> None:
        """Remember `allowed_updates`; what is no list is ignored, and no known name means the default."""
        wanted = call.json("allowed_updates")
        if isinstance(wanted, list):
            call.bot.allowed_updates = [name for name in dict.fromkeys(map(str, wanted)) if name in UPDATE_KINDS]

    def pending(self, bot: Bot, most: int = 0) -> list[Update]:
        """The updates that have not expired, the oldest first, at most `most` of them (0: all)."""
        now = self.world.clock.unix()
        found: list[Update] = []
        stale = False
        for update in bot.updates:
            if update.expires <= now:
                stale = True
                continue
            found.append(update)
            if len(found) == most:
                break
        if stale:
            bot.updates = [update for update in bot.updates if update.expires > now]
        return found

    async def get_updates(self, call: ApiRequest) -> bytes:
        """The JSON array of updates. Raises 409 to the older of two polls, and while a webhook is set."""
        bot = call.bot
        if bot.webhook.get("url"):
            raise conflict(WEBHOOK_ACTIVE)
        loop = asyncio.get_running_loop()
        desk = self._desks.setdefault(bot.id, _Poller())
        await self._end_older(desk, loop.time())
        self.set_allowed(call)
        offset = call.integer("offset")
        limit = min(max(call.integer("limit", 100), 1), 100)
        timeout = min(max(float(call.integer("timeout")), 0.0), LONGEST_POLL)
        now = loop.time()
        if self.guard and offset == desk.offset:
            if timeout < 3 and now < desk.started + 3.0:
                timeout = 3.0
            if now < desk.started + 0.5:
                limit = 1
        desk.offset, desk.started = offset, now
        self._confirm(bot, offset)
        if timeout > 0 and not self.pending(bot, 1):
            await self._wait(bot, desk, timeout)
        return self._answer(bot, limit)

    async def _end_older(self, desk: _Poller, now: float) -> None:
        if self._closing:
            raise Refusal(500, "Internal Server Error: restart")
        older = desk.waiting
        if older is None or older.done():
            return
        desk.waiting = None
        if now < desk.conflict + 3.0:  # quarrelling pollers are slowed down
            asyncio.get_running_loop().call_later(3.0, _refuse_later, older)
        else:
            older.set_exception(conflict(TERMINATED))
        desk.conflict = now

    def _confirm(self, bot: Bot, offset: int) -> None:
        if offset < 0:
            bot.updates = self.pending(bot)[offset:]
        elif offset > 0:
            del bot.updates[: bisect_left(bot.updates, offset, key=lambda update: update.id)]

    async def _wait(self, bot: Bot, desk: _Poller, timeout: float) -> None:
        """Wait for the first update, the end of `timeout` seconds, or a refusal by someone else."""
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[None] = loop.create_future()
        desk.waiting = mine
        self._arrive(bot, desk)
        timer = loop.call_later(timeout, _finish, mine)
        try:
            await mine
        finally:
            timer.cancel()
            if desk.waiting is mine:
                desk.waiting = None
            desk.leaving = loop.call_later(ABSENT_AFTER, self._leave, bot, desk)
        await asyncio.sleep(GATHER)

    def _arrive(self, bot: Bot, desk: _Poller) -> None:
        if desk.leaving is not None:
            desk.leaving.cancel()
        if bot.id not in self.world.online:
            self.world.online.add(bot.id)
            self.world.feed.emit("bot", bot=bot)

    def _leave(self, bot: Bot, desk: _Poller) -> None:
        if desk.waiting is None and bot.id in self.world.online:
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
