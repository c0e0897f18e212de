"""Random orders of votes, spending, refunds, rejected items, crashes, repeated updates and passing time. The services
must answer and store what the model says (R5, R7, R8, R14-R19)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import update

from bot.services import Services, make_services
from domain.csv_files import read_spending
from domain.goods import WhyOut
from domain.people import Member
from domain.voting import Reason
from services.groups import Rejected, Scheduled
from services.people import Granted
from services.voting import VoteOutcome
from storage.db import Database
from storage.models import ItemRow
from tests.campaigns.voting_model import MEMBERS, Model, ModelItem
from tests.conftest import Watch, meet, queue_due, settings_for
from tests.services.conftest import assert_sound

T = TypeVar("T")

EARLY, LATE = 9, 3
"""Items that are on display from the beginning, and that pass the audit on Saturday."""
WEEKENDS = {
    # Each begins on a Friday at noon. Clocks change during all but the first.
    "Asia/Shanghai": date(2026, 11, 27),
    "Europe/Berlin": date(2026, 10, 23),
    "America/New_York": date(2026, 3, 6),
    "Australia/Lord_Howe": date(2026, 4, 3),
}
_who, _item = st.sampled_from(range(MEMBERS)), st.integers(1, EARLY + LATE)
_organised = st.sampled_from([1, 2, EARLY + 1])
"""Items that organisers schedule and reject. The others remain open to votes."""


class Killed(Exception):
    """The process has died at this point."""


class Mortal(Database):
    """A database whose process dies in its next batch write: before the commit, or between it and the answer."""

    dies: str | None = None

    async def batch_write(self, work: Callable[[Any], Awaitable[T]], of: int | None = None, *, long: bool = False) -> T:
        moment, self.dies = self.dies, None

        async def dying(connection: Any) -> T:
            result = await work(connection)
            if moment == "before the commit":
                raise Killed
            return result

        result = await super().batch_write(dying, of, long=long)
        if moment is not None:
            raise Killed
        return result


@dataclass(frozen=True)
class Tap:
    """An update that votes or takes back."""

    verb: str
    who: int
    item: int
    cause: int


class Voters(RuleBasedStateMachine):
    """Three members and twelve items from a Friday on. Each rule is one step."""

    fresh: ClassVar[Callable[[], str]]
    """Gives the address of a database with the goods."""
    folder: ClassVar[Path]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.url = type(self).fresh()
        self.people: list[Member] = []
        self.taps: list[Tap] = []
        self.orders: list[str] = []
        self.refunds: set[str] = set()
        self.causes = self.made = 0

    def run(self, verb: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(verb)

    def open_process(self) -> None:
        """Start a process whose memory is empty."""
        self.db = Mortal(self.url)
        rules = settings_for(self.folder, time_zone=str(self.model.zone), calendar="NONE", take_backs_per_day=1000)
        self.services: Services = make_services(self.db, rules, self.watch)

    def step(self) -> None:
        type(self).steps += 1
        self.made += 1
        if self.made % 20 == 0:
            self.check_everything()

    @initialize(
        zone=st.sampled_from(sorted(WEEKENDS)), yuan=st.tuples(*[st.sampled_from([0, 137, 437, 863, 2000])] * 3)
    )
    def arrive(self, zone: str, yuan: tuple[int, ...]) -> None:
        start = datetime.combine(WEEKENDS[zone], time(12), ZoneInfo(zone)).astimezone(UTC)
        late = datetime.combine(WEEKENDS[zone] + timedelta(days=1), time(12), ZoneInfo(zone)).astimezone(UTC)
        long_ago = start - timedelta(days=30)
        goods = {n: ModelItem(long_ago if n <= EARLY else late) for n in range(1, EARLY + LATE + 1)}
        self.model = Model(ZoneInfo(zone), start, goods)
        self.watch = Watch(start)
        self.open_process()
        self.run(self.pass_the_audit())
        self.people = [self.run(meet(self.services, 1001 + n, f"P{n}")) for n in range(MEMBERS)]
        self.tick()
        for who, amount in enumerate(yuan):
            if amount:
                self.spend(who, amount)

    async def pass_the_audit(self) -> None:
        async with self.db.write() as connection:
            for item, good in self.model.goods.items():
                await connection.execute(update(ItemRow).where(ItemRow.id == item).values(passed_at=good.passed_at))

    # -- members --

    def judge(self, tap: Tap, answer: VoteOutcome, expected: Reason | None) -> None:
        model, who = self.model, tap.who
        assert (answer.refused.reason if answer.refused else None) is expected, tap
        assert answer.voted is (tap.item in model.votes[who]), tap
        assert (answer.purse.ballots_left, answer.purse.left_today) == (model.ballots_left(who), model.left_today(who))
        assert answer.item is not None and answer.item.wants == model.wants(tap.item)
        assert answer.on_display is (model.why_not(tap.item) is None)

    async def send(self, tap: Tap) -> VoteOutcome:
        voting, member = self.services.voting, self.people[tap.who]
        verb = voting.cast if tap.verb == "vote" else voting.take_back
        return await verb(member, tap.item, tap.cause)

    def expected(self, tap: Tap) -> Reason | None:
        act = self.model.vote if tap.verb == "vote" else self.model.take_back
        return act(tap.who, tap.item, tap.cause)

    def new_tap(self, verb: str, who: int, item: int) -> Tap:
        self.causes += 1
        self.taps.append(Tap(verb, who, item, self.causes))
        return self.taps[-1]

    def tap(self, tap: Tap) -> None:
        expected = self.expected(tap)
        self.judge(tap, self.run(self.send(tap)), expected)
        self.step()

    @rule(who=_who, item=_item)
    def vote(self, who: int, item: int) -> None:
        self.tap(self.new_tap("vote", who, item))

    @rule(who=_who, start=st.integers(1, EARLY + LATE))
    def vote_for_several(self, who: int, start: int) -> None:
        for item in range(start, min(start + 6, EARLY + LATE + 1)):
            self.vote(who, item)

    @precondition(lambda self: any(self.model.why_not(item) is None for item in self.model.goods))
    @rule(data=st.data())
    def vote_for_an_open_item(self, data: st.DataObject) -> None:
        able = [who for who in range(MEMBERS) if self.model.ballots_left(who) > 0] or [0]
        who = data.draw(st.sampled_from(able))
        goods = [item for item in self.model.goods if self.model.why_not(item) is None]
        item = data.draw(st.sampled_from([item for item in goods if item not in self.model.votes[who]] or goods))
        self.vote(who, item)

    @rule(who=_who, item=_item)
    def take_back(self, who: int, item: int) -> None:
        self.tap(self.new_tap("take back", who, item))

    @precondition(lambda self: any(self.model.votes))
    @rule(data=st.data())
    def take_one_back(self, data: st.DataObject) -> None:
        standing = [(who, item) for who, voted in enumerate(self.model.votes) for item in voted]
        who, item = data.draw(st.sampled_from(standing))
        self.take_back(who, item)

    @precondition(lambda self: self.taps)
    @rule(back=st.integers(1, 12))
    def replay(self, back: int) -> None:
        """Telegram delivers an update again. One that was refused is judged again."""
        self.tap(self.taps[-min(back, len(self.taps))])

    @precondition(lambda self: self.model.done)
    @rule(data=st.data())
    def replay_one_that_was_done(self, data: st.DataObject) -> None:
        """An update that has changed something changes nothing more."""
        cause = data.draw(st.sampled_from(sorted(self.model.done)))
        self.tap(self.taps[cause - 1])

    # -- money --

    async def import_order(self, line: str) -> int:
        table = "telegram_id,amount,spent_on,ref\n" + line + "\n"
        return (await self.services.goods.import_spending(read_spending(table.encode()))).new

    @rule(who=_who, yuan=st.sampled_from([37, 63, 100, 250, 900]))
    def spend(self, who: int, yuan: int) -> None:
        self.orders.append(f"{1001 + who},{yuan},2026-01-05,order-{len(self.orders)}")
        assert self.run(self.import_order(self.orders[-1])) == 1
        self.model.spent[who] += yuan
        self.step()

    @precondition(lambda self: self.orders)
    @rule(back=st.integers(1, 5))
    def spend_again(self, back: int) -> None:
        """The same table is imported again."""
        assert self.run(self.import_order(self.orders[-min(back, len(self.orders))])) == 0
        self.step()

    def refundable(self) -> list[tuple[int, int]]:
        """The votes for rejected items, by member and item."""
        out = [item for item, good in self.model.goods.items() if good.state == "out"]
        return [(who, item) for item in out for who in range(MEMBERS) if item in self.model.votes[who]]

    @precondition(refundable)
    @rule(data=st.data(), times=st.integers(1, 2))
    def refund(self, data: st.DataObject, times: int) -> None:
        """An organiser gives a voter of a rejected item a ballot as well. Repeating the command gives nothing more."""
        who, item = data.draw(st.sampled_from(self.refundable()))
        key = f"refund {who} {item}"
        for _ in range(times):
            given = self.services.people.grant_ballots(1001 + who, 1, "it does not open", "organiser", key, again=True)
            assert isinstance(self.run(given), Granted)
        self.model.given[who] += key not in self.refunds
        self.refunds.add(key)
        self.step()

    # -- organisers --

    @rule(item=_organised, hours=st.sampled_from([1, 30]))
    def schedule(self, item: int, hours: int) -> None:
        good, opens_at = self.model.goods[item], self.watch.time + timedelta(hours=hours)
        found = self.run(self.services.groups.schedule(item, opens_at, None, "organiser"))
        assert isinstance(found, Scheduled) is (good.state in ("on", "over", "scheduled")), found
        if isinstance(found, Scheduled):
            good.state, good.opens_at = "scheduled", opens_at
        self.step()

    @rule(item=_organised)
    def cancel(self, item: int) -> None:
        """Reject an item. Its group, if one was scheduled, does not open."""
        good = self.model.goods[item]
        found = self.run(self.services.groups.reject(item, WhyOut.PRICE, "organiser"))
        assert isinstance(found, Rejected) is (good.state not in ("open", "out")), found
        if isinstance(found, Rejected):
            good.state = "out"
        self.step()

    # -- the process and the clock --

    @rule(
        who=_who,
        item=_item,
        verb=st.sampled_from(["vote", "take back"]),
        moment=st.sampled_from(["before the commit", "after the commit"]),
    )
    def crash_in_a_batch_write(self, who: int, item: int, verb: str, moment: str) -> None:
        """The process dies, and Telegram delivers the update again to its successor."""
        tap = self.new_tap(verb, who, item)
        self.db.dies = moment
        try:
            self.run(self.send(tap))
        except Killed:
            pass
        else:
            raise AssertionError("the process should have died")
        if moment == "after the commit":
            self.expected(tap)
        self.crash()
        self.tap(tap)

    @rule()
    def crash(self) -> None:
        self.run(self.db.close())
        self.open_process()
        self.step()

    @rule(hours=st.sampled_from([0.1, 1, 7, 24]))
    def wait(self, hours: float) -> None:
        """Time passes without a tick."""
        self.watch.advance(hours=hours)
        self.model.now = self.watch.time
        self.step()

    @rule()
    def tick(self) -> None:
        self.run(self.services.rounds.tick())
        self.run(queue_due(self.services))
        self.model.tick()
        self.step()

    # -- checks --

    def check_everything(self) -> None:
        self.run(assert_sound(self.db))
        for who, member in enumerate(self.people):
            mine = self.run(self.services.voting.mine(member, 0, size=20))
            ended = self.run(self.services.voting.mine(member, 0, size=20, ended=True))
            assert {item.id for item in (*mine.voted, *ended.voted)} == set(self.model.votes[who])
            assert mine.purse.ballots_left == self.model.ballots_left(who)
            assert mine.purse.left_today == self.model.left_today(who)

    def teardown(self) -> None:
        try:
            self.check_everything()
        finally:
            self.run(self.db.close())
            self.runner.close()
