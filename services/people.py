"""Members: registration, settings, grants of ballots, erasure; and bound chats (R13, R14, R27, R35, R36)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.neighbourhoods import KEPT_FOR, neighbourhood_hash
from domain.call_outcomes import CallOutcome
from domain.goods import Item
from domain.notifications import NEWS_FOR, NotificationKind
from domain.people import (
    LANGUAGES,
    RULES,
    BoundChat,
    ErasedHashes,
    Member,
    MemberErased,
    QuietHours,
    keyed_hash,
    welcome_key,
)
from domain.voting import voting_day_of
from services.context import ServiceContext
from storage import chats, items, ledger, notifications, people
from storage.brushing import cast_votes
from storage.ledger import StoredGrant
from storage.retention import personal_data
from storage.retention.personal_data import StoredPart

MAX_GRANT = 1_000
"""Ballots in one grant; a higher number is a typing error."""
LONGEST_REASON = 300
LONGEST_NAME = 128
LONGEST_CODE = 16
"""Longer texts are cut before they are stored."""


REPEATED_WITHIN = timedelta(minutes=10)
"""The same grant within this time is taken for a slip."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant as it counts now, and its member; `new` is False where it was so before."""

    member: Member
    grant: StoredGrant
    new: bool = True


class GrantRefusal(StrEnum):
    """Why no ballots are granted or corrected."""

    UNKNOWN_MEMBER = "unknown-member"
    UNKNOWN_GRANT = "unknown-grant"
    REPEATED = "repeated"
    KEY_TAKEN = "key-taken"


class People:
    """Use cases of members."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self.after_erasure: list[Callable[[int], None]] = []
        """Called with the chat ID of one who was erased, for what this process has in memory."""

    async def meet(self, chat_id: int, first_name: str, app_language: str | None) -> Member:
        """The member of an update, stored with the welcome grant at the first update (R14).

        A member who had blocked the bot is reachable again. An erased member is new, but has nothing twice (R36).
        """
        now = self._context.clock.now()
        first_name, app_language = first_name[:LONGEST_NAME], app_language[:LONGEST_CODE] if app_language else None
        found = await self._look(chat_id)
        if found and not _is_stale(found, first_name, app_language):
            return self._with_role(found.member)
        erasure_key = await self._context.erasure_key.get()
        async with self._context.db.write() as connection:
            new = await people.add(connection, chat_id, first_name, app_language, now)
            found = await people.by_chat(connection, chat_id)
            if found is None:
                raise MemberErased
            if new:
                await personal_data.recall(connection, keyed_hash(erasure_key, chat_id), found.member.id)
                await self._welcome(connection, found.member, erasure_key, now)
            else:
                await people.lock(connection, found.member.id)
                values = {"first_name": first_name, "app_language": app_language, "unreachable": None, "seen_at": now}
                await people.change(connection, found.member.id, **values)
                found = await people.by_chat(connection, chat_id)
                assert found is not None
        return self._with_role(replace(found.member, new=new))

    async def find(self, chat_id: int) -> Member | None:
        """The member with this chat ID; None for an unknown user, who is not stored."""
        found = await self._look(chat_id)
        return self._with_role(found.member) if found else None

    async def meet_known(self, chat_id: int, first_name: str, app_language: str | None) -> Member | None:
        """Like `meet` for a known member; None for an unknown user, who is not stored (R36)."""
        found = await self._look(chat_id)
        if found is None or _is_stale(found, first_name[:LONGEST_NAME], app_language):
            return await self.meet(chat_id, first_name, app_language) if found else None
        return self._with_role(found.member)

    async def _look(self, chat_id: int) -> people.KnownMember | None:
        return await self._context.db.autocommit_read(lambda connection: people.by_chat(connection, chat_id))

    async def _welcome(self, connection: AsyncConnection, member: Member, erasure_key: bytes, now: datetime) -> None:
        ballots = self._context.rules.welcome_ballots
        if ballots > 0 and await people.welcome(connection, member.id, now):
            key = welcome_key(erasure_key, member.chat_id)
            await ledger.grant(connection, member.id, ballots, "welcome", RULES, now, key)

    async def grant_ballots(
        self, chat_id: int, ballots: int, reason: str, actor: str, key: str | None = None, *, again: bool = False
    ) -> Granted | GrantRefusal:
        """Grant a member ballots and notify them of the reason (R14).

        `key` is an idempotency key. The same number for the same reason within `REPEATED_WITHIN` is taken for a slip,
        unless `again` is set. Raises ValueError for no reason, or not 1 to `MAX_GRANT` ballots; a long reason is cut.
        """
        reason = _checked(ballots, reason, least=1)
        now, erasure_key = self._context.clock.now(), await self._context.erasure_key.get()
        async with self._context.db.write() as connection:
            found = await people.by_chat(connection, chat_id)
            member = await self._locked(connection, found.member.id) if found else None
            if member is None:
                return GrantRefusal.UNKNOWN_MEMBER
            keys = (key, keyed_hash(erasure_key, key)) if key else ()
            known = await ledger.granted_by_key(connection, keys) if keys else None
            if known is not None:
                return Granted(member, known, new=False) if known.member_id == member.id else GrantRefusal.KEY_TAKEN
            since = now - REPEATED_WITHIN
            if not again and await ledger.granted_since(connection, member.id, ballots, reason, since):
                return GrantRefusal.REPEATED
            number = await ledger.grant(connection, member.id, ballots, reason, actor, now, key)
            if number is None:  # the key was used for another member at this moment
                return GrantRefusal.KEY_TAKEN
            await _tell_of_grant(connection, number, member.id, now)
            grant = await ledger.granted(connection, number)
        assert grant is not None
        return Granted(member, grant)

    async def correct_grant(self, number: int, ballots: int, reason: str, actor: str) -> Granted | GrantRefusal:
        """Say how many ballots a grant should have been, from 0, and notify the member of the reason; to say the same
        again changes nothing. Used ballots stay used. Raises ValueError as `grant_ballots` does."""
        reason = _checked(ballots, reason, least=0)
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            grant = await ledger.granted(connection, number)
            member = await self._locked(connection, grant.member_id) if grant else None
            grant = await ledger.granted(connection, number)
            if grant is None or member is None:
                return GrantRefusal.UNKNOWN_GRANT
            change = ballots - grant.ballots
            if not change:
                return Granted(member, grant, new=False)
            correction = await ledger.grant(connection, member.id, change, reason, actor, now, None, grant.number)
            assert correction is not None, "only a key exists already"
            await _tell_of_grant(connection, correction, member.id, now)
            corrected = await ledger.granted(connection, number)
        assert corrected is not None
        return Granted(member, corrected)

    @staticmethod
    async def _locked(connection: AsyncConnection, member_id: int) -> Member | None:
        """The member, read under the lock of their row; None where they were erased at this moment."""
        with suppress(MemberErased):
            await people.lock(connection, member_id)
            return await people.by_id(connection, member_id)
        return None

    async def grants_of(self, chat_id: int) -> list[StoredGrant] | None:
        """The grants of a member as they count now, the newest first; None for an unknown user."""
        async with self._context.db.read() as connection:
            found = await people.by_chat(connection, chat_id)
            return await ledger.grants_of(connection, found.member.id) if found else None

    def _with_role(self, member: Member) -> Member:
        return replace(member, organiser=True) if member.chat_id in self._context.rules.organisers else member

    async def organisers(self) -> list[Member]:
        """The organisers who are members."""
        async with self._context.db.read() as connection:
            found = await people.by_chats(connection, self._context.rules.organisers)
        return [self._with_role(member) for member in found]

    async def set_language(self, member: Member, language: str) -> Member:
        """Set the member's language (R35). Raises ValueError for a language without texts."""
        if language not in LANGUAGES:
            raise ValueError(f"no texts in {language!r}")
        return await self._set(member, language=language)

    async def toggle(self, member: Member, what: str, on: bool) -> Member:
        """Switch `carousel`, `alerts`, `quiet` (quiet hours delay alerts) or `name` (friends read the first name)
        (R13, R23, R26, R27)."""
        columns = {"carousel": "carousel_on", "alerts": "alerts_on", "quiet": "alerts_quiet", "name": "show_name"}
        return await self._set(member, **{columns[what]: on})

    async def set_quiet_hours(self, member: Member, hours: QuietHours | None) -> Member:
        """Set the member's quiet hours; None means the platform's (R27)."""
        return await self._set(member, quiet_hours=str(hours) if hours else None)

    async def _set(self, member: Member, **values: object) -> Member:
        async with self._context.db.write() as connection:
            await people.lock(connection, member.id)
            await people.change(connection, member.id, **values)
            changed = await people.by_id(connection, member.id)
        assert changed is not None, "their row is locked"
        return self._with_role(changed)

    async def mark_unreachable(self, chat_id: int, reason: str) -> None:
        """Mark a chat as unreachable until its user comes back, and suppress its pending notifications."""
        async with self._context.db.write() as connection:
            found = await people.by_chat(connection, chat_id)
            if found and await self._locked(connection, found.member.id):
                await people.change(connection, found.member.id, unreachable=reason)
                await notifications.suppress_member(connection, found.member.id, reason)

    async def stored_about(self, member: Member) -> AsyncGenerator[StoredPart]:
        """All stored data about a member, table by table in parts (R36). Raises MemberErased."""
        async with self._context.db.read() as connection:
            async for part in personal_data.stored_about(connection, member.id):
                yield part

    async def items_of(self, item_ids: Collection[int]) -> dict[int, Item]:
        """The items that stored data is about, by their numbers."""
        async with self._context.db.read() as connection:
            return await items.by_ids(connection, item_ids)

    async def erase(self, member: Member) -> None:
        """Erase a member; anonymous counts stay, a hash while something could be had twice (R36), and until a week
        after the round one of their ID's neighbourhood with each vote (R28)."""
        now, key = self._context.clock.now(), await self._context.erasure_key.get()
        async with self._context.db.write() as connection:
            if await people.lock_for_erasure(connection, member.id) is not None:
                where = neighbourhood_hash(key, member.chat_id)
                await cast_votes.keep_neighbourhood(connection, member.id, where, now - KEPT_FOR)
                today = voting_day_of(now, self._context.rules.zone, self._context.rules.opens_at).day
                await personal_data.erase(connection, member.id, ErasedHashes(key, member.chat_id), today, now)
        for drop in self.after_erasure:
            drop(member.chat_id)


def _checked(ballots: int, reason: str, least: int) -> str:
    reason = reason.strip()[:LONGEST_REASON]
    if not least <= ballots <= MAX_GRANT or not reason:
        raise ValueError(f"a grant has {least} to {MAX_GRANT} ballots, and a reason")
    return reason


async def _tell_of_grant(connection: AsyncConnection, number: int, member_id: int, now: datetime) -> None:
    kind, until = NotificationKind.GRANT, now + NEWS_FOR
    await notifications.add_notification(connection, kind, number, 1, member_id, now, until)


def _is_stale(found: people.KnownMember, first_name: str, app_language: str | None) -> bool:
    """Whether the stored member has to be updated."""
    return bool(found.unreachable or found.member.first_name != first_name or found.app_language != app_language)


class Chats:
    """Groups and channels that get the day's picks and the results (R35); nothing is stored about their members."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def find(self, chat_id: int) -> BoundChat | None:
        """The bound chat with this Telegram ID; None if it is not bound."""
        async with self._context.db.read() as connection:
            return await chats.by_chat(connection, chat_id)

    async def bind(
        self,
        chat_id: int,
        language: str | None,
        *,
        channel: bool = False,
        topic: int | None = None,
        by: Member | None = None,
    ) -> bool:
        """Bind a chat, or change language and topic of a bound one, which is False then; no language means both (R35).
        `by` is told when posting there pauses. Raises ValueError for a language without texts."""
        if language is not None and language not in LANGUAGES:
            raise ValueError(f"no texts in {language!r}")
        now, bound_by = self._context.clock.now(), by.id if by is not None else None
        async with self._context.db.write() as connection:
            if by is not None:
                await people.lock(connection, by.id)
            return await chats.bind(connection, chat_id, channel, language, now, topic=topic, bound_by=bound_by)

    async def set_language(self, chat_id: int, language: str | None) -> None:
        """Change the language of a bound chat; None means both (R35)."""
        async with self._context.db.write() as connection:
            await chats.set_language(connection, chat_id, language)

    async def set_fairness(self, chat_id: int, on: bool) -> None:
        """Change whether a bound chat is sent the figures of each round (R39)."""
        async with self._context.db.write() as connection:
            await chats.set_fairness(connection, chat_id, on)

    async def pause(self, chat: BoundChat, why: CallOutcome) -> bool:
        """Post nothing more in a topic that is closed or deleted, and tell who bound it; else, organisers. False where
        it was paused before, or was moved to another topic."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            if not await chats.pause(connection, chat, why):
                return False
            told = [await chats.binder(connection, chat.id)]
            if told == [None]:
                told = [each.id for each in await people.by_chats(connection, self._context.rules.organisers)]
            kind, until = NotificationKind.TOPIC_PAUSED, now + NEWS_FOR
            time = await notifications.notices(connection, kind, chat.id) + 1
            for member_id in told:
                if member_id is not None:
                    await notifications.add_notification(connection, kind, chat.id, time, member_id, now, until)
        return True

    async def topic_reopened(self, chat_id: int, topic: int | None) -> bool:
        """Post again in a topic that was closed; None is General. False where nothing was paused there."""
        async with self._context.db.write() as connection:
            return await chats.go_on(connection, chat_id, topic, CallOutcome.TOPIC_CLOSED)

    async def unbind(self, chat_id: int) -> bool:
        """Delete a chat with its cards and notifications; False when it was not bound."""
        async with self._context.db.read() as connection:
            if await chats.by_chat(connection, chat_id) is None:
                return False  # usual for a chat that the bot leaves; a read blocks no other write
        async with self._context.db.write() as connection:
            return await chats.unbind(connection, chat_id)

    async def is_first_pick(self, chat: BoundChat, number: int) -> bool:
        """Whether the `number`-th pick of a round is the first one sent, which has the heading, in whatever order."""
        async with self._context.db.read() as connection:
            return await chats.is_first_pick(connection, chat.id, number)

    async def migrate(self, old: int, new: int) -> None:
        """Follow a group that became a supergroup, which has a new ID."""
        async with self._context.db.write() as connection:
            await chats.move(connection, old, new)
