"""What those who watch over the bot can ask."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path

import aiohttp
import pytest

from bot.ops.scheduler import Scheduler
from bot.services import Services
from bot.web import server as bot_web
from bot.web.server import WebServer
from storage import key_values
from storage.db import Database
from tests.conftest import settings_for
from tests.waiting import until


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


HAS_IPV6 = _has_ipv6()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def ask(port: int, what: str = "healthz") -> tuple[int, dict[str, object]]:
    """The status and the answer of /healthz or /readyz."""
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/{what}") as response:
        return response.status, await response.json()


@pytest.fixture
def schedule(services: Services) -> Scheduler:
    return Scheduler(services.context.clock, services.rounds, services.groups, services.campaigns, every=60)


async def test_healthy_while_the_database_answers_and_the_clock_is_followed(
    services: Services, schedule: Scheduler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    async with WebServer(settings_for(tmp_path, web_port=port), services, schedule):
        await schedule.tick()
        status, answer = await ask(port)
        assert (status, answer["ok"], answer["letters"]) == (200, True, {})
        monkeypatch.setattr(bot_web, "_MAX_TICK_AGE", 0.0)
        status, answer = await ask(port)
        assert (status, answer["ok"]) == (503, False)
    with pytest.raises(aiohttp.ClientConnectionError):
        await ask(port)


async def test_unwell_while_the_database_does_not_answer(
    services: Services, schedule: Scheduler, db: Database, tmp_path: Path
) -> None:
    port = free_port()
    async with db.write() as connection:
        await connection.exec_driver_sql("DROP TABLE notifications")
    async with WebServer(settings_for(tmp_path, web_port=port), services, schedule):
        assert await ask(port) == (503, {"ok": False, "why": "database"})


@pytest.mark.parametrize("path", ["healthz", "metrics"])
async def test_however_many_ask_for_counts_they_are_counted_once(
    services: Services, schedule: Scheduler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    port, counted, go = free_port(), 0, asyncio.Event()
    states = services.outbox.states

    async def count() -> dict[str, int]:
        nonlocal counted
        counted += 1
        await go.wait()
        return await states()

    async def visit(http: aiohttp.ClientSession) -> int:
        async with http.get(f"http://127.0.0.1:{port}/{path}") as response:
            return response.status

    monkeypatch.setattr(services.outbox, "states", count)
    monkeypatch.setattr(services.context.clock, "monotonic", lambda: 0.0)
    async with (
        WebServer(settings_for(tmp_path, web_port=port, metrics="on"), services, schedule),
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
    ):
        asking = [asyncio.create_task(visit(http)) for _ in range(40)]
        await until(lambda: counted > 0)
        go.set()
        assert await asyncio.gather(*asking) == [200] * 40 and counted == 1
        assert await visit(http) == 200 and counted == 1, "and a moment later no more"


async def test_ready_while_the_database_takes_what_people_do(
    services: Services, schedule: Scheduler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setattr(bot_web, "_CHECK_INTERVAL", 0.0)
    async with WebServer(settings_for(tmp_path, web_port=port), services, schedule):
        assert await ask(port, "readyz") == (200, {"ok": True})
        with monkeypatch.context() as away:
            away.setattr(key_values, "set", _refuse)
            assert await ask(port, "readyz") == (503, {"ok": False, "why": "database"})
        assert await ask(port, "readyz") == (200, {"ok": True})


async def _refuse(*_: object) -> None:
    raise ConnectionRefusedError("nobody there")


async def test_a_database_that_does_not_answer_in_time_is_none_to_be_ready_with_and_is_asked_once(
    services: Services, schedule: Scheduler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, asked, go = free_port(), 0, asyncio.Event()

    async def hang(*_: object) -> None:
        nonlocal asked
        asked += 1
        await go.wait()

    monkeypatch.setattr(bot_web, "check_writable", hang)
    monkeypatch.setattr(bot_web, "_CHECK_TIMEOUT", 0.01)
    async with WebServer(settings_for(tmp_path, web_port=port), services, schedule):
        answers = await asyncio.gather(*(ask(port, "readyz") for _ in range(5)))
        assert answers == [(503, {"ok": False, "why": "database"})] * 5 and asked == 1
        go.set()
        monkeypatch.setattr(bot_web, "_CHECK_TIMEOUT", 2.0)
        assert (await ask(port, "readyz"))[0] == 200


async def test_who_stops_is_not_ready_and_still_serves(services: Services, schedule: Scheduler, tmp_path: Path) -> None:
    port = free_port()
    async with WebServer(settings_for(tmp_path, web_port=port), services, schedule) as web:
        web.stop()
        assert await ask(port, "readyz") == (503, {"ok": False, "why": "stopping"})
        assert (await ask(port))[0] == 200


async def test_a_taken_port_is_no_reason_not_to_run(
    services: Services, schedule: Scheduler, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as other, caplog.at_level(logging.WARNING):
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        async with WebServer(settings_for(tmp_path, web_port=port), services, schedule):
            assert f"WEB_PORT {port} cannot be served" in caplog.text


async def test_processes_share_a_port_where_they_are_told_to(
    services: Services, schedule: Scheduler, tmp_path: Path
) -> None:
    port = free_port()
    shared = settings_for(tmp_path, web_port=port, web_port_shared=True)
    async with WebServer(shared, services, schedule) as first:
        async with WebServer(shared, services, schedule) as second:
            assert first.listen() and second.listen()
        assert (await ask(port))[0] == 200, "and the one that stays serves it alone"


async def test_port_0_serves_nothing(services: Services, schedule: Scheduler, tmp_path: Path) -> None:
    async with WebServer(settings_for(tmp_path, web_port=0), services, schedule) as served:
        assert not served.listen()


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("::", ("127.0.0.1", "[::1]")),
        ("[::]", ("127.0.0.1", "[::1]")),
        ("::1", ("[::1]",)),
        ("localhost", ("127.0.0.1",)),
        ("0.0.0.0", ("127.0.0.1",)),
    ],
)
async def test_every_address_that_the_host_means_is_served(
    host: str, reached: tuple[str, ...], services: Services, schedule: Scheduler, tmp_path: Path
) -> None:
    port, statuses = free_port(), {}
    here = [address for address in reached if HAS_IPV6 or ":" not in address]
    web_server = WebServer(settings_for(tmp_path, web_host=host, web_port=port, metrics="on"), services, schedule)
    async with web_server, aiohttp.ClientSession() as http:
        for address in here:
            async with http.get(f"http://{address}:{port}/metrics") as response:
                statuses[address] = response.status
    assert statuses == dict.fromkeys(here, 200), "by whichever address it is asked"


async def test_a_machine_without_ipv6_serves_every_address_of_ipv4(
    services: Services,
    schedule: Scheduler,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    port = free_port()
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
    async with WebServer(settings_for(tmp_path, web_host="::", web_port=port), services, schedule):
        await schedule.tick()
        assert (await ask(port))[0] == 200
    assert "WEB_HOST=:: is 0.0.0.0 here" in caplog.text
