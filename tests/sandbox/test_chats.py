"""What Telegram does in groups and channels."""

from __future__ import annotations

from tests.sandbox.stage import ANN, MEMBER, Stage


async def test_groups_admins_and_members(stage: Stage) -> None:
    group = stage.ids["super"]
    await stage.call("getUpdates", allowed_updates=["chat_member", "my_chat_member", "message"])
    assert (await stage.call("getChatMember", chat_id=group, user_id=MEMBER)).result["status"] == "member"
    assert (await stage.call("getChatMember", chat_id=group, user_id=ANN)).result["status"] == "creator"
    assert (await stage.call("getChatMemberCount", chat_id=group)).result == 3
    await stage.call("promoteChatMember", chat_id=group, user_id=MEMBER, can_delete_messages=True)
    admins = (await stage.call("getChatAdministrators", chat_id=group)).result
    assert MEMBER in [one["user"]["id"] for one in admins]
    await stage.call("promoteChatMember", chat_id=group, user_id=MEMBER)
    assert (await stage.call("banChatMember", chat_id=group, user_id=MEMBER)).result is True
    changes = [one["chat_member"]["new_chat_member"]["status"] for one in await stage.updates() if "chat_member" in one]
    assert changes == ["administrator", "member", "kicked"]
    not_admin = await stage.call("banChatMember", chat_id=stage.ids["plain"], user_id=ANN)
    assert not_admin.refusal == (400, "Bad Request: not enough rights to restrict/unrestrict chat member")
    assert (await stage.call("leaveChat", chat_id=stage.ids["plain"])).result is True
    assert (await stage.updates())[-1]["my_chat_member"]["new_chat_member"]["status"] == "left"


async def test_privacy_mode_in_groups(stage: Stage) -> None:
    world, deeds = stage.box.world, stage.box.room.deeds
    ann, group = world.person(ANN), world.chat(f"g{stage.ids['plain']}")
    deeds.say(ann, group, "not for bots")
    deeds.say(ann, group, "/help@other_bot")
    deeds.say(ann, group, "/help")
    sent = (await stage.call("sendMessage", chat_id=group.id, text="asked")).result
    deeds.say(ann, group, "an answer", reply_to=sent["message_id"])
    assert [one["message"]["text"] for one in await stage.updates()] == ["/help", "an answer"]


async def test_channel_posts(stage: Stage) -> None:
    post = (await stage.call("sendMessage", chat_id="@news_channel", text="news")).result
    assert post["sender_chat"]["title"] == "News" and "from" not in post
    world = stage.box.world
    stage.box.room.deeds.say(world.person(ANN), world.chat(f"g{stage.ids['channel']}"), "by hand")
    assert (await stage.updates())[0]["channel_post"]["text"] == "by hand"


async def test_group_message_ids_are_the_groups_own(stage: Stage) -> None:
    first = (await stage.call("sendMessage", chat_id=stage.ids["super"], text="x")).result["message_id"]
    await stage.call("sendMessage", chat_id=ANN, text="x")
    assert (await stage.call("sendMessage", chat_id=stage.ids["super"], text="x")).result["message_id"] == first + 1
