"""A model of votes that fits on a page: what members have spent, voted for and may do (R5, R7, R8, R14-R19)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.voting import Reason

MEMBERS = 3


@dataclass
class ModelItem:
    """The state of one item."""

    passed_at: datetime
    state: str = "passed"
    closes_at: datetime | None = None
    opens_at: datetime | None = None


@dataclass
class Model:
    """The expected state. Rounds open at 08:00 from Monday to Friday, and voting days begin at 08:00 each day."""

    zone: ZoneInfo
    now: datetime
    goods: dict[int, ModelItem]
    last_round: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    spent: list[int] = field(default_factory=lambda: [0] * MEMBERS)
    given: list[int] = field(default_factory=lambda: [0] * MEMBERS)
    votes: list[dict[int, date]] = field(default_factory=lambda: [{} for _ in range(MEMBERS)])
    done: set[int] = field(default_factory=set)
    """The updates that have changed something."""

    def opening_on(self, day: date) -> datetime:
        return datetime.combine(day, time(8), self.zone).astimezone(UTC)

    def openings(self) -> list[datetime]:
        today = self.now.astimezone(self.zone).date()
        days = [today + timedelta(days=n) for n in range(-5, 6)]
        return [self.opening_on(day) for day in days if day.weekday() < 5]

    def day(self) -> date:
        """The voting day that it is now."""
        local = self.now.astimezone(self.zone)
        return local.date() if local.time() >= time(8) else local.date() - timedelta(days=1)

    def tick(self) -> None:
        """Open and close rounds and groups that are due."""
        due = max(moment for moment in self.openings() if moment <= self.now)
        closes_at = min(moment for moment in self.openings() if moment > self.now)
        for good in self.goods.values():
            if good.state == "on" and good.closes_at is not None and good.closes_at <= self.now:
                good.state = "over"
            if good.state == "scheduled" and good.opens_at is not None and good.opens_at <= self.now:
                good.state = "open"
        if due > self.last_round:
            self.last_round = due
            for good in self.goods.values():
                if good.state == "passed" and good.passed_at <= due:
                    good.state, good.closes_at = "on", closes_at

    def why_not(self, item: int) -> Reason | None:
        """Why an item takes no votes; None if it does."""
        good = self.goods[item]
        if good.state == "on" and good.closes_at is not None and self.now < good.closes_at:
            return None
        reasons = {"passed": Reason.UNKNOWN_ITEM, "out": Reason.ITEM_OUT}
        reasons |= {"scheduled": Reason.GROUP_SCHEDULED, "open": Reason.GROUP_OPEN}
        return reasons.get(good.state, Reason.ROUND_OVER)

    def used(self, who: int) -> list[date]:
        """The days of the votes that use a ballot: those for rejected items do not any more."""
        return [day for item, day in self.votes[who].items() if self.goods[item].state != "out"]

    def ballots_left(self, who: int) -> int:
        return self.spent[who] // 100 + self.given[who] - len(self.used(who))

    def left_today(self, who: int) -> int:
        return 5 - self.used(who).count(self.day())

    def wants(self, item: int) -> int:
        return sum(item in voted for voted in self.votes)

    def vote(self, who: int, item: int, cause: int) -> Reason | None:
        """Vote because of one update. The reason of a refusal, or None."""
        if cause in self.done:
            return None
        if item in self.votes[who]:
            return Reason.ALREADY_VOTED
        if closed := self.why_not(item):
            return closed
        if self.ballots_left(who) <= 0:
            return Reason.NO_BALLOTS
        if self.left_today(who) <= 0:
            return Reason.DAY_LIMIT
        self.votes[who][item] = self.day()
        self.done.add(cause)
        return None

    def take_back(self, who: int, item: int, cause: int) -> Reason | None:
        """Take a vote back because of one update. The reason of a refusal, or None."""
        if cause in self.done:
            return None
        if item not in self.votes[who]:
            return Reason.NOT_VOTED
        if closed := self.why_not(item):
            counts = (Reason.ROUND_OVER, Reason.GROUP_SCHEDULED, Reason.GROUP_OPEN)
            return Reason.VOTE_COUNTS if closed in counts else closed
        del self.votes[who][item]
        self.done.add(cause)
        return None
