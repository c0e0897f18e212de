"""What strangers can ask for is asked once for all of them."""

from __future__ import annotations

import asyncio

import pytest

from services.shared_answers import FRESH, LONGEST, REST, SharedAnswer, SingleFlight, TooManyAtOnce
from tests.virtual_clock import VirtualClock


class Question:
    """Takes a while on the virtual clock, and notes how often it was asked, and how often at once."""

    def __init__(self, clock: VirtualClock, takes: float) -> None:
        self.clock, self.takes = clock, takes
        self.asked = self.now = self.most = 0
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.asked += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await self.clock.sleep(self.takes)
        self.now -= 1
        if self.error:
            raise self.error
        return self.asked


async def test_many_who_ask_at_once_cause_one_question() -> None:
    clock = VirtualClock()
    question = Question(clock, 0.01)
    shared = SharedAnswer(clock, question)
    asking = asyncio.gather(*(shared.get() for _ in range(40)))
    await clock.finish(asking)
    assert asking.result() == [1] * 40 and question.asked == 1


async def test_an_answer_serves_for_a_moment_and_is_asked_for_again_after_it() -> None:
    clock = VirtualClock()
    question = Question(clock, 0)
    shared = SharedAnswer(clock, question)
    assert [await shared.get(), await shared.get()] == [1, 1]
    await clock.advance(FRESH / 2)
    assert await shared.get() == 1
    await clock.advance(FRESH)
    assert await shared.get() == 2


async def test_what_takes_long_is_asked_for_a_twentieth_of_the_time() -> None:
    clock = VirtualClock()
    question = Question(clock, 0.5)
    shared = SharedAnswer(clock, question)
    asking = list[asyncio.Task[int]]()
    for _ in range(1_000):
        asking.append(asyncio.create_task(shared.get()))
        await clock.advance(0.1)
    assert question.most == 1 and question.asked * 0.5 <= 100 / (REST + 1) + 0.5
    assert [task.result() for task in asking] == sorted(task.result() for task in asking)


async def test_no_answer_is_older_than_the_metrics_may_be() -> None:
    clock = VirtualClock()
    question = Question(clock, 30.0)
    shared = SharedAnswer(clock, question)
    await clock.finish(shared.get())
    await clock.advance(LONGEST + 1)
    await clock.finish(shared.get())
    assert question.asked == 2


async def test_where_the_one_who_asks_leaves_the_next_one_asks() -> None:
    clock = VirtualClock()
    question = Question(clock, 1.0)
    shared = SharedAnswer(clock, question)
    first, second, third = (asyncio.create_task(shared.get()) for _ in range(3))
    await clock.sleeping()
    first.cancel()
    await clock.finish(asyncio.gather(second, third))
    assert first.cancelled() and second.result() == third.result() == question.asked == 2


async def test_an_error_is_told_to_all_and_is_not_repeated_at_once() -> None:
    clock = VirtualClock()
    question = Question(clock, 0)
    question.error = ConnectionRefusedError("nobody there")
    shared = SharedAnswer(clock, question)
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            await shared.get()
    assert question.asked == 1
    question.error = None
    await clock.advance(2 * FRESH)
    assert await shared.get() == 2


async def test_single_flights_do_work_once_for_a_key_and_refuse_more_keys_than_there_is_room_for() -> None:
    clock = VirtualClock()
    question = Question(clock, 1.0)
    flights = SingleFlight[int](1)
    same = asyncio.gather(*(flights.do("one", question) for _ in range(9)))
    await clock.sleeping()
    with pytest.raises(TooManyAtOnce):
        await flights.do("other", question)
    await clock.finish(same)
    assert same.result() == [1] * 9
    other = asyncio.create_task(flights.do("other", question))
    await clock.finish(other)
    assert other.result() == 2, "and then there is room again"
