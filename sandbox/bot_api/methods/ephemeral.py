"""Editing and deleting ephemeral messages, which one member of a group sees. The send methods send them."""

from __future__ import annotations

from sandbox.bot_api.methods.common import caption_content, keyboard, text_content
from sandbox.bot_api.methods.editing import CAPTION_FIELDS, media_content, replace
from sandbox.bot_api.methods.rich import rich_content
from sandbox.bot_api.registry import method
from sandbox.bot_api.request import ApiRequest
from sandbox.errors import bad_request
from sandbox.state.model import Json, Message


def _target(call: ApiRequest, missing: str = "message to edit not found") -> Message:
    chat = call.writable()
    message = call.world.find_message(chat.key, call.integer("ephemeral_message_id"))
    if message is None or not message.only_for or message.only_for != call.integer("receiver_user_id"):
        raise bad_request(missing)
    if message.sender != call.bot.id:
        raise bad_request("message can't be edited")
    return message


def _apply(call: ApiRequest, content: Json) -> bool:
    replace(call, _target(call), content, keyboard(call, inline_only=True))
    return True


@method("editEphemeralMessageText")
async def edit_text(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#editephemeralmessagetext"""
    content = await rich_content(call) if call.given("rich_message") else text_content(call)
    return _apply(call, content)


@method("editEphemeralMessageCaption")
def edit_caption(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#editephemeralmessagecaption"""
    old = _target(call).content
    media_fields = {name: value for name, value in old.items() if name not in CAPTION_FIELDS}
    return _apply(call, {**media_fields, **caption_content(call)})


@method("editEphemeralMessageMedia")
async def edit_media(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#editephemeralmessagemedia"""
    media = call.json("media")
    if not isinstance(media, dict):
        raise bad_request("can't parse InputMedia: media not found")
    return _apply(call, await media_content(call, media))


@method("editEphemeralMessageReplyMarkup")
def edit_markup(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#editephemeralmessagereplymarkup"""
    return _apply(call, _target(call).content)


@method("deleteEphemeralMessage")
def delete(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#deleteephemeralmessage"""
    message = _target(call, "message to delete not found")
    call.world.delete_messages(message.chat, [message.id])
    return True
