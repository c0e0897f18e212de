"""The cost of one Bot API call for the sandbox: `python -m benchmarks.sandbox_overhead [calls]`.

The server runs in a process of its own and reports its CPU time, so that the client's work is not counted. The target
is less than 1 ms of CPU per call. Exits with 1 if a call costs more.
"""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import sys
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from typing import Any

import aiohttp
from PIL import Image

from sandbox import Sandbox

TOKEN = "100001:benchmark"
TARGET = 1.0  # ms of CPU per call
PEOPLE = 200
LANES = 16
KEYBOARD = {
    "inline_keyboard": [[{"text": "🙋 want · 3", "callback_data": "vote:123", "style": "danger"}] for _ in range(4)]
}


def serve(pipe: Connection) -> None:
    """The server process: answers `cpu` with its CPU seconds, `taps` by letting every person tap, else stops."""

    async def run() -> None:
        async with Sandbox(limits=False) as box:
            bot = box.add_bot(TOKEN, "benchmark_bot", "Benchmark")
            for number in range(PEOPLE):
                box.backend.actions.start(box.add_person(f"Person {number}"), bot)
            bot.updates.clear()
            pipe.send(box.url)
            while (asked := await asyncio.to_thread(pipe.recv)) != "stop":
                if asked == "taps":
                    for person in box.world.state.people.values():
                        chat = box.world.private_chat(person.id, bot.id)
                        newest = next(reversed(box.world.state.messages[chat.key].values()))
                        box.backend.actions.tap(person, chat, newest.id, 0, 0)
                pipe.send(time.process_time())

    asyncio.run(run())


class Meter:
    """Run a kind of call many times and print its cost for the server."""

    def __init__(self, pipe: Connection, http: aiohttp.ClientSession, base: str, calls: int) -> None:
        self.pipe, self.http, self.base, self.calls = pipe, http, base, calls
        self.worst = 0.0

    def cpu(self) -> float:
        self.pipe.send("cpu")
        return float(self.pipe.recv())

    async def call(self, method: str, **params: Any) -> Any:
        async with self.http.post(f"{self.base}/{method}", json=params) as response:
            body = await response.json()
        assert body["ok"], body
        return body["result"]

    async def measure(self, name: str, one: Callable[[int], Awaitable[object]]) -> None:
        lanes = iter(range(self.calls))

        async def lane() -> None:
            for number in lanes:
                await one(number)

        before, started = self.cpu(), time.perf_counter()
        await asyncio.gather(*(lane() for _ in range(LANES)))
        seconds, cpu = time.perf_counter() - started, self.cpu() - before
        cost = cpu / self.calls * 1000
        self.worst = max(self.worst, cost)
        print(f"{name:32} {cost:7.3f} ms CPU a call   {self.calls / seconds:8,.0f} calls/s")


async def run(pipe: Connection, calls: int) -> float:
    """Run all kinds of calls; returns the CPU ms of the most expensive one."""
    url = pipe.recv()
    async with aiohttp.ClientSession() as http:
        meter = Meter(pipe, http, f"{url}/bot{TOKEN}", calls)
        form = aiohttp.FormData()
        out = io.BytesIO()
        Image.new("RGB", (800, 600), "orange").save(out, "PNG")
        form.add_field("chat_id", "1001")
        form.add_field("photo", out.getvalue(), filename="p.png", content_type="image/png")
        async with http.post(f"{meter.base}/sendPhoto", data=form) as response:
            photo = (await response.json())["result"]["photo"][-1]["file_id"]

        def person(number: int) -> int:
            return 1001 + number % PEOPLE

        await meter.measure("getMe", lambda number: meter.call("getMe"))
        await meter.measure(
            "sendMessage, HTML and keyboard",
            lambda number: meter.call(
                "sendMessage",
                chat_id=person(number),
                text=f"<b>Pear</b> {number}",
                parse_mode="HTML",
                reply_markup=KEYBOARD,
            ),
        )
        sent = await meter.call("sendPhoto", chat_id=1001, photo=photo, caption="x", reply_markup=KEYBOARD)
        await meter.measure(
            "sendPhoto by file_id",
            lambda number: meter.call(
                "sendPhoto", chat_id=person(number), photo=photo, caption="x", reply_markup=KEYBOARD
            ),
        )
        await meter.measure(
            "editMessageCaption",
            lambda number: meter.call(
                "editMessageCaption",
                chat_id=1001,
                message_id=sent["message_id"],
                caption=f"votes {number}",
                reply_markup=KEYBOARD,
            ),
        )
        await taps(meter)
    return meter.worst


async def taps(meter: Meter) -> None:
    """Taps from the person to the bot's answer: fetch and answer per callback."""
    before, started, done, offset = meter.cpu(), time.perf_counter(), 0, 0
    while done < meter.calls:
        meter.pipe.send("taps")
        meter.pipe.recv()
        for _ in range(PEOPLE // 100):
            updates = await meter.call("getUpdates", offset=offset, limit=100)
            offset = updates[-1]["update_id"] + 1
            await asyncio.gather(
                *(
                    meter.call("answerCallbackQuery", callback_query_id=one["callback_query"]["id"], text="ok")
                    for one in updates
                )
            )
            done += len(updates)
    seconds, cpu = time.perf_counter() - started, meter.cpu() - before
    cost = cpu / done * 1000
    meter.worst = max(meter.worst, cost)
    print(f"{'tap, getUpdates and answer':32} {cost:7.3f} ms CPU a tap    {done / seconds:8,.0f} taps/s")


def main() -> int:
    """Print the table; returns 1 if a call costs more than the target."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=serve, args=(there,))
    server.start()
    try:
        worst = asyncio.run(run(here, calls))
    finally:
        here.send("stop")
        server.join(10)
    print(f"\nThe most expensive call costs {worst:.3f} ms of the server's CPU; the target is {TARGET} ms.")
    return int(worst > TARGET)


if __name__ == "__main__":
    sys.exit(main())
