"""`tally` and `export tally`: the acts of a voting day as everyone can check them, and receipts (R39)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, TextIO
from zoneinfo import ZoneInfo

import typer

from bot.jobs.exports import write_table
from bot.services import Services
from bot.terminal import check_target, fail, localizer_of_terminal, on_services
from domain.reading.times import read_day
from domain.transparency.tally import TallyAct
from domain.transparency.tally_table import (
    LONGEST_RECEIPT,
    TALLY_COLUMNS,
    TableFault,
    TallyCount,
    check_table,
    read_receipt,
    root_of_text,
)
from handlers.localization import Localizer
from services.spreadsheets import SpreadsheetError, read_sheets

tally_app = typer.Typer(help="Check the tally of a voting day, and receipts, without a database.")

_LONGEST_LINE = 1024
"""Characters; a line of a table has fewer than 200."""
_Root = Annotated[str | None, typer.Option("--root", help="The root that was published, 64 hexadecimal digits.")]


@tally_app.callback()
def tally() -> None:
    """Check the tally of a voting day, and receipts, without a database."""


@on_services
async def export_tally(
    services: Services,
    localizer: Localizer,
    file: Annotated[
        Path, typer.Argument(dir_okay=False, help="Where to write it: a workbook if it ends with .xlsx, else a CSV.")
    ],
    day: Annotated[
        str | None, typer.Option("--day", help="The voting day, such as 2026-12-25; else the latest.")
    ] = None,
) -> None:
    """Write the acts of a voting day, one per row, as `tally verify` checks them. They name no members."""
    check_target(file)
    wanted = _day(day, localizer) if day is not None else None
    found = await services.tally.published(wanted)
    if found is None or found.root is None:
        text = localizer.text("cli-tally-none", day=str(wanted)) if wanted else localizer.text("cli-tally-none-yet")
        raise fail(text)
    try:
        async with aclosing(services.tally.table(found)) as parts:
            number = await write_table(file, TALLY_COLUMNS, parts) - 1
    except OSError as error:
        raise fail(f"{file}: {error.strerror}") from None
    if number != found.leaves:
        file.unlink()
        raise fail(localizer.text("cli-tally-deleted", day=str(found.day), root=found.root.hex()))
    typer.echo(localizer.text("cli-written", number=number, file=str(file)))
    typer.echo(localizer.text("cli-tally-exported", day=str(found.day), root=found.root.hex()))


@tally_app.command("verify")
def tally_verify(
    day: Annotated[str, typer.Argument(help="The voting day, such as 2026-12-25.")],
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="What `export tally` wrote.")
    ],
    root: _Root = None,
) -> None:
    """Check the acts of a voting day against its root, and add them up for each good.

    Ends with 1 where an act was changed, added or dropped. Without --root, compare the root that it prints yourself.
    """
    localizer = _localizer()
    wanted, published = _day(day, localizer), _root(root, localizer)
    try:
        found = check_table(_lines(file), wanted, published)
    except (UnicodeDecodeError, csv.Error, SpreadsheetError):
        raise fail(localizer.text("cli-about", name=str(file), what=localizer.text("cli-file-unusable"))) from None
    except OSError as error:
        raise fail(f"{file}: {error.strerror}") from None
    if isinstance(found, TableFault):
        raise fail(localizer.text("cli-about", name=str(file), what=_fault(found, localizer)))
    for item in found.items():
        typer.echo(_good(found, item, localizer))
    typer.echo(localizer.text("cli-tally-fits", day=str(wanted), acts=found.tree.leaves, root=found.tree.root().hex()))
    if published is None:
        typer.echo(localizer.text("cli-tally-compare"))


@tally_app.command("check-receipt")
def tally_check_receipt(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="What /receipt sent.")],
    root: _Root = None,
) -> None:
    """Check a receipt against the root of its day.

    Ends with 1 where it proves nothing. Without --root, compare the root that it prints yourself.
    """
    localizer = _localizer()
    published = _root(root, localizer)
    try:
        with file.open("rb") as content:
            receipt = read_receipt(content.read(LONGEST_RECEIPT))
    except OSError as error:
        raise fail(f"{file}: {error.strerror}") from None
    if receipt is None or not receipt.is_sound():
        raise fail(localizer.text("cli-about", name=str(file), what=localizer.text("cli-receipt-wrong")))
    told = receipt.root.hex()
    if published not in (None, receipt.root):
        raise fail(localizer.text("cli-receipt-other-root", root=told))
    about = {"item": str(receipt.item), "day": str(receipt.day), "member": str(receipt.member)}
    typer.echo(localizer.text("cli-receipt-fits", root=told, **about))
    if published is None:
        typer.echo(localizer.text("cli-tally-compare"))


def _localizer() -> Localizer:
    return localizer_of_terminal(ZoneInfo("UTC"), datetime.now(UTC))


def _day(text: str, localizer: Localizer) -> date:
    day = read_day(text)
    if day is None:
        raise fail(localizer.text("cli-bad-day", value=text))
    return day


def _root(text: str | None, localizer: Localizer) -> bytes | None:
    root = root_of_text(text) if text is not None else None
    if text is not None and root is None:
        raise fail(localizer.text("cli-bad-root"))
    return root


def _lines(file: Path) -> Iterator[tuple[int, Sequence[str]]]:
    """The lines of a table with their numbers: of a CSV one at a time, as a day may have millions."""
    if file.suffix == ".xlsx":
        for sheet in read_sheets(file.read_bytes())[:1]:
            for row in sheet.rows.rows:
                cells: Sequence[str] = row.cells
                while not cells[-1]:  # rows are read as wide as a sheet may be, and none is empty
                    cells = cells[:-1]
                yield row.line, cells
        return
    with file.open(encoding="utf-8-sig", newline="") as content:
        reader = csv.reader(_bounded(content))
        for cells in reader:
            yield reader.line_num, cells


def _bounded(content: TextIO) -> Iterator[str]:
    """The lines of a text. Raises csv.Error for one that no table has, of which only the beginning is read."""
    while line := content.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise csv.Error("a line is too long")
        yield line


def _fault(fault: TableFault, localizer: Localizer) -> str:
    what = localizer.text(f"tally-{fault.kind.value}")
    return what if fault.line is None else localizer.text("cli-tally-line", line=str(fault.line), what=what)


def _good(found: TallyCount, item: int, localizer: Localizer) -> str:
    """What the acts of the day are for one good."""
    numbers = {act.value.replace("-", ""): found.acts[item, act] for act in TallyAct}
    return localizer.text("cli-tally-good", item=str(item), moved=format(found.moved(item), "+d"), **numbers)
