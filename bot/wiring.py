"""Wires the components of the bot together."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aiogram import Bot, Dispatcher

from bot.delivery.card_updater import CardUpdater, DelayedEdits
from bot.delivery.sender import NotificationSender
from bot.jobs.handlers import JobHandlers
from bot.services import Services
from bot.telegram.errors import classify
from bot.telegram.session import BotSession, make_bot
from bot.updates.conversations import DatabaseFsmStorage, QuestionMiddleware
from bot.updates.floods import FloodNotices
from bot.updates.poller import LongPoller
from bot.updates.processor import UpdateProcessor
from domain.payloads import Links
from handlers import canvass, carousel, groups, inline, mine, settings_menu, start
from handlers.card_editor import CardEditor
from handlers.desk import calendar_and_grants, campaigns, cases, menu
from handlers.messenger import Messenger
from handlers.transparency import fairness, receipts, rules
from services.pictures.uploads import Pictures

ROUTERS = (
    inline.router,
    groups.router,
    rules.in_chats,
    fairness.in_chats,
    groups.ignored,
    carousel.router,
    canvass.router,
    start.router,
    mine.router,
    rules.router,
    fairness.router,
    receipts.router,
    settings_menu.router,
    campaigns.router,
    cases.router,
    menu.router,
    calendar_and_grants.router,
    start.fallback,
)
"""Updates of other chats end at `groups.ignored`: the routers behind it handle members' private chats. Frequent updates
come first, so that a tap passes few filters, and the fallback comes last."""

_NOT_FOR_HANDLERS = {"housekeeping", "failed_updates", "verdicts", "examinations"}
"""Services that no handler asks for."""


@dataclass(frozen=True, slots=True)
class BotComponents:
    """A bot that is ready to run."""

    bot: Bot
    processor: UpdateProcessor
    poller: LongPoller
    sender: NotificationSender
    card_updater: CardUpdater
    delayed_edits: DelayedEdits
    messenger: Messenger
    links: Links
    conversations: DatabaseFsmStorage
    dispatcher: Dispatcher
    job_handlers: JobHandlers


def _make_dispatcher(
    services: Services,
    messenger: Messenger,
    card_editor: CardEditor,
    links: Links,
    conversations: DatabaseFsmStorage,
) -> Dispatcher:
    """aiogram's dispatcher with all routers. Handlers may name each service, and what is given here, as a parameter."""
    dispatcher = Dispatcher(
        storage=conversations,
        messenger=messenger,
        card_editor=card_editor,
        pictures=messenger.pictures,
        links=links,
        **{name: service for name, service in vars(services).items() if name not in _NOT_FOR_HANDLERS},
    )
    dispatcher.update.outer_middleware(QuestionMiddleware())
    for router in ROUTERS:
        dispatcher.include_router(copy.deepcopy(router))  # a router has one parent; a process may run several bots
    return dispatcher


def make_components(
    services: Services, token: str, api_url: str, links: Links | None = None, files: Path | None = None
) -> BotComponents:
    """The bot of a token on a Bot API server; `links` writes canvass links, `files` is where this machine sees the
    files of a server in local mode."""
    bot = make_bot(token, api_url, services.context.network, services.context.clock)
    links = links or Links()
    session = bot.session
    assert isinstance(session, BotSession), "make_bot gives its bots this session"
    call = partial(session.call, bot)
    messenger = Messenger(bot, Pictures(services.context, bot.id), call, classify, services.context.clock)
    card_editor = CardEditor(messenger, services.cards, services.context)
    conversations = DatabaseFsmStorage(services.context)
    services.people.after_erasure.append(conversations.drop)
    dispatcher = _make_dispatcher(services, messenger, card_editor, links, conversations)
    processor = UpdateProcessor(dispatcher, services, messenger)
    notices = FloodNotices(messenger, processor.say)
    kinds = dispatcher.resolve_used_update_types()
    sender = NotificationSender(services, messenger, card_editor, links)
    return BotComponents(
        bot=bot,
        processor=processor,
        poller=LongPoller(call, processor.process, kinds, services.context.clock, refuse=notices.refuse),
        sender=sender,
        card_updater=CardUpdater(services.context, services.cards, card_editor, lambda: sender.busy),
        delayed_edits=DelayedEdits(services.context.clock, messenger),
        messenger=messenger,
        links=links,
        conversations=conversations,
        dispatcher=dispatcher,
        job_handlers=JobHandlers(services, messenger, links, files),
    )
