"""The chats API: creating groups, changing their members, older messages (JSON over HTTP)."""

from __future__ import annotations

from aiohttp import web

from sandbox.backend import Backend
from sandbox.errors import Misuse
from sandbox.http.page_json import page_chat, page_message
from sandbox.http.requests import body_of, field, reply


class ChatsApi:
    """Routes under /api/chats."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.world = backend.world

    def routes(self) -> list[web.RouteDef]:
        """The routes of this API."""
        return [
            web.post("/api/chats", self.make_chat),
            web.get("/api/chats/{key}/messages", self.older_messages),
            web.post("/api/chats/{key}/members", self.change_members),
            web.post("/api/chats/{key}/upgrade", self.upgrade),
        ]

    async def make_chat(self, request: web.Request) -> web.Response:
        """POST /api/chats {type, title, members, admins?, username?}; {type: private, members: [a, b]} of people"""
        body = await body_of(request)
        if body.get("type") == "private":
            two = [one for one in field(body, "members", list) if isinstance(one, int)]
            if len(two) != 2:
                raise Misuse("A private chat has two people.")
            return reply(page_chat(self.world.direct_chat(*two)), 201)
        chat = self.backend.groups.create(
            field(body, "type", str),
            field(body, "title", str),
            [int(id) for id in body.get("members") or []],
            [int(id) for id in body.get("admins") or []],
            str(body.get("username") or ""),
        )
        return reply(page_chat(chat), 201)

    async def older_messages(self, request: web.Request) -> web.Response:
        """GET /api/chats/<key>/messages?before=<id>&limit=100: older messages, the oldest first"""
        messages = self.world.state.messages.get(self.world.chat(request.match_info["key"]).key, {})
        before, limit = request.query.get("before", ""), request.query.get("limit", "")
        older = [one for one in messages.values() if not before.isdigit() or one.id < int(before)]
        newest = older[-min(int(limit) if limit.isdigit() else 100, 500) :]
        return reply({"messages": [page_message(self.world, one) for one in newest]})

    async def change_members(self, request: web.Request) -> web.Response:
        """POST /api/chats/<key>/members {add?: [..], remove?: [..], admins?: {id: bool}, by?}"""
        body = await body_of(request)
        chat = self.world.chat(request.match_info["key"])
        if chat.type == "private":
            raise Misuse("A private chat has its two members.")
        by = int(body.get("by") or chat.details.get("owner", 0))
        self.backend.groups.add(chat, [int(id) for id in body.get("add") or []], by=by)
        for id in body.get("remove") or []:
            self.backend.groups.remove(chat, [int(id)], by=by, kick=int(id) in self.world.state.bots)
        for id, admin in (body.get("admins") or {}).items():
            self.backend.groups.set_admin(chat, int(id), admin=bool(admin), by=by)
        return reply(page_chat(chat))

    async def upgrade(self, request: web.Request) -> web.Response:
        """POST /api/chats/<key>/upgrade: a group becomes a supergroup"""
        return reply(page_chat(self.backend.groups.upgrade(self.world.chat(request.match_info["key"]))), 201)
