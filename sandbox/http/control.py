"""The control API: clock, rate limits, faults, snapshots and the call log (JSON over HTTP)."""

from __future__ import annotations

from datetime import datetime, timedelta

from aiohttp import web

from sandbox.backend import Backend
from sandbox.errors import Misuse
from sandbox.http.requests import body_of, field, reply


class ControlApi:
    """Routes under /api that control the sandbox."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.world = backend.world

    def routes(self) -> list[web.RouteDef]:
        """The routes of this API."""
        return [
            web.get("/api/clock", self.clock),
            web.post("/api/clock", self.move_clock),
            web.put("/api/clock/marks", self.marks),
            web.get("/api/calls", self.calls),
            web.get("/api/faults", self.faults),
            web.post("/api/faults", self.add_fault),
            web.delete("/api/faults", self.remove_faults),
            web.delete("/api/faults/{id}", self.remove_faults),
            web.post("/api/snapshot", self.snapshot),
            web.post("/api/restore", self.restore),
            web.post("/api/reset", self.reset),
            web.get("/api/experiments", self.experiments),
            web.post("/api/experiments/{id}", self.start_experiment),
            web.get("/api/limits", self.limits),
            web.patch("/api/limits", self.change_limits),
        ]

    async def clock(self, request: web.Request) -> web.Response:
        """GET /api/clock"""
        return reply(self.world.clock.as_json())

    async def move_clock(self, request: web.Request) -> web.Response:
        """POST /api/clock {advance_seconds? | now? | offset_seconds?}"""
        body, clock = await body_of(request), self.world.clock
        try:
            if "advance_seconds" in body:
                clock.advance(timedelta(seconds=field(body, "advance_seconds", (int, float))))
            elif "now" in body:
                clock.move_to(datetime.fromisoformat(field(body, "now", str)))
            else:
                clock.set_offset(float(field(body, "offset_seconds", (int, float))))
        except (ValueError, OverflowError):
            raise Misuse("That is no moment the clock could show.") from None
        return reply(clock.as_json())

    async def marks(self, request: web.Request) -> web.Response:
        """PUT /api/clock/marks {marks: [{id, label: {language: text}, at}]}"""
        body = await body_of(request)
        try:
            self.world.clock.set_marks(field(body, "marks", list))
        except (ValueError, KeyError, TypeError):
            raise Misuse("A mark needs an id, a label and an ISO time in `at`.") from None
        return reply(self.world.clock.as_json())

    async def calls(self, request: web.Request) -> web.Response:
        """GET /api/calls?since=N"""
        since = request.query.get("since", "0")
        return reply({"calls": self.backend.call_log.since(int(since) if since.isdigit() else 0)})

    async def limits(self, request: web.Request) -> web.Response:
        """GET /api/limits"""
        return reply(self.backend.limiter.rates.as_json())

    async def change_limits(self, request: web.Request) -> web.Response:
        """PATCH /api/limits"""
        self.backend.change_limits(await body_of(request))
        return reply(self.backend.limiter.rates.as_json())

    async def faults(self, request: web.Request) -> web.Response:
        """GET /api/faults"""
        return reply({"faults": self.backend.faults.as_json()})

    async def add_fault(self, request: web.Request) -> web.Response:
        """POST /api/faults {kind, method?, chat?, probability?, count?, retry_after?, seconds?}"""
        return reply(self.backend.faults.add(await body_of(request)).as_json(), 201)

    async def remove_faults(self, request: web.Request) -> web.Response:
        """DELETE /api/faults: all rules, or one with /api/faults/<id> or ?id="""
        id = request.match_info.get("id", request.query.get("id", ""))
        if id and not id.isdigit():
            raise Misuse(f"There is no fault {id}.")
        self.backend.faults.remove(int(id) if id.isdigit() else None)
        return reply({"faults": self.backend.faults.as_json()})

    async def experiments(self, request: web.Request) -> web.Response:
        """GET /api/experiments"""
        return reply({"experiments": await self.backend.experiments.as_json()})

    async def start_experiment(self, request: web.Request) -> web.Response:
        """POST /api/experiments/<id> {choice?}"""
        choice = str((await body_of(request)).get("choice") or "")
        return reply(self.backend.experiments.start(request.match_info["id"], choice).as_json(), 202)

    async def snapshot(self, request: web.Request) -> web.Response:
        """POST /api/snapshot"""
        return reply({"id": self.backend.snapshots.take()}, 201)

    async def restore(self, request: web.Request) -> web.Response:
        """POST /api/restore {id}"""
        self.backend.restore(str(field(await body_of(request), "id", (str, int))))
        return reply({"ok": True})

    async def reset(self, request: web.Request) -> web.Response:
        """POST /api/reset"""
        self.backend.reset()
        return reply({"ok": True})
