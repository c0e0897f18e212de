"""A small bot written with aiogram; the sandbox's address and the token are its arguments."""

import asyncio
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.types import BufferedInputFile, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

dp = Dispatcher()
KEYBOARD = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="🙋 want", callback_data="want")]])


@dp.message(CommandStart())
async def start(message: Message) -> None:
    picture = BufferedInputFile(bytes.fromhex(sys.argv[3]), "card.png")
    await message.answer_photo(picture, caption="<b>Pears</b>", parse_mode="HTML", reply_markup=KEYBOARD)


@dp.callback_query()
async def tapped(query: CallbackQuery) -> None:
    await query.answer("counted", show_alert=True)
    if isinstance(query.message, Message):
        await query.message.edit_caption(caption=f"{query.from_user.first_name} wants pears")


@dp.message()
async def other(message: Message) -> None:
    await message.reply(f"you said: {message.text}")


async def main() -> None:
    bot = Bot(sys.argv[2], session=AiohttpSession(api=TelegramAPIServer.from_base(sys.argv[1])))
    await dp.start_polling(bot)


if __name__ == "__main__":
    asyncio.run(main())
