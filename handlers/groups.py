"""Groups and channels: binding them, answering in them, and staying silent in them otherwise (R21, R35)."""

from __future__ import annotations

import logging
import time

from aiogram import Bot, Router
from aiogram.exceptions import AiogramError
from aiogram.filters import Command, CommandObject, Filter
from aiogram.types import CallbackQuery, Chat, ChatMemberUpdated, Message

from domain.chats import BoundChat
from domain.people import LANGUAGES
from handlers import callbacks
from handlers.card_editor import CardEditor
from handlers.filters import OutsidePrivateChat
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.screen import Screen
from handlers.views import cards as view
from services.chats import Chats
from services.context import ServiceContext

log = logging.getLogger(__name__)

_ADMINISTRATORS = ("creator", "administrator")
_OUTSIDE = ("left", "kicked")


class Migrated(Filter):
    """Lets through what Telegram says when a group becomes a supergroup."""

    async def __call__(self, message: Message) -> bool:
        return message.migrate_to_chat_id is not None or message.migrate_from_chat_id is not None


router = Router(name="groups")
silence = Router(name="silence")
for one in (router, silence):
    for observer in (one.message, one.channel_post, one.callback_query, one.my_chat_member):
        observer.filter(OutsidePrivateChat())


@router.message(Command("bind", ignore_case=True))
async def bind(
    message: Message,
    command: CommandObject,
    bot: Bot,
    localizer: Localizer,
    messenger: Messenger,
    context: ServiceContext,
    chats: Chats,
    card_editor: CardEditor,
) -> None:
    """/bind, perhaps with a language; without one the bot speaks like whoever binds (R35)."""
    if not await _may(message, bot, messenger, context, localizer):
        return
    asked = (command.args or "").strip().lower()
    language = None if asked == view.BOTH else asked if asked in LANGUAGES else localizer.language
    await chats.bind(message.chat.id, language)
    await _show_bound(message.chat, messenger, chats, card_editor, "bind-done")


@router.channel_post(Command("bind", ignore_case=True))
async def bind_channel(
    message: Message, command: CommandObject, messenger: Messenger, chats: Chats, card_editor: CardEditor
) -> None:
    """/bind in a channel: whoever posts there administers it; nobody is named, so both languages are spoken."""
    asked = (command.args or "").strip().lower()
    await chats.bind(message.chat.id, asked if asked in LANGUAGES else None, channel=True)
    await _show_bound(message.chat, messenger, chats, card_editor, "bind-done")


@router.message(Command("unbind", ignore_case=True))
async def unbind(
    message: Message, bot: Bot, localizer: Localizer, messenger: Messenger, context: ServiceContext, chats: Chats
) -> None:
    """/unbind: nothing more is sent there."""
    if await _may(message, bot, messenger, context, localizer):
        key = "unbind-done" if await chats.unbind(message.chat.id) else "unbind-none"
        await _say(message.chat.id, view.told((localizer,), key), messenger)


@router.channel_post(Command("unbind", ignore_case=True))
async def unbind_channel(message: Message, messenger: Messenger, chats: Chats, card_editor: CardEditor) -> None:
    """/unbind in a channel."""
    bound = await chats.find(message.chat.id)
    speeches = card_editor.localizers(bound.languages if bound else LANGUAGES)
    key = "unbind-done" if await chats.unbind(message.chat.id) else "unbind-none"
    await _say(message.chat.id, view.told(speeches, key), messenger)


@router.callback_query(callbacks.ChatLanguageCallback.filter())
async def choose_language(
    query: CallbackQuery,
    callback_data: callbacks.ChatLanguageCallback,
    bot: Bot,
    localizer: Localizer,
    messenger: Messenger,
    chats: Chats,
    card_editor: CardEditor,
) -> None:
    """中文 / English / both, by administrators."""
    chat = query.message.chat if query.message is not None else None
    bound = await chats.find(chat.id) if chat is not None else None
    if chat is None or bound is None:
        await messenger.answer(query, localizer.text("unbind-none"), alert=True)
        return
    if not await _administers(bot, chat.id, query.from_user.id):
        await messenger.answer(query, localizer.text("bind-only-administrators"), alert=True)
        return
    language = callback_data.language if callback_data.language in LANGUAGES else None
    await chats.bind(chat.id, language, channel=bound.channel)
    await messenger.answer(query)
    key = "bind-language" if language else "bind-both"
    fresh = await chats.find(chat.id)
    if fresh is not None:
        await messenger.edit(query, view.bound(fresh, card_editor.localizers(fresh.languages), key))


@router.my_chat_member()
async def came_or_went(update: ChatMemberUpdated, localizer: Localizer, messenger: Messenger, chats: Chats) -> None:
    """A group that takes the bot in is told what it can do; one that puts it out is forgotten."""
    old, new = update.old_chat_member.status, update.new_chat_member.status
    channel = update.chat.type == "channel"
    if new in _OUTSIDE or (channel and new not in _ADMINISTRATORS):
        await chats.unbind(update.chat.id)
    elif old in _OUTSIDE and not channel:
        await _say(update.chat.id, view.told((localizer,), "group-hello"), messenger)


@router.message(Migrated())
async def moved(message: Message, chats: Chats) -> None:
    """A group that became a supergroup is a new chat to Telegram, and the same one to people."""
    if message.migrate_to_chat_id is not None:
        await chats.migrate(message.chat.id, message.migrate_to_chat_id)
    elif message.migrate_from_chat_id is not None:
        await chats.migrate(message.migrate_from_chat_id, message.chat.id)


@silence.message()
@silence.channel_post()
async def say_nothing(message: Message) -> None:
    """What people say to each other is neither answered nor stored."""


@silence.callback_query()
async def unknown_button(query: CallbackQuery, messenger: Messenger) -> None:
    """A button that was forged, or made for another chat: it only stops waiting."""
    await messenger.answer(query)


@silence.my_chat_member()
async def unknown_change(update: ChatMemberUpdated) -> None:
    """Nothing else about other chats concerns the bot."""


async def _may(message: Message, bot: Bot, messenger: Messenger, context: ServiceContext, localizer: Localizer) -> bool:
    """Whether the sender administers the group. Anonymous administrators write in the group's own name."""
    if message.sender_chat is not None:
        allowed = message.sender_chat.id == message.chat.id
    else:
        allowed = message.from_user is not None and await _administers(bot, message.chat.id, message.from_user.id)
    if not allowed and message.from_user is not None:
        now = time.monotonic()
        if (
            context.rate_limiter.next_free(message.chat.id, now) <= now
        ):  # nobody makes the bot fill a group with refusals
            context.rate_limiter.took(message.chat.id, now)
            refusal = Screen(localizer.html("bind-only-administrators"))
            if not await messenger.send_ephemeral(message.chat.id, message.from_user.id, refusal):
                await _say(message.chat.id, refusal, messenger)
    return allowed


async def _administers(bot: Bot, chat_id: int, person: int) -> bool:
    try:
        return (await bot.get_chat_member(chat_id, person)).status in _ADMINISTRATORS
    except AiogramError as error:
        log.info("who administers a chat is not known: %s", error)
        return False


async def _show_bound(chat: Chat, messenger: Messenger, chats: Chats, card_editor: CardEditor, key: str) -> None:
    bound: BoundChat | None = await chats.find(chat.id)
    if bound is not None:
        await _say(chat.id, view.bound(bound, card_editor.localizers(bound.languages), key), messenger)


async def _say(chat_id: int, screen: Screen, messenger: Messenger) -> None:
    """Answer in a chat; one that does not let the bot write is no error of the person who asked."""
    try:
        await messenger.send(chat_id, screen)
    except AiogramError as error:
        log.info("no answer in a group: %s", error)
