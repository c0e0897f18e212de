"""Puts screens before people: the only place in which handlers meet Telegram's calls."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiogram import Bot
from aiogram.enums import ParseMode
from aiogram.exceptions import AiogramError, TelegramRetryAfter
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    SwitchInlineQueryChosenChat,
)

from domain.call_outcomes import CallOutcome
from handlers.localization import written
from handlers.screen import Button, Reply, Screen
from handlers.tap import Tap
from services.pictures import Pictures
from services.posters.cache import PosterCache
from services.posters.drawing import Poster

log = logging.getLogger(__name__)

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_HIDDEN = {"is_disabled": True}
_ANSWER_LIMIT = 200
_MOST_HELD = 1_000
_MOMENT = 1.0
"""Seconds in which what answers any nonsense is said once to a chat."""
_ANYWHERE = {"allow_user_chats": True, "allow_group_chats": True, "allow_channel_chats": True}


class MessengerCall(Protocol):
    """One call of the Bot API by method name and plain values. Returns the plain result or raises TelegramAPIError."""

    def __call__(self, name: str, payload: dict[str, Any]) -> Awaitable[Any]: ...


def keyboard(screen: Screen) -> InlineKeyboardMarkup | None:
    """A screen's buttons as Telegram wants them."""
    if not screen.buttons:
        return None
    return InlineKeyboardMarkup(inline_keyboard=[[_button(button) for button in row] for row in screen.buttons])


def plain_keyboard(screen: Screen) -> dict[str, Any]:
    """A screen's buttons as they go over the wire: a redraw needs no objects for them."""
    return {"inline_keyboard": [[_plain(button) for button in row] for row in screen.buttons]}


def _plain(button: Button) -> dict[str, Any]:
    plain: dict[str, Any] = {"text": button.text}
    if button.data is not None:
        plain["callback_data"] = button.data
    if button.url is not None:
        plain["url"] = button.url
    if button.copy is not None:
        plain["copy_text"] = {"text": button.copy}
    if button.inline is not None:
        plain["switch_inline_query_chosen_chat"] = {"query": button.inline, **_ANYWHERE}
    if button.style is not None:
        plain["style"] = button.style
    return plain


def _button(button: Button) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        text=button.text,
        callback_data=button.data,
        url=button.url,
        copy_text=CopyTextButton(text=button.copy) if button.copy else None,
        switch_inline_query_chosen_chat=(
            SwitchInlineQueryChosenChat(query=button.inline, **_ANYWHERE) if button.inline is not None else None
        ),
        style=button.style,
    )


class Messenger:
    """Sends and redraws screens. Knows what Telegram calls the pictures that were uploaded."""

    def __init__(
        self,
        bot: Bot,
        pictures: Pictures,
        posters: PosterCache,
        call: MessengerCall,
        classify: Callable[[Exception], CallOutcome],
    ) -> None:
        self.bot = bot
        self.pictures = pictures
        self._posters = posters
        self._call = call
        self.classify = classify
        self._late: dict[tuple[int, int], tuple[float, Tap, Screen]] = {}
        self._look = asyncio.Event()
        self._stopped = False
        self._waiting: set[str] = set()
        self._held: dict[str, None] = {}
        self._said: dict[int, float] = {}
        """When something was said to a chat that is said once a moment."""

    def expect(self, query_id: str) -> None:
        """A tap has come and waits for its answer."""
        self._waiting.add(query_id)

    def expect_no_more(self, query_id: str) -> None:
        """What was to be done about a tap has been done."""
        self._waiting.discard(query_id)

    def is_first(self, chat_id: int) -> bool:
        """Whether this was not asked for a chat within a second: what is said to one message need not be said to each
        of a hundred that were forwarded together."""
        now = time.monotonic()
        while self._said and next(iter(self._said.values())) <= now - _MOMENT:  # the longest ago is the first
            del self._said[next(iter(self._said))]
        first = chat_id not in self._said
        if first:
            self._said[chat_id] = now
        return first

    async def hold(self, query_id: str, text: str) -> None:
        """Tell whoever tapped that it takes long, unless they have their answer; what comes of it follows as a message,
        for Telegram takes one answer to a tap."""
        if query_id not in self._waiting or query_id in self._held:
            return
        self._held[query_id] = None
        if len(self._held) > _MOST_HELD:
            del self._held[next(iter(self._held))]
        await self._call("answerCallbackQuery", {"callback_query_id": query_id, "text": text[:_ANSWER_LIMIT]})

    async def send(self, chat_id: int, screen: Screen, *, paid: bool = False) -> Message:
        """Show a screen in a new message. Raises aiogram's TelegramAPIError when Telegram refuses it.

        `paid` lets Telegram take Stars for it where the free limit is used up (Bot API, "Paid Broadcasts").
        """
        over_the_limit = True if paid else None
        if screen.picture is None:
            return await self.bot.send_message(
                chat_id,
                screen.text,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard(screen),
                link_preview_options=_NO_PREVIEW,
                allow_paid_broadcast=over_the_limit,
            )

        async def attempt(photo: Any) -> Message:
            return await self.bot.send_photo(
                chat_id,
                photo,
                caption=screen.text,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard(screen),
                allow_paid_broadcast=over_the_limit,
            )

        return await self._with_picture(screen.picture, attempt)

    async def stars(self) -> int:
        """How many Stars the bot has. Raises aiogram's TelegramAPIError."""
        balance = await self._call("getMyStarBalance", {})
        return int(balance["amount"])

    async def reply(self, query: Tap | CallbackQuery, reply: Reply) -> bool:
        """Answer a tap and edit the tapped message at the same time. True if the message shows the reply's screen."""
        answered = self.answer(query, reply.text, alert=reply.alert)
        if reply.screen is None:
            await answered
            return False
        redrawn = self.redraw(query, reply.screen, same_picture=reply.same_picture)
        return (await asyncio.gather(answered, redrawn))[1]

    async def redraw(self, query: Tap | CallbackQuery, screen: Screen, *, same_picture: bool = False) -> bool:
        """Show a screen in the tapped message; in a new one where that message cannot become it.

        `same_picture` says that the picture does not change, so that only text and buttons are sent. False when
        Telegram asks for patience: the newest screen of the message then follows as soon as it may.
        """
        tap = Tap.of(query)
        if tap.chat is None or tap.message is None or tap.photo != (screen.picture is not None):
            await self.send(tap.person, screen)
            return True
        key = (tap.chat, tap.message)
        waiting = self._late.get(key)
        if waiting is not None:
            self._late[key] = (waiting[0], tap, screen)
            return False
        try:
            await self._edit(tap, screen, same_picture)
        except TelegramRetryAfter as error:
            log.warning("a redraw waits: too many requests, retry after %s s", error.retry_after)
            self._late[key] = (time.monotonic() + error.retry_after, tap, screen)
            self._look.set()
            return False
        except AiogramError as error:
            outcome = self.classify(error)
            if outcome is CallOutcome.MESSAGE_GONE:
                await self.send(tap.person, screen)
            elif outcome is not CallOutcome.NOT_MODIFIED:
                raise
        return True

    def stop(self) -> None:
        """Bring no more late redraws: what they would show, the next tap shows as well."""
        self._stopped = True
        self._look.set()

    async def run(self) -> None:
        """Bring the redraws that had to wait, each message's newest only, until stopped."""
        while not self._stopped:
            due = min((when for when, _, _ in self._late.values()), default=None)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), None if due is None else max(0.0, due - time.monotonic()))
            self._look.clear()
            now = time.monotonic()
            for key in [key for key, (when, _, _) in self._late.items() if when <= now]:
                _, tap, screen = self._late.pop(key)
                try:
                    await self.redraw(tap, screen)
                except Exception as error:  # whatever it was: the others still come
                    log.warning("a late redraw was given up: %s", error)

    async def _edit(self, tap: Tap, screen: Screen, same_picture: bool) -> None:
        where: dict[str, Any] = {"chat_id": tap.chat, "message_id": tap.message}
        if screen.picture is None:
            text = {"text": screen.text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
            await self._call("editMessageText", {**where, **text, "reply_markup": plain_keyboard(screen)})
        elif same_picture:
            caption = {"caption": screen.text, "parse_mode": "HTML", "reply_markup": plain_keyboard(screen)}
            await self._call("editMessageCaption", {**where, **caption})
        elif isinstance(screen.picture, int) and (known := self.pictures.file_id(screen.picture)):
            media = {"type": "photo", "media": known, "caption": screen.text, "parse_mode": "HTML"}
            try:
                await self._call("editMessageMedia", {**where, "media": media, "reply_markup": plain_keyboard(screen)})
            except AiogramError as error:
                if self.classify(error) is not CallOutcome.BAD_FILE:
                    raise
                await self.pictures.drop_file_id(screen.picture)
                await self._edit(tap, screen, same_picture)
        else:

            async def attempt(photo: Any) -> Any:
                media = InputMediaPhoto(media=photo, caption=screen.text, parse_mode=ParseMode.HTML)
                return await self.bot.edit_message_media(media, **where, reply_markup=keyboard(screen))

            await self._with_picture(screen.picture, attempt)

    async def change(self, where: dict[str, Any], screen: Screen, *, photo: bool) -> None:
        """Show a screen in the message that `where` names as editMessageText does; its picture stays as it is.

        Raises aiogram's TelegramAPIError when Telegram refuses it.
        """
        what = {"caption": screen.text} if photo else {"text": screen.text, "link_preview_options": _HIDDEN}
        name = "editMessageCaption" if photo else "editMessageText"
        await self._call(name, {**where, **what, "parse_mode": "HTML", "reply_markup": plain_keyboard(screen)})

    async def whisper(self, chat_id: int, person: int, screen: Screen, query_id: str | None = None) -> bool:
        """Show a screen in a group to one person only (Bot API, "Ephemeral messages"); False where that cannot be.

        `query_id` is the tap that it answers.
        """
        whom: dict[str, Any] = {"receiver_user_id": person}
        if query_id is not None:
            whom["callback_query_id"] = query_id
        message = {"chat_id": chat_id, "text": screen.text, "parse_mode": "HTML", "link_preview_options": _HIDDEN}
        try:
            await self._call(
                "sendMessage",
                {**message, "reply_markup": plain_keyboard(screen), "ephemeral_message_parameters": whom},
            )
        except (AiogramError, OSError) as error:
            log.info("no private answer in a group: %s", error)
            return False
        return True

    async def buttons(self, query: Tap | CallbackQuery, screen: Screen) -> None:
        """Change only the buttons of the tapped message."""
        tap = Tap.of(query)
        if tap.message is not None:
            where = {"chat_id": tap.chat, "message_id": tap.message}
            try:
                await self._call("editMessageReplyMarkup", {**where, "reply_markup": plain_keyboard(screen)})
            except AiogramError as error:
                if self.classify(error) is not CallOutcome.NOT_MODIFIED:
                    raise

    async def answer(
        self,
        query: Tap | CallbackQuery,
        text: str | None = None,
        *,
        alert: bool = False,
        url: str | None = None,
    ) -> None:
        """Answer a tap: the button stops waiting, and the user reads `text`, or is led to `url`, a deep link of this
        bot. An answer that comes too late is no error."""
        self._waiting.discard(query.id)
        if query.id in self._held:
            if text:
                await self.send(Tap.of(query).person, Screen(written(text)))
            return
        answer: dict[str, Any] = {"callback_query_id": query.id}
        if url:
            answer["url"] = url
        if text:
            answer |= {"text": text[:_ANSWER_LIMIT], "show_alert": alert}
        try:
            await self._call("answerCallbackQuery", answer)
        except AiogramError as error:
            if self.classify(error) is not CallOutcome.TOO_LATE:
                raise

    async def knows(self, poster: Poster) -> bool:
        """Whether this very poster has been uploaded, so that showing it takes no drawing."""
        return await self._posters.file_id(poster) is not None

    async def _with_picture(self, picture: int | Poster, attempt: Any) -> Message:
        """Try with the name that Telegram knows, else upload; a name it no longer knows is replaced."""
        shelf: Any = self._posters if isinstance(picture, Poster) else self.pictures
        name = "poster" if isinstance(picture, Poster) else f"{picture}"
        known = await shelf.file_id(picture) if isinstance(picture, Poster) else shelf.file_id(picture)
        if known:
            try:
                sent: Message = await attempt(known)
                return sent
            except AiogramError as error:
                if self.classify(error) is not CallOutcome.BAD_FILE:
                    raise
                log.warning("picture %s is uploaded anew: %s", name, error)
                await shelf.drop_file_id(picture)
        sent = await attempt(BufferedInputFile(await shelf.content(picture), f"{name}.jpg"))
        if isinstance(sent, Message) and sent.photo:
            try:
                await shelf.keep_file_id(picture, sent.photo[-1].file_id)
            except Exception as error:  # the message has arrived, whatever becomes of the picture's name
                log.warning("picture %s will be uploaded once more: %s", name, error)
        return sent
