"""The card updater: its rate, the order of edits, and its reactions to Telegram's answers (R21, R24, R27)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
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
from services.canvassing.cards import InlineOffer, Spot
from storage.db import Database
from storage.db.errors import DatabaseUnavailable
from storage.models import SharedCardRow
from tests.conftest import TUESDAY_TEN, import_goods, meet, settings_for, spend
from tests.virtual_clock import VirtualClock

CARDS = 30


class Telegram:
    """Records every edit, and raises the given errors one after the other."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.edits: list[tuple[float, str]] = []
        self.errors: list[TelegramAPIError] = []
        self.bot = SimpleNamespace(me=self._me)
        self.classify = classify

    async def _me(self) -> Any:
        return SimpleNamespace(username="some_bot")

    async def edit_text(self, where: dict[str, Any], screen: Screen, *, photo: bool) -> None:
        """One edit."""
        self.edits.append((self._clock.monotonic(), where["inline_message_id"]))
        if self.errors:
            raise self.errors.pop(0)

    async def until(self, number: int, within: float = 3600.0) -> None:
        """Let time pass until this number of edits."""
        await self._clock.until(lambda: len(self.edits) >= number, within)


class Bench:
    """One item on display, shared cards of it in several chats, and a card updater."""

    def __init__(
        self, services: Services, clock: VirtualClock, telegram: Telegram, owner: Member, card: InlineOffer
    ) -> None:
        self.clock = clock
        self.services = services
        self.telegram = telegram
        self.owner = owner
        self.card = card
        messenger: Any = telegram
        self.card_editor = CardEditor(messenger, services.cards, services.context)

    async def vote(self) -> None:
        """Vote, which makes every card outdated."""
        await self.services.voting.cast(self.owner, self.card.item.id)

    @asynccontextmanager
    async def running(self, notifications_wait: Callable[[], bool] = lambda: False) -> AsyncIterator[None]:
        """Run the card updater."""
        card_updater = CardUpdater(self.services.context, self.services.cards, self.card_editor, notifications_wait)
        task = asyncio.create_task(card_updater.run())
        try:
            yield
        finally:
            card_updater.stop()
            await self.clock.finish(task)

    async def known(self, *where: Any) -> int:
        """The number of stored cards that meet a condition."""
        async with self.services.context.db.read() as connection:
            found = await connection.execute(select(func.count()).select_from(SharedCardRow).where(*where))
            return int(found.scalar_one())

    async def until_known(self, number: int, *where: Any) -> None:
        """Let time pass until this number of cards are stored."""

        async def stored() -> bool:
            return await self.known(*where) == number

        await self.clock.until(stored)


@pytest.fixture
async def bench(db: Database, tmp_path: Any) -> Bench:
    clock = VirtualClock(TUESDAY_TEN, lambda: any(db.load()))
    services = make_services(db, settings_for(tmp_path, send_rate=25), clock)
    await services.rounds.tick()
    await import_goods(services, tmp_path / "goods", 1)
    assert await services.rounds.open_special()
    ann = await meet(services)
    await spend(services, ann.chat_id, "500.00")
    card = (await services.cards.offers(ann, "", 0, 1)).offers[0]
    for number in range(CARDS):
        await services.cards.chosen(ann, card.item.id, Spot(inline_id=f"c{number}"), "et", 0)
        clock.jump(timedelta(seconds=1))
    bench = Bench(services, clock, Telegram(clock), ann, card)
    bench.card_editor.localizers(("en",))[0].html("shared-over")  # a process reads its texts with the first one
    return bench


async def test_r21_every_card_is_edited_once_the_newest_first_at_the_allowed_rate(bench: Bench) -> None:
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(CARDS)
        await bench.until_known(CARDS, SharedCardRow.shown == 1)
    assert [card for _, card in bench.telegram.edits] == [f"c{number}" for number in reversed(range(CARDS))]
    times = [at for at, _ in bench.telegram.edits]
    assert max(sum(start <= at < start + 1 for at in times) for start in times) <= 25


async def test_r27_while_notifications_wait_cards_take_a_twelfth_of_the_rate(bench: Bench) -> None:
    notifications = [True]
    await bench.vote()
    async with bench.running(lambda: notifications[0]):
        await bench.telegram.until(4)
        times = [at for at, _ in bench.telegram.edits]
        assert all(later - earlier > 0.45 for earlier, later in pairwise(times))
        notifications[0] = False
        await bench.telegram.until(CARDS, within=6)


async def test_a_429_pauses_all_edits_for_its_time_and_loses_no_card(bench: Bench) -> None:
    bench.telegram.errors = [TelegramRetryAfter(GetMe(), "Too Many Requests: retry after 2", 2)]
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(1)
        struck = bench.telegram.edits[0][0]
        assert bench.services.context.rate_limiter.next_free(7, bench.clock.monotonic()) - struck > 1.9, (
            "letters wait as well"
        )
        await bench.telegram.until(CARDS + 1)
    later = [at for at, _ in bench.telegram.edits if at - struck > 0.5]
    assert min(later) - struck > 1.9
    assert {card for _, card in bench.telegram.edits} == {f"c{number}" for number in range(CARDS)}


@pytest.mark.parametrize(
    "said", ["Bad Request: MESSAGE_ID_INVALID", "Bad Request: message to edit not found", "Bad Request: chat not found"]
)
async def test_a_card_whose_message_was_deleted_is_deleted(bench: Bench, said: str) -> None:
    bench.telegram.errors = [TelegramBadRequest(GetMe(), said)]
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(CARDS)
        await bench.until_known(CARDS - 1)


async def test_not_modified_counts_as_edited(bench: Bench) -> None:
    bench.telegram.errors = [TelegramBadRequest(GetMe(), "Bad Request: message is not modified: specified new …")]
    await bench.vote()
    async with bench.running():
        await bench.until_known(CARDS, SharedCardRow.shown == 1)
    assert len(bench.telegram.edits) == CARDS


async def test_an_edit_whose_answer_was_lost_is_repeated_after_the_gap(bench: Bench) -> None:
    bench.telegram.errors = [TelegramNetworkError(GetMe(), "Request timeout error")]
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(CARDS)
        await bench.until_known(1, SharedCardRow.shown.is_(None))
        assert len(bench.telegram.edits) == CARDS, "not before the gap is over"
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


async def test_cards_are_edited_between_two_parts_of_a_long_sweep_and_after_a_failed_one(
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


async def test_stopping_releases_all_cards(bench: Bench) -> None:
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(3)
    drawn = await bench.known(SharedCardRow.shown == 1)
    assert drawn == len(bench.telegram.edits) < CARDS
    assert len(await bench.services.cards.claim(50)) == CARDS - drawn


async def test_a_tapped_card_is_edited_at_once_but_taps_do_not_use_the_whole_rate(bench: Bench) -> None:
    await bench.vote()
    cards = await bench.services.cards.claim(10)
    before = bench.clock.monotonic()
    for card in cards:
        await bench.card_editor.edit_tapped(card)
    assert len(bench.telegram.edits) == 1, "a fifth of the rate is one in 200 ms"
    assert bench.services.context.rate_limiter.next_free(None, before) > before, "it counts for letters, too"
    assert len(await bench.services.cards.claim(50)) == CARDS - 1, "the others wait for their turn"


async def test_outages_leave_all_in_flight_places_free(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, missing = bench.services.context.card_send_slots.take, [DatabaseUnavailable("nobody there")] * 60
    taking = bench.services.cards.claim

    async def take(longest: float) -> float:
        if missing:
            raise missing.pop()
        return await whole(longest)

    async def again(most: int) -> Any:
        """Release a claim at once."""
        await bench.services.cards.release(list(range(1, CARDS + 1)))
        return await taking(most)

    monkeypatch.setattr(bench.services.context.card_send_slots, "take", take)
    monkeypatch.setattr(bench.services.cards, "claim", again)
    await bench.vote()
    async with bench.running():
        await bench.telegram.until(CARDS)
    assert not missing
