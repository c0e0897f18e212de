"""The connection to the Bot API, and the guard that keeps its token out of every log and error."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import AsyncGenerator, Callable
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramNetworkError, TelegramServerError
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType

from bot.ops.metrics import API_ERRORS
from bot.telegram.http_client import HttpClient

_TOKEN = re.compile(r"(?<!\d)\d{3,20}(?::|%3[Aa])[A-Za-z0-9_-]{10,}")
_PASSWORD = re.compile(r"(?<=://)([^\s/:@'\"]*:)[^\s/@'\"]+(?=@)")
_QUOTED = re.compile(r"(?<=input_value=).*?(?=, input_type=)|(?<=DETAIL:)[^\n]*", re.DOTALL)
"""What errors of pydantic and PostgreSQL quote: whatever somebody wrote, or who they are."""
HIDDEN = "<token>"
_UNREAD = frozenset(("answerCallbackQuery", "editMessageCaption", "editMessageText", "editMessageMedia"))
"""Methods whose result nobody reads: that it is one is enough."""
_YES = b'{"ok":true,'


def redact(text: str) -> str:
    """The text without anything that looks like a bot's token, or a password in an address, and without the values that
    errors quote."""
    return _PASSWORD.sub(rf"\1{HIDDEN}", _TOKEN.sub(HIDDEN, _QUOTED.sub("…", text)))


class RedactingFormatter(logging.Formatter):
    """Takes tokens out of whole lines, whoever wrote them: messages, their arguments, and the traces of exceptions."""

    def format(self, record: logging.LogRecord) -> str:
        try:
            return redact(super().format(record))
        except Exception:  # logging itself would print the arguments of a call that does not fit its text
            return redact(f"{record.levelname} {record.name}: {record.msg} {record.args}")


class _PlainMethod(TelegramMethod[Any]):
    """Stands for a call with plain values where aiogram's errors name a method."""

    __returning__ = Any
    __api_method__ = "call"


class SendDeadlinePassed(Exception):
    """A call was not made: `MAY_LEAVE` said no."""


MAY_LEAVE: ContextVar[Callable[[], bool]] = ContextVar("may_leave", default=lambda: True)
"""Whether the calls of this task may leave, asked as late as our program can: whoever is stopped or suspended may go on
at any line."""


class BotSession(AiohttpSession):
    """aiogram's session, with errors that can be shown: aiohttp's carry the request's address, and it the token."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(**rest)
        self._paths: dict[tuple[int, str], str] = {}
        self._wire: HttpClient | None = None

    async def close(self) -> None:
        """Let every connection go."""
        if self._wire is not None:
            self._wire.close()
        await super().close()

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """One call. All that can go wrong is a TelegramAPIError, also a gateway's page in place of an answer; and
        NotLeft where it may not leave any more."""
        if not MAY_LEAVE.get()():
            raise SendDeadlinePassed
        try:
            return await super().make_request(bot, method, timeout)
        except (TelegramAPIError, ClientDecodeError) as error:
            failure = _showable(method, error)
        raise failure

    async def call(
        self,
        bot: Bot,
        name: str,
        payload: dict[str, Any],
        seconds: float | None = None,
        left: Callable[[], None] | None = None,
    ) -> Any:
        """One call with plain values in and out: JSON both ways, and nothing is built that nobody reads.

        Without files. `left` is called when its bytes are on their way. Raises what `make_request` raises. None
        values are left out by the caller; of methods whose result nobody reads it is None.
        """
        if not MAY_LEAVE.get()():
            raise SendDeadlinePassed
        path = self._paths.get((bot.id, name))
        if path is None:
            path = self._paths[bot.id, name] = urlsplit(self.api.api_url(token=bot.token, method=name)).path
        if self._wire is None:
            self._wire = HttpClient(self.api.api_url(token=bot.token, method=name))
        try:
            status, content = await self._wire.post(path, orjson.dumps(payload), seconds or self.timeout, left)
        except TimeoutError:
            API_ERRORS.labels("TelegramNetworkError").inc()
            raise TelegramNetworkError(_PlainMethod(), "Request timeout error") from None
        except OSError as error:
            API_ERRORS.labels("TelegramNetworkError").inc()
            raise TelegramNetworkError(_PlainMethod(), redact(f"{type(error).__name__}: {error}")) from None
        if name in _UNREAD and content.startswith(_YES):
            return None
        with contextlib.suppress(orjson.JSONDecodeError, KeyError, TypeError):
            answer = orjson.loads(content)
            if answer["ok"] is True:
                return answer["result"]
        try:
            self.check_response(bot, _PlainMethod(), status, content.decode(errors="replace"))
        except (TelegramAPIError, ClientDecodeError) as error:
            failure = _showable(_PlainMethod(), error)
        else:
            failure = TelegramServerError(_PlainMethod(), "neither a result nor an error")
        raise failure

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of a file. Raises ConnectionError, which does not know the file's address."""
        failure: str
        try:
            async for chunk in super().stream_content(url, headers, timeout, chunk_size, raise_for_status):
                yield chunk
            return
        except aiohttp.ClientResponseError as error:
            failure = f"{error.status} {error.message}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = type(error).__name__
        raise ConnectionError(f"the file could not be fetched: {redact(failure)}")


def _showable(method: TelegramMethod[Any], error: TelegramAPIError | ClientDecodeError) -> TelegramAPIError:
    """The error without a token in it. A page in place of an answer is the server's failure: nobody knows what
    became of the call."""
    API_ERRORS.labels(type(error).__name__).inc()
    if isinstance(error, ClientDecodeError):
        return TelegramServerError(method, f"not an answer of the Bot API: {redact(str(error.data))[:200]}")
    error.message = redact(str(error.message))
    error.__cause__ = error.__context__ = None
    return error


def make_bot(token: str, api_url: str) -> Bot:
    """A bot that talks to the given Bot API server."""
    session = BotSession(api=TelegramAPIServer.from_base(api_url), limit=200)
    return Bot(token, session=session)


def error_of(error: BaseException) -> str:
    """An error in one line for a log or a stored reason, without tokens."""
    return redact(f"{type(error).__name__}: {error}")[:500]
