"""A process that sends notifications and can be killed, paused or stopped at any moment.

Loading takes seconds, so this process is loaded once and forks a copy for each order, a line of JSON. Orders are
`{"do": "start", …}` with the fields of `Order`, answered with the copy's process number, and `{"do": "wait",
"number": …}`, answered when that copy has ended or is paused: with its exit code, which is negative for a signal, or
with `"paused"`. The copies end with the process that gives the orders.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import uvloop

from bot import app
from bot.delivery import sender
from bot.ops.liveness import alive
from bot.ops.observability import log_to_terminal
from bot.services import make_services
from bot.settings import Role, Settings
from bot.wiring import make_components
from handlers.localization import bundle
from services.clock import SystemClock
from services.notifications import outbox
from storage.db import Database
from tests.campaigns import bugs, points
from tests.campaigns.patching import replace

QUICK_LOOK = 0.5
"""Seconds between two checks for expired leases."""


@dataclass(frozen=True)
class Order:
    """One sender: its database, Bot API server and token, and the seconds that its clock is ahead.

    With `role` it is the whole program in that role, otherwise the sender alone, which starts sooner. `point` names
    a moment, its ordinal number, and the signal that the copy sends itself there. `log` is a file.
    """

    url: str
    api: str
    token: str
    ahead: float
    rate: float
    lease: float | None = None
    role: str | None = None
    point: tuple[str, int, int] | None = None
    bug: str | None = None
    log: str = os.devnull


async def _sender_alone(settings: Settings, order: Order) -> None:
    services = make_services(Database(order.url), settings, app.SystemClock())
    running = make_components(services, order.token, order.api)
    await running.messenger.pictures.start()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, running.sender.stop)
    async with alive(services):
        await running.sender.run()
    await running.bot.session.close()
    await services.context.db.close()


def _obey(order: Order) -> None:
    """Run the sender that was ordered."""
    log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, sys.stdout.fileno())
    os.dup2(log, sys.stderr.fileno())
    log_to_terminal("text")
    ahead = timedelta(seconds=order.ahead)
    app.SystemClock = partial(SystemClock, lambda: datetime.now(UTC) + ahead)  # type: ignore[misc]
    if order.lease is not None:
        replace(outbox, "LEASE", timedelta(seconds=order.lease))
        replace(sender, "_RECOVER_EVERY", QUICK_LOOK)
    if order.bug is not None:
        bugs.plant(order.bug)
    if order.point is not None:
        points.set_up(*order.point)
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url=order.url,
        bot_token=order.token,
        bot_api_url=order.api,
        send_rate=order.rate,
        web_port=0,
        quiet_hours="00:00-00:00",
    )
    work = _sender_alone(settings, order) if order.role is None else app.run(settings, Role(order.role))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(work)


def _say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Fork for each order."""
    bundle("en")  # loaded once here, not in each copy
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    copies: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        if asked.pop("do") == "start":
            number = os.fork()
            if number == 0:
                _obey(Order(**asked))
                return
            copies.add(number)
            _say(number)
        else:
            number = asked["number"]
            _, status = os.waitpid(number, os.WUNTRACED)
            if os.WIFSTOPPED(status):
                _say("paused")
            else:
                copies.discard(number)
                _say(os.waitstatus_to_exitcode(status))
    for number in copies:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


if __name__ == "__main__":
    main()
