"""Fault injection, rate limits, the clock, the call log, snapshots."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from sandbox.bot_api.rate_limits import Limiter
from sandbox.errors import Refusal
from tests.sandbox.harness import ANN, MEMBER, TOKEN, Harness


async def rule(harness: Harness, **fields: Any) -> dict[str, Any]:
    status, made = await harness.api("POST", "/api/faults", **fields)
    assert status == 201, made
    return made


def count(harness: Harness) -> int:
    return len(harness.box.world.state.messages[f"p{ANN}:100001"])


async def test_a_429_fault_applies_count_times_with_its_retry_after(harness: Harness) -> None:
    await rule(harness, kind="429", method="sendMessage", retry_after=7, count=1)
    answer = await harness.call("sendMessage", chat_id=ANN, text="x")
    assert answer.refusal == (429, "Too Many Requests: retry after 7")
    assert answer.body["parameters"] == {"retry_after": 7} and answer.headers["Retry-After"] == "7"
    assert (await harness.call("sendMessage", chat_id=ANN, text="x")).result


async def test_a_fault_can_be_limited_to_one_chat(harness: Harness) -> None:
    await rule(harness, kind="500", chat=ANN)
    assert (await harness.call("sendMessage", chat_id=ANN, text="x")).refusal == (500, "Internal Server Error")
    assert (await harness.call("sendMessage", chat_id=harness.ids["super"], text="x")).result
    assert (await harness.call("getUpdates")).result == [], "* leaves getUpdates alone"


async def test_a_502_fault_answers_html(harness: Harness) -> None:
    await rule(harness, kind="502", method="getMe")
    async with harness.http.get(f"{harness.box.url}/bot{TOKEN}/getMe") as response:
        assert response.status == 502 and response.content_type == "text/html"


@pytest.mark.parametrize(("kind", "arrived"), [("reset_before", 0), ("reset_after", 1), ("truncate", 1)])
async def test_a_call_with_a_lost_response_is_logged(harness: Harness, kind: str, arrived: int) -> None:
    await rule(harness, kind=kind, method="sendMessage")
    before = count(harness)
    with pytest.raises(aiohttp.ClientError):
        await harness.call("sendMessage", chat_id=ANN, text="x")
    assert count(harness) == before + arrived
    _, log = await harness.api("GET", "/api/calls")
    assert (log["calls"][-1]["ok"], log["calls"][-1]["note"]) == (bool(arrived), kind)


async def test_a_refuse_fault_has_any_code_and_description(harness: Harness) -> None:
    said = "Bad Request: PHOTO_INVALID_DIMENSIONS"
    await rule(harness, kind="refuse", method="sendMessage", said=said, count=1)
    before = count(harness)
    assert (await harness.call("sendMessage", chat_id=ANN, text="x")).refusal == (400, said)
    await rule(harness, kind="refuse", method="sendMessage", code=401, said="Unauthorized", count=1)
    assert (await harness.call("sendMessage", chat_id=ANN, text="x")).refusal == (401, "Unauthorized")
    assert count(harness) == before


async def test_a_garbled_fault_sends_a_complete_response_that_is_no_json(harness: Harness) -> None:
    await rule(harness, kind="garbled", method="sendMessage", count=1)
    before = count(harness)
    async with harness.http.post(
        f"{harness.box.url}/bot{TOKEN}/sendMessage", json={"chat_id": ANN, "text": "x"}
    ) as response:
        content = await response.read()
        assert response.status == 200 and len(content) == response.content_length
    with pytest.raises(ValueError):
        json.loads(content)
    assert count(harness) == before + 1


async def test_slow_faults_act_late_and_hang_faults_never(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    sleep, slept = asyncio.sleep, []

    async def at_once(seconds: float, *result: Any) -> Any:
        slept.append(seconds)
        return await sleep(0, *result)

    monkeypatch.setattr(asyncio, "sleep", at_once)
    await rule(harness, kind="slow", method="sendMessage", seconds=20, count=1)
    assert (await harness.call("sendMessage", chat_id=ANN, text="x")).result
    assert 20 in slept
    await rule(harness, kind="hang", method="sendMessage", seconds=30)
    before = count(harness)
    with pytest.raises(aiohttp.ClientError):
        await harness.call("sendMessage", chat_id=ANN, text="x")
    assert 30 in slept and count(harness) == before


async def test_faults_apply_with_their_probability_until_removed(harness: Harness) -> None:
    made = await rule(harness, kind="500", method="getMe", probability=0.5)
    codes = [(await harness.call("getMe")).status for _ in range(60)]
    assert 10 < codes.count(500) < 50
    _, left = await harness.api("GET", "/api/faults")
    assert left["faults"][0]["hits"] == codes.count(500)
    await harness.api("DELETE", f"/api/faults?id={made['id']}")
    assert (await harness.call("getMe")).result
    status, error = await harness.api("POST", "/api/faults", kind="earthquake")
    assert status == 400 and "kind" in error["error"]


async def test_the_call_log_contains_every_call_and_no_token(harness: Harness) -> None:
    _, before = await harness.api("GET", "/api/calls")
    last = before["calls"][-1]["n"]
    await harness.call("sendMessage", chat_id=ANN, text="x")
    await harness.call("sendMessage", chat_id=424242, text="x")
    _, log = await harness.api("GET", f"/api/calls?since={last}")
    good, bad = log["calls"]
    assert (good["method"], good["chat_id"], good["ok"], good["error_code"]) == ("sendMessage", ANN, True, None)
    assert (bad["ok"], bad["error_code"]) == (False, 400)
    assert bad["at_monotonic"] >= good["at_monotonic"] and good["seconds"] >= 0
    assert TOKEN.partition(":")[2] not in repr(log) + repr(before)


class Stopwatch:
    """A monotonic clock that tests move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def wait_of(limiter: Limiter, chat: str, **more: Any) -> int:
    try:
        limiter.spend(1, chat, group=more.pop("group", False), **more)
    except Refusal as refusal:
        assert refusal.code == 429
        return refusal.parameters["retry_after"]
    return 0


def test_a_chat_accepts_a_burst_then_one_message_a_second() -> None:
    watch = Stopwatch()
    limiter = Limiter(watch)
    assert [wait_of(limiter, "p1") for _ in range(9)] == [0] * 8 + [1]
    watch.now += 1
    assert [wait_of(limiter, "p1") for _ in range(2)] == [0, 1]
    assert wait_of(limiter, "p2") == 0


def test_a_group_accepts_twenty_messages_a_minute() -> None:
    watch = Stopwatch()
    limiter = Limiter(watch)
    assert [wait_of(limiter, "g1", group=True) for _ in range(21)] == [0] * 20 + [60]
    watch.now += 60
    assert wait_of(limiter, "g1", group=True) == 0


def test_all_chats_accept_thirty_messages_in_any_second() -> None:
    watch = Stopwatch()
    limiter = Limiter(watch)
    taken = [wait_of(limiter, f"p{number}") for number in range(31)]
    assert taken == [0] * 30 + [1]
    watch.now += 0.99
    assert wait_of(limiter, "late") == 1
    watch.now += 0.02
    assert wait_of(limiter, "later") == 0
    assert wait_of(limiter, "", paid=True) == 0


def test_each_picture_of_an_album_counts_against_the_limit() -> None:
    limiter = Limiter(Stopwatch())
    assert wait_of(limiter, "p1", count=8) == 0
    assert wait_of(limiter, "p1", count=2) == 2


async def test_limits_are_changed_and_disabled_over_http(harness: Harness) -> None:
    await harness.api("PATCH", "/api/limits", enabled=True, chat_burst=2)
    codes = [(await harness.call("sendMessage", chat_id=ANN, text="x")).status for _ in range(3)]
    assert codes == [200, 200, 429]
    status, limits = await harness.api("PATCH", "/api/limits", enabled=False)
    assert status == 200 and limits["chat_burst"] == 2
    assert (await harness.call("sendMessage", chat_id=ANN, text="x")).result
    assert (await harness.api("PATCH", "/api/limits", nonsense=1))[0] == 400


async def test_paid_broadcasts_need_stars_and_cost_a_tenth_above_the_free_rate(harness: Harness) -> None:
    await harness.api("PATCH", "/api/limits", enabled=True, chat_burst=50, global_per_second=3, paid_per_second=40)
    bot = harness.box.world.state.bots[100001]

    async def send(times: int, **more: Any) -> list[int]:
        return [(await harness.call("sendMessage", chat_id=ANN, text="x", **more)).status for _ in range(times)]

    bot.stars = 9_999
    assert await send(4, allow_paid_broadcast=True) == [200, 200, 200, 429] and bot.stars == 9_999
    harness.box.backend.limiter.clear()
    bot.stars = 10_002
    assert await send(28, allow_paid_broadcast=True) == [200] * 28
    assert (await harness.call("getMyStarBalance")).result == {"amount": 9_999, "nanostar_amount": 500_000_000}


async def test_moving_the_clock_moves_dates_and_marks_are_stored(harness: Harness) -> None:
    moment = datetime(2030, 5, 1, 8, 0, tzinfo=UTC)
    await harness.api("POST", "/api/clock", now=moment.isoformat())
    sent = (await harness.call("sendMessage", chat_id=ANN, text="x")).result
    assert abs(sent["date"] - moment.timestamp()) < 30
    harness.box.clock.advance(timedelta(hours=1))
    _, clock = await harness.api("POST", "/api/clock", advance_seconds=3600)
    assert abs(datetime.fromisoformat(clock["now"]) - moment - timedelta(hours=2)) < timedelta(seconds=30)
    mark = {"id": "open", "label": {"en": "Round opens"}, "at": moment.isoformat()}
    _, clock = await harness.api("PUT", "/api/clock/marks", marks=[mark])
    assert clock["marks"] == [mark]
    assert (await harness.api("PUT", "/api/clock/marks", marks=[{"id": "x"}]))[0] == 400
    assert (await harness.api("POST", "/api/clock", now="tomorrow"))[0] == 400


async def test_restore_and_reset_never_reuse_ids(harness: Harness) -> None:
    _, snapshot = await harness.api("POST", "/api/snapshot")
    last_update = harness.box.world.state.bots[100001].last_update_id
    sent = (await harness.call("sendMessage", chat_id=ANN, text="after the snapshot")).result
    harness.box.backend.actions.start(harness.box.world.person(MEMBER), harness.box.world.state.bots[100001])
    assert (await harness.api("POST", "/api/restore", id=snapshot["id"]))[0] == 200
    assert sent["message_id"] not in harness.box.world.state.messages[f"p{ANN}:100001"]
    assert not harness.box.world.private_chat(MEMBER, 100001).started
    bot = harness.box.world.state.bots[100001]
    assert bot.last_update_id == last_update + 1, "numbers never go back"
    assert (await harness.call("sendMessage", chat_id=ANN, text="x")).result["message_id"] > sent["message_id"]
    assert (await harness.call("sendPhoto", chat_id=ANN, photo=harness.ids["photo_file"])).result
    await rule(harness, kind="500")
    assert (await harness.api("POST", "/api/reset"))[0] == 200
    assert not harness.box.world.state.messages and harness.box.backend.faults.rules == []
    refused = await harness.call("sendMessage", chat_id=ANN, text="x")
    assert refused.refusal == (400, "Bad Request: chat not found")
    assert (await harness.api("POST", "/api/restore", id="77"))[0] == 400


async def test_references_to_people_and_bots_stay_valid_after_a_restore(harness: Harness) -> None:
    _, snapshot = await harness.api("POST", "/api/snapshot")
    world = harness.box.world
    mia, bot, chat = world.person(MEMBER), world.state.bots[100001], world.private_chat(MEMBER, 100001)
    harness.box.backend.actions.start(mia, bot)
    harness.box.backend.actions.block(mia, bot)
    assert len(bot.updates) == 2 and chat.started
    await harness.api("POST", "/api/restore", id=snapshot["id"])
    assert mia is world.person(MEMBER) and mia.blocked == []
    assert bot is world.by_token[TOKEN] and bot.updates == [] and not chat.started


async def test_a_fault_accepts_the_key_of_a_chat(harness: Harness) -> None:
    await rule(harness, kind="500", chat=f"p{ANN}:100001")
    assert (await harness.call("sendMessage", chat_id=ANN, text="x")).status == 500
    assert (await harness.call("sendMessage", chat_id=harness.ids["super"], text="x")).status == 200
