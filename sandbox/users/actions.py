"""Writing, tapping, following links, blocking: what people do in their apps, and the updates it causes."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.bot_api.objects import chat_json, message_json, user_json
from sandbox.errors import Misuse
from sandbox.state.model import Bot, Callback, Chat, Json, Message, Person
from sandbox.state.world import World, private_key
from sandbox.text import formatted

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
SERVICE, GROUP_ANONYMOUS, CHANNEL_BOT = 777000, 1087968824, 136817688
LINK_HOSTS = frozenset({"t.me", "telegram.me", "telegram.dog"})


class UserActions:
    """Each action changes the world and queues updates for the bots. Impossible actions raise Misuse."""

    def __init__(self, world: World) -> None:
        self.world = world

    # -- writing ------------------------------------------------------------------------------------------------------

    def say(
        self,
        person: Person,
        chat: Chat,
        text: str,
        *,
        entities: list[Json] | None = None,
        reply_to: int = 0,
        as_chat: Chat | None = None,
        topic: int = 0,
    ) -> Message:
        """Send a text message; with `as_chat` in the name of a channel, or of the group itself as anonymous
        administrators do; in a `topic` of a forum."""
        text, found = formatted(text, "", entities, user_of=lambda id: user_json(self.world, id))
        if not text:
            raise Misuse("An empty message cannot be sent.")
        if len(text) > 4096:
            raise Misuse("A message has at most 4,096 characters.")
        content: Json = {"text": text}
        if found:
            content["entities"] = found
        head: Json = {}
        if topic:
            head = {"message_thread_id": topic, "is_topic_message": True}
        elif reply_to and chat.type == "supergroup":
            head = {"message_thread_id": reply_to}  # the thread of replies, which is no topic
        if as_chat is None:
            return self.send(person, chat, content, reply_to=reply_to, head=head)
        head["sender_chat"] = chat_json(self.world, as_chat)
        sender = GROUP_ANONYMOUS if as_chat is chat else CHANNEL_BOT
        return self.send(person, chat, content, reply_to=reply_to, head=head, sender=sender)

    def send(self, person: Person, chat: Chat, content: Json, **rest: Any) -> Message:
        """Send any content as a message of the person."""
        self._check_may_write(person, chat)
        first = chat.type == "private" and not chat.started
        message = self.world.add_message(chat, rest.pop("sender", person.id), content, **rest)
        if chat.type == "private":
            chat.started = chat.known = True
            if first:
                self.world.feed.emit("chat", chat=chat)
        self.queue_message_update(chat, message)
        return message

    def _check_may_write(self, person: Person, chat: Chat) -> None:
        if person.deactivated:
            raise Misuse(f"{person.first_name}'s account has been deleted.")
        if person.id not in chat.members:
            raise Misuse(f"{person.first_name} is not in this chat.")
        if chat.upgraded_to:
            raise Misuse("This group became a supergroup.")
        if chat.type == "channel" and person.id not in chat.admins:
            raise Misuse("Only admins can write in a channel.")
        if chat.type == "private" and chat.bot_id in person.blocked:
            raise Misuse("Unblock the bot first.")

    def queue_message_update(self, chat: Chat, message: Message, kind: str = "message") -> None:
        """Queue a new or edited message for each bot of the chat that receives it."""
        if chat.type == "channel":
            kind = "channel_post" if kind == "message" else "edited_channel_post"
        for bot_id in chat.bots:
            bot = self.world.state.bots[bot_id]
            if bot_id != message.sender and self._receives(bot, chat, message):
                self.world.queue_update(bot, kind, message_json(self.world, message, bot_id), message.sender)
        if kind == "channel_post" and (linked := chat.details.get("discussion")):
            self._forward_to_discussion(chat, message, self.world.chat(linked))

    def _forward_to_discussion(self, channel: Chat, post: Message, group: Chat) -> None:
        """The automatic forward of a channel's post into the linked group."""
        origin = {"type": "channel", "chat": chat_json(self.world, channel), "message_id": post.id, "date": post.date}
        head = {
            "sender_chat": chat_json(self.world, channel),
            "forward_origin": origin,
            "is_automatic_forward": True,
        }
        self.queue_message_update(group, self.world.add_message(group, SERVICE, dict(post.content), head=head))

    def _receives(self, bot: Bot, chat: Chat, message: Message) -> bool:
        """Group privacy: bots receive commands, replies to them, their inline messages and service messages."""
        if chat.type in ("private", "channel") or bot.can_read_all_group_messages or bot.id in chat.admins:
            return True
        if message.sender in self.world.state.bots:
            return message.via_bot == bot.id
        if message.via_bot == bot.id:
            return True
        if message.reply_to:
            original = self.world.find_message(chat.key, message.reply_to)
            if original is not None and original.sender == bot.id:
                return True
        text = message.text
        if text.startswith("/"):
            command, _, addressee = text.split(maxsplit=1)[0].partition("@")
            return len(command) > 1 and addressee.lower() in ("", bot.username.lower())
        return "text" not in message.content and not any(
            kind in message.content for kind in ("photo", "document", "video", "audio", "sticker", "poll", "animation")
        )

    def start(self, person: Person, bot: Bot, payload: str = "") -> Message:
        """Press Start or follow a deep link; this unblocks the bot."""
        if payload and not PAYLOAD.fullmatch(payload):
            raise Misuse("A start payload has 1 to 64 of A-Z a-z 0-9 _ and -.")
        if bot.id in person.blocked:
            self.unblock(person, bot)
        chat = self.world.private_chat(person.id, bot.id)
        return self.say(person, chat, f"/start {payload}".strip())

    def edit(self, person: Person, chat: Chat, message_id: int, text: str) -> Message:
        """Edit one of the person's text messages."""
        message = self.world.find_message(chat.key, message_id)
        if message is None or message.sender != person.id or "text" not in message.content:
            raise Misuse("Only your own text messages can be edited.")
        text, found = formatted(text, "")
        message.content = {"text": text, **({"entities": found} if found else {})}
        message.edit_date = int(self.world.clock.unix())
        self.world.message_changed(message)
        self.queue_message_update(chat, message, "edited_message")
        return message

    def read(self, person: Person, chat: Chat) -> None:
        """Mark all messages of a chat as read."""
        if person.unread.pop(chat.key, 0):
            self.world.feed.emit("unread", person=person.id, chat=chat.key, count=0)

    # -- tapping ------------------------------------------------------------------------------------------------------

    def tap(self, person: Person, chat: Chat, message_id: int, row: int, column: int) -> Json:
        """Tap a button of a keyboard. Returns what the app does; a callback button also queues its query."""
        message = self._visible(person, chat, message_id)
        try:
            button: Json = (message.markup or {})["inline_keyboard"][row][column]
        except (KeyError, IndexError):
            raise Misuse("That button no longer exists.") from None
        return self.press_button(person, chat, message, button)

    def press_button(self, person: Person, chat: Chat, message: Message, button: Json) -> Json:
        """The effect of a button under a message or inside a rich message."""
        bot_id = message.via_bot or message.sender
        if "callback_data" in button:
            return {
                "kind": "callback",
                "callback_query_id": self._queue_callback_query(person, chat, message, bot_id, button),
            }
        if "url" in button:
            return {"kind": "url", "url": button["url"]}
        if "login_url" in button:
            return {"kind": "url", "url": button["login_url"].get("url", "")}
        if "web_app" in button:
            return {"kind": "web_app", "url": button["web_app"]["url"]}
        if "copy_text" in button:
            return {"kind": "copy", "text": button["copy_text"]["text"]}
        if "pay" in button:
            return {"kind": "pay"}
        if "callback_game" in button:
            return {"kind": "game"}
        if "switch_inline_query_current_chat" in button:
            return self._switch(bot_id, button["switch_inline_query_current_chat"], "current")
        if "switch_inline_query" in button:
            return self._switch(bot_id, button["switch_inline_query"], "choose")
        if "switch_inline_query_chosen_chat" in button:
            chosen = button["switch_inline_query_chosen_chat"]
            return {**self._switch(bot_id, chosen.get("query", ""), "choose"), "chats": chosen}
        return {"kind": "disabled"}

    def _switch(self, bot_id: int, query: str, where: str) -> Json:
        username = self.world.state.bots[bot_id].username
        return {"kind": "switch_inline", "query": query, "bot": username, "where": where}

    def tap_rich_callback(self, person: Person, chat: Chat, message_id: int, data: str) -> Json:
        """Tap the callback button with this data inside a rich message."""
        message = self._visible(person, chat, message_id)
        button = _find_button(message.content.get("rich_message"), data)
        if button is None:
            raise Misuse("That button no longer exists.")
        return self.press_button(person, chat, message, button)

    def tap_rich(self, person: Person, chat: Chat, message_id: int, path: list[str | int]) -> Json:
        """Tap the button at a path inside a rich message, such as ["blocks", 2, "buttons", 0]."""
        message = self._visible(person, chat, message_id)
        button: Any = message.content.get("rich_message")
        try:
            for step in path:
                button = button[step]
        except (KeyError, IndexError, TypeError):
            button = None
        if not isinstance(button, dict) or "text" not in button or "type" in button:
            raise Misuse("That button no longer exists.")
        return self.press_button(person, chat, message, button)

    def _visible(self, person: Person, chat: Chat, message_id: int) -> Message:
        if person.deactivated:
            raise Misuse(f"{person.first_name}'s account has been deleted.")
        if person.id not in chat.members:
            raise Misuse(f"{person.first_name} is not in this chat.")
        message = self.world.find_message(chat.key, message_id)
        if message is None or message.only_for not in (0, person.id):
            raise Misuse("That message no longer exists.")
        return message

    def _queue_callback_query(self, person: Person, chat: Chat, message: Message, bot_id: int, button: Json) -> str:
        world = self.world
        id = str(4_000_000_000 + world.next_serial())
        query = Callback(id, person.id, bot_id, chat.key, message.id, world.clock.unix(), button["callback_data"])
        world.store_recent(world.state.callbacks, id, query)
        query_json: Json = {"id": id, "from": person.as_user()}
        if message.inline_id:
            query_json["inline_message_id"] = message.inline_id
        else:
            query_json["message"] = message_json(world, message, bot_id)
        query_json["chat_instance"] = str(-5_000_000_000 - abs(chat.id) - bot_id)
        query_json["data"] = button["callback_data"]
        self._mark_known(person, bot_id)
        world.queue_update(world.state.bots[bot_id], "callback_query", query_json, person.id)
        return id

    def _mark_known(self, person: Person, bot_id: int) -> None:
        """Record that the bot has met the person. It still may not write first."""
        chat = self.world.state.chats.get(private_key(person.id, bot_id))
        if chat is not None:
            chat.known = True

    # -- links, blocking ----------------------------------------------------------------------------------------------

    def open_link(self, person: Person, url: str) -> Json:
        """Open a link as a Telegram app does; a link with a start payload starts the bot."""
        parts = urlsplit(url if "://" in url else "https://" + url)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        path = parts.path.strip("/")
        if parts.scheme == "tg" and parts.netloc == "resolve":
            path = query.pop("domain", "")
        elif (parts.hostname or "").lower() not in LINK_HOSTS:
            return {"kind": "external", "url": url}
        if path == "share/url":
            text = "\n".join(part for part in (query.get("url", ""), query.get("text", "")) if part)
            return {"kind": "share", "text": text, "url": query.get("url", "")}
        for chat in self.world.shared_chats():
            if chat.username and chat.username.lower() == path.lower():
                return {"kind": "chat", "chat": chat.key}
        for other in self.world.state.people.values():
            if other.username and other.username.lower() == path.lower() and other.id != person.id:
                return {"kind": "chat", "chat": self.world.direct_chat(person.id, other.id).key}
        try:
            bot = self.world.bot_named(path)
        except Misuse:
            return {"kind": "external", "url": url}
        chat = self.world.private_chat(person.id, bot.id)
        payload = query.get("start")
        if payload:
            self.start(person, bot, payload)
        return {"kind": "chat", "chat": chat.key, "bot": bot.username, "started": bool(payload)}

    def block(self, person: Person, bot: Bot) -> None:
        """Block a bot: it receives `my_chat_member` with the status kicked, and 403 for later messages."""
        if bot.id in person.blocked:
            return
        person.blocked.append(bot.id)
        self._queue_bot_membership(person, bot, "member", "kicked")

    def unblock(self, person: Person, bot: Bot) -> None:
        """Unblock a bot: it receives `my_chat_member` with the status member."""
        if bot.id not in person.blocked:
            return
        person.blocked.remove(bot.id)
        self._queue_bot_membership(person, bot, "kicked", "member")

    def _queue_bot_membership(self, person: Person, bot: Bot, old: str, new: str) -> None:
        chat = self.world.private_chat(person.id, bot.id)
        self.world.feed.emit("person", person=person)
        if not (chat.started or chat.known):
            return
        self.world.queue_update(
            bot,
            "my_chat_member",
            {
                "chat": chat_json(self.world, chat),
                "from": person.as_user(),
                "date": int(self.world.clock.unix()),
                "old_chat_member": _bot_member(bot, old),
                "new_chat_member": _bot_member(bot, new),
            },
            person.id,
        )


def _bot_member(bot: Bot, status: str) -> Json:
    member: Json = {"user": bot.as_user(), "status": status}
    if status == "kicked":
        member["until_date"] = 0
    return member


def _find_button(value: Any, data: str) -> Json | None:
    if isinstance(value, dict):
        if value.get("callback_data") == data:
            return value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            if (found := _find_button(inner, data)) is not None:
                return found
    return None
