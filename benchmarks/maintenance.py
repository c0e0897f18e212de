"""The cost of observability and backups: `python -m benchmarks.maintenance [--megabytes N] [--updates N]`.

Prints the microseconds that metrics, log context and disabled tracing add to one update; and the latency of members'
acts (one short transaction each, committed with `synchronous=FULL`) while a backup of a database of that size is
written, beside the same without a backup.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import tempfile
import time
from pathlib import Path

from bot.ops.backups import Backups
from bot.services import make_services
from bot.settings import Settings
from bot.updates.processor import Ack
from services.clock import SystemClock
from storage.db import Database
from storage.migrate import migrate


def observability(updates: int) -> float:
    """Microseconds per update."""
    update = {"update_id": 7, "callback_query": {}}

    def run(watch: bool) -> float:
        began = time.perf_counter()
        for _ in range(updates):
            with Ack(update).observed() if watch else contextlib.nullcontext():
                pass
        return time.perf_counter() - began

    run(True)
    return (min(run(True) for _ in range(5)) - min(run(False) for _ in range(5))) / updates * 1e6


async def acts(megabytes: int) -> None:
    """Print p50, p99 and the maximum latency of acts with and without a concurrent backup."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(_env_file=None, database_url=f"sqlite+aiosqlite:///{folder}/bot.db")  # type: ignore[call-arg]
        db = Database(settings.database_url)
        await migrate(db)
        services = make_services(db, settings, SystemClock())
        async with db.write() as connection:
            await connection.exec_driver_sql("CREATE TABLE ballast (x)")
            for _ in range(megabytes):
                await connection.exec_driver_sql("INSERT INTO ballast VALUES (randomblob(1000000))")
        backups = Backups(SystemClock(), folder / "bot.db", folder / "backups", keep=1)
        person = 0
        for beside in ("no other work", "a backup"):
            waits: list[float] = []
            began = time.perf_counter()
            copy = asyncio.create_task(asyncio.to_thread(backups.one)) if beside == "a backup" else None
            while (not copy.done()) if copy else time.perf_counter() - began < 5:
                person += 1
                at = time.perf_counter()
                await services.people.meet(person, "P", "en")
                waits.append((time.perf_counter() - at) * 1000)
            took = time.perf_counter() - began
            if copy:
                await copy
            cuts = statistics.quantiles(waits, n=100)
            print(
                f"beside {beside}, {took:.1f} s: {len(waits)} acts, p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, "
                f"longest {max(waits):.1f} ms"
            )
        await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--updates", type=int, default=100_000)
    given = parser.parse_args()
    print(f"observability: {observability(given.updates):.1f} µs per update")
    asyncio.run(acts(given.megabytes))


if __name__ == "__main__":
    main()
