"""/goods and every button on a card: paging, categories, votes, follows (R9-R12, R14-R19, R26)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiogram import Router
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message

from domain.carousel import Card, NothingOnDisplay
from domain.goods import Category
from domain.people import Member
from domain.voting import Reason
from handlers import callbacks
from handlers.callbacks import Tap
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.screen import Reply, Screen
from handlers.views import goods as view
from services.carousel import Carousel
from services.voting import VoteOutcome, Voting

router = Router(name="carousel")


async def vote(
    query: Tap,
    callback_data: callbacks.VoteCallback,
    member: Member,
    localizer: Localizer,
    voting: Voting,
) -> Reply:
    """🙋 votes. A second tap never takes the vote back (R18, R19)."""
    answer = await voting.cast(member, callback_data.item, query.update)
    return _reply("voted", answer, callback_data, member, localizer)


async def take_back(
    query: Tap,
    callback_data: callbacks.TakeBackCallback,
    member: Member,
    localizer: Localizer,
    voting: Voting,
) -> Reply:
    """✅ takes the vote back, with its ballot and its place in the day (R18)."""
    answer = await voting.take_back(member, callback_data.item, query.update)
    return _reply("taken-back", answer, callback_data, member, localizer)


async def page(
    query: Tap,
    callback_data: callbacks.PageCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    carousel: Carousel,
) -> None:
    """◀️ ▶️ page through a draw; one that was deleted is replaced by a new one."""
    card = await carousel.card(member, callback_data.draw, callback_data.position)
    if card is None:
        drawn = await carousel.new_draw(member)
        await messenger.answer(query, localizer.text("stale"))
        await messenger.edit(query, _screen(drawn, localizer))
        await _count(carousel, member, drawn)
        return
    notice = localizer.text("draw-ends", number=card.others) if card.others else None
    if await messenger.reply(query, Reply(notice, screen=view.card_screen(card, localizer), same_picture=False)):
        await _count(carousel, member, card)


HOT: dict[str, tuple[type[CallbackData], Callable[..., Awaitable[Reply | None]]]] = {
    callbacks.VoteCallback.__prefix__: (callbacks.VoteCallback, vote),
    callbacks.TakeBackCallback.__prefix__: (callbacks.TakeBackCallback, take_back),
    callbacks.PageCallback.__prefix__: (callbacks.PageCallback, page),
}
"""The buttons that are tapped most, by callback prefix. They are handled from the update as it came, without aiogram's
dispatcher. A handler that returns a reply has committed everything: the reply may be sent after the acknowledgement."""


@router.callback_query(callbacks.DetailsCallback.filter())
async def details(
    query: CallbackQuery,
    callback_data: callbacks.DetailsCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    carousel: Carousel,
) -> None:
    """🔍"""
    card = await carousel.item(member, callback_data.item, callback_data.place)
    await _show_side(query, card, view.details_screen, localizer, messenger)


@router.callback_query(callbacks.BackToCardCallback.filter())
async def back(
    query: CallbackQuery,
    callback_data: callbacks.BackToCardCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    carousel: Carousel,
) -> None:
    """↩️"""
    card = await carousel.item(member, callback_data.item, callback_data.place)
    await _show_side(query, card, view.card_screen, localizer, messenger)


@router.callback_query(callbacks.NewDrawCallback.filter())
async def new_draw(
    query: CallbackQuery,
    callback_data: callbacks.NewDrawCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    carousel: Carousel,
) -> None:
    """🎲 draws from all items or one category, in this message or a new one (R9, R12)."""
    category = callback_data.category if callback_data.category in set(Category) else None
    drawn = await carousel.new_draw(member, category, like=callback_data.draw)
    await messenger.answer(query)
    if callback_data.fresh:
        await messenger.send(member.chat_id, _screen(drawn, localizer))
    else:
        await messenger.edit(query, _screen(drawn, localizer))
    await _count(carousel, member, drawn)


@router.callback_query(callbacks.CategoriesCallback.filter())
async def categories(
    query: CallbackQuery,
    callback_data: callbacks.CategoriesCallback,
    localizer: Localizer,
    messenger: Messenger,
    carousel: Carousel,
) -> None:
    """🗂 replaces the card's buttons by the categories."""
    counts = await carousel.categories(callback_data.place)
    await messenger.answer(query)
    rows = view.categories_buttons(counts, callback_data.item, localizer)
    await messenger.edit_buttons(query, Screen("", rows))


@router.callback_query(callbacks.FollowCallback.filter())
async def follow(
    query: CallbackQuery,
    callback_data: callbacks.FollowCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    voting: Voting,
) -> None:
    """🔔 (R26)"""
    answer = await voting.follow(member, callback_data.item, on=True)
    key = "followed" if member.alerts_on else "followed-alerts-off"
    await messenger.reply(query, _reply(key, answer, callback_data, member, localizer))


@router.callback_query(callbacks.UnfollowCallback.filter())
async def unfollow(
    query: CallbackQuery,
    callback_data: callbacks.UnfollowCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    voting: Voting,
) -> None:
    """🔕"""
    answer = await voting.follow(member, callback_data.item, on=False)
    await messenger.reply(query, _reply("unfollowed", answer, callback_data, member, localizer))


@router.callback_query(callbacks.OpenCallback.filter())
async def open_item(
    query: CallbackQuery,
    callback_data: callbacks.OpenCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    carousel: Carousel,
) -> None:
    """👀 shows an item in a new message."""
    await messenger.answer(query)
    await show_item(messenger, carousel, member, callback_data.item, localizer)


@router.callback_query(callbacks.StillCallback.filter())
async def still(query: CallbackQuery, messenger: Messenger) -> None:
    """3/28 has no action."""
    await messenger.answer(query)


@router.message(Command("goods", ignore_case=True))
async def goods(
    message: Message, member: Member, localizer: Localizer, messenger: Messenger, carousel: Carousel
) -> None:
    """/goods sends a new draw in a new message (R9)."""
    drawn = await carousel.new_draw(member)
    await messenger.send(member.chat_id, _screen(drawn, localizer))
    await _count(carousel, member, drawn)


async def show_item(
    messenger: Messenger,
    carousel: Carousel,
    member: Member,
    item_id: int,
    localizer: Localizer,
    above: str = "",
    late: str = "",
) -> None:
    """Send an item's card outside any draw; it counts as an exposure (R9).

    `above` is a line of HTML over the card, `late` that for an item that is not on display.
    """
    card = await carousel.item(member, item_id)
    if card is None:
        await messenger.send(member.chat_id, Screen(localizer.html("refused-unknown-item")))
        return
    await messenger.send(member.chat_id, view.card_screen(card, localizer, above=above if card.on_display else late))
    await _count(carousel, member, card)


def _screen(drawn: Card | NothingOnDisplay, localizer: Localizer) -> Screen:
    if isinstance(drawn, NothingOnDisplay):
        return view.nothing_screen(drawn, localizer)
    return view.card_screen(drawn, localizer)


async def _count(carousel: Carousel, member: Member, drawn: Card | NothingOnDisplay) -> None:
    """Count the exposure of a card, after it was shown (R9)."""
    if isinstance(drawn, Card) and drawn.on_display:
        await carousel.shown(member, drawn.item.id)


async def _show_side(
    query: CallbackQuery,
    card: Card | None,
    side: Callable[[Card, Localizer], Screen],
    localizer: Localizer,
    messenger: Messenger,
) -> None:
    """Show the details or the card in the tapped message."""
    if card is None:
        await messenger.answer(query, localizer.text("refused-unknown-item"), alert=True)
        return
    await messenger.reply(query, Reply(screen=side(card, localizer)))


def _reply(key: str, answer: VoteOutcome, data: callbacks.CardCallback, member: Member, localizer: Localizer) -> Reply:
    """The outcome of a vote or follow, in words and on the card."""
    refused = answer.refused
    said = view.refusal(refused, localizer) if refused else view.standing(key, answer.purse, localizer)
    # A second tap must not open a window that has to be closed, and a purse that is empty changes no card.
    alert = refused is not None and refused.reason is not Reason.ALREADY_VOTED
    unchanged = refused is not None and refused.reason in (Reason.NO_BALLOTS, Reason.DAY_LIMIT)
    if answer.item is None or unchanged:
        return Reply(said, alert)
    card = Card(answer.item, data.place, answer.voted, answer.following, answer.on_display, alerts_on=member.alerts_on)
    side = view.details_screen if data.view == "d" else view.card_screen
    return Reply(said, alert, side(card, localizer))
