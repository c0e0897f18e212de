"""The command menus, by language and role."""

from __future__ import annotations

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)

from domain.people import LANGUAGES, Member
from handlers.localization import Localizer

COMMANDS = ("goods", "mine", "canvass", "settings", "help", "privacy")
FOR_ORGANISERS = ("desk",)
FOR_CHATS = {"bind": "command-bind", "unbind": "command-unbind"}
"""Commands of administrators in groups, with the keys of their descriptions."""


def _commands(localizer: Localizer, *, organiser: bool) -> list[BotCommand]:
    names = (*FOR_ORGANISERS, *COMMANDS) if organiser else COMMANDS
    return [BotCommand(command=name, description=localizer.text(f"command-{name}")) for name in names]


async def set_menus(bot: Bot, localizer: Localizer) -> None:
    """Set the default menus and the bot's descriptions in each language; English is the fallback."""
    everyone = BotCommandScopeAllPrivateChats()
    for code in (None, *LANGUAGES):
        texts = Localizer(code or "en", localizer.zone, localizer.now)
        await bot.set_my_commands(_commands(texts, organiser=False), scope=everyone, language_code=code)
        in_chats = [BotCommand(command=name, description=texts.text(key)) for name, key in FOR_CHATS.items()]
        await bot.set_my_commands(in_chats, scope=BotCommandScopeAllChatAdministrators(), language_code=code)
        await bot.set_my_short_description(texts.text("about-short"), language_code=code)
        await bot.set_my_description(texts.text("about"), language_code=code)


async def show_menu(bot: Bot, member: Member, localizer: Localizer) -> None:
    """Set one member's menu in their language, with /desk for organisers."""
    try:
        await bot.set_my_commands(
            _commands(localizer, organiser=member.organiser), scope=BotCommandScopeChat(chat_id=member.chat_id)
        )
    except (TelegramBadRequest, TelegramForbiddenError):
        return  # the chat is gone: the update still succeeds
