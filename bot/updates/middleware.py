"""What every update needs: who it is from, and in which language they are answered. On `dp.update`, so that the
error handler sees it too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, TelegramObject, Update

from domain.people import language_for
from handlers.filters import is_command
from handlers.inline import elsewhere
from handlers.localization import Localizer
from handlers.menus import show_menu
from services.context import ServiceContext
from services.people import People


class IdentificationMiddleware(BaseMiddleware):
    """Adds `member` and `speech`. Whoever writes in their own chat is met, and stored at the first time.

    Old buttons, and news such as that somebody blocked the bot, store nobody (R36). Elsewhere people are only looked
    up, where the update may need it: `member` is None for whoever never met the bot, and what people say to each other
    is left alone.
    """

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        assert isinstance(event, Update)
        inner = event.event
        user = getattr(inner, "from_user", None)
        people: People = data["people"]
        context: ServiceContext = data["context"]
        if elsewhere(inner):
            if isinstance(inner, Message) and not _concerns_us(inner):
                return None
            known = await people.find(user.id) if user is not None and not user.is_bot else None
            data["member"] = known
            spoken = known.language if known else language_for(None, user.language_code if user else None)
            data["localizer"] = Localizer(spoken, context.rules.zone, context.clock.now())
            return await handler(event, data)
        if user is None or user.is_bot:
            return None
        meet = people.meet if isinstance(inner, Message) else people.meet_again
        member = await meet(user.id, user.first_name, user.language_code)
        if member is None:
            if isinstance(inner, CallbackQuery):
                localizer = Localizer(language_for(None, user.language_code), context.rules.zone, context.clock.now())
                await data["messenger"].answer(inner, localizer.text("start-anew"), alert=True)
            return None
        data["member"] = member
        data["localizer"] = Localizer(member.language, context.rules.zone, context.clock.now())
        if member.new and member.organiser:
            await show_menu(data["bot"], member, data["localizer"])
        return await handler(event, data)


def _concerns_us(message: Message) -> bool:
    """Whether a message in another chat may be for the bot: a command, or the news that the chat has moved."""
    moved = message.migrate_to_chat_id is not None or message.migrate_from_chat_id is not None
    return moved or is_command(message)


class QuestionMiddleware(BaseMiddleware):
    """A question that was left unanswered is over once the person gives a command or taps a button: they have turned to
    something else, and what they write from then on is no answer to it.

    Before the handlers, so that one that asks anew keeps its question. The taps that are done all day do not come this
    way: whoever pages on or votes meanwhile may still answer.
    """

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        assert isinstance(event, Update)
        inner = event.event
        state: FSMContext | None = data.get("state")
        if state is not None and data.get("raw_state") is not None and _turns_elsewhere(inner):
            await state.clear()
        return await handler(event, data)


def _turns_elsewhere(event: TelegramObject) -> bool:
    command = isinstance(event, Message) and is_command(event)
    return (command or isinstance(event, CallbackQuery)) and not elsewhere(event)
