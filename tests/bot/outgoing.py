"""A process that sends letters and can be killed. Loaded once, it starts a fresh copy of itself for each line it reads:
`<database url> <Bot API address> <token> <seconds that its clock is ahead> <rate>`; it answers with the copy's number.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

from bot.services import make_services
from bot.settings import Settings
from bot.wiring import make_running
from storage.db import Database


async def send(database_url: str, api_url: str, token: str, ahead: str, rate: str) -> None:
    """Bring letters out until killed."""
    offset = timedelta(seconds=float(ahead))
    settings = Settings(_env_file=None, database_url=database_url, send_rate=float(rate))  # type: ignore[call-arg]
    services = make_services(Database(database_url), settings, lambda: datetime.now(UTC) + offset)
    running = make_running(services, token, api_url)
    await running.pictures.start()
    await running.courier.run()


def say(line: str) -> None:
    """One line to whoever gives the orders."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Fork for each order; the copies are nobody's children to wait for."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    say("ready")
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            asyncio.run(send(*line.split()))
            return
        say(str(number))


if __name__ == "__main__":
    main()
