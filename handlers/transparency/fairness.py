"""/fairness: how evenly the goods of a round were shown (R9, R39)."""

from __future__ import annotations

from datetime import date

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from domain.payloads import Links
from handlers import callbacks
from handlers.card_editor import CardEditor
from handlers.commands import OutsidePrivateChat, TypedCommand
from handlers.localization import Localizer
from handlers.messenger import Messenger, Request
from handlers.screen import Screen
from handlers.transparency.answers import answer, languages_of, may_answer
from handlers.views.transparency.figures import fairness_none, fairness_screen, posted
from services.context import ServiceContext
from services.people import Chats
from services.transparency.rounds import PublicRounds

router = Router(name="fairness")
in_chats = Router(name="fairness in chats")
for observer in (in_chats.message, in_chats.channel_post):
    observer.filter(OutsidePrivateChat())


@router.message(TypedCommand("fairness"))
async def fairness(message: Message, request: Request, public_rounds: PublicRounds, links: Links) -> None:
    """/fairness, from the newest round on."""
    await request.send(await _screen(0, request.localizer, public_rounds, links))


@router.callback_query(callbacks.FairnessCallback.filter())
async def fairness_button(
    query: CallbackQuery,
    callback_data: callbacks.FairnessCallback,
    request: Request,
    public_rounds: PublicRounds,
    links: Links,
) -> None:
    """📊 from a button, or another day."""
    screen = await _screen(callback_data.page, request.localizer, public_rounds, links)
    if callback_data.fresh:
        await request.answer()
        await request.send(screen)
    else:
        await request.show(screen)


@in_chats.message(TypedCommand("fairness"))
@in_chats.channel_post(TypedCommand("fairness"))
async def fairness_in_chat(
    message: Message,
    localizer: Localizer,
    messenger: Messenger,
    context: ServiceContext,
    chats: Chats,
    card_editor: CardEditor,
    public_rounds: PublicRounds,
    links: Links,
) -> None:
    """/fairness in a group or channel: the newest round, as it is posted there daily."""
    if not may_answer(message.chat.id, context):
        return
    days = await public_rounds.days(1)
    shown = await public_rounds.lately(days[0]) if days else None
    localizers = await languages_of(message, chats, card_editor, localizer)
    screen = Screen(fairness_none(localizers[0]).text)
    if shown is not None:
        screen = posted(shown, links.public(round_path(shown.day)), localizers)
    await answer(message, screen, messenger)


async def _screen(page: int, localizer: Localizer, public_rounds: PublicRounds, links: Links) -> Screen:
    """The figures of the `page`-th newest day; the oldest one for a later page."""
    days = await public_rounds.days()
    if not days:
        return fairness_none(localizer)
    page = min(page, len(days) - 1)
    shown = await public_rounds.lately(days[page])
    if shown is None:
        return fairness_none(localizer)
    more = page + 1 < len(days)
    return fairness_screen(shown, page, more, links.public(round_path(shown.day)), localizer)


def round_path(day: date) -> str:
    """The path of a day's web page, without a slash before it."""
    return f"rounds/{day.isoformat()}"
