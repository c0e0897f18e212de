"""Members: met once, spoken to in their language, and erased when they ask for it (R14, R26, R35, R36)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiogram.fsm.storage.base import StorageKey
from sqlalchemy import BigInteger, Table, inspect

from bot.services import Services, make_services
from bot.updates.conversations import DatabaseFsmStorage
from domain.people import Member, QuietHours
from storage import models
from storage.db import Database
from tests.conftest import Watch, meet, queue_due, settings_for
from tests.services.conftest import on_display, one, stored_about, voter, votes_table, wants

pytestmark = pytest.mark.postgresql_later


@pytest.fixture
async def second(db: Database, tmp_path: Path, watch: Watch) -> AsyncIterator[Services]:
    """The same bot in another process."""
    other = Database(db.url.render_as_string(hide_password=False))
    yield make_services(other, settings_for(tmp_path, welcome_ballots=3), watch)
    await other.close()


@pytest.fixture
def generous(db: Database, tmp_path: Path, watch: Watch) -> Services:
    """Services with a welcome grant of three ballots."""
    return make_services(db, settings_for(tmp_path, welcome_ballots=3), watch)


async def balance(services: Services, chat_id: int) -> int:
    return (await services.voting.mine(await meet(services, chat_id), 0)).purse.ballots_left


# -- meeting --


async def test_r14_meet_at_once_makes_one_member_with_one_welcome_grant(
    generous: Services, second: Services, db: Database
) -> None:
    met = await asyncio.gather(*(meet((generous, second)[n % 2], 1001) for n in range(20)))
    assert len({member.id for member in met}) == 1 and [member.new for member in met].count(True) == 1
    assert await one(db, "SELECT count(*) FROM members") == 1
    assert await one(db, "SELECT count(*) FROM grants") == 1 and await balance(generous, 1001) == 3


async def test_r14_meet_twice_grants_nothing_more(generous: Services, db: Database) -> None:
    for name in ("Ann", "Ann", "Annie"):
        await meet(generous, 1001, name)
    assert await balance(generous, 1001) == 3
    assert await one(db, "SELECT reason FROM grants") == "welcome"


async def test_without_a_welcome_grant_nothing_is_granted(services: Services, db: Database) -> None:
    assert await balance(services, 1001) == 0 and await one(db, "SELECT count(*) FROM grants") == 0


async def test_a_new_name_and_app_language_are_kept(services: Services) -> None:
    await services.people.meet(1001, "Ann", "en")
    changed = await services.people.meet(1001, "小安", "zh-hans")
    assert (changed.first_name, changed.language, changed.new) == ("小安", "zh", False)
    assert await services.people.find(1001) == changed and await services.people.find(1002) is None


async def test_r26_who_writes_again_can_be_reached_again(services: Services, db: Database) -> None:
    await meet(services)
    await services.people.mark_unreachable(1001, "blocked")
    assert await one(db, "SELECT unreachable FROM members") == "blocked"
    await meet(services)
    assert await one(db, "SELECT unreachable FROM members") is None
    await services.people.mark_unreachable(4004, "blocked")  # no member


async def test_organisers_are_those_of_the_settings(services: Services) -> None:
    assert not (await meet(services, 1001)).organiser and (await meet(services, 1009)).organiser
    assert [member.chat_id for member in await services.people.organisers()] == [1009]


# -- language (R35) and settings (R13, R26, R27) --


@pytest.mark.parametrize(
    ("app", "language"),
    [("zh", "zh"), ("zh-hans", "zh"), ("ZH-TW", "zh"), ("en", "en"), ("de", "en"), (None, "en"), ("", "en")],
)
async def test_r35_the_apps_language_decides_until_the_member_does(
    services: Services, app: str | None, language: str
) -> None:
    member = await services.people.meet(1001, "Ann", app)
    assert (member.language, member.chosen_language) == (language, None)
    other = "en" if language == "zh" else "zh"
    assert (await services.people.set_language(member, other)).language == other
    again = await services.people.meet(1001, "Ann", app)
    assert (again.language, again.chosen_language) == (other, other)


async def test_r35_a_language_without_texts_is_refused(services: Services) -> None:
    ann = await meet(services)
    with pytest.raises(ValueError, match="fr"):
        await services.people.set_language(ann, "fr")
    assert (await meet(services)).language == "en"


async def test_each_switch_changes_only_itself(services: Services) -> None:
    ann = await meet(services)
    assert (ann.carousel_on, ann.alerts_on, ann.alerts_quiet) == (True, True, False)
    ann = await services.people.toggle(ann, "carousel", on=False)
    assert (ann.carousel_on, ann.alerts_on, ann.alerts_quiet) == (False, True, False)
    ann = await services.people.toggle(ann, "quiet", on=True)
    ann = await services.people.toggle(ann, "alerts", on=False)
    assert (ann.carousel_on, ann.alerts_on, ann.alerts_quiet) == (False, False, True)
    assert await meet(services) == ann


async def test_r27_own_quiet_hours_are_kept_and_given_up(services: Services) -> None:
    ann = await meet(services)
    hours = QuietHours.parse("23:30-06:15")
    assert (await services.people.set_quiet_hours(ann, hours)).quiet == hours == (await meet(services)).quiet
    assert (await services.people.set_quiet_hours(ann, None)).quiet is None


# -- stored data and erasure (R36) --


def question_of(member: Member) -> StorageKey:
    return StorageKey(bot_id=99, chat_id=member.chat_id, user_id=member.chat_id)


async def live(services: Services) -> tuple[Any, Any, int]:
    """Ann and Bob do everything that is stored; nothing of Ann's may be in Bob's data."""
    item, other = (await on_display(services))[:2]
    ann, bob = await voter(services, 5_120_001_001), await voter(services, 5_120_001_002)  # no hash contains these
    for member in (ann, bob):
        await services.carousel.new_draw(member)
        await services.carousel.shown(member, item)
        await services.voting.cast(member, item)
        await services.voting.follow(member, other, on=True)
        await DatabaseFsmStorage(services.context).set_state(question_of(member), f"asked-{member.chat_id}")
    link = await services.canvassing.link(ann, other)
    assert link is not None
    await services.canvassing.open(bob, link.token)
    theirs = await services.canvassing.link(bob, item)
    assert theirs is not None
    await queue_due(services)
    return ann, bob, item


async def test_r36_an_export_contains_all_data_of_its_member_and_of_no_other(display: Services) -> None:
    ann, bob, _ = await live(display)
    for member, other in ((ann, bob), (bob, ann)):
        stored = await stored_about(display, member)
        told = json.dumps(stored, default=str, ensure_ascii=False)
        assert str(member.chat_id) in told and f"P{member.chat_id}" in told
        assert str(other.chat_id) not in told and f"P{other.chat_id}" not in told
        assert len(stored["votes"]) == len(stored["follows"]) == len(stored["canvass_links"]) == 1
    mine, theirs = await stored_about(display, ann), await stored_about(display, bob)
    assert theirs["came_by_link"] and not mine["came_by_link"]
    token = mine["canvass_links"][0]["token"]
    assert token not in json.dumps(theirs, default=str), "nor the link's owner"


def tables_about_people() -> list[Table]:
    """Every table with a column that names a person."""
    found = []
    for mapper in models.Base.registry.mappers:
        table = mapper.local_table
        assert isinstance(table, Table)
        names = {"member_id", "friend_id", "telegram_id", "person_id"} & {column.name for column in table.columns}
        if names and table.name != "members":
            found.append(table)
    return found


async def test_r36_the_export_covers_every_table_that_names_people(display: Services) -> None:
    """Fails for a new table until the export covers it."""
    ann, _, _ = await live(display)
    shown_as = {"exposures": "shown", "canvass_opens": "came_by_link", "tally_leaves": "tally"}
    stored = await stored_about(display, ann)
    for table in tables_about_people():
        name = shown_as.get(table.name, table.name)
        assert name in stored, f"{table.name} names people, and is not in what they can take out"
    assert stored.get("conversations"), "open questions belong to the export"


async def test_r36_erasure_keeps_the_counts_and_nothing_of_the_member(display: Services, db: Database) -> None:
    ann, bob, item = await live(display)
    shown = (await display.goods.item(item)).shown  # type: ignore[union-attr]
    await display.people.erase(ann)
    assert await wants(display, item) == 2 and (await display.goods.item(item)).shown == shown  # type: ignore[union-attr]
    assert await traces(db, ann.chat_id, f"P{ann.chat_id}") == []
    assert await traces(db, bob.chat_id, f"P{bob.chat_id}") != []
    assert await display.people.find(ann.chat_id) is None
    assert [row for row in await votes_table(display) if str(ann.chat_id) in str(tuple(row))] == []


async def traces(db: Database, chat_id: int, name: str) -> list[str]:
    """The tables and columns that still hold a person's ID or name."""
    found = []
    async with db.read() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        for table in tables:
            rows = (await connection.exec_driver_sql(f'SELECT * FROM "{table}"')).mappings()
            for row in rows:
                found += [
                    f"{table}.{column}"
                    for column, value in row.items()
                    if value == chat_id or (isinstance(value, str) and (str(chat_id) in value or name in value))
                ]
    return found


async def test_r36_erasing_twice_and_at_once_is_erasing_once(display: Services, db: Database) -> None:
    ann, _, item = await live(display)
    await asyncio.gather(*(display.people.erase(ann) for _ in range(5)))
    await display.people.erase(ann)
    assert await wants(display, item) == 2
    assert await one(db, "SELECT count(*) FROM members WHERE chat_id IS NULL") == 1


async def test_r36_an_open_question_is_erased_in_memory_too(display: Services) -> None:
    ann, bob, _ = await live(display)
    await display.people.erase(ann)
    questions = DatabaseFsmStorage(display.context)
    await questions.start()
    assert await questions.get_state(question_of(ann)) is None and await questions.get_data(question_of(ann)) == {}
    assert await questions.get_state(question_of(bob)) == f"asked-{bob.chat_id}"


async def test_telegrams_numbers_fit_their_columns() -> None:
    """Bot API, User.id: up to 52 significant bits."""
    for mapper in models.Base.registry.mappers:
        table = mapper.local_table
        for name in ("chat_id", "telegram_id", "person_id"):
            if name in table.columns:
                assert isinstance(table.columns[name].type, BigInteger), f"{table.name}.{name}"
