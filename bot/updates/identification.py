"""Who an update is from and in which language they are answered: determined once for every update (R13, R36)."""

from __future__ import annotations

from dataclasses import dataclass

from aiogram.types import CallbackQuery, Message, TelegramObject, User

from domain.people import Member, language_for
from handlers.callbacks import Tap
from handlers.filters import is_command, is_outside_private_chat
from handlers.localization import Localizer
from handlers.menus import show_menu
from handlers.messenger import Messenger
from services.context import ServiceContext
from services.people import People


@dataclass(frozen=True, slots=True)
class Identity:
    """What handlers may ask for besides services; `member` is None only outside of private chats."""

    member: Member | None
    localizer: Localizer


class Identification:
    """Finds the member behind an update. Only a message in a private chat stores a new member (R36)."""

    def __init__(self, people: People, context: ServiceContext, messenger: Messenger) -> None:
        self._people = people
        self._context = context
        self._messenger = messenger

    def localizer(self, app_language: object) -> Localizer:
        """The texts for a user of whom only the app's language is known."""
        code = app_language if isinstance(app_language, str) else None
        return self._localizer(language_for(None, code))

    def _localizer(self, language: str) -> Localizer:
        return Localizer(language, self._context.rules.zone, self._context.clock.now())

    async def identify(self, event: TelegramObject | Tap, user: User | None) -> Identity | None:
        """The identity for the handlers; None where the update is not for the bot."""
        if not isinstance(event, Tap) and is_outside_private_chat(event):
            return await self._look_up(event, user)
        if user is None or user.is_bot:
            return None
        meet = self._people.meet if isinstance(event, Message) else self._people.meet_known
        member = await meet(user.id, user.first_name, user.language_code)
        if member is None:
            if isinstance(event, CallbackQuery | Tap):
                said = self.localizer(user.language_code).text("start-anew")
                await self._messenger.answer(event, said, alert=True)
            return None
        localizer = self._localizer(member.language)
        if member.new and member.organiser:
            await show_menu(self._messenger.bot, member, localizer)
        return Identity(member, localizer)

    async def _look_up(self, event: TelegramObject | Tap, user: User | None) -> Identity | None:
        if isinstance(event, Message) and not _concerns_the_bot(event):
            return None
        member = await self._people.find(user.id) if user is not None and not user.is_bot else None
        if member is None:
            return Identity(None, self.localizer(user.language_code if user else None))
        return Identity(member, self._localizer(member.language))


def _concerns_the_bot(message: Message) -> bool:
    """In other chats only commands and the news that the chat was migrated."""
    moved = message.migrate_to_chat_id is not None or message.migrate_from_chat_id is not None
    return moved or is_command(message)
