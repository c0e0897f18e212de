"""Casting votes, taking them back, following, and "my votes" (R14-R19, R25, R26)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.alerts import Kind
from domain.goods import Item
from domain.people import Member
from domain.voting import (
    MILESTONES,
    Allowed,
    Purse,
    Reason,
    Refused,
    judge_taking_back,
    judge_vote,
    milestone_reached,
    why_not_on_display,
)
from services.house import House
from storage import canvass, items, letters, people, votes

MILESTONE_IS_NEWS_FOR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tap came to: the refusal, if it was one, and how the item and the member's purse stand now."""

    refused: Refused | None
    item: Item | None
    purse: Purse
    voted: bool
    following: bool
    on_display: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """One page of what a member voted for, what they follow, and what they can still vote with (R25)."""

    voted: tuple[Item, ...]
    followed: tuple[Item, ...]
    purse: Purse
    page: int
    pages: int


class Voting:
    """The votes."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def _purse(self, connection: AsyncConnection, member_id: int, now: datetime) -> Purse:
        calendar = await self._house.calendar(connection)
        return await votes.purse(
            connection,
            member_id,
            calendar.voting_day(now),
            calendar.voting_day_ends(now),
            self._house.rules.votes_per_day,
            self._house.rules.fen_per_ballot,
        )

    async def cast(self, member: Member, item_id: int) -> Answer:
        """Vote for an item: a second tap, a late one or one too many is refused and changes nothing (R14-R19)."""
        now = self._house.clock()
        async with self._house.db.write() as connection:
            await people.lock(connection, member.id)
            item = await items.by_id(connection, item_id)
            standing = await votes.standing(connection, member.id, item_id)
            purse = await self._purse(connection, member.id, now)
            verdict = judge_vote(item, standing is not None, purse, now)
            following = bool((await votes.marks(connection, member.id, [item_id]))[1])
            if isinstance(verdict, Refused):
                on_display = why_not_on_display(item, now) is None
                return Answer(verdict, item, purse, standing is not None, following, on_display)
            assert item is not None
            link = await votes.link_that_brought(connection, member.id, item_id)
            await votes.cast(connection, member.id, item_id, purse.day, verdict.slot, link, now)
            if link is not None:
                await self._tell_owner(connection, link, now)
            return Answer(
                None, replace(item, wants=item.wants + 1), _after(purse, verdict), True, following, on_display=True
            )

    async def take_back(self, member: Member, item_id: int) -> Answer:
        """Take a vote back: its ballot and its place in the day return, history keeps both acts (R18)."""
        now = self._house.clock()
        async with self._house.db.write() as connection:
            await people.lock(connection, member.id)
            item = await items.by_id(connection, item_id)
            standing = await votes.standing(connection, member.id, item_id)
            refused = judge_taking_back(item, standing is not None, now)
            if refused is None:
                assert standing is not None
                await votes.take_back(connection, standing[0], item_id, now)
                item = await items.by_id(connection, item_id)
            purse = await self._purse(connection, member.id, now)
            following = bool((await votes.marks(connection, member.id, [item_id]))[1])
            return Answer(
                replace(refused, purse=purse) if refused else None,
                item,
                purse,
                standing is not None and refused is not None,
                following,
                why_not_on_display(item, now) is None,
            )

    async def follow(self, member: Member, item_id: int, *, on: bool) -> Answer:
        """Follow an item, or no longer: followers are alerted like voters, with or without ballots (R26)."""
        now = self._house.clock()
        async with self._house.db.write() as connection:
            item = await items.by_id(connection, item_id)
            if item is not None:
                if on:
                    await votes.follow(connection, member.id, item_id, now)
                else:
                    await votes.unfollow(connection, member.id, item_id)
            purse = await self._purse(connection, member.id, now)
            standing = await votes.standing(connection, member.id, item_id)
            refused = Refused(Reason.UNKNOWN_ITEM, purse) if item is None else None
            return Answer(refused, item, purse, standing is not None, on, why_not_on_display(item, now) is None)

    async def mine(self, member: Member, page: int, size: int = 8) -> Mine:
        """What the member voted for and follows, with states and opening times (R25)."""
        now = self._house.clock()
        async with self._house.db.read() as connection:
            total = await votes.count_by(connection, member.id)
            pages = max(1, -(-total // size))
            page = min(max(page, 0), pages - 1)
            voted = await items.wanted_by(connection, member.id, size, page * size)
            following = await votes.followed(connection, member.id, size)
            found = await items.by_ids(connection, following)
            purse = await self._purse(connection, member.id, now)
        return Mine(tuple(voted), tuple(found[i] for i in following), purse, page, pages)

    async def _tell_owner(self, connection: AsyncConnection, link_id: int, now: datetime) -> None:
        """Queue the news of a milestone, each once a link, however votes come and go (R22)."""
        reached = milestone_reached(await votes.count_by_link(connection, link_id), MILESTONES)
        link = await canvass.by_id(connection, link_id)
        if reached and link and not link.revoked:
            await letters.add_letter(
                connection, Kind.MILESTONE, link_id, reached, link.member_id, now, now + MILESTONE_IS_NEWS_FOR
            )


def _after(purse: Purse, allowed: Allowed) -> Purse:
    return replace(purse, used=purse.used + 1, slots_today=purse.slots_today | {allowed.slot})
