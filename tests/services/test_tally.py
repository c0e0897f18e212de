"""The tally of a voting day: every act is a leaf, the root is published once, and members get their proof (R39)."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from itertools import pairwise

import pytest

from bot.services import Services
from domain.brushing.verdicts import Verdict
from domain.goods import WhyOut
from domain.people import Member
from domain.transparency.tally import Leaf, TallyAct, leaf_hash, root_of
from domain.transparency.tally_table import TALLY_COLUMNS, TallyCount, check_table
from services.operations import MOST_ROWS
from services.transparency import tally as tally_service
from services.transparency.tally import AFTER, KEPT_FOR
from storage.db import Database
from storage.transparency import tally as stored_tally
from tests.conftest import Watch
from tests.services.conftest import ask, on_display, one, order, stored_about, until_blocked, voter, wants
from tests.verdicts import give

pytestmark = pytest.mark.postgresql_later

DAY = date(2026, 11, 24)
LEAVES = "SELECT act, item_id, member_id, day FROM tally_leaves ORDER BY day, act, item_id, member_id"


@pytest.fixture
async def item(display: Services) -> int:
    await display.tally.tick(None)
    return (await on_display(display))[0]


@pytest.fixture
async def people(display: Services, item: int) -> list[Member]:
    """Three members who voted for the item on the first day."""
    members = [await voter(display, chat_id, 5) for chat_id in (1001, 1002, 1003)]
    for member in members:
        assert (await display.voting.cast(member, item)).voted
    return members


async def day_over(services: Services, watch: Watch, days: int = 1) -> list[date]:
    """Let days pass, with what the tick does about rounds, and build what is due."""
    watch.advance(days=days)
    await services.rounds.tick()
    await services.tally.tick(None)
    return await services.tally.build()


async def acts(db: Database) -> list[tuple[str, int, int | None]]:
    return [(row.act, row.item_id, row.member_id) for row in await ask(db, LEAVES)]


async def checked(services: Services, day: date = DAY) -> TallyCount:
    """What the published table of a day adds up to, checked against the published root."""
    found = await services.tally.published(day)
    assert found is not None
    rows: list[list[str | int]] = [list(TALLY_COLUMNS)]
    async for part in services.tally.table(found):
        rows += part
    count = check_table(enumerate([[str(cell) for cell in row] for row in rows], 1), day, found.root)
    assert isinstance(count, TallyCount)
    return count


async def vote_of(services: Services, member: Member) -> int:
    return (await services.tally.votes_of(member, 0)).votes[0].id


async def test_r39_every_act_of_a_day_is_a_leaf_of_it(
    display: Services, item: int, people: list[Member], watch: Watch, db: Database
) -> None:
    ann, bob, cat = people
    watch.advance(minutes=1)
    await display.voting.take_back(bob, item)
    assert await give(display, item, [cat.id], Verdict.SET_ASIDE, "detector")
    assert await give(display, item, [cat.id], Verdict.VOID, "organiser 9")
    assert await day_over(display, watch) == [DAY]
    cast, rest = ("cast", item), [("taken-back", item, bob.id), ("void", item, cat.id)]
    assert await acts(db) == [(*cast, ann.id), (*cast, bob.id), (*cast, cat.id), *rest]
    assert (await checked(display)).moved(item) == 1 == await wants(display, item), "the public count can be checked"
    assert await give(display, item, [cat.id], Verdict.COUNTED, "organiser 9")
    await display.groups.reject(item, WhyOut.PRICE, "organiser 9")
    assert await day_over(display, watch) == [DAY + timedelta(days=1)]
    back = ("returned", item)
    assert (await acts(db))[5:] == [("restored", item, cat.id), (*back, ann.id), (*back, cat.id)]
    second = await checked(display, DAY + timedelta(days=1))
    assert (second.acts[item, TallyAct.RESTORED], second.acts[item, TallyAct.RETURNED], second.moved(item)) == (1, 2, 1)
    assert await wants(display, item) == 2, "what both days add up to"


async def test_r28_a_vote_that_is_set_aside_or_cleared_is_like_any_other(
    display: Services, item: int, people: list[Member], watch: Watch, db: Database
) -> None:
    suspect = people[0]
    assert await give(display, item, [suspect.id], Verdict.SET_ASIDE, "detector")
    await day_over(display, watch)
    assert [act for act, *_ in await acts(db)] == ["cast"] * 3
    answers = [await display.tally.receipt(member, await vote_of(display, member)) for member in people[:2]]
    for answer in answers:
        assert answer.receipt is not None and answer.receipt.is_sound() and answer.receipt.act is TallyAct.CAST
    assert await give(display, item, [suspect.id], Verdict.COUNTED, "organiser 9")
    await day_over(display, watch)
    assert [act for act, *_ in await acts(db)] == ["cast"] * 3


async def test_r39_the_root_is_that_of_the_leaves_in_the_order_of_their_seals(
    display: Services, item: int, people: list[Member], watch: Watch, db: Database
) -> None:
    await day_over(display, watch)
    rows = sorted(await ask(db, "SELECT seal, act, item_id FROM tally_leaves"), key=lambda row: bytes(row.seal))
    root = root_of(leaf_hash(Leaf(TallyAct(row.act), row.item_id, bytes(row.seal)), DAY) for row in rows)
    begins = watch.time - timedelta(days=1)
    assert await display.tally.roots(begins, begins + timedelta(minutes=1)) == {DAY: root.hex()}
    assert (await display.tally.roots(begins, watch.time))[DAY + timedelta(days=1)] is None


async def test_r39_each_member_can_prove_their_own_vote_only(
    display: Services, item: int, people: list[Member], watch: Watch
) -> None:
    await day_over(display, watch)
    found = await display.tally.published(DAY)
    assert found is not None
    for member in people:
        answer = await display.tally.receipt(member, await vote_of(display, member))
        receipt = answer.receipt
        assert receipt is not None and receipt.is_sound() and receipt.root == found.root
        assert (receipt.member, receipt.item, receipt.day) == (member.id, item, DAY)
    theirs = await vote_of(display, people[0])
    assert (await display.tally.receipt(people[1], theirs)).vote is None


async def test_r39_proofs_lead_through_several_chunks(
    display: Services, item: int, people: list[Member], watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("services.transparency.tally", "storage.transparency.tally", "domain.transparency.tally"):
        monkeypatch.setattr(f"{module}.CHUNK", 2)
    await day_over(display, watch)
    for member in people:
        answer = await display.tally.receipt(member, await vote_of(display, member))
        assert answer.receipt is not None and answer.receipt.is_sound()


async def test_r39_a_vote_of_a_day_without_a_root_has_its_receipt_an_hour_after_the_day(
    display: Services, item: int, people: list[Member], watch: Watch
) -> None:
    eight = watch.time.replace(hour=0) + timedelta(days=1)  # in Shanghai
    answer = await display.tally.receipt(people[0], await vote_of(display, people[0]))
    assert (answer.receipt, answer.expected_at) == (None, eight + AFTER)
    watch.time = eight + timedelta(minutes=30)
    await display.rounds.tick()
    await display.tally.tick(None)
    assert not await display.tally.build()
    watch.time = eight + AFTER
    await display.tally.tick(None)
    assert await one(display.context.db, "SELECT count(*) FROM jobs WHERE kind = 'tally'") == 1
    assert await display.tally.build() == [DAY]


async def test_r39_votes_of_before_the_first_day_have_no_receipt(
    display: Services, item: int, people: list[Member], db: Database, watch: Watch
) -> None:
    await order(db, "UPDATE votes SET cast_at = '2026-11-20 00:00:00+00:00'")
    if db.is_sqlite:
        await order(db, "UPDATE votes SET cast_at = '2026-11-20 00:00:00.000000'")
    answer = await display.tally.receipt(people[0], await vote_of(display, people[0]))
    assert answer.vote is not None and (answer.receipt, answer.expected_at) == (None, None)


async def test_built_again_or_after_a_crash_a_day_is_the_same(
    display: Services,
    item: int,
    people: list[Member],
    watch: Watch,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed after some leaves, and after the last one before the root."""
    monkeypatch.setattr(stored_tally, "PART", 2)
    monkeypatch.setattr(stored_tally, "READ_AT_ONCE", 2)
    add, publish = stored_tally.add_leaves, stored_tally.publish

    async def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    async def adds_once(*given: object) -> None:
        monkeypatch.setattr(stored_tally, "add_leaves", dies)
        await add(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(stored_tally, "add_leaves", adds_once)
    with pytest.raises(KeyboardInterrupt):
        await day_over(display, watch)
    seals = {row.seal for row in await ask(db, "SELECT seal FROM tally_leaves")}
    assert len(seals) == 2
    monkeypatch.setattr(stored_tally, "add_leaves", add)
    monkeypatch.setattr(stored_tally, "publish", dies)
    with pytest.raises(KeyboardInterrupt):
        await display.tally.build()
    assert await one(db, "SELECT count(*) FROM tally_leaves") == 3
    monkeypatch.setattr(stored_tally, "publish", publish)
    assert await display.tally.build() == [DAY]
    assert seals < {row.seal for row in await ask(db, "SELECT seal FROM tally_leaves")}
    root = (await checked(display)).tree.root()
    assert await display.tally.build() == [] and (await checked(display)).tree.root() == root


@pytest.mark.postgresql_too
async def test_two_processes_that_build_a_day_publish_one_root(
    display: Services, item: int, people: list[Member], watch: Watch, db: Database
) -> None:
    watch.advance(days=1)
    done = await asyncio.gather(display.tally.build(), display.tally.build())
    assert sorted(day for days in done for day in days) == [DAY]
    assert (await checked(display)).tree.leaves == 3


async def test_a_closed_day_takes_no_leaf(
    display: Services, item: int, people: list[Member], watch: Watch, db: Database
) -> None:
    await day_over(display, watch)
    before = await display.tally.published(DAY)
    await order(db, "UPDATE votes SET taken_back_at = cast_at")
    await order(db, "UPDATE tally_days SET root = NULL WHERE day = :day", day=str(DAY))
    await order(db, "DELETE FROM tally_chunks")
    assert await display.tally.build()
    assert await display.tally.published(DAY) == before


async def test_r36_an_erased_member_leaves_the_hash_without_salt_and_number(
    display: Services, item: int, people: list[Member], watch: Watch, db: Database
) -> None:
    gone, late, stays = people
    await display.people.erase(gone)
    await day_over(display, watch)
    root = (await checked(display)).tree.root()
    assert len((await stored_about(display, late))["tally"]) == 1
    await display.people.erase(late)
    rows = await ask(db, "SELECT member_id, salt FROM tally_leaves WHERE member_id IS NOT NULL OR salt IS NOT NULL")
    assert [row.member_id for row in rows] == [stays.id]
    assert (await checked(display)).tree.root() == root
    answer = await display.tally.receipt(stays, await vote_of(display, stays))
    assert answer.receipt is not None and answer.receipt.is_sound()


@pytest.mark.postgresql_too
async def test_r36_a_member_who_is_erased_while_leaves_are_made_leaves_none_with_a_salt(
    display: Services, item: int, people: list[Member], watch: Watch, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.advance(days=1)
    add = stored_tally.add_leaves
    erasing: list[asyncio.Task[None]] = []

    async def adds_beside_a_deletion(*given: object) -> None:
        if not erasing:
            erasing.append(asyncio.create_task(display.people.erase(people[0])))
            await asyncio.sleep(0) if db.is_sqlite else await until_blocked(db, *erasing)
        await add(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(stored_tally, "add_leaves", adds_beside_a_deletion)
    assert await display.tally.build() == [DAY]
    await erasing[0]
    rows = await ask(db, "SELECT member_id FROM tally_leaves WHERE salt IS NOT NULL ORDER BY member_id")
    assert [row.member_id for row in rows] == [member.id for member in people[1:]]


async def test_days_follow_each_other_after_an_outage_and_when_they_come_to_begin_later(
    display: Services, item: int, people: list[Member], watch: Watch, db: Database
) -> None:
    later = display.context.rules.opens_at.replace(hour=10)
    object.__setattr__(display.context.rules, "opens_at", later)
    assert len(await day_over(display, watch, 4)) == 3
    days = await ask(db, "SELECT day, begins_at, ends_at FROM tally_days ORDER BY day")
    assert [row.day for row in days] == [str(DAY + timedelta(days=n)) for n in range(len(days))]
    assert len(days) > 3 and all(one.ends_at == two.begins_at for one, two in pairwise(days))


async def test_r39_leaves_are_deleted_after_half_a_year_and_the_root_stays(
    display: Services, item: int, people: list[Member], watch: Watch, db: Database
) -> None:
    await day_over(display, watch)
    vote = await vote_of(display, people[0])
    watch.time += KEPT_FOR + timedelta(hours=1)
    assert await display.tally.receipt(people[0], vote) == tally_service.ReceiptAnswer(
        (await display.tally.votes_of(people[0], 0)).votes[0]
    )
    await display.housekeeping.tick()
    assert await one(db, "SELECT count(*) FROM tally_leaves") == 0
    assert await one(db, "SELECT count(*) FROM tally_chunks") == 0
    found = await display.tally.published(DAY)
    assert found is not None and found.leaves == 3 < MOST_ROWS
