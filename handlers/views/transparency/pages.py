"""The web pages that everybody may read: plain data for one template, without markup and members (R35, R39)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.brushing.cases import CaseOutcome
from domain.people import LANGUAGES
from handlers.localization import Localizer
from handlers.views.transparency import figures as words
from handlers.views.transparency import rules as rules_view
from services.context import Rules
from services.transparency.rounds import PublishedVerdicts, RoundFigures, RoundsOfDay

MOST_LISTED = 500
"""Goods in the list of a round; a picture has a bar for each all the same."""
BAR_HEIGHT = 100
"""Units of the highest bar; each bar has ten units of width."""


@dataclass(frozen=True, slots=True)
class ListedGood:
    """One line of a round's list."""

    title: str
    exposures: str
    votes: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar for each good, as the `d` of one SVG path in a box `width` by `BAR_HEIGHT`; `mean` is the average's
    distance from the top."""

    path: str
    width: int
    mean: float
    caption: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page; what is empty is left out. `goods` begins with the headings of the list."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()
    bars: Bars | None = None
    goods: tuple[ListedGood, ...] = ()
    notes: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PublicPage:
    """One page. `others` are its other languages, `ways` lead to the other pages, as (address, text). `roots` are those
    of the tally, as (day, digits), on the page of a round; none elsewhere."""

    language: str
    others: tuple[tuple[str, str], ...]
    brand: str
    title: str
    lead: str
    quiet: str
    sections: tuple[Section, ...]
    ways: tuple[tuple[str, str], ...]
    root_label: str
    root_how: str
    roots: tuple[tuple[str, str], ...] = ()


def _page(
    localizer: Localizer,
    title: str,
    lead: str,
    sections: Sequence[Section],
    ways: Sequence[tuple[str, str]],
    roots: Sequence[tuple[str, str]] = (),
) -> PublicPage:
    others = [code for code in LANGUAGES if code != localizer.language]
    return PublicPage(
        language=localizer.language,
        others=tuple((code, localizer.text(f"settings-language-{code}")) for code in others),
        brand=localizer.text("page-brand"),
        title=title,
        lead=lead,
        quiet=localizer.text("page-quiet"),
        sections=tuple(sections),
        ways=tuple((f"{path}?l={localizer.language}", text) for path, text in ways),
        root_label=localizer.text("fairness-root"),
        root_how=localizer.text("fairness-root-how"),
        roots=tuple(roots),
    )


def rules_page(rules: Rules, localizer: Localizer) -> PublicPage:
    """The voting rules."""
    sections = [Section(heading, (text,)) for heading, text in rules_view.sections(rules, localizer)]
    ways = [("/fairness", localizer.text("fairness-title"))]
    return _page(localizer, localizer.text("rules-title"), localizer.text("rules-lead"), sections, ways)


def _all_ways(localizer: Localizer) -> list[tuple[str, str]]:
    return [("/fairness", localizer.text("fairness-all")), ("/rules", localizer.text("rules-title"))]


def round_page(shown: RoundsOfDay, localizer: Localizer) -> PublicPage:
    """The rounds of a day."""
    sections = [_figures(each, localizer) for each in shown.rounds]
    sections.append(_verdicts(shown.verdicts, localizer))
    title, lead = words.day_title(shown.day, localizer), localizer.text("fairness-lead")
    roots = [(localizer.day(day), root) for day, root in shown.roots]
    return _page(localizer, title, lead, sections, _all_ways(localizer), roots)


def missing_page(localizer: Localizer) -> PublicPage:
    """The page of a day without a round."""
    title, lead = localizer.text("fairness-missing"), localizer.text("fairness-missing-more")
    return _page(localizer, title, lead, [], _all_ways(localizer))


def fairness_page(days: Sequence[date], newest: RoundsOfDay | None, localizer: Localizer) -> PublicPage:
    """The latest rounds, the newest first with its figures."""
    listed = tuple(
        (f"/rounds/{day.isoformat()}?l={localizer.language}", words.day_title(day, localizer)) for day in days
    )
    sections = [] if newest is None else [_summary(newest, localizer)]
    lead = localizer.text("fairness-lead") if days else localizer.text("fairness-none")
    if listed:
        sections.append(Section(localizer.text("fairness-all"), links=listed))
    ways = [("/rules", localizer.text("rules-title"))]
    return _page(localizer, localizer.text("fairness-title"), lead, sections, ways)


def _summary(shown: RoundsOfDay, localizer: Localizer) -> Section:
    figures = shown.main
    return Section(
        words.day_title(shown.day, localizer),
        (words.state(figures, localizer), *words.evenness(figures.balance, localizer)),
        bars=_bars(figures, localizer),
    )


def _figures(figures: RoundFigures, localizer: Localizer) -> Section:
    balance = figures.balance
    heading = localizer.text("fairness-bar-title")
    if figures.special:
        heading = localizer.text("fairness-special", moment=localizer.moment(figures.opens_at))
    draws = () if figures.draws is None else ((localizer.text("fairness-draws"), localizer.number(figures.draws)),)
    numbers = (
        (localizer.text("fairness-goods"), localizer.number(len(figures.goods))),
        *draws,
        (localizer.text("fairness-exposures"), localizer.number(figures.exposures)),
        (localizer.text("fairness-most"), localizer.number(balance.most)),
        (localizer.text("fairness-least"), localizer.number(balance.least)),
        (localizer.text("fairness-votes"), localizer.number(figures.votes)),
    )
    notes = [localizer.text("fairness-left")] if any(good.left for good in figures.goods) else []
    if len(figures.goods) > MOST_LISTED:
        notes.append(localizer.text("fairness-more", number=len(figures.goods) - MOST_LISTED))
    return Section(
        heading,
        (words.state(figures, localizer), *words.evenness(balance, localizer)),
        numbers,
        _bars(figures, localizer),
        _goods(figures, localizer),
        tuple(notes),
    )


def _bars(figures: RoundFigures, localizer: Localizer) -> Bars | None:
    chart = words.chart(figures, localizer)
    most = max(chart.bars, default=0)
    if not most:
        return None
    heights = [round(BAR_HEIGHT * number / most, 1) for number in chart.bars]
    path = "".join(f"M{10 * index + 1} {BAR_HEIGHT}v-{height:g}h8v{height:g}z" for index, height in enumerate(heights))
    mean = round(BAR_HEIGHT * (1 - sum(chart.bars) / len(chart.bars) / most), 1)
    return Bars(path, 10 * len(heights), mean, chart.note)


def _goods(figures: RoundFigures, localizer: Localizer) -> tuple[ListedGood, ...]:
    headings = (localizer.text(f"fairness-{name}") for name in ("good", "shown", "votes"))
    lines = (
        ListedGood(
            ("* " if good.left else "") + good.title(localizer.language),
            localizer.number(good.exposures),
            localizer.number(good.votes),
        )
        for good in figures.goods[:MOST_LISTED]
    )
    return (ListedGood(*headings), *lines)


def _verdicts(found: PublishedVerdicts | None, localizer: Localizer) -> Section:
    heading = localizer.text("fairness-verdicts")
    if found is None:
        return Section(heading, (localizer.text("fairness-verdicts-later"),))
    totals = {
        "set-aside": found.set_aside,
        "void": found.void,
        **{outcome.value: found.outcomes.get(outcome, 0) for outcome in CaseOutcome},
        "granted": found.granted,
    }
    numbers = ((localizer.text(f"fairness-{name}"), localizer.number(number)) for name, number in totals.items())
    return Section(heading, numbers=tuple(numbers))
