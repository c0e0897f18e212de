"""Groups as they really are: hidden members, anonymous administrators, posts of linked channels, unusual updates."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from sandbox.state.model import Chat
from sandbox.testing import TestUser
from storage.models import BoundChatRow, FailedUpdateRow, MemberRow
from tests.journeys.conftest import Town
from tests.journeys.test_cards import rows, start_bot
from tests.journeys.test_groups import all_picks, bound, until_rows

pytestmark = pytest.mark.long


async def hidden(town: Town, *people: TestUser) -> Chat:
    """A supergroup that hides its members, owned by the first one."""
    group = await town.kit.group("Neighbours", *people, kind="supergroup")
    town.box.backend.groups.hide_members(group)
    return group


# -- who administers a group -------------------------------------------------------------------------------------------


async def test_the_owner_of_a_group_with_hidden_members_binds_it_and_others_do_not(town: Town) -> None:
    ann, bob = await town.person("Ann"), await town.person("Bob")
    group = await hidden(town, ann, bob)
    await bob.says("/bind", chat=group)
    refusal = await bob.sees("Only administrators", chat=group)
    assert refusal.message.only_for == bob.id and await rows(town.services, BoundChatRow) == 0
    await ann.says("/bind", chat=group)
    await ann.sees("✅ Done", chat=group)
    refused = await bob.taps("中文", chat=group)
    assert refused is not None and "Only administrators" in refused.text
    await ann.taps("中文", chat=group)
    await ann.sees("以后在这里说中文", chat=group)


async def test_where_administrators_stay_unknown_the_answer_says_what_to_do(town: Town) -> None:
    ann = await town.person("Ann")
    group = await hidden(town, ann)
    town.box.backend.faults.add(
        {"kind": "refuse", "method": "getChatAdministrators", "said": "Bad Request: member list is inaccessible"}
    )
    await ann.says("/bind", chat=group)
    answer = await ann.sees("make me an administrator", chat=group)
    assert answer.message.only_for == ann.id and await rows(town.services, BoundChatRow) == 0
    town.box.backend.groups.set_admin(group, town.kit.bot.id, admin=True, by=ann.id)
    town.pass_time(seconds=5)
    await ann.says("/bind", chat=group)
    await ann.sees("✅ Done", chat=group)


@pytest.mark.parametrize("kind", ["reset_before", "500"])
async def test_an_unanswered_question_who_administers_is_no_refusal(town: Town, kind: str) -> None:
    ann = await town.person("Ann")
    group = await bound(town, ann)
    for method in ("getChatMember", "getChatAdministrators"):
        town.box.backend.faults.add({"kind": kind, "method": method})
    answer = await ann.taps("中文", chat=group)
    assert answer is not None and "try again" in answer.text and "Only administrators" not in answer.text


async def test_an_anonymous_administrator_binds_and_chooses_the_language(town: Town) -> None:
    ann = await town.person("Ann")
    group = await hidden(town, ann)
    await ann.says("/bind", chat=group, as_chat=group)
    await ann.sees("✅ Done", chat=group)
    await ann.taps("中文", chat=group)
    await ann.sees("以后在这里说中文", chat=group)
    await ann.says("/unbind", chat=group, as_chat=group)
    await until_rows(town, BoundChatRow, 0)


# -- what other chats say ----------------------------------------------------------------------------------------------


async def test_posts_that_telegram_forwards_from_a_linked_channel_are_ignored(town: Town) -> None:
    ann = await town.person("Ann")
    channel = await town.kit.group("News", ann, kind="channel", with_bot=False)
    group = await town.kit.group("Neighbours", ann, kind="supergroup")
    await ann.sees("/bind", chat=group)
    town.box.backend.groups.link(channel, group)
    for text in ("/bind en", "/unbind", "/goods", "news of today"):
        await ann.says(text, chat=channel)
    assert [seen.message.head.get("is_automatic_forward") for seen in ann.messages(group)[-4:]] == [True] * 4
    await town.shows_nothing_new(ann, group)
    assert await rows(town.services, BoundChatRow) == 0


async def test_what_is_written_in_a_channels_name_is_ignored(town: Town) -> None:
    ann, bob = await town.person("Ann"), await town.person("Bob")
    channel = await town.kit.group("Bob's", bob, kind="channel", with_bot=False)
    group = await bound(town, ann, bob)
    for text in ("/unbind", "/bind zh"):
        await bob.says(text, chat=group, as_chat=channel)
    await town.shows_nothing_new(bob, group)
    assert await rows(town.services, BoundChatRow) == 1


# -- unusual updates ---------------------------------------------------------------------------------------------------


async def test_a_forward_of_a_deleted_account_that_hid_its_name_costs_no_command(town: Town) -> None:
    ann = await start_bot(await town.person("Ann"))
    eve = await town.person("Eve")
    await town.stock()
    eve.person.hides_forwards = True
    old = await eve.says("/goods", chat=town.kit.between(ann, eve))
    eve.person.deactivated = True
    forwarded = await ann.forwards(old, ann.chat())
    assert forwarded.message.head["forward_origin"].keys() == {"type", "date"}
    await ann.sees("🙋")
    town.pass_time(seconds=5)
    await ann.says("/help", reply_to=forwarded)
    await ann.sees("/privacy")
    assert await rows(town.services, FailedUpdateRow) == 0


async def test_a_group_that_removes_its_administrator_bot_is_unbound_whatever_rights_it_had(town: Town) -> None:
    ann = await town.person("Ann")
    group = await bound(town, ann)
    me = town.kit.bot.id
    group.details["rights"] = {str(me): dict.fromkeys(("can_post_stories", "can_send_welcome_messages"))}
    town.box.backend.groups.set_admin(group, me, admin=True, by=ann.id)
    town.box.backend.groups.remove(group, [me], by=ann.id)
    await until_rows(town, BoundChatRow, 0)
    assert await rows(town.services, FailedUpdateRow) == 0


@pytest.mark.parametrize("said", ["user not found", "PEER_ID_INVALID"])
async def test_a_deleted_account_keeps_the_carousel_from_no_other_r13(town: Town, said: str) -> None:
    ann, eve = await start_bot(await town.person("Ann")), await start_bot(await town.person("Eve"))
    eve.person.refused_as = said
    await town.stock()
    await ann.sees("Today's goods")
    await town.idle()
    async with town.services.context.db.read() as connection:
        gone = await connection.execute(select(MemberRow.chat_id).where(MemberRow.unreachable == "unreachable"))
        assert gone.scalars().all() == [eve.id]


async def test_a_bound_group_gets_its_picks_although_its_members_are_hidden(town: Town) -> None:
    ann = await town.person("Ann")
    group = await hidden(town, ann)
    await ann.says("/bind", chat=group)
    await ann.sees("✅", chat=group)
    await town.stock()
    await all_picks(town, ann, group)
