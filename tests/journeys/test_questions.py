"""Open questions of the bot and their answers (R14, R24, R27)."""

from __future__ import annotations

import pytest

from sandbox.testing import TestUser
from tests.conftest import meet
from tests.journeys.conftest import Town

NOT_UNDERSTOOD = "I did not understand that"


async def asked_for_a_time(town: Town) -> TestUser:
    """The organiser, with an open question about the opening of the only good."""
    olga = await town.organiser()
    await town.stock(1)
    await olga.says("/desk")
    await olga.taps("🏆")
    await olga.taps("Thing")
    await olga.taps("✍️")
    return olga


@pytest.mark.parametrize("next_step", ["/goods", "/mine", "/help", "/cancel"])
async def test_a_command_or_tap_closes_an_open_question_r27(town: Town, next_step: str) -> None:
    ann = await town.person("Ann")
    await ann.says("/settings")
    await ann.taps("🌙")
    await ann.sees("When shall it be quiet?")
    await ann.says(next_step)
    await ann.says("Hello, how do I order?")
    await ann.sees(NOT_UNDERSTOOD)
    assert not any("two times of day" in message.text for message in ann.messages())


async def test_a_tap_on_another_button_ends_a_question_r24(town: Town) -> None:
    olga = await asked_for_a_time(town)
    await olga.taps("↩️")
    await olga.sees("Expected price")
    await olga.says("Thanks")
    await olga.sees(NOT_UNDERSTOOD)


async def test_a_question_about_a_time_names_the_good_and_leads_back_r24(town: Town) -> None:
    olga = await asked_for_a_time(town)
    assert (await olga.sees("Write it as")).labels == ["↩️ Back"]
    answers = {
        "soon": "I did not understand that time.",
        "2026-01-01 10:00": "That time is over already.",
        "2027-11-26 10:00": "That is more than a year ahead.",
        "9999-12-31 23:59": "That is more than a year ahead.",
        "9999-12-31T23:59-12:00": "That is more than a year ahead.",
        "0001-01-01T00:00+14:00": "That time is over already.",
    }
    for wrong, why in answers.items():
        await olga.says(wrong)
        again = await olga.sees(why)
        assert "Thing g0" in again.text and "Write it as" in again.text and again.labels == ["↩️ Back"]
    await olga.says("2026-11-25 10:00")
    await olga.sees("Open the group tomorrow at 10:00")
    await olga.says("Thanks")
    await olga.sees(NOT_UNDERSTOOD)


@pytest.mark.parametrize("written", ["2026/11/25 10：00", "明天 10:00", "１１月２５日　１０：００", "明天上午十点"])
async def test_a_time_is_read_as_chinese_keyboards_write_it_r24(town: Town, written: str) -> None:
    olga = await asked_for_a_time(town)
    await olga.says(written)
    await olga.sees("Open the group tomorrow at 10:00")


async def test_a_day_without_a_time_is_asked_about_and_never_taken_for_midnight_r24(town: Town) -> None:
    olga = await asked_for_a_time(town)
    await olga.says("2026-11-26")
    asked = await olga.sees("At what time on Thu 26 Nov?")
    assert "Thing g0" in asked.text and asked.labels == ["↩️ Back"]
    await olga.says("late")
    await olga.sees("I did not understand that time.")
    await olga.says("11月25日")
    await olga.sees("At what time on Wed 25 Nov?")
    await olga.says("１０：００")
    await olga.sees("Open the group tomorrow at 10:00")
    await olga.says("Thanks")
    await olga.sees(NOT_UNDERSTOOD)


async def test_quiet_hours_grants_and_commands_are_read_as_chinese_keyboards_write_them_r27(town: Town) -> None:
    ann, olga = await town.person("Ann", id=1001), await town.organiser()
    await ann.says("／ｓｅｔｔｉｎｇｓ")
    await ann.taps("🌙")
    await ann.says("23：00－7：30")
    await ann.sees("Quiet hours: 23:00-07:30")
    await ann.says("/settings")
    await ann.taps("🌙")
    await ann.says("／goods")
    await ann.sees("nothing on display")
    await olga.says("/desk")
    await olga.taps("🎁")
    await olga.says("\u200e１００１\u202c　３　谢谢１次")
    await olga.sees("1001 was given 3 ballots")
    assert "谢谢１次" in (await ann.sees("You were given 3 ballots")).text, "what is shown stays as it was written"


async def test_a_wrong_id_is_corrected_by_a_second_answer_r14(town: Town) -> None:
    ann = await town.person("Ann", id=1001)
    await ann.says("/start")
    olga = await town.organiser()
    await olga.says("/desk")
    await olga.taps("🎁")
    assert (await olga.sees("Who gets them, how many, and why?")).labels == ["↩️ Back"]
    await olga.says("Ann, three")
    assert (await olga.sees("That was not an ID")).labels == ["↩️ Back"]
    await olga.says("1010 3 Thank you")
    assert (await olga.sees("Nobody with the ID 1010")).labels == ["↩️ Back"]
    await olga.says("1001 3 Thank you")
    await olga.sees("1001 was given 3 ballots")
    await olga.says("1001 3 Thank you")
    await olga.sees(NOT_UNDERSTOOD)
    assert (await town.services.voting.mine(await meet(town.services, 1001), 0)).purse.ballots_left == 3


async def test_the_answer_to_invalid_quiet_hours_leads_to_the_settings_r27(town: Town) -> None:
    ann = await town.person("Ann")
    await ann.says("/settings")
    await ann.taps("🌙")
    await ann.says("at night")
    assert (await ann.sees("two times of day")).labels == ["↩️ Back"]
    await ann.says("23:00-07:30")
    await ann.sees("Quiet hours: 23:00-07:30")
