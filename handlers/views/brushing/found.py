"""What the detector of brushing found, as a table and in words (R28)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from domain.brushing.cases import evidence_of
from domain.brushing.evidence import FoundPattern, read_patterns
from domain.brushing.votes import Account, BrushingFinding, CastVote, Target
from handlers.localization import Localizer

FOUND = ("what", "id", "score", "why")
"""`what` is `member` (its votes for the goods would be set aside) or `item` (a case would be opened)."""
_GOODS_NAMED = 5


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One line: a member or an item with the strongest evidence against it."""

    what: str
    id: str
    score: float
    why: str


def found_rows(findings: Iterable[BrushingFinding], localizer: Localizer, zone: tzinfo) -> list[FoundRow]:
    """Each member and item of the suspect findings once, the highest score first; times in `zone`."""
    best: dict[tuple[str, str], FoundRow] = {}
    for finding in findings:
        if not finding.sets_aside:
            continue
        rows = [
            *(FoundRow("item", t.item, finding.score, why_item(finding, t, localizer, zone)) for t in finding.goods),
            *(FoundRow("member", a.member, a.score, why_member(finding, a, localizer)) for a in finding.accounts),
        ]
        for row in rows:
            known = best.get((row.what, row.id))
            if known is None or row.score > known.score:
                best[row.what, row.id] = row
    return sorted(best.values(), key=lambda row: (-row.score, row.what, row.id))


def found_csv(rows: Sequence[FoundRow]) -> bytes:
    """The table as UTF-8 without a byte order mark; identifiers stay as they were in the input."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(FOUND)
    table.writerows((row.what, row.id, f"{row.score:.2f}", row.why) for row in rows)
    return out.getvalue().encode()


def votes_rows(votes: Iterable[CastVote], zone: tzinfo) -> list[list[object]]:
    """Votes as `votes examine` reads them, by the columns `VOTE_COLUMNS`: times in `zone` with its offset, yuan."""
    return [
        [
            vote.item,
            vote.shop,
            vote.member,
            vote.telegram_id,
            vote.cast_at.astimezone(zone).isoformat(),
            vote.via or "",
            Decimal(vote.spent_fen).scaleb(-2),
            Decimal(vote.refunded_fen).scaleb(-2),
            vote.granted,
        ]
        for vote in votes
    ]


def why_member(finding: BrushingFinding, account: Account, localizer: Localizer) -> str:
    """Why a member's votes would be set aside, in one sentence."""
    named = ", ".join(good.item for good in finding.goods[:_GOODS_NAMED])
    return localizer.text(
        f"brushing-member-{finding.pattern.value}",
        voted=account.goods,
        goods=len(finding.goods),
        named=named + ("…" if len(finding.goods) > _GOODS_NAMED else ""),
        accounts=len(finding.accounts),
        span=localizer.number(finding.evidence.id_span),
    )


def why_item(finding: BrushingFinding, good: Target, localizer: Localizer, zone: tzinfo) -> str:
    """Why a case on a good would be opened, in one or two sentences."""
    (found,) = read_patterns((evidence_of(finding, good),))
    return why_good(found, localizer, zone)


def why_good(found: FoundPattern, localizer: Localizer, zone: tzinfo | None = None) -> str:
    """Why the votes for a good look bought, in one or two sentences; times in `zone`, else as the chat shows them."""
    begins, ends = _span(found.begins, found.ends, localizer, zone)
    return localizer.text(
        f"brushing-item-{found.pattern.value}",
        votes=found.votes,
        all=found.of_all,
        accounts=found.accounts,
        goods=found.goods,
        begins=begins,
        ends=ends,
        span=localizer.number(found.id_span),
        neighbours=found.id_accounts,
        observed=found.observed,
        expected=_few(found.expected, localizer),
        refunded=found.refunded,
    )


def _span(begins: datetime | None, ends: datetime | None, localizer: Localizer, zone: tzinfo | None) -> tuple[str, str]:
    if zone is not None or begins is None or ends is None:
        return _minute(begins, zone or localizer.zone), _minute(ends, zone or localizer.zone)
    if ends - begins < timedelta(minutes=1):
        ends += timedelta(minutes=1)  # from 10:01 to 10:01 would say nothing
    local = ends.astimezone(localizer.zone)
    on_one_day = begins.astimezone(localizer.zone).date() == local.date()
    return localizer.brief(begins), localizer.in_zone(f"{local:%H:%M}") if on_one_day else localizer.moment(ends)


def _minute(moment: datetime | None, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment is not None else "?"


def _few(expected: float, localizer: Localizer) -> str:
    """How many were to be expected: whole numbers from ten on, one decimal below, “fewer than 0.1” for less."""
    if expected >= 10:
        return localizer.number(round(expected))
    return localizer.text("brushing-hardly-any") if expected < 0.1 else f"{expected:.1f}"
