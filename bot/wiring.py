"""Who is given what: the one place where the parts of the bot meet."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiogram import Bot, Dispatcher

from bot.chat_letters import ChatLetters
from bot.conversations import ConversationStorage
from bot.courier import Courier
from bot.intake import Intake
from bot.middlewares import OneQuestion, WhoIsIt
from bot.reception import Reception
from bot.refresher import Refresher
from bot.services import Services
from bot.session import Session, make_bot
from handlers import canvass, carousel, deliveries, desk, groups, inline, mine, office, settings_menu, start
from handlers.easel import Easel
from handlers.errands import Workshop
from handlers.links import Links
from handlers.stage import Stage
from services.pictures import Pictures
from services.poster_shelf import PosterShelf

ROUTERS = (
    inline.router,
    groups.router,
    groups.silence,
    carousel.router,
    canvass.router,
    inline.led,
    start.router,
    mine.router,
    settings_menu.router,
    deliveries.router,
    desk.router,
    office.router,
    start.fallback,
)
"""What happens in other chats ends with the silence: behind it every update is of a member in their own chat. There
hot ones come first, so that a tap meets few filters, and what answers everything else comes last."""


@dataclass(frozen=True, slots=True)
class Running:
    """A bot that is ready to run: who takes in, and who brings out."""

    bot: Bot
    reception: Reception
    intake: Intake
    courier: Courier
    refresher: Refresher
    stage: Stage
    pictures: Pictures
    posters: PosterShelf
    links: Links
    dispatcher: Dispatcher
    workshop: Workshop


def given(services: Services, stage: Stage, links: Links = Links()) -> dict[str, Any]:  # noqa: B008 - frozen
    """What handlers may ask for by name, besides what an update itself brings."""
    return {
        "stage": stage,
        "easel": Easel(stage, services.cards, services.house, links),
        "pictures": stage.pictures,
        "links": links,
        "house": services.house,
        "people": services.people,
        "goods": services.goods,
        "rounds": services.rounds,
        "carousel": services.carousel,
        "voting": services.voting,
        "canvassing": services.canvassing,
        "alerts": services.alerts,
        "endings": services.endings,
        "days": services.days,
        "outbox": services.outbox,
        "cards": services.cards,
        "chats": services.chats,
        "deliveries": services.deliveries,
        "errands": services.errands,
    }


def make_dispatcher(services: Services, stage: Stage, links: Links) -> Dispatcher:
    """The routers, hot ones first, so that a tap meets few filters."""
    dispatcher = Dispatcher(storage=ConversationStorage(services.conversations), **given(services, stage, links))
    dispatcher.update.outer_middleware(WhoIsIt())
    dispatcher.update.outer_middleware(OneQuestion())
    for router in ROUTERS:
        dispatcher.include_router(copy.deepcopy(router))  # a router has one parent; a process may run several bots
    return dispatcher


def make_running(services: Services, token: str, api_url: str, links: Links | None = None) -> Running:
    """The bot of this token on the given Bot API server; `links` says how canvass links are written."""
    bot = make_bot(token, api_url)
    links = links or Links()
    pictures = Pictures(services.house, bot.id)
    session = bot.session
    assert isinstance(session, Session), "make_bot gives its bots this session"
    call = partial(session.call, bot)
    posters = PosterShelf(services.house, bot.id)
    stage = Stage(bot, pictures, posters, call)
    dispatcher = make_dispatcher(services, stage, links)
    reception = Reception(
        bot,
        dispatcher,
        given(services, stage, links),
        house=services.house,
        people=services.people,
        stage=stage,
        asides=services.asides,
    )
    intake = Intake(call, reception.receive, dispatcher.resolve_used_update_types())
    easel = Easel(stage, services.cards, services.house, links)
    for_chats = ChatLetters(stage, services.chats, services.cards, easel, links)
    courier = Courier(
        services.house, services.outbox, services.carousel, services.people, services.deliveries, stage, for_chats
    )
    refresher = Refresher(services.house, services.cards, easel, lambda: courier.busy)
    workshop = Workshop(services.house, stage, links, services.canvassing, services.goods)
    return Running(bot, reception, intake, courier, refresher, stage, pictures, posters, links, dispatcher, workshop)
