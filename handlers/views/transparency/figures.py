"""The figures of rounds in words, for the chat and bound chats; the web page uses the same sentences (R9, R28, R39)."""

from __future__ import annotations

from datetime import date

from domain.brushing.cases import CaseOutcome
from domain.transparency.balance import Evenness, ExposureBalance
from handlers import callbacks
from handlers.callbacks import action, open_pager
from handlers.localization import Localizer
from handlers.screen import Row, Screen
from handlers.views.transparency.rules import web_row
from services.pictures.uploads import Chart
from services.transparency.rounds import PublishedVerdicts, RoundFigures, RoundsOfDay

_ROOTS = 4
"""Voting days whose roots fit into a caption of two languages: those of a long weekend. The page has all."""


def decimal(value: float) -> str:
    """A number with one decimal."""
    return f"{value:,.1f}"


def probability(p_value: float) -> str:
    """A p-value after its sign: two decimals, or that it is smaller."""
    return "< 0.01" if p_value < 0.01 else f"= {p_value:.2f}"


def day_title(day: date, localizer: Localizer) -> str:
    """The heading of a day's rounds."""
    return localizer.text("fairness-day", day=localizer.day(day))


def evenness(balance: ExposureBalance, localizer: Localizer) -> tuple[str, ...]:
    """What the test says in plain words, and its numbers where it says something."""
    if balance.evenness is Evenness.TOO_FEW:
        return (localizer.text("fairness-too-few"),)
    percent = "< 1" if balance.p_value < 0.01 else str(round(100 * balance.p_value))
    said = localizer.text(f"fairness-{balance.evenness.value}", percent=percent)
    test = localizer.text(
        "fairness-test",
        value=decimal(balance.chi_square),
        degrees=balance.degrees,
        p=probability(balance.p_value),
    )
    return said, test


def state(figures: RoundFigures, localizer: Localizer) -> str:
    """Until when the round was on display, or that it still is."""
    key = "fairness-was-open" if figures.closed else "fairness-open"
    return localizer.text(key, moment=localizer.moment(figures.closes_at))


def chart(figures: RoundFigures, localizer: Localizer) -> Chart:
    """The picture of a round's exposures."""
    balance = figures.balance
    average = decimal(balance.total / balance.goods) if balance.goods else "0"
    return Chart(
        title=localizer.text("fairness-bar-title"),
        note=localizer.text("fairness-picture", average=average),
        bars=tuple(good.exposures for good in figures.goods if not good.left),
    )


def _round(title: str, figures: RoundFigures, localizer: Localizer) -> str:
    balance, draws = figures.balance, figures.draws
    counted = "" if draws is None else localizer.text("fairness-in-chat-draws", number=draws)
    left = [localizer.text("fairness-in-chat-left")] if any(good.left for good in figures.goods) else []
    return localizer.html(
        "fairness-in-chat",
        title=title,
        goods=len(figures.goods),
        draws=counted,
        shown=localizer.number(figures.exposures),
        most=localizer.number(balance.most),
        least=localizer.number(balance.least),
        verdict="\n".join((*left, *evenness(balance, localizer))),
    )


def _verdicts(found: PublishedVerdicts | None, localizer: Localizer, later: str) -> str:
    if found is None:
        return localizer.html(later)
    outcomes = found.outcomes
    return localizer.html(
        "fairness-in-chat-verdicts",
        suspect=found.set_aside,
        void=found.void,
        cleared=outcomes.get(CaseOutcome.CLEARED, 0),
        false=outcomes.get(CaseOutcome.VOTES_FALSE, 0),
        confirmed=outcomes.get(CaseOutcome.CONFIRMED, 0),
        granted=found.granted,
    )


def figures_text(shown: RoundsOfDay, localizer: Localizer, later: str = "fairness-verdicts-later") -> str:
    """The figures of a day's regular round, else of its first one, as HTML: short enough for a caption. `later` is the
    text about verdicts that are not published yet."""
    figures = shown.main
    parts = [_round(day_title(shown.day, localizer), figures, localizer)]
    if not figures.closed:
        parts.append(localizer.html("fairness-open", moment=localizer.moment(figures.closes_at)))
    parts.append(localizer.html("fairness-in-chat-votes", number=shown.votes))
    parts.append(_verdicts(shown.verdicts, localizer, later))
    return "\n\n".join((parts[0], "\n".join(parts[1:])))


def _roots(shown: RoundsOfDay, localizer: Localizer) -> list[str]:
    """The roots of the tally, one below the other; once, whatever languages a chat has."""
    named = [(localizer.day(day), root) for day, root in shown.roots[-_ROOTS:]]
    lines = [localizer.html("fairness-in-chat-root", day=day, root=root) for day, root in named]
    return ["\n".join(lines)] if lines else []


def fairness_screen(shown: RoundsOfDay, page: int, more: bool, address: str | None, localizer: Localizer) -> Screen:
    """The answer to /fairness: the `page`-th newest day with its picture; `address` is that of its web page."""
    rows: list[Row] = [*web_row("button-round-page", address, localizer)]
    rows += open_pager(page, more, lambda number: callbacks.FairnessCallback(page=number).pack())
    rows.append((action(localizer, "button-rules", callbacks.RulesCallback()),))
    text = "\n\n".join((figures_text(shown, localizer), *_roots(shown, localizer)))
    return Screen(text, tuple(rows), chart(shown.main, localizer))


def fairness_none(localizer: Localizer) -> Screen:
    """The answer before the first round."""
    return Screen(localizer.html("fairness-none"), ((action(localizer, "button-rules", callbacks.RulesCallback()),),))


def posted(shown: RoundsOfDay, address: str | None, localizers: tuple[Localizer, ...]) -> Screen:
    """What a bound chat is sent, once, in its languages: what is published later stands elsewhere."""
    texts = [figures_text(shown, localizer, "fairness-verdicts-elsewhere") for localizer in localizers]
    text = "\n\n".join((*texts, *_roots(shown, localizers[0])))
    return Screen(text, web_row("button-round-page", address, localizers[0]), chart(shown.main, localizers[0]))
