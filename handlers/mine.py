"""/mine and /privacy: the member's votes and data (R25, R36)."""

from __future__ import annotations

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.limits import Act, Limits
from handlers import callbacks
from handlers.commands import TypedCommand
from handlers.messenger import Request
from handlers.screen import Screen
from handlers.views.mine import mine_screen, privacy_ask_screen, privacy_screen
from services.context import ServiceContext
from services.jobs import JobKind, Jobs
from services.people import People
from services.voting import Voting

router = Router(name="mine")


@router.message(TypedCommand("mine"))
async def mine(message: Message, request: Request, voting: Voting) -> None:
    """📋 What is voted for or followed, with its state and opening time (R25)."""
    await request.send(mine_screen(await voting.mine(request.member, 0), request.localizer))


@router.callback_query(callbacks.MineCallback.filter())
async def mine_page(
    query: CallbackQuery, callback_data: callbacks.MineCallback, request: Request, voting: Voting
) -> None:
    """📋 from a button, or another page."""
    screen = mine_screen(await voting.mine(request.member, callback_data.page), request.localizer)
    if callback_data.fresh:
        await request.answer()
        await request.send(screen)
    else:
        await request.show(screen)


@router.callback_query(callbacks.EndedCallback.filter())
async def ended_page(
    query: CallbackQuery, callback_data: callbacks.EndedCallback, request: Request, voting: Voting
) -> None:
    """🍂 what ended without a group, page by page."""
    found = await voting.mine(request.member, callback_data.page, ended=True)
    await request.show(mine_screen(found, request.localizer))


@router.message(TypedCommand("privacy"))
async def privacy(message: Message, request: Request, context: ServiceContext) -> None:
    """The stored data, to export or delete (R36)."""
    await request.send(privacy_screen(context.rules.backup_hours, request.localizer))


@router.callback_query(callbacks.PrivacyCallback.filter())
async def privacy_action(
    query: CallbackQuery,
    callback_data: callbacks.PrivacyCallback,
    state: FSMContext,
    request: Request,
    people: People,
    jobs: Jobs,
    limits: Limits,
    context: ServiceContext,
) -> None:
    """Export, ask before deleting, delete (R36)."""
    member, localizer = request.member, request.localizer
    if callback_data.do == "export":
        if not await request.may(limits, Act.EXPORT):
            return
        await request.answer()
        await jobs.enqueue(f"personal data {query.id}", JobKind.PERSONAL_DATA, member, {})
    elif callback_data.do == "ask":
        await request.show(privacy_ask_screen(localizer))
    elif callback_data.do == "delete":
        await state.clear()
        await people.erase(member)
        await request.show(Screen(localizer.html("privacy-deleted")))
    else:
        await request.show(privacy_screen(context.rules.backup_hours, localizer))
