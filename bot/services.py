"""The services over one database, for the running bot and for commands alike; imports nothing of Telegram."""

from __future__ import annotations

from bot.settings import Settings
from domain.limits import Limits
from services.brushing.appeals import Appeals
from services.brushing.case_files import CaseFiles
from services.brushing.cases import Cases
from services.brushing.examinations import Examinations
from services.brushing.objections import Objections
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
from services.transparency.rounds import PublicRounds
from services.transparency.tally import Tallies
from services.voting import Voting
from storage.db import Database


class Services:
    """Every service over one database, for handlers and commands alike."""

    def __init__(self, context: ServiceContext) -> None:
        self.context = context
        self.people = People(context)
        self.goods = Goods(context)
        self.rounds = Rounds(context)
        self.public_rounds = PublicRounds(context)
        self.carousel = Carousel(context)
        self.voting = Voting(context)
        self.cases = Cases(context)
        self.appeals = Appeals(context)
        self.case_files = CaseFiles(context)
        self.objections = Objections(context)
        self.canvassing = Canvassing(context)
        self.groups = Groups(context)
        self.housekeeping = Housekeeping(context)
        self.outbox = Outbox(context, self.carousel)
        self.failed_updates = FailedUpdates(context)
        self.cards = Cards(context, self.voting)
        self.chats = Chats(context)
        self.campaigns = Campaigns(context)
        self.jobs = Jobs(context)
        self.examinations = Examinations(context, self.jobs, self.cases)
        self.tally = Tallies(context, self.jobs)
        self.limits = Limits()


def make_services(db: Database, settings: Settings, clock: Clock) -> Services:
    """The services over one database, by the rules that are configured."""
    return Services(ServiceContext(db, clock, settings.rules(), settings.network(), settings.erasure_secret))
