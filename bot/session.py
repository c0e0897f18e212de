"""The connection to the Bot API, and the guard that keeps its token out of every log and error."""

from __future__ import annotations

import logging
import re
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType

_TOKEN = re.compile(r"\b\d{3,20}(?::|%3A)[A-Za-z0-9_-]{10,}")
HIDDEN = "<token>"


def hide(text: str) -> str:
    """The text without anything that looks like a bot's token."""
    return _TOKEN.sub(HIDDEN, text)


class HidesTokens(logging.Filter):
    """Takes tokens out of every record, also out of the traces of exceptions that carry them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = hide(record.getMessage()), ()
        if record.exc_info and record.exc_info[1] is not None:
            trace = logging.Formatter().formatException(record.exc_info)
            record.exc_text, record.exc_info = hide(trace), None
        elif record.exc_text:
            record.exc_text = hide(record.exc_text)
        return True


class Session(AiohttpSession):
    """aiogram's session; network errors of aiohttp carry the request's address, and with it the token."""

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        try:
            return await super().make_request(bot, method, timeout)
        except TelegramAPIError as error:
            error.message = hide(error.message)
            error.args = tuple(hide(str(part)) for part in error.args)
            error.__cause__ = error.__context__ = None
            raise


def make_bot(token: str, api_url: str) -> Bot:
    """A bot that talks to the given Bot API server."""
    session = Session(api=TelegramAPIServer.from_base(api_url))
    session._connector_init["limit"] = 200
    return Bot(token, session=session)


def log_to_terminal(level: int = logging.INFO) -> None:
    """Log to standard error, with tokens hidden at the root, whoever writes."""
    handler = logging.StreamHandler()
    handler.addFilter(HidesTokens())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("aiogram.event", "aiogram.dispatcher", "apscheduler", "alembic", "aiohttp.access", "aiosqlite"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def error_of(error: BaseException) -> str:
    """An error in one line for a log or a stored reason, without tokens."""
    return hide(cast("Any", error).__class__.__name__ + ": " + str(error))[:500]
