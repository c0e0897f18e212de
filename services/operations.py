"""What keeps the database fit for use: checks at the start, failed updates, and the deletion of old rows (R26, R36)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import isfinite
from secrets import token_hex
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing import neighbourhoods
from services import jobs as job_service
from services.context import Every, ServiceContext
from services.transparency import tally as tally_service
from storage import display, jobs, key_values, notifications, people, registration, retention, updates
from storage.brushing import cast_votes
from storage.db import Database, advisory_lock
from storage.db.errors import DatabaseUnavailable
from storage.transparency import tally as stored_tally

FAILED_UPDATES_KEPT_FOR = timedelta(days=14)
"""The retention that `/privacy` states (R36)."""
PICTURES_WAIT = timedelta(days=1)
"""How long a picture without a good is kept: longer than any import takes."""
KEEP_DRAWS = timedelta(days=3)
"""How long draws, views and carousel notifications are kept after their round; the counts are kept for ever."""
KEEP_NOTIFICATIONS = timedelta(days=30)
"""How long alerts and notices are kept after they expired: an organiser who asks what a member was told finds it."""
KEEP_ERASED = timedelta(days=1)
"""How long the empty row of an erased member is kept, to which nothing refers: longer than what was begun for them."""
KEEP_LINKS = timedelta(days=14)
"""How long a link of an erased member by which no friend came shows its item after the round."""
KEEP_POSTERS = timedelta(days=14)
"""How long uploaded posters are known after the round; they can be drawn again."""
KEEP_PICTURES = timedelta(days=180)
"""How long a picture's content is kept after its goods ended: the chat shows Telegram's copy after that."""
MOST_ROWS = 1_000
"""Rows deleted in one transaction: a million members make thirty million views a day."""
BATCHES = 20
"""Such transactions per tick and kind of row."""
MOST_PICTURES = 50
"""Pictures deleted in one transaction: few enough that taps do not wait noticeably."""
_MAX_ID = 2**63
_MAX_DEPTH = 20
_DEMO = "demo"
_IDENTITY = "database_identity"


class Mixed(StrEnum):
    """Why a bot must not start on a database: invented people and real members never share one."""

    THE_DEMOS = "the-demos"
    REAL_MEMBERS = "real-members"


async def mixed(db: Database, *, demo: bool) -> Mixed | None:
    """Why the bot, or its demo, must not start on this database; None where it may."""
    async with db.read() as connection:
        marked = await key_values.get(connection, _DEMO) is not None
        if marked and not demo:
            return Mixed.THE_DEMOS
        # Counted only where it matters: on a large database that takes a while.
        return Mixed.REAL_MEMBERS if demo and not marked and await people.count(connection) else None


async def keep_for_demo(db: Database) -> None:
    """Mark a database as the demo's."""
    async with db.write() as connection:
        await key_values.set(connection, _DEMO, "yes")


async def hold_if_restored(db: Database, now: datetime) -> bool:
    """Hold everything due (R26) if a PostgreSQL dump was restored since the last start; returns whether it was.

    The database stores its location, and a restored one finds itself elsewhere. Copies of an SQLite file that were made
    by `backup` carry the hold in themselves.
    """
    async with db.read() as connection:
        here = await key_values.location(connection)
        known = await key_values.get(connection, _IDENTITY)
    if here is None or here == known:
        return False
    async with db.write() as connection:
        await advisory_lock(connection, _IDENTITY)
        known = await key_values.get(connection, _IDENTITY)
        await key_values.set(connection, _IDENTITY, here)
        if known in (None, here):
            return False
        await key_values.hold(connection, now)
    return True


async def hold(db: Database, now: datetime) -> None:
    """Hold everything due until an organiser releases it."""
    async with db.write() as connection:
        await key_values.hold(connection, now)


async def check_writable(context: ServiceContext) -> None:
    """Store something small, because a read-only database takes no vote. Raises DatabaseUnavailable."""
    name = f"write_check {token_hex(8)}"  # unique: a process that hangs here must not make others look unready
    async with context.db.write() as connection:
        await key_values.set(connection, name, context.clock.now().isoformat())
        await key_values.delete(connection, name)


def storable(value: object, depth: int = 0) -> Any:
    """The same value without what databases refuse: NUL and lone surrogates in texts, deep nesting."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping | list) and depth == _MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        return {storable(str(key)): storable(part, depth + 1) for key, part in value.items()}
    if isinstance(value, list):
        return [storable(part, depth + 1) for part in value]
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return value


def _without_person(update: Mapping[str, object]) -> dict[str, object]:
    """Its number and kind, and the data of a tapped button."""
    tapped = update.get("callback_query")
    data = tapped.get("data") if isinstance(tapped, Mapping) else None
    return {key: part if key == "update_id" else {"data": data} for key, part in update.items()}


class FailedUpdates:
    """Stores updates whose handling failed permanently."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def keep(self, update: Mapping[str, object], person_id: int | None, error: str, attempts: int) -> None:
        """Store an update, once even if it comes again; `error` must hold no token. Raises only DatabaseUnavailable.

        Of one who is no member, or no longer since this very update, only what was tapped is stored (R36). A message is
        stored whole: its sender is a member, unless the message itself cannot be stored.
        """
        now = self._context.clock.now()
        number = update.get("update_id")
        number = int(number) if isinstance(number, int) and abs(number) < _MAX_ID else 0  # bool is a subclass of int
        try:
            async with self._context.db.write() as connection:
                is_message, content = "message" in update, update
                if person_id and not is_message and await people.by_chat(connection, person_id) is None:
                    person_id, content = None, _without_person(update)
                await updates.keep_failed(
                    connection, number, person_id, storable(content), storable(error), attempts, now
                )
        except DatabaseUnavailable:
            raise
        except Exception as unforeseen:  # the update must not be lost, so it is handled again
            raise DatabaseUnavailable(f"update {number} cannot be stored: {unforeseen}") from unforeseen

    async def count(self) -> int:
        """The number of stored updates."""
        async with self._context.db.read() as connection:
            return await updates.count_failed(connection)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long one kind of row is kept, and what deletes those that are older: at most so many, it returns how many."""

    kept_for: timedelta
    delete: Callable[[AsyncConnection, datetime, int], Awaitable[int]]
    pictures: bool = False

    @property
    def most(self) -> int:
        """Rows in one transaction."""
        return MOST_PICTURES if self.pictures else MOST_ROWS


RETENTIONS = (
    Retention(FAILED_UPDATES_KEPT_FOR, updates.delete_failed),
    Retention(job_service.KEPT_FOR, jobs.delete_old),
    Retention(KEEP_DRAWS, display.clear_old),
    Retention(neighbourhoods.KEPT_FOR, cast_votes.clear_neighbourhoods),
    Retention(KEEP_DRAWS, notifications.delete_carousels),
    Retention(KEEP_NOTIFICATIONS, notifications.delete_others),
    Retention(KEEP_POSTERS, retention.delete_poster_files),
    Retention(KEEP_LINKS, retention.delete_links_of_erased),
    Retention(KEEP_ERASED, retention.delete_erased_members),
    Retention(tally_service.KEPT_FOR, stored_tally.delete_old),
    Retention(PICTURES_WAIT, registration.drop_pictures, pictures=True),
    Retention(KEEP_PICTURES, retention.empty_pictures, pictures=True),
)
"""Everything that is deleted by its age; docs/operating.md lists every table."""


class Housekeeping:
    """Deletes old rows once an hour, and keeps SQLite's log small."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._looks = Every(timedelta(hours=1))
        self._looks_at_log = Every(timedelta(minutes=1))

    async def tick(self) -> None:
        """Delete what has been kept for long enough; called at each tick of the scheduler. A kind of row that fails
        does not stop the others; the first error is raised at the end."""
        now = self._context.clock.now()
        if self._looks_at_log.due(now):
            await self._context.db.shrink_log()
        if not self._looks.due(now):
            return
        failures: list[Exception] = []
        for kind in RETENTIONS:
            try:
                if not await self._delete(kind, now):
                    self._looks.soon()  # the next tick goes on: the scheduler has other work
            except DatabaseUnavailable:
                raise
            except Exception as error:
                failures.append(error)
        if failures:
            raise failures[0]

    async def _delete(self, kind: Retention, now: datetime) -> bool:
        """Delete old rows of a kind in small steps; False where some may be left."""
        for _ in range(BATCHES):
            async with self._context.db.write() as connection:
                if await kind.delete(connection, now - kind.kept_for, kind.most) < kind.most:
                    return True
        return False
