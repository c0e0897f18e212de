"""`votes`: what is done about votes that were bought."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.services import Services
from bot.terminal import fail, localizer_of_terminal, on_services, write_file
from domain.brushing.vote_table import VoteTable, read_votes
from domain.reading.shown_text import clean
from handlers.localization import Localizer
from handlers.views.brushing.appeals import notices_to_shop
from handlers.views.brushing.found import found_csv, found_rows
from handlers.views.tables import bad_line
from services.brushing.appeals import AppealRefusal
from services.brushing.bans import AgreementRefusal
from services.brushing.cases import ConfirmationRefusal, Confirmed
from storage.brushing.bans import StoredBan

CaseNumber = Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="The number of the case, as `cases` shows it.")]
By = Annotated[
    str | None,
    typer.Option(
        metavar="ORGANISER", help="Who decides: the number of an organiser, as the desk shows it. [the operator]"
    ),
]

_LARGEST = 256 * 1024 * 1024
"""Bytes of a table of votes: some ten times what the most rows that are read take."""

votes_app = typer.Typer(help="Look for votes that were bought, and decide on what was found.")


@votes_app.callback()
def votes() -> None:
    """Look for votes that were bought, and decide on what was found."""


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


@votes_app.command("monitor")
@on_services
async def votes_monitor(services: Services, localizer: Localizer) -> None:
    """Look for brushing in the votes of the last ten rounds: suspect votes are set aside, and a case is opened.

    The bot does this once an hour and at the end of each round.
    """
    done = await services.examinations.run()
    typer.echo(localizer.text("cli-monitored", votes=done.votes, goods=done.goods, number=done.set_aside))


@votes_app.command("cases")
@on_services
async def votes_cases(services: Services, localizer: Localizer) -> None:
    """List the cases that wait for a decision, the strongest first: the number that `clear` takes, when it was opened,
    how many accounts it names, and the good with its shop."""
    for case in await services.cases.undecided():
        opened = localizer.exact(case.opened_at)
        typer.echo(f"{case.id}  {opened}  {case.accounts}  {clean(case.ref)}  {clean(case.shop)}  {clean(case.title)}")


@votes_app.command("clear")
@on_services
async def votes_clear(
    services: Services,
    localizer: Localizer,
    case: CaseNumber,
    by: By = None,
) -> None:
    """Decide that the votes of a case are honest: all of them count, and it is not raised again for these accounts."""
    cleared = await services.cases.clear(case, await _actor(services, by, localizer))
    if cleared is None:
        raise fail(localizer.text("cli-no-case", number=case))
    typer.echo(localizer.text("cli-cleared", number=len(cleared)))


@votes_app.command("void")
@on_services
async def votes_void(
    services: Services,
    localizer: Localizer,
    case: CaseNumber,
    reason: Annotated[str, typer.Option(help="Why, for the history.")],
    by: By = None,
) -> None:
    """Decide that the suspect votes of a case are false, and the shop is not to blame.

    They are void, and their members are told. The good and its shop stay.
    """
    if not reason.strip():
        raise fail(localizer.text("cli-case-no-reason"))
    void = await services.cases.void(case, reason, await _actor(services, by, localizer))
    if void is None:
        raise fail(localizer.text("cli-no-case", number=case))
    typer.echo(localizer.text("cli-void", number=len(void)))


@votes_app.command("restore")
@on_services
async def votes_restore(
    services: Services,
    localizer: Localizer,
    case: CaseNumber,
    member: Annotated[int, typer.Option(min=1, max=2**63 - 1, help="The member's number, as the case's table has it.")],
    by: By = None,
) -> None:
    """Let one void vote count again, after its member has objected. The member is told; the case stays decided."""
    done = await services.objections.grant(case, member, await _actor(services, by, localizer))
    if not done:
        raise fail(localizer.text("cli-no-void-vote", member=str(member), case=str(case)))
    typer.echo(localizer.text("cli-restored", member=str(member)))


async def _actor(services: Services, by: str | None, localizer: Localizer) -> str:
    """Whom history names: the organiser of this number, without one the operator, who is one more person."""
    if by is None:
        return "command"
    organisers = await services.people.organisers()
    for organiser in organisers:
        if by.strip() == str(organiser.id):
            return organiser.as_organiser
    known = ", ".join(f"{organiser.id} ({organiser.shown_name})" for organiser in organisers)
    raise fail(localizer.text("cli-no-organiser", by=clean(by), known=known or "-"))


def _refused(case: int, why: AppealRefusal, localizer: Localizer) -> typer.Exit:
    if why is AppealRefusal.NO_CASE:
        return fail(localizer.text("cli-no-confirmed-case", number=case))
    return fail(localizer.text(f"cli-appeal-{why.value}"))


@votes_app.command("notice")
@on_services
async def votes_notice(services: Services, localizer: Localizer, case: CaseNumber) -> None:
    """Print what to tell the shop of a confirmed case, in each language: the decision, the ban, how to appeal."""
    notice = await services.appeals.notice(case)
    if notice is None:
        raise _refused(case, AppealRefusal.NO_CASE, localizer)
    typer.echo("\n\n".join(notices_to_shop(notice, localizer)))


@votes_app.command("appeal")
@on_services
async def votes_appeal(
    services: Services,
    localizer: Localizer,
    case: CaseNumber,
    words: Annotated[str, typer.Option(help="What the shop writes.")],
    by: By = None,
) -> None:
    """Record the shop's appeal against a confirmed case: once, within seven days of the decision."""
    if not words.strip():
        raise fail(localizer.text("cli-appeal-no-words"))
    refused = await services.appeals.record(case, words, await _actor(services, by, localizer))
    if refused is not None:
        raise _refused(case, refused, localizer)
    typer.echo(localizer.text("cli-appeal-recorded"))


@votes_app.command("decide-appeal")
@on_services
async def votes_decide_appeal(
    services: Services,
    localizer: Localizer,
    case: CaseNumber,
    granted: Annotated[bool, typer.Option("--grant/--refuse", help="What you decide.")],
    reason: Annotated[str, typer.Option(help="Why, for the shop and the history.")],
    by: By = None,
) -> None:
    """Decide on an appeal, as another organiser than the one who decided the case; a single one after a day.

    A granted appeal lets the void votes count again, lifts the ban and brings the good back.
    """
    if not reason.strip():
        raise fail(localizer.text("cli-case-no-reason"))
    decided = await services.appeals.decide(case, reason, await _actor(services, by, localizer), granted=granted)
    if isinstance(decided, AppealRefusal):
        raise _refused(case, decided, localizer)
    if not decided.granted:
        typer.echo(localizer.text("cli-appeal-refused"))
        return
    back = "yes" if decided.back else "no"
    typer.echo(localizer.text("cli-appeal-granted", number=len(decided.restored), back=back))


@votes_app.command("confirm")
@on_services
async def votes_confirm(
    services: Services,
    localizer: Localizer,
    case: CaseNumber,
    reason: Annotated[str, typer.Option(help="Why, for the history.")],
    by: By = None,
) -> None:
    """Decide that the shop has bought the votes of a case: they are void, the good is out, and the shop is banned.

    Honest voters get their ballots back and are told. A ban above one month needs a second organiser: see `agree`.
    """
    if not reason.strip():
        raise fail(localizer.text("cli-case-no-reason"))
    confirmed = await services.cases.confirm(case, reason, await _actor(services, by, localizer))
    if confirmed is ConfirmationRefusal.NO_FALSE_VOTE:
        raise fail(localizer.text("cli-no-false-vote"))
    if not isinstance(confirmed, Confirmed):
        raise fail(localizer.text("cli-no-case", number=case))
    typer.echo(localizer.text("cli-void", number=len(confirmed.void)))
    typer.echo(localizer.text("cli-good-stays" if confirmed.group_is_open else "cli-good-out"))
    _say_ban(confirmed.ban, localizer)


@votes_app.command("agree")
@on_services
async def votes_agree(services: Services, localizer: Localizer, case: CaseNumber, by: By = None) -> None:
    """Agree to a ban of more than a month that another organiser has decided."""
    agreed = await services.cases.agree(case, await _actor(services, by, localizer))
    if isinstance(agreed, AgreementRefusal):
        raise fail(localizer.text(f"cli-not-agreed-{agreed.value}"))
    _say_ban(agreed, localizer)


@votes_app.command("bans")
@on_services
async def votes_bans(services: Services, localizer: Localizer) -> None:
    """List the bans in force, the one that ends first first, each with its case."""
    for ban in await services.cases.bans():
        _say_ban(ban, localizer)


def _say_ban(ban: StoredBan, localizer: Localizer) -> None:
    until = localizer.exact(ban.ends_at)
    said = localizer.text("cli-ban", case=ban.case_id, shop=clean(ban.shop), months=ban.months, until=until)
    if ban.waits:
        said += " " + localizer.text("cli-ban-waits", case=ban.case_id, months=ban.asked_months)
    typer.echo(said)


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
    """Judge one file and write its result; whether all of it could be read. One that cannot keeps no other file from
    being judged."""
    from domain.brushing.detection.detector import examine  # loads numpy, which no other command needs

    try:
        if file.stat().st_size > _LARGEST:
            raise MemoryError
        table = read_votes(file.read_bytes())
        _say_bad(file, table, localizer)
        zone = table.votes[0].cast_at.tzinfo if table.votes else None
        rows = found_rows(examine(table.votes), localizer, zone or UTC)
    except OSError as error:
        typer.echo(f"{file}: {error.strerror}", err=True)
        return False
    except MemoryError:
        typer.echo(localizer.text("cli-too-large", file=str(file)), err=True)
        return False
    try:
        write_file(result, found_csv(rows))
    except typer.Exit:  # which has said why
        return False
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
