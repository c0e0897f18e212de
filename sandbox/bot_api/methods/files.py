"""Other kinds of files, locations, contacts, dice and polls; getFile."""

from __future__ import annotations

import random
from typing import Any

from sandbox.bot_api.methods.common import caption_content, file_source, keyboard, send, store_file
from sandbox.bot_api.registry import Handler, method
from sandbox.bot_api.request import ApiRequest
from sandbox.errors import bad_request
from sandbox.state.files import DOWNLOAD_BYTES
from sandbox.state.model import Json
from sandbox.text import formatted, utf16_length

FILE_FIELDS: dict[str, tuple[str, ...]] = {
    "video": ("width", "height", "duration"),
    "animation": ("width", "height", "duration"),
    "audio": ("duration", "performer", "title"),
    "voice": ("duration",),
    "video_note": ("length", "duration"),
    "sticker": (),
}
DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}


def file_fields(kind: str, source: Json) -> Json:
    """The fields of a file object that the bot supplies, such as its duration."""
    file: Json = {}
    for name in FILE_FIELDS[kind]:
        value = source.get(name)
        file[name] = str(value) if name in ("performer", "title") and value else int(value or 0)
    if kind == "sticker":
        file.update(width=512, height=512, is_animated=False, is_video=False, type="regular")
    return {name: value for name, value in file.items() if value or name not in ("performer", "title")}


def _sender(kind: str) -> Handler:
    label = kind.replace("_", " ")

    async def send_file(call: ApiRequest) -> Json:
        source = file_source(call, call.args.get(kind), kind, f"there is no {label} in the request")
        content = caption_content(call) if kind not in ("video_note", "sticker") else {}
        markup = keyboard(call)
        call.writable()
        stored = await store_file(call, kind, source)
        fields: Json = {name: call.args.get(name) for name in FILE_FIELDS[kind]}
        file = {**call.world.files.file_json(stored, call.bot.id), **file_fields(kind, fields)}
        return send(call, call.writable(), {kind: file, **content}, markup)

    return send_file


for _kind, _name in (
    ("video", "sendVideo"),
    ("animation", "sendAnimation"),
    ("audio", "sendAudio"),
    ("voice", "sendVoice"),
    ("video_note", "sendVideoNote"),
    ("sticker", "sendSticker"),
):
    method(_name)(_sender(_kind))


def _coordinate(call: ApiRequest, name: str, maximum: float) -> float:
    try:
        value = float(call.text(name))
    except ValueError:
        raise bad_request(f"{name} is empty" if not call.given(name) else "wrong coordinates specified") from None
    if not abs(value) <= maximum:
        raise bad_request("wrong coordinates specified")
    return value


def _place(call: ApiRequest) -> Json:
    return {"latitude": _coordinate(call, "latitude", 90), "longitude": _coordinate(call, "longitude", 180)}


@method("sendLocation")
def send_location(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#sendlocation"""
    location = _place(call)
    if period := call.integer("live_period"):
        location["live_period"] = period
    return send(call, call.writable(), {"location": location}, keyboard(call))


@method("sendVenue")
def send_venue(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#sendvenue"""
    venue: Json = {"location": _place(call), "title": call.text("title"), "address": call.text("address")}
    if not venue["title"] or not venue["address"]:
        raise bad_request("VENUE_TITLE_EMPTY" if not venue["title"] else "VENUE_ADDRESS_EMPTY")
    return send(call, call.writable(), {"location": venue["location"], "venue": venue}, keyboard(call))


@method("sendContact")
def send_contact(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#sendcontact"""
    contact: Json = {"phone_number": call.text("phone_number"), "first_name": call.text("first_name")}
    if not contact["phone_number"]:
        raise bad_request("phone number is empty")
    if not contact["first_name"]:
        raise bad_request("first name is empty")
    if last := call.text("last_name"):
        contact["last_name"] = last
    return send(call, call.writable(), {"contact": contact}, keyboard(call))


@method("sendDice")
def send_dice(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#senddice"""
    emoji = call.text("emoji").replace("\ufe0f", "") or "🎲"
    if emoji not in DICE:
        raise bad_request("wrong dice emoji specified")
    dice = {"emoji": emoji, "value": random.randint(1, DICE[emoji])}
    return send(call, call.writable(), {"dice": dice}, keyboard(call))


@method("sendPoll")
def send_poll(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#sendpoll"""
    question, found = formatted(call.text("question"), call.text("question_parse_mode"), call.json("question_entities"))
    if not question:
        raise bad_request("poll question must be non-empty")
    if utf16_length(question) > 300:
        raise bad_request("poll question length must not exceed 300")
    options = [_option(raw, number) for number, raw in enumerate(_options(call))]
    poll: Json = {
        "id": str(6_000_000_000 + call.world.next_serial()),
        "question": question,
        "options": options,
        "total_voter_count": 0,
        "is_closed": call.flag("is_closed"),
        "is_anonymous": call.flag("is_anonymous") if call.given("is_anonymous") else True,
        "type": call.text("type") or "regular",
        "allows_multiple_answers": call.flag("allows_multiple_answers"),
        "allows_revoting": True,
        "members_only": False,
    }
    if found:
        poll["question_entities"] = found
    return send(call, call.writable(), {"poll": poll}, keyboard(call))


def _options(call: ApiRequest) -> list[Any]:
    raw = call.json("options")
    if not isinstance(raw, list):
        raise bad_request("poll options must be an Array")
    if len(raw) < 1:
        raise bad_request("poll must have at least 1 option")
    if len(raw) > 12:
        raise bad_request("poll can't have more than 12 options")
    return raw


def _option(raw: Any, number: int) -> Json:
    text = raw.get("text") if isinstance(raw, dict) else raw
    if not isinstance(text, str) or not text.strip():
        raise bad_request("poll option text must be non-empty")
    if utf16_length(text) > 100:
        raise bad_request("poll options length must not exceed 100")
    return {"persistent_id": str(number), "text": text.strip(), "voter_count": 0}


@method("stopPoll")
def stop_poll(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#stoppoll"""
    chat = call.writable()
    message = call.message(chat, "message with poll to stop not found")
    if "poll" not in message.content or message.sender != call.bot.id:
        raise bad_request("message is not a poll")
    poll: Json = message.content["poll"]
    if poll["is_closed"]:
        raise bad_request("poll has already been closed")
    poll["is_closed"] = True
    message.markup = keyboard(call, inline_only=True)
    call.world.message_changed(message)
    return poll


@method("getFile")
def get_file(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#getfile"""
    file_id = call.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    try:
        stored = call.world.files.resolve(file_id, call.bot.id)
    except Exception:
        raise bad_request("invalid file_id") from None
    local = call.world.files.local_folder is not None
    if stored.size > DOWNLOAD_BYTES and not local:
        raise bad_request("file is too big")
    return {
        "file_id": file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
        "file_path": call.world.files.on_disk(stored, call.bot.token) if local else stored.path,
    }
