"""Output to terminals of any encoding: what a command has stored must not fail because it cannot be printed."""

from __future__ import annotations

import codecs
import io
import sys
import unicodedata

_SIMILAR = {
    "¥": "￥",
    "–": "-",
    "—": "-",
    "−": "-",
    "→": "->",
    "…": "...",
    "·": "|",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
}
"""What says the same in a smaller character set: GBK has no ¥, but ￥."""
_UNSEEN = frozenset({"Cf", "Mn"})
"""Categories of characters that only change others, as the selector behind an emoji."""


def print_in_any_encoding() -> None:
    """Have both output streams replace what their encoding does not have."""
    codecs.register_error("similar", _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="similar")


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(_instead(character, error.encoding) for character in wrong), error.end


def _instead(character: str, encoding: str) -> str:
    if unicodedata.category(character) in _UNSEEN:
        return ""
    # An emoji that begins a line becomes a bullet: a question mark would read as a doubt.
    similar = _SIMILAR.get(character) or ("*" if unicodedata.category(character) == "So" else "?")
    try:
        similar.encode(encoding)
    except UnicodeEncodeError:
        return "?"
    return similar
