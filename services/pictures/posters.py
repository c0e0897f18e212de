"""Posters: one picture of an item that asks for votes and carries the link as a QR code (R20, R21, R23).

Drawing needs no database; `uploads` caches posters. A poster is never drawn on the event loop.
"""

from __future__ import annotations

import io
from functools import cache

import qrcode
from PIL import Image, ImageDraw
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage

from services.pictures.typography import (
    Colour,
    can_show,
    drawable,
    drawing,
    face,
    fitted,
    in_its_direction,
    largest,
    shortened,
    wrap,
)
from services.pictures.uploads import Words

WIDTH, HEIGHT = 960, 1280
"""Pixels. Telegram keeps photos of up to 1280 a side as they are, so the code stays sharp."""
_QUALITY = 88
_PHOTO = 600
_PANEL = 556
_EDGE = 56
_PRICES = 812
"""The baseline of the price."""
_WANTS = 868
_TICKET = 908
_CARD = 336
_CODE_ROOM = 333
STAMP = (520, 92)
"""Width and height in pixels of the bottom right corner that may lie below the time, the ticks and the view count that
chats draw on a photo without a caption: about 140 by 26 points, on a photo that is 270 points wide on a phone."""

_INK: Colour = (38, 30, 26)
_SOFT: Colour = (134, 120, 110)
_RED: Colour = (226, 52, 40)
_PAPER: Colour = (255, 249, 241)
_LINE: Colour = (232, 216, 198)
_WHITE: Colour = (255, 255, 255)
_FACES: tuple[Colour, ...] = ((247, 178, 103), (124, 186, 161), (239, 131, 114))


def draw(words: Words, photo: bytes, link: str) -> bytes:
    """The poster as JPEG of 960 by 1280 pixels.

    `photo` is a stored picture (JPEG); an unreadable one leaves a plain area. Takes about 60 ms: call it in a thread.
    """
    with drawing:
        sheet = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
        sheet.paste(_fitted(photo, WIDTH, _PHOTO), (0, 0))
        sheet.paste(_PAPER, (0, _PANEL), _panel_mask())
        _brand(sheet, words.brand)
        _badge(sheet, words.off)
        _goods(sheet, words)
        _ticket(sheet)
        _call(sheet, words, link)
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
    except Exception:  # decoders raise any error for damaged files
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


def _brand(sheet: Image.Image, brand: str) -> None:
    font = face(30, 600)
    text = shortened(drawable(brand), font, 420)
    width = round(font.getlength(text)) + 52
    box = sheet.crop((36, 36, 36 + width, 36 + 60))
    dark = Image.blend(box, Image.new("RGB", box.size, _INK), 0.62)
    sheet.paste(dark, (36, 36), _rounded(width, 60, 30))
    font.write(sheet, (36 + 26, 36 + 31), text, _WHITE)


def _badge(sheet: Image.Image, off: str) -> None:
    if not off:
        return
    font = face(36, 800)
    width = round(font.getlength(off)) + 56
    left = WIDTH - 36 - width
    sheet.paste(_RED, (left, 36), _rounded(width, 68, 34))
    font.write(sheet, (left + width / 2, 36 + 35), off, _WHITE, "mm")


def _goods(sheet: Image.Image, words: Words) -> None:
    """Title, prices and the number of votes."""
    _title(sheet, words.title)
    _prices(sheet, words)
    left = _EDGE
    for colour in _FACES[: words.crowd]:
        person = _person(48, colour)
        sheet.paste(person, (left, _WANTS - 25), person)
        left += 34
    left += 28 if words.crowd else 0
    font = face(32, 600)
    font.write(sheet, (left, _WANTS), shortened(words.wants, font, WIDTH - _EDGE - left), _INK)


def _title(sheet: Image.Image, title: str) -> None:
    font, text = face(44, 700), drawable(title)
    wrapped = wrap(text, font, WIDTH - 2 * _EDGE, 2)
    lines = in_its_direction(wrapped, text)
    x, anchor = (_EDGE, "lm") if lines == wrapped else (WIDTH - _EDGE, "rm")
    top = _PANEL + (54 if len(lines) > 1 else 82)
    for number, line in enumerate(lines):
        font.write(sheet, (x, top + number * 58), line, _INK, anchor)


def _prices(sheet: Image.Image, words: Words) -> None:
    """The expected price, and beside it the original one, of which only the number is struck through."""
    label, small = face(28, 600), face(30, 400)
    beside = max(small.getlength(words.original), label.getlength(words.label)) + 18
    big = largest(words.expected, (92, 78, 64, 52, 40), 900, WIDTH - 2 * _EDGE - beside)
    big.write(sheet, (_EDGE - 4, _PRICES), words.expected, _RED, "ls")
    right = _EDGE + big.getlength(words.expected) + 18
    label.write(sheet, (right, _PRICES - (42 if words.original else 4)), words.label, _RED, "ls")
    small.write(sheet, (right, _PRICES - 4), words.original, _SOFT, "ls")
    if words.struck and words.struck in words.original:
        x, y = right + small.getlength(words.original.partition(words.struck)[0]), _PRICES - 15
        ImageDraw.Draw(sheet).line((x, y, x + small.getlength(words.struck) + 2, y), _SOFT, 3)


def _ticket(sheet: Image.Image) -> None:
    """The perforation above the ticket."""
    pen = ImageDraw.Draw(sheet)
    for x in range(_EDGE, WIDTH - _EDGE, 22):
        pen.line((x, _TICKET, x + 11, _TICKET), _LINE, 3)


def _call(sheet: Image.Image, words: Words, link: str) -> None:
    """The QR code, and beside it the invitation, the instruction and the deadline, which end above the time stamp."""
    top = _TICKET + 20
    code = qr_image(link, _CODE_ROOM, _INK)
    inset = (_CARD - code.width) // 2
    sheet.paste(_WHITE, (_EDGE, top), _rounded(_CARD, _CARD, 24))
    sheet.paste(code, (_EDGE + inset, top + inset))
    left = _EDGE + _CARD + 34
    room = WIDTH - _EDGE - left
    bold, invitation = fitted(drawable(_invitation(words)), (40, 37, 34), 700, room)
    plain = face(28, 400)
    y = top + 34
    for line in invitation:
        bold.write(sheet, (left, y), line, _INK)
        y += 52
    y += 2
    for line in wrap(drawable(words.how), plain, room, 2):
        plain.write(sheet, (left, y), line, _SOFT)
        y += 38
    if words.until:
        _deadline(sheet, words.until, left, y + 14)


def _deadline(sheet: Image.Image, until: str, left: int, y: int) -> None:
    font, lines = fitted(drawable(until), (27, 25, 23, 21), 600, WIDTH - _EDGE - left - 46)
    clock = _clock(34, _RED)
    sheet.paste(clock, (left, y - 17), clock)
    for line in lines:
        font.write(sheet, (left + 46, y), line, _RED)
        y += 34


def _invitation(words: Words) -> str:
    """The invitation, without a name where no font shows the name."""
    return words.call if can_show(words.name) else words.nameless


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
