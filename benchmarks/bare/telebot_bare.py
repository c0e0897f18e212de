"""A bare bot with pyTelegramBotAPI: one picture message, answered and edited at each tap. No rule, no database."""

import asyncio
import os

import telebot
from telebot.async_telebot import AsyncTeleBot
from telebot.types import InlineKeyboardButton, InlineKeyboardMarkup

telebot.asyncio_helper.API_URL = os.environ["BOT_API_URL"] + "/bot{0}/{1}"
bot = AsyncTeleBot(os.environ["BOT_TOKEN"])
with open(os.environ["PICTURE"], "rb") as file:
    picture = file.read()
count = 0


def keyboard() -> InlineKeyboardMarkup:
    rows = [
        [("◀️", "p:1:0"), ("1/28", "z"), ("▶️", "p:1:1")],
        [(f"🙋 I want this group · {count}", "v:1:1:0:28:l")],
        [("🔍 Details", "d:1:1:0:28:l"), ("📣 Ask friends", "k:1")],
        [("🗂 Categories", "g:1:1:0:28:l"), ("🎲 New draw", "n::0")],
    ]
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(text, callback_data=data) for text, data in row] for row in rows]
    )


@bot.message_handler(commands=["goods"])
async def goods(message: telebot.types.Message) -> None:
    await bot.send_photo(message.chat.id, picture, caption="<b>Thing</b> 0", parse_mode="HTML", reply_markup=keyboard())


@bot.callback_query_handler(func=lambda query: True)
async def tapped(query: telebot.types.CallbackQuery) -> None:
    global count
    count += 1
    await asyncio.gather(
        bot.answer_callback_query(query.id, "Your vote counts."),
        bot.edit_message_caption(
            f"<b>Thing</b> {count}",
            query.message.chat.id,
            query.message.message_id,
            parse_mode="HTML",
            reply_markup=keyboard(),
        ),
    )


asyncio.run(bot.infinity_polling(allowed_updates=["message", "callback_query"]))
