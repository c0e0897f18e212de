"""One class per button. Each carries enough to be judged again at any later time; Telegram allows 64 bytes."""

from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from domain.carousel import Place

Number = Annotated[int, Field(ge=-(2**53), le=2**53)]
"""What a database can look for; a forged button may carry anything."""

Length = Annotated[int, Field(ge=1, le=2**53)]
"""How many cards a draw has: never none."""


class Often(CallbackData, prefix="_"):
    """A button of which every card has some."""

    @classmethod
    def data(cls, *values: str | int) -> str:
        """The packed button, from all its values in their order: as `pack` makes it, in a tenth of the time."""
        return ":".join((cls.__prefix__, *map(str, values)))


class OnCard(Often, prefix="_"):
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


class Vote(OnCard, prefix="v"):
    """🙋"""


class TakeBack(OnCard, prefix="x"):
    """✅"""


class Details(OnCard, prefix="d"):
    """🔍"""


class BackToCard(OnCard, prefix="b"):
    """↩️ from the details or the categories, where the card is on its own."""


class Follow(OnCard, prefix="f"):
    """🔔"""


class Unfollow(OnCard, prefix="u"):
    """🔕"""


class Categories(OnCard, prefix="g"):
    """🗂"""


class Canvass(Often, prefix="k"):
    """📣"""

    item: Number


class Page(Often, prefix="p"):
    """◀️ ▶️"""

    draw: Number
    position: Number


class NewDraw(Often, prefix="n"):
    """🎲 in this message, from one category or from all. `fresh` asks for a new message, `draw` for a draw like that
    one: out of its category."""

    category: str = ""
    fresh: bool = False
    draw: Number = 0


class Open(CallbackData, prefix="o"):
    """Show an item's card in a new message."""

    item: Number


class Mine(CallbackData, prefix="m"):
    """📋, page by page. `fresh` asks for a new message."""

    page: Number = 0
    fresh: bool = False


class Share(CallbackData, prefix="w"):
    """What to do with one's link for an item: more, back, poster, wechat, ask (before a new one), renew."""

    item: Number
    do: str


class SharedVote(CallbackData, prefix="e"):
    """🙋 on a card in any chat. `name` is the token of its owner's link, or the item's number where nobody owns it;
    `look` and `shown` say how the card is drawn and which count it shows."""

    name: str
    look: str
    shown: int


class ChatLanguage(CallbackData, prefix="h"):
    """In which language the bot speaks in a bound chat."""

    language: str


class MyCanvass(CallbackData, prefix="y"):
    """📣 all links, page by page."""

    page: Number = 0


class Settings(CallbackData, prefix="s"):
    """⚙️: what to set, and to which value."""

    what: str = ""
    value: str = ""


class Privacy(CallbackData, prefix="r"):
    """What to do with what is stored: export, ask (before deleting), delete."""

    do: str


class Desk(CallbackData, prefix="k1"):
    """The organiser's desk: what to do, for which item, on which page."""

    do: str
    item: Number = 0
    page: Number = 0
    value: str = ""


class Still(Often, prefix="z"):
    """A button that only shows something, such as 3/28."""
