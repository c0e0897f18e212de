"""`votes`: what is done about votes that were bought."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.terminal import fail, localizer_of_terminal, write_file
from domain.brushing.vote_table import VoteTable, read_votes
from handlers.localization import Localizer
from handlers.views.brushing import found_csv, found_rows
from handlers.views.tables import bad_line

votes_app = typer.Typer(help="What is done about votes that were bought.")


@votes_app.callback()
def votes() -> None:
    """What is done about votes that were bought."""


@votes_app.command("examine")
def votes_examine(
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, readable=True, metavar="FILE…", help="CSV files, one row a vote."),
    ],
    to: Annotated[Path, typer.Option("--to", file_okay=False, metavar="FOLDER", help="Where the results go.")],
) -> None:
    """Look for brushing in tables of votes, without a database: each file by itself, one result of the same name each.

    Columns: item,shop,member,telegram_id,cast_at,via,spent,refunded,granted. Ends with 1 where a row was left out.
    """
    localizer = localizer_of_terminal(ZoneInfo("UTC"), datetime.now(UTC))
    _prepare(files, to, localizer)
    whole = [_examine_file(file, to / file.name, localizer) for file in files]
    if not all(whole):
        raise typer.Exit(1)


def _prepare(files: list[Path], to: Path, localizer: Localizer) -> None:
    """Make the folder; ends the command where a result would replace another one, or its own input."""
    names: set[str] = set()
    for file in files:
        if file.name in names:
            raise fail(localizer.text("cli-same-name", file=str(file)))
        if (to / file.name).resolve() == file.resolve():
            raise fail(localizer.text("cli-into-itself", file=str(file)))
        names.add(file.name)
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fail(localizer.text("cli-no-folder", file=str(to), why=error.strerror or "")) from None


def _examine_file(file: Path, result: Path, localizer: Localizer) -> bool:
    """Judge one file and write its result; whether all of it could be read."""
    from domain.brushing.detector import examine  # loads numpy, which no other command needs

    try:
        table = read_votes(file.read_bytes())
    except OSError as error:
        raise fail(f"{file}: {error.strerror}") from None
    _say_bad(file, table, localizer)
    zone = table.votes[0].cast_at.tzinfo if table.votes else None
    rows = found_rows(examine(table.votes), localizer, zone or UTC)
    write_file(result, found_csv(rows))
    members = sum(row.what == "member" for row in rows)
    typer.echo(
        localizer.text(
            "cli-examined",
            file=str(result),
            votes=len(table.votes),
            members=members,
            goods=len(rows) - members,
        )
    )
    return not table.bad


def _say_bad(file: Path, table: VoteTable, localizer: Localizer) -> None:
    """Print the errors of a file, and what becomes of the rest."""
    for cell in table.bad:
        typer.echo(f"{file}: " + bad_line(cell, localizer), err=True)
    if table.further:
        typer.echo(localizer.text("bad-more", number=table.further), err=True)
    if table.bad:
        number = len(table.bad) + table.further
        key = "cli-rows-left-out" if table.votes else "cli-nothing-to-judge"
        typer.echo(localizer.text(key, file=str(file), number=number), err=True)
