"""Shared cards: votes in any chat, strangers who are led to the bot, and counts that stay current (R21)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ColumnElement, func, select

from bot import demo
from bot.app import started
from bot.services import Services
from domain.cards import GAP
from sandbox import Sandbox
from sandbox.state.model import Chat
from sandbox.testing import Kit, SeenAnswer, SeenMessage, TestUser
from services.clock import SystemClock
from storage.models import CanvassOpenRow, MemberRow, SharedCardRow, VoteRow
from tests import waiting
from tests.conftest import DEMO_TOKEN, TUESDAY_TEN, import_goods, settings_for
from tests.journeys.conftest import DOUBLE_TAP, Town

EDITS = ("editMessageCaption", "editMessageText", "editMessageReplyMarkup", "editMessageMedia")


async def start_bot(user: TestUser, text: str = "Hello") -> TestUser:
    """Let a user start the bot and wait for its greeting."""
    await user.says("/start")
    await user.sees(text)
    return user


async def share(user: TestUser, chat: Chat, query: str = "") -> SeenMessage:
    """Send the first result of inline mode into a chat."""
    found = await user.asks(query, chat=chat)
    return await user.chooses(found, 0, chat=chat)


async def rows(services: Services, table: Any, *conditions: ColumnElement[bool]) -> int:
    """How many rows of a table meet these conditions."""
    async with services.context.db.read() as connection:
        found = await connection.execute(select(func.count()).select_from(table).where(*conditions))
        return int(found.scalar_one())


async def credit(town: Town) -> list[tuple[int, int]]:
    """(opens, votes) of every shared link, by owner and item."""
    async with town.services.context.db.read() as connection:
        opens = (await connection.execute(select(func.count()).select_from(CanvassOpenRow))).scalar_one()
        by_link = await connection.execute(
            select(func.count()).where(VoteRow.link_id.is_not(None), VoteRow.taken_back_at.is_(None))
        )
        return [(opens, by_link.scalar_one())]


async def until(town: Town, condition: Callable[[], object]) -> None:
    """Wait for an event in the chats after which the condition holds."""
    assert await town.box.world.feed.wait_for(lambda: condition() or None, waiting.GUARD), "the condition never held"


def edits_of(town: Town, card: SeenMessage) -> list[dict[str, Any]]:
    """The calls that edit one card."""
    return [
        call
        for call in town.box.backend.call_log.since(0)
        if call["method"] in EDITS and call["params"].get("inline_message_id") == card.message.inline_id
    ]


async def gap_begins(town: Town) -> None:
    """Wait until the edit of the only card is stored: its gap begins then, and not when Telegram accepted the edit."""
    end = town.services.context.clock.now() + GAP
    while await rows(town.services, SharedCardRow, SharedCardRow.free_at == end) != 1:
        await asyncio.sleep(0.05)


@pytest.fixture
async def neighbours(town: Town) -> tuple[TestUser, TestUser, Chat]:
    """Ann and 小博, both members with ballots, in a group without the bot."""
    ann = await start_bot(await town.person("Ann", yuan="763.00"))
    bob = await start_bot(await town.person("小博", "zh-hans", yuan="500.00"), "你好")
    await town.stock()
    await ann.sees("Today's goods")
    await bob.sees("今天的宝贝上新了")
    return ann, bob, await town.kit.group("Neighbours", ann, bob, with_bot=False)


# -- inline results --------------------------------------------------------------------------------------------------


async def test_inline_results_begin_with_the_members_votes_and_continue_with_the_display(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    ann, _, group = neighbours
    await ann.taps("▶️")
    wanted = (await ann.sees("2/28")).text.splitlines()[0]
    await ann.taps("🙋")
    first = await ann.asks("", chat=group)
    titles = [one["title"] for one in first.results]
    assert titles[0] == wanted and len(titles) == 20 and first.next_offset == "20"
    second = await ann.asks("", chat=group, offset="20")
    everything = titles + [one["title"] for one in second.results]
    assert len(set(everything)) == len(everything) == 40 and second.next_offset == ""
    assert (await ann.asks("", chat=group)).results[0]["title"] == wanted


async def test_the_search_knows_both_languages_and_the_shops(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    ann, bob, group = neighbours
    assert [one["title"] for one in (await ann.asks("THING g7", chat=group)).results] == ["Thing g7"]
    assert [one["title"] for one in (await bob.asks("thing g7", chat=group)).results] == ["宝贝g7"]
    assert [one["title"] for one in (await ann.asks("宝贝g7", chat=group)).results] == ["Thing g7"]
    of_a_shop = {one["title"] for one in (await ann.asks("小店3", chat=group)).results}
    assert of_a_shop == {f"Thing g{number}" for number in range(40) if number % 5 == 3}
    assert (await ann.asks("no such thing", chat=group)).results == []


async def test_the_share_button_of_an_item_offers_it_first(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    ann, _, group = neighbours
    item = await town.services.groups.find("g33")
    assert item is not None
    found = await ann.asks(f"i{item.id}", chat=group)
    assert found.results[0]["title"] == "Thing g33" and len(found.results) == 20


async def test_inline_mode_leads_a_stranger_to_the_bot_and_stores_nothing(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    eve = await town.person("Eve")
    group = await town.kit.group("Work", eve, neighbours[0], with_bot=False)
    before = await rows(town.services, MemberRow)
    found = await eve.asks("thing", chat=group)
    button = town.box.world.state.inline_queries[found.id].button
    assert found.results == [] and button and button["start_parameter"] == "join"
    await eve.starts("join")
    await eve.sees("Hello Eve")
    assert await rows(town.services, MemberRow) == before + 1


async def test_a_card_does_not_name_its_owner_r23(town: Town, neighbours: tuple[TestUser, TestUser, Chat]) -> None:
    ann, _, group = neighbours
    card = await share(ann, group)
    written = json.dumps([card.message.content, card.message.markup], ensure_ascii=False)
    assert str(ann.id) not in written and "Ann" not in written
    data = card.button("🙋")
    assert data is not None and data.data is not None and len(data.data.encode()) <= 64


# -- votes in any chat -----------------------------------------------------------------------------------------------


async def test_a_member_votes_on_a_shared_card_and_its_owner_gets_the_credit_r22(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    ann, bob, group = neighbours
    card = await share(ann, group)
    answer = await bob.taps("🙋", message=card)
    assert answer is not None and not answer.alert and "投票成功" in answer.text
    await until(town, lambda: "1 person wants it" in card.text)
    assert card.button("🙋") and "· 1" in card.labels[0]
    assert await credit(town) == [(1, 1)]
    await ann.sees("The first vote came by your link")


async def test_a_second_tap_changes_nothing_and_never_takes_back_r18(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    ann, bob, group = neighbours
    card = await share(ann, group)
    await bob.taps("🙋", message=card)
    again = await bob.taps("🙋", message=card)
    assert again is not None and not again.alert and "这一票有效" in again.text
    assert await rows(town.services, VoteRow) == 1


async def test_a_vote_on_the_owners_card_counts_without_credit_r22(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    ann, _, group = neighbours
    card = await share(ann, group)
    answer = await ann.taps("🙋", message=card)
    assert answer is not None and "Your vote counts" in answer.text
    assert await credit(town) == [(0, 0)] and await rows(town.services, VoteRow) == 1


async def test_the_first_card_gets_the_credit_r22(town: Town, neighbours: tuple[TestUser, TestUser, Chat]) -> None:
    ann, bob, group = neighbours
    cem = await start_bot(await town.person("Cem", yuan="200.00"))
    town.box.backend.groups.add(group, [cem.id])
    item = await town.services.groups.find("g5")
    assert item is not None
    first, second = await share(ann, group, f"i{item.id}"), await share(bob, group, f"i{item.id}")
    await cem.opens(_details(first))
    await cem.sees("A friend asks")
    answer = await cem.taps("🙋", message=second)
    assert answer is not None and "Your vote counts" in answer.text
    found = {user.id: await town.services.canvassing.link(await _member(town, user), item.id) for user in (ann, bob)}
    assert [(link.opens, link.votes) for link in found.values() if link] == [(1, 1), (0, 0)]


async def test_a_vote_without_ballots_is_refused_with_the_reason_r19(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    ann, _, group = neighbours
    zhou = await start_bot(await town.person("老周", "zh-hans", yuan="63.00"), "老周")
    town.box.backend.groups.add(group, [zhou.id])
    card = await share(ann, group)
    answer = await zhou.taps("🙋", message=card)
    assert answer is not None and answer.alert and "¥37" in answer.text
    assert await rows(town.services, VoteRow) == 0


async def test_twenty_people_at_once_are_twenty_votes_and_two_edits_a_gap_apart(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, _, group = neighbours
    crowd = [await town.person(f"P{number}", yuan="100.00") for number in range(20)]
    await asyncio.gather(*(start_bot(one) for one in crowd))
    town.box.backend.groups.add(group, [one.id for one in crowd])
    card = await share(ann, group)
    now = town.box.clock.unix()
    monkeypatch.setattr(town.box.clock, "unix", lambda: now)
    answers = await asyncio.gather(*(one.taps("🙋", message=card) for one in crowd))
    assert all(isinstance(answer, SeenAnswer) and "Your vote counts" in answer.text for answer in answers)
    await until(town, lambda: edits_of(town, card))
    await gap_begins(town)
    assert len(edits_of(town, card)) == 1, "no second edit before the gap has passed"
    now += GAP.total_seconds()
    await until(town, lambda: "20 people want it" in card.text)
    edits = edits_of(town, card)
    assert all(edit["ok"] for edit in edits) and len(edits) <= 2


# -- strangers -------------------------------------------------------------------------------------------------------


async def test_a_strangers_tap_leads_to_the_bot_where_the_vote_completes_once_r21(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    ann, _, group = neighbours
    eve = await town.person("Eve", yuan="100.00")
    town.box.backend.groups.add(group, [eve.id])
    card = await share(ann, group)
    members = await rows(town.services, MemberRow)
    tapped = await eve.tapped("🙋", message=card)
    answer = await eve.answered(tapped["callback_query_id"])
    assert answer.url.startswith(f"https://t.me/{demo.USERNAME}?start=v") and not answer.text
    assert str(eve.id) not in answer.url
    assert await rows(town.services, MemberRow) == members, "a tap does not store a member"
    await eve.opens(answer.url)
    arrived = await eve.sees("Hello Eve")
    assert "Your vote counts" in arrived.text and arrived.has_photo and arrived.button("✅ Voted · 1")
    assert "You have 1." not in arrived.text, "that ballot is used"
    assert await credit(town) == [(1, 1)]
    await until(town, lambda: "1 person wants it" in card.text)

    assert "Your vote counts" in ((await eve.taps("✅")).text or ""), "a second tap so soon is meant for 🙋"
    town.pass_time(seconds=DOUBLE_TAP)
    await eve.taps("✅")
    await eve.sees("Nobody has asked")
    await eve.opens(answer.url)
    again = await eve.sees("A friend asks for your vote")
    assert again.button("🙋"), "a vote that was taken back is not cast again"
    async with town.services.context.db.read() as connection:
        standing = await connection.execute(select(func.count()).where(VoteRow.taken_back_at.is_(None)))
        assert standing.scalar_one() == 0


async def test_a_stranger_without_ballots_gets_the_reason_and_can_follow_r21(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    ann, _, group = neighbours
    eve = await town.person("Eve")
    town.box.backend.groups.add(group, [eve.id])
    card = await share(ann, group)
    await eve.taps("🙋", message=card)
    arrived = await eve.sees("Hello Eve")
    assert "Each full ¥100 that you spent with us is one" in arrived.text, "what a ballot is, and how to get one"
    assert "You follow it now" in arrived.text and arrived.button("🔕")
    assert arrived.text.count("more spent earns") == 1, "that there is no ballot is said once"
    assert await rows(town.services, VoteRow) == 0


async def test_a_start_payload_of_another_user_casts_no_vote(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    ann, bob, group = neighbours
    eve = await town.person("Eve", yuan="100.00")
    town.box.backend.groups.add(group, [eve.id])
    card = await share(ann, group)
    tapped = await eve.tapped("🙋", message=card)
    url = (await eve.answered(tapped["callback_query_id"])).url
    await bob.opens(url)
    shown = await bob.sees("好友请你投一票")
    assert shown.button("🙋") and await rows(town.services, VoteRow) == 0
    for forged in (url[:-1], url + "A", url.replace("start=v", "start=v0"), f"https://t.me/{demo.USERNAME}?start=v"):
        await bob.opens(forged)
    assert await rows(town.services, VoteRow) == 0


# -- edits -----------------------------------------------------------------------------------------------------------


async def test_votes_in_the_bot_reach_every_card_of_the_item(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    ann, bob, group = neighbours
    item = await town.services.groups.find("g5")
    assert item is not None
    shared = [await share(one, group, f"i{item.id}") for one in (ann, bob)]
    await town.services.voting.cast(await _member(town, bob), item.id)
    await until(town, lambda: "1 person wants it" in shared[0].text and "1 人想团" in shared[1].text.replace("*", ""))
    for card in shared:
        assert [edit["ok"] for edit in edits_of(town, card)] == [True]


async def test_without_inline_feedback_the_first_tap_stores_a_card(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, group = neighbours
    queue_update = town.box.world.queue_update

    def without_feedback(bot: Any, kind: str, *rest: Any) -> None:
        if kind != "chosen_inline_result":
            queue_update(bot, kind, *rest)

    monkeypatch.setattr(town.box.world, "queue_update", without_feedback)
    card = await share(ann, group)
    assert await rows(town.services, SharedCardRow) == 0
    await bob.taps("🙋", message=card)
    await until(town, lambda: "1 person wants it" in card.text)
    assert await rows(town.services, SharedCardRow) == 1
    assert [edit["ok"] for edit in edits_of(town, card)] == [True]


async def test_after_its_round_a_card_gets_one_last_edit(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    ann, bob, group = neighbours
    card = await share(ann, group)
    eve = await town.person("Eve")
    town.box.backend.groups.add(group, [eve.id])
    old = card.button("🙋")
    assert old is not None
    await until_stored(town.services, 1)
    town.pass_time(hours=23)
    await until(town, lambda: "This round is over" in card.text)
    assert card.button("🙋") is None and card.button("🎲")
    assert len(edits_of(town, card)) == 1

    for user, words in ((bob, "本场已结束"), (eve, "This round is over")):
        late = _tap_data(town, user, group, card, old.data or "")
        answer = await user.answered(late)
        assert answer.alert and words in answer.text and not answer.url
    assert len(edits_of(town, card)) == 1 and await rows(town.services, VoteRow) == 0


async def test_a_card_whose_message_is_gone_is_deleted(town: Town, neighbours: tuple[TestUser, TestUser, Chat]) -> None:
    ann, bob, group = neighbours
    card = await share(ann, group, "Thing g5")
    other = await share(ann, group, "Thing g5")
    await until_stored(town.services, 2)
    town.box.world.delete_messages(card.chat, [card.id])
    await bob.taps("🙋", message=other)
    await until(town, lambda: edits_of(town, card) or None)
    await until_stored(town.services, 1)
    assert [edit["ok"] for edit in edits_of(town, card)] == [False]


async def until_stored(services: Services, number: int) -> None:
    """Wait until so many cards are stored; no event reports that."""

    async def stored() -> bool:
        return await rows(services, SharedCardRow) == number

    await waiting.until(stored)


async def test_a_card_of_an_erased_member_still_votes_without_credit_r36(
    town: Town, neighbours: tuple[TestUser, TestUser, Chat]
) -> None:
    ann, bob, group = neighbours
    card = await share(ann, group)
    await until_stored(town.services, 1)
    await town.services.people.erase(await _member(town, ann))
    answer = await bob.taps("🙋", message=card)
    assert answer is not None and "投票成功" in answer.text
    await until(town, lambda: "1 person wants it" in card.text)
    assert await credit(town) == [(0, 0)]
    async with town.services.context.db.read() as connection:
        assert (await connection.execute(select(SharedCardRow.link_id))).scalar_one() is None


async def test_a_restart_loses_no_card(tmp_path: Path) -> None:
    """Changes during a stop appear on the card after the restart."""
    box = Sandbox(any_token=False, limits=False)
    await box.start()
    box.clock.move_to(TUESDAY_TEN)
    kit = Kit(box, box.add_bot(DEMO_TOKEN, demo.USERNAME, "I want to group"), limit=waiting.GUARD)
    settings = settings_for(tmp_path, send_rate=200)
    ann = await kit.person("Ann")
    group = await kit.group("Neighbours", ann, with_bot=False)
    try:
        async with started(settings, DEMO_TOKEN, box.url, SystemClock(box.clock.now), every=0.05) as (_, services):
            await ann.says("/start")
            await ann.sees("Hello")
            await import_goods(services, tmp_path / "goods", 3)
            await services.rounds.open_special()
            card = await share(ann, group)
            await until_stored(services, 1)
        box.clock.advance(timedelta(hours=23))
        async with started(settings, DEMO_TOKEN, box.url, SystemClock(box.clock.now), every=0.05):
            assert await box.world.feed.wait_for(lambda: "This round is over" in card.text or None, waiting.GUARD)
    finally:
        await box.stop()


def _details(card: SeenMessage) -> str:
    button = card.button("🔍")
    assert button is not None and button.url is not None
    return button.url


def _tap_data(town: Town, user: TestUser, chat: Chat, card: SeenMessage, data: str) -> str:
    """A tap in an app that still shows an old version of the card."""
    done = town.box.backend.actions.press_button(user.person, chat, card.message, {"text": "🙋", "callback_data": data})
    return str(done["callback_query_id"])


async def _member(town: Town, user: TestUser) -> Any:
    member = await town.services.people.find(user.id)
    assert member is not None
    return member
