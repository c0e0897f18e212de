"""Metrics of a bot in use: each sample changes by exactly the events that it counts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.ops.metrics import render
from bot.ops.scheduler import Scheduler
from tests.journeys.conftest import Town
from tests.waiting import until

Samples = dict[str, float]


async def samples(town: Town) -> Samples:
    """Every sample, by name and labels."""
    ours = town.services
    schedule = Scheduler(ours.context.clock, ours.rounds, ours.groups, ours.campaigns, every=60)
    text = (await render(ours, schedule)).decode()
    return {name: float(value) for name, value in re.findall(r"^(wtg_\S+) (\S+)$", text, re.MULTILINE)}


@asynccontextmanager
async def counted(town: Town) -> AsyncIterator[Callable[[str], float]]:
    """By how much a sample changed in the block; call the result after it."""
    before, after = await samples(town), dict[str, float]()
    yield lambda name: after.get(name, 0.0) - before.get(name, 0.0)
    await until(lambda: not town.kit.bot.updates)  # an update that has been processed is confirmed
    after.update(await samples(town))


async def test_metrics_of_updates_handlers_and_votes(town: Town) -> None:
    ann = await town.person("Ann", yuan="150.00")
    async with counted(town) as moved:
        await ann.says("/start")
        await ann.sees("Hello")
        await town.stock(3)
        await ann.sees("1/3")
        await ann.taps("🙋")
        await ann.taps("▶️")
        answer = await ann.taps("🙋")
        assert answer is not None and answer.alert, "the only ballot is used"
    assert moved('wtg_updates_total{kind="message",outcome="handled"}') == 1
    assert moved('wtg_updates_total{kind="callback_query",outcome="handled"}') == 3
    assert moved('wtg_handler_seconds_count{kind="callback_query"}') == 3
    assert 0 < moved('wtg_handler_seconds_sum{kind="callback_query"}') < 30
    assert moved('wtg_votes_total{outcome="counted"}') == 1
    assert moved('wtg_votes_total{outcome="no-ballots"}') == 1


async def test_metrics_of_notifications_and_of_telegrams_refusals(town: Town) -> None:
    people = [await town.person(f"P{n}") for n in range(4)]
    for person in people:
        await person.says("/start")
        await person.sees("Hello")

    async def none_in_flight() -> bool:
        return not (await samples(town)).get('wtg_notifications{state="inflight"}', 0)

    for method in ("sendPhoto", "sendMessage"):
        town.box.backend.faults.add({"kind": "429", "method": method, "retry_after": 1, "count": 1})
    async with counted(town) as moved:
        await town.stock(3)
        for person in people:
            await person.sees("1/3")
        await until(none_in_flight)  # a message can be read before it is stored as sent
        async with town.services.context.db.read():
            assert (await samples(town))["wtg_database_connections_used"] >= 1
    assert moved('wtg_notifications{state="sent"}') == 4 and moved('wtg_notifications{state="pending"}') == 0
    assert 4 <= moved("wtg_send_seconds_count") <= 6
    assert 1 <= moved('wtg_api_errors_total{error="TelegramRetryAfter"}') <= 2
    assert moved("wtg_oldest_due_notification_seconds") == 0


async def test_metrics_of_jobs(town: Town) -> None:
    ann = await town.person("Ann")
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock(1)
    await ann.sees("Today's goods")

    done = 'wtg_jobs_total{kind="poster",outcome="done"}'
    before = (await samples(town)).get(done, 0)

    async def job_is_counted() -> bool:  # which it is a moment after it is stored as done
        return not await town.services.jobs.waiting() and (await samples(town)).get(done, 0) > before

    async with counted(town) as moved:
        await ann.taps("📣 Share")
        await ann.sees("Your own link")
        await until(job_is_counted)
    assert moved(done) == 1 and moved("wtg_jobs_waiting") == 0
