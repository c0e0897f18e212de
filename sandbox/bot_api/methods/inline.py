"""Inline mode: answers to inline queries, and prepared messages (Bot API, "Inline mode")."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.bot_api.keyboards import parse_inline_markup
from sandbox.bot_api.methods.common import caption_content, check_text, file_source, read_text, store_file, store_photo
from sandbox.bot_api.methods.files import FILE_FIELDS, file_fields
from sandbox.bot_api.methods.payments import invoice_content
from sandbox.bot_api.methods.rich import rich_content
from sandbox.bot_api.registry import method
from sandbox.bot_api.request import ApiRequest
from sandbox.errors import STALE_QUERY, bad_request
from sandbox.state.model import InlineQuery, Json
from sandbox.state.world import LIFETIMES, World

MAX_RESULTS = 50
GALLERY = frozenset({"photo", "gif", "mpeg4_gif"})
CACHED_FOR = 300  # seconds, unless the bot says otherwise
PREPARED_FOR = 86_400  # seconds
START_PARAMETER = re.compile(r"[A-Za-z0-9_-]*")
# Per result type: (required fields besides id, field prefix of the file, kind of the file)
TYPES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "article": (("title", "input_message_content"), "", ""),
    "photo": (("photo_url",), "photo", "photo"),
    "gif": (("gif_url",), "gif", "animation"),
    "mpeg4_gif": (("mpeg4_url",), "mpeg4", "animation"),
    "video": (("video_url", "mime_type", "title"), "video", "video"),
    "audio": (("audio_url", "title"), "audio", "audio"),
    "voice": (("voice_url", "title"), "voice", "voice"),
    "document": (("document_url", "mime_type", "title"), "document", "document"),
    "sticker": (("sticker_file_id",), "sticker", "sticker"),
    "location": (("latitude", "longitude", "title"), "", ""),
    "venue": (("latitude", "longitude", "title", "address"), "", ""),
    "contact": (("phone_number", "first_name"), "", ""),
    "game": (("game_short_name",), "", ""),
}
WRONG = "can't parse inline query result: "


def check_result(raw: Any) -> Json:
    """The InlineQueryResult object, checked. Raises a Refusal for an invalid one."""
    if not isinstance(raw, dict):
        raise bad_request(WRONG + "expected an Object")
    kind = raw.get("type")
    if kind not in TYPES:
        raise bad_request(WRONG + ("""Can't find field "type\"""" if not kind else "Unsupported type specified"))
    id = raw.get("id")
    if not isinstance(id, str) or not id:
        raise bad_request(WRONG + """Can't find field "id\"""")
    if len(id.encode()) > 64:
        raise bad_request("RESULT_ID_INVALID")
    needed, name, _ = TYPES[kind]
    if name and raw.get(f"{name}_file_id"):
        needed = ()
    for field in needed:
        if raw.get(field) in (None, ""):
            raise bad_request(WRONG + f"""Can't find field "{field}\"""")
    parse_inline_markup(raw.get("reply_markup"))
    return raw


async def result_content(call: ApiRequest, result: Json) -> Json:
    """The content of the message sent by a chosen result."""
    given = result.get("input_message_content")
    if isinstance(given, dict):
        return await _input_message_content(call, given)
    kind = result["type"]
    _, name, stored_kind = TYPES[kind]
    if name:
        source = file_source(call, result.get(f"{name}_file_id") or result.get(f"{name}_url"), "", "file is empty")
        caption = caption_content(call, result)
        files, bot_id = call.world.files, call.bot.id
        if stored_kind == "photo":
            return {"photo": files.photo_json(await store_photo(call, source), bot_id), **caption}
        shown = files.file_json(await store_file(call, stored_kind, source), bot_id)
        if stored_kind in FILE_FIELDS:
            shown.update(file_fields(stored_kind, result))
        return {stored_kind: shown, **caption}
    if kind == "contact":
        return {"contact": {name: result[name] for name in ("phone_number", "first_name")}}
    if kind == "game":
        return {"game": {"title": result["game_short_name"], "description": "", "photo": []}}
    return _place(result)


async def _input_message_content(call: ApiRequest, content: Json) -> Json:
    if "message_text" in content:
        text = read_text(
            call, str(content["message_text"]), str(content.get("parse_mode") or ""), content.get("entities")
        )
        if isinstance(content.get("link_preview_options"), dict):
            text["link_preview_options"] = content["link_preview_options"]
        check_text(text)
        return text
    if "rich_message" in content:
        return await rich_content(call, content["rich_message"])
    if "phone_number" in content:
        return {"contact": {name: content.get(name, "") for name in ("phone_number", "first_name")}}
    if "latitude" in content:
        return _place(content)
    if "prices" in content:
        return invoice_content(ApiRequest(call.world, call.bot, call.method, content, call.limiter))[0]
    raise bad_request(WRONG + "message content is not specified")


def _place(source: Json) -> Json:
    location = {"latitude": float(source["latitude"]), "longitude": float(source["longitude"])}
    if source.get("address"):
        venue = {"location": location, "title": source["title"], "address": source["address"]}
        return {"location": location, "venue": venue}
    return {"location": location}


@method("answerInlineQuery")
async def answer_inline_query(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#answerinlinequery"""
    world = call.world
    raw = call.json("results")
    if not isinstance(raw, list):
        raise bad_request("can't parse inline query results JSON object")
    if len(raw) > MAX_RESULTS:
        raise bad_request("too many inline query results specified")
    results = [check_result(one) for one in raw]
    if len({one["id"] for one in results}) != len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    button = _button(call)
    if len(call.text("next_offset").encode()) > 64:
        raise bad_request("NEXT_OFFSET_INVALID")
    query: InlineQuery | None = world.state.inline_queries.get(call.text("inline_query_id"))
    stale = query is None or world.clock.unix() - query.at > LIFETIMES["inline_query"]
    if query is None or stale or query.bot != call.bot.id or query.results is not None:
        raise bad_request(STALE_QUERY)
    for result in results:  # invalid text is refused now, not when a person chooses the result
        if isinstance(result.get("input_message_content"), dict):
            await result_content(call, result)
    query.results, query.next_offset, query.button = results, call.text("next_offset"), button
    lifetime = call.integer("cache_time", CACHED_FOR)
    if lifetime > 0:
        key = cache_key(query, personal=call.flag("is_personal"))
        world.store_recent(world.state.inline_cache, key, (query.id, world.clock.unix() + lifetime))
    show_results(world, query)
    return True


def cache_key(query: InlineQuery, *, personal: bool) -> str:
    """The cache key of an answer, for one person or for all people with the same query."""
    return f"{query.bot}|{query.person if personal else ''}|{query.offset}|{query.query}"


def show_results(world: World, query: InlineQuery) -> None:
    """Publish the results of a query."""
    results = query.results or []
    world.feed.emit(
        "inline_results",
        person=query.person,
        inline_query_id=query.id,
        query=query.query,
        results=[shown_result(world, query.bot, one) for one in results],
        next_offset=query.next_offset,
        button=query.button,
        is_gallery=bool(results) and all(one["type"] in GALLERY for one in results),
    )


def _button(call: ApiRequest) -> Json | None:
    button = call.json("button")
    if not isinstance(button, dict):
        return None
    parameter = str(button.get("start_parameter") or "")
    if not button.get("text"):
        raise bad_request("""can't parse inline query results button: Can't find field "text\"""")
    if len(parameter) > 64:
        raise bad_request("too long start_parameter specified")
    if not START_PARAMETER.fullmatch(parameter):
        raise bad_request("unallowed characters in start_parameter are used")
    if not parameter and not button.get("web_app"):
        raise bad_request("can't parse inline query results button: exactly one of the optional fields must be used")
    return button


def shown_result(world: World, bot_id: int, result: Json) -> Json:
    """A result for the page, with the URL of its picture if that is on this machine."""
    shown = dict(result)
    file_id = next((value for name, value in result.items() if name.endswith("_file_id")), None)
    if file_id:
        stored = world.files.resolve(str(file_id), bot_id)
        largest = world.files.groups[stored.group][-1]
        shown["media"] = {"url": f"/media/{largest.unique_id}", "width": largest.width, "height": largest.height}
        return shown
    url = result.get("thumbnail_url") or result.get("photo_url") or ""
    parts = urlsplit(str(url))
    if parts.hostname in ("127.0.0.1", "localhost", "::1"):
        width, height = result.get("thumbnail_width") or 0, result.get("thumbnail_height") or 0
        shown["media"] = {"url": str(url), "width": width, "height": height}
    return shown


@method("savePreparedInlineMessage")
async def save_prepared_inline_message(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#savepreparedinlinemessage"""
    user = call.integer("user_id")
    if user not in call.world.state.people:
        raise bad_request("USER_ID_INVALID")
    result = check_result(call.json("result"))
    content = await result_content(call, result)
    allowed = [kind for kind in ("user", "bot", "group", "channel") if call.flag(f"allow_{kind}_chats")]
    if not allowed:
        raise bad_request("PEER_TYPES_INVALID")
    id = f"prepared-{call.world.next_serial()}"
    expires = int(call.world.clock.unix()) + PREPARED_FOR
    call.world.state.prepared[id] = {
        "bot": call.bot.id,
        "user": user,
        "content": content,
        "reply_markup": parse_inline_markup(result.get("reply_markup")),
        "chats": allowed,
        "expires": expires,
    }
    return {"id": id, "expiration_date": expires}


@method("savePreparedKeyboardButton")
def save_prepared_keyboard_button(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#savepreparedkeyboardbutton"""
    button = call.json("button")
    if call.integer("user_id") not in call.world.state.people:
        raise bad_request("USER_ID_INVALID")
    if not isinstance(button, dict) or not button.get("text"):
        raise bad_request("""can't parse keyboard button: Can't find field "text\"""")
    return {"id": f"button-{call.world.next_serial()}"}
