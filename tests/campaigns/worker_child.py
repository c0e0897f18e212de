"""Workers that can be killed. This process is loaded once and forks a copy for each line of JSON that it reads.

It answers with the copy's process number. `plant` names the bug of that copy.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import bot.jobs.worker
import services.jobs
import services.pictures.posters
from bot.jobs.worker import JobWorker
from bot.ops.liveness import alive
from bot.services import make_services
from bot.settings import Settings
from bot.wiring import make_components
from services.clock import SystemClock
from services.goods import Goods
from services.jobs import Jobs
from storage import jobs as stored
from storage.db import Database
from tests.campaigns.patching import replace

LEASE = timedelta(seconds=2)
LOOK_EVERY = 0.3


async def work(order: dict[str, Any]) -> None:
    """Do jobs until killed."""
    replace(services.jobs, "LEASE", LEASE)
    replace(bot.jobs.worker, "LEASE", LEASE)
    plant(order["plant"])
    offset = timedelta(seconds=order["ahead"])
    settings = Settings(_env_file=None, database_url=order["database"])  # type: ignore[call-arg]
    ours = make_services(Database(order["database"]), settings, SystemClock(lambda: datetime.now(UTC) + offset))
    running = make_components(ours, order["token"], order["api"])
    await running.messenger.pictures.start()
    worker = JobWorker(order["broker"], ours.jobs, running.job_handlers, ours.context.clock, look_every=LOOK_EVERY)
    async with alive(ours):
        await worker.run()


def plant(what: str) -> None:
    """Make this copy slow or faulty."""
    draw = services.pictures.posters.draw
    if what == "hangs":  # after it has claimed a job, before the result
        replace(services.pictures.posters, "draw", lambda *_: time.sleep(600))

        async def forever(*_: Any, **__: Any) -> Any:
            await asyncio.sleep(600)

        replace(Goods, "_import_pictures", forever)
    elif what == "slow":

        def slowly(*given: Any) -> bytes:
            time.sleep(0.1)
            return draw(*given)

        replace(services.pictures.posters, "draw", slowly)
    elif what == "never looks":

        async def nothing(_: Jobs) -> list[int]:
            return []

        async def none(_: Jobs, _dead: Collection[int]) -> int:
            return 0

        replace(Jobs, "due", nothing)
        replace(Jobs, "release_from", none)
        # Redis does not deliver again what another worker has not acknowledged, either.
        replace(bot.jobs.worker, "LEASE", timedelta(hours=1))
    elif what == "takes what others have":
        take = stored.claim

        async def anyhow(connection: Any, job_id: int, now: datetime, until: datetime, held_by: Any) -> Any:
            return await take(connection, job_id, now + timedelta(minutes=30), until, held_by)

        replace(stored, "claim", anyhow)


def say(line: str) -> None:
    """Write one line to the parent process."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Fork for each order. Copies that end are reaped by the kernel."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    say("ready")
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            asyncio.run(work(json.loads(line)))
            return
        say(str(number))


if __name__ == "__main__":
    main()
