"""Runs the detector of brushing in a process of its own, so that votes do not wait for its seconds of work (R28)."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.services import Services
from bot.settings import Settings
from services.clock import SystemClock
from services.context import ServiceContext
from storage.db import Database

COMMAND = (sys.executable, "-B", "-m", "bot.jobs.examining")
LONGEST = 600.0
"""Seconds that a run may take."""
NICE = 10
"""By how much a run steps back behind the bot's votes."""
_ROOT = Path(__file__).parents[2]
_TOLD = 500


class ExaminationFailed(RuntimeError):
    """The process of a run has failed, or took too long."""


async def examine_apart(context: ServiceContext, command: Sequence[str] = COMMAND, longest: float = LONGEST) -> None:
    """Run the detector over the votes in this database. Raises ExaminationFailed with the end of what it said."""
    ahead = (context.clock.now() - datetime.now(UTC)).total_seconds()
    secret = await context.erasure_key.secret()
    given = {"url": _url_of(context.db), "ahead": ahead, "secret": secret.hex()}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the bot, which waits for a run that has begun
    )
    try:
        async with asyncio.timeout(longest):
            # Over a pipe: other users of the machine can read the arguments of a process.
            _, said = await process.communicate(json.dumps(given).encode())
    except TimeoutError:
        raise ExaminationFailed("it took too long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ExaminationFailed(said.decode(errors="replace")[-_TOLD:].strip() or f"it ended with {process.returncode}")


def _url_of(db: Database) -> str:
    """The database's address, also for a process that works in another folder."""
    url = db.url.set(database=str(Path(db.url.database or "").absolute())) if db.is_sqlite else db.url
    return url.render_as_string(hide_password=False)


async def _run(url: str, ahead: timedelta, secret: bytes) -> None:
    db, clock = Database(url), SystemClock(lambda: datetime.now(UTC) + ahead)
    try:
        rules = Settings(database_url=url).rules()
        await Services(ServiceContext(db, clock, rules, erasure_secret=secret)).examinations.run()
    finally:
        await db.close()


def main() -> None:
    """The process: which database and clock, and what opens the key of hashes, as JSON on standard input."""
    given = json.loads(sys.stdin.read())
    os.nice(NICE)
    asyncio.run(_run(given["url"], timedelta(seconds=given["ahead"]), bytes.fromhex(given["secret"])))


if __name__ == "__main__":
    main()
