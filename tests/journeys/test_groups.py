"""Groups and channels: bound by administrators, they get picks and results, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import demo
from bot.updates.processor import Ack
from domain.cards import CHAT_GAP
from domain.people import PICKS
from sandbox.state.model import Chat
from sandbox.testing import SeenMessage, TestUser
from storage.models import BoundChatRow, MemberRow, SharedCardRow, VoteRow
from tests import waiting
from tests.journeys.conftest import Town
from tests.journeys.test_cards import rows, start_bot, until


async def bound(town: Town, *people: TestUser, kind: str = "supergroup", language: str = "") -> Chat:
    """A bound group of these users, owned by the first one."""
    group = await town.kit.group("Neighbours", *people, kind=kind, bot_is_admin=kind == "channel")
    await people[0].says(f"/bind {language}".strip(), chat=group)
    await people[0].sees("✅", chat=group)
    return group


def picks(user: TestUser, group: Chat) -> list[SeenMessage]:
    """The cards in a group."""
    return [seen for seen in user.messages(group) if seen.has_photo and seen.button("🙋")]


def item_in(card: SeenMessage) -> str:
    """The text of a card without the heading of the first pick."""
    return card.text.rpartition("what do you want?")[2].strip()


async def all_picks(town: Town, user: TestUser, group: Chat, number: int = PICKS) -> list[SeenMessage]:
    """Wait for so many cards in a group."""
    await until(town, lambda: len(picks(user, group)) >= number)
    return picks(user, group)


# -- binding ---------------------------------------------------------------------------------------------------------


async def test_a_group_that_adds_the_bot_gets_one_introduction(town: Town) -> None:
    ann, bob = await town.person("Ann"), await town.person("Bob")
    group = await town.kit.group("Neighbours", ann, bob)
    await ann.sees("/bind", chat=group)
    for chatter in ("hello everybody", "🙋", "/goods", f"/start@{demo.USERNAME}", "/bind@otherbot", "bind"):
        await bob.says(chatter, chat=group)
    await town.shows_nothing_new(ann, group)
    assert await rows(town.services, MemberRow) == 0 and await rows(town.services, BoundChatRow) == 0


async def test_administrators_bind_and_others_are_refused_by_an_ephemeral_message(town: Town) -> None:
    ann, bob = await town.person("Ann"), await town.person("小博", "zh-hans")
    group = await town.kit.group("Neighbours", ann, bob, kind="supergroup")
    await bob.says("/bind", chat=group)
    refusal = await bob.sees("只有本群管理员", chat=group)
    assert refusal.message.only_for == bob.id
    assert await rows(town.services, BoundChatRow) == 0
    await ann.says(f"/bind@{demo.USERNAME}", chat=group)
    done = await bob.sees("✅ Done", chat=group)
    assert done.labels == ["中文", "English", "中文 + English", "📊 Figures of each round: off"]
    await ann.says("/unbind", chat=group)
    await ann.sees("nothing more comes here", chat=group)
    await ann.says("/unbind", chat=group)
    await ann.sees("Nothing comes here anyway", chat=group)
    assert await rows(town.services, BoundChatRow) == 0 and await rows(town.services, MemberRow) == 0


async def test_the_language_is_the_binders_until_an_administrator_chooses_r35(town: Town) -> None:
    mei, bob = await town.person("林美", "zh-hans"), await town.person("Bob")
    group = await bound(town, mei, bob)
    refused = await bob.taps("English", chat=group)
    assert refused is not None and refused.alert and "Only administrators" in refused.text
    await mei.taps("中文 + English", chat=group)
    await bob.sees("I speak Chinese and English here", chat=group)
    await town.stock()
    (first, *_) = await all_picks(town, mei, group)
    assert "期望价" in first.text and "Expected price" in first.text
    assert first.labels[0] == "🙋 我想团 · I want this group"


# -- the picks and the results ---------------------------------------------------------------------------------------


async def test_a_round_brings_a_few_different_picks_once_r13(town: Town) -> None:
    ann, bob = await town.person("Ann"), await town.person("Bob")
    group = await bound(town, ann, bob)
    await town.stock()
    cards = await all_picks(town, ann, group)
    assert len({item_in(card) for card in cards}) == PICKS
    assert ["Today's picks" in card.text for card in cards] == [True, False, False]
    await town.shows_nothing_new(ann, group)


async def test_the_heading_moves_to_the_next_pick_where_the_first_cannot_be_sent(town: Town) -> None:
    ann = await town.person("Ann")
    group = await bound(town, ann)
    town.box.backend.faults.add({"kind": "refuse", "method": "sendPhoto", "count": 1, "said": "Bad Request: NO"})
    await town.stock(PICKS)
    cards = await all_picks(town, ann, group, PICKS - 1)
    assert ["Today's picks" in card.text for card in cards] == [True, False]


@pytest.mark.long
async def test_every_group_gets_its_own_draw_and_over_rounds_no_item_twice_r10(town: Town) -> None:
    ann = await town.person("Ann")
    groups = [await bound(town, ann) for _ in range(3)]
    await town.stock(12)
    drawn = [frozenset(item_in(card) for card in await all_picks(town, ann, group)) for group in groups]
    assert len(set(drawn)) > 1
    await town.stock(3, "more")
    for group in groups:
        cards = await all_picks(town, ann, group, 6)
        assert len({item_in(card) for card in cards}) == len(cards) == 6


async def test_a_group_votes_on_its_picks_and_answers_are_private(town: Town) -> None:
    ann = await start_bot(await town.person("Ann", yuan="763.00"))
    bob = await start_bot(await town.person("小博", "zh-hans", yuan="63.00"), "你好")
    group = await bound(town, ann, bob, language="en")
    await town.stock()
    card = (await all_picks(town, ann, group))[0]
    answer = await ann.taps("🙋", message=card)
    assert answer is not None and answer.text == ""
    answer = await ann.sees("Your vote counts", chat=group)
    assert answer.message.only_for == ann.id and answer.button("💬")
    await until(town, lambda: "1 person wants it" in card.text)
    town.pass_time(seconds=2)
    await bob.taps("🙋", message=card)
    refusal = await bob.sees("¥37", chat=group)
    assert refusal.message.only_for == bob.id
    assert await rows(town.services, VoteRow) == 1


async def test_without_ephemeral_messages_the_tap_is_answered_by_a_notice(town: Town) -> None:
    ann = await start_bot(await town.person("Ann", yuan="763.00"))
    group = await bound(town, ann)
    await town.stock()
    card = (await all_picks(town, ann, group))[0]
    town.box.backend.faults.add({"kind": "500", "method": "sendMessage", "count": 1})
    answer = await ann.taps("🙋", message=card)
    assert answer is not None and "Your vote counts" in answer.text


async def test_after_unbind_a_card_still_votes_and_says_that_it_is_no_longer_edited(town: Town) -> None:
    ann = await start_bot(await town.person("Ann", yuan="763.00"))
    bob = await start_bot(await town.person("小博", "zh-hans", yuan="763.00"), "你好")
    eve = await town.person("Eve")
    group = await bound(town, ann, bob, eve, language="en")
    await town.stock()
    card = (await all_picks(town, ann, group))[0]
    await ann.says("/unbind", chat=group)
    await ann.sees("nothing more comes here", chat=group)
    town.pass_time(minutes=2)
    await ann.taps("🙋", message=card)
    answer = await ann.sees("Your vote counts", chat=group)
    assert "No picks come here any more, so this card stays as it is." in answer.text and answer.button("💬")
    await bob.taps("🙋", message=card)
    assert "这张卡片不会更新" in (await bob.sees("投票成功", chat=group)).text
    assert await rows(town.services, VoteRow) == 2 and "Nobody has asked" in card.text
    town.pass_time(hours=24)
    answer = await eve.taps("🙋", message=card)
    assert answer is not None and "This round is over" in answer.text and "stays as it is" in answer.text


async def test_a_strangers_tap_in_a_group_leads_to_the_bot_where_the_vote_completes_r21(town: Town) -> None:
    ann, eve = await town.person("Ann"), await town.person("Eve", yuan="100.00")
    group = await bound(town, ann, eve)
    await town.stock()
    card = (await all_picks(town, ann, group))[0]
    assert await rows(town.services, MemberRow) == 0
    await eve.taps("🙋", message=card)
    arrived = await eve.sees("Hello Eve")
    assert "Your vote counts" in arrived.text
    await until(town, lambda: "1 person wants it" in card.text)


@pytest.mark.long
async def test_the_results_come_once_each_to_members_and_groups_r24(town: Town) -> None:
    ann = await start_bot(await town.person("Ann", yuan="763.00"))
    group = await bound(town, ann)
    await town.stock(3)
    card = (await all_picks(town, ann, group))[0]
    await ann.taps("🙋", message=card)
    item = (await town.services.goods.ranking(1))[0][0]
    opens_at = town.box.clock.now() + timedelta(hours=3)
    await town.services.groups.schedule(item.id, opens_at, None, "test")
    news = await ann.sees("A group is coming", chat=group)
    assert news.has_photo and news.button("🏬") and "24 Nov 2026" in news.text and "1 person wants it" in news.text
    await ann.sees("Your group is coming")
    await until(town, lambda: "The group opens" in card.text and card.button("🙋") is None)
    await town.services.groups.schedule(item.id, opens_at + timedelta(hours=1), None, "test")
    await ann.sees("The time has changed", chat=group)
    town.pass_time(hours=4, minutes=1)
    await ann.sees("A group is open!", chat=group)
    await town.shows_nothing_new(ann, group)


async def test_a_channel_is_bound_by_a_post_in_it_and_reads_both_languages(town: Town) -> None:
    ann = await town.person("Ann")
    reader = await start_bot(await town.person("Rea", yuan="100.00"))
    channel = await town.kit.group("News", ann, reader, kind="channel", bot_is_admin=True)
    await ann.says(f"/bind@{demo.USERNAME}", chat=channel)
    await ann.sees("好了", chat=channel)
    await town.stock()
    card = (await all_picks(town, ann, channel))[0]
    assert "Today's picks" in "".join(seen.text for seen in picks(ann, channel))
    answer = await reader.taps("🙋", message=card)
    assert answer is not None and "Your vote counts" in answer.text
    town.box.backend.groups.set_admin(channel, town.kit.bot.id, admin=False, by=ann.id)
    await until_rows(town, BoundChatRow, 0)


# -- joining and leaving ---------------------------------------------------------------------------------------------


async def until_rows(town: Town, table: Any, number: int) -> None:
    """Wait until a table has this number of rows. No event of the chats reports that."""

    async def stored() -> bool:
        return await rows(town.services, table) == number

    await waiting.until(stored)


async def test_a_group_that_removes_the_bot_is_unbound(town: Town) -> None:
    ann = await town.person("Ann")
    group = await bound(town, ann)
    await town.stock()
    await all_picks(town, ann, group)
    await until_rows(town, SharedCardRow, PICKS)
    town.box.backend.groups.remove(group, [town.kit.bot.id], by=ann.id)
    await until_rows(town, BoundChatRow, 0)
    assert await rows(town.services, SharedCardRow) == 0
    town.pass_time(hours=23)
    await town.shows_nothing_new(ann, group)


async def test_a_group_that_removed_the_stopped_bot_is_unbound_at_the_next_notification(town: Town) -> None:
    ann = await start_bot(await town.person("Ann"))
    group = await bound(town, ann)
    group.bots.remove(town.kit.bot.id)
    group.kicked.append(town.kit.bot.id)
    await town.stock()
    await until_rows(town, BoundChatRow, 0)
    await ann.sees("Today's goods")
    found = await town.services.people.find(ann.id)
    assert found is not None
    async with town.services.context.db.read() as connection:
        unreachable = await connection.execute(select(func.count()).where(MemberRow.unreachable.is_not(None)))
        assert unreachable.scalar_one() == 0, "an unreachable group makes no member unreachable"


@pytest.mark.long
async def test_a_group_that_became_a_supergroup_is_followed(town: Town) -> None:
    ann = await town.person("Ann")
    group = await bound(town, ann, kind="group")
    await town.stock(12)
    await all_picks(town, ann, group)
    new = town.box.backend.groups.upgrade(group)

    async def is_stored() -> bool:
        async with town.services.context.db.read() as connection:
            return (await connection.execute(select(BoundChatRow.chat_id))).scalar_one() == new.id

    await waiting.until(is_stored)
    await town.stock(3, "more")
    await all_picks(town, ann, new)


async def test_a_card_in_a_group_is_edited_at_most_every_fifteen_seconds(town: Town) -> None:
    crowd = [await start_bot(await town.person(f"P{number}", yuan="100.00")) for number in range(4)]
    group = await bound(town, *crowd)
    await town.stock()
    card = (await all_picks(town, crowd[0], group))[0]
    began = town.box.clock.now()
    for one in crowd:
        await one.taps("🙋", message=card)
    await until(town, lambda: " wants it" in card.text or " want it" in card.text)
    town.pass_time(seconds=16)
    await until(town, lambda: "4 people want it" in card.text)
    edits = [call for call in town.box.backend.call_log.since(0) if call["method"] == "editMessageCaption"]
    assert len(edits) <= 1 + (town.box.clock.now() - began) // CHAT_GAP and all(edit["ok"] for edit in edits)


# -- forged updates --------------------------------------------------------------------------------------------------


def written_by(group: Chat, sender_chat: int, text: str = "/bind en") -> dict[str, Any]:
    """A message sent on behalf of a chat, as by anonymous administrators and linked channels."""
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    message = {"message_id": 900, "date": 1, "text": text, "from": anonymous}
    message["chat"] = {"id": group.id, "type": "supergroup", "title": group.title}
    message["sender_chat"] = {"id": sender_chat, "type": "supergroup", "title": "Somebody"}
    return {"update_id": 900_000_000 + sender_chat % 1000, "message": message}


async def test_an_anonymous_administrator_may_bind_and_another_chat_may_not(town: Town) -> None:
    group = await town.kit.group("Neighbours", await town.person("Ann"), kind="supergroup")
    await town.running.processor.process(Ack(written_by(group, -100777)))
    assert await rows(town.services, BoundChatRow) == 0
    await town.running.processor.process(Ack(written_by(group, group.id)))
    assert await rows(town.services, BoundChatRow) == 1


async def test_buttons_of_the_private_chat_do_nothing_in_a_group(town: Town) -> None:
    """An app can send any callback data; in a group no handler of the private chat receives it."""
    ann, eve = await town.person("Ann"), await town.person("Eve")
    group = await bound(town, ann, eve)
    await town.stock()
    card = (await all_picks(town, ann, group))[0]
    for data in ("v:1:0:0:1:l", "d:1:1:0:28:l", "n::1", "r:delete", "k1:goods:1:0:", "h:en", "e:1", "q"):
        pressed = town.box.backend.actions.press_button(
            eve.person, group, card.message, {"text": "?", "callback_data": data}
        )
        answer = await eve.answered(pressed["callback_query_id"])
        assert not answer.url
    assert await rows(town.services, MemberRow) == 0 and await rows(town.services, VoteRow) == 0


async def test_a_card_sent_into_the_private_chat_is_not_answered(town: Town) -> None:
    ann = await start_bot(await town.person("Ann", yuan="200.00"))
    await town.stock()
    await ann.sees("Today's goods")
    card = await ann.chooses(await ann.asks(""), 0)
    await town.shows_nothing_new(ann)
    answer = await ann.taps("🙋", message=card)
    assert answer is not None and "Your vote counts" in answer.text
    await until(town, lambda: "1 person wants it" in card.text)
