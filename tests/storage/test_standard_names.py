"""Revision 0007 renames tables, columns and stored values: what the previous version stored goes on under new names."""

from __future__ import annotations

from typing import Any

import pytest
from aiogram.fsm.storage.base import StorageKey
from alembic import command
from sqlalchemy import inspect

from bot.services import Services
from bot.updates.conversations import DatabaseFsmStorage
from domain.campaigns import CampaignState, UnsentReason
from domain.goods import ItemState
from domain.notifications import NotificationKind
from handlers.desk.calendar_and_grants import GrantStates
from handlers.desk.menu import ScheduleStates
from handlers.settings_menu import QuietHoursStates
from services.jobs import JobKind
from storage.db import Database
from storage.migrate import _config, migrate
from tests.services.conftest import ask, one, order, server
from tests.storage.previous_version import PreviousVersion, copies, db, services, upgraded

__all__ = ["copies", "db", "server", "services", "upgraded"]

pytestmark = pytest.mark.postgresql_later

PREVIOUS = PreviousVersion("0006", ("members", "items", "campaigns", "letters", "errands", "asides"))


async def test_a_hold_stays_until_it_is_released(services: Services) -> None:
    since = await services.campaigns.held_since()
    assert since is not None and since.isoformat() == "2026-11-24T01:30:00+00:00"
    assert await services.outbox.claim(9) == []
    assert await services.campaigns.end_hold() and await services.campaigns.held_since() is None
    assert len(await services.outbox.claim(9)) == 2


async def test_queued_notifications_are_claimed_with_what_happened_to_them(services: Services) -> None:
    await services.campaigns.end_hold()
    claimed = {found.id: found for found in await services.outbox.claim(9)}
    assert {number: found.kind for number, found in claimed.items()} == {
        1: NotificationKind.GROUP_SCHEDULED,
        2: NotificationKind.CAMPAIGN_STOPPED,
    }
    assert (claimed[2].attempts, claimed[2].uncertain_attempts, claimed[2].fence) == (1, 0, 2)
    assert claimed[2].reason is not None and "wrong file identifier" in claimed[2].reason


async def test_what_a_stopped_sender_held_is_released_and_what_was_uncertain_stays_unsent(
    services: Services, upgraded: Database
) -> None:
    await services.outbox.recover(everything=False)
    states = dict(await ask(upgraded, "SELECT id, state FROM notifications WHERE id IN (3, 4)"))
    assert states == {3: "pending", 4: "unknown"}, "the one in flight had been uncertain before"


async def test_campaigns_keep_their_state_and_their_counts(services: Services) -> None:
    found = {campaign.id: campaign for campaign in await services.campaigns.latest(9)}
    assert {number: (campaign.kind, campaign.state) for number, campaign in found.items()} == {
        1: (NotificationKind.GROUP_SCHEDULED, CampaignState.QUEUED),
        2: (NotificationKind.ITEM_REJECTED, CampaignState.PAUSED_QUEUED),
        3: (NotificationKind.ITEM_EXPIRED, CampaignState.WAITING),
        4: (NotificationKind.ITEM_RELISTED, CampaignState.PAUSED),
        5: (NotificationKind.CAROUSEL, CampaignState.QUEUED),
    }
    stopped = await services.campaigns.one(2)
    assert stopped is not None and stopped.stopped_by is not None and "too long" in stopped.stopped_by
    carousel = await services.campaigns.one(5)
    assert carousel is not None and carousel.tally.states == {"sent": 40, "suppressed": 10, "expired": 1}
    assert carousel.tally.unsent == {
        UnsentReason.BLOCKED: 6,
        UnsentReason.UNREACHABLE: 1,
        UnsentReason.TURNED_OFF: 1,
        UnsentReason.NOT_NEEDED: 2,
    }


async def test_a_stopped_campaign_resumes_with_the_refused_notification(services: Services, upgraded: Database) -> None:
    assert await services.campaigns.resume(2)
    states = await ask(upgraded, "SELECT id, state FROM notifications WHERE kind = 'item-rejected' ORDER BY id")
    assert states == [(5, "pending"), (6, "pending")]


async def test_stored_texts_have_a_code_beside_them(upgraded: Database) -> None:
    codes = dict(await ask(upgraded, "SELECT id, code FROM notifications WHERE code IS NOT NULL"))
    assert codes == {
        2: "bad-file",
        6: "refused",
        8: "no-answer",
        11: "turned-off",
        12: "blocked",
        13: "not-needed",
    }
    assert await ask(upgraded, "SELECT id, code FROM campaigns WHERE code IS NOT NULL") == [(2, "refused")]
    assert dict(await ask(upgraded, "SELECT id, code FROM failed_updates")) == {1: "unreachable", 2: "unexpected"}


async def test_queued_jobs_are_claimed_with_their_payload(services: Services) -> None:
    assert await services.jobs.due() == [1]
    services.context.clock.advance(minutes=2)  # type: ignore[attr-defined]
    assert sorted(await services.jobs.due()) == [1, 3]
    poster, stored = await services.jobs.claim(1), await services.jobs.claim(3)
    assert poster is not None and (poster.kind, poster.attempts) == (JobKind.POSTER, 1)
    assert poster.payload == {"item": 2, "poster_only": True, "wechat": False}
    assert stored is not None and (stored.kind, stored.attempts, stored.excused) == (JobKind.IMPORT, 3, 1)
    assert stored.payload == {"file": "F", "skip_bad": True, "chat": 1009, "message": 32, "excused": 1}
    assert await services.jobs.payload(2, JobKind.IMPORT_CHECK, stored.member) == {"file": "F"}


async def test_a_job_that_was_asked_for_before_is_not_enqueued_again(services: Services, upgraded: Database) -> None:
    keys = dict(await ask(upgraded, "SELECT id, key FROM jobs"))
    assert keys == {1: "poster 5", 2: "import-check 9 31", 3: "import 2", 4: "export 6"}
    assert await ask(upgraded, "SELECT kind, state FROM jobs WHERE id = 4") == [("export", "expired")]


async def test_open_questions_stay_open(services: Services) -> None:
    questions = DatabaseFsmStorage(services.context)
    await questions.start()

    async def question(user: int) -> tuple[str | None, dict[str, Any]]:
        key = StorageKey(bot_id=7, chat_id=user, user_id=user)
        return await questions.get_state(key), await questions.get_data(key)

    assert await question(1009) == (ScheduleStates.opening.state, {"item": 4, "page": 1})
    assert await question(1008) == (GrantStates.gift.state, {})
    assert await question(1001) == (QuietHoursStates.quiet_hours.state, {})


async def test_goods_keep_their_state_history_and_listing_number(services: Services, upgraded: Database) -> None:
    found = [await services.goods.item(number) for number in (1, 2, 3)]
    assert [(item.state, item.listing_number) for item in found if item is not None] == [
        (ItemState.EXPIRED, 1),
        (ItemState.ON_DISPLAY, 2),
        (ItemState.REJECTED, 1),
    ]
    steps = await ask(upgraded, "SELECT state, reason FROM item_steps ORDER BY id")
    assert steps == [("expired", "comes back"), ("rejected", "price")]
    ann = await services.people.find(1001)
    assert ann is not None
    came_back = await services.carousel.item(ann, 1)
    assert came_back is not None and came_back.item.id == 2


async def test_an_erased_member_is_still_known_by_the_hash(upgraded: Database) -> None:
    erased = await ask(upgraded, "SELECT id, erased_hash FROM members WHERE erased_at IS NOT NULL")
    assert erased == [(3, "a-hash")]
    with pytest.raises(Exception, match=r"(?i)unique"):
        await order(upgraded, "UPDATE members SET erased_hash = 'a-hash' WHERE id = 9")


async def test_key_values_have_their_new_names(upgraded: Database) -> None:
    assert dict(await ask(upgraded, "SELECT name, value FROM key_values")) == {
        "held_since": "2026-11-24T01:30:00+00:00",
        "send_slots": "1795831200.0",
        "send_slots_paid": "1795831200.5 1795831199.0",
        "database_identity": "somewhere",
        "display_version": "abcdef",
        "erased_hash_key": "00ff",
        "card_key": "ff00",
        "demo": "yes",
        "clock_offset": "60",
    }


async def test_new_rows_are_numbered_after_the_old_ones(upgraded: Database) -> None:
    await order(
        upgraded,
        "INSERT INTO jobs (key, kind, member_id, payload, state, attempts, enqueued_at, available_at) "
        "SELECT 'poster 99', kind, member_id, payload, state, 0, enqueued_at, available_at FROM jobs WHERE id = 1",
    )
    assert await one(upgraded, "SELECT id FROM jobs WHERE key = 'poster 99'") > 4


OLD_WORDS = ("letter", "errand", "aside", "fact", "ghost", "turn", "doubts", "forgotten")


async def test_no_table_column_index_or_constraint_keeps_an_old_name(upgraded: Database) -> None:
    def names(sync: Any) -> list[str]:
        look, found = inspect(sync), []
        for table in look.get_table_names():
            found += [table, *(column["name"] for column in look.get_columns(table))]
            found += [str(one["name"]) for one in look.get_indexes(table)]
            found += [str(one["name"]) for one in look.get_unique_constraints(table)]
            found += [str(one["name"]) for one in look.get_foreign_keys(table)]
            found += [str(one["name"]) for one in look.get_check_constraints(table)]
            found.append(str(look.get_pk_constraint(table)["name"]))
        return [*found, *look.get_sequence_names()] if sync.dialect.name == "postgresql" else found

    async with upgraded.read() as connection:
        found = [name.replace("set_aside", "") for name in await connection.run_sync(names)]  # a verdict (R28)
    assert [name for name in found if any(word in name.split("_") or word + "s" in name for word in OLD_WORDS)] == []


async def test_the_way_back_keeps_what_is_queued(db: Database) -> None:
    before = await ask(db, "SELECT id, kind, state, doubts FROM letters ORDER BY id")
    jobs = await ask(db, "SELECT id, key, kind, state, tries FROM errands ORDER BY id")
    await migrate(db)
    async with db.write() as connection:
        await connection.run_sync(lambda sync: command.downgrade(_config(sync), "0006"))
    assert await ask(db, "SELECT id, kind, state, doubts FROM letters ORDER BY id") == before
    assert await ask(db, "SELECT id, key, kind, state, tries FROM errands ORDER BY id") == jobs
    counted = dict(await ask(db, "SELECT reason, number FROM letter_counts WHERE state = 'suppressed'"))
    assert counted == {"blocked": 5, "unreachable": 1, "not-needed": 1}
