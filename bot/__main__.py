"""The commands. Only `run` imports the code for Telegram, because that takes seconds."""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import typer

from bot.doctor import examine
from bot.ops.maintenance import put_back, write_backup
from bot.services import Services
from bot.settings import Role, SettingsError
from bot.terminal import check_database, fail, load_settings, say, with_services, write_table
from domain.csv_files import read_goods, read_spending
from domain.goods import WhyOut
from handlers.localization import Localizer
from handlers.views.tables import RANKING, VOTES, bad_line, ranking_table, votes_table
from services.endings import RejectionRefusal
from services.goods import Imported
from services.groups import ScheduleRefusal
from services.guards import hold
from services.people import MAX_GRANT
from storage.backup import BackupError

app = typer.Typer(
    help="I want to group: members vote for what they want, and groups open for it. Without a command: run the bot.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)
goods_app = typer.Typer(help="The goods on their way to a group.")
spend_app = typer.Typer(help="What members spent, from which ballots come.")
rounds_app = typer.Typer(help="The display windows.")
ballots_app = typer.Typer(help="Ballots that organisers give.")
groups_app = typer.Typer(help="Groups for chosen goods.")
export_app = typer.Typer(help="Tables to take out.")
deliveries_app = typer.Typer(help="What is being sent.")
for name, group in (
    ("goods", goods_app),
    ("spend", spend_app),
    ("rounds", rounds_app),
    ("ballots", ballots_app),
    ("groups", groups_app),
    ("export", export_app),
    ("deliveries", deliveries_app),
):
    app.add_typer(group, name=name)

TableFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The CSV file.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Look the file through, change nothing.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Import the good rows of a file with bad ones.")]


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """Run the bot, or one of the commands."""
    if context.invoked_subcommand is None:
        run()


@app.command()
def run(
    role: Annotated[Role, typer.Option(help="What this process does, where several share a PostgreSQL database.")] = (
        Role.ALL
    ),
) -> None:
    """Run the bot: with BOT_TOKEN on Telegram, without it in a chat of its own on this machine."""
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
    except SettingsError as error:
        raise fail(f"Settings: {error}") from None
    except program.ComponentFailed as error:
        raise fail(str(error)) from None
    except Exception as error:  # the log removes tokens from traces, the interpreter would not
        logging.getLogger("bot").critical("the bot stopped", exc_info=error)
        raise typer.Exit(1) from None


@goods_app.command("import")
def goods_import(file: TableFile, dry_run: DryRun = False, skip_bad: SkipBad = False) -> None:
    """Import goods; the same file again changes nothing. Pictures are paths beside the file, or https links."""
    table = read_goods(file.read_bytes())

    async def work(services: Services, localizer: Localizer) -> tuple[Imported, Localizer]:
        with typer.progressbar(length=1, label=localizer.text("cli-pictures"), file=sys.stderr) as bar:

            def progress(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            result = await services.goods.import_goods(
                table,
                file.parent,
                "command",
                dry_run=dry_run,
                skip_bad=skip_bad,
                anywhere=True,
                progress=progress,
            )
        return result, localizer

    _say_imported(*with_services(work), dry_run=dry_run)


@goods_app.command("out")
def goods_out(
    item_ref: Annotated[str, typer.Argument(help="The good's ref.")],
    reason: Annotated[WhyOut, typer.Option(help="Why no group opens for it; its voters are told.")],
) -> None:
    """End a good without a group: its people are told why, and a group that was scheduled is cancelled."""

    async def work(services: Services, localizer: Localizer) -> tuple[str, bool]:
        item = await services.groups.find(item_ref)
        if item is None:
            return localizer.text("cli-unknown-ref", value=item_ref), False
        result = await services.endings.reject(item.id, reason, "command")
        if isinstance(result, RejectionRefusal):
            return f"{item_ref}: " + localizer.text(f"not-out-{result.value}"), False
        return localizer.text("desk-out-done", title=item.title(localizer.language), told=result.told), True

    say(*with_services(work))


@spend_app.command("import")
def spend_import(file: TableFile, dry_run: DryRun = False, skip_bad: SkipBad = False) -> None:
    """Import spending; the same file again changes nothing, and people may come later than their spending."""
    table = read_spending(file.read_bytes())

    async def work(services: Services, localizer: Localizer) -> tuple[Imported, Localizer]:
        return await services.goods.import_spending(table, dry_run=dry_run, skip_bad=skip_bad), localizer

    _say_imported(*with_services(work), dry_run=dry_run)


def _say_imported(result: Imported, localizer: Localizer, *, dry_run: bool) -> None:
    """Print every bad cell, then the counts. A bad file ends with 1, even where its good rows were imported."""
    for cell in result.bad:
        typer.echo(bad_line(cell, localizer), err=True)
    key = "cli-looked-through" if dry_run else "cli-imported" if result.stored else "cli-not-imported"
    typer.echo(localizer.text(key) + ": " + localizer.text("import-counts", **_counts(result)))
    if result.bad:
        raise typer.Exit(1)


def _counts(result: Imported) -> dict[str, int]:
    return {"new": result.new, "changed": result.changed, "same": result.same}


@rounds_app.command("preview")
def rounds_preview(days: Annotated[int, typer.Option(min=1, max=366)] = 30) -> None:
    """Show when rounds open and close in the next days, and which of these days organisers decided on."""

    async def work(services: Services, localizer: Localizer) -> list[str]:
        lines = [
            localizer.text(
                "cli-round",
                opens=localizer.exact(window.opens_at),
                closes=localizer.exact(window.closes_at),
                hours=round(window.duration.total_seconds() / 3600),
            )
            for window in await services.rounds.preview(days)
        ]
        own = [day for day in await services.days.coming(days + 1) if day.own]
        return lines + [
            localizer.text("cli-own-day-working" if day.window else "cli-own-day-off", day=day.day.isoformat())
            for day in own
        ]

    typer.echo("\n".join(with_services(work)))


@rounds_app.command("day")
def rounds_day(
    day: Annotated[str, typer.Argument(help="The date, such as 2026-12-25.")],
    off: Annotated[bool, typer.Option("--off", help="No round opens on it.")] = False,
    working: Annotated[bool, typer.Option("--working", help="A round opens on it.")] = False,
    default: Annotated[bool, typer.Option("--default", help="The calendar decides again.")] = False,
) -> None:
    """Make a day one on which a round opens, or none, whatever the calendar says; rounds follow at once."""

    async def work(services: Services, localizer: Localizer) -> tuple[str, bool]:
        if [off, working, default].count(True) != 1:
            return localizer.text("cli-which-day"), False
        try:
            parsed = date.fromisoformat(day)
        except ValueError:
            return localizer.text("cli-bad-day", value=day), False
        if not await services.days.decide(parsed, None if default else working, "command"):
            return f"{day}: " + localizer.text("desk-day-over"), False
        key = "cli-own-day-default" if default else "cli-own-day-working" if working else "cli-own-day-off"
        return localizer.text(key, day=parsed.isoformat()), True

    say(*with_services(work))


@rounds_app.command("open")
def rounds_open() -> None:
    """Open a special round now with what waits; members are told."""

    async def work(services: Services, localizer: Localizer) -> tuple[Any, Localizer]:
        return await services.rounds.open_special(), localizer

    opened, localizer = with_services(work)
    if opened is None:
        raise fail(localizer.text("desk-nothing-waits"))
    typer.echo(localizer.text("desk-special", number=opened.items))


@ballots_app.command("grant")
def ballots_grant(
    telegram_id: Annotated[int, typer.Argument(min=1, help="The member's Telegram ID.")],
    number: Annotated[int, typer.Argument(min=1, max=MAX_GRANT, help="How many ballots.")],
    reason: Annotated[str, typer.Option(help="Why; the member reads it.")],
) -> None:
    """Give a member ballots, and tell them why. Each call gives anew."""

    async def work(services: Services, localizer: Localizer) -> tuple[str, bool]:
        if not reason.strip():
            return localizer.text("cli-no-reason"), False
        member = await services.people.grant_ballots(telegram_id, number, reason, "command")
        key = "desk-gift-done" if member else "desk-gift-unknown"
        return localizer.text(key, person=str(telegram_id), number=number), member is not None

    say(*with_services(work))


@groups_app.command("schedule")
def groups_schedule(
    item_ref: Annotated[str, typer.Argument(help="The good's ref.")],
    opens_at: Annotated[str, typer.Option(help="When it opens, such as 2026-12-01T10:00+08:00.")],
    url: Annotated[str | None, typer.Option(help="The group's page; default: the good's shop page.")] = None,
    even_late: Annotated[bool, typer.Option("--even-late", help="Also later than two weeks after its round.")] = False,
) -> None:
    """Schedule, or move, the group of a good; its voters and followers are told."""

    async def work(services: Services, localizer: Localizer) -> tuple[str, bool]:
        moment = _moment(opens_at, services.context.rules.zone)
        if moment is None:
            return localizer.text("cli-bad-time", value=opens_at), False
        if url is not None and not _is_link(url):
            return localizer.text("bad-not-a-url", value=url), False
        item = await services.groups.find(item_ref)
        if item is None:
            return localizer.text("cli-unknown-ref", value=item_ref), False
        result = await services.groups.schedule(item.id, moment, url, "command", even_late=even_late)
        if isinstance(result, ScheduleRefusal):
            why = f"{item_ref}: " + localizer.text(f"not-scheduled-{result.value}")
            late = result is ScheduleRefusal.LATER_THAN_PROMISED
            return f"{why} {localizer.text('cli-even-late')}" if late else why, False
        text = localizer.text(
            "cli-scheduled",
            title=item.title(localizer.language),
            moment=localizer.exact(result.opens_at),
            told=result.audience,
            lead=localizer.span(result.lead),
        )
        return text if result.fits else text + "\n" + localizer.text("desk-does-not-fit"), True

    say(*with_services(work))


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """An ISO 8601 time, in `zone` where it has no offset; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return moment.astimezone(UTC) if moment.year < 9999 else None
    except (ValueError, OverflowError):
        return None


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and " " not in url
    except ValueError:
        return False


@export_app.command("votes")
def export_votes(file: Annotated[Path, typer.Argument(dir_okay=False)]) -> None:
    """Write one row a vote. Members are numbers of this bot, not Telegram's."""

    async def work(services: Services, _localizer: Localizer) -> list[list[Any]]:
        return votes_table(await services.goods.votes_table(), services.context.rules.zone)

    write_table(file, VOTES, with_services(work))


@export_app.command("ranking")
def export_ranking(file: Annotated[Path, typer.Argument(dir_okay=False)]) -> None:
    """Write the goods by votes, each with how many people its opening would be told to (R31)."""

    async def work(services: Services, _localizer: Localizer) -> list[list[Any]]:
        return ranking_table(await services.goods.ranking())

    write_table(file, RANKING, with_services(work))


@app.command()
def backup(file: Annotated[Path, typer.Argument(dir_okay=False)]) -> None:
    """Write a checked copy of the SQLite database, also while the bot runs."""
    try:
        typer.echo(write_backup(load_settings(), file))
    except BackupError as error:
        raise fail(str(error)) from None


@app.command()
def restore(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]) -> None:
    """Put a backup in the database's place, with everything due held; the bot must be stopped."""
    try:
        typer.echo(put_back(load_settings(), file))
    except BackupError as error:
        raise fail(str(error)) from None


@deliveries_app.command("hold")
def deliveries_hold() -> None:
    """Hold everything due, as after a restore: for a database that was brought back by other means."""

    async def work(services: Services, localizer: Localizer) -> str:
        await hold(services.context.db, services.context.clock.now())
        return localizer.text("cli-held")

    typer.echo(with_services(work))


@deliveries_app.command("go")
def deliveries_go() -> None:
    """Let go of what is held since a restore."""

    async def work(services: Services, localizer: Localizer) -> str:
        return localizer.text("cli-go" if await services.campaigns.go() else "cli-nothing-held")

    typer.echo(with_services(work))


@app.command()
def doctor() -> None:
    """Say what is configured, reachable and migrated; exit 1 where something is wrong."""
    settings = load_settings()
    findings = asyncio.run(examine(settings))
    for finding in findings:
        typer.echo(("ok   " if finding.ok else "WRONG") + f"  {finding.subject}: {finding.text}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
