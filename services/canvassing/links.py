"""Canvass links: creating, replacing, opening and counting them (R20-R23)."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from domain.goods import Item
from domain.people import NAMELESS, Member
from domain.reading.shown_text import clean
from domain.voting import Reason, earns_credit, why_not_on_display
from services.context import ServiceContext
from storage import items, people
from storage.canvassing import links

TOKEN_BYTES = 12
"""96 random bits, so that links cannot be guessed (R23): 16 characters that a start payload allows."""
UNOPENED_KEPT = 5
"""Replaced links of a member for an item that stay although no one opened them; those that were opened all stay."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16}")
_TOP = 3


@dataclass(frozen=True, slots=True)
class MyLink:
    """A member's link for one item, its opens and votes, and the members whose links brought the item most votes.

    `name` is the member's first name where they show it, else empty. `top` has (name, votes) of those who show theirs.
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
    """An item that a member canvasses for, with opens and votes by their links."""

    item: Item
    opens: int
    votes: int


@dataclass(frozen=True, slots=True)
class MyCanvasses:
    """One page of the items that a member canvasses for."""

    lines: tuple[MyCanvass, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """The item of an opened link, whether it is the user's own link, and the owner's name where they show it."""

    item_id: int
    own: bool
    name: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """The public part of a link (R21, R23): of its owner only the first name, where they show it."""

    link_id: int
    token: str
    item: Item
    on_display: bool
    name: str


class Canvassing:
    """Use cases of canvass links."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def link(self, member: Member, item_id: int, *, renew: bool = False) -> MyLink | None:
        """The member's link for this item, created where there is none; None for an unknown item (R21).

        `renew` replaces it: the old one still shows the item but no longer counts; its opens and votes stay (R22). Of
        old ones that no one opened, only the newest few stay.
        """
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await people.lock(connection, member.id)
            item = await items.by_id(connection, item_id)
            closed = why_not_on_display(item, now)
            if item is None or closed is Reason.UNKNOWN_ITEM:
                return None
            if renew:
                await links.revoke(connection, member.id, item_id, now)
                await links.drop_unopened(connection, member.id, item_id, UNOPENED_KEPT)
            link = await links.link_of(connection, member.id, item_id, secrets.token_urlsafe(TOKEN_BYTES), now)
            opens, votes = await links.counts(connection, member.id, item_id)
            best = await links.top(connection, item_id, _TOP)
        top = tuple((_seen(name) or NAMELESS, number) for name, number in best)
        return MyLink(link.id, link.token, item, closed is None, opens, votes, _seen(link.shown_name), top)

    async def open(self, friend: Member, token: str) -> LinkOpened | None:
        """Open a link in the chat; None for an unknown one. The open counts for the link's owner once per friend and
        item, by the first link, while the item is on display (R22)."""
        if not _TOKEN.fullmatch(token):
            return None
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await people.lock(connection, friend.id)
            link = await links.by_token(connection, token, keep=True)
            item = await items.by_id(connection, link.item_id) if link else None
            if link is None or item is None:
                return None
            on_display = why_not_on_display(item, now) is None
            credited = earns_credit(link.member_id, friend.id, revoked=link.revoked, on_display=on_display)
            if credited and await people.keep_from_erasure(connection, link.member_id):
                await links.opened(connection, link.id, link.item_id, friend.id, now)
        return LinkOpened(item.id, link.member_id == friend.id, _seen(link.shown_name))

    async def invitation(self, token: str) -> Invitation | None:
        """The public part of a link, without counting an open; None for an unknown link."""
        if not _TOKEN.fullmatch(token):
            return None
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            link = await links.by_token(connection, token)
            item = await items.by_id(connection, link.item_id) if link else None
        if link is None or item is None:
            return None
        return Invitation(link.id, token, item, why_not_on_display(item, now) is None, _seen(link.shown_name))

    async def mine(self, member: Member, page: int = 0, size: int = 8) -> MyCanvasses:
        """The items that the member canvasses for, newest first."""
        async with self._context.db.read() as connection:
            pages = max(1, -(-await links.count_links(connection, member.id) // size))
            page = min(max(page, 0), pages - 1)
            rows = await links.links_by(connection, member.id, size, page * size)
            known = await items.by_ids(connection, [item_id for item_id, _, _ in rows])
        lines = tuple(MyCanvass(known[item_id], opens, votes) for item_id, opens, votes in rows)
        return MyCanvasses(lines, page, pages)


def _seen(name: str) -> str:
    """A name as others see it; empty where it has nothing to see."""
    return clean(name).strip()
