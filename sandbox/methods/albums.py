"""Albums."""

from __future__ import annotations

from typing import Any

from sandbox.call import ApiRequest
from sandbox.errors import bad_request
from sandbox.methods.common import check_text, head, only_for, post, reply_target
from sandbox.methods.editing import media_content
from sandbox.methods.registry import method
from sandbox.model import Json
from sandbox.view import message_json

AT_MOST = 10
ALONE = ("document", "audio")  # kinds that share an album only with their like
KINDS = frozenset({"photo", "video", "document", "audio"})


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
    if len(media) > AT_MOST:
        raise bad_request("too many messages to send as an album")
    _check_kinds(media)
    contents = [await media_content(call, one) for one in media]
    chat = call.writable()
    reader, reply_to, kept = only_for(call, chat), reply_target(call, chat), head(call)
    for content in contents:
        check_text(content)
    call.spend(chat, len(contents))
    if len(contents) > 1:
        kept["media_group_id"] = str(13_000_000_000 + call.world.serial())
    sent = [post(call, chat, one, reply_to=reply_to, head=dict(kept), only_for=reader) for one in contents]
    return [message_json(call.world, one, call.bot.id) for one in sent]


def _check_kinds(media: list[Any]) -> None:
    kinds = []
    for one in media:
        if not isinstance(one, dict):
            raise bad_request("can't parse InputMedia: expected an Object")
        kind = one.get("type")
        if kind == "animation":
            raise bad_request("can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup")
        if kind not in KINDS:
            raise bad_request(f'can\'t parse InputMedia: type "{kind or ""}" is unsupported')
        kinds.append(kind)
    for kind in ALONE:
        if kind in kinds and len(set(kinds)) > 1:
            raise bad_request(f"{kind} can't be mixed with other media types")
