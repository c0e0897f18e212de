"""Shared parts of the sender's tests: members, an outbox, the local chat as Bot API server, and a virtual clock."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.services import Services, make_services
from bot.telegram.http_client import CallWithheld
from bot.wiring import make_components
from domain.people import Member
from sandbox import Sandbox
from services.groups import Scheduled
from storage.db import Database
from tests.conftest import TUESDAY_TEN, meet, queue_due, settings_for
from tests.services.conftest import ask, on_display, one, order  # noqa: F401
from tests.virtual_clock import VirtualClock

TOKEN = "123456:a-token-for-tests-of-the-sender"
SENDS = ("sendMessage", "sendPhoto")
OPEN = ("pending", "claimed", "inflight")


@dataclass
class SenderKit:
    """The outgoing side of a bot: an outbox, a Bot API server that can be made to fail, and a sender."""

    box: Sandbox
    services: Services
    db: Database
    clock: VirtualClock
    people: list[Member] = field(default_factory=list)
    sends_at: list[float] = field(default_factory=list)
    """When each send began, in seconds of the clock."""
    in_flight: int = 0
    answer_takes: float = 0.0
    """Additional seconds of the clock that each send takes."""

    def busy(self) -> bool:
        """Whether a call or an SQL statement is running."""
        used, waiting = self.db.load()
        return bool(self.in_flight or used or waiting)

    def jump(self, **span: float) -> None:
        """Move the wall time."""
        self.box.clock.advance(timedelta(**span))
        self.clock.jump(timedelta(**span))

    async def until(self, reached: Callable[[], Awaitable[bool]], within: float = 3600.0) -> None:
        """Let time pass until this holds, for `within` virtual seconds at most."""
        await self.clock.until(reached, within)

    async def finish(self, task: asyncio.Task[None]) -> None:
        """Let time pass until this task has ended."""
        await self.clock.finish(task)

    async def join(self, number: int) -> None:
        """Add members who have pressed Start."""
        bot_id = int(TOKEN.partition(":")[0])
        for _ in range(number):
            person = self.box.add_person("P")
            self.box.world.private_chat(person.id, bot_id).started = True
            self.people.append(await meet(self.services, person.id, "P"))

    async def alerts(self, opens_in: timedelta = timedelta(hours=5), place: int = 0) -> int:
        """Queue an alert to every member about the item at this place of the display. Returns the item."""
        item = (await on_display(self.services))[place]
        for member in self.people:
            await self.services.voting.follow(member, item, on=True)
        opens_at = self.services.context.clock.now() + opens_in
        assert isinstance(await self.services.groups.schedule(item, opens_at, None, "test"), Scheduled)
        await order(self.db, "UPDATE campaigns SET state = 'waiting', cursor = 0 WHERE kind = 'group-scheduled'")
        await queue_due(self.services)
        return item

    async def carousels(self) -> None:
        """Queue the day's carousel to every member."""
        await order(self.db, "UPDATE campaigns SET state = 'waiting', cursor = 0 WHERE kind = 'carousel'")
        await queue_due(self.services)

    def fault(self, kind: str, **rule: Any) -> None:
        """Add a fault for calls that send."""
        for method in SENDS:
            self.box.backend.faults.add({"kind": kind, "method": method, **rule})

    def sends(self) -> list[dict[str, Any]]:
        """Every call that sends, as the server has seen it."""
        return [call for call in self.box.backend.call_log.since(0) if call["method"] in SENDS]

    def arrived(self) -> Counter[int]:
        """Messages by chat. A call whose answer was lost has taken effect."""
        return Counter(int(call["chat_id"]) for call in self.sends() if call["ok"])

    def chats(self) -> list[int]:
        """The chat of every call that sends."""
        return [int(call["chat_id"]) for call in self.sends()]

    async def states(self, kind: str = "%") -> Counter[str]:
        rows = await ask(
            self.db, "SELECT state, count(*) FROM notifications WHERE kind LIKE :kind GROUP BY 1", kind=kind
        )
        return Counter({state: number for state, number in rows})

    async def settled(self) -> bool:
        """Whether no notification is pending, claimed or in flight."""
        states = await self.states()
        return not any(states[state] for state in OPEN)

    async def settled_but_for(self, number: int) -> bool:
        """Whether this number of notifications are pending, and none is claimed or in flight."""
        states = await self.states()
        return states["pending"] == number and not states["claimed"] and not states["inflight"]

    async def tried_once(self) -> bool:
        """Whether the outcome of the first call is stored."""
        return bool(self.sends()) and not (await self.states())["inflight"]

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """A sender runs inside the block. When the block is left, it finishes what it has claimed."""
        running = make_components(self.services, TOKEN, self.box.url)
        await running.messenger.pictures.start()
        send = running.messenger.send

        async def noted(*args: Any, **options: Any) -> Any:
            began = self.clock.monotonic()
            self.sends_at.append(began)
            await self.clock.sleep(self.answer_takes)
            self.in_flight += 1
            try:
                return await send(*args, **options)
            except CallWithheld:  # it did not leave
                self.sends_at.remove(began)
                raise
            finally:
                self.in_flight -= 1

        running.messenger.send = noted  # type: ignore[method-assign]
        work = asyncio.create_task(running.sender.run())
        try:
            yield
        finally:
            running.sender.stop()
            try:
                await self.finish(work)
            finally:
                await running.bot.session.close()

    async def deliver(self) -> None:
        """Run a sender until everything is settled."""
        async with self.at_work():
            await self.until(self.settled)


Make = Callable[..., Awaitable[SenderKit]]


@pytest.fixture
async def make_kit(tmp_path: Path, made_once: dict[str, Path]) -> AsyncIterator[Make]:
    """Opens a kit with this number of members and this rate."""
    async with Sandbox(any_token=False, limits=False) as box:
        box.clock.move_to(TUESDAY_TEN)
        box.add_bot(TOKEN, "test_bot", "Test")
        (tmp_path / "bot.db").write_bytes(made_once["display"].read_bytes())
        db = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")

        async def make(members: int = 3, rate: float = 200, **more: Any) -> SenderKit:
            clock = VirtualClock(TUESDAY_TEN, lambda: kit.busy())
            box.backend.limiter.now = clock.monotonic
            services = make_services(db, settings_for(tmp_path, send_rate=rate, **more), clock)
            kit = SenderKit(box, services, db, clock)
            await order(db, "UPDATE campaigns SET state = 'queued'")
            await kit.join(members)
            return kit

        yield make
        await db.close()
