"""What people are said to have spent (R14)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from bot.services import Services
from domain.csv_files import BadCell, read_spending
from services.spending import SpendingImported
from storage.db import Database
from tests.conftest import Watch, meet
from tests.services.conftest import ask, on_display, one, stored_about

pytestmark = pytest.mark.postgresql_later


def table(*days: str) -> bytes:
    lines = [f"1001,100,{day},o-{number}" for number, day in enumerate(days)]
    return "\n".join(["telegram_id,amount,spent_on,ref", *lines]).encode()


async def test_r14_what_is_spent_in_the_future_is_a_bad_row_by_the_platforms_day(
    services: Services, watch: Watch, db: Database
) -> None:
    watch.time = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # the 25th has begun in Shanghai
    parsed = read_spending(table("2026-11-24", "2026-11-25", "2026-11-26"))
    found = await services.goods.import_spending(parsed)
    assert found.bad == (BadCell(4, "spent_on", "in_the_future", "2026-11-26"),) and not found.stored
    found = await services.goods.import_spending(parsed, skip_bad=True)
    assert (found.new, found.stored) == (2, True)
    assert await one(db, "SELECT max(spent_on) FROM spendings") == "2026-11-25"


@pytest.mark.parametrize("day", ["2011-01-01", "2026-11-24"])
async def test_r14_from_the_first_day_that_counts_to_today_everything_counts(day: str, services: Services) -> None:
    assert (await services.goods.import_spending(read_spending(table(day)))).new == 1


# -- the ledger: refunds and corrections --


async def take_in(services: Services, *lines: str, **how: Any) -> SpendingImported:
    text = "\n".join(["telegram_id,amount,spent_on,ref,refund_of", *lines]) + "\n"
    return await services.goods.import_spending(read_spending(text.encode()), "test", **how)


def said(found: SpendingImported) -> tuple[int, int, int, int, bool]:
    return found.new, len(found.corrections), found.same, len(found.replaced), found.stored


async def spent(services: Services, chat_id: int = 1001) -> int:
    return (await services.voting.mine(await meet(services, chat_id), 0)).purse.spent_fen


ORDER, LESS = "1001,300,2026-01-05,o-1,", "1001,187,2026-01-05,o-1,"
REFUND = "1001,-113.00,2026-01-07,r-1,o-1"


async def test_r14_a_refund_lowers_the_spending_and_counts_once(services: Services, db: Database) -> None:
    for counts in ((2, 0, 0, 0, True), (0, 0, 2, 0, True)):
        assert said(await take_in(services, ORDER, REFUND)) == counts
    assert await spent(services) == 187_00
    assert await ask(db, "SELECT ref, amount_fen, refund_of FROM spendings ORDER BY id") == [
        ("o-1", 300_00, None),
        ("r-1", -113_00, "o-1"),
    ]


async def test_r14_a_refund_may_come_before_its_order_and_the_purse_be_below_zero(services: Services) -> None:
    await take_in(services, REFUND)
    purse = (await services.voting.mine(await meet(services), 0)).purse
    assert (purse.spent_fen, purse.ballots_left, purse.fen_to_next_ballot) == (-113_00, 0, 213_00)
    await take_in(services, ORDER)
    assert await spent(services) == 187_00


async def test_r14_a_refund_leaves_used_ballots_used_until_spending_catches_up(display: Services, db: Database) -> None:
    await take_in(display, ORDER)
    ann, goods = await meet(display), await on_display(display)
    for item in goods[:3]:
        assert (await display.voting.cast(ann, item)).voted
    await take_in(display, "1001,-300,2026-01-07,r-1,o-1")
    assert len((await display.voting.mine(ann, 0)).voted) == 3
    refused = (await display.voting.cast(ann, goods[3])).refused
    assert refused is not None and refused.purse is not None and refused.purse.fen_to_next_ballot == 400_00
    await take_in(display, "1001,399,2026-01-08,o-2,")
    assert (await display.voting.cast(ann, goods[3])).refused is not None
    await take_in(display, "1001,1,2026-01-08,o-3,")
    assert (await display.voting.cast(ann, goods[3])).refused is None


async def test_r14_a_correction_is_listed_and_stored_when_confirmed(services: Services, db: Database) -> None:
    await take_in(services, ORDER)
    for how in ({"dry_run": True}, {}):
        found = await take_in(services, LESS, "1001,5,2026-01-05,o-2,", **how)
        assert said(found) == (1, 1, 0, 0, False) and found.unconfirmed and await spent(services) == 300_00
    (correction,) = found.corrections
    assert (correction.line, correction.ref) == (2, "o-1")
    assert (correction.before.amount_fen, correction.after.amount_fen) == (300_00, 187_00)
    found = await take_in(services, LESS, "1001,5,2026-01-05,o-2,", corrections=True)
    assert said(found) == (1, 1, 0, 0, True) and await spent(services) == 192_00
    assert await ask(db, "SELECT amount_fen, spent_on, actor FROM spending_corrections") == [
        (300_00, "2026-01-05", "test")
    ]


async def test_r14_only_the_corrections_that_were_shown_are_confirmed(services: Services) -> None:
    await take_in(services, ORDER)
    rows = LESS, "1001,45,2026-01-05,o-2,"
    shown = (await take_in(services, *rows, dry_run=True)).corrections
    await take_in(services, "1001,50,2026-01-05,o-2,")  # meanwhile, from another table
    found = await take_in(services, *rows, corrections=shown)
    assert [row.ref for row in found.unconfirmed] == ["o-2"] and len(found.corrections) == 2 and not found.stored
    found = await take_in(services, *rows, corrections=shown, skip_bad=True)
    assert [row.ref for row in found.unconfirmed] == ["o-2"] and found.stored
    assert await spent(services) == 237_00


async def test_r14_with_skip_bad_all_but_the_corrections_is_stored(services: Services) -> None:
    await take_in(services, ORDER)
    found = await take_in(services, LESS, "1001,5,2026-01-05,o-2,", skip_bad=True)
    assert said(found) == (1, 1, 0, 0, True) and found.unconfirmed and await spent(services) == 305_00


async def test_r14_any_table_again_in_any_order_changes_nothing(services: Services, db: Database) -> None:
    tables = [(ORDER, REFUND), (LESS, REFUND), ("1001,200,2026-01-05,o-1,",)]
    for table in tables:
        await take_in(services, *table, corrections=True)
    before = await ask(db, "SELECT * FROM spendings ORDER BY id"), await ask(db, "SELECT * FROM spending_corrections")
    for first, then in permutations(tables, 2):
        for table in (first, then):
            found = await take_in(services, *table, corrections=True)
            assert (found.new, found.changed) == (0, 0) and found.stored
            assert len(found.replaced) == (table is not tables[-1])
    assert before == (
        await ask(db, "SELECT * FROM spendings ORDER BY id"),
        await ask(db, "SELECT * FROM spending_corrections"),
    )


async def test_r14_a_correction_at_once_is_stored_once(services: Services, db: Database) -> None:
    await take_in(services, ORDER)
    await asyncio.gather(*(take_in(services, LESS, corrections=True) for _ in range(4)))
    assert await one(db, "SELECT count(*) FROM spending_corrections") == 1 and await spent(services) == 187_00


@pytest.mark.parametrize(
    ("line", "field", "code"),
    [
        ("1001,-300,2026-01-07,o-1,", "ref", "refund_needs_ref"),
        ("1002,-113,2026-01-07,r-1,o-1", "refund_of", "refund_of_another"),
        ("1002,300,2026-01-05,o-1,", "ref", "known_otherwise"),
        ("1001,0,2026-01-05,o-2,", "amount", "out_of_range"),
    ],
)
async def test_r14_a_row_that_cannot_be_right_is_named(services: Services, line: str, field: str, code: str) -> None:
    await take_in(services, ORDER)
    found = await take_in(services, line, corrections=True)
    assert [(cell.line, cell.field, cell.code) for cell in found.bad] == [(2, field, code)] and not found.stored


async def test_r14_a_refund_of_another_persons_order_in_the_same_table_is_named(services: Services) -> None:
    found = await take_in(services, ORDER, "1002,-113,2026-01-07,r-1,o-1")
    assert [(cell.line, cell.code) for cell in found.bad] == [(3, "refund_of_another")] and not found.stored


async def test_r14_the_order_of_a_refund_that_another_person_got_before_is_named(services: Services) -> None:
    await take_in(services, "1002,-113,2026-01-07,r-1,o-1", "1001,-5,2026-01-07,r-2,o-1")
    found = await take_in(services, ORDER)
    assert found.bad == (BadCell(2, "ref", "refunded_to_another", "r-1"),) and not found.stored
    assert await spent(services) == -5_00
    await take_in(services, "1002,0,2026-01-07,r-1,", corrections=True)
    assert said(await take_in(services, ORDER)) == (1, 0, 0, 0, True)
    assert (await spent(services), await spent(services, 1002)) == (295_00, 0)


async def test_r36_the_order_of_an_erased_members_refund_counts_for_no_one(services: Services, db: Database) -> None:
    await take_in(services, REFUND)
    await services.people.erase(await meet(services))
    assert said(await take_in(services, ORDER)) == (1, 0, 0, 0, True) and await spent(services) == 0
    assert await ask(db, "SELECT DISTINCT telegram_id FROM spendings") == [(0,)]


async def test_r14_a_cancelled_order_is_corrected_to_nothing(services: Services) -> None:
    await take_in(services, ORDER)
    await take_in(services, "1001,0,2026-01-05,o-1,", corrections=True)
    assert await spent(services) == 0


async def test_r36_the_refund_of_an_erased_members_order_counts_for_no_one(services: Services, db: Database) -> None:
    await take_in(services, ORDER)
    await services.people.erase(await meet(services))
    found = await take_in(services, "1001,187,2026-01-05,o-1,", REFUND, corrections=True)
    assert said(found) == (1, 0, 1, 0, True) and await spent(services) == 0
    assert await ask(db, "SELECT DISTINCT telegram_id FROM spendings") == [(0,)]


async def test_r36_a_member_reads_what_their_spending_was_corrected_from(services: Services) -> None:
    await take_in(services, ORDER)
    await take_in(services, LESS, corrections=True)
    stored = await stored_about(services, await meet(services))
    assert [row["amount_fen"] for row in stored["spending_corrections"]] == [300_00]
