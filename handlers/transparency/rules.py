"""/rules: who may vote, and what is done against bought votes (R39)."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from domain.payloads import Links, RulesStart, chat_link
from handlers import callbacks
from handlers.card_editor import CardEditor
from handlers.commands import OutsidePrivateChat, TypedCommand
from handlers.localization import Localizer
from handlers.messenger import Messenger, Request
from handlers.transparency.answers import answer, languages_of, may_answer
from handlers.views.transparency.rules import rules_screen, short_rules
from services.context import ServiceContext
from services.people import Chats

router = Router(name="rules")
in_chats = Router(name="rules in chats")
for observer in (in_chats.message, in_chats.channel_post):
    observer.filter(OutsidePrivateChat())


@router.message(TypedCommand("rules"))
async def rules(message: Message, request: Request, context: ServiceContext, links: Links) -> None:
    """/rules"""
    await show_rules(request, context, links)


@router.callback_query(callbacks.RulesCallback.filter())
async def rules_button(query: CallbackQuery, request: Request, context: ServiceContext, links: Links) -> None:
    """⚖️"""
    await request.answer()
    await show_rules(request, context, links)


async def show_rules(request: Request, context: ServiceContext, links: Links) -> None:
    """The rules in a new message."""
    await request.send(rules_screen(context.rules, links.public("rules"), request.localizer))


@in_chats.message(TypedCommand("rules"))
@in_chats.channel_post(TypedCommand("rules"))
async def rules_in_chat(
    message: Message,
    localizer: Localizer,
    messenger: Messenger,
    context: ServiceContext,
    chats: Chats,
    card_editor: CardEditor,
    links: Links,
) -> None:
    """/rules in a group or channel: in short, with the ways to the whole."""
    if may_answer(message.chat.id, context):
        chat = chat_link((await messenger.bot.me()).username or "", RulesStart())
        localizers = await languages_of(message, chats, card_editor, localizer)
        await answer(message, short_rules(context.rules, links.public("rules"), chat, localizers), messenger)
