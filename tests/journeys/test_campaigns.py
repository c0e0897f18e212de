"""An organiser watches and controls campaigns, and releases them after a restore."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from domain.notifications import NotificationKind
from tests.journeys.conftest import Town
from tests.waiting import until


async def until_sent(town: Town, kind: NotificationKind) -> None:
    """A notification can be read a moment before it is stored as sent."""
    [found] = [campaign for campaign in await town.services.campaigns.latest(10) if campaign.kind is kind]

    async def is_sent() -> bool:
        campaign = await town.services.campaigns.one(found.id)
        return campaign is not None and campaign.tally.states.get("sent", 0) > 0

    await until(is_sent)


async def test_an_organiser_pauses_resumes_and_cancels_a_campaign(town: Town) -> None:
    olga, ann = await town.organiser(), await town.person("Ann", yuan="300.00")
    for user in (olga, ann):
        await user.says("/start")
        await user.sees("Hello")
    await town.stock()
    await ann.sees("Today's goods")
    await ann.taps("🙋")
    await ann.sees("1 person wants it")
    [(item, _)] = [found for found in await town.services.goods.ranking() if found[0].wants]
    opens_at = town.box.clock.now() + timedelta(hours=5)
    await town.services.groups.schedule(item.id, opens_at, None, "test")
    await ann.sees("Your group is coming")

    await olga.says("/desk")
    await olga.sees("Desk")
    await olga.taps("📨")
    await olga.sees("Group coming")
    await olga.taps("⏰ Opens soon")
    await olga.sees("1 person will be told")
    screen = olga.last()
    answers = await asyncio.gather(olga.taps("⏸", message=screen), olga.taps("⏸", message=screen))
    assert [answer.text or "" for answer in answers] == ["", ""], "the second half finds it paused"
    await olga.sees("⏸ paused")
    assert "tap again in a moment" in ((await olga.taps("▶️")).text or ""), "a double tap"
    town.pass_time(hours=4.7)
    await town.shows_nothing_new(ann)
    await olga.taps("▶️")
    await ann.sees("Your group opens in")
    await until_sent(town, NotificationKind.GROUP_SOON)
    await olga.taps("🔄")
    arrived = await olga.sees("Sent: 1")
    assert "✅ done" in arrived.text and not [one for one in arrived.labels if one.startswith(("⏸", "✖️"))]
    await olga.taps("↩️")
    await olga.sees("Deliveries")
    await olga.taps("🎉 Alert at opening")
    await olga.sees("starts today")
    await olga.taps("✖️")
    await olga.sees("cannot be undone")
    await olga.taps("✖️")
    await olga.sees("✖️ cancelled")
    town.pass_time(hours=0.5)
    await town.shows_nothing_new(ann)


async def test_after_a_restore_nothing_is_sent_before_an_organiser_releases_it(town: Town) -> None:
    olga, ann = await town.organiser(), await town.person("Ann")
    for user in (olga, ann):
        await user.says("/start")
        await user.sees("Hello")
    async with town.services.context.db.write() as connection:
        since = town.box.clock.now().isoformat()
        await connection.exec_driver_sql(f"INSERT INTO key_values (name, value) VALUES ('held_since', '{since}')")
    await town.stock()
    await town.shows_nothing_new(ann)
    await olga.says("/desk")
    await olga.sees("Deliveries are held")
    answer = await olga.taps("▶️")
    assert answer.text and "go on" in answer.text
    await ann.sees("Today's goods")
    assert "held" not in olga.last().text
