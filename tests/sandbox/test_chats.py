"""Groups and channels: members, privacy mode, channel posts."""

from __future__ import annotations

from tests.sandbox.harness import ANN, MEMBER, Harness


async def test_membership_changes_are_answered_and_sent_to_the_bot(harness: Harness) -> None:
    group = harness.ids["super"]
    await harness.call("getUpdates", allowed_updates=["chat_member", "my_chat_member", "message"])
    assert (await harness.call("getChatMember", chat_id=group, user_id=MEMBER)).result["status"] == "member"
    assert (await harness.call("getChatMember", chat_id=group, user_id=ANN)).result["status"] == "creator"
    assert (await harness.call("getChatMemberCount", chat_id=group)).result == 3
    await harness.call("promoteChatMember", chat_id=group, user_id=MEMBER, can_delete_messages=True)
    admins = (await harness.call("getChatAdministrators", chat_id=group)).result
    assert MEMBER in [one["user"]["id"] for one in admins]
    await harness.call("promoteChatMember", chat_id=group, user_id=MEMBER)
    assert (await harness.call("banChatMember", chat_id=group, user_id=MEMBER)).result is True
    changes = [
        one["chat_member"]["new_chat_member"]["status"] for one in await harness.updates() if "chat_member" in one
    ]
    assert changes == ["administrator", "member", "kicked"]
    not_admin = await harness.call("banChatMember", chat_id=harness.ids["plain"], user_id=ANN)
    assert not_admin.refusal == (400, "Bad Request: not enough rights to restrict/unrestrict chat member")
    assert (await harness.call("leaveChat", chat_id=harness.ids["plain"])).result is True
    assert (await harness.updates())[-1]["my_chat_member"]["new_chat_member"]["status"] == "left"


async def test_in_privacy_mode_a_bot_receives_commands_and_replies_only(harness: Harness) -> None:
    world, actions = harness.box.world, harness.box.backend.actions
    ann, group = world.person(ANN), world.chat(f"g{harness.ids['plain']}")
    actions.say(ann, group, "not for bots")
    actions.say(ann, group, "/help@other_bot")
    actions.say(ann, group, "/help")
    sent = (await harness.call("sendMessage", chat_id=group.id, text="asked")).result
    actions.say(ann, group, "an answer", reply_to=sent["message_id"])
    assert [one["message"]["text"] for one in await harness.updates()] == ["/help", "an answer"]


async def test_channel_posts_have_a_sender_chat_and_reach_the_bot(harness: Harness) -> None:
    post = (await harness.call("sendMessage", chat_id="@news_channel", text="news")).result
    assert post["sender_chat"]["title"] == "News" and "from" not in post
    world = harness.box.world
    harness.box.backend.actions.say(world.person(ANN), world.chat(f"g{harness.ids['channel']}"), "by hand")
    assert (await harness.updates())[0]["channel_post"]["text"] == "by hand"


async def test_each_group_has_its_own_sequence_of_message_ids(harness: Harness) -> None:
    first = (await harness.call("sendMessage", chat_id=harness.ids["super"], text="x")).result["message_id"]
    await harness.call("sendMessage", chat_id=ANN, text="x")
    assert (await harness.call("sendMessage", chat_id=harness.ids["super"], text="x")).result["message_id"] == first + 1


async def test_of_hidden_members_only_an_administrator_learns(harness: Harness) -> None:
    group = harness.ids["super"]
    chat = harness.box.world.chat(f"g{group}")
    harness.box.backend.groups.hide_members(chat)
    assert (await harness.call("getChatMember", chat_id=group, user_id=ANN)).result["status"] == "creator"
    harness.box.backend.groups.set_admin(chat, chat.bots[0], admin=False)
    refused = await harness.call("getChatMember", chat_id=group, user_id=ANN)
    assert refused.refusal == (400, "Bad Request: CHAT_ADMIN_REQUIRED")
    admins = (await harness.call("getChatAdministrators", chat_id=group)).result
    assert [one["user"]["id"] for one in admins] == [ANN]


async def test_posts_of_a_linked_channel_are_forwarded_into_its_group_automatically(harness: Harness) -> None:
    world, actions = harness.box.world, harness.box.backend.actions
    channel, group = world.chat(f"g{harness.ids['channel']}"), world.chat(f"g{harness.ids['super']}")
    harness.box.backend.groups.link(channel, group)
    actions.say(world.person(ANN), channel, "/news")
    post, forward = await harness.updates()
    assert post["channel_post"]["text"] == "/news"
    message = forward["message"]
    assert message["is_automatic_forward"] and message["from"]["id"] == 777000
    assert message["sender_chat"]["id"] == message["forward_origin"]["chat"]["id"] == channel.id


async def test_messages_in_the_name_of_a_chat_come_from_the_accounts_that_stand_for_it(harness: Harness) -> None:
    world, actions = harness.box.world, harness.box.backend.actions
    channel, group = world.chat(f"g{harness.ids['channel']}"), world.chat(f"g{harness.ids['super']}")
    for chat in (group, channel):
        actions.say(world.person(ANN), group, "/x", as_chat=chat)
    own, other = [one["message"] for one in await harness.updates()]
    assert (own["from"]["username"], own["sender_chat"]["id"]) == ("GroupAnonymousBot", group.id)
    assert (other["from"]["username"], other["sender_chat"]["id"]) == ("Channel_Bot", channel.id)


async def test_topics_of_a_forum_are_closed_deleted_or_unknown(harness: Harness) -> None:
    world, box = harness.box.world, harness.box.backend
    group = world.chat(f"g{harness.ids['super']}")
    box.forums.enable(group)
    topic = box.forums.add(group, "News")
    in_topic = {"chat_id": group.id, "text": "x", "message_thread_id": topic}
    sent = (await harness.call("sendMessage", **in_topic)).result
    assert sent["message_thread_id"] == topic and sent["is_topic_message"] and sent["chat"]["is_forum"]
    assert "message_thread_id" not in (await harness.call("sendMessage", chat_id=group.id, text="x")).result
    box.forums.close(group, topic)
    assert (await harness.call("sendMessage", **in_topic)).result, "administrators write in closed topics"
    box.groups.set_admin(group, group.bots[0], admin=False)
    assert (await harness.call("sendMessage", **in_topic)).refusal == (400, "Bad Request: TOPIC_CLOSED")
    box.forums.reopen(group, topic)
    box.forums.close(group)
    assert (await harness.call("sendMessage", **in_topic)).result
    in_general = await harness.call("sendMessage", chat_id=group.id, text="x")
    assert in_general.refusal == (400, "Bad Request: TOPIC_CLOSED")
    box.forums.delete(group, topic)
    assert (await harness.call("sendMessage", **in_topic)).refusal == (400, "Bad Request: TOPIC_DELETED")
    unknown = await harness.call("sendMessage", **{**in_topic, "message_thread_id": 77})
    assert unknown.refusal == (400, "Bad Request: message thread not found")
    service = [one["message"] for one in await harness.updates() if "message" in one]
    kinds = [name for one in service for name in one if name.startswith("forum_topic")]
    assert kinds == [f"forum_topic_{what}" for what in ("created", "closed", "reopened", "closed")]


async def test_people_whom_a_bot_cannot_reach_are_refused_in_telegrams_words(harness: Harness) -> None:
    ann = harness.box.world.person(ANN)
    for words in ("user not found", "PEER_ID_INVALID"):
        ann.refused_as = words
        refused = await harness.call("sendMessage", chat_id=ANN, text="x")
        assert refused.refusal == (400, f"Bad Request: {words}")


async def test_a_forward_of_a_person_who_hides_them_names_no_account(harness: Harness) -> None:
    ann, world = harness.box.world.person(ANN), harness.box.world
    ann.hides_forwards = True
    said = harness.box.backend.actions.say(ann, world.private_chat(ANN, next(iter(world.state.bots))), "hello")
    asked = {"chat_id": ANN, "from_chat_id": ANN, "message_id": said.id}
    origin = (await harness.call("forwardMessage", **asked)).result["forward_origin"]
    assert origin == {"type": "hidden_user", "sender_user_name": ann.first_name, "date": said.date}
