"""Delivery when the program is stopped, as by systemd or a rolling deploy: nothing is repeated or uncertain."""

from __future__ import annotations

import asyncio
import random
import signal

import pytest

from tests.campaigns.outbound import Post
from tests.campaigns.size import sized

pytestmark = pytest.mark.long

STOPS = sized(small=12, full=100)


def slow_answers(post: Post) -> None:
    """Telegram answers slowly, so that notifications are in flight at each stop."""
    post.rate = 20
    post.box.backend.faults.add({"kind": "slow", "method": "sendPhoto", "seconds": 0.1})


async def stopped_at_random(post: Post, chance: random.Random, bug: str | None = None) -> None:
    """Start the whole program, and stop it early or late."""
    number = await post.start(role="all" if post.db.is_sqlite else "sender", bug=bug)
    at_work = chance.random() < 0.8
    if at_work:
        await post.until_sent()
    await asyncio.sleep(chance.uniform(0, 0.3))
    ended = await post.stop(number)
    assert ended == 0 or (not at_work and ended == -signal.SIGTERM), f"it has ended with {ended}"


async def test_r26_stops_repeat_nothing_and_leave_nothing_uncertain(post: Post) -> None:
    chance = random.Random(100)
    slow_answers(post)
    for _ in range(STOPS):
        await post.top_up()
        await stopped_at_random(post, chance)
        states = await post.states()
        assert not states["claimed"] and not states["inflight"], "a stop gives back what it held"
    post.box.backend.faults.remove()
    await post.finish()
    figures = await post.judge()
    assert figures.extra == 0 and not figures.undecided


async def test_the_stops_see_a_planted_bug(post: Post) -> None:
    chance = random.Random(100)
    await post.notifications(15)
    slow_answers(post)
    for _ in range(10):  # until something is in flight at a stop
        await stopped_at_random(post, chance, bug="a stop breaks off")
        broken_off = (await post.states())["inflight"]
        post.after_a_lease()
        if broken_off:
            break
    await post.finish()
    with pytest.raises(AssertionError, match=r"doubled|lost"):
        await post.judge()
