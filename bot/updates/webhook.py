"""Takes updates in by webhook: answered with 200 only when their effects are committed (Bot API, setWebhook)."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from functools import partial

import orjson
from aiohttp import web

from bot.updates.processor import AT_ONCE, Update, sender_id
from storage.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

PATH = "/telegram"
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
MOST_IN_HAND = 4 * AT_ONCE
"""Updates taken in and not done yet. Above that Telegram is asked to come again: it keeps them in order."""
_COME_AGAIN = {"Retry-After": "1"}
PATIENCE = 6.0
"""Seconds for which an update waits here for a database that is away: long enough that whoever tapped is told so."""
_COME_LATER = {"Retry-After": "3"}


class WebhookReceiver:
    """The door for Telegram's calls. Several of them may stand behind a balancer: nothing is kept here.

    A wrong, missing or odd secret is 401, what is no update is 400, and a full or closing house is 503, as is one whose
    database is away: Telegram comes again.
    """

    def __init__(self, receive: Callable[[Update, float], Awaitable[None]], secret: str) -> None:
        self._receive = receive
        self._secret = secret.encode()
        self._closing = asyncio.Event()
        self._in_hand: set[asyncio.Task[None]] = set()
        self._newest: dict[int, asyncio.Task[None]] = {}

    def add_to(self, app: web.Application) -> None:
        """Put the door into a web application."""
        app.router.add_post(PATH, self.take)

    @property
    def ready(self) -> bool:
        """Whether further updates are taken in."""
        return not self._closing.is_set() and len(self._in_hand) < MOST_IN_HAND

    async def take(self, request: web.Request) -> web.Response:
        """One update. The answer comes when it is done, so that a kill before it makes Telegram bring it again."""
        given = request.headers.get(_SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            return web.Response(status=401)
        # Before the body, which nobody needs to wait for; and after it, for until it was here the bot may have stopped.
        body = await request.read() if self.ready else b""
        if not self.ready:
            return web.Response(status=503, headers=_COME_AGAIN)
        try:
            update = orjson.loads(body)
            person = sender_id(update)
            if not isinstance(update["update_id"], int):
                raise TypeError("an update's id is a number")
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError):
            return web.Response(status=400)
        try:
            await asyncio.shield(self._begin(person, update))  # Telegram hanging up stops nothing half-way
        except DatabaseUnavailable:
            return web.Response(status=503, headers=_COME_LATER)
        return web.Response()

    def _begin(self, person: int, update: Update) -> asyncio.Task[None]:
        """Each person's own updates one after the other; Telegram brings one kind at a time, but several kinds."""
        task = asyncio.ensure_future(self._in_turn(self._newest.get(person), update))
        self._newest[person] = task
        self._in_hand.add(task)
        task.add_done_callback(partial(self._end, person))
        return task

    async def _in_turn(self, before: asyncio.Task[None] | None, update: Update) -> None:
        if before is not None:
            await asyncio.wait({before})
        await self._receive(update, PATIENCE)

    def _end(self, person: int, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        if self._newest.get(person) is task:
            del self._newest[person]
        if not task.cancelled():
            task.exception()  # whoever waited has it; where nobody waits any more, it is no news

    def stop(self) -> None:
        """Take no more; what is in hand is finished by `run`."""
        self._closing.set()

    async def run(self) -> None:
        """Wait for the stop, then for what is in hand."""
        await self._closing.wait()
        while self._in_hand:
            await asyncio.wait(self._in_hand)
