"""Stored files: pictures in several sizes, other files unchanged, and the file ids of each bot."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import io
import struct
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from sandbox.errors import Refusal, bad_request

Json = dict[str, Any]
Size = tuple[int, int, bytes]  # width, height, JPEG

PHOTO_BYTES = 10 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
SIDES = (90, 320, 800, 1280)  # the longest side of each size that Telegram stores of a picture
ENCODED_CACHE_SIZE = 256
KINDS = {
    "photo": 2,
    "voice": 3,
    "video": 4,
    "document": 5,
    "sticker": 8,
    "audio": 9,
    "animation": 10,
    "video_note": 13,
    "live_photo": 14,
}
NAMES = {number: kind for kind, number in KINDS.items()}
FOLDERS = {"photo": "photos", "document": "documents", "sticker": "stickers", "voice": "voice", "audio": "music"}
_ID = struct.Struct(">BQIB")


@dataclass(slots=True)
class StoredFile:
    """A file, or one size of a picture; `group` is the number of the picture's smallest size."""

    number: int
    kind: str
    unique_id: str
    content: str  # digest of the bytes
    size: int
    group: int
    width: int = 0
    height: int = 0
    name: str = ""
    mime: str = ""

    @property
    def path(self) -> str:
        """The `file_path` of getFile."""
        suffix = self.name.rpartition(".")[2].lower() if "." in self.name else "bin"
        return f"{FOLDERS.get(self.kind, 'videos')}/file_{self.number}.{suffix}"


class FileStore:
    """Files by number. As in Telegram, each upload is a new file; equal bytes are stored once."""

    def __init__(self) -> None:
        self.files: dict[int, StoredFile] = {}
        self.groups: dict[int, list[StoredFile]] = {}
        self.by_unique: dict[str, StoredFile] = {}
        self.by_path: dict[str, StoredFile] = {}
        self.data: dict[str, bytes] = {}  # by digest
        self.local_folder: Path | None = None
        """Where a server in local mode (`--local`) keeps what `getFile` was asked for; None in the usual mode."""
        self._encoded: dict[str, list[Size]] = {}  # sizes of the newest pictures, by digest of the upload

    # -- uploads ------------------------------------------------------------------------------------------------------

    async def add_photo(self, data: bytes) -> list[StoredFile]:
        """Store an uploaded picture in its sizes, the smallest first. Raises a Refusal for an invalid picture."""
        digest = _digest(data)
        sizes = self._encoded.get(digest)
        if sizes is None:
            sizes = await asyncio.to_thread(picture_sizes, data)
            if len(self._encoded) >= ENCODED_CACHE_SIZE:
                del self._encoded[next(iter(self._encoded))]
            self._encoded[digest] = sizes
        first = len(self.files)
        return [
            self._store("photo", jpeg, f"{first + index}.jpg", "image/jpeg", first, width, height)
            for index, (width, height, jpeg) in enumerate(sizes)
        ]

    def add(self, kind: str, data: bytes, name: str, mime: str) -> StoredFile:
        """Store any other file unchanged."""
        return self._store(kind, data, name, mime, len(self.files), 0, 0)

    def _store(self, kind: str, data: bytes, name: str, mime: str, group: int, width: int, height: int) -> StoredFile:
        number = len(self.files)
        content = _digest(data)
        mark = bytes.fromhex(content)[:8] + number.to_bytes(4, "big")
        unique = "AQAD" + base64.urlsafe_b64encode(mark).decode()
        stored = StoredFile(number, kind, unique, content, len(data), group, width, height, name, mime)
        self.data[content] = data
        self._register(stored)
        return stored

    def _register(self, stored: StoredFile) -> None:
        self.files[stored.number] = stored
        self.groups.setdefault(stored.group, []).append(stored)
        self.by_unique[stored.unique_id] = stored
        self.by_path[stored.path] = stored

    def bytes_of(self, stored: StoredFile) -> bytes:
        """The content of a file."""
        return self.data[stored.content]

    def on_disk(self, stored: StoredFile, token: str) -> str:
        """Write a file as a server in local mode does, into a folder of the bot's own; returns the absolute path."""
        assert self.local_folder is not None, "only in local mode"
        path = self.local_folder.absolute() / token / stored.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.bytes_of(stored))
        return str(path)

    # -- ids ----------------------------------------------------------------------------------------------------------

    def file_id(self, stored: StoredFile, bot_id: int) -> str:
        """The file id for one bot."""
        packed = _ID.pack(KINDS[stored.kind], bot_id, stored.number, 0)
        return base64.urlsafe_b64encode(packed + zlib.crc32(packed).to_bytes(4, "big")).decode().rstrip("=")

    def resolve(self, file_id: str, bot_id: int) -> StoredFile:
        """The file of an id. Raises a Refusal for a malformed id and for an id of another bot."""
        stored = self.files.get(_unpack(file_id, bot_id))
        if stored is None or stored.content not in self.data:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return stored

    def with_ids_of(self, value: Any, bot_id: int) -> Any:
        """A copy of a message's content with the file ids of another bot."""
        if isinstance(value, dict):
            copied = {key: self.with_ids_of(inner, bot_id) for key, inner in value.items()}
            if "file_id" in copied and (stored := self.by_unique.get(copied.get("file_unique_id", ""))):
                copied["file_id"] = self.file_id(stored, bot_id)
            return copied
        if isinstance(value, list):
            return [self.with_ids_of(inner, bot_id) for inner in value]
        return value

    # -- JSON ---------------------------------------------------------------------------------------------------------

    def photo_json(self, sizes: list[StoredFile], bot_id: int) -> list[Json]:
        """A picture as an array of PhotoSize."""
        return [
            {
                "file_id": self.file_id(one, bot_id),
                "file_unique_id": one.unique_id,
                "file_size": one.size,
                "width": one.width,
                "height": one.height,
            }
            for one in sizes
        ]

    def file_json(self, stored: StoredFile, bot_id: int) -> Json:
        """A Document, Video, Audio … object with the known fields."""
        result: Json = {
            "file_id": self.file_id(stored, bot_id),
            "file_unique_id": stored.unique_id,
            "file_size": stored.size,
        }
        if stored.name:
            result["file_name"] = stored.name
        if stored.mime:
            result["mime_type"] = stored.mime
        return result

    def index(self) -> list[Json]:
        """All files without their bytes, for `restore`."""
        return [asdict(stored) for stored in self.files.values()]

    def restore(self, index: list[Json]) -> None:
        """Replace the files by those of an `index`."""
        for index_of in (self.files, self.groups, self.by_unique, self.by_path):
            index_of.clear()
        for entry in index:
            self._register(StoredFile(**entry))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:40]


def _unpack(file_id: str, bot_id: int) -> int:
    wrong = "wrong remote file identifier specified: "
    if len(file_id) % 4 == 1:
        raise bad_request(wrong + "Wrong string length")
    if not all(character.isascii() and (character.isalnum() or character in "-_") for character in file_id):
        raise bad_request(wrong + "Wrong character in the string")
    try:
        packed = base64.urlsafe_b64decode(file_id + "=" * (-len(file_id) % 4))
    except binascii.Error:
        raise bad_request(wrong + "Wrong string length") from None
    if base64.urlsafe_b64encode(packed).decode().rstrip("=") != file_id:
        raise bad_request(wrong + "Wrong padding in the string")
    body, check = packed[: _ID.size], packed[_ID.size :]
    if len(packed) != _ID.size + 4 or zlib.crc32(body).to_bytes(4, "big") != check:
        raise bad_request(wrong + "can't unserialize it. Wrong last symbol")
    _, owner, number, _ = _ID.unpack(body)
    if owner != bot_id:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return int(number)


def picture_sizes(data: bytes) -> list[Size]:
    """Encode a picture as JPEG in up to four sizes. Takes 10-40 ms: call it in a thread.

    Raises a Refusal for an invalid picture and for proportions that Telegram does not accept.
    """
    if len(data) > PHOTO_BYTES:
        raise bad_request(
            f"file of size {len(data)} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes"
        )
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            width, height = opened.size
            if width + height > 10_000 or max(width, height) > 20 * min(width, height):
                raise bad_request("PHOTO_INVALID_DIMENSIONS")
            picture = ImageOps.exif_transpose(opened)
            if picture.mode != "RGB":
                picture = _on_white(picture)
    except Refusal:
        raise
    except Exception:  # decoders raise any error for damaged files
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    longest = max(picture.size)
    sides = [side for side in SIDES if side < longest] + [min(longest, SIDES[-1])]
    encoded = []
    for side in sorted(set(sides)):
        small = picture.copy()
        small.thumbnail((side, side), Image.Resampling.BILINEAR)
        out = io.BytesIO()
        small.save(out, "JPEG", quality=84)
        encoded.append((small.width, small.height, out.getvalue()))
    return encoded


def _on_white(picture: Image.Image) -> Image.Image:
    clear = picture.convert("RGBA")
    ground = Image.new("RGB", clear.size, "white")
    ground.paste(clear, mask=clear.getchannel("A"))
    return ground
