"""The daily carousel: draws, cards and exposures (R9-R13)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.carousel import Card, NothingOnDisplay, Place
from domain.draw import Display
from domain.people import Member
from domain.voting import is_known, why_not_on_display
from services.context import ServiceContext
from storage import display, items, key_values, people, votes

_COUNTS_HOLD = 5.0
"""Seconds for which a process draws by its own counts before it reads those of other processes."""
_READ_A_SECOND = 2_000
"""Items of a large display read again per second on average: a hundredth of a process's time."""
_LOOKED_AT_EACH = 2_000
"""Items of a category that a draw may filter one by one; of a larger one, if most of it was seen, the database returns
the unseen items."""


class Carousel:
    """Use cases of the carousel: each member sees the display in a random order."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._display = Display()
        self._version: str | None = ""
        self._read_at = 0.0
        self._reading = asyncio.Lock()
        self._chance = secrets.SystemRandom()  # unpredictable (R10)

    async def new_draw(self, member: Member, category: str | None = None, like: int = 0) -> Card | NothingOnDisplay:
        """The first card of a new draw, unseen items first; `like` is a draw whose category is kept (R9, R10, R12)."""
        now = self._context.clock.now()

        async def look(connection: AsyncConnection) -> frozenset[int] | None:
            nonlocal category
            if like and (before := await display.draw(connection, like, member.id)):
                category = before[1]
            many = self._display.count(category)
            if many > _LOOKED_AT_EACH and await display.has_seen_more(connection, member.id, many // 2):
                return None
            return await display.seen_by(connection, member.id)

        await self._refresh()
        size = self._context.rules.page_size
        seen = await self._context.db.autocommit_read(look)
        if seen is not None:
            chosen = self._display.draw(seen, size, self._chance, category)
        else:
            async with self._context.db.read() as connection:
                unseen = await display.unseen_by(connection, member.id, category, now)
            chosen = self._display.draw_unseen(unseen, size, self._chance, category)
        if not chosen:
            async with self._context.db.read() as connection:
                calendar = await self._context.calendar(connection)
            return NothingOnDisplay(calendar.next_opening(now), category)

        async def store(connection: AsyncConnection) -> Card:
            await people.lock(connection, member.id)
            draw = await display.new_draw(connection, member.id, category, chosen, now)
            return await self._card(connection, member, chosen[0], Place(draw, 0, len(chosen)))

        return await self._context.db.batch_write(store)

    async def picks(self, seen: Collection[int], number: int) -> list[int]:
        """Items for a bound chat, by the same draw, unseen ones first (R9, R10). They count no exposures."""
        await self._refresh()
        return self._display.draw(frozenset(seen), number, self._chance)

    async def card(self, member: Member, draw: int, position: int) -> Card | None:
        """The card at a position of one of the member's draws; None for a deleted draw or another member's."""
        category: str | None = None

        async def look(connection: AsyncConnection) -> Card | None:
            nonlocal category
            stored = await display.draw(connection, draw, member.id)
            if stored is None:
                return None
            chosen, category = stored
            place = position % len(chosen)  # a forged position, and ◀️ on the first card, land inside
            return await self._card(connection, member, chosen[place], Place(draw, place, len(chosen)))

        card = await self._context.db.autocommit_read(look)
        if card is None or not card.on_display or card.place.position < card.place.of - 1:
            return card
        await self._refresh()
        return replace(card, others=max(0, self._display.count(category) - card.place.of))

    async def item(self, member: Member, item_id: int, place: Place | None = None) -> Card | None:
        """One item's card, of its good's newest listing (R16); None for an item that no round has shown yet."""

        async def look(connection: AsyncConnection) -> Card | None:
            found = await items.by_id(connection, item_id)
            if found is None or not is_known(found, self._context.clock.now()):
                return None
            newest = (await items.newest_listings(connection, [found])).get(item_id, found)
            return await self._card(connection, member, newest.id, place or Place())

        return await self._context.db.autocommit_read(look)

    async def categories(self) -> dict[str, int]:
        """The number of items on display by category, without empty ones (R12)."""
        async with self._context.db.read() as connection:
            return await items.display_counts(connection, self._context.clock.now())

    async def shown(self, member: Member, item_id: int) -> None:
        """Count an exposure, once per member and item (R9)."""
        now = self._context.clock.now()
        if await self._context.db.autocommit_read(lambda connection: display.was_seen(connection, member.id, item_id)):
            return

        async def count(connection: AsyncConnection) -> bool:
            await people.lock(connection, member.id)
            return await display.expose(connection, member.id, item_id, now)

        if await self._context.db.batch_write(count):
            self._display.shown(item_id)

    async def _card(self, connection: AsyncConnection, member: Member, item_id: int, place: Place) -> Card:
        found = await votes.status(connection, member.id, item_id, None)
        assert found.item is not None, "a draw names items that exist: rows of items are never deleted"
        on_display = why_not_on_display(found.item, self._context.clock.now()) is None
        voted = found.vote_id is not None
        return Card(found.item, place, voted, found.following, on_display, alerts_on=member.alerts_on, void=found.void)

    async def _refresh(self) -> None:
        """Read the display again when any process changed it, and regularly where other processes count exposures."""
        if await self._is_fresh():
            return
        async with self._reading:
            if await self._is_fresh():  # read by a concurrent draw
                return
            async with self._context.db.read() as connection:
                version = await key_values.get(connection, "display_version")
                shown = await items.on_display(connection, self._context.clock.now())
            self._display.put(shown)
            self._version, self._read_at = version, self._context.clock.monotonic()

    async def _is_fresh(self) -> bool:
        if self._version != await self._context.db.autocommit_read(
            lambda connection: key_values.get(connection, "display_version")
        ):
            return False
        holds = max(_COUNTS_HOLD, len(self._display) / _READ_A_SECOND)
        return self._context.db.is_sqlite or self._context.clock.monotonic() - self._read_at < holds
