"""Revision 0009 keeps for erased members what could be had twice, and remembers who was welcomed (R14, R16, R36)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.db import Database
from storage.migrate import migrate
from tests.services.conftest import ask, order, server
from tests.storage.previous_version import Copies, PreviousVersion, copies, copy_of

__all__ = ["copies", "server"]

PREVIOUS = PreviousVersion("0008", ("members", "draws", "notifications"))
ITEM = (
    "INSERT INTO items (id, ref, listing_number, shop_id, title, title_en, category, original_fen, expected_fen, "
    "stock, lead_days, url, picture_id, description, description_en, state, wants, shown, head_start) VALUES "
    "({id}, 'g{id}', 1, 1, 'a', '', 'food', 200, 100, 1, 1, 'https://shop.example.com', 1, '', '', '{state}', 1, 0, 0)"
)
VOTE = (
    "INSERT INTO votes (id, item_id, member_id, cast_at, day, slot, taken_back_at) VALUES "
    "({id}, {item}, {member}, '2026-11-24 00:00:00', '2026-11-24', {id}, {back})"
)


@pytest.fixture
async def db(copies: Copies, tmp_path: Path) -> AsyncIterator[Database]:
    """A database that the previous version filled: member 1 was erased, and 7 was given a welcome grant."""
    async for database in copy_of(copies["filled"], tmp_path):
        bytes_of_none = "X''" if database.is_sqlite else "''::bytea"
        for command in (
            "UPDATE members SET chat_id = NULL, first_name = '', erased_at = seen_at, erased_hash = 'h' WHERE id = 1",
            "INSERT INTO shops (id, name) VALUES (1, 'a shop')",
            "INSERT INTO pictures (id, digest, content, width, height, wanted_at) "
            f"VALUES (1, 'd', {bytes_of_none}, 1, 1, '2026-11-24 00:00:00')",
            ITEM.format(id=1, state="on_display"),
            ITEM.format(id=2, state="displayed"),
            ITEM.format(id=3, state="on_display"),
            VOTE.format(id=1, item=1, member=1, back="NULL"),
            VOTE.format(id=2, item=2, member=1, back="NULL"),
            VOTE.format(id=3, item=3, member=1, back="'2026-11-24 01:00:00'"),
            VOTE.format(id=4, item=1, member=7, back="NULL"),
            "INSERT INTO grants (id, key, member_id, ballots, reason, actor, at) "
            "VALUES (1, 'welcome:7', 7, 2, 'welcome', 'rules', '2026-11-01 00:00:00')",
        ):
            await order(database, command)
        yield database


async def test_r16_votes_of_erased_members_on_display_stay_counted_once(db: Database) -> None:
    await migrate(db)
    kept = await ask(db, "SELECT member_id, item_id, day, slot FROM past_votes")
    assert [tuple(row) for row in kept] == [(1, 1, "2026-11-24", 1)]
    assert [tuple(row) for row in await ask(db, "SELECT id, erased_hash FROM members ORDER BY id")] == [
        (1, "h"),
        (7, None),
    ]


async def test_r14_who_was_welcomed_before_is_known(db: Database) -> None:
    await migrate(db)
    welcomed = await ask(db, "SELECT id FROM members WHERE welcomed_at IS NOT NULL")
    assert [row[0] for row in welcomed] == [7]
