"""/start, with or without a friend's link, /help, and coming and going (R21, R22)."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from domain.people import Member
from handlers.carousel import show_item
from handlers.links import TOKEN_PREFIX
from handlers.menus import show_menu
from handlers.screen import Screen
from handlers.stage import Stage
from handlers.views.mine import help_screen, menu_rows, start_screen
from handlers.words import Speech
from services.canvassing import Canvassing, Opened
from services.carousel import Carousel
from services.house import House
from services.people import People

router = Router(name="start")


@router.message(CommandStart(ignore_case=True))
async def start(
    message: Message,
    command: CommandObject,
    member: Member,
    speech: Speech,
    stage: Stage,
    house: House,
    canvassing: Canvassing,
    carousel: Carousel,
) -> None:
    """Greet; a friend's link leads straight to its item (R21)."""
    if member.new and member.organiser:
        await show_menu(stage.bot, member, speech)
    token = command.args or ""
    opened = await canvassing.open(member, token[1:]) if token.startswith(TOKEN_PREFIX) else None
    if opened is not None:
        await show_item(
            stage,
            carousel,
            member,
            opened.item_id,
            speech,
            above=_who_asks(opened, speech),
            late=speech.t("start-late-link"),
        )
        return
    rules = house.rules
    opens = f"{rules.opens_at:%H:%M}"
    screen = start_screen(
        member.first_name,
        opens,
        rules.votes_per_day,
        rules.fen_per_ballot,
        speech,
        lost_link=bool(token),
    )
    await stage.send(member.chat_id, screen)


def _who_asks(opened: Opened, speech: Speech) -> str:
    if opened.own:
        return speech.t("start-own-link")
    if opened.name:
        return speech.t("start-by-named-friend", name=opened.name)
    return speech.t("start-by-friend")


@router.message(Command("help", ignore_case=True))
async def help_(message: Message, member: Member, speech: Speech, stage: Stage, house: House) -> None:
    """How it works."""
    rules = house.rules
    screen = help_screen(f"{rules.opens_at:%H:%M}", rules.votes_per_day, rules.fen_per_ballot, rules.alert_lead, speech)
    await stage.send(member.chat_id, screen)


@router.my_chat_member()
async def came_or_went(update: ChatMemberUpdated, member: Member, people: People) -> None:
    """A person who blocks the bot is not written to until they come back."""
    if update.new_chat_member.status in ("kicked", "left"):
        await people.gone(member.chat_id, "blocked")


fallback = Router(name="fallback")


@fallback.callback_query()
async def unknown_button(query: CallbackQuery, speech: Speech, stage: Stage) -> None:
    """A button that nobody made, or that an older bot did, does not wait for ever (R19)."""
    await stage.answer(query, speech.plain("unknown-button"))


@fallback.message()
async def anything_else(message: Message, member: Member, speech: Speech, stage: Stage) -> None:
    """Whatever else is written gets a short answer that says what would be understood. Who forwards a hundred messages
    reads it once."""
    if stage.is_first(member.chat_id):
        await stage.send(member.chat_id, Screen(speech.t("not-understood"), menu_rows(speech)))
