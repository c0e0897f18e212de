"""Files by address. The sandbox never leaves this machine, so only loopback addresses can be fetched."""

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
    """An HTTP address in place of a file."""

    url: str


def checked_url(url: str) -> str:
    """The address, if it is one."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise bad_request("wrong HTTP URL specified") from None
    if parts.scheme not in ("http", "https") or not ("." in host or ":" in host or host == "localhost"):
        raise bad_request("wrong HTTP URL specified")
    return url


async def fetched(address: RemoteFile) -> Upload:
    """The file at an address of this machine. Raises what Telegram says when it cannot get a file."""
    host = urlsplit(address.url).hostname or ""
    if host not in ("localhost", "::1") and not host.startswith("127."):
        raise bad_request("failed to get HTTP URL content")
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.get(address.url, allow_redirects=False) as response,
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
    return Upload(urlsplit(address.url).path.rpartition("/")[2] or "file", data, response.content_type)
