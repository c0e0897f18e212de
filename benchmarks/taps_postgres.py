"""The full path of a vote on PostgreSQL with several processes: `python -m benchmarks.taps_postgres [--rounds N] …`.

As in `benchmarks.taps` a local Bot API runs in this process, and users tap 🙋 or ✅ on their cards and wait until a
card is answered and edited. Here the bot is two processes of `--role web` on one database: updates come by webhook to a
port that both share. The PostgreSQL server is started for the benchmark and stores durably, unless TEST_POSTGRES_URL
names another. With `--hot` all users vote for one good, each on one card, which takes many more users.

Prints acts per second, latency, and CPU time per act: of the bots, of PostgreSQL, and of the Bot API with its users.
With several rounds the median and spread follow. `--checkout NAME=FOLDER` adds the bot of another checkout with the
same tables; the rounds alternate.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.engine import URL

from benchmarks.taps import GOODS_EACH, ROOT, TOKEN, WARM_SECONDS, Crowd, cpu_seconds, prepare, spread
from sandbox import Sandbox
from storage.db import Database
from tests import postgres

SECRET = "benchmark-of-taps-on-postgresql"


def free_port() -> int:
    """A port that is not in use."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def cpu_of_postgresql(database: str) -> float:
    """CPU seconds that the processes of this database's connections have used so far (Linux)."""
    used = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            title = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if title.startswith("postgres: ") and (f" {database} " in title or "writer" in title):
                used += cpu_seconds(int(folder.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return used


@asynccontextmanager
async def web(number: int, folder: Path, environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """One process of the bot that receives updates."""
    with (folder / f"web-{number}.log").open("wb") as log:
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", "--role", "web",
            cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip
    try:
        yield program
    finally:
        program.terminate()
        await program.wait()


async def measure(url: str, asked: argparse.Namespace, checkout: Path) -> float:
    """One round: print what it measured, and return the acts per second."""
    port = free_port()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        await prepare(url, asked.people)
        db = Database(url)
        stack.push_async_callback(db.close)
        box = await stack.enter_async_context(Sandbox(limits=False))
        bot = box.add_bot(TOKEN, "benchmark_bot", "Benchmark")
        crowd = Crowd(box, bot, [box.add_person(f"P{i}", id=1001 + i) for i in range(asked.people)])
        crowd.concurrent = asked.concurrent
        environment = {
            **os.environ,
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": box.url,
            "DATABASE_URL": url,
            "UPDATES": "webhook",
            "WEBHOOK_SECRET": SECRET,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "WEB_PORT": str(port),
            "WEB_PORT_SHARED": "true",
            "VOTES_PER_DAY": "1000",
            "TAKE_BACKS_PER_DAY": "1000000",
            "PYTHONPATH": str(checkout),
        }
        programs = [await stack.enter_async_context(web(n, folder, environment)) for n in range(asked.processes)]
        while not bot.webhook.get("url") or _listening(port) < asked.processes:
            assert all(program.returncode is None for program in programs), (folder / "web-0.log").read_text()
            await asyncio.sleep(0.2)
        await crowd.open_cards(1 if asked.hot else GOODS_EACH)
        listening = asyncio.create_task(crowd.listen())
        await crowd.tap_for(WARM_SECONDS)
        crowd.waits.clear()
        gc.collect()
        gc.freeze()  # a collection in the Bot API's process would stop every bot for a third of a second
        name = str(db.url.database)

        def used() -> list[float]:
            return [cpu_of_postgresql(name), cpu_seconds(os.getpid()), *(cpu_seconds(one.pid) for one in programs)]

        began, before = time.perf_counter(), used()
        await crowd.tap_for(asked.seconds)
        took, after = time.perf_counter() - began, used()
        listening.cancel()
        gc.unfreeze()
        acts = len(crowd.waits)
        costs = [(late - early) / acts * 1000 for early, late in zip(before, after, strict=True)]
        postgresql, api, *bots = costs
        waits = statistics.quantiles(crowd.waits, n=100)
        print(
            f"{acts / took:6.0f}{waits[49] * 1000:11.1f}{waits[98] * 1000:9.1f}"
            f"{sum(bots):9.2f}{postgresql:12.2f}{api:9.2f}{sum(costs):9.2f}",
            "  CPU shares of the bots:",
            "+".join(f"{one / sum(bots):.0%}" for one in bots),
            flush=True,
        )
        if problems := await _unsound(db):
            raise SystemExit(f"the counts are wrong: {problems}")
        return acts / took


def _listening(port: int) -> int:
    """How many sockets listen at a port (Linux)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return Counter((row[1].rpartition(":")[2], row[3]) for row in rows)[f"{port:04X}", "0A"]


async def _unsound(db: Database) -> list[tuple[int, ...]]:
    """Items whose count is not the number of their standing votes: (item, count, votes)."""
    async with db.read() as connection:
        rows = await connection.execute(
            text(
                "SELECT i.id, i.wants, count(v.id) FROM items i "
                "LEFT JOIN votes v ON v.item_id = i.id AND v.taken_back_at IS NULL "
                "GROUP BY i.id, i.wants HAVING i.wants <> count(v.id)"
            )
        )
        return [tuple(row) for row in rows]


@contextmanager
def own_url() -> Iterator[URL]:
    """The address of a server that is started for this and stores durably."""
    with postgres.own_server(durable=True) as own:
        yield own.url


async def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--processes", type=int, default=2)
    ask.add_argument("--concurrent", type=int, default=80, help="users who tap at the same time")
    ask.add_argument("--people", type=int, help="all users; by default as many as the cards' pauses need")
    ask.add_argument("--seconds", type=float, default=8)
    ask.add_argument("--rounds", type=int, default=1)
    ask.add_argument("--hot", action="store_true", help="all users vote for the same good")
    ask.add_argument("--checkout", action="append", default=[], metavar="NAME=FOLDER")
    asked = ask.parse_args()
    asked.people = asked.people or (2_600 if asked.hot else 120)
    given = os.environ.get("TEST_POSTGRES_URL")
    bots = {"ours": ROOT, **{name: Path(folder) for name, _, folder in (one.partition("=") for one in asked.checkout)}}
    rates: dict[str, list[float]] = {name: [] for name in bots}
    print(f"{asked.concurrent} of {asked.people} users tap at a time, {asked.seconds:.0f} s each round")
    print(f"{asked.processes} processes of --role web; the last four columns are CPU ms per act")
    print(f"{'':12}acts/s  median ms   p99 ms   bots ms  postgresql    api ms   all ms")
    with nullcontext(make_url(given)) if given else own_url() as server:
        for number in range(asked.rounds):
            for at in range(len(bots)):
                name = list(bots)[(at + number) % len(bots)]
                url = await postgres.new_database(server)
                print(f"{name:12}", end="", flush=True)
                try:
                    rates[name].append(await measure(postgres.address(url), asked, bots[name].resolve()))
                finally:
                    await postgres.drop_database(url)
    if asked.rounds > 1:
        print("acts/s: median (least to greatest)")
        for name, of in rates.items():
            print(f"{name:12}{spread(of)}")


if __name__ == "__main__":
    asyncio.run(main())
