"""The courier against a Telegram that refuses, breaks off and is slow (R13, R24, R26, R27; Bot API, sendMessage)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.services import Services, make_services
from bot.wiring import make_components
from domain.people import Member
from sandbox import Sandbox
from services.clock import SystemClock
from services.groups import Scheduled
from storage.db import Database
from tests.conftest import TUESDAY_TEN, meet, settings_for
from tests.services.conftest import ask, made_once, on_display, one, order  # noqa: F401

TOKEN = "123456:a-token-for-tests-of-the-courier"
SENDS = ("sendMessage", "sendPhoto")
OPEN = ("pending", "claimed", "inflight")


@dataclass
class Office:
    """A bot's outgoing side: letters in the outbox, a Telegram that can be made to misbehave, and a courier."""

    box: Sandbox
    services: Services
    db: Database
    people: list[Member] = field(default_factory=list)

    async def join(self, number: int) -> None:
        """So many more members, who have pressed Start."""
        bot_id = int(TOKEN.partition(":")[0])
        for _ in range(number):
            person = self.box.add_person("P")
            self.box.world.private_chat(person.id, bot_id).started = True
            self.people.append(await meet(self.services, person.id, "P"))

    async def alerts(self, opens_in: timedelta = timedelta(hours=5), place: int = 0) -> int:
        """One alert to every member, about the item at this place of the display; returns the item."""
        item = (await on_display(self.services))[place]
        for member in self.people:
            await self.services.voting.follow(member, item, on=True)
        opens_at = self.services.context.clock.now() + opens_in
        assert isinstance(await self.services.groups.schedule(item, opens_at, None, "test"), Scheduled)
        await order(self.db, "UPDATE campaigns SET state = 'waiting', cursor = 0 WHERE kind = 'group-scheduled'")
        await self.services.groups.tick()
        return item

    async def carousels(self) -> None:
        """The day's carousel to every member."""
        await order(self.db, "UPDATE campaigns SET state = 'waiting', cursor = 0 WHERE kind = 'carousel'")
        await self.services.groups.tick()

    def fault(self, kind: str, **rule: Any) -> None:
        """From now on calls that send go wrong like this."""
        for method in SENDS:
            self.box.backend.faults.add({"kind": kind, "method": method, **rule})

    def sends(self) -> list[dict[str, Any]]:
        """Every call that sends, as Telegram saw it."""
        return [call for call in self.box.backend.call_log.since(0) if call["method"] in SENDS]

    def arrived(self) -> Counter[int]:
        """Messages by chat. A call whose answer was lost afterwards has taken effect."""
        return Counter(int(call["chat_id"]) for call in self.sends() if call["ok"])

    async def states(self, kind: str = "%") -> Counter[str]:
        rows = await ask(
            self.db, "SELECT state, count(*) FROM notifications WHERE kind LIKE :kind GROUP BY 1", kind=kind
        )
        return Counter({state: number for state, number in rows})

    async def settled(self) -> bool:
        """Whether no letter is on its way or due any more."""
        states = await self.states()
        return not any(states[state] for state in OPEN)

    async def settled_but_for(self, number: int) -> bool:
        """Whether so many letters wait, and none is in the courier's hands."""
        states = await self.states()
        return states["pending"] == number and not states["claimed"] and not states["inflight"]

    async def tried_once(self) -> bool:
        """Whether what became of the first call is noted."""
        return bool(self.sends()) and not (await self.states())["inflight"]

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """A courier works inside the block, and has finished what it held when the block is left."""
        running = make_components(self.services, TOKEN, self.box.url)
        await running.pictures.start()
        work = asyncio.create_task(running.sender.run())
        try:
            yield
        finally:
            running.sender.stop()
            try:
                await asyncio.wait_for(work, 10)
            finally:
                await running.bot.session.close()

    async def deliver(self) -> None:
        """Let a courier work until everything is settled."""
        async with self.at_work():
            await until(self.settled)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
    """Wait for a condition, with a limit."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        await asyncio.sleep(0.01)


Make = Callable[..., Awaitable[Office]]


@pytest.fixture
async def make_office(tmp_path: Path, made_once: dict[str, Path]) -> AsyncIterator[Make]:  # noqa: F811
    """Opens an office with so many members and such a rate."""
    async with Sandbox(any_token=False, limits=False) as box:
        box.clock.move_to(TUESDAY_TEN)
        box.add_bot(TOKEN, "test_bot", "Test")
        (tmp_path / "bot.db").write_bytes(made_once["display"].read_bytes())
        db = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")

        async def make(members: int = 3, rate: float = 200, **more: Any) -> Office:
            services = make_services(db, settings_for(tmp_path, send_rate=rate, **more), SystemClock(box.clock.now))
            await order(db, "UPDATE campaigns SET state = 'queued'")
            office = Office(box, services, db)
            await office.join(members)
            return office

        yield make
        await db.close()


async def test_r9_r13_a_carousel_that_arrived_counts_as_seen_and_one_that_did_not_does_not(make_office: Make) -> None:
    office = await make_office(6)
    office.box.backend.faults.add({"kind": "500", "method": "sendPhoto", "chat": str(office.people[0].chat_id)})
    await office.carousels()
    await office.deliver()
    assert await office.states() == {"sent": 5, "unknown": 1}
    assert await one(office.db, "SELECT sum(shown) FROM items") == 5
    seen = await ask(office.db, "SELECT DISTINCT member_id FROM exposures")
    assert {row.member_id for row in seen} == {member.id for member in office.people[1:]}


# -- Telegram says no --


async def test_a_429_that_two_chats_hear_is_honoured_with_one_pause_and_nothing_is_lost(make_office: Make) -> None:
    office = await make_office(20, rate=50)
    await office.alerts()

    async def some_are_out() -> bool:
        return office.arrived().total() >= 4

    async with Stalls() as stalls, office.at_work():
        await until(some_are_out)
        office.box.backend.faults.add({"kind": "429", "method": "sendPhoto", "retry_after": 1, "count": 2})
        await until(office.settled)
    calls = office.sends()
    pause_began = max(call["at_monotonic"] + call["seconds"] for call in calls if not call["ok"])
    heard_of = 0.1 + 2 * stalls.worst
    in_the_pause = [call for call in calls if heard_of < call["at_monotonic"] - pause_began < 0.99]
    assert not in_the_pause, f"{len(in_the_pause)} sends while Telegram wanted silence"
    assert sum(not call["ok"] for call in calls) == 2
    assert office.arrived() == {member.chat_id: 1 for member in office.people}
    assert await office.states() == {"sent": 20}


async def test_a_429_without_parameters_is_a_429_too(make_office: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from sandbox.errors import Refusal

    monkeypatch.setattr(
        "sandbox.bot_api.faults.too_many", lambda seconds: Refusal(429, "Too Many Requests: retry after 1")
    )
    office = await make_office(1)
    await office.alerts()
    office.fault("429", retry_after=1, count=1)
    await office.deliver()
    first, second = office.sends()
    assert second["at_monotonic"] - first["at_monotonic"] >= 1 and await office.states() == {"sent": 1}


async def test_stopping_does_not_wait_for_the_end_of_a_long_pause(make_office: Make) -> None:
    office = await make_office(30)
    await office.alerts()
    office.fault("429", retry_after=3000)

    async def was_refused() -> bool:
        return bool(office.sends())

    async with office.at_work():
        await until(was_refused)
        stopped_at = time.monotonic()
    assert time.monotonic() - stopped_at < 3
    assert await office.states() == {"pending": 30}, "what was held is given back"


async def test_r26_who_blocked_the_bot_is_given_up_and_the_others_are_told(make_office: Make) -> None:
    office = await make_office(4)
    blocked, unknown = office.people[0], office.people[1]
    office.box.world.person(blocked.chat_id).blocked.append(int(TOKEN.partition(":")[0]))
    office.box.world.private_chat(unknown.chat_id, int(TOKEN.partition(":")[0])).started = False
    await office.alerts()
    await office.carousels()
    await office.deliver()
    assert office.arrived() == {member.chat_id: 2 for member in office.people[2:]}
    assert Counter(str(call["chat_id"]) for call in office.sends())[str(blocked.chat_id)] == 1, "one refusal is enough"
    rows = await ask(office.db, "SELECT chat_id, unreachable FROM members WHERE unreachable IS NOT NULL")
    assert {row.chat_id: row.unreachable for row in rows} == {
        blocked.chat_id: "blocked",
        unknown.chat_id: "unreachable",
    }
    assert await office.states() == {"sent": 4, "suppressed": 4}
    again = await meet(office.services, blocked.chat_id, "P")
    assert await one(office.db, "SELECT unreachable FROM members WHERE id = :id", id=again.id) is None


async def test_what_telegram_will_never_take_is_tried_once(make_office: Make) -> None:
    office = await make_office(3)
    item = await office.alerts()
    await order(office.db, "UPDATE items SET title_en = :long WHERE id = :id", long="x" * 2000, id=item)
    await office.deliver()
    assert await office.states() == {"dead": 3}
    assert len(office.sends()) == 3 and not office.arrived()
    assert "too long" in await one(office.db, "SELECT reason FROM notifications LIMIT 1")


# -- Telegram says nothing --


@pytest.mark.parametrize("kind", ["500", "502", "reset_before", "reset_after", "truncate"])
async def test_r26_an_alert_whose_answer_was_lost_is_sent_once_more(make_office: Make, kind: str) -> None:
    office = await make_office(1)
    await office.alerts()
    office.box.backend.faults.add({"kind": kind, "method": "sendPhoto", "count": 1})
    async with office.at_work():
        await until(lambda: _tried(office, 1))
        office.box.clock.advance(timedelta(seconds=5))
        await until(office.settled)
    assert len(office.sends()) == 2 and await office.states() == {"sent": 1}
    assert office.arrived().total() == (2 if kind in ("reset_after", "truncate") else 1)


async def _tried(office: Office, times: int) -> bool:
    return (await one(office.db, "SELECT sum(uncertain_attempts) FROM notifications") or 0) >= times


@pytest.mark.parametrize("kind", ["500", "502", "reset_after"])
async def test_r26_an_alert_is_never_sent_a_third_time(make_office: Make, kind: str) -> None:
    office = await make_office(1)
    await office.alerts()
    office.fault(kind)
    async with office.at_work():
        await until(lambda: _tried(office, 1))
        office.box.clock.advance(timedelta(seconds=5))
        await until(office.settled)
        office.box.backend.faults.remove()
        office.box.clock.advance(timedelta(hours=1))
        await until(office.settled)
    assert len(office.sends()) == 2 and await office.states() == {"unknown": 1}


@pytest.mark.parametrize("kind", ["500", "502", "reset_before", "reset_after", "truncate"])
async def test_r13_a_carousel_whose_answer_was_lost_is_never_sent_again(make_office: Make, kind: str) -> None:
    office = await make_office(1)
    await office.carousels()
    office.box.backend.faults.add({"kind": kind, "method": "sendPhoto", "count": 1})
    async with office.at_work():
        await until(office.settled)
        office.box.clock.advance(timedelta(hours=1))
        await until(office.settled)
    assert len(office.sends()) == 1 and await office.states() == {"unknown": 1}


async def test_r26_what_never_left_is_tried_until_it_does(make_office: Make) -> None:
    """Telegram cannot be reached at all for a while: that is certain, so nobody's letter is given up or doubled."""
    office = await make_office(6)
    await office.alerts()
    await office.carousels()
    await office.box.stop()

    async def tried() -> bool:
        return bool(await one(office.db, "SELECT count(*) FROM notifications WHERE reason LIKE '%Connect%'"))

    async with office.at_work():
        await until(tried)
        await office.box.start()
        office.box.clock.advance(timedelta(minutes=1))
        await until(office.settled)
    assert office.arrived() == {member.chat_id: 2 for member in office.people}
    assert await office.states() == {"sent": 12}


@pytest.mark.long
async def test_r26_an_outage_of_seconds_does_not_use_up_every_letters_one_more_try(make_office: Make) -> None:
    office = await make_office(60, rate=100)
    await office.alerts()
    office.fault("500")

    async def doubted() -> bool:
        return sum(not call["ok"] for call in office.sends()) >= 3

    async with office.at_work():
        await until(doubted)
        began = time.monotonic()
        while time.monotonic() - began < 2:  # an outage has its length, which a condition cannot replace
            office.box.clock.advance(timedelta(seconds=1))
            await asyncio.sleep(0.1)
        office.box.backend.faults.remove()
        office.box.clock.advance(timedelta(minutes=1))
        await until(office.settled)
    states = await office.states()
    assert states["sent"] >= 55 and states["sent"] + states["unknown"] == 60, states
    assert max(office.arrived().values()) == 1


# -- the rate --


class Stalls:
    """How long this machine kept the event loop waiting meanwhile: what left on time may have arrived so much later."""

    def __init__(self) -> None:
        self.worst = self.all = 0.0

    async def __aenter__(self) -> Stalls:
        self._watcher = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watcher.cancel()

    async def _watch(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.002)
            late = time.monotonic() - before - 0.002
            self.worst, self.all = max(self.worst, late), self.all + max(0.0, late - 0.002)


def most_within(office: Office, seconds: float) -> int:
    """The most sends within any span of so many seconds."""
    times = sorted(call["at_monotonic"] for call in office.sends())
    return max(sum(start <= other < start + seconds for other in times[first:]) for first, start in enumerate(times))


@pytest.mark.long
async def test_r24_the_rate_is_never_exceeded_in_any_second(make_office: Make) -> None:
    office = await make_office(1, rate=30)
    await office.alerts()
    await office.deliver()  # the picture is known to Telegram from now on
    office.people.clear()
    await office.join(75)
    await office.alerts()
    async with Stalls() as stalls:
        await office.deliver()
    assert len(office.sends()) == 76 == office.arrived().total()
    # Measured where messages arrive; a twentieth of a second for the way, which is not the same for each.
    assert most_within(office, 0.95 - stalls.worst) <= 30, f"and this machine stalled for {stalls.worst:.3f} s at most"


@pytest.mark.long
async def test_r24_the_rate_is_kept_up_however_slowly_telegram_answers(make_office: Make) -> None:
    """The lead of an alert is reckoned from the rate: who waits for each answer is late (R24)."""
    office = await make_office(90, rate=30)
    await office.alerts()
    office.fault("slow", seconds=0.5)
    async with Stalls() as stalls:
        await office.deliver()
    starts = sorted(call["at_monotonic"] for call in office.sends())
    assert len(starts) == 90 and office.arrived().total() == 90
    at_the_rate = 89 / 30
    assert starts[-1] - starts[0] - stalls.all < at_the_rate * 1.6, (
        f"this machine stalled for {stalls.all:.3f} s in all"
    )


async def test_r27_an_alert_overtakes_the_carousels_that_wait(make_office: Make) -> None:
    office = await make_office(60, rate=40)
    await office.carousels()
    others, office.people = office.people, []
    await office.join(5)

    async def some_are_out() -> bool:
        return office.arrived().total() >= 8

    async with office.at_work():
        await until(some_are_out)
        await office.alerts()
        before = office.arrived().total()
        await until(office.settled)
    assert office.arrived() == {member.chat_id: 1 for member in (*others, *office.people)}
    order_of_sending = [int(call["chat_id"]) for call in office.sends()]
    last_alert = max(order_of_sending.index(member.chat_id) for member in office.people)
    assert before < 30, "there is something left to overtake"
    assert last_alert < before + 20 + 5 + 5, "half a second's worth is held, and no more goes before them"


async def test_one_chat_with_many_letters_does_not_hold_up_the_others(make_office: Make) -> None:
    office = await make_office(12, rate=100)
    hurried = office.people[0]
    for place in range(3):
        everyone, office.people = office.people, [hurried]
        await office.alerts(place=place)
        office.people = everyone
    await office.alerts(place=3)

    async def others_are_told() -> bool:
        return len(set(office.arrived()) - {hurried.chat_id}) == 11

    began = time.monotonic()
    async with office.at_work():
        await until(others_are_told)
        assert time.monotonic() - began < 2, "four letters to one chat take three seconds"
        while not await office.settled():
            office.box.clock.advance(timedelta(seconds=1))
            await asyncio.sleep(0.02)
    assert office.arrived()[hurried.chat_id] == 4
    times = sorted(call["at_monotonic"] for call in office.sends() if int(call["chat_id"]) == hurried.chat_id)
    assert min(b - a for a, b in pairwise(times)) > 0.95, "a message a second to one chat"


# -- what goes wrong inside --
