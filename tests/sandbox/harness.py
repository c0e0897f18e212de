"""Accounts and chats in every state that a refusal depends on, and an HTTP client."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import aiohttp
from PIL import Image

from sandbox import Sandbox
from sandbox.users.groups import GroupActions

TOKEN = "100001:probe-bot-token"
OTHER_TOKEN = "100002:other-bot-token"
ANN, BLOCKER, STRANGER, KNOWN, GONE, MEMBER = 1001, 1002, 1003, 1004, 1005, 1006
KEYBOARD = {"inline_keyboard": [[{"text": "🙋", "callback_data": "want"}]]}


@dataclass(slots=True)
class Answer:
    """A response of the Bot API."""

    status: int
    body: dict[str, Any]
    headers: Any

    @property
    def result(self) -> Any:
        assert self.body.get("ok"), self.body
        return self.body["result"]

    @property
    def refusal(self) -> tuple[int, str]:
        assert self.body.get("ok") is False, self.body
        assert self.status == self.body["error_code"]
        return self.status, self.body["description"]


def png(width: int = 64, height: int = 48, color: str = "red") -> bytes:
    """A picture file."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, "PNG")
    return out.getvalue()


class Harness:
    """A sandbox with its accounts, and calls to its APIs. `ids` are the ids of chats, messages and files."""

    def __init__(self, box: Sandbox, http: aiohttp.ClientSession) -> None:
        self.box = box
        self.http = http
        self.ids: dict[str, Any] = {}

    async def call(self, method: str, token: str = TOKEN, **params: Any) -> Answer:
        """Call a method with a JSON body; None leaves a parameter out."""
        body = {name: value for name, value in params.items() if value is not None}
        async with self.http.post(f"{self.box.url}/bot{token}/{method}", json=body) as response:
            return Answer(response.status, await response.json(), response.headers)

    async def form(self, method: str, params: dict[str, Any], **files: bytes) -> Answer:
        """Call a method with a multipart body."""
        form = aiohttp.FormData()
        for name, value in params.items():
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        for name, data in files.items():
            form.add_field(name, data, filename=f"{name}.bin", content_type="application/octet-stream")
        async with self.http.post(f"{self.box.url}/bot{TOKEN}/{method}", data=form) as response:
            return Answer(response.status, await response.json(), response.headers)

    async def send_photo(self, chat: int = ANN, **params: Any) -> Any:
        """Send a picture; returns the Message."""
        answer = await self.form("sendPhoto", {"chat_id": str(chat), "photo": "attach://p", **params}, p=png())
        return answer.result

    async def api(self, verb: str, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        """Call the people or control API."""
        async with self.http.request(verb, self.box.url + path, json=body or None) as response:
            return response.status, await response.json()

    async def updates(self, **params: Any) -> list[dict[str, Any]]:
        """Fetch updates and confirm them."""
        found: list[dict[str, Any]] = (await self.call("getUpdates", **params)).result
        if found:
            await self.call("getUpdates", offset=found[-1]["update_id"] + 1)
        return found

    def drain(self) -> None:
        """Delete all queued updates."""
        for bot in self.box.world.state.bots.values():
            bot.updates.clear()


async def create_accounts(harness: Harness) -> None:
    """Create bots, people who have started, blocked or never met the bot or were deleted, and chats of all kinds."""
    box = harness.box
    bot = box.add_bot(TOKEN, "probe_bot", "Probe")
    box.add_bot(OTHER_TOKEN, "other_bot", "Other")
    names = {ANN: "Ann", BLOCKER: "Ben", STRANGER: "Cy", KNOWN: "Dee", GONE: "Eve", MEMBER: "Mia"}
    people = {id: box.add_person(name, id) for id, name in names.items()}
    actions, groups = box.backend.actions, GroupActions(box.backend.actions)
    for id in (ANN, BLOCKER, GONE):
        actions.start(people[id], bot)
    actions.block(people[BLOCKER], bot)
    people[GONE].deactivated = True
    box.world.private_chat(KNOWN, bot.id).known = True
    made = {
        "group": groups.create("group", "Small", [ANN, bot.id]),
        "super": groups.create("supergroup", "Big", [ANN, MEMBER], [bot.id], "big_group"),
        "plain": groups.create("supergroup", "Plain", [ANN, bot.id]),
        "channel": groups.create("channel", "News", [ANN], [bot.id], "news_channel"),
        "muted": groups.create("channel", "Muted", [ANN, bot.id]),
    }
    for kind in ("group", "supergroup", "channel"):
        made[f"kicked_{kind}"] = groups.create(kind, "Out", [ANN, bot.id])
        groups.remove(made[f"kicked_{kind}"], [bot.id], by=ANN)
        made[f"left_{kind}"] = groups.create(kind, "Left", [ANN, bot.id])
        groups.remove(made[f"left_{kind}"], [bot.id], by=bot.id, kick=False)
    made["old"] = groups.create("group", "Old", [ANN, bot.id])
    made["new"] = groups.upgrade(made["old"])
    harness.ids = {name: chat.id for name, chat in made.items()}
    start = next(iter(box.world.state.messages[f"p{ANN}:{bot.id}"].values()))
    harness.ids["from_ann"] = start.id
    text = (await harness.call("sendMessage", chat_id=ANN, text="hello", reply_markup=KEYBOARD)).result
    harness.ids["text"] = text["message_id"]
    photo = await harness.send_photo(caption="look")
    harness.ids["photo"], harness.ids["photo_file"] = photo["message_id"], photo["photo"][-1]["file_id"]
    document = await harness.form("sendDocument", {"chat_id": str(ANN), "document": "attach://d"}, d=b"12345")
    harness.ids["document_file"] = document.result["document"]["file_id"]
    harness.drain()
