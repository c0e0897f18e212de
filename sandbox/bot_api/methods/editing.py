"""Editing texts, captions, media and keyboards, in chats and by inline message id."""

from __future__ import annotations

from typing import Any

import orjson

from sandbox.bot_api.methods.common import (
    caption_content,
    check_text,
    file_source,
    keyboard,
    store_file,
    store_photo,
    text_content,
)
from sandbox.bot_api.methods.files import file_fields
from sandbox.bot_api.methods.rich import rich_content
from sandbox.bot_api.objects import MEDIA, message_json
from sandbox.bot_api.registry import method
from sandbox.bot_api.request import ApiRequest, Upload
from sandbox.errors import NOT_MODIFIED, bad_request
from sandbox.state.model import Chat, Json, Message

CAPTION_FIELDS = ("caption", "caption_entities", "show_caption_above_media")
MEDIA_TYPES = frozenset({"photo", "document", "video", "animation", "audio"})


class EditTarget:
    """The message to edit. Raises a Refusal if it does not exist or cannot be edited."""

    def __init__(self, call: ApiRequest) -> None:
        self.call = call
        inline = call.text("inline_message_id")
        self.inline = bool(inline) and not call.given("chat_id")
        self.message: Message
        self.chat: Chat
        if self.inline:
            place = call.world.state.inline_messages.get(inline)
            message = call.world.find_message(*place) if place else None
            if message is None or message.via_bot != call.bot.id:
                raise bad_request("MESSAGE_ID_INVALID")
            self.message, self.chat = message, call.world.state.chats[message.chat]
            return
        if not call.given("chat_id") and not call.given("message_id"):
            raise bad_request("message identifier is not specified")
        self.chat = call.writable()
        self.message = call.message(self.chat, "message to edit not found")
        own = self.message.sender == call.bot.id
        if not own and not (self.chat.type == "channel" and call.bot.id in self.chat.admins):
            raise bad_request("message can't be edited")
        markup = self.message.markup
        if "forward_origin" in self.message.head or (markup and "inline_keyboard" not in markup):
            raise bad_request("message can't be edited")

    def apply(self, content: Json, markup: Json | None) -> Json | bool:
        """Replace content and keyboard. Raises "message is not modified" if both are unchanged."""
        replace(self.call, self.message, content, markup)
        return True if self.inline else message_json(self.call.world, self.message, self.call.bot.id)


def replace(call: ApiRequest, message: Message, content: Json, markup: Json | None) -> None:
    """Finish an edit: the last checks, the rate limit, the change itself."""
    check_text(content)
    if _is_unchanged(content, markup, message):
        raise bad_request(NOT_MODIFIED)
    chat = call.world.state.chats[message.chat]
    call.limiter.spend(call.bot.id, "" if message.inline_id else chat.key, group=chat.type != "private")
    message.content = content
    message.markup = markup
    message.ids_for = call.bot.id
    message.edit_date = int(call.world.clock.unix())
    call.world.message_changed(message)


def _is_unchanged(content: Json, markup: Json | None, message: Message) -> bool:
    if (markup or None) != (message.markup or None):
        return False
    old = message.content
    if content == old:
        return True
    return orjson.dumps(_without_file_ids(content), option=orjson.OPT_SORT_KEYS) == orjson.dumps(
        _without_file_ids(old), option=orjson.OPT_SORT_KEYS
    )


def _without_file_ids(content: Json) -> Any:
    """The content for comparison: files count as equal by their unique id."""
    if isinstance(content, dict):
        return {name: _without_file_ids(value) for name, value in content.items() if name != "file_id"}
    if isinstance(content, list):
        return [_without_file_ids(value) for value in content]
    return content


@method("editMessageText")
async def edit_text(call: ApiRequest) -> Json | bool:
    """https://core.telegram.org/bots/api#editmessagetext; `rich_message` turns a text into a rich message."""
    content = await rich_content(call) if call.given("rich_message") else text_content(call)
    target = EditTarget(call)
    markup = keyboard(call, inline_only=True)
    if not target.message.content.keys() & {"text", "rich_message"}:
        raise bad_request("there is no text in the message to edit")
    return target.apply(content, markup)


@method("editMessageCaption")
def edit_caption(call: ApiRequest) -> Json | bool:
    """https://core.telegram.org/bots/api#editmessagecaption"""
    caption = caption_content(call)
    target = EditTarget(call)
    markup = keyboard(call, inline_only=True)
    if not any(kind in target.message.content for kind in MEDIA):
        raise bad_request("there is no caption in the message to edit")
    media_fields = {name: value for name, value in target.message.content.items() if name not in CAPTION_FIELDS}
    caption.pop("has_media_spoiler", None)
    return target.apply({**media_fields, **caption}, markup)


@method("editMessageMedia")
async def edit_media(call: ApiRequest) -> Json | bool:
    """https://core.telegram.org/bots/api#editmessagemedia"""
    if not call.given("media"):
        raise bad_request('parameter "media" is required')
    media = call.json("media")
    if not isinstance(media, dict):
        raise bad_request("can't parse InputMedia: media not found")
    EditTarget(call)
    markup = keyboard(call, inline_only=True)
    content = await media_content(call, media)
    target = EditTarget(call)  # checked again: the message may have been deleted during the encoding
    old = target.message.content
    if not any(kind in old for kind in MEDIA) and "text" not in old:
        raise bad_request("message can't be edited")
    return target.apply(content, markup)


async def media_content(call: ApiRequest, media: Json) -> Json:
    """The content of an InputMedia object."""
    kind = media.get("type")
    if kind not in MEDIA_TYPES:
        raise bad_request(f'can\'t parse InputMedia: type "{kind or ""}" is unsupported')
    source = file_source(call, media.get("media"), "", "can't parse InputMedia: media not found")
    if call.given("inline_message_id") and isinstance(source, Upload):
        raise bad_request("wrong file identifier/HTTP URL specified")
    caption = caption_content(call, media)
    if kind == "photo":
        sizes = await store_photo(call, source)
        return {"photo": call.world.files.photo_json(sizes, call.bot.id), **caption}
    file = call.world.files.file_json(await store_file(call, kind, source), call.bot.id)
    if kind != "document":
        file.update(file_fields(kind, media))
    return {kind: file, **caption}


@method("editMessageReplyMarkup")
def edit_markup(call: ApiRequest) -> Json | bool:
    """https://core.telegram.org/bots/api#editmessagereplymarkup"""
    target = EditTarget(call)
    markup = keyboard(call, inline_only=True)
    return target.apply(target.message.content, markup)
