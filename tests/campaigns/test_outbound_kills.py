"""Delivery under kill -9, at random times and at each named moment of a letter's life (R26)."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from contextlib import nullcontext

import pytest

from tests.campaigns.outbound import Post
from tests.campaigns.points import POINTS, SELDOM

KILLS = 200
TIMES_EACH = 4
ARRIVED = "arrived"
"""The bytes are with Telegram, and the answer has not left it."""


async def killed_at(post: Post, point: str, number: int, bug: str | None = None) -> None:
    """A sender that is killed when it comes to this point for the how-manieth time."""
    if point == ARRIVED:
        sender = await post.start(bug=bug)
        watch = post.at_arrival(number, lambda: os.kill(sender, signal.SIGKILL))
    else:
        sender = await post.start(bug=bug, point=(point, number, signal.SIGKILL))
        watch = nullcontext()
    with watch:
        assert await post.senders.ended(sender) == -signal.SIGKILL
    await post.broke_off()
    post.after_a_lease()


async def killed_at_random(post: Post, kills: int) -> None:
    """One sender after the other is killed, some before their first letter; the last one may finish."""
    chance = random.Random(26)
    for _ in range(kills):
        await post.top_up(items=1)
        number = await post.start()
        if chance.random() < 0.8:
            await post.until_sent()
        await asyncio.sleep(chance.uniform(0, 0.2))
        await post.kill(number)
    await post.finish()


async def test_r26_a_few_kills(post: Post) -> None:
    await killed_at_random(post, 4)
    await post.judge()


@pytest.mark.long
async def test_r26_two_hundred_kills_at_random_times(post: Post) -> None:
    await killed_at_random(post, KILLS)
    figures = await post.judge()
    assert figures.crashes == KILLS and figures.in_flight > KILLS / 4


@pytest.mark.long
@pytest.mark.parametrize("point", [*POINTS, ARRIVED])
async def test_r26_kills_at_each_moment_of_a_letters_life(post: Post, point: str) -> None:
    await post.letters(20)
    for number in range(1, TIMES_EACH + 1):
        if point.startswith("giv"):
            post.box.room.faults.add({"kind": "429", "method": "sendPhoto", "retry_after": 1, "count": 1})
        await killed_at(post, point, 1 if point in SELDOM else 4 * number)
    await post.finish()
    await post.judge()


@pytest.mark.long
@pytest.mark.parametrize(
    ("bug", "point", "seen"),
    [
        ("nothing is marked", ARRIVED, "doubled"),
        ("whatever was in flight leaves again", ARRIVED, "doubled"),
        ("recovery gives up", "claimed", "lost"),
    ],
)
async def test_the_kills_see_a_planted_bug(post: Post, bug: str, point: str, seen: str) -> None:
    await post.letters(20, items=0)
    await killed_at(post, point, 5, bug=bug)
    await post.finish(bug=bug)
    with pytest.raises(AssertionError, match=seen):
        await post.judge()
