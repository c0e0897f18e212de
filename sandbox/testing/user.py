"""A simulated user for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox.state.model import Bot, Chat, Json, Person
from sandbox.testing.messages import InlineResults, NotSeen, SeenAnswer, SeenButton, SeenMessage
from sandbox.users.payments import pay

if TYPE_CHECKING:
    from sandbox.testing.kit import Kit

T = TypeVar("T")


class TestUser:
    """Acts as one person and reads what that person sees. The default chat is the private one with the bot.

    Each wait fails after `limit` seconds; without a `limit`, after that of the kit.
    """

    __test__ = False  # pytest must not collect this class

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
        """The chat with a key; without one the private chat with the bot."""
        if isinstance(key, Chat):
            return key
        return self.box.world.chat(key) if key else self.box.world.private_chat(self.id, self.bot.id)

    # -- actions ------------------------------------------------------------------------------------------------------

    async def says(
        self,
        text: str,
        *,
        chat: str | Chat | None = None,
        reply_to: SeenMessage | int = 0,
        as_chat: Chat | None = None,
        topic: int = 0,
    ) -> SeenMessage:
        """Send a text, with `as_chat` in the name of that chat, in a `topic` of a forum."""
        target = reply_to.id if isinstance(reply_to, SeenMessage) else reply_to
        say = self.box.backend.actions.say
        message = say(self.person, self.chat(chat), text, reply_to=target, as_chat=as_chat, topic=topic)
        return SeenMessage(self.box, message)

    async def starts(self, payload: str = "") -> SeenMessage:
        """Press Start, or follow a deep link with a payload."""
        return SeenMessage(self.box, self.box.backend.actions.start(self.person, self.bot, payload))

    async def sends_file(
        self,
        file: str | Path | bytes,
        name: str = "file.bin",
        *,
        caption: str = "",
        chat: str | Chat | None = None,
        as_photo: bool = False,
    ) -> SeenMessage:
        """Send a document, or a picture with `as_photo`."""
        if not isinstance(file, bytes):
            path = Path(file)
            name, file = path.name, await asyncio.to_thread(path.read_bytes)
        kind = "photo" if as_photo else "document"
        message = await self.box.backend.send_file(self.person, self.chat(chat), kind, file, name, "", caption)
        return SeenMessage(self.box, message)

    async def taps(
        self,
        label: str | SeenButton,
        *,
        message: SeenMessage | None = None,
        chat: str | Chat | None = None,
        limit: float | None = None,
    ) -> SeenAnswer | None:
        """Wait for a button, tap it and wait for the callback answer; None for buttons without a callback.

        Links to bots are followed, as in the apps. Raises NotSeen.
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
        label: str | SeenButton,
        *,
        message: SeenMessage | None = None,
        chat: str | Chat | None = None,
        limit: float | None = None,
    ) -> Json:
        """Wait for a button and tap it, without waiting for the answer. Returns the result as in the people API."""

        def find() -> tuple[SeenMessage, SeenButton] | None:
            for seen in [message] if message is not None else reversed(self.messages(chat)):
                wanted = label.text if isinstance(label, SeenButton) else label
                if (button := seen.button(wanted)) is not None and not seen.deleted:
                    return seen, button
            return None

        found = await self._wait_for(find, limit)
        if found is None:
            raise NotSeen(f"{self.person.first_name} sees no button {label!r} in:\n{self._newest_as_text(chat)}")
        seen, button = found
        chat_of = self.box.world.chat(seen.chat)
        return self.box.backend.actions.tap(self.person, chat_of, seen.id, button.row, button.column)

    async def answered(self, callback_query_id: str, *, limit: float | None = None) -> SeenAnswer:
        """Wait for the answer to a tap."""
        callbacks = self.box.world.state.callbacks
        answer = await self._wait_for(lambda: callbacks[callback_query_id].answer, limit)
        if answer is None:
            raise NotSeen(f"The bot did not answer {self.person.first_name}'s tap.")
        return SeenAnswer(answer["text"], answer["show_alert"], answer["url"])

    async def opens(self, url: str) -> Json:
        """Follow a link as a Telegram app does."""
        return self.box.backend.actions.open_link(self.person, url)

    async def asks(
        self, query: str, *, chat: str | Chat | None = None, offset: str = "", limit: float | None = None
    ) -> InlineResults:
        """Type `@bot query` in a chat and wait for the results. Raises NotSeen."""
        inline = self.box.backend.inline
        id = inline.send_query(self.person, self.chat(chat), self.bot, query, offset)
        results = await inline.wait_for_results(id, self._limit(limit))
        if results is None:
            raise NotSeen(f"The bot did not answer the inline query {query!r}.")
        return InlineResults(id, results, self.box.world.state.inline_queries[id].next_offset)

    async def chooses(
        self, results: InlineResults, result: str | int = 0, *, chat: str | Chat | None = None
    ) -> SeenMessage:
        """Send an inline result, given by id or index, to a chat."""
        wanted = results.results[result]["id"] if isinstance(result, int) else result
        message = await self.box.backend.inline.choose_result(self.person, self.chat(chat), results.id, wanted)
        return SeenMessage(self.box, message)

    async def forwards(self, message: SeenMessage, chat: str | Chat) -> SeenMessage:
        """Forward a message to another chat."""
        source = self.box.world.chat(message.chat)
        return SeenMessage(self.box, self.box.backend.inline.forward(self.person, source, message.id, self.chat(chat)))

    async def pays(self, message: SeenMessage) -> str:
        """Pay an invoice. Returns the bot's error message, "" for a successful payment."""
        done = await pay(self.box.backend.actions, self.person, self.box.world.chat(message.chat), message.id)
        return str(done.get("error", ""))

    async def blocks(self) -> None:
        """Block the bot."""
        self.box.backend.actions.block(self.person, self.bot)

    async def unblocks(self) -> None:
        """Unblock the bot."""
        self.box.backend.actions.unblock(self.person, self.bot)

    async def reads(self, *, chat: str | Chat | None = None) -> None:
        """Mark all messages of a chat as read."""
        self.box.backend.actions.read(self.person, self.chat(chat))

    # -- reading ------------------------------------------------------------------------------------------------------

    def messages(self, chat: str | Chat | None = None) -> list[SeenMessage]:
        """The messages of a chat that this person sees, the oldest first."""
        stored = self.box.world.state.messages.get(self.chat(chat).key, {})
        return [SeenMessage(self.box, one) for one in stored.values() if one.only_for in (0, self.id)]

    def last(self, chat: str | Chat | None = None) -> SeenMessage:
        """The newest message. Raises NotSeen in an empty chat."""
        messages = self.messages(chat)
        if not messages:
            raise NotSeen(f"{self.person.first_name}'s chat is empty.")
        return messages[-1]

    async def sees(
        self, text: str, *, among: int = 5, chat: str | Chat | None = None, limit: float | None = None
    ) -> SeenMessage:
        """Wait for a text in the newest `among` messages of others or in their buttons. Raises NotSeen."""

        def find() -> SeenMessage | None:
            others = [seen for seen in self.messages(chat) if seen.message.sender != self.id]
            for seen in reversed(others[-among:]):
                if text in seen.text or any(text in label for label in seen.labels):
                    return seen
            return None

        found = await self._wait_for(find, limit)
        if found is None:
            raise NotSeen(f"{self.person.first_name} does not see {text!r} but:\n{self._newest_as_text(chat)}")
        return found

    async def shows_nothing_new(self, for_seconds: float = 0.3, *, chat: str | Chat | None = None) -> None:
        """Raises NotSeen if a message arrives or changes in the chat within `for_seconds`."""
        feed, key, seen = self.box.world.feed, self.chat(chat).key, self.box.world.feed.rev

        def find() -> Any:
            news = feed.since(seen) or []
            return next((one for one in news if one.type in ("message", "edit") and one.payload["chat"] == key), None)

        if await feed.wait_for(find, for_seconds) is not None:
            raise NotSeen(f"{self.person.first_name}'s chat changed:\n{self._newest_as_text(chat)}")

    @property
    def unread(self) -> int:
        """The number of unread messages in the private chat."""
        return self.person.unread.get(self.chat().key, 0)

    async def _wait_for(self, find: Callable[[], T | None], limit: float | None) -> T | None:
        return await self.box.world.feed.wait_for(find, self._limit(limit))

    def _limit(self, limit: float | None) -> float:
        return self.kit.limit if limit is None else limit

    def _newest_as_text(self, chat: str | Chat | None) -> str:
        return "\n".join(map(repr, self.messages(chat)[-6:])) or "(an empty chat)"
