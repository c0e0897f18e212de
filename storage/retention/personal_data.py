"""What is stored about a member: its export, its deletion, and what of it comes back with them (R36).

Votes and counts stay with the member's row, which nothing names any more. Where something could be had twice, the row
keeps a keyed hash of the chat ID. A person who comes back is a new member, and gets

- the items that they voted for, while those are on display or may be again by an appeal, and the slots of the voting
  day, as `past_votes`;
- the exposures and link opens of items on display, so that they count once;
- that they were welcomed, for `WELCOMED_FOR`; so long the key of the grant recognises them, too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from domain import people
from domain.brushing.cases import CaseOutcome
from domain.goods import ItemState
from domain.ledger import ANONYMOUS
from storage import updates
from storage.canvassing import cards
from storage.db import insert_new
from storage.models import (
    BoundChatRow,
    CanvassLinkRow,
    CanvassOpenRow,
    CaseAccountRow,
    CaseRow,
    ConversationRow,
    DrawRow,
    ExposureRow,
    FailedUpdateRow,
    FollowRow,
    GrantRow,
    ItemRow,
    JobRow,
    MemberRow,
    NotificationRow,
    PastVoteRow,
    PosterFileRow,
    RoundRow,
    SharedCardRow,
    SpendingCorrectionRow,
    SpendingRow,
    TallyLeafRow,
    VoteRow,
)
from storage.transparency import tally

WELCOMED_FOR = timedelta(days=365)
"""How long after a deletion it is known that a welcome grant was given."""

PART = 500
"""Rows in memory at once."""


class StoredPart(NamedTuple):
    """Some rows of a table, or of what is shown as one."""

    table: str
    rows: list[dict[str, object]]


_ABOUT_VOTES = [column for column in VoteRow.__table__.c if column.name not in ("verdict", "neighbourhood")]
"""Members cannot tell that a vote of theirs is suspect (R28)."""
_TOLD_OUTCOMES = [CaseOutcome.VOTES_FALSE.value, CaseOutcome.CONFIRMED.value]
"""Members are told of cases in which their votes were found to be false, and of no others."""
_ON_DISPLAY = select(ItemRow.id).where(ItemRow.state == ItemState.ON_DISPLAY)
_LISTING = aliased(ItemRow)
_MAY_BE_BACK = (
    select(ItemRow.id)
    .join(RoundRow, RoundRow.id == ItemRow.round_id)
    .join(_LISTING, _LISTING.ref == ItemRow.ref)
    .join(CaseRow, CaseRow.item_id == _LISTING.id)
    .where(RoundRow.closed_at.is_(None), CaseRow.outcome == CaseOutcome.CONFIRMED.value)
)
"""Items that a granted appeal may bring back while their round runs, whichever listing the case is about (R29)."""


async def stored_about(connection: AsyncConnection, member_id: int) -> AsyncIterator[StoredPart]:
    """Everything that is stored about a member, table by table, for `/privacy` (R36). Every table comes at least once,
    a large one in several parts, so that memory holds one part. Raises MemberErased."""
    found = await connection.execute(select(MemberRow.__table__).where(MemberRow.id == member_id))
    me = found.mappings().one_or_none()
    if me is None or me["chat_id"] is None:  # below, what names no one would be taken for theirs
        raise people.MemberErased
    tables = {
        "spendings": select(SpendingRow.__table__).where(SpendingRow.telegram_id == me["chat_id"]),
        "spending_corrections": select(SpendingCorrectionRow.__table__)
        .join(SpendingRow, SpendingRow.id == SpendingCorrectionRow.spending_id)
        .where(SpendingRow.telegram_id == me["chat_id"]),
        "grants": select(GrantRow.__table__).where(GrantRow.member_id == member_id),
        "votes": select(*_ABOUT_VOTES).where(VoteRow.member_id == member_id),
        "case_accounts": select(CaseRow.item_id, CaseRow.outcome, CaseRow.decided_at)
        .join(CaseAccountRow, CaseAccountRow.case_id == CaseRow.id)
        .where(CaseAccountRow.member_id == member_id, CaseRow.outcome.in_(_TOLD_OUTCOMES)),
        "tally": select(
            TallyLeafRow.day, TallyLeafRow.act, TallyLeafRow.item_id, TallyLeafRow.seal, TallyLeafRow.salt
        ).where(TallyLeafRow.member_id == member_id),
        "past_votes": select(PastVoteRow.__table__).where(PastVoteRow.member_id == member_id),
        "follows": select(FollowRow.__table__).where(FollowRow.member_id == member_id),
        "shown": select(ExposureRow.__table__).where(ExposureRow.member_id == member_id),
        "canvass_links": select(CanvassLinkRow.__table__).where(CanvassLinkRow.member_id == member_id),
        "shared_cards": select(SharedCardRow.item_id, SharedCardRow.tapped_at.label("last_tap")).where(
            SharedCardRow.link_id.in_(select(CanvassLinkRow.id).where(CanvassLinkRow.member_id == member_id))
        ),
        "came_by_link": select(CanvassOpenRow.item_id, CanvassOpenRow.at).where(CanvassOpenRow.friend_id == member_id),
        "notifications": select(
            NotificationRow.kind, NotificationRow.subject, NotificationRow.state, NotificationRow.sent_at
        ).where(NotificationRow.member_id == member_id),
        "draws": select(DrawRow.made_at, DrawRow.category, DrawRow.items.label("item_list")).where(
            DrawRow.member_id == member_id
        ),
        "jobs": select(JobRow.kind, JobRow.payload, JobRow.enqueued_at).where(JobRow.member_id == member_id),
        "bound_chats": select(BoundChatRow.chat_id, BoundChatRow.topic, BoundChatRow.bound_at).where(
            BoundChatRow.bound_by == member_id
        ),
        "conversations": select(ConversationRow.state, ConversationRow.data).where(_conversations_of(me["chat_id"])),
    }
    yield StoredPart("member", [dict(me)])
    for name, query in tables.items():
        yield StoredPart(name, [])
        async with connection.stream(query.execution_options(yield_per=PART)) as streamed:
            async for rows in streamed.mappings().partitions():
                yield StoredPart(name, [dict(row) for row in rows])
    failed = await connection.execute(
        select(FailedUpdateRow.at, FailedUpdateRow.content).where(FailedUpdateRow.person_id == me["chat_id"])
    )
    yield StoredPart("failed_updates", [{"at": row.at, **people.own_part(row.content)} for row in failed])


def _conversations_of(chat_id: int | None) -> ColumnElement[bool]:
    """What a user is being asked, in the private chat or in a group: a key is chat, user and bot."""
    return or_(ConversationRow.key.startswith(f"{chat_id}:"), ConversationRow.key.contains(f":{chat_id}:"))


async def erase(
    connection: AsyncConnection, member_id: int, hashes: people.ErasedHashes, today: date, now: datetime
) -> None:
    """Delete what names or describes a member, whose row is locked; votes and counts stay, and are anonymous.

    The person's hash stays only where something could be had twice; `today` is the voting day. Spendings keep their
    references, so that importing the same table again counts nothing twice for a member who comes back.
    """
    known = select(MemberRow.chat_id, MemberRow.first_name).where(MemberRow.id == member_id)
    chat_id, first_name = (await connection.execute(known)).one()
    assert chat_id is not None, "erased once"
    await updates.delete_failed_about(connection, chat_id, first_name)
    await recall(connection, hashes.person, member_id)  # where a process with another key has not recognised them
    await _keep_past_votes(connection, member_id, today)
    await _hash_keys(connection, member_id, hashes)
    await tally.erase(connection, member_id)
    links = select(CanvassLinkRow.id).where(CanvassLinkRow.member_id == member_id)
    await cards.make_anonymous(connection, links)
    for doomed in (
        delete(FollowRow).where(FollowRow.member_id == member_id),
        delete(DrawRow).where(DrawRow.member_id == member_id),
        delete(ExposureRow).where(ExposureRow.member_id == member_id, ExposureRow.item_id.not_in(_ON_DISPLAY)),
        delete(NotificationRow).where(NotificationRow.member_id == member_id),
        delete(JobRow).where(JobRow.member_id == member_id),
        delete(PosterFileRow).where(PosterFileRow.link_id.in_(links)),
        update(SpendingRow).where(SpendingRow.telegram_id == chat_id).values(telegram_id=ANONYMOUS),
        delete(ConversationRow).where(_conversations_of(chat_id)),
        update(BoundChatRow).where(BoundChatRow.bound_by == member_id).values(bound_by=None),
        update(CanvassLinkRow)
        .where(CanvassLinkRow.member_id == member_id, CanvassLinkRow.revoked_at.is_(None))
        .values(revoked_at=now),
    ):
        await connection.execute(doomed)
    unknown = dict.fromkeys(("chat_id", "language", "app_language", "quiet_hours", "unreachable"))
    off = dict.fromkeys(("carousel_on", "alerts_on", "show_name", "alerts_quiet"), False)
    me = MemberRow.id == member_id
    erased = {**unknown, **off, "first_name": "", "erased_at": now, "erased_hash": hashes.person}
    await connection.execute(update(MemberRow).where(me).values(**erased))
    await connection.execute(update(MemberRow).where(me, ~_kept(now)).values(erased_hash=None))


async def _keep_past_votes(connection: AsyncConnection, member_id: int, today: date) -> None:
    uses_slot = and_(VoteRow.day >= today, VoteRow.returned_at.is_(None))
    standing = select(VoteRow.member_id, VoteRow.item_id, VoteRow.day, VoteRow.slot).where(
        VoteRow.member_id == member_id,
        VoteRow.taken_back_at.is_(None),
        or_(VoteRow.item_id.in_(_ON_DISPLAY), VoteRow.item_id.in_(_MAY_BE_BACK), uses_slot),
    )
    kept = insert_new(connection, PastVoteRow).from_select(["member_id", "item_id", "day", "slot"], standing)
    await connection.execute(kept.on_conflict_do_nothing())  # a deletion must not fail, whatever is there


async def _hash_keys(connection: AsyncConnection, member_id: int, hashes: people.ErasedHashes) -> None:
    """What organisers wrote about gifts may describe the member, the keys too. That of the welcome grant, which before
    revision 0010 was their number, recognises the person (R14)."""
    mine = GrantRow.member_id == member_id
    columns = (GrantRow.id, GrantRow.key, GrantRow.actor)
    keys = await connection.execute(select(*columns).where(mine, GrantRow.key.is_not(None)))
    for grant_id, key, actor in keys.all():
        hashed = update(GrantRow).where(GrantRow.id == grant_id)
        stays = hashes.welcome if actor == people.RULES else hashes.gift(str(key))
        await connection.execute(hashed.values(key=stays))
    await connection.execute(update(GrantRow).where(mine).values(reason=""))


def _kept(now: datetime) -> ColumnElement[bool]:
    """Whether something could be had twice without the hash of an erased member."""
    exposed = exists().where(ExposureRow.member_id == MemberRow.id, ExposureRow.item_id.in_(_ON_DISPLAY))
    opened = exists().where(CanvassOpenRow.friend_id == MemberRow.id, CanvassOpenRow.item_id.in_(_ON_DISPLAY))
    welcomed = and_(MemberRow.welcomed_at.is_not(None), MemberRow.erased_at > now - WELCOMED_FOR)
    return or_(exists().where(PastVoteRow.member_id == MemberRow.id), exposed, opened, welcomed)


async def clear(connection: AsyncConnection, today: date, now: datetime) -> None:
    """Delete the hashes by which nothing is recognised any more, and what they were kept for; `today` is the voting
    day."""
    gone = and_(PastVoteRow.item_id.not_in(_ON_DISPLAY), PastVoteRow.item_id.not_in(_MAY_BE_BACK))
    over = and_(gone, PastVoteRow.day < today)
    await connection.execute(delete(PastVoteRow).where(over))
    long_gone = select(MemberRow.id).where(MemberRow.erased_at <= now - WELCOMED_FOR)
    welcomes = and_(GrantRow.member_id.in_(long_gone), GrantRow.actor == people.RULES, GrantRow.key.is_not(None))
    await connection.execute(update(GrantRow).where(welcomes).values(key=None))
    done = update(MemberRow).where(MemberRow.erased_hash.is_not(None), ~_kept(now))
    await connection.execute(done.values(erased_hash=None))


async def recall(connection: AsyncConnection, erased_hash: str, member_id: int) -> None:
    """Give a member what of theirs is kept under this hash, which is deleted, as far as they have it not already."""
    old = (
        await connection.execute(
            select(MemberRow.id, MemberRow.welcomed_at).where(MemberRow.erased_hash == erased_hash).with_for_update()
        )
    ).one_or_none()
    if old is None:
        return
    for whose, which in (
        (PastVoteRow.member_id, true()),
        (ExposureRow.member_id, ExposureRow.item_id.in_(_ON_DISPLAY)),
        (CanvassOpenRow.friend_id, CanvassOpenRow.item_id.in_(_ON_DISPLAY)),
    ):
        theirs = aliased(whose.class_)
        had = select(theirs.item_id).where(getattr(theirs, whose.key) == member_id)
        moved = update(whose.class_).where(whose == old.id, which, whose.class_.item_id.not_in(had))
        await connection.execute(moved.values({whose: member_id}))
    await connection.execute(update(MemberRow).where(MemberRow.id == old.id).values(erased_hash=None, welcomed_at=None))
    if old.welcomed_at is not None:  # the moment itself would lead to the grant, and by it to the votes of before
        welcomed = update(MemberRow).where(MemberRow.id == member_id)
        await connection.execute(welcomed.values(welcomed_at=MemberRow.joined_at))
