"""Sends and edits messages, and the request that a handler answers: the only place in which handlers call Telegram."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import NamedTuple, TypeVar

from aiogram import Bot
from aiogram.enums import ParseMode
from aiogram.exceptions import AiogramError, TelegramRetryAfter
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
)

from domain.call_outcomes import CallOutcome
from domain.limits import Act, Limits
from domain.people import Member
from domain.reading.addresses import is_button_address
from handlers.bot_api import ApiCall, Json, Standing, standing_in
from handlers.callbacks import Tap
from handlers.localization import Localizer, escaped
from handlers.screen import Button, Screen
from services.clock import Clock
from services.pictures.uploads import Chart, Pictures, Poster

log = logging.getLogger(__name__)

Sent = TypeVar("Sent")

_NO_PREVIEW = {"is_disabled": True}
_ANSWER_LIMIT = 200
_MAX_LATE_TAPS = 1_000
_HINT_INTERVAL = 1.0
"""Seconds in which a chat gets the hint at what the bot understands only once."""
_ANY_CHAT = {"allow_user_chats": True, "allow_group_chats": True, "allow_channel_chats": True}


def keyboard(screen: Screen) -> InlineKeyboardMarkup | None:
    """A screen's buttons as aiogram's type; None without buttons."""
    return InlineKeyboardMarkup.model_validate(plain_keyboard(screen)) if screen.buttons else None


def plain_keyboard(screen: Screen) -> Json:
    """A screen's buttons as the Bot API's InlineKeyboardMarkup."""
    rows = [[_plain_button(button) for button in row if _can_be_sent(button)] for row in screen.buttons]
    return {"inline_keyboard": [row for row in rows if row]}


def _can_be_sent(button: Button) -> bool:
    """Whether Telegram accepts the button. Goods of earlier versions may hold an address for which it would refuse the
    whole message."""
    return button.url is None or is_button_address(button.url)


def _plain_button(button: Button) -> Json:
    plain: Json = {"text": button.text}
    if button.data is not None:
        plain["callback_data"] = button.data
    if button.url is not None:
        plain["url"] = button.url
    if button.copy is not None:
        plain["copy_text"] = {"text": button.copy}
    if button.inline is not None:
        plain["switch_inline_query_chosen_chat"] = {"query": button.inline, **_ANY_CHAT}
    if button.style is not None:
        plain["style"] = button.style
    return plain


def _as_text(screen: Screen) -> Json:
    markup = plain_keyboard(screen)
    return {"text": screen.text, "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW, "reply_markup": markup}


def _as_caption(screen: Screen) -> Json:
    return {"caption": screen.text, "parse_mode": "HTML", "reply_markup": plain_keyboard(screen)}


class _DelayedEdit(NamedTuple):
    """An edit that Telegram refused for now; `due` is in monotonic seconds."""

    due: float
    tap: Tap
    screen: Screen


class Messenger:
    """Sends and edits screens, answers taps, and keeps the file IDs of uploaded pictures."""

    def __init__(
        self,
        bot: Bot,
        pictures: Pictures,
        call: ApiCall,
        classify: Callable[[Exception], CallOutcome],
        clock: Clock,
    ) -> None:
        self.bot = bot
        self.pictures = pictures
        self._call = call
        self.classify = classify
        self._clock = clock
        self._delayed: dict[tuple[int, int], _DelayedEdit] = {}
        """By chat and message."""
        self._unanswered: set[str] = set()
        self._acknowledged_late: dict[str, None] = {}
        self._hinted_at: dict[int, float] = {}

    # -- messages ------------------------------------------------------------------------------------------------------

    async def send(self, chat_id: int, screen: Screen, *, paid: bool = False, topic: int | None = None) -> Message:
        """Show a screen in a new message. Raises TelegramAPIError.

        `paid` lets Telegram charge Stars where the free limit is used up (Bot API, "Paid Broadcasts"). `topic` is that
        of a forum.
        """
        options: Json = {
            "parse_mode": ParseMode.HTML,
            "reply_markup": keyboard(screen),
            "allow_paid_broadcast": paid or None,
            "message_thread_id": topic,
        }
        if screen.picture is None:
            preview = LinkPreviewOptions(is_disabled=True)
            return await self.bot.send_message(chat_id, screen.text, link_preview_options=preview, **options)

        async def send_photo(photo: str | InputFile) -> Message:
            return await self.bot.send_photo(chat_id, photo, caption=screen.text, **options)

        return await self._with_picture(screen.picture, send_photo)

    async def send_file(self, chat_id: int, name: str, content: bytes, screen: Screen) -> None:
        """Send a file with a screen's text and buttons below it. Raises TelegramAPIError."""
        file, markup = BufferedInputFile(content, name), keyboard(screen)
        await self.bot.send_document(chat_id, file, caption=screen.text, parse_mode=ParseMode.HTML, reply_markup=markup)

    async def send_ephemeral(
        self, chat_id: int, person: int, screen: Screen, query_id: str | None = None, *, topic: int | None = None
    ) -> bool:
        """Show a screen in a group to one user only (Bot API, "Ephemeral messages"); False where that fails.

        `query_id` is the tap that it answers, `topic` the forum topic that it is shown in.
        """
        receiver: Json = {"receiver_user_id": person}
        if query_id is not None:
            receiver["callback_query_id"] = query_id
        payload = {"chat_id": chat_id, **_as_text(screen), "ephemeral_message_parameters": receiver}
        if topic is not None:
            payload["message_thread_id"] = topic
        try:
            await self._call("sendMessage", payload)
        except (AiogramError, OSError) as error:
            log.info("no ephemeral message in a group: %s", error)
            return False
        return True

    async def standing(self, chat_id: int, person: int) -> Standing:
        """Whether a user administers a chat."""
        return await standing_in(self._call, chat_id, person)

    async def stars(self) -> int:
        """The bot's balance of Stars. Raises TelegramAPIError."""
        balance = await self._call("getMyStarBalance", {})
        return int(balance["amount"])

    # -- edits ---------------------------------------------------------------------------------------------------------

    async def edit(self, query: Tap | CallbackQuery, screen: Screen, *, same_picture: bool = False) -> bool:
        """Show a screen in the tapped message, or in a new one where that message cannot show it.

        `same_picture` sends only text and buttons. False when Telegram asks to wait: the newest screen of the message
        then follows as soon as it may.
        """
        tap = Tap.of(query)
        if tap.chat is None or tap.message is None or tap.photo != (screen.picture is not None):
            await self.send(tap.person, screen)
            return True
        key = (tap.chat, tap.message)
        if key in self._delayed:
            self._delayed[key] = _DelayedEdit(self._delayed[key].due, tap, screen)
            return False
        try:
            await self._edit(tap, screen, same_picture)
        except TelegramRetryAfter as error:
            log.warning("an edit is delayed: too many requests, retry after %s s", error.retry_after)
            self._delayed[key] = _DelayedEdit(self._clock.monotonic() + error.retry_after, tap, screen)
            return False
        except AiogramError as error:
            outcome = self.classify(error)
            if outcome is CallOutcome.MESSAGE_GONE:
                await self.send(tap.person, screen)
            elif outcome is not CallOutcome.NOT_MODIFIED:
                raise
        return True

    async def _edit(self, tap: Tap, screen: Screen, same_picture: bool) -> None:
        message: Json = {"chat_id": tap.chat, "message_id": tap.message}
        if screen.picture is None or same_picture:
            await self.edit_text(message, screen, photo=screen.picture is not None)
            return

        async def edit_media(photo: str | InputFile) -> Message | bool:
            if isinstance(photo, str):
                media = {"type": "photo", "media": photo, "caption": screen.text, "parse_mode": "HTML"}
                payload = {**message, "media": media, "reply_markup": plain_keyboard(screen)}
                return bool(await self._call("editMessageMedia", payload))
            upload = InputMediaPhoto(media=photo, caption=screen.text, parse_mode=ParseMode.HTML)
            return await self.bot.edit_message_media(upload, **message, reply_markup=keyboard(screen))

        await self._with_picture(screen.picture, edit_media)

    async def edit_text(self, message: Json, screen: Screen, *, photo: bool) -> None:
        """Change text and buttons of a message, which `message` names as editMessageText does; its picture stays.

        Raises TelegramAPIError.
        """
        if photo:
            await self._call("editMessageCaption", {**message, **_as_caption(screen)})
        else:
            await self._call("editMessageText", {**message, **_as_text(screen)})

    async def edit_buttons(self, query: Tap | CallbackQuery, screen: Screen) -> None:
        """Change only the buttons of the tapped message."""
        tap = Tap.of(query)
        if tap.message is None:
            return
        payload = {"chat_id": tap.chat, "message_id": tap.message, "reply_markup": plain_keyboard(screen)}
        try:
            await self._call("editMessageReplyMarkup", payload)
        except AiogramError as error:
            if self.classify(error) is not CallOutcome.NOT_MODIFIED:
                raise

    async def make_due_edits(self) -> None:
        """Make the delayed edits that are due."""
        now = self._clock.monotonic()
        for key in [key for key, edit in self._delayed.items() if edit.due <= now]:
            edit = self._delayed.pop(key)
            try:
                await self.edit(edit.tap, edit.screen)
            except Exception as error:  # any error: the other edits are still made
                log.warning("a delayed edit failed: %s", error)

    # -- taps ----------------------------------------------------------------------------------------------------------

    def tap_started(self, query_id: str) -> None:
        """A tap is being handled and has no answer yet."""
        self._unanswered.add(query_id)

    def tap_ended(self, query_id: str) -> None:
        """A tap has been handled."""
        self._unanswered.discard(query_id)

    async def acknowledge_late(self, query_id: str, text: str) -> None:
        """Answer a tap that takes long; the real answer follows as a message, as Telegram takes one answer to a tap."""
        if query_id not in self._unanswered or query_id in self._acknowledged_late:
            return
        self._acknowledged_late[query_id] = None
        if len(self._acknowledged_late) > _MAX_LATE_TAPS:
            del self._acknowledged_late[next(iter(self._acknowledged_late))]
        await self._call("answerCallbackQuery", {"callback_query_id": query_id, "text": text[:_ANSWER_LIMIT]})

    async def answer(
        self, query: Tap | CallbackQuery, text: str | None = None, *, alert: bool = False, url: str | None = None
    ) -> None:
        """Answer a tap: the button stops waiting, and the user reads `text`, or follows `url`, a deep link of this bot.

        An answer that comes too late is no error.
        """
        self._unanswered.discard(query.id)
        if query.id in self._acknowledged_late:
            if text:
                await self.send(Tap.of(query).person, Screen(escaped(text)))
            return
        answer: Json = {"callback_query_id": query.id}
        if url:
            answer["url"] = url
        if text:
            answer |= {"text": text[:_ANSWER_LIMIT], "show_alert": alert}
        try:
            await self._call("answerCallbackQuery", answer)
        except AiogramError as error:
            if self.classify(error) is not CallOutcome.TOO_LATE:
                raise

    def may_hint(self, chat_id: int) -> bool:
        """Whether this chat got no hint within `_HINT_INTERVAL`: a hundred forwarded messages get one."""
        now = self._clock.monotonic()
        while self._hinted_at and next(iter(self._hinted_at.values())) <= now - _HINT_INTERVAL:  # the oldest is first
            del self._hinted_at[next(iter(self._hinted_at))]
        if chat_id in self._hinted_at:
            return False
        self._hinted_at[chat_id] = now
        return True

    # -- pictures ------------------------------------------------------------------------------------------------------

    async def has_uploaded(self, poster: Poster) -> bool:
        """Whether exactly this poster was uploaded, so that it need not be drawn."""
        return await self.pictures.poster_file_id(poster) is not None

    async def _with_picture(
        self, picture: int | Poster | Chart, send: Callable[[str | InputFile], Awaitable[Sent]]
    ) -> Sent:
        """Send by the picture's file ID, or upload it; a file ID that Telegram no longer accepts is replaced."""
        file_id = await self.pictures.file_id(picture)
        if file_id is not None:
            try:
                return await send(file_id)
            except AiogramError as error:
                if self.classify(error) is not CallOutcome.BAD_FILE:
                    raise
                log.warning("a picture is uploaded again: %s", error)
                await self.pictures.drop_file_id(picture)
        name = {Poster: "poster.jpg", Chart: "figures.png"}.get(type(picture), f"{picture}.jpg")
        sent = await send(BufferedInputFile(await self.pictures.content(picture), name))
        if isinstance(sent, Message) and sent.photo:
            try:
                await self.pictures.keep_file_id(picture, sent.photo[-1].file_id)
            except Exception as error:  # the message has been sent, whatever happens to the file ID
                log.warning("a picture will be uploaded again: %s", error)
        return sent


@dataclass(frozen=True, slots=True)
class Request:
    """An update from a member in their chat with the bot, and the ways to answer it; `tap` is None for a message."""

    member: Member
    localizer: Localizer
    messenger: Messenger
    tap: Tap | None

    async def send(self, screen: Screen) -> None:
        """Show a screen in a new message."""
        await self.messenger.send(self.member.chat_id, screen)

    async def answer(self, text: str | None = None, *, alert: bool = False) -> None:
        """Answer the tap."""
        if self.tap is not None:
            await self.messenger.answer(self.tap, text, alert=alert)

    def why_not(self, limits: Limits, act: Act) -> str | None:
        """Count what costs much and return None; where the member asks too often, why not and until when (R42)."""
        again = limits.take(self.member.chat_id, act, self.localizer.now)
        if again is None:
            return None
        minutes = ceil((again - self.localizer.now) / timedelta(minutes=1))
        return self.localizer.text(f"limit-{act.value}", wait=self.localizer.span(timedelta(minutes=minutes)))

    async def may(self, limits: Limits, act: Act) -> bool:
        """The same as an answer to the tap, or to a message: many of those at once get one."""
        said = self.why_not(limits, act)
        if said is not None and self.tap is not None:
            await self.answer(said, alert=True)
        elif said is not None and self.messenger.may_hint(self.member.chat_id):
            await self.send(Screen(escaped(said)))
        return said is None

    async def show(
        self, screen: Screen, notice: str | None = None, *, alert: bool = False, same_picture: bool = False
    ) -> bool:
        """Answer the tap and at the same time show a screen in the tapped message; after a message, in a new one.

        `same_picture` sends only text and buttons. False where the edit is delayed.
        """
        if self.tap is None:
            await self.send(screen)
            return True
        answered = self.messenger.answer(self.tap, notice, alert=alert)
        edited = self.messenger.edit(self.tap, screen, same_picture=same_picture)
        return (await asyncio.gather(answered, edited))[1]

    async def show_buttons(self, screen: Screen, notice: str | None = None, *, alert: bool = False) -> None:
        """Answer the tap and change only the buttons of the tapped message."""
        if self.tap is not None:
            await self.messenger.answer(self.tap, notice, alert=alert)
            await self.messenger.edit_buttons(self.tap, screen)
