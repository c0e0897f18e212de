"""A small model of votes, verdicts, cases and appeals in one round: what the database should hold (R28, R29)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from domain.brushing.verdicts import MAY_BECOME, Verdict

VOTES_PER_DAY = 2
Key = tuple[int, int]
"""A member and an item."""


class Act(NamedTuple):
    """What is done, to which numbers: members, items or cases."""

    verb: str
    numbers: tuple[int, ...] = ()
    word: str = ""


@dataclass(frozen=True)
class Vote:
    """A standing vote; `slot` is its place of the day, `void_by` the case that has made it void, `reused` how often its
    ballot was in use again after it had returned."""

    verdict: Verdict
    slot: int
    returned: bool = False
    void_by: int = 0
    reused: int = 0


@dataclass(frozen=True)
class Case:
    """A case. `out`: its confirmation has rejected the good."""

    item: int
    members: frozenset[int]
    outcome: str | None = None
    out: bool = False
    appealed: bool = False
    granted: bool | None = None


@dataclass
class Model:
    """The world as it should be. `yuan` is what members have spent, in hundreds; erased ones have none. `past` are the
    items and slots of before an erasure, of members who came back."""

    items: dict[int, str]
    yuan: dict[int, int] = field(default_factory=dict)
    chats: dict[int, int] = field(default_factory=dict)
    votes: dict[Key, Vote] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)
    past: dict[int, dict[int, int]] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)
    round_is_open: bool = True

    def snapshot(self) -> dict[str, object]:
        """What `tests.services.case_walk.stored` should find. Whether a killed act was done is seen in this, so that it
        has whatever an act changes."""
        return {
            "items": {item: (state, *self.tally(item)) for item, state in self.items.items()},
            "votes": {
                key: (vote.verdict.value, vote.slot, vote.returned, vote.reused) for key, vote in self.votes.items()
            },
            "cases": {
                number: (case.item, case.members, case.outcome, case.appealed, case.granted)
                for number, case in self.cases.items()
            },
            "bans": {n for n, case in self.cases.items() if case.outcome == "confirmed" and not case.granted},
            "yuan": {member: None if member in self.erased else yuan for member, yuan in self.yuan.items()},
        }

    def copy(self) -> Model:
        """This state, which stays as it is while the copy changes."""
        past = {member: dict(items) for member, items in self.past.items()}
        return Model(
            *(dict(self.items), dict(self.yuan), dict(self.chats), dict(self.votes), dict(self.cases), past),
            *(set(self.erased), self.round_is_open),
        )

    # -- what follows from it --

    def used(self, member: int) -> int:
        """The ballots that a member has in use."""
        return sum(not vote.returned for (voter, _), vote in self.votes.items() if voter == member)

    def slots(self, member: int) -> set[int]:
        """The places of the day that a member's votes hold."""
        held = {vote.slot for (voter, _), vote in self.votes.items() if voter == member and not vote.returned}
        return held | set(self.past.get(member, {}).values())

    def overdrawn(self, member: int) -> int:
        """By how many ballots a purse is negative, which only a refund or an erasure may cause."""
        return max(0, self.used(member) - max(0, self.yuan[member]))

    def tally(self, item: int) -> tuple[int, int, int]:
        """The item's public count, votes set aside, and votes withheld."""
        found = [vote.verdict for (_, voted), vote in self.votes.items() if voted == item]
        counted = found.count(Verdict.COUNTED)
        withheld = len(found) - counted if self.round_is_open else 0
        return counted + withheld, found.count(Verdict.SET_ASIDE), withheld

    def _is_live(self, item: int) -> bool:
        return self.items[item] in ("on_display", "displayed")

    # -- acts --

    def apply(self, act: Act) -> bool:
        """Do an act; whether it was allowed."""
        allowed: bool = getattr(self, f"_{act.verb}")(*act.numbers)
        return allowed

    def _cast(self, member: int, item: int) -> bool:
        slots = self.slots(member)
        taken = (member, item) in self.votes or item in self.past.get(member, {})
        if self.items[item] != "on_display" or taken or len(slots) >= VOTES_PER_DAY:
            return False
        if max(0, self.yuan[member]) <= self.used(member):
            return False
        free = next(slot for slot in range(1, VOTES_PER_DAY + 1) if slot not in slots)
        self.votes[member, item] = Vote(Verdict.COUNTED, free)
        return True

    def _take_back(self, member: int, item: int) -> bool:
        vote = self.votes.get((member, item))
        if self.items[item] != "on_display" or vote is None or vote.verdict is Verdict.VOID:
            return False
        del self.votes[member, item]
        return True

    def _change(self, item: int, members: frozenset[int], new: Verdict, case: int = 0) -> set[int]:
        """Give these members' votes a verdict, where they may have it; whose has changed."""
        changed = set()
        for key, vote in self.votes.items():
            if key[1] == item and key[0] in members and new in MAY_BECOME[vote.verdict]:
                self.votes[key] = replace(vote, verdict=new, void_by=case if new is Verdict.VOID else 0)
                changed.add(key[0])
        return changed

    def _suspect(self, item: int, *members: int) -> bool:
        if self.items[item] in ("rejected", "expired"):
            return False
        found = self._change(item, frozenset(members), Verdict.SET_ASIDE)
        if not found:
            return False
        undecided = [number for number, case in self.cases.items() if case.item == item and case.outcome is None]
        number = undecided[0] if undecided else len(self.cases) + 1
        known = self.cases[number].members if undecided else frozenset()
        self.cases[number] = Case(item, known | found)
        return True

    def _clear(self, number: int) -> bool:
        case = self.cases[number]
        if case.outcome is not None:
            return False
        self._change(case.item, case.members, Verdict.COUNTED)
        self.cases[number] = Case(case.item, case.members, "cleared")
        return True

    def _void(self, number: int) -> bool:
        return self._make_void(number, "votes-false") is not None

    def _make_void(self, number: int, outcome: str) -> set[int] | None:
        case = self.cases[number]
        if case.outcome is not None:
            return None
        self._change(case.item, case.members, Verdict.SET_ASIDE)
        self.cases[number] = Case(case.item, case.members, outcome)
        return self._change(case.item, case.members, Verdict.VOID, number)

    def _confirm(self, number: int) -> bool:
        tried = self.copy()
        if not tried._make_void(number, "confirmed"):  # nothing false: no one is banned
            return False
        self._make_void(number, "confirmed")
        case = self.cases[number]
        if out := self._is_live(case.item):
            self._end(case.item, "rejected")
        self.cases[number] = Case(case.item, case.members, "confirmed", out)
        return True

    def _end(self, item: int, state: str) -> None:
        self.items[item] = state
        self._return_ballots(item)

    def _return_ballots(self, item: int) -> None:
        for key, vote in self.votes.items():
            if key[1] == item and vote.verdict is not Verdict.VOID:
                self.votes[key] = replace(vote, returned=True)

    def _reject(self, item: int) -> bool:
        if not self._is_live(item):
            return False
        self._end(item, "rejected")
        return True

    def _restore(self, number: int, member: int) -> bool:
        """An organiser lets one void vote count again."""
        item = self.cases[number].item
        vote = self.votes.get((member, item))
        if vote is None or vote.void_by != number:
            return False
        self._change(item, frozenset({member}), Verdict.COUNTED)
        if self.items[item] == "rejected":
            self._return_ballots(item)
        return True

    def _judge(self, item: int, verdict: int, *members: int) -> bool:
        """A verdict without a case."""
        return bool(self._change(item, frozenset(members), list(Verdict)[verdict]))

    def _appeal(self, number: int) -> bool:
        case = self.cases[number]
        if case.outcome != "confirmed" or case.appealed:
            return False
        self.cases[number] = Case(case.item, case.members, case.outcome, case.out, appealed=True)
        return True

    def _refuse(self, number: int) -> bool:
        case = self.cases[number]
        if not case.appealed or case.granted is not None:
            return False
        self.cases[number] = Case(case.item, case.members, case.outcome, case.out, appealed=True, granted=False)
        return True

    def _grant(self, number: int) -> bool:
        case = self.cases[number]
        if not case.appealed or case.granted is not None:
            return False
        self.cases[number] = Case(case.item, case.members, case.outcome, False, appealed=True, granted=True)
        for key, vote in self.votes.items():
            if key[1] == case.item and vote.void_by == number:
                self.votes[key] = replace(vote, verdict=Verdict.COUNTED, void_by=0)
        if case.out:
            self.items[case.item] = "on_display" if self.round_is_open else "displayed"
        if self._is_live(case.item):
            self._use_again(case.item)
        else:
            self._return_ballots(case.item)
        return True

    def _use_again(self, item: int) -> None:
        for key, vote in self.votes.items():
            member, free = key[0], vote.returned and vote.verdict is not Verdict.VOID
            has_ballot = key[1] == item and free and max(0, self.yuan[member]) > self.used(member)
            if has_ballot and member not in self.erased and vote.slot not in self.slots(member):
                self.votes[key] = replace(vote, returned=False, reused=vote.reused + 1)

    def _spend(self, member: int, hundreds: int) -> bool:
        self.yuan[member] += hundreds
        return True

    def _erase(self, member: int) -> bool:
        self.erased.add(member)
        self.yuan[member] = 0
        past = self.past.setdefault(member, {})
        for (voter, item), vote in self.votes.items():
            comes_back = any(case.item == item and case.outcome == "confirmed" for case in self.cases.values())
            kept = self.items[item] == "on_display" or not vote.returned or comes_back
            if voter == member and self.round_is_open and kept:
                past.setdefault(item, vote.slot)
        return True

    def _return(self, old: int, new: int) -> bool:
        """The person comes back as a new member."""
        self.yuan[new], self.chats[new] = 0, self.chats[old]
        self.past[new] = self.past.pop(old, {})
        return True

    def _end_round(self) -> bool:
        self.round_is_open = False
        self.past.clear()
        self.items = {item: "displayed" if state == "on_display" else state for item, state in self.items.items()}
        return True
