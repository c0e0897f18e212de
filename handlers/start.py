"""/start by its payload, 👀, /help, the command menus, and what answers everything else (R9, R21, R22)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aiogram import Bot, Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.filters import CommandObject
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    CallbackQuery,
    ChatMemberUpdated,
    Message,
    Update,
)

from domain import payloads
from domain.carousel import Card
from domain.payloads import CanvassStart, ItemStart, JoinStart, Links, PlainStart, RulesStart, VoteStart
from domain.people import LANGUAGES, Member
from domain.voting import Reason
from handlers import callbacks
from handlers.commands import TypedCommand
from handlers.localization import Localizer
from handlers.messenger import Request
from handlers.screen import Screen
from handlers.transparency.rules import show_rules
from handlers.views import cards as cards_view
from handlers.views.goods import card_screen
from handlers.views.mine import help_screen, menu_rows, start_screen, welcome
from services.canvassing.cards import Cards
from services.canvassing.links import Canvassing, LinkOpened
from services.carousel import Carousel
from services.context import ServiceContext
from services.people import People
from services.voting import Voting

COMMANDS = ("goods", "mine", "canvass", "settings", "help", "privacy", "receipt", "rules", "fairness")
FOR_ORGANISERS = ("desk",)
EVERYWHERE = ("rules", "fairness")
"""Those that groups have, too."""
FOR_CHATS = {"bind": "command-bind", "unbind": "command-unbind", **{name: f"command-{name}" for name in EVERYWHERE}}
"""Commands in the menu of administrators of groups, with the keys of their descriptions."""

router = Router(name="start")


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is said above the card that a link leads to, as HTML: the `greeting` of a newcomer, which is `brief` where
    the ballots that they have are said below it, `by` whom they came, which is `late` for an item that is not on
    display, and how to `follow` without a ballot."""

    greeting: str = ""
    brief: str = ""
    follow: str = ""
    by: str = ""
    late: str = ""

    def above(self, card: Card) -> str:
        """The parts that are true of this card."""
        can_follow = card.on_display and not card.voted and not card.following
        parts = (self.greeting, self.by if card.on_display else self.late, self.follow if can_follow else "")
        return "\n\n".join(filter(None, parts))


@router.message(TypedCommand("start"))
async def start(
    message: Message,
    command: CommandObject,
    event_update: Update,
    request: Request,
    context: ServiceContext,
    canvassing: Canvassing,
    cards: Cards,
    carousel: Carousel,
    voting: Voting,
    links: Links,
) -> None:
    """Follow the link that led here, and greet newcomers; greet everyone where there is none, or it leads nowhere."""
    purse = await voting.purse(request.member)
    arrival = Arrival(follow=request.localizer.html("start-follow") if not purse.ballots_left else "")
    if request.member.new:
        name, rules, localizer = request.member.shown_name, context.rules, request.localizer
        full, brief = (welcome(name, rules, known, localizer) for known in (purse, None))
        arrival = replace(arrival, greeting=full, brief=brief)
    payload = payloads.parse(payloads.without_clinging(command.args or ""))
    match payload:
        case ItemStart():
            await _show_item(request, carousel, payload.item_id, arrival)
            return
        case RulesStart():
            await show_rules(request, context, links)
            return
        case VoteStart():
            if await _complete_vote(payload, event_update.update_id, request, cards, carousel, arrival):
                return
        case CanvassStart():
            if opened := await canvassing.open(request.member, payload.token):
                invited = replace(
                    arrival,
                    by=_invitation(opened, request.localizer),
                    late=request.localizer.html("start-late-link"),
                )
                await _show_item(request, carousel, opened.item_id, invited)
                return
    lost = not isinstance(payload, PlainStart | JoinStart)
    screen = start_screen(request.member.shown_name, context.rules, purse, request.localizer, lost_link=lost)
    await request.send(screen)


async def _complete_vote(
    payload: VoteStart, update_id: int, request: Request, cards: Cards, carousel: Carousel, arrival: Arrival
) -> bool:
    """Cast the vote that began with a tap on a shared card, once (R21). False where the card is unknown."""
    completed = await cards.complete(request.member, payload, update_id)
    if completed is None:
        return False
    if completed.answer is None:
        by = request.localizer.html("start-by-friend")
        await _show_item(request, carousel, completed.item_id, replace(arrival, by=by))
        return True
    answer = completed.answer
    says_ballots = answer.refused is None or answer.refused.reason is Reason.NO_BALLOTS
    greeting = arrival.brief if says_ballots else arrival.greeting
    greeting = greeting or request.localizer.html("start-by-card", name=request.member.shown_name)
    await request.send(cards_view.completed(answer, greeting, request.localizer))
    if answer.on_display:
        await carousel.shown(request.member, completed.item_id)
    return True


@router.callback_query(callbacks.OpenCallback.filter())
async def open_item(
    query: CallbackQuery, callback_data: callbacks.OpenCallback, request: Request, carousel: Carousel
) -> None:
    """👀 shows an item in a new message."""
    await request.answer()
    await _show_item(request, carousel, callback_data.item, Arrival())


async def _show_item(request: Request, carousel: Carousel, item_id: int, arrival: Arrival) -> None:
    """Send an item's card outside any draw; it counts as an exposure (R9)."""
    card = await carousel.item(request.member, item_id)
    if card is None:
        await request.send(Screen(request.localizer.html("refused-unknown-item")))
        return
    await request.send(card_screen(card, request.localizer, above=arrival.above(card)))
    if card.on_display:
        await carousel.shown(request.member, card.item.id)


def _invitation(opened: LinkOpened, localizer: Localizer) -> str:
    if opened.own:
        return localizer.html("start-own-link")
    if opened.name:
        return localizer.html("start-by-named-friend", name=opened.name)
    return localizer.html("start-by-friend")


@router.message(TypedCommand("help"))
async def help_(message: Message, request: Request, context: ServiceContext) -> None:
    """/help"""
    await request.send(help_screen(context.rules, request.localizer))


@router.my_chat_member()
async def membership_changed(update: ChatMemberUpdated, member: Member, people: People) -> None:
    """A user who blocks the bot gets no messages until they come back."""
    if update.new_chat_member.status in ("kicked", "left"):
        await people.mark_unreachable(member.chat_id, "blocked")


fallback = Router(name="fallback")


@fallback.callback_query()
async def unknown_button(query: CallbackQuery, request: Request) -> None:
    """Answer a forged button, or one of a version that is gone, so that it stops waiting (R19)."""
    await request.answer(request.localizer.text("unknown-button"))


@fallback.message()
async def anything_else(message: Message, request: Request) -> None:
    """Answer any other message with what the bot understands; once for many messages that are forwarded together."""
    if request.member.new:
        return  # the greeting has said it
    if request.messenger.may_hint(request.member.chat_id):
        await request.send(Screen(request.localizer.html("not-understood"), menu_rows(request.localizer)))


def _commands(localizer: Localizer, *, organiser: bool) -> list[BotCommand]:
    names = (*FOR_ORGANISERS, *COMMANDS) if organiser else COMMANDS
    return [BotCommand(command=name, description=localizer.text(f"command-{name}")) for name in names]


async def set_menus(bot: Bot, localizer: Localizer) -> None:
    """Set the default menus and the bot's descriptions in each language; English is the fallback."""
    everyone = BotCommandScopeAllPrivateChats()
    for code in (None, *LANGUAGES):
        texts = Localizer(code or "en", localizer.zone, localizer.now)
        await bot.set_my_commands(_commands(texts, organiser=False), scope=everyone, language_code=code)
        in_chats = [BotCommand(command=name, description=texts.text(key)) for name, key in FOR_CHATS.items()]
        await bot.set_my_commands(in_chats, scope=BotCommandScopeAllChatAdministrators(), language_code=code)
        for_all = [BotCommand(command=name, description=texts.text(f"command-{name}")) for name in EVERYWHERE]
        await bot.set_my_commands(for_all, scope=BotCommandScopeAllGroupChats(), language_code=code)
        await bot.set_my_short_description(texts.text("about-short"), language_code=code)
        await bot.set_my_description(texts.text("about"), language_code=code)


async def show_menu(bot: Bot, member: Member, localizer: Localizer) -> None:
    """Set one member's menu in their language, with /desk for organisers."""
    try:
        await bot.set_my_commands(
            _commands(localizer, organiser=member.organiser), scope=BotCommandScopeChat(chat_id=member.chat_id)
        )
    except (TelegramBadRequest, TelegramForbiddenError):
        return  # the chat is gone: the update still succeeds
