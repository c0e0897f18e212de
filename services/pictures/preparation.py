"""Pictures of goods on their way in: loaded from files and links, checked, and converted for Telegram."""

from __future__ import annotations

import asyncio
import hashlib
import io
import unicodedata
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from services.network.connections import DIRECT, Network
from services.network.public_addresses import is_numeric, is_public

MOST_BYTES = 10 * 1024 * 1024
"""Bot API, sendPhoto: a photo has at most 10 MB."""
BATCH = 16
"""Pictures in memory at the same time."""
_AT_ONCE = 4
"""Pictures loaded or decoded at the same time: a decoded one can take 120 MB."""
_SIDE = 1280
_MOST_PIXELS = 40_000_000
_LONGEST_RATIO = 20
_REDIRECTS = 4
_TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)


@dataclass(frozen=True, slots=True)
class Ready:
    """A picture ready to be stored: JPEG, at most 1280 pixels a side."""

    digest: str
    content: bytes
    width: int
    height: int


class PictureError(ValueError):
    """A picture that cannot be used; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def prepare(content: bytes) -> Ready:
    """Check a picture and convert it to a JPEG of at most 1280 pixels a side, rotated by its EXIF data.

    Raises PictureError: picture-too-big, picture-broken, picture-shape.
    """
    from PIL import Image, ImageOps  # loads slowly, and only imports need it

    if len(content) > MOST_BYTES:
        raise PictureError("picture-too-big")
    try:
        with Image.open(io.BytesIO(content)) as opened:
            width, height = opened.size
            if width * height > _MOST_PIXELS:
                raise PictureError("picture-too-big")
            if max(width, height) > _LONGEST_RATIO * min(width, height):
                raise PictureError("picture-shape")
            fits = (
                opened.format == "JPEG"
                and opened.mode in ("RGB", "L")
                and max(width, height) <= _SIDE
                and not opened.getexif()
            )
            image = ImageOps.exif_transpose(opened)
            if image.has_transparency_data:
                image = image.convert("RGBA")
            image.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
            flat = Image.new("RGB", image.size, "white")
            flat.paste(image.convert("RGB"), mask=image.getchannel("A") if image.mode == "RGBA" else None)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError("picture-too-big") from error
    except Exception as error:  # decoders raise any error for damaged files
        raise PictureError("picture-broken") from error
    if not fits:
        out = io.BytesIO()
        flat.save(out, "JPEG", quality=88, optimize=True)
        content = out.getvalue()
    return Ready(hashlib.sha256(content).hexdigest(), content, flat.width, flat.height)


async def load(source: str, folder: Path | None, network: Network = DIRECT) -> bytes:
    """A picture's bytes from an https link, or from a path below `folder`.

    Raises PictureError: picture-missing, picture-outside, picture-too-big, picture-unreachable, picture-not-https.
    """
    if "://" in source:
        return await _fetch(source, network)
    if folder is None:
        raise PictureError("picture-missing")

    def read() -> bytes:
        path = _find(folder, source).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise PictureError("picture-outside")
        if not path.is_file():
            raise PictureError("picture-missing")
        if path.stat().st_size > MOST_BYTES:
            raise PictureError("picture-too-big")
        return path.read_bytes()

    try:
        return await asyncio.to_thread(read)
    except PictureError:
        raise
    except (OSError, ValueError) as error:  # not a valid file name
        raise PictureError("picture-missing") from error


def _find(folder: Path, source: str) -> Path:
    """The path of a picture, also as another system writes it: `pics\\tea.jpg`, `Tea.JPG`, another form of Unicode.

    The exact name comes first. A name that fits several files fits none of them.
    """
    exact = folder / source
    if exact.is_file() or Path(source).is_absolute():
        return exact
    path = folder
    for word in source.replace("\\", "/").split("/"):
        if word in ("", ".", "..") or (path / word).exists():
            path = path / word if word else path
            continue
        alike = [one for one in path.iterdir() if _key(one.name) == _key(word)] if path.is_dir() else []
        path = alike[0] if len(alike) == 1 else path / word
    return path


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


async def _fetch(link: str, network: Network) -> bytes:
    """Fetch over https from public addresses only, so that a table cannot read from the internal network."""
    try:
        for _ in range(_REDIRECTS):
            url = _checked(link)
            async with (
                network.public_session(url, timeout=_TIMEOUT, limit=4) as session,
                session.get(url, allow_redirects=False, headers={"Accept-Encoding": "identity"}) as response,
            ):
                if response.status in (301, 302, 303, 307, 308) and "Location" in response.headers:
                    link = urljoin(url, response.headers["Location"])
                    continue
                if response.status != 200:
                    raise PictureError("picture-unreachable")
                return await _read_limited(response)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError("picture-unreachable") from error
    raise PictureError("picture-unreachable")


async def _read_limited(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        content += chunk
        if len(content) > MOST_BYTES:
            raise PictureError("picture-too-big")
    return bytes(content)


def _checked(link: str) -> str:
    """The link as it will be connected to: aiohttp takes the digits of every script for ASCII's."""
    url = URL(link)
    if url.scheme != "https":
        raise PictureError("picture-not-https")
    host = url.host or ""
    if is_numeric(host) and not is_public(host):  # of names, the session checks the addresses
        raise PictureError("picture-unreachable")
    return str(url)


async def prepare_each(
    sources: Sequence[str], folder: Path | None, *, network: Network = DIRECT
) -> AsyncIterator[dict[str, Ready | PictureError]]:
    """Load and prepare pictures in batches of `BATCH`; an error takes the place of its picture."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(source: str) -> Ready | PictureError:
        async with gate:
            try:
                return await asyncio.to_thread(prepare, await load(source, folder, network))
            except PictureError as error:
                return error

    for start in range(0, len(sources), BATCH):
        some = sources[start : start + BATCH]
        yield dict(zip(some, await asyncio.gather(*map(one, some)), strict=True))
