"""The part of an update that handlers read. The rest is left out before aiogram parses it: an unneeded field,
missing or of a new form, must not cost a command, nor keep a group bound that removed the bot (Bot API, Update)."""

from __future__ import annotations

from functools import cache
from typing import Any

from aiogram.types import (
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberMember,
    ChatMemberOwner,
    ChatMemberRestricted,
)
from pydantic import BaseModel

Json = dict[str, Any]

_NO_USER: Json = {"id": 0, "is_bot": False, "first_name": ""}
"""Stands where a User is required and not read."""
_A_PICTURE: Json = {"file_id": "", "file_unique_id": "", "width": 0, "height": 0}
"""Stands for all sizes of a picture: only whether there is one is read."""
_NO_NUMBER = 2**53
_LONG_AGO = 1
"""A date that is not read; 0 would mark a message that is gone."""
_MEMBERS: dict[str, type[BaseModel]] = {
    "creator": ChatMemberOwner,
    "administrator": ChatMemberAdministrator,
    "member": ChatMemberMember,
    "restricted": ChatMemberRestricted,
    "left": ChatMemberLeft,
    "kicked": ChatMemberBanned,
}


def needed(update: Json) -> Json:
    """What handlers read of an update, in a form that aiogram accepts; unchanged for kinds that no handler takes.

    Fields that are read and malformed stay missing, so that aiogram refuses the update where one is required.
    """
    number = update.get("update_id")
    own = number if isinstance(number, int) and _fits(number, int) else 0
    for kind, reduce in _KINDS.items():
        if isinstance(event := update.get(kind), dict):
            return {"update_id": number, kind: reduce(event, own)}
    return update


def needed_sent(message: Json) -> Json:
    """What is read of a message that the bot has sent: its number and the picture's file ID."""
    sizes = message.get("photo")
    largest = _only(sizes[-1], file_id=str) if isinstance(sizes, list) and sizes and isinstance(sizes[-1], dict) else {}
    found = {"date": _LONG_AGO, **_only(message, message_id=int)}
    if largest:
        found["photo"] = [_A_PICTURE | largest]
    return _with(found, chat=_chat(message.get("chat")))


def needed_user(user: object) -> Json | None:
    """A User (Bot API) with what is read of it; None for none."""
    if not isinstance(user, dict):
        return None
    found = _only(user, id=int, language_code=str)
    return {**found, "is_bot": user.get("is_bot") is True, **(_only(user, first_name=str) or {"first_name": ""})}


def _only(source: Json, **types: type) -> Json:
    """The named fields, as far as they have this type."""
    return {name: source[name] for name, kind in types.items() if _fits(source.get(name), kind)}


def _fits(value: object, kind: type) -> bool:
    """Whether a value has exactly this type, as bool is a subclass of int; numbers of the Bot API are below 2^53."""
    return type(value) is kind and not (isinstance(value, int) and abs(value) >= _NO_NUMBER)


def _with(found: Json, **more: Json | None) -> Json:
    return {**found, **{name.rstrip("_"): value for name, value in more.items() if value}}


def _chat(chat: object) -> Json | None:
    return _only(chat, id=int, type=str) if isinstance(chat, dict) else None


def _message(message: Json, number: int) -> Json:
    """A message of its own; without a number of its own it has that of the update, as a negative one."""
    found = {"message_id": -number, "date": _LONG_AGO, **_placed(message)}
    found |= _only(message, text=str, caption=str, migrate_to_chat_id=int, migrate_from_chat_id=int)
    found |= _only(message, is_automatic_forward=bool)
    if isinstance(document := message.get("document"), dict):
        found["document"] = {"file_unique_id": "", **_only(document, file_id=str, file_name=str)}
    for name, stands_for in _PRESENCE.items():
        if message.get(name) is not None:
            found[name] = stands_for
    if isinstance(sender := message.get("sender_chat"), dict):  # of an unknown one at least that it is no user
        found["sender_chat"] = {"id": 0, **_only(sender, id=int), "type": "channel"}
    return _with(found, from_=needed_user(message.get("from")))


_PRESENCE: dict[str, Json] = {
    "via_bot": {**_NO_USER, "is_bot": True},
    "animation": {**_A_PICTURE, "duration": 0},
    "forum_topic_reopened": {},
}
"""Of these only whether they are there is read, and what stands for them."""


def _placed(message: Json) -> Json:
    """Where a message is."""
    place = _only(message, message_id=int, message_thread_id=int, is_topic_message=bool)
    return _with(place, chat=_chat(message.get("chat")))


def _callback_query(query: Json, _number: int) -> Json:
    found = {"chat_instance": "", **_only(query, id=str, data=str, inline_message_id=str)}
    return _with(found, from_=needed_user(query.get("from")), message=_tapped(query.get("message")))


def _tapped(message: object) -> Json | None:
    """The message with the button; None where it cannot be named, as for one that is gone."""
    if not isinstance(message, dict):
        return None
    found = {"date": 0 if message.get("date") == 0 else _LONG_AGO, **_placed(message)}
    if "message_id" not in found or found.get("chat", {}).keys() != {"id", "type"}:
        return None
    return {**found, "photo": [_A_PICTURE]} if message.get("photo") and found["date"] else found


def _inline_query(query: Json, _number: int) -> Json:
    found = {"query": "", "offset": "", **_only(query, id=str, query=str, offset=str)}
    return _with(found, from_=needed_user(query.get("from")))


def _chosen_result(result: Json, _number: int) -> Json:
    found = {"query": "", **_only(result, result_id=str, inline_message_id=str, query=str)}
    return _with(found, from_=needed_user(result.get("from")))


def _membership(change: Json, _number: int) -> Json:
    """A changed membership; what a group's member was before, and who changed it, may be unknown."""
    found: Json = {"date": _LONG_AGO, "old_chat_member": _member("member"), "from": _NO_USER}
    for name in ("old_chat_member", "new_chat_member"):
        if isinstance(member := change.get(name), dict) and isinstance(status := member.get("status"), str):
            found[name] = _member(status)
    return _with(found, chat=_chat(change.get("chat")), from_=needed_user(change.get("from")))


@cache
def _member(status: str) -> Json:
    """A ChatMember with this status; what else aiogram requires of one is false or nothing."""
    model = _MEMBERS.get(status)
    if model is None:  # a status that is new: neither an administrator's nor that of one who is gone
        status, model = "member", ChatMemberMember
    required = {name: _nothing(field.annotation) for name, field in model.model_fields.items() if field.is_required()}
    return {**required, "status": status, "user": _NO_USER}


def _nothing(annotation: object) -> object:
    return False if annotation is bool else 0


_KINDS = {
    "message": _message,
    "channel_post": _message,
    "callback_query": _callback_query,
    "inline_query": _inline_query,
    "chosen_inline_result": _chosen_result,
    "my_chat_member": _membership,
}
