"""Revision 0008 makes spending a ledger, and lets ballots return: what the previous version stored counts as before."""

from __future__ import annotations

import pytest
from alembic import command

from bot.services import Services
from domain.people import Member
from storage.db import Database
from storage.migrate import _config, migrate
from tests.services.conftest import ask, one, order, server
from tests.storage.previous_version import PreviousVersion, copies, db, services, upgraded

__all__ = ["copies", "db", "server", "services", "upgraded"]

pytestmark = pytest.mark.postgresql_later

PREVIOUS = PreviousVersion("0007", ("members", "items", "votes", "spendings", "grants", "bound_chats"))


async def ann_of(services: Services) -> Member:
    ann = await services.people.find(1001)
    assert ann is not None
    return ann


async def test_a_purse_holds_what_it_held_before(services: Services) -> None:
    purse = (await services.voting.mine(await ann_of(services), 0)).purse
    assert (purse.spent_fen, purse.granted, purse.used, purse.slots_today) == (600_00, 3, 3, {1})


async def test_votes_stand_and_can_be_cast_and_taken_back(services: Services, upgraded: Database) -> None:
    ann = await ann_of(services)
    found = [await services.voting.mine(ann, 0, ended=ended) for ended in (False, True)]
    assert [[item.id for item in mine.voted] for mine in found] == [[3, 2], [1]]
    assert (await services.voting.take_back(ann, 3)).refused is None
    assert (await services.voting.cast(ann, 3)).voted
    assert await one(upgraded, "SELECT wants FROM items WHERE id = 3") == 1
    assert await one(upgraded, "SELECT max(id) FROM votes") > 5


async def test_one_vote_holds_a_place_of_the_day_until_its_ballot_is_returned(upgraded: Database) -> None:
    again = (
        "INSERT INTO votes (item_id, member_id, cast_at, day, slot) "
        "SELECT 1, member_id, cast_at, day, slot FROM votes WHERE id = 4"
    )
    await order(upgraded, "UPDATE votes SET taken_back_at = cast_at WHERE id = 1")
    with pytest.raises(Exception, match=r"(?i)unique"):
        await order(upgraded, again)
    await order(upgraded, "UPDATE votes SET returned_at = cast_at WHERE id = 4")
    await order(upgraded, again)
    with pytest.raises(Exception, match=r"(?i)unique"):
        await order(
            upgraded,
            "INSERT INTO votes (item_id, member_id, cast_at, day, slot) "
            "SELECT item_id, member_id, cast_at, day, 4 FROM votes WHERE id = 4",
        )


async def test_refunds_and_unclaimed_spending_can_be_stored(upgraded: Database) -> None:
    await order(
        upgraded,
        "INSERT INTO spendings (ref, telegram_id, amount_fen, spent_on, refund_of) VALUES "
        "('r-1', 1001, -11300, '2026-11-05', 'o-1'), ('o-9', NULL, 500, '2026-11-05', NULL)",
    )
    found = await ask(upgraded, "SELECT ref, telegram_id, amount_fen, refund_of FROM spendings ORDER BY id")
    assert found == [
        ("o-1", 1001, 60000, None),
        ("o-2", 0, 20000, None),
        ("o-3", 1077, 30000, None),
        ("r-1", 1001, -11300, "o-1"),
        ("o-9", None, 500, None),
    ]
    with pytest.raises(Exception, match=r"(?i)unique"):
        await order(upgraded, "UPDATE spendings SET ref = 'o-1' WHERE ref = 'r-1'")
    with pytest.raises(Exception, match=r"(?i)null"):
        await order(upgraded, "UPDATE spendings SET amount_fen = NULL")


CORRECTION = (
    "INSERT INTO spending_corrections (spending_id, amount_fen, spent_on, actor, at) "
    "VALUES (:target, 50000, '2026-11-02', 'command', '2026-11-24 00:00:00')"
)
SMALLER = (
    "INSERT INTO grants (member_id, ballots, reason, actor, at, corrects_id) "
    "VALUES (1, -1, 'a slip', 'command', '2026-11-24 00:00:00', :target)"
)


@pytest.mark.parametrize("correction", [CORRECTION, SMALLER])
async def test_a_correction_refers_to_what_it_corrects(correction: str, upgraded: Database) -> None:
    await order(upgraded, correction, target=1)
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await order(upgraded, correction, target=77)


async def test_bound_chats_keep_their_cards_and_are_bound_to_no_topic(services: Services, upgraded: Database) -> None:
    chat = await services.chats.find(-1001)
    assert chat is not None and chat.languages == ("zh",)
    assert await ask(upgraded, "SELECT chat_id, topic, paused, bound_by FROM bound_chats ORDER BY id") == [
        (-1001, None, None, None),
        (-1002, None, None, None),
    ]
    assert await one(upgraded, "SELECT bound_chat_id FROM shared_cards") == 1


async def test_the_previous_version_can_go_on_writing(upgraded: Database) -> None:
    """Several processes are upgraded one after the other: those of before name only the columns they know."""
    await order(
        upgraded,
        "INSERT INTO spendings (ref, telegram_id, amount_fen, spent_on) VALUES ('o-8', 1001, 100, '2026-11-05')",
    )
    await order(
        upgraded,
        "INSERT INTO grants (key, member_id, ballots, reason, actor, at) "
        "VALUES (NULL, 1, 1, 'why', 'command', '2026-11-24 00:00:00')",
    )
    await order(
        upgraded, "INSERT INTO bound_chats (chat_id, channel, bound_at) VALUES (-1003, TRUE, '2026-11-24 00:00:00')"
    )
    assert await one(upgraded, "SELECT count(*) FROM bound_chats") == 3


async def test_the_way_back_keeps_votes_and_counts(db: Database) -> None:
    before = await ask(db, "SELECT * FROM votes ORDER BY id")
    wants = await ask(db, "SELECT id, wants FROM items ORDER BY id")
    await migrate(db)
    await order(db, "UPDATE votes SET returned_at = cast_at WHERE id = 2")
    await order(
        db,
        "INSERT INTO votes (item_id, member_id, cast_at, day, slot) "
        "SELECT 1, 9, cast_at, day, slot FROM votes WHERE id = 2",
    )
    async with db.write() as connection:
        await connection.run_sync(lambda sync: command.downgrade(_config(sync), "0007"))
    found = await ask(db, "SELECT * FROM votes WHERE id <= 5 ORDER BY id")
    assert [row for row in found if row.id != 2] == [row for row in before if row.id != 2]
    assert [row.slot for row in found if row.id == 2] == [1002]
    assert await ask(db, "SELECT id, wants FROM items ORDER BY id") == wants
    assert await one(db, "SELECT sum(amount_fen) FROM spendings") == 110000


async def test_refs_lose_what_spreadsheets_put_around_them_but_stay_where_both_spellings_are_stored(
    db: Database,
) -> None:
    clinging = ("\u202a88001234570\u202c", '="88001234571.0"', "茶-1", "o-1\u200b")
    wrapped = ('="88001234567"', "'88001234568", "88001234569.0", '="o-1"', "2.0", '="a ""b"""')
    for number, ref in enumerate((*wrapped, *clinging), 4):
        await order(
            db,
            "INSERT INTO spendings (id, ref, telegram_id, amount_fen, spent_on) "
            "SELECT :number, :ref, telegram_id, amount_fen, spent_on FROM spendings WHERE id = 1",
            number=number,
            ref=ref,
        )
    await order(db, "UPDATE items SET ref = '=\"g7\"' WHERE id = 1")
    await order(db, "UPDATE items SET ref = '=\"g7\"', listing_number = 2 WHERE id = 2")
    await migrate(db)
    refs = [ref for (ref,) in await ask(db, "SELECT ref FROM spendings WHERE id > 3 ORDER BY id")]
    plain = ["88001234567", "88001234568", "88001234569", '="o-1"', "2.0", 'a "b"']
    assert refs == [*plain, "88001234570", "88001234571", "茶-1", "o-1\u200b"]
    assert await ask(db, "SELECT ref, listing_number FROM items ORDER BY id") == [("g7", 1), ("g7", 2), ("g3", 1)]
