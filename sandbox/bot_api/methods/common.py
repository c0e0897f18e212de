"""Shared by sending and editing: text, captions, files, replies, and posting a message."""

from __future__ import annotations

from typing import Any

from sandbox.bot_api.keyboards import parse_inline_markup, parse_markup
from sandbox.bot_api.objects import message_json, user_json
from sandbox.bot_api.remote_files import RemoteFile, checked_url, fetch
from sandbox.bot_api.request import ApiRequest, Upload
from sandbox.errors import STALE_QUERY, bad_request
from sandbox.state.files import StoredFile
from sandbox.state.model import Chat, Json, Message
from sandbox.text import formatted

TEXT_LENGTH = 4096
TEXT_BYTES = 32_768
CAPTION_LENGTH = 1024


def read_text(call: ApiRequest, raw: str, mode: str, entities: Any) -> Json:
    """The content of a text message. Raises a Refusal for empty, too long or unparsable text."""
    if not raw:
        raise bad_request("message text is empty")
    if len(raw) > TEXT_BYTES // 4 and len(raw.encode()) > TEXT_BYTES:
        raise bad_request("text is too long")
    text, found = formatted(raw, mode, entities, user_of=lambda id: _mentionable(call, id))
    if not text:
        raise bad_request("text must be non-empty")
    return {"text": text, "entities": found} if found else {"text": text}


def check_text(content: Json) -> None:
    """Check the length limits. Telegram does this after checking the chat."""
    if len(content.get("text", "")) > TEXT_LENGTH:
        raise bad_request("message is too long")
    if len(content.get("caption", "")) > CAPTION_LENGTH:
        raise bad_request("message caption is too long")


def text_content(call: ApiRequest) -> Json:
    """The content of a text message from the parameters of a call."""
    content = read_text(call, call.text("text"), call.text("parse_mode"), call.json("entities"))
    preview = call.json("link_preview_options")
    if isinstance(preview, dict) and preview:
        content["link_preview_options"] = preview
    elif call.flag("disable_web_page_preview"):
        content["link_preview_options"] = {"is_disabled": True}
    return content


def caption_content(call: ApiRequest, source: Json | None = None) -> Json:
    """The caption of a media message from the parameters of a call, or from an InputMedia object."""
    if source is None:
        raw, mode, entities = call.text("caption"), call.text("parse_mode"), call.json("caption_entities")
        above, spoiler = call.flag("show_caption_above_media"), call.flag("has_spoiler")
    else:
        raw, mode = str(source.get("caption") or ""), str(source.get("parse_mode") or "")
        entities = source.get("caption_entities")
        above, spoiler = bool(source.get("show_caption_above_media")), bool(source.get("has_spoiler"))
    caption, found = formatted(raw, mode, entities, user_of=lambda id: _mentionable(call, id))
    content: Json = {}
    if caption:
        content["caption"] = caption
    if found:
        content["caption_entities"] = found
    if above and caption:
        content["show_caption_above_media"] = True
    if spoiler:
        content["has_media_spoiler"] = True
    return content


def _mentionable(call: ApiRequest, id: int) -> Json | None:
    return user_json(call.world, id) if id in call.world.state.people or id in call.world.state.bots else None


# -- files ------------------------------------------------------------------------------------------------------------


Source = Upload | StoredFile | RemoteFile


def file_source(call: ApiRequest, value: Any, field: str, missing: str) -> Source:
    """The upload, stored file or URL of a parameter. Raises a Refusal for none of them or an invalid one."""
    upload = call.files.get(field) if value in (None, "") else call.upload(str(value))
    if upload is not None:
        if not upload.data:
            raise bad_request("file must be non-empty")
        return upload
    text = str(value or "")
    if not text or text.startswith("attach://"):
        raise bad_request(missing)
    if "://" in text:
        return RemoteFile(checked_url(text))
    return call.world.files.resolve(text, call.bot.id)


async def store_photo(call: ApiRequest, source: Source) -> list[StoredFile]:
    """A picture in its sizes; encoding runs in a thread."""
    files = call.world.files
    if isinstance(source, RemoteFile):
        source = await fetch(source)
    if isinstance(source, StoredFile):
        if source.kind != "photo":
            raise bad_request(f"can't use file of type {source.kind.capitalize()} as Photo")
        return files.groups[source.group]
    return await files.add_photo(source.data)


async def store_file(call: ApiRequest, kind: str, source: Source) -> StoredFile:
    """A file of a kind, stored unchanged."""
    files = call.world.files
    if isinstance(source, RemoteFile):
        source = await fetch(source)
    if isinstance(source, StoredFile):
        if source.kind != kind:
            raise bad_request(f"can't use file of type {source.kind.capitalize()} as {kind.capitalize()}")
        return source
    return files.add(kind, source.data, source.name, source.mime or "application/octet-stream")


# -- the message ------------------------------------------------------------------------------------------------------


def keyboard(call: ApiRequest, *, inline_only: bool = False) -> Json | None:
    """The `reply_markup` parameter."""
    raw = call.args.get("reply_markup")
    return parse_inline_markup(raw) if inline_only else parse_markup(raw)


def reply_target(call: ApiRequest, chat: Chat) -> int:
    """The id of the replied message, 0 for none. Raises a Refusal if it is required and does not exist."""
    parameters = call.json("reply_parameters")
    if isinstance(parameters, dict):
        wanted = parameters.get("message_id") or 0
        lenient = bool(parameters.get("allow_sending_without_reply"))
        other = str(parameters.get("chat_id") or chat.id)
        if other not in (str(chat.id), f"@{chat.username}"):
            return 0  # a reply to a message of another chat is shown without the reply
    else:
        wanted, lenient = call.integer("reply_to_message_id"), call.flag("allow_sending_without_reply")
    if not wanted:
        return 0
    if isinstance(wanted, int) and call.world.find_message(chat.key, wanted) is not None:
        return wanted
    if lenient:
        return 0
    raise bad_request("message to be replied not found")


def message_head(call: ApiRequest, chat: Chat) -> Json:
    """The fields of a message that edits keep. Raises a Refusal for a topic in which the bot cannot write."""
    fields: Json = _topic_head(call, chat, chat.details["forum"]) if "forum" in chat.details else {}
    if call.flag("protect_content"):
        fields["has_protected_content"] = True
    if "forum" not in chat.details and (thread := call.integer("message_thread_id")):
        fields["message_thread_id"] = thread
    if effect := call.text("message_effect_id"):
        fields["effect_id"] = effect
    return fields


def _topic_head(call: ApiRequest, chat: Chat, forum: Json) -> Json:
    """Where a message goes in a forum; without a thread to General. Closed topics are open to administrators."""
    thread, administers = call.integer("message_thread_id"), call.bot.id in chat.admins
    if not thread:
        if forum["general_closed"] and not administers:
            raise bad_request("TOPIC_CLOSED")
        return {}
    topic = forum["topics"].get(str(thread))
    if topic is None:
        raise bad_request("message thread not found")
    if topic["deleted"]:
        raise bad_request("TOPIC_DELETED")
    if topic["closed"] and not administers:
        raise bad_request("TOPIC_CLOSED")
    return {"message_thread_id": thread, "is_topic_message": True}


def send(call: ApiRequest, chat: Chat, content: Json, markup: Json | None) -> Json:
    """Run the last checks, count the message against the limits and post it. Returns the Message object."""
    receiver = ephemeral_receiver(call, chat)
    reply_to = reply_target(call, chat)
    check_text(content)
    call.spend(chat)
    message = post_message(
        call, chat, content, markup=markup, reply_to=reply_to, head=message_head(call, chat), only_for=receiver
    )
    return message_json(call.world, message, call.bot.id)


def ephemeral_receiver(call: ApiRequest, chat: Chat) -> int:
    """The receiver of an ephemeral message, 0 for an ordinary one. Its refusals are not documented by Telegram."""
    parameters = call.json("ephemeral_message_parameters")
    if isinstance(parameters, dict):
        receiver, query = parameters.get("receiver_user_id"), parameters.get("callback_query_id")
    else:
        receiver, query = call.integer("receiver_user_id"), call.text("callback_query_id")
    if not receiver:
        return 0
    if chat.type not in ("group", "supergroup"):
        raise bad_request("ephemeral messages can be sent only to groups and supergroups")
    if receiver not in chat.members:
        raise bad_request("USER_NOT_PARTICIPANT")
    if query:
        asked = call.world.state.callbacks.get(str(query))
        if asked is None or asked.bot != call.bot.id or asked.person != receiver:
            raise bad_request(STALE_QUERY)
    return int(receiver)


def post_message(call: ApiRequest, chat: Chat, content: Json, **rest: Any) -> Message:
    """Add a message of the bot to a chat."""
    return call.world.add_message(chat, call.bot.id, content, ids_for=call.bot.id, **rest)
