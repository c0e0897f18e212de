"""No log line and no error message contains the bot's token, whatever fails between the bot and the Bot API."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import cast

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Update
from aiohttp import web
from pydantic import ValidationError
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from bot import app as program
from bot.jobs.handlers import JobHandlers
from bot.jobs.worker import JobWorker
from bot.ops.observability import log_to_terminal
from bot.services import Services
from bot.settings import SettingsError, read_settings
from bot.telegram.redaction import HIDDEN, RedactingFormatter, error_of, redact
from bot.telegram.session import BotSession, make_bot
from services.jobs import Job, JobKind
from storage.db import Database
from storage.models import MemberRow
from tests.bot.conftest import Terminal
from tests.bot.jobs.worker_kit import RecordingHandlers
from tests.brokers import BROKERS, free_port, nats, redis
from tests.conftest import meet
from tests.waiting import GUARD, until

SECRET = "AAE-canary_canary-canary_canary_cana"
TOKEN = f"7123456789:{SECRET}"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The output of `log_to_terminal`."""
    root, before = logging.getLogger(), (logging.getLogger().handlers[:], logging.getLogger().level)
    log_to_terminal(level=logging.DEBUG)
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    handler.setStream(written)
    yield written
    root.handlers[:], root.level = before


@contextlib.asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[str]:
    """An HTTP server with one answer to every request."""
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def raw(answer: bytes | None) -> AsyncIterator[str]:
    """A socket that is no web server: it answers these bytes, or closes the connection."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readline()
        if answer is None:
            writer.transport.abort()
        else:
            writer.write(answer + asked)
            writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@contextlib.asynccontextmanager
async def no_server() -> AsyncIterator[str]:
    yield "http://127.0.0.1:1"


@contextlib.asynccontextmanager
async def no_such_host() -> AsyncIterator[str]:
    yield "http://no-such-host.invalid"


def refusing(status: int, **more: object) -> contextlib.AbstractAsyncContextManager[str]:
    async def answer(request: web.Request) -> web.Response:
        said = {"ok": False, "error_code": status, "description": f"no: {request.path}", **more}
        return web.json_response({key: value for key, value in said.items() if value is not None}, status=status)

    return served(answer)


def page(status: int) -> contextlib.AbstractAsyncContextManager[str]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=f"<html>{status}: {request.url}</html>", status=status, content_type="text/html")

    return served(answer)


def strange() -> contextlib.AbstractAsyncContextManager[str]:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": {"echo": str(request.url)}, "parameters": str(request.url)})

    return served(answer)


def in_circles() -> contextlib.AbstractAsyncContextManager[str]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": str(request.url)})

    return served(answer)


def silent() -> contextlib.AbstractAsyncContextManager[str]:
    async def answer(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError("never")

    return served(answer)


FAILURES: dict[str, Callable[[], contextlib.AbstractAsyncContextManager[str]]] = {
    "connection refused": no_server,
    "no such host": no_such_host,
    "connection reset": lambda: raw(None),
    "not HTTP": lambda: raw(b"\x16\x03\x01 what? "),
    "half an answer": lambda: raw(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"),
    "silence": silent,
    "redirects in circles": in_circles,
    "something else": strange,
    "no description": lambda: refusing(400, description=None),
    "too many requests": lambda: refusing(429, parameters={"retry_after": 3}),
    **{f"{status}": lambda status=status: refusing(status) for status in (400, 401, 403, 404, 409, 413, 500, 502)},
    **{f"a page, {status}": lambda status=status: page(status) for status in (200, 403, 404, 500, 502)},
}


def said_about(error: BaseException) -> str:
    """Every text form of an error."""
    words = [str(error), repr(error), *map(str, error.args), str(getattr(error, "message", "")), error_of(error)]
    return "\n".join([*words, *traceback.format_exception(error)])


def safe(log: io.StringIO) -> str:
    """The log, checked to contain no token."""
    assert SECRET not in log.getvalue()
    return log.getvalue()


@contextlib.asynccontextmanager
async def a_bot(address: str) -> AsyncIterator[tuple[Bot, BotSession]]:
    """A bot and its session, which is closed without aiogram's courtesy of waiting a quarter of a second."""
    bot = make_bot(TOKEN, address)
    session = bot.session
    assert isinstance(session, BotSession)
    yield bot, session
    await (await session.create_session()).close()


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_call_that_fails(failure: str, log: io.StringIO) -> None:
    async with FAILURES[failure]() as address, a_bot(address) as (bot, _):
        with pytest.raises(TelegramAPIError) as caught:
            await bot.send_message(1, "Hello", request_timeout=1)
    assert SECRET not in said_about(caught.value)
    logging.getLogger("bot.test").error("it failed: %s", caught.value, exc_info=caught.value)
    assert "Traceback" in safe(log)


@pytest.mark.parametrize("failure", sorted(set(FAILURES) - {"something else"}))
async def test_a_plain_call_that_fails(failure: str, log: io.StringIO) -> None:
    async with FAILURES[failure]() as address, a_bot(address) as (bot, session):
        with pytest.raises(TelegramAPIError) as caught:
            await session.call(bot, "sendMessage", {"chat_id": 1, "text": "Hello"}, 0.5)
    assert SECRET not in said_about(caught.value)
    logging.getLogger("bot.test").error("it failed: %s", caught.value, exc_info=caught.value)
    assert "Traceback" in safe(log)


@pytest.mark.parametrize("failure", ["connection refused", "connection reset", "half an answer", "404", "a page, 502"])
async def test_a_file_that_cannot_be_fetched(failure: str, log: io.StringIO) -> None:
    async with FAILURES[failure]() as address, a_bot(address) as (bot, _):
        with pytest.raises(ConnectionError, match="the file could not be fetched") as caught:
            await bot.download_file("documents/file_1.csv", io.BytesIO())
    assert SECRET not in said_about(caught.value)
    logging.getLogger("bot.test").error("no file", exc_info=caught.value)
    safe(log)


async def test_errors_that_others_raise_and_log_with_the_address_in_them(log: io.StringIO) -> None:
    """Libraries log addresses with tokens; the formatter of the only handler hides them."""
    logger = logging.getLogger("somebody.else")
    async with page(500) as address, aiohttp.ClientSession() as http:
        url = f"{address}/bot{TOKEN}/getMe"
        with pytest.raises(aiohttp.ClientResponseError) as caught:
            await http.get(url, raise_for_status=True)
    assert SECRET in str(caught.value), "otherwise this tries nothing"
    try:
        raise RuntimeError(f"gave up on {url}") from caught.value
    except RuntimeError as error:
        logger.exception("failed: %s", error)
        logger.error("%r", error, exc_info=caught.value)
    logger.warning("GET %s", url)
    logger.info("GET %(url)s", {"url": url})
    logger.error("as bytes %s, escaped %s", url.encode(), url.replace(":", "%3A"))
    logger.critical(f"by hand {url}", stack_info=True)
    asyncio.get_running_loop().call_exception_handler({"message": "unhandled", "exception": caught.value, "url": url})
    assert safe(log).count(HIDDEN) >= 10


def test_a_log_call_whose_arguments_do_not_fit() -> None:
    """logging itself would print them as they are."""
    record = logging.LogRecord("bot", logging.ERROR, __file__, 1, "GET %s and %s", (f"/bot{TOKEN}/getMe",), None)
    assert RedactingFormatter().format(record) == f"ERROR bot: GET %s and %s ('/bot{HIDDEN}/getMe',)"


async def test_a_failed_task_whose_exception_is_never_retrieved(log: io.StringIO) -> None:
    async def fail() -> None:
        raise OSError(f"https://api.telegram.org/bot{TOKEN}/getUpdates")

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    await asyncio.sleep(0)
    assert "Task exception was never retrieved" in safe(log)


@pytest.mark.parametrize("kind", BROKERS)
async def test_failing_jobs_and_a_broker_that_refuses(kind: str, services: Services, log: io.StringIO) -> None:
    """A broker's address contains a password: without a server, with a wrong password, with a server that stops."""

    async def fail(_job: Job) -> None:
        raise OSError(f"https://api.telegram.org/bot{TOKEN}/getFile")

    port = free_port()
    for url in (f"{kind}://bot:{SECRET}@127.0.0.1:{port}", f"{kind}://:{SECRET}@127.0.0.1:{port}"):
        tasks = JobWorker(
            url, services.jobs, cast(JobHandlers, RecordingHandlers(fail)), services.context.clock, look_every=0.05
        )
        running = asyncio.create_task(tasks.run())
        await asyncio.sleep(0)
        with {"redis": redis, "nats": nats}[kind](port):
            await services.jobs.enqueue(f"{kind} {url[-30:]}", JobKind.POSTER, await meet(services), {"item": 7})
            await until(lambda: "failed (attempt 1)" in log.getvalue())
            await until(lambda: "TASKS_URL cannot be reached" in log.getvalue() or "Authorization" in log.getvalue())
        tasks.stop()
        await asyncio.wait_for(running, GUARD)
        logging.getLogger("bot.test").error("%r %s %r", tasks._broker, tasks._broker, vars(tasks._broker))
    assert "Traceback" in safe(log)


@pytest.mark.parametrize(
    "text",
    [
        f"https://api.telegram.org/bot{TOKEN}/getMe",
        f"https://api.telegram.org/file/bot{TOKEN}/documents/file_1.csv",
        f"BOT_TOKEN={TOKEN}",
        f"Bot('{TOKEN}')",
        f"/bot{TOKEN.replace(':', '%3A')}/x",
        f"/bot{TOKEN.replace(':', '%3a')}/x",
        f"x{TOKEN}y",
        "123:" + SECRET[:10],
        f"postgresql+asyncpg://bot:{SECRET}@127.0.0.1/bot",
        f"redis://:{SECRET}@127.0.0.1:6379/0",
        f"http://ann:{SECRET}@more-{SECRET}@proxy.corp:3128",
        f"nats://bot:{SECRET}@127.0.0.1:4222",
    ],
)
def test_every_form_of_a_token_is_hidden(text: str) -> None:
    assert HIDDEN in redact(text)
    assert SECRET[:10] not in redact(text)


@pytest.mark.parametrize(
    "text", ["2026-11-24T10:00:00+08:00", "127.0.0.1:8080", "12:34:56 INFO", "1001:1001:70000001", "¥1,299 · 28/28"]
)
def test_what_is_no_token_stays(text: str) -> None:
    assert redact(text) == text


async def test_a_refused_token_ends_the_start_without_being_shown(
    terminal: Terminal, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with refusing(401) as address:
        terminal.set(BOT_TOKEN=TOKEN, BOT_API_URL=address, WEB_PORT="0")
        with pytest.raises(SettingsError, match="BOT_TOKEN was refused") as caught:
            await program.run(read_settings())
    assert SECRET not in said_about(caught.value)
    safe(log)


def test_a_crash_is_logged_and_ends_with_1(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(*_: object) -> None:
        raise KeyError(f"http://127.0.0.1/bot{TOKEN}/getMe")

    monkeypatch.setattr(program, "run", crash)
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        said = terminal.fails()
    finally:
        logging.getLogger().handlers[:], logging.getLogger().level = before
    assert "the bot stopped" in said and "KeyError" in said and HIDDEN in said
    assert SECRET not in said


async def test_a_bot_says_nothing_of_its_token(log: io.StringIO) -> None:
    async with a_bot("http://127.0.0.1:1") as (bot, session):
        logging.getLogger("bot.test").info("%s %r %s %r", bot, bot, session, session)
    assert "BotSession" in safe(log)


async def test_database_errors_contain_no_personal_data(services: Services, db: Database, log: io.StringIO) -> None:
    """Errors of a driver, of pydantic and of PostgreSQL quote rows, which hold names, ids and messages."""
    now, name = datetime.now(UTC), "Ann Canary"
    row = {"chat_id": 5_120_007_001, "first_name": name, "joined_at": now, "seen_at": now}
    with pytest.raises(IntegrityError) as refused:
        async with db.write() as connection:
            await connection.execute(insert(MemberRow).values(row))
            await connection.execute(insert(MemberRow).values(row))
    with pytest.raises(ValidationError) as wrong:
        Update.model_validate({"update_id": 1, "message": name})
    reporter = logging.getLogger("x")
    reporter.error("it failed: %s", error_of(refused.value), exc_info=refused.value)
    reporter.error("no update: %s", error_of(wrong.value), exc_info=wrong.value)
    reporter.error("duplicate key\nDETAIL:  Key (first_name)=(%s) already exists.\nmore", name)
    written = log.getvalue()
    assert "UNIQUE constraint" in written and "model_type" in written and "more" in written
    assert name not in written and "5120007001" not in written
