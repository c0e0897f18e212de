"""The connection to the Bot API. Its errors hold no token."""

from __future__ import annotations

import contextlib
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
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.ops.metrics import API_ERRORS
from bot.telegram.http_client import MOST, CallWithheld, HttpClient
from bot.telegram.identity import KnownBot
from bot.telegram.needed import needed_sent
from bot.telegram.redaction import redact
from services.clock import Clock, SystemClock
from services.network.connections import DIRECT, Network

_UNREAD = frozenset(("answerCallbackQuery", "editMessageCaption", "editMessageText", "editMessageMedia"))
"""Methods whose results are not used and therefore not parsed."""
_OK = b'{"ok":true,'


class _PlainMethod(TelegramMethod[Any]):
    """The method that aiogram's errors name for a call with plain values."""

    __returning__ = Any
    __api_method__ = "call"


MAY_LEAVE: ContextVar[Callable[[], bool]] = ContextVar("may_leave", default=lambda: True)
"""Whether the calls of this task may still be sent. Asked when there is a connection (for an upload: before): a paused
process may resume at any line, and Telegram may ask for a pause while a picture is read."""


class BotSession(AiohttpSession):
    """aiogram's session with redacted errors: aiohttp's contain the request's URL, which contains the token."""

    def __init__(self, network: Network = DIRECT, **rest: Any) -> None:
        super().__init__(**rest)
        self._network = network
        self._paths: dict[tuple[int, str], str] = {}
        self._client: HttpClient | None = None
        self._session: aiohttp.ClientSession | None = None

    async def create_session(self) -> aiohttp.ClientSession:
        """The aiohttp session in use, or a new one: aiogram's own would know neither proxies nor certificates."""
        if self._session is None or self._session.closed:
            self._session = self._network.session(self.api.base, limit=MOST)
        return self._session

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            self._client.close()
        await super().close()

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """One call. Raises TelegramAPIError, also for a gateway's error page, and CallWithheld."""
        if not MAY_LEAVE.get()():
            raise CallWithheld
        try:
            return await super().make_request(bot, method, timeout)
        except (TelegramAPIError, ClientDecodeError) as error:
            failure = _showable(method, error)
        raise failure

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        """Read an answer; of a sent message only what is needed, because a new form of the rest must not make a message
        count as lost, to be sent again. Raises TelegramAPIError and ClientDecodeError."""
        return super().check_response(bot, method, status_code, _without_the_unread(content))

    async def call(self, bot: Bot, name: str, payload: dict[str, Any], seconds: float | None = None) -> Any:
        """One call with plain JSON values in and out, without files and without aiogram's objects.

        Raises what `make_request` raises. The caller leaves out None values. Methods in `_UNREAD` return None.
        """
        path = self._paths.get((bot.id, name))
        if path is None:
            path = self._paths[bot.id, name] = urlsplit(self.api.api_url(token=bot.token, method=name)).path
        if self._client is None:
            self._client = HttpClient(self.api.api_url(token=bot.token, method=name), self._network)
        try:
            status, content = await self._client.post(
                path, orjson.dumps(payload), seconds or self.timeout, MAY_LEAVE.get()
            )
        except TimeoutError:
            API_ERRORS.labels("TelegramNetworkError").inc()
            raise TelegramNetworkError(_PlainMethod(), "Request timeout error") from None
        except OSError as error:
            API_ERRORS.labels("TelegramNetworkError").inc()
            raise TelegramNetworkError(_PlainMethod(), redact(f"{type(error).__name__}: {error}")) from None
        if name in _UNREAD and content.startswith(_OK):
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
        """The bytes of a file. Raises ConnectionError without the file's URL."""
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


def _without_the_unread(content: str) -> str:
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return content
    result = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(result, dict) or not result.keys() >= {"message_id", "chat"}:
        return content
    return orjson.dumps({**answer, "result": needed_sent(result)}).decode()


def _showable(method: TelegramMethod[Any], error: TelegramAPIError | ClientDecodeError) -> TelegramAPIError:
    """The error, redacted. A page instead of an answer is a server error: the call may have been executed."""
    API_ERRORS.labels(type(error).__name__).inc()
    if isinstance(error, ClientDecodeError):
        return TelegramServerError(method, f"not an answer of the Bot API: {redact(str(error.data))[:200]}")
    error.message = redact(str(error.message))
    error.__cause__ = error.__context__ = None
    return error


def make_bot(token: str, api_url: str, network: Network = DIRECT, clock: Clock | None = None) -> KnownBot:
    """A bot that talks to the given Bot API server."""
    session = BotSession(network, api=TelegramAPIServer.from_base(api_url))
    return KnownBot(token, session, clock or SystemClock())
