"""Requests per second of the web pages, of links and of what everybody may read, beside an empty aiohttp handler:
``python -m benchmarks.landing``.

Takes about half a minute. The server is one process with two ports, one for the bot's pages and one for a handler that
answers "ok"; this process requests both alternately over 32 kept connections, so that other load on the machine affects
both alike. The goal is half of the empty handler's rate.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from services.clock import SystemClock

CONNECTIONS = 32
SECONDS = 0.7
ROUNDS = 15
GOAL = 0.5


class Asker(asyncio.Protocol):
    """Repeats a request as soon as its response is complete. Raises nothing; responses other than 200 are counted."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.answers = 0
        self.bad = 0
        self._length = -1
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._length < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._buffer[:end].lower()
            self.bad += not head.startswith(b"http/1.1 200")
            at = head.index(b"content-length:") + 15
            self._length = end + 4 + int(head[at : head.find(b"\r\n", at) if b"\r\n" in head[at:] else end])
        if len(self._buffer) >= self._length:
            self._buffer, self._length = b"", -1
            self.answers += 1
            assert self._transport is not None
            self._transport.write(self.request)

    def stop(self) -> None:
        if self._transport is not None:
            self._transport.abort()


async def ask(port: int, paths: list[str]) -> tuple[float, int]:
    """(responses per second, responses other than 200) of a port over some seconds."""
    loop = asyncio.get_running_loop()
    askers = [
        Asker(f"GET {paths[n % len(paths)]} HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\n\r\n".encode())
        for n in range(CONNECTIONS)
    ]
    for asker in askers:
        await loop.create_connection(lambda asker=asker: asker, "127.0.0.1", port)  # type: ignore[misc]
    began = perf_counter()
    await asyncio.sleep(SECONDS)
    rate = sum(asker.answers for asker in askers) / (perf_counter() - began)
    for asker in askers:
        asker.stop()
    return rate, sum(asker.bad for asker in askers)


async def serve() -> None:
    """The server: print its two ports and the paths of the pages, and serve until it is stopped."""
    from aiohttp import web

    from bot.ops.scheduler import Scheduler
    from bot.services import make_services
    from bot.settings import Settings
    from bot.web.landing import LandingPages
    from bot.web.public import PublicPages
    from bot.web.server import WebServer
    from domain.csv_files import read_goods
    from domain.payloads import Links
    from services.pictures.uploads import Pictures
    from storage.db import Database
    from storage.migrate import migrate

    async def empty(_request: web.Request) -> web.Response:
        return web.Response(text="ok")

    demo = Path(__file__).parent.parent / "demo"
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        probe.close()
        settings = Settings(_env_file=None, database_url=f"sqlite+aiosqlite:///{folder}/bot.db", web_port=port)  # type: ignore[call-arg]
        db = Database(settings.database_url)
        await migrate(db)
        services = make_services(db, settings, SystemClock())
        lines = (demo / "goods.csv").read_bytes().split(b"\n")
        await services.goods.import_goods(read_goods(b"\n".join(lines[:9])), demo, "benchmark")
        await services.rounds.open_special()
        owner = await services.people.meet(1001, "Ann", "en")
        links = [await services.canvassing.link(owner, item.id) for item, _ in await services.goods.ranking()]
        context = services.context
        schedule = Scheduler(context.clock, services.rounds, services.groups, services.campaigns, every=60)
        served = WebServer(settings, services, schedule)
        served.landing = LandingPages(services, Pictures(context, 1), Links("http://127.0.0.1"), "a_bot")
        served.public = PublicPages(services)
        public = ["/rules", "/fairness", *[f"/rounds/{day}" for day in await services.public_rounds.days()]]
        plain = web.Application()
        plain.router.add_get("/", empty)
        runner = web.AppRunner(plain, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)  # as in the running bot
        async with served:
            print(runner.addresses[0][1], port, *[f"/i/{link.token}" for link in links if link], *public, flush=True)
            await asyncio.Event().wait()


async def main() -> None:
    """Measure both alternately and compare them."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.landing", "serve", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        empty_port, page_port, *paths = (await server.stdout.readline()).decode().split()
        ratios, empties, pages, bad = [], [], [], 0
        for _ in range(ROUNDS):
            empty, _ = await ask(int(empty_port), ["/"])
            page, wrong = await ask(int(page_port), paths)
            empties.append(empty)
            pages.append(page)
            ratios.append(page / empty)
            bad += wrong
        ratio = statistics.median(ratios)
        print(f"empty handler {statistics.median(empties):8,.0f} requests/s")
        print(f"page          {statistics.median(pages):8,.0f} requests/s over {len(paths)} pages, {bad} of them bad")
        print(f"page / empty  {ratio:8.2f} ({min(ratios):.2f} to {max(ratios):.2f} per round)")
        print("goal", GOAL, "met" if ratio >= GOAL and not bad else "NOT met")
    finally:
        server.terminate()
        await server.wait()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve() if sys.argv[1:] == ["serve"] else main())
