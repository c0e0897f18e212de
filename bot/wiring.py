"""Wires the components of the bot together."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiogram import Bot, Dispatcher

from bot.delivery.card_updater import CardUpdater
from bot.delivery.chat_notifications import ChatNotifications
from bot.delivery.delayed_edits import DelayedEdits
from bot.delivery.sender import NotificationSender
from bot.jobs.handlers import JobHandlers
from bot.services import Services
from bot.telegram.errors import classify
from bot.telegram.session import BotSession, make_bot
from bot.updates.conversations import DatabaseFsmStorage, QuestionMiddleware
from bot.updates.identification import Identification
from bot.updates.poller import LongPoller
from bot.updates.processor import UpdateProcessor
from domain.payloads import Links
from handlers import canvass, carousel, groups, inline, mine, settings_menu, start
from handlers.card_editor import CardEditor
from handlers.desk import calendar_and_grants, campaigns, menu
from handlers.messenger import Messenger
from services.pictures import Pictures
from services.posters.cache import PosterCache

ROUTERS = (
    inline.router,
    groups.router,
    groups.ignored,
    carousel.router,
    canvass.router,
    start.router,
    mine.router,
    settings_menu.router,
    campaigns.router,
    menu.router,
    calendar_and_grants.router,
    start.fallback,
)
"""Updates of other chats end at `groups.ignored`: the routers behind it handle members' private chats. Frequent updates
come first, so that a tap passes few filters, and the fallback comes last."""


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
    pictures: Pictures
    posters: PosterCache
    links: Links
    dispatcher: Dispatcher
    job_handlers: JobHandlers


def handler_dependencies(services: Services, messenger: Messenger, links: Links = Links()) -> dict[str, Any]:  # noqa: B008 - frozen
    """What handlers may name as parameters besides the update's own values."""
    return {
        "messenger": messenger,
        "card_editor": CardEditor(messenger, services.cards, services.context),
        "pictures": messenger.pictures,
        "links": links,
        "context": services.context,
        "people": services.people,
        "goods": services.goods,
        "rounds": services.rounds,
        "carousel": services.carousel,
        "voting": services.voting,
        "canvassing": services.canvassing,
        "groups": services.groups,
        "endings": services.endings,
        "days": services.days,
        "outbox": services.outbox,
        "cards": services.cards,
        "chats": services.chats,
        "campaigns": services.campaigns,
        "jobs": services.jobs,
    }


def make_dispatcher(services: Services, messenger: Messenger, links: Links) -> Dispatcher:
    """aiogram's dispatcher with all routers."""
    dispatcher = Dispatcher(
        storage=DatabaseFsmStorage(services.conversations), **handler_dependencies(services, messenger, links)
    )
    dispatcher.update.outer_middleware(QuestionMiddleware())
    for router in ROUTERS:
        dispatcher.include_router(copy.deepcopy(router))  # a router has one parent; a process may run several bots
    return dispatcher


def make_components(services: Services, token: str, api_url: str, links: Links | None = None) -> BotComponents:
    """The bot of a token on a Bot API server; `links` writes canvass links."""
    bot = make_bot(token, api_url)
    links = links or Links()
    pictures = Pictures(services.context, bot.id)
    session = bot.session
    assert isinstance(session, BotSession), "make_bot gives its bots this session"
    call = partial(session.call, bot)
    posters = PosterCache(services.context, bot.id)
    messenger = Messenger(bot, pictures, posters, call, classify, services.context.clock)
    dispatcher = make_dispatcher(services, messenger, links)
    processor = UpdateProcessor(
        dispatcher,
        handler_dependencies(services, messenger, links),
        Identification(services.people, services.context, messenger),
        messenger=messenger,
        people=services.people,
        failed_updates=services.failed_updates,
        clock=services.context.clock,
    )
    poller = LongPoller(call, processor.process, dispatcher.resolve_used_update_types(), services.context.clock)
    card_editor = CardEditor(messenger, services.cards, services.context)
    chat_notifications = ChatNotifications(messenger, services.chats, services.cards, card_editor)
    sender = NotificationSender(
        services.context,
        services.outbox,
        services.carousel,
        services.people,
        services.campaigns,
        messenger,
        chat_notifications,
    )
    card_updater = CardUpdater(services.context, services.cards, card_editor, lambda: sender.busy)
    job_handlers = JobHandlers(services.context, messenger, links, services.canvassing, services.goods)
    return BotComponents(
        bot,
        processor,
        poller,
        sender,
        card_updater,
        DelayedEdits(services.context.clock, messenger),
        messenger,
        pictures,
        posters,
        links,
        dispatcher,
        job_handlers,
    )
