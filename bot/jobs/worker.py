"""Runs background jobs: those announced in this process, or by other processes through a message broker.

A message carries only the ID of a job. The job and its claim are in the database: a duplicate message does nothing, and
a lost one is made up for by the search for open jobs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from aiogram.exceptions import AiogramError, TelegramBadRequest

from bot.jobs.folders import clear_left_behind
from bot.jobs.handlers import JobHandlers
from bot.ops.metrics import JOBS
from bot.telegram.errors import classify, retry_after
from bot.telegram.files import FileElsewhere
from bot.telegram.redaction import error_of
from bot.worker import StopRequested, Worker
from domain.call_outcomes import CallOutcome
from domain.people import MemberErased
from services.clock import Clock
from services.jobs import LEASE, Job, Jobs
from storage.db.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from taskiq import AsyncBroker

log = logging.getLogger(__name__)

Result = TypeVar("Result")

NAME = "errand"
AT_ONCE = 2
"""Jobs that one process runs at once: an import holds some pictures in memory, and drawing takes a core."""
MAX_ATTEMPTS = 3
_TRANSIENT = (CallOutcome.RETRY_AFTER, CallOutcome.NOT_SENT, CallOutcome.NO_ANSWER)
"""Telegram's answers that count as no attempt. A job that waits too long for another one expires."""
_SOONEST, _LATEST = timedelta(seconds=10), timedelta(minutes=5)
"""Limits of the delay after a transient error, which is the age of the job."""
_DATABASE_AGAIN = 1.0
"""Seconds between two attempts to store an outcome."""
LOOK_EVERY = 15.0
"""Seconds between two searches for jobs that were not announced, or whose worker died."""
_ANNOUNCE_SECONDS = 2.0
"""Seconds that the broker may take to accept a message; after that the job is left to the search."""
_DISCONNECT_SECONDS = 5.0
"""Seconds that disconnecting may take."""


class JobWorker(Worker):
    """Announces jobs, and with `works` runs them. `look_every` is in seconds; without `url` there is no broker."""

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
        self._jobs = jobs
        self._job_handlers = job_handlers
        self._works = works
        self._look_every = look_every
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._running: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._url = url
        self._broker: AsyncBroker
        self._message: Any
        self._connected = asyncio.Event()
        if url is not None:
            self._make_broker(url)
        jobs.announce = self.announce

    def _make_broker(self, url: str) -> None:
        from bot.jobs.brokers import make_broker  # here: most bots have no broker, and taskiq takes long to load

        async def job(job_id: int) -> None:  # taskiq renames the function, which a method does not allow
            await self.do(job_id)

        self._broker = make_broker(url)
        self._message = self._broker.register_task(job, NAME)

    async def announce(self, job_id: int) -> None:
        """Start a job here, or send its ID to a worker. Never raises: the search finds jobs whose message is lost."""
        if self.stopping:
            return
        if self._url is None:
            self._start(job_id)
        elif self._connected.is_set():
            try:
                async with asyncio.timeout(_ANNOUNCE_SECONDS):
                    await self._message.kiq(job_id)
            except Exception as error:  # each broker has its own errors
                log.warning("job %s could not be announced, the search will find it: %s", job_id, error_of(error))

    def _start(self, job_id: int) -> None:
        task = asyncio.create_task(self.do(job_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def run(self) -> None:
        """Work until stopped."""
        await asyncio.to_thread(clear_left_behind)
        with contextlib.suppress(DatabaseUnavailable):  # stopped before it was available: the next start does it
            await self._store(self._jobs.start)
        await asyncio.gather(self._look(), *([] if self._url is None else [self._stay_connected(self._url)]))
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._url is not None:
            await self._disconnect()

    async def _stay_connected(self, url: str) -> None:
        while not self.stopping:
            try:
                await self.unless_stopped(self._broker.startup())
                self._connected.set()
                self.backoff.reset()
                await self._listen()
            except StopRequested:
                return
            except Exception as error:
                wait = self.next_delay()
                log.warning("TASKS_URL cannot be reached, next attempt in %.0f s: %s", wait, error_of(_first(error)))
                self._connected.clear()
                await self._disconnect()
                self._make_broker(url)
                await self.pause(wait)

    async def _listen(self) -> None:
        """With `works` run the jobs that the broker delivers, until stopped."""
        from taskiq.acks import AcknowledgeType
        from taskiq.receiver import Receiver

        if not self._works:
            await self.stopped()
            return
        when = AcknowledgeType.WHEN_EXECUTED
        receiver = Receiver(self._broker, max_async_tasks=AT_ONCE, ack_type=when, run_startup=False)
        await receiver.listen(self._stop_event)

    async def _disconnect(self) -> None:
        """Disconnect from the broker, if it responds."""
        leaving = asyncio.ensure_future(self._broker.shutdown())
        await asyncio.wait({leaving}, timeout=_DISCONNECT_SECONDS)
        if not leaving.done():
            leaving.cancel()  # not awaited: the client may swallow the cancellation
        elif not leaving.cancelled() and (error := leaving.exception()) is not None:
            log.info("disconnecting from TASKS_URL failed: %s", error_of(_first(error)))

    async def _look(self) -> None:
        """Search for open jobs that no worker holds, repeatedly."""
        while self._works and not self.stopping:
            try:
                due = set(await self._jobs.due()) - self._running
                for job_id in due:
                    self._start(job_id)
                if not due:  # otherwise they tell whether the database can be written to
                    self.outage_log.available()
            except DatabaseUnavailable as error:
                self.outage_log.unavailable(error)
            except Exception as error:
                log.error("the search for open jobs failed", exc_info=error)
            await self.pause(self._look_every)

    async def do(self, job_id: int) -> None:
        """Run a job, unless it is claimed or has ended. While the database is unavailable it is left to the search."""
        if job_id in self._running:
            return
        self._running.add(job_id)
        try:
            async with self._gate:
                job = None if self.stopping else await self._jobs.claim(job_id)
                if job is not None:
                    await self._run_claimed(job)
            self.outage_log.available()
        except DatabaseUnavailable as error:
            self.outage_log.unavailable(error)
        finally:
            self._running.discard(job_id)

    async def _run_claimed(self, job: Job) -> None:
        if job.late:
            await self._end(job, "expired")
            return
        if job.failures > MAX_ATTEMPTS:  # each worker that claimed it died
            await self._give_up(job)
            return
        heartbeats = asyncio.create_task(self._send_heartbeats(job))
        try:
            await self._job_handlers.do(job)
        except Exception as error:
            await self._after_error(job, error)
        else:
            await self._end(job, "done")
        finally:
            heartbeats.cancel()

    async def _send_heartbeats(self, job: Job) -> None:
        """Keep other workers from claiming the job."""
        while True:
            await self.clock.sleep(LEASE.total_seconds() / 3)
            try:
                await self._jobs.heartbeat(job)
            except Exception as error:
                log.warning("job %s: the heartbeat failed: %s", job.id, error_of(error))

    async def _after_error(self, job: Job, error: Exception) -> None:
        outcome = classify(error) if isinstance(error, AiogramError) else None
        if (outcome is not None and outcome.chat_is_gone) or isinstance(error, MemberErased):
            await self._end(job, "failed")
        elif outcome in _TRANSIENT or isinstance(error, DatabaseUnavailable):
            wait = max(min(max(job.age, _SOONEST), _LATEST), timedelta(seconds=retry_after(error) or 0))
            log.warning(
                "job %s (%s) is postponed for %.0f s: %s", job.id, job.kind, wait.total_seconds(), error_of(error)
            )
            await self._store(partial(self._jobs.postpone, job, wait))
        elif isinstance(error, FileElsewhere):  # until a setting is changed
            log.error("job %s (%s) failed: %s", job.id, job.kind, error_of(error))
            await self._give_up(job)
        else:
            log.error("job %s (%s) failed (attempt %s)", job.id, job.kind, job.failures, exc_info=error)
            if isinstance(error, TelegramBadRequest) or job.failures == MAX_ATTEMPTS:
                await self._give_up(job)
            else:
                await self._store(partial(self._jobs.retry_in, job, timedelta(seconds=2**job.failures)))

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
                if self.outage_log.since is not None:
                    self.outage_log.available()
                return stored
            await self.pause(_DATABASE_AGAIN)

    async def _give_up(self, job: Job) -> None:
        await self._end(job, "failed")
        try:
            await self._job_handlers.apologise(job)
        except Exception as error:
            log.warning("job %s: the member could not be told of the failure: %s", job.id, error_of(error))


def _first(error: BaseException) -> BaseException:
    """The error that a group of errors began with."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
