"""Groups and channels: binding them and answering commands in them; other messages are ignored (R21, R35)."""

from __future__ import annotations

import logging

from aiogram import Router
from aiogram.exceptions import AiogramError
from aiogram.filters import CommandObject, Filter
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from domain.people import LANGUAGES, BoundChat, Member
from domain.voting import is_double_tap
from handlers import callbacks
from handlers.bot_api import Standing, topic_of
from handlers.card_editor import CardEditor
from handlers.commands import OutsidePrivateChat, TypedCommand
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.screen import Screen
from handlers.transparency.answers import may_answer
from handlers.views import cards as view
from services.context import ServiceContext
from services.people import Chats

log = logging.getLogger(__name__)

_ADMINISTRATORS = ("creator", "administrator")
_GONE = ("left", "kicked")


class Reopened(Filter):
    """Lets through the service message that a forum topic was reopened."""

    async def __call__(self, message: Message) -> bool:
        return message.forum_topic_reopened is not None


class Migrated(Filter):
    """Lets through service messages about a group that becomes a supergroup."""

    async def __call__(self, message: Message) -> bool:
        return message.migrate_to_chat_id is not None or message.migrate_from_chat_id is not None


router = Router(name="groups")
ignored = Router(name="ignored")
for one in (router, ignored):
    for observer in (one.message, one.channel_post, one.callback_query, one.my_chat_member):
        observer.filter(OutsidePrivateChat())


@router.message(TypedCommand("bind"))
@router.channel_post(TypedCommand("bind"))
async def bind(
    message: Message,
    command: CommandObject,
    member: Member | None,
    localizer: Localizer,
    messenger: Messenger,
    context: ServiceContext,
    chats: Chats,
    card_editor: CardEditor,
) -> None:
    """/bind with an optional language; the default is that of the administrator, and in a channel both (R35).

    In a topic of a forum everything comes there; in another topic it moves.
    """
    if not await _is_allowed(message, messenger, context, localizer):
        return
    channel = message.chat.type == "channel"
    argument = (command.args or "").strip().lower()
    default = None if channel or argument == view.BOTH else localizer.language
    language, topic = argument if argument in LANGUAGES else default, topic_of(message)
    await chats.bind(message.chat.id, language, channel=channel, topic=topic, by=member)
    if bound := await chats.find(message.chat.id):
        screen = view.bound(bound, card_editor.localizers(bound.languages), "bind-done")
        await _send(message.chat.id, screen, messenger, topic)


@router.message(TypedCommand("unbind"))
@router.channel_post(TypedCommand("unbind"))
async def unbind(
    message: Message,
    localizer: Localizer,
    messenger: Messenger,
    context: ServiceContext,
    chats: Chats,
    card_editor: CardEditor,
) -> None:
    """/unbind ends all messages to this chat; a channel has no reader whose language the answer could take."""
    if not await _is_allowed(message, messenger, context, localizer):
        return
    localizers: tuple[Localizer, ...] = (localizer,)
    if message.chat.type == "channel":
        bound = await chats.find(message.chat.id)
        localizers = card_editor.localizers(bound.languages if bound else LANGUAGES)
    key = "unbind-done" if await chats.unbind(message.chat.id) else "unbind-none"
    await _send(message.chat.id, view.plain_answer(localizers, key), messenger, topic_of(message))


@router.callback_query(callbacks.ChatLanguageCallback.filter())
async def choose_language(
    query: CallbackQuery,
    callback_data: callbacks.ChatLanguageCallback,
    localizer: Localizer,
    messenger: Messenger,
    chats: Chats,
    card_editor: CardEditor,
) -> None:
    """The buttons 中文 / English / both, for administrators."""
    bound = await _may_change(query, localizer, messenger, chats)
    if bound is None:
        return
    language = callback_data.language if callback_data.language in LANGUAGES else None
    await chats.set_language(bound.chat_id, language)
    await messenger.answer(query)
    key = "bind-language" if language else "bind-both"
    if bound := await chats.find(bound.chat_id):
        await messenger.edit(query, view.bound(bound, card_editor.localizers(bound.languages), key))


@router.callback_query(callbacks.ChatFairnessCallback.filter())
async def choose_fairness(
    query: CallbackQuery,
    callback_data: callbacks.ChatFairnessCallback,
    localizer: Localizer,
    messenger: Messenger,
    context: ServiceContext,
    chats: Chats,
    card_editor: CardEditor,
) -> None:
    """📊 the figures of each round, on or off, for administrators; the second tap of a double tap does nothing."""
    now = context.clock.now()
    if is_double_tap(callbacks.settling_since(query.data or ""), now, context.rules.double_tap):
        await messenger.answer(query, localizer.text("double-tap"))
        return
    bound = await _may_change(query, localizer, messenger, chats)
    if bound is None:
        return
    on = callback_data.value == "1"
    await chats.set_fairness(bound.chat_id, on)
    await messenger.answer(query)
    key = "bind-fairness-now-on" if on else "bind-fairness-now-off"
    if bound := await chats.find(bound.chat_id):
        screen = view.bound(bound, card_editor.localizers(bound.languages), key)
        await messenger.edit(query, callbacks.settling(screen, now, "hf:"))


async def _may_change(
    query: CallbackQuery, localizer: Localizer, messenger: Messenger, chats: Chats
) -> BoundChat | None:
    """The bound chat of a tapped button, for its administrators; others are answered why not."""
    chat = query.message.chat if query.message is not None else None
    bound = await chats.find(chat.id) if chat is not None else None
    if bound is None:
        await messenger.answer(query, localizer.text("unbind-none"), alert=True)
        return None
    standing = await messenger.standing(bound.chat_id, query.from_user.id)
    if standing is Standing.ADMINISTRATOR:
        return bound
    key = "bind-administrators-unknown" if standing is Standing.UNKNOWN else "bind-only-administrators"
    await messenger.answer(query, localizer.text(key), alert=True)
    return None


@router.my_chat_member()
async def membership_changed(
    update: ChatMemberUpdated, localizer: Localizer, messenger: Messenger, chats: Chats
) -> None:
    """Introduce the bot to a group that adds it; unbind a chat that removes it."""
    old, new = update.old_chat_member.status, update.new_chat_member.status
    channel = update.chat.type == "channel"
    if new in _GONE or (channel and new not in _ADMINISTRATORS):
        await chats.unbind(update.chat.id)
    elif old in _GONE and not channel:
        await _send(update.chat.id, view.plain_answer((localizer,), "group-hello"), messenger)


@router.message(Reopened())
async def reopened(message: Message, chats: Chats) -> None:
    """Post again in a topic that was closed."""
    await chats.topic_reopened(message.chat.id, topic_of(message))


@router.message(Migrated())
async def migrated(message: Message, chats: Chats) -> None:
    """Follow a group that became a supergroup, which has a new ID."""
    if message.migrate_to_chat_id is not None:
        await chats.migrate(message.chat.id, message.migrate_to_chat_id)
    elif message.migrate_from_chat_id is not None:
        await chats.migrate(message.migrate_from_chat_id, message.chat.id)


@ignored.message()
@ignored.channel_post()
async def ignore(message: Message) -> None:
    """Other messages are neither answered nor stored."""


@ignored.callback_query()
async def unknown_button(query: CallbackQuery, messenger: Messenger) -> None:
    """Answer a forged button, so that it stops waiting."""
    await messenger.answer(query)


@ignored.my_chat_member()
async def other_change(update: ChatMemberUpdated) -> None:
    """Other changes in chats are ignored."""


async def _is_allowed(message: Message, messenger: Messenger, context: ServiceContext, localizer: Localizer) -> bool:
    """Whether the sender administers the chat. Those who write in the chat's own name do, as in every channel; what
    other chats say does not get here."""
    if message.chat.type == "channel" or message.sender_chat is not None:
        return True
    if message.from_user is None:
        return False
    standing = await messenger.standing(message.chat.id, message.from_user.id)
    if standing is Standing.ADMINISTRATOR:
        return True
    if may_answer(message.chat.id, context):  # at most one refusal in the chat's rate limit
        key = "bind-administrators-unknown" if standing is Standing.UNKNOWN else "bind-only-administrators"
        refusal = Screen(localizer.html(key))
        topic = topic_of(message)
        if not await messenger.send_ephemeral(message.chat.id, message.from_user.id, refusal, topic=topic):
            await _send(message.chat.id, refusal, messenger, topic)
    return False


async def _send(chat_id: int, screen: Screen, messenger: Messenger, topic: int | None = None) -> None:
    """Send to a chat that may not allow the bot to write."""
    try:
        await messenger.send(chat_id, screen, topic=topic)
    except AiogramError as error:
        log.info("no answer in a chat: %s", error)
