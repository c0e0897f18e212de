"""Amounts of money and whole numbers as people and spreadsheets write them.

Only what has one meaning is read: `12,99` may be twelve yuan or more than a thousand, `1e3` is how a spreadsheet
shortens a number whose other digits it has lost.
"""

from __future__ import annotations

import re

from domain.reading.width import to_plain_width

_GROUPED = r"[0-9]{1,3}(?:,[0-9]{3}){1,5}"
_YUAN = re.compile(
    rf"(?:[¥￥]|rmb|cny|人民币)?\s*([0-9]{{1,12}}|{_GROUPED})(?:\.([0-9]{{1,2}})0*)?\s*(?:元|圆|圓|块|塊|rmb|cny|yuan)?整?",
    re.IGNORECASE,
)
_MINUS = re.compile(r"([¥￥]?)\s*[-−]\s*(.*)")
_WHOLE = re.compile(rf"(-?)([0-9]{{1,18}}|{_GROUPED})(?:\.0+)?\s*(\D*)")


def read_fen(yuan: str) -> int | None:
    """A written amount of yuan in exact fen: `12.5`, `¥1,299.00`, `260元`, `１２．５０`; None for anything else."""
    match = _YUAN.fullmatch(to_plain_width(yuan).strip())
    if match is None:
        return None
    whole, decimals = match.groups(default="")
    return int(whole.replace(",", "")) * 100 + int(decimals.ljust(2, "0"))


def read_signed_fen(yuan: str) -> int | None:
    """The same with a minus before the amount or its sign: `-113.00`, `¥-113`, `－113元`."""
    minus = _MINUS.fullmatch(to_plain_width(yuan).strip())
    if minus is None:
        return read_fen(yuan)
    fen = read_fen(minus[1] + minus[2])
    return None if fen is None else -fen


def read_whole(number: str, units: tuple[str, ...] = ()) -> int | None:
    """A written whole number: `1,000`, `１０００`, `1000.0`, with one of `units` behind it; None for anything else."""
    match = _WHOLE.fullmatch(to_plain_width(number).strip())
    if match is None or (match[3] and match[3] not in units):
        return None
    return int(match[1] + match[2].replace(",", ""))
