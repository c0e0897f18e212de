"""Brings errands to whoever does them, through taskiq: in this process, or over NATS JetStream or Redis.

A message carries the number of an errand and nothing else. What is to be done, and whether somebody does it, stands in
the database: a message that comes twice does nothing, and one that is lost is made up for by looking.
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
"""Errands done at the same time by one process: an import holds some pictures at once, and drawing takes a core."""
MOST_TRIES = 3
_NOBODYS_FAULT = (DatabaseUnavailable, TelegramRetryAfter, TelegramNetworkError, TelegramServerError)
"""What is over some day, whatever the errand: it counts as no try. An errand that waits for it for too long lapses."""
_SOONEST, _LATEST = timedelta(seconds=10), timedelta(minutes=5)
"""When it is tried again then: after as long as it has waited already, for what went wrong may have arrived."""
_DATABASE_AGAIN = 1.0
"""Seconds between two tries to store what became of an errand."""
LOOK_EVERY = 15.0
"""Seconds between two looks for errands that nobody was told of, or whose taker died."""
_TELLING = 2.0
"""Seconds within which the broker has to take a message; then the errand is left to be found."""
_LEAVING = 5.0
"""Seconds for which a broker is waited for at the end."""
_QUEUE = "want_to_group_errands"
_CANCEL_AGAIN = 0.2
"""Seconds after which a reading that was cancelled should have ended."""
_MOST_KEPT = 10_000
"""Messages that Redis keeps: it would never forget one by itself, and a trimmed one is made up for by looking."""


def make_broker(url: str | None) -> AsyncBroker:
    """The broker of an address as TASKS_URL has it; None is this process itself. Connects to nothing yet."""
    if url is None:
        return InMemoryBroker()
    broker = _broker_at(url)
    broker.listen = partial(ending, broker.listen)  # type: ignore[method-assign]
    return broker


async def ending(listen: Callable[[], AsyncGenerator[Message]]) -> AsyncGenerator[Message]:
    """What a broker brings, until whoever reads it ends that.

    taskiq cancels the reading once and waits. A client that is just then between two answers may swallow that and read
    on, and the process would never stop; so it is cancelled until it ends.
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
            consumer_id="0",  # what was sent before the first worker came counts, too
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
    """Tells others of errands, and with `works` does them. `look_every` is in seconds."""

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
        self._in_hand: set[int] = set()
        self._found: set[asyncio.Task[None]] = set()
        jobs.tell = self.tell

    def _make_broker(self) -> None:
        self._broker = make_broker(self._url)

        async def job(job_id: int) -> None:  # taskiq renames what it is given: a method cannot be renamed
            await self.do(job_id)

        self._task = self._broker.register_task(job, NAME)

    async def tell(self, job_id: int) -> None:
        """Send an errand's number on its way. Never raises: one that does not arrive is found."""
        if self.stopping or not (self._url is None or self._connected.is_set()):
            return
        try:
            async with asyncio.timeout(_TELLING):
                await self._task.kiq(job_id)
        except Exception as error:  # a broker's own errors are as many as there are brokers
            log.warning("errand %s could not be sent to a worker, it will be found: %s", job_id, error_of(error))

    async def run(self) -> None:
        """Work until stopped."""
        with contextlib.suppress(
            DatabaseUnavailable
        ):  # the bot stops before the database is there: the next start does it
            await self._store(self._jobs.start)
        await asyncio.gather(self._serve(), self._look())
        if self._found:
            await asyncio.wait(self._found)
        if isinstance(self._broker, InMemoryBroker):
            await self._broker.wait_all()
        await self._let_go()

    async def _serve(self) -> None:
        """Stay connected to the broker, and with `works` take what it brings."""
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
                log.warning("no way to TASKS_URL, next try in %.0f s: %s", wait, error_of(_first(error)))
                self._connected.clear()
                await self._let_go()
                self._make_broker()
                await self.pause(wait)

    async def _let_go(self) -> None:
        """Leave the broker, if it takes that."""
        leaving = asyncio.ensure_future(self._broker.shutdown())
        await asyncio.wait({leaving}, timeout=_LEAVING)
        if not leaving.done():
            leaving.cancel()  # and not waited for: its client may swallow that
        elif not leaving.cancelled() and (error := leaving.exception()) is not None:
            log.info("TASKS_URL was not left in order: %s", error_of(_first(error)))

    async def _look(self) -> None:
        """Find what nobody does, again and again."""
        while self._works and not self.stopping:
            try:
                for job_id in set(await self._jobs.due()) - self._in_hand:
                    task = asyncio.create_task(self.do(job_id))
                    self._found.add(task)
                    task.add_done_callback(self._found.discard)
            except Exception as error:
                log.error("errands could not be looked for", exc_info=error)
            await self.pause(self._look_every)

    async def do(self, job_id: int) -> None:
        """Do an errand, unless somebody does it or it has ended. Raises only where the database is away."""
        if job_id in self._in_hand:
            return
        self._in_hand.add(job_id)
        try:
            async with self._gate:
                job = None if self.stopping else await self._jobs.take(job_id)
                if job is not None:
                    await self._bring_to_its_end(job)
        finally:
            self._in_hand.discard(job_id)

    async def _bring_to_its_end(self, job: Job) -> None:
        if job.late:
            await self._end(job, "expired")
            return
        if job.failures > MOST_TRIES:  # whoever took it died of it, each time
            await self._give_up(job)
            return
        try:
            async with self._kept(job):
                await self._job_handlers.do(job)
        except TelegramForbiddenError:
            await self._end(job, "failed")
        except Exception as error:
            if isinstance(error, _NOBODYS_FAULT) and not isinstance(error, TelegramEntityTooLarge):
                wait = min(max(job.age, _SOONEST), _LATEST)
                if isinstance(error, TelegramRetryAfter):
                    wait = max(wait, timedelta(seconds=error.retry_after))
                log.warning(
                    "errand %s (%s) waits for %.0f s: %s", job.id, job.kind, wait.total_seconds(), error_of(error)
                )
                await self._store(partial(self._jobs.give_back, job, wait))
                return
            log.error("errand %s (%s) failed (try %s)", job.id, job.kind, job.failures, exc_info=error)
            if isinstance(error, TelegramBadRequest) or job.failures == MOST_TRIES:
                await self._give_up(job)
            else:
                await self._store(partial(self._jobs.put_off, job, timedelta(seconds=2**job.failures)))
        else:
            await self._end(job, "done")

    async def _end(self, job: Job, state: str) -> None:
        if await self._store(partial(self._jobs.end, job, state)):
            JOBS.labels(job.kind, state).inc()

    async def _store(self, change: Callable[[], Awaitable[Result]]) -> Result:
        """Store what became of errands. Waits for a database that is away, because an errand of which nobody knows that
        it is done would be done again. Raises Away where the bot stops meanwhile."""
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
            log.warning("errand %s: the apology did not arrive: %s", job.id, error_of(error))

    @contextlib.asynccontextmanager
    async def _kept(self, job: Job) -> AsyncIterator[None]:
        """While this lasts the errand is nobody else's."""

        async def keep() -> None:
            while True:
                await self.clock.sleep(LEASE.total_seconds() / 3)
                try:
                    await self._jobs.keep(job)
                except Exception as error:
                    log.warning("errand %s could not be kept: %s", job.id, error_of(error))

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
