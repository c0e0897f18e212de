"""Reactions of bots."""

from __future__ import annotations

from typing import Any

from sandbox.bot_api.registry import method
from sandbox.bot_api.request import ApiRequest
from sandbox.errors import bad_request
from sandbox.state.model import Json

EMOJI = frozenset(
    [
        "❤",
        "👍",
        "👎",
        "🔥",
        "🥰",
        "👏",
        "😁",
        "🤔",
        "🤯",
        "😱",
        "🤬",
        "😢",
        "🎉",
        "🤩",
        "🤮",
        "💩",
        "🙏",
        "👌",
        "🕊",
        "🤡",
        "🥱",
        "🥴",
        "😍",
        "🐳",
        "❤\u200d🔥",
        "🌚",
        "🌭",
        "💯",
        "🤣",
        "⚡",
        "🍌",
        "🏆",
        "💔",
        "🤨",
        "😐",
        "🍓",
        "🍾",
        "💋",
        "🖕",
        "😈",
        "😴",
        "😭",
        "🤓",
        "👻",
        "👨\u200d💻",
        "👀",
        "🎃",
        "🙈",
        "😇",
        "😨",
        "🤝",
        "✍",
        "🤗",
        "🫡",
        "🎅",
        "🎄",
        "☃",
        "💅",
        "🤪",
        "🗿",
        "🆒",
        "💘",
        "🙉",
        "🦄",
        "😘",
        "💊",
        "🙊",
        "😎",
        "👾",
        "🤷\u200d♂",
        "🤷",
        "🤷\u200d♀",
        "😡",
    ]
)


def checked_reactions(raw: Any) -> list[Json]:
    """An array of ReactionType objects. Raises REACTION_INVALID for an emoji that is no reaction."""
    if raw in (None, ""):
        return []
    if not isinstance(raw, list):
        raise bad_request("can't parse reaction types JSON object")
    checked: list[Json] = []
    for one in raw:
        if not isinstance(one, dict):
            raise bad_request("can't parse ReactionType: expected an Object")
        if one.get("type") == "custom_emoji":
            checked.append({"type": "custom_emoji", "custom_emoji_id": str(one.get("custom_emoji_id"))})
            continue
        if one.get("type") != "emoji":
            raise bad_request("can't parse ReactionType: Invalid reaction type specified")
        emoji = str(one.get("emoji", "")).replace("\ufe0f", "")
        if emoji not in EMOJI:
            raise bad_request("REACTION_INVALID")
        checked.append({"type": "emoji", "emoji": emoji})
    return checked


@method("setMessageReaction")
def set_message_reaction(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#setmessagereaction; a bot can set one reaction."""
    reactions = checked_reactions(call.json("reaction"))
    chat = call.writable()
    message = call.message(chat, "message to react not found")
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    user_id = str(call.bot.id)
    if reactions:
        message.reactions[user_id] = reactions
    else:
        message.reactions.pop(user_id, None)
    call.world.feed.emit("reaction", chat=chat.key, message_id=message.id, reactions=message.reactions)
    return True
