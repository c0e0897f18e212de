"""Who is told of something, and when: lines of plain text for the desk and the terminal (R24, R27)."""

from __future__ import annotations

from domain.reach import Reach
from handlers.localization import Localizer
from services.groups import Scheduled
from services.rounds import Overview


def told_lines(reach: Reach, none: str, localizer: Localizer) -> list[str]:
    """Who is told, at once, when their quiet hours end, or not at all; plain lines. `none` is the key for none."""
    lines = [localizer.text(none)] if not reach.total else []
    if reach.now:
        lines.append(localizer.text("desk-told-now", number=reach.now))
    if reach.later and reach.first_later is not None:
        moment = localizer.brief(reach.first_later)  # the sentence before names the zone
        lines.append(localizer.text("desk-told-later", number=reach.later, moment=moment))
    if reach.never:
        lines.append(localizer.text("desk-told-never", number=reach.never))
    return lines


def special_opened(items: int, reach: Reach, localizer: Localizer) -> str:
    """A special round was opened: who is told when, as the answer to a tap."""
    told = " ".join(told_lines(reach, "desk-special-nobody", localizer))
    return localizer.text("desk-special", number=items, told=told)


def none_opened(now: Overview, localizer: Localizer) -> str:
    """No special round was opened: nothing waits, or only goods of banned shops (R29)."""
    return localizer.text("desk-only-banned-wait" if now.kept_back else "desk-nothing-waits")


def alerts_of(result: Scheduled, localizer: Localizer) -> list[str]:
    """Who is told of a group that was scheduled, and when; plain lines (R24)."""
    if not result.changed:
        return []
    if not result.moved:
        return [localizer.text("desk-address-changed")]
    lines = told_lines(result.reach, "desk-told-nobody", localizer)
    if result.reach.total:
        soon = localizer.now + result.lead >= result.opens_at
        key = "desk-told-again-soon" if soon else "desk-told-again"
        lines.append(localizer.text(key, lead=localizer.span(result.lead)))
    return lines
