"""Forums: supergroups with topics that are opened, closed, reopened and deleted (Bot API, "Forum topics")."""

from __future__ import annotations

from sandbox.errors import Misuse
from sandbox.state.model import Chat, Json
from sandbox.users.actions import UserActions

GENERAL = 0
"""The topic that every forum has. Its messages have no thread."""


class Forums:
    """Changes the topics of forums; bots receive the service messages."""

    def __init__(self, actions: UserActions) -> None:
        self.actions = actions
        self.world = actions.world

    def enable(self, chat: Chat) -> None:
        """Give a supergroup topics. Raises Misuse for other chats."""
        if chat.type != "supergroup":
            raise Misuse("Only a supergroup has topics.")
        chat.details["forum"] = {"topics": {}, "general_closed": False}
        self.world.feed.emit("chat", chat=chat)

    def add(self, chat: Chat, name: str, *, by: int = 0) -> int:
        """Open a topic. Returns its thread, which is the id of its first message."""
        topics = self._topics(chat)
        content = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
        message = self.world.add_message(chat, by or chat.details.get("owner", 0), content)
        topics[str(message.id)] = {"name": name, "closed": False, "deleted": False}
        message.head = head_of(message.id)
        self.actions.queue_message_update(chat, message)
        return message.id

    def close(self, chat: Chat, topic: int = GENERAL, *, by: int = 0) -> None:
        """Close a topic: only administrators write there until it is reopened."""
        self._set(chat, topic, closed=True, by=by)

    def reopen(self, chat: Chat, topic: int = GENERAL, *, by: int = 0) -> None:
        """Reopen a closed topic."""
        self._set(chat, topic, closed=False, by=by)

    def delete(self, chat: Chat, topic: int) -> None:
        """Delete a topic with its messages. No bot is told."""
        self._topic(chat, topic)["deleted"] = True
        stored = self.world.state.messages.get(chat.key, {})
        self.world.delete_messages(chat.key, [id for id, one in stored.items() if thread_of(one.head) == topic])

    def _set(self, chat: Chat, topic: int, *, closed: bool, by: int) -> None:
        if topic == GENERAL:
            self._topics(chat)
            chat.details["forum"]["general_closed"] = closed
        else:
            self._topic(chat, topic)["closed"] = closed
        content: Json = {"forum_topic_closed" if closed else "forum_topic_reopened": {}}
        message = self.world.add_message(
            chat, by or chat.details.get("owner", 0), content, head=head_of(topic) if topic else {}
        )
        self.actions.queue_message_update(chat, message)

    def _topics(self, chat: Chat) -> Json:
        if "forum" not in chat.details:
            raise Misuse("This chat has no topics.")
        topics: Json = chat.details["forum"]["topics"]
        return topics

    def _topic(self, chat: Chat, topic: int) -> Json:
        found: Json | None = self._topics(chat).get(str(topic))
        if found is None:
            raise Misuse("There is no such topic.")
        return found


def head_of(topic: int) -> Json:
    """The fields of a message in a topic."""
    return {"message_thread_id": topic, "is_topic_message": True}


def thread_of(head: Json) -> int:
    """The topic of a message by its fields; 0 for General. A reply there has the thread of its root, and is no message
    of a topic."""
    return int(head.get("message_thread_id", GENERAL)) if head.get("is_topic_message") else GENERAL
