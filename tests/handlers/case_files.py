"""Case files for views: a good with sixty bought votes among honest ones, decided or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.brushing.bans import ban_ends
from domain.brushing.cases import CaseOutcome
from domain.brushing.evidence import CoVote, JudgedVote, case_evidence, links_of, read_patterns
from domain.brushing.verdicts import Verdict, VoteTally
from domain.brushing.votes import Pattern
from services.brushing.case_files import CaseEntry, CaseExhibit, CaseFile, CaseRecord, StoredAppeal, StoredBan
from tests.handlers.conftest import ITEM, NOW, item, localizer_in

OPENS = NOW - timedelta(hours=26)
FINDINGS: tuple[dict[str, object], ...] = tuple(
    {"pattern": pattern.value, "score": 9.0 - place, "accounts": 60, "goods": 4, "votes": 60, "of_all": 180}
    | {"begins": (NOW - timedelta(hours=9)).isoformat(), "ends": (NOW - timedelta(hours=6)).isoformat()}
    | {"observed": 58, "expected": 0.02, "id_span": 312, "id_accounts": 44, "refunded": 41}
    for place, pattern in enumerate((Pattern.LOCKSTEP, Pattern.REGISTRATION_BATCH, Pattern.REFUND_RING))
)
RECORD = CaseRecord(
    *(12, ITEM.id, 3, "茶香小店", NOW - timedelta(hours=1), FINDINGS, None, None, None, None, None, None),
    *(OPENS, OPENS + timedelta(hours=72)),
)


def case_file(**changes: Any) -> CaseFile:
    """The file of an undecided case, with changes of its record."""
    return CaseFile(
        record=replace(RECORD, **changes),
        item=ITEM,
        tally=VoteTally(180, 60, 60),
        patterns=read_patterns(FINDINGS),
        named={Verdict.SET_ASIDE: 58, Verdict.COUNTED: 2},
        links=links_of(votes()),
        ban=None,
        appeal=None,
        organisers=2,
    )


def decided(outcome: CaseOutcome, by: str = "organiser 8", **numbers: Any) -> CaseFile:
    """The file of a decided case."""
    counts = {} if outcome is CaseOutcome.CLEARED else {"void": 60, "counted": 120, "reason": "Bought & <b>sold</b>"}
    return case_file(outcome=outcome, decided_at=NOW - timedelta(minutes=5), decided_by=by, **counts | numbers)


def banned(**changes: Any) -> CaseFile:
    """The file of a confirmed case whose shop is banned."""
    begins = NOW - timedelta(minutes=5)
    ban = StoredBan(
        id=1,
        case_id=12,
        shop="Tea house",
        months=1,
        asked_months=3,
        decided_by="organiser 8",
        agreed_by=None,
        begins_at=begins,
        ends_at=ban_ends(begins, 1, localizer_in("en").zone),
        lifted_at=None,
    )
    return replace(decided(CaseOutcome.CONFIRMED), ban=replace(ban, **changes))


def appealed(file: CaseFile, **changes: Any) -> CaseFile:
    """The same with an appeal against the decision."""
    appeal = StoredAppeal("A rival has bought them", NOW - timedelta(minutes=1), "organiser 8", None, None, None, None)
    return replace(file, appeal=replace(appeal, **changes))


def votes() -> list[JudgedVote]:
    """Sixty suspect votes of neighbouring IDs within three hours, and 120 honest ones over the day."""
    suspect = [
        JudgedVote(
            500 + n,
            9_000_000 + (3 * n if n < 45 else 10_000_000 * n),
            NOW - timedelta(hours=9) + timedelta(minutes=3 * n),
            Verdict.SET_ASIDE,
            None,
            (Pattern.LOCKSTEP, Pattern.REGISTRATION_BATCH) if n % 2 else (Pattern.LOCKSTEP,),
            2.5,
        )
        for n in range(60)
    ]
    honest = [
        JudgedVote(
            1000 + n,
            100_000_000 + 7_654_321 * n,
            OPENS + timedelta(minutes=12 * n if n % 3 else n),
            Verdict.COUNTED,
            {0: 77, 1: 78}.get(n % 5),
        )
        for n in range(120)
    ]
    return suspect + honest


def exhibit(file: CaseFile | None = None, judged: Sequence[JudgedVote] | None = None) -> CaseExhibit:
    """The whole evidence of a case."""
    judged = votes() if judged is None else judged
    suspect = [vote for vote in judged if vote.patterns]
    others = [
        CoVote(vote.member_id, good, vote.cast_at + timedelta(minutes=good))
        for good in range(ITEM.id, ITEM.id + 7)
        for place, vote in enumerate(suspect)
        if good == ITEM.id or (place % good and good < 11) or place % 9 == good % 9
    ]
    evidence = case_evidence([vote for vote in judged if vote.taken_back_at is None], others, OPENS, NOW)
    titles = ("Glass teapot", "Rucksack for long walks in the rain and in the sun", "Noodles", "Lamp", "Scarf", "Pen")
    goods = {
        7 + n: item(id=7 + n, title_en=title, title_zh=("玻璃茶壶", "晴雨两用的长途徒步大背包加防雨罩")[n % 2])
        for n, title in enumerate(titles)
    }
    return CaseExhibit(file or case_file(), tuple(judged), evidence, goods)


def entry(**changes: Any) -> CaseEntry:
    """A case in the list."""
    return replace(CaseEntry(12, "玻璃茶壶", "Glass teapot", "茶香小店", None, 120, 60), **changes)
