"""Decisions of organisers and their notifications: rejections, days, grants (R5, R6, R7, R14)."""

from __future__ import annotations

from sandbox.testing import TestUser
from tests.conftest import ORGANISER, meet
from tests.journeys.conftest import DOUBLE_TAP, Town


async def at_the_desk(town: Town) -> TestUser:
    olga = await town.organiser()
    await olga.says("/start")
    await olga.says("/desk")
    await olga.sees("Desk")
    return olga


async def test_voters_and_followers_are_notified_of_a_rejected_item_r5(town: Town) -> None:
    ann, eve = await town.person("Ann", yuan="300.00"), await town.person("Eve")
    for user in (ann, eve):
        await user.says("/start")
        await user.sees("Hello")
    await town.stock(1)
    await ann.sees("Today's goods")
    await ann.taps("🙋")
    olga = await at_the_desk(town)
    await olga.taps("🏆")
    await olga.taps("Thing")
    await olga.sees("When shall its group open?")
    await olga.taps("🍂")
    await olga.sees("What is the reason?")
    await olga.taps("Samples")
    await olga.sees("1 person is told why")
    rejected = await ann.sees("No group this time")
    assert rejected.has_photo and "samples" in rejected.text and "Your ballot is back" in rejected.text
    await ann.says("/mine")
    assert "3 ballots" in (await ann.sees("waits for a group right now")).text
    await ann.taps("🍂")
    await ann.sees("it did not make it to a group · 🎫 your ballot is back")
    await ann.taps("↩️")
    await ann.sees("waits for a group right now")
    assert not any("No group" in message.text for message in eve.messages())


async def test_a_time_later_than_promised_needs_confirmation_r6(town: Town) -> None:
    olga = await at_the_desk(town)
    await town.stock(1)
    await olga.taps("🏆")
    await olga.taps("Thing")
    await olga.taps("✍️")
    await olga.sees("Write it as")
    await olga.says("2026-12-24 10:00")
    await olga.taps("✅ Yes")
    assert "Thing g0" in (await olga.sees("later than two weeks after its round")).text
    await olga.taps("🗓 Schedule it all the same")
    await olga.sees("opens Thu 24 Dec, 10:00")


async def test_a_good_that_comes_back_is_not_said_to_have_been_left_undecided_r16(town: Town) -> None:
    olga = await at_the_desk(town)
    await town.stock(1)
    town.pass_time(days=1)
    await town.idle()
    await olga.taps("🏆")
    await olga.taps("Thing")
    old = await olga.sees("When shall its group open?")
    await olga.says("/desk")
    await olga.taps("🏆", message=await olga.sees("On display"))
    await olga.taps("Thing")
    screen = await olga.sees("When shall its group open?")
    assert "It comes back" in ((await olga.taps("🔁", message=screen)).text or "")
    await olga.sees("It came back as a new listing")
    assert screen.labels == ["↩️ Back"]
    await olga.taps("🗓", message=old)
    await olga.sees("It has ended without a group")
    await olga.taps("↩️", message=old)
    assert "It came back as a new listing" in old.text


async def test_a_day_becomes_a_day_off_and_follows_the_calendar_again_r7(town: Town) -> None:
    olga = await at_the_desk(town)
    await olga.taps("📅")
    await olga.taps("🟢 Wed 25 Nov · 24 h")
    assert "24 Nov" not in " ".join((await olga.sees("⚪️ Wed 25 Nov ✍️")).labels), "today's round is open"
    assert (await town.services.rounds.next_opening()).isoformat() == "2026-11-26T00:00:00+00:00"
    assert "tap again in a moment" in ((await olga.taps("⚪️ Wed 25 Nov ✍️")).text or ""), "a double tap"
    assert (await town.services.rounds.next_opening()).isoformat() == "2026-11-26T00:00:00+00:00"
    town.pass_time(seconds=DOUBLE_TAP)
    await olga.taps("⚪️ Wed 25 Nov ✍️")
    await olga.sees("🟢 Wed 25 Nov · 24 h")
    await olga.taps("🏪")
    await olga.sees("Desk")


async def test_a_decision_that_moves_the_end_of_the_round_needs_confirmation_r7(town: Town) -> None:
    olga = await at_the_desk(town)
    await town.stock(2)
    await olga.taps("📅")
    await olga.taps("🟢 Wed 25 Nov · 24 h")
    asked = "2 goods on display would close Thu 26 Nov, 08:00 (China Time) instead of tomorrow 08:00 (China Time)."
    await olga.sees(asked)
    assert (await town.services.rounds.next_opening()).isoformat() == "2026-11-25T00:00:00+00:00", (
        "the question changes nothing"
    )
    await olga.taps("↩️")
    await olga.taps("🟢 Wed 25 Nov · 24 h")
    await olga.taps("✅ Yes")
    await olga.sees("⚪️ Wed 25 Nov ✍️")
    assert (await town.services.rounds.next_opening()).isoformat() == "2026-11-26T00:00:00+00:00"
    await olga.taps("🟢 Fri 27 Nov · 72 h")
    await olga.sees("⚪️ Fri 27 Nov ✍️")


async def test_ballots_are_granted_and_the_member_reads_the_reason_r14(town: Town) -> None:
    ann = await town.person("Ann", id=1001)
    await ann.says("/start")
    await ann.sees("Hello")
    olga = await at_the_desk(town)
    await olga.taps("🎁")
    await olga.sees("Who gets them, how many, and why?")
    await olga.says("Ann, three")
    await olga.sees("That was not an ID")
    await olga.says("1001 3 Thank you for your help")
    await olga.sees("1001 was given 3 ballots")
    assert "Thank you for your help" in (await ann.sees("You were given 3 ballots")).text
    assert (await town.services.voting.mine(await meet(town.services, 1001), 0)).purse.ballots_left == 3
    await olga.taps("↩️")
    await olga.taps("🎁")
    await olga.says("1001 3 Thank you for your help")
    await olga.sees("just as many for the same reason")
    await olga.says("#1 1 A slip of mine")
    await olga.sees("3 → 1 ballot")
    assert "A slip of mine" in (await ann.sees("3 → 1 ballot")).text
    assert (await town.services.voting.mine(await meet(town.services, 1001), 0)).purse.ballots_left == 1
    await olga.says("/desk")
    await olga.taps("🎁")
    await olga.says("4711 1 Welcome")
    await olga.sees("Nobody with the ID 4711 has met the bot yet")


async def test_only_organisers_open_the_desk_r14(town: Town) -> None:
    """A forged tap and an answer without a question grant nothing."""
    ann = await town.person("Ann")
    assert ann.id != ORGANISER
    await ann.says("/desk")
    await ann.says(f"{ann.id} 100 Because I want to")
    await ann.says("/mine")
    await ann.sees("no ballots")
