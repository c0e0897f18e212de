"""Screens: messages with buttons as plain values, which views make without I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from aiogram.filters.callback_data import CallbackData

from handlers.localization import Localizer
from services.posters.drawing import Poster

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
"""Bot API: characters after entities are parsed."""

Style = Literal["danger", "success", "primary"]


class Button(NamedTuple):
    """One inline button. Its action is one of `data` (1-64 bytes), `url`, `copy` (1-256 characters) and `inline`.

    `inline` is an inline query in a chat that the user chooses.
    """

    text: str
    data: str | None = None
    url: str | None = None
    copy: str | None = None
    inline: str | None = None
    style: Style | None = None


Row = tuple[Button, ...]


def action(localizer: Localizer, key: str, callback: CallbackData | str, style: Style | None = None) -> Button:
    """A button with the text of `key` and a callback."""
    data = callback if isinstance(callback, str) else callback.pack()
    return Button(localizer.text(key), data=data, style=style)


def pager(page: int, pages: int, turn: Callable[[int], str], still: str) -> Row:
    """◀️ 3/28 ▶️ from the last page on to the first one. `turn` is a page's callback, `still` that of the middle."""
    before, after = turn((page - 1) % pages), turn((page + 1) % pages)
    return Button("◀️", data=before), Button(f"{page + 1}/{pages}", data=still), Button("▶️", data=after)


def open_pager(page: int, more: bool, turn: Callable[[int], str]) -> tuple[Row, ...]:
    """◀️ ▶️ where the number of pages is unknown; no row for a single page."""
    before = (Button("◀️", data=turn(page - 1)),) if page else ()
    after = (Button("▶️", data=turn(page + 1)),) if more else ()
    return ((*before, *after),) if page or more else ()


@dataclass(frozen=True, slots=True)
class Screen:
    """One message: HTML text (the caption, where there is a picture) and rows of buttons.

    `picture` is the number of a stored picture, or a poster.
    """

    text: str
    buttons: tuple[Row, ...] = ()
    picture: int | Poster | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """How a tap is answered: a notice on the button, and the tapped message as it looks now, where it changes."""

    text: str | None = None
    alert: bool = False
    screen: Screen | None = None
    same_picture: bool = True
