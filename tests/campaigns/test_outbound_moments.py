"""Delivery under kill -9 at each named moment in the life of a notification (R26)."""

from __future__ import annotations

import pytest

from tests.campaigns.outbound import ARRIVED, Post
from tests.campaigns.points import POINTS, SELDOM
from tests.campaigns.size import sized

pytestmark = pytest.mark.long

TIMES_EACH = sized(small=1, full=4)


@pytest.mark.parametrize("point", [*POINTS, ARRIVED])
async def test_r26_kills_at_each_moment_of_a_notifications_life(post: Post, point: str) -> None:
    await post.notifications(20)
    for number in range(1, TIMES_EACH + 1):
        if point.startswith("put"):
            post.box.backend.faults.add({"kind": "429", "method": "sendPhoto", "retry_after": 1, "count": 1})
        if point == "recovering":  # a start writes only if there is something to recover
            await post.killed_at("leaving", 1)
        await post.killed_at(point, 1 if point in SELDOM else 4 * number)
    await post.finish()
    await post.judge()
