"""/mine, and /privacy: what belongs to the member (R25, R36)."""

from __future__ import annotations

import json

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from domain.people import Member
from handlers import callbacks as tap
from handlers.screen import Screen
from handlers.stage import Stage
from handlers.views.mine import mine_screen, privacy_ask_screen, privacy_screen
from handlers.words import Speech
from services.people import People
from services.voting import Voting

router = Router(name="mine")


@router.message(Command("mine", ignore_case=True))
async def mine(message: Message, member: Member, speech: Speech, stage: Stage, voting: Voting) -> None:
    """📋 Every item voted for, with its state and opening time (R25)."""
    await stage.send(member.chat_id, await _mine(member, 0, speech, voting))


@router.callback_query(tap.Mine.filter())
async def mine_page(
    query: CallbackQuery,
    callback_data: tap.Mine,
    member: Member,
    speech: Speech,
    stage: Stage,
    voting: Voting,
) -> None:
    """📋 from a button, or another page of it."""
    screen = await _mine(member, callback_data.page, speech, voting)
    await stage.answer(query)
    if callback_data.fresh:
        await stage.send(member.chat_id, screen)
    else:
        await stage.redraw(query, screen)


async def _mine(member: Member, page: int, speech: Speech, voting: Voting) -> Screen:
    found = await voting.mine(member, page)
    return mine_screen(found.voted, found.followed, found.back, found.purse, found.page, found.pages, speech)


@router.message(Command("privacy", ignore_case=True))
async def privacy(message: Message, member: Member, speech: Speech, stage: Stage) -> None:
    """What is stored, to take out or to delete (R36)."""
    await stage.send(member.chat_id, privacy_screen(speech))


@router.callback_query(tap.Privacy.filter())
async def privacy_do(
    query: CallbackQuery,
    callback_data: tap.Privacy,
    bot: Bot,
    state: FSMContext,
    member: Member,
    speech: Speech,
    stage: Stage,
    people: People,
) -> None:
    """Take the data out, ask before deleting, delete (R36)."""
    await stage.answer(query)
    if callback_data.do == "export":
        stored = json.dumps(await people.stored_about(member), ensure_ascii=False, indent=2, default=str)
        file = BufferedInputFile(stored.encode(), "my-data.json")
        await bot.send_document(member.chat_id, file, caption=speech.plain("privacy-file"))
    elif callback_data.do == "ask":
        await stage.redraw(query, privacy_ask_screen(speech))
    elif callback_data.do == "delete":
        await state.clear()
        await people.forget(member)
        await stage.redraw(query, Screen(speech.t("privacy-deleted")))
    else:
        await stage.redraw(query, privacy_screen(speech))
