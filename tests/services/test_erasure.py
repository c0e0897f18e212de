"""Deleting what is stored about a person: counts stay, and it gives no second vote (R14, R16, R36)."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram.fsm.storage.base import StorageKey
from sqlalchemy import inspect

from bot.services import Services
from bot.updates.conversations import DatabaseFsmStorage
from domain.csv_files import read_goods, read_spending
from domain.goods import WhyOut
from domain.people import MemberErased, keyed_hash, own_part
from storage.db import Database
from tests.conftest import Watch, import_goods, make_goods, meet, spend
from tests.services.conftest import ask, on_display, one, stored_about, voter


async def test_r36_an_erased_member_who_comes_back_has_default_settings(display: Services) -> None:
    ann = await voter(display)
    await display.voting.cast(ann, (await on_display(display))[0])
    await display.people.toggle(ann, "alerts", False)
    await display.people.toggle(ann, "quiet", True)
    await display.people.toggle(ann, "name", True)
    await display.people.set_language(ann, "zh")
    await display.people.erase(ann)
    back = await meet(display, 1001, "Anna", "en")
    fresh = await meet(display, 1002, "Anna", "en")
    assert dataclasses.replace(back, id=0, chat_id=0) == dataclasses.replace(fresh, id=0, chat_id=0)


async def test_r36_only_a_keyed_fingerprint_stays_and_only_while_a_vote_is_on_display(
    display: Services, db: Database, watch: Watch
) -> None:
    ann, bob = await voter(display, 5_120_001_001), await voter(display, 1002)
    await display.voting.cast(ann, (await on_display(display))[0])
    await display.people.erase(ann)
    await display.people.erase(bob)
    (mine,), (his,) = await ask(db, "SELECT erased_hash FROM members ORDER BY id")
    assert his is None and str(ann.chat_id) not in mine
    key = await display.context.erasure_key.get()
    assert mine == keyed_hash(key, ann.chat_id) != keyed_hash(b"another", ann.chat_id) and len(key) == 32
    watch.advance(days=1)
    await display.rounds.tick()
    assert await ask(db, "SELECT erased_hash, chat_id FROM members ORDER BY id") == [(None, None), (None, None)]
    assert (await meet(display)).id != ann.id, "a new member"


async def test_r36_a_vote_that_was_taken_back_keeps_no_erased_hash(display: Services, db: Database) -> None:
    ann, item = await voter(display), (await on_display(display))[0]
    await display.voting.cast(ann, item)
    await display.voting.take_back(ann, item)
    await display.people.erase(ann)
    assert await one(db, "SELECT erased_hash FROM members") is None


async def test_r36_erasing_twice_is_erasing_once(display: Services, db: Database) -> None:
    ann = await voter(display)
    await display.voting.cast(ann, (await on_display(display))[0])
    await display.people.erase(ann)
    before = await ask(db, "SELECT * FROM members")
    await display.people.erase(ann)
    assert await ask(db, "SELECT * FROM members") == before


async def test_r14_the_same_table_gives_no_ballots_to_an_erased_member_again(services: Services, db: Database) -> None:
    ann = await meet(services)
    table = read_spending(b"telegram_id,amount,spent_on,ref\n1001,300,2026-01-05,o-1\n")
    await services.goods.import_spending(table)
    await services.people.erase(ann)
    assert await ask(db, "SELECT telegram_id, amount_fen FROM spendings") == [(0, 300_00)]
    found = await services.goods.import_spending(table)
    assert (found.new, found.same, found.bad) == (0, 1, ())
    again = await meet(services)
    assert (await services.voting.mine(again, 0)).purse.ballots_left == 0
    await spend(services, 1001, "200")
    assert (await services.voting.mine(again, 0)).purse.ballots_left == 2, "what they spend from now on counts"


async def test_r36_erasure_deletes_the_reasons_of_grants(services: Services, db: Database) -> None:
    ann = await meet(services)
    await services.people.grant_ballots(1001, 3, "Ann of No. 7", "test")
    await services.people.erase(ann)
    assert await ask(db, "SELECT ballots, reason FROM grants") == [(3, "")]


UPDATE = {
    "update_id": 7,
    "message": {
        "text": "hello",
        "from": {"id": 1001, "first_name": "Ann"},
        "reply_to_message": {"text": "what Bob said", "from": {"id": 1002, "first_name": "Bob"}},
    },
}


async def test_r36_the_export_holds_own_failed_updates_and_nothing_of_others(services: Services, watch: Watch) -> None:
    ann, _ = await meet(services), await meet(services, 1002)
    await services.failed_updates.keep(UPDATE, 1001, "broken", 3)
    await services.failed_updates.keep(UPDATE, 1002, "broken", 3)
    questions = DatabaseFsmStorage(services.context)
    await questions.set_state(StorageKey(7, 1001, 1001), "Asking:quiet_hours")
    await questions.set_data(StorageKey(7, -100200, 1001), {"item": 3})
    await questions.set_data(StorageKey(7, 1002, 1002), {"item": 4})
    stored = await stored_about(services, ann)
    assert stored["failed_updates"] == [{"at": watch.time, "kind": "message", "written": "hello"}]
    asked = [(row["state"], row["data"]) for row in stored["conversations"]]
    assert sorted(asked, key=str) == [("Asking:quiet_hours", {}), (None, {"item": 3})]
    assert "Bob" not in str(stored)


async def test_r36_the_export_holds_the_draws(display: Services) -> None:
    ann = await meet(display)
    await display.carousel.new_draw(ann, "food")
    (draw,) = (await stored_about(display, ann))["draws"]
    assert draw["category"] == "food" and draw["item_list"].count(",") == 4


@pytest.mark.parametrize(
    ("update", "written"),
    [
        ({"update_id": 1, "message": {"caption": "my picture"}}, "my picture"),
        ({"update_id": 1, "callback_query": {"data": "v:7"}}, "v:7"),
        ({"update_id": 1, "inline_query": {"query": "tea"}}, "tea"),
        ({"update_id": 1, "message": {"text": "by somebody else", "forward_origin": {"type": "user"}}}, None),
        ({"update_id": 1}, None),
    ],
)
def test_r36_the_own_part_of_an_update_is_what_its_user_wrote_or_tapped(update: dict[str, Any], written: str) -> None:
    assert own_part(update)["written"] == written


async def test_r36_failed_updates_are_deleted_after_two_weeks_without_a_later_failure(
    services: Services, watch: Watch, db: Database
) -> None:
    await services.failed_updates.keep(UPDATE, 1001, "broken", 3)
    watch.advance(days=14)
    await services.housekeeping.tick()
    assert await one(db, "SELECT count(*) FROM failed_updates") == 1
    watch.advance(hours=1)
    await services.housekeeping.tick()
    assert await one(db, "SELECT count(*) FROM failed_updates") == 0


async def test_pictures_that_no_good_has_are_let_go_after_a_day(
    services: Services, tmp_path: Path, watch: Watch, db: Database
) -> None:
    await import_goods(services, tmp_path / "kept", 2)
    table = make_goods(tmp_path / "bad", 3, "h")
    (tmp_path / "bad" / "h1.png").write_bytes(b"no picture")
    await services.goods.import_goods(read_goods(table.read_bytes()), tmp_path / "bad", "test")
    await services.housekeeping.tick()
    assert await one(db, "SELECT count(*) FROM pictures") == 3, "two are alike"
    watch.advance(days=1, seconds=1)
    await services.housekeeping.tick()
    assert await one(db, "SELECT count(*) FROM pictures") == 2


# -- what others wrote, and what is in memory --


def written(text: str, **more: Any) -> dict[str, Any]:
    """An organiser's message."""
    return {"update_id": 9, "message": {"text": text, "from": {"id": 1009, "first_name": "Olga"}, **more}}


@pytest.mark.parametrize(
    "update",
    [
        written("1001 3 Thanks"),
        written("１００１ 3 谢谢"),
        written("for 小安_% again"),
        written("what is this?", reply_to_message={"from": {"id": 1001, "first_name": "?"}}),
        written("ban", contact={"first_name": "小安_%"}),
    ],
    ids=["ID", "wide ID", "name", "reply", "contact"],
)
async def test_r36_erasure_reaches_failed_updates_of_others_that_mention_the_person(
    services: Services, db: Database, update: dict[str, Any]
) -> None:
    ann = await meet(services, name="小安_%")
    await services.failed_updates.keep(update, 1009, "broken", 3)
    await services.failed_updates.keep(written("1002 3 for 小王") | {"update_id": 10}, 1009, "broken", 3)
    await services.failed_updates.keep(written("nothing") | {"update_id": 11}, 1009, "no member 1001", 3)
    await services.people.erase(ann)
    assert [row[0] for row in await ask(db, "SELECT update_id FROM failed_updates")] == [10]


async def test_r36_a_name_of_one_character_does_not_delete_every_failed_update(
    services: Services, db: Database
) -> None:
    ann = await meet(services, name="a")
    await services.failed_updates.keep(written("a message"), 1009, "an error", 3)
    await services.people.erase(ann)
    assert await one(db, "SELECT count(*) FROM failed_updates") == 1


async def test_r36_open_questions_are_gone_from_memory_and_do_not_come_back(services: Services, db: Database) -> None:
    ann, _ = await meet(services), await meet(services, 1002)
    questions = DatabaseFsmStorage(services.context)
    services.people.after_erasure.append(questions.drop)
    here, in_group, others = StorageKey(7, 1001, 1001), StorageKey(7, -100200, 1001), StorageKey(7, 1002, 1002)
    for key in (here, in_group, others):
        await questions.set_state(key, "asked")
    await services.people.erase(ann)
    assert [await questions.get_state(key) for key in (here, in_group, others)] == [None, None, "asked"]
    with pytest.raises(MemberErased):
        await questions.set_data(here, {"item": 3})
    assert await one(db, "SELECT count(*) FROM conversations") == 1


async def test_r36_the_history_of_what_an_organiser_did_names_them_by_no_more_than_a_number(
    display: Services, db: Database, watch: Watch
) -> None:
    olga, ann = await meet(display, 10_090_009, "Olga"), await meet(display)
    by, items = f"organiser {olga.id}", await on_display(display)
    await display.groups.schedule(items[0], watch.time + timedelta(days=2), None, by)
    await display.groups.reject(items[1], WhyOut.PRICE, by)
    await display.rounds.decide_day(watch.time.date() + timedelta(days=9), True, by)
    await display.people.grant_ballots(ann.chat_id, 3, "thanks", by, f"desk:{olga.id}:7")
    await display.people.erase(olga)
    async with db.read() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        rows = [str((await connection.exec_driver_sql(f'SELECT * FROM "{table}"')).all()) for table in tables]
    assert by in str(rows) and "10090009" not in str(rows) and "Olga" not in str(rows)
