"""What a person is shown: plain values, made by views without any I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
"""Bot API: characters after entities are parsed."""


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button. One of `data` (1-64 bytes), `url` and `copy` (1-256 characters) says what it does."""

    text: str
    data: str | None = None
    url: str | None = None
    copy: str | None = None
    style: Literal["danger", "success", "primary"] | None = None


@dataclass(frozen=True, slots=True)
class Fresh:
    """A picture that was made just now: PNG or JPEG bytes."""

    content: bytes
    name: str


Row = tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """One message: HTML text (the caption, where there is a picture) and rows of buttons.

    `picture` is the number of a stored picture, or a fresh one.
    """

    text: str
    buttons: tuple[Row, ...] = ()
    picture: int | Fresh | None = None
