"""Draws shared cards anew: the tapped one at once, the others when their turn comes (R21)."""

from __future__ import annotations

import logging
import time
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
from services.cards import Cards, Drawable, Spot
from services.context import ServiceContext

log = logging.getLogger(__name__)

_SHARE_OF_TAPS = 0.2
"""How much of the send rate cards may take at the moment of a tap; what is more waits for its turn."""

_GONE = frozenset(
    {
        CallOutcome.BLOCKED,
        CallOutcome.UNREACHABLE,
        CallOutcome.MIGRATED,
        CallOutcome.MESSAGE_GONE,
        CallOutcome.NO_RIGHTS,
    }
)
"""Outcomes after which a card's message cannot be edited any more."""
_UNKNOWN = frozenset({CallOutcome.NO_ANSWER, CallOutcome.NOT_SENT, CallOutcome.BOT_REFUSED})


class Drawn(Enum):
    """What became of an edit."""

    DONE = auto()
    SAME = auto()
    GONE = auto()
    UNKNOWN = auto()
    LATER = auto()


class CardEditor:
    """Edits cards, and gives each back by Telegram's answer. All edits count in the pace that letters keep, too."""

    def __init__(self, messenger: Messenger, cards: Cards, context: ServiceContext) -> None:
        self._messenger = messenger
        self._cards = cards
        self._context = context
        self._taps = RateLimiter(context.rules.send_rate * _SHARE_OF_TAPS)

    def speeches(self, languages: tuple[str, ...]) -> tuple[Localizer, ...]:
        """A speech for each language of a chat."""
        now = self._context.clock.now()
        return tuple(Localizer(language, self._context.rules.zone, now) for language in languages)

    async def screen(self, card: Drawable) -> Screen:
        """A card as it must look now."""
        me = await self._messenger.bot.me()
        return view.shared_card(
            card.item,
            card.token or str(card.item.id),
            card.look.code,
            self.speeches(card.look.languages),
            me.username or "",
            on_display=card.on_display,
        )

    async def at_once(self, card: Drawable) -> None:
        """Draw the card that was tapped. Where the limits leave no room it waits like the others, but before them."""
        now, pace, chat = time.monotonic(), self._context.rate_limiter, card.spot.chat_id
        held = pace.next_free(chat, now) > pace.next_free(None, now)  # by this chat's own limits
        if held or self._taps.next_free(None, now) > now:
            await self._cards.leave([card.id])
            return
        self._taps.took(None, now)
        pace.took(chat, now)
        await self.give_back([(card, await self.draw(card))])

    async def draw(self, card: Drawable) -> Drawn:
        """Edit a card's message. Never raises what Telegram or the network answers."""
        try:
            await self._messenger.change(_where(card.spot), await self.screen(card), photo=card.look.photo)
        except TelegramRetryAfter as error:
            log.warning("cards: too many requests, retry after %s s", error.retry_after)
            if self._context.rate_limiter.refused(card.spot.chat_id, error.retry_after, time.monotonic()):
                await self._context.send_slots.close(error.retry_after)
            return Drawn.LATER
        except (AiogramError, OSError, TimeoutError) as error:
            outcome = self._messenger.classify(error)
            if outcome is CallOutcome.NOT_MODIFIED:
                return Drawn.SAME
            if outcome in _UNKNOWN:
                log.warning("a card may have been edited or not: %s", error)
                return Drawn.UNKNOWN
            if outcome not in _GONE:
                log.error("a card is refused for good: %s", error)
            return Drawn.GONE
        return Drawn.DONE

    async def give_back(self, drawn: Sequence[tuple[Drawable, Drawn]]) -> None:
        """Note what became of cards: what they show now, or that their messages are gone."""
        by: dict[Drawn, list[Drawable]] = {outcome: [] for outcome in Drawn}
        for card, outcome in drawn:
            by[outcome].append(card)
        if settled := [*by[Drawn.DONE], *by[Drawn.SAME]]:
            await self._cards.give_back(settled)
        if by[Drawn.UNKNOWN]:
            await self._cards.give_back((), by[Drawn.UNKNOWN])
        if by[Drawn.GONE]:
            await self._cards.forget([card.id for card in by[Drawn.GONE]])
        if by[Drawn.LATER]:
            await self._cards.leave([card.id for card in by[Drawn.LATER]], timedelta(seconds=1))


def _where(spot: Spot) -> dict[str, Any]:
    if spot.inline_id is not None:
        return {"inline_message_id": spot.inline_id}
    return {"chat_id": spot.chat_id, "message_id": spot.message_id}
