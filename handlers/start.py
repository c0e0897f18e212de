"""/start by its payload, /help, and what answers everything else (R21, R22)."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update

from domain import payloads
from domain.payloads import CanvassStart, ItemStart, JoinStart, PlainStart, VoteStart
from domain.people import Member
from handlers.carousel import show_item
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.screen import Screen
from handlers.views import cards as cards_view
from handlers.views.mine import help_screen, menu_rows, start_screen
from services.canvassing import Canvassing, LinkOpened
from services.cards import Cards
from services.carousel import Carousel
from services.context import ServiceContext
from services.people import People

router = Router(name="start")


@router.message(CommandStart(ignore_case=True))
async def start(
    message: Message,
    command: CommandObject,
    event_update: Update,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    context: ServiceContext,
    canvassing: Canvassing,
    cards: Cards,
    carousel: Carousel,
) -> None:
    """Follow the link that led here; greet where there is none, or where it leads nowhere."""
    payload = payloads.parse(command.args)
    match payload:
        case ItemStart():
            await show_item(messenger, carousel, member, payload.item_id, localizer)
            return
        case VoteStart():
            if await _complete_vote(payload, event_update.update_id, member, localizer, messenger, cards, carousel):
                return
        case CanvassStart():
            if opened := await canvassing.open(member, payload.token):
                above, late = _invitation(opened, localizer), localizer.html("start-late-link")
                await show_item(messenger, carousel, member, opened.item_id, localizer, above=above, late=late)
                return
    lost = not isinstance(payload, PlainStart | JoinStart)
    await messenger.send(member.chat_id, start_screen(member.first_name, context.rules, localizer, lost_link=lost))


async def _complete_vote(
    payload: VoteStart,
    update_id: int,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    cards: Cards,
    carousel: Carousel,
) -> bool:
    """Cast the vote that began with a tap on a shared card, once (R21). False where the card is unknown."""
    completed = await cards.complete(member, payload, update_id)
    if completed is None:
        return False
    if completed.answer is None:
        above = localizer.html("start-by-friend")
        await show_item(messenger, carousel, member, completed.item_id, localizer, above=above)
        return True
    await messenger.send(member.chat_id, cards_view.completed(completed.answer, member.first_name, localizer))
    if completed.answer.on_display:
        await carousel.shown(member, completed.item_id)
    return True


def _invitation(opened: LinkOpened, localizer: Localizer) -> str:
    if opened.own:
        return localizer.html("start-own-link")
    if opened.name:
        return localizer.html("start-by-named-friend", name=opened.name)
    return localizer.html("start-by-friend")


@router.message(Command("help", ignore_case=True))
async def help_(
    message: Message, member: Member, localizer: Localizer, messenger: Messenger, context: ServiceContext
) -> None:
    """/help"""
    await messenger.send(member.chat_id, help_screen(context.rules, localizer))


@router.my_chat_member()
async def came_or_went(update: ChatMemberUpdated, member: Member, people: People) -> None:
    """A user who blocks the bot gets no messages until they come back."""
    if update.new_chat_member.status in ("kicked", "left"):
        await people.mark_unreachable(member.chat_id, "blocked")


fallback = Router(name="fallback")


@fallback.callback_query()
async def unknown_button(query: CallbackQuery, localizer: Localizer, messenger: Messenger) -> None:
    """Answer a forged button, or one of a version that is gone, so that it stops waiting (R19)."""
    await messenger.answer(query, localizer.text("unknown-button"))


@fallback.message()
async def anything_else(message: Message, member: Member, localizer: Localizer, messenger: Messenger) -> None:
    """Answer any other message with what the bot understands; once for many messages that are forwarded together."""
    if messenger.may_hint(member.chat_id):
        await messenger.send(member.chat_id, Screen(localizer.html("not-understood"), menu_rows(localizer)))
