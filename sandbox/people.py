"""The test kit: people who say, tap and see things. Every wait has a limit and none has a fixed length.

kit = Kit(box)
ann = await kit.person("Ann", language_code="en")
await ann.says("/start")
await ann.sees("Welcome")
answer = await ann.taps("🙋")
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.box import Sandbox
from sandbox.errors import Misuse
from sandbox.model import Bot, Chat, Json, Message, Person

LIMIT = 5.0  # seconds a wait may take unless it says otherwise


class NotSeen(AssertionError):
    """What should have happened did not, within the limit; the text tells what was there instead."""


@dataclass(slots=True, frozen=True)
class Button:
    """One inline button; `data` of a callback button, `url` of a link, `copy` of a copy button, and so on."""

    text: str
    row: int
    column: int
    raw: Json

    @property
    def data(self) -> str | None:
        """The callback data."""
        return self.raw.get("callback_data")

    @property
    def url(self) -> str | None:
        """The link."""
        return self.raw.get("url")

    @property
    def copy(self) -> str | None:
        """The text that it copies."""
        copied = self.raw.get("copy_text")
        return copied["text"] if copied else None

    @property
    def query(self) -> str | None:
        """The inline query that it switches to."""
        for name in ("switch_inline_query", "switch_inline_query_current_chat"):
            if name in self.raw:
                return str(self.raw[name])
        chosen = self.raw.get("switch_inline_query_chosen_chat")
        return str(chosen.get("query", "")) if chosen is not None else None

    @property
    def style(self) -> str | None:
        """danger, success, primary or None."""
        return self.raw.get("style")

    @property
    def disabled(self) -> bool:
        """Whether it does nothing."""
        return "disabled" in self.raw


@dataclass(slots=True, frozen=True)
class Answer:
    """The bot's answer to a tap: a toast or alert with a text, or a link that the app opens."""

    text: str
    alert: bool
    url: str


class Seen:
    """A message as a person sees it; it follows edits."""

    def __init__(self, box: Sandbox, message: Message) -> None:
        self._box = box
        self.message = message

    @property
    def id(self) -> int:
        """Its number in the chat."""
        return self.message.id

    @property
    def chat(self) -> str:
        """The key of its chat."""
        return self.message.chat

    @property
    def text(self) -> str:
        """The text or caption, without formatting."""
        return self.message.text

    @property
    def entities(self) -> list[Json]:
        """The formatting of text or caption."""
        content = self.message.content
        return list(content.get("entities") or content.get("caption_entities") or [])

    @property
    def buttons(self) -> list[list[Button]]:
        """The rows of the inline keyboard."""
        rows = (self.message.markup or {}).get("inline_keyboard", [])
        return [
            [Button(raw["text"], row, column, raw) for column, raw in enumerate(buttons)]
            for row, buttons in enumerate(rows)
        ]

    @property
    def labels(self) -> list[str]:
        """The labels of all buttons."""
        return [button.text for row in self.buttons for button in row]

    @property
    def edited(self) -> bool:
        """Whether it was changed after it was sent."""
        return bool(self.message.edit_date)

    @property
    def deleted(self) -> bool:
        """Whether it is gone from the chat."""
        return self._box.world.find(self.message.chat, self.message.id) is None

    @property
    def has_photo(self) -> bool:
        """Whether it shows a picture."""
        return "photo" in self.message.content

    def photo_bytes(self) -> bytes:
        """The picture in its largest size, as JPEG. Raises NotSeen when it has none."""
        sizes = self.message.content.get("photo")
        if not sizes:
            raise NotSeen("The message has no picture.")
        return self._box.world.files.data[sizes[-1]["file_unique_id"]]

    def file_bytes(self) -> bytes:
        """The document. Raises NotSeen when it has none."""
        document = self.message.content.get("document")
        if not document:
            raise NotSeen("The message has no document.")
        return self._box.world.files.data[document["file_unique_id"]]

    def button(self, label: str) -> Button | None:
        """The first button whose label starts with a text, else the first that contains it."""
        buttons = [button for row in self.buttons for button in row]
        for match in (str.startswith, str.__contains__):
            for button in buttons:
                if match(button.text, label):
                    return button
        return None

    def __repr__(self) -> str:
        return f"<{self.id}: {self.text!r} {self.labels}>"


class Someone:
    """A person in code. Chats default to the private one with the kit's bot."""

    def __init__(self, kit: Kit, person: Person, bot: Bot | None) -> None:
        self.kit = kit
        self.box = kit.box
        self.person = person
        self._bot = bot

    @property
    def id(self) -> int:
        """The account's id."""
        return self.person.id

    @property
    def bot(self) -> Bot:
        """The bot this person talks to."""
        return self._bot or self.kit.bot

    def chat(self, key: str | Chat | None = None) -> Chat:
        """A chat by its key, or the private one."""
        if isinstance(key, Chat):
            return key
        return self.box.world.chat(key) if key else self.box.world.private(self.id, self.bot.id)

    # -- doing ---------------------------------------------------------------------------------------------------

    async def says(self, text: str, *, chat: str | Chat | None = None, reply_to: Seen | int = 0) -> Seen:
        """Send a text."""
        target = reply_to.id if isinstance(reply_to, Seen) else reply_to
        message = self.box.room.deeds.say(self.person, self.chat(chat), text, reply_to=target)
        return Seen(self.box, message)

    async def starts(self, payload: str = "") -> Seen:
        """Press Start, at times with a deep link's payload."""
        return Seen(self.box, self.box.room.deeds.start(self.person, self.bot, payload))

    async def sends_file(
        self,
        file: str | Path | bytes,
        name: str = "file.bin",
        *,
        caption: str = "",
        chat: str | Chat | None = None,
        as_photo: bool = False,
    ) -> Seen:
        """Send a document, or a picture with `as_photo`."""
        if not isinstance(file, bytes):
            path = Path(file)
            name, file = path.name, await asyncio.to_thread(path.read_bytes)
        kind = "photo" if as_photo else "document"
        message = await self.box.room.send_file(self.person, self.chat(chat), kind, file, name, "", caption)
        return Seen(self.box, message)

    async def taps(
        self,
        label: str | Button,
        *,
        message: Seen | None = None,
        chat: str | Chat | None = None,
        limit: float = LIMIT,
    ) -> Answer | None:
        """Tap a button, waiting for it and for the bot's answer; None for a button that asks the bot nothing.

        A callback answer with a link to a bot is followed, as apps do. Raises NotSeen after `limit` seconds.
        """
        done = await self.tapped(label, message=message, chat=chat, limit=limit)
        if done["kind"] == "url":
            await self.opens(done["url"])
        if done["kind"] != "callback":
            return None
        answer = await self.answered(done["callback_query_id"], limit=limit)
        if answer.url:
            await self.opens(answer.url)
        return answer

    async def tapped(
        self,
        label: str | Button,
        *,
        message: Seen | None = None,
        chat: str | Chat | None = None,
        limit: float = LIMIT,
    ) -> Json:
        """Tap a button and do not wait for an answer. Returns what the app does, as the people's API tells it."""

        def find() -> tuple[Seen, Button] | None:
            for seen in [message] if message is not None else reversed(self.messages(chat)):
                wanted = label.text if isinstance(label, Button) else label
                if (button := seen.button(wanted)) is not None and not seen.deleted:
                    return seen, button
            return None

        found = await self.box.world.feed.until(find, limit)
        if found is None:
            raise NotSeen(f"{self.person.first_name} sees no button {label!r} in:\n{self._picture(chat)}")
        seen, button = found
        chat_of = self.box.world.chat(seen.chat)
        return self.box.room.deeds.tap(self.person, chat_of, seen.id, button.row, button.column)

    async def answered(self, callback_query_id: str, *, limit: float = LIMIT) -> Answer:
        """Wait for the answer to a tap."""
        callbacks = self.box.world.state.callbacks
        answer = await self.box.world.feed.until(lambda: callbacks[callback_query_id].answer, limit)
        if answer is None:
            raise NotSeen(f"The bot did not answer {self.person.first_name}'s tap within {limit} s.")
        return Answer(answer["text"], answer["show_alert"], answer["url"])

    async def opens(self, url: str) -> Json:
        """Follow a link as a Telegram app does."""
        return self.box.room.deeds.open(self.person, url)

    async def blocks(self) -> None:
        """Block the bot."""
        self.box.room.deeds.block(self.person, self.bot)

    async def unblocks(self) -> None:
        """Unblock the bot."""
        self.box.room.deeds.unblock(self.person, self.bot)

    async def reads(self, *, chat: str | Chat | None = None) -> None:
        """See everything; nothing is unread after it."""
        self.box.room.deeds.read(self.person, self.chat(chat))

    # -- seeing --------------------------------------------------------------------------------------------------

    def messages(self, chat: str | Chat | None = None) -> list[Seen]:
        """Every message of a chat that this person can see, the oldest first."""
        kept = self.box.world.state.messages.get(self.chat(chat).key, {})
        return [Seen(self.box, one) for one in kept.values() if one.only_for in (0, self.id)]

    def last(self, chat: str | Chat | None = None) -> Seen:
        """The newest message. Raises NotSeen in an empty chat."""
        messages = self.messages(chat)
        if not messages:
            raise NotSeen(f"{self.person.first_name}'s chat is empty.")
        return messages[-1]

    async def sees(self, text: str, *, among: int = 5, chat: str | Chat | None = None, limit: float = LIMIT) -> Seen:
        """Wait until one of the newest messages from others, buttons included, contains a text; returns it."""

        def find() -> Seen | None:
            others = [seen for seen in self.messages(chat) if seen.message.sender != self.id]
            for seen in reversed(others[-among:]):
                if text in seen.text or any(text in label for label in seen.labels):
                    return seen
            return None

        found = await self.box.world.feed.until(find, limit)
        if found is None:
            raise NotSeen(f"{self.person.first_name} does not see {text!r} but:\n{self._picture(chat)}")
        return found

    async def shows_nothing_new(self, for_seconds: float = 0.3, *, chat: str | Chat | None = None) -> None:
        """Raises NotSeen if a message arrives or changes in the chat within some seconds from now."""
        feed, key, seen = self.box.world.feed, self.chat(chat).key, self.box.world.feed.rev

        def find() -> Any:
            news = feed.since(seen) or []
            return next((one for one in news if one.type in ("message", "edit") and one.payload["chat"] == key), None)

        if await feed.until(find, for_seconds) is not None:
            raise NotSeen(f"{self.person.first_name}'s chat changed:\n{self._picture(chat)}")

    @property
    def unread(self) -> int:
        """How many messages of the private chat were not read."""
        return self.person.unread.get(self.chat().key, 0)

    def _picture(self, chat: str | Chat | None) -> str:
        return "\n".join(map(repr, self.messages(chat)[-6:])) or "(an empty chat)"


class Kit:
    """People for one sandbox; `bot` is its first bot unless named."""

    def __init__(self, box: Sandbox, bot: str | Bot | None = None) -> None:
        self.box = box
        self._bot = bot

    @property
    def bot(self) -> Bot:
        """The bot that people talk to. Raises Misuse while there is none."""
        if isinstance(self._bot, Bot):
            return self._bot
        if self._bot:
            return self.box.world.bot_named(self._bot)
        for bot in self.box.world.state.bots.values():
            return bot
        raise Misuse("The sandbox has no bot yet.")

    async def person(self, first_name: str, *, bot: Bot | None = None, **account: Any) -> Someone:
        """A new person; `account` takes what `Sandbox.add_person` takes."""
        return Someone(self, self.box.add_person(first_name, **account), bot)

    def known(self, id: int) -> Someone:
        """A person who is there already. Raises Misuse when there is none."""
        return Someone(self, self.box.world.person(id), None)
