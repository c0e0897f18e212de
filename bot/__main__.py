"""The commands. Only `run` imports the code for Telegram, because that takes seconds."""

from __future__ import annotations

import asyncio
import logging
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot import VERSION
from bot.backup_commands import backup, deliveries_app, restore
from bot.ballot_commands import ballots_app
from bot.doctor import examine
from bot.group_commands import groups_app
from bot.ops.locks import AlreadyRunning
from bot.output import print_in_any_encoding
from bot.services import Services
from bot.settings import Role, SettingsError
from bot.tally_commands import export_tally, tally_app
from bot.terminal import (
    ItemRef,
    at_a_terminal,
    check_database,
    check_target,
    fail,
    load_settings,
    on_services,
    table_in,
    write_file,
    write_table,
)
from bot.votes_commands import votes_app
from domain.brushing.vote_table import VOTE_COLUMNS
from domain.goods import WhyOut
from domain.reading.encodings import Encoding
from domain.reading.times import read_day
from handlers.localization import Localizer
from handlers.views.brushing.found import votes_rows
from handlers.views.tables import (
    RANKING,
    VOTES,
    Template,
    bad_line,
    ledger_lines,
    ranking_table,
    template,
    votes_table,
)
from handlers.views.told import none_opened, special_opened
from services.goods import Imported
from services.groups import RejectionRefusal
from services.isolation.readers import read_goods_file, read_spending_file
from services.spending import SpendingImported
from services.table_files import Choices

app = typer.Typer(
    help="I want to group: members vote for what they want, and groups open for it. Without a command, the bot runs.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _group(name: str, about: str) -> typer.Typer:
    group = typer.Typer(help=about)
    app.add_typer(group, name=name)
    return group


goods_app = _group("goods", "Import goods, and end those that get no group.")
spend_app = _group("spend", "Import what members spent: it earns them ballots.")
rounds_app = _group("rounds", "When goods are on display.")
app.add_typer(ballots_app, name="ballots")
app.add_typer(votes_app, name="votes")
app.add_typer(groups_app, name="groups")
app.add_typer(tally_app, name="tally")
export_app = _group("export", "Write the ranking, the votes and the tally as tables.")
app.add_typer(deliveries_app, name="deliveries")

TableFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A CSV or XLSX file, or a ZIP of one.")
]
NewTable = Annotated[
    Path, typer.Argument(dir_okay=False, help="Where to write it: a workbook if it ends with .xlsx, else a CSV.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check the file without changing anything.")]
FileEncoding = Annotated[
    Encoding | None, typer.Option("--encoding", help="The encoding, where a file can be read in two.")
]
FileTable = Annotated[int | None, typer.Option("--table", min=1, help="Which table, where a ZIP has several.")]
FileSheet = Annotated[int | None, typer.Option("--sheet", min=1, help="Which sheet, where a workbook has several.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Import the valid rows, even if others are bad.")]


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version of the bot.")] = False,
) -> None:
    """Run the bot, or one of the commands."""
    if version:
        typer.echo(f"want-to-group {VERSION}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        run()


@app.command()
def run(
    role: Annotated[Role, typer.Option(help="What this process does, if several share a PostgreSQL database.")] = (
        Role.ALL
    ),
) -> None:
    """Run the bot: on Telegram with BOT_TOKEN, without it in a local chat on this machine."""
    settings = load_settings()
    typer.echo("Starting …", err=True)
    asyncio.run(check_database(settings))
    import uvloop

    from bot import app as program
    from bot.ops.observability import log_to_terminal, start_observability

    log_to_terminal(settings.log_format)
    start_observability(settings)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
            loop.run(program.run(settings, role))
    except AlreadyRunning as error:
        raise fail(f"Not started: {error}") from None
    except SettingsError as error:
        raise fail(f"Settings: {error}") from None
    except program.ComponentFailed as error:
        raise fail(str(error)) from None
    except Exception as error:  # the log removes tokens from traces, the interpreter would not
        logging.getLogger("bot").critical("the bot stopped", exc_info=error)
        raise typer.Exit(1) from None


@goods_app.command("import")
@on_services
async def goods_import(
    services: Services,
    localizer: Localizer,
    file: TableFile,
    dry_run: DryRun = False,
    skip_bad: SkipBad = False,
    encoding: FileEncoding = None,
    table: FileTable = None,
    sheet: FileSheet = None,
) -> None:
    """Import goods from a CSV, an XLSX, or a ZIP; importing a file again changes nothing.

    Pictures are paths beside the file or in the ZIP, or https links.
    """
    with typer.progressbar(length=1, label=localizer.text("cli-pictures"), file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        async with table_in(file, _choices(table, sheet, encoding), read_goods_file, localizer) as found:
            result = await services.goods.import_goods(
                found.parsed,
                found.folder or file.parent,
                "command",
                dry_run=dry_run,
                skip_bad=skip_bad,
                progress=progress,
            )
    _say_imported(result, localizer, dry_run=dry_run, skip_bad=skip_bad)


@goods_app.command("template")
@on_services
async def goods_template(services: Services, localizer: Localizer, file: NewTable) -> None:
    """Write a table to fill in with goods."""
    _write_template(Template.GOODS, file, localizer)


@goods_app.command("out")
@on_services
async def goods_out(
    services: Services,
    localizer: Localizer,
    item_ref: ItemRef,
    reason: Annotated[WhyOut, typer.Option(help="Why no group opens for it; they read it.")],
) -> None:
    """End a good without a group, and tell its voters and followers why; a scheduled group is cancelled."""
    item = await services.groups.find(item_ref)
    if item is None:
        raise fail(localizer.text("cli-unknown-ref", value=item_ref))
    result = await services.groups.reject(item.id, reason, "command")
    if isinstance(result, RejectionRefusal):
        raise fail(localizer.text("cli-about", name=item_ref, what=localizer.text(f"not-rejected-{result.value}")))
    typer.echo(localizer.text("desk-rejected", title=item.title(localizer.language), told=result.notified))


@spend_app.command("import")
@on_services
async def spend_import(
    services: Services,
    localizer: Localizer,
    file: TableFile,
    dry_run: DryRun = False,
    skip_bad: SkipBad = False,
    corrections: Annotated[
        bool, typer.Option("--corrections", help="Also store other amounts and days of known refs.")
    ] = False,
    encoding: FileEncoding = None,
    table: FileTable = None,
    sheet: FileSheet = None,
) -> None:
    """Import spending and refunds, also of people who join later; importing a file again changes nothing."""
    async with table_in(file, _choices(table, sheet, encoding), read_spending_file, localizer) as found:
        take_in = partial(services.goods.import_spending, found.parsed, skip_bad=skip_bad)
    asks = not (dry_run or corrections) and at_a_terminal()
    result = await take_in(dry_run=dry_run or asks, corrections=corrections)
    for line in ledger_lines(result, localizer):
        typer.echo(line)
    if asks:
        shown = result.corrections
        question = localizer.text("cli-corrections-ask", number=len(shown))
        may_store = shown and (skip_bad or not result.bad)
        result = await take_in(corrections=shown if may_store and typer.confirm(question) else ())
        unseen = tuple(row for row in result.unconfirmed if row not in shown)  # the ledger changed meanwhile
        for line in ledger_lines(SpendingImported(corrections=unseen), localizer):
            typer.echo(line)
    _say_imported(result, localizer, dry_run=dry_run, skip_bad=skip_bad)


@spend_app.command("template")
@on_services
async def spend_template(services: Services, localizer: Localizer, file: NewTable) -> None:
    """Write a table to fill in with spending."""
    _write_template(Template.SPENDING, file, localizer)


def _write_template(kind: Template, file: Path, localizer: Localizer) -> None:
    check_target(file)
    if file.exists():  # most likely the one that was filled in
        raise fail(localizer.text("cli-exists", file=str(file)))
    write_file(file, template(kind, file.name, localizer))
    typer.echo(str(file))


def _choices(table: int | None, sheet: int | None, encoding: Encoding | None) -> Choices:
    """What the options choose; people count from 1."""
    return Choices(None if table is None else table - 1, None if sheet is None else sheet - 1, encoding)


def _say_imported(result: Imported | SpendingImported, localizer: Localizer, *, dry_run: bool, skip_bad: bool) -> None:
    """Print the bad cells, then the counts. A bad file ends with 1, even where its good rows were imported.

    So does one that has corrections which were left out.
    """
    for cell in result.bad:
        typer.echo(bad_line(cell, localizer), err=True)
    if result.further:
        typer.echo(localizer.text("bad-more", number=result.further), err=True)
    left_out = len(result.unconfirmed) if isinstance(result, SpendingImported) and not dry_run else 0
    refused = bool(result.bad) and not skip_bad
    key = "cli-previewed" if dry_run else "cli-imported" if result.stored else "cli-not-imported"
    said = localizer.text(key)
    if refused or dry_run or result.stored:
        said = localizer.text("cli-with-skip-bad", outcome=said) if refused else said
        counts = localizer.text("import-counts", new=result.new, changed=result.changed - left_out, same=result.same)
        said = localizer.text("cli-outcome", outcome=said, counts=counts)
    typer.echo(said)
    if left_out and not refused:
        raise fail(localizer.text("cli-corrections-left"))
    if result.bad:
        raise typer.Exit(1)


@rounds_app.command("preview")
@on_services
async def rounds_preview(
    services: Services,
    localizer: Localizer,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days.")] = 30,
) -> None:
    """List when rounds open and close in the coming days, and on which days organisers decided."""
    lines = []
    for window in await services.rounds.preview(days):
        opens, closes = localizer.exact(window.opens_at), localizer.exact(window.closes_at)
        hours = round(window.duration.total_seconds() / 3600)
        lines.append(localizer.text("cli-round", opens=opens, closes=closes, hours=hours))
    for day in await services.rounds.coming_days(days + 1):
        if day.own:
            key = "cli-own-day-working" if day.window else "cli-own-day-off"
            lines.append(localizer.text(key, day=day.day.isoformat()))
    typer.echo("\n".join(lines))


@rounds_app.command("day")
@on_services
async def rounds_day(
    services: Services,
    localizer: Localizer,
    day: Annotated[str, typer.Argument(help="The date, such as 2026-12-25.")],
    off: Annotated[bool, typer.Option("--off", help="No round opens on that day.")] = False,
    working: Annotated[bool, typer.Option("--working", help="A round opens on that day.")] = False,
    default: Annotated[bool, typer.Option("--default", help="The calendar decides again.")] = False,
) -> None:
    """Decide whether a round opens on a day, whatever the calendar says; it applies at once."""
    if [off, working, default].count(True) != 1:
        raise fail(localizer.text("cli-which-day"))
    parsed = read_day(day)
    if parsed is None:
        raise fail(localizer.text("cli-bad-day", value=day))
    if not await services.rounds.decide_day(parsed, None if default else working, "command"):
        raise fail(localizer.text("cli-about", name=day, what=localizer.text("desk-day-over")))
    key = "cli-own-day-default" if default else "cli-own-day-working" if working else "cli-own-day-off"
    typer.echo(localizer.text(key, day=parsed.isoformat()))


@rounds_app.command("open")
@on_services
async def rounds_open(services: Services, localizer: Localizer) -> None:
    """Open a special round now with the goods that wait; members are told."""
    opened = await services.rounds.open_special()
    if opened is None:
        raise fail(none_opened(await services.rounds.overview(), localizer))
    typer.echo(special_opened(opened.items, await services.rounds.reach(), localizer))


@export_app.command("votes")
@on_services
async def export_votes(
    services: Services,
    localizer: Localizer,
    file: NewTable,
    for_examine: Annotated[
        bool, typer.Option("--for-examine", help="The columns that `votes examine` reads, with Telegram's IDs.")
    ] = False,
) -> None:
    """Write one row per vote. Members appear as numbers of the bot's own, not as Telegram IDs."""
    zone = services.context.rules.zone
    if for_examine:
        write_table(file, VOTE_COLUMNS, votes_rows(await services.examinations.votes(), zone), localizer)
        return
    rows = [row async for part in services.goods.votes_table() for row in votes_table(part, zone)]
    write_table(file, VOTES, rows, localizer)


@export_app.command("ranking")
@on_services
async def export_ranking(services: Services, localizer: Localizer, file: NewTable) -> None:
    """Write the goods, most votes first, each with how many people would be told of its opening."""
    found = await services.goods.ranking()
    tallies = await services.goods.tallies([item.id for item, _ in found])
    write_table(file, RANKING, ranking_table(found, tallies), localizer)


export_app.command("tally")(export_tally)
app.command()(backup)
app.command()(restore)


@app.command()
def doctor() -> None:
    """Check the settings, the connections and the database; exit code 1 if something is wrong."""
    settings = load_settings()
    findings = asyncio.run(examine(settings))
    for finding in findings:
        typer.echo(("ok   " if finding.ok else "WRONG") + f"  {finding.subject}: {finding.text}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


if __name__ == "__main__":
    print_in_any_encoding()
    app()
