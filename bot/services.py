"""The services over one database, for the running bot and for commands alike; imports nothing of Telegram."""

from __future__ import annotations

from dataclasses import dataclass

from bot.settings import Settings
from services.alerts import Alerts
from services.asides import Asides
from services.canvassing import Canvassing
from services.cards import Cards
from services.carousel import Carousel
from services.chats import Chats
from services.conversations import Conversations
from services.days import Days
from services.deliveries import Deliveries
from services.endings import Endings
from services.errands import Errands
from services.goods import Goods
from services.house import Clock, House
from services.housekeeping import Housekeeping
from services.outbox import Outbox
from services.people import People
from services.rounds import Rounds
from services.voting import Voting
from storage.db import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The verbs, which commands use as well as handlers."""

    house: House
    people: People
    goods: Goods
    rounds: Rounds
    carousel: Carousel
    voting: Voting
    canvassing: Canvassing
    alerts: Alerts
    endings: Endings
    days: Days
    housekeeping: Housekeeping
    outbox: Outbox
    conversations: Conversations
    asides: Asides
    cards: Cards
    chats: Chats
    deliveries: Deliveries
    errands: Errands


def make_services(db: Database, settings: Settings, clock: Clock) -> Services:
    """The services over one database."""
    house = House(db, clock, settings.rules())
    display = Carousel(house)
    voting = Voting(house)
    return Services(
        house=house,
        people=People(house),
        goods=Goods(house),
        rounds=Rounds(house),
        carousel=display,
        voting=voting,
        canvassing=Canvassing(house),
        alerts=Alerts(house),
        endings=Endings(house),
        days=Days(house),
        housekeeping=Housekeeping(house),
        outbox=Outbox(house, display),
        conversations=Conversations(house),
        asides=Asides(house),
        cards=Cards(house, voting),
        chats=Chats(house),
        deliveries=Deliveries(house),
        errands=Errands(house),
    )
