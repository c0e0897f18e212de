"""The services over one database, for the running bot and for commands alike; imports nothing of Telegram."""

from __future__ import annotations

from dataclasses import dataclass

from bot.settings import Settings
from services.campaigns import Campaigns
from services.canvassing.cards import Cards
from services.canvassing.links import Canvassing
from services.carousel import Carousel
from services.clock import Clock
from services.context import ServiceContext
from services.goods import Goods
from services.groups import Groups
from services.jobs import Jobs
from services.notifications.outbox import Outbox
from services.operations import FailedUpdates, Housekeeping
from services.people import Chats, People
from services.rounds import Rounds
from services.voting import Voting
from storage.db import Database


@dataclass(frozen=True, slots=True)
class Services:
    """Every service, for handlers and commands alike."""

    context: ServiceContext
    people: People
    goods: Goods
    rounds: Rounds
    carousel: Carousel
    voting: Voting
    canvassing: Canvassing
    groups: Groups
    housekeeping: Housekeeping
    outbox: Outbox
    failed_updates: FailedUpdates
    cards: Cards
    chats: Chats
    campaigns: Campaigns
    jobs: Jobs


def make_services(db: Database, settings: Settings, clock: Clock) -> Services:
    """The services over one database."""
    context = ServiceContext(db, clock, settings.rules())
    display = Carousel(context)
    voting = Voting(context)
    return Services(
        context=context,
        people=People(context),
        goods=Goods(context),
        rounds=Rounds(context),
        carousel=display,
        voting=voting,
        canvassing=Canvassing(context),
        groups=Groups(context),
        housekeeping=Housekeeping(context),
        outbox=Outbox(context, display),
        failed_updates=FailedUpdates(context),
        cards=Cards(context, voting),
        chats=Chats(context),
        campaigns=Campaigns(context),
        jobs=Jobs(context),
    )
