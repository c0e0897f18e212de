"""What rounds publish: how evenly goods were shown, votes, and totals once every case is decided (R28, R39)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.services import Services
from domain.brushing.cases import CaseOutcome
from domain.goods import WhyOut
from domain.notifications import NotificationState
from domain.people import Member
from domain.transparency.balance import Evenness
from services.notifications.kinds import ChatFigures, Skip
from services.transparency.rounds import HOLDS, SETTLES, PublishedVerdicts, RoundsOfDay
from storage.db import Database
from tests.conftest import Watch, import_goods, meet
from tests.services.conftest import ask, on_display, one, voter
from tests.services.test_cases import suspicion

pytestmark = pytest.mark.postgresql_later

TODAY = date(2026, 11, 24)
GROUP, OTHER = -1001, -1002


async def today(services: Services) -> RoundsOfDay:
    found = await services.public_rounds.of_day(TODAY)
    assert found is not None
    return found


async def close(services: Services, watch: Watch) -> None:
    """The next morning at 08:00: what is on display closes."""
    watch.time = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
    await services.rounds.tick()


@pytest.fixture
async def voters(display: Services) -> list[Member]:
    item = (await on_display(display))[0]
    members = [await voter(display, 1001 + number, 3) for number in range(4)]
    for member in members:
        assert (await display.voting.cast(member, item)).voted
    return members


async def test_r39_a_round_publishes_its_goods_draws_exposures_and_votes(
    display: Services, voters: list[Member], watch: Watch
) -> None:
    items = await on_display(display)
    for member in voters:
        await display.carousel.new_draw(member)
    for member in voters[:3]:
        await display.carousel.shown(member, items[1])
    (figures,) = (await today(display)).rounds
    assert (len(figures.goods), figures.draws, figures.votes, figures.closed) == (40, 4, 4, False)
    assert figures.goods[0].votes == 4 and figures.goods[1].exposures >= 3
    assert figures.balance.total == sum(good.exposures for good in figures.goods)
    assert figures.balance.evenness is Evenness.TOO_FEW
    await close(display, watch)
    await display.carousel.new_draw(voters[0])
    assert (await today(display)).rounds[0].draws == 4, "later draws belong to the next round"


async def test_r39_draws_are_known_when_they_are_deleted(
    display: Services, voters: list[Member], watch: Watch, db: Database
) -> None:
    await display.carousel.new_draw(voters[0])
    await display.carousel.new_draw(voters[1])
    await close(display, watch)
    async with db.write() as connection:
        await connection.exec_driver_sql("DELETE FROM draws")
    assert (await today(display)).rounds[0].draws == 2


async def test_r39_a_round_of_before_has_no_number_of_draws(display: Services, db: Database) -> None:
    async with db.write() as connection:
        await connection.exec_driver_sql("UPDATE rounds SET draws_before = NULL")
    assert (await today(display)).rounds[0].draws is None


async def test_r39_a_good_that_left_early_is_not_compared(display: Services, watch: Watch) -> None:
    item = (await on_display(display))[0]
    assert not isinstance(await display.groups.reject(item, WhyOut.PRICE, "organiser 8"), str)
    await close(display, watch)
    (figures,) = (await today(display)).rounds
    assert [good.left for good in figures.goods].count(True) == 1 and figures.goods[0].left
    assert (len(figures.goods), figures.balance.goods) == (40, 39)


async def test_r39_a_decision_after_the_round_changes_no_comparison(display: Services, watch: Watch) -> None:
    item = (await on_display(display))[0]
    await close(display, watch)
    watch.advance(hours=1)
    assert not isinstance(await display.groups.reject(item, WhyOut.PRICE, "organiser 8"), str)
    assert not any(good.left for good in (await today(display)).rounds[0].goods)


async def test_r39_two_rounds_of_a_day_are_shown_together_and_each_day_for_itself(
    display: Services, tmp_path: Path, watch: Watch
) -> None:
    await import_goods(display, tmp_path, 3, "special")
    watch.advance(hours=1)
    assert await display.rounds.open_special()
    assert [len(each.goods) for each in (await today(display)).rounds] == [40, 3]
    await import_goods(display, tmp_path, 2, "next")
    await close(display, watch)
    assert await display.public_rounds.days() == [TODAY + timedelta(days=1), TODAY]
    assert await display.public_rounds.days(1) == [TODAY + timedelta(days=1)]


@pytest.mark.parametrize("day", [date.min, date.max, date(2026, 11, 28), date(2031, 1, 1)])
async def test_r39_a_day_without_a_round_is_none(display: Services, day: date) -> None:
    assert await display.public_rounds.of_day(day) is None


async def test_r42_the_chat_reads_the_figures_again_after_half_a_minute(
    display: Services, voters: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [0.0]
    monkeypatch.setattr(display.context.clock, "monotonic", lambda: seconds[0])
    before = await display.public_rounds.lately(TODAY)
    await display.carousel.shown(voters[0], (await on_display(display))[1])
    seconds[0] += HOLDS - 1
    assert await display.public_rounds.lately(TODAY) is before
    seconds[0] += 1
    assert await display.public_rounds.lately(TODAY) == await today(display) != before


# -- verdicts ----------------------------------------------------------------------------------------------------------


async def test_r28_no_number_is_published_while_the_round_is_open(
    display: Services, voters: list[Member], watch: Watch
) -> None:
    before = await today(display)
    await display.cases.suspect(suspicion((await on_display(display))[0], voters[:3]))
    assert await today(display) == before, "no one can tell from the page that votes were noticed"
    (case,) = await display.cases.undecided()
    await display.cases.clear(case.id, "organiser 8")
    assert await today(display) == before


async def test_r28_totals_are_published_once_every_case_is_decided(
    display: Services, voters: list[Member], watch: Watch
) -> None:
    first, second = (await on_display(display))[:2]
    assert (await display.voting.cast(voters[0], second)).voted
    await display.cases.suspect(suspicion(first, voters[:3]))
    await display.cases.suspect(suspicion(second, voters[:1]))
    await close(display, watch)
    cases = {each.item_id: each.id for each in await display.cases.undecided()}
    watch.advance(hours=5)
    assert (await today(display)).verdicts is None
    await display.cases.void(cases[first], "bought", "organiser 8")
    assert (await today(display)).verdicts is None, "one case is still undecided"
    await display.cases.clear(cases[second], "organiser 8")
    outcomes = {CaseOutcome.VOTES_FALSE: 1, CaseOutcome.CLEARED: 1}
    assert (await today(display)).verdicts == PublishedVerdicts(set_aside=4, void=3, outcomes=outcomes, granted=0)


@pytest.mark.parametrize("decided", [False, True])
async def test_r28_a_round_waits_for_the_last_examination(
    decided: bool, display: Services, voters: list[Member], watch: Watch
) -> None:
    """Also where a case was decided before it closed: the last examination may find another one."""
    if decided:
        await display.cases.suspect(suspicion((await on_display(display))[0], voters[:3]))
        (case,) = await display.cases.undecided()
        await display.cases.clear(case.id, "organiser 8")
    await close(display, watch)
    closed_at = (await today(display)).rounds[0].closes_at
    watch.time = closed_at + SETTLES - timedelta(seconds=1)
    assert (await today(display)).verdicts is None
    watch.advance(seconds=1)
    outcomes = {CaseOutcome.CLEARED: 1} if decided else {}
    assert (await today(display)).verdicts == PublishedVerdicts(3 * decided, 0, outcomes, 0)


# -- bound chats -------------------------------------------------------------------------------------------------------


async def posts(services: Services) -> list[ChatFigures | Skip]:
    """Claim what is due, and load and settle it as the sender does; the figures, or why they are not sent."""
    found: list[ChatFigures | Skip] = []
    while claimed := await services.outbox.claim(50):
        for notification in claimed:
            contents: Any = await services.outbox.contents(notification)
            if isinstance(contents, Skip):
                await services.outbox.drop(notification, contents)
            else:
                assert await services.outbox.begin(notification)
                await services.outbox.sent(notification, notification.id)
            if notification.kind == "figures":
                found.append(contents)
    return found


async def test_r39_bound_chats_that_want_it_are_sent_each_rounds_figures_once(
    display: Services, watch: Watch, db: Database
) -> None:
    await display.chats.bind(GROUP, "en")
    await display.chats.bind(OTHER, "zh")
    assert (found := await display.chats.find(GROUP)) is not None and not found.fairness, "off by default"
    await display.chats.set_fairness(GROUP, True)
    assert await posts(display) == []
    await display.tally.tick(None)
    await close(display, watch)
    await display.rounds.tick()
    assert await posts(display) == [], "the root is not known yet"
    watch.advance(hours=2)
    assert await display.tally.build() == [TODAY]
    (post,) = await posts(display)
    assert isinstance(post, ChatFigures) and post.chat_id == GROUP and post.shown.day == TODAY
    assert post.shown.rounds[0].closed and post.shown.verdicts is not None
    root = (await display.tally.roots(watch.time - timedelta(days=1), watch.time))[TODAY]
    assert post.shown.roots == ((TODAY, root),)
    await display.rounds.tick()
    assert await posts(display) == []
    assert await one(db, "SELECT count(*) FROM notifications WHERE kind = 'figures'") == 1


async def test_r39_one_post_for_a_day_on_which_two_rounds_opened(
    display: Services, tmp_path: Path, watch: Watch
) -> None:
    await import_goods(display, tmp_path, 3, "special")
    watch.advance(hours=1)
    assert await display.rounds.open_special()
    await display.chats.bind(GROUP, "en")
    await display.chats.set_fairness(GROUP, True)
    await close(display, watch)
    watch.advance(hours=2)
    (post,) = await posts(display)
    assert isinstance(post, ChatFigures) and len(post.shown.rounds) == 2


async def test_r39_figures_that_were_turned_off_meanwhile_are_not_sent(display: Services, watch: Watch) -> None:
    await display.chats.bind(GROUP, "en")
    await display.chats.set_fairness(GROUP, True)
    await close(display, watch)
    await display.chats.set_fairness(GROUP, False)
    watch.advance(hours=2)
    (skipped,) = await posts(display)
    assert isinstance(skipped, Skip) and skipped.code == "turned-off"


async def test_r8_figures_of_a_round_that_should_have_closed_days_ago_are_not_sent(
    display: Services, watch: Watch
) -> None:
    await display.chats.bind(GROUP, "en")
    await display.chats.set_fairness(GROUP, True)
    watch.advance(days=3)
    await display.rounds.tick()
    assert await posts(display) == []


async def test_r39_an_answer_that_was_lost_is_not_sent_again(display: Services, watch: Watch, db: Database) -> None:
    await display.chats.bind(GROUP, "en")
    await display.chats.set_fairness(GROUP, True)
    await close(display, watch)
    watch.advance(hours=2)
    (claimed,) = [each for each in await display.outbox.claim(50) if each.kind == "figures"]
    await display.outbox.begin(claimed)
    await display.outbox.lost_answer(claimed, timedelta(0), "timeout")
    states = await ask(db, "SELECT state FROM notifications WHERE kind = 'figures'")
    assert [state for (state,) in states] == [NotificationState.UNKNOWN]


async def test_r39_binding_again_keeps_the_choice(services: Services) -> None:
    await services.chats.bind(GROUP, "en")
    await services.chats.set_fairness(GROUP, True)
    await services.chats.bind(GROUP, "zh", by=await meet(services, 1001))
    found = await services.chats.find(GROUP)
    assert found is not None and found.fairness and replace(found, fairness=False).language == "zh"
