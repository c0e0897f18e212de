"""Types of the state. Field names are part of the format on disk (`state_store`) and do not change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Person:
    """A person's account."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "en"
    is_premium: bool = False
    time_zone: str = "UTC"
    deactivated: bool = False
    avatar_hue: int = 0
    role_note: str = ""
    blocked: list[int] = field(default_factory=list)  # ids of bots
    unread: dict[str, int] = field(default_factory=dict)  # chat key -> unread messages
    hides_forwards: bool = False  # forwards of the person's messages do not name the account
    refused_as: str = ""  # the 400 that bots get for messages: "user not found", "PEER_ID_INVALID"

    def as_user(self) -> Json:
        """The Bot API's User object."""
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.last_name:
            user["last_name"] = self.last_name
        if self.username:
            user["username"] = self.username
        if self.language_code:
            user["language_code"] = self.language_code
        if self.is_premium:
            user["is_premium"] = True
        return user


@dataclass(slots=True)
class Update:
    """A queued update; `body` is its JSON without `update_id`, rendered when the event happened."""

    id: int
    kind: str
    lane: int  # sender's id: a webhook receives the next update of a lane only after a 2xx
    expires: float  # seconds, by the sandbox's clock
    body: str

    def as_text(self) -> str:
        """The complete Update object as JSON text."""
        return f'{{"update_id":{self.id},"{self.kind}":{self.body}}}'


@dataclass(slots=True)
class Bot:
    """A bot's account and its settings."""

    id: int
    token: str
    username: str
    first_name: str
    supports_inline_queries: bool = True
    can_read_all_group_messages: bool = False
    revoked: bool = False
    logged_out: bool = False
    commands: dict[str, list[Json]] = field(default_factory=dict)  # "scope|language" -> commands
    texts: dict[str, str] = field(default_factory=dict)  # "name|language", "description|…", "short_description|…"
    menu_buttons: dict[str, Json] = field(default_factory=dict)  # private chat id, "" for the default
    settings: Json = field(default_factory=dict)  # values stored by other set… methods, by method
    updates: list[Update] = field(default_factory=list)
    allowed_updates: list[str] = field(default_factory=list)
    last_update_id: int = 700_000_000
    last_message_id: int = 0
    webhook: Json = field(default_factory=dict)  # url, secret_token, max_connections, last_error…
    stars: int = 0
    owed_tenths: int = 0

    def as_user(self) -> Json:
        """The Bot API's User object, as other users see it."""
        return {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}


@dataclass(slots=True)
class Chat:
    """A private chat of one person and one bot, or a group, supergroup or channel."""

    key: str
    type: str
    id: int
    title: str = ""
    username: str = ""
    members: list[int] = field(default_factory=list)
    bots: list[int] = field(default_factory=list)
    admins: list[int] = field(default_factory=list)  # people and bots
    started: bool = False
    known: bool = False  # private chat: the bot has met the person in a group or by a tap
    kicked: list[int] = field(default_factory=list)  # removed people and bots; they cannot rejoin on their own
    left: list[int] = field(default_factory=list)  # bots that are no longer members
    upgraded_to: int = 0
    last_message_id: int = 0
    pinned: list[int] = field(default_factory=list)
    details: Json = field(default_factory=dict)  # description, permissions, custom titles…

    @property
    def bot_id(self) -> int:
        """The bot of a private chat, or the first bot of a group; 0 for none."""
        return self.bots[0] if self.bots else 0


@dataclass(slots=True)
class Message:
    """A message. An edit replaces `content` and keeps `head` (album, forward origin, …)."""

    id: int
    chat: str
    date: int
    sender: int
    content: Json
    head: Json = field(default_factory=dict)
    markup: Json | None = None
    edit_date: int = 0
    reply_to: int = 0
    via_bot: int = 0
    inline_id: str = ""
    ids_for: int = 0  # the bot for which the file ids inside `content` are valid
    only_for: int = 0  # ephemeral message: the only person who sees it
    reactions: dict[str, list[Json]] = field(default_factory=dict)  # user id -> ReactionType objects

    @property
    def text(self) -> str:
        """The text or the caption."""
        return str(self.content.get("text") or self.content.get("caption") or "")


@dataclass(slots=True)
class Callback:
    """A tap on a callback button, and its answer."""

    id: str
    person: int
    bot: int
    chat: str
    message_id: int
    at: float  # seconds, by the sandbox's clock
    data: str = ""
    answer: Json | None = None


@dataclass(slots=True)
class InlineQuery:
    """An inline query of a person, and the bot's answer."""

    id: str
    person: int
    bot: int
    chat: str
    query: str
    offset: str
    at: float
    results: list[Json] | None = None
    next_offset: str = ""
    button: Json | None = None


@dataclass(slots=True)
class Checkout:
    """A shipping or pre-checkout query that the bot must answer."""

    id: str
    person: int
    bot: int
    chat: str
    message_id: int
    at: float
    invoice: Json = field(default_factory=dict)
    outcome: str = ""  # "", "ok" or the error shown to the person
