"""From an HTTP request to a method and back: tokens, parameters in any encoding, the envelope, the log."""

from __future__ import annotations

import asyncio
import inspect
import re
import time
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web
from aiohttp.web import FileField

from sandbox import catalogue
from sandbox.call import ApiRequest, Upload
from sandbox.errors import Misuse, Refusal
from sandbox.faults import ACTS, Fault, FaultLab, afterwards, instead
from sandbox.limits import Limiter
from sandbox.log import CallLog
from sandbox.methods import HANDLERS, Handler
from sandbox.methods.registry import Described
from sandbox.model import Bot, Json
from sandbox.update_queue import UpdateQueue
from sandbox.webhook import Webhooks
from sandbox.world import TOKEN, World

JSON = "application/json"
DIGITS = re.compile(r"[1-9]\d*:")


class Dispatcher:
    """Answers `/bot<token>/<method>`."""

    def __init__(self, world: World, mailroom: UpdateQueue, limiter: Limiter, log: CallLog, faults: FaultLab) -> None:
        self.world = world
        self.mailroom = mailroom
        self.limiter = limiter
        self.log = log
        self.faults = faults
        self.open_door = True  # any well-formed token makes its bot
        self.default_username = "sandbox_bot"
        self.webhooks = Webhooks(world, mailroom, self.as_reply)
        self.own: dict[str, Handler] = {
            "getupdates": mailroom.get_updates,
            "setwebhook": self.webhooks.set,
            "deletewebhook": self.webhooks.delete,
            "getwebhookinfo": self.webhooks.info,
        }

    # -- who -----------------------------------------------------------------------------------------------------

    def bot(self, token: str) -> Bot:
        """The bot of a token. Raises 401 for a malformed, revoked or unknown one."""
        bot = self.world.by_token.get(token)
        if bot is not None:
            if bot.revoked:
                raise Refusal(401, "Unauthorized")
            return bot
        if len(token) > 80 or not DIGITS.match(token):
            raise Refusal(401, "Unauthorized: invalid token specified")
        id = int(token.partition(":")[0])
        if not self.open_door or not TOKEN.fullmatch(token) or id in self.world.state.bots:
            raise Refusal(401, "Unauthorized")
        taken = {bot.username.lower() for bot in self.world.state.bots.values()}
        free = self.default_username.lower() not in taken
        username = self.default_username if free else f"sandbox_{id}_bot"
        try:
            return self.world.add_bot(token, username, username.removesuffix("_bot").replace("_", " ").title())
        except Misuse:
            raise Refusal(401, "Unauthorized") from None

    # -- what ----------------------------------------------------------------------------------------------------

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The HTTP answer to one call; nothing in it or in a log ever shows the token."""
        token, name = request.match_info["token"], request.match_info["method"]
        started = time.monotonic()
        call: ApiRequest | None = None
        fault: Fault | None = None
        try:
            bot = self.bot(token)
            if bot.logged_out:
                raise Refusal(400, "Logged out")
            args, files = await read_parameters(request)
            call = ApiRequest(self.world, bot, name, args, self.limiter, files)
            if self.faults.rules and (fault := self.faults.strike(name.lower(), args)) is not None:
                return await self._with_fault(fault, request, call, started)
            result = await self.perform(call)
        except Refusal as refusal:
            self.log.add(call, name, started, refusal, fault.kind if fault else "")
            return refused(refusal)
        self.log.add(call, name, started, None)
        return web.Response(body=succeeded(result), content_type=JSON)

    async def _with_fault(
        self, fault: Fault, request: web.Request, call: ApiRequest, started: float
    ) -> web.StreamResponse:
        if fault.kind not in ACTS:
            response = await instead(fault, request)
            lost = Refusal(response.status if fault.kind == "502" else 0, "not acted on")
            self.log.add(call, call.method, started, lost, fault.kind)
            return response
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        body = succeeded(await self.perform(call))
        self.log.add(call, call.method, started, None, fault.kind)
        return await afterwards(fault, request, body)

    async def perform(self, call: ApiRequest) -> Any:
        """Run a method. Raises Refusal."""
        name = call.method.lower()
        handler = self.own.get(name) or HANDLERS.get(name) or catalogue.answer
        result = handler(call)
        return await result if inspect.isawaitable(result) else result

    async def as_reply(self, bot: Bot, name: str, args: Json) -> None:
        """Run a method that came as the answer of a webhook. Raises Refusal; the log has it either way."""
        call = ApiRequest(self.world, bot, name, args, self.limiter)
        started = time.monotonic()
        try:
            await self.perform(call)
        except Refusal as refusal:
            self.log.add(call, name, started, refusal)
            raise
        self.log.add(call, name, started, None)


def succeeded(result: Any) -> bytes:
    """The envelope of a success; bytes are JSON already."""
    if isinstance(result, bytes):
        return b'{"ok":true,"result":' + result + b"}"
    if isinstance(result, Described):
        return orjson.dumps({"ok": True, "result": result.result, "description": result.description})
    return orjson.dumps({"ok": True, "result": result})


def refused(refusal: Refusal) -> web.Response:
    """The envelope of a refusal, with its status and Retry-After."""
    headers = {}
    if "retry_after" in refusal.parameters:
        headers["Retry-After"] = str(refusal.parameters["retry_after"])
    return web.Response(body=orjson.dumps(refusal.envelope()), status=refusal.code, content_type=JSON, headers=headers)


async def read_parameters(request: web.Request) -> tuple[Json, dict[str, Upload]]:
    """Parameters from the query, then the body as JSON, urlencoded or multipart; and the files of the latter."""
    args: Json = dict(request.query) if request.query_string else {}
    files: dict[str, Upload] = {}
    if not request.can_read_body:
        return args, files
    kind = request.content_type
    try:
        if kind == JSON:
            body = await request.read()
            parsed = orjson.loads(body) if body else {}
            if not isinstance(parsed, dict):
                raise Refusal(400, "Bad Request: can't parse JSON object")
            args.update(parsed)
        elif kind == "multipart/form-data":
            for name, value in (await request.post()).items():
                if isinstance(value, FileField):
                    files[name] = Upload(value.filename, value.file.read(), value.content_type or "")
                else:
                    args[name] = value.decode() if isinstance(value, bytes | bytearray) else value
        else:
            args.update(parse_qsl((await request.read()).decode(), keep_blank_values=True))
    except web.HTTPRequestEntityTooLarge:
        raise Refusal(413, "Request Entity Too Large") from None
    except orjson.JSONDecodeError:
        raise Refusal(400, "Bad Request: can't parse JSON object") from None
    except UnicodeDecodeError:
        raise Refusal(400, "Bad Request: strings must be encoded in UTF-8") from None
    except ValueError:
        raise Refusal(400, "Bad Request: can't parse the request") from None
    return args, files
