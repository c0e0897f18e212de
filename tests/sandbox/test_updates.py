"""Delivery of updates by long polling and by webhook."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from sandbox import Sandbox
from sandbox.delivery import update_queue
from sandbox.delivery.webhooks import _DeliveryFailed
from sandbox.state.model import Bot, Update
from tests.sandbox.harness import ANN, TOKEN, Harness
from tests.waiting import GUARD


def say(harness: Harness, text: str = "hi") -> Any:
    world = harness.box.world
    return harness.box.backend.actions.say(world.person(ANN), world.private_chat(ANN, 100001), text)


async def waiting_poll(harness: Harness, **params: Any) -> asyncio.Task[Any]:
    """A long poll that is already waiting in the server."""
    before = harness.box.world.feed.rev
    harness.box.world.online.clear()
    task = asyncio.create_task(harness.call("getUpdates", timeout=20, **params))
    assert await harness.box.world.feed.wait_for(lambda: harness.box.world.online or None, GUARD), before
    return task


async def test_a_poll_waits_for_the_first_update(harness: Harness) -> None:
    poll = await waiting_poll(harness)
    assert not poll.done()
    said = say(harness)
    found = (await poll).result
    assert [one["message"]["message_id"] for one in found] == [said.id]
    assert found[0]["message"]["chat"] == {"id": ANN, "first_name": "Ann", "type": "private"}
    assert found[0]["message"]["from"]["is_bot"] is False


async def test_a_poll_ends_empty_after_its_timeout(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    call_later, timeouts = loop.call_later, []

    def at_once(delay: float, callback: Callable[..., object], *args: Any, **options: Any) -> asyncio.TimerHandle:
        if callback is update_queue._finish:
            timeouts.append(delay)
            delay = 0
        return call_later(delay, callback, *args, **options)

    monkeypatch.setattr(loop, "call_later", at_once)
    assert (await harness.call("getUpdates", timeout=7)).result == []
    assert timeouts == [7.0]


async def test_an_offset_confirms_updates_and_a_negative_offset_keeps_the_last(harness: Harness) -> None:
    for number in range(4):
        say(harness, f"m{number}")
    first = (await harness.call("getUpdates", limit=2)).result
    assert [one["message"]["text"] for one in first] == ["m0", "m1"]
    again = (await harness.call("getUpdates", limit=1)).result
    assert again == first[:1], "what is not confirmed comes again"
    rest = (await harness.call("getUpdates", offset=first[-1]["update_id"] + 1)).result
    assert [one["message"]["text"] for one in rest] == ["m2", "m3"]
    last = (await harness.call("getUpdates", offset=-1)).result
    assert [one["message"]["text"] for one in last] == ["m3"]
    assert len((await harness.call("getUpdates")).result) == 1


async def test_limit_and_timeout_are_clamped(harness: Harness) -> None:
    for number in range(120):
        say(harness, f"m{number}")
    assert len((await harness.call("getUpdates", limit=0)).result) == 1
    assert len((await harness.call("getUpdates", limit=1000, offset=0)).result) == 100


async def test_the_older_of_two_polls_is_refused_with_409(harness: Harness) -> None:
    older = await waiting_poll(harness)
    newer = asyncio.create_task(harness.call("getUpdates", timeout=20))
    refusal = (await older).refusal
    assert refusal == (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    say(harness)
    assert len((await newer).result) == 1


async def test_allowed_updates_are_remembered(harness: Harness) -> None:
    await harness.call("getUpdates", allowed_updates=["callback_query"])
    say(harness)
    assert (await harness.call("getUpdates")).result == []
    await harness.call("getUpdates", allowed_updates="not json")
    say(harness)
    assert (await harness.call("getUpdates")).result == []
    await harness.call("getUpdates", allowed_updates=[])
    say(harness, "heard")
    assert [one["message"]["text"] for one in (await harness.call("getUpdates")).result] == ["heard"]


async def test_callback_queries_expire_after_150_seconds_and_messages_after_a_day(harness: Harness) -> None:
    world = harness.box.world
    say(harness)
    harness.box.backend.actions.tap(world.person(ANN), world.private_chat(ANN, 100001), harness.ids["text"], 0, 0)
    assert len((await harness.call("getUpdates")).result) == 2
    harness.box.clock.set_offset(151)
    assert [list(one)[1] for one in (await harness.call("getUpdates")).result] == ["message"]
    harness.box.clock.set_offset(86_401)
    assert (await harness.call("getUpdates")).result == []


async def test_a_repeated_offset_is_throttled(harness: Harness) -> None:
    harness.box.set_limits(enabled=True)
    harness.box.backend.update_queue.monotonic = lambda: 0.0
    for _ in range(3):
        say(harness)
    assert len((await harness.call("getUpdates", offset=5)).result) == 3
    assert len((await harness.call("getUpdates", offset=5)).result) == 1


async def test_stopping_answers_waiting_polls_with_500() -> None:
    async with Sandbox() as box:
        box.add_bot(TOKEN, "probe_bot", "Probe")
        import aiohttp

        async with aiohttp.ClientSession() as http:
            harness = Harness(box, http)
            poll = await waiting_poll(harness)
            await box.stop()
            assert (await poll).refusal == (500, "Internal Server Error: restart")


class Hook:
    """A webhook server that sends each of `answers` once, then 200."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.headers: list[Any] = []
        self.answers: list[web.Response] = []
        self.received = asyncio.Event()
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(await request.json())
        self.headers.append(request.headers)
        self.received.set()
        return self.answers.pop(0) if self.answers else web.Response()

    async def has(self, count: int) -> None:
        async with asyncio.timeout(GUARD):
            while len(self.got) < count:
                self.received.clear()
                await self.received.wait()


@pytest.fixture
async def hook() -> Any:
    made = Hook()
    app = web.Application()
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


async def test_a_webhook_receives_updates_with_the_secret_token(harness: Harness, hook: Hook) -> None:
    poll = await waiting_poll(harness)
    answer = await harness.call("setWebhook", url=hook.url, secret_token="s3cret", max_connections=5)
    assert answer.body == {"ok": True, "result": True, "description": "Webhook was set"}
    assert (await poll).refusal == (409, "Conflict: terminated by setWebhook request")
    say(harness, "over the hook")
    await hook.has(1)
    assert hook.got[0]["message"]["text"] == "over the hook"
    assert hook.headers[0]["X-Telegram-Bot-Api-Secret-Token"] == "s3cret"
    blocked = await harness.call("getUpdates")
    assert blocked.refusal[0] == 409 and "deleteWebhook" in blocked.refusal[1]
    same = await harness.call("setWebhook", url=hook.url, secret_token="s3cret", max_connections=5)
    assert same.body["description"] == "Webhook is already set"
    info = (await harness.call("getWebhookInfo")).result
    assert info["url"] == hook.url and info["max_connections"] == 5
    assert (await harness.call("deleteWebhook")).body["description"] == "Webhook was deleted"
    assert (await harness.call("deleteWebhook")).body["description"] == "Webhook is already deleted"


async def test_a_webhook_delivery_is_retried_in_order_and_its_error_is_reported(harness: Harness, hook: Hook) -> None:
    harness.box.backend.webhooks.first_delay = 0.01
    hook.answers = [web.Response(status=500), web.Response(status=500)]
    await harness.call("setWebhook", url=hook.url)
    say(harness, "first")
    say(harness, "second")
    await hook.has(4)
    assert [one["message"]["text"] for one in hook.got] == ["first", "first", "first", "second"]
    info = (await harness.call("getWebhookInfo")).result
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"


async def test_webhook_delivery_continues_after_all_connections_fail_at_once(harness: Harness, hook: Hook) -> None:
    webhooks = harness.box.backend.webhooks
    both_in_flight = asyncio.Event()

    async def fail_when_both_are_in_flight(bot: Bot, update: Update) -> bytes:
        if len(webhooks._deliveries[bot.id].in_flight) == 2:
            both_in_flight.set()
        await both_in_flight.wait()
        raise _DeliveryFailed("Connection closed", 0.001)

    webhooks._post, original = fail_when_both_are_in_flight, webhooks._post  # type: ignore[method-assign]
    people = [harness.box.add_person(f"P{n}") for n in range(4)]
    for person in people:
        harness.box.backend.actions.start(person, harness.box.world.state.bots[100001])
    await harness.call("setWebhook", url=hook.url, max_connections=2)
    await asyncio.wait_for(both_in_flight.wait(), GUARD)
    webhooks._post = original  # type: ignore[method-assign]
    await hook.has(4)


async def test_a_method_in_a_webhook_response_is_executed(harness: Harness, hook: Hook) -> None:
    hook.answers = [web.json_response({"method": "sendMessage", "chat_id": ANN, "text": "from the answer"})]
    await harness.call("setWebhook", url=hook.url)
    say(harness)
    messages = harness.box.world.state.messages[f"p{ANN}:100001"]
    assert await harness.box.world.feed.wait_for(
        lambda: any(one.text == "from the answer" for one in messages.values()) or None, GUARD
    )


async def test_setting_a_webhook_twice_in_a_second_is_refused_with_429(harness: Harness, hook: Hook) -> None:
    harness.box.set_limits(enabled=True)
    harness.box.backend.update_queue.monotonic = lambda: 0.0
    await harness.call("setWebhook", url=hook.url)
    again = await harness.call("setWebhook", url=hook.url + "2")
    assert again.refusal == (429, "Too Many Requests: retry after 1")
    assert again.body["parameters"] == {"retry_after": 1} and again.headers["Retry-After"] == "1"
