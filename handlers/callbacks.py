"""Taps on inline buttons, the data of each button (enough to judge a later tap, in 64 bytes), and common buttons."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message
from pydantic import Field

from domain.carousel import Place
from handlers.localization import Localizer
from handlers.screen import Button, Row, Screen, Style

Id = Annotated[int, Field(ge=0, le=2**53)]
"""A number of the database, or 0 for none. Every field below is bounded: a forged button may carry anything."""

Position = Annotated[int, Field(ge=0, le=999)]
"""An index in a draw, which has at most a hundred cards."""

Length = Annotated[int, Field(ge=1, le=1000)]
"""The number of cards in a draw, at least one."""

Page = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""An index of a page: multiplied by a page's size it still is an integer of a database."""

Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""A count, as a column of 32 bits holds it."""

Word = Annotated[str, Field(max_length=60, pattern=r"^[!-~]*$")]
"""Printable ASCII: no text that a database refuses, and no digits of other scripts. What it says is checked later."""


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
        known = message.get("date", 1) != 0  # 0 marks a message that the bot can no longer see
        return cls(
            query["id"],
            query["from"]["id"],
            query.get("data", ""),
            message["chat"]["id"] if known else None,
            message["message_id"] if known else None,
            bool(known and message.get("photo")),
            update["update_id"],
        )


_SINCE = "~"


def settling(screen: Screen, now: datetime, *beginnings: str) -> Screen:
    """The screen, with `now` (aware) in the buttons whose data has one of these beginnings: they came in the place of
    the tapped switch and undo what it did, so for the span of a double tap they must do nothing (R18)."""
    stamp = f"{_SINCE}{int(now.timestamp() * 10):x}"

    def settled(button: Button) -> Button:
        ours = button.data is not None and button.data.startswith(beginnings)
        return button._replace(data=f"{button.data}{stamp}") if ours else button

    return replace(screen, buttons=tuple(tuple(map(settled, row)) for row in screen.buttons))


def settling_since(data: str) -> datetime | None:
    """Since when a button of `settling` is there, to a tenth of a second; None for every other button."""
    if _SINCE not in data:  # most buttons, at every tap
        return None
    try:
        return datetime.fromtimestamp(int(data.partition(_SINCE)[2], 16) / 10, UTC)
    except (ValueError, OverflowError, OSError):
        return None


class SettlingCallback(CallbackData, prefix="_"):
    """A button that may be `settling`."""

    @classmethod
    def unpack(cls, value: str) -> Self:
        """The values of a button, without its time. Raises TypeError or ValueError for data of another form."""
        return super().unpack(value.partition(_SINCE)[0])


class HotCallback(SettlingCallback, prefix="_"):
    """A button that is built for every card and tapped most, so its packing and unpacking are fast."""

    @classmethod
    def unpack(cls, value: str) -> Self:
        """Like aiogram's, in half of the time: none of the fields may be None. Raises ValueError."""
        prefix, *parts = value.partition(_SINCE)[0].split(":")
        names = cls.model_fields
        if prefix != cls.__prefix__ or len(parts) != len(names):
            raise ValueError(f"no data of {cls.__name__}: {value!r}")
        return cls.model_validate(dict(zip(names, parts, strict=True)))

    @classmethod
    def data(cls, *values: str | int) -> str:
        """The packed button from all values in order: like `pack`, in a tenth of the time."""
        return ":".join((cls.__prefix__, *map(str, values)))


class CardCallback(HotCallback, prefix="_"):
    """A button on an item's card at its place. `view` is `l` in the carousel and `d` in the details."""

    item: Id
    draw: Id = 0
    position: Position = 0
    of: Length = 1
    view: Word = "l"

    @property
    def place(self) -> Place:
        """The card's place."""
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
    """↩️ from the details or the categories."""


class FollowCallback(CardCallback, prefix="f"):
    """🔔"""


class UnfollowCallback(CardCallback, prefix="u"):
    """🔕"""


class CategoriesCallback(CardCallback, prefix="g"):
    """🗂"""


class CanvassCallback(HotCallback, prefix="k"):
    """📣"""

    item: Id


class PageCallback(HotCallback, prefix="p"):
    """◀️ ▶️"""

    draw: Id
    position: Position


class JumpCallback(HotCallback, prefix="j"):
    """3/28, which offers all positions of a draw."""

    draw: Id
    position: Position
    of: Length = 1


class NewDrawCallback(HotCallback, prefix="n"):
    """🎲 a new draw, from one category or all. `fresh` asks for a new message, `draw` for the category of that draw."""

    category: Word = ""
    fresh: bool = False
    draw: Id = 0


class OpenCallback(CallbackData, prefix="o"):
    """Show an item's card in a new message."""

    item: Id


class MineCallback(CallbackData, prefix="m"):
    """📋, page by page. `fresh` asks for a new message."""

    page: Page = 0
    fresh: bool = False


class EndedCallback(CallbackData, prefix="me"):
    """🍂 what I wanted that ended without a group, page by page."""

    page: Page = 0


class ShareCallback(CallbackData, prefix="w"):
    """An action on the member's link for an item: more, back, poster, wechat, ask (before a new link), renew."""

    item: Id
    do: Word


class SharedVoteCallback(CallbackData, prefix="e"):
    """🙋 on a shared card. `name` is the token of its owner's link, or the item's number without an owner; `look` and
    `shown` are the card's look and the count that it shows."""

    name: Word
    look: Word
    shown: Count


class ChatLanguageCallback(CallbackData, prefix="h"):
    """The language of a bound chat."""

    language: Word


class MyCanvassCallback(CallbackData, prefix="y"):
    """📣 all links, one page."""

    page: Page = 0


class SettingsCallback(SettlingCallback, prefix="s"):
    """⚙️ a setting and its new value."""

    what: Word = ""
    value: Word = ""


class PrivacyCallback(CallbackData, prefix="r"):
    """An action on the stored data: export, ask (before deleting), delete."""

    do: Word


class RulesCallback(CallbackData, prefix="q"):
    """⚖️ the voting rules, in a new message."""


class FairnessCallback(CallbackData, prefix="qf"):
    """📊 how evenly goods are shown, a day for each page, the newest first. `fresh` asks for a new message."""

    page: Page = 0
    fresh: bool = False


class ChatFairnessCallback(SettlingCallback, prefix="hf"):
    """📊 whether a bound chat is sent the figures of each round: 1 or 0."""

    value: Word


class ReceiptCallback(CallbackData, prefix="rc"):
    """🧾 the proof of a vote, or without one a page of the votes to choose from."""

    vote: Id = 0
    page: Page = 0


class DeskCallback(SettlingCallback, prefix="k1"):
    """An action of the organiser's desk, with its item, page and value."""

    do: Word
    item: Id = 0
    page: Page = 0
    value: Word = ""


class StillCallback(HotCallback, prefix="z"):
    """A button without an action, such as 3/28."""


def action(localizer: Localizer, key: str, callback: CallbackData | str, style: Style | None = None) -> Button:
    """A button with the text of `key` and a callback."""
    data = callback if isinstance(callback, str) else callback.pack()
    return Button(localizer.text(key), data=data, style=style)


def pager(page: int, pages: int, data_of: Callable[[int], str], still: str) -> Row:
    """◀️ 3/28 ▶️ from the last page on to the first one. `data_of` is a page's callback, `still` that of the middle."""
    before, after = data_of((page - 1) % pages), data_of((page + 1) % pages)
    return Button("◀️", data=before), Button(f"{page + 1}/{pages}", data=still), Button("▶️", data=after)


def open_pager(page: int, more: bool, data_of: Callable[[int], str]) -> tuple[Row, ...]:
    """◀️ ▶️ where the number of pages is unknown; no row for a single page."""
    before = (Button("◀️", data=data_of(page - 1)),) if page else ()
    after = (Button("▶️", data=data_of(page + 1)),) if more else ()
    return ((*before, *after),) if page or more else ()


def desk_data(do: str, item: int = 0, page: int = 0, value: str = "") -> str:
    """The callback data of a button on the desk."""
    return DeskCallback(do=do, item=item, page=page, value=value).pack()


_FROM_CASE = re.compile(r"case-([0-9]{1,15})")


def from_case(case_id: int) -> str:
    """The value of a button that leads from a case to its good, whose ↩️ leads back."""
    return f"case-{case_id}"


def case_of(value: str) -> int:
    """The case from which such a button leads; 0 for any other value."""
    match = _FROM_CASE.fullmatch(value)
    return int(match[1]) if match else 0


def desk_row(localizer: Localizer) -> Row:
    """Back to the desk."""
    return (action(localizer, "button-desk", desk_data("desk")),)


def back_row(localizer: Localizer, do: str, item: int = 0, page: int = 0) -> Row:
    """↩️ to another screen of the desk."""
    return (action(localizer, "button-back", desk_data(do, item, page)),)
