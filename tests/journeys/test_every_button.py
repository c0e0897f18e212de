"""Every button of every screen is pressed once, by each role, in each state of a good, by day and by night (R19).

Each press must be answered, no update may fail, and the Bot API may refuse nothing but an edit that changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import ColumnElement, func, select

from domain.goods import WhyOut
from domain.limits import Act, Allowance
from domain.people import Member
from sandbox.state.model import Chat
from sandbox.testing import SeenButton, SeenMessage, TestUser
from services.brushing.cases import ConfirmationRefusal
from storage.models import ConversationRow, FailedUpdateRow, JobRow
from storage.models.base import Base
from tests.campaigns.size import sized
from tests.conftest import ORGANISER
from tests.journeys.conftest import Town
from tests.journeys.test_cases import suspected as find_suspect
from tests.waiting import until

pytestmark = pytest.mark.long

COMMANDS = (
    *("/start", "/goods", "/mine", "/canvass", "/settings", "/help", "/privacy"),
    *("/rules", "/fairness", "/receipt"),
)
ANSWERS = ("?", "23:00-07:30", "2026-11-27 10:00", "4711 1 Thanks")
"""Typed where the bot asks for something: first words that fit no question, then an answer to each."""
LAST = ("🗑", "中文", "English")
"""These delete the account or change the language."""
MOST_PRESSES = 500
"""A crawl that needs more does not come to an end."""
_VARIES = re.compile(
    r"\d+|\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b|today|tomorrow"
)


@dataclass
class Crawler:
    """Presses the buttons that one person sees, each once on every kind of screen."""

    town: Town
    person: TestUser
    group: Chat
    pressed: set[tuple[str, ...]] = field(default_factory=set)

    async def crawl(self) -> None:
        """Press buttons until every kind has been pressed, more often than people may."""
        self.town.services.limits.allowances |= dict.fromkeys(Act, Allowance(10_000, timedelta(seconds=1)))
        while (found := self._next()) is not None:
            await self._press(*found)
            assert len(self.pressed) <= MOST_PRESSES, sorted(self.pressed)

    def _next(self) -> tuple[SeenMessage, SeenButton] | None:
        """The newest message's first button of a new kind; what ends the story comes last."""
        messages = [*reversed(self.person.messages()), *reversed(self.person.messages(self.group))]
        new = [
            (message, button)
            for message in messages
            for row in message.buttons
            for button in row
            if not message.deleted and self._kind(message, button) not in self.pressed
        ]
        return min(new, key=lambda found: found[1].text.startswith(LAST), default=None)

    @staticmethod
    def _kind(message: SeenMessage, button: SeenButton) -> tuple[str, ...]:
        """What makes a button the same as another: the labels around it and its own, without numbers and days."""
        labels = dict.fromkeys(_VARIES.sub("#", label) for label in message.labels)
        return _VARIES.sub("#", button.text), *labels

    async def _press(self, message: SeenMessage, button: SeenButton) -> None:
        self.pressed.add(self._kind(message, button))
        chat = self.town.box.world.chat(message.chat)
        done = self.town.box.backend.actions.tap(self.person.person, chat, message.id, button.row, button.column)
        if done["kind"] == "callback":
            answer = await self.person.answered(done["callback_query_id"])
            if answer.url:
                await self.person.opens(answer.url)
        elif done["kind"] == "url" and button.url and button.url.startswith("https://t.me/"):
            await self.person.opens(button.url)
        elif button.query is not None:
            found = await self.person.asks(button.query, chat=self.group)
            if found.results:
                await self.person.chooses(found, chat=self.group)
        await self._until_handled()
        await self._answer_question()

    async def _until_handled(self) -> None:
        await until(lambda: not self.town.kit.bot.updates)
        await until(self._no_job_waits)

    async def _no_job_waits(self) -> bool:
        return not await self._number(JobRow, JobRow.state == "waiting")

    async def _answer_question(self) -> None:
        """Type what the bot asks for, if it asks."""
        for answer in ANSWERS:
            if not await self._number(ConversationRow):
                return
            await self.person.says(answer)
            await self._until_handled()

    async def _number(self, table: type[Base], *conditions: ColumnElement[bool]) -> int:
        async with self.town.services.context.db.read() as connection:
            found = await connection.execute(select(func.count()).select_from(table).where(*conditions))
            return int(found.scalar_one())

    async def check(self) -> None:
        """Nothing failed and nothing was refused."""
        await self.town.idle()
        assert not await self._number(FailedUpdateRow)
        calls = self.town.box.backend.call_log.since(0)
        refused = [call for call in calls if not call["ok"] and "message is not modified" not in call["description"]]
        assert not [(call["method"], call["description"], call["params"]) for call in refused]
        assert len(self.pressed) > 5, "there were hardly any buttons"


async def item_of(town: Town) -> int:
    item = await town.services.groups.find("g0")
    assert item is not None
    return item.id


async def member_of(town: Town, person: TestUser) -> Member:
    return await town.services.people.meet(person.id, person.person.first_name, "en")


async def displayed(town: Town, person: TestUser) -> None:
    """The good is on display, as after the set-up."""


async def voted(town: Town, person: TestUser) -> None:
    await town.services.voting.cast(await member_of(town, person), await item_of(town))


async def followed(town: Town, person: TestUser) -> None:
    await town.services.voting.follow(await member_of(town, person), await item_of(town), on=True)


async def scheduled(town: Town, person: TestUser, opens_in: timedelta = timedelta(hours=30)) -> None:
    await followed(town, person)
    opens_at = town.services.context.clock.now() + opens_in
    await town.services.groups.schedule(await item_of(town), opens_at, None, "test")
    await town.idle()


async def opened(town: Town, person: TestUser) -> None:
    await scheduled(town, person, timedelta(hours=2))
    town.pass_time(hours=2, minutes=1)
    await town.idle()


async def rejected(town: Town, person: TestUser) -> None:
    await voted(town, person)
    await town.services.groups.reject(await item_of(town), WhyOut.SAMPLE, "test")
    await town.idle()


async def relisted(town: Town, person: TestUser) -> None:
    await voted(town, person)
    town.pass_time(days=1)
    await town.idle()
    assert await town.services.goods.show_again(await item_of(town), "test")
    assert await town.services.rounds.open_special()
    await town.idle()


async def suspected(town: Town, person: TestUser) -> None:
    """Its votes look bought, that of the person among them if there is one; an organiser is told."""
    rival = await town.person("Rival", yuan="900.00")
    await rival.says("/start")
    await rival.sees("Hello")
    for voter in (person, rival):
        await voted(town, voter)
    await find_suspect(town, [person, rival])
    await town.services.cases.tell_organisers()
    await town.idle()


async def confirmed(town: Town, person: TestUser) -> None:
    """Another organiser has confirmed that votes for it were bought; the ban that was asked for needs agreement."""
    await suspected(town, person)
    context = town.services.context
    context.rules = replace(context.rules, organisers=frozenset({ORGANISER, ORGANISER + 1}))
    (case,) = await town.services.cases.undecided()
    assert not isinstance(await town.services.cases.confirm(case.id, "bought", "organiser 99"), ConfirmationRefusal)
    await town.idle()


STATES = (displayed, voted, followed, scheduled, opened, rejected, relisted, suspected, confirmed)
State = Callable[[Town, TestUser], Awaitable[None]]


ROLES = ("member", "member-without-ballots", "organiser")
HOURS_LATER = {"day": 0, "night": 15}
LANGUAGES = ("en", "zh-hans")


def cases() -> Iterator[Any]:
    """Every combination. The small size has every second one: any two of these values still meet."""
    for (s, state), (r, role), (t, time), (n, language) in product(
        *map(enumerate, (STATES, ROLES, HOURS_LATER, LANGUAGES))
    ):
        if sized(small=(s + r + t + n) % 2 == 0, full=True):
            yield pytest.param(
                state, role, HOURS_LATER[time], language, id=f"{state.__name__}-{role}-{time}-{language}"
            )


@pytest.mark.parametrize(("state", "role", "hours_later", "language"), list(cases()))
async def test_r19_every_button_is_answered_and_nothing_is_refused(
    town: Town, state: State, role: str, hours_later: int, language: str
) -> None:
    hello, new_goods = ("Hello", "Today's goods") if language == "en" else ("你好", "今天的宝贝上新了")
    yuan = "" if role == "member-without-ballots" else "900.00"
    number = ORGANISER if role == "organiser" else None
    person = await town.person("Ann", language, yuan=yuan, id=number)
    await person.says("/start")
    await person.sees(hello)
    await town.stock(3)
    await person.sees(new_goods)
    await state(town, person)
    town.pass_time(hours=hours_later)
    group = await town.kit.group("Neighbours", person, await town.person("Bob"), kind="supergroup")
    crawler = Crawler(town, person, group)
    await person.says("/bind", chat=group)
    for command in (*COMMANDS, *(("/desk",) if role == "organiser" else ())):
        await person.says(command)
    await until(lambda: not town.kit.bot.updates)
    await crawler.crawl()
    await crawler.check()


async def test_r19_every_button_is_answered_for_a_friend_who_came_by_a_link(town: Town) -> None:
    ann = await town.person("Ann", yuan="900.00")
    await ann.says("/start")
    await town.stock(3)
    await ann.sees("Today's goods")
    await ann.taps("📣")
    await ann.sees("Your own link")
    links = (button.copy for message in ann.messages() for row in message.buttons for button in row)
    link = next(copied for copied in links if copied)
    eve = await town.person("Eve")
    await eve.opens(link)
    await eve.sees("A friend asks for your vote")
    crawler = Crawler(town, eve, await town.kit.group("Work", eve, with_bot=False))
    await crawler.crawl()
    await crawler.check()
