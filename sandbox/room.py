"""The room that everything of one sandbox shares: the world, its people's deeds, limits, log and mail."""

from __future__ import annotations

from typing import Any

from sandbox.dispatch import Dispatcher
from sandbox.errors import Misuse
from sandbox.faults import FaultLab
from sandbox.groups import GroupActions
from sandbox.inline_actions import InlineActions
from sandbox.limits import Limiter
from sandbox.log import CallLog
from sandbox.model import Bot, Chat, Json, Message, Person
from sandbox.state_store import Snapshots
from sandbox.text import formatted
from sandbox.update_queue import UpdateQueue
from sandbox.user_actions import UserActions
from sandbox.world import World


class Room:
    """One sandbox without its sockets."""

    def __init__(self) -> None:
        self.world = World()
        self.limiter = Limiter()
        self.log = CallLog(self.world.feed)
        self.faults = FaultLab(self.world.feed)
        self.snapshots = Snapshots(self.world)
        self.mailroom = UpdateQueue(self.world)
        self.deeds = UserActions(self.world)
        self.groups = GroupActions(self.deeds)
        self.inline = InlineActions(self.deeds, self.limiter)
        self.dispatcher = Dispatcher(self.world, self.mailroom, self.limiter, self.log, self.faults)
        self.webhooks = self.dispatcher.webhooks
        self.world.on_update = self._deliver
        self.closing = False

    def _deliver(self, bot: Bot) -> None:
        self.mailroom.wake(bot)
        self.webhooks.wake(bot)

    def open(self) -> None:
        """Take requests, and deliver what has waited."""
        self.closing = False
        self.mailroom.open()
        for bot in self.world.state.bots.values():
            self.webhooks.wake(bot)

    async def close(self) -> None:
        """End everything that waits."""
        self.closing = True
        self.mailroom.close()
        await self.webhooks.close()
        self.world.feed.emit("reload")

    def change_limits(self, wanted: dict[str, Any]) -> None:
        """Set rate limits; `enabled` also switches the brake on repeated polls. Raises Misuse."""
        self.limiter.rates.change(wanted)
        self.limiter.forget()
        self.mailroom.guard = self.limiter.rates.enabled

    def restore(self, snapshot: str) -> None:
        """Go back to a snapshot. Raises Misuse for an unknown one."""
        self.snapshots.restore(snapshot)
        self.limiter.forget()
        for bot in self.world.state.bots.values():
            self._deliver(bot)

    def reset(self) -> None:
        """Forget all that happened, the faults and the log; accounts stay."""
        self.snapshots.reset()
        self.faults.remove()
        self.log.clear()
        self.limiter.forget()

    async def send_file(
        self, person: Person, chat: Chat, kind: str, data: bytes, name: str, mime: str, caption: str, reply_to: int = 0
    ) -> Message:
        """A person sends a picture or a file. Raises Misuse, or a Refusal for what is no picture."""
        if not data:
            raise Misuse("An empty file cannot be sent.")
        shelf = self.world.files
        bot_id = chat.bot_id
        content: Json
        if kind == "photo":
            content = {"photo": shelf.photo_json(await shelf.take_photo(data), bot_id)}
        else:
            stored = shelf.add(kind, data, name, mime or "application/octet-stream")
            content = {kind: shelf.file_json(stored, bot_id)}
        text, found = formatted(caption, "")
        if text:
            content["caption"] = text
        if found:
            content["caption_entities"] = found
        return self.deeds.send(person, chat, content, reply_to=reply_to)
