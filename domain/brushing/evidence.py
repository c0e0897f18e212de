"""The evidence of a case, shaped for an organiser: votes by the hour, shared goods, neighbouring IDs, links (R29).

Accounts are member numbers. Telegram IDs go in, and only how many lie side by side comes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.brushing.neighbourhoods import WIDTH
from domain.brushing.verdicts import Verdict
from domain.brushing.votes import LEAST_CANVASSED, Pattern

_HOUR = timedelta(hours=1)
_BARS = 96
"""Bars of the time plot at most: hours of a round from Thursday to Monday. A longer round has wider bars."""
_WIDTHS = (1, 2, 3, 4, 6, 8, 12, 24)
"""Hours of a bar."""
LEAST_NEIGHBOURS = 3
"""Accounts with neighbouring IDs that are listed as a batch."""
_MIDDLE = 0.1, 0.9
"""Between these parts of its votes lie the hours of a group."""


@dataclass(frozen=True, slots=True)
class FoundPattern:
    """What a finding of the detector says of one good, in numbers; see `Evidence` and `Target`. Times are aware."""

    pattern: Pattern
    accounts: int
    goods: int
    votes: int
    of_all: int
    begins: datetime | None
    ends: datetime | None
    observed: int
    expected: float
    id_span: int
    id_accounts: int
    refunded: int


class VoteState(StrEnum):
    """What became of a vote: the verdict of one that stands, unless it counts and has its ballot back."""

    COUNTED = Verdict.COUNTED.value
    SET_ASIDE = Verdict.SET_ASIDE.value
    VOID = Verdict.VOID.value
    RETURNED = "returned"
    TAKEN_BACK = "taken-back"


@dataclass(frozen=True, slots=True)
class JudgedVote:
    """A vote for the good of a case. An erased member has a rough place for a Telegram ID, or none; `via` is the member
    whose link brought it. `patterns` are those that the case names its account for, and none for others. It stands
    unless it was taken back; its ballot may have returned (both aware)."""

    member_id: int
    telegram_id: int | None
    cast_at: datetime
    verdict: Verdict
    via: int | None
    patterns: tuple[Pattern, ...] = ()
    score: float = 0.0
    taken_back_at: datetime | None = None
    returned_at: datetime | None = None

    @property
    def state(self) -> VoteState:
        """What became of it, in one word."""
        if self.taken_back_at is not None:
            return VoteState.TAKEN_BACK
        if self.verdict is Verdict.COUNTED and self.returned_at is not None:
            return VoteState.RETURNED
        return VoteState(self.verdict.value)


@dataclass(frozen=True, slots=True)
class CoVote:
    """A standing vote of an account of the case, for any good of these weeks."""

    member_id: int
    item_id: int
    cast_at: datetime


@dataclass(frozen=True, slots=True)
class Bar:
    """Votes from a moment on, for one bar's width: of accounts that the case names, and of others."""

    begins: datetime
    named: int
    others: int


@dataclass(frozen=True, slots=True)
class SharedGood:
    """A good for which accounts of the case voted: which of them, by their places, and the hours of most of them."""

    item_id: int
    accounts: frozenset[int]
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class IdBatch:
    """So many accounts of the case whose Telegram IDs lie within so many numbers."""

    accounts: int
    span: int


@dataclass(frozen=True, slots=True)
class LinkVotes:
    """Votes that a member's link brought, and how many of these the case names; `owner` None: without a link."""

    owner: int | None
    votes: int
    named: int

    @property
    def canvassed(self) -> bool:
        """Whether these are a burst by one link, which is honest canvassing for all that a link can tell."""
        return self.owner is not None and self.votes >= LEAST_CANVASSED


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """What the picture and the table of a case show. `shared_by` is for how many of the `goods` a member voted;
    `batch_of` has the place of their batch in `batches`, and `apart` is how many of the `accounts` are in none."""

    accounts: int
    bars: tuple[Bar, ...]
    bar: timedelta
    goods: tuple[SharedGood, ...]
    shared_by: Mapping[int, int]
    batches: tuple[IdBatch, ...]
    batch_of: Mapping[int, int]
    apart: int
    links: tuple[LinkVotes, ...]


def read_patterns(findings: Iterable[Mapping[str, object]]) -> tuple[FoundPattern, ...]:
    """What a case has stored of the detector's findings, the strongest first; what is missing is 0."""
    ordered = sorted(findings, key=lambda each: -_number(each, "score"))
    return tuple(_pattern(each) for each in ordered)


def _pattern(found: Mapping[str, object]) -> FoundPattern:
    return FoundPattern(
        pattern=Pattern(str(found["pattern"])),
        accounts=int(_number(found, "accounts")),
        goods=int(_number(found, "goods")),
        votes=int(_number(found, "votes")),
        of_all=int(_number(found, "of_all")),
        begins=_moment(found.get("begins")),
        ends=_moment(found.get("ends")),
        observed=int(_number(found, "observed")),
        expected=_number(found, "expected"),
        id_span=int(_number(found, "id_span")),
        id_accounts=int(_number(found, "id_accounts")),
        refunded=int(_number(found, "refunded")),
    )


def _number(found: Mapping[str, object], name: str) -> float:
    value = found.get(name, 0)
    return value if isinstance(value, int | float) else 0


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def case_evidence(
    votes: Sequence[JudgedVote], co_votes: Iterable[CoVote], opens_at: datetime, ends_at: datetime
) -> CaseEvidence:
    """The evidence in the standing votes for a good whose round lasts from `opens_at` to `ends_at` (aware), or to now.

    The accounts of the case are in the order in which they voted for the good: their place is what `SharedGood` has.
    """
    named = [vote for vote in sorted(votes, key=lambda vote: (vote.cast_at, vote.member_id)) if vote.patterns]
    width = _bar_width(ends_at - opens_at)
    accounts = [vote.member_id for vote in named]
    goods, (batches, batch_of) = _goods(accounts, co_votes), _batches(named)
    return CaseEvidence(
        accounts=len(accounts),
        bars=_bars(votes, opens_at, ends_at, width),
        bar=width,
        goods=goods,
        shared_by=Counter(accounts[place] for good in goods for place in good.accounts),
        batches=batches,
        batch_of=batch_of,
        apart=len(accounts) - len(batch_of),
        links=links_of(votes),
    )


def _bar_width(length: timedelta) -> timedelta:
    return next((hours * _HOUR for hours in _WIDTHS if length <= _BARS * hours * _HOUR), _WIDTHS[-1] * _HOUR)


def _bars(votes: Iterable[JudgedVote], opens_at: datetime, ends_at: datetime, width: timedelta) -> tuple[Bar, ...]:
    """One bar after the other, without a gap; a vote outside of the round, as after a clock was set, is in the next."""
    number = min(max(1, -((opens_at - ends_at) // width)), _BARS)
    counts = Counter(
        (min(max((vote.cast_at - opens_at) // width, 0), number - 1), bool(vote.patterns)) for vote in votes
    )
    return tuple(Bar(opens_at + at * width, counts[at, True], counts[at, False]) for at in range(number))


def _goods(accounts: Sequence[int], co_votes: Iterable[CoVote]) -> tuple[SharedGood, ...]:
    """Goods for which several of the accounts voted, those with the most of them first."""
    places = {member_id: place for place, member_id in enumerate(accounts)}
    cast: dict[int, list[CoVote]] = {}
    for vote in co_votes:
        if vote.member_id in places:
            cast.setdefault(vote.item_id, []).append(vote)
    shared = [
        SharedGood(item_id, frozenset(places[vote.member_id] for vote in these), *_hours(these))
        for item_id, these in cast.items()
        if len(these) > 1
    ]
    return tuple(sorted(shared, key=lambda good: (-len(good.accounts), good.item_id)))


def _hours(votes: Collection[CoVote]) -> tuple[datetime, datetime]:
    times = sorted(vote.cast_at for vote in votes)
    first, last = (round(part * (len(times) - 1)) for part in _MIDDLE)
    return times[first], times[last]


def _batches(named: Iterable[JudgedVote]) -> tuple[tuple[IdBatch, ...], dict[int, int]]:
    """Runs of accounts whose IDs are at most a neighbourhood apart, the largest first; and the place of each member."""
    runs: list[list[tuple[int, int]]] = []
    for telegram_id, member_id in sorted((vote.telegram_id, vote.member_id) for vote in named if vote.telegram_id):
        if not runs or telegram_id - runs[-1][-1][0] > WIDTH:
            runs.append([])
        runs[-1].append((telegram_id, member_id))
    kept = sorted((run for run in runs if len(run) >= LEAST_NEIGHBOURS), key=lambda run: (-len(run), run[0]))
    batches = tuple(IdBatch(len(run), run[-1][0] - run[0][0] + 1) for run in kept)
    return batches, {member_id: place for place, run in enumerate(kept) for _, member_id in run}


def links_of(votes: Iterable[JudgedVote]) -> tuple[LinkVotes, ...]:
    """The votes by the links that brought them, the most first; those without a link come last."""
    counts = Counter((vote.via, bool(vote.patterns)) for vote in votes)
    owners = {owner for owner, _ in counts}
    links = [LinkVotes(owner, counts[owner, True] + counts[owner, False], counts[owner, True]) for owner in owners]
    return tuple(sorted(links, key=lambda link: (link.owner is None, -link.votes, link.owner or 0)))
