"""One update from its arrival to the moment when Telegram may forget it: what receivers and the processor share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from prometheus_client import Counter, Histogram

from bot.ops.metrics import HANDLER, KINDS, UPDATES
from bot.ops.observability import UPDATE, Tracing

Update = dict[str, Any]
"""An update as it came over the wire."""
MAX_ID = 2**53
"""User and chat ids are below this (Bot API, User)."""


class AckState(StrEnum):
    """How far an update has come. A final state is also the `outcome` label of the update metrics."""

    PENDING = "pending"
    ANSWERED = "answered"
    """Its effects are committed and the calls that answer it have been sent."""
    HANDLED = "handled"
    BLOCKED = "blocked"
    """The user has blocked the bot."""
    SUPERSEDED = "superseded"
    """Telegram refused the answer, and a newer update of the same user waits."""
    FAILED = "failed"
    """Stored with its error after the last attempt."""
    RETURNED = "returned"
    """Not handled because the database is unavailable: Telegram must deliver it again."""


@dataclass(slots=True, eq=False)
class Ack:
    """An update and its state.

    `patience` limits the seconds for which it waits for an unavailable database; `superseded` says that a newer update
    of the same user waits. `on_confirmed` is called once, when Telegram may forget the update.
    """

    update: Update
    patience: float | None = None
    on_confirmed: Callable[[], None] = lambda: None
    superseded: bool = False
    state: AckState = AckState.PENDING

    @property
    def is_confirmed(self) -> bool:
        """Whether Telegram may forget the update: a crash from now on loses nothing."""
        return self.state is not AckState.PENDING and self.state is not AckState.RETURNED

    def settle(self, state: AckState) -> None:
        """Record how far the update has come."""
        was_confirmed, self.state = self.is_confirmed, state
        if self.is_confirmed and not was_confirmed:
            self.on_confirmed()

    @property
    def sender(self) -> dict[str, Any]:
        """The `from` of an update that may be malformed; empty for kinds that no user causes."""
        for kind, event in self.update.items():
            if kind != "update_id" and isinstance(event, dict) and isinstance(event.get("from"), dict):
                sender: dict[str, Any] = event["from"]
                return sender
        return {}

    @property
    def user_id(self) -> int:
        """The sender's id, by which updates are kept in order; 0 where there is none."""
        number = self.sender.get("id")
        return number if type(number) is int and 0 < number < MAX_ID else 0  # bool is a subclass of int

    @property
    def kind(self) -> str:
        """The kind of the update for metrics: one of few."""
        kind = next((key for key in self.update if key != "update_id"), "other")
        return kind if kind in KINDS else "other"

    @contextmanager
    def observed(self) -> Iterator[None]:
        """Around the processing: log lines carry the update's id, and time and outcome are counted and traced."""
        kind, number = self.kind, self.update.get("update_id")
        token = UPDATE.set(number)
        began = time.perf_counter()
        span = Tracing.tracer.start_as_current_span(f"update {kind}") if Tracing.tracer else nullcontext()
        try:
            with span as traced:
                yield
                if traced is not None:
                    traced.set_attributes({"telegram.update_id": number or 0, "outcome": self.state.value})
        finally:
            seconds, outcomes = _counters(kind, self.state.value)
            seconds.observe(time.perf_counter() - began)
            outcomes.inc()
            UPDATE.reset(token)


@cache
def _counters(kind: str, outcome: str) -> tuple[Histogram, Counter]:
    """Looked up once for each pair of labels."""
    return HANDLER.labels(kind), UPDATES.labels(kind, outcome)
