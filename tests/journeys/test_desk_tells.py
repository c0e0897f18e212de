"""The desk says what will happen and what has happened: at night, when a group moves, when it was late (R24, R27)."""

from __future__ import annotations

from tests.journeys.conftest import Town
from tests.journeys.test_deciding import at_the_desk
from tests.waiting import until


async def test_a_special_round_at_night_says_who_is_told_and_is_not_shown_as_done(town: Town) -> None:
    ann, olga = await town.person("Ann"), await at_the_desk(town)
    await ann.says("/start")
    await ann.sees("Hello")
    await town.hand_in_goods()
    town.pass_time(hours=18)  # 04:00
    await olga.says("/desk")
    await olga.taps("⏩")
    asked = await olga.sees("Open a special round now with")
    assert "2 people are not told: their quiet hours end too late" in asked.text and "at once" not in asked.text
    answer = await olga.taps("✅ Yes")
    assert "2 people are not told" in (answer.text or "")

    async def queued() -> bool:
        return sum((await town.services.outbox.states()).values()) == 2

    await until(queued)
    town.pass_time(hours=4)
    await town.idle()
    await olga.says("/desk")
    await olga.taps("📨")
    listed = await olga.sees("☀️ Daily goods")
    assert "⌛ expired" in listed.text and "✅" not in listed.text
    await olga.taps("☀️ Daily goods")
    shown = await olga.sees("Expired: 2")
    assert "0 %" in shown.text and "✅" not in shown.text


async def test_scheduling_at_night_lets_members_sleep_and_says_so(town: Town) -> None:
    ann, olga = await town.person("Ann", yuan="300.00"), await at_the_desk(town)
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock(1)
    await ann.sees("Today's goods")
    await ann.taps("🙋")
    town.pass_time(hours=17)  # 03:00, when the round is still open
    await olga.says("/desk")
    await olga.taps("🏆")
    await olga.taps("1. Thing")
    await olga.taps("🗓 today 20:00")
    asked = await olga.sees("Open the group today at 20:00 (China Time)?")
    assert "Voting for it ends now." in asked.text
    assert "1 person is told after their quiet hours (today 08:00)." in asked.text
    await olga.taps("✅ Yes")
    assert "told after their quiet hours" in (await olga.sees("opens today 20:00")).text
    await town.shows_nothing_new(ann)
    town.pass_time(hours=5)
    await ann.sees("Your group is coming")


async def test_an_old_confirmation_moves_no_group_silently(town: Town) -> None:
    olga = await at_the_desk(town)
    await town.stock(1)
    await olga.taps("🏆")
    await olga.taps("Thing")
    await olga.taps("🗓 today 20:00")
    old = await olga.sees("Open the group today at 20:00 (China Time)?")
    await olga.says("/desk")
    await olga.taps("🏆")
    await olga.taps("1. Thing")
    await olga.taps("🗓 tomorrow 10:00")
    await olga.sees("Open the group tomorrow at 10:00 (China Time)?")
    await olga.taps("✅ Yes")
    await olga.sees("opens tomorrow 10:00")
    answer = await olga.taps("✅ Yes", message=old)
    assert answer.alert and "got another time meanwhile" in (answer.text or "")
    group = await town.services.groups.find("g0")
    assert group is not None and group.group_opens_at is not None and group.group_opens_at.hour == 2
    asked = await olga.sees("Until now it was to open at 10:00 tomorrow")
    await olga.taps("✅ Yes", message=asked)
    moved = await olga.sees("It was to open at 10:00 tomorrow")
    assert "opens today 20:00" in moved.text
