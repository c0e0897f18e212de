"""Queries about groups and channels that are bound to the bot."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from domain.notifications import NotificationKind, NotificationState
from domain.people import BoundChat as Chat
from storage.db import changed, insert_new
from storage.models import BoundChatRow, MemberRow, NotificationRow, SharedCardRow

_CHAT = select(
    *(BoundChatRow.id, BoundChatRow.chat_id, BoundChatRow.channel, BoundChatRow.language),
    *(BoundChatRow.topic, BoundChatRow.paused, BoundChatRow.fairness),
)


async def by_chat(connection: AsyncConnection, chat_id: int) -> Chat | None:
    """The bound chat with this Telegram ID."""
    row = (await connection.execute(_CHAT.where(BoundChatRow.chat_id == chat_id))).one_or_none()
    return Chat(*row) if row else None


async def by_id(connection: AsyncConnection, number: int) -> Chat | None:
    """The bound chat with this number of ours."""
    row = (await connection.execute(_CHAT.where(BoundChatRow.id == number))).one_or_none()
    return Chat(*row) if row else None


async def bind(
    connection: AsyncConnection,
    chat_id: int,
    channel: bool,
    language: str | None,
    now: datetime,
    *,
    topic: int | None = None,
    bound_by: int | None = None,
) -> bool:
    """Store a bound chat, or its new language and topic, where posting goes on; False when it was bound before."""
    values = {"language": language, "topic": topic, "bound_by": bound_by}
    new = insert_new(connection, BoundChatRow).values(chat_id=chat_id, channel=channel, bound_at=now, **values)
    added = await changed(connection, new.on_conflict_do_nothing(index_elements=["chat_id"]))
    if not added:
        bound = update(BoundChatRow).where(BoundChatRow.chat_id == chat_id)
        await connection.execute(bound.values(paused=None, **values))
    return added


async def set_language(connection: AsyncConnection, chat_id: int, language: str | None) -> None:
    """Change only the language of a bound chat."""
    await connection.execute(update(BoundChatRow).where(BoundChatRow.chat_id == chat_id).values(language=language))


async def set_fairness(connection: AsyncConnection, chat_id: int, on: bool) -> None:
    """Change whether a bound chat is sent the figures of each round."""
    await connection.execute(update(BoundChatRow).where(BoundChatRow.chat_id == chat_id).values(fairness=on))


async def pause(connection: AsyncConnection, chat: Chat, why: str) -> bool:
    """Stop posting in a chat's topic, and suppress what waits for it; False where that was done, or it has another
    topic now."""
    same_topic = BoundChatRow.topic.is_(None) if chat.topic is None else BoundChatRow.topic == chat.topic
    posting = and_(BoundChatRow.id == chat.id, BoundChatRow.paused.is_(None), same_topic)
    if not await changed(connection, update(BoundChatRow).where(posting).values(paused=why)):
        return False
    waits = and_(NotificationRow.bound_chat_id == chat.id, NotificationRow.state == NotificationState.PENDING)
    unsent = {"state": NotificationState.SUPPRESSED, "reason": "its topic is closed", "code": why}
    await connection.execute(update(NotificationRow).where(waits).values(**unsent))
    return True


async def go_on(connection: AsyncConnection, chat_id: int, topic: int | None, why: str) -> bool:
    """Post again in a topic where posting was paused for this reason; False where it was not."""
    same_topic = BoundChatRow.topic.is_(None) if topic is None else BoundChatRow.topic == topic
    paused = and_(BoundChatRow.chat_id == chat_id, BoundChatRow.paused == why, same_topic)
    return await changed(connection, update(BoundChatRow).where(paused).values(paused=None))


async def binder(connection: AsyncConnection, number: int) -> int | None:
    """The member who bound a chat, where they can be reached."""
    reachable = and_(MemberRow.chat_id.is_not(None), MemberRow.unreachable.is_(None))
    bound_by = select(MemberRow.id).join(BoundChatRow, BoundChatRow.bound_by == MemberRow.id)
    return await connection.scalar(bound_by.where(BoundChatRow.id == number, reachable))


async def unbind(connection: AsyncConnection, chat_id: int) -> bool:
    """Delete a bound chat with what was sent to it; False when it is not bound."""
    number = await connection.scalar(select(BoundChatRow.id).where(BoundChatRow.chat_id == chat_id))
    if number is None:
        return False
    await connection.execute(delete(SharedCardRow).where(SharedCardRow.bound_chat_id == number))
    await connection.execute(delete(NotificationRow).where(NotificationRow.bound_chat_id == number))
    await connection.execute(delete(BoundChatRow).where(BoundChatRow.id == number))
    return True


async def move(connection: AsyncConnection, old: int, new: int) -> bool:
    """Move the binding of a group that became a supergroup; old cards cannot be edited there. False when it is not
    bound."""
    chat = await by_chat(connection, old)
    if chat is None:
        return False
    if await by_chat(connection, new) is not None:
        return await unbind(connection, old)
    await connection.execute(delete(SharedCardRow).where(SharedCardRow.bound_chat_id == chat.id))
    await connection.execute(update(BoundChatRow).where(BoundChatRow.id == chat.id).values(chat_id=new))
    return True


async def picked(connection: AsyncConnection, number: int) -> frozenset[int]:
    """The items whose cards were posted in a bound chat."""
    posted = select(SharedCardRow.item_id).where(SharedCardRow.bound_chat_id == number)
    return frozenset(await connection.scalars(posted))


async def is_first_pick(connection: AsyncConnection, number: int, pick: int) -> bool:
    """Whether a bound chat's `pick`-th pick of a round, which is in flight, is the first that is sent.

    One whose arrival is unknown may have arrived, and of two in flight the one that began earlier is the first.
    """
    this, other = aliased(NotificationRow), aliased(NotificationRow)
    earlier = or_(
        other.leased_until < this.leased_until,
        and_(other.leased_until == this.leased_until, other.revision < this.revision),
    )
    sent = (
        select(other.id)
        .join(this, and_(this.bound_chat_id == other.bound_chat_id, this.subject == other.subject))
        .where(
            this.bound_chat_id == number,
            this.kind == NotificationKind.CAROUSEL,
            this.revision == pick,
            this.state == NotificationState.INFLIGHT,
            other.kind == NotificationKind.CAROUSEL,
            other.id != this.id,
            or_(
                other.state.in_((NotificationState.SENT, NotificationState.UNKNOWN)),
                and_(other.state == NotificationState.INFLIGHT, earlier),
            ),
        )
        .limit(1)
    )
    return await connection.scalar(sent) is None


async def lately_sent(connection: AsyncConnection, since: datetime) -> list[tuple[int, datetime]]:
    """(Telegram's chat ID, moment) of all notifications sent to bound chats since then, the oldest first."""
    rows = await connection.execute(
        select(BoundChatRow.chat_id, NotificationRow.sent_at)
        .join(NotificationRow, NotificationRow.bound_chat_id == BoundChatRow.id)
        .where(NotificationRow.bound_chat_id.is_not(None), NotificationRow.sent_at >= since)
        .order_by(NotificationRow.sent_at)
    )
    return [(chat_id, sent_at) for chat_id, sent_at in rows if sent_at is not None]
