"""The people API: what the page and tests in other languages do as people (JSON over HTTP)."""

from __future__ import annotations

import orjson
from aiohttp import web
from aiohttp.web import FileField

from sandbox.backend import Backend
from sandbox.errors import Misuse
from sandbox.http.page_json import bot_json, event_json, page_message, person_json, world_json
from sandbox.http.requests import body_of, field, reply
from sandbox.state.events import Event
from sandbox.state.model import Chat, Json, Person
from sandbox.users.payments import pay

HEARTBEAT = 15.0  # seconds between comments on an idle event stream
EDITABLE = {"first_name": str, "last_name": str, "language_code": str, "time_zone": str, "deactivated": bool}


class PeopleApi:
    """Routes under /api for reading the state and acting as a person."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.world = backend.world
        self.actions = backend.actions
        self.streams: set[web.StreamResponse] = set()

    def routes(self) -> list[web.RouteDef]:
        """The routes of this API."""
        person = "/api/people/{id}"
        return [
            web.get("/api/world", self.whole_world),
            web.get("/api/events", self.events),
            web.post("/api/people", self.add_person),
            web.patch(person, self.change_person),
            web.post(person + "/say", self.say),
            web.post(person + "/photo", self.send_photo),
            web.post(person + "/document", self.send_document),
            web.post(person + "/tap", self.tap),
            web.post(person + "/press", self.press),
            web.post(person + "/open", self.open_link),
            web.post(person + "/start", self.start),
            web.post(person + "/block", self.block),
            web.post(person + "/unblock", self.unblock),
            web.post(person + "/read", self.read),
            web.post(person + "/edit", self.edit),
            web.post(person + "/inline", self.inline),
            web.post(person + "/choose", self.choose),
            web.post(person + "/prepared", self.send_prepared),
            web.post(person + "/forward", self.forward),
            web.post(person + "/react", self.react),
            web.post(person + "/pay", self.pay),
            web.post("/api/bots", self.add_bot),
        ]

    # -- reading ------------------------------------------------------------------------------------------------------

    async def whole_world(self, request: web.Request) -> web.Response:
        """GET /api/world"""
        return reply(world_json(self.world))

    async def events(self, request: web.Request) -> web.StreamResponse:
        """GET /api/events: Server-Sent Events after `since`, or after the browser's Last-Event-ID."""
        wanted = request.headers.get("Last-Event-ID") or request.query.get("since") or ""
        rev = int(wanted) if wanted.isdigit() else self.world.feed.rev
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        await response.prepare(request)
        self.streams.add(response)
        try:
            await response.write(b": listening\n\n")
            while not self.backend.closing:
                events = self.world.feed.since(rev)
                if events is None or rev > self.world.feed.rev:
                    rev = self.world.feed.rev
                    await response.write(_sse(rev, {"rev": rev, "type": "reload"}))
                elif events:
                    rev = events[-1].rev
                    await response.write(
                        b"".join(_sse(one.rev, event_json(self.world, one)) for one in _without_repeated_bots(events))
                    )
                elif not await self.world.feed.wait(HEARTBEAT):
                    await response.write(b": still here\n\n")
        except (ConnectionError, RuntimeError):
            pass  # the client has disconnected
        finally:
            self.streams.discard(response)
        return response

    # -- people -------------------------------------------------------------------------------------------------------

    async def add_person(self, request: web.Request) -> web.Response:
        """POST /api/people"""
        body = await body_of(request)
        id = body.get("id")
        if id is not None and not isinstance(id, int):
            raise Misuse("The field id must be a number.")
        person = self.world.add_person(
            field(body, "first_name", str),
            id,
            last_name=str(body.get("last_name") or ""),
            username=str(body.get("username") or ""),
            language_code=str(body.get("language_code") or "en"),
            is_premium=bool(body.get("is_premium")),
            time_zone=str(body.get("time_zone") or "UTC"),
            role_note=str(body.get("role_note") or ""),
        )
        return reply(person_json(self.world, person), 201)

    async def add_bot(self, request: web.Request) -> web.Response:
        """POST /api/bots {token, username, first_name, supports_inline_queries?}"""
        body = await body_of(request)
        bot = self.world.add_bot(
            field(body, "token", str),
            field(body, "username", str),
            field(body, "first_name", str),
            bool(body.get("supports_inline_queries", True)),
        )
        return reply(bot_json(self.world, bot), 201)

    async def change_person(self, request: web.Request) -> web.Response:
        """PATCH /api/people/<id>"""
        person, body = self._person(request), await body_of(request)
        for name, value in body.items():
            kind = EDITABLE.get(name)
            if kind is None or not isinstance(value, kind):
                raise Misuse(f"The field {name} cannot be changed, or not to that.")
            setattr(person, name, value)
        self.world.feed.emit("person", person=person)
        if "language_code" in body:
            self.world.publish_bots()
        return reply(person_json(self.world, person))

    def _person(self, request: web.Request) -> Person:
        id = request.match_info["id"]
        if not id.isdigit():
            raise Misuse(f"There is no person {id}.")
        return self.world.person(int(id))

    def _chat(self, body: Json) -> Chat:
        return self.world.chat(field(body, "chat", str))

    # -- actions ------------------------------------------------------------------------------------------------------

    async def say(self, request: web.Request) -> web.Response:
        """POST …/say {chat, text, entities?, reply_to?}"""
        person, body = self._person(request), await body_of(request)
        message = self.actions.say(
            person,
            self._chat(body),
            field(body, "text", str),
            entities=body.get("entities"),
            reply_to=int(body.get("reply_to") or 0),
        )
        return reply(page_message(self.world, message), 201)

    async def send_photo(self, request: web.Request) -> web.Response:
        """POST …/photo, multipart: chat, caption, file"""
        return await self._send_file(request, "photo")

    async def send_document(self, request: web.Request) -> web.Response:
        """POST …/document, multipart: chat, caption, file"""
        return await self._send_file(request, "document")

    async def _send_file(self, request: web.Request, kind: str) -> web.Response:
        person, form = self._person(request), await request.post()
        file = form.get("file") or form.get(kind)
        if not isinstance(file, FileField):
            raise Misuse("The form needs a file.")
        chat = self.world.chat(str(form.get("chat", "")))
        replied = str(form.get("reply_to", ""))
        message = await self.backend.send_file(
            person,
            chat,
            kind,
            file.file.read(),
            file.filename,
            file.content_type or "",
            str(form.get("caption", "")),
            int(replied) if replied.isdigit() else 0,
        )
        return reply(page_message(self.world, message), 201)

    async def tap(self, request: web.Request) -> web.Response:
        """POST …/tap {chat, message_id, row, column}, or with {path} for a button inside a rich message"""
        person, body = self._person(request), await body_of(request)
        if "path" in body:
            path = field(body, "path", list)
            return reply(self.actions.tap_rich(person, self._chat(body), field(body, "message_id", int), path))
        where = (field(body, "message_id", int), field(body, "row", int), field(body, "column", int))
        return reply(self.actions.tap(person, self._chat(body), *where))

    async def press(self, request: web.Request) -> web.Response:
        """POST …/press {chat, message_id, callback_data}: a button inside a rich message"""
        person, body = self._person(request), await body_of(request)
        found = self.actions.tap_rich_callback(
            person, self._chat(body), field(body, "message_id", int), field(body, "callback_data", str)
        )
        return reply(found)

    async def open_link(self, request: web.Request) -> web.Response:
        """POST …/open {url}"""
        person, body = self._person(request), await body_of(request)
        return reply(self.actions.open_link(person, field(body, "url", str)))

    async def start(self, request: web.Request) -> web.Response:
        """POST …/start {bot, payload?}"""
        person, body = self._person(request), await body_of(request)
        bot = self.world.bot_named(field(body, "bot", (str, int)))
        message = self.actions.start(person, bot, str(body.get("payload") or ""))
        return reply(page_message(self.world, message), 201)

    async def block(self, request: web.Request) -> web.Response:
        """POST …/block {bot}"""
        return await self._set_blocked(request, blocked=True)

    async def unblock(self, request: web.Request) -> web.Response:
        """POST …/unblock {bot}"""
        return await self._set_blocked(request, blocked=False)

    async def _set_blocked(self, request: web.Request, *, blocked: bool) -> web.Response:
        person, body = self._person(request), await body_of(request)
        bot = self.world.bot_named(field(body, "bot", (str, int)))
        if blocked:
            self.actions.block(person, bot)
        else:
            self.actions.unblock(person, bot)
        return reply(person_json(self.world, person))

    async def read(self, request: web.Request) -> web.Response:
        """POST …/read {chat}"""
        person, body = self._person(request), await body_of(request)
        self.actions.read(person, self._chat(body))
        return reply(person_json(self.world, person))

    async def edit(self, request: web.Request) -> web.Response:
        """POST …/edit {chat, message_id, text}: a text message of this person"""
        person, body = self._person(request), await body_of(request)
        message = self.actions.edit(person, self._chat(body), field(body, "message_id", int), field(body, "text", str))
        return reply(page_message(self.world, message))

    async def inline(self, request: web.Request) -> web.Response:
        """POST …/inline {chat, bot, query, offset?}"""
        person, body = self._person(request), await body_of(request)
        bot = self.world.bot_named(field(body, "bot", (str, int)))
        query, offset = field(body, "query", str), str(body.get("offset") or "")
        return reply({"inline_query_id": self.backend.inline.send_query(person, self._chat(body), bot, query, offset)})

    async def choose(self, request: web.Request) -> web.Response:
        """POST …/choose {chat, inline_query_id, result_id}"""
        person, body = self._person(request), await body_of(request)
        message = await self.backend.inline.choose_result(
            person, self._chat(body), field(body, "inline_query_id", str), field(body, "result_id", str)
        )
        return reply(page_message(self.world, message), 201)

    async def send_prepared(self, request: web.Request) -> web.Response:
        """POST …/prepared {chat, id}"""
        person, body = self._person(request), await body_of(request)
        message = self.backend.inline.send_prepared(person, self._chat(body), field(body, "id", str))
        return reply(page_message(self.world, message), 201)

    async def forward(self, request: web.Request) -> web.Response:
        """POST …/forward {from_chat, message_id, chat}"""
        person, body = self._person(request), await body_of(request)
        source = self.world.chat(field(body, "from_chat", str))
        message = self.backend.inline.forward(person, source, field(body, "message_id", int), self._chat(body))
        return reply(page_message(self.world, message), 201)

    async def react(self, request: web.Request) -> web.Response:
        """POST …/react {chat, message_id, emoji: [..]}"""
        person, body = self._person(request), await body_of(request)
        emoji = [str(one) for one in field(body, "emoji", list)]
        self.backend.inline.react(person, self._chat(body), field(body, "message_id", int), emoji)
        return reply({"ok": True})

    async def pay(self, request: web.Request) -> web.Response:
        """POST …/pay {chat, message_id}: responds after the bot's answer"""
        person, body = self._person(request), await body_of(request)
        return reply(await pay(self.actions, person, self._chat(body), field(body, "message_id", int)))


def _without_repeated_bots(events: list[Event]) -> list[Event]:
    """Drop all but the last `bot` event of each bot: each contains the commands of all people and is large."""
    last = {event.payload["bot"].id: event.rev for event in events if event.type == "bot"}
    return [event for event in events if event.type != "bot" or last[event.payload["bot"].id] == event.rev]


def _sse(rev: int, event: Json) -> bytes:
    return f"id: {rev}\ndata: ".encode() + orjson.dumps(event) + b"\n\n"
