"""A Bot API call: the calling bot, the parameters and how they are read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import orjson

from sandbox.bot_api.rate_limits import Limiter
from sandbox.errors import bad_request, forbidden
from sandbox.state.model import Bot, Chat, Json, Message
from sandbox.state.world import World, group_key, private_key

PAID_BROADCAST_NEEDS = 10_000  # Stars of a bot that may send above the free rate, at 0.1 Stars a message
INTEGER = re.compile(r"\s*[+-]?\d+")


@dataclass(slots=True)
class Upload:
    """A file in a multipart request."""

    name: str
    data: bytes
    mime: str = ""


@dataclass(slots=True)
class ApiRequest:
    """Reads parameters as leniently as Telegram: unknown ones are ignored, and numbers may be strings."""

    world: World
    bot: Bot
    method: str
    args: Json
    limiter: Limiter
    files: dict[str, Upload] = field(default_factory=dict)

    # -- parameters ---------------------------------------------------------------------------------------------------

    def text(self, name: str) -> str:
        """A string; "" for a missing parameter."""
        value = self.args.get(name)
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int | float) else orjson.dumps(value).decode()

    def integer(self, name: str, default: int = 0) -> int:
        """An integer; 0 for a string that does not begin with one."""
        value = self.args.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        text = self.text(name)
        if not text:
            return default
        match = INTEGER.match(text)
        return int(match.group()) if match else 0

    def flag(self, name: str) -> bool:
        """A boolean: the strings true, yes and 1 count as true, in upper or lower case."""
        value = self.args.get(name)
        return value if isinstance(value, bool) else self.text(name).strip().lower() in ("true", "yes", "1")

    def json(self, name: str) -> Any:
        """A JSON value, given as such or as text; None for a missing parameter or invalid JSON."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return orjson.loads(value) if value else None
        except orjson.JSONDecodeError:
            return None

    def given(self, name: str) -> bool:
        """Whether the parameter is present and not empty."""
        return self.args.get(name) not in (None, "")

    def upload(self, value: str) -> Upload | None:
        """The uploaded file that a value refers to by attach://name."""
        return self.files.get(value.removeprefix("attach://")) if value.startswith("attach://") else None

    # -- chats --------------------------------------------------------------------------------------------------------

    def chat(self, name: str = "chat_id") -> Chat:
        """The chat of a parameter, without checking access. Raises "chat not found"."""
        wanted = self.text(name).strip()
        if not wanted:
            raise bad_request(f"{name} is empty")
        if wanted.startswith("@"):
            for chat in self.world.shared_chats():
                if chat.username and chat.username.lower() == wanted[1:].lower():
                    return chat
            raise bad_request("chat not found")
        try:
            id = int(wanted)
        except ValueError:
            raise bad_request("chat not found") from None
        chats = self.world.state.chats
        found = chats.get(private_key(id, self.bot.id)) if id > 0 else chats.get(group_key(id))
        if found is None:
            if id in self.world.state.bots:
                raise forbidden("the bot can't send messages to the bot")
            raise bad_request("chat not found")
        return found

    def readable(self, name: str = "chat_id") -> Chat:
        """A chat that the bot can read. Raises a Refusal otherwise."""
        chat = self.chat(name)
        if chat.type == "private":
            if not (chat.started or chat.known):
                raise bad_request("chat not found")
        elif self.bot.id not in chat.bots:
            raise not_a_member(chat, self.bot)
        return chat

    def writable(self, name: str = "chat_id") -> Chat:
        """A chat that the bot can write to. Raises the 403 refusals, or `migrate_to_chat_id` for an upgraded group."""
        chat = self.chat(name)
        if chat.type == "private":
            person = self.world.state.people[chat.id]
            if person.refused_as:
                raise bad_request(person.refused_as)
            if person.deactivated:
                raise forbidden("user is deactivated")
            if self.bot.id in person.blocked:
                raise forbidden("bot was blocked by the user")
            if not chat.started:
                if chat.known:
                    raise forbidden("bot can't initiate conversation with a user")
                raise bad_request("chat not found")
            return chat
        if chat.upgraded_to:
            raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.upgraded_to)
        if self.bot.id not in chat.bots:
            raise not_a_member(chat, self.bot)
        if chat.type == "channel" and self.bot.id not in chat.admins:
            raise bad_request("need administrator rights in the channel chat")
        return chat

    def spend(self, chat: Chat, count: int = 1) -> None:
        """Count messages or edits against the rate limits. `allow_paid_broadcast` is ignored with too few Stars."""
        costs = self.limiter.spend(
            self.bot.id,
            chat.key,
            group=chat.type != "private",
            count=count,
            paid=self.flag("allow_paid_broadcast") and self.bot.stars >= PAID_BROADCAST_NEEDS,
        )
        self.bot.owed_tenths += costs
        self.bot.stars -= self.bot.owed_tenths // 10
        self.bot.owed_tenths %= 10

    def message(self, chat: Chat, refusal: str, name: str = "message_id") -> Message:
        """The message of a parameter in a chat. Raises a 400 with the description `refusal`."""
        found = self.world.find_message(chat.key, self.integer(name))
        if found is None or found.only_for:
            raise bad_request(refusal)
        return found


def not_a_member(chat: Chat, bot: Bot) -> Exception:
    """The refusal for a bot that is not in a group: kicked, no member, or the group is unknown to it."""
    if bot.id in chat.kicked:
        return forbidden(f"bot was kicked from the {chat.type} chat")
    if bot.id in chat.left or chat.username:
        return forbidden(f"bot is not a member of the {chat.type} chat")
    return bad_request("chat not found")
