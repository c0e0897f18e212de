"""The webhook's door: who is let in, what is answered when, and the whole way through the local chat."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from json import dumps
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from bot import demo
from bot.app import started
from bot.settings import Settings, SettingsError, read_settings
from bot.updates.processor import Update
from bot.updates.webhook import MOST_IN_HAND, PATH, WebhookReceiver
from sandbox import Sandbox
from sandbox.testing import Kit
from services.clock import SystemClock
from storage.errors import DatabaseUnavailable
from tests.conftest import TUESDAY_TEN, settings_for, spend
from tests.journeys.conftest import import_goods

SECRET = "a-secret-of-the-webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def update(number: int, person: int = 1) -> dict[str, Any]:
    return {"update_id": number, "message": {"from": {"id": person, "first_name": "A"}, "text": "x"}}


class Clerk:
    """Receives updates; holds each until it is let go."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.go = asyncio.Event()
        self.go.set()
        self.away = False
        self.most_at_once = 0

    async def receive(self, received: Update, patience: float) -> None:
        if self.away:
            raise DatabaseUnavailable("nobody there")
        self.begun.append(received["update_id"])
        self.most_at_once = max(self.most_at_once, len(self.begun) - len(self.done))
        await self.go.wait()
        await asyncio.sleep(0)
        self.done.append(received["update_id"])


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


@pytest.fixture
async def door(clerk: Clerk) -> AsyncIterator[tuple[TestClient[web.Request, web.Application], WebhookReceiver]]:
    webhook = WebhookReceiver(clerk.receive, SECRET)
    app = web.Application()
    webhook.add_to(app)
    async with TestClient(TestServer(app)) as client:
        yield client, webhook


async def test_a_wrong_a_missing_and_an_odd_secret_are_turned_away(door: Any, clerk: Clerk) -> None:
    client, _ = door
    for headers in ({}, {HEADER: "wrong"}, {HEADER: SECRET + "x"}, {HEADER: "gehéim"}, {HEADER: ""}):
        response = await client.post(PATH, json=update(1), headers=headers)
        assert response.status == 401
    assert clerk.begun == []


async def test_bytes_that_no_text_has_are_turned_away_like_any_wrong_secret(door: Any, clerk: Clerk) -> None:
    client, _ = door
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n{HEADER}: ".encode() + b"\xff\xfe\x80\r\n\r\n{}"
    )
    assert b" 401 " in await reader.readline()
    writer.close()
    assert clerk.begun == []


async def test_what_is_no_update_is_refused_and_never_an_error(door: Any, clerk: Clerk) -> None:
    client, _ = door
    for body in (b"", b"{", b"[]", b"7", b"null", b'{"update_id": "x"}', b"\xff", b'{"message": {}}'):
        assert (await client.post(PATH, data=body, headers={HEADER: SECRET})).status == 400
    assert clerk.begun == []


async def test_the_answer_comes_when_the_update_is_done(door: Any, clerk: Clerk) -> None:
    client, _ = door
    clerk.go.clear()
    call = asyncio.ensure_future(client.post(PATH, json=update(1), headers={HEADER: SECRET}))
    while not clerk.begun:
        await asyncio.sleep(0)
    assert not call.done()
    clerk.go.set()
    assert (await call).status == 200 and clerk.done == [1]


async def test_a_persons_updates_are_done_in_order_and_other_people_do_not_wait(door: Any, clerk: Clerk) -> None:
    client, _ = door
    clerk.go.clear()
    numbers = ((1, 7), (2, 7), (3, 8))
    calls = []
    for number, person in numbers:
        calls.append(asyncio.ensure_future(client.post(PATH, json=update(number, person), headers={HEADER: SECRET})))
        while number not in clerk.begun and number != 2:
            await asyncio.sleep(0)
    assert clerk.begun == [1, 3]
    clerk.go.set()
    assert [(await call).status for call in calls] == [200, 200, 200]
    assert clerk.done.index(1) < clerk.done.index(2)


async def test_three_of_one_person_at_once_are_still_done_one_after_the_other(door: Any, clerk: Clerk) -> None:
    client, webhook = door
    clerk.go.clear()
    calls = [asyncio.ensure_future(client.post(PATH, json=update(1, 7), headers={HEADER: SECRET}))]
    while clerk.begun != [1]:
        await asyncio.sleep(0)
    tasks = [webhook._begin(7, update(number, 7)) for number in (2, 3)]
    clerk.go.set()
    await asyncio.gather(*calls, *tasks)
    assert clerk.begun == clerk.done == [1, 2, 3] and clerk.most_at_once == 1
    assert not webhook._newest and not webhook._in_hand, "nothing is left behind"


async def test_while_the_database_is_away_telegram_is_asked_to_come_again(door: Any, clerk: Clerk) -> None:
    client, webhook = door
    clerk.away = True
    response = await client.post(PATH, json=update(1), headers={HEADER: SECRET})
    assert response.status == 503 and int(response.headers["Retry-After"]) >= 1
    assert clerk.done == [] and webhook.ready
    clerk.away = False
    assert (await client.post(PATH, json=update(1), headers={HEADER: SECRET})).status == 200


@pytest.mark.parametrize("secret", [b"", b"x" * 8_000, "密码".encode(), b"\xff" * 100, SECRET.encode() + b" x"])
async def test_a_secret_of_whatever_bytes_is_401(door: Any, clerk: Clerk, secret: bytes) -> None:
    assert await _status(door[0].port, secret) == 401
    assert clerk.begun == []


@pytest.mark.parametrize("secret", [b"a\x00b", b"\x01\x7f", b"x" * 100_000])
async def test_what_no_http_header_can_be_is_turned_away_before_that(door: Any, clerk: Clerk, secret: bytes) -> None:
    assert await _status(door[0].port, secret) == 400
    assert clerk.begun == []


async def _status(port: int, secret: bytes) -> int:
    """What a call with this secret is answered, byte by byte as it stands here."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n{HEADER}: ".encode() + secret + b"\r\n\r\n{}"
    )
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


async def test_a_full_house_asks_telegram_to_come_again(clerk: Clerk, door: Any) -> None:
    client, webhook = door
    clerk.go.clear()
    waiting = [webhook._begin(n, update(n, n)) for n in range(MOST_IN_HAND)]
    response = await client.post(PATH, json=update(9), headers={HEADER: SECRET})
    assert response.status == 503 and response.headers["Retry-After"] == "1" and not webhook.ready
    clerk.go.set()
    await asyncio.gather(*waiting)


async def test_a_stop_finishes_what_is_in_hand_and_takes_no_more(clerk: Clerk, door: Any) -> None:
    client, webhook = door
    clerk.go.clear()
    call = asyncio.ensure_future(client.post(PATH, json=update(1), headers={HEADER: SECRET}))
    while not clerk.begun:
        await asyncio.sleep(0)
    running = asyncio.ensure_future(webhook.run())
    webhook.stop()
    assert (await client.post(PATH, json=update(2), headers={HEADER: SECRET})).status == 503
    assert not running.done()
    clerk.go.set()
    assert (await call).status == 200
    await running
    assert clerk.done == [1]


async def test_an_update_whose_last_bytes_come_after_the_stop_is_left_to_come_again(clerk: Clerk) -> None:
    webhook = WebhookReceiver(clerk.receive, SECRET)
    running = asyncio.ensure_future(webhook.run())

    class Slow:
        """A request that is still arriving when the bot stops."""

        headers: ClassVar = {HEADER: SECRET}

        async def read(self) -> bytes:
            webhook.stop()
            await running
            return dumps(update(1)).encode()

    response = await webhook.take(cast(web.Request, Slow()))
    assert (response.status, response.headers["Retry-After"]) == (503, "1") and clerk.begun == []


def test_a_webhook_without_a_secret_or_an_address_refuses_to_start() -> None:
    for given in ({}, {"webhook_secret": SECRET}, {"public_url": "https://bot.example.com"}):
        with pytest.raises(SettingsError, match="WEBHOOK_SECRET and PUBLIC_URL"):
            read_settings(_env_file=None, updates="webhook", **given)
    with pytest.raises(SettingsError, match="WEBHOOK_SECRET"):
        read_settings(_env_file=None, webhook_secret="short")


def settings_of_a_webhook(tmp_path: Path) -> Settings:
    """A webhook on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return settings_for(
        tmp_path,
        updates="webhook",
        webhook_secret=SECRET,
        public_url=f"http://127.0.0.1:{port}",
        web_port=port,
        send_rate=200,
    )


async def test_replicas_that_start_together_wait_for_their_turn_to_name_the_webhook(tmp_path: Path) -> None:
    async with Sandbox(any_token=False, limits=False) as box:
        box.add_bot(demo.TOKEN, demo.USERNAME, "I want to group")
        box.backend.faults.add({"kind": "429", "method": "setWebhook", "retry_after": 1, "count": 1})
        async with started(settings_of_a_webhook(tmp_path), demo.TOKEN, box.url, SystemClock(box.clock.now)):
            asked = [call for call in box.backend.call_log.since(0) if call["method"] == "setWebhook"]
            assert [call["ok"] for call in asked] == [False, True]
            assert asked[1]["at_monotonic"] - asked[0]["at_monotonic"] >= 1


async def test_a_webhook_that_telegram_does_not_take_is_one_line(tmp_path: Path) -> None:
    async with Sandbox(any_token=False, limits=False) as box:
        box.add_bot(demo.TOKEN, demo.USERNAME, "I want to group")
        said = "Bad Request: bad webhook: HTTPS url must be provided for webhook"
        box.backend.faults.add({"kind": "refuse", "method": "setWebhook", "said": said})
        with pytest.raises(SettingsError, match=r"PUBLIC_URL.*HTTPS url must be provided"):
            async with started(settings_of_a_webhook(tmp_path), demo.TOKEN, box.url, SystemClock(box.clock.now)):
                pass
        left = [task for task in asyncio.all_tasks() if "Schedule." in str(task.get_coro())]
        assert not left, "what was started before it is stopped"


async def test_a_vote_by_webhook_goes_the_whole_way(tmp_path: Path) -> None:
    async with Sandbox(any_token=False, limits=False) as box:
        box.clock.move_to(TUESDAY_TEN)
        bot = box.add_bot(demo.TOKEN, demo.USERNAME, "I want to group")
        settings = settings_of_a_webhook(tmp_path)
        async with started(settings, demo.TOKEN, box.url, SystemClock(box.clock.now), every=0.05) as (_, services):
            ann = await Kit(box, bot).person("Ann", language_code="en")
            await spend(services, ann.id, "763.00")
            await ann.says("/start")
            await ann.sees("Hello Ann")
            await import_goods(services, tmp_path / "goods", 5)
            assert await services.rounds.open_special()
            await ann.sees("Today's goods")
            answer = await ann.taps("🙋")
            assert answer and "Your vote counts" in answer.text
            async with ClientSession() as http, http.get(f"{settings.public_url}/readyz") as response:
                assert response.status == 200
