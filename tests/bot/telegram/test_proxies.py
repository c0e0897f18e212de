"""Every HTTP client reaches its server through a real proxy, and trusts a private authority where it is named."""

from __future__ import annotations

import asyncio
import io
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme
from aiogram.exceptions import TelegramNetworkError
from aiogram.types import BufferedInputFile
from aiohttp import web
from aiohttp.abc import ResolveResult
from PIL import Image

from bot.settings import read_settings
from bot.telegram.errors import classify
from bot.telegram.http_client import HttpClient, NotConnected
from bot.telegram.session import BotSession, make_bot
from domain.call_outcomes import CallOutcome
from services.network.connections import Network
from services.network.proxies import Proxy, ProxyRules
from services.pictures.preparation import PictureError, load
from tests.bot.conftest import Terminal
from tests.brokers import free_port
from tests.proxies import RunningProxy, proxy
from tests.waiting import GUARD

TOKEN = "123456789:AAE-canary_canary_canary_canary_canary"
USER = "ann:canary-word"
KINDS = pytest.mark.parametrize("kind", ["http", "socks5"])


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "teal").save(out, "JPEG")
    return out.getvalue()


class BotApi:
    """A Bot API, and a shop's pictures, at a name that only the proxy knows."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"https://bot-api.test:{self.port}"

    async def answer(self, request: web.Request) -> web.Response:
        self.called.append(request.path.rstrip("/").rpartition("/")[2])
        if request.path.endswith(".jpg"):
            return web.Response(body=_jpeg())
        await request.read()
        me = {"id": 1, "is_bot": True, "first_name": "x", "username": "a_bot"}
        return web.json_response({"ok": True, "result": me if self.called[-1] == "getMe" else True})


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, Path]:
    """An authority that no system knows, and the file of its certificate."""
    made, file = trustme.CA(), tmp_path / "authority.pem"
    made.cert_pem.write_to_path(str(file))
    return made, file


@pytest.fixture
async def api(authority: tuple[trustme.CA, Path]) -> AsyncIterator[BotApi]:
    api, app = BotApi(), web.Application()
    app.router.add_route("*", "/{anything:.*}", api.answer)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority[0].issue_cert("bot-api.test", "shop.test").configure_cert(tls)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    api.port = runner.addresses[0][1]
    yield api
    await runner.cleanup()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The names that this machine can resolve, with their addresses."""
    known: dict[str, str] = {}

    async def resolve(_: object, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        if host not in known:
            raise socket.gaierror("unknown name")
        return [ResolveResult(hostname=host, host=known[host], port=port, family=socket.AF_INET, proto=0, flags=0)]

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", resolve)
    return known


@asynccontextmanager
async def bot_through(api: BotApi, network: Network) -> AsyncIterator[Any]:
    bot = make_bot(TOKEN, api.url, network)
    assert isinstance(bot.session, BotSession)
    yield bot
    await bot.session.close()


def by(running: RunningProxy, certificates: Path | None, user: str = USER) -> Network:
    one = Proxy.parse(running.address(user))
    return Network(ProxyRules(one, one), certificates)


@KINDS
async def test_calls_uploads_and_downloads_go_through_the_proxy(
    kind: str, api: BotApi, authority: tuple[trustme.CA, Path]
) -> None:
    with proxy(kind, USER) as running:
        async with bot_through(api, by(running, authority[1])) as bot:
            assert (await bot.session.call(bot, "getMe", {}))["username"] == "a_bot"
            assert (await bot.get_me()).username == "a_bot"
            assert await bot.set_chat_photo(1, BufferedInputFile(b"x" * 200_000, "x.jpg"))
            content = io.BytesIO()
            await bot.download_file("photos/a.jpg", content)
        assert content.getvalue() == _jpeg()
        assert api.called == ["getMe", "getMe", "setChatPhoto", "a.jpg"]
        assert set(running.asked()) == {f"bot-api.test:{api.port}"}


@KINDS
async def test_a_picture_is_fetched_through_the_proxy_also_where_its_name_is_unknown_here(
    kind: str, api: BotApi, authority: tuple[trustme.CA, Path], names: dict[str, str]
) -> None:
    with proxy(kind) as running:
        network = by(running, authority[1], "")
        assert await load(f"https://shop.test:{api.port}/a.jpg", None, network=network) == _jpeg()
        for inside in ("127.0.0.1", "localhost", "10.0.0.1"):
            with pytest.raises(PictureError, match="picture-unreachable"):
                await load(f"https://{inside}:{api.port}/a.jpg", None, network=network)
        assert running.asked() == [f"shop.test:{api.port}"], "the internal network is not asked of the proxy either"


@KINDS
async def test_a_name_that_is_known_here_is_checked_here_and_the_proxy_gets_the_address(
    kind: str, names: dict[str, str]
) -> None:
    names.update({"shop.example.com": "1.1.1.1", "inside.example.com": "10.1.2.3"})
    with proxy(kind) as running:
        network = by(running, None, "")
        for host in names:
            with pytest.raises(PictureError, match="picture-unreachable"):
                await load(f"https://{host}/a.jpg", None, network=network)
        assert running.asked() == ["1.1.1.1:443"]


@KINDS
@pytest.mark.parametrize("user", ["", "ann:wrong-canary"])
async def test_a_proxy_that_refuses_is_named_without_a_password_and_nothing_was_sent(
    kind: str, user: str, api: BotApi, authority: tuple[trustme.CA, Path]
) -> None:
    with proxy(kind, USER) as running:
        async with bot_through(api, by(running, authority[1], user)) as bot:
            for call in (bot.session.call(bot, "getMe", {}), bot.get_me()):
                with pytest.raises(TelegramNetworkError) as caught:
                    await call
                assert classify(caught.value) is CallOutcome.NOT_SENT
                assert f"127.0.0.1:{running.port}" in str(caught.value) and "canary" not in str(caught.value)
                assert "auth" in str(caught.value).casefold()
    assert not api.called


@KINDS
async def test_a_proxy_that_cannot_reach_the_server_or_is_not_there_means_that_nothing_was_sent(kind: str) -> None:
    with proxy(kind) as running:
        network = by(running, None, "")
        with pytest.raises(NotConnected, match="does not connect"):
            await HttpClient(f"https://bot-api.test:{free_port()}", network).post("/", b"{}", GUARD)
    with pytest.raises(NotConnected, match="cannot be reached"):
        await HttpClient("https://bot-api.test", network).post("/", b"{}", GUARD)


async def test_a_proxy_that_answers_something_else_is_refused() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        for kind in ("http", "socks5"):
            one = Proxy.parse(f"{kind}://127.0.0.1:{port}")
            with pytest.raises(NotConnected, match=r"its answer is|SOCKS version"):
                await HttpClient("https://bot-api.test", Network(ProxyRules(one))).post("/", b"{}", GUARD)


@KINDS
async def test_an_unknown_authority_is_not_trusted(kind: str, api: BotApi) -> None:
    with proxy(kind, USER) as running:
        async with bot_through(api, by(running, None)) as bot:
            for call in (bot.session.call(bot, "getMe", {}), bot.get_me()):
                with pytest.raises(TelegramNetworkError, match=r"CERTIFICATE_VERIFY_FAILED|certificate"):
                    await call
    assert not api.called


# -- as it is configured --


@KINDS
@pytest.mark.parametrize("name", ["PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"])
async def test_doctor_reaches_the_bot_api_as_it_is_configured_and_shows_no_password(
    kind: str, name: str, api: BotApi, authority: tuple[trustme.CA, Path], terminal: Terminal
) -> None:
    with proxy(kind, USER) as running:
        terminal.set(BOT_TOKEN=TOKEN, BOT_API_URL=api.url, SSL_CERT_FILE=str(authority[1]))
        terminal.set(**{name: running.address(USER)})
        output = await asyncio.to_thread(terminal.ok, "doctor")
        assert f"bot: @a_bot at {api.url}" in output
        shown = running.address("ann:***")
        assert f"network: the Bot API is reached through the proxy {shown}; only authorities in" in output
        assert "canary" not in output
        assert running.asked() == [f"bot-api.test:{api.port}"]


async def test_doctor_says_what_to_set_for_an_unknown_authority(api: BotApi, terminal: Terminal) -> None:
    with proxy("http") as running:
        terminal.set(BOT_TOKEN=TOKEN, BOT_API_URL=api.url, PROXY=running.address())
        result = await asyncio.to_thread(terminal.run, "doctor")
    assert result.exit_code == 1 and "unknown authority; SSL_CERT_FILE" in result.output


async def test_doctor_names_a_proxy_that_refuses(api: BotApi, terminal: Terminal) -> None:
    with proxy("socks5", USER) as running:
        terminal.set(BOT_TOKEN=TOKEN, BOT_API_URL=api.url, PROXY=running.address("ann:wrong-canary"))
        result = await asyncio.to_thread(terminal.run, "doctor")
    assert result.exit_code == 1 and "password authentication failure" in result.output
    assert "canary" not in result.output


def test_the_proxy_setting_goes_before_the_systems_variables_and_off_means_none(terminal: Terminal) -> None:
    def used(url: str) -> str | None:
        found = read_settings().network().proxy_for(url)
        return None if found is None else found.host

    https, http = "https://api.telegram.org", "http://bot-api:8081"
    terminal.set(ALL_PROXY="socks5://all:1", NO_PROXY="internal.example.com")
    assert (used(https), used(http), used("https://internal.example.com")) == ("all", "all", None)
    terminal.set(HTTPS_PROXY="http://secure:1", HTTP_PROXY="http://plain:1")
    assert (used(https), used(http)) == ("secure", "plain")
    terminal.set(PROXY="http://own:1")
    assert (used(https), used(http), used("https://internal.example.com")) == ("own", "own", None)
    terminal.set(PROXY="off", HTTPS_PROXY="https://not-supported:1")
    assert (used(https), used(http)) == (None, None)


@KINDS
@pytest.mark.long
async def test_errors_and_traces_are_reported_through_the_proxy(
    kind: str, api: BotApi, authority: tuple[trustme.CA, Path], terminal: Terminal
) -> None:
    reports = (
        "import sentry_sdk; from bot.ops.observability import Tracing, start_observability\n"
        "from bot.settings import read_settings\n"
        "start_observability(read_settings())\n"
        "sentry_sdk.capture_message('something'); sentry_sdk.flush()\n"
        "Tracing.tracer.start_span('an update').end()"
    )
    with proxy(kind, USER) as running:
        terminal.set(PROXY=running.address(USER), SSL_CERT_FILE=str(authority[1]))
        terminal.set(SENTRY_DSN=f"https://key@bot-api.test:{api.port}/1", OTEL_EXPORTER_OTLP_ENDPOINT=api.url)
        ended = await asyncio.to_thread(terminal.python, "-c", reports)
        assert ended.returncode == 0, ended.stderr
        assert {"envelope", "traces"} <= set(api.called), ended.stderr
        assert set(running.asked()) == {f"bot-api.test:{api.port}"}
