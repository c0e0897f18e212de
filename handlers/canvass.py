"""📣 A member's canvass link for an item: its poster, the ways to share it, opens and votes (R20-R23)."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.payloads import Links
from domain.people import Member
from handlers import callbacks
from handlers.callbacks import Tap
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.poster_screens import edit_poster, send_poster
from handlers.views import canvass as view
from services.canvassing import Canvassing
from services.jobs import Jobs

router = Router(name="canvass")


@router.callback_query(callbacks.CanvassCallback.filter())
async def canvass(
    query: CallbackQuery,
    callback_data: callbacks.CanvassCallback,
    bot: Bot,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    links: Links,
    canvassing: Canvassing,
    jobs: Jobs,
) -> None:
    """Send the poster with the link in a new message, ready to be forwarded."""
    mine = await canvassing.link(member, callback_data.item)
    if mine is None:
        await messenger.answer(query, localizer.text("refused-unknown-item"), alert=True)
        return
    await messenger.answer(query)
    me = await bot.me()
    screen = view.canvass_screen(mine, links, me.username or "", localizer, inline=bool(me.supports_inline_queries))
    await send_poster(jobs, messenger, Tap.of(query), member, callback_data.item, screen)


@router.callback_query(callbacks.ShareCallback.filter())
async def share(
    query: CallbackQuery,
    callback_data: callbacks.ShareCallback,
    bot: Bot,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    links: Links,
    canvassing: Canvassing,
    jobs: Jobs,
) -> None:
    """Networks, the poster alone, the poster for WeChat, or a new link; a forged value shows the first screen."""
    do = callback_data.do
    mine = await (canvassing.renew if do == "renew" else canvassing.link)(member, callback_data.item)
    if mine is None:
        await messenger.answer(query, localizer.text("refused-unknown-item"), alert=True)
        return
    me = await bot.me()
    address = links.anywhere(me.username or "", mine.token)
    notice = {"ask": "canvass-renew-ask", "renew": "canvass-renewed"}.get(do)
    await messenger.answer(query, localizer.text(notice) if notice else None, alert=bool(notice))
    if do == "more":
        page = links.page(mine.token)
        picture = f"{page}/poster.jpg?l={localizer.language}" if page else None
        await messenger.edit_buttons(query, view.network_buttons(mine, address, picture, localizer))
    elif do == "ask":
        await messenger.edit_buttons(query, view.renew_buttons(mine.item.id, localizer))
    elif do == "poster":
        screen = view.poster_screen(mine, address, localizer)
        await send_poster(jobs, messenger, Tap.of(query), member, callback_data.item, screen)
    elif do == "wechat":
        screen = view.wechat_screen(mine, address, localizer)
        await send_poster(jobs, messenger, Tap.of(query), member, callback_data.item, screen)
    else:
        screen = view.canvass_screen(mine, links, me.username or "", localizer, inline=bool(me.supports_inline_queries))
        await edit_poster(jobs, messenger, Tap.of(query), member, callback_data.item, screen)


@router.message(Command("canvass", ignore_case=True))
async def my_links(
    message: Message, member: Member, localizer: Localizer, messenger: Messenger, canvassing: Canvassing
) -> None:
    """Every item that the member canvasses for, with opens → votes (R22)."""
    await messenger.send(member.chat_id, view.canvass_list_screen(await canvassing.mine(member), localizer))


@router.callback_query(callbacks.MyCanvassCallback.filter())
async def my_links_again(
    query: CallbackQuery,
    callback_data: callbacks.MyCanvassCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    canvassing: Canvassing,
) -> None:
    """The same list from a button; under a picture it comes in a new message."""
    await messenger.answer(query)
    screen = view.canvass_list_screen(await canvassing.mine(member, callback_data.page), localizer)
    await messenger.edit(query, screen)
