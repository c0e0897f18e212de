"""Distributes jobs to workers through taskiq: in this process, or over NATS JetStream or Redis.

A message carries only the ID of a job. The job and its claim are in the database: a duplicate message does nothing, and
a lost one is made up for by the search for open jobs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from taskiq import AsyncBroker, InMemoryBroker
from taskiq.acks import AcknowledgeType
from taskiq.receiver import Receiver

from bot.jobs.handlers import JobHandlers
from bot.ops.metrics import JOBS
from bot.telegram.redaction import error_of
from bot.worker import StopRequested, Worker
from services.clock import Clock
from services.jobs import LEASE, Job, Jobs
from storage.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

Message = TypeVar("Message")
Result = TypeVar("Result")

NAME = "errand"
AT_ONCE = 2
"""Jobs that one process runs at once: an import holds some pictures in memory, and drawing takes a core."""
MAX_ATTEMPTS = 3
_TRANSIENT = (DatabaseUnavailable, TelegramRetryAfter, TelegramNetworkError, TelegramServerError)
"""Errors that pass: they count as no attempt. A job that waits too long for that expires."""
_SOONEST, _LATEST = timedelta(seconds=10), timedelta(minutes=5)
"""Limits of the delay after a transient error, which is the age of the job."""
_DATABASE_AGAIN = 1.0
"""Seconds between two attempts to store an outcome."""
LOOK_EVERY = 15.0
"""Seconds between two searches for jobs that were not announced, or whose worker died."""
_TELLING = 2.0
"""Seconds that the broker may take to accept a message; after that the job is left to the search."""
_LEAVING = 5.0
"""Seconds that disconnecting may take."""
_QUEUE = "want_to_group_errands"
_CANCEL_AGAIN = 0.2
"""Seconds after which a cancelled read should have ended."""
_MOST_KEPT = 10_000
"""Messages that Redis keeps; it deletes none by itself. The search finds the jobs of trimmed ones."""


def make_broker(url: str | None) -> AsyncBroker:
    """The broker for TASKS_URL; None is this process. Does not connect yet."""
    if url is None:
        return InMemoryBroker()
    broker = _broker_at(url)
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


def _broker_at(url: str) -> AsyncBroker:
    if url.startswith(("redis://", "rediss://")):
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


class JobWorker(Worker):
    """Announces jobs, and with `works` runs them. `look_every` is in seconds."""

    def __init__(
        self,
        url: str | None,
        jobs: Jobs,
        job_handlers: JobHandlers,
        clock: Clock,
        *,
        works: bool = True,
        look_every: float = LOOK_EVERY,
    ) -> None:
        super().__init__(clock, log, "jobs")
        self._url = url
        self._jobs = jobs
        self._job_handlers = job_handlers
        self._works = works
        self._look_every = look_every
        self._broker: AsyncBroker
        self._task: Any
        self._make_broker()
        self._connected = asyncio.Event()
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._running: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        jobs.announce = self.announce

    def _make_broker(self) -> None:
        self._broker = make_broker(self._url)

        async def job(job_id: int) -> None:  # taskiq renames the function, which a method does not allow
            await self.do(job_id)

        self._task = self._broker.register_task(job, NAME)

    async def announce(self, job_id: int) -> None:
        """Send the ID of a job to a worker. Never raises: the search finds jobs whose message is lost."""
        if self.stopping or not (self._url is None or self._connected.is_set()):
            return
        try:
            async with asyncio.timeout(_TELLING):
                await self._task.kiq(job_id)
        except Exception as error:  # each broker has its own errors
            log.warning("job %s could not be announced, the search will find it: %s", job_id, error_of(error))

    async def run(self) -> None:
        """Work until stopped."""
        with contextlib.suppress(
            DatabaseUnavailable
        ):  # stopped before the database is available: the next start does it
            await self._store(self._jobs.start)
        await asyncio.gather(self._serve(), self._look())
        if self._tasks:
            await asyncio.wait(self._tasks)
        if isinstance(self._broker, InMemoryBroker):
            await self._broker.wait_all()
        await self._disconnect()

    async def _serve(self) -> None:
        """Stay connected to the broker, and with `works` run the jobs that it delivers."""
        while self._url is not None and not self.stopping:
            try:
                await self.unless_stopped(self._broker.startup())
                self._connected.set()
                self.backoff.reset()
                if self._works:
                    taker = Receiver(
                        self._broker, max_async_tasks=AT_ONCE, ack_type=AcknowledgeType.WHEN_EXECUTED, run_startup=False
                    )
                    await taker.listen(self._stop_event)
                else:
                    await self.stopped()
            except StopRequested:
                return
            except Exception as error:
                wait = self.next_delay()
                log.warning("TASKS_URL cannot be reached, next attempt in %.0f s: %s", wait, error_of(_first(error)))
                self._connected.clear()
                await self._disconnect()
                self._make_broker()
                await self.pause(wait)

    async def _disconnect(self) -> None:
        """Disconnect from the broker, if it responds."""
        leaving = asyncio.ensure_future(self._broker.shutdown())
        await asyncio.wait({leaving}, timeout=_LEAVING)
        if not leaving.done():
            leaving.cancel()  # not awaited: the client may swallow the cancellation
        elif not leaving.cancelled() and (error := leaving.exception()) is not None:
            log.info("disconnecting from TASKS_URL failed: %s", error_of(_first(error)))

    async def _look(self) -> None:
        """Search for open jobs that no worker holds, repeatedly."""
        while self._works and not self.stopping:
            try:
                for job_id in set(await self._jobs.due()) - self._running:
                    task = asyncio.create_task(self.do(job_id))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
            except Exception as error:
                log.error("the search for open jobs failed", exc_info=error)
            await self.pause(self._look_every)

    async def do(self, job_id: int) -> None:
        """Run a job, unless it is claimed or has ended. Raises only DatabaseUnavailable."""
        if job_id in self._running:
            return
        self._running.add(job_id)
        try:
            async with self._gate:
                job = None if self.stopping else await self._jobs.claim(job_id)
                if job is not None:
                    await self._run_claimed(job)
        finally:
            self._running.discard(job_id)

    async def _run_claimed(self, job: Job) -> None:
        if job.late:
            await self._end(job, "expired")
            return
        if job.failures > MAX_ATTEMPTS:  # each worker that claimed it died
            await self._give_up(job)
            return
        try:
            async with self._heartbeats(job):
                await self._job_handlers.do(job)
        except TelegramForbiddenError:
            await self._end(job, "failed")
        except Exception as error:
            if isinstance(error, _TRANSIENT) and not isinstance(error, TelegramEntityTooLarge):
                wait = min(max(job.age, _SOONEST), _LATEST)
                if isinstance(error, TelegramRetryAfter):
                    wait = max(wait, timedelta(seconds=error.retry_after))
                log.warning(
                    "job %s (%s) is postponed for %.0f s: %s", job.id, job.kind, wait.total_seconds(), error_of(error)
                )
                await self._store(partial(self._jobs.postpone, job, wait))
                return
            log.error("job %s (%s) failed (attempt %s)", job.id, job.kind, job.failures, exc_info=error)
            if isinstance(error, TelegramBadRequest) or job.failures == MAX_ATTEMPTS:
                await self._give_up(job)
            else:
                await self._store(partial(self._jobs.retry_in, job, timedelta(seconds=2**job.failures)))
        else:
            await self._end(job, "done")

    async def _end(self, job: Job, state: str) -> None:
        if await self._store(partial(self._jobs.end, job, state)):
            JOBS.labels(job.kind, state).inc()

    async def _store(self, change: Callable[[], Awaitable[Result]]) -> Result:
        """Store an outcome. Waits while the database is unavailable, because a job without an outcome would run again.
        Raises DatabaseUnavailable when the bot stops meanwhile."""
        while True:
            last = self.stopping
            try:
                stored = await change()
            except DatabaseUnavailable as error:
                self.outage_log.unavailable(error)
                if last:
                    raise
            else:
                self.outage_log.available()
                return stored
            await self.pause(_DATABASE_AGAIN)

    async def _give_up(self, job: Job) -> None:
        await self._end(job, "failed")
        try:
            await self._job_handlers.apologise(job)
        except Exception as error:
            log.warning("job %s: the member could not be told of the failure: %s", job.id, error_of(error))

    @contextlib.asynccontextmanager
    async def _heartbeats(self, job: Job) -> AsyncIterator[None]:
        """Send heartbeats, so that no other worker claims the job."""

        async def keep() -> None:
            while True:
                await self.clock.sleep(LEASE.total_seconds() / 3)
                try:
                    await self._jobs.heartbeat(job)
                except Exception as error:
                    log.warning("job %s: the heartbeat failed: %s", job.id, error_of(error))

        keeping = asyncio.create_task(keep())
        try:
            yield
        finally:
            keeping.cancel()


def _first(error: BaseException) -> BaseException:
    """The error that a group of errors began with."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
