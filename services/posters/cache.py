"""Where posters are kept: the last ones in memory, and what Telegram calls those that were uploaded."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from services.context import ServiceContext
from services.posters.drawing import Poster, draw
from storage import canvass, items

_RECENT = 64
"""Posters in memory, about 200 kB each."""


class PosterShelf:
    """The posters of one bot. One is drawn when its print is new: price or count moved on, or the name changed."""

    def __init__(self, context: ServiceContext, bot_id: int) -> None:
        self._context = context
        self._bot_id = bot_id
        self._recent: OrderedDict[str, bytes] = OrderedDict()
        self._drawing = asyncio.Lock()

    async def content(self, poster: Poster) -> bytes:
        """The poster as JPEG; drawn off the event loop, one at a time, and once however many ask for it at once."""
        async with self._drawing:
            made = self._recent.get(poster.print)
            if made is None:
                async with self._context.db.read() as connection:
                    photo = await items.picture(connection, poster.picture)
                made = await asyncio.to_thread(draw, poster.words, photo, poster.link)
                self._recent[poster.print] = made
            self._recent.move_to_end(poster.print)
            while len(self._recent) > _RECENT:
                self._recent.popitem(last=False)
            return made

    async def file_id(self, poster: Poster) -> str | None:
        """What Telegram calls this very poster; None where it is yet to be uploaded."""
        async with self._context.db.read() as connection:
            return await canvass.poster_file(connection, poster.link_id, poster.language, self._bot_id, poster.print)

    async def keep(self, poster: Poster, file_id: str) -> None:
        """Remember the name of an upload, in place of the poster before it."""
        async with self._context.db.write() as connection:
            await canvass.keep_poster_file(
                connection, poster.link_id, poster.language, self._bot_id, poster.print, file_id
            )

    async def forget(self, poster: Poster) -> None:
        """Forget a name that Telegram no longer knows."""
        async with self._context.db.write() as connection:
            await canvass.drop_poster_file(connection, poster.link_id, poster.language, self._bot_id)
