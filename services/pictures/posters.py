"""Posters: one picture of an item that asks for votes and carries the link as a QR code (R20, R21, R23).

Drawing needs no database; `uploads` caches posters. A poster is never drawn on the event loop.
"""

from __future__ import annotations

import io
import re
import threading
import unicodedata
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage

from services.pictures.uploads import Words

WIDTH, HEIGHT = 960, 1280
"""Pixels. Telegram keeps photos of up to 1280 a side as they are, so the code stays sharp."""
_QUALITY = 88
_PHOTO = 690
_PANEL = 646
_EDGE = 56
_TICKET = 978
_CARD = 252
_CODE_ROOM = 246

Colour = tuple[int, int, int]
_INK: Colour = (38, 30, 26)
_SOFT: Colour = (134, 120, 110)
_RED: Colour = (226, 52, 40)
_PAPER: Colour = (255, 249, 241)
_LINE: Colour = (232, 216, 198)
_WHITE: Colour = (255, 255, 255)
_FACES: tuple[Colour, ...] = ((247, 178, 103), (124, 186, 161), (239, 131, 114))

_drawing = threading.Lock()
"""One poster at a time: fonts are not thread-safe, and one core is enough."""
_NOT_FIRST = frozenset("，。、；：？！）》」』】〉…—·％%”’,.;:?!)]}")
"""Characters that may not begin a line."""
_NOT_LAST = frozenset("（《「『【〈“‘([{¥￥$")
"""Characters that may not end a line."""
_ELLIPSIS = "…"
_JOINED = re.compile("\u200d.")
"""A character that only modifies the emoji before it, such as ♀."""
_loading = threading.Lock()


def draw(words: Words, photo: bytes, link: str) -> bytes:
    """The poster as JPEG of 960 by 1280 pixels.

    `photo` is a stored picture (JPEG); an unreadable one leaves a plain area. Takes about 60 ms: call it in a thread.
    """
    with _drawing:
        sheet = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
        sheet.paste(_fitted(photo, WIDTH, _PHOTO), (0, 0))
        sheet.paste(_PAPER, (0, _PANEL), _panel_mask())
        pen = ImageDraw.Draw(sheet)
        _brand(sheet, pen, words.brand)
        _badge(sheet, pen, words.off)
        _goods(sheet, pen, words)
        _ticket(pen)
        _call(sheet, pen, words, link)
        out = io.BytesIO()
        sheet.save(out, "JPEG", quality=_QUALITY, subsampling=0)
    return out.getvalue()


def warm_up() -> None:
    """Load the typeface, so that the first poster is not slower than others."""
    drawable("我想团")


def _fitted(photo: bytes, width: int, height: int) -> Image.Image:
    """The photo scaled to fill the area; cropped evenly, a little less at the top."""
    try:
        with Image.open(io.BytesIO(photo)) as opened:
            opened.draft("RGB", (width, height))
            image = opened.convert("RGB")
    except (OSError, SyntaxError, ValueError):
        return Image.new("RGB", (width, height), _LINE)
    scale = max(width / image.width, height / image.height)
    cut_x, cut_y = image.width - width / scale, image.height - height / scale
    box = (cut_x / 2, cut_y * 0.4, image.width - cut_x / 2, image.height - cut_y * 0.6)
    return image.resize((width, height), Image.Resampling.BICUBIC, box=box)


@cache
def _rounded(width: int, height: int, radius: int) -> Image.Image:
    """A mask of a rounded rectangle with anti-aliased edges."""
    fine = Image.new("L", (width * 4, height * 4), 0)
    ImageDraw.Draw(fine).rounded_rectangle((0, 0, width * 4 - 1, height * 4 - 1), radius * 4, fill=255)
    return fine.resize((width, height), Image.Resampling.LANCZOS)


@cache
def _panel_mask() -> Image.Image:
    mask = Image.new("L", (WIDTH, HEIGHT - _PANEL), 255)
    mask.paste(_rounded(WIDTH, 200, 48).crop((0, 0, WIDTH, 100)), (0, 0))
    return mask


@cache
def _person(size: int, colour: Colour) -> Image.Image:
    """An icon of a person: head and shoulders in a disc with a rim."""
    fine = size * 4
    inner = Image.new("RGB", (fine, fine), colour)
    pen = ImageDraw.Draw(inner)
    pen.ellipse((fine * 0.36, fine * 0.22, fine * 0.64, fine * 0.50), fill=_WHITE)
    pen.ellipse((fine * 0.22, fine * 0.56, fine * 0.78, fine * 1.12), fill=_WHITE)
    image = Image.new("RGB", (fine, fine), _PAPER)
    image.paste(inner, mask=_disc(fine, fine // 14))
    image.putalpha(_disc(fine, 0))
    return image.resize((size, size), Image.Resampling.LANCZOS)


def _disc(size: int, rim: int) -> Image.Image:
    mask = Image.new("L", (size, size), 0)
    ImageDraw.Draw(mask).ellipse((rim, rim, size - 1 - rim, size - 1 - rim), fill=255)
    return mask


@cache
def _clock(size: int, colour: Colour) -> Image.Image:
    fine = size * 4
    image = Image.new("RGBA", (fine, fine), (*colour, 0))
    pen = ImageDraw.Draw(image)
    stroke = fine // 10
    pen.ellipse((stroke, stroke, fine - stroke, fine - stroke), outline=(*colour, 255), width=stroke)
    pen.line(
        (fine // 2, fine * 0.28, fine // 2, fine * 0.54, fine * 0.68, fine * 0.62), (*colour, 255), stroke, "curve"
    )
    return image.resize((size, size), Image.Resampling.LANCZOS)


def _brand(sheet: Image.Image, pen: ImageDraw.ImageDraw, brand: str) -> None:
    font = face(30, 600)
    text = shortened(drawable(brand), font, 420)
    width = round(font.getlength(text)) + 52
    box = sheet.crop((36, 36, 36 + width, 36 + 60))
    dark = Image.blend(box, Image.new("RGB", box.size, _INK), 0.62)
    sheet.paste(dark, (36, 36), _rounded(width, 60, 30))
    pen.text((36 + 26, 36 + 31), text, _WHITE, font, anchor="lm")


def _badge(sheet: Image.Image, pen: ImageDraw.ImageDraw, off: str) -> None:
    if not off:
        return
    font = face(36, 800)
    width = round(font.getlength(off)) + 56
    left = WIDTH - 36 - width
    sheet.paste(_RED, (left, 36), _rounded(width, 68, 34))
    pen.text((left + width / 2, 36 + 35), off, _WHITE, font, anchor="mm")


def _goods(sheet: Image.Image, pen: ImageDraw.ImageDraw, words: Words) -> None:
    """Title, prices and the number of votes."""
    room = WIDTH - 2 * _EDGE
    font = face(44, 700)
    lines = wrap(drawable(words.title), font, room, 2)
    top = 702 if len(lines) > 1 else 730
    for number, line in enumerate(lines):
        pen.text((_EDGE, top + number * 58), line, _INK, font, anchor="lm")
    base = 880
    small = face(30, 400)
    beside = max(small.getlength(words.original), face(28, 600).getlength(words.label)) + 18
    big = largest(words.expected, (92, 78, 64, 52, 40), 900, room - beside)
    pen.text((_EDGE - 4, base), words.expected, _RED, big, anchor="ls")
    right = _EDGE + big.getlength(words.expected) + 18
    pen.text((right, base - 42), words.label, _RED, face(28, 600), anchor="ls")
    pen.text((right, base - 4), words.original, _SOFT, small, anchor="ls")
    pen.line((right - 2, base - 14, right + small.getlength(words.original) + 2, base - 14), _SOFT, 2)
    left = _EDGE
    for colour in _FACES[: words.crowd]:
        person = _person(48, colour)
        sheet.paste(person, (left, 909), person)
        left += 34
    left += 28 if words.crowd else 0
    font = face(32, 600)
    pen.text((left, 934), shortened(words.wants, font, WIDTH - _EDGE - left), _INK, font, anchor="lm")


def _ticket(pen: ImageDraw.ImageDraw) -> None:
    """The perforation above the ticket."""
    for x in range(_EDGE, WIDTH - _EDGE, 22):
        pen.line((x, _TICKET, x + 11, _TICKET), _LINE, 3)


def _call(sheet: Image.Image, pen: ImageDraw.ImageDraw, words: Words, link: str) -> None:
    """The invitation, the instruction and the deadline, with the QR code beside them."""
    left, top = WIDTH - _EDGE - _CARD, _TICKET + 22
    code = qr_image(link, _CODE_ROOM, _INK)
    inset = (_CARD - code.width) // 2
    sheet.paste(_WHITE, (left, top), _rounded(_CARD, _CARD, 24))
    sheet.paste(code, (left + inset, top + inset))
    room = left - _EDGE - 36
    bold, plain = face(40, 700), face(28, 400)
    call = wrap(drawable(words.call), bold, room, 2)
    how = wrap(drawable(words.how), plain, room, 3 - len(call))
    y = top + 30
    for line in call:
        pen.text((_EDGE, y), line, _INK, bold, anchor="lm")
        y += 54
    for line in how:
        pen.text((_EDGE, y), line, _SOFT, plain, anchor="lm")
        y += 40
    if words.until:
        until, y = drawable(words.until), top + _CARD - 24
        font = largest(until, (27, 25, 23), 600, room - 46)
        clock = _clock(34, _RED)
        sheet.paste(clock, (_EDGE, y - 17), clock)
        pen.text((_EDGE + 46, y), shortened(until, font, room - 46), _RED, font, anchor="lm")


@cache
def _file() -> Path:
    """Noto Sans SC in all weights (SIL Open Font License), from its package."""
    with as_file(files("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanssc" / "NotoSansSC[wght].ttf") as path:
        return path


@cache
def face(size: int, weight: int) -> ImageFont.FreeTypeFont:
    """The typeface in pixels and weight (100 to 900). Not thread-safe: see `_drawing`."""
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
