"""Puts screens before people: the only place in which handlers meet Telegram's calls."""

from __future__ import annotations

import logging
from typing import Any

from aiogram import Bot
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramBadRequest, TelegramRetryAfter
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
)

from handlers.screen import Button, Fresh, Screen
from services.pictures import Pictures

log = logging.getLogger(__name__)

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_ANSWER_LIMIT = 200


def keyboard(screen: Screen) -> InlineKeyboardMarkup | None:
    """A screen's buttons as Telegram wants them."""
    if not screen.buttons:
        return None
    return InlineKeyboardMarkup(inline_keyboard=[[_button(button) for button in row] for row in screen.buttons])


def _button(button: Button) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        text=button.text,
        callback_data=button.data,
        url=button.url,
        copy_text=CopyTextButton(text=button.copy) if button.copy else None,
        style=button.style,
    )


class Stage:
    """Sends and redraws screens. Knows what Telegram calls the pictures that were uploaded."""

    def __init__(self, bot: Bot, pictures: Pictures) -> None:
        self.bot = bot
        self._pictures = pictures

    async def send(self, chat_id: int, screen: Screen) -> Message:
        """Show a screen in a new message. Raises aiogram's TelegramAPIError when Telegram refuses it."""
        if screen.picture is None:
            return await self.bot.send_message(
                chat_id,
                screen.text,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard(screen),
                link_preview_options=_NO_PREVIEW,
            )

        async def attempt(photo: Any) -> Message:
            return await self.bot.send_photo(
                chat_id, photo, caption=screen.text, parse_mode=ParseMode.HTML, reply_markup=keyboard(screen)
            )

        return await self._with_picture(screen.picture, attempt)

    async def redraw(self, query: CallbackQuery, screen: Screen, *, same_picture: bool = False) -> None:
        """Show a screen in the tapped message; in a new one where that message cannot become it.

        `same_picture` says that the picture does not change, so that only text and buttons are sent.
        """
        message = query.message
        if not isinstance(message, Message) or bool(message.photo) != (screen.picture is not None):
            await self.send(query.from_user.id, screen)
            return
        try:
            await self._edit(message, screen, same_picture)
        except TelegramRetryAfter as error:
            # The tap was judged and answered; a late redraw would overwrite whatever is tapped next.
            log.warning("redraw left out: too many requests, retry after %s s", error.retry_after)
        except TelegramBadRequest as error:
            if "message is not modified" in error.message:
                return
            if "message to edit not found" in error.message or "can't be edited" in error.message:
                await self.send(query.from_user.id, screen)
                return
            raise

    async def _edit(self, message: Message, screen: Screen, same_picture: bool) -> None:
        where: dict[str, Any] = {"chat_id": message.chat.id, "message_id": message.message_id}
        if screen.picture is None:
            await self.bot.edit_message_text(
                screen.text,
                **where,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard(screen),
                link_preview_options=_NO_PREVIEW,
            )
        elif same_picture:
            await self.bot.edit_message_caption(
                **where, caption=screen.text, parse_mode=ParseMode.HTML, reply_markup=keyboard(screen)
            )
        else:

            async def attempt(photo: Any) -> Message:
                media = InputMediaPhoto(media=photo, caption=screen.text, parse_mode=ParseMode.HTML)
                edited = await self.bot.edit_message_media(media, **where, reply_markup=keyboard(screen))
                assert isinstance(edited, Message), "a message in a chat is returned after its edit"
                return edited

            await self._with_picture(screen.picture, attempt)

    async def buttons(self, query: CallbackQuery, screen: Screen) -> None:
        """Change only the buttons of the tapped message."""
        if isinstance(query.message, Message):
            try:
                await self.bot.edit_message_reply_markup(
                    chat_id=query.message.chat.id,
                    message_id=query.message.message_id,
                    reply_markup=keyboard(screen),
                )
            except TelegramBadRequest as error:
                if "message is not modified" not in error.message:
                    raise

    async def answer(self, query: CallbackQuery, text: str | None = None, *, alert: bool = False) -> None:
        """Answer a tap: the button stops waiting, and the person reads `text`. Too late an answer is no error."""
        try:
            await self.bot.answer_callback_query(query.id, text=text and text[:_ANSWER_LIMIT], show_alert=alert)
        except TelegramBadRequest as error:
            if "query is too old" not in error.message:
                raise

    async def _with_picture(self, picture: int | Fresh, attempt: Any) -> Message:
        """Try with the name that Telegram knows, else upload; a name it no longer knows is replaced."""
        if isinstance(picture, Fresh):
            sent: Message = await attempt(BufferedInputFile(picture.content, picture.name))
            return sent
        known = self._pictures.file_id(picture)
        if known:
            try:
                sent = await attempt(known)
                return sent
            except TelegramBadRequest as error:
                if "file" not in error.message.lower():
                    raise
                log.warning("picture %s is uploaded anew: %s", picture, error.message)
                await self._pictures.forget(picture)
        content = await self._pictures.content(picture)
        sent = await attempt(BufferedInputFile(content, f"{picture}.jpg"))
        if sent.photo:
            await self._pictures.keep(picture, sent.photo[-1].file_id)
        return sent
