"""The send rate as Telegram sees it: `python -m benchmarks.send_rate [URL [PROCESSES [SECONDS [RATE]]]]`.

With the address of a PostgreSQL database several processes share the send slots in it, and their sum is measured; use a
database for this purpose, because its migrations are run and key-value rows are written. Without an address one process
uses its own rate limiter, as on SQLite. Every sender always has work. Prints messages per second, and the maximum in
any second.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

from domain.rate_limit import RateLimiter
from services.clock import SystemClock
from services.notifications.send_slots import SendSlots
from storage.db import Database
from storage.migrate import migrate

ALONE = "alone"


async def send(url: str, seconds: float, rate: float) -> None:
    """Take send slots and print each moment at which a message would leave, by this machine's clock."""
    db = Database(url)
    await migrate(db)
    slots = SendSlots(db, SystemClock(), rate)
    until = time.time() + seconds
    left: list[float] = []
    while time.time() < until:
        wait = await slots.take(1.0)
        await asyncio.sleep(wait)
        if wait <= 1.0 and not slots.missed():
            left.append(time.time())
    await db.close()
    print("\n".join(map(repr, left)))


async def send_alone(seconds: float, rate: float) -> None:
    """The same with the rate limiter of a single process."""
    limiter = RateLimiter(rate)
    until = time.monotonic() + seconds
    left: list[float] = []
    while (now := time.monotonic()) < until:
        wait = limiter.next_free(None, now) - now
        if wait > 0:
            await asyncio.sleep(wait)
            continue
        limiter.record(None, now)
        left.append(time.time())
    print("\n".join(map(repr, left)))


def main() -> None:
    """Run the senders and evaluate everything they sent."""
    url, *rest = sys.argv[1:] or [ALONE, "1"]
    if rest and rest[0] == "send":
        seconds, rate = map(float, rest[1:])
        asyncio.run(send_alone(seconds, rate) if url == ALONE else send(url, seconds, rate))
        return
    defaults = ["2", "20", "25"]
    processes, seconds, rate = map(float, [*rest, *defaults[len(rest) :]])
    command = [sys.executable, "-m", "benchmarks.send_rate", url, "send", str(seconds), str(rate)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(int(processes))]
    shares = [[float(line) for line in process.communicate()[0].split()] for process in running]
    left = sorted(moment for share in shares for moment in share)
    span = left[-1] - left[0]
    worst = max(sum(start <= moment < start + 1.0 for moment in left) for start in left)
    reached = (len(left) - 1) / span
    print(f"{len(shares)} processes, rate {rate:g}: {reached:.2f}/s, {reached / rate:.1%}, over {span:.1f} s, ", end="")
    print("shares", "+".join(str(len(share)) for share in shares), f"· most in any second: {worst}")


if __name__ == "__main__":
    main()
