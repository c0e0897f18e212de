"""Runs of the detector of brushing over the votes that are stored (R28)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.brushing.cases import LEAST_ACCOUNTS, Suspicion, suspicions
from domain.brushing.neighbourhoods import placed
from domain.brushing.votes import CastVote
from services.brushing.cases import Cases
from services.context import ServiceContext
from services.jobs import JobKind, Jobs
from services.rounds import RoundOpened
from storage.brushing import cases as stored_cases
from storage.brushing import cast_votes
from storage.brushing.cast_votes import StoredVote

ROUNDS = 10
"""Regular rounds, the open one among them, whose votes a run reads."""


def ref_of(vote: StoredVote) -> str:
    """The item as people know it: the shop's ref, with the listing number where the good came back."""
    return vote.ref if vote.listing_number == 1 else f"{vote.ref}#{vote.listing_number}"


@dataclass(frozen=True, slots=True)
class Found:
    """What the detector found in so many votes: what it has against the votes for each good, the strongest first."""

    votes: int
    suspicions: tuple[Suspicion, ...]


@dataclass(frozen=True, slots=True)
class Examined:
    """What a run did: votes read, goods on which it opened a case or changed one, votes set aside."""

    votes: int
    goods: int
    set_aside: int


class Examinations:
    """Use cases of the detector. It runs once an hour and at the end of each round, as a job."""

    def __init__(self, context: ServiceContext, jobs: Jobs, cases: Cases) -> None:
        self._context = context
        self._jobs = jobs
        self._cases = cases
        self._asked: datetime | None = None

    async def tick(self, opened: RoundOpened | None) -> None:
        """Ask for a run where one is due; called at each tick of the scheduler. Several processes ask for one."""
        hour = self._context.clock.now().replace(minute=0, second=0, microsecond=0)
        if opened is not None:  # with it, the round before has closed
            await self._jobs.enqueue(f"examine round {opened.round_id}", JobKind.EXAMINE, None, {})
        if self._asked not in (None, hour):  # not at the start, which has enough to do
            await self._jobs.enqueue(f"examine {hour:%Y-%m-%dT%H}", JobKind.EXAMINE, None, {})
        self._asked = hour

    async def may_find(self) -> bool:
        """Whether so many members voted in the last rounds that a run may open a case: it takes a process."""
        async with self._context.db.read() as connection:
            since = await stored_cases.rounds_since(connection, ROUNDS)
            return await cast_votes.has_voters_since(connection, LEAST_ACCOUNTS, since)

    async def run(self, find: Callable[[], Awaitable[Found]] | None = None) -> Examined:
        """Look for brushing in the votes of the last rounds, and set aside what is suspect. `find` does the looking
        elsewhere, for `find` of this class takes seconds of processor time. What it finds is stored here: a process
        that gives way to votes must not hold what they wait for."""
        async with self._context.db.read() as connection:
            cleared = await stored_cases.cleared(connection)
        found = await (find or self.find)()
        done = [await self._cases.suspect(each, cleared) for each in found.suspicions]
        return Examined(found.votes, sum(map(bool, done)), sum(map(len, done)))

    async def find(self) -> Found:
        """What is suspect in the votes of the last rounds; stores nothing. Takes seconds of processor time, and memory:
        it belongs into a process of its own."""
        from domain.brushing.detection.detector import examine  # loads numpy, which nothing else needs

        async with self._context.db.read() as connection:
            since = await stored_cases.rounds_since(connection, ROUNDS)
            cleared = await stored_cases.cleared(connection)
        votes = await self.votes(since, lambda vote: str(vote.item_id))
        voters: dict[str, set[str]] = {}
        for vote in votes:
            voters.setdefault(vote.item, set()).add(vote.member)
        return Found(len(votes), tuple(suspicions(examine(votes), voters, cleared)))

    async def votes(
        self, closed_after: datetime | None = None, item_name: Callable[[StoredVote], str] = ref_of
    ) -> list[CastVote]:
        """The standing votes of the rounds that closed after this moment (aware) or are open; of all without one.

        Erased members, of whom only a neighbourhood is kept, have an ID in it; where none is kept any more, the vote is
        left out.
        """
        key = await self._context.erasure_key.get()
        async with self._context.db.read() as connection:
            found = await cast_votes.votes_since(connection, closed_after)
        return _cast_votes(key, found, item_name)


def _cast_votes(key: bytes, found: Sequence[StoredVote], item_name: Callable[[StoredVote], str]) -> list[CastVote]:
    known = {vote.telegram_id for vote in found if vote.telegram_id is not None}
    erased = {vote.member_id: vote.neighbourhood for vote in found if vote.telegram_id is None and vote.neighbourhood}
    places = placed(key, known, erased)
    return [
        CastVote(
            item=item_name(vote),
            shop=vote.shop,
            member=str(vote.member_id),
            telegram_id=telegram_id,
            cast_at=vote.cast_at,
            via=None if vote.owner_id is None else str(vote.owner_id),
            spent_fen=vote.spent_fen,
            refunded_fen=vote.refunded_fen,
            granted=max(0, vote.granted),
        )
        for vote in found
        if (telegram_id := vote.telegram_id or places.get(vote.member_id))
    ]
