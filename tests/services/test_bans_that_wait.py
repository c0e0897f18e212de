"""A ban above one month waits for a second organiser, and those who may agree are told (R29)."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.services import Services
from domain.notifications import NotificationKind
from domain.people import Member
from services.notifications.case_kinds import BanWaits
from services.notifications.kinds import Skip
from storage.brushing.bans import StoredBan
from storage.db import Database
from tests.conftest import Watch, meet
from tests.services.conftest import assert_sound, one
from tests.services.test_cases import suspicion
from tests.services.test_confirmed_cases import FALSE, HONEST, confirm, item, voters

pytestmark = pytest.mark.postgresql_later


@pytest.fixture
async def organisers(display: Services, item: int) -> list[Member]:
    """Three organisers; a fourth has never written to the bot."""
    found = [await meet(display, 5001 + number, f"O{number}") for number in range(3)]
    chats = {*(each.chat_id for each in found), 4444}
    display.context.rules = replace(display.context.rules, organisers=frozenset(chats))
    return found


async def ban(services: Services, item: int, voters: list[Member], actor: str, false: int = FALSE + 1) -> StoredBan:
    """A ban by a case on so many false votes; more than one month where it is half of them."""
    await services.cases.suspect(suspicion(item, voters[:false]))
    (case,) = await services.cases.undecided()
    return (await confirm(services, case.id, actor)).ban


async def told(services: Services) -> list[tuple[int, BanWaits | Skip]]:
    """What is sent of bans now, with the member it goes to."""
    claimed = [each for each in await services.outbox.claim(50) if each.kind is NotificationKind.BAN_WAITS]
    found = [(each.member_id or 0, await services.outbox.contents(each)) for each in claimed]
    return [(to, said) for to, said in found if isinstance(said, (BanWaits, Skip))]


async def test_r29_the_other_organisers_are_told_once_that_a_longer_ban_waits(
    display: Services, item: int, voters: list[Member], organisers: list[Member], db: Database
) -> None:
    first, *others = organisers
    waits = await ban(display, item, voters, first.as_organiser)
    assert await one(db, "SELECT count(*) FROM notifications WHERE kind = 'ban-waits'") == 2
    found = await told(display)
    assert [to for to, _ in found] == [each.id for each in others]
    assert all(isinstance(said, BanWaits) and said.ban == waits and said.item.id == item for _, said in found)
    await assert_sound(db)


async def test_r29_every_organiser_is_told_of_what_was_decided_at_the_terminal(
    display: Services, item: int, voters: list[Member], organisers: list[Member]
) -> None:
    await ban(display, item, voters, "command")
    assert [to for to, _ in await told(display)] == [each.id for each in organisers]


async def test_r29_no_one_is_told_of_a_ban_that_needs_no_second_organiser(
    display: Services, item: int, voters: list[Member], organisers: list[Member], db: Database
) -> None:
    await ban(display, item, voters, organisers[0].as_organiser, FALSE)
    assert await one(db, "SELECT count(*) FROM notifications WHERE kind = 'ban-waits'") == 0


async def test_r29_a_single_organiser_is_not_told_to_agree(
    display: Services, item: int, voters: list[Member], organisers: list[Member], db: Database
) -> None:
    display.context.rules = replace(display.context.rules, organisers=frozenset({organisers[0].chat_id}))
    await ban(display, item, voters, organisers[0].as_organiser)
    assert await one(db, "SELECT count(*) FROM notifications WHERE kind = 'ban-waits'") == 0


async def test_r29_what_is_unsent_is_not_sent_once_an_organiser_has_agreed(
    display: Services, item: int, voters: list[Member], organisers: list[Member]
) -> None:
    waits = await ban(display, item, voters, organisers[0].as_organiser)
    assert isinstance(await display.cases.agree(waits.case_id, organisers[1].as_organiser), StoredBan)
    assert {type(said) for _, said in await told(display)} == {Skip}


async def test_r29_what_is_unsent_is_not_sent_once_an_appeal_has_lifted_the_ban(
    display: Services, item: int, voters: list[Member], organisers: list[Member], watch: Watch
) -> None:
    waits = await ban(display, item, voters, organisers[0].as_organiser)
    assert await display.appeals.record(waits.case_id, "true customers", organisers[0].as_organiser) is None
    await display.appeals.decide(waits.case_id, "they are", organisers[1].as_organiser, granted=True)
    assert {type(said) for _, said in await told(display)} == {Skip}
