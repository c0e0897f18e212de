"""Files that ask for more than they are: archives, workbooks and pictures made to fill memory or time."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image

GOODS = b"ref,shop,title,category,original_price,expected_price,stock,lead_days,url,picture,description\n"
A_ROW = "tea-{0},shop,tea,food,20.00,10.00,5,1,https://shop.example.com/t,{0}.jpg,good\n"
_DIRECTORY = b"PK\x01\x02"


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def declaring(archive: bytes, name: str, size: int, checksum_of: bytes | None = None) -> bytes:
    """The archive with another size declared for an entry, and the checksum of what it then seems to hold."""
    changed = bytearray(archive)
    at = archive.rfind(_DIRECTORY, 0, archive.rfind(name.encode()))
    local = int.from_bytes(archive[at + 42 : at + 46], "little")
    for start, sizes, checksum in ((at, 24, 16), (local, 22, 14)):
        changed[start + sizes : start + sizes + 4] = struct.pack("<L", size)
        if checksum_of is not None:
            changed[start + checksum : start + checksum + 4] = struct.pack("<L", zlib.crc32(checksum_of))
    return bytes(changed)


def lzma_that_asks_for_memory(name: str, content: bytes) -> bytes:
    """An archive of a table and an entry whose decoder would reserve 4 GB."""
    archive = bytearray(packed({"t.csv": GOODS, name: content}, zipfile.ZIP_LZMA))
    at = archive.find(name.encode()) + len(name) + 5
    archive[at : at + 4] = struct.pack("<L", 0xF000_0000)
    return bytes(archive)


def icon(side: int) -> bytes:
    """An .ico around a PNG of so many pixels a side."""
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    png = out.getvalue()
    return struct.pack("<HHHBBBBHHLL", 0, 1, 1, 0, 0, 0, 0, 1, 32, len(png), 22) + png


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The file with some bytes changed, removed, repeated or cut off."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        chance.choice(_WAYS)(changed, chance)
    return bytes(changed)


def _set_bytes(content: bytearray, chance: random.Random) -> None:
    at, value = chance.randrange(len(content) + 1), chance.choice((b"\xff" * 4, b"\0" * 4, chance.randbytes(4)))
    content[at : at + 4] = value


def _cut(content: bytearray, chance: random.Random) -> None:
    del content[chance.randrange(len(content) + 1) :]


def _remove(content: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(content) + 1)
    del content[at : at + chance.randrange(64)]


def _repeat(content: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(content) + 1)
    content[at:at] = content[at : at + chance.randrange(256)] * chance.randint(1, 20)


def _insert(content: bytearray, chance: random.Random) -> None:
    words = (b'"', b"\n", b",", b"\0", b"\xef\xbb\xbf", b"PK\x05\x06", b"\xff\xd9", b"sep=", "＝".encode())
    at = chance.randrange(len(content) + 1)
    content[at:at] = chance.choice(words) * chance.randint(1, 40)


_WAYS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _set_bytes,
    _set_bytes,
    _cut,
    _remove,
    _repeat,
    _insert,
)
