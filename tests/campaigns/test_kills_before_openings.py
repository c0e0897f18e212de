"""Senders that are killed half a minute before an opening: who is started at once tells everyone in time (R24, R26)."""

from __future__ import annotations

import os
import signal
from collections import Counter
from datetime import timedelta

import pytest

from services.groups import Scheduled
from tests.campaigns.outbound import Post
from tests.campaigns.size import sized
from tests.conftest import queue_due
from tests.services.conftest import ask, on_display, order

pytestmark = pytest.mark.long

PEOPLE, KILLS = sized(small=(80, 1), full=(200, 3))
BEFORE = timedelta(seconds=30)
"""A tenth of the lease, whose end would come too late."""
HOURS = timedelta(hours=5)
RATE = 25


async def half_a_minute_before(post: Post) -> None:
    """Everyone follows one good; its group opens in half a minute, and all are to be told so now."""
    post.rate = RATE
    await post.notifications(PEOPLE, items=0)
    services, item = post.services, (await on_display(post.services))[0]
    await order(
        post.db, "INSERT INTO follows (item_id, member_id, at) SELECT :item, id, seen_at FROM members", item=item
    )
    assert isinstance(
        await services.groups.schedule(item, services.context.clock.now() + HOURS, None, "test"), Scheduled
    )
    await order(post.db, "UPDATE campaigns SET state = 'queued' WHERE kind <> 'group-soon'")
    await order(post.db, "UPDATE notifications SET state = 'cancelled'")
    post.box.clock.advance(HOURS - BEFORE)
    while (await post.states())["pending"] < PEOPLE:
        assert await queue_due(services)


async def killed(post: Post, number: int) -> None:
    """Kill a sender at work; the clock goes on as it does."""
    await post.until_sent(RATE // 3)
    os.kill(number, signal.SIGKILL)
    assert await post.senders.ended(number) == -signal.SIGKILL
    await post.nothing_is_left_of_it()
    await post.broke_off()


async def test_r24_kills_half_a_minute_before_an_opening_cost_no_one_the_alert(post: Post) -> None:
    await half_a_minute_before(post)
    for _ in range(KILLS):
        await killed(post, await post.start())
    await post.finish()
    told = Counter(int(call["chat_id"]) for call in post.sends() if call["ok"])
    cut_off = Counter(number for number, _ in post.flights)
    rows = await ask(
        post.db,
        "SELECT n.id, n.state, m.chat_id FROM notifications n JOIN members m ON m.id = n.member_id "
        "WHERE n.kind = 'group-soon'",
    )
    assert len(rows) == PEOPLE
    for row in rows:
        twice = cut_off[row.id] > 1
        assert row.state == ("unknown" if twice else "sent"), row
        assert (0 if twice else 1) <= told[row.chat_id] <= 1 + min(cut_off[row.id], 1), row
