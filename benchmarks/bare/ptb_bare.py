"""A bare bot with python-telegram-bot: one picture message, answered and edited at each tap. No rule, no database."""

import asyncio
import json
import os

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes

with open(os.environ["PICTURE"], "rb") as file:
    picture = file.read()
card = json.loads(os.environ["CARD"])
count = 0


def caption() -> str:
    return card["caption"].replace("{count}", str(count))


def keyboard() -> InlineKeyboardMarkup:
    rows = card["keyboard"]["inline_keyboard"]
    return InlineKeyboardMarkup([[InlineKeyboardButton(**button) for button in row] for row in rows])


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.effective_chat
    await context.bot.send_photo(
        update.effective_chat.id, picture, caption=caption(), parse_mode="HTML", reply_markup=keyboard()
    )


async def tapped(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    global count
    count += 1
    query = update.callback_query
    assert query
    await asyncio.gather(
        query.answer(card["answer"]),
        query.edit_message_caption(caption(), parse_mode="HTML", reply_markup=keyboard()),
    )


application = (
    Application.builder()
    .token(os.environ["BOT_TOKEN"])
    .base_url(os.environ["BOT_API_URL"] + "/bot")
    .concurrent_updates(True)
    .connection_pool_size(256)
    .pool_timeout(60)
    .build()
)
application.add_handler(CommandHandler("start", start))
application.add_handler(CallbackQueryHandler(tapped))
application.run_polling(allowed_updates=["message", "callback_query"])
