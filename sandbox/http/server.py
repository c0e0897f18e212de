"""The aiohttp application: routes for bots, the page, files and the APIs, on loopback only."""

from __future__ import annotations

import ipaddress
import logging
import socket
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.backend import Backend
from sandbox.bot_api.dispatcher import refused
from sandbox.errors import Misuse, Refusal
from sandbox.http.chats import ChatsApi
from sandbox.http.control import ControlApi
from sandbox.http.people import PeopleApi
from sandbox.http.requests import RequestHandler, errors_as_json
from sandbox.http.static_files import StaticFiles, not_found
from sandbox.state.files import UPLOAD_BYTES

log = logging.getLogger("sandbox")

_OWN = ("same-origin", "none")
"""Requests of the page itself, and of a person who types an address."""


def loopback(host: str) -> str:
    """The host if all its addresses are loopback. Raises Misuse otherwise."""
    name = host.strip("[]")
    try:
        addresses = {info[4][0] for info in socket.getaddrinfo(name, None)}
    except OSError:
        addresses = set()
    if not addresses or not all(ipaddress.ip_address(str(one).partition("%")[0]).is_loopback for one in addresses):
        raise Misuse(
            f"The sandbox listens on this machine only: {host} is not a loopback address. "
            "Use 127.0.0.1, ::1 or localhost."
        )
    return name


def local_name(host: str) -> bool:
    """Whether a Host header names this machine."""
    try:
        name = (urlsplit("//" + host).hostname or "").rstrip(".")
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _from_elsewhere(request: web.Request) -> bool:
    """Whether another page makes the browser ask (Fetch Metadata, W3C): one of this machine is another page, too.

    Browsers name the page in `Origin` or `Sec-Fetch-Site`; programs send neither. A link may lead to the page itself,
    which then asks what to do.
    """
    headers = request.headers
    visit = (headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest")) == ("navigate", "document")
    if visit and request.method == "GET" and request.path == "/" and "Origin" not in headers:
        return False
    origin = headers.get("Origin", "http://" + request.host).partition("://")[2]
    return origin.lower() != request.host.lower() or headers.get("Sec-Fetch-Site", "none") not in _OWN


@web.middleware
async def protect(request: web.Request, handler: RequestHandler) -> web.StreamResponse:
    """Refuse requests from other sites, and answer errors without the URL, which may contain a token."""
    if not local_name(request.host) or _from_elsewhere(request):
        return web.json_response({"error": "The sandbox answers this machine only."}, status=403)
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status == 404:
            return not_found()
        if error.status == 405:
            return web.json_response({"error": "That address takes another method."}, status=405)
        if error.status == 413:
            return refused(Refusal(413, "Request Entity Too Large"))
        raise
    except Exception as error:
        log.error("A call failed inside the sandbox: %s", type(error).__name__, exc_info=error)
        return refused(Refusal(500, f"Internal Server Error: sandbox: {type(error).__name__}"))


def make_app(backend: Backend) -> web.Application:
    """The application with all routes."""
    app = web.Application(client_max_size=UPLOAD_BYTES + 1024 * 1024, middlewares=[protect, errors_as_json])
    pages = StaticFiles(backend)
    app.add_routes(
        [
            web.route("*", "/bot{token:[^/]+}/{method}", backend.dispatcher.handle),
            web.get("/file/bot{token:[^/]+}/{path:.+}", pages.download),
            web.get("/media/{unique}", pages.media),
            web.get("/", pages.index),
            web.get("/page/{path:.+}", pages.page_file),
            *PeopleApi(backend).routes(),
            *ChatsApi(backend).routes(),
            *ControlApi(backend).routes(),
        ]
    )
    return app
