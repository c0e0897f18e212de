"""Reading JSON requests and writing JSON answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from sandbox.errors import Misuse, Refusal
from sandbox.state.model import Json

RequestHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def reply(value: Any, status: int = 200) -> web.Response:
    """A JSON response."""
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


async def body_of(request: web.Request) -> Json:
    """The JSON object of a request; {} for an empty body. Raises Misuse for anything else."""
    raw = await request.read()
    try:
        body = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError:
        raise Misuse("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Misuse("The body must be a JSON object.")
    return body


def field(body: Json, name: str, kind: type | tuple[type, ...]) -> Any:
    """A field of a body. Raises Misuse for a missing field or another type."""
    value = body.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        raise Misuse(f"The field {name} is missing or of the wrong type.")
    return value


@web.middleware
async def errors_as_json(request: web.Request, handler: RequestHandler) -> web.StreamResponse:
    """Return errors of the people and control APIs as `{"error": "<sentence>"}`."""
    try:
        return await handler(request)
    except Misuse as misuse:
        return reply({"error": str(misuse)}, 400)
    except Refusal as refusal:
        return reply({"error": refusal.description}, refusal.code)
