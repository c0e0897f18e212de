"""Sending texts, pictures, documents, albums and chat actions."""

from __future__ import annotations

from typing import Any

from sandbox.bot_api.methods.common import (
    caption_content,
    check_text,
    ephemeral_receiver,
    file_source,
    keyboard,
    message_head,
    post_message,
    reply_target,
    send,
    store_file,
    store_photo,
    text_content,
)
from sandbox.bot_api.methods.editing import media_content
from sandbox.bot_api.objects import message_json
from sandbox.bot_api.registry import method
from sandbox.bot_api.request import ApiRequest
from sandbox.errors import bad_request
from sandbox.state.model import Json

ALBUM_SIZE = 10
NOT_MIXED = ("document", "audio")  # kinds that may share an album only with the same kind
ALBUM_KINDS = frozenset({"photo", "video", "document", "audio"})
ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "record_audio",
        "upload_audio",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
        "cancel",
    ]
)


@method("sendMessage")
def send_message(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#sendmessage"""
    content = text_content(call)
    markup = keyboard(call)
    return send(call, call.writable(), content, markup)


@method("sendPhoto")
async def send_photo(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#sendphoto"""
    source = file_source(call, call.args.get("photo"), "photo", "there is no photo in the request")
    content = caption_content(call)
    markup = keyboard(call)
    call.writable()
    sizes = await store_photo(call, source)
    content = {"photo": call.world.files.photo_json(sizes, call.bot.id), **content}
    return send(call, call.writable(), content, markup)


@method("sendDocument")
async def send_document(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#senddocument"""
    source = file_source(call, call.args.get("document"), "document", "there is no document in the request")
    content = caption_content(call)
    markup = keyboard(call)
    call.writable()
    stored = await store_file(call, "document", source)
    content = {"document": call.world.files.file_json(stored, call.bot.id), **content}
    return send(call, call.writable(), content, markup)


@method("sendChatAction")
def send_chat_action(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#sendchataction"""
    action = call.text("action").lower()
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = call.writable()
    call.world.feed.emit("action", chat=chat.key, action=action, bot=call.bot.username)
    return True


@method("sendMediaGroup")
async def send_media_group(call: ApiRequest) -> list[Json]:
    """https://core.telegram.org/bots/api#sendmediagroup"""
    if not call.given("media"):
        raise bad_request('parameter "media" is required')
    media = call.json("media")
    if not isinstance(media, list):
        raise bad_request("can't parse media JSON object")
    if not media:
        raise bad_request("there are no messages to send")
    if len(media) > ALBUM_SIZE:
        raise bad_request("too many messages to send as an album")
    _check_kinds(media)
    contents = [await media_content(call, one) for one in media]
    chat = call.writable()
    receiver, reply_to, head_fields = ephemeral_receiver(call, chat), reply_target(call, chat), message_head(call, chat)
    for content in contents:
        check_text(content)
    call.spend(chat, len(contents))
    if len(contents) > 1:
        head_fields["media_group_id"] = str(13_000_000_000 + call.world.next_serial())
    sent = [
        post_message(call, chat, one, reply_to=reply_to, head=dict(head_fields), only_for=receiver) for one in contents
    ]
    return [message_json(call.world, one, call.bot.id) for one in sent]


def _check_kinds(media: list[Any]) -> None:
    kinds = []
    for one in media:
        if not isinstance(one, dict):
            raise bad_request("can't parse InputMedia: expected an Object")
        kind = one.get("type")
        if kind == "animation":
            raise bad_request("can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup")
        if kind not in ALBUM_KINDS:
            raise bad_request(f'can\'t parse InputMedia: type "{kind or ""}" is unsupported')
        kinds.append(kind)
    for kind in NOT_MIXED:
        if kind in kinds and len(set(kinds)) > 1:
            raise bad_request(f"{kind} can't be mixed with other media types")
