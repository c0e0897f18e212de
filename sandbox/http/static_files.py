"""Files over HTTP: downloads for bots, pictures for the page, and the page itself."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from sandbox.backend import Backend
from sandbox.bot_api.dispatcher import refused
from sandbox.errors import Refusal

PAGE = Path(__file__).parent.with_name("page")
POLICY = (
    "default-src 'self'; img-src 'self' data: blob: http://127.0.0.1:* http://localhost:*; "
    "style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


def not_found() -> web.Response:
    """The response for an unknown path."""
    return refused(Refusal(404, "Not Found"))


class StaticFiles:
    """Downloads of bots, media for the page, and the files of the page."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.files = backend.world.files

    async def download(self, request: web.Request) -> web.Response:
        """GET /file/bot<token>/<path>"""
        try:
            self.backend.dispatcher.authenticate(request.match_info["token"])
        except Refusal as refusal:
            return refused(refusal)
        stored = self.files.by_path.get(request.match_info["path"])
        if stored is None or self.files.local_folder is not None:  # in local mode only the disk has them
            return not_found()
        return web.Response(body=self.files.bytes_of(stored), content_type="application/octet-stream")

    async def media(self, request: web.Request) -> web.Response:
        """GET /media/<file_unique_id>: a picture, with ?w= in the nearest size; other files as download."""
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

    async def page_file(self, request: web.Request) -> web.StreamResponse:
        """GET /page/<file>"""
        return self._file(request.match_info["path"])

    @staticmethod
    def _file(name: str) -> web.StreamResponse:
        path = (PAGE / name).resolve()
        if not path.is_relative_to(PAGE.resolve()) or not path.is_file():
            return not_found()
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
        return web.FileResponse(path, headers=headers)
