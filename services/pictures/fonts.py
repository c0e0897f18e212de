"""The fonts of pictures, and which of them shows a grapheme cluster (UAX 29).

Chinese, Japanese, Korean and Latin come with a package of PyPI. Other scripts, emoji and rare ideographs come from
Debian's packages (docs/operating.md), where they are installed and the libraries that shape text are, too.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from importlib.resources import as_file, files
from pathlib import Path

from PIL import ImageFont, features

_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_EMOJI = "NotoColorEmoji.ttf"
_EMOJI_SIZE = 109
"""The only size of the emoji font's bitmaps, in pixels."""
_RARE_IDEOGRAPHS = "HanaMinB.ttf"
_PICTURE_SIGNS = "\ufe0f\u20e3"
"""Characters that ask for the colour picture of the sign before them (UTS 51)."""


class Kind(Enum):
    """How a font takes its weight: any by an axis, regular or bold by a file, or none as it holds pictures."""

    VARIABLE = "variable"
    STATIC = "static"
    EMOJI = "emoji"


@dataclass(frozen=True, slots=True)
class Family:
    """One typeface: `bold` is the file of its bold weight, the same as `file` where it has none."""

    file: Path
    bold: Path
    kind: Kind

    @property
    def is_emoji(self) -> bool:
        """Whether its characters are pictures in colour."""
        return self.kind is Kind.EMOJI


def can_shape() -> bool:
    """Whether complex scripts and joined emoji can be laid out: Pillow needs the system's libfribidi for that."""
    return bool(features.check("raqm"))


@cache
def _installed() -> dict[str, Path]:
    """The font files of this machine by name."""
    return {path.name: path for folder in _FOLDERS for path in sorted(folder.rglob("*.ttf"))}


def _packaged(region: str) -> Family:
    name = f"NotoSans{region}[wght].ttf"
    with as_file(files("justmytype_intl_cjk") / "fonts" / "ofl" / f"notosans{region.lower()}" / name) as path:
        return Family(path, path, Kind.VARIABLE)


@cache
def main_family() -> Family:
    """Noto Sans SC in all weights (SIL Open Font License)."""
    return _packaged("SC")


@cache
def families() -> tuple[Family, ...]:
    """All fonts in order of preference. Emoji precede the monochrome symbols, as in chats."""
    installed = _installed() if can_shape() else {}
    names = [name for name in installed if name.startswith("NotoSans") and name.endswith("-Regular.ttf")]
    names = sorted(name for name in names if "Mono" not in name and "Display" not in name)
    symbols = [name for name in names if "Symbols" in name or "Math" in name]
    scripts = [name for name in names if name not in symbols] + ["NotoSerifTibetan-Regular.ttf"]
    emoji = [Family(installed[_EMOJI], installed[_EMOJI], Kind.EMOJI)] if _EMOJI in installed else []
    asian = [_packaged(region) for region in ("KR", "JP", "TC")]
    return (
        main_family(),
        *_static(scripts, installed),
        *emoji,
        *_static(symbols, installed),
        *asian,
        *_static([_RARE_IDEOGRAPHS], installed),
    )


def _static(names: list[str], installed: dict[str, Path]) -> list[Family]:
    return [
        Family(installed[name], installed.get(name.replace("-Regular", "-Bold"), installed[name]), Kind.STATIC)
        for name in names
        if name in installed
    ]


@cache
def _characters(file: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont  # imported late: it takes a tenth of a second

    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())


@lru_cache(maxsize=20_000)
def family_of(cluster: str) -> Family | None:
    """The font that shows every character of a grapheme cluster, or None."""
    needed = {ord(each) for each in cluster if not _is_ignorable(each)}
    if not needed:
        return None
    order = families()
    if any(sign in cluster for sign in _PICTURE_SIGNS):
        order = tuple(sorted(order, key=lambda family: not family.is_emoji))
    return next((family for family in order if needed <= _characters(family.file)), None)


def covers(family: Family, cluster: str) -> bool:
    """Whether this font shows a grapheme cluster."""
    return all(ord(each) in _characters(family.file) for each in cluster if not _is_ignorable(each))


def _is_ignorable(character: str) -> bool:
    """Joiners and variation selectors: a font shows them by other glyphs or not at all."""
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f"


@cache
def opened(family: Family, size: int, weight: int) -> ImageFont.FreeTypeFont:
    """The font in pixels and weight (100 to 900). Not thread-safe."""
    if family.kind is Kind.EMOJI:
        return ImageFont.truetype(str(family.file), _EMOJI_SIZE)
    if family.kind is Kind.STATIC:
        return ImageFont.truetype(str(family.bold if weight >= 600 else family.file), size)
    font = ImageFont.truetype(str(family.file), size)
    font.set_variation_by_axes([weight])
    return font
