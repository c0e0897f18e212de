"""Organisers who may decide on an appeal are told that it waits (R29)."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.services import Services
from domain.notifications import NotificationKind
from domain.people import Member
from services.notifications.case_kinds import AppealWaits
from services.notifications.kinds import Skip
from tests.conftest import Watch
from tests.services.test_bans_that_wait import ban, organisers
from tests.services.test_confirmed_cases import item, voters

pytestmark = pytest.mark.postgresql_later


async def told(services: Services) -> list[tuple[int, AppealWaits | Skip]]:
    """What is sent of appeals now, with the member it goes to."""
    claimed = [each for each in await services.outbox.claim(50) if each.kind is NotificationKind.APPEAL_WAITS]
    found = [(each.member_id or 0, await services.outbox.contents(each)) for each in claimed]
    return [(to, said) for to, said in found if isinstance(said, (AppealWaits, Skip))]


async def test_r29_who_may_decide_on_an_appeal_and_did_not_record_it_is_told(
    display: Services, item: int, voters: list[Member], organisers: list[Member]
) -> None:
    decider, recorder, third = organisers
    case_id = (await ban(display, item, voters, decider.as_organiser)).case_id
    assert await display.appeals.record(case_id, "It was not us", recorder.as_organiser) is None
    ((to, said),) = await told(display)
    assert to == third.id and isinstance(said, AppealWaits) and said.case.id == case_id


async def test_r29_a_decided_appeal_waits_no_longer(
    display: Services, item: int, voters: list[Member], organisers: list[Member]
) -> None:
    case_id = (await ban(display, item, voters, organisers[0].as_organiser)).case_id
    assert await display.appeals.record(case_id, "It was not us", "command") is None
    await display.appeals.decide(case_id, "It was", organisers[1].as_organiser, granted=False)
    assert [isinstance(said, Skip) for _, said in await told(display)] == [True, True]


async def test_r29_a_single_organiser_is_told_when_they_may_decide(
    display: Services, item: int, voters: list[Member], organisers: list[Member], watch: Watch
) -> None:
    only = organisers[0]
    display.context.rules = replace(display.context.rules, organisers=frozenset({only.chat_id}))
    case_id = (await ban(display, item, voters, only.as_organiser)).case_id
    assert await display.appeals.record(case_id, "It was not us", only.as_organiser) is None
    watch.advance(hours=23)
    assert await told(display) == []
    watch.advance(hours=1)
    ((to, said),) = await told(display)
    assert to == only.id and isinstance(said, AppealWaits)
