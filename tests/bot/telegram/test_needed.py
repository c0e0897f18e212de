"""Of an update only what handlers read may matter: every other field may be missing, of another type, or new."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

import pytest
from aiogram.types import Message, Update

from bot.telegram.needed import needed

Json = dict[str, Any]
Path = tuple[str | int, ...]

PERSON = {
    **{"id": 7, "is_bot": False, "first_name": "Ann", "last_name": "Lee", "username": "ann", "language_code": "en"},
    **{"is_premium": True, "added_to_attachment_menu": True},
}
BOT = {"id": 9, "is_bot": True, "first_name": "Bot", "username": "shop_bot", "can_join_groups": True}
PRIVATE = {"id": 7, "type": "private", "first_name": "Ann", "username": "ann"}
GROUP = {"id": -100, "type": "supergroup", "title": "Neighbours", "is_forum": True, "username": "near"}
SIZES = [{"file_id": "p", "file_unique_id": "u", "width": 90, "height": 90, "file_size": 900}] * 2
ENTITIES = [{"type": "bot_command", "offset": 0, "length": 6, "user": PERSON, "custom_emoji_id": "5"}]
ORIGIN = {"type": "hidden_user", "date": 5, "sender_user_name": "Somebody"}
OLD = {
    **{"message_id": 3, "date": 5, "from": PERSON, "chat": PRIVATE, "text": "old", "forward_origin": ORIGIN},
    **{"entities": ENTITIES, "sticker": {"file_id": "s", "type": "regular"}, "poll": {"id": "5"}},
}
MESSAGE = {
    **{"message_id": 4, "date": 5, "from": PERSON, "chat": PRIVATE, "text": "/goods", "entities": ENTITIES},
    **{"forward_origin": ORIGIN, "reply_to_message": OLD, "quote": {"text": "old", "position": 0}, "edit_date": 6},
    **{"photo": SIZES, "caption_entities": ENTITIES, "link_preview_options": {"is_disabled": True}},
    **{"external_reply": {"origin": ORIGIN, "chat": GROUP}, "pinned_message": OLD, "contact": {"phone_number": "1"}},
    **{"reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "y"}]]}, "sender_boost_count": 2},
}
DOCUMENT = {
    **{"file_id": "d", "file_unique_id": "u", "file_name": "goods.csv", "mime_type": "text/csv", "file_size": 5},
    "thumbnail": SIZES[0],
}
RIGHTS = dict.fromkeys(("can_be_edited", "can_manage_chat", "can_delete_messages", "can_post_stories"), True)
ADMIN = {"status": "administrator", "user": BOT, "is_anonymous": False, "custom_title": "x", **RIGHTS}
TAP = {
    "id": "q",
    "from": PERSON,
    "data": "v:1:0:0:1:l",
    "chat_instance": "c",
    "game_short_name": "g",
    "message": MESSAGE,
}

UPDATES: dict[str, Json] = {
    "a command": {"update_id": 1, "message": MESSAGE},
    "a table": {"update_id": 2, "message": {**MESSAGE, "document": DOCUMENT}},
    "a command in a topic": {
        "update_id": 3,
        "message": {**MESSAGE, "chat": GROUP, "is_topic_message": True, "message_thread_id": 5},
    },
    "a topic that is reopened": {
        "update_id": 12,
        "message": {**MESSAGE, "chat": GROUP, "forum_topic_reopened": {"of_2027": 1}},
    },
    "an anonymous administrator": {"update_id": 4, "message": {**MESSAGE, "chat": GROUP, "sender_chat": GROUP}},
    "a group that moved": {"update_id": 5, "message": {**MESSAGE, "chat": GROUP, "migrate_to_chat_id": -200}},
    "a group that has moved here": {
        "update_id": 13,
        "message": {**MESSAGE, "chat": GROUP, "migrate_from_chat_id": -200},
    },
    "an automatic forward": {
        "update_id": 14,
        "message": {
            **{**MESSAGE, "chat": GROUP, "is_automatic_forward": True},
            "sender_chat": {**GROUP, "id": -300, "type": "channel"},
        },
    },
    "a card from inline mode": {"update_id": 15, "message": {**MESSAGE, "via_bot": BOT}},
    "an animation": {
        "update_id": 16,
        "message": {**MESSAGE, "document": DOCUMENT, "animation": {**DOCUMENT, "width": 9, "height": 9, "duration": 2}},
    },
    "a channel's post": {"update_id": 6, "channel_post": {**MESSAGE, "chat": {**GROUP, "type": "channel"}}},
    "a tap": {"update_id": 7, "callback_query": TAP},
    "a tap on a shared card": {
        "update_id": 8,
        "callback_query": {name: TAP[name] for name in TAP if name != "message"} | {"inline_message_id": "i"},
    },
    "an inline query": {
        "update_id": 9,
        "inline_query": {
            **{"id": "q", "from": PERSON, "query": "tea", "offset": "50", "chat_type": "private"},
            "location": {"latitude": 1.0, "longitude": 2.0},
        },
    },
    "a chosen result": {
        "update_id": 10,
        "chosen_inline_result": {
            **{"result_id": "1.2.ep", "from": PERSON, "query": "tea", "inline_message_id": "i"},
            "location": {"latitude": 1.0, "longitude": 2.0},
        },
    },
    "a membership": {
        "update_id": 11,
        "my_chat_member": {
            **{"chat": GROUP, "from": PERSON, "date": 5, "old_chat_member": ADMIN, "via_join_request": True},
            **{"new_chat_member": {"status": "kicked", "user": BOT, "until_date": 0}, "invite_link": {"name": "x"}},
        },
    },
}

OF_PERSON = {"id", "is_bot", "first_name", "language_code"}
READ = {
    *{f"from.{name}" for name in OF_PERSON},
    *("message_id", "chat.id", "chat.type", "text", "caption", "document", "document.file_id", "document.file_name"),
    *("sender_chat", "sender_chat.id", "is_topic_message", "message_thread_id", "migrate_to_chat_id"),
    *("forum_topic_reopened", "is_automatic_forward", "migrate_from_chat_id", "via_bot", "animation"),
    *("id", "data", "inline_message_id", "query", "offset", "result_id"),
    *{f"message.{name}" for name in ("message_id", "chat.id", "chat.type", "photo", "date")},
    *("message.message_thread_id", "message.is_topic_message", "old_chat_member.status", "new_chat_member.status"),
}
"""What handlers read, below the event of an update."""
NEEDED = READ | {path[:end] for path in READ for end, sign in enumerate(path) if sign == "."}
ODD: tuple[object, ...] = (None, "", "x" * 5_000, -1, 2**70, 1.5, True, [], [[]], {}, {"id": {}}, [None])


def places(value: object, path: Path = ()) -> Iterator[Path]:
    """The path of every field."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield (*path, key)
        yield from places(below, (*path, key))


def read(path: Path) -> bool:
    """Whether a field is read, or holds one that is."""
    return path == ("update_id",) or len(path) == 1 or ".".join(map(str, path[1:])) in NEEDED


def changed(update: Json, path: Path, *to: object) -> Json:
    """The update without a field, or with another value in it. Read anew: the parts of `UPDATES` are shared."""
    result = json.loads(json.dumps(update))
    holder: Any = result
    for key in path[:-1]:
        holder = holder[key]
    if to:
        holder[path[-1]] = to[0]
    else:
        del holder[path[-1]]
    return result


@pytest.mark.parametrize("name", UPDATES)
def test_a_field_that_no_handler_reads_may_be_missing_or_hold_anything(name: str) -> None:
    update = UPDATES[name]
    intact, unread = needed(update), [path for path in places(update) if not read(path)]
    assert len(unread) > 5, "the update is rich enough to show something"
    for path in unread:
        assert needed(changed(update, path)) == intact, f"without {path}"
        for odd in ODD:
            assert needed(changed(update, path, odd)) == intact, f"{path} is {odd!r}"


def test_every_field_of_a_message_that_the_source_reads_is_needed_in_some_update() -> None:
    root = FilePath(__file__).parents[3]
    source = "".join(
        file.read_text("utf-8") for part in ("handlers", "bot/updates") for file in root.joinpath(part).rglob("*.py")
    )
    reads = set(re.findall(r"\b(?:message|event)\.(\w+)", source)) & set(Message.model_fields)
    kept: set[str] = set()
    for update in UPDATES.values():
        event: Any = Update.model_validate(needed(update)).event
        kept |= event.model_fields_set | getattr(getattr(event, "message", None), "model_fields_set", set())
    assert "text" in reads and reads - kept == set()


@pytest.mark.parametrize("name", UPDATES)
def test_fields_that_are_new_change_nothing(name: str) -> None:
    update, later = UPDATES[name], json.loads(json.dumps(UPDATES[name]))
    later["of_2027"] = {"x": 1}
    [event] = [later[kind] for kind in later if isinstance(later[kind], dict) and kind != "of_2027"]
    for holder in (event, event.get("from"), event.get("chat"), event.get("new_chat_member")):
        if holder is not None:
            holder["of_2027"] = [1]
    assert needed(later) == needed(update)


@pytest.mark.parametrize("name", UPDATES)
def test_what_is_needed_is_understood_and_whole(name: str) -> None:
    update = UPDATES[name]
    parsed, whole = Update.model_validate(needed(update)), update[next(key for key in update if key != "update_id")]
    event: Any = parsed.event
    if "from" in whole:
        assert event.from_user.model_dump(exclude_none=True) == {key: PERSON[key] for key in OF_PERSON}
    for field in (
        "text",
        "data",
        "query",
        "offset",
        "inline_message_id",
        "message_thread_id",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "is_automatic_forward",
    ):
        if field in whole:
            assert getattr(event, field) == whole[field]
    if "chat" in whole:
        assert (event.chat.id, event.chat.type) == (whole["chat"]["id"], whole["chat"]["type"])
    if "document" in whole:
        assert (event.document.file_id, event.document.file_name) == ("d", "goods.csv")
    for field in ("via_bot", "animation", "forum_topic_reopened", "sender_chat"):
        if hasattr(event, field):
            assert (getattr(event, field) is not None) is (field in whole)
    if "message" in whole:
        assert isinstance(event.message, Message) and event.message.photo and event.message.message_id == 4


@pytest.mark.parametrize(("status", "seen"), [("creator", "creator"), ("restricted", "restricted"), ("new", "member")])
def test_a_membership_of_any_status_is_understood(status: str, seen: str) -> None:
    update = changed(UPDATES["a membership"], ("my_chat_member", "new_chat_member"), {"status": status})
    event: Any = Update.model_validate(needed(update)).event
    assert event.new_chat_member.status == seen and event.old_chat_member.status == "administrator"


def test_a_message_that_is_gone_stays_gone_and_one_without_a_place_is_none() -> None:
    tap = UPDATES["a tap"]
    gone: Any = Update.model_validate(needed(changed(tap, ("callback_query", "message", "date"), 0))).event
    assert gone.message is not None and not isinstance(gone.message, Message)
    for odd in (5, {}, {"message_id": 4}, {"message_id": "x", "chat": PRIVATE}):
        nowhere: Any = Update.model_validate(needed(changed(tap, ("callback_query", "message"), odd))).event
        assert nowhere.message is None and nowhere.data == TAP["data"]


def test_a_number_that_is_none_of_the_bot_api_is_left_out() -> None:
    """No database and no call takes it."""
    for path in (("message", "message_id"), ("message", "chat", "id"), ("message", "message_thread_id")):
        reduced: Any = needed(changed(UPDATES["a command in a topic"], path, 2**70))
        for key in path[:-1]:
            reduced = reduced[key]
        assert reduced.get(path[-1]) in (None, -3)


@pytest.mark.parametrize("odd", ["x", 5, None, [1]])
def test_what_is_no_update_stays_as_it_is(odd: object) -> None:
    for update in ({"update_id": 1, "message": odd}, {"update_id": 1, "poll": {}}, {"update_id": odd}):
        assert needed(update) == update
