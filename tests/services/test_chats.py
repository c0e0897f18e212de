"""Bound groups and channels as a service: who is one, and what each is sent (R13, R24, R35)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.services import Services
from domain.call_outcomes import CallOutcome
from domain.cards import Look
from domain.goods import WhyOut
from domain.notifications import NotificationKind
from domain.people import PICKS
from services.canvassing.cards import Spot
from services.notifications.kinds import ChatGroupScheduled, ChatPick, Skip, TopicPaused
from services.notifications.outbox import ClaimedNotification
from storage.models import BoundChatRow, NotificationRow, SharedCardRow
from tests.conftest import Watch, import_goods, meet, queue_due

pytestmark = pytest.mark.postgresql_later

GROUP, OTHER = -1001, -1002


async def number_of(services: Services, table: Any) -> int:
    """How many rows a table has."""
    async with services.context.db.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def mail(services: Services) -> list[Any]:
    """Queue what is due, and load and settle every notification to a chat, as the sender does."""
    await queue_due(services)
    read: list[Any] = []
    while claimed := await services.outbox.claim(50):
        for notification in claimed:
            contents = await services.outbox.contents(notification)
            if isinstance(contents, Skip):
                await services.outbox.drop(notification, contents)
                continue
            assert await services.outbox.begin(notification)
            await services.outbox.sent(notification, notification.id)
            if notification.bound_chat_id is not None:
                read.append(contents)
            if isinstance(contents, ChatPick):
                spot = Spot(chat_id=contents.chat_id, message_id=notification.id)
                await services.cards.posted(spot, contents.item, Look(contents.languages, photo=True))
    return read


# -- binding ---------------------------------------------------------------------------------------------------------


async def test_binding_twice_is_one_chat_with_the_newer_language_r35(services: Services) -> None:
    assert await services.chats.bind(GROUP, "en")
    assert not await services.chats.bind(GROUP, None)
    found = await services.chats.find(GROUP)
    assert found is not None and found.languages == ("zh", "en") and await number_of(services, BoundChatRow) == 1
    with pytest.raises(ValueError, match="no texts"):
        await services.chats.bind(GROUP, "fr")


async def test_binding_at_once_is_one_chat(services: Services) -> None:
    done = await asyncio.gather(*(services.chats.bind(GROUP, "en") for _ in range(5)))
    assert sum(done) == 1 and await number_of(services, BoundChatRow) == 1


async def paused(services: Services, why: CallOutcome = CallOutcome.TOPIC_CLOSED) -> bool:
    found = await services.chats.find(GROUP)
    assert found is not None
    return await services.chats.pause(found, why)


async def test_a_topic_is_paused_once_also_at_once_and_its_binder_is_told_once(services: Services) -> None:
    ann = await meet(services, 1001)
    await services.chats.bind(GROUP, "en", topic=5, by=ann)
    assert sum(await asyncio.gather(*(paused(services) for _ in range(3)))) == 1
    assert not await paused(services, CallOutcome.TOPIC_GONE)
    [claimed] = await services.outbox.claim(50)
    assert claimed.kind is NotificationKind.TOPIC_PAUSED and claimed.member_id == ann.id
    contents = await services.outbox.contents(claimed)
    assert isinstance(contents, TopicPaused) and contents.why is CallOutcome.TOPIC_CLOSED


async def test_a_refusal_of_a_topic_that_was_left_pauses_nothing(services: Services) -> None:
    await services.chats.bind(GROUP, "en", topic=5)
    old = await services.chats.find(GROUP)
    assert old is not None
    await services.chats.bind(GROUP, "en", topic=6)
    assert not await services.chats.pause(old, CallOutcome.TOPIC_GONE)
    found = await services.chats.find(GROUP)
    assert found is not None and (found.topic, found.paused) == (6, None)


async def test_only_the_bound_topic_goes_on_when_it_is_reopened_and_a_deleted_one_never_does(
    services: Services,
) -> None:
    await services.chats.bind(GROUP, "en", topic=5)
    await paused(services)
    assert not await services.chats.topic_reopened(GROUP, 6)
    assert not await services.chats.topic_reopened(GROUP, None)
    assert await services.chats.topic_reopened(GROUP, 5)
    assert not await services.chats.topic_reopened(GROUP, 5)
    await paused(services, CallOutcome.TOPIC_GONE)
    assert not await services.chats.topic_reopened(GROUP, 5)


async def test_another_language_leaves_the_topic_and_the_pause(services: Services) -> None:
    await services.chats.bind(GROUP, "en", topic=5)
    await paused(services)
    await services.chats.set_language(GROUP, None)
    found = await services.chats.find(GROUP)
    assert found is not None and (found.language, found.topic, found.paused) == (None, 5, "topic-closed")


async def test_nothing_is_sent_to_a_paused_topic_and_its_news_come_too_late(display: Services) -> None:
    await display.chats.bind(GROUP, "en", topic=5)
    await queue_due(display)
    await paused(display)
    assert await mail(display) == []
    async with display.context.db.read() as connection:
        codes = await connection.execute(
            select(NotificationRow.code).where(NotificationRow.bound_chat_id.is_not(None)).distinct()
        )
        assert codes.scalars().all() == ["topic-closed"]


async def test_unbinding_twice_and_an_unknown_chat(services: Services) -> None:
    await services.chats.bind(GROUP, "en")
    assert await services.chats.unbind(GROUP)
    assert not await services.chats.unbind(GROUP)
    assert await services.chats.find(GROUP) is None


async def test_a_group_that_moves_keeps_its_language_and_loses_its_old_cards(display: Services) -> None:
    await display.chats.bind(GROUP, "zh")
    await mail(display)
    assert len(await mail(display)) == 0
    await display.chats.migrate(GROUP, OTHER)
    await display.chats.migrate(GROUP, OTHER)
    found = await display.chats.find(OTHER)
    assert found is not None and found.language == "zh" and await number_of(display, SharedCardRow) == 0


async def test_a_group_that_moves_to_one_that_is_bound_is_that_one(services: Services) -> None:
    await services.chats.bind(GROUP, "zh")
    await services.chats.bind(OTHER, "en")
    await services.chats.migrate(GROUP, OTHER)
    found = await services.chats.find(OTHER)
    assert found is not None and found.language == "en" and await number_of(services, BoundChatRow) == 1


# -- picks -----------------------------------------------------------------------------------------------------------


async def test_a_round_brings_its_picks_once_different_ones_in_order_r13(services: Services, tmp_path: Any) -> None:
    await services.chats.bind(GROUP, "en")
    await services.chats.bind(OTHER, None, channel=True)
    await import_goods(services, tmp_path / "goods", 40)
    await services.rounds.open_special()
    read = await mail(services)
    assert sorted((notification.chat_id, notification.number) for notification in read) == [
        (chat, number) for chat in (OTHER, GROUP) for number in range(1, PICKS + 1)
    ]
    for chat in (GROUP, OTHER):
        assert len({notification.item.id for notification in read if notification.chat_id == chat}) == PICKS
    assert await mail(services) == []


async def test_picks_that_are_read_side_by_side_are_different_ones(services: Services, tmp_path: Any) -> None:
    await services.chats.bind(GROUP, "en")
    await import_goods(services, tmp_path / "goods", PICKS)
    await services.rounds.open_special()
    await queue_due(services)
    notifications = await services.outbox.claim(50)
    found = await asyncio.gather(*(services.outbox.contents(notification) for notification in notifications))
    assert len({one.item.id for one in found if isinstance(one, ChatPick)}) == PICKS


async def test_the_pick_that_leaves_first_is_the_first_one_whatever_its_number(
    services: Services, tmp_path: Any, watch: Watch
) -> None:
    await services.chats.bind(GROUP, "en")
    group = await services.chats.find(GROUP)
    assert group is not None
    await import_goods(services, tmp_path / "goods", PICKS)
    await services.rounds.open_special()
    await queue_due(services)
    one, two, three = sorted(await services.outbox.claim(50), key=lambda notification: notification.revision)

    async def leaves(notification: ClaimedNotification) -> bool:
        watch.advance(seconds=1)
        assert await services.outbox.begin(notification)
        return await services.chats.is_first_pick(group, notification.revision)

    assert await leaves(three), "the third comes first"
    await services.outbox.again(three, timedelta(minutes=1))
    assert await leaves(two), "it was refused, so the second does"
    assert not await leaves(one), "it is on its way"
    assert await services.chats.is_first_pick(group, two.revision), "the next pick changes nothing"
    await services.outbox.lost_answer(two, timedelta(0), "silence")
    assert not await services.chats.is_first_pick(group, one.revision), "perhaps it has arrived"
    await services.outbox.sent(one, 1)
    watch.advance(minutes=2)
    (third,) = await services.outbox.claim(50)
    assert not await leaves(third)


async def test_fewer_items_than_picks_are_fewer_notifications(services: Services, tmp_path: Any) -> None:
    await services.chats.bind(GROUP, "en")
    await import_goods(services, tmp_path / "goods", 1)
    await services.rounds.open_special()
    assert [notification.number for notification in await mail(services)] == [1]


async def test_a_group_sees_everything_once_before_anything_twice_r10(
    services: Services, tmp_path: Any, watch: Watch
) -> None:
    await services.chats.bind(GROUP, "en")
    await import_goods(services, tmp_path / "goods", 2 * PICKS)
    await services.rounds.open_special()
    first = {notification.item.id for notification in await mail(services)}
    await import_goods(services, tmp_path / "more", 1, "more")
    watch.advance(minutes=1)
    assert await services.rounds.open_special()
    second = {notification.item.id for notification in await mail(services)}
    assert len(first) == len(second) == PICKS and not first & second


async def test_picks_wait_for_the_morning_and_not_past_their_round(
    services: Services, tmp_path: Any, watch: Watch
) -> None:
    await services.chats.bind(GROUP, "en")
    await import_goods(services, tmp_path / "goods", 5)
    watch.advance(hours=13)  # 23:00 in Shanghai
    await services.rounds.open_special()
    assert await mail(services) == []
    watch.advance(hours=9, minutes=1)
    await services.rounds.tick()
    assert await mail(services) == []
    async with services.context.db.read() as connection:
        states = (await connection.execute(select(NotificationRow.state))).scalars().all()
    assert set(states) == {"expired"}


async def test_a_chat_bound_after_the_opening_is_sent_nothing_old(display: Services) -> None:
    await queue_due(display)
    await display.chats.bind(GROUP, "en")
    assert await mail(display) == []


async def test_a_chat_that_was_let_go_is_sent_nothing(services: Services, tmp_path: Any) -> None:
    await services.chats.bind(GROUP, "en")
    await import_goods(services, tmp_path / "goods", 5)
    await services.rounds.open_special()
    await queue_due(services)
    claimed = await services.outbox.claim(1)
    await services.chats.unbind(GROUP)
    assert isinstance(await services.outbox.contents(claimed[0]), Skip)
    assert not await services.outbox.begin(claimed[0])
    assert await mail(services) == [] and await number_of(services, NotificationRow) == 0


# -- results ---------------------------------------------------------------------------------------------------------


async def test_results_come_to_members_and_chats_and_a_changed_time_corrects_both_r24(
    display: Services, watch: Watch
) -> None:
    ann = await meet(display)
    await display.chats.bind(GROUP, "en")
    await mail(display)
    item = (await display.goods.ranking(1))[0][0]
    await display.voting.follow(ann, item.id, on=True)
    opens_at = watch.now() + timedelta(hours=5)
    await display.groups.schedule(item.id, opens_at, None, "test")
    (told,) = await mail(display)
    assert isinstance(told, ChatGroupScheduled) and told.opens_at == opens_at and not told.corrected
    await display.groups.schedule(item.id, opens_at + timedelta(hours=1), None, "test")
    (told,) = await mail(display)
    assert isinstance(told, ChatGroupScheduled) and told.corrected
    watch.advance(hours=5, minutes=30)
    assert await mail(display) == [], "the reminder is for those who voted"
    watch.advance(minutes=31)
    (told,) = await mail(display)
    assert told.kind is NotificationKind.GROUP_OPEN
    assert await mail(display) == []


async def test_a_pending_notification_is_withdrawn_with_its_time(display: Services, watch: Watch) -> None:
    await display.chats.bind(GROUP, "en")
    await mail(display)
    item = (await display.goods.ranking(1))[0][0]
    await display.groups.schedule(item.id, watch.now() + timedelta(hours=5), None, "test")
    await queue_due(display)
    await display.groups.schedule(item.id, watch.now() + timedelta(hours=6), None, "test")
    (told,) = await mail(display)
    assert told.opens_at == watch.now() + timedelta(hours=6) and not told.corrected


async def test_a_group_that_was_announced_and_does_not_come_is_told_where_it_was_announced_r5(
    display: Services, watch: Watch
) -> None:
    await display.chats.bind(GROUP, "en")
    await mail(display)
    first, second = [item for item, _ in await display.goods.ranking(2)]
    await display.groups.schedule(first.id, watch.now() + timedelta(hours=5), None, "test")
    await mail(display)
    await display.groups.reject(first.id, WhyOut.PRICE, "test")
    await display.groups.reject(second.id, WhyOut.PRICE, "test")
    assert [(notification.kind, notification.item.id) for notification in await mail(display)] == [
        (NotificationKind.ITEM_REJECTED, first.id)
    ]
