"""Pictures and posters as one bot sends them: their bytes, and the file IDs of uploads."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache

from services.context import ServiceContext
from services.shared_answers import SingleFlight
from storage import items
from storage.canvassing import links

_RECENT = 64
"""Posters in memory, about 200 kB each."""
VISITORS = 16
"""Posters that may be drawn or wait for visitors of the web pages: a few seconds' work."""

_VERSION = 2
"""Incremented with every change of the drawing in `posters`, so that posters of an older version are drawn again."""


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a poster in one language, empty ones left out.

    `struck` is the part of `original` that is struck through; `crowd` is how many faces `wants` has, 0 to 3. `call`
    invites in the name of `name`, and `nameless` stands in its place where no font shows that name, or none is given.
    """

    brand: str
    title: str
    expected: str
    label: str
    original: str
    struck: str
    off: str
    wants: str
    crowd: int
    call: str
    name: str
    nameless: str
    how: str
    until: str


@dataclass(frozen=True, slots=True)
class Poster:
    """The content of a poster: `link_id` of the canvass link, `picture` of the picture, `link` in the QR code."""

    link_id: int
    language: str
    words: Words
    picture: int
    link: str

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits; equal fingerprints mean equal pictures."""
        content = repr((_VERSION, self.words, self.picture, self.link))
        return hashlib.sha256(content.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Chart:
    """The content of a chart: a bar for each number, with their average as a line."""

    title: str
    note: str
    bars: tuple[int, ...]

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits; equal fingerprints mean equal pictures."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:32]


@cache
def _plain_area() -> bytes:
    from PIL import Image  # few processes need it

    out = io.BytesIO()
    Image.new("RGB", (960, 720), (232, 216, 198)).save(out, "JPEG")
    return out.getvalue()


class Pictures:
    """Pictures of goods, by number, and posters. A poster is drawn when its fingerprint is new: price, count or name
    has changed."""

    def __init__(self, context: ServiceContext, bot_id: int) -> None:
        self._db = context.db
        self._bot_id = bot_id
        self.file_ids: dict[int, str] = {}
        """The file ID (Bot API, PhotoSize) of each picture that was uploaded, by its number."""
        self._plain = set[int]()
        """Pictures for which a plain area was shown: its file ID is not theirs."""
        self._recent: OrderedDict[str, bytes] = OrderedDict()
        self._charts: OrderedDict[Chart, str] = OrderedDict()
        """File IDs of the charts that were uploaded last: many chats are sent the same one."""
        self._drawing = asyncio.Lock()
        self._visitors = asyncio.Lock()
        self._for_visitors = SingleFlight[bytes](VISITORS)

    async def start(self) -> None:
        """Read the file IDs of this bot's pictures into memory."""
        async with self._db.read() as connection:
            self.file_ids = await items.file_ids(connection, self._bot_id)

    async def content(self, picture: int | Poster | Chart) -> bytes:
        """JPEG, or PNG for a chart. Both are drawn in a thread, one at a time, and once for concurrent requests. A
        plain area stands for the picture of a good that ended long ago."""
        if isinstance(picture, Poster | Chart):
            return self._remembered(picture) or await self._draw(picture)
        async with self._db.read() as connection:
            content = await items.picture(connection, picture)
        if content:
            self._plain.discard(picture)
            return content
        self._plain.add(picture)
        return _plain_area()

    async def poster_for_visitor(self, poster: Poster) -> bytes:
        """JPEG, for a web page. Visitors wait for each other: a member's poster waits for one of theirs at most.

        Raises TooManyAtOnce where `VISITORS` posters are asked for already.
        """
        content = self._remembered(poster)
        return content or await self._for_visitors.do(poster.fingerprint, lambda: self._draw_for_visitor(poster))

    async def _draw_for_visitor(self, poster: Poster) -> bytes:
        async with self._visitors:
            return await self._draw(poster)

    async def _draw(self, picture: Poster | Chart) -> bytes:
        from services.pictures import charts, posters  # loads Pillow and qrcode, which few processes need

        async with self._drawing:
            content = self._remembered(picture)
            if content is None:
                if isinstance(picture, Chart):
                    content = await asyncio.to_thread(charts.draw, picture)
                else:
                    photo = await self.content(picture.picture)
                    content = await asyncio.to_thread(posters.draw, picture.words, photo, picture.link)
                self._recent[picture.fingerprint] = content
                while len(self._recent) > _RECENT:
                    self._recent.popitem(last=False)
            return content

    def _remembered(self, picture: Poster | Chart) -> bytes | None:
        content = self._recent.get(picture.fingerprint)
        if content is not None:
            self._recent.move_to_end(picture.fingerprint)
        return content

    async def size(self, picture_id: int) -> tuple[int, int]:
        """A picture's width and height in pixels."""
        async with self._db.read() as connection:
            return await items.picture_size(connection, picture_id)

    async def file_id(self, picture: int | Poster | Chart) -> str | None:
        """The file ID of exactly this picture, poster or chart; None before its upload."""
        if isinstance(picture, Poster):
            return await self.poster_file_id(picture)
        return self._charts.get(picture) if isinstance(picture, Chart) else self.file_ids.get(picture)

    async def poster_file_id(self, poster: Poster) -> str | None:
        """The file ID of exactly this poster; None before its upload."""
        async with self._db.read() as connection:
            return await links.poster_file(
                connection, poster.link_id, poster.language, self._bot_id, poster.fingerprint
            )

    async def keep_file_id(self, picture: int | Poster | Chart, file_id: str) -> None:
        """Store the file ID of an upload; a poster's replaces that of its link's previous poster, a chart's is only
        kept in memory."""
        if isinstance(picture, Chart):
            self._charts[picture] = file_id
            while len(self._charts) > _RECENT:
                self._charts.popitem(last=False)
            return
        if picture in self._plain:
            return
        if not isinstance(picture, Poster):
            self.file_ids[picture] = file_id
        async with self._db.write() as connection:
            if isinstance(picture, Poster):
                await links.keep_poster_file(
                    connection, picture.link_id, picture.language, self._bot_id, picture.fingerprint, file_id
                )
            else:
                await items.keep_file_id(connection, picture, self._bot_id, file_id)

    async def drop_file_id(self, picture: int | Poster | Chart) -> None:
        """Delete a file ID that Telegram no longer accepts."""
        if isinstance(picture, Chart):
            self._charts.pop(picture, None)
            return
        if not isinstance(picture, Poster):
            self.file_ids.pop(picture, None)
        async with self._db.write() as connection:
            if isinstance(picture, Poster):
                await links.drop_poster_file(connection, picture.link_id, picture.language, self._bot_id)
            else:
                await items.drop_file_id(connection, picture, self._bot_id)
