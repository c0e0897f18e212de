"""The message brokers that announce jobs to other processes, through taskiq: NATS JetStream or Redis.

Imported only with TASKS_URL: taskiq takes long to load.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import TypeVar

from taskiq import AsyncBroker

from services.jobs import LEASE

Message = TypeVar("Message")

_QUEUE = "want_to_group_errands"
_CANCEL_AGAIN = 0.2
"""Seconds after which a cancelled read should have ended."""
_MOST_KEPT = 10_000
"""Messages that Redis keeps; it deletes none by itself. The search finds the jobs of trimmed ones."""


def make_broker(url: str) -> AsyncBroker:
    """The broker at a TASKS_URL. Does not connect yet."""
    broker = _redis(url) if url.startswith(("redis://", "rediss://")) else _nats(url)
    broker.listen = partial(ending, broker.listen)  # type: ignore[method-assign]
    return broker


async def ending(listen: Callable[[], AsyncGenerator[Message]]) -> AsyncGenerator[Message]:
    """The messages of a broker, until the reader closes this generator.

    taskiq cancels a read once and waits for it. A client between two answers may swallow the cancellation and read on,
    so that the process would never stop: it is cancelled repeatedly.
    """
    async with contextlib.aclosing(listen()) as messages:
        while True:
            reading = asyncio.ensure_future(anext(messages))
            try:
                await asyncio.wait({reading})
            finally:
                while not reading.done():
                    reading.cancel()
                    await asyncio.wait({reading}, timeout=_CANCEL_AGAIN)
            yield reading.result()


def _redis(url: str) -> AsyncBroker:
    from taskiq_redis import RedisStreamBroker

    return RedisStreamBroker(
        url,
        queue_name=_QUEUE,
        consumer_group_name=_QUEUE,
        consumer_id="0",  # includes messages from before the first worker
        maxlen=_MOST_KEPT,
        idle_timeout=round(LEASE.total_seconds() * 1000),
        unacknowledged_lock_timeout=30,
        socket_connect_timeout=5,
    )


def _nats(url: str) -> AsyncBroker:
    from nats.js.api import AckPolicy, ConsumerConfig, RetentionPolicy, StreamConfig
    from taskiq_nats import PullBasedJetStreamBroker

    return PullBasedJetStreamBroker(
        url,
        subject=_QUEUE,
        stream_name=_QUEUE,
        durable=_QUEUE,
        stream_config=StreamConfig(retention=RetentionPolicy.WORK_QUEUE, max_msgs=_MOST_KEPT),
        consumer_config=ConsumerConfig(
            durable_name=_QUEUE, ack_policy=AckPolicy.EXPLICIT, ack_wait=LEASE.total_seconds()
        ),
        pull_consume_timeout=5,
        connect_timeout=5,
        max_reconnect_attempts=-1,
    )
