"""Runs Bot API calls: authentication, faults, the method itself, the response envelope, the call log."""

from __future__ import annotations

import asyncio
import inspect
import re
import time
from typing import Any

import orjson
from aiohttp import web

from sandbox.bot_api import catalogue
from sandbox.bot_api.call_log import CallLog
from sandbox.bot_api.faults import TAKES_EFFECT, Fault, FaultInjector, response_after_effect, response_without_effect
from sandbox.bot_api.methods import HANDLERS, Handler
from sandbox.bot_api.parameters import read_parameters
from sandbox.bot_api.rate_limits import Limiter
from sandbox.bot_api.registry import ResultWithDescription
from sandbox.bot_api.request import ApiRequest
from sandbox.delivery.update_queue import UpdateQueue
from sandbox.delivery.webhooks import Webhooks
from sandbox.errors import Misuse, Refusal
from sandbox.state.model import Bot, Json
from sandbox.state.world import TOKEN, World

JSON = "application/json"
TOKEN_START = re.compile(r"[1-9]\d*:")


class Dispatcher:
    """Answers `/bot<token>/<method>`."""

    def __init__(
        self, world: World, update_queue: UpdateQueue, limiter: Limiter, call_log: CallLog, faults: FaultInjector
    ) -> None:
        self.world = world
        self.update_queue = update_queue
        self.limiter = limiter
        self.call_log = call_log
        self.faults = faults
        self.any_token = True  # a well-formed unknown token creates its bot
        self.default_username = "sandbox_bot"
        self.webhooks = Webhooks(world, update_queue, self.perform_webhook_reply)
        self.handlers: dict[str, Handler] = {
            "getupdates": update_queue.get_updates,
            "setwebhook": self.webhooks.set,
            "deletewebhook": self.webhooks.delete,
            "getwebhookinfo": self.webhooks.info,
        }

    # -- authentication -----------------------------------------------------------------------------------------------

    def authenticate(self, token: str) -> Bot:
        """The bot of a token. Raises 401 for a malformed, revoked or unknown token."""
        bot = self.world.by_token.get(token)
        if bot is not None:
            if bot.revoked:
                raise Refusal(401, "Unauthorized")
            return bot
        if len(token) > 80 or not TOKEN_START.match(token):
            raise Refusal(401, "Unauthorized: invalid token specified")
        id = int(token.partition(":")[0])
        if not self.any_token or not TOKEN.fullmatch(token) or id in self.world.state.bots:
            raise Refusal(401, "Unauthorized")
        taken = {bot.username.lower() for bot in self.world.state.bots.values()}
        free = self.default_username.lower() not in taken
        username = self.default_username if free else f"sandbox_{id}_bot"
        try:
            return self.world.add_bot(token, username, username.removesuffix("_bot").replace("_", " ").title())
        except Misuse:
            raise Refusal(401, "Unauthorized") from None

    # -- calls --------------------------------------------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The HTTP response to a call. Neither the response nor a log contains the token."""
        token, name = request.match_info["token"], request.match_info["method"]
        started = time.monotonic()
        call: ApiRequest | None = None
        fault: Fault | None = None
        try:
            bot = self.authenticate(token)
            if bot.logged_out:
                raise Refusal(400, "Logged out")
            args, files = await read_parameters(request)
            call = ApiRequest(self.world, bot, name, args, self.limiter, files)
            if self.faults.rules and (fault := self.faults.match(name.lower(), args)) is not None:
                return await self._handle_with_fault(fault, request, call, started)
            result = await self.perform(call)
        except Refusal as refusal:
            self.call_log.add(call, name, started, refusal, fault.kind if fault else "")
            return refused(refusal)
        self.call_log.add(call, name, started, None)
        return web.Response(body=succeeded(result), content_type=JSON)

    async def _handle_with_fault(
        self, fault: Fault, request: web.Request, call: ApiRequest, started: float
    ) -> web.StreamResponse:
        if fault.kind not in TAKES_EFFECT:
            response = await response_without_effect(fault, request)
            lost = Refusal(response.status if fault.kind == "502" else 0, "not acted on")
            self.call_log.add(call, call.method, started, lost, fault.kind)
            return response
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        body = succeeded(await self.perform(call))
        self.call_log.add(call, call.method, started, None, fault.kind)
        return await response_after_effect(fault, request, body)

    async def perform(self, call: ApiRequest) -> Any:
        """Run a method. Raises Refusal."""
        name = call.method.lower()
        handler = self.handlers.get(name) or HANDLERS.get(name) or catalogue.answer
        result = handler(call)
        return await result if inspect.isawaitable(result) else result

    async def perform_webhook_reply(self, bot: Bot, name: str, args: Json) -> None:
        """Run and log a method from a webhook response. Raises Refusal."""
        call = ApiRequest(self.world, bot, name, args, self.limiter)
        started = time.monotonic()
        try:
            await self.perform(call)
        except Refusal as refusal:
            self.call_log.add(call, name, started, refusal)
            raise
        self.call_log.add(call, name, started, None)


def succeeded(result: Any) -> bytes:
    """The body of a successful response; a result in bytes is JSON already."""
    if isinstance(result, bytes):
        return b'{"ok":true,"result":' + result + b"}"
    if isinstance(result, ResultWithDescription):
        return orjson.dumps({"ok": True, "result": result.result, "description": result.description})
    return orjson.dumps({"ok": True, "result": result})


def refused(refusal: Refusal) -> web.Response:
    """The response of a refusal, with its status and Retry-After."""
    headers = {}
    if "retry_after" in refusal.parameters:
        headers["Retry-After"] = str(refusal.parameters["retry_after"])
    return web.Response(body=orjson.dumps(refusal.envelope()), status=refusal.code, content_type=JSON, headers=headers)
