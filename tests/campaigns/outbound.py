"""Shared parts of the campaigns about delivery: many notifications, senders in processes, and the final check."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import insert, select

from bot.services import Services
from sandbox import Sandbox
from sandbox.bot_api.request import ApiRequest
from services.groups import Scheduled
from services.notifications.outbox import LEASE
from storage.db import Database
from storage.models import FollowRow, MemberRow
from tests.bot.delivery.sender_kit import SENDS, TOKEN
from tests.conftest import queue_due
from tests.services.conftest import ask, on_display, order
from tests.waiting import until

ENOUGH, TOP_UP = 40, 50
"""The least number of pending notifications when a sender starts, and the number of members who are added otherwise."""
ARRIVED = "arrived"
"""The moment between the arrival of a call at Telegram and its answer. No wrapper in the sender can reach it."""
BOT = int(TOKEN.partition(":")[0])
Key = tuple[int, str]
"""Identifies a message: its chat, and its kind and subject."""


class Senders:
    """Starts senders, each a fork of a loaded process."""

    def __init__(self) -> None:
        root = str(Path(__file__).parent.parent.parent)
        self._source = subprocess.Popen(
            [sys.executable, "-m", "tests.campaigns.sender_child"],
            cwd=root,
            env={**os.environ, "PYTHONPATH": root},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._asking = Lock()
        self._alive: set[int] = set()

    def _ask(self, **asked: Any) -> Any:
        assert self._source.stdin is not None and self._source.stdout is not None
        with self._asking:
            self._source.stdin.write(json.dumps(asked).encode() + b"\n")
            self._source.stdin.flush()
            return json.loads(self._source.stdout.readline())

    async def start(self, **asked: Any) -> int:
        """Start a sender by an `Order`. Returns its process number."""
        number: int = await asyncio.to_thread(self._ask, do="start", **asked)
        self._alive.add(number)
        return number

    async def ended(self, number: int, seconds: float = 90) -> Any:
        """Wait until a sender ends or is paused. Returns its exit code, or "paused"."""
        asking = asyncio.ensure_future(asyncio.to_thread(self._ask, do="wait", number=number))
        done, _ = await asyncio.wait({asking}, timeout=seconds)
        if not done:
            os.kill(number, signal.SIGKILL)
        status = await asking
        if status != "paused":
            self._alive.discard(number)
        assert done, f"a sender did not come to its end within {seconds} s"
        return status

    async def end_all(self) -> None:
        """Kill the senders that still run."""
        for number in tuple(self._alive):
            os.kill(number, signal.SIGKILL)
            assert await self.ended(number) == -signal.SIGKILL

    def close(self) -> None:
        """End the loaded process."""
        self._source.communicate()


def key_of(call: dict[str, Any]) -> Key:
    """The message that a logged call has sent."""
    said = call["params"]["caption"]
    title = re.search(r"Thing \w+", said)
    assert title is not None
    return int(call["chat_id"]), title[0] if "Your group is coming" in said else "carousel"


@dataclass
class Figures:
    """The result of a campaign."""

    notifications: int = 0
    crashes: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    extra: int = 0
    undecided: Counter[str] = field(default_factory=Counter)
    unseen: int = 0

    def __str__(self) -> str:
        undecided = ", ".join(f"{number} {policy}" for policy, number in sorted(self.undecided.items())) or "0"
        return (
            f"{self.notifications} notifications, {self.crashes} times cut off, {self.in_flight} in flight, at most "
            f"{self.most_in_flight} at once; lost 0, extra copies {self.extra}, unknown {undecided}, "
            f"of which {self.unseen} never arrived"
        )


@dataclass
class Post:
    """An outbox, the Bot API server that its senders call, and what was in flight whenever a sender was killed."""

    box: Sandbox
    services: Services
    db: Database
    senders: Senders
    rate: float = 50
    members: int = 0
    items: list[int] | None = None
    flights: set[tuple[int, int]] = field(default_factory=set)
    """(notification, attempt) of each that was in flight when its sender was killed."""
    figures: Figures = field(default_factory=Figures)

    async def notifications(self, members: int, items: int = 2, bots: Sequence[int] = (BOT,)) -> None:
        """Queue alerts about this number of items, and the day's carousel, for new members who know these bots.

        Later calls use the same items as the first one.
        """
        now = self.services.context.clock.now()
        people = [self.box.add_person("P").id for _ in range(members)]
        for person in people:
            for bot in bots:
                self.box.world.private_chat(person, bot).started = True
        of_all = {"first_name": "P", "app_language": "en", "joined_at": now, "seen_at": now}
        about = (await on_display(self.services))[:items] if self.items is None else self.items
        async with self.db.write() as connection:
            await connection.execute(insert(MemberRow), [{"chat_id": person, **of_all} for person in people])
            if about:
                found = await connection.execute(select(MemberRow.id).where(MemberRow.chat_id.in_(people)))
                follows = [{"item_id": item, "member_id": id, "at": now} for id in found.scalars() for item in about]
                await connection.execute(insert(FollowRow), follows)
        if self.items is None:
            self.items = about
            for item in about:
                found_time = await self.services.groups.schedule(item, now + timedelta(hours=30), None, "test")
                assert isinstance(found_time, Scheduled)
        self.members += members
        await order(self.db, "UPDATE campaigns SET state = 'queued'")
        await order(
            self.db,
            "UPDATE campaigns SET state = 'waiting', cursor = 0 WHERE kind = 'group-scheduled' OR kind = 'carousel' "
            "AND id = (SELECT max(id) FROM campaigns WHERE kind = 'carousel')",
        )
        while (await self.states()).total() < self.members * (len(about) + 1):
            assert await queue_due(self.services)

    async def top_up(self) -> None:
        """Make sure that the next sender finds pending notifications."""
        if (await self.states())["pending"] < ENOUGH:
            await self.notifications(TOP_UP)

    async def start(self, **asked: Any) -> int:
        """Start a sender on this outbox."""
        url = self.db.url.render_as_string(hide_password=False)
        ahead = self.box.clock.offset
        return await self.senders.start(
            **{"url": url, "api": self.box.url, "token": TOKEN, "ahead": ahead, "rate": self.rate, **asked}
        )

    async def broke_off(self) -> None:
        """Record what is in flight while no sender runs, without what was recorded before."""
        rows = await ask(self.db, "SELECT id, attempts FROM notifications WHERE state = 'inflight'")
        flights = {(row.id, row.attempts) for row in rows} - self.flights
        self.flights |= flights
        self.figures.crashes += 1
        self.figures.in_flight += len(flights)
        self.figures.most_in_flight = max(self.figures.most_in_flight, len(flights))

    async def nothing_is_left_of_it(self) -> None:
        """Wait until PostgreSQL has noticed that the sender is dead. Until then it runs the sender's last statement."""
        if not self.db.is_sqlite:
            await self.db.close()  # so that only the sender's connections are counted
            await until(self._no_other_is_connected)

    async def _no_other_is_connected(self) -> bool:
        others = "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        return not await ask(self.db, f"SELECT pid FROM pg_stat_activity WHERE {others}")

    async def no_other_query_runs(self) -> bool:
        """Whether PostgreSQL runs no statement of another connection."""
        others = "datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
        return not await ask(self.db, f"SELECT pid FROM pg_stat_activity WHERE {others}")

    def after_a_lease(self) -> None:
        """Move the clock so far that the claims of a stopped sender have expired."""
        self.box.clock.advance(LEASE)

    async def kill(self, number: int) -> None:
        """Kill a sender and record what that left in flight."""
        os.kill(number, signal.SIGKILL)
        assert await self.senders.ended(number) == -signal.SIGKILL
        await self.nothing_is_left_of_it()
        await self.broke_off()
        self.after_a_lease()

    async def killed_at(self, point: str, number: int, bug: str | None = None) -> None:
        """Start a sender that is killed when it reaches this point for the nth time."""
        watch: AbstractContextManager[None] = nullcontext()
        if point == ARRIVED:
            sender = await self.start(bug=bug)
            watch = self.at_arrival(number, lambda: os.kill(sender, signal.SIGKILL))
        else:
            sender = await self.start(bug=bug, point=(point, number, signal.SIGKILL))
        with watch:
            assert await self.senders.ended(sender) == -signal.SIGKILL
        await self.nothing_is_left_of_it()
        await self.broke_off()
        self.after_a_lease()

    async def stop(self, number: int) -> Any:
        """Ask a sender to stop. Returns its exit code."""
        os.kill(number, signal.SIGTERM)
        return await self.senders.ended(number)

    async def finish(self, **asked: Any) -> None:
        """Let one more sender send the rest."""
        number = await self.start(**asked)
        await until(self.settled)
        await self.stop(number)

    async def states(self) -> Counter[str]:
        """The number of notifications in each state."""
        return Counter(dict(map(tuple, await ask(self.db, "SELECT state, count(*) FROM notifications GROUP BY 1"))))

    async def until_sent(self, more: int = 1, seconds: float = 60) -> None:
        """Wait until this number of further messages have arrived."""
        there = asyncio.Event()
        with self.at_arrival(more, there.set):
            await asyncio.wait_for(there.wait(), seconds)

    @contextmanager
    def at_arrival(self, times: int, action: Callable[[], None]) -> Iterator[None]:
        """Act when this number of further messages have arrived, before the last of them is answered."""
        dispatcher = self.box.backend.dispatcher
        perform = dispatcher.perform
        left = times

        async def act(call: ApiRequest) -> Any:
            nonlocal left
            result = await perform(call)
            if call.method in SENDS:
                left -= 1
                if left == 0:
                    action()
            return result

        dispatcher.perform = act  # type: ignore[method-assign]
        try:
            yield
        finally:
            dispatcher.perform = perform  # type: ignore[method-assign]

    async def settled(self) -> bool:
        """Whether no notification is pending, claimed or in flight."""
        states = await self.states()
        return not any(states[state] for state in ("pending", "claimed", "inflight"))

    def arrived(self) -> Counter[Key]:
        """How often each message arrived."""
        return Counter(key_of(call) for call in self.sends() if call["ok"])

    def sends(self) -> list[dict[str, Any]]:
        """Every call that sends, as Telegram saw it."""
        calls = self.box.backend.call_log.since(0)
        assert self.box.backend.call_log.count == len(calls), "the log has forgotten calls"
        return [call for call in calls if call["method"] in SENDS]

    async def judge(self) -> Figures:
        """Check the messages that arrived against the delivery guarantees. Raises AssertionError.

        Every alert has arrived, and at most once more if its sender was killed while it was in flight. After a second
        such kill it is uncertain, because a third copy would be one too many. A carousel never arrives twice; one that
        was in flight when its sender was killed is uncertain.
        """
        arrived = self.arrived()
        in_doubt = Counter(notification for notification, _ in self.flights)
        rows = await ask(
            self.db,
            "SELECT l.id, l.kind, l.policy, l.state, m.chat_id, i.title_en FROM notifications l "
            "JOIN members m ON m.id = l.member_id LEFT JOIN groups g ON g.id = l.subject AND l.kind <> 'carousel' "
            "LEFT JOIN items i ON i.id = g.item_id",
        )
        for row in rows:
            came = arrived.pop((row.chat_id, row.title_en or "carousel"), 0)
            uncertain = in_doubt[row.id]
            what = f"notification {row.id} ({row.policy}): {row.state}, arrived {came} times, {uncertain} times cut off"
            holds = row.policy == "hold"
            assert came <= (1 if holds else 1 + min(uncertain, 1)), f"doubled: {what}"
            if uncertain < (1 if holds else 2):
                assert row.state == "sent" and came >= 1, f"lost: {what}"
            else:
                assert row.state == "unknown" and uncertain == (1 if holds else 2), f"not as its policy says: {what}"
                self.figures.undecided[row.policy] += 1
                self.figures.unseen += not came
            self.figures.notifications += 1
            self.figures.extra += max(0, came - 1)
        assert not arrived, f"nobody has written these: {arrived}"
        assert self.figures.extra <= self.figures.in_flight
        sys.stdout.write(f"{self.db.url.get_backend_name()}: {self.figures}\n")
        return self.figures
