"""How things of the world look: to a bot (Bot API objects) and to the page (the people's API)."""

from __future__ import annotations

from typing import Any

from sandbox.feed import Event
from sandbox.log import LoggedCall
from sandbox.model import Bot, Chat, Json, Message, Person
from sandbox.world import World

SHOWN_MESSAGES = 200  # of each chat, to a page that opens
MEDIA = ("photo", "animation", "video", "document", "audio", "voice", "video_note", "sticker")


def user_json(world: World, id: int) -> Json:
    """A User, person or bot; someone unknown is a deleted account."""
    person = world.state.people.get(id)
    if person is not None:
        return person.as_user()
    bot = world.state.bots.get(id)
    if bot is not None:
        return bot.as_user()
    return {"id": id, "is_bot": False, "first_name": ""}


def chat_json(world: World, chat: Chat) -> Json:
    """The Bot API's Chat."""
    if chat.type == "private":
        person = world.state.people[chat.id]
        shown: Json = {"id": chat.id, "first_name": person.first_name, "type": "private"}
        if person.last_name:
            shown["last_name"] = person.last_name
        if person.username:
            shown["username"] = person.username
        return shown
    shown = {"id": chat.id, "title": chat.title, "type": chat.type}
    if chat.username:
        shown["username"] = chat.username
    return shown


def message_json(world: World, message: Message, bot_id: int, *, nested: bool = True) -> Json:
    """The Bot API's Message as one bot sees it: file ids are that bot's."""
    chat = world.state.chats[message.chat]
    shown: Json = {"message_id": 0 if message.only_for else message.id}
    if message.only_for:
        shown["ephemeral_message_id"] = message.id
        shown["receiver_user"] = user_json(world, message.only_for)
    if chat.type == "channel":
        shown["sender_chat"] = chat_json(world, chat)
    else:
        shown["from"] = user_json(world, message.sender)
    shown["chat"] = chat_json(world, chat)
    shown["date"] = message.date
    if message.edit_date:
        shown["edit_date"] = message.edit_date
    if message.head:
        shown.update(message.head)
    if nested and message.reply_to:
        original = world.find(message.chat, message.reply_to)
        if original is not None:
            shown["reply_to_message"] = message_json(world, original, bot_id, nested=False)
    if message.via_bot:
        shown["via_bot"] = user_json(world, message.via_bot)
    content = message.content
    if message.ids_for != bot_id and len(chat.bots) > 1:
        content = world.files.rebind(content, bot_id)
    shown.update(content)
    if message.markup is not None and "inline_keyboard" in message.markup:
        shown["reply_markup"] = message.markup
    return shown


def page_message(world: World, message: Message) -> Json:
    """A message for the page: with the address of its picture or file, reply keyboards and reactions."""
    shown = message_json(world, message, message.ids_for)
    if message.markup is not None:
        shown["reply_markup"] = message.markup
    if message.only_for:
        shown["only_for"], shown["message_id"] = message.only_for, message.id
    if message.reactions:
        shown["reactions"] = message.reactions
    for kind in MEDIA:
        medium = message.content.get(kind)
        if medium:
            largest = medium[-1] if isinstance(medium, list) else medium
            shown["media"] = {
                "url": f"/media/{largest['file_unique_id']}",
                "width": largest.get("width", 0),
                "height": largest.get("height", 0),
            }
            break
    return shown


def person_json(world: World, person: Person) -> Json:
    """A Person of the people's API."""
    bots = world.state.bots
    return {
        "id": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": person.username,
        "language_code": person.language_code,
        "is_premium": person.is_premium,
        "time_zone": person.time_zone,
        "deactivated": person.deactivated,
        "avatar_hue": person.avatar_hue,
        "role_note": person.role_note,
        "blocked": [bots[id].username for id in person.blocked if id in bots],
        "unread": person.unread,
    }


def bot_json(world: World, bot: Bot) -> Json:
    """A Bot of the people's API, with the commands and menu that each person would see."""
    people = world.state.people.values()
    chats = world.state.chats
    resolved = {
        str(one.id): commands_for(bot, chats[f"p{one.id}:{bot.id}"], one.id, one.language_code) for one in people
    }
    return {
        "id": bot.id,
        "username": bot.username,
        "first_name": bot_text(bot, "name", "") or bot.first_name,
        "commands": {"resolved": resolved},
        "menu_button": bot.menu_buttons.get("", {"type": "default"}),
        "menu_buttons": bot.menu_buttons,
        "description": bot_text(bot, "description", ""),
        "descriptions": {
            key.partition("|")[2]: text for key, text in bot.texts.items() if key.startswith("description|")
        },
        "short_description": bot_text(bot, "short_description", ""),
        "supports_inline_queries": bot.supports_inline_queries,
        "online": bot.id in world.online,
    }


def bot_text(bot: Bot, name: str, language: str) -> str:
    """A name or description in a language, or the one for all languages."""
    return bot.texts.get(f"{name}|{language}") or bot.texts.get(f"{name}|", "")


def commands_for(bot: Bot, chat: Chat, person_id: int, language: str) -> list[Json]:
    """The commands an app shows a person in a chat (Bot API, "Determining list of commands")."""
    if chat.type == "private":
        scopes = [f"chat:{chat.id}", "all_private_chats", "default"]
    else:
        scopes = [f"chat_member:{chat.id}:{person_id}", f"chat:{chat.id}", "all_group_chats", "default"]
        if person_id in chat.admins:
            scopes[1:1] = [f"chat_administrators:{chat.id}"]
            scopes[3:3] = ["all_chat_administrators"]
    for scope in scopes:
        for wanted in (language.partition("-")[0], ""):
            if found := bot.commands.get(f"{scope}|{wanted}"):
                return found
    return []


def page_chat(chat: Chat) -> Json:
    """A Chat of the people's API."""
    return {
        "key": chat.key,
        "type": chat.type,
        "id": chat.id,
        "title": chat.title,
        "username": chat.username,
        "members": chat.members,
        "bots": chat.bots,
        "admins": chat.admins,
        "started": chat.started,
        "pinned": chat.pinned,
    }


def world_json(world: World) -> Json:
    """What `GET /api/world` answers."""
    state = world.state
    return {
        "rev": world.feed.rev,
        "now": world.clock.now().isoformat(),
        "offset_seconds": round(world.clock.offset, 3),
        "bots": [bot_json(world, bot) for bot in state.bots.values()],
        "people": [person_json(world, person) for person in state.people.values()],
        "chats": [page_chat(chat) for chat in state.chats.values()],
        "messages": {
            key: [page_message(world, one) for one in list(messages.values())[-SHOWN_MESSAGES:]]
            for key, messages in state.messages.items()
        },
        "marks": world.clock.marks,
    }


def event_json(world: World, event: Event) -> Json:
    """One event of the feed, with the things in it as they are now."""
    return {"rev": event.rev, "type": event.type, **{key: _plain(world, value) for key, value in event.payload.items()}}


def _plain(world: World, value: Any) -> Any:
    if isinstance(value, Message):
        return page_message(world, value)
    if isinstance(value, Person):
        return person_json(world, value)
    if isinstance(value, Chat):
        return page_chat(value)
    if isinstance(value, Bot):
        return bot_json(world, value)
    if isinstance(value, LoggedCall):
        return value.as_json()
    return value
