"""The courier's rate over several processes on PostgreSQL: each takes turns, the sum is what Telegram would see.

    .venv/bin/python benchmarks/pace.py postgresql+asyncpg://bot@127.0.0.1/bot [PROCESSES] [SECONDS] [RATE]

The database must be one for this purpose: its migrations are run, and a row of its table of facts is written.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

from services.turns import Turns
from storage.db import Database
from storage.migrate import migrate


async def send(url: str, seconds: float, rate: float) -> None:
    """Take turns and print each moment at which a message would leave, by this machine's clock."""
    db = Database(url)
    await migrate(db)
    turns = Turns(db, rate)
    until = time.time() + seconds
    left: list[float] = []
    while time.time() < until:
        wait = await turns.take(1.0)
        await asyncio.sleep(wait)
        if wait <= 1.0 and not turns.missed():
            left.append(time.time())
    await db.close()
    print("\n".join(map(repr, left)))


def main() -> None:
    """Run the senders and look at all they sent."""
    url, *rest = sys.argv[1:]
    if rest and rest[0] == "send":
        asyncio.run(send(url, float(rest[1]), float(rest[2])))
        return
    defaults = ["2", "10", "25"]
    processes, seconds, rate = map(float, [*rest, *defaults[len(rest) :]])
    command = [sys.executable, __file__, url, "send", str(seconds), str(rate)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(int(processes))]
    shares = [[float(line) for line in process.communicate()[0].split()] for process in running]
    left = sorted(moment for share in shares for moment in share)
    span = left[-1] - left[0]
    worst = max(sum(start <= moment < start + 1.0 for moment in left) for start in left)
    print(f"{len(shares)} processes, rate {rate:g}: {(len(left) - 1) / span:.2f}/s over {span:.1f} s, shares ", end="")
    print("+".join(str(len(share)) for share in shares), f"· most in any second: {worst}")


if __name__ == "__main__":
    main()
