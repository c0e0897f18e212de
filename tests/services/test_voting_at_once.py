"""Votes at once: hundreds of taps together on one SQLite file, from one process and from two (R14-R19)."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.services import Services, make_services
from domain.voting import Reason
from services.voting import VoteOutcome
from storage.db import Database
from tests.conftest import Watch, meet, settings_for
from tests.services.conftest import ask, assert_sound, on_display, one, voter, wants

TAPS = 240


def results(answers: list[VoteOutcome]) -> Counter[Reason | None]:
    return Counter(answer.refused.reason if answer.refused else None for answer in answers)


@pytest.fixture
async def second(db: Database, tmp_path: Path, watch: Watch) -> AsyncIterator[Services]:
    """The same bot in another process: its own connections to the same file."""
    other = Database(db.url.render_as_string(hide_password=False))
    yield make_services(other, settings_for(tmp_path), watch)
    await other.close()


@pytest.mark.long
async def test_r19_at_once_all_members_vote_for_the_same_item(display: Services, db: Database) -> None:
    hot = (await on_display(display))[0]
    people = [await voter(display, 2000 + n, 1) for n in range(TAPS // 3)]
    taps = people * 3
    random.Random(1).shuffle(taps)
    answers = await asyncio.gather(*(display.voting.cast(member, hot) for member in taps))
    assert results(answers) == {None: TAPS // 3, Reason.ALREADY_VOTED: TAPS * 2 // 3}
    seen = sorted(answer.item.wants for answer in answers if answer.item and not answer.refused)
    assert seen == list(range(1, TAPS // 3 + 1)), "everyone reads the count that their own vote made"
    assert await wants(display, hot) == TAPS // 3
    await assert_sound(db)


async def test_r15_r16_at_once_many_members_tap_all_over_the_display(
    display: Services, second: Services, db: Database
) -> None:
    goods = await on_display(display)
    people = [await voter(display, 2000 + n, n % 8) for n in range(16)]
    chance = random.Random(2)
    taps = [(chance.choice(people), chance.choice(goods[:12]), chance.choice((display, second))) for _ in range(TAPS)]
    answers = await asyncio.gather(*(services.voting.cast(member, item) for member, item, services in taps))
    for n, member in enumerate(people):
        purse = (await display.voting.mine(member, 0)).purse
        tried = len({item for who, item, _ in taps if who is member})
        assert purse.used == min(n % 8, 5, tried), "as many as ballots, places and items allow, and no more"
    assert results(answers)[None] == await one(db, "SELECT count(*) FROM votes")
    await assert_sound(db)


async def test_r18_at_once_votes_are_cast_and_taken_back_through_each_other(
    display: Services, second: Services, db: Database
) -> None:
    goods = (await on_display(display))[:6]
    people = [await voter(display, 2000 + n, 3) for n in range(10)]
    chance = random.Random(3)

    async def tap() -> VoteOutcome:
        voting = chance.choice((display, second)).voting
        verb = chance.choice((voting.cast, voting.cast, voting.take_back))
        return await verb(chance.choice(people), chance.choice(goods))

    answers = await asyncio.gather(*(tap() for _ in range(TAPS)))
    assert {None, Reason.ALREADY_VOTED, Reason.NOT_VOTED, Reason.NO_BALLOTS} <= set(results(answers))
    await assert_sound(db)


async def test_r18_at_once_a_vote_is_taken_back_once(display: Services, db: Database) -> None:
    item = (await on_display(display))[0]
    people = [await voter(display, 2000 + n, 1) for n in range(3)]
    for member in people:
        await display.voting.cast(member, item)
    answers = await asyncio.gather(*(display.voting.take_back(people[0], item) for _ in range(30)))
    assert results(answers) == {None: 1, Reason.NOT_VOTED: 29}
    assert await wants(display, item) == 2
    await assert_sound(db)


async def test_r15_at_once_one_member_gets_five_votes_and_no_sixth(
    display: Services, second: Services, db: Database
) -> None:
    goods = await on_display(display)
    ann = await voter(display, ballots=40)
    answers = await asyncio.gather(*((display, second)[n % 2].voting.cast(ann, item) for n, item in enumerate(goods)))
    assert results(answers) == {None: 5, Reason.DAY_LIMIT: 35}
    assert await ask(db, "SELECT slot FROM votes ORDER BY slot") == [(1,), (2,), (3,), (4,), (5,)]
    await assert_sound(db)


async def test_r14_at_once_the_last_ballot_is_used_once(display: Services, second: Services, db: Database) -> None:
    goods = await on_display(display)
    ann = await voter(display, ballots=1)
    answers = await asyncio.gather(*((display, second)[n % 2].voting.cast(ann, item) for n, item in enumerate(goods)))
    assert results(answers) == {None: 1, Reason.NO_BALLOTS: 39}
    await assert_sound(db)


async def test_r26_at_once_an_item_is_followed_once(display: Services, second: Services, db: Database) -> None:
    item = (await on_display(display))[0]
    ann = await meet(display)
    await asyncio.gather(*((display, second)[n % 2].voting.follow(ann, item, on=True) for n in range(20)))
    assert await one(db, "SELECT count(*) FROM follows") == 1


async def test_r17_at_once_with_the_closing_every_vote_is_in_time_or_refused(
    display: Services, db: Database, watch: Watch
) -> None:
    item = (await on_display(display))[0]
    people = [await voter(display, 2000 + n, 1) for n in range(40)]

    async def close() -> VoteOutcome | None:
        watch.advance(days=1)
        await display.rounds.tick()
        return None

    answers = await asyncio.gather(
        *(display.voting.cast(member, item) for member in people[:20]),
        close(),
        *(display.voting.cast(member, item) for member in people[20:]),
    )
    counted = results([answer for answer in answers if answer is not None])
    assert counted[None] + counted[Reason.ROUND_OVER] == 40 and counted[Reason.ROUND_OVER] >= 20
    assert await wants(display, item) == counted[None]
    await assert_sound(db)


async def test_r19_the_database_itself_keeps_a_second_vote_and_a_sixth_out(display: Services, db: Database) -> None:
    """Should the judgement ever fail, what is unique is so in the tables (R15, R16)."""
    from sqlalchemy.exc import IntegrityError

    from storage import votes

    goods = await on_display(display)
    ann = await voter(display)
    day = (await display.voting.cast(ann, goods[0])).purse.day
    now = display.context.clock.now()
    for item, slot in ((goods[0], 2), (goods[1], 1)):
        with pytest.raises(IntegrityError):
            async with db.write() as connection:
                await votes.cast(connection, ann.id, item, day, slot, None, now, None)
    assert await one(db, "SELECT count(*) FROM votes") == 1
    await assert_sound(db)
