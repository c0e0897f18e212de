"""`ballots`: what organisers give to members."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.services import Services
from bot.terminal import fail, on_services
from handlers.localization import Localizer
from services.people import MAX_GRANT

ballots_app = typer.Typer(help="Ballots that organisers give.")


@ballots_app.command("grant")
@on_services
async def ballots_grant(
    services: Services,
    localizer: Localizer,
    telegram_id: Annotated[int, typer.Argument(min=1, help="The member's Telegram ID.")],
    number: Annotated[int, typer.Argument(min=1, max=MAX_GRANT, help="How many ballots.")],
    reason: Annotated[str, typer.Option(help="Why; the member reads it.")],
) -> None:
    """Give a member ballots, and tell them why. Each call gives anew."""
    if not reason.strip():
        raise fail(localizer.text("cli-no-reason"))
    if not await services.people.grant_ballots(telegram_id, number, reason, "command"):
        raise fail(localizer.text("desk-grant-unknown", person=str(telegram_id)))
    typer.echo(localizer.text("desk-grant-done", person=str(telegram_id), number=number))
