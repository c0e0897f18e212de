"""The picture of a case: when its votes were cast, what else its accounts voted for, their IDs and links (R29).

Drawn like posters: needs no database, and never on the event loop. Its texts stay legible on a phone.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

from services.pictures.case_words import CasePicture, Lines
from services.pictures.typography import Colour, drawable, drawing, face, shortened

WIDTH = 900
"""Pixels. In a chat on a phone of 390 points a character of 33 pixels is as tall as its small print."""
_EDGE = 36
_ROOM = WIDTH - 2 * _EDGE
_TEXT, _BOLD = 33, 36
_LINE = 44
_PLOT = 136
_ROW = 24
"""Height of a good's row of accounts."""
_GAP = 30
_INK: Colour = (38, 30, 26)
_SOFT: Colour = (118, 106, 98)
_PAPER: Colour = (255, 255, 255)
_GRID: Colour = (228, 222, 216)
_OTHERS: Colour = (124, 160, 190)
_NAMED: Colour = (226, 52, 40)


def draw(picture: CasePicture) -> bytes:
    """The picture as PNG, 900 pixels wide, at most 1280 tall. Takes about 150 ms: call it in a thread."""
    with drawing:
        sheet = Image.new("RGB", (WIDTH, 2 * WIDTH), _PAPER)
        bottom = _head(sheet, picture)
        bottom = _plot(sheet, picture, bottom + _GAP)
        bottom = _matrix(sheet, picture, bottom + _GAP)
        bottom = _lists(sheet, picture.lists, bottom + _GAP)
        out = io.BytesIO()
        sheet.crop((0, 0, WIDTH, min(bottom + _EDGE // 2, sheet.height))).save(out, "PNG", optimize=True)
    return out.getvalue()


def _heading(sheet: Image.Image, y: float, text: str) -> None:
    font = face(_BOLD, 700)
    font.write(sheet, (_EDGE, y), shortened(drawable(text), font, _ROOM), _INK)


def _line(sheet: Image.Image, at: tuple[float, float], text: str, room: float = _ROOM, colour: Colour = _INK) -> float:
    """Write a line, cut to its room; returns where it ends."""
    font = face(_TEXT, 400)
    shown = shortened(drawable(text), font, room)
    font.write(sheet, at, shown, colour)
    return at[0] + font.getlength(shown)


def _head(sheet: Image.Image, picture: CasePicture) -> int:
    """Title, shop, and the share of the votes in question as a bar with its legend."""
    _heading(sheet, 36, picture.title)
    _line(sheet, (_EDGE, 36 + _LINE), picture.subtitle, colour=_SOFT)
    top = 36 + 2 * _LINE - 16
    named, others = sum(bar.named for bar in picture.bars), sum(bar.others for bar in picture.bars)
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((_EDGE, top, _EDGE + _ROOM, top + 36), _OTHERS if named + others else _GRID)
    if named:
        pen.rectangle((_EDGE, top, _EDGE + _ROOM * named / (named + others), top + 36), _NAMED)
    legend = top + 64
    right = _legend(sheet, legend, picture.named, _NAMED, _EDGE)
    _legend(sheet, legend, picture.others, _OTHERS, right + 40)
    return legend + 20


def _legend(sheet: Image.Image, y: int, text: str, colour: Colour, x: float) -> float:
    """A square of a colour and what it stands for; returns where that ends."""
    ImageDraw.Draw(sheet).rectangle((x, y - 12, x + 24, y + 12), colour)
    return _line(sheet, (x + 36, y), text, WIDTH / 2 - _EDGE - 40)


def _plot(sheet: Image.Image, picture: CasePicture, top: int) -> int:
    """Votes by the hour: those in question stand on the ground, the others upon them."""
    _heading(sheet, top, picture.hours)
    top += 40
    ground, pen = top + _PLOT, ImageDraw.Draw(sheet)
    most = max((bar.named + bar.others for bar in picture.bars), default=0)
    label = face(_TEXT, 400)
    left = _EDGE + max(label.getlength(str(most)), 20) + 14
    step = (WIDTH - _EDGE - left) / max(len(picture.bars), 1)
    for part in (0, 1):
        y = ground - (_PLOT - 20) * part
        pen.line((left, y, WIDTH - _EDGE, y), _GRID, 2)
        label.write(sheet, (left - 12, y), str(most * part), _SOFT, "rm")
    for at, bar in enumerate(picture.bars):
        x, right = left + at * step, left + (at + 1) * step - (2 if step > 5 else 0)
        for votes, below, colour in ((bar.named, 0, _NAMED), (bar.others, bar.named, _OTHERS)):
            if votes:
                height = (_PLOT - 20) / most
                pen.rectangle((x, ground - height * (below + votes), right, ground - height * below - 1), colour)
    _times(sheet, picture.times, left, step, ground + 28)
    return ground + 44


def _times(sheet: Image.Image, times: Sequence[tuple[int, str]], left: float, step: float, y: int) -> None:
    """Labels below their bars, as far as they do not touch each other."""
    font, free = face(_TEXT, 400), left
    for at, text in times:
        width = font.getlength(text)
        x = min(max(left + at * step, left), WIDTH - _EDGE - width)
        if x >= free:
            font.write(sheet, (x, y), text, _SOFT)
            free = x + width + 24


def _matrix(sheet: Image.Image, picture: CasePicture, top: int) -> int:
    """One row for each good, one column for each account: the same accounts stand below each other."""
    if not picture.goods:
        return top - _GAP
    _heading(sheet, top, picture.matrix)
    y = top + 24
    for row in picture.goods:
        label, about = face(_TEXT, 400), drawable(row.about)
        label.write(sheet, (WIDTH - _EDGE, y + 22), about, _SOFT, "rm")
        _line(sheet, (_EDGE, y + 22), row.title, _ROOM - label.getlength(about) - 24)
        y += _LINE
        _columns(ImageDraw.Draw(sheet), y, row.accounts, picture.accounts)
        y += _ROW + 8
    if picture.more_goods:
        _line(sheet, (_EDGE, y + 18), picture.more_goods, colour=_SOFT)
        y += 36
    return y


def _columns(pen: ImageDraw.ImageDraw, y: int, voted: frozenset[int], accounts: int) -> None:
    """A row with a mark for each account that voted; where there are more than columns, several share one."""
    pen.rectangle((_EDGE, y, _EDGE + _ROOM, y + _ROW), _GRID)
    columns = min(accounts, _ROOM // 3)
    width, apart = _ROOM / max(columns, 1), 1 if 4 * columns < _ROOM else 0
    for column in sorted({place * columns // accounts for place in voted}):
        x = _EDGE + column * width
        pen.rectangle((x, y, x + width - apart, y + _ROW), _NAMED)


def _lists(sheet: Image.Image, lists: Sequence[Lines], top: int) -> int:
    """Headings with their lines, one below the other."""
    y = top
    for each in lists:
        _heading(sheet, y, each.heading)
        y += _LINE
        for line in each.lines:
            _line(sheet, (_EDGE, y), line)
            y += _LINE - 6
        y += 10
    return y - 20
