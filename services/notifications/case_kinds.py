"""What notifications about brushing say: to organisers of a case, to members of their votes (R29)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.verdicts import VoteTally
from domain.goods import Item, ItemState
from domain.notifications import NotificationKind
from domain.people import Member
from services.notifications.kinds import ChatItemRejected, ItemNotification, ItemOut, Notification, Skip, Source
from storage import items, votes
from storage.brushing import appeals, bans, cases, verdicts
from storage.brushing.appeals import ConfirmedCase
from storage.brushing.bans import StoredBan


@dataclass(frozen=True, slots=True)
class CaseOpened(Notification[Member]):
    """Votes for an item look bought, for an organiser to look at (R29)."""

    kind = NotificationKind.CASE_OPENED
    for_organisers = True
    item: Item
    tally: VoteTally
    case_id: int = 0

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        item_id = await cases.item_of_undecided(connection, source.claimed.subject)
        item = await items.by_id(connection, item_id) if item_id is not None else None
        if item is None:
            return Skip("it is decided already")
        return cls(to, item, (await verdicts.tallies(connection, [item.id]))[item.id], source.claimed.subject)


@dataclass(frozen=True, slots=True)
class BanWaits(Notification[Member]):
    """Another organiser has asked for a ban above one month, for an organiser who may agree (R29)."""

    kind = NotificationKind.BAN_WAITS
    for_organisers = True
    item: Item
    ban: StoredBan

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        case_id = source.claimed.subject
        ban = await bans.lasting(connection, case_id, source.now)
        item_id = await cases.item_of(connection, case_id)
        item = await items.by_id(connection, item_id) if item_id is not None else None
        if ban is None or item is None:
            return Skip("the ban is over, or lifted")
        return cls(to, item, ban) if ban.waits else Skip("an organiser has agreed")


@dataclass(frozen=True, slots=True)
class AppealWaits(Notification[Member]):
    """A shop has appealed, for an organiser who may decide on that now (R29)."""

    kind = NotificationKind.APPEAL_WAITS
    for_organisers = True
    case: ConfirmedCase

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        case = await appeals.confirmed_case(connection, source.claimed.subject)
        if case is None or case.appeal is None or case.appeal.decided_at is not None:
            return Skip("the appeal is decided")
        return cls(to, case)


@dataclass(frozen=True, slots=True)
class VoteVoid(Notification[Member]):
    """The member's vote was found to be false (R29). `ballot_back`: the good had ended before, and its
    ballot had returned, which stays so."""

    kind = NotificationKind.VOTE_VOID
    item: Item
    ballot_back: bool = False

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        item_id = await cases.item_of(connection, source.claimed.subject)
        item = await items.by_id(connection, item_id) if item_id is not None else None
        if item is None or not await verdicts.is_void(connection, to.id, item.id):
            return Skip("the vote counts again")
        return cls(to, item, bool(await votes.with_ballot_back(connection, to.id, [item.id])))


class ItemBrushed(ItemOut):
    """Votes for an item were bought: it is out, and the votes of others, for whom this is, were honest (R29)."""

    kind = NotificationKind.ITEM_BRUSHED

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        loaded = await super().load(connection, source, to)
        if isinstance(loaded, Skip):
            return loaded
        if loaded.item.state is not ItemState.REJECTED:
            return Skip("an appeal has brought it back")
        if await verdicts.is_void(connection, to.id, loaded.item.id):
            return Skip("the vote is void, of which its member is told")
        return loaded


@dataclass(frozen=True, slots=True)
class ItemRestored(ItemNotification):
    """A shop's appeal was granted: its item is back, and the votes that were void count (R29). `ballot_back`: the
    ballot for it has returned, and stays with the member; `uses_ballot`: it has not, or is in use again."""

    kind = NotificationKind.ITEM_RESTORED
    alert = False
    uses_ballot: bool = False

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        loaded = await super(ItemRestored, cls).load(connection, source, to)
        if isinstance(loaded, Skip) or loaded.ballot_back:
            return loaded
        return replace(loaded, uses_ballot=await votes.uses_ballot(connection, to.id, loaded.item.id))


class VoteRestored(ItemRestored):
    """An organiser has looked again at the member's void vote, and it counts (R29)."""

    kind = NotificationKind.VOTE_RESTORED


class ChatItemBrushed(ChatItemRejected):
    """An item whose group was announced in a bound chat is out, because votes for it were bought."""

    kind = NotificationKind.ITEM_BRUSHED
