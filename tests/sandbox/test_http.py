"""The HTTP server: loopback only, no requests from other sites, no tokens in errors; the people API."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.errors import Misuse
from sandbox.http.server import local_name
from tests.sandbox.harness import ANN, KEYBOARD, MEMBER, TOKEN, Harness, png
from tests.waiting import GUARD


@pytest.mark.parametrize("host", ["0.0.0.0", "8.8.8.8", "::", "example.invalid", "192.168.1.4", ""])
def test_hosts_that_are_not_loopback_are_refused(host: str) -> None:
    with pytest.raises(Misuse, match="this machine only"):
        Sandbox(host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_loopback_hosts_are_accepted(host: str) -> None:
    async with Sandbox(host=host) as box, aiohttp.ClientSession() as http, http.get(box.url + "/api/world") as response:
        assert response.status == 200


def test_host_headers_of_this_machine_are_recognised() -> None:
    assert all(local_name(name) for name in ("127.0.0.1:8081", "localhost", "[::1]:80", "bot.localhost:1"))
    assert not any(local_name(name) for name in ("evil.com", "127.0.0.1.evil.com", "", "localhost.evil.com:80"))


# What browsers send (Fetch Metadata; Fetch, "append a request Origin header").
IMAGE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
FORM = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
LINK = {**FORM, "Sec-Fetch-User": "?1"}
FRAME = {**FORM, "Sec-Fetch-Dest": "iframe"}
NEIGHBOUR = {**IMAGE, "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Origin": "http://localhost:3000"}


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/api/reset", {"Host": "evil.com"}),
        ("POST", "/api/reset", {"Origin": "https://evil.com"}),
        ("POST", "/api/reset", {"Origin": "http://localhost:3000"}),
        ("POST", "/api/reset", {"Origin": "null"}),
        ("POST", "/api/reset", {"Origin": ""}),
        ("POST", "/api/reset", {**FORM, "Origin": "https://evil.com"}),
        ("POST", "/", {**FORM, "Origin": "https://evil.com"}),
        ("POST", "/api/reset", NEIGHBOUR),
        ("GET", "/api/world", NEIGHBOUR),
        ("GET", "/api/world", IMAGE),
        ("GET", "/api/events", LINK),
        ("GET", f"/bot{TOKEN}/sendMessage?chat_id={ANN}&text=hello", IMAGE),
        ("GET", f"/bot{TOKEN}/sendMessage?chat_id={ANN}&text=hello", LINK),
        ("GET", f"/bot{TOKEN}/sendMessage?chat_id={ANN}&text=hello", {**IMAGE, "Sec-Fetch-Site": "same-site"}),
        ("POST", f"/bot{TOKEN}/sendMessage?chat_id={ANN}&text=hello", {**FORM, "Origin": "null"}),
        ("GET", "/", FRAME),
        ("GET", "/", IMAGE),
    ],
)
async def test_requests_that_another_page_makes_are_refused(
    method: str, path: str, headers: dict[str, str], harness: Harness
) -> None:
    before = harness.box.world.feed.rev
    async with harness.http.request(method, harness.box.url + path, headers=headers) as response:
        assert response.status == 403
    assert harness.box.world.feed.rev == before, "nothing has changed"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/world", {}),
        ("/api/world", {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}),
        ("/api/world", {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}),
        ("/?open=https://t.me/probe_bot", LINK),
        (f"/bot{TOKEN}/getMe", {}),
    ],
)
async def test_the_page_itself_programs_and_links_are_answered(
    path: str, headers: dict[str, str], harness: Harness
) -> None:
    own = headers | ({"Origin": harness.box.url} if headers.get("Sec-Fetch-Site") == "same-origin" else {})
    async with harness.http.get(harness.box.url + path, headers=own) as response:
        assert response.status == 200


async def test_an_internal_error_does_not_reveal_the_token(harness: Harness, monkeypatch: Any, caplog: Any) -> None:
    def broken(call: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setitem(harness.box.backend.dispatcher.handlers, "getme", broken)
    with caplog.at_level(logging.DEBUG):
        answer = await harness.call("getMe")
    assert answer.status == 500 and TOKEN.partition(":")[2] not in json.dumps(answer.body) + caplog.text


async def test_paths_outside_the_page_folder_are_refused(harness: Harness) -> None:
    for path in (
        "/page/..%2f__init__.py",
        "/page/%2e%2e/server.py",
        "/page//etc/passwd",
        f"/file/bot{TOKEN}/../world.py",
    ):
        async with harness.http.get(harness.box.url + path) as response:
            assert response.status in (403, 404), path


async def test_a_well_formed_unknown_token_creates_its_bot(box: Sandbox) -> None:
    async with aiohttp.ClientSession() as http:
        harness = Harness(box, http)
        first = (await harness.call("getMe", token="5:fresh-token")).result
        second = (await harness.call("getMe", token="6:fresh-token")).result
        assert (first["username"], second["username"]) == ("sandbox_bot", "sandbox_6_bot")
        box.backend.dispatcher.any_token = False
        assert (await harness.call("getMe", token="7:fresh-token")).refusal == (401, "Unauthorized")


async def test_people_are_created_changed_and_act_over_http(harness: Harness) -> None:
    status, person = await harness.api("POST", "/api/people", first_name="Zoe", language_code="zh", role_note="buyer")
    assert status == 201 and person["language_code"] == "zh" and person["role_note"] == "buyer"
    path, chat = f"/api/people/{person['id']}", f"p{person['id']}:100001"
    assert (await harness.api("POST", path + "/start", bot="probe_bot", payload="x"))[1]["text"] == "/start x"
    assert (await harness.api("POST", path + "/say", chat=chat, text="hi"))[0] == 201
    sent = (await harness.call("sendMessage", chat_id=person["id"], text="card", reply_markup=KEYBOARD)).result
    where = {"chat": chat, "message_id": sent["message_id"], "row": 0, "column": 0}
    assert (await harness.api("POST", path + "/tap", **where))[1]["kind"] == "callback"
    assert (await harness.api("POST", path + "/tap", **{**where, "row": 5}))[0] == 400
    assert (await harness.api("POST", path + "/block", bot="probe_bot"))[1]["blocked"] == ["probe_bot"]
    assert (await harness.api("POST", path + "/unblock", bot="probe_bot"))[1]["blocked"] == []
    assert (await harness.api("POST", path + "/read", chat=chat))[1]["unread"] == {}
    assert (await harness.api("PATCH", path, deactivated=True))[1]["deactivated"] is True
    status, error = await harness.api("POST", path + "/say", chat=chat, text="hi")
    assert status == 400 and "deleted" in error["error"]
    assert (await harness.api("PATCH", path, id=5))[0] == 400
    assert (await harness.api("POST", "/api/people/999/say", chat=chat, text="x"))[0] == 400


async def test_groups_are_created_changed_and_upgraded_over_http(harness: Harness) -> None:
    status, chat = await harness.api("POST", "/api/chats", type="group", title="Friends", members=[ANN, MEMBER])
    assert status == 201 and chat["key"] == f"g{chat['id']}" and chat["admins"] == [ANN]
    _, chat = await harness.api("POST", f"/api/chats/{chat['key']}/members", add=[100001])
    assert chat["bots"] == [100001]
    assert [list(one)[1] for one in await harness.updates()] == ["message", "my_chat_member"]
    _, bigger = await harness.api("POST", f"/api/chats/{chat['key']}/upgrade")
    assert bigger["type"] == "supergroup" and bigger["members"] == [ANN, MEMBER]


async def test_a_picture_of_a_person_reaches_the_bot_and_the_page(harness: Harness) -> None:
    form = aiohttp.FormData()
    form.add_field("chat", f"p{ANN}:100001")
    form.add_field("caption", "mine")
    form.add_field("file", png(500, 300), filename="a.png", content_type="image/png")
    async with harness.http.post(f"{harness.box.url}/api/people/{ANN}/photo", data=form) as response:
        sent = await response.json()
    assert sent["media"]["width"] == 500
    update = (await harness.updates())[0]["message"]
    assert update["caption"] == "mine" and update["photo"][0]["file_id"]
    async with harness.http.get(harness.box.url + sent["media"]["url"] + "?w=300") as response:
        assert response.content_type == "image/jpeg" and len(await response.read()) < 20_000


async def test_the_event_stream_sends_changes_and_reload(harness: Harness) -> None:
    rev = harness.box.world.feed.rev
    async with harness.http.get(f"{harness.box.url}/api/events?since={rev}") as response:
        await harness.call("sendMessage", chat_id=ANN, text="<b>hi</b>")
        seen: list[dict[str, Any]] = []
        async with asyncio.timeout(GUARD):
            while not any(one["type"] == "call" for one in seen):
                line = (await response.content.readline()).decode()
                if line.startswith("data: "):
                    seen.append(json.loads(line[6:]))
    assert [one["type"] for one in seen] == ["unread", "message", "call"]
    assert seen[1]["message"]["text"] == "<b>hi</b>" and seen[1]["chat"] == f"p{ANN}:100001"
    async with harness.http.get(f"{harness.box.url}/api/events?since=999999") as response:
        await response.content.readline()
        await response.content.readline()
        await response.content.readline()
        assert b"reload" in await response.content.readline()


async def test_the_command_line_refuses_hosts_that_are_not_loopback() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--host", "0.0.0.0", stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 1 and b"this machine only" in said


async def test_two_people_chat_forward_and_use_inline_mode_in_private(harness: Harness) -> None:
    _, chat = await harness.api("POST", "/api/chats", type="private", members=[MEMBER, ANN])
    assert chat["key"] == f"d{ANN}:{MEMBER}" and chat["bots"] == [] and chat["started"]
    assert (await harness.api("POST", "/api/chats", type="private", members=[ANN, MEMBER]))[1]["key"] == chat["key"]
    said = await harness.api("POST", f"/api/people/{ANN}/say", chat=chat["key"], text="look at t.me/probe_bot?start=x")
    assert said[0] == 201 and said[1]["message_id"] == 1
    seen = {"from_chat": f"p{ANN}:100001", "message_id": harness.ids["photo"], "chat": chat["key"]}
    assert (await harness.api("POST", f"/api/people/{ANN}/forward", **seen))[1]["photo"]
    assert (await harness.api("GET", "/api/world"))[1]["people"][5]["unread"][chat["key"]] == 2
    assert await harness.updates() == []
    inline = harness.box.backend.inline
    ann, bot, here = (
        harness.box.world.person(ANN),
        harness.box.world.state.bots[100001],
        harness.box.world.chat(chat["key"]),
    )
    id = inline.send_query(ann, here, bot, "q")
    assert (await harness.updates())[0]["inline_query"]["chat_type"] == "private"
    text = {"message_text": "card"}
    article = {"type": "article", "id": "a", "title": "t", "input_message_content": text, "reply_markup": KEYBOARD}
    await harness.call("answerInlineQuery", inline_query_id=id, results=[article])
    sent = await inline.choose_result(ann, here, id, "a")
    await harness.api("POST", f"/api/people/{MEMBER}/tap", chat=chat["key"], message_id=sent.id, row=0, column=0)
    callback = (await harness.updates())[-1]["callback_query"]
    assert callback["from"]["id"] == MEMBER and callback["inline_message_id"] == sent.inline_id
    answer = await harness.call("editMessageText", inline_message_id=sent.inline_id, text="done")
    assert answer.result is True


async def test_older_messages_are_read_page_by_page(harness: Harness) -> None:
    for number in range(5):
        await harness.call("sendMessage", chat_id=ANN, text=str(number))
    _, page = await harness.api("GET", f"/api/chats/p{ANN}:100001/messages?limit=2")
    assert [one["text"] for one in page["messages"]] == ["3", "4"]
    before = page["messages"][0]["message_id"]
    _, page = await harness.api("GET", f"/api/chats/p{ANN}:100001/messages?before={before}&limit=2")
    assert [one["text"] for one in page["messages"]] == ["1", "2"]


async def test_buttons_in_rich_messages_are_tapped_by_path(harness: Harness) -> None:
    html = (
        "<p>Hi <tg-button type='callback_data' data='in'>x</tg-button></p>"
        "<tg-button-row><tg-button type='copy_text' text='c'>y</tg-button></tg-button-row>"
    )
    sent = (await harness.call("sendRichMessage", chat_id=ANN, rich_message={"html": html})).result

    async def tap(*path: str | int) -> tuple[int, dict[str, Any]]:
        where = {"chat": f"p{ANN}:100001", "message_id": sent["message_id"], "path": path}
        async with harness.http.post(f"{harness.box.url}/api/people/{ANN}/tap", json=where) as response:
            return response.status, await response.json()

    assert await tap("blocks", 1, "buttons", 0) == (200, {"kind": "copy", "text": "c"})
    assert (await tap("blocks", 0, "text", 1, "button"))[1]["kind"] == "callback"
    assert (await tap("blocks", 7))[0] == 400
