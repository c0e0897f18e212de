"""The webhook: which calls are accepted, what is answered when, and a vote through the local chat."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from json import dumps
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from bot import demo
from bot.app import started
from bot.settings import Settings, SettingsError, read_settings
from bot.updates.processor import Ack, AckState
from bot.updates.webhook import MAX_IN_HAND, PATH, WebhookReceiver
from sandbox import Sandbox
from sandbox.testing import Kit
from services.clock import SystemClock
from tests.conftest import DEMO_TOKEN, TUESDAY_TEN, settings_for, spend
from tests.journeys.conftest import import_goods

SECRET = "a-secret-of-the-webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def update(number: int, person: int = 1) -> dict[str, Any]:
    return {"update_id": number, "message": {"from": {"id": person, "first_name": "A"}, "text": "x"}}


class Processor:
    """Processes updates; holds each until `go` is set."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.go = asyncio.Event()
        self.go.set()
        self.unavailable = False
        self.most_at_once = 0

    async def process(self, ack: Ack) -> None:
        if self.unavailable:
            ack.state = AckState.RETURNED
            return
        self.begun.append(ack.update["update_id"])
        self.most_at_once = max(self.most_at_once, len(self.begun) - len(self.done))
        await self.go.wait()
        await asyncio.sleep(0)
        self.done.append(ack.update["update_id"])
        ack.state = AckState.HANDLED


@pytest.fixture
def processor() -> Processor:
    return Processor()


@pytest.fixture
async def door(processor: Processor) -> AsyncIterator[tuple[TestClient[web.Request, web.Application], WebhookReceiver]]:
    webhook = WebhookReceiver(processor.process, SECRET, SystemClock())
    app = web.Application()
    webhook.add_to(app)
    async with TestClient(TestServer(app)) as client:
        yield client, webhook


async def test_a_wrong_missing_or_odd_secret_is_refused(door: Any, processor: Processor) -> None:
    client, _ = door
    for headers in ({}, {HEADER: "wrong"}, {HEADER: SECRET + "x"}, {HEADER: "gehéim"}, {HEADER: ""}):
        response = await client.post(PATH, json=update(1), headers=headers)
        assert response.status == 401
    assert processor.begun == []


async def test_a_secret_that_is_not_utf_8_is_refused(door: Any, processor: Processor) -> None:
    client, _ = door
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n{HEADER}: ".encode() + b"\xff\xfe\x80\r\n\r\n{}"
    )
    assert b" 401 " in await reader.readline()
    writer.close()
    assert processor.begun == []


async def test_a_body_that_is_no_update_is_400(door: Any, processor: Processor) -> None:
    client, _ = door
    for body in (b"", b"{", b"[]", b"7", b"null", b'{"update_id": "x"}', b"\xff", b'{"message": {}}'):
        assert (await client.post(PATH, data=body, headers={HEADER: SECRET})).status == 400
    assert processor.begun == []


async def test_the_answer_comes_when_the_update_is_settled(door: Any, processor: Processor) -> None:
    client, _ = door
    processor.go.clear()
    call = asyncio.ensure_future(client.post(PATH, json=update(1), headers={HEADER: SECRET}))
    while not processor.begun:
        await asyncio.sleep(0)
    assert not call.done()
    processor.go.set()
    assert (await call).status == 200 and processor.done == [1]


async def test_a_users_updates_are_processed_in_order_and_other_users_do_not_wait(
    door: Any, processor: Processor
) -> None:
    client, _ = door
    processor.go.clear()
    numbers = ((1, 7), (2, 7), (3, 8))
    calls = []
    for number, person in numbers:
        calls.append(asyncio.ensure_future(client.post(PATH, json=update(number, person), headers={HEADER: SECRET})))
        while number not in processor.begun and number != 2:
            await asyncio.sleep(0)
    assert processor.begun == [1, 3]
    processor.go.set()
    assert [(await call).status for call in calls] == [200, 200, 200]
    assert processor.done.index(1) < processor.done.index(2)


async def test_three_simultaneous_updates_of_a_user_are_processed_one_after_another(
    door: Any, processor: Processor
) -> None:
    client, webhook = door
    processor.go.clear()
    calls = [asyncio.ensure_future(client.post(PATH, json=update(1, 7), headers={HEADER: SECRET}))]
    while processor.begun != [1]:
        await asyncio.sleep(0)
    tasks = [webhook._start(7, Ack(update(number, 7))) for number in (2, 3)]
    processor.go.set()
    await asyncio.gather(*calls, *tasks)
    assert processor.begun == processor.done == [1, 2, 3] and processor.most_at_once == 1
    assert not webhook._newest and not webhook._in_hand, "nothing is left behind"


async def test_while_the_database_is_away_telegram_is_asked_to_come_again(door: Any, processor: Processor) -> None:
    client, webhook = door
    processor.unavailable = True
    response = await client.post(PATH, json=update(1), headers={HEADER: SECRET})
    assert response.status == 503 and int(response.headers["Retry-After"]) >= 1
    assert processor.done == [] and webhook.ready
    processor.unavailable = False
    assert (await client.post(PATH, json=update(1), headers={HEADER: SECRET})).status == 200


@pytest.mark.parametrize("secret", [b"", b"x" * 8_000, "密码".encode(), b"\xff" * 100, SECRET.encode() + b" x"])
async def test_a_wrong_secret_of_any_bytes_is_401(door: Any, processor: Processor, secret: bytes) -> None:
    assert await _status(door[0].port, secret) == 401
    assert processor.begun == []


@pytest.mark.parametrize("secret", [b"a\x00b", b"\x01\x7f", b"x" * 100_000])
async def test_a_secret_that_no_http_header_can_hold_is_400(door: Any, processor: Processor, secret: bytes) -> None:
    assert await _status(door[0].port, secret) == 400
    assert processor.begun == []


async def _status(port: int, secret: bytes) -> int:
    """What a call with this secret is answered, byte by byte as it stands here."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n{HEADER}: ".encode() + secret + b"\r\n\r\n{}"
    )
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


async def test_a_full_process_asks_telegram_to_deliver_again(processor: Processor, door: Any) -> None:
    client, webhook = door
    processor.go.clear()
    waiting = [webhook._start(n, Ack(update(n, n))) for n in range(MAX_IN_HAND)]
    response = await client.post(PATH, json=update(9), headers={HEADER: SECRET})
    assert response.status == 503 and response.headers["Retry-After"] == "1" and not webhook.ready
    processor.go.set()
    await asyncio.gather(*waiting)


async def test_a_stop_finishes_the_updates_in_hand_and_accepts_no_more(processor: Processor, door: Any) -> None:
    client, webhook = door
    processor.go.clear()
    call = asyncio.ensure_future(client.post(PATH, json=update(1), headers={HEADER: SECRET}))
    while not processor.begun:
        await asyncio.sleep(0)
    running = asyncio.ensure_future(webhook.run())
    webhook.stop()
    assert (await client.post(PATH, json=update(2), headers={HEADER: SECRET})).status == 503
    assert not running.done()
    processor.go.set()
    assert (await call).status == 200
    await running
    assert processor.done == [1]


async def test_an_update_whose_body_arrives_after_the_stop_is_not_accepted(processor: Processor) -> None:
    webhook = WebhookReceiver(processor.process, SECRET, SystemClock())
    running = asyncio.ensure_future(webhook.run())

    class Slow:
        """A request that is still arriving when the bot stops."""

        headers: ClassVar = {HEADER: SECRET}

        async def read(self) -> bytes:
            webhook.stop()
            await running
            return dumps(update(1)).encode()

    response = await webhook.receive(cast(web.Request, Slow()))
    assert (response.status, response.headers["Retry-After"]) == (503, "1") and processor.begun == []


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


class ImpatientClock(SystemClock):
    """Records for how long it should sleep, and sleeps for a moment."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.sleeps: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        await asyncio.sleep(0.01)


async def test_setting_the_webhook_waits_as_long_as_telegram_asks(tmp_path: Path) -> None:
    async with Sandbox(any_token=False, limits=False) as box:
        box.add_bot(DEMO_TOKEN, demo.USERNAME, "I want to group")
        box.backend.faults.add({"kind": "429", "method": "setWebhook", "retry_after": 7, "count": 1})
        clock = ImpatientClock(box.clock.now)
        async with started(settings_of_a_webhook(tmp_path), DEMO_TOKEN, box.url, clock):
            asked = [call for call in box.backend.call_log.since(0) if call["method"] == "setWebhook"]
            assert [call["ok"] for call in asked] == [False, True]
            assert clock.sleeps[0] == 7


async def test_a_refused_webhook_address_is_reported_in_one_line(tmp_path: Path) -> None:
    async with Sandbox(any_token=False, limits=False) as box:
        box.add_bot(DEMO_TOKEN, demo.USERNAME, "I want to group")
        said = "Bad Request: bad webhook: HTTPS url must be provided for webhook"
        box.backend.faults.add({"kind": "refuse", "method": "setWebhook", "said": said})
        with pytest.raises(SettingsError, match=r"PUBLIC_URL.*HTTPS url must be provided"):
            async with started(settings_of_a_webhook(tmp_path), DEMO_TOKEN, box.url, SystemClock(box.clock.now)):
                pass
        left = [task for task in asyncio.all_tasks() if "Schedule." in str(task.get_coro())]
        assert not left, "what was started before it is stopped"


async def test_a_vote_by_webhook_is_answered(tmp_path: Path) -> None:
    async with Sandbox(any_token=False, limits=False) as box:
        box.clock.move_to(TUESDAY_TEN)
        bot = box.add_bot(DEMO_TOKEN, demo.USERNAME, "I want to group")
        settings = settings_of_a_webhook(tmp_path)
        async with started(settings, DEMO_TOKEN, box.url, SystemClock(box.clock.now), every=0.05) as (_, services):
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
