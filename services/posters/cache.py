"""The cache of posters: the latest ones in memory, and the file IDs of those that were uploaded."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from services.context import ServiceContext
from services.posters.drawing import Poster, draw
from storage import canvass, items

_RECENT = 64
"""Posters in memory, about 200 kB each."""


class PosterCache:
    """The posters of one bot. A poster is drawn when its fingerprint is new: the price, count or name has changed."""

    def __init__(self, context: ServiceContext, bot_id: int) -> None:
        self._context = context
        self._bot_id = bot_id
        self._recent: OrderedDict[str, bytes] = OrderedDict()
        self._drawing = asyncio.Lock()

    async def content(self, poster: Poster) -> bytes:
        """The poster as JPEG; drawn in a thread, one at a time, and once for concurrent requests."""
        async with self._drawing:
            content = self._recent.get(poster.fingerprint)
            if content is None:
                async with self._context.db.read() as connection:
                    photo = await items.picture(connection, poster.picture)
                content = await asyncio.to_thread(draw, poster.words, photo, poster.link)
                self._recent[poster.fingerprint] = content
            self._recent.move_to_end(poster.fingerprint)
            while len(self._recent) > _RECENT:
                self._recent.popitem(last=False)
            return content

    async def file_id(self, poster: Poster) -> str | None:
        """The file ID of exactly this poster; None before its upload."""
        async with self._context.db.read() as connection:
            return await canvass.poster_file(
                connection, poster.link_id, poster.language, self._bot_id, poster.fingerprint
            )

    async def keep_file_id(self, poster: Poster, file_id: str) -> None:
        """Store the file ID of an upload; it replaces that of the link's previous poster."""
        async with self._context.db.write() as connection:
            await canvass.keep_poster_file(
                connection, poster.link_id, poster.language, self._bot_id, poster.fingerprint, file_id
            )

    async def drop_file_id(self, poster: Poster) -> None:
        """Delete a file ID that Telegram no longer accepts."""
        async with self._context.db.write() as connection:
            await canvass.drop_poster_file(connection, poster.link_id, poster.language, self._bot_id)
