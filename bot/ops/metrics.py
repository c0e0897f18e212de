"""The metrics for Prometheus. Events are counted where they happen; states are read when `/metrics` is requested."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.ops.scheduler import Scheduler
from bot.services import Services
from domain.notifications import NotificationState

REGISTRY = CollectorRegistry()
KINDS = frozenset(
    {
        *("message", "edited_message", "channel_post", "callback_query", "inline_query", "chosen_inline_result"),
        *("my_chat_member", "chat_member"),
    }
)
"""Kinds of updates (Bot API, Update) with a label value of their own; all others are `other`."""
STATES = tuple(state.value for state in NotificationState)

UPDATES = Counter("wtg_updates", "Updates, by kind and outcome.", ["kind", "outcome"], registry=REGISTRY)
HANDLER = Histogram(
    "wtg_handler_seconds",
    "From the arrival of an update to its end, retries included.",
    ["kind"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)
SEND = Histogram(
    "wtg_send_seconds",
    "From sending a notification to the answer of Telegram.",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
    registry=REGISTRY,
)
API_ERRORS = Counter(
    "wtg_api_errors", "Calls that Telegram refused or did not answer, by kind of error.", ["error"], registry=REGISTRY
)
JOBS = Counter("wtg_jobs", "Ended background jobs, by kind and outcome.", ["kind", "outcome"], registry=REGISTRY)
_NOTIFICATIONS = Gauge("wtg_notifications", "Notifications in the outbox, by state.", ["state"], registry=REGISTRY)
_OLDEST = Gauge(
    "wtg_oldest_due_notification_seconds", "How long the oldest due notification has waited.", registry=REGISTRY
)
_HELD = Gauge("wtg_campaigns_held", "1 while everything due is held after a restore.", registry=REGISTRY)
_JOBS_WAITING = Gauge("wtg_jobs_waiting", "Background jobs that have not ended.", registry=REGISTRY)
_TICK = Gauge("wtg_tick_age_seconds", "The age of the last successful tick of the scheduler.", registry=REGISTRY)
_ANSWER = Gauge("wtg_database_answer_seconds", "How long the queries for these metrics took.", registry=REGISTRY)
_USED = Gauge("wtg_database_connections_used", "Connections in use.", registry=REGISTRY)
_WAITING = Gauge("wtg_database_waiting", "Batch writes that wait for the writer.", registry=REGISTRY)


class _VoteCollector(Collector):
    """Votes by outcome, read from the counters of the voting service."""

    def __init__(self, outcomes: Mapping[str, int]) -> None:
        self._outcomes = outcomes

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily("wtg_votes", "Taps on 🙋 and ✅, by outcome.", labels=["outcome"])
        for outcome, number in dict(self._outcomes).items():
            family.add_metric([outcome], number)
        yield family


async def render(services: Services, schedule: Scheduler) -> bytes:
    """All metrics in the text format of Prometheus."""
    began = time.perf_counter()
    states = await services.outbox.states()
    waits = await services.outbox.oldest_due()
    held = await services.campaigns.held_since()
    jobs = await services.jobs.waiting()
    _ANSWER.set(time.perf_counter() - began)
    for state in STATES:
        _NOTIFICATIONS.labels(state).set(states.get(state, 0))
    _OLDEST.set(waits.total_seconds())
    _HELD.set(held is not None)
    _JOBS_WAITING.set(jobs)
    _TICK.set(schedule.seconds_since_tick())
    used, waiting = services.context.db.load()
    _USED.set(used)
    _WAITING.set(waiting)
    votes = CollectorRegistry()
    votes.register(_VoteCollector(services.voting.outcomes))
    return generate_latest(REGISTRY) + generate_latest(votes)
