"""The state in memory and the operations on it. Used from one event loop only."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

import orjson

from sandbox.errors import Misuse
from sandbox.state.clock import MovableClock
from sandbox.state.events import EventFeed
from sandbox.state.files import FileStore
from sandbox.state.model import Bot, Callback, Chat, Checkout, InlineQuery, Json, Message, Person, Update

FIRST_PERSON = 1001
K = TypeVar("K")
T = TypeVar("T")
TOKEN = re.compile(r"[1-9][0-9]*:[A-Za-z0-9_-]{3,}")
MAX_QUERIES = 50_000
DAY = 86_400
LIFETIMES = {"callback_query": 150, "inline_query": 30, "chosen_inline_result": 600}  # seconds; else a day
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(slots=True)
class State:
    """Everything that snapshots and the state on disk contain."""

    bots: dict[int, Bot] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    chats: dict[str, Chat] = field(default_factory=dict)
    messages: dict[str, dict[int, Message]] = field(default_factory=dict)
    callbacks: dict[str, Callback] = field(default_factory=dict)
    inline_queries: dict[str, InlineQuery] = field(default_factory=dict)
    inline_messages: dict[str, tuple[str, int]] = field(default_factory=dict)  # inline id -> chat key, message id
    inline_cache: dict[str, tuple[str, float]] = field(default_factory=dict)  # cache key -> query id, expiry
    prepared: dict[str, Json] = field(default_factory=dict)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    payments: dict[str, Json] = field(default_factory=dict)
    polls: dict[str, Json] = field(default_factory=dict)
    last_serial: int = 0
    clock_offset: float = 0.0


class World:
    """Holds the state. Bot API methods and user actions change it here; each change is published in `feed`."""

    def __init__(self) -> None:
        self.state = State()
        self.clock = MovableClock()
        self.clock.on_move = lambda: self.feed.emit("clock", **self._now())
        self.clock.on_marks = lambda: self.feed.emit("marks", marks=self.clock.marks)
        self.feed = EventFeed()
        self.files = FileStore()
        self.by_token: dict[str, Bot] = {}
        self.online: set[int] = set()
        self.on_update = _ignore_update

    def _now(self) -> Json:
        now = self.clock.as_json()
        return {"now": now["now"], "offset_seconds": now["offset_seconds"]}

    def next_serial(self) -> int:
        """A number that is unique among queries, albums, links and charges."""
        self.state.last_serial += 1
        return self.state.last_serial

    @staticmethod
    def store_recent(store: dict[str, T], id: str, value: T) -> None:
        """Store a query. At MAX_QUERIES the older half is deleted: those have expired long ago."""
        if len(store) >= MAX_QUERIES:
            for old in list(itertools.islice(store, MAX_QUERIES // 2)):
                del store[old]
        store[id] = value

    # -- accounts -----------------------------------------------------------------------------------------------------

    def add_bot(self, token: str, username: str, first_name: str, supports_inline_queries: bool = True) -> Bot:
        """Create a bot, or rename the bot of this token. Raises Misuse for a malformed token."""
        if not TOKEN.fullmatch(token) or len(token) > 80:
            raise Misuse("A bot's token looks like 123456:some-secret.")
        bot_id = int(token.partition(":")[0])
        bot = self.state.bots.get(bot_id)
        if bot is None:
            bot = Bot(bot_id, token, username, first_name)
            self.state.bots[bot_id] = bot
            for person in self.state.people.values():
                self.open_private_chat(person, bot)
        self.by_token.pop(bot.token, None)
        bot.token, bot.username, bot.first_name = token, username, first_name
        bot.supports_inline_queries = supports_inline_queries
        self.by_token[token] = bot
        self.feed.emit("bot", bot=bot)
        return bot

    def add_person(
        self,
        first_name: str,
        id: int | None = None,
        *,
        last_name: str = "",
        username: str | None = None,
        language_code: str = "en",
        is_premium: bool = False,
        time_zone: str = "UTC",
        role_note: str = "",
    ) -> Person:
        """Create a person; ids are 1001, 1002, … unless given. Raises Misuse for an id in use or an empty name."""
        if id is None:
            id = next(number for number in itertools.count(FIRST_PERSON) if number not in self.state.people)
        if id <= 0 or id in self.state.people or id in self.state.bots:
            raise Misuse(f"The id {id} is taken or not positive.")
        if not first_name.strip():
            raise Misuse("A person needs a first name.")
        person = Person(
            id,
            first_name.strip(),
            last_name=last_name,
            username=(username or "").lstrip("@"),
            language_code=language_code,
            is_premium=is_premium,
            time_zone=time_zone,
            avatar_hue=id * 47 % 360,
            role_note=role_note,
        )
        self.state.people[id] = person
        for bot in self.state.bots.values():
            self.open_private_chat(person, bot)
        self.feed.emit("person", person=person)
        self.publish_bots()
        return person

    def publish_bots(self) -> None:
        """Publish every bot again: the commands that a person sees may have changed."""
        for bot in self.state.bots.values():
            self.feed.emit("bot", bot=bot)

    def direct_chat(self, one: int, other: int) -> Chat:
        """The private chat of two people, without a bot; created on first use. Raises Misuse."""
        if one == other:
            raise Misuse("A private chat has two people.")
        low, high = sorted((self.person(one).id, self.person(other).id))
        key = f"d{low}:{high}"
        chat = self.state.chats.get(key)
        if chat is None:
            chat = Chat(key, "private", low, members=[low, high], started=True)
            self.state.chats[key] = chat
            self.feed.emit("chat", chat=chat)
        return chat

    def open_private_chat(self, person: Person, bot: Bot) -> None:
        """Create the private chat of a person and a bot unless it exists."""
        key = private_key(person.id, bot.id)
        if key not in self.state.chats:
            chat = Chat(key, "private", person.id, members=[person.id], bots=[bot.id])
            self.state.chats[key] = chat
            self.feed.emit("chat", chat=chat)

    def bot_named(self, name: str | int) -> Bot:
        """A bot by its username (with or without @) or id. Raises Misuse when there is none."""
        wanted = str(name).lstrip("@").lower()
        for bot in self.state.bots.values():
            if bot.username.lower() == wanted or str(bot.id) == wanted:
                return bot
        raise Misuse(f"There is no bot {name}.")

    def person(self, id: int) -> Person:
        """A person by id. Raises Misuse when there is none."""
        try:
            return self.state.people[id]
        except KeyError:
            raise Misuse(f"There is no person {id}.") from None

    def chat(self, key: str) -> Chat:
        """A chat by its key. Raises Misuse when there is none."""
        try:
            return self.state.chats[key]
        except KeyError:
            raise Misuse(f"There is no chat {key}.") from None

    def private_chat(self, person_id: int, bot_id: int) -> Chat:
        """The private chat of a person and a bot."""
        return self.chat(private_key(person_id, bot_id))

    # -- messages -----------------------------------------------------------------------------------------------------

    def next_message_id(self, chat: Chat) -> int:
        """The next message id: one sequence for all private chats of a bot, one for each group and channel."""
        owner: Bot | Chat = self.state.bots[chat.bot_id] if chat.type == "private" and chat.bots else chat
        owner.last_message_id += 1
        return owner.last_message_id

    def add_message(self, chat: Chat, sender: int, content: Json, **rest: Any) -> Message:
        """Add a message to a chat, count it as unread for the other members, and publish it.

        `rest` are further fields of Message; `ids_for` defaults to the chat's first bot.
        """
        now = int(self.clock.unix())
        values = {"ids_for": chat.bot_id, **rest}
        message = Message(self.next_message_id(chat), chat.key, now, sender, content, **values)
        self.state.messages.setdefault(chat.key, {})[message.id] = message
        readers = [message.only_for] if message.only_for else chat.members
        for reader in readers:
            if reader != sender and (person := self.state.people.get(reader)) is not None:
                person.unread[chat.key] = person.unread.get(chat.key, 0) + 1
                self.feed.emit("unread", person=reader, chat=chat.key, count=person.unread[chat.key])
        self.feed.emit("message", chat=chat.key, message=message)
        return message

    def find_message(self, chat_key: str, message_id: int) -> Message | None:
        """A message; None for an unknown one."""
        return self.state.messages.get(chat_key, {}).get(message_id)

    def message_changed(self, message: Message) -> None:
        """Publish an edited message."""
        self.feed.emit("edit", chat=message.chat, message=message)

    def delete_messages(self, chat_key: str, ids: Iterable[int]) -> None:
        """Delete messages for all members."""
        messages = self.state.messages.get(chat_key, {})
        deleted = [id for id in ids if messages.pop(id, None) is not None]
        if deleted:
            self.feed.emit("delete", chat=chat_key, message_ids=deleted)

    # -- updates ------------------------------------------------------------------------------------------------------

    def queue_update(self, bot: Bot, kind: str, body: Json, lane: int) -> None:
        """Queue an update for a bot if its `allowed_updates` include the kind; `lane` is the sender's id."""
        allowed = kind in bot.allowed_updates if bot.allowed_updates else kind not in NOT_BY_DEFAULT
        if not allowed:
            return
        bot.last_update_id += 1
        expires = self.clock.unix() + LIFETIMES.get(kind, DAY)
        bot.updates.append(Update(bot.last_update_id, kind, lane, expires, orjson.dumps(body).decode()))
        self.on_update(bot)

    # -- snapshots ----------------------------------------------------------------------------------------------------

    def dump(self) -> bytes:
        """The state without the bytes of files, as JSON."""
        self.state.clock_offset = self.clock.offset
        return orjson.dumps({"state": self.state, "files": self.files.index()}, option=orjson.OPT_NON_STR_KEYS)

    def load(self, dumped: bytes) -> None:
        """Replace the state by a dump. The bytes of its files must be in `files.data` already."""
        document = orjson.loads(dumped)
        raw = document["state"]
        state = State(
            bots=_keep_identity({int(id): _revive_bot(bot) for id, bot in raw["bots"].items()}, self.state.bots),
            people=_keep_identity({int(id): Person(**one) for id, one in raw["people"].items()}, self.state.people),
            chats=_keep_identity({key: Chat(**chat) for key, chat in raw["chats"].items()}, self.state.chats),
            messages={
                key: {int(id): Message(**message) for id, message in messages.items()}
                for key, messages in raw["messages"].items()
            },
            callbacks={id: Callback(**item) for id, item in raw["callbacks"].items()},
            inline_queries={id: InlineQuery(**item) for id, item in raw["inline_queries"].items()},
            inline_messages={id: (place[0], place[1]) for id, place in raw["inline_messages"].items()},
            checkouts={id: Checkout(**item) for id, item in raw["checkouts"].items()},
        )
        for name in (entry.name for entry in fields(State)):
            if name in raw and name not in _REVIVED:
                setattr(state, name, raw[name])
        self.state = state
        self.files.restore(document["files"])
        self.by_token = {bot.token: bot for bot in state.bots.values()}
        self.clock.offset = state.clock_offset
        self.feed.emit("reload")

    def shared_chats(self) -> Iterator[Chat]:
        """All groups, supergroups and channels."""
        return (chat for chat in self.state.chats.values() if chat.type != "private")


_REVIVED = frozenset(
    {"bots", "people", "chats", "messages", "callbacks", "inline_queries", "inline_messages", "checkouts"}
)


def _keep_identity(loaded: dict[K, T], existing: dict[K, T]) -> dict[K, T]:
    """The loaded values in the objects that exist already, so that references to them stay valid."""
    for key, new in loaded.items():
        if (old := existing.get(key)) is not None:
            for slot in new.__slots__:  # type: ignore[attr-defined]
                setattr(old, slot, getattr(new, slot))
            loaded[key] = old
    return loaded


def _revive_bot(raw: Json) -> Bot:
    raw["updates"] = [Update(**update) for update in raw["updates"]]
    return Bot(**raw)


def _ignore_update(bot: Bot) -> None:
    """Replaced by the delivery of updates; without it they stay queued."""


def private_key(person_id: int, bot_id: int) -> str:
    """The key of the private chat of a person and a bot."""
    return f"p{person_id}:{bot_id}"


def group_key(chat_id: int) -> str:
    """The key of a group, supergroup or channel."""
    return f"g{chat_id}"
