"""Refuses kindly what one person asks for too often (R42)."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from domain.limits import Act, Limits
from handlers.localization import Localizer
from handlers.messenger import Request
from handlers.screen import Screen


def refusal(limits: Limits, person: int, act: Act, localizer: Localizer) -> str | None:
    """Count the act of a person, by their chat ID, which a deletion and return does not change, and return None; or,
    where it is refused, the sentence that says until when."""
    again = limits.take(person, act, localizer.now)
    if again is None:
        return None
    minutes = ceil((again - localizer.now) / timedelta(minutes=1))
    return localizer.text(f"limit-{act.value}", wait=localizer.span(timedelta(minutes=minutes)))


async def is_allowed(request: Request, limits: Limits, act: Act) -> bool:
    """Count an act; where it is refused, answer the tap, or a message: many of those at once get one answer."""
    said = refusal(limits, request.member.chat_id, act, request.localizer)
    if said is None:
        return True
    if request.tap is not None:
        await request.answer(said, alert=True)
    elif request.messenger.may_hint(request.member.chat_id):
        await request.send(Screen(said))
    return False
