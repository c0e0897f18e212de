"""Creates and connects the parts of one sandbox; the HTTP server is added by `Sandbox`."""

from __future__ import annotations

from typing import Any

from sandbox.bot_api.call_log import CallLog
from sandbox.bot_api.dispatcher import Dispatcher
from sandbox.bot_api.faults import FaultInjector
from sandbox.bot_api.rate_limits import Limiter
from sandbox.delivery.update_queue import UpdateQueue
from sandbox.errors import Misuse
from sandbox.experiments import Experiments
from sandbox.state.model import Bot, Chat, Json, Message, Person
from sandbox.state.snapshots import Snapshots
from sandbox.state.world import World
from sandbox.text import formatted
from sandbox.users.actions import UserActions
from sandbox.users.forums import Forums
from sandbox.users.groups import GroupActions
from sandbox.users.inline import InlineActions


class Backend:
    """One sandbox without its HTTP server."""

    def __init__(self) -> None:
        self.world = World()
        self.limiter = Limiter()
        self.call_log = CallLog(self.world.feed)
        self.faults = FaultInjector(self.world.feed)
        self.snapshots = Snapshots(self.world)
        self.experiments = Experiments(self.world.feed)
        self.update_queue = UpdateQueue(self.world)
        self.actions = UserActions(self.world)
        self.groups = GroupActions(self.actions)
        self.forums = Forums(self.actions)
        self.inline = InlineActions(self.actions, self.limiter)
        self.dispatcher = Dispatcher(self.world, self.update_queue, self.limiter, self.call_log, self.faults)
        self.webhooks = self.dispatcher.webhooks
        self.world.on_update = self._wake_delivery
        self.closing = False

    def _wake_delivery(self, bot: Bot) -> None:
        self.update_queue.wake(bot)
        self.webhooks.wake(bot)

    def open(self) -> None:
        """Accept requests, and deliver updates that were queued while the sandbox was closed."""
        self.closing = False
        self.update_queue.open()
        for bot in self.world.state.bots.values():
            self.webhooks.wake(bot)

    async def close(self) -> None:
        """End all waiting polls, webhook deliveries and event streams."""
        self.closing = True
        self.update_queue.close()
        await self.experiments.close()
        await self.webhooks.close()
        self.world.feed.emit("reload")

    def change_limits(self, wanted: dict[str, Any]) -> None:
        """Change rate limits; `enabled` also controls the throttling of repeated polls. Raises Misuse."""
        self.limiter.rates.change(wanted)
        self.limiter.clear()
        self.update_queue.throttling = self.limiter.rates.enabled

    def restore(self, snapshot: str) -> None:
        """Restore a snapshot. Raises Misuse for an unknown id."""
        self.snapshots.restore(snapshot)
        self.limiter.clear()
        for bot in self.world.state.bots.values():
            self._wake_delivery(bot)

    def reset(self) -> None:
        """Delete chats, messages, updates, faults and the call log. Bots and people keep their accounts."""
        self.snapshots.reset()
        self.faults.remove()
        self.call_log.clear()
        self.limiter.clear()

    async def send_file(
        self, person: Person, chat: Chat, kind: str, data: bytes, name: str, mime: str, caption: str, reply_to: int = 0
    ) -> Message:
        """Send a picture or a file as a person. Raises Misuse for an empty file, Refusal for an invalid picture."""
        if not data:
            raise Misuse("An empty file cannot be sent.")
        files = self.world.files
        bot_id = chat.bot_id
        content: Json
        if kind == "photo":
            content = {"photo": files.photo_json(await files.add_photo(data), bot_id)}
        else:
            stored = files.add(kind, data, name, mime or "application/octet-stream")
            content = {kind: files.file_json(stored, bot_id)}
        text, found = formatted(caption, "")
        if text:
            content["caption"] = text
        if found:
            content["caption_entities"] = found
        return self.actions.send(person, chat, content, reply_to=reply_to)
