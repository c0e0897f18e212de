"""Does one act about votes and cases, and may be killed in it. This process is loaded once and forks a copy for each
line of JSON that it reads; it answers how the copy has ended: 0, or the negative number of the signal."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bot.services import make_services
from storage.db import Database
from tests.conftest import Watch, settings_for
from tests.services.case_model import Act
from tests.services.case_walk import do, with_rules


def dies_at(statement: int) -> None:
    """Let this process be killed before its nth statement or commit."""
    left = statement

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)


async def work(order: dict[str, Any]) -> None:
    """Do the act."""
    database = Database(order["database"])
    settings = settings_for(Path(order["folder"]))
    services = make_services(database, settings, Watch(datetime.fromisoformat(order["now"])))
    with_rules(services)
    verb, numbers, word = order["act"]
    dies_at(order["statement"])
    await do(services, Act(verb, tuple(numbers), word))
    await database.close()


def say(line: str) -> None:
    """Write one line to the parent process."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Fork for each order, and wait for the copy."""
    say("ready")
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            asyncio.run(work(json.loads(line)))
            os._exit(0)
        _, status = os.waitpid(number, 0)
        say(str(os.waitstatus_to_exitcode(status)))


if __name__ == "__main__":
    main()
