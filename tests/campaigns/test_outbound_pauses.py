"""Two senders on PostgreSQL, one of which is paused until its lease has expired, and then continues (R26)."""

from __future__ import annotations

import asyncio
import os
import random
import signal

import pytest

from tests.campaigns.outbound import ARRIVED, BOT, Key, Post, key_of
from tests.campaigns.points import SELDOM
from tests.campaigns.size import sized
from tests.services.conftest import one
from tests.waiting import until

pytestmark = [pytest.mark.long, pytest.mark.parametrize("goods", ["postgresql"], indirect=True)]

LEASE = 4.0
SLEEPER = "sleeper_bot"
SLEEPERS_TOKEN = "654321:a-token-for-the-sender-that-sleeps"
"""Each sender has its own token, so that the call log tells them apart."""
RANDOM_PAUSES = sized(small=2, full=8)
ANY_TIME = "any time"
MOMENTS = ("claimed", "read", "marking", "marked", "leaving", "answered", "noting", "sent", "recovered", ARRIVED)


async def two_senders(post: Post, moment: str, chance: random.Random, bug: str | None = None) -> list[Key]:
    """Pause a sender at this moment, let another one send everything, then let the first one continue.

    Returns the old notifications that the first one has sent after the pause.
    """
    post.box.add_bot(SLEEPERS_TOKEN, SLEEPER, "Sleeper")
    bots = (BOT, int(SLEEPERS_TOKEN.partition(":")[0]))
    await post.notifications(15, bots=bots)
    asked = {"lease": LEASE, "token": SLEEPERS_TOKEN, "bug": bug}
    number = chance.randrange(2, 8)
    if moment == ARRIVED:
        sleeper = await post.start(**asked)
        with post.at_arrival(number, lambda: os.kill(sleeper, signal.SIGSTOP)):
            assert await post.senders.ended(sleeper) == "paused"
    elif moment == ANY_TIME:
        sleeper = await post.start(**asked)
        await post.until_sent()
        await asyncio.sleep(chance.uniform(0, 0.4))
        os.kill(sleeper, signal.SIGSTOP)
        assert await post.senders.ended(sleeper) == "paused"
    else:
        sleeper = await post.start(**asked, point=(moment, 1 if moment in SELDOM else number, signal.SIGSTOP))
        assert await post.senders.ended(sleeper) == "paused"
    await asyncio.sleep(0.1)  # no event tells that the statement from before the pause has arrived
    await until(lambda: only_the_sleeper_stands_still(post))
    await post.broke_off()
    other = await post.start(lease=LEASE)
    await until(post.settled)
    assert await post.stop(other) == 0
    before = post.box.backend.call_log.count
    old = post.arrived()
    os.kill(sleeper, signal.SIGCONT)
    await post.notifications(5, bots=bots)
    await until(post.settled)
    assert await post.stop(sleeper) == 0
    sends = [call for call in post.sends() if call["n"] > before]
    assert {call["bot"] for call in sends} == {SLEEPER}, "who slept is at work again"
    return [key for call in sends if (key := key_of(call)) in old]


async def only_the_sleeper_stands_still(post: Post) -> bool:
    """Whether no statement of another connection runs. Half a statement may arrive late, so each look ends it."""
    await end_half_a_question(post)
    return await post.no_other_query_runs()


async def end_half_a_question(post: Post) -> None:
    """Do what `transaction_timeout` does from PostgreSQL 17 on, and an administrator does before.

    A process that is paused between Parse and Bind of a statement inside a transaction holds its row locks, and no
    other timeout ends that transaction.
    """
    await one(
        post.db,
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND state = 'active' AND wait_event = 'ClientRead' AND xact_start IS NOT NULL",
    )


@pytest.mark.parametrize("moment", MOMENTS)
async def test_r26_a_sender_paused_beyond_its_lease_sends_nothing_claimed_since(post: Post, moment: str) -> None:
    late = await two_senders(post, moment, random.Random(moment))
    assert not late, f"sent by a sender that had lost its claim: {late}"
    await post.judge()


@pytest.mark.parametrize("seed", range(RANDOM_PAUSES))
async def test_r26_after_a_pause_at_any_moment_at_most_the_call_under_way_is_sent(post: Post, seed: int) -> None:
    late = await two_senders(post, ANY_TIME, random.Random(seed))
    assert len(late) <= 1
    await post.judge()


@pytest.mark.parametrize(
    ("bug", "seen"),
    [("no fence", "doubled|lost|not as its policy"), ("no look at the lease", "sent by a sender that had lost")],
)
async def test_the_pauses_see_a_planted_bug(post: Post, bug: str, seen: str) -> None:
    with pytest.raises(AssertionError, match=seen):
        late = await two_senders(post, "marked", random.Random(1), bug=bug)
        assert not late, f"sent by a sender that had lost its claim: {late}"
        await post.judge()
