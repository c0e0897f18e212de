"""Chats: information, members, and what an administrator bot may change."""

from __future__ import annotations

from sandbox.bot_api.catalogue import example_object
from sandbox.bot_api.objects import chat_json, message_json
from sandbox.bot_api.registry import method
from sandbox.bot_api.request import ApiRequest
from sandbox.errors import bad_request
from sandbox.state.model import Chat, Json
from sandbox.text import utf16_length
from sandbox.users.actions import UserActions
from sandbox.users.groups import ADMIN_RIGHTS, CHANNEL_RIGHTS, GROUP_RIGHTS, GroupActions, member_json


def _groups(call: ApiRequest) -> GroupActions:
    return GroupActions(UserActions(call.world))


def _user(call: ApiRequest) -> int:
    id = call.integer("user_id")
    if not id:
        raise bad_request("invalid user_id specified")
    if id not in call.world.state.people and id not in call.world.state.bots:
        raise bad_request("user not found")
    return id


def _managed(call: ApiRequest, refusal: str) -> Chat:
    """A group that the bot administers. Raises a 400 with the description `refusal` otherwise."""
    chat = call.writable()
    if chat.type == "private" or call.bot.id not in chat.admins:
        raise bad_request(refusal)
    return chat


@method("getChat")
def get_chat(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#getchat"""
    chat = call.readable()
    info: Json = {**example_object("ChatFullInfo"), **chat_json(call.world, chat)}
    if chat.type != "private":
        info["permissions"] = chat.details.get("permissions", example_object("ChatPermissions"))
        if chat.details.get("description"):
            info["description"] = chat.details["description"]
    if chat.pinned and (pinned := call.world.find_message(chat.key, chat.pinned[-1])) is not None:
        info["pinned_message"] = message_json(call.world, pinned, call.bot.id, nested=False)
    return info


@method("getChatMember")
def get_chat_member(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#getchatmember; of hidden members only an administrator learns."""
    chat, user = call.readable(), _user(call)
    if chat.details.get("hidden_members") and user != call.bot.id and call.bot.id not in chat.admins:
        raise bad_request("CHAT_ADMIN_REQUIRED")
    return member_json(call.world, chat, user)


@method("getChatMemberCount")
def get_chat_member_count(call: ApiRequest) -> int:
    """https://core.telegram.org/bots/api#getchatmembercount"""
    chat = call.readable()
    return len(chat.members) + len(chat.bots)


@method("getChatAdministrators")
def get_chat_administrators(call: ApiRequest) -> list[Json]:
    """https://core.telegram.org/bots/api#getchatadministrators; other bots only with `return_bots`."""
    chat = call.readable()
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    bots = call.world.state.bots
    admins = [id for id in chat.admins if id not in bots or id == call.bot.id or call.flag("return_bots")]
    return [member_json(call.world, chat, id) for id in admins]


@method("leaveChat")
def leave_chat(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#leavechat"""
    chat = call.writable()
    if chat.type == "private":
        raise bad_request("chat not found")
    _groups(call).remove(chat, [call.bot.id], by=call.bot.id, kick=False)
    return True


@method("banChatMember")
def ban_chat_member(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#banchatmember"""
    chat = _managed(call, "not enough rights to restrict/unrestrict chat member")
    user = _user(call)
    if user == chat.details.get("owner"):
        raise bad_request("can't remove chat owner")
    if user in chat.admins:
        raise bad_request("user is an administrator of the chat")
    _groups(call).remove(chat, [user], by=call.bot.id)
    if user not in chat.kicked:
        chat.kicked.append(user)
    return True


@method("unbanChatMember")
def unban_chat_member(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#unbanchatmember; without `only_if_banned` a member is removed."""
    chat = _managed(call, "not enough rights to restrict/unrestrict chat member")
    user = _user(call)
    if not call.flag("only_if_banned"):
        _groups(call).remove(chat, [user], by=call.bot.id, kick=False)
    chat.kicked = [id for id in chat.kicked if id != user]
    return True


@method("restrictChatMember")
def restrict_chat_member(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#restrictchatmember"""
    chat = _managed(call, "not enough rights to restrict/unrestrict chat member")
    if chat.type != "supergroup":
        raise bad_request("method is available only for supergroups")
    permissions = call.json("permissions")
    if not isinstance(permissions, dict):
        raise bad_request("can't parse permissions: expected an Object")
    user = _user(call)
    if user in chat.admins:
        raise bad_request("user is an administrator of the chat")
    old = member_json(call.world, chat, user)
    wanted = {name: bool(permissions.get(name)) for name in example_object("ChatPermissions", every=True)}
    restricted = chat.details.setdefault("restricted", {})
    if all(wanted.values()):
        restricted.pop(str(user), None)
    else:
        restricted[str(user)] = wanted
    _groups(call).queue_member_update(chat, user, call.bot.id, old)
    return True


@method("promoteChatMember")
def promote_chat_member(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#promotechatmember; without any right the member is demoted."""
    chat = _managed(call, "not enough rights")
    user = _user(call)
    if user == chat.details.get("owner"):
        raise bad_request("can't remove chat owner")
    if user not in chat.members and user not in chat.bots:
        raise bad_request("USER_NOT_PARTICIPANT")
    rights = {name: call.flag(name) for name in (*ADMIN_RIGHTS, *CHANNEL_RIGHTS, *GROUP_RIGHTS) if call.given(name)}
    chat.details.setdefault("rights", {})[str(user)] = rights
    _groups(call).set_admin(chat, user, admin=any(rights.values()), by=call.bot.id)
    return True


@method("setChatAdministratorCustomTitle")
def set_custom_title(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#setchatadministratorcustomtitle"""
    chat = _managed(call, "not enough rights")
    user = _user(call)
    if user not in chat.admins:
        raise bad_request("user is not an administrator")
    chat.details.setdefault("titles", {})[str(user)] = call.text("custom_title")[:16]
    return True


@method("setChatTitle", "setChatDescription")
def set_chat_text(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#setchattitle and setChatDescription"""
    name = "title" if call.method.lower() == "setchattitle" else "description"
    text = call.text(name).strip()
    maximum = 128 if name == "title" else 255
    chat = _managed(call, f"not enough rights to change chat {name}")
    if name == "title" and not text:
        raise bad_request("title must be non-empty")
    if utf16_length(text) > maximum:
        raise bad_request(f"chat {name} is too long")
    if (chat.title if name == "title" else chat.details.get("description", "")) == text:
        raise bad_request(f"chat {name} is not modified")
    if name == "title":
        chat.title = text
    else:
        chat.details["description"] = text
    call.world.feed.emit("chat", chat=chat)
    return True


@method("setChatPermissions")
def set_chat_permissions(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#setchatpermissions"""
    permissions = call.json("permissions")
    if not isinstance(permissions, dict):
        raise bad_request("can't parse permissions: expected an Object")
    chat = _managed(call, "not enough rights to change chat permissions")
    chat.details["permissions"] = {name: bool(value) for name, value in permissions.items()}
    return True


@method("pinChatMessage")
def pin_chat_message(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#pinchatmessage"""
    chat = _pinning(call)
    message = call.message(chat, "message to pin not found")
    chat.pinned = [id for id in chat.pinned if id != message.id] + [message.id]
    call.world.feed.emit("chat", chat=chat)
    return True


@method("unpinChatMessage")
def unpin_chat_message(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#unpinchatmessage; without an id, the newest pin."""
    chat = _pinning(call)
    wanted = call.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if wanted not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(wanted)
    call.world.feed.emit("chat", chat=chat)
    return True


@method("unpinAllChatMessages")
def unpin_all_chat_messages(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#unpinallchatmessages"""
    chat = _pinning(call)
    chat.pinned.clear()
    call.world.feed.emit("chat", chat=chat)
    return True


def _pinning(call: ApiRequest) -> Chat:
    chat = call.writable()
    if chat.type != "private" and call.bot.id not in chat.admins:
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat


@method("exportChatInviteLink", "createChatInviteLink")
def invite_link(call: ApiRequest) -> Json | str:
    """https://core.telegram.org/bots/api#createchatinvitelink"""
    chat = _managed(call, "not enough rights to manage chat invite link")
    link = f"https://t.me/+sandbox{call.world.next_serial()}"
    if call.method.lower() == "exportchatinvitelink":
        return link
    invite: Json = {
        "invite_link": link,
        "creator": call.bot.as_user(),
        "creates_join_request": call.flag("creates_join_request"),
        "is_primary": False,
        "is_revoked": False,
    }
    if name := call.text("name"):
        invite["name"] = name
    if limit := call.integer("member_limit"):
        invite["member_limit"] = limit
    chat.details.setdefault("links", {})[link] = invite
    return invite
