"""Visitors who are slow, many or malformed: everyone else is answered, and the log stays short."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import random
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import uvloop
from aiohttp import web

from bot.ops.log_limits import OncePerMinute
from bot.ops.scheduler import Scheduler
from bot.services import Services
from bot.web import connections
from bot.web import server as bot_web
from bot.web.connections import most_connections, serving
from bot.web.server import WebServer
from tests.bot.web.test_landing import Site, site
from tests.bot.web.test_server import ask, free_port
from tests.conftest import settings_for
from tests.waiting import GUARD

__all__ = ["site"]

MOST = 20


@pytest.fixture
async def port(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """Of a web server that has `MOST` connections."""
    monkeypatch.setattr(connections, "most_connections", lambda: MOST)
    port = free_port()
    schedule = Scheduler(services.context.clock, services.rounds, services.groups, services.campaigns, every=60)
    await schedule.tick()
    async with WebServer(settings_for(tmp_path, web_port=port), services, schedule):
        yield port


Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def half_open(port: int, number: int, said: bytes = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ") -> list[Pair]:
    """Connections whose requests never end."""
    pairs = [await asyncio.open_connection("127.0.0.1", port) for _ in range(number)]
    for _, writer in pairs:
        writer.write(said)
    return pairs


async def is_closed(reader: asyncio.StreamReader) -> bool:
    """Waits until the server has closed the connection."""
    async with asyncio.timeout(GUARD):
        try:
            return await reader.read() is not None
        except ConnectionResetError:
            return True


async def test_half_open_requests_keep_no_visitor_out(port: int) -> None:
    slow = await half_open(port, 3 * MOST)
    assert (await ask(port))[0] == 200
    assert all([await is_closed(reader) for reader, _ in slow[:MOST]]), "the first ones made room"


async def test_a_request_that_is_worked_on_is_not_closed_to_make_room(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def hang(*_: object) -> None:
        begun.set()
        await go.wait()

    monkeypatch.setattr(bot_web, "check_writable", hang)
    monkeypatch.setattr(bot_web, "_CHECK_TIMEOUT", GUARD)
    asked = asyncio.create_task(ask(port, "readyz"))
    await begun.wait()
    flood = await half_open(port, 3 * MOST)
    assert (await ask(port))[0] == 200 and flood
    go.set()
    assert (await asked)[0] == 200


async def test_idle_connections_make_room_too(port: int) -> None:
    kept = await half_open(port, MOST, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    for reader, _ in kept:
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    for _ in range(MOST):
        assert (await ask(port))[0] == 200


@pytest.mark.parametrize("said", [b"", b"GET ", b"GET / HTTP/1.1\r\nHost: x\r\n", b"\r\n", b"\x16\x03\x01"])
async def test_who_sends_no_whole_header_in_time_is_closed(
    said: bytes, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    assert await is_closed(reader)


async def test_who_does_not_read_the_answer_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "READ_SECONDS", 0.0)
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 100_000)
        except (ConnectionError, asyncio.CancelledError) as error:
            ended.set_result(type(error).__name__)
            raise

    app = web.Application()
    app.router.add_get("/", endless)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with serving(app, listening):
            with socket.create_connection(listening.getsockname()) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                async with asyncio.timeout(GUARD):
                    assert await ended


def test_connections_of_uvloop_on_which_the_bot_runs_are_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "most_connections", lambda: MOST)

    async def hello(_request: web.Request) -> web.Response:
        return web.json_response({})

    async def visit() -> None:
        app = web.Application()
        app.router.add_get("/healthz", hello)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            async with serving(app, listening):
                kept = await half_open(port, MOST, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                for reader, _ in kept:
                    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
                slow = await half_open(port, MOST)
                assert await ask(port) == (200, {})
                assert all([await is_closed(reader) for reader, _ in kept]) and slow

    uvloop.run(visit())


@pytest.mark.parametrize(("limit", "most"), [(1024, 512), (256, 128), (65_536, 1000), (resource.RLIM_INFINITY, 1000)])
def test_half_of_the_descriptors_are_kept_for_telegram_and_the_database(
    limit: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (limit, resource.RLIM_INFINITY))
    assert most_connections() == most


# -- malformed requests ------------------------------------------------------------------------------------------------

NAMES = (
    *(b"Host", b"Accept-Language", b"If-None-Match", b"If-Modified-Since", b"Range", b"Content-Length", b"Cookie"),
    *(b"Transfer-Encoding", b"Connection", b"Expect", b"Upgrade", b"Content-Type", b"Content-Encoding", b"Origin"),
    *(
        b"X-Telegram-Bot-Api-Secret-Token",
        b"Authorization",
        b"Accept-Encoding",
        b"Sec-WebSocket-Key",
        b"X-\xff",
        b"",
        b" ",
    ),
)
VALUES = (
    *(b"", b"x", b"*", b'"', b'W/"a", "b', b"zh;q=nan", b"en;q=1e999, zh;q=-1", b"\xff\xfe", b"\xed\xa0\x80", b"\x00"),
    *(
        b"-1",
        b"99999999999999999999",
        b"chunked",
        b"chunked, chunked",
        b"gzip",
        b"100-continue",
        b"websocket",
        b"close",
    ),
    *(b"bytes=0-", b"bytes=9-1", b"a=b; c", b"[::1", b"x:99999", b"\t\t", b"x\r\n y", b"x\ry", b"y" * 9000, b"," * 500),
    *("١".encode(), b"Thu, 01 Jan 1970 00:00:00 GMT", b"Thu, 99 Foo 99999", b"application/json", b"%00", b"../.."),
)
METHODS = (b"GET", b"GET", b"GET", b"HEAD", b"POST", b"OPTIONS", b"G\xffT", b"", b"PRI", b"CONNECT", b"get")
VERSIONS = (b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b"http/1.1", b"", b"HTTP/1.1 x")
PATHS = (
    *(b"/", b"/healthz", b"/readyz", b"/metrics", b"/telegram", b"/i/", b"/i/TOKEN", b"/i/TOKEN/poster.jpg", b"*", b""),
    *(b"/i/TOKEN/picture.jpg", b"/i/%00/poster.jpg", b"/i/%ff/picture.jpg", b"/i/\xff", b"/i/%ed%a0%80/poster.jpg"),
    *(
        b"/i/TOKEN?l=%00",
        b"/i/TOKEN?l",
        b"/i/..",
        b"//x",
        b"http://[/",
        b"http://x:y/",
        b"/%",
        b"/i/TOKEN?" + b"a&" * 2000,
    ),
)


def request(chance: random.Random, token: bytes) -> bytes:
    """A request in which anything may be wrong."""
    line = b" ".join((chance.choice(METHODS), chance.choice(PATHS).replace(b"TOKEN", token), chance.choice(VERSIONS)))
    headers = [chance.choice(NAMES) + b": " + chance.choice(VALUES) for _ in range(chance.randrange(5))]
    end = chance.choice((b"\r\n\r\n", b"\r\n\r\n", b"\r\n\r\n", b"\n\n", b"\r\n\r\n{}", b"\r\n\r\n5\r\nab"))
    return b"\r\n".join([line, b"Host: x", *headers]) + end


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"GET /i/ HTTP/1.1 x\r\nHost: x\r\n\r\n5\r\nab", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nExpect: \xed\xa0\x80\r\n\r\n", b"417"),
        (b"POST /telegram HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 0\r\n\r\n", b"100"),
    ],
)
async def test_what_aiohttp_fails_on_is_answered(said: bytes, status: bytes, port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    assert (await reader.readline())[9:12] == status
    writer.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that never end are given up soon."""
    monkeypatch.setattr(connections, "HEADER_SECONDS", 1.0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("number", [400, pytest.param(20_000, marks=pytest.mark.long)])
async def test_malformed_requests_leave_the_server_well_and_no_trace_in_the_log(
    number: int, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    token = (await site.link()).token.encode()
    host, port = site.url.removeprefix("http://").split(":")
    seed = 17 if number < 1000 else int.from_bytes(os.urandom(4), "big")
    answers: set[bytes] = set()

    async def attack(some: range) -> None:
        for one in some:
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(request(random.Random(f"{seed} {one}"), token))
            with suppress(ConnectionResetError):
                answers.add((await reader.readline())[9:12])
            writer.close()

    with caplog.at_level(logging.WARNING):
        await asyncio.gather(*(attack(range(start, number, 16)) for start in range(16)))
        gc.collect()  # a task that failed unnoticed is reported when it is collected
        await asyncio.sleep(0)
    traces = [f"{record.getMessage()} {record.exc_info}" for record in caplog.records if record.exc_info]
    assert not traces, f"seed {seed}"
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR], f"seed {seed}"
    malformed = [record.getMessage() for record in caplog.records if "malformed request" in record.getMessage()]
    assert malformed and len(malformed) < 20
    assert {b"200", b"400", b"404"} <= answers and not answers & {b"500", b"503"}, f"seed {seed}: {answers}"
    assert (await site.get("/")).status == 200


def test_what_strangers_cause_is_logged_once_per_kind_and_minute(caplog: pytest.LogCaptureFixture) -> None:
    now, log = [1000.0], logging.getLogger("tests.of.limits")
    with OncePerMinute(lambda: now[0]).on(log.name):
        for number in range(500):
            log.warning("no socket for %s", number)
            log.error("failed", exc_info=OSError("no"))
            log.error("failed", exc_info=ValueError("no"))
        assert [record.getMessage() for record in caplog.records] == ["no socket for 0", "failed", "failed"]
        now[0] += 60
        log.warning("no socket for %s", 7)
        assert caplog.records[-1].getMessage() == "no socket for 7 (499 more like this were not logged)"
        now[0] += 60
        log.warning("no socket for %s", 8)
        assert caplog.records[-1].getMessage() == "no socket for 8"
    log.warning("no socket for %s", 9)
    assert caplog.records[-1].getMessage() == "no socket for 9", "outside of the block everything is logged"
