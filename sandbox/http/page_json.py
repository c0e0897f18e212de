"""JSON for the browser page and the people API: people, bots, chats, messages and events."""

from __future__ import annotations

from typing import Any

from sandbox.bot_api.call_log import LoggedCall
from sandbox.bot_api.objects import MEDIA, bot_text, message_json
from sandbox.state.events import Event
from sandbox.state.model import Bot, Chat, Json, Message, Person
from sandbox.state.world import World

SHOWN_MESSAGES = 200  # newest messages of each chat in `GET /api/world`


def page_message(world: World, message: Message) -> Json:
    """A message of the people API: the Bot API object with media URL, reply keyboard and reactions."""
    result = message_json(world, message, message.ids_for)
    if message.markup is not None:
        result["reply_markup"] = message.markup
    if message.only_for:
        result["only_for"], result["message_id"] = message.only_for, message.id
    if message.reactions:
        result["reactions"] = message.reactions
    for kind in MEDIA:
        medium = message.content.get(kind)
        if medium:
            largest = medium[-1] if isinstance(medium, list) else medium
            result["media"] = {
                "url": f"/media/{largest['file_unique_id']}",
                "width": largest.get("width", 0),
                "height": largest.get("height", 0),
            }
            break
    return result


def person_json(world: World, person: Person) -> Json:
    """A person of the people API."""
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
    """A bot of the people API, with the commands that each person sees."""
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


def commands_for(bot: Bot, chat: Chat, person_id: int, language: str) -> list[Json]:
    """The commands that a person sees in a chat (Bot API, "Determining list of commands")."""
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
    """A chat of the people API."""
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
    """The body of `GET /api/world`."""
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
    """An event as JSON, with the current state of its objects."""
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
