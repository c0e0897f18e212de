"""Taps on inline buttons, and the data of each button: enough to be judged again at any later time, in 64 bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message
from pydantic import Field

from domain.carousel import Place

Number = Annotated[int, Field(ge=-(2**53), le=2**53)]
"""What a database can look for; a forged button may carry anything."""

Length = Annotated[int, Field(ge=1, le=2**53)]
"""How many cards a draw has: never none."""


@dataclass(frozen=True, slots=True)
class Tap:
    """One callback query (Bot API, CallbackQuery). `chat` and `message` are None for a message that is gone or was
    sent through inline mode; `photo` says whether the tapped message shows a picture. `update` is the update's id."""

    id: str
    person: int
    data: str
    chat: int | None
    message: int | None
    photo: bool
    update: int | None = None

    @classmethod
    def of(cls, query: CallbackQuery | Tap) -> Tap:
        """From what aiogram parsed."""
        if isinstance(query, Tap):
            return query
        message = query.message if isinstance(query.message, Message) else None
        return cls(
            query.id,
            query.from_user.id,
            query.data or "",
            message.chat.id if message else None,
            message.message_id if message else None,
            bool(message and message.photo),
        )

    @classmethod
    def read(cls, update: dict[str, Any]) -> Tap:
        """From an update as it came over the wire. Raises KeyError for what is no callback query."""
        query = update["callback_query"]
        message = query.get("message") or {}
        known = message.get("date", 0) != 0  # 0 marks a message that the bot can no longer see
        return cls(
            query["id"],
            query["from"]["id"],
            query.get("data", ""),
            message["chat"]["id"] if known else None,
            message["message_id"] if known else None,
            bool(known and message.get("photo")),
            update["update_id"],
        )


class HotCallback(CallbackData, prefix="_"):
    """A button of which every card has some."""

    @classmethod
    def data(cls, *values: str | int) -> str:
        """The packed button, from all its values in their order: as `pack` makes it, in a tenth of the time."""
        return ":".join((cls.__prefix__, *map(str, values)))


class CardCallback(HotCallback, prefix="_"):
    """A button on an item's card: which item, and where the card stands. `view`: l for the list, d for the details."""

    item: Number
    draw: Number = 0
    position: Number = 0
    of: Length = 1
    view: str = "l"

    @property
    def place(self) -> Place:
        """Where the card stands."""
        return Place(self.draw, self.position, self.of)

    @classmethod
    def on(cls, item: int, place: Place, view: str = "l") -> str:
        """The packed button of an item's card at its place."""
        return cls.data(item, place.draw, place.position, place.of, view)


class VoteCallback(CardCallback, prefix="v"):
    """🙋"""


class TakeBackCallback(CardCallback, prefix="x"):
    """✅"""


class DetailsCallback(CardCallback, prefix="d"):
    """🔍"""


class BackToCardCallback(CardCallback, prefix="b"):
    """↩️ from the details or the categories, where the card is on its own."""


class FollowCallback(CardCallback, prefix="f"):
    """🔔"""


class UnfollowCallback(CardCallback, prefix="u"):
    """🔕"""


class CategoriesCallback(CardCallback, prefix="g"):
    """🗂"""


class CanvassCallback(HotCallback, prefix="k"):
    """📣"""

    item: Number


class PageCallback(HotCallback, prefix="p"):
    """◀️ ▶️"""

    draw: Number
    position: Number


class NewDrawCallback(HotCallback, prefix="n"):
    """🎲 in this message, from one category or from all. `fresh` asks for a new message, `draw` for a draw like that
    one: out of its category."""

    category: str = ""
    fresh: bool = False
    draw: Number = 0


class OpenCallback(CallbackData, prefix="o"):
    """Show an item's card in a new message."""

    item: Number


class MineCallback(CallbackData, prefix="m"):
    """📋, page by page. `fresh` asks for a new message."""

    page: Number = 0
    fresh: bool = False


class ShareCallback(CallbackData, prefix="w"):
    """What to do with one's link for an item: more, back, poster, wechat, ask (before a new one), renew."""

    item: Number
    do: str


class SharedVoteCallback(CallbackData, prefix="e"):
    """🙋 on a card in any chat. `name` is the token of its owner's link, or the item's number where nobody owns it;
    `look` and `shown` say how the card is drawn and which count it shows."""

    name: str
    look: str
    shown: int


class ChatLanguageCallback(CallbackData, prefix="h"):
    """In which language the bot speaks in a bound chat."""

    language: str


class MyCanvassCallback(CallbackData, prefix="y"):
    """📣 all links, page by page."""

    page: Number = 0


class SettingsCallback(CallbackData, prefix="s"):
    """⚙️: what to set, and to which value."""

    what: str = ""
    value: str = ""


class PrivacyCallback(CallbackData, prefix="r"):
    """What to do with what is stored: export, ask (before deleting), delete."""

    do: str


class DeskCallback(CallbackData, prefix="k1"):
    """The organiser's desk: what to do, for which item, on which page."""

    do: str
    item: Number = 0
    page: Number = 0
    value: str = ""


class StillCallback(HotCallback, prefix="z"):
    """A button that only shows something, such as 3/28."""
