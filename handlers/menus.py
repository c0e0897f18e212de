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
from handlers.words import Speech

COMMANDS = ("goods", "mine", "canvass", "settings", "help", "privacy")
FOR_ORGANISERS = ("desk",)
FOR_CHATS = {"bind": "command-bind", "unbind": "command-unbind"}
"""What administrators find in their groups, with the texts that say what it does."""


def _commands(speech: Speech, *, organiser: bool) -> list[BotCommand]:
    names = (*FOR_ORGANISERS, *COMMANDS) if organiser else COMMANDS
    return [BotCommand(command=name, description=speech.plain(f"command-{name}")) for name in names]


async def set_menus(bot: Bot, speech: Speech) -> None:
    """Set everybody's menu and the bot's own words, in each language; English where an app speaks neither."""
    everyone = BotCommandScopeAllPrivateChats()
    for code in (None, *LANGUAGES):
        said = Speech(code or "en", speech.zone, speech.now)
        await bot.set_my_commands(_commands(said, organiser=False), scope=everyone, language_code=code)
        in_chats = [BotCommand(command=name, description=said.plain(key)) for name, key in FOR_CHATS.items()]
        await bot.set_my_commands(in_chats, scope=BotCommandScopeAllChatAdministrators(), language_code=code)
        await bot.set_my_short_description(said.plain("about-short"), language_code=code)
        await bot.set_my_description(said.plain("about"), language_code=code)


async def show_menu(bot: Bot, member: Member, speech: Speech) -> None:
    """Set one member's menu: in the language they chose, with the desk for organisers."""
    try:
        await bot.set_my_commands(
            _commands(speech, organiser=member.organiser), scope=BotCommandScopeChat(chat_id=member.chat_id)
        )
    except (TelegramBadRequest, TelegramForbiddenError):
        return  # the chat is gone; the menu is no reason to fail what was asked for
