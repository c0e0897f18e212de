"""Deleting messages."""

from __future__ import annotations

from sandbox.bot_api.registry import method
from sandbox.bot_api.request import ApiRequest
from sandbox.errors import Refusal, bad_request
from sandbox.state.model import Chat, Message

TWO_DAYS = 48 * 3600
MAX_MESSAGES = 100


def _check_may_delete(call: ApiRequest, chat: Chat, message: Message) -> None:
    own = message.sender == call.bot.id
    if chat.type == "private":
        if call.world.clock.unix() - message.date > TWO_DAYS:
            raise bad_request("message can't be deleted for everyone")
        return
    if call.bot.id in chat.admins:
        return
    if not own:
        raise bad_request("message can't be deleted")
    if call.world.clock.unix() - message.date > TWO_DAYS:
        raise bad_request("message can't be deleted for everyone")


@method("deleteMessage")
def delete_message(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#deletemessage"""
    chat = call.readable()
    message = call.message(chat, "message to delete not found")
    _check_may_delete(call, chat, message)
    call.world.delete_messages(chat.key, [message.id])
    return True


@method("deleteMessages")
def delete_messages(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#deletemessages; messages that cannot be deleted are skipped."""
    chat = call.readable()
    ids = call.json("message_ids")
    if not isinstance(ids, list) or not ids:
        raise bad_request("message identifiers are not specified")
    if len(ids) > MAX_MESSAGES:
        raise bad_request("too many message identifiers specified")
    deleted = []
    for id in ids:
        message = call.world.find_message(chat.key, id) if isinstance(id, int) else None
        if message is None:
            continue
        try:
            _check_may_delete(call, chat, message)
        except Refusal:
            continue
        deleted.append(message.id)
    call.world.delete_messages(chat.key, deleted)
    return True
