"""Pictures of goods on their way in: loaded from files and links, then decoded in a process of their own."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from services.isolation.readers import DeadlyPicture, prepare_picture
from services.network.connections import DIRECT, Network
from services.network.public_addresses import is_numeric, is_public
from services.pictures.decoding import MOST_BYTES, PictureError, Ready

BATCH = 16
"""Pictures in memory at the same time."""
_AT_ONCE = 4
"""Pictures loaded at the same time."""
_MOST_DEADLY = 3
_REDIRECTS = 4
_TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)


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
    sources: Sequence[str],
    folder: Path | None,
    *,
    network: Network = DIRECT,
    too_late: Callable[[], bool] = lambda: False,
) -> AsyncIterator[dict[str, Ready | PictureError]]:
    """Load and prepare pictures in batches of `BATCH`; an error takes the place of its picture.

    After `_MOST_DEADLY` pictures that cost the process that read them its life, no more are read; nor once it is
    `too_late`: 190 kB can be made to decode for 17 seconds, and a link to answer for 30.
    """
    gate = asyncio.Semaphore(_AT_ONCE)
    deadly = 0

    async def one(source: str) -> Ready | PictureError:
        nonlocal deadly
        async with gate:
            try:
                if deadly >= _MOST_DEADLY or too_late():
                    raise PictureError("picture-not-tried")
                return await prepare_picture(await load(source, folder, network))
            except PictureError as error:
                deadly += isinstance(error, DeadlyPicture)
                return error

    for start in range(0, len(sources), BATCH):
        some = sources[start : start + BATCH]
        yield dict(zip(some, await asyncio.gather(*map(one, some)), strict=True))
