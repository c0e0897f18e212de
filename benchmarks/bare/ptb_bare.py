"""A bare bot with python-telegram-bot: one picture message, answered and edited at each tap. No rule, no database."""

import asyncio
import os

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes

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


async def goods(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.effective_chat
    await context.bot.send_photo(
        update.effective_chat.id, picture, caption="<b>Thing</b> 0", parse_mode="HTML", reply_markup=keyboard()
    )


async def tapped(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    global count
    count += 1
    query = update.callback_query
    assert query
    await asyncio.gather(
        query.answer("Your vote counts."),
        query.edit_message_caption(f"<b>Thing</b> {count}", parse_mode="HTML", reply_markup=keyboard()),
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
application.add_handler(CommandHandler("goods", goods))
application.add_handler(CallbackQueryHandler(tapped))
application.run_polling(allowed_updates=["message", "callback_query"])
