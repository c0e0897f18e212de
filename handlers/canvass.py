"""📣 A member's canvass link for an item: its poster, the ways to share it, opens and votes (R20-R23)."""

from __future__ import annotations

from typing import Any

from aiogram import Bot, Router
from aiogram.types import CallbackQuery, Message

from domain.payloads import Links
from handlers import callbacks
from handlers.commands import TypedCommand
from handlers.messenger import Request
from handlers.screen import Screen
from handlers.views import canvass as view
from services.canvassing.links import Canvassing
from services.jobs import JobKind, Jobs
from services.pictures.uploads import Poster

router = Router(name="canvass")


@router.callback_query(callbacks.CanvassCallback.filter())
async def canvass(
    query: CallbackQuery,
    callback_data: callbacks.CanvassCallback,
    bot: Bot,
    request: Request,
    links: Links,
    canvassing: Canvassing,
    jobs: Jobs,
) -> None:
    """Send the poster with the link in a new message, ready to be forwarded."""
    mine = await canvassing.link(request.member, callback_data.item)
    if mine is None:
        await request.answer(request.localizer.text("refused-unknown-item"), alert=True)
        return
    await request.answer()
    me = await bot.me()
    inline = bool(me.supports_inline_queries)
    screen = view.canvass_screen(mine, links, me.username or "", request.localizer, inline=inline)
    await _show_poster(request, jobs, callback_data.item, screen)


@router.callback_query(callbacks.ShareCallback.filter())
async def share(
    query: CallbackQuery,
    callback_data: callbacks.ShareCallback,
    bot: Bot,
    request: Request,
    links: Links,
    canvassing: Canvassing,
    jobs: Jobs,
) -> None:
    """Networks, only the poster, the poster for WeChat, or a new link; a forged value shows the first screen."""
    do, item, localizer = callback_data.do, callback_data.item, request.localizer
    mine = await canvassing.link(request.member, item, renew=do == "renew")
    if mine is None:
        await request.answer(localizer.text("refused-unknown-item"), alert=True)
        return
    me = await bot.me()
    address = links.anywhere(me.username or "", mine.token)
    if do == "more":
        page = links.page(mine.token)
        picture = f"{page}/poster.jpg?l={localizer.language}" if page else None
        await request.show_buttons(view.network_buttons(mine, address, picture, localizer))
    elif do == "ask":
        notice = localizer.text("canvass-renew-ask")
        await request.show_buttons(view.renew_buttons(item, localizer), notice, alert=True)
    elif do in ("poster", "wechat"):
        await request.answer()
        make = view.poster_screen if do == "poster" else view.wechat_screen
        await _show_poster(request, jobs, item, make(mine, address, localizer))
    else:
        renewed = do == "renew"
        await request.answer(localizer.text("canvass-renewed") if renewed else None, alert=renewed)
        inline = bool(me.supports_inline_queries)
        screen = view.canvass_screen(mine, links, me.username or "", localizer, inline=inline)
        await _show_poster(request, jobs, item, screen, edit=True)


async def _show_poster(request: Request, jobs: Jobs, item_id: int, screen: Screen, *, edit: bool = False) -> None:
    """Show a screen with a poster, in a new or the tapped message; a job draws a poster that was never uploaded."""
    tap, poster = request.tap, screen.picture
    assert tap is not None and isinstance(poster, Poster), "a tap asks for a poster"
    if not await request.messenger.has_uploaded(poster):
        payload: dict[str, Any] = {"item": item_id}
        if edit:
            payload |= {"chat": tap.chat, "message": tap.message, "photo": tap.photo}
        else:
            payload |= {"poster_only": not screen.buttons, "wechat": bool(screen.text) and not screen.buttons}
        await jobs.enqueue(f"poster {tap.id}", JobKind.POSTER, request.member, payload)
    elif edit:
        await request.messenger.edit(tap, screen)
    else:
        await request.send(screen)


@router.message(TypedCommand("canvass"))
async def my_links(message: Message, request: Request, canvassing: Canvassing) -> None:
    """Every item that the member canvasses for, with opens → votes (R22)."""
    await request.send(view.canvass_list_screen(await canvassing.mine(request.member), request.localizer))


@router.callback_query(callbacks.MyCanvassCallback.filter())
async def my_links_page(
    query: CallbackQuery, callback_data: callbacks.MyCanvassCallback, request: Request, canvassing: Canvassing
) -> None:
    """The same list from a button; under a picture it comes in a new message."""
    mine = await canvassing.mine(request.member, callback_data.page)
    await request.show(view.canvass_list_screen(mine, request.localizer))
