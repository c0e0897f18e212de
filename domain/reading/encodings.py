"""Text of files from other systems: UTF-8, UTF-16, GB 18030 (with GBK and GB 2312) and Big5.

A detector decides between two readings; where it cannot, both are returned and a person is asked.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Encoding(StrEnum):
    """An encoding that can be named for a file."""

    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    GB18030 = "gb18030"
    BIG5 = "big5"

    @property
    def label(self) -> str:
        """The name that people know."""
        return {Encoding.UTF_8: "UTF-8", Encoding.UTF_16: "UTF-16", Encoding.BIG5: "Big5"}.get(self, "GB 18030")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a file: its encoding, the text, and the first words by which a person recognises it."""

    encoding: Encoding
    text: str
    sample: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """The possible readings, the most likely first: none, one, or several where nothing decides between them.

    `bad_at` is the offset of the first byte that is not UTF-8, where there is one.
    """

    readings: tuple[Reading, ...]
    bad_at: int = 0


_MARKS = {
    codecs.BOM_UTF8: Encoding.UTF_8,
    codecs.BOM_UTF16_LE: Encoding.UTF_16,
    codecs.BOM_UTF16_BE: Encoding.UTF_16,
}
_CODECS = {Encoding.BIG5: "big5hkscs"}
_BEYOND_ASCII = re.compile(rb"(?:[\x80-\xff][\x30-\xff]?)+")
_LEAST_EVERYDAY = 0.8
"""The share of everyday characters in a text that people write. Text in a wrong encoding has rare ones."""
_CLEARLY = 2
"""How many times as likely one reading must be as the next one."""
_MOST_EXAMINED = 200_000


def decode(content: bytes, encoding: Encoding | None = None) -> Decoded:
    """The text of a file without byte order marks; in `encoding`, where a person has named it. Never raises."""
    if encoding is not None:
        return Decoded(tuple(_reading(content, encoding)), _bad_at(content))
    for mark, marked in _MARKS.items():
        if content.startswith(mark):
            return Decoded(tuple(_reading(content, marked)), _bad_at(content))
    utf8 = tuple(_reading(content, Encoding.UTF_8))
    if utf8 or _is_damaged_utf8(content):
        return Decoded(utf8, _bad_at(content))
    found = [
        reading
        for legacy in (Encoding.GB18030, Encoding.BIG5)
        for reading in _reading(content, legacy)
        if _is_plausible(reading.text)
    ]
    return Decoded(_decided(content, found), _bad_at(content))


def _reading(content: bytes, encoding: Encoding) -> Iterator[Reading]:
    try:
        text = content.decode(_CODECS.get(encoding, encoding.value)).lstrip("\ufeff")
    except UnicodeDecodeError:
        return
    lines = (line.strip() for line in text.splitlines() if not line.isascii())
    words = next(lines, "")
    first = next((at for at, character in enumerate(words) if not character.isascii()), 0)
    yield Reading(encoding, text, words[max(0, first - 10) : first + 30])


def _bad_at(content: bytes) -> int:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether this is UTF-8 with a few wrong bytes, which could be read as GB 18030 by chance."""
    text = content.decode(errors="replace")
    wrong = text.count("\ufffd")
    return sum(not character.isascii() for character in text) - wrong > wrong


def _is_plausible(text: str) -> bool:
    beyond = [character for character in text if not character.isascii()]
    kinds = {unicodedata.category(character) for character in set(beyond)}
    if kinds & {"Co", "Cn", "Cc"}:  # private use, unassigned, control
        return False
    return sum(map(_is_everyday, beyond)) >= _LEAST_EVERYDAY * len(beyond)


def _is_everyday(character: str) -> bool:
    """Whether this is a sign, or one of the common characters of the national standards of China and Taiwan."""
    if unicodedata.category(character)[0] in "PSZ":
        return True
    if character.encode("gb2312", "ignore"):
        return True
    code = character.encode("big5", "ignore")
    return b"\xa4\x40" <= code <= b"\xc6\x7e"


def _decided(content: bytes, found: list[Reading]) -> tuple[Reading, ...]:
    """The one reading that is clearly the most likely, else all."""
    if len(found) < 2:
        return tuple(found)
    likely = _likelihoods(content)
    first, second = sorted(found, key=lambda reading: -likely.get(reading.encoding, 0))
    if likely.get(first.encoding, 0) > _CLEARLY * likely.get(second.encoding, 0):
        return (first,)
    return first, second


def _likelihoods(content: bytes) -> dict[Encoding, float]:
    """How likely the detector takes each encoding to be, by the frequency of characters.

    It gets nothing but the characters beyond ASCII: in a table of addresses and prices it would see Western text.
    """
    import chardet  # loads its models, and few files need it

    words = b" ".join(_BEYOND_ASCII.findall(content[:_MOST_EXAMINED]))
    found = chardet.detect_all(
        words,
        ignore_threshold=True,
        compat_names=False,
        include_encodings=("gb18030", "big5hkscs"),
        no_match_encoding="gb18030",
    )
    names = {"gb18030": Encoding.GB18030, "big5hkscs": Encoding.BIG5}
    return {names[one["encoding"]]: one["confidence"] for one in found if one["encoding"] in names}
