"""Groups, supergroups and channels: creating them, changing members, and the updates that bots receive."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.bot_api.objects import chat_json, user_json
from sandbox.errors import Misuse
from sandbox.state.model import Chat, Json
from sandbox.state.world import World, group_key, private_key
from sandbox.users.actions import UserActions

TYPES = ("group", "supergroup", "channel")
FIRST_GROUP = -4_000_000_001
FIRST_SUPERGROUP = -1_001_000_000_001
ADMIN_RIGHTS = [
    "can_be_edited",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_send_welcome_messages",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
]
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages")
GROUP_RIGHTS = ("can_pin_messages", "can_manage_topics")


def member_json(world: World, chat: Chat, id: int) -> Json:
    """The ChatMember object of a person or bot."""
    user = user_json(world, id)
    owner = chat.details.get("owner", 0)
    if id == owner and id in chat.members:
        return {"status": "creator", "user": user, "is_anonymous": False}
    if id in chat.admins and (id in chat.members or id in chat.bots):
        rights: Json = dict.fromkeys((*ADMIN_RIGHTS, "is_anonymous"), False)
        names = (*ADMIN_RIGHTS[1:], *(CHANNEL_RIGHTS if chat.type == "channel" else GROUP_RIGHTS))
        rights.update(dict.fromkeys(names, True))
        rights.update(chat.details.get("rights", {}).get(str(id), {}))
        title = chat.details.get("titles", {}).get(str(id))
        rights = {name: given for name, given in rights.items() if given is not None}  # None: of a later version
        return {"status": "administrator", "user": user, **rights, **({"custom_title": title} if title else {})}
    if id in chat.kicked:
        return {"status": "kicked", "user": user, "until_date": 0}
    if id in chat.members or id in chat.bots:
        limits = chat.details.get("restricted", {}).get(str(id))
        if limits:
            return {"status": "restricted", "user": user, "is_member": True, "until_date": 0, **limits}
        return {"status": "member", "user": user}
    return {"status": "left", "user": user}


class GroupActions:
    """Creates chats of several people and bots, and changes their members."""

    def __init__(self, actions: UserActions) -> None:
        self.actions = actions
        self.world = actions.world

    def create(
        self, kind: str, title: str, members: Iterable[int], admins: Iterable[int] = (), username: str = ""
    ) -> Chat:
        """Create a chat. Members and admins are ids of people and bots; the first person owns it. Raises Misuse."""
        if kind not in TYPES:
            raise Misuse(f"A chat's type is one of: {', '.join(TYPES)}.")
        if not title.strip():
            raise Misuse("A chat needs a title.")
        id = self._free_id(FIRST_GROUP if kind == "group" else FIRST_SUPERGROUP)
        chat = Chat(group_key(id), kind, id, title.strip(), username=username.lstrip("@"), started=True)
        ids = list(dict.fromkeys([*admins, *members]))
        people = [one for one in ids if one in self.world.state.people]
        if people:
            chat.details["owner"] = people[0]
            chat.admins.append(people[0])
        self.world.state.chats[chat.key] = chat
        self.world.feed.emit("chat", chat=chat)
        self.add(chat, ids, by=chat.details.get("owner", 0), as_admins=set(admins))
        return chat

    def _free_id(self, id: int) -> int:
        while group_key(id) in self.world.state.chats:
            id -= 1
        return id

    def add(self, chat: Chat, ids: Iterable[int], *, by: int = 0, as_admins: Iterable[int] = ()) -> None:
        """Add members. An added bot receives `my_chat_member`, subscribed admin bots receive `chat_member`."""
        admins = set(as_admins)
        for id in ids:
            self._check_exists(id)
            if id in chat.members or id in chat.bots:
                continue
            old = member_json(self.world, chat, id)
            chat.kicked = [one for one in chat.kicked if one != id]
            (chat.bots if id in self.world.state.bots else chat.members).append(id)
            if id in admins and id not in chat.admins:
                chat.admins.append(id)
            self._mark_known(chat)
            if chat.type != "channel":
                self._add_service_message(chat, by or id, {"new_chat_members": [user_json(self.world, id)]})
            self.queue_member_update(chat, id, by or id, old)
        self.world.feed.emit("chat", chat=chat)

    def remove(self, chat: Chat, ids: Iterable[int], *, by: int = 0, kick: bool = True) -> None:
        """Remove members. A removed bot receives `my_chat_member`, and 403 for later calls."""
        for id in ids:
            self._check_exists(id)
            if id not in chat.members and id not in chat.bots:
                continue
            old = member_json(self.world, chat, id)
            members = chat.bots if id in self.world.state.bots else chat.members
            members.remove(id)
            chat.admins = [one for one in chat.admins if one != id]
            if kick:
                chat.kicked.append(id)
            if id in self.world.state.bots:
                chat.left.append(id)
            if chat.type != "channel":
                self._add_service_message(chat, by or id, {"left_chat_member": user_json(self.world, id)})
            self.queue_member_update(chat, id, by or id, old)
        self.world.feed.emit("chat", chat=chat)

    def set_admin(self, chat: Chat, id: int, *, admin: bool, by: int = 0) -> None:
        """Promote or demote a member. Raises Misuse for a user who is no member."""
        self._check_exists(id)
        if id not in chat.members and id not in chat.bots:
            raise Misuse("Only a member can be made an admin.")
        old = member_json(self.world, chat, id)
        chat.admins = [one for one in chat.admins if one != id] + ([id] if admin else [])
        self.queue_member_update(chat, id, by or id, old)
        self.world.feed.emit("chat", chat=chat)

    def link(self, channel: Chat, group: Chat) -> None:
        """Make a supergroup the discussion of a channel: each post is forwarded there automatically. Raises Misuse."""
        if channel.type != "channel" or group.type != "supergroup":
            raise Misuse("A channel is linked to a supergroup.")
        channel.details["discussion"] = group.key

    def hide_members(self, chat: Chat, *, hidden: bool = True) -> None:
        """Hide the members of a supergroup: only administrators may look them up."""
        chat.details["hidden_members"] = hidden

    def upgrade(self, chat: Chat) -> Chat:
        """Upgrade a group to a supergroup. Calls to the old group are refused with `migrate_to_chat_id`."""
        if chat.type != "group" or chat.upgraded_to:
            raise Misuse("Only a small group can be upgraded, and only once.")
        id = self._free_id(FIRST_SUPERGROUP)
        new = Chat(
            group_key(id),
            "supergroup",
            id,
            chat.title,
            members=list(chat.members),
            bots=list(chat.bots),
            admins=list(chat.admins),
            started=True,
            details=dict(chat.details),
        )
        self.world.state.chats[new.key] = new
        actor = chat.details.get("owner", 0)
        self._add_service_message(chat, actor, {"migrate_to_chat_id": id})
        chat.upgraded_to = id
        self._add_service_message(new, actor, {"migrate_from_chat_id": chat.id})
        self.world.feed.emit("chat", chat=new)
        self.world.feed.emit("chat", chat=chat)
        return new

    def queue_member_update(self, chat: Chat, id: int, by: int, old: Json) -> None:
        """Queue a changed membership for the bot itself and for the subscribed admin bots."""
        new = member_json(self.world, chat, id)
        if new == old:
            return
        change = {
            "chat": chat_json(self.world, chat),
            "from": user_json(self.world, by),
            "date": int(self.world.clock.unix()),
            "old_chat_member": old,
            "new_chat_member": new,
        }
        bots = self.world.state.bots
        if id in bots:
            self.world.queue_update(bots[id], "my_chat_member", change, by)
        for bot_id in chat.bots:
            if bot_id != id and bot_id in chat.admins:
                self.world.queue_update(bots[bot_id], "chat_member", change, by)

    def _check_exists(self, id: int) -> None:
        if id not in self.world.state.people and id not in self.world.state.bots:
            raise Misuse(f"There is nobody with the id {id}.")

    def _mark_known(self, chat: Chat) -> None:
        for person in chat.members:
            for bot in chat.bots:
                if (private := self.world.state.chats.get(private_key(person, bot))) is not None:
                    private.known = True

    def _add_service_message(self, chat: Chat, sender: int, content: Json) -> None:
        message = self.world.add_message(chat, sender, content)
        self.actions.queue_message_update(chat, message)
