"""`ballots`: what organisers give to members."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.services import Services
from bot.terminal import fail, on_services
from domain.reading.shown_text import clean
from handlers.localization import Localizer
from services.people import MAX_GRANT, GrantRefusal

LONGEST_KEY = 60
"""Characters of a key; the column holds its prefix, too."""

ballots_app = typer.Typer(help="Give members ballots.")

TelegramId = Annotated[int, typer.Argument(min=1, help="The member's Telegram ID.")]
Reason = Annotated[str, typer.Option(help="Why; the member reads it.")]


@ballots_app.command("grant")
@on_services
async def ballots_grant(
    services: Services,
    localizer: Localizer,
    telegram_id: TelegramId,
    number: Annotated[int, typer.Argument(min=1, max=MAX_GRANT, help="How many ballots.")],
    reason: Reason,
    key: Annotated[str | None, typer.Option(help="A name of your own for this gift: it is given once.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Give them even if the same was given within ten minutes.")
    ] = False,
) -> None:
    """Give a member ballots, and tell them why. With --key, repeating the command gives nothing more."""
    _check_reason(reason, localizer)
    if key is not None and not 1 <= len(key.strip()) <= LONGEST_KEY:
        raise fail(localizer.text("cli-bad-key", most=LONGEST_KEY))
    name = f"key:{key.strip()}" if key is not None else None
    done = await services.people.grant_ballots(
        telegram_id, number, reason, "command", name, again=again or key is not None
    )
    person = str(telegram_id)
    if isinstance(done, GrantRefusal):
        refusals = {
            GrantRefusal.REPEATED: localizer.text("cli-grant-repeated", person=person),
            GrantRefusal.KEY_TAKEN: localizer.text("cli-key-taken", name=key or ""),
        }
        raise fail(refusals.get(done) or localizer.text("not-granted-unknown-member", person=person))
    said = "desk-grant-done" if done.new else "cli-grant-known"
    typer.echo(localizer.text(said, person=person, number=done.grant.ballots))


@ballots_app.command("list")
@on_services
async def ballots_list(services: Services, localizer: Localizer, telegram_id: TelegramId) -> None:
    """List what a member was given, the latest first, with the numbers that `correct` takes."""
    found = await services.people.grants_of(telegram_id)
    if found is None:
        raise fail(localizer.text("not-granted-unknown-member", person=str(telegram_id)))
    for grant in found:
        typer.echo(f"{grant.number}  {localizer.exact(grant.at)}  {grant.ballots}  {clean(grant.reason)}")


@ballots_app.command("correct")
@on_services
async def ballots_correct(
    services: Services,
    localizer: Localizer,
    grant: Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="The number of the gift, as `list` shows it.")],
    number: Annotated[int, typer.Argument(min=0, max=MAX_GRANT, help="How many ballots it should have been.")],
    reason: Reason,
) -> None:
    """Correct a gift, and tell the member why. Ballots that were used stay used."""
    _check_reason(reason, localizer)
    done = await services.people.correct_grant(grant, number, reason, "command")
    if isinstance(done, GrantRefusal):
        raise fail(localizer.text("not-granted-unknown-grant", person=str(grant)))
    person, before = str(done.member.chat_id), done.grant.before
    if done.new and before is not None:
        typer.echo(localizer.text("desk-grant-corrected", person=person, before=before, number=number))
    else:
        typer.echo(localizer.text("cli-grant-known", person=person, number=number))


def _check_reason(reason: str, localizer: Localizer) -> None:
    if not reason.strip():
        raise fail(localizer.text("cli-no-reason"))
