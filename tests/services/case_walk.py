"""Random acts about votes, cases and appeals: how they are chosen, how the bot does them, and what it has stored."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from bot.services import Services
from domain.brushing.cases import SuspectAccount, Suspicion
from domain.brushing.verdicts import Verdict
from domain.brushing.votes import Pattern
from domain.goods import WhyOut
from domain.people import Member
from services.brushing.appeals import AppealDecided
from services.brushing.cases import Confirmed
from services.groups import Rejected
from storage import people
from storage.db import Database
from tests.conftest import Watch, meet, spend
from tests.services.case_model import VOTES_PER_DAY, Act, Model
from tests.services.conftest import ask, assert_sound, on_display
from tests.verdicts import give

MEMBERS, GOODS, BALLOTS = 5, 4, 2
ORGANISER, ANOTHER = "organiser 98", "organiser 99"
"""Numbers that no member of a walk gets: where the first has deleted their data, who came later might be the same."""
_SEVERAL = {
    **{"cast": 16, "take_back": 2, "suspect": 6, "judge": 2, "void": 3, "confirm": 6, "appeal": 6, "grant": 3},
    **{"restore": 3, "spend": 2},
}
_ONCE = ("clear", "refuse", "reject", "erase")
"""Verbs by how often they are chosen."""
UNABLE = 0.2
"""How often an act is chosen whatever the model says of it."""


def with_rules(services: Services) -> None:
    """Few votes a day, so that places are used again, and two organisers."""
    rules = services.context.rules
    services.context.rules = replace(rules, votes_per_day=VOTES_PER_DAY, organisers=frozenset({8, 9}))


async def begin(services: Services) -> Model:
    """A few members with ballots, and a few goods on display."""
    with_rules(services)
    await services.tally.tick(None)  # its first day begins
    model = Model(dict.fromkeys((await on_display(services))[:GOODS], "on_display"))
    for number in range(MEMBERS):
        member = await meet(services, 1001 + number, f"P{number}")
        await spend(services, member.chat_id, f"{BALLOTS}00", f"first-{number}")
        model.yuan[member.id], model.chats[member.id] = BALLOTS, member.chat_id
    return model


def choose(chance: random.Random, model: Model, number: int) -> Act:
    """The next act, such as the model may well refuse; `number` makes it unlike the others."""
    verbs = [verb for verb, weight in _SEVERAL.items() for _ in range(weight)]
    verb = chance.choice([*verbs, *_ONCE])
    items, members = sorted(model.items), sorted(set(model.yuan) - model.erased)
    if verb in ("cast", "take_back"):
        taps = [Act(verb, (member, item)) for member in members for item in items]
        able = [tap for tap in taps if model.copy().apply(tap)] if chance.random() > UNABLE else []
        return chance.choice(able or taps)
    if verb == "suspect":
        return Act(verb, (chance.choice(items), *sorted(chance.sample(sorted(model.yuan), 3))))
    if verb == "judge":
        return Act(verb, (chance.choice(items), chance.randrange(3), *sorted(chance.sample(members, 2))))
    if verb == "reject":
        return Act(verb, (chance.choice(items),))
    if verb == "spend":
        return Act(verb, (chance.choice(members), chance.choice([-2, -1, -1, 1])), f"more-{number}")
    if verb == "erase":
        return Act(verb, (chance.choice(members),))
    return _about_a_case(chance, model, verb) or choose(chance, model, number)


def _about_a_case(chance: random.Random, model: Model, verb: str) -> Act | None:
    """Mostly about a case of which it may be decided, and now and then about any."""
    acts = [Act(verb, (number,)) for number in sorted(model.cases)]
    if verb == "restore":
        acts = [Act(verb, (*act.numbers, member)) for act in acts for member in sorted(model.yuan)]
    able = [act for act in acts if model.copy().apply(act)]
    return chance.choice(able or acts) if able or (acts and chance.random() < UNABLE) else None


async def do(services: Services, act: Act) -> bool:
    """Let the bot do an act; whether it was allowed."""
    first, *rest = act.numbers
    if act.verb in ("cast", "take_back"):
        verb = services.voting.cast if act.verb == "cast" else services.voting.take_back
        return (await verb(await _member(services, first), rest[0])).refused is None
    if act.verb == "suspect":
        accounts = tuple(SuspectAccount(member, Pattern.LOCKSTEP, 1.0, 3) for member in rest)
        return bool(await services.cases.suspect(Suspicion(first, 5.0, accounts, ())))
    if act.verb == "judge":
        return bool(await give(services, first, rest[1:], list(Verdict)[rest[0]], "test"))
    if act.verb == "reject":
        return isinstance(await services.groups.reject(first, WhyOut.PRICE, "test"), Rejected)
    if act.verb == "spend":
        await spend(services, (await _member(services, first)).chat_id, f"{rest[0]}00", act.word)
        return True
    if act.verb == "erase":
        await services.people.erase(await _member(services, first))
        return True
    case = await _case(services, first)
    if act.verb == "restore":
        return await services.objections.grant(case, rest[0], ORGANISER)
    return await _decide(services, act.verb, case)


async def _decide(services: Services, verb: str, case: int) -> bool:
    cases, appeals = services.cases, services.appeals
    if verb == "clear":
        return await cases.clear(case, ORGANISER) is not None
    if verb == "void":
        return await cases.void(case, "a rival", ORGANISER) is not None
    if verb == "confirm":
        return isinstance(await cases.confirm(case, "bought", ORGANISER), Confirmed)
    if verb == "appeal":
        return await appeals.record(case, "no", ORGANISER) is None
    granted = verb == "grant"
    return isinstance(await appeals.decide(case, "judged", ANOTHER, granted=granted), AppealDecided)


async def _member(services: Services, number: int) -> Member:
    async with services.context.db.read() as connection:
        member = await people.by_id(connection, number)
    assert member is not None
    return member


async def _case(services: Services, number: int) -> int:
    """The ID of the nth case: what a killed process began has taken IDs, too."""
    return int((await ask(services.context.db, "SELECT id FROM cases ORDER BY id"))[number - 1][0])


async def stored(db: Database, items: Sequence[int]) -> dict[str, object]:
    """What the database holds, as the model says it."""
    goods = await ask(db, "SELECT id, state, wants, set_aside, withheld FROM items")
    votes = await ask(
        db,
        "SELECT member_id, item_id, verdict, slot, returned_at, "
        "(SELECT count(*) FROM reused_ballots WHERE vote_id = votes.id) AS reused "
        "FROM votes WHERE taken_back_at IS NULL",
    )
    found = await ask(
        db,
        "SELECT cases.id, item_id, outcome, appeals.id AS appeal, granted FROM cases "
        "LEFT JOIN appeals ON case_id = cases.id ORDER BY cases.id",
    )
    members = defaultdict(set)
    for row in await ask(db, "SELECT case_id, member_id FROM case_accounts"):
        members[row.case_id].add(row.member_id)
    number = {row.id: n for n, row in enumerate(found, start=1)}
    bans = await ask(db, "SELECT case_id FROM bans WHERE lifted_at IS NULL")
    spent = "(SELECT coalesce(sum(amount_fen), 0) FROM spendings WHERE telegram_id = chat_id)"
    purses = await ask(db, f"SELECT id, chat_id, {spent} AS fen FROM members")
    return {
        "items": {row.id: tuple(row[1:]) for row in goods if row.id in items},
        "votes": {(row[0], row[1]): (row.verdict, row.slot, row.returned_at is not None, row.reused) for row in votes},
        "cases": {
            number[row.id]: (
                *(row.item_id, frozenset(members[row.id]), row.outcome, row.appeal is not None),
                None if row.granted is None else bool(row.granted),
            )
            for row in found
        },
        "bans": {number[row.case_id] for row in bans},
        "yuan": {row.id: None if row.chat_id is None else row.fen // 10000 for row in purses},
    }


async def come_back(services: Services, model: Model) -> None:
    """One who has erased their data comes back, if there is anyone."""
    gone = sorted(model.erased & set(model.past))
    if gone:
        member = await meet(services, model.chats[gone[0]], "Back")
        model.apply(Act("return", (gone[0], member.id)))


async def end_round(services: Services, model: Model, watch: Watch) -> None:
    """The round closes."""
    watch.advance(days=1)
    await services.rounds.tick()
    model.apply(Act("end_round"))


async def check(db: Database, model: Model) -> None:
    """The bot has stored what the model says, and no rule is broken."""
    expected, found = model.snapshot(), await stored(db, list(model.items))
    assert found == expected
    await assert_sound(db, VOTES_PER_DAY, overdrawn=any(map(model.overdrawn, model.yuan)))


async def check_tally(services: Services, watch: Watch) -> None:
    """The acts of all days add up to what has become of the votes: none is missing, and none is there twice (R39)."""
    watch.advance(days=2)
    assert await services.tally.build()
    leaves = await ask(services.context.db, "SELECT act, item_id FROM tally_leaves")
    acts, found, expected = Counter(map(tuple, leaves)), Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    for done, undone in (("cast", "taken-back"), ("returned", "used-again"), ("void", "restored")):
        found.update({(done, item): acts[done, item] - acts[undone, item] for _, item in acts})
    for vote in await ask(services.context.db, "SELECT item_id, verdict, returned_at, taken_back_at FROM votes"):
        expected["cast", vote.item_id] += vote.taken_back_at is None
        expected["returned", vote.item_id] += vote.returned_at is not None
        expected["void", vote.item_id] += vote.verdict == "void"
    reused = "SELECT item_id, count(*) FROM votes JOIN reused_ballots ON vote_id = votes.id GROUP BY 1"
    again = {item: number for (act, item), number in acts.items() if act == "used-again"}
    assert (found, again) == (expected, {row[0]: row[1] for row in await ask(services.context.db, reused)})
