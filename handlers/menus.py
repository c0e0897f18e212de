"""The command menu, per language and per role."""

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
"""What administrators find in their groups, with the texts that say what it does."""


def _commands(localizer: Localizer, *, organiser: bool) -> list[BotCommand]:
    names = (*FOR_ORGANISERS, *COMMANDS) if organiser else COMMANDS
    return [BotCommand(command=name, description=localizer.text(f"command-{name}")) for name in names]


async def set_menus(bot: Bot, localizer: Localizer) -> None:
    """Set everybody's menu and the bot's own words, in each language; English where an app speaks neither."""
    everyone = BotCommandScopeAllPrivateChats()
    for code in (None, *LANGUAGES):
        said = Localizer(code or "en", localizer.zone, localizer.now)
        await bot.set_my_commands(_commands(said, organiser=False), scope=everyone, language_code=code)
        in_chats = [BotCommand(command=name, description=said.text(key)) for name, key in FOR_CHATS.items()]
        await bot.set_my_commands(in_chats, scope=BotCommandScopeAllChatAdministrators(), language_code=code)
        await bot.set_my_short_description(said.text("about-short"), language_code=code)
        await bot.set_my_description(said.text("about"), language_code=code)


async def show_menu(bot: Bot, member: Member, localizer: Localizer) -> None:
    """Set one member's menu: in the language they chose, with the desk for organisers."""
    try:
        await bot.set_my_commands(
            _commands(localizer, organiser=member.organiser), scope=BotCommandScopeChat(chat_id=member.chat_id)
        )
    except (TelegramBadRequest, TelegramForbiddenError):
        return  # the chat is gone; the menu is no reason to fail what was asked for
