"""Screens: messages with buttons as plain values, which views make without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from services.pictures.uploads import Chart, Poster

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


@dataclass(frozen=True, slots=True)
class Screen:
    """One message: HTML text (the caption, where there is a picture) and rows of buttons.

    `picture` is the number of a stored picture, a poster, or a chart.
    """

    text: str
    buttons: tuple[Row, ...] = ()
    picture: int | Poster | Chart | None = None
