"""The one path of every update, from polling or webhook: identified, handled, retried after errors, or stored as
failed. Its `Ack` tells the receiver whether Telegram may discard it."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from random import Random
from typing import Any

from aiogram import Dispatcher
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import Update as ParsedUpdate
from aiogram.types.update import UpdateTypeLookupError
from prometheus_client import Counter, Histogram
from pydantic import ValidationError

from bot.ops.metrics import HANDLER, KINDS, UPDATES
from bot.ops.observability import UPDATE, Tracing
from bot.services import Services
from bot.telegram.errors import classify
from bot.telegram.identity import KnownBot
from bot.telegram.needed import needed
from bot.telegram.redaction import error_of
from bot.updates.identification import Identification, Sender
from bot.worker import Stoppable
from domain.call_outcomes import CallOutcome
from domain.people import MemberErased
from handlers.callbacks import Tap
from handlers.carousel import HOT
from handlers.messenger import Messenger
from handlers.screen import Screen
from services.operations import storable
from storage.db.errors import DatabaseUnavailable, is_too_large

log = logging.getLogger(__name__)

ATTEMPTS = 3
_FIRST_PAUSE = 0.2
MAX_CONCURRENT = 100
"""Updates processed at the same time, so that a backlog of thousands does not become thousands of tasks."""
NOTICE_AFTER = 4.0
"""Seconds after which a waiting tap gets a notice: Telegram accepts the answer to a tap only for a short time."""
_DATABASE_PAUSES = (0.05, 2.0)
"""The first and the longest pause, in seconds, between two attempts while the database is unavailable."""
_TELEGRAM_PATIENCE = 60.0
"""Seconds for which an answer is retried while Telegram refuses it."""
_MAX_WAITING = 20
"""Updates that wait for Telegram at the same time; the rest of `MAX_CONCURRENT` is for everything else."""
_PERMANENT = (TelegramBadRequest, ValidationError, UpdateTypeLookupError)
"""Errors that every attempt would meet: Telegram refused the call, or the update is malformed or of an unknown kind."""

HotHandler = Callable[..., Awaitable[None]]
Update = dict[str, Any]
"""An update as it came over the wire."""
MAX_ID = 2**53
"""User and chat ids are below this (Bot API, User)."""


class AckState(StrEnum):
    """What became of an update; also the `outcome` label of the update metrics."""

    PENDING = "pending"
    HANDLED = "handled"
    BLOCKED = "blocked"
    """The user has blocked the bot, or the chat cannot be reached any more."""
    SUPERSEDED = "superseded"
    """Telegram refused the answer, and a newer update of the same user waits."""
    REFUSED = "refused"
    """Not handled: its user had too many at once."""
    FAILED = "failed"
    """Stored with its error after the last attempt."""
    RETURNED = "returned"
    """Not handled because the database is unavailable: Telegram must deliver it again."""


@dataclass(slots=True, eq=False)
class Ack:
    """An update and what became of it.

    `patience` limits the seconds for which it waits for an unavailable database; `superseded` says that a newer update
    of the same user waits.
    """

    update: Update
    patience: float | None = None
    superseded: bool = False
    state: AckState = AckState.PENDING

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
    def is_private(self) -> bool:
        """Whether it was caused in the user's own chat with the bot."""
        event = next((event for kind, event in self.update.items() if kind != "update_id"), None)
        message = event.get("message", event) if isinstance(event, dict) else None
        chat = message.get("chat") if isinstance(message, dict) else None
        return isinstance(chat, dict) and chat.get("type") == "private"

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


@dataclass(slots=True, eq=False)
class _Work:
    """An update between two attempts. `goal` is the state that the next attempt leads to."""

    ack: Ack
    began: float
    goal: AckState = AckState.HANDLED
    attempt: int = 1
    pause: float = _DATABASE_PAUSES[0]
    error: Exception | None = None
    unreachable: CallOutcome = CallOutcome.BLOCKED

    def next_pause(self) -> float:
        """Pauses double up to the longest."""
        pause, self.pause = self.pause, min(self.pause * 2, _DATABASE_PAUSES[1])
        return pause


class UpdateProcessor(Stoppable):
    """Processes one update completely: when `process` returns, its effects are committed, or it is stored as failed, or
    it is to be delivered again.

    The buttons in `handlers.carousel.HOT` are handled from the update as it came, all else by aiogram's dispatcher.
    """

    def __init__(
        self, dispatcher: Dispatcher, services: Services, messenger: Messenger, *, chance: Random | None = None
    ) -> None:
        """Hot handlers get what they name from the dispatcher's `workflow_data`, as all others do."""
        super().__init__(services.context.clock, log, "updates", chance=chance)
        self._dispatcher = dispatcher
        self._services = services
        self._messenger = messenger
        self._identification = Identification(services.people, services.voting, services.context, messenger)
        self._hot = {
            prefix: (data, _with_services(handler, dispatcher.workflow_data)) for prefix, (data, handler) in HOT.items()
        }
        self._steps = {
            AckState.HANDLED: self._handle,
            AckState.BLOCKED: self._record_blocked,
            AckState.FAILED: self._store_failed,
        }
        self._concurrency = asyncio.Semaphore(MAX_CONCURRENT)
        self._notices: set[asyncio.Task[None]] = set()
        self._waiting = 0

    async def process(self, ack: Ack) -> None:
        """Process one update and set the state of its `ack`. Raises nothing for errors of the update.

        - A failing update is tried `ATTEMPTS` times, then stored with its error.
        - An answer that Telegram refuses for now is retried. A user who floods the chat gets the answer to the newest
          update only: an older one becomes superseded, so that a flood delays no other user.
        - While the database is unavailable the update waits for `ack.patience`, or until the bot stops. Then it is
          returned: nothing was acknowledged. Others are retried without further pauses after a stop.
        """
        with self._notice_when_slow(ack):
            async with self._concurrency:
                with ack.observed():
                    await self._retry_until_settled(_Work(ack, self.clock.monotonic()))

    # -- error policy --------------------------------------------------------------------------------------------------

    async def _retry_until_settled(self, work: _Work) -> None:
        while True:
            try:
                await self._steps[work.goal](work)
            except DatabaseUnavailable as error:
                if not await self._wait_for_database(work, error):
                    work.ack.state = AckState.RETURNED
                    return
            except Exception as error:
                outcome = classify(error) if isinstance(error, TelegramAPIError) else None
                if outcome is not None and outcome.chat_is_gone and work.goal is AckState.HANDLED:
                    work.goal, work.unreachable = AckState.BLOCKED, outcome
                    continue
                if isinstance(error, TelegramRetryAfter) and work.ack.superseded:
                    work.ack.state = AckState.SUPERSEDED
                    return
                await self._after_error(work, error)
            else:
                if self.outage_log.since is not None:
                    self.outage_log.available()
                work.ack.state = work.goal
                return

    async def _wait_for_database(self, work: _Work, error: DatabaseUnavailable) -> bool:
        """False where the update should wait no longer."""
        self.outage_log.unavailable(error)
        pause, waited = work.next_pause(), self.clock.monotonic() - work.began
        patience = work.ack.patience
        if self.stopping or (patience is not None and waited + pause > patience):
            return False
        if work.goal is AckState.FAILED:  # its error was the outage
            work.goal, work.attempt = AckState.HANDLED, 1
        await self.pause(self.jittered(pause))
        return True

    async def _after_error(self, work: _Work, error: Exception) -> None:
        """Wait for the next attempt, or give the update up."""
        number = work.ack.update.get("update_id")
        wait = self._seconds_for_telegram(work, error)
        if wait is not None:
            log.warning("update %s is answered in %.1f s: %s", number, wait, error_of(error))
            self._waiting += 1
            try:
                await self.pause(wait)
            finally:
                self._waiting -= 1
            return
        log.error("update %s failed (attempt %s)", number, work.attempt, exc_info=error)
        if isinstance(error, _PERMANENT) or is_too_large(error) or work.attempt == ATTEMPTS:
            work.goal, work.error = AckState.FAILED, error
            return
        work.ack.update = storable(work.ack.update)  # text that no database stores must not block its author
        await self.clock.sleep(_FIRST_PAUSE * 2**work.attempt)
        work.attempt += 1

    def _seconds_for_telegram(self, work: _Work, error: Exception) -> float | None:
        """Seconds after which Telegram may accept the answer; None for other errors and where waiting must end."""
        if isinstance(error, TelegramRetryAfter):
            wait = float(error.retry_after)
        elif isinstance(error, TelegramServerError | TelegramNetworkError):
            wait = max(work.next_pause(), _FIRST_PAUSE)
        else:
            return None
        patience = work.ack.patience
        limit = _TELEGRAM_PATIENCE if patience is None else min(patience, _TELEGRAM_PATIENCE)
        too_long = self.clock.monotonic() - work.began + wait > limit
        return None if too_long or self._waiting >= _MAX_WAITING or self.stopping else wait

    # -- handling ------------------------------------------------------------------------------------------------------

    async def _handle(self, work: _Work) -> None:
        try:
            if (hot := self._hot_button(work.ack)) is not None:
                await self._handle_hot(work.ack, *hot)
            else:
                await self._dispatch(work.ack)
        except MemberErased:
            await self.say(work.ack, "start-anew")

    async def _dispatch(self, ack: Ack) -> None:
        if isinstance(self._messenger.bot, KnownBot):
            self._messenger.bot.notice_name(ack.update)
        update = ParsedUpdate.model_validate(needed(ack.update), context={"bot": self._messenger.bot})
        event = update.event
        identity = await self._identification.identify(event, getattr(event, "from_user", None))
        if identity is not None:
            given = {"member": identity.member, "localizer": identity.localizer, "request": identity.request}
            await self._dispatcher.feed_update(self._messenger.bot, update, **given)

    def _hot_button(self, ack: Ack) -> tuple[Any, HotHandler] | None:
        """The callback class and handler of a hot button; None for everything else and for malformed updates."""
        match ack.update:
            case {
                "update_id": int(),
                "callback_query": {
                    "id": str(),
                    "data": str(data),
                    "from": {"id": int(person), "first_name": str()},
                    "message": {"message_id": int(), "chat": {"type": "private", "id": int(chat)}},
                },
            } if type(person) is int and 0 < person < MAX_ID and 0 < chat < MAX_ID:  # bool is a subclass of int
                return self._hot.get(data.partition(":")[0])
        return None

    async def _handle_hot(self, ack: Ack, data_class: Any, handler: HotHandler) -> None:
        tap, sender = Tap.read(ack.update), ack.update["callback_query"]["from"]
        language, is_bot = sender.get("language_code"), sender.get("is_bot") is True
        language_code = language if isinstance(language, str) else None
        user = Sender(tap.person, is_bot, sender["first_name"], language_code)
        identity = await self._identification.identify(tap, user)
        if identity is None:
            return
        try:
            data = data_class.unpack(tap.data)
        except (TypeError, ValueError):  # forged, or written by a version that is gone
            await self._messenger.answer(tap)
        else:
            await handler(query=tap, callback_data=data, request=identity.request)

    async def _record_blocked(self, work: _Work) -> None:
        """A chat that refuses the answer to a group's update says nothing about the user who caused it."""
        if work.ack.user_id and work.ack.is_private:
            await self._services.people.mark_unreachable(work.ack.user_id, work.unreachable)

    async def _store_failed(self, work: _Work) -> None:
        """Raises DatabaseUnavailable. The apology is best effort: a malformed update may have no sender."""
        ack, error = work.ack, work.error
        assert error is not None, "only an error leads here"
        await self._services.failed_updates.keep(ack.update, ack.user_id or None, error_of(error), work.attempt)
        try:
            await self.say(ack, "error")
        except Exception as second:
            log.warning("update %s: the apology was not sent: %s", ack.update.get("update_id"), error_of(second))

    async def say(self, ack: Ack, key: str) -> None:
        """Answer a tap, or a message in the user's own chat, with the text of `key`; nothing without a sender."""
        localizer = self._identification.localizer(ack.sender.get("language_code"))
        if ack.sender and "callback_query" in ack.update:
            await self._messenger.answer(Tap.read(ack.update), localizer.text(key), alert=True)
        elif ack.sender and ack.update.get("message", {}).get("chat", {}).get("type") == "private":
            await self._messenger.send(ack.user_id, Screen(localizer.html(key)))

    # -- slow taps -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _notice_when_slow(self, ack: Ack) -> Iterator[None]:
        """Around the processing of a tap: the user is told in time when the answer takes long."""
        query = ack.update.get("callback_query")
        query_id = query.get("id") if isinstance(query, dict) else None
        if not isinstance(query_id, str):
            yield
            return
        self._messenger.tap_started(query_id)
        timer = asyncio.get_running_loop().call_later(NOTICE_AFTER, self._start_notice, ack, query_id)
        try:
            yield
        finally:
            timer.cancel()
            self._messenger.tap_ended(query_id)

    def _start_notice(self, ack: Ack, query_id: str) -> None:
        task = asyncio.ensure_future(self._notice(ack, query_id))
        self._notices.add(task)
        task.add_done_callback(self._notices.discard)

    async def _notice(self, ack: Ack, query_id: str) -> None:
        localizer = self._identification.localizer(ack.sender.get("language_code"))
        try:
            await self._messenger.acknowledge_late(query_id, localizer.text("one-moment"))
        except Exception as error:
            log.warning("the notice about a slow tap was not sent: %s", error_of(error))


def _with_services(handler: HotHandler, dependencies: Mapping[str, Any]) -> HotHandler:
    """The handler with those dependencies that it names."""
    names = inspect.signature(handler).parameters.keys() & dependencies.keys()
    return partial(handler, **{name: dependencies[name] for name in names})
