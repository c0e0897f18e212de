"""Canvass links: making, replacing, opening, counting, and what a friend sees of them (R20-R23)."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.goods import Item
from domain.people import Member
from domain.voting import Reason, why_no_credit, why_not_on_display
from services.context import ServiceContext
from storage import canvass, items

TOKEN_BYTES = 12
"""96 random bits: nobody guesses a link (R23). They are 16 characters that a start payload may have."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16}")
_TOP = 3


@dataclass(frozen=True, slots=True)
class MyLink:
    """A member's link for one item, what came by it, and who else brought votes for the item, as far as they agreed.

    `name` is the member's first name where they chose to show it, else empty.
    """

    id: int
    token: str
    item: Item
    on_display: bool
    opens: int
    votes: int
    name: str
    top: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class MyCanvass:
    """An item that a member canvasses for, and what came of it."""

    item: Item
    opens: int
    votes: int


@dataclass(frozen=True, slots=True)
class MyCanvasses:
    """One page of what a member canvasses for."""

    lines: tuple[MyCanvass, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """Where a link led: the item, whether it is the opener's own link, and the owner's name where they show it."""

    item_id: int
    own: bool
    name: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """What anybody may see of a link, with or without the chat (R21, R23): nothing of its owner but a chosen name."""

    link_id: int
    token: str
    item: Item
    on_display: bool
    name: str


class Canvassing:
    """The links."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def link(self, member: Member, item_id: int) -> MyLink | None:
        """The member's one link for this item, made where there is none; None for an item that there is not (R21)."""
        return await self._link(member, item_id, renew=False)

    async def renew(self, member: Member, item_id: int) -> MyLink | None:
        """A new link instead of the old one, which shows the item further on and counts for nobody (R22).

        What came by the old one before stays with its owner.
        """
        return await self._link(member, item_id, renew=True)

    async def _link(self, member: Member, item_id: int, *, renew: bool) -> MyLink | None:
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            item = await items.by_id(connection, item_id)
            closed = why_not_on_display(item, now)
            if item is None or closed is Reason.UNKNOWN_ITEM:
                return None
            if renew:
                await canvass.revoke(connection, member.id, item_id, now)
            link = await canvass.link_of(connection, member.id, item_id, secrets.token_urlsafe(TOKEN_BYTES), now)
            opens, votes = await canvass.counts(connection, member.id, item_id)
            top = await canvass.top(connection, item_id, _TOP)
        return MyLink(link.id, link.token, item, closed is None, opens, votes, link.shown_name, tuple(top))

    async def open(self, friend: Member, token: str) -> LinkOpened | None:
        """Follow a link in the chat: the item it leads to, or None when it leads nowhere.

        Counts for the link's owner: each friend once an item, the first link wins, never oneself, and only while the
        item is on display (R22).
        """
        if not _TOKEN.fullmatch(token):
            return None
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            link = await canvass.by_token(connection, token)
            item = await items.by_id(connection, link.item_id) if link else None
            if link is None or item is None:
                return None
            on_display = why_not_on_display(item, now) is None
            if why_no_credit(link.member_id, friend.id, revoked=link.revoked, on_display=on_display) is None:
                await canvass.opened(connection, link.id, link.item_id, friend.id, now)
        return LinkOpened(item.id, link.member_id == friend.id, link.shown_name)

    async def invitation(self, token: str) -> Invitation | None:
        """What a link shows to anybody, counting nothing; None for one that there is not."""
        if not _TOKEN.fullmatch(token):
            return None
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            link = await canvass.by_token(connection, token)
            item = await items.by_id(connection, link.item_id) if link else None
        if link is None or item is None:
            return None
        return Invitation(link.id, token, item, why_not_on_display(item, now) is None, link.shown_name)

    async def next_opening(self) -> datetime:
        """When the next round opens (aware)."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            return await self._next_opening(connection, now)

    async def _next_opening(self, connection: AsyncConnection, now: datetime) -> datetime:
        return (await self._context.calendar(connection)).next_opening(now)

    async def mine(self, member: Member, page: int = 0, size: int = 8) -> MyCanvasses:
        """What the member canvasses for, newest first, with opens and votes."""
        async with self._context.db.read() as connection:
            pages = max(1, -(-await canvass.count_links(connection, member.id) // size))
            page = min(max(page, 0), pages - 1)
            links = await canvass.links_by(connection, member.id, size, page * size)
            found = await items.by_ids(connection, [item_id for item_id, _, _ in links])
        lines = tuple(MyCanvass(found[item_id], opens, votes) for item_id, opens, votes in links)
        return MyCanvasses(lines, page, pages)
