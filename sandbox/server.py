"""The HTTP server: one port on loopback for bots, the page, files and the people's API."""

from __future__ import annotations

import ipaddress
import logging
import socket
from pathlib import Path
from urllib.parse import quote, urlsplit

from aiohttp import web

from sandbox.api import Answer, PeopleApi, sentences
from sandbox.chats_api import ChatsApi
from sandbox.control import ControlApi
from sandbox.dispatch import refused
from sandbox.errors import Misuse, Refusal
from sandbox.files import UPLOAD_BYTES
from sandbox.room import Room

PAGE = Path(__file__).with_name("page")
POLICY = (
    "default-src 'self'; img-src 'self' data: blob: http://127.0.0.1:* http://localhost:*; "
    "style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
log = logging.getLogger("sandbox")


def loopback(host: str) -> str:
    """The host, if it is one of this machine only. Raises Misuse for any other."""
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
    """Whether a Host or Origin header names this machine."""
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


def not_found() -> web.Response:
    """What an address without anything behind it answers."""
    return refused(Refusal(404, "Not Found"))


@web.middleware
async def guard(request: web.Request, handler: Answer) -> web.StreamResponse:
    """Keep foreign web pages out, and tokens out of whatever goes wrong."""
    origin = request.headers.get("Origin", "")
    if not local_name(request.host) or (origin and not local_name(origin.partition("://")[2])):
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


def make_app(room: Room) -> web.Application:
    """The application with all routes."""
    app = web.Application(client_max_size=UPLOAD_BYTES + 1024 * 1024, middlewares=[guard, sentences])
    pages = Pages(room)
    app.add_routes(
        [
            web.route("*", "/bot{token:[^/]+}/{method}", room.dispatcher.answer),
            web.get("/file/bot{token:[^/]+}/{path:.+}", pages.download),
            web.get("/media/{unique}", pages.media),
            web.get("/", pages.index),
            web.get("/page/{path:.+}", pages.part),
            *PeopleApi(room).routes(),
            *ChatsApi(room).routes(),
            *ControlApi(room).routes(),
        ]
    )
    return app


class Pages:
    """Files: those of bots, pictures for the page, and the page itself."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.files = room.world.files

    async def download(self, request: web.Request) -> web.Response:
        """GET /file/bot<token>/<path>"""
        try:
            self.room.dispatcher.bot(request.match_info["token"])
        except Refusal as refusal:
            return refused(refusal)
        stored = self.files.by_path.get(request.match_info["path"])
        if stored is None:
            return not_found()
        return web.Response(body=self.files.bytes_of(stored), content_type="application/octet-stream")

    async def media(self, request: web.Request) -> web.Response:
        """GET /media/<file_unique_id>: the largest size of a picture, with ?w= the nearest; a file as a download."""
        stored = self.files.by_unique.get(request.match_info["unique"])
        if stored is None:
            return not_found()
        if stored.kind == "photo":
            sizes = self.files.groups[stored.group]
            wanted = request.query.get("w", "")
            width = int(wanted) if wanted.isdigit() else 0
            stored = next((one for one in sizes if one.width >= width > 0), sizes[-1])
        headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
        kind = stored.mime if stored.mime.startswith(("image/jpeg", "image/png", "video/", "audio/")) else ""
        if not kind:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stored.name or 'file')}"
        return web.Response(
            body=self.files.bytes_of(stored), content_type=kind or "application/octet-stream", headers=headers
        )

    async def index(self, request: web.Request) -> web.StreamResponse:
        """GET /: the browser chat"""
        return self._file("index.html")

    async def part(self, request: web.Request) -> web.StreamResponse:
        """GET /page/<file>"""
        return self._file(request.match_info["path"])

    @staticmethod
    def _file(name: str) -> web.StreamResponse:
        path = (PAGE / name).resolve()
        if not path.is_relative_to(PAGE.resolve()) or not path.is_file():
            return not_found()
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
        return web.FileResponse(path, headers=headers)
