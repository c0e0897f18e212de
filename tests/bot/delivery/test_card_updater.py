"""The loop that keeps cards true: its pace, who goes first, and what it makes of Telegram's answers (R21, R24, R27)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramNetworkError, TelegramRetryAfter
from aiogram.methods import GetMe
from sqlalchemy import func, select

from bot.delivery.card_updater import CardUpdater
from bot.services import Services, make_services
from bot.telegram.errors import classify
from domain.people import Member
from handlers.card_editor import CardEditor
from handlers.screen import Screen
from services.cards import InlineOffer, Spot
from services.clock import SystemClock
from storage.db import Database
from storage.errors import DatabaseUnavailable
from storage.models import SharedCardRow
from tests.conftest import Watch, import_goods, meet, settings_for, spend

CARDS = 30


class Telegram:
    """Notes every edit, and answers with the errors that wait here, one after another."""

    def __init__(self) -> None:
        self.edits: list[tuple[float, str]] = []
        self.errors: list[TelegramAPIError] = []
        self.changed = asyncio.Event()
        self.bot = SimpleNamespace(me=self._me)
        self.classify = classify

    async def _me(self) -> Any:
        return SimpleNamespace(username="some_bot")

    async def edit_text(self, where: dict[str, Any], screen: Screen, *, photo: bool) -> None:
        """One edit."""
        self.edits.append((time.monotonic(), where["inline_message_id"]))
        self.changed.set()
        if self.errors:
            raise self.errors.pop(0)

    async def until(self, number: int, limit: float = 10.0) -> None:
        """Wait for so many edits."""
        async with asyncio.timeout(limit):
            while len(self.edits) < number:
                self.changed.clear()
                await self.changed.wait()


class Bench:
    """A display with one item, some of its cards in other chats, and a refresher of their own."""

    def __init__(self, services: Services, telegram: Telegram, owner: Member, card: InlineOffer) -> None:
        self.services = services
        self.telegram = telegram
        self.owner = owner
        self.card = card
        messenger: Any = telegram
        self.card_editor = CardEditor(messenger, services.cards, services.context)

    async def vote(self) -> None:
        """One vote makes every card wrong."""
        await self.services.voting.cast(self.owner, self.card.item.id)

    @asynccontextmanager
    async def running(self, letters_wait: Callable[[], bool] = lambda: False) -> AsyncIterator[None]:
        """The refresher at work."""
        card_updater = CardUpdater(self.services.context, self.services.cards, self.card_editor, letters_wait)
        task = asyncio.create_task(card_updater.run())
        try:
            yield
        finally:
            card_updater.stop()
            await task

    async def known(self, *where: Any) -> int:
        """How many cards are stored that meet a condition."""
        async with self.services.context.db.read() as connection:
            found = await connection.execute(select(func.count()).select_from(SharedCardRow).where(*where))
            return int(found.scalar_one())

    async def until_known(self, number: int, *where: Any) -> None:
        """Wait until so many are stored; nobody is told of it."""
        for _ in range(400):
            if await self.known(*where) == number:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{await self.known(*where)} cards, not {number}")


@pytest.fixture
async def bench(db: Database, tmp_path: Any, watch: Watch) -> Bench:
    began = time.monotonic()

    def now() -> datetime:
        return watch.now() + timedelta(seconds=time.monotonic() - began)

    services = make_services(db, settings_for(tmp_path, send_rate=25), SystemClock(now))
    await services.rounds.tick()
    await import_goods(services, tmp_path / "goods", 1)
    assert await services.rounds.open_special()
    ann = await meet(services)
    await spend(services, ann.chat_id, "500.00")
    card = (await services.cards.offers(ann, "", 0, 1)).offers[0]
    for number in range(CARDS):
        await services.cards.chosen(ann, card.item.id, Spot(inline_id=f"c{number}"), "et", 0)
        watch.advance(seconds=1)
    bench = Bench(services, Telegram(), ann, card)
    bench.card_editor.localizers(("en",))[0].html("shared-over")  # the first text of a process takes a while to be read
    return bench


async def test_r21_every_card_is_drawn_once_the_newest_first_at_the_allowed_rate(bench: Bench) -> None:
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(CARDS)
        await bench.until_known(CARDS, SharedCardRow.shown == 1)
    assert [card for _, card in bench.telegram.edits] == [f"c{number}" for number in reversed(range(CARDS))]
    times = [at for at, _ in bench.telegram.edits]
    assert max(sum(start <= at < start + 1 for at in times) for start in times) <= 25


async def test_r27_while_letters_wait_cards_take_a_twelfth_of_the_rate(bench: Bench) -> None:
    notifications = [True]
    await bench.vote()
    async with bench.running(lambda: notifications[0]):
        await bench.telegram.until(4)
        times = [at for at, _ in bench.telegram.edits]
        assert all(later - earlier > 0.45 for earlier, later in pairwise(times))
        notifications[0] = False
        await bench.telegram.until(CARDS)
        rest = [at for at, _ in bench.telegram.edits[5:]]
        assert rest[-1] - rest[0] < 6


async def test_a_429_stops_all_for_as_long_as_it_says_and_loses_no_card(bench: Bench) -> None:
    bench.telegram.errors = [TelegramRetryAfter(GetMe(), "Too Many Requests: retry after 2", 2)]
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(1)
        struck = bench.telegram.edits[0][0]
        assert bench.services.context.rate_limiter.next_free(7, time.monotonic()) - struck > 1.9, "letters wait as well"
        await bench.telegram.until(CARDS + 1, 15)
    later = [at for at, _ in bench.telegram.edits if at - struck > 0.5]
    assert min(later) - struck > 1.9
    assert {card for _, card in bench.telegram.edits} == {f"c{number}" for number in range(CARDS)}


@pytest.mark.parametrize(
    "said", ["Bad Request: MESSAGE_ID_INVALID", "Bad Request: message to edit not found", "Bad Request: chat not found"]
)
async def test_a_card_whose_message_is_gone_is_forgotten(bench: Bench, said: str) -> None:
    bench.telegram.errors = [TelegramBadRequest(GetMe(), said)]
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(CARDS)
        await bench.until_known(CARDS - 1)


async def test_not_modified_is_as_good_as_done(bench: Bench) -> None:
    bench.telegram.errors = [TelegramBadRequest(GetMe(), "Bad Request: message is not modified: specified new …")]
    await bench.vote()
    async with bench.running():
        await bench.until_known(CARDS, SharedCardRow.shown == 1)
    assert len(bench.telegram.edits) == CARDS


async def test_a_lost_answer_is_drawn_again_after_the_gap(bench: Bench, watch: Watch) -> None:
    bench.telegram.errors = [TelegramNetworkError(GetMe(), "Request timeout error")]
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(CARDS)
        await bench.until_known(1, SharedCardRow.shown.is_(None))
        assert len(bench.telegram.edits) == CARDS, "not before the gap is over"
        watch.advance(seconds=4)
        await bench.until_known(CARDS, SharedCardRow.shown == 1)
    assert len(bench.telegram.edits) == CARDS + 1


async def test_a_bug_in_one_round_does_not_end_the_loop(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    take, struck = bench.services.cards.claim, asyncio.Event()

    async def once(most: int) -> Any:
        if not struck.is_set():
            struck.set()
            raise RuntimeError("the database is away")
        return await take(most)

    monkeypatch.setattr(bench.services.cards, "claim", once)
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(CARDS)
    assert struck.is_set()


async def test_cards_are_drawn_between_two_parts_of_a_long_sweep_and_after_one_that_failed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []

    async def sweep(_: float) -> bool:
        drawn.append(len(bench.telegram.edits))
        if len(drawn) == 4:
            raise RuntimeError("the database is away")
        return False

    monkeypatch.setattr(bench.services.cards, "sweep", sweep)
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(CARDS)
    assert len(drawn) == 4, "one that failed waits for the next hour"
    assert drawn[0] == 0 < drawn[-1]


async def test_stopping_leaves_no_card_held(bench: Bench, watch: Watch) -> None:
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(3)
    drawn = await bench.known(SharedCardRow.shown == 1)
    assert drawn == len(bench.telegram.edits) < CARDS
    assert len(await bench.services.cards.claim(50)) == CARDS - drawn


async def test_a_tapped_card_is_drawn_at_once_but_taps_do_not_take_all_of_the_rate(bench: Bench) -> None:
    await bench.vote()
    cards = await bench.services.cards.claim(10)
    before = time.monotonic()
    for card in cards:
        await bench.card_editor.edit_tapped(card)
    assert len(bench.telegram.edits) == 1, "a fifth of the rate is one in 200 ms"
    assert bench.services.context.rate_limiter.next_free(None, before) > before, "it counts for letters, too"
    assert len(await bench.services.cards.claim(50)) == CARDS - 1, "the others wait for their turn"


async def test_outages_leave_all_places_free_however_many_there_were(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, missing = bench.services.context.card_send_slots.take, [DatabaseUnavailable("nobody there")] * 60
    taking = bench.services.cards.claim

    async def take(longest: float) -> float:
        if missing:
            raise missing.pop()
        return await whole(longest)

    async def again(most: int) -> Any:
        """As if what was taken came free at once."""
        await bench.services.cards.release(list(range(1, CARDS + 1)))
        return await taking(most)

    monkeypatch.setattr(bench.services.context.card_send_slots, "take", take)
    monkeypatch.setattr(bench.services.cards, "claim", again)
    monkeypatch.setattr("bot.delivery.card_updater._IDLE", 0.001)
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(CARDS)
    assert not missing
