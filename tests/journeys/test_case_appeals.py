"""A shop appeals against a confirmed case: organisers record that, and another one decides, in the chat (R29)."""

from __future__ import annotations

from dataclasses import replace

from sandbox.testing import TestUser
from tests.conftest import ORGANISER
from tests.journeys.conftest import Town
from tests.journeys.test_cases import a_case

SECOND = ORGANISER + 1


async def second_organiser(town: Town) -> TestUser:
    """Another organiser, who has met the bot."""
    context = town.services.context
    context.rules = replace(context.rules, organisers=frozenset({ORGANISER, SECOND}))
    omar = await town.person("Omar", id=SECOND)
    await omar.says("/start")
    await omar.sees("Hello")
    return omar


async def test_r29_two_organisers_ban_a_shop_hear_its_appeal_and_bring_the_good_back(town: Town) -> None:
    omar = await second_organiser(town)
    olga, _ = await a_case(town)
    await olga.taps("⛔️ Confirm brushing")
    await olga.says("The shop paid for them")
    assert (
        "for 1 month, and for 3 months once another organiser agrees" in (await olga.sees("2 votes become void")).text
    )
    await olga.taps("⛔️ Yes")
    assert "Agree" not in " ".join((await olga.sees("3 months were asked for")).labels)
    await omar.says("/desk")
    await omar.taps("🔍 Cases")
    await omar.sees("brushing confirmed: 2 void")
    await omar.taps("1. Thing g0")
    await omar.taps("🤝 Agree")
    await omar.sees("for 3 months in all?")
    await omar.taps("🤝 Yes")
    await omar.sees("3 months were agreed to by you")
    await omar.taps("↩️")
    await omar.taps("🔒 Banned shops")
    assert "3 months, until" in (await omar.sees("· case 1")).text
    await omar.taps("1. ")
    await omar.sees("3 months were agreed to by you")
    await omar.taps("📋 What to tell")
    assert "you can appeal once" in (await omar.sees("Tap a text to copy it")).text
    await omar.taps("↩️")
    await omar.taps("📨 The shop appeals")
    await omar.says("A rival has bought them")
    await omar.sees("Record this as the appeal")
    await omar.taps("📨 Yes")
    await omar.sees("The shop has appealed, recorded by you")
    await omar.taps("✅ Grant")
    await omar.says("There is proof")
    await omar.sees("The void votes count again")
    answer = await omar.taps("✅ Yes")
    assert "2 votes count again" in (answer.text or "")
    granted = await omar.sees("The appeal was granted by you")
    assert "The ban of" in granted.text
    assert "Grant" not in " ".join(granted.labels)


async def test_r29_who_confirmed_the_case_does_not_decide_on_its_appeal(town: Town) -> None:
    omar = await second_organiser(town)
    olga, _ = await a_case(town)
    await olga.taps("⛔️ Confirm brushing")
    await olga.says("The shop paid for them")
    await olga.taps("⛔️ Yes")
    await olga.taps("📨 The shop appeals")
    await olga.says("It was not us")
    await olga.taps("📨 Yes")
    case = await olga.sees("waits for another organiser than you")
    assert "Refuse" not in " ".join(case.labels)
    await omar.says("/desk")
    await omar.taps("🔍 Cases")
    await omar.taps("1. Thing g0")
    await omar.taps("🚫 Refuse")
    await omar.says("It was them")
    await omar.sees("there is no other appeal")
    await omar.taps("🚫 Yes")
    await omar.sees("The appeal was refused by you")


async def test_r29_an_old_button_to_record_an_appeal_says_that_its_time_is_over(town: Town) -> None:
    olga, _ = await a_case(town)
    await olga.taps("⛔️ Confirm brushing")
    await olga.says("The shop paid for them")
    await olga.taps("⛔️ Yes")
    await olga.sees("The shop can appeal until")
    town.pass_time(days=8)
    await town.idle()
    answer = await olga.taps("📨 The shop appeals")
    assert answer.alert and "The seven days to appeal are over" in (answer.text or "")
    await olga.sees("The shop has not appealed")
