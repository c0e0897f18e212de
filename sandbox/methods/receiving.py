"""Receiving: the webhook's settings and files. getUpdates itself is the mailroom's."""

from __future__ import annotations

from sandbox.call import ApiRequest
from sandbox.errors import bad_request
from sandbox.files import DOWNLOAD_BYTES
from sandbox.methods.registry import method
from sandbox.model import Json


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
    if stored.size > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
        "file_path": stored.path,
    }


@method("logOut", "close")
def log_out(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#logout; after it every call is refused with "Logged out"."""
    if call.method.lower() == "logout":
        call.bot.logged_out = True
    return True
