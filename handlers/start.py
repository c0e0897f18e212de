"""/start, with or without a friend's link, /help, and coming and going (R21, R22)."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from domain.people import Member
from handlers.carousel import show_item
from handlers.links import TOKEN_PREFIX
from handlers.localization import Localizer
from handlers.menus import show_menu
from handlers.messenger import Messenger
from handlers.screen import Screen
from handlers.views.mine import help_screen, menu_rows, start_screen
from services.canvassing import Canvassing, LinkOpened
from services.carousel import Carousel
from services.context import ServiceContext
from services.people import People

router = Router(name="start")


@router.message(CommandStart(ignore_case=True))
async def start(
    message: Message,
    command: CommandObject,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    context: ServiceContext,
    canvassing: Canvassing,
    carousel: Carousel,
) -> None:
    """Greet; a friend's link leads straight to its item (R21)."""
    if member.new and member.organiser:
        await show_menu(messenger.bot, member, localizer)
    token = command.args or ""
    opened = await canvassing.open(member, token[1:]) if token.startswith(TOKEN_PREFIX) else None
    if opened is not None:
        await show_item(
            messenger,
            carousel,
            member,
            opened.item_id,
            localizer,
            above=_who_asks(opened, localizer),
            late=localizer.html("start-late-link"),
        )
        return
    rules = context.rules
    opens = f"{rules.opens_at:%H:%M}"
    screen = start_screen(
        member.first_name,
        opens,
        rules.votes_per_day,
        rules.fen_per_ballot,
        localizer,
        lost_link=bool(token),
    )
    await messenger.send(member.chat_id, screen)


def _who_asks(opened: LinkOpened, localizer: Localizer) -> str:
    if opened.own:
        return localizer.html("start-own-link")
    if opened.name:
        return localizer.html("start-by-named-friend", name=opened.name)
    return localizer.html("start-by-friend")


@router.message(Command("help", ignore_case=True))
async def help_(
    message: Message, member: Member, localizer: Localizer, messenger: Messenger, context: ServiceContext
) -> None:
    """How it works."""
    rules = context.rules
    screen = help_screen(
        f"{rules.opens_at:%H:%M}", rules.votes_per_day, rules.fen_per_ballot, rules.alert_lead, localizer
    )
    await messenger.send(member.chat_id, screen)


@router.my_chat_member()
async def came_or_went(update: ChatMemberUpdated, member: Member, people: People) -> None:
    """A person who blocks the bot is not written to until they come back."""
    if update.new_chat_member.status in ("kicked", "left"):
        await people.gone(member.chat_id, "blocked")


fallback = Router(name="fallback")


@fallback.callback_query()
async def unknown_button(query: CallbackQuery, localizer: Localizer, messenger: Messenger) -> None:
    """A button that nobody made, or that an older bot did, does not wait for ever (R19)."""
    await messenger.answer(query, localizer.text("unknown-button"))


@fallback.message()
async def anything_else(message: Message, member: Member, localizer: Localizer, messenger: Messenger) -> None:
    """Whatever else is written gets a short answer that says what would be understood. Who forwards a hundred messages
    reads it once."""
    if messenger.is_first(member.chat_id):
        await messenger.send(member.chat_id, Screen(localizer.html("not-understood"), menu_rows(localizer)))
