"""Answers to callback queries."""

from __future__ import annotations

from urllib.parse import urlsplit

from sandbox.bot_api.registry import method
from sandbox.bot_api.request import ApiRequest
from sandbox.errors import STALE_QUERY, bad_request
from sandbox.state.world import LIFETIMES
from sandbox.users.actions import LINK_HOSTS

ANSWER_LENGTH = 200


@method("answerCallbackQuery")
def answer_callback_query(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#answercallbackquery

    Refused for an unknown id, a query of another bot, an answered query and one that has expired.
    """
    world = call.world
    query = world.state.callbacks.get(call.text("callback_query_id"))
    if (
        query is None
        or query.bot != call.bot.id
        or query.answer is not None
        or world.clock.unix() - query.at > LIFETIMES["callback_query"]
    ):
        raise bad_request(STALE_QUERY)
    text = call.text("text").strip()
    if len(text) > ANSWER_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    url = call.text("url")
    if url and not _opens_own_bot(url, call.bot.username):
        raise bad_request("URL_INVALID")
    answer = {"text": text, "show_alert": call.flag("show_alert"), "url": url}
    query.answer = answer
    world.feed.emit(
        "answer", person=query.person, callback_query_id=query.id, bot=call.bot.username, chat=query.chat, **answer
    )
    return True


def _opens_own_bot(url: str, username: str) -> bool:
    """Whether a URL is a deep link to the bot itself, the only kind that a callback answer may open."""
    parts = urlsplit(url if "://" in url else "https://" + url)
    if parts.scheme == "tg":
        return parts.netloc == "resolve" and f"domain={username}".lower() in parts.query.lower()
    return (parts.hostname or "") in LINK_HOSTS and parts.path.strip("/").lower() == username.lower()
