"""Forum topics: a group is bound in one, everything comes there, and never into General instead (R35)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from sandbox.state.model import Chat
from sandbox.testing import SeenMessage, TestUser
from sandbox.users.forums import GENERAL, thread_of
from storage.models import BoundChatRow, NotificationRow
from tests import waiting
from tests.conftest import ORGANISER
from tests.journeys.conftest import Town
from tests.journeys.test_cards import start_bot
from tests.journeys.test_groups import all_picks
from tests.services.conftest import stored_about

pytestmark = pytest.mark.long


async def forum(town: Town, *people: TestUser) -> Chat:
    """A forum owned by the first one."""
    group = await town.kit.group("Neighbours", *people, kind="supergroup")
    town.box.backend.forums.enable(group)
    return group


def sent_in(town: Town, user: TestUser, group: Chat, topic: int) -> list[SeenMessage]:
    """The bot's messages in a topic."""
    by_bot = (seen for seen in user.messages(group) if seen.message.sender == town.kit.bot.id)
    return [seen for seen in by_bot if thread_of(seen.message.head) == topic]


async def binding(town: Town) -> Any:
    """The topic of the bound chat, and why it is paused."""
    async with town.services.context.db.read() as connection:
        return (await connection.execute(select(BoundChatRow.topic, BoundChatRow.paused))).one()


async def bound_in(town: Town, user: TestUser, group: Chat, topic: int) -> None:
    await user.says("/bind", chat=group, topic=topic)

    async def is_bound() -> bool:
        found = await town.services.chats.find(group.id)
        return found is not None and (found.topic, found.paused) == (topic or None, None)

    await waiting.until(is_bound)
    await town.idle()


async def test_bind_in_a_topic_answers_and_posts_there_only(town: Town) -> None:
    ann, bob = await start_bot(await town.person("Ann", yuan="763.00")), await town.person("Bob")
    group = await forum(town, ann, bob)
    topic = town.box.backend.forums.add(group, "Groups")
    await town.idle()
    greeted = len(sent_in(town, ann, group, GENERAL))
    await bob.says("/bind", chat=group, topic=topic)
    refusal = await bob.sees("Only administrators", chat=group)
    assert thread_of(refusal.message.head) == topic
    town.pass_time(seconds=5)
    await bound_in(town, ann, group, topic)
    await town.stock()
    cards = await all_picks(town, ann, group)
    answer = await ann.taps("🙋", message=cards[0])
    said = await ann.sees("Your vote counts", chat=group)
    assert answer is not None and thread_of(said.message.head) == topic
    await ann.taps("中文", chat=group)
    await ann.sees("以后在这里说中文", chat=group)
    assert tuple(await binding(town)) == (topic, None), "another language is no other topic"
    await ann.says("/unbind", chat=group, topic=topic)
    await ann.sees("nothing more comes here", chat=group)
    assert len(sent_in(town, ann, group, GENERAL)) == greeted


async def test_bind_in_another_topic_moves_the_posts(town: Town) -> None:
    ann = await town.person("Ann")
    group = await forum(town, ann)
    first, second = (town.box.backend.forums.add(group, name) for name in ("One", "Two"))
    await bound_in(town, ann, group, first)
    await bound_in(town, ann, group, second)
    await town.stock()
    cards = await all_picks(town, ann, group)
    assert {thread_of(card.message.head) for card in cards} == {second}
    await bound_in(town, ann, group, GENERAL)
    await town.stock(3, "more")
    cards = await all_picks(town, ann, group, 6)
    assert [thread_of(card.message.head) for card in cards[3:]] == [GENERAL] * 3


async def test_a_reply_in_general_is_no_topic(town: Town) -> None:
    ann = await town.person("Ann")
    group = await forum(town, ann)
    hello = await ann.sees("/bind", chat=group)
    await ann.says("/bind", chat=group, reply_to=hello)
    await ann.sees("✅ Done", chat=group)
    assert tuple(await binding(town)) == (None, None)


@pytest.mark.parametrize("topic_is", ["closed", "deleted", "gone"])
async def test_a_topic_in_which_nothing_can_be_posted_pauses_and_its_binder_is_told_once(
    town: Town, topic_is: str
) -> None:
    ann = await start_bot(await town.person("Ann"))
    group, forums = await forum(town, ann), town.box.backend.forums
    topic, other = forums.add(group, "Groups"), forums.add(group, "Another")
    await bound_in(town, ann, group, topic)
    await town.idle()
    before = {where: len(sent_in(town, ann, group, where)) for where in (GENERAL, topic, other)}
    forums.close(group, topic)
    if topic_is != "closed":
        forums.delete(group, topic)
        before[topic] = 0
    if topic_is == "gone":
        del group.details["forum"]["topics"][str(topic)]
    await town.stock()
    notice = await ann.sees("Nothing comes into your group any more")
    assert ("Reopen it" if topic_is == "closed" else "is gone") in notice.text
    [button] = notice.labels
    assert "Open the group chat" in button
    await town.idle()
    assert {where: len(sent_in(town, ann, group, where)) for where in before} == before
    town.pass_time(hours=24)
    await town.stock(3, "more")
    await town.idle()
    assert sum("Nothing comes" in seen.text for seen in ann.messages()) == 1
    await bound_in(town, ann, group, other)
    await town.stock(3, "again")
    cards = await all_picks(town, ann, group)
    assert {thread_of(card.message.head) for card in cards} == {other}


@pytest.mark.parametrize("which", ["topic", "General"])
async def test_posts_go_on_in_a_topic_that_is_reopened(town: Town, which: str) -> None:
    ann = await start_bot(await town.person("Ann"))
    group, forums = await forum(town, ann), town.box.backend.forums
    topic = forums.add(group, "Groups") if which == "topic" else GENERAL
    await bound_in(town, ann, group, topic)
    forums.close(group, topic)
    await town.stock()
    await ann.sees("Reopen it")
    forums.reopen(group, topic)

    async def goes_on() -> bool:
        return (await binding(town)).paused is None

    await waiting.until(goes_on)
    await town.stock(3, "more")
    cards = await all_picks(town, ann, group)
    assert {thread_of(card.message.head) for card in cards} == {topic}


async def test_a_closed_topic_is_open_to_a_bot_that_administers_the_group(town: Town) -> None:
    ann = await start_bot(await town.person("Ann"))
    group = await forum(town, ann)
    topic = town.box.backend.forums.add(group, "Groups")
    town.box.backend.groups.set_admin(group, town.kit.bot.id, admin=True, by=ann.id)
    await bound_in(town, ann, group, topic)
    town.box.backend.forums.close(group, topic)
    await town.stock()
    await all_picks(town, ann, group)
    assert tuple(await binding(town)) == (topic, None)


async def test_where_an_anonymous_administrator_bound_it_organisers_are_told(town: Town) -> None:
    olga = await start_bot(await town.organiser())
    assert olga.id == ORGANISER
    ann = await town.person("Ann")
    group = await forum(town, ann)
    topic = town.box.backend.forums.add(group, "Groups")
    await ann.says("/bind", chat=group, as_chat=group, topic=topic)
    await ann.sees("✅ Done", chat=group)
    town.box.backend.forums.delete(group, topic)
    await town.stock()
    await olga.sees("is gone")


async def test_r36_an_erased_member_is_no_longer_known_to_have_bound_a_group(town: Town) -> None:
    ann = await start_bot(await town.person("Ann"))
    group = await forum(town, ann)
    topic = town.box.backend.forums.add(group, "Groups")
    await bound_in(town, ann, group, topic)
    member = await town.services.people.find(ann.id)
    assert member is not None
    assert [row["topic"] for row in (await stored_about(town.services, member))["bound_chats"]] == [topic]
    await town.services.people.erase(member)
    async with town.services.context.db.read() as connection:
        assert (await connection.execute(select(BoundChatRow.bound_by))).scalar_one() is None
        told = select(NotificationRow.id).where(NotificationRow.kind == "topic-paused")
        assert (await connection.execute(told)).first() is None
