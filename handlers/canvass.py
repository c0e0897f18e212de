"""📣 A member's canvass link for an item: its poster, the ways to share it, opens and votes (R20-R23)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiogram import Bot, Router
from aiogram.types import CallbackQuery, Message

from domain.limits import Act, Limits
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
    limits: Limits,
) -> None:
    """Send the poster with the link in a new message, ready to be forwarded."""
    mine = await canvassing.link(request.member, callback_data.item)
    if mine is None:
        await request.answer(request.localizer.text("refused-unknown-item"), alert=True)
        return
    me = await bot.me()
    inline = bool(me.supports_inline_queries)
    screen = view.canvass_screen(mine, links, me.username or "", request.localizer, inline=inline)
    said = await _why_no_poster(request, limits, screen)
    await request.answer(said, alert=said is not None)
    if said is not None:  # the link is what counts
        await request.send(replace(screen, picture=None))
    else:
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
    limits: Limits,
) -> None:
    """Networks, only the poster, the poster for WeChat, or a new link; a forged value shows the first screen."""
    do, item, localizer = callback_data.do, callback_data.item, request.localizer
    if do == "renew" and not await request.may(limits, Act.LINK):
        return
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
        screen = (view.poster_screen if do == "poster" else view.wechat_screen)(mine, address, localizer)
        said = await _why_no_poster(request, limits, screen)
        await request.answer(said, alert=said is not None)
        if said is None:
            await _show_poster(request, jobs, item, screen)
    else:
        inline, renewed = bool(me.supports_inline_queries), do == "renew"
        screen = view.canvass_screen(mine, links, me.username or "", localizer, inline=inline)
        said = localizer.text("canvass-renewed") if renewed else await _why_no_poster(request, limits, screen)
        await request.answer(said, alert=said is not None)
        if renewed or said is None:
            await _show_poster(request, jobs, item, screen, edit=True)


async def _why_no_poster(request: Request, limits: Limits, screen: Screen) -> str | None:
    """Why a poster that would have to be drawn is not, as too many were; None where it may be shown."""
    assert isinstance(screen.picture, Poster), "it is asked for a poster"
    if await request.messenger.has_uploaded(screen.picture):
        return None
    return request.why_not(limits, Act.POSTER)


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
