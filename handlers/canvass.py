"""📣 A member's own link for an item, its poster, the ways to share it, and what came by it (R20-R23)."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.people import Member
from handlers import callbacks as tap
from handlers.errands import bring_poster, redraw_poster
from handlers.links import Links
from handlers.stage import Stage
from handlers.tap import Tap
from handlers.views import canvass as view
from handlers.words import Speech
from services.canvassing import Canvassing
from services.errands import Errands

router = Router(name="canvass")


@router.callback_query(tap.Canvass.filter())
async def canvass(
    query: CallbackQuery,
    callback_data: tap.Canvass,
    bot: Bot,
    member: Member,
    speech: Speech,
    stage: Stage,
    links: Links,
    canvassing: Canvassing,
    errands: Errands,
) -> None:
    """The link on its poster in a message of its own, ready to be forwarded."""
    mine = await canvassing.link(member, callback_data.item)
    if mine is None:
        await stage.answer(query, speech.plain("refused-unknown-item"), alert=True)
        return
    await stage.answer(query)
    me = await bot.me()
    screen = view.canvass_screen(mine, links, me.username or "", speech, inline=bool(me.supports_inline_queries))
    await bring_poster(errands, stage, Tap.of(query), member, callback_data.item, screen)


@router.callback_query(tap.Share.filter())
async def share(
    query: CallbackQuery,
    callback_data: tap.Share,
    bot: Bot,
    member: Member,
    speech: Speech,
    stage: Stage,
    links: Links,
    canvassing: Canvassing,
    errands: Errands,
) -> None:
    """More ways, the picture alone, the picture for WeChat, or a new link; anything forged shows the ways again."""
    do = callback_data.do
    mine = await (canvassing.renew if do == "renew" else canvassing.link)(member, callback_data.item)
    if mine is None:
        await stage.answer(query, speech.plain("refused-unknown-item"), alert=True)
        return
    me = await bot.me()
    address = links.anywhere(me.username or "", mine.token)
    said = {"ask": "canvass-renew-ask", "renew": "canvass-renewed"}.get(do)
    await stage.answer(query, speech.plain(said) if said else None, alert=bool(said))
    if do == "more":
        page = links.page(mine.token)
        picture = f"{page}/poster.jpg?l={speech.language}" if page else None
        await stage.buttons(query, view.network_buttons(mine, address, picture, speech))
    elif do == "ask":
        await stage.buttons(query, view.renew_buttons(mine.item.id, speech))
    elif do == "poster":
        screen = view.poster_screen(mine, address, speech)
        await bring_poster(errands, stage, Tap.of(query), member, callback_data.item, screen)
    elif do == "wechat":
        screen = view.wechat_screen(mine, address, speech)
        await bring_poster(errands, stage, Tap.of(query), member, callback_data.item, screen)
    else:
        screen = view.canvass_screen(mine, links, me.username or "", speech, inline=bool(me.supports_inline_queries))
        await redraw_poster(errands, stage, Tap.of(query), member, callback_data.item, screen)


@router.message(Command("canvass", ignore_case=True))
async def my_links(message: Message, member: Member, speech: Speech, stage: Stage, canvassing: Canvassing) -> None:
    """Everything that the member canvasses for, with friends → votes (R22)."""
    await stage.send(member.chat_id, view.canvass_list_screen(await canvassing.mine(member), speech))


@router.callback_query(tap.MyCanvass.filter())
async def my_links_again(
    query: CallbackQuery,
    callback_data: tap.MyCanvass,
    member: Member,
    speech: Speech,
    stage: Stage,
    canvassing: Canvassing,
) -> None:
    """The same list from a button: in a new message under a picture, else page by page in its own."""
    await stage.answer(query)
    screen = view.canvass_list_screen(await canvassing.mine(member, callback_data.page), speech)
    await stage.redraw(query, screen)
