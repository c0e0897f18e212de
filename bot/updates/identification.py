"""Who an update is from and in which language they are answered: determined once for every update (R13, R36)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from aiogram.types import (
    CallbackQuery,
    ChatMemberUpdated,
    ChosenInlineResult,
    InlineQuery,
    Message,
    TelegramObject,
    User,
)

from domain.people import Member, language_for, may_be_elsewhere
from domain.voting import is_double_tap
from handlers.callbacks import Tap, settling_since
from handlers.commands import is_command, is_start
from handlers.localization import Localizer
from handlers.messenger import Messenger, Request
from handlers.start import show_menu
from handlers.views.mine import start_screen
from services.context import ServiceContext
from services.people import People
from services.voting import Voting

_SERVICE = 777000
"""The account of Telegram's own messages; it sends the automatic forwards (Bot API, Message)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What handlers may ask for besides services. Outside of private chats `request` is None, and `member` may be."""

    member: Member | None
    localizer: Localizer
    request: Request | None = None


class Sender(NamedTuple):
    """What is read of a user: of a hot button's, without aiogram's type (Bot API, User)."""

    id: int
    is_bot: bool
    first_name: str
    language_code: str | None


class Identification:
    """Finds the member behind an update. Only a message in a private chat stores a new member (R36)."""

    def __init__(self, people: People, voting: Voting, context: ServiceContext, messenger: Messenger) -> None:
        self._people = people
        self._voting = voting
        self._context = context
        self._messenger = messenger

    def localizer(self, app_language: object) -> Localizer:
        """The texts for a user of whom only the app's language is known."""
        code = app_language if isinstance(app_language, str) else None
        return self._localizer(language_for(None, code), names_zone=may_be_elsewhere(code))

    def _localizer(self, language: str, *, names_zone: bool) -> Localizer:
        return Localizer(language, self._context.rules.zone, self._context.clock.now(), names_zone)

    async def identify(self, event: TelegramObject | Tap, user: User | Sender | None) -> Identity | None:
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
        localizer = self._localizer(member.language, names_zone=member.elsewhere)
        if member.new and member.organiser:
            await show_menu(self._messenger.bot, member, localizer)
        if member.new and isinstance(event, Message) and not is_start(event.text):
            await self._greet(member, localizer)
        tap = Tap.of(event) if isinstance(event, CallbackQuery | Tap) else None
        if tap is not None and self._is_double(tap):
            await self._messenger.answer(tap, localizer.text("double-tap"))
            return None
        return Identity(member, localizer, Request(member, localizer, self._messenger, tap))

    def _is_double(self, tap: Tap) -> bool:
        """Whether a tap on a switch was meant for the button that stood there before."""
        return is_double_tap(settling_since(tap.data), self._context.clock.now(), self._context.rules.double_tap)

    async def _greet(self, member: Member, localizer: Localizer) -> None:
        """Greet a new member who began with anything else than /start, which greets by itself."""
        purse, rules = await self._voting.purse(member), self._context.rules
        screen = start_screen(member.shown_name, rules, purse, localizer)
        await self._messenger.send(member.chat_id, screen)

    async def _look_up(self, event: TelegramObject | Tap, user: User | Sender | None) -> Identity | None:
        if isinstance(event, Message) and not _concerns_the_bot(event):
            return None
        member = await self._people.find(user.id) if user is not None and not user.is_bot else None
        if member is None:
            return Identity(None, self.localizer(user.language_code if user else None))
        return Identity(member, self._localizer(member.language, names_zone=member.elsewhere))


def _concerns_the_bot(message: Message) -> bool:
    """In other chats only commands and the news that the chat was migrated, or a topic reopened.

    What another chat says there is no command of a member: a channel's posts that Telegram forwards into its group,
    and what is written in a channel's name.
    """
    if message.is_automatic_forward or (message.from_user is not None and message.from_user.id == _SERVICE):
        return False
    if message.sender_chat is not None and message.sender_chat.id != message.chat.id:
        return False
    moved = message.migrate_to_chat_id is not None or message.migrate_from_chat_id is not None
    return moved or message.forum_topic_reopened is not None or is_command(message.text)


def is_outside_private_chat(event: TelegramObject | None) -> bool:
    """Whether something happened in another chat than a user's own with the bot.

    A card that a user sends into that chat through inline mode counts as outside, too: it is no question to the bot.
    """
    if isinstance(event, InlineQuery | ChosenInlineResult):
        return True
    if isinstance(event, CallbackQuery):
        return event.message is None or event.message.chat.type != "private"
    if isinstance(event, Message):
        return event.chat.type != "private" or event.via_bot is not None
    return isinstance(event, ChatMemberUpdated) and event.chat.type != "private"
