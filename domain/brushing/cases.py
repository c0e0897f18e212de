"""Cases: people decide on what the detector has found (R29)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.brushing.votes import BrushingFinding, Pattern, Target

LEAST_ACCOUNTS = 8
"""Accounts of a finding that no case has cleared, from which on it opens a case: fewer are no group to the detector."""


class CaseOutcome(StrEnum):
    """How a case is decided."""

    CLEARED = "cleared"
    """All its votes count, and its patterns are not raised again for its accounts."""
    VOTES_FALSE = "votes-false"
    """The false votes are void; the good and its shop stay, for a rival may have bought them."""
    CONFIRMED = "confirmed"
    """The false votes are void, the good is out and its shop is banned."""


@dataclass(frozen=True, slots=True)
class SuspectAccount:
    """An account of a suspicion; `score` is the evidence against it in this pattern, `goods` how many of the finding's
    goods it voted for."""

    member_id: int
    pattern: Pattern
    score: float
    goods: int


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What the findings have against the votes for one good: who, how strong, and the evidence as JSON, in numbers."""

    item_id: int
    score: float
    accounts: tuple[SuspectAccount, ...]
    evidence: tuple[dict[str, str | int | float], ...]


Cleared = frozenset[tuple[Pattern, int]]
"""Patterns that were cleared, each with a member for whom it was."""


def suspicions(
    findings: Iterable[BrushingFinding], voters: Mapping[str, Collection[str]], cleared: Cleared
) -> Iterator[Suspicion]:
    """What suspect findings say of each good, the strongest first. Items and members are numbers, as
    text; `voters` has the members who voted for an item. Accounts for which a pattern was cleared are left out, and so
    is a finding that has too few others."""
    by_item: dict[str, list[tuple[float, tuple[SuspectAccount, ...], dict[str, str | int | float]]]] = {}
    for finding in findings:
        accounts = _accounts(finding, cleared)
        if not finding.sets_aside or len(accounts) < LEAST_ACCOUNTS:
            continue
        for good in finding.goods:
            those = tuple(account for account in accounts if str(account.member_id) in voters.get(good.item, ()))
            if those:
                by_item.setdefault(good.item, []).append((finding.score, those, evidence_of(finding, good)))
    found = (
        Suspicion(
            int(item),
            max(score for score, _, _ in parts),
            tuple(account for _, accounts, _ in parts for account in accounts),
            tuple(evidence for _, _, evidence in parts),
        )
        for item, parts in by_item.items()
    )
    yield from sorted(found, key=lambda each: (-each.score, each.item_id))


def _accounts(finding: BrushingFinding, cleared: Cleared) -> list[SuspectAccount]:
    return [
        SuspectAccount(int(account.member), finding.pattern, account.score, account.goods)
        for account in finding.accounts
        if (finding.pattern, int(account.member)) not in cleared
    ]


def evidence_of(finding: BrushingFinding, good: Target) -> dict[str, str | int | float]:
    """What a finding says of one of its goods, as a case stores it; `evidence.read_patterns` reads it."""
    numbers = finding.evidence
    return {
        "pattern": finding.pattern.value,
        "score": finding.score,
        "accounts": len(finding.accounts),
        "goods": len(finding.goods),
        "votes": good.votes,
        "of_all": good.of_all,
        "begins": good.begins.isoformat(),
        "ends": good.ends.isoformat(),
        "observed": numbers.observed,
        "expected": round(numbers.expected, 3),
        "id_span": numbers.id_span,
        "id_accounts": numbers.id_accounts,
        "refunded": numbers.refunded,
    }
