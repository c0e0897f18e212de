"""Objects of the Bot API as JSON: User, Chat and Message as one bot sees them."""

from __future__ import annotations

from sandbox.state.model import Bot, Chat, Json, Message
from sandbox.state.world import World

SERVICE_USERS: dict[int, Json] = {
    777000: {"id": 777000, "is_bot": False, "first_name": "Telegram"},
    1087968824: {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"},
    136817688: {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"},
}
"""Who writes automatic forwards, in a group's own name, and in a channel's name (Bot API, Message)."""
MEDIA = ("photo", "animation", "video", "document", "audio", "voice", "video_note", "sticker")


def user_json(world: World, id: int) -> Json:
    """The User object of a person or bot; an unknown id is shown as a deleted account."""
    person = world.state.people.get(id)
    if person is not None:
        return person.as_user()
    bot = world.state.bots.get(id)
    if bot is not None:
        return bot.as_user()
    return dict(SERVICE_USERS.get(id) or {"id": id, "is_bot": False, "first_name": ""})


def chat_json(world: World, chat: Chat) -> Json:
    """The Chat object."""
    if chat.type == "private":
        person = world.state.people[chat.id]
        result: Json = {"id": chat.id, "first_name": person.first_name, "type": "private"}
        if person.last_name:
            result["last_name"] = person.last_name
        if person.username:
            result["username"] = person.username
        return result
    result = {"id": chat.id, "title": chat.title, "type": chat.type}
    if chat.username:
        result["username"] = chat.username
    if "forum" in chat.details:
        result["is_forum"] = True
    return result


def message_json(world: World, message: Message, bot_id: int, *, nested: bool = True) -> Json:
    """The Message object for one bot, with that bot's file ids."""
    chat = world.state.chats[message.chat]
    result: Json = {"message_id": 0 if message.only_for else message.id}
    if message.only_for:
        result["ephemeral_message_id"] = message.id
        result["receiver_user"] = user_json(world, message.only_for)
    if chat.type == "channel":
        result["sender_chat"] = chat_json(world, chat)
    else:
        result["from"] = user_json(world, message.sender)
    result["chat"] = chat_json(world, chat)
    result["date"] = message.date
    if message.edit_date:
        result["edit_date"] = message.edit_date
    if message.head:
        result.update(message.head)
    if nested and message.reply_to:
        original = world.find_message(message.chat, message.reply_to)
        if original is not None:
            result["reply_to_message"] = message_json(world, original, bot_id, nested=False)
    if message.via_bot:
        result["via_bot"] = user_json(world, message.via_bot)
    content = message.content
    if message.ids_for != bot_id and len(chat.bots) > 1:
        content = world.files.with_ids_of(content, bot_id)
    result.update(content)
    if message.markup is not None and "inline_keyboard" in message.markup:
        result["reply_markup"] = message.markup
    return result


def bot_text(bot: Bot, name: str, language: str) -> str:
    """A bot's name or description in a language; otherwise the one for all languages."""
    return bot.texts.get(f"{name}|{language}") or bot.texts.get(f"{name}|", "")
