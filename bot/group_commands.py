"""`groups`: when the groups of chosen goods open."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.services import Services
from bot.terminal import ItemRef, fail, on_services
from domain.reading.addresses import address_error
from domain.reading.times import read_time
from handlers.localization import Localizer
from handlers.views.tables import bad_key
from handlers.views.told import alerts_of
from services.groups import ScheduleRefusal

groups_app = typer.Typer(help="Schedule groups for chosen goods.")


@groups_app.command("schedule")
@on_services
async def groups_schedule(
    services: Services,
    localizer: Localizer,
    item_ref: ItemRef,
    opens_at: Annotated[str, typer.Option(help="When it opens, such as '2026-12-01 10:00'.")],
    url: Annotated[str | None, typer.Option(help="The group's page; default: the good's shop page.")] = None,
    even_late: Annotated[
        bool, typer.Option("--even-late", help="Allow a time later than two weeks after its round.")
    ] = False,
) -> None:
    """Schedule a good's group, or move it; its voters and followers are told."""
    moment = _moment(opens_at, localizer)
    if url is not None and (code := address_error(url)):
        key = bad_key(code)
        raise fail(localizer.text(key, value=url))
    item = await services.groups.find(item_ref)
    if item is None:
        raise fail(localizer.text("cli-unknown-ref", value=item_ref))
    result = await services.groups.schedule(item.id, moment, url, "command", even_late=even_late)
    if isinstance(result, ScheduleRefusal):
        why = localizer.text("cli-about", name=item_ref, what=localizer.text(f"not-scheduled-{result.value}"))
        late = result is ScheduleRefusal.LATER_THAN_PROMISED
        raise fail(f"{why}\n{localizer.text('cli-even-late')}" if late else why)
    scheduled = localizer.text(
        "cli-scheduled" if result.changed else "cli-scheduled-before",
        title=item.title(localizer.language),
        moment=localizer.exact(result.opens_at),
    )
    replaced = [localizer.text("desk-replaced", moment=localizer.at_day(result.before))] if result.before else []
    lines = [scheduled, *replaced, *alerts_of(result, localizer)]
    typer.echo("\n".join(lines if result.fits else (*lines, localizer.text("desk-does-not-fit"))))


def _moment(text: str, localizer: Localizer) -> datetime:
    """A time as people write it, in the platform's zone where it has no offset. Fails for anything else."""
    written = read_time(text, localizer.now.astimezone(localizer.zone).date())
    if written is not None and written.clock is None:
        raise fail(localizer.text("cli-no-clock", value=text))
    moment = written.moment(localizer.zone) if written else None
    try:
        if moment is not None and moment.year < 9999:
            return moment.astimezone(UTC)
    except OverflowError:
        pass
    raise fail(localizer.text("cli-bad-time", value=text))
