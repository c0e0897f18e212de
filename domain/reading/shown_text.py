"""Texts of people as they may be shown: without characters that are invisible or reorder what is around them.

The rule follows Unicode: bidirectional controls (UAX 9), joiners (UAX 31, section 2.3), default ignorable characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_JOINERS = "\u200c\u200d"
_VIRAMA = 9
"""The combining class of signs that join the consonants of Indic scripts."""
_JOINED_SCRIPTS = frozenset(
    {
        *("ADLAM", "ARABIC", "BENGALI", "DEVANAGARI", "GUJARATI", "GURMUKHI", "KANNADA", "KHMER", "MALAYALAM"),
        *("MONGOLIAN", "MYANMAR", "NKO", "ORIYA", "SINHALA", "SYRIAC", "TAMIL", "TELUGU", "THAANA", "TIBETAN"),
    }
)
"""Scripts in which joiners change the shape of a word. In others they only make equal texts different."""
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a"
)
_TAGS, _BLACK_FLAG = "\U000e0000-\U000e007f", "\U0001f3f4"
_SUSPECT = re.compile(f"[{_UNSEEN}{_TAGS}{_JOINERS}]")
_FLAG = re.compile(f"{_BLACK_FLAG}[\U000e0061-\U000e007a]{{3,6}}\U000e007f")
_REMOVED = re.compile(f"[{_UNSEEN}{_TAGS}]")


@lru_cache(maxsize=20_000)
def clean(text: str) -> str:
    """The text without bidirectional controls, zero-width and other invisible characters.

    Joiners stay in words of scripts that need them and between the parts of an emoji; tags stay in flags. The
    result may be empty.
    """
    if text.isascii() or not _SUSPECT.search(text):
        return text
    kept: list[str] = []
    at = 0
    for flag in _FLAG.finditer(text):
        kept += [_without_unseen(text[at : flag.start()]), flag[0]]
        at = flag.end()
    kept.append(_without_unseen(text[at:]))
    return "".join(kept)


def _without_unseen(text: str) -> str:
    text = _REMOVED.sub("", text)
    if not any(joiner in text for joiner in _JOINERS):
        return text
    return "".join(
        character
        for at, character in enumerate(text)
        if character not in _JOINERS or _is_needed(character, text[:at][-2:], text[at + 1 : at + 2])
    )


def _is_needed(joiner: str, before: str, after: str) -> bool:
    previous = before[-1:]
    if not previous:
        return False
    if unicodedata.combining(previous) == _VIRAMA:
        return True
    if not after:
        return False
    if joiner == "\u200d" and _is_emoji(after):
        base = before[0] if previous == "\ufe0f" else previous
        return _is_emoji(base) or unicodedata.category(previous) == "Sk"  # a skin tone
    return _script(previous) in _JOINED_SCRIPTS and _script(after) in _JOINED_SCRIPTS


def _is_emoji(character: str) -> bool:
    return unicodedata.category(character) == "So" or character in "♀♂"


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]
