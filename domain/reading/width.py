"""Full-width characters, as Chinese keyboards type them: for what is parsed, never for what is shown."""

from __future__ import annotations

import unicodedata
from functools import cache

_WIDTHS = ("<wide>", "<narrow>", "<noBreak>")


@cache
def _plain(character: str) -> str:
    if unicodedata.category(character) == "Cf":
        return ""
    kind = unicodedata.decomposition(character).partition(" ")[0]
    return unicodedata.normalize("NFKC", character) if kind in _WIDTHS else character


def to_plain_width(text: str) -> str:
    """The text with characters of ordinary width: `１２：３０` becomes `12:30`. Invisible ones, which cling to what is
    copied, are left out.

    This is the part of NFKC that changes no meaning. All of NFKC would read `12²` as 122 and `½` as `1⁄2`. For times,
    numbers, codes and commands; never for addresses, tokens, passwords, refs, or texts that people read.
    """
    return text if text.isascii() else "".join(map(_plain, text))
