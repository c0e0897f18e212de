"""Receives updates by webhook. The answer is 200 only when the update is settled (Bot API, setWebhook)."""

from __future__ import annotations

import asyncio
import hmac
import logging
from functools import partial

import orjson
from aiohttp import web

from bot.updates.poller import ProcessUpdate
from bot.updates.processor import MAX_CONCURRENT, Ack, AckState
from bot.worker import Worker
from services.clock import Clock

log = logging.getLogger(__name__)

PATH = "/telegram"
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
MAX_IN_HAND = 4 * MAX_CONCURRENT
"""Updates accepted and not settled. Above that Telegram is asked to deliver again: it keeps them in order."""
_BUSY = {"Retry-After": "1"}
PATIENCE = 6.0
"""Seconds for which an update waits for an unavailable database: longer than `NOTICE_AFTER`, so that the user of a tap
gets the notice."""
_UNAVAILABLE = {"Retry-After": "3"}


class WebhookReceiver(Worker):
    """The endpoint for Telegram's calls. It keeps no state: several may stand behind a load balancer.

    A wrong or missing secret is 401, a body that is no update 400. A process that is full or stopping answers 503, as
    does one whose database is unavailable: Telegram delivers again.
    """

    def __init__(self, process: ProcessUpdate, secret: str, clock: Clock) -> None:
        super().__init__(clock, log, "updates")
        self._process = process
        self._secret = secret.encode()
        self._in_hand: set[asyncio.Task[None]] = set()
        self._newest: dict[int, asyncio.Task[None]] = {}
        """The last task of each user."""

    def add_to(self, app: web.Application) -> None:
        """Add the endpoint to a web application."""
        app.router.add_post(PATH, self.receive)

    @property
    def ready(self) -> bool:
        """Whether further updates are accepted."""
        return not self.stopping and len(self._in_hand) < MAX_IN_HAND

    async def receive(self, request: web.Request) -> web.Response:
        """One update. The answer comes when it is settled, so that Telegram delivers it again after a crash."""
        given = request.headers.get(_SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            return web.Response(status=401)
        body = await request.read() if self.ready else b""
        if not self.ready:  # asked again: the bot may have stopped while the body arrived
            return web.Response(status=503, headers=_BUSY)
        try:
            update = orjson.loads(body)
            if not isinstance(update["update_id"], int):
                raise TypeError("update_id is a number")
            ack = Ack(update, patience=PATIENCE)
            user = ack.user_id
        except (KeyError, TypeError, AttributeError, ValueError):
            return web.Response(status=400)
        await asyncio.shield(self._start(user, ack))  # processing goes on when Telegram hangs up
        if ack.state is AckState.RETURNED:
            return web.Response(status=503, headers=_UNAVAILABLE)
        return web.Response()

    def _start(self, user: int, ack: Ack) -> asyncio.Task[None]:
        """Telegram delivers in parallel; each user's updates are processed one after another."""
        task = asyncio.ensure_future(self._after(self._newest.get(user), ack))
        self._newest[user] = task
        self._in_hand.add(task)
        task.add_done_callback(partial(self._ended, user))
        return task

    async def _after(self, previous: asyncio.Task[None] | None, ack: Ack) -> None:
        if previous is not None:
            await asyncio.wait({previous})
        await self._process(ack)

    def _ended(self, user: int, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        if self._newest.get(user) is task:
            del self._newest[user]
        if not task.cancelled():
            task.exception()  # `receive` has raised it, unless Telegram had hung up

    async def run(self) -> None:
        """Accept updates until stopped, then finish those in hand."""
        await self.stopped()
        while self._in_hand:
            await asyncio.wait(self._in_hand)
