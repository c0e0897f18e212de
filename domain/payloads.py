"""Deep links into the chat with the bot, and the start payloads that they carry (Bot API, "Deep linking").

Links stay in chats for ever, so the characters of a payload never change:

    join                    the button above the results of inline mode, for people who have not met the bot
    i<item>                 an item, by its number
    c<token>                a canvass link
    v<card><signature>      a tap on a shared card, whose vote completes in the chat with the bot
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

JOIN = "join"
RULES = "rules"
_ITEM = re.compile(r"i(\d{1,15})")
_BELONGS = re.compile(r"[A-Za-z0-9_-]+")
_SIGNATURE_LENGTH = 11
"""Characters of a signature: 64 bits."""


@dataclass(frozen=True, slots=True)
class PlainStart:
    """/start without a payload."""


@dataclass(frozen=True, slots=True)
class JoinStart:
    """The user wanted to share goods through inline mode before they met the bot."""

    def __str__(self) -> str:
        return JOIN


@dataclass(frozen=True, slots=True)
class RulesStart:
    """The voting rules, which the user wants to read."""

    def __str__(self) -> str:
        return RULES


@dataclass(frozen=True, slots=True)
class ItemStart:
    """An item, which the user wants to see. The same text is the inline query that finds this item."""

    item_id: int

    def __str__(self) -> str:
        return f"i{self.item_id}"


@dataclass(frozen=True, slots=True)
class CanvassStart:
    """A canvass link, by its token."""

    token: str

    def __str__(self) -> str:
        return f"c{self.token}"


@dataclass(frozen=True, slots=True)
class VoteStart:
    """A vote that began with a tap on a shared card. `card` is the card's name.

    The signature proves that the tap came from this user: without it a link could make other users vote.
    """

    card: str
    signature: str

    @classmethod
    def sign(cls, key: bytes, user_id: int, card: str) -> VoteStart:
        """The payload for the user with this Telegram ID."""
        digest = hmac.new(key, f"{user_id}:{card}".encode(), sha256).digest()
        return cls(card, urlsafe_b64encode(digest).decode()[:_SIGNATURE_LENGTH])

    def is_signed_for(self, key: bytes, user_id: int) -> bool:
        """Whether the signature is this user's."""
        expected = VoteStart.sign(key, user_id, self.card).signature
        return hmac.compare_digest(self.signature.encode(), expected.encode())

    def __str__(self) -> str:
        return f"v{self.card}{self.signature}"


@dataclass(frozen=True, slots=True)
class UnknownStart:
    """A payload that no version of the bot has written."""

    text: str

    def __str__(self) -> str:
        return self.text


StartPayload = PlainStart | JoinStart | RulesStart | ItemStart | CanvassStart | VoteStart | UnknownStart


def parse(text: str | None) -> StartPayload:
    """Read a start payload, which any user can forge. Never raises."""
    if not text:
        return PlainStart()
    if text == JOIN:
        return JoinStart()
    if text == RULES:
        return RulesStart()
    if item := _ITEM.fullmatch(text):
        return ItemStart(int(item[1]))
    kind, rest = text[0], text[1:]
    if kind == "c":
        return CanvassStart(rest)
    if kind == "v":
        return VoteStart(rest[:-_SIGNATURE_LENGTH], rest[-_SIGNATURE_LENGTH:])
    return UnknownStart(text)


def without_clinging(text: str) -> str:
    """A payload, or a token of an address, without what clings to it when a link is copied from a sentence: `。`, `.`,
    `)`, `，快来`, `/`, an invisible character. Only A-Z, a-z, 0-9, _ and - belong to one (Bot API, "Deep linking")."""
    found = _BELONGS.search(text)
    return found[0] if found else text


def chat_link(username: str, payload: StartPayload) -> str:
    """The link that opens the chat with the bot of this name and starts it with this payload."""
    return f"https://t.me/{username}?start" + ("" if isinstance(payload, PlainStart) else f"={payload}")


@dataclass(frozen=True, slots=True)
class Links:
    """How canvass links are written. `public_url` has no slash at its end; without it there are no web pages (R20).

    `app` is the address of an app that opens links of `t.me` given to it as `?open=`: the local chat, where there is no
    Telegram.
    """

    public_url: str | None = None
    app: str | None = None

    def chat(self, username: str, token: str) -> str:
        """The link that opens the item in the chat with the bot of this name."""
        return chat_link(username, CanvassStart(token))

    def page(self, token: str) -> str | None:
        """The item's web page; None without a public address."""
        return f"{self.public_url}/i/{token}" if self.public_url else None

    def public(self, path: str) -> str | None:
        """A page that everybody may read, such as `rules`; None without a public address."""
        return f"{self.public_url}/{path}" if self.public_url else None

    def anywhere(self, username: str, token: str) -> str:
        """The link that works with and without Telegram: the page, or the chat where there are no pages."""
        return self.page(token) or self.chat(username, token)

    def from_outside(self, link: str) -> str:
        """A link of `t.me` for a web page: as it is, or through the local chat."""
        return f"{self.app}/?open={quote(link, safe='')}" if self.app else link
