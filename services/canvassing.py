"""Canvass links: making, opening, counting (R21-R23)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from domain.goods import Item
from domain.people import Member
from domain.voting import Reason, why_not_on_display
from services.house import House
from storage import canvass, items

TOKEN_BYTES = 12
"""96 random bits: nobody guesses a link (R23). They are 16 characters that a start payload may have."""


@dataclass(frozen=True, slots=True)
class MyLink:
    """A member's link for one item, and what came by it."""

    token: str
    item: Item
    opens: int
    votes: int


@dataclass(frozen=True, slots=True)
class MyCanvass:
    """An item that a member canvasses for, and what came of it."""

    item: Item
    opens: int
    votes: int


class Canvassing:
    """The links."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def link(self, member: Member, item_id: int) -> MyLink | None:
        """The member's one link for this item, made where there is none (R21); None for one that nobody has seen."""
        now = self._house.clock()
        async with self._house.db.write() as connection:
            item = await items.by_id(connection, item_id)
            if item is None or why_not_on_display(item, now) is Reason.UNKNOWN_ITEM:
                return None
            link = await canvass.link_of(connection, member.id, item_id, secrets.token_urlsafe(TOKEN_BYTES), now)
            opens, votes = await canvass.counts(connection, link.id)
        return MyLink(link.token, item, opens, votes)

    async def open(self, friend: Member, token: str) -> int | None:
        """Follow a link: the item it leads to, or None when it leads nowhere.

        Counts for the link's owner: each friend once an item, the first link wins, never oneself (R22).
        """
        now = self._house.clock()
        async with self._house.db.write() as connection:
            link = await canvass.by_token(connection, token)
            if link is None:
                return None
            if link.member_id != friend.id and not link.revoked:
                await canvass.opened(connection, link.id, link.item_id, friend.id, now)
            return link.item_id

    async def mine(self, member: Member, most: int = 10) -> list[MyCanvass]:
        """What the member canvasses for, newest first, with opens and votes."""
        async with self._house.db.read() as connection:
            links = await canvass.links_by(connection, member.id, most)
            found = await items.by_ids(connection, [item_id for item_id, _, _ in links])
        return [MyCanvass(found[item_id], opens, votes) for item_id, opens, votes in links]
