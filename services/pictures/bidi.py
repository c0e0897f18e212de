"""The visual order of a line that mixes directions: the part of the Unicode bidirectional algorithm (UAX 9) that
one line with isolates needs. Pillow orders text within one font; a line here may have several."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby

import regex

LEFT_TO_RIGHT, RIGHT_TO_LEFT, FIRST_STRONG, POP = "\u2066", "\u2067", "\u2068", "\u2069"
CONTROLS = LEFT_TO_RIGHT + RIGHT_TO_LEFT + FIRST_STRONG + POP
_ATOM = regex.compile(
    f"[{LEFT_TO_RIGHT}{RIGHT_TO_LEFT}{FIRST_STRONG}][^{CONTROLS}]*{POP}?"  # an isolate
    r"|[+\-\p{Sc}]?\d+(?:[.,:/\-]\d+)*[%\p{Sc}]?"  # a number with its signs
    r"|\X"
)
_STRONG = {"L": 0, "R": 1, "AL": 1}


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a line in one direction; its text stays in reading order."""

    text: str
    rtl: bool


@dataclass(slots=True)
class _Atom:
    text: str
    level: int | None
    is_number: bool = False


def is_rtl(text: str) -> bool:
    """Whether a text begins in a script from right to left (UAX 9, P2)."""
    strong = (_STRONG.get(unicodedata.bidirectional(each)) for each in text)
    return next((bool(each) for each in strong if each is not None), False)


def in_visual_order(line: str) -> list[Run]:
    """The runs of a line from left to right; the line as a whole runs from left to right."""
    if not any(unicodedata.bidirectional(each) in ("R", "AL", "RLI", "FSI", "LRI", "PDI") for each in line):
        return [Run(line, rtl=False)] if line else []
    return _ordered(line, base=0)


def _ordered(text: str, base: int) -> list[Run]:
    atoms = [_atom(found[0]) for found in _ATOM.finditer(text)]
    _resolve(atoms, base)
    runs: list[Run] = []
    for piece in _reordered(atoms):
        if piece.text[0] in CONTROLS:
            runs += _isolate(piece.text)
        else:
            runs.append(Run(piece.text, rtl=bool((piece.level or 0) % 2)))
    return runs


def _atom(text: str) -> _Atom:
    is_number = text[0] not in CONTROLS and any(each.isdecimal() for each in text)
    return _Atom(text, None if is_number else _STRONG.get(unicodedata.bidirectional(text[0])), is_number)


def _isolate(text: str) -> list[Run]:
    inner = text.strip(CONTROLS)
    rtl = text[0] == RIGHT_TO_LEFT or (text[0] == FIRST_STRONG and is_rtl(inner))
    return _ordered(inner, base=int(rtl))


def _resolve(atoms: list[_Atom], base: int) -> None:
    """Give each atom its level: 0 and 2 from left to right, 1 from right to left."""
    ltr, strong = base + base % 2, base
    sides: list[int | None] = []  # the direction that neutral neighbours see
    for atom in atoms:
        if atom.level is not None:
            strong = atom.level
        sides.append(strong if atom.is_number else atom.level)
    for at, atom in enumerate(atoms):
        if atom.is_number:
            atom.level = 2 if sides[at] == 1 else ltr
        elif atom.level is not None:
            atom.level = 1 if atom.level else ltr
        else:
            before = next((side for side in reversed(sides[:at]) if side is not None), base)
            after = next((side for side in sides[at:] if side is not None), base)
            side = before if before == after else base
            atom.level = 1 if side else ltr


def _reordered(atoms: list[_Atom]) -> list[_Atom]:
    """Joined where neighbours share a level, then reversed from the highest level down (UAX 9, L2)."""
    joined: list[_Atom] = []
    for (level, isolated), group in groupby(atoms, lambda atom: (atom.level, atom.text[0] in CONTROLS)):
        parts = list(group)
        joined += parts if isolated else [_Atom("".join(part.text for part in parts), level)]
    for least in (2, 1):
        ordered: list[_Atom] = []
        for high, found in groupby(joined, lambda atom: (atom.level or 0) >= least):  # noqa: B023
            stretch = list(found)
            ordered += reversed(stretch) if high else stretch
        joined = ordered
    return joined
