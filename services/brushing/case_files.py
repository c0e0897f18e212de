"""Case files: what organisers read before and after they decide on a case (R29). Changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from domain.brushing.bans import months_by_gravity
from domain.brushing.evidence import CaseEvidence, FoundPattern, JudgedVote, LinkVotes, case_evidence, read_patterns
from domain.brushing.verdicts import Verdict, VoteTally
from domain.goods import Item
from services.context import ServiceContext
from storage import items
from storage.brushing import appeals, bans, evidence, verdicts
from storage.brushing.appeals import StoredAppeal
from storage.brushing.bans import StoredBan
from storage.brushing.evidence import CaseCounts, CaseEntry, CaseRecord

_LINKS = 3
"""Links on the screen of a case, those with the most votes."""
_AROUND = timedelta(days=14)
"""How long before and after its round the other votes of a case's accounts are looked at."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with its good. `named` are its accounts' standing votes by their verdict; `links` have no `named`;
    `organisers` is how many may decide; `restored` is how many votes that it made void count again."""

    record: CaseRecord
    item: Item
    tally: VoteTally
    patterns: tuple[FoundPattern, ...]
    named: Mapping[Verdict, int]
    links: tuple[LinkVotes, ...]
    ban: StoredBan | None
    appeal: StoredAppeal | None
    organisers: int
    restored: int = 0

    @property
    def suspect(self) -> int:
        """The votes of its accounts that a decision would find false; one that was cast anew is among them."""
        return self.named.get(Verdict.SET_ASIDE, 0) + self.named.get(Verdict.COUNTED, 0)

    @property
    def honest(self) -> int:
        """The votes of others that count."""
        return max(0, self.tally.counted - self.named.get(Verdict.COUNTED, 0))


@dataclass(frozen=True, slots=True)
class CaseExhibit:
    """A case with its whole evidence, for the picture and the table: `evidence` is in the votes that stand, `votes` are
    all of them, and `goods` has the goods that it mentions."""

    file: CaseFile
    votes: tuple[JudgedVote, ...]
    evidence: CaseEvidence
    goods: Mapping[int, Item]


__all__ = ["CaseCounts", "CaseEntry", "CaseExhibit", "CaseFile", "CaseFiles", "CaseRecord", "StoredAppeal", "StoredBan"]


class CaseFiles:
    """Use cases of looking at cases."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def counts(self) -> CaseCounts:
        """How many cases there are, and how many wait for a decision, on the case or on the shop's appeal."""
        async with self._context.db.read() as connection:
            return await evidence.counts(connection)

    async def page(self, most: int, offset: int = 0) -> list[CaseEntry]:
        """Cases: those that wait for a decision, the strongest first; those with an appeal that waits; then the decided
        ones, the newest first."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            return await evidence.page(connection, now, most, offset)

    async def one(self, case_id: int) -> CaseFile | None:
        """One case as it is now; None for an unknown one."""
        async with self._context.db.read() as connection:
            record = await evidence.record(connection, case_id)
            item = await items.by_id(connection, record.item_id) if record is not None else None
            if record is None or item is None:
                return None
            tally = (await verdicts.tallies(connection, [item.id]))[item.id]
            named = await evidence.votes_named(connection, case_id)
            links = await evidence.link_counts(connection, item.id, _LINKS)
            ban = await bans.of_case(connection, case_id)
            appeal = await appeals.appeal_of(connection, case_id)
            restored = await evidence.votes_restored(connection, case_id)
        brought = tuple(LinkVotes(owner, number, 0) for owner, number in links)
        organisers = len(self._context.rules.organisers)
        patterns = read_patterns(record.findings)
        return CaseFile(record, item, tally, patterns, named, brought, ban, appeal, organisers, restored)

    async def months(self, file: CaseFile) -> int:
        """The months of a ban that confirming a case would ask for."""
        async with self._context.db.read() as connection:
            before = await bans.earlier(connection, file.record.shop_id, file.record.opened_at)
        return months_by_gravity(before, max(1, file.suspect), file.honest, len(self._context.rules.organisers))

    async def exhibit(self, case_id: int) -> CaseExhibit | None:
        """One case with its evidence; None for an unknown one. Takes a while for a good with many votes."""
        file, key = await self.one(case_id), await self._context.erasure_key.get()
        if file is None:
            return None
        begins, ends = file.record.round_opens_at, min(file.record.round_closes_at, self._context.clock.now())
        async with self._context.db.read() as connection:
            votes = await evidence.judged_votes(connection, case_id, file.item.id, key)
            others = await evidence.co_votes(connection, case_id, begins - _AROUND, begins + _AROUND)
        standing = [vote for vote in votes if vote.taken_back_at is None]
        shaped = await asyncio.to_thread(case_evidence, standing, others, begins, ends)
        async with self._context.db.read() as connection:
            goods = await items.by_ids(connection, [good.item_id for good in shaped.goods])
        return CaseExhibit(file, tuple(votes), shaped, goods)
