"""`backup`, `restore`, and `deliveries`: what is held since a restore."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.doctor import examine_erasure_key
from bot.ops.locks import database_lock
from bot.ops.permissions import database_files, why_not_writable
from bot.services import Services
from bot.settings import SettingsError
from bot.terminal import check_target, fail, load_settings, on_services
from handlers.localization import Localizer
from services.operations import hold
from storage.db import Database
from storage.db.backup import BackupError, back_up
from storage.db.backup import restore as restore_backup

deliveries_app = typer.Typer(help="Hold all messages, or release them.")


def backup(file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to write it.")]) -> None:
    """Write a checked copy of the SQLite database, even while the bot runs."""
    check_target(file)
    with _sqlite_file() as database:
        _check_writable([*database_files(database), file.parent])
        typer.echo(f"{file}: {back_up(database, file) / 1e6:.1f} MB, checked")


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The backup.")],
) -> None:
    """Replace the database by a backup, and hold all messages; stop the bot first."""
    with _sqlite_file() as database:
        _check_writable(database_files(database))
        database.parent.mkdir(parents=True, exist_ok=True)
        with database_lock(Database(load_settings().database_url)):
            before = restore_backup(file, database, datetime.now(UTC))
    typer.echo(f"{database} was restored from {file}.")
    if before:
        typer.echo(f"The previous database is {before}.")
    for finding in asyncio.run(examine_erasure_key(load_settings())):
        if not finding.ok:
            typer.echo(f"{finding.subject}: {finding.text}.", err=True)
    typer.echo(
        "All messages are held. Start the bot, look at /desk, then tap ▶️ there or run: python -m bot deliveries go"
    )


def _check_writable(paths: Iterable[Path]) -> None:
    """End the command with one line where one of these cannot be written."""
    if (why_not := why_not_writable(paths)) is not None:
        raise fail(why_not)


@contextmanager
def _sqlite_file() -> Iterator[Path]:
    """The database file; errors end the command with one line."""
    database = load_settings().database_file
    if database is None:
        raise fail("For PostgreSQL use pg_dump and pg_restore; docs/operating.md says how.")
    try:
        yield database
    except (BackupError, SettingsError) as error:
        raise fail(str(error)) from None


@deliveries_app.command("hold")
@on_services
async def deliveries_hold(services: Services, localizer: Localizer) -> None:
    """Hold all messages, as after a restore: for a database that was restored by other means."""
    await hold(services.context.db, services.context.clock.now())
    typer.echo(localizer.text("cli-held"))


@deliveries_app.command("go")
@on_services
async def deliveries_go(services: Services, localizer: Localizer) -> None:
    """Send what has been held since a restore."""
    typer.echo(localizer.text("cli-go" if await services.campaigns.end_hold() else "cli-nothing-held"))
