"""Copying and forwarding messages."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from sandbox.bot_api.methods.common import (
    caption_content,
    check_text,
    keyboard,
    message_head,
    post_message,
    reply_target,
)
from sandbox.bot_api.methods.editing import CAPTION_FIELDS
from sandbox.bot_api.objects import MEDIA, chat_json, message_json, user_json
from sandbox.bot_api.registry import method
from sandbox.bot_api.request import ApiRequest
from sandbox.errors import Refusal, bad_request
from sandbox.state.model import Chat, Json, Message
from sandbox.state.world import World

SENDABLE = (*MEDIA, "text", "location", "venue", "contact", "poll", "dice", "rich_message")
MAX_MESSAGES = 100


def forward_origin(world: World, message: Message) -> Json:
    """The MessageOrigin object of a forwarded message."""
    if "forward_origin" in message.head:
        return dict(message.head["forward_origin"])
    chat = world.state.chats[message.chat]
    if chat.type == "channel":
        return {"type": "channel", "chat": chat_json(world, chat), "message_id": message.id, "date": message.date}
    person = world.state.people.get(message.sender)
    if person is not None and person.hides_forwards:  # of an account that is gone not even the name is left
        name = {} if person.deactivated else {"sender_user_name": person.first_name}
        return {"type": "hidden_user", "date": message.date, **name}
    return {"type": "user", "sender_user": user_json(world, message.sender), "date": message.date}


def _content(call: ApiRequest, message: Message) -> Json:
    return deepcopy(call.world.files.with_ids_of(message.content, call.bot.id))


def _original(call: ApiRequest, word: str, name: str = "message_id") -> Message:
    message = call.message(call.readable("from_chat_id"), f"message to {word} not found", name)
    participle = {"copy": "copied", "forward": "forwarded"}[word]
    if message.head.get("has_protected_content") or not any(kind in message.content for kind in SENDABLE):
        raise bad_request(f"message can't be {participle}")
    return message


def _forward(call: ApiRequest, chat: Chat, message: Message) -> Message:
    fields = {**message_head(call, chat), "forward_origin": forward_origin(call.world, message)}
    return post_message(call, chat, _content(call, message), head=fields)


def _copy(call: ApiRequest, chat: Chat, message: Message) -> Message:
    return post_message(call, chat, _content(call, message), head=message_head(call, chat))


@method("copyMessage")
def copy_message(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#copymessage"""
    chat = call.writable()
    message = _original(call, "copy")
    content = _content(call, message)
    if "caption" in call.args and any(kind in content for kind in MEDIA):
        content = {name: value for name, value in content.items() if name not in CAPTION_FIELDS}
        content.update(caption_content(call))
    markup, reply_to = keyboard(call), reply_target(call, chat)
    check_text(content)
    call.spend(chat)
    head = message_head(call, chat)
    return {"message_id": post_message(call, chat, content, markup=markup, reply_to=reply_to, head=head).id}


@method("forwardMessage")
def forward_message(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#forwardmessage"""
    chat = call.writable()
    message = _original(call, "forward")
    call.spend(chat)
    return message_json(call.world, _forward(call, chat, message), call.bot.id)


@method("copyMessages", "forwardMessages")
def several(call: ApiRequest) -> list[Json]:
    """https://core.telegram.org/bots/api#copymessages; missing and protected messages are skipped."""
    copying = call.method.lower() == "copymessages"
    chat = call.writable()
    call.readable("from_chat_id")
    ids: Any = call.json("message_ids")
    if not isinstance(ids, list) or not ids:
        raise bad_request("message identifiers are not specified")
    if len(ids) > MAX_MESSAGES:
        raise bad_request("too many message identifiers specified")
    found = []
    for id in ids:
        single = ApiRequest(call.world, call.bot, call.method, {**call.args, "one": id}, call.limiter)
        try:
            found.append(_original(single, "copy" if copying else "forward", "one"))
        except Refusal:
            continue
    if not found:
        raise bad_request(f"there are no messages to {'copy' if copying else 'forward'}")
    call.spend(chat, len(found))
    sent = [(_copy if copying else _forward)(call, chat, message) for message in found]
    return [{"message_id": message.id} for message in sent]
