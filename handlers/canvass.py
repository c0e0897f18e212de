"""📣 A member's own link for an item, its QR code, and what came by it (R20-R23)."""

from __future__ import annotations

import asyncio
import io
from urllib.parse import quote

import qrcode
from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage

from domain.people import Member
from handlers import callbacks as tap
from handlers.stage import Stage
from handlers.views.mine import canvass_list_screen, canvass_screen, share_text
from handlers.words import Speech
from services.canvassing import Canvassing

router = Router(name="canvass")

TOKEN_PREFIX = "c"  # noqa: S105 - what a start payload of a canvass link begins with, so that others can join later


def qr_png(link: str) -> bytes:
    """A QR code as PNG, about 500 pixels a side; a fixed mask halves the time and reads as well."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=14, border=4, mask_pattern=3)
    code.add_data(link)
    code.make(fit=True)
    out = io.BytesIO()
    code.make_image(image_factory=PilImage).save(out, "PNG")
    return out.getvalue()


@router.callback_query(tap.Canvass.filter())
async def canvass(
    query: CallbackQuery,
    callback_data: tap.Canvass,
    bot: Bot,
    member: Member,
    speech: Speech,
    stage: Stage,
    canvassing: Canvassing,
) -> None:
    """The link and its QR code in a message of their own, ready to be forwarded."""
    mine = await canvassing.link(member, callback_data.item)
    if mine is None:
        await stage.answer(query, speech.plain("refused-unknown-item"), alert=True)
        return
    await stage.answer(query)
    me = await bot.me()
    link = f"https://t.me/{me.username}?start={TOKEN_PREFIX}{mine.token}"
    share = f"https://t.me/share/url?url={quote(link, safe='')}&text={quote(share_text(mine.item, speech), safe='')}"
    code = await asyncio.to_thread(qr_png, link)
    screen = canvass_screen(mine.item, link, share, mine.opens, mine.votes, code, speech)
    await stage.send(member.chat_id, screen)


@router.message(Command("canvass", ignore_case=True))
async def my_links(message: Message, member: Member, speech: Speech, stage: Stage, canvassing: Canvassing) -> None:
    """All links with friends → votes (R22)."""
    lines = [(line.item, line.opens, line.votes) for line in await canvassing.mine(member)]
    await stage.send(member.chat_id, canvass_list_screen(lines, speech))


@router.callback_query(tap.MyCanvass.filter())
async def my_links_again(
    query: CallbackQuery, member: Member, speech: Speech, stage: Stage, canvassing: Canvassing
) -> None:
    """The same list, from a button."""
    await stage.answer(query)
    lines = [(line.item, line.opens, line.votes) for line in await canvassing.mine(member)]
    await stage.send(member.chat_id, canvass_list_screen(lines, speech))
