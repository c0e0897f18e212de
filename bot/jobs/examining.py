"""Runs the detector of brushing in a process of its own, so that votes do not wait for its seconds of work (R28)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from bot.services import Services
from bot.settings import Settings
from domain.brushing.cases import SuspectAccount, Suspicion
from domain.brushing.votes import Pattern
from services.brushing.examinations import Examined, Found
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


async def examine_apart(services: Services) -> Examined:
    """Look for brushing in another process, and set aside what is suspect. Raises ExaminationFailed."""
    return await services.examinations.run(partial(find_apart, services.context))


async def find_apart(context: ServiceContext, command: Sequence[str] = COMMAND, longest: float = LONGEST) -> Found:
    """Run the detector over the votes in this database. Raises ExaminationFailed with the end of what it said."""
    secret = await context.erasure_key.secret()
    given = {"url": _url_of(context.db), "secret": secret.hex()}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # Ctrl-C is for the bot, which waits for a run that has begun. No session of its own: Linux would share the
        # processors between the two sessions, and niceness counts within one (sched(7), "autogroup").
        process_group=0,
    )
    with contextlib.suppress(ProcessLookupError):  # it has ended already
        os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
    try:
        async with asyncio.timeout(longest):
            # Over a pipe: other users of the machine can read the arguments of a process.
            found, said = await process.communicate(json.dumps(given).encode())
    except TimeoutError:
        raise ExaminationFailed("it took too long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ExaminationFailed(said.decode(errors="replace")[-_TOLD:].strip() or f"it ended with {process.returncode}")
    return _read(found)


def _read(found: bytes) -> Found:
    """What the process has found, as `main` prints it."""
    whole = json.loads(found)
    return Found(whole["votes"], tuple(map(_suspicion, whole["suspicions"])))


def _suspicion(told: dict[str, Any]) -> Suspicion:
    accounts = (SuspectAccount(**{**each, "pattern": Pattern(each["pattern"])}) for each in told["accounts"])
    return Suspicion(told["item_id"], told["score"], tuple(accounts), tuple(told["evidence"]))


def _url_of(db: Database) -> str:
    """The database's address, also for a process that works in another folder."""
    url = db.url.set(database=str(Path(db.url.database or "").absolute())) if db.is_sqlite else db.url
    return url.render_as_string(hide_password=False)


async def _find(url: str, secret: bytes) -> Found:
    db = Database(url)
    try:
        rules = Settings(database_url=url).rules()
        return await Services(ServiceContext(db, SystemClock(), rules, erasure_secret=secret)).examinations.find()
    finally:
        await db.close()


def main() -> None:
    """The process: which database, and what opens the key of hashes, as JSON on standard input; on standard
    output what was found."""
    given = json.loads(sys.stdin.read())
    found = asyncio.run(_find(given["url"], bytes.fromhex(given["secret"])))
    sys.stdout.write(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()
