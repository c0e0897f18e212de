"""Sending: texts, pictures, files and signs of life."""

from __future__ import annotations

from sandbox.call import ApiRequest
from sandbox.errors import bad_request
from sandbox.methods.common import caption_content, keyboard, picture, send, stored_as, text_content, wanted_file
from sandbox.methods.registry import method
from sandbox.model import Json

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
    source = wanted_file(call, call.args.get("photo"), "photo", "there is no photo in the request")
    content = caption_content(call)
    markup = keyboard(call)
    call.writable()
    sizes = await picture(call, source)
    content = {"photo": call.world.files.photo_json(sizes, call.bot.id), **content}
    return send(call, call.writable(), content, markup)


@method("sendDocument")
async def send_document(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#senddocument"""
    source = wanted_file(call, call.args.get("document"), "document", "there is no document in the request")
    content = caption_content(call)
    markup = keyboard(call)
    call.writable()
    stored = await stored_as(call, "document", source)
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
