"""Meeting members, keeping their settings, and forgetting them (R13, R14, R27, R35, R36)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notifications import NEWS_FOR, NotificationKind
from domain.people import LANGUAGES, Member, QuietHours, ghost_of
from services.context import ServiceContext
from storage import key_values, notifications, people

MOST_GIVEN = 1_000
"""Ballots in one grant of an organiser: whatever is above is a slip of the pen."""
LONGEST_REASON = 300
LONGEST_NAME = 128
LONGEST_CODE = 16
"""Of what Telegram tells about somebody that much is kept."""


class People:
    """Who the bot knows."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def meet(self, chat_id: int, first_name: str, app_language: str | None) -> Member:
        """The member behind an update, stored at the first meeting with the welcome grant (R14).

        Someone who had blocked the bot can be reached again from now on. Someone who had themselves forgotten is new,
        but not to the goods that they voted for as long as those are on display (R16).
        """
        now = self._context.clock.now()
        first_name, app_language = first_name[:LONGEST_NAME], app_language[:LONGEST_CODE] if app_language else None
        found = await self._look(chat_id)
        if found and not _is_stale(found, first_name, app_language):
            return self._with_role(found.member)
        async with self._context.db.write() as connection:
            known = await people.by_chat(connection, chat_id) is not None
            revived = not known and await people.revive(
                connection, await self._ghost(connection, chat_id), chat_id, first_name, app_language, now
            )
            new = revived or await people.add(connection, chat_id, first_name, app_language, now)
            found = await people.by_chat(connection, chat_id)
            assert found is not None
            member = found.member
            if new:
                await self._welcome(connection, member, now)
            else:
                await people.change(
                    connection,
                    member.id,
                    first_name=first_name,
                    app_language=app_language,
                    unreachable=None,
                    seen_at=now,
                )
                found = await people.by_chat(connection, chat_id)
                assert found is not None
                member = found.member
        return self._with_role(replace(member, new=new))

    async def find(self, chat_id: int) -> Member | None:
        """The member with this chat ID, if there is one; nobody is stored by this."""
        found = await self._look(chat_id)
        return self._with_role(found.member) if found else None

    async def meet_again(self, chat_id: int, first_name: str, app_language: str | None) -> Member | None:
        """The same as `meet` for somebody who is known; None for everybody else, who is not stored by this (R36)."""
        found = await self._look(chat_id)
        if found is None or _is_stale(found, first_name[:LONGEST_NAME], app_language):
            return await self.meet(chat_id, first_name, app_language) if found else None
        return self._with_role(found.member)

    async def _look(self, chat_id: int) -> people.KnownMember | None:
        return await self._context.db.autocommit_read(lambda connection: people.by_chat(connection, chat_id))

    async def _ghost(self, connection: AsyncConnection, chat_id: int) -> str:
        key = await key_values.get(connection, "erased_hash_key")
        key = key or await key_values.set_once(connection, "erased_hash_key", secrets.token_hex(32))
        return ghost_of(bytes.fromhex(key), chat_id)

    async def _welcome(self, connection: Any, member: Member, now: Any) -> None:
        if self._context.rules.welcome_ballots > 0:
            await people.grant(
                connection,
                member.id,
                self._context.rules.welcome_ballots,
                reason="welcome",
                actor="rules",
                now=now,
                key=f"welcome:{member.id}",
            )

    async def give(self, chat_id: int, ballots: int, reason: str, actor: str, key: str | None = None) -> Member | None:
        """Give a member ballots for a reason, which they are told (R14); None for somebody who has not met the bot.

        With a `key` it happens once, however often it is asked for. Raises ValueError for fewer than one ballot or
        more than `MOST_GIVEN`, or no reason; of a long one only the beginning is kept.
        """
        reason = reason.strip()[:LONGEST_REASON]
        if not 1 <= ballots <= MOST_GIVEN or not reason:
            raise ValueError(f"a grant has 1 to {MOST_GIVEN} ballots, and a reason")
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            found = await people.by_chat(connection, chat_id)
            if found is None:
                return None
            member = found.member
            grant = await people.grant(connection, member.id, ballots, reason, actor, now, key)
            if grant is not None:
                await notifications.add_notification(
                    connection, NotificationKind.GRANT, grant, 1, member.id, now, now + NEWS_FOR
                )
        return member

    def _with_role(self, member: Member) -> Member:
        return replace(member, organiser=True) if member.chat_id in self._context.rules.organisers else member

    async def organisers(self) -> list[Member]:
        """The organisers that the bot has met."""
        async with self._context.db.read() as connection:
            found = [await people.by_chat(connection, chat_id) for chat_id in sorted(self._context.rules.organisers)]
        return [self._with_role(pair.member) for pair in found if pair]

    async def speak(self, member: Member, language: str) -> Member:
        """Choose the language of everything (R35). Raises ValueError for one that there are no texts in."""
        if language not in LANGUAGES:
            raise ValueError(f"no texts in {language!r}")
        return await self._set(member, language=language)

    async def toggle(self, member: Member, what: str, on: bool) -> Member:
        """Turn something on or off: the daily carousel, alerts, "quiet hours hold for alerts too", or one's first name
        beside what one canvasses for (R13, R23, R26, R27)."""
        columns = {"carousel": "carousel_on", "alerts": "alerts_on", "quiet": "alerts_quiet", "name": "show_name"}
        return await self._set(member, **{columns[what]: on})

    async def keep_quiet(self, member: Member, hours: QuietHours | None) -> Member:
        """Set the member's own quiet hours; None is the platform's (R27)."""
        return await self._set(member, quiet_hours=str(hours) if hours else None)

    async def _set(self, member: Member, **values: Any) -> Member:
        async with self._context.db.write() as connection:
            await people.change(connection, member.id, **values)
            changed = await people.by_id(connection, member.id)
        return self._with_role(changed) if changed else member

    async def gone(self, chat_id: int, reason: str) -> None:
        """Note that this chat cannot be reached, and give up what waits for it, until they come back."""
        async with self._context.db.write() as connection:
            found = await people.by_chat(connection, chat_id)
            if found:
                await people.change(connection, found.member.id, unreachable=reason)
                await notifications.suppress_member(connection, found.member.id, reason)

    async def stored_about(self, member: Member) -> dict[str, list[dict[str, object]]]:
        """Everything that is stored about a member, by table (R36)."""
        async with self._context.db.read() as connection:
            return await people.stored_about(connection, member.id)

    async def forget(self, member: Member) -> None:
        """Delete what is stored about a person; counts stay, and nobody's (R36).

        While something that they voted for is on display, a hash tells whether they come back (R16).
        """
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await people.lock(connection, member.id)
            if await people.by_id(connection, member.id):
                await people.forget(connection, member.id, await self._ghost(connection, member.chat_id), now)


def _is_stale(found: people.KnownMember, first_name: str, app_language: str | None) -> bool:
    """Whether what is stored of somebody is no longer so."""
    return bool(found.unreachable or found.member.first_name != first_name or found.app_language != app_language)
