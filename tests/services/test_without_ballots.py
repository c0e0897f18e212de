"""Members without ballots: a vote that is refused for lack of one becomes a follow (R14, R26)."""

from __future__ import annotations

from datetime import timedelta

from bot.services import Services
from domain.notifications import NotificationKind
from domain.voting import Reason
from storage.db import Database
from tests.conftest import Watch, meet, queue_due
from tests.services.conftest import ask, assert_sound, on_display, order, voter, wants
from tests.services.test_scheduling import deliver


async def test_r26_a_vote_without_a_ballot_becomes_a_follow_that_is_told_of_the_group(
    display: Services, db: Database, watch: Watch
) -> None:
    await order(db, "UPDATE campaigns SET state = 'queued'")
    ann, item = await meet(display), (await on_display(display))[0]
    for _ in range(2):
        answer = await display.voting.cast(ann, item)
        assert answer.refused is not None and answer.refused.reason is Reason.NO_BALLOTS
        assert answer.following and not answer.voted
    assert await wants(display, item) == 0 and len(await ask(db, "SELECT * FROM follows")) == 1
    await display.groups.schedule(item, watch.time + timedelta(hours=5), None, "test")
    await queue_due(display)
    assert await deliver(display) == [(NotificationKind.GROUP_SCHEDULED, ann.chat_id)]
    await assert_sound(db)


async def test_r26_only_the_lack_of_a_ballot_makes_a_follow(display: Services, db: Database) -> None:
    ann, goods = await voter(display, ballots=9), await on_display(display)
    for item in goods[:6]:
        last = await display.voting.cast(ann, item)
    assert last.refused is not None and last.refused.reason is Reason.DAY_LIMIT and not last.following
    await display.voting.cast(ann, goods[0])
    assert await ask(db, "SELECT * FROM follows") == []


async def test_r26_a_follow_made_so_can_be_ended(display: Services, watch: Watch) -> None:
    ann, item = await meet(display), (await on_display(display))[0]
    await display.voting.cast(ann, item)
    watch.advance(seconds=3)
    assert not (await display.voting.follow(ann, item, on=False)).following
