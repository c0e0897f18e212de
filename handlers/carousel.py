"""/goods and every button on a card: paging, categories, votes, follows (R9-R12, R14-R19, R26)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiogram import Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message

from domain.carousel import Card, NothingOnDisplay, Place
from domain.goods import Category
from domain.limits import Act, Limits
from domain.people import Member
from domain.voting import SECOND_TAPS, Reason
from handlers import callbacks
from handlers.callbacks import Tap
from handlers.commands import TypedCommand
from handlers.localization import Localizer
from handlers.messenger import Request
from handlers.screen import Screen
from handlers.views import goods as view
from services.carousel import Carousel
from services.voting import VoteOutcome, Voting

router = Router(name="carousel")


async def vote(query: Tap, callback_data: callbacks.VoteCallback, request: Request, voting: Voting) -> None:
    """🙋 votes. A second tap never takes the vote back (R18, R19)."""
    answer = await voting.cast(request.member, callback_data.item, query.update)
    await _show_outcome("voted", answer, callback_data, request)


async def take_back(query: Tap, callback_data: callbacks.TakeBackCallback, request: Request, voting: Voting) -> None:
    """✅ takes the vote back, with its ballot and its place in the day (R18)."""
    answer = await voting.take_back(request.member, callback_data.item, query.update)
    await _show_outcome("taken-back", answer, callback_data, request)


async def page(
    query: Tap, callback_data: callbacks.PageCallback, request: Request, carousel: Carousel, limits: Limits
) -> None:
    """◀️ ▶️ page through a draw; one that was deleted is replaced by a new one."""
    member, localizer = request.member, request.localizer
    card = await carousel.card(member, callback_data.draw, callback_data.position)
    if card is None:
        if not await request.may(limits, Act.DRAW):
            return
        drawn = await carousel.new_draw(member)
        await request.show(_screen(drawn, localizer), localizer.text("stale"))
        await _count(carousel, member, drawn)
        return
    notice = localizer.text("draw-ends", number=card.others) if card.others else None
    if await request.show(view.card_screen(card, localizer), notice):
        await _count(carousel, member, card)


HOT: dict[str, tuple[type[CallbackData], Callable[..., Awaitable[None]]]] = {
    callbacks.VoteCallback.__prefix__: (callbacks.VoteCallback, vote),
    callbacks.TakeBackCallback.__prefix__: (callbacks.TakeBackCallback, take_back),
    callbacks.PageCallback.__prefix__: (callbacks.PageCallback, page),
}
"""The buttons that are tapped most, by callback prefix. They are handled from the update as it came, without aiogram's
dispatcher."""


@router.callback_query(callbacks.DetailsCallback.filter())
@router.callback_query(callbacks.BackToCardCallback.filter())
async def details_or_card(
    query: CallbackQuery,
    callback_data: callbacks.DetailsCallback | callbacks.BackToCardCallback,
    request: Request,
    carousel: Carousel,
) -> None:
    """🔍 shows the details in the tapped message, ↩️ the card."""
    card = await carousel.item(request.member, callback_data.item, callback_data.place)
    if card is None:
        await request.answer(request.localizer.text("refused-unknown-item"), alert=True)
        return
    side = view.details_screen if isinstance(callback_data, callbacks.DetailsCallback) else view.card_screen
    await request.show(side(card, request.localizer), same_picture=True)


@router.callback_query(callbacks.NewDrawCallback.filter())
async def new_draw(
    query: CallbackQuery, callback_data: callbacks.NewDrawCallback, request: Request, carousel: Carousel, limits: Limits
) -> None:
    """🎲 draws from all items or one category, in this message or a new one (R9, R12)."""
    if not await request.may(limits, Act.DRAW):
        return
    category = callback_data.category if callback_data.category in set(Category) else None
    drawn = await carousel.new_draw(request.member, category, like=callback_data.draw)
    screen = _screen(drawn, request.localizer)
    if callback_data.fresh:
        await request.answer()
        await request.send(screen)
    else:
        await request.show(screen)
    await _count(carousel, request.member, drawn)


@router.callback_query(callbacks.CategoriesCallback.filter())
async def categories(
    query: CallbackQuery, callback_data: callbacks.CategoriesCallback, request: Request, carousel: Carousel
) -> None:
    """🗂 replaces the card's buttons by the categories."""
    counts = await carousel.categories()
    rows = view.categories_buttons(counts, callback_data.place, callback_data.item, request.localizer)
    await request.show_buttons(Screen("", rows))


@router.callback_query(callbacks.FollowCallback.filter())
@router.callback_query(callbacks.UnfollowCallback.filter())
async def follow(
    query: CallbackQuery,
    callback_data: callbacks.FollowCallback | callbacks.UnfollowCallback,
    request: Request,
    voting: Voting,
) -> None:
    """🔔 follows an item, 🔕 no longer (R26)."""
    on = isinstance(callback_data, callbacks.FollowCallback)
    answer = await voting.follow(request.member, callback_data.item, on=on)
    key = "unfollowed" if not on else "followed" if request.member.alerts_on else "followed-alerts-off"
    await _show_outcome(key, answer, callback_data, request)


@router.callback_query(callbacks.JumpCallback.filter())
async def jump(query: CallbackQuery, callback_data: callbacks.JumpCallback, request: Request) -> None:
    """3/28 replaces the card's buttons by the positions of its draw, to go to any of them."""
    place = Place(callback_data.draw, callback_data.position, callback_data.of)
    await request.show_buttons(Screen("", view.positions_buttons(place, request.localizer)))


@router.callback_query(callbacks.StillCallback.filter())
async def still(query: CallbackQuery, request: Request) -> None:
    """A button without an action, such as 3/28 of an old message."""
    await request.answer()


@router.message(TypedCommand("goods"))
async def goods(message: Message, request: Request, carousel: Carousel, limits: Limits) -> None:
    """/goods sends a new draw in a new message (R9)."""
    if not await request.may(limits, Act.DRAW):
        return
    drawn = await carousel.new_draw(request.member)
    await request.send(_screen(drawn, request.localizer))
    await _count(carousel, request.member, drawn)


def _screen(drawn: Card | NothingOnDisplay, localizer: Localizer) -> Screen:
    if isinstance(drawn, NothingOnDisplay):
        return view.nothing_screen(drawn, localizer)
    return view.card_screen(drawn, localizer)


async def _count(carousel: Carousel, member: Member, drawn: Card | NothingOnDisplay) -> None:
    """Count the exposure of a card, after it was shown (R9)."""
    if isinstance(drawn, Card) and drawn.on_display:
        await carousel.shown(member, drawn.item.id)


async def _show_outcome(key: str, answer: VoteOutcome, data: callbacks.CardCallback, request: Request) -> None:
    """The outcome of a vote or follow, in words and on the card."""
    refused, localizer = answer.refused, request.localizer
    off = {} if request.member.alerts_on else view.ALERTS_OFF
    said = view.refusal(refused, localizer, off) if refused else view.standing(key, answer.purse, localizer)
    # A second tap must not open a window that has to be closed, and a day that is full changes no card.
    alert = refused is not None and refused.reason not in SECOND_TAPS
    unchanged = refused is not None and refused.reason in (Reason.DAY_LIMIT, Reason.CHANGES_LIMIT)
    if answer.item is None or unchanged:
        await request.answer(said, alert=alert)
        return
    alerts_on = request.member.alerts_on
    card = Card(answer.item, data.place, answer.voted, answer.following, answer.on_display, 0, alerts_on, answer.void)
    screen = (view.details_screen if data.view == "d" else view.card_screen)(card, localizer)
    if key in ("taken-back", "unfollowed"):  # the time of a vote or a follow is stored
        again = callbacks.VoteCallback if key == "taken-back" else callbacks.FollowCallback
        screen = callbacks.settling(screen, localizer.now, again.__prefix__ + ":")
    await request.show(screen, said, alert=alert, same_picture=True)
