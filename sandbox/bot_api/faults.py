"""Fault injection: errors and broken connections between a bot and the Bot API, by rule."""

from __future__ import annotations

import asyncio
import itertools
import random
from dataclasses import dataclass

import orjson
from aiohttp import web

from sandbox.errors import Misuse, Refusal, too_many
from sandbox.state.events import EventFeed
from sandbox.state.model import Json

KINDS = ("429", "500", "502", "slow", "reset_before", "reset_after", "hang", "truncate", "garbled", "refuse")
DEFAULT_DESCRIPTION = "Bad Request: message is too long"
TAKES_EFFECT = frozenset({"slow", "reset_after", "truncate", "garbled"})  # kinds that run the method
LONGEST_DELAY = 3600.0


@dataclass(slots=True)
class Fault:
    """A rule. `count` is the number of calls that it still applies to, None for all; `code` is for kind refuse."""

    id: int
    kind: str
    method: str = "*"
    chat: str = ""
    probability: float = 1.0
    count: int | None = None
    retry_after: int = 35
    seconds: float = 1.0
    code: int = 400
    description: str = DEFAULT_DESCRIPTION
    hits: int = 0

    def as_json(self) -> Json:
        """The rule in the control API."""
        return {
            "id": self.id,
            "kind": self.kind,
            "method": self.method,
            "chat": self.chat or None,
            "probability": self.probability,
            "count": self.count,
            "retry_after": self.retry_after,
            "seconds": self.seconds,
            "code": self.code,
            "said": self.description,
            "hits": self.hits,
        }


class FaultInjector:
    """The rules in order of creation; the first that matches a call, and its probability, applies."""

    def __init__(self, feed: EventFeed, seed: int = 1) -> None:
        self._feed = feed
        self._ids = itertools.count(1)
        self.chance = random.Random(seed)
        self.rules: list[Fault] = []

    def add(self, rule: Json) -> Fault:
        """Add a rule of {kind, method?, chat?, probability?, count?, retry_after?, seconds?, code?, said?}.

        Raises Misuse.
        """
        kind = str(rule.get("kind"))
        if kind not in KINDS:
            raise Misuse(f"A fault's kind is one of: {', '.join(KINDS)}.")
        chat = rule.get("chat")
        fault = Fault(
            next(self._ids),
            kind,
            str(rule.get("method") or "*"),
            "" if chat is None else str(chat),
            _number(rule, "probability", 1.0, 1.0),
            None if rule.get("count") is None else int(_number(rule, "count", 1, 1e9)),
            int(_number(rule, "retry_after", 35, LONGEST_DELAY)),
            _number(rule, "seconds", 60.0 if kind == "hang" else 1.0, LONGEST_DELAY),
            int(_number(rule, "code", 400, 599)),
            str(rule.get("said") or DEFAULT_DESCRIPTION),
        )
        self.rules.append(fault)
        self._changed()
        return fault

    def remove(self, id: int | None = None) -> None:
        """Remove one rule, or all. Raises Misuse for an unknown id."""
        if id is not None and all(rule.id != id for rule in self.rules):
            raise Misuse(f"There is no fault {id}.")
        self.rules = [rule for rule in self.rules if id is not None and rule.id != id]
        self._changed()

    def as_json(self) -> list[Json]:
        """All rules."""
        return [rule.as_json() for rule in self.rules]

    def match(self, method: str, args: Json) -> Fault | None:
        """The rule for a call, counted as applied; None without one. `*` is every method except getUpdates."""
        for rule in self.rules:
            wanted = rule.method.lower()
            if wanted not in (method, "*") or (wanted == "*" and method == "getupdates"):
                continue
            if rule.chat and str(args.get("chat_id")) != _chat_id(rule.chat):
                continue
            if rule.count == 0 or self.chance.random() >= rule.probability:
                continue
            if rule.count is not None:
                rule.count -= 1
            rule.hits += 1
            self._changed()
            return rule
        return None

    def _changed(self) -> None:
        self._feed.emit("faults", faults=self.as_json())


def _chat_id(chat: str) -> str:
    """The Bot API id of a chat given by id or by its key in the people API."""
    return chat[1:].partition(":")[0] if chat[:1] in ("p", "g") else chat


def _number(rule: Json, name: str, default: float, maximum: float) -> float:
    value = rule.get(name, default)
    if value is None:
        value = default
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= maximum:
        raise Misuse(f"A fault's {name} is a number from 0 to {maximum:g}.")
    return float(value)


async def response_without_effect(fault: Fault, request: web.Request) -> web.StreamResponse:
    """The response of a fault that prevents the call. Raises a Refusal for 429, 500 and refuse."""
    if fault.kind == "429":
        raise too_many(fault.retry_after)
    if fault.kind == "500":
        raise Refusal(500, "Internal Server Error")
    if fault.kind == "refuse":
        raise Refusal(fault.code, fault.description)
    if fault.kind == "502":
        page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"
        return web.Response(status=502, text=page, content_type="text/html")
    if fault.kind == "hang":
        await asyncio.sleep(fault.seconds)
    return abort(request)


async def response_after_effect(fault: Fault, request: web.Request, body: bytes) -> web.StreamResponse:
    """The response of a fault after the call has taken effect; `body` is the complete answer."""
    if fault.kind == "reset_after":
        return abort(request)
    if fault.kind == "garbled":
        return web.Response(body=body[: len(body) // 2], content_type="application/json")
    if fault.kind == "truncate":
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        return abort(request)
    return web.Response(body=body, content_type="application/json")


def abort(request: web.Request) -> web.StreamResponse:
    """Close the connection immediately; the returned response is not sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(body=orjson.dumps({}))
