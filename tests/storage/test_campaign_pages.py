"""The list of campaigns: what may have to be stopped now comes first."""

from __future__ import annotations

from datetime import timedelta

from domain.campaigns import CampaignState
from domain.notifications import NotificationKind
from storage import campaigns
from storage.db import Database
from tests.conftest import TUESDAY_TEN

NOW = TUESDAY_TEN
KIND = NotificationKind


async def test_what_is_being_sent_is_buried_neither_by_what_is_to_come_nor_by_what_was_withdrawn(db: Database) -> None:
    planned = (
        (KIND.CAROUSEL, 1, timedelta(0), "the carousel of now"),
        *((KIND.ITEM_RELISTED, n, timedelta(0), f"relisted {n}") for n in (2, 3)),
        (KIND.GROUP_SOON, 4, timedelta(hours=2), "to come"),
        (KIND.GROUP_OPEN, 5, timedelta(days=9), "withdrawn"),
        (KIND.CAROUSEL, 6, -timedelta(hours=20), "yesterday"),
        (KIND.CAROUSEL, 7, -timedelta(days=2), "before"),
    )
    async with db.write() as connection:
        for kind, subject, after, _ in planned:
            due_at = NOW + after
            await campaigns.add(connection, kind, subject, 1, due_at, due_at + timedelta(days=1))
    async with db.read() as connection:
        (withdrawn,) = [one for one in await campaigns.page(connection, 50, 0, NOW) if one.subject == 5]
    async with db.write() as connection:
        await campaigns.change(connection, withdrawn.id, state=CampaignState.CANCELLED)
    names = {subject: name for _, subject, _, name in planned}
    async with db.read() as connection:
        found = [names[one.subject] for one in await campaigns.page(connection, 50, 0, NOW)]
        second = [names[one.subject] for one in await campaigns.page(connection, 2, 2, NOW)]
    in_order = ["the carousel of now", "relisted 3", "relisted 2", "yesterday", "to come", "withdrawn", "before"]
    assert found == in_order and second == in_order[2:4]
