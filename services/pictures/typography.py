"""Text in pictures: each grapheme cluster in a font that has it, shaped, in both directions, broken into lines."""

from __future__ import annotations

import threading
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

import regex
from PIL import Image, ImageDraw, ImageFont

from services.pictures import fonts
from services.pictures.bidi import CONTROLS, POP, RIGHT_TO_LEFT, in_visual_order, is_rtl

Colour = tuple[int, int, int]

_NOT_FIRST = frozenset("，。、；：？！）》」』】〉…—·％%”’,.;:?!)]}ะาำๆฯๅ")
"""Characters that may not begin a line."""
_NOT_LAST = frozenset("（《「『【〈“‘([{¥￥$เแโใไ")
"""Characters that may not end a line."""
_UNSPACED = ("THAI", "LAO", "KHMER", "MYANMAR")
"""Scripts without spaces between words."""
_ELLIPSIS = "…"
_MOST_MARKS = 4
"""Marks on one character; more would run into the lines above and below."""
_EMOJI_WIDTH = 1.2
"""Of an emoji, in units of the font size."""
_EMPTY_BRACKETS = regex.compile(r"\(\s*\)|\[\s*\]|（\s*）|【\s*】|《\s*》|「\s*」|『\s*』|“\s*”|\{\s*\}")

drawing = threading.Lock()
"""Held while a picture is drawn, one at a time: fonts are not thread-safe, and one core is enough."""
_lock = threading.Lock()
"""Concurrent posters would read the tables of the fonts twice."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a run in one font."""

    text: str
    family: fonts.Family
    rtl: bool


@dataclass(frozen=True)
class Typeface:
    """Text of one size in pixels and one weight (100 to 900). Not thread-safe."""

    size: int
    weight: int

    def getlength(self, line: str) -> float:
        """The width of a line in pixels."""
        return sum(self._width(part) for part in _parts(line))

    def write(
        self, sheet: Image.Image, position: tuple[float, float], line: str, colour: Colour, anchor: str = "lm"
    ) -> None:
        """Draw a line; the anchor is one of Pillow's with `l`, `m` or `r`, and `m` or `s` (baseline)."""
        x, y = position
        x -= self.getlength(line) * {"l": 0, "m": 0.5, "r": 1}[anchor[0]]
        if anchor[1] == "m":
            ascent, descent = self._main.getmetrics()
            y += (ascent - descent) / 2
        pen = ImageDraw.Draw(sheet)
        for part in _parts(line):
            if part.family.is_emoji:
                picture = _emoji(part.family, part.text, self.size)
                sheet.paste(picture, (round(x), round(y - picture.height * 0.8)), picture)
            else:
                font = fonts.opened(part.family, self.size, self.weight)
                pen.text((x, y), part.text, colour, font, anchor="ls", direction=_direction(part))
            x += self._width(part)

    @property
    def _main(self) -> ImageFont.FreeTypeFont:
        return fonts.opened(fonts.main_family(), self.size, self.weight)

    def _width(self, part: _Part) -> float:
        if part.family.is_emoji:
            return _emoji_width(part.family, part.text, self.size)
        return fonts.opened(part.family, self.size, self.weight).getlength(part.text, direction=_direction(part))


@cache
def face(size: int, weight: int) -> Typeface:
    """The typeface in pixels and weight (100 to 900)."""
    return Typeface(size, weight)


def _direction(part: _Part) -> str | None:
    """Only what may have to be shaped names its direction: Pillow refuses one without libfribidi."""
    if not fonts.can_shape():
        return None
    return "rtl" if part.rtl else "ltr"


@lru_cache(maxsize=2_000)
def _parts(line: str) -> tuple[_Part, ...]:
    """A line in visual order, split where the font changes."""
    parts: list[_Part] = []
    for run in in_visual_order(line):
        split = _split(run.text, rtl=run.rtl)
        parts += reversed(split) if run.rtl else split
    return tuple(parts)


def _split(text: str, *, rtl: bool) -> list[_Part]:
    parts: list[_Part] = []
    for cluster in clusters(text):
        family = fonts.family_of(cluster)
        if family is None:
            continue
        last = parts[-1] if parts else None
        if last and not last.family.is_emoji and not cluster.isalnum() and fonts.covers(last.family, cluster):
            family = last.family  # spaces and signs stay in the font of their word
        if last and last.family == family:
            parts[-1] = _Part(last.text + cluster, family, rtl)
        else:
            parts.append(_Part(cluster, family, rtl))
    return parts


def _emoji_width(family: fonts.Family, text: str, size: int) -> float:
    font = fonts.opened(family, size, 400)
    return font.getlength(text) * size * _EMOJI_WIDTH / font.getlength("😀")


@lru_cache(maxsize=200)
def _emoji(family: fonts.Family, text: str, size: int) -> Image.Image:
    """Emoji in colour, scaled from the only size that the font has; its baseline is at four fifths of the height."""
    font = fonts.opened(family, size, 400)
    ascent, descent = font.getmetrics()
    image = Image.new("RGBA", (max(1, round(font.getlength(text))), ascent + descent), (255, 255, 255, 0))
    ImageDraw.Draw(image).text((0, ascent), text, font=font, anchor="ls", embedded_color=True)
    width = max(1, round(_emoji_width(family, text, size)))
    return image.resize((width, round(width * image.height / image.width)), Image.Resampling.LANCZOS)


def clusters(text: str) -> list[str]:
    """What a reader sees as single characters (UAX 29): characters with their marks, whole emoji, flags."""
    found: list[str] = regex.findall(r"\X", text)
    return found


def drawable(text: str) -> str:
    """The text without what no font shows and brackets that this would leave empty, with single spaces."""
    composed = unicodedata.normalize("NFC", text)
    with _lock:
        kept = "".join(_shown(cluster) for cluster in clusters(composed))
    while kept != composed and (fuller := _EMPTY_BRACKETS.sub(" ", kept)) != kept:
        kept = fuller
    return " ".join(kept.split())


def _shown(cluster: str) -> str:
    if all(unicodedata.category(each) == "Cf" for each in cluster):
        return cluster if cluster in CONTROLS else ""
    if len(cluster) > _MOST_MARKS and unicodedata.category(cluster[1]) == "Mn":
        cluster = cluster[: 1 + _MOST_MARKS]
    if fonts.family_of(cluster):
        return cluster
    return cluster[0] if _is_essential(cluster[0]) and fonts.family_of(cluster[0]) else " "


def _is_essential(character: str) -> bool:
    """Whether a name without it would be another name. What Unicode did not know yet counts, but for emoji."""
    unknown = unicodedata.category(character) in ("Cn", "Co") and not "\U0001f000" <= character <= "\U0001faff"
    return unknown or unicodedata.category(character)[0] in "LN"


def can_show(name: str) -> bool:
    """Whether a name is still that name when it is drawn: all but its symbols, or those if it has nothing else."""
    name = unicodedata.normalize("NFC", name)
    with _lock:
        lost = any(_is_essential(cluster[0]) and not fonts.family_of(cluster) for cluster in clusters(name))
    return not lost and bool(drawable(name).strip(CONTROLS + " "))


def _breaks_anywhere(cluster: str) -> bool:
    """Whether a line may break on both sides: ideographs, syllables, full-width signs, emoji, unspaced scripts."""
    character = cluster[0]
    wide = unicodedata.east_asian_width(character) in "WF"
    return wide or unicodedata.name(character, "").partition(" ")[0] in _UNSPACED


def _pieces(text: str) -> list[str]:
    """The parts between which a line may break: words, and single ideographs with their punctuation."""
    pieces: list[str] = []
    before = " "
    for cluster in clusters(text):
        joins = (
            cluster[0] in _NOT_FIRST
            or before[0] in _NOT_LAST
            or not (_breaks_anywhere(cluster) or _breaks_anywhere(before) or " " in (cluster, before))
        )
        if joins and pieces and pieces[-1] != " ":
            pieces[-1] += cluster
        else:
            pieces.append(cluster)
        before = cluster
    return pieces


def wrap(text: str, font: Typeface, width: float, most: int) -> list[str]:
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


def shortened(line: str, font: Typeface, width: float) -> str:
    """One line that fits into `width` pixels, cut with `…` where it is longer."""
    if font.getlength(line) <= width:
        return line
    kept = clusters(line.rstrip(_ELLIPSIS))
    while kept and font.getlength("".join(kept).rstrip() + _ELLIPSIS) > width:
        kept.pop()
    return "".join(kept).rstrip() + _ELLIPSIS


def in_its_direction(lines: list[str], text: str) -> list[str]:
    """Lines of a text of its own, such as a title: from right to left if it begins so."""
    return [f"{RIGHT_TO_LEFT}{line}{POP}" for line in lines] if is_rtl(text) else lines


def largest(line: str, sizes: tuple[int, ...], weight: int, width: float) -> Typeface:
    """The largest of these descending sizes in which a line fits into `width` pixels, else the last."""
    return next(
        (font for size in sizes if (font := face(size, weight)).getlength(line) <= width), face(sizes[-1], weight)
    )


def fitted(text: str, sizes: tuple[int, ...], weight: int, width: float) -> tuple[Typeface, list[str]]:
    """One line in the largest of these descending sizes that fits into `width` pixels, else two; cut if none fits."""
    for most in (1, 2):
        for size in sizes:
            font = face(size, weight)
            lines = wrap(text, font, width, most + 1)
            if len(lines) <= most and not any(line.endswith(_ELLIPSIS) for line in lines):
                return font, lines
    return face(sizes[-1], weight), wrap(text, face(sizes[-1], weight), width, 2)
