"""Inline mode: shared cards for any chat, and votes on them (R19-R22)."""

from __future__ import annotations

import re
from typing import Any

from aiogram import Bot, Router
from aiogram.exceptions import AiogramError
from aiogram.types import (
    CallbackQuery,
    ChosenInlineResult,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultCachedPhoto,
    InlineQueryResultPhoto,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Update,
)

from domain import payloads
from domain.call_outcomes import CallOutcome
from domain.cards import Look
from domain.limits import Act, Limits
from domain.payloads import Links
from domain.people import Member
from domain.voting import SECOND_TAPS, Refused, why_not_on_display
from handlers import callbacks
from handlers.bot_api import topic_of
from handlers.card_editor import CardEditor
from handlers.commands import OutsidePrivateChat
from handlers.localization import Localizer
from handlers.messenger import Messenger, keyboard
from handlers.views import cards as view
from services.canvassing.cards import Cards, InlineOffer, Spot, TapResult
from services.context import ServiceContext
from services.pictures.uploads import Pictures

PAGE = 20
"""Results of one page; Telegram takes at most 50 (answerInlineQuery)."""
_CACHED = 2
"""Seconds for which Telegram may cache results, whose counts should be current."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_BURST = 1.1
"""Seconds by which an ephemeral answer may precede the rate limit: groups allow short bursts."""


router = Router(name="inline")
router.callback_query.filter(OutsidePrivateChat())


@router.callback_query(callbacks.SharedVoteCallback.filter())
async def vote(
    query: CallbackQuery,
    callback_data: callbacks.SharedVoteCallback,
    event_update: Update,
    bot: Bot,
    member: Member | None,
    localizer: Localizer,
    messenger: Messenger,
    context: ServiceContext,
    cards: Cards,
    card_editor: CardEditor,
) -> None:
    """🙋 on a card in any chat: a member votes there, a stranger is led to the bot, where the vote completes (R21)."""
    username = (await bot.me()).username or ""
    spot, card = _spot(query), callback_data
    if spot is None:
        await messenger.answer(query)
        return
    if member is None:
        tapped = await cards.tap_by_stranger(query.from_user.id, card.name, spot, card.look, card.shown)
        if tapped.payload is not None:
            await messenger.answer(query, url=payloads.chat_link(username, tapped.payload))
        else:
            await messenger.answer(query, _closed(tapped, localizer), alert=True)
    else:
        tapped = await cards.tap(member, card.name, spot, card.look, card.shown, event_update.update_id)
        await _answer_member(query, tapped, username, localizer, messenger, context)
    if tapped.to_edit is not None:
        await card_editor.edit_tapped(tapped.to_edit)


def _spot(query: CallbackQuery) -> Spot | None:
    """Where the tapped card is; None for a forged tap without a message."""
    if query.inline_message_id is not None:
        return Spot(inline_id=query.inline_message_id)
    if query.message is None:
        return None
    return Spot(chat_id=query.message.chat.id, message_id=query.message.message_id)


def _closed(tapped: TapResult, localizer: Localizer) -> str:
    reason = why_not_on_display(tapped.item, localizer.now)
    if tapped.item is None or reason is None:
        return localizer.text("shared-gone")
    return view.closed(Refused(reason), localizer, kept=tapped.edited_later)


async def _answer_member(
    query: CallbackQuery,
    tapped: TapResult,
    username: str,
    localizer: Localizer,
    messenger: Messenger,
    context: ServiceContext,
) -> None:
    """Answer a member's tap: in a group with an ephemeral message if possible, else with the tap's notice."""
    if tapped.answer is None or tapped.item is None:
        await messenger.answer(query, localizer.text("shared-gone"), alert=True)
        return
    text = view.tap_answer(tapped.answer, localizer, kept=tapped.edited_later)
    chat = query.message.chat if query.message is not None else None
    now = context.clock.monotonic()
    if chat is not None and chat.type != "channel" and context.rate_limiter.next_free(chat.id, now) - now <= _BURST:
        context.rate_limiter.record(chat.id, now)
        screen = view.ephemeral_answer(text, tapped.item, username, localizer)
        topic = topic_of(query.message)
        if await messenger.send_ephemeral(chat.id, query.from_user.id, screen, query.id, topic=topic):
            await messenger.answer(query)
            return
    refused = tapped.answer.refused
    await messenger.answer(query, text, alert=refused is not None and refused.reason not in SECOND_TAPS)


@router.inline_query()
async def offers(
    query: InlineQuery,
    member: Member | None,
    localizer: Localizer,
    messenger: Messenger,
    cards: Cards,
    pictures: Pictures,
    links: Links,
    limits: Limits,
) -> None:
    """`@bot` in any chat: items voted for or followed, then the display, with a search (R20)."""
    if member is None:
        await _answer(query, messenger, [], "", _open_bot_button(localizer.text("inline-join")))
        return
    if limits.take(member.chat_id, Act.SEARCH, localizer.now) is not None:
        await _answer(query, messenger, [], "", _open_bot_button(localizer.text("limit-search")))
        return
    wanted = payloads.parse(query.query.strip())
    offset = int(query.offset) if query.offset.isascii() and query.offset.isdecimal() else 0
    text, only = ("", wanted.item_id) if isinstance(wanted, payloads.ItemStart) else (query.query, None)
    page = await cards.offers(member, text, offset, PAGE, only)
    username = (await messenger.bot.me()).username or ""
    results = [_result(offer, localizer, pictures, links, username) for offer in page.offers]
    button = None if results or offset else _open_bot_button(localizer.text("inline-nothing"))
    await _answer(query, messenger, results, "" if page.after is None else str(page.after), button)


def _open_bot_button(label: str) -> InlineQueryResultsButton:
    return InlineQueryResultsButton(text=label, start_parameter=payloads.JOIN)


async def _answer(
    query: InlineQuery,
    messenger: Messenger,
    results: list[Any],
    following: str,
    button: InlineQueryResultsButton | None,
) -> None:
    """Answer with personal results, as each card belongs to its sender. A late answer is no error: users type on."""
    try:
        await messenger.bot.answer_inline_query(
            query.id, results, cache_time=_CACHED, is_personal=True, next_offset=following, button=button
        )
    except AiogramError as error:
        if messenger.classify(error) is not CallOutcome.TOO_LATE:
            raise


def _result(
    offer: InlineOffer, localizer: Localizer, pictures: Pictures, links: Links, username: str
) -> InlineQueryResultCachedPhoto | InlineQueryResultPhoto | InlineQueryResultArticle:
    """A card with its picture, if it has a file ID or a web page; else as text. Inline mode cannot upload files."""
    item, file_id = offer.item, pictures.file_ids.get(offer.item.picture_id)
    page = links.page(offer.token)
    look = Look((localizer.language,), photo=file_id is not None or page is not None)
    screen = view.shared_card(item, offer.token, look.code, (localizer,), username, on_display=True)
    title, line = item.title(localizer.language), view.description(item, localizer)
    name = f"{item.id}.{item.wants}.{look.code}"
    shown: dict[str, Any] = {"id": name, "title": title, "description": line, "reply_markup": keyboard(screen)}
    caption: dict[str, Any] = {"caption": screen.text, "parse_mode": "HTML"}
    if file_id is not None:
        return InlineQueryResultCachedPhoto(photo_file_id=file_id, **caption, **shown)
    if page is not None:
        picture = f"{page}/picture.jpg"
        return InlineQueryResultPhoto(photo_url=picture, thumbnail_url=picture, **caption, **shown)
    content = InputTextMessageContent(message_text=screen.text, parse_mode="HTML", link_preview_options=_NO_PREVIEW)
    return InlineQueryResultArticle(input_message_content=content, **shown)


@router.chosen_inline_result()
async def chosen(result: ChosenInlineResult, member: Member | None, cards: Cards) -> None:
    """Store a card that was sent; Telegram reports it where inline feedback is on, else the first tap does."""
    sent = re.fullmatch(r"(\d{1,15})\.(\d{1,9})\.([a-z]{2})", result.result_id)
    if member is None or sent is None or result.inline_message_id is None:
        return
    await cards.chosen(member, int(sent[1]), Spot(inline_id=result.inline_message_id), sent[3], int(sent[2]))
