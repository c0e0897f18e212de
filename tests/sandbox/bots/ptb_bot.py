"""The same small bot written with python-telegram-bot."""

import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("🙋 want", callback_data="want")]])


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    picture = bytes.fromhex(sys.argv[3])
    await update.message.reply_photo(picture, caption="<b>Pears</b>", parse_mode="HTML", reply_markup=KEYBOARD)


async def tapped(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    await query.answer("counted", show_alert=True)
    await query.edit_message_caption(caption=f"{query.from_user.first_name} wants pears")


async def other(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    await update.message.reply_text(f"you said: {update.message.text}", do_quote=True)


if __name__ == "__main__":
    app = (
        ApplicationBuilder().token(sys.argv[2]).base_url(f"{sys.argv[1]}/bot").base_file_url(f"{sys.argv[1]}/file/bot")
    )
    application = app.build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(CallbackQueryHandler(tapped))
    application.add_handler(MessageHandler(filters.TEXT, other))
    application.run_polling()
