"""The elements of a poster: lines of Chinese and Latin text in a typeface that comes with the bot, and QR codes."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import qrcode
from PIL import Image, ImageFont
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage

_NOT_FIRST = frozenset("，。、；：？！）》」』】〉…—·％%”’,.;:?!)]}")
"""Characters that may not begin a line."""
_NOT_LAST = frozenset("（《「『【〈“‘([{¥￥$")
"""Characters that may not end a line."""
_ELLIPSIS = "…"
_JOINED = re.compile("\u200d.")
"""A character that only modifies the emoji before it, such as ♀."""
_loading = threading.Lock()


@cache
def _file() -> Path:
    """Noto Sans SC in all weights (SIL Open Font License), from its package."""
    with as_file(files("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanssc" / "NotoSansSC[wght].ttf") as path:
        return path


@cache
def face(size: int, weight: int) -> ImageFont.FreeTypeFont:
    """The typeface in pixels and weight (100 to 900). Not thread-safe: see `services.pictures.drawing`."""
    font = ImageFont.truetype(str(_file()), size)
    font.set_variation_by_axes([weight])
    return font


@cache
def _known() -> frozenset[int]:
    from fontTools.ttLib import TTFont  # imported late: it takes a tenth of a second

    with TTFont(_file(), lazy=True) as font:
        return frozenset(font.getBestCmap())


def largest(line: str, sizes: tuple[int, ...], weight: int, width: float) -> ImageFont.FreeTypeFont:
    """The largest of these descending sizes in which a line fits into `width` pixels, else the last."""
    return next(
        (font for size in sizes if (font := face(size, weight)).getlength(line) <= width), face(sizes[-1], weight)
    )


def drawable(text: str) -> str:
    """The text without characters that the typeface lacks, such as emoji, and with single spaces."""
    with _loading:  # concurrent posters would read the table twice
        known = _known()
    composed = _JOINED.sub("", unicodedata.normalize("NFC", text))
    return " ".join("".join(c if ord(c) in known else " " for c in composed).split())


def _is_wide(character: str) -> bool:
    """Whether it is a Chinese, Japanese or full-width character: a line may break beside it."""
    return unicodedata.east_asian_width(character) in "WF"


def _pieces(text: str) -> list[str]:
    """The parts between which a line may break: Latin words, Chinese characters with their punctuation."""
    pieces: list[str] = []
    for character in text:
        joins = pieces and (
            character in _NOT_FIRST
            or pieces[-1][-1] in _NOT_LAST
            or not (_is_wide(character) or _is_wide(pieces[-1][-1]) or character == " " or pieces[-1] == " ")
        )
        if joins and pieces[-1] != " ":
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def wrap(text: str, font: ImageFont.FreeTypeFont, width: int, most: int) -> list[str]:
    """Break a text into at most `most` lines of at most `width` pixels; a longer text ends in `…`."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if not line and piece == " ":
            continue
        if line and font.getlength(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line = line + piece if line or piece != " " else ""
    lines = [each for each in (*lines, line.rstrip()) if each]
    kept = lines[:most]
    if len(lines) > most:
        kept[-1] = shortened(kept[-1] + _ELLIPSIS, font, width)
    return [shortened(each, font, width) for each in kept]


def shortened(line: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """One line that fits into `width` pixels, cut with `…` where it is longer."""
    if font.getlength(line) <= width:
        return line
    kept = line.rstrip(_ELLIPSIS)
    while kept and font.getlength(kept.rstrip() + _ELLIPSIS) > width:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS


QUIET_ZONE = 4
"""Light modules that a reader needs around the code (ISO/IEC 18004)."""


def qr_image(link: str, room: int, ink: tuple[int, int, int]) -> Image.Image:
    """The QR code on white, with its quiet zone, as large as modules of whole pixels allow in `room` pixels."""
    code = _qr_code(link, QUIET_ZONE)
    code.box_size = max(1, room // (code.modules_count + 2 * QUIET_ZONE))
    image: Image.Image = code.make_image(PilImage, fill_color=ink, back_color=(255, 255, 255)).get_image()
    return image


def qr_path(link: str) -> tuple[str, int]:
    """The QR code as the `d` of one SVG path, one unit for each module, without a quiet zone: (d, side).

    Each run of dark modules is one bar. qrcode's SvgPathImage draws a square for each module: twice the bytes and eight
    times the time, in a page that is rendered while a visitor waits.
    """
    rows = _qr_code(link, 0).modules
    bars: list[str] = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                bars.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            x += 1
    return "".join(bars), len(rows)


def _qr_code(link: str, border: int) -> qrcode.QRCode:
    """Raises ValueError for a link that is too long for a QR code."""
    code = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M, border=border, mask_pattern=3
    )  # a fixed mask halves the time
    code.add_data(link)
    code.make(fit=True)
    return code
