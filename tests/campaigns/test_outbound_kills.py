"""Delivery under kill -9, at random times (R26)."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.campaigns.outbound import ARRIVED, Post
from tests.campaigns.size import sized

pytestmark = pytest.mark.long

KILLS, CAUGHT_IN_FLIGHT = sized(small=(24, 1), full=(200, 26))
"""The number of kills, and of notifications that they must catch in flight: on average one for each kill."""
READERS, PEOPLE = sized(small=(30, 60), full=(300, 400))
"""The number of members with two alerts and the carousel, and of members with the carousel only."""


async def killed_at_random(post: Post, kills: int) -> None:
    """Kill one sender after the other, some before their first notification; let the last one finish."""
    chance = random.Random(26)
    for _ in range(kills):
        await post.top_up()
        number = await post.start()
        if chance.random() < 0.8:
            await post.until_sent()
        await asyncio.sleep(chance.uniform(0, 0.2))
        await post.kill(number)
    await post.finish()


@pytest.mark.parametrize(("members", "items"), [(READERS, 2), (PEOPLE, 0)], ids=["alerts", "carousels"])
async def test_r26_kills_at_random_times(post: Post, members: int, items: int) -> None:
    """Half of the kills happen while alerts are sent, the other half while carousels are sent."""
    await post.notifications(members, items)
    await killed_at_random(post, KILLS // 2)
    figures = await post.judge()
    assert figures.crashes == KILLS // 2 and figures.in_flight >= CAUGHT_IN_FLIGHT


@pytest.mark.parametrize(
    ("bug", "point", "seen"),
    [
        ("nothing is marked", ARRIVED, "doubled"),
        ("whatever was in flight leaves again", ARRIVED, "doubled|not as its policy says"),
        ("recovery gives up", "read", "lost"),
    ],
)
async def test_the_kills_see_a_planted_bug(post: Post, bug: str, point: str, seen: str) -> None:
    await post.notifications(20, items=0)
    await post.killed_at(point, 5, bug=bug)
    await post.finish(bug=bug)
    with pytest.raises(AssertionError, match=seen):
        await post.judge()
