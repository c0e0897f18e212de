"""How long others wait while one person floods the bot: `python -m benchmarks.flood [--taps N] [--only KIND …]`.

A local Bot API runs in this process and the bot in a process of its own, on an SQLite file. For each kind another
person sends 1,000 taps of it at once: votes, new draws, new links, exports, posters, inline queries, /start. Meanwhile
one more person pages through the goods, tap after tap, until the flood is settled.

Prints the median and the longest time until a tap of that person was answered, how many taps these were, and the
seconds until the flood was settled. Ends with 1 where an answer took a second or more.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.taps import ROOT, TOKEN, prepare, started
from sandbox import Sandbox
from sandbox.testing import Kit, SeenMessage, TestUser

LIMIT = 60.0
"""Seconds after which a wait fails."""
LEAST_TAPS = 20
"""Taps of the other person, also where the flood is settled sooner."""
SLOW = 1.0
"""Seconds within which everyone is answered."""

Send = Callable[[], object]
"""Sends one tap of the flood, without waiting for an answer."""


@dataclass(frozen=True, slots=True)
class Result:
    """The answers to the other person in seconds, and how long the flood lasted."""

    waits: list[float]
    settled: float

    def __str__(self) -> str:
        median, worst = statistics.median(self.waits) * 1000, max(self.waits) * 1000
        return f"{median:11.0f}{worst:11.0f}{len(self.waits):8}{self.settled:11.1f}"


async def button(user: TestUser, label: str, message: SeenMessage) -> Send:
    """Taps on a button of a message, as it is now."""
    found = await user.box.world.feed.wait_for(lambda: message.button(label), LIMIT)
    assert found is not None, f"{label} is not below the message"
    chat = user.chat()
    return lambda: user.box.backend.actions.tap(user.person, chat, message.id, found.row, found.column)


async def card(user: TestUser) -> SeenMessage:
    """A new carousel."""
    await user.says("/goods")
    return await user.sees("1/28")


async def poster(user: TestUser) -> SeenMessage:
    """The message with the user's poster."""
    await user.taps("📣", message=await card(user))
    return await user.sees("🖼")


async def _vote(user: TestUser) -> Send:
    return await button(user, "🙋", await card(user))


async def _draw(user: TestUser) -> Send:
    return await button(user, "🎲", await card(user))


async def _new_link(user: TestUser) -> Send:
    shown = await poster(user)
    await user.taps("♻️", message=shown)
    return await button(user, "♻️ Yes", shown)


async def _poster(user: TestUser) -> Send:
    return await button(user, "🖼", await poster(user))


async def _export(user: TestUser) -> Send:
    await user.says("/privacy")
    return await button(user, "📦", await user.sees("What is stored about you"))


async def _inline(user: TestUser) -> Send:
    inline, chat, bot = user.box.backend.inline, user.chat(), user.bot
    return lambda: inline.send_query(user.person, chat, bot, "a")


async def _start(user: TestUser) -> Send:
    return lambda: user.box.backend.actions.start(user.person, user.bot, "")


KINDS: dict[str, Callable[[TestUser], Awaitable[Send]]] = {
    "vote": _vote,
    "new draw": _draw,
    "new link": _new_link,
    "export": _export,
    "poster": _poster,
    "inline query": _inline,
    "/start": _start,
}


@asynccontextmanager
async def running(people: int) -> AsyncIterator[Kit]:
    """The bot in a process of its own, and its users with ids from 1001 on."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as log:
        url = f"sqlite+aiosqlite:///{folder}/bot.db"
        await prepare(url, people)
        async with Sandbox(limits=False) as box:
            bot = box.add_bot(TOKEN, "benchmark_bot", "Benchmark")
            bot.supports_inline_queries = True
            environment = {**os.environ, "BOT_TOKEN": TOKEN, "BOT_API_URL": box.url, "DATABASE_URL": url}
            environment |= {"WEB_PORT": "0", "METRICS": "off", "PYTHONPATH": str(ROOT)}
            async with started((sys.executable, "-m", "bot"), folder, environment, log):
                yield Kit(box, bot, limit=LIMIT)


async def flooded(kit: Kit, send: Send, taps: int, other: TestUser) -> Result:
    """Send the flood, and let the other person tap meanwhile."""
    shown, waits = await card(other), list[float]()
    for _ in range(taps):
        send()
    began, settled = time.perf_counter(), 0.0
    while not settled or len(waits) < LEAST_TAPS:
        tapped = time.perf_counter()
        await other.taps("▶️", message=shown)
        waits.append(time.perf_counter() - tapped)
        if not settled and len(kit.bot.updates) <= 1:  # the newest is confirmed by the next poll
            settled = time.perf_counter() - began
        await asyncio.sleep(0.02)  # also lets Telegram drop what was confirmed
    return Result(waits, settled)


async def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--taps", type=int, default=1000)
    ask.add_argument("--only", nargs="*", default=list(KINDS), choices=list(KINDS), metavar="KIND")
    asked = ask.parse_args()
    print(f"one person sends {asked.taps} taps at once, another one pages through the goods")
    print(f"{'':14}{'median ms':>11}{'worst ms':>11}{'taps':>8}{'settled s':>11}")
    worst = 0.0
    async with running(len(asked.only) + 1) as kit:
        other, *flooders = [
            await kit.person(f"P{n}", id=1001 + n, language_code="en") for n in range(len(asked.only) + 1)
        ]
        for kind, flooder in zip(asked.only, flooders, strict=True):
            result = await flooded(kit, await KINDS[kind](flooder), asked.taps, other)
            worst = max(worst, *result.waits)
            print(f"{kind:14}{result}", flush=True)
    if worst >= SLOW:
        raise SystemExit(f"an answer took {worst:.1f} s")


if __name__ == "__main__":
    asyncio.run(main())
