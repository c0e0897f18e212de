"""Files given by URL. The sandbox contacts this machine only, so only loopback URLs can be fetch."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from sandbox.bot_api.request import Upload
from sandbox.errors import bad_request
from sandbox.state.files import DOWNLOAD_BYTES

TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(slots=True, frozen=True)
class RemoteFile:
    """A URL given in place of a file."""

    url: str


def checked_url(url: str) -> str:
    """The URL if it is valid. Raises a Refusal otherwise."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise bad_request("wrong HTTP URL specified") from None
    if parts.scheme not in ("http", "https") or not ("." in host or ":" in host or host == "localhost"):
        raise bad_request("wrong HTTP URL specified")
    return url


async def fetch(file: RemoteFile) -> Upload:
    """The file at a loopback URL. Raises a Refusal if it cannot be fetch."""
    host = urlsplit(file.url).hostname or ""
    if host not in ("localhost", "::1") and not host.startswith("127."):
        raise bad_request("failed to get HTTP URL content")
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.get(file.url, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise bad_request("failed to get HTTP URL content")
            if response.content_type.startswith("text/html"):
                raise bad_request("wrong type of the web page content")
            data = await response.content.read(DOWNLOAD_BYTES + 1)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        raise bad_request("failed to get HTTP URL content") from None
    if not data or len(data) > DOWNLOAD_BYTES:
        raise bad_request("failed to get HTTP URL content")
    return Upload(urlsplit(file.url).path.rpartition("/")[2] or "file", data, response.content_type)
