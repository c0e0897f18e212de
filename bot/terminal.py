"""What the commands share: settings, services over the database, and the terminal's language."""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.doctor import examine_database
from bot.ops.permissions import is_database_file
from bot.services import make_services
from bot.settings import Settings, SettingsError, read_settings
from domain.people import language_for
from handlers.localization import Localizer
from handlers.views.tables import as_file
from services.clock import SystemClock
from services.erasure_key import UnusableKeyFile
from services.isolation.readers import FileReader, Record
from services.operations import hold_if_restored
from services.table_files import (
    Ambiguity,
    Choices,
    FileQuestion,
    TableFile,
    UnusableFile,
)
from storage.db import Database
from storage.migrate import migrate

ItemRef = Annotated[str, typer.Argument(help="The good's ref.")]


def fail(line: str) -> typer.Exit:
    """Print one line to standard error. Raise the result to end the command with 1."""
    typer.echo(line, err=True)
    return typer.Exit(1)


def at_a_terminal() -> bool:
    """Whether a person can be asked something, which is not so in a script."""
    return sys.stdin.isatty()


def load_settings() -> Settings:
    """The settings; an invalid one ends the command with one line."""
    try:
        return read_settings()
    except SettingsError as error:
        raise fail(f"Settings: {error}") from None


async def check_database(settings: Settings) -> None:
    """End the command with one line where the database cannot be used."""
    finding = await examine_database(settings)
    if not finding.ok:
        raise fail(f"DATABASE_URL: {finding.text}")


def localizer_of_terminal(zone: ZoneInfo, now: datetime) -> Localizer:
    """In the language of the terminal's locale. Times name their zone: who reads them may be elsewhere."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return Localizer(language_for(None, locale), zone, now, names_zone=True)


def on_services(work: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Makes a command of a coroutine function that takes the services and a localizer before the command's parameters.

    The command runs on the configured database, beside a running bot, by the clock of its local chat.
    """

    @wraps(work)
    def command(**given: Any) -> None:
        asyncio.run(_run(work, given))

    signature = inspect.signature(work, eval_str=True)  # typer reads the parameters from this
    parameters = [*signature.parameters.values()][2:]
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return command


async def _run(work: Callable[..., Awaitable[None]], given: dict[str, Any]) -> None:
    settings = load_settings()
    await check_database(settings)
    db = Database(settings.database_url)
    try:
        await migrate(db)
        offset = timedelta(0)
        services = make_services(db, settings, SystemClock(lambda: datetime.now(UTC) + offset))
        await services.context.erasure_key.get()
        await hold_if_restored(db, datetime.now(UTC))
        if settings.demo:
            offset = await services.rounds.clock_offset()
        context = services.context
        await work(services, localizer_of_terminal(context.rules.zone, context.clock.now()), **given)
    except UnusableKeyFile as error:
        raise fail(str(error)) from None
    finally:
        await db.close()


def write_table(file: Path, header: Sequence[str], rows: list[list[Any]], localizer: Localizer) -> None:
    """Write a CSV or XLSX that spreadsheets open as it is, and say how many rows it has."""
    write_file(file, as_file(file.name, header, rows))
    typer.echo(localizer.text("cli-written", number=len(rows), file=str(file)))


def check_target(file: Path) -> None:
    """End the command with one line where what it would write is the database, or a file that belongs to it."""
    database = load_settings().database_file
    if database is not None and is_database_file(file, database):
        raise fail(f"{file} belongs to the database that the bot uses; choose another file")


def write_file(file: Path, content: bytes) -> None:
    """Write a file; ends the command where it cannot be written."""
    check_target(file)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise fail(f"{file}: {error.strerror}") from None


@asynccontextmanager
async def table_in(
    file: Path, choices: Choices, read: FileReader[Record], localizer: Localizer
) -> AsyncIterator[TableFile[Record]]:
    """The table in a file, with the pictures of an archive unpacked meanwhile. Ends the command where the file is no
    table, and with the choices where it has several readings."""
    content = await asyncio.to_thread(file.read_bytes)
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = await read(content, Path(folder), choices)
        except UnusableFile:
            what = localizer.text("cli-file-unusable")
            raise fail(localizer.text("cli-about", name=str(file), what=what)) from None
        if isinstance(found, FileQuestion):
            for option in found.options:
                typer.echo(f"  {option.label}", err=True)
            first = found.options[0].value if found.about is Ambiguity.ENCODING else "1"
            raise fail(localizer.text("cli-choose", option=f"--{found.about.value} {first}"))
        yield found
