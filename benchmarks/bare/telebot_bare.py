"""A bare bot with pyTelegramBotAPI: one picture message, answered and edited at each tap. No rule, no database."""

import asyncio
import json
import os

import telebot
from telebot.async_telebot import AsyncTeleBot
from telebot.types import InlineKeyboardButton, InlineKeyboardMarkup

telebot.asyncio_helper.API_URL = os.environ["BOT_API_URL"] + "/bot{0}/{1}"
bot = AsyncTeleBot(os.environ["BOT_TOKEN"])
with open(os.environ["PICTURE"], "rb") as file:
    picture = file.read()
card = json.loads(os.environ["CARD"])
count = 0


def caption() -> str:
    return card["caption"].replace("{count}", str(count))


def keyboard() -> InlineKeyboardMarkup:
    rows = card["keyboard"]["inline_keyboard"]
    return InlineKeyboardMarkup([[InlineKeyboardButton(**button) for button in row] for row in rows])


@bot.message_handler(commands=["start"])
async def start(message: telebot.types.Message) -> None:
    await bot.send_photo(message.chat.id, picture, caption=caption(), parse_mode="HTML", reply_markup=keyboard())


@bot.callback_query_handler(func=lambda query: True)
async def tapped(query: telebot.types.CallbackQuery) -> None:
    global count
    count += 1
    await asyncio.gather(
        bot.answer_callback_query(query.id, card["answer"]),
        bot.edit_message_caption(
            caption(),
            query.message.chat.id,
            query.message.message_id,
            parse_mode="HTML",
            reply_markup=keyboard(),
        ),
    )


asyncio.run(bot.infinity_polling(allowed_updates=["message", "callback_query"]))
