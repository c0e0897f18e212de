"""Takes updates in by webhook: answered with 200 only when their effects are committed (Bot API, setWebhook)."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from bot.reception import AT_ONCE, Update, whose

log = logging.getLogger(__name__)

PATH = "/telegram"
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
MOST_IN_HAND = 4 * AT_ONCE
"""Updates taken in and not done yet. Above that Telegram is asked to come again: it keeps them in order."""
_MOST_BYTES = 1024 * 1024
_COME_AGAIN = {"Retry-After": "1"}


class Webhook:
    """The door for Telegram's calls. Several of them may stand behind a balancer: nothing is kept here.

    A wrong, missing or odd secret is 401, what is no update is 400, and a full or closing house is 503.
    """

    def __init__(self, receive: Callable[[Update], Awaitable[None]], secret: str) -> None:
        self._receive = receive
        self._secret = secret.encode()
        self._in_hand = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = asyncio.Event()
        self._lanes: dict[int, asyncio.Lock] = {}

    def add_to(self, app: web.Application) -> None:
        """Put the door into a web application."""
        app.router.add_post(PATH, self.take)

    @property
    def ready(self) -> bool:
        """Whether further updates are taken in."""
        return not self._closing.is_set() and self._in_hand < MOST_IN_HAND

    async def take(self, request: web.Request) -> web.Response:
        """One update. The answer comes when it is done, so that a kill before it makes Telegram bring it again."""
        given = request.headers.get(_SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            return web.Response(status=401)
        if not self.ready:
            return web.Response(status=503, headers=_COME_AGAIN)
        try:
            update = orjson.loads(await request.read())
            person = whose(update)
            if not isinstance(update["update_id"], int):
                raise TypeError("an update's id is a number")
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError):
            return web.Response(status=400)
        self._in_hand += 1
        self._idle.clear()
        try:
            await asyncio.shield(self._in_order(person, update))  # Telegram hanging up stops nothing half-way
        finally:
            self._in_hand -= 1
            if not self._in_hand:
                self._idle.set()
        return web.Response()

    async def _in_order(self, person: int, update: Update) -> None:
        """Each person's own updates one after the other; Telegram brings one kind at a time, but several kinds."""
        lane = self._lanes.setdefault(person, asyncio.Lock())
        try:
            async with lane:
                await self._receive(update)
        finally:
            if not lane.locked():
                self._lanes.pop(person, None)

    def stop(self) -> None:
        """Take no more; what is in hand is finished by `run`."""
        self._closing.set()

    async def run(self) -> None:
        """Wait for the stop, then for what is in hand."""
        await self._closing.wait()
        await self._idle.wait()
