"""One class per button. Each carries enough to be judged again at any later time; Telegram allows 64 bytes."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from domain.carousel import Place


class OnCard(CallbackData, prefix="_"):
    """A button on an item's card: which item, and where the card stands. `view`: l for the list, d for the details."""

    item: int
    draw: int = 0
    position: int = 0
    of: int = 1
    view: str = "l"

    @property
    def place(self) -> Place:
        """Where the card stands."""
        return Place(self.draw, self.position, self.of)


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


class Canvass(CallbackData, prefix="k"):
    """📣"""

    item: int


class Page(CallbackData, prefix="p"):
    """◀️ ▶️"""

    draw: int
    position: int


class NewDraw(CallbackData, prefix="n"):
    """🎲 in this message, from one category or from all. `fresh` asks for a new message."""

    category: str = ""
    fresh: bool = False


class Open(CallbackData, prefix="o"):
    """Show an item's card in a new message."""

    item: int


class Mine(CallbackData, prefix="m"):
    """📋, page by page. `fresh` asks for a new message."""

    page: int = 0
    fresh: bool = False


class Share(CallbackData, prefix="w"):
    """What to do with one's link for an item: more, back, poster, wechat, ask (before a new one), renew."""

    item: int
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

    page: int = 0


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
    item: int = 0
    page: int = 0
    value: str = ""


class Still(CallbackData, prefix="z"):
    """A button that only shows something, such as 3/28."""
