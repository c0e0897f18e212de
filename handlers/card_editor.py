"""Edits shared cards: the tapped one at once, the others when the card updater asks for it (R21)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from enum import Enum, auto
from typing import Any

from aiogram.exceptions import AiogramError, TelegramRetryAfter

from domain.call_outcomes import CallOutcome
from domain.rate_limit import RateLimiter
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.screen import Screen
from handlers.views import cards as view
from services.canvassing.cards import Cards, ClaimedCard, Spot
from services.context import ServiceContext

log = logging.getLogger(__name__)

_SHARE_OF_TAPS = 0.2
"""Share of the send rate for edits of tapped cards; further edits are left to the card updater."""

_GONE = frozenset(
    {
        CallOutcome.BLOCKED,
        CallOutcome.UNREACHABLE,
        CallOutcome.REMOVED,
        CallOutcome.TOPIC_GONE,
        CallOutcome.TOPIC_CLOSED,
        CallOutcome.MIGRATED,
        CallOutcome.MESSAGE_GONE,
        CallOutcome.NO_RIGHTS,
    }
)
"""Outcomes after which a card's message cannot be edited any more."""
_UNKNOWN = frozenset({CallOutcome.NO_ANSWER, CallOutcome.NOT_SENT, CallOutcome.BOT_REFUSED})


class EditOutcome(Enum):
    """The outcome of an edit. `UNKNOWN`: Telegram has not answered. `LATER`: refused by a rate limit."""

    DONE = auto()
    GONE = auto()
    UNKNOWN = auto()
    LATER = auto()


class CardEditor:
    """Edits claimed cards and settles each by Telegram's answer. Edits count in the rate limit of notifications."""

    def __init__(self, messenger: Messenger, cards: Cards, context: ServiceContext) -> None:
        self._messenger = messenger
        self._cards = cards
        self._context = context
        self._taps = RateLimiter(context.rules.send_rate * _SHARE_OF_TAPS)

    def localizers(self, languages: tuple[str, ...]) -> tuple[Localizer, ...]:
        """A localizer for each language of a chat."""
        now = self._context.clock.now()
        return tuple(Localizer.for_anyone(language, self._context.rules.zone, now) for language in languages)

    async def screen(self, card: ClaimedCard) -> Screen:
        """The card as it must look now."""
        me = await self._messenger.bot.me()
        return view.shared_card(
            card.item,
            card.token or str(card.item.id),
            card.look.code,
            self.localizers(card.look.languages),
            me.username or "",
            on_display=card.on_display,
        )

    async def edit_tapped(self, card: ClaimedCard) -> None:
        """Edit the card that was tapped; where the rate limits leave no room, release it for the card updater."""
        now, pace, chat = self._context.clock.monotonic(), self._context.rate_limiter, card.spot.chat_id
        held = pace.next_free(chat, now) > pace.next_free(None, now)  # by this chat's own limits
        if held or self._taps.next_free(None, now) > now:
            await self._cards.release([card.id])
            return
        self._taps.record(None, now)
        pace.record(chat, now)
        await self.settle([(card, await self.edit(card))])

    async def edit(self, card: ClaimedCard) -> EditOutcome:
        """Edit a card's message. Errors of Telegram and the network become outcomes."""
        try:
            await self._messenger.edit_text(_where(card.spot), await self.screen(card), photo=card.look.photo)
        except TelegramRetryAfter as error:
            log.warning("cards: too many requests, retry after %s s", error.retry_after)
            if self._context.rate_limiter.refused(
                card.spot.chat_id, error.retry_after, self._context.clock.monotonic()
            ):
                await self._context.send_slots.pause(error.retry_after)
            return EditOutcome.LATER
        except (AiogramError, OSError, TimeoutError) as error:
            outcome = self._messenger.classify(error)
            if outcome is CallOutcome.NOT_MODIFIED:
                return EditOutcome.DONE
            if outcome in _UNKNOWN:
                log.warning("a card may have been edited or not: %s", error)
                return EditOutcome.UNKNOWN
            if outcome not in _GONE:
                log.error("a card is refused for good: %s", error)
            return EditOutcome.GONE
        return EditOutcome.DONE

    async def settle(self, edits: Sequence[tuple[ClaimedCard, EditOutcome]]) -> None:
        """Store the outcomes of edits, and delete cards whose messages are gone."""
        by: dict[EditOutcome, list[ClaimedCard]] = {outcome: [] for outcome in EditOutcome}
        for card, outcome in edits:
            by[outcome].append(card)
        if by[EditOutcome.DONE]:
            await self._cards.settle(by[EditOutcome.DONE])
        if by[EditOutcome.UNKNOWN]:
            await self._cards.settle((), by[EditOutcome.UNKNOWN])
        if by[EditOutcome.GONE]:
            await self._cards.delete([card.id for card in by[EditOutcome.GONE]])
        if by[EditOutcome.LATER]:
            await self._cards.release([card.id for card in by[EditOutcome.LATER]], timedelta(seconds=1))


def _where(spot: Spot) -> dict[str, Any]:
    if spot.inline_id is not None:
        return {"inline_message_id": spot.inline_id}
    return {"chat_id": spot.chat_id, "message_id": spot.message_id}
