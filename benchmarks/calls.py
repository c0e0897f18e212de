"""One call of the Bot API by itself: `python -m benchmarks.calls [--calls N] [--at-once N]`.

Two clients post the same edit of a card to the same server, alternately: aiohttp's session, which everything with files
goes through, and `bot.telegram.http_client`, which carries what people wait for. The server is a process of its own
that answers each post with the same line. Prints the microseconds of a call, by the clock and of CPU time.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import statistics
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from typing import cast

import aiohttp
import orjson
import uvloop
from yarl import URL

from bot.telegram.http_client import HttpClient

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 25\r\n\r\n{"ok":true,"result":true}'
PATH = "/bot1:x/editMessageCaption"
BUTTON = {"text": "🙋 I want it · 12", "callback_data": "v:23:32:0:28:l"}
EDIT = {
    "chat_id": 1001,
    "message_id": 4,
    "caption": "What a card says of its item, its shop and its prices. " * 5,
    "reply_markup": {"inline_keyboard": [[BUTTON, BUTTON]] * 4},
}
ROUNDS = 5


class _Server(asyncio.Protocol):
    """Answers whatever comes; a post of this size comes in one piece."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(ANSWER)


def serve(told: Connection) -> None:
    """Listen on a free port and tell it, until ended."""

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(main())


async def measure(call: Callable[[], Awaitable[object]], calls: int, at_once: int) -> tuple[float, float]:
    """Microseconds of a call: by the clock, and of the processor."""

    async def some() -> None:
        for _ in range(calls // at_once):
            await call()

    began, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(some() for _ in range(at_once)))
    return (time.perf_counter() - began) / calls * 1e6, (time.process_time() - used) / calls * 1e6


async def main(port: int, calls: int, at_once: int) -> None:
    """Measure both alternately."""
    server, body = f"http://127.0.0.1:{port}", orjson.dumps(EDIT)
    wire, address = HttpClient(server), URL(server + PATH)
    headers, timeout = {"Content-Type": "application/json"}, aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200)) as session:

        async def by_session() -> object:
            async with session.post(address, data=body, headers=headers, timeout=timeout) as response:
                return await response.read()

        async def by_wire() -> object:
            return await wire.post(PATH, body, 60)

        ways = {"aiohttp's session": by_session, "bot.telegram.http_client": by_wire}
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for number in range(ROUNDS + 1):
            for name, call in ways.items():
                result = await measure(call, calls, at_once)
                if number:  # the first one opens the connections
                    found[name].append(result)
    wire.close()
    print(f"{at_once} calls at once, medians of {ROUNDS} turns of {calls:,}; microseconds of a call")
    print(f"{'':20}{'clock':>9}{'processor':>12}")
    for name, results in found.items():
        clock, processor = (statistics.median(part) for part in zip(*results, strict=True))
        print(f"{name:20}{clock:9.1f}{processor:12.1f}")


if __name__ == "__main__":
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--calls", type=int, default=6_000)
    ask.add_argument("--at-once", type=int, default=40)
    asked = ask.parse_args()
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        uvloop.run(main(ours.recv(), asked.calls, asked.at_once))
    finally:
        process.terminate()
