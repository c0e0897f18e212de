"""Alerts and the opening that they are about: all that fit are sent before it, none after it, and who schedules is told
when they do not fit (R24, R26)."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.notifications import PlannedAlert
from services import groups as module
from services.groups import Scheduled
from tests.bot.delivery.sender_kit import Make, SenderKit, make_kit
from tests.conftest import queue_due
from tests.services.conftest import on_display

pytestmark = pytest.mark.long

RATE, PEOPLE = 20, 60
"""Notifications a second, and members: three seconds for each wave."""
ENOUGH, TOO_SOON = timedelta(seconds=16), timedelta(seconds=1.5)
TICK = 0.3
"""Seconds after which what is due is queued at the latest."""


async def told(kit: SenderKit, opens_in: timedelta, wait: timedelta) -> tuple[Scheduled, Counter[str], int]:
    """Schedule a group; returns what the organiser is told, how many of each alert left before the opening, and how
    many of those that announce it left after."""
    services = kit.services
    services.context.rules = replace(services.context.rules, alert_lead=timedelta(seconds=1))
    item = (await on_display(services))[0]
    for member in kit.people:
        await services.voting.follow(member, item, on=True)
    opens_at = kit.clock.now() + opens_in
    opening = kit.clock.monotonic() + opens_in.total_seconds()
    found = await services.groups.schedule(item, opens_at, None, "test")
    assert isinstance(found, Scheduled)

    async def tick() -> None:
        while True:
            await kit.clock.sleep(TICK)

    async def over() -> bool:  # asked after each sleep; the time stands still meanwhile
        await queue_due(services)
        return kit.clock.now() > opens_at + wait and await kit.settled()

    ticking = asyncio.create_task(tick())
    async with kit.at_work():
        await kit.until(over)
    ticking.cancel()
    before, late = Counter[str](), 0
    for call, left_at in zip(kit.sends(), kit.sends_at, strict=True):
        said = call["params"].get("caption") or call["params"].get("text")
        kind = "scheduled" if "is coming" in said else "soon" if "Your group opens in" in said else "open"
        if left_at < opening:
            before[kind] += 1
        elif kind != "open":
            late += 1
    return found, before, late


async def test_r24_all_that_fit_are_told_before_the_opening(make_kit: Make) -> None:
    kit = await make_kit(PEOPLE, rate=RATE)
    found, before, late = await told(kit, ENOUGH, timedelta(0))
    assert found.fits and found.lead > timedelta(seconds=PEOPLE / RATE)
    assert before == {"scheduled": PEOPLE, "soon": PEOPLE} and late == 0
    assert await kit.states("group-open") == {"sent": PEOPLE}


async def test_r26_none_is_told_after_the_opening_and_the_organiser_knows_it_before(make_kit: Make) -> None:
    kit = await make_kit(PEOPLE, rate=RATE)
    found, before, late = await told(kit, TOO_SOON, timedelta(seconds=1))
    assert not found.fits, "who schedules is told so"
    assert late == 0 and 0 < before["scheduled"] <= RATE * TOO_SOON.total_seconds() + 2
    states = await kit.states("group-scheduled")
    assert states.keys() == {"sent", "expired"} and states.total() == PEOPLE
    assert await kit.states("group-open") == {"sent": PEOPLE}, "that it is open is news for a while"


def _nothing_ever_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = module.plan_alerts

    def plan_alerts(opens_at: datetime, now: datetime, lead: timedelta) -> tuple[PlannedAlert, ...]:
        return tuple(
            replace(wave, expires_at=wave.expires_at + timedelta(hours=1)) for wave in plan(opens_at, now, lead)
        )

    monkeypatch.setattr(module, "plan_alerts", plan_alerts)


def _the_lead_ignores_the_audience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "lead", lambda audience, rate, minimum: minimum)


@pytest.mark.parametrize(
    ("bug", "opens_in"), [(_nothing_ever_expires, TOO_SOON), (_the_lead_ignores_the_audience, ENOUGH)]
)
async def test_a_planted_bug_is_seen(
    make_kit: Make, bug: Callable[[pytest.MonkeyPatch], None], opens_in: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug(monkeypatch)
    kit = await make_kit(PEOPLE, rate=RATE)
    _, before, late = await told(kit, opens_in, timedelta(seconds=1))
    assert late or (opens_in == ENOUGH and before["soon"] < PEOPLE)
