"""Delivery over a Bot API that fails all the time: every notification is settled, and every guarantee holds meanwhile
(R13, R26, R27).

A tenth of the calls is answered with 429. A fifth gets no answer or an invalid one; half of those have arrived.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count, groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import URL

from bot.services import Services, make_services
from bot.telegram.session import BotSession
from bot.wiring import make_components
from bot.worker import Worker
from domain.notifications import DeliveryPolicy
from domain.rate_limit import RateLimiter
from sandbox import Sandbox
from services.clock import SystemClock
from services.notifications.outbox import Outbox
from storage.db import Database
from storage.notifications import ClaimedNotification
from tests import postgres
from tests.bot.delivery.sender_kit import SENDS, TOKEN
from tests.campaigns.outbound import BOT, Post, Senders
from tests.campaigns.size import sized
from tests.conftest import TUESDAY_TEN, settings_for
from tests.services.conftest import ask
from tests.waiting import until

pytestmark = pytest.mark.long

RATE = 40
RETRY_AFTER = 2
"""Seconds that Telegram asks for: longer than this machine stands still, so that a send in the pause is seen as one."""
NO_ANSWER = 1.5
"""Seconds after which a call times out here. The bot waits for a minute."""
FAULTS: list[dict[str, Any]] = [
    {"kind": "429", "probability": 0.10, "retry_after": RETRY_AFTER},
    {"kind": "500", "probability": 0.05},
    {"kind": "502", "probability": 0.05},
    {"kind": "reset_before", "probability": 0.05},
    {"kind": "reset_after", "probability": 0.05},
    {"kind": "hang", "probability": sized(small=0.02, full=0.01), "seconds": NO_ANSWER + 1},
    {"kind": "truncate", "probability": 0.02},
    {"kind": "garbled", "probability": 0.02},
    {"kind": "slow", "probability": 1.0, "seconds": 0.3},
]
"""The faults. Each applies to the calls that the ones before it left alone; the remaining calls are slow."""
POSTS, MEMBERS, CHATS = sized(small=(6, 40, 3), full=(10, 140, 5))
FEW = (40, 2)
"""The number of members and chats with which a planted bug is seen."""
ON_THE_WAY = 5
FINAL = {"sent", "unknown"}


@dataclass
class Stalls:
    """The times at which this machine delayed the event loop, and for how long. A call arrives late by that."""

    found: list[tuple[float, float]] = field(default_factory=list)

    async def watch(self) -> None:
        """Record stalls until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            if (late := time.monotonic() - before - 0.005) > 0.02:
                self.found.append((before, late))

    def around(self, moment: float) -> float:
        """The seconds that were lost within a second of this moment."""
        return sum(late for at, late in self.found if at - 1 < moment < at + late + 1)


@dataclass
class Weather:
    """An outbox whose Bot API server fails, and the calls that the server has seen."""

    post: Post
    services: Services
    stalls: Stalls = field(default_factory=Stalls)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Every call that sends, in the order of arrival."""
        found = [call for call in self.post.box.backend.call_log.since(0) if call["method"] in SENDS]
        return sorted(found, key=itemgetter("at_monotonic"))

    async def deliver(self) -> None:
        """Send everything with one sender in this process."""
        running = make_components(self.services, TOKEN, self.post.box.url)
        session = running.bot.session
        assert isinstance(session, BotSession)
        session.timeout = NO_ANSWER
        await running.messenger.pictures.start()
        watching = asyncio.create_task(self.stalls.watch())
        work = asyncio.create_task(running.sender.run())
        try:
            await until(self._settled)
        finally:
            running.sender.stop()
            await asyncio.wait_for(work, 30)
            watching.cancel()
            await session.close()

    async def _settled(self) -> bool:
        await asyncio.sleep(0.2)
        return not await ask(
            self.post.db,
            "SELECT id FROM notifications WHERE state IN ('pending', 'claimed', 'inflight', 'paused') LIMIT 1",
        )

    async def wrongs(self) -> list[str]:
        """Each guarantee that did not hold, in a sentence."""
        calls = self.calls
        return [
            *await self._not_final(),
            *_copies(calls),
            *_too_fast(calls, self.services.context.rules.send_rate),
            *_chats_not_left_alone(calls, self.stalls),
            *_all_not_left_alone(calls, self.stalls),
            *await self._lost(calls),
        ]

    async def _not_final(self) -> list[str]:
        states = await self.post.states()
        return [f"{number} letters ended as {state}" for state, number in states.items() if state not in FINAL]

    async def _lost(self, calls: list[dict[str, Any]]) -> list[str]:
        arrived = Counter(int(call["chat_id"]) for call in calls if call["ok"])
        rows = await ask(
            self.post.db,
            "SELECT coalesce(m.chat_id, c.chat_id) AS chat, count(*) AS number FROM notifications l "
            "LEFT JOIN members m ON m.id = l.member_id LEFT JOIN bound_chats c ON c.id = l.bound_chat_id "
            "WHERE l.state = 'sent' GROUP BY 1",
        )
        return [
            f"chat {row.chat} has {arrived[row.chat]} messages of {row.number} that are marked as sent"
            for row in rows
            if arrived[row.chat] < row.number
        ]


def _copies(calls: list[dict[str, Any]]) -> Iterable[str]:
    copies = Counter((call["chat_id"], *_message(call)) for call in calls if call["ok"])
    for (chat, held, what), number in copies.items():
        most = 1 if held else 2
        if number > most:
            yield f"chat {chat} has {number} copies of {what!r}, which may come {most} times at most"


def _message(call: dict[str, Any]) -> tuple[bool, str]:
    """Whether a message may never arrive twice, and what distinguishes it from others of its chat."""
    said = str(call["params"].get("caption") or call["params"].get("text"))
    title = re.search(r"Thing \w+", said)
    assert title is not None, said
    return (
        (False, title[0])
        if "group is coming" in said
        else (True, title[0] if int(call["chat_id"]) < 0 else "the day's goods")
    )


def _too_fast(calls: list[dict[str, Any]], rate: float) -> Iterable[str]:
    """Whether too many calls arrived in a second. A few more may arrive at once after a stall of this machine."""
    times = [call["at_monotonic"] for call in calls]
    first = 0
    for last, moment in enumerate(times):
        while moment - times[first] >= 0.95:
            first += 1
        if last - first + 1 > rate + ON_THE_WAY:
            yield f"{last - first + 1} messages within a second"
            return


def _pause(call: dict[str, Any], stalls: Stalls) -> tuple[float, float]:
    """The period for which the chat of a 429 must receive no call, as seen by the server."""
    answered = call["at_monotonic"] + call["seconds"]
    return answered + 0.15 + 2 * stalls.around(answered), answered + RETRY_AFTER


def _chats_not_left_alone(calls: list[dict[str, Any]], stalls: Stalls) -> Iterable[str]:
    by_chat = groupby(sorted(calls, key=lambda call: int(call["chat_id"])), key=itemgetter("chat_id"))
    for chat, its in by_chat:
        for call, after in pairwise(its):
            heard, until_when = _pause(call, stalls)
            if call["error_code"] == 429 and heard < after["at_monotonic"] < until_when:
                yield f"chat {chat} was not left alone after a 429"


def _all_not_left_alone(calls: list[dict[str, Any]], stalls: Stalls) -> Iterable[str]:
    refused = [call for call in calls if call["error_code"] == 429]
    times = [call["at_monotonic"] for call in calls]
    for before, call in pairwise(refused):
        if before["chat_id"] == call["chat_id"] or call["at_monotonic"] - before["at_monotonic"] > 4:
            continue
        heard, until_when = _pause(call, stalls)
        if number := sum(heard < moment < until_when for moment in times):
            yield f"{number} messages left while Telegram wanted silence from all"


Start = Callable[..., Awaitable[Weather]]


@pytest.fixture
async def start(goods: Path | URL, senders: Senders, tmp_path: Path) -> AsyncIterator[Start]:
    """Opens an outbox with notifications for members and groups, and a Bot API server that fails."""
    numbers = count(1)
    async with AsyncExitStack() as stack:

        async def begin(
            members: int, chats: int, faults: Sequence[dict[str, Any]] = FAULTS, rate: float = RATE
        ) -> Weather:
            folder = tmp_path / f"post{next(numbers)}"
            folder.mkdir()
            if isinstance(goods, Path):
                shutil.copy(goods, folder / "bot.db")
                url = f"sqlite+aiosqlite:///{folder}/bot.db"
            else:
                url = postgres.address(await postgres.new_database(goods, str(goods.database)))
            box = await stack.enter_async_context(Sandbox(any_token=False, limits=False))
            box.clock.move_to(TUESDAY_TEN)
            box.add_bot(TOKEN, "test_bot", "Test")
            box.backend.faults.chance.seed(folder.name)
            db = Database(url)
            stack.push_async_callback(db.close)
            services = make_services(db, settings_for(folder, send_rate=rate), SystemClock(box.clock.now))
            post = Post(box, services, db, senders)
            owner = box.add_person("Owner")
            for number in range(chats):
                group = box.add_group(f"Group {number}", [owner.id, BOT])
                assert await services.chats.bind(group.id, "en")
            await post.notifications(members, items=1)
            for fault in faults:
                for method in SENDS:
                    box.backend.faults.add({"method": method, **fault})
            return Weather(post, services)

        yield begin


async def test_every_promise_holds_over_a_faulty_bot_api(start: Start) -> None:
    """Several outboxes are sent at the same time, because most of the time is spent waiting."""
    weathers = [await start(MEMBERS, CHATS) for _ in range(POSTS)]
    began = time.monotonic()
    await asyncio.gather(*(weather.deliver() for weather in weathers))
    took = time.monotonic() - began
    states = Counter[str]()
    for weather in weathers:
        states += await weather.post.states()
    calls = [call for weather in weathers for call in weather.calls]
    notes = Counter(call["note"] for call in calls if call["note"] not in ("", "slow"))
    sys.stdout.write(
        f"{states.total()} letters in {len(calls)} calls and {took:.0f} s: {dict(states)}; faults {dict(notes)}\n"
    )
    assert not [wrong for weather in weathers for wrong in await weather.wrongs()]
    assert states.total() == POSTS * (2 * MEMBERS + 4 * CHATS)
    assert notes.keys() == {fault["kind"] for fault in FAULTS} - {"slow"} and notes.total() > 0.25 * len(calls)


# -- planted bugs --


def _held_notifications_are_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = Outbox.lost_answer

    async def lost_answer(self: Outbox, notification: ClaimedNotification, *args: Any) -> None:
        resend = notification.policy is DeliveryPolicy.HOLD and notification.attempts < 3
        await (self.again(notification, *args) if resend else lost(self, notification, *args))

    monkeypatch.setattr(Outbox, "lost_answer", lost_answer)


def _a_429_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RateLimiter, "refused", lambda self, chat_id, seconds, now: False)


def _what_is_lost_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost_answer(self: Outbox, notification: ClaimedNotification, *args: Any) -> None:
        await self.sent(notification, 0)

    monkeypatch.setattr(Outbox, "lost_answer", lost_answer)


def _a_loss_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost_answer(self: Outbox, notification: ClaimedNotification, after: object, *why: Any) -> None:
        await self.dead(notification, *why)

    monkeypatch.setattr(Outbox, "lost_answer", lost_answer)


LOST = ({"kind": "reset_after", "probability": 0.3}, {"kind": "500", "probability": 0.3})
WAITS = ({"kind": "429", "probability": 0.1, "retry_after": RETRY_AFTER}, {"kind": "slow", "seconds": 0.3})


@pytest.mark.parametrize(
    ("bug", "faults", "seen"),
    [
        (_held_notifications_are_sent_again, LOST, "copies of"),
        (_a_429_is_ignored, WAITS, "wanted silence from all"),
        (_what_is_lost_is_sent, LOST, "marked as sent"),
        (_a_loss_is_dead, LOST, "ended as dead"),
    ],
)
@pytest.mark.parametrize("goods", ["sqlite"], indirect=True)
async def test_a_planted_bug_is_seen(
    start: Start,
    bug: Callable[[pytest.MonkeyPatch], None],
    faults: Sequence[dict[str, Any]],
    seen: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weather = await start(*FEW, faults)
    bug(monkeypatch)
    monkeypatch.setattr(Worker, "jittered", lambda _, seconds: 0.1)
    await weather.deliver()
    assert any(seen in wrong for wrong in await weather.wrongs()), await weather.wrongs()


@pytest.mark.parametrize("goods", ["sqlite"], indirect=True)
async def test_too_many_a_second_are_seen(start: Start) -> None:
    weather = await start(FEW[0], 0, (), 4)
    weather.services.context.rate_limiter = RateLimiter(RATE)
    await weather.deliver()
    assert any("messages within a second" in wrong for wrong in await weather.wrongs())
