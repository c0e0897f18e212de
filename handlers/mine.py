"""/mine and /privacy: the member's votes and data (R25, R36)."""

from __future__ import annotations

import json

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from domain.people import Member
from handlers import callbacks
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.screen import Screen
from handlers.views.mine import mine_screen, privacy_ask_screen, privacy_screen
from services.people import People
from services.voting import Voting

router = Router(name="mine")


@router.message(Command("mine", ignore_case=True))
async def mine(message: Message, member: Member, localizer: Localizer, messenger: Messenger, voting: Voting) -> None:
    """📋 Every item voted for, with its state and opening time (R25)."""
    await messenger.send(member.chat_id, await _mine(member, 0, localizer, voting))


@router.callback_query(callbacks.MineCallback.filter())
async def mine_page(
    query: CallbackQuery,
    callback_data: callbacks.MineCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    voting: Voting,
) -> None:
    """📋 from a button, or another page."""
    screen = await _mine(member, callback_data.page, localizer, voting)
    await messenger.answer(query)
    if callback_data.fresh:
        await messenger.send(member.chat_id, screen)
    else:
        await messenger.edit(query, screen)


async def _mine(member: Member, page: int, localizer: Localizer, voting: Voting) -> Screen:
    votes = await voting.mine(member, page)
    return mine_screen(votes.voted, votes.followed, votes.back, votes.purse, votes.page, votes.pages, localizer)


@router.message(Command("privacy", ignore_case=True))
async def privacy(message: Message, member: Member, localizer: Localizer, messenger: Messenger) -> None:
    """The stored data, to export or delete (R36)."""
    await messenger.send(member.chat_id, privacy_screen(localizer))


@router.callback_query(callbacks.PrivacyCallback.filter())
async def privacy_do(
    query: CallbackQuery,
    callback_data: callbacks.PrivacyCallback,
    bot: Bot,
    state: FSMContext,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    people: People,
) -> None:
    """Export, ask before deleting, delete (R36)."""
    await messenger.answer(query)
    if callback_data.do == "export":
        stored = json.dumps(await people.stored_about(member), ensure_ascii=False, indent=2, default=str)
        file = BufferedInputFile(stored.encode(), "my-data.json")
        await bot.send_document(member.chat_id, file, caption=localizer.text("privacy-file"))
    elif callback_data.do == "ask":
        await messenger.edit(query, privacy_ask_screen(localizer))
    elif callback_data.do == "delete":
        await state.clear()
        await people.erase(member)
        await messenger.edit(query, Screen(localizer.html("privacy-deleted")))
    else:
        await messenger.edit(query, privacy_screen(localizer))
