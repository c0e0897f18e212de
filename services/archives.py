"""Archives of a table and its pictures, as any system packs them: names, flags and damaged entries."""

from __future__ import annotations

import io
import lzma
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from domain.reading.encodings import decode

TABLE_ENDINGS = (".csv", ".tsv", ".xlsx")
_MOST_UNPACKED = 200 * 1024 * 1024
_MOST_FILES = 5_000
_MOST_DEEP = 20
"""Folders in each other."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of other methods zipfile cannot unpack a part: 200 bytes of LZMA ask for 4 GB."""
_PIECE = 64 * 1024
_LONGEST_NAME = 255
"""Bytes of a name in a folder."""
_UTF8_FLAG = 0x800
_UNICODE_PATH = 0x7075
_ENTRY, _DIRECTORY_ENTRY, _DIRECTORY_END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, OSError, EOFError, ValueError, struct.error)
"""What zipfile raises for damaged archives and entries. RuntimeError: encrypted, or of an unknown version or method."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The tables of an archive by name, the nearest to its root first; `packed` stays open."""

    packed: zipfile.ZipFile
    names: Mapping[PurePosixPath, zipfile.ZipInfo]
    tables: tuple[PurePosixPath, ...]

    def table(self, name: PurePosixPath) -> bytes:
        """The bytes of a table. Raises ArchiveError for a damaged one."""
        try:
            return unpacked(self.packed, self.names[name])
        except _BROKEN as error:
            raise ArchiveError("damaged") from error

    def unpack_beside(self, table: PurePosixPath, folder: Path) -> None:
        """Unpack what is in the table's folder below `folder`. A damaged entry is left empty, so that only its picture
        is refused, and one under the name of a folder is left out. Raises OSError."""
        deepest_first = sorted(self.names.items(), key=lambda named: -len(named[0].parts))
        for name, part in deepest_first:
            inside = name.is_relative_to(table.parent) and not name.is_absolute() and ".." not in name.parts
            if inside and name not in self.tables and _fits_a_disk(name):
                target = folder / name.relative_to(table.parent)
                target.parent.mkdir(parents=True, exist_ok=True)
                if not target.is_dir():
                    target.write_bytes(self._entry(part))

    def _entry(self, part: zipfile.ZipInfo) -> bytes:
        try:
            return unpacked(self.packed, part)
        except _BROKEN:
            return b""


def _fits_a_disk(name: PurePosixPath) -> bool:
    return len(name.parts) <= _MOST_DEEP and all(len(word.encode()) <= _LONGEST_NAME for word in name.parts)


def unpacked(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """The bytes of an entry, of which no more are unpacked than it declares; zipfile unpacks all and cuts the rest off.

    Raises zipfile.BadZipFile for an entry that holds more or less, and what zipfile raises for damaged ones.
    """
    if part.compress_type not in _METHODS:
        raise zipfile.BadZipFile("a method that is not read")
    honest = copy(part)
    honest.file_size = part.file_size + 1  # zipfile takes this for the end of what it hands out
    content = bytearray()
    with packed.open(honest) as entry:
        while piece := entry.read(min(_PIECE, part.file_size + 1 - len(content))):
            content += piece
    if len(content) != part.file_size:
        raise zipfile.BadZipFile("another size than declared")
    return bytes(content)


class ArchiveError(ValueError):
    """An archive that cannot be read, or that is too large."""


def is_archive(content: bytes) -> bool:
    """Whether this is a ZIP, also a damaged one."""
    try:
        return zipfile.is_zipfile(io.BytesIO(content))
    except _BROKEN:  # one of several files, for example
        return True


def is_workbook(content: bytes) -> bool:
    """Whether this is a workbook: a ZIP like another, but for what is in it."""
    try:
        with _opened(content) as packed:
            return "xl/workbook.xml" in packed.namelist()
    except _BROKEN:
        return False


@contextmanager
def opened(content: bytes) -> Iterator[Archive]:
    """The archive. Raises ArchiveError."""
    try:
        packed = _opened(content)
        parts = [part for part in packed.infolist() if not part.is_dir()]
        if len(parts) > _MOST_FILES or sum(part.file_size for part in parts) > _MOST_UNPACKED:
            raise ArchiveError("too large")
        names = {name: part for part, name in zip(parts, _names(parts), strict=True) if not _is_litter(name)}
    except ArchiveError:
        raise
    except _BROKEN as error:
        raise ArchiveError("damaged") from error
    tables = (name for name in names if name.suffix.lower() in TABLE_ENDINGS)
    with packed:
        yield Archive(packed, names, tuple(sorted(tables, key=lambda name: (len(name.parts), str(name)))))


def _opened(content: bytes) -> zipfile.ZipFile:
    if content.count(_DIRECTORY_ENTRY) > 2 * _MOST_FILES:  # zipfile makes an object of each, before it can be asked
        raise ArchiveError("too large")
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except UnicodeDecodeError:  # the flag of UTF-8 on names that are not: some programs set it on all
        return zipfile.ZipFile(io.BytesIO(_without_utf8_flags(content)))


def _without_utf8_flags(content: bytes) -> bytes:
    """The archive with names marked as bytes; sections 4.3.7 and 4.3.12 of the ZIP specification have the offsets."""
    changed = bytearray(content)
    end = content.rfind(_DIRECTORY_END)
    at = int.from_bytes(content[end + 16 : end + 20], "little")
    while content[at : at + 4] == _DIRECTORY_ENTRY:
        changed[at + 9] &= ~(_UTF8_FLAG >> 8)
        local = int.from_bytes(content[at + 42 : at + 46], "little")
        if content[local : local + 4] == _ENTRY:
            changed[local + 7] &= ~(_UTF8_FLAG >> 8)
        at += 46 + sum(int.from_bytes(content[at + field : at + field + 2], "little") for field in (28, 30, 32))
    return bytes(changed)


def _is_litter(name: PurePosixPath) -> bool:
    """What systems add: resource forks of macOS, lock files of spreadsheets."""
    return name.parts[:1] == ("__MACOSX",) or name.name.startswith(("._", "~$", ".~lock."))


def _names(parts: Sequence[zipfile.ZipInfo]) -> list[PurePosixPath]:
    """The name of each entry, in NFC, with slashes. Names that are bytes are read together: one program wrote them."""
    texts = [part.orig_filename if part.flag_bits & _UTF8_FLAG else _unicode_path(part) for part in parts]
    names = (part.orig_filename for part, text in zip(parts, texts, strict=True) if text is None)
    raw = [name.encode("cp437").replace(b"\n", b" ") for name in names]  # zipfile decoded the bytes as cp437
    readings = decode(b"\n".join(raw)).readings
    words = iter(readings[0].text.split("\n") if readings else [name.decode("cp437") for name in raw])
    return [_path(next(words, "") if text is None else text) for text in texts]


def _path(name: str) -> PurePosixPath:
    return PurePosixPath(unicodedata.normalize("NFC", name.replace("\\", "/").replace("\0", "")))


def _unicode_path(part: zipfile.ZipInfo) -> str | None:
    """The name in the extra field of Info-ZIP (0x7075), which WinRAR and 7-Zip write as well; None without one."""
    extra, raw = part.extra, part.orig_filename.encode("cp437", "replace")
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        body, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(body) > 5 and struct.unpack("<L", body[1:5])[0] == zlib.crc32(raw):
            return body[5:].decode("utf-8", "replace")
    return None
