"""/receipt: the proof that a member's vote is in the published tally (R39)."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from domain.limits import Act, Limits
from domain.transparency.tally_table import receipt_text
from handlers import callbacks
from handlers.commands import TypedCommand
from handlers.messenger import Request
from handlers.views.transparency.receipts import choice_screen, file_name, no_receipt_screen, receipt_screen
from services.transparency.tally import Tallies

router = Router(name="receipts")


@router.message(TypedCommand("receipt"))
async def receipt(message: Message, request: Request, tally: Tallies) -> None:
    """🧾 The member's votes, to choose one."""
    await request.send(choice_screen(await tally.votes_of(request.member, 0), request.localizer))


@router.callback_query(callbacks.ReceiptCallback.filter())
async def receipt_of_vote(
    query: CallbackQuery,
    callback_data: callbacks.ReceiptCallback,
    request: Request,
    tally: Tallies,
    limits: Limits,
) -> None:
    """The receipt of a vote, as a file; or another page of the votes."""
    member, localizer = request.member, request.localizer
    if not callback_data.vote:
        await request.show(choice_screen(await tally.votes_of(member, callback_data.page), localizer))
        return
    if not await request.may(limits, Act.RECEIPT):
        return
    await request.answer()
    found = await tally.receipt(member, callback_data.vote)
    if found.receipt is None:
        await request.send(no_receipt_screen(found, localizer))
        return
    content, screen = receipt_text(found.receipt).encode(), receipt_screen(found, localizer)
    await request.messenger.send_file(member.chat_id, file_name(found.receipt), content, screen)
