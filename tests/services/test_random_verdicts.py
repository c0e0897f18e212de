"""Random sequences of votes and verdicts against a small model: no count, ballot or place is ever lost (R28)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from bot.services import Services
from domain.brushing.cases import SuspectAccount, Suspicion
from domain.brushing.verdicts import MAY_BECOME, Verdict, VoteTally
from domain.brushing.votes import Pattern
from domain.goods import WhyOut
from domain.people import Member
from storage.db import Database
from tests.conftest import Watch
from tests.services.conftest import assert_sound, on_display, voter

ACTS, BALLOTS = 40, 4


@dataclass
class Model:
    """The standing votes as they should be, by (member, item); which round is open, and whose ballots came back."""

    verdicts: dict[tuple[int, int], Verdict] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    forfeited: set[tuple[int, int]] = field(default_factory=set)
    round_is_open: bool = True

    def of(self, item: int) -> list[Verdict]:
        """The verdicts of an item's votes."""
        return [verdict for (_, voted), verdict in self.verdicts.items() if voted == item]

    def tally(self, item: int) -> VoteTally:
        """What the item's tally should be."""
        found = self.of(item)
        counted = found.count(Verdict.COUNTED)
        withheld = len(found) - counted if self.round_is_open else 0
        return VoteTally(counted + withheld, found.count(Verdict.SET_ASIDE), withheld)

    def used(self, member: int) -> int:
        """How many ballots the member has in use: of a good that ended, only those of votes void at that moment."""
        mine = [key for key in self.verdicts if key[0] == member]
        return sum(item not in self.ended or (member, item) in self.forfeited for _, item in mine)


class Walk:
    """Does one random act after the other, in the bot and in the model."""

    def __init__(self, seed: int, services: Services, watch: Watch, members: list[Member], goods: list[int]) -> None:
        self.chance = random.Random(seed)
        self.services, self.watch, self.members, self.goods = services, watch, members, goods
        self.model = Model()

    async def act(self) -> None:
        """One act."""
        acts = [self.cast] * 6 + [self.take_back] * 3 + [self.judge] * 6 + [self.suspect, self.clear, self.reject]
        await self.chance.choice(acts)()
        self.watch.advance(minutes=1)

    async def cast(self) -> None:
        member, item = self.chance.choice(self.members), self.chance.choice(self.goods)
        outcome = await self.services.voting.cast(member, item)
        model, key = self.model, (member.id, item)
        may = model.round_is_open and item not in model.ended and key not in model.verdicts
        assert (outcome.refused is None) == (may and model.used(member.id) < BALLOTS)
        if outcome.refused is None:
            model.verdicts[key] = Verdict.COUNTED

    async def take_back(self) -> None:
        member, item = self.chance.choice(self.members), self.chance.choice(self.goods)
        outcome = await self.services.voting.take_back(member, item)
        model, key = self.model, (member.id, item)
        may = model.round_is_open and item not in model.ended
        assert (outcome.refused is None) == (may and model.verdicts.get(key, Verdict.VOID) is not Verdict.VOID)
        if outcome.refused is None:
            del model.verdicts[key]

    async def judge(self) -> None:
        item, new = self.chance.choice(self.goods), self.chance.choice(list(Verdict))
        some = self.chance.sample(self.members, 3)
        await self.services.verdicts.give(item, [member.id for member in some], new, "test")
        for member in some:
            old = self.model.verdicts.get((member.id, item))
            if old is not None and new in MAY_BECOME[old]:
                self.model.verdicts[member.id, item] = new

    async def suspect(self) -> None:
        item, some = self.chance.choice(self.goods), self.chance.sample(self.members, 3)
        accounts = tuple(SuspectAccount(member.id, Pattern.LOCKSTEP, 1.0, 3) for member in some)
        found = set(await self.services.cases.suspect(Suspicion(item, 5.0, accounts, ())))
        model = self.model
        expected = {m.id for m in some if model.verdicts.get((m.id, item)) is Verdict.COUNTED} - (
            {m.id for m in some} if item in model.ended else set()
        )
        assert found == expected
        model.verdicts |= dict.fromkeys(((member, item) for member in found), Verdict.SET_ASIDE)

    async def clear(self) -> None:
        for case in (await self.services.cases.undecided())[:1]:
            for member in await self.services.cases.clear(case.id, "test") or ():
                self.model.verdicts[member, case.item_id] = Verdict.COUNTED

    async def reject(self) -> None:
        item = self.chance.choice(self.goods)
        if item not in self.model.ended:
            await self.services.groups.reject(item, WhyOut.PRICE, "test")
            self.model.ended.add(item)
            void = {key for key, verdict in self.model.verdicts.items() if verdict is Verdict.VOID and key[1] == item}
            self.model.forfeited |= void

    async def end_round(self) -> None:
        """The round closes in the middle of the walk."""
        self.watch.advance(days=1)
        await self.services.rounds.tick()
        self.model.round_is_open = False

    async def check(self, db: Database) -> None:
        """The bot and the model agree."""
        assert await self.services.goods.tallies(self.goods) == {item: self.model.tally(item) for item in self.goods}
        for member in self.members:
            assert (await self.services.voting.purse(member)).used == self.model.used(member.id)
        await assert_sound(db)


@pytest.mark.parametrize("seed", range(8))
async def test_r28_counts_and_ballots_are_conserved(display: Services, db: Database, watch: Watch, seed: int) -> None:
    members = [await voter(display, 1001 + number, BALLOTS) for number in range(5)]
    walk = Walk(seed, display, watch, members, (await on_display(display))[:4])
    for number in range(ACTS):
        await walk.act()
        if number == ACTS * 3 // 4:
            await walk.end_round()
        if number % 4 == 0:
            await walk.check(db)
    await walk.check(db)
