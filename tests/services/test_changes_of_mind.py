"""Taking votes back without end: a day has so many changes of mind, and old ones slow nothing down (R18)."""

from __future__ import annotations

from datetime import timedelta

from bot.services import Services
from domain.voting import Reason
from services.voting import VoteOutcome
from storage.db import Database
from tests.conftest import TUESDAY_TEN, Watch
from tests.services.conftest import ask, assert_sound, on_display, one, order, voter

MOST = 20


def why(answer: VoteOutcome) -> Reason | None:
    return answer.refused.reason if answer.refused else None


async def test_r18_after_twenty_changes_of_mind_the_vote_stays_until_the_next_day(
    display: Services, watch: Watch
) -> None:
    ann, ben = await voter(display), await voter(display, 1002)
    item = (await on_display(display))[0]
    for time in range(MOST):
        assert why(await display.voting.cast(ann, item)) is None
        back = await display.voting.take_back(ann, item)
        assert why(back) is None and back.purse.taken_back == time + 1
    assert why(await display.voting.cast(ann, item)) is None, "who voted less than five times may still vote"
    refused = await display.voting.take_back(ann, item)
    assert why(refused) is Reason.CHANGES_LIMIT and refused.voted
    assert refused.item is not None and refused.item.wants == 1
    await display.voting.cast(ben, item)
    assert why(await display.voting.take_back(ben, item)) is None, "others have their own"
    watch.time = refused.purse.day_ends
    assert (await display.voting.purse(ann)).taken_back == 0
    await assert_sound(display.context.db)


async def test_r18_taking_back_again_by_the_same_update_is_answered_as_before(display: Services) -> None:
    ann, item = await voter(display), (await on_display(display))[0]
    for time in range(MOST):
        await display.voting.cast(ann, item, 2 * time + 1)
        await display.voting.take_back(ann, item, 2 * time + 2)
    again = await display.voting.take_back(ann, item, 2 * MOST)
    assert why(again) is None and again.purse.taken_back == MOST


async def test_the_newest_acts_of_a_member_are_found_without_sorting_all_of_them(
    display: Services, db: Database
) -> None:
    """300,000 rows of one member made a tap of others wait 71 ms on PostgreSQL, whose index had no id."""
    ann, item = await voter(display), (await on_display(display))[0]
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)"
    await order(
        db,
        f"INSERT INTO votes (item_id, member_id, cast_at, day, slot, taken_back_at) {numbers} "
        "SELECT 1 + i % 40, :member, :at, :day, 1, :at FROM n",
        member=ann.id, **_stored_times(db),
    )  # fmt: skip
    await order(db, "ANALYZE votes")
    newest = f"SELECT cast_by FROM votes WHERE member_id = {ann.id} AND item_id = {item} ORDER BY id DESC LIMIT 50"
    today = f"SELECT count(*) FROM votes WHERE member_id = {ann.id} AND taken_back_at >= '2030-01-01 00:00:00'"
    explain = "EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN "
    plan = str(await ask(db, explain + newest))
    assert "ix_votes_member_id_item_id_id" in plan and "Sort" not in plan and "TEMP B-TREE" not in plan
    assert "ix_votes_member_id_taken_back_at" in str(await ask(db, explain + today))
    assert await one(db, "SELECT count(*) FROM votes") == 8000


def _stored_times(db: Database) -> dict[str, object]:
    long_ago = TUESDAY_TEN - timedelta(days=30)
    return {"at": f"{long_ago:%Y-%m-%d %H:%M:%S.%f}" if db.is_sqlite else long_ago, "day": f"{long_ago:%Y-%m-%d}"}
