"""The voting rules as text (R14-R18, R28, R29, R39): one list of sections for the chat and for the web."""

from __future__ import annotations

from datetime import timedelta

from domain.brushing import bans
from domain.csv_files import SPENDING_COUNTS_FROM
from handlers import callbacks
from handlers.callbacks import action
from handlers.localization import Localizer
from handlers.screen import Button, Row, Screen
from services.context import Rules

SECTIONS = ("voters", "ballots", "limits", "display", "members", "shops", "bans", "appeals", "objections")
"""The sections in order; each has the texts `rules-…` and `rules-…-text`."""


def _numbers(rules: Rules, localizer: Localizer) -> dict[str, str | int]:
    """Every number that a section names: those of the settings, and those of bans and appeals."""
    return {
        "step": localizer.money(rules.fen_per_ballot),
        "year": str(SPENDING_COUNTS_FROM.year),
        "welcome": rules.welcome_ballots,
        "returned": "yes" if rules.return_ballots else "no",
        "votes": rules.votes_per_day,
        "changes": rules.take_backs_per_day,
        "opens": localizer.time(rules.opens_at),
        "first": bans.SHORTEST,
        "second": bans.MIDDLE,
        "third": bans.LONGEST,
        "days": bans.APPEAL_WITHIN.days,
        "hours": bans.SAME_ORGANISER_AFTER // timedelta(hours=1),
    }


def sections(rules: Rules, localizer: Localizer) -> list[tuple[str, str]]:
    """(heading, text) of each section, plain."""
    numbers = _numbers(rules, localizer)
    return [(localizer.text(f"rules-{name}"), localizer.text(f"rules-{name}-text", **numbers)) for name in SECTIONS]


def rules_screen(rules: Rules, page: str | None, localizer: Localizer) -> Screen:
    """The answer to /rules; `page` is the address of the web page, None without one."""
    numbers = _numbers(rules, localizer)
    parts = [f"⚖️ <b>{localizer.html('rules-title')}</b>"]
    parts += [
        f"<b>{localizer.html(f'rules-{n}')}</b>\n{localizer.html(f'rules-{n}-text', **numbers)}" for n in SECTIONS
    ]
    fairness = action(localizer, "button-fairness", callbacks.FairnessCallback(fresh=True))
    return Screen("\n\n".join(parts), (*web_row("button-rules-page", page, localizer), (fairness,)))


def short_rules(rules: Rules, page: str | None, chat: str, localizers: tuple[Localizer, ...]) -> Screen:
    """The answer to /rules in a group or channel, in its languages; `chat` is the address of the chat with the bot."""
    text = "\n\n".join(
        localizer.html("rules-short", step=localizer.money(rules.fen_per_ballot), votes=rules.votes_per_day)
        for localizer in localizers
    )
    in_chat = Button(localizers[0].text("button-in-chat"), url=chat)
    return Screen(text, (*web_row("button-rules-page", page, localizers[0]), (in_chat,)))


def web_row(key: str, address: str | None, localizer: Localizer) -> tuple[Row, ...]:
    """A button that leads to a web page; no row where there are none."""
    return ((Button(localizer.text(key), url=address),),) if address else ()
