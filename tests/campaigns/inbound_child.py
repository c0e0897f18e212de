"""A bot that can be killed. This process is loaded once and forks a copy for each line that it reads.

A line is a JSON object with `settings`, `offset` (seconds that the clock is ahead), `role` and `bug` (one of `BUGS`, or
null). The answer is the copy's process number, and later `end <number> <exit code>` if the copy ended by itself.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import uvloop

from bot import app as program
from bot.settings import Role, read_settings
from bot.updates.poller import LongPoller
from bot.updates.processor import Ack, AckState, UpdateProcessor
from handlers.localization import bundle
from services.clock import SystemClock
from services.pictures import posters
from storage import votes
from tests.campaigns.patching import replace

_kept: set[asyncio.Task[None]] = set()


def _confirms_before_the_commit() -> None:
    process = UpdateProcessor.process

    async def confirm_first(self: UpdateProcessor, ack: Ack) -> None:
        ack.state = AckState.HANDLED
        _kept.add(asyncio.create_task(process(self, Ack(ack.update))))

    replace(UpdateProcessor, "process", confirm_first)


def _knows_no_repeats() -> None:
    whole = votes.status

    async def status(connection: Any, member_id: int, item_id: int, _cause: int | None) -> votes.VoteStatus:
        return await whole(connection, member_id, item_id, None)

    replace(votes, "status", status)


def _gives_up_at_once() -> None:
    """A processor that treats an unavailable database as an error of the update."""
    process = UpdateProcessor.process

    async def give_up(self: UpdateProcessor, ack: Ack) -> None:
        ack.patience = 0.0
        await process(self, ack)
        if ack.state is AckState.RETURNED:
            ack.state = AckState.FAILED

    replace(UpdateProcessor, "process", give_up)


def _does_not_say_what_is_done() -> None:
    async def confirm(_: LongPoller) -> None:
        """Do nothing."""

    replace(LongPoller, "_confirm", confirm)


BUGS: dict[str, Callable[[], None]] = {
    "confirms before the commit": _confirms_before_the_commit,
    "knows no repeats": _knows_no_repeats,
    "gives up at once": _gives_up_at_once,
    "does not say what is done": _does_not_say_what_is_done,
}


def live(order: dict[str, Any], log: str) -> int:
    """Run a bot as `python -m bot run` does."""
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if order["bug"]:
        BUGS[order["bug"]]()
    offset = timedelta(seconds=order["offset"])
    program.SystemClock = partial(SystemClock, lambda: datetime.now(UTC) + offset)  # type: ignore[misc]
    program.log.info("begins")
    settings = read_settings(_env_file=None, **order["settings"])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(program.run(settings, Role(order["role"])))
    return 0


def say(line: str) -> None:
    """Write one line to the parent process, in one piece."""
    os.write(1, f"{line}\n".encode())


def main() -> None:
    """Fork for each order. Copies that end are reaped by the kernel."""
    from bot.ops.observability import log_to_terminal

    log_to_terminal()
    posters.warm_up()
    for language in ("zh", "en"):
        bundle(language)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    say("ready")
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            answers = os.dup(1)
            code = 1
            try:
                code = live(json.loads(line), sys.argv[1])
            finally:
                os.write(answers, f"end {os.getpid()} {code}\n".encode())
                os._exit(code)
        say(str(number))


if __name__ == "__main__":
    main()
