"""The courier when something of ours breaks: a bug in a letter, the database, the process itself (R26)."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from services.outbox import LEASE, Claimed
from storage.away import Away
from tests.bot.test_courier import OPEN, SENDS, TOKEN, Make, Office, make_office, most_within, until
from tests.services.conftest import ask, made_once, on_display, one, order


async def test_a_bug_in_one_letter_keeps_no_other_from_its_reader(
    make_office: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await make_office(5)
    await office.alerts()
    contents = office.services.outbox.contents

    async def broken(letter: Claimed) -> Any:
        if letter.member_id == office.people[2].id:
            raise RuntimeError("a bug")
        return await contents(letter)

    monkeypatch.setattr(office.services.outbox, "contents", broken)

    async def others_are_told() -> bool:
        return (await office.states())["sent"] == 4

    async with office.at_work():
        await until(others_are_told)
    assert await office.states() == {"sent": 4, "pending": 1}


async def test_r26_a_database_that_fails_for_a_moment_stops_and_loses_nothing(
    make_office: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await make_office(5)
    await office.alerts()
    outbox = office.services.outbox
    begin, claim, sent = outbox.begin, outbox.claim, outbox.sent
    troubles = {"claim": 1, "begin": 1, "sent": 1}

    def failing(name: str, verb: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def fails_once(*args: Any) -> Any:
            if troubles[name]:
                troubles[name] -= 1
                raise OSError("disk full")
            return await verb(*args)

        return fails_once

    for name, verb in (("claim", claim), ("begin", begin), ("sent", sent)):
        monkeypatch.setattr(outbox, name, failing(name, verb))

    async def the_rest_is_settled() -> bool:
        return (await office.states())["sent"] == 3

    async with office.at_work():
        await until(the_rest_is_settled)
        assert await office.states() == {"sent": 3, "claimed": 1, "inflight": 1}
        office.box.clock.advance(timedelta(minutes=10))  # the leases are over
        await until(office.settled)
    assert await office.states() == {"sent": 5}
    assert sorted(office.arrived().values()) == [1, 1, 1, 1, 2], "only the one whose arrival was not noted comes twice"


async def test_r26_what_telegram_has_answered_is_noted_when_the_database_is_back_and_nothing_comes_twice(
    make_office: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    office = await make_office(8)
    await office.alerts()
    await office.carousels()
    write, away, refused = office.db.write, False, 0

    @asynccontextmanager
    async def away_at_times() -> AsyncIterator[AsyncConnection]:
        nonlocal refused
        if away:
            refused += 1
            raise Away("it is stopped")
        async with write() as connection:
            yield connection

    async def some_are_out() -> bool:
        return office.arrived().total() >= 3

    async def several_wait() -> bool:
        return refused > 8

    monkeypatch.setattr(office.db, "write", away_at_times)
    async with office.at_work():
        await until(some_are_out)
        away = True
        await until(several_wait)
        away = False
        await until(office.settled)
    assert await office.states() == {"sent": 16}
    assert office.arrived() == {member.chat_id: 2 for member in office.people}
    said = [line.partition(",")[0].removesuffix(" after 0 s") for line in caplog.messages if "the database is" in line]
    assert said == ["the database is away", "the database is back"], "one line each"


async def test_r26_who_stood_still_past_half_of_the_lease_sends_nothing(
    make_office: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await make_office(2)
    await office.carousels()
    begin = office.services.outbox.begin
    slept: list[int] = []

    async def sleeps_once(letter: Claimed) -> Any:
        begun = await begin(letter)
        if not slept:
            slept.append(letter.id)
            office.box.clock.advance(LEASE)
            assert await office.services.outbox.recover(everything=False) == (0, 1), "somebody has taken it over"
        return begun

    monkeypatch.setattr(office.services.outbox, "begin", sleeps_once)
    await office.deliver()
    assert await office.states() == {"sent": 1, "unknown": 1}
    assert office.arrived().total() == 1, "what was taken over has not left"


async def test_what_a_killed_courier_left_in_flight_follows_its_policy(make_office: Make) -> None:
    office = await make_office(3)
    await office.alerts()
    await office.carousels()
    outbox = office.services.outbox
    held = await outbox.claim(50)
    assert len(held) == 6
    for letter in held[::2]:
        assert await outbox.begin(letter)
    in_flight = Counter(letter.kind.value for letter in held[::2])
    await office.deliver()
    carousels = in_flight["carousel"]
    assert await office.states("group%") == {"sent": 3}
    assert await office.states("carousel") == {"sent": 3 - carousels, "unknown": carousels}
    assert carousels > 0


# -- kill -9 --


@asynccontextmanager
async def copies(office: Office, rate: float) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """Starts couriers in processes of their own, each as fresh as after a restart; gives their numbers."""
    root = str(Path(__file__).parent.parent.parent)
    source = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bot.outgoing",
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert source.stdin is not None and source.stdout is not None
    assert await source.stdout.readline() == b"ready\n"
    started: list[int] = []

    async def start() -> int:
        url = office.db.url.render_as_string(hide_password=False)
        source.stdin.write(f"{url} {office.box.url} {TOKEN} {office.box.clock.offset} {rate}\n".encode())
        started.append(int(await source.stdout.readline()))
        return started[-1]

    try:
        yield start
    finally:
        for number in started:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        source.kill()
        await source.wait()


async def test_r26_killed_at_any_moment_it_loses_nothing_and_repeats_only_what_was_in_flight(make_office: Make) -> None:
    office = await make_office(45)
    await office.alerts()
    await office.carousels()
    chance = random.Random(7)
    in_flight: Counter[str] = Counter()
    async with copies(office, rate=100) as start:
        for _ in range(5):
            number = await start()
            enough = len(office.sends()) + chance.randrange(1, 18)

            async def enough_are_out(wanted: int = enough) -> bool:
                return len(office.sends()) >= wanted

            await until(enough_are_out)
            os.kill(number, signal.SIGKILL)
            in_flight.update(
                {
                    row.kind: row.number
                    for row in await ask(
                        office.db, "SELECT kind, count(*) number FROM letters WHERE state = 'inflight' GROUP BY 1"
                    )
                }
            )
        await start()
        await until(office.settled)
    alerts, carousels = Counter[int](), Counter[int]()
    for call in office.sends():
        if call["ok"]:
            kind = alerts if "Your group is coming" in call["params"]["caption"] else carousels
            kind[int(call["chat_id"])] += 1
    everyone = {member.chat_id for member in office.people}
    unknown = await ask(
        office.db, "SELECT m.chat_id FROM letters l JOIN members m ON m.id = l.member_id WHERE l.state = 'unknown'"
    )
    assert everyone - set(alerts) <= {row.chat_id for row in unknown}, "none is lost but what was twice in flight"
    assert max(alerts.values()) <= 2 and alerts.total() - 45 <= in_flight["group-scheduled"]
    assert max(carousels.values()) == 1, "no carousel comes twice"
    assert 45 - carousels.total() <= in_flight["carousel"] == (await office.states("carousel"))["unknown"]
    assert in_flight.total() < 5 * 12, "few are in flight at any moment"
