"""What the picture of a case shows, in the reader's language (R29)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from domain.brushing.cases import CaseOutcome
from domain.brushing.evidence import CaseEvidence, LinkVotes, SharedGood
from domain.reading.shown_text import clean
from handlers.localization import Localizer
from handlers.views.brushing.cases import percent
from services.brushing.case_files import CaseExhibit
from services.pictures.case_words import CasePicture, GoodRow, Lines, PlotBar

_GOODS, _BATCHES, _LINKS = 4, 2, 2
"""How many of each are shown; a picture that is taller would be scaled down."""
_LABELS = 6
"""Times below the plot."""
_LEGEND = {
    None: "case-picture-undecided",
    CaseOutcome.CLEARED: "case-picture-cleared",
    CaseOutcome.VOTES_FALSE: "case-picture-void",
    CaseOutcome.CONFIRMED: "case-picture-void",
}


def case_picture(exhibit: CaseExhibit, localizer: Localizer) -> CasePicture:
    """The words and numbers of a case's picture. Accounts are numbers, without names."""
    file, evidence = exhibit.file, exhibit.evidence
    others = sum(vote.taken_back_at is None for vote in exhibit.votes) - evidence.accounts
    goods = _goods(exhibit, localizer)
    granted = file.appeal is not None and file.appeal.granted
    legend = _LEGEND[CaseOutcome.CLEARED if granted else file.record.outcome]
    left_out = len(evidence.goods) - len(goods)
    return CasePicture(
        title=clean(file.item.title(localizer.language)),
        subtitle=localizer.text("case-picture-title", case=str(file.record.id), shop=file.record.shop),
        named=localizer.text(legend, number=evidence.accounts, percent=percent(evidence.accounts, others)),
        others=localizer.text("case-picture-others", number=others),
        hours=localizer.in_zone(localizer.text("case-picture-hours", hours=evidence.bar // timedelta(hours=1))),
        bars=tuple(PlotBar(bar.named, bar.others) for bar in evidence.bars),
        times=tuple(_times(evidence, localizer)),
        matrix=localizer.text("case-picture-goods", accounts=evidence.accounts),
        accounts=evidence.accounts,
        goods=goods,
        more_goods=localizer.text("case-picture-more-goods", number=left_out) if left_out else "",
        lists=(_batches(evidence, localizer), _links(evidence.links, localizer)),
    )


def _times(evidence: CaseEvidence, localizer: Localizer) -> Iterator[tuple[int, str]]:
    """Labels of some bars; the first one, and the first of each further day, have the date."""
    step = max(1, -(-len(evidence.bars) // _LABELS))
    day = None
    for at in range(0, len(evidence.bars), step):
        local = evidence.bars[at].begins.astimezone(localizer.zone)
        yield at, f"{local:%m-%d %H:%M}" if local.date() != day else f"{local:%H:%M}"
        day = local.date()


def _goods(exhibit: CaseExhibit, localizer: Localizer) -> tuple[GoodRow, ...]:
    rows = []
    for good in exhibit.evidence.goods[:_GOODS]:
        item = exhibit.goods.get(good.item_id)
        about = localizer.text("case-picture-good", accounts=len(good.accounts), hours=_hours(good, localizer))
        title = clean(item.title(localizer.language)) if item else "?"
        rows.append(GoodRow(title, about, good.accounts))
    return tuple(rows)


def _hours(good: SharedGood, localizer: Localizer) -> str:
    """From when to when most of the accounts voted for a good; a day is named once."""
    begins, ends = (moment.astimezone(localizer.zone) for moment in (good.begins, good.ends))
    same = begins.date() == ends.date()
    return f"{begins:%m-%d %H:%M}–{ends:%H:%M}" if same else f"{begins:%m-%d %H:%M}–{ends:%m-%d %H:%M}"


def _batches(evidence: CaseEvidence, localizer: Localizer) -> Lines:
    lines = [
        localizer.text("case-picture-batch", accounts=batch.accounts, span=localizer.number(batch.span))
        for batch in evidence.batches[:_BATCHES]
    ]
    if more := len(evidence.batches) - len(lines):
        lines.append(localizer.text("case-picture-more-batches", number=more))
    lines.append(localizer.text("case-picture-apart", number=evidence.apart))
    return Lines(localizer.text("case-picture-ids"), tuple(lines))


def _links(links: tuple[LinkVotes, ...], localizer: Localizer) -> Lines:
    owned = [link for link in links if link.owner is not None]
    lines = [
        localizer.text("case-picture-link", member=str(link.owner), votes=link.votes, named=link.named)
        for link in owned[:_LINKS]
    ]
    if more := len(owned) - len(lines):
        lines.append(localizer.text("case-picture-more-links", number=more))
    lines += [
        localizer.text("case-picture-no-link", votes=link.votes, named=link.named)
        for link in links
        if link.owner is None
    ]
    return Lines(localizer.text("case-picture-links"), tuple(lines))
