"""/goods and every button on a card: paging, categories, votes, follows (R9-R12, R14-R19, R26)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiogram import Router
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message

from domain.carousel import Card, NothingOnDisplay
from domain.goods import Category
from domain.people import Member
from domain.voting import Reason
from handlers import callbacks as tap
from handlers.screen import Screen
from handlers.stage import Stage
from handlers.tap import Left, Tap
from handlers.views import goods as view
from handlers.words import Speech
from services.carousel import Carousel
from services.voting import Answer, Voting

router = Router(name="carousel")


async def vote(
    query: Tap, callback_data: tap.Vote, member: Member, speech: Speech, stage: Stage, voting: Voting
) -> None:
    """🙋 A second tap never takes the vote back: that is another button (R18, R19)."""
    answer = await voting.cast(member, callback_data.item, query.update)
    await _tell(stage, query, "voted", answer, callback_data, member, speech)


async def take_back(
    query: Tap, callback_data: tap.TakeBack, member: Member, speech: Speech, stage: Stage, voting: Voting
) -> None:
    """✅ The ballot and the place in the day come back (R18)."""
    answer = await voting.take_back(member, callback_data.item, query.update)
    await _tell(stage, query, "taken-back", answer, callback_data, member, speech)


async def page(
    query: Tap, callback_data: tap.Page, member: Member, speech: Speech, stage: Stage, carousel: Carousel
) -> None:
    """◀️ ▶️ A draw stays as it is while it is paged; one that is forgotten is replaced by a fresh one."""
    card = await carousel.card(member, callback_data.draw, callback_data.position)
    if card is None:
        drawn = await carousel.new_draw(member)
        await stage.answer(query, speech.plain("stale"))
        await stage.redraw(query, _screen(drawn, speech))
        await _count(carousel, member, drawn)
        return
    said = speech.plain("draw-ends", number=card.others) if card.others else None
    _, shown = await asyncio.gather(stage.answer(query, said), stage.redraw(query, view.card_screen(card, speech)))
    if shown:
        await _count(carousel, member, card)


HOT: dict[str, tuple[type[CallbackData], Callable[..., Awaitable[None]]]] = {
    tap.Vote.__prefix__: (tap.Vote, vote),
    tap.TakeBack.__prefix__: (tap.TakeBack, take_back),
    tap.Page.__prefix__: (tap.Page, page),
}
"""The buttons that are tapped all day. They are handled from the update as it came, before it is parsed in full."""


@router.callback_query(tap.Details.filter())
async def details(
    query: CallbackQuery,
    callback_data: tap.Details,
    member: Member,
    speech: Speech,
    stage: Stage,
    carousel: Carousel,
) -> None:
    """🔍"""
    card = await carousel.item(member, callback_data.item, callback_data.place)
    await _turn_over(query, card, view.details_screen, speech, stage)


@router.callback_query(tap.BackToCard.filter())
async def back(
    query: CallbackQuery,
    callback_data: tap.BackToCard,
    member: Member,
    speech: Speech,
    stage: Stage,
    carousel: Carousel,
) -> None:
    """↩️"""
    card = await carousel.item(member, callback_data.item, callback_data.place)
    await _turn_over(query, card, view.card_screen, speech, stage)


@router.callback_query(tap.NewDraw.filter())
async def new_draw(
    query: CallbackQuery,
    callback_data: tap.NewDraw,
    member: Member,
    speech: Speech,
    stage: Stage,
    carousel: Carousel,
) -> None:
    """🎲 from everything or from one category, in this message or in a new one (R9, R12)."""
    category = callback_data.category if callback_data.category in set(Category) else None
    drawn = await carousel.new_draw(member, category, like=callback_data.draw)
    await stage.answer(query)
    if callback_data.fresh:
        await stage.send(member.chat_id, _screen(drawn, speech))
    else:
        await stage.redraw(query, _screen(drawn, speech))
    await _count(carousel, member, drawn)


@router.callback_query(tap.Categories.filter())
async def categories(
    query: CallbackQuery, callback_data: tap.Categories, speech: Speech, stage: Stage, carousel: Carousel
) -> None:
    """🗂 The card stays; its buttons become the categories."""
    found = await carousel.categories(callback_data.place)
    await stage.answer(query)
    rows = view.categories_buttons(found, callback_data.item, speech)
    await stage.buttons(query, Screen("", rows))


@router.callback_query(tap.Follow.filter())
async def follow(
    query: CallbackQuery,
    callback_data: tap.Follow,
    member: Member,
    speech: Speech,
    stage: Stage,
    voting: Voting,
) -> None:
    """🔔 (R26)"""
    answer = await voting.follow(member, callback_data.item, on=True)
    key = "followed" if member.alerts_on else "followed-alerts-off"
    await _tell(stage, query, key, answer, callback_data, member, speech)


@router.callback_query(tap.Unfollow.filter())
async def unfollow(
    query: CallbackQuery,
    callback_data: tap.Unfollow,
    member: Member,
    speech: Speech,
    stage: Stage,
    voting: Voting,
) -> None:
    """🔕"""
    answer = await voting.follow(member, callback_data.item, on=False)
    await _tell(stage, query, "unfollowed", answer, callback_data, member, speech)


@router.callback_query(tap.Open.filter())
async def open_item(
    query: CallbackQuery,
    callback_data: tap.Open,
    member: Member,
    speech: Speech,
    stage: Stage,
    carousel: Carousel,
) -> None:
    """👀 an item in a message of its own."""
    await stage.answer(query)
    await show_item(stage, carousel, member, callback_data.item, speech)


@router.callback_query(tap.Still.filter())
async def still(query: CallbackQuery, stage: Stage) -> None:
    """3/28 only shows where one is."""
    await stage.answer(query)


@router.message(Command("goods", ignore_case=True))
async def goods(message: Message, member: Member, speech: Speech, stage: Stage, carousel: Carousel) -> None:
    """A new draw in a new message (R9)."""
    drawn = await carousel.new_draw(member)
    await stage.send(member.chat_id, _screen(drawn, speech))
    await _count(carousel, member, drawn)


async def show_item(
    stage: Stage,
    carousel: Carousel,
    member: Member,
    item_id: int,
    speech: Speech,
    above: str = "",
    late: str = "",
) -> None:
    """Send an item's card on its own; it counts as shown like any other (R9).

    `above` is a line of HTML over it, `late` the one for an item that is not on display.
    """
    card = await carousel.item(member, item_id)
    if card is None:
        await stage.send(member.chat_id, Screen(speech.t("refused-unknown-item")))
        return
    await stage.send(member.chat_id, view.card_screen(card, speech, above=above if card.on_display else late))
    await _count(carousel, member, card)


def _screen(drawn: Card | NothingOnDisplay, speech: Speech) -> Screen:
    if isinstance(drawn, NothingOnDisplay):
        return view.nothing_screen(drawn, speech)
    return view.card_screen(drawn, speech)


async def _count(carousel: Carousel, member: Member, drawn: Card | NothingOnDisplay) -> None:
    """An exposure is a card that was really shown, so it is counted only now (R9)."""
    if isinstance(drawn, Card) and drawn.on_display:
        await carousel.shown(member, drawn.item.id)


async def _turn_over(
    query: CallbackQuery, card: Card | None, side: Callable[[Card, Speech], Screen], speech: Speech, stage: Stage
) -> None:
    """Show one side of a card in its message: the details, or the card itself."""
    if card is None:
        await stage.answer(query, speech.plain("refused-unknown-item"), alert=True)
        return
    await stage.answer(query)
    await stage.redraw(query, side(card, speech), same_picture=True)


async def _tell(
    stage: Stage, query: Tap | CallbackQuery, key: str, answer: Answer, data: tap.OnCard, member: Member, speech: Speech
) -> None:
    """What a tap came to: in words, and on the card. Both at once: neither waits for the other."""
    refused = answer.refused
    said = view.refusal(refused, speech) if refused else view.standing(key, answer.purse, speech)
    # Who taps twice need not close a window, and where nothing changed there is nothing to redraw.
    alert = refused is not None and refused.reason is not Reason.ALREADY_VOTED
    left = _both_left(query)
    answered = stage.answer(query, said, alert=alert, left=left)
    if refused is not None and refused.reason in (Reason.NO_BALLOTS, Reason.DAY_LIMIT):
        await answered
    else:
        await asyncio.gather(answered, _redraw(stage, query, answer, data, member, speech, left))


def _both_left(query: Tap | CallbackQuery) -> Left:
    """To be called when the answer leaves and when the redraw does: with the second one all is on its way."""
    told = query.left if isinstance(query, Tap) else None
    calls = 2

    def left() -> None:
        nonlocal calls
        calls -= 1
        if calls == 0 and told is not None:
            told()

    return left


async def _redraw(
    stage: Stage,
    query: Tap | CallbackQuery,
    answer: Answer,
    data: tap.OnCard,
    member: Member,
    speech: Speech,
    left: Left,
) -> None:
    if answer.item is None:
        return
    item, on_display = answer.item, answer.on_display
    card = Card(item, data.place, answer.voted, answer.following, on_display, alerts_on=member.alerts_on)
    draw = view.details_screen if data.view == "d" else view.card_screen
    await stage.redraw(query, draw(card, speech), same_picture=True, left=left)
