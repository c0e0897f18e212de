"""Commands with which organisers decide: days, ballots, goods that get no group (R5, R7, R14)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.services import Services, make_services
from bot.settings import read_settings
from domain.calendar import calendar_of
from domain.goods import ItemState, WhyOut
from services.clock import SystemClock, utc_now
from storage.db import Database
from tests.bot.conftest import Terminal
from tests.conftest import make_goods, meet, spend

Result = TypeVar("Result")

pytestmark = pytest.mark.usefixtures("migrated_database")


def beside(work: Callable[[Services], Awaitable[Result]]) -> Result:
    """Do something with the services on the commands' own database."""

    async def go() -> Result:
        settings = read_settings()
        db = Database(settings.database_url)
        try:
            return await work(make_services(db, settings, SystemClock()))
        finally:
            await db.close()

    return asyncio.run(go())


def some_day(*, working: bool) -> date:
    """A day of the coming weeks, not the first, that is one by the calendar, or is not."""
    calendar, today = calendar_of(), utc_now().date() + timedelta(days=2)
    return next(
        day
        for day in (today + timedelta(days=n) for n in range(20))
        if calendar.is_working_day(day) is working and calendar.is_working_day(day + timedelta(days=1)) is working
    )


@pytest.mark.parametrize("language", ["en_US.UTF-8", "zh_CN.UTF-8"])
def test_r7_days_are_decided_and_the_preview_follows(language: str, terminal: Terminal) -> None:
    terminal.set(LANG=language)
    before = terminal.ok("rounds", "preview")
    off, on = some_day(working=True), some_day(working=False)
    assert off.isoformat() in terminal.ok("rounds", "day", off.isoformat(), "--off")
    changed = terminal.ok("rounds", "preview")
    assert len(changed.splitlines()) == len(before.splitlines()), "a round less, and a line that says so"
    assert changed.splitlines()[-1].startswith(off.isoformat())
    terminal.ok("rounds", "day", on.isoformat(), "--working")
    assert len(terminal.ok("rounds", "preview").splitlines()) == len(before.splitlines()) + 2
    for day in (off, on):
        terminal.ok("rounds", "day", day.isoformat(), "--default")
    assert terminal.ok("rounds", "preview") == before


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("2020-01-01", "--off"), "2020-01-01: The opening time of that day is over."),
        (("Christmas", "--off"), "“Christmas” is not a date"),
        (("2026-12-25",), "Choose one of --off"),
        (("2026-12-25", "--off", "--default"), "Choose one of --off"),
    ],
)
def test_r7_what_cannot_be_decided_of_a_day_is_one_line(
    arguments: tuple[str, ...], complaint: str, terminal: Terminal
) -> None:
    said = terminal.fails("rounds", "day", *arguments)
    assert said.startswith(complaint) and said.count("\n") == 1


def test_r14_only_members_are_given_ballots(terminal: Terminal) -> None:
    arguments = ("ballots", "grant", "1001", "3", "--reason", "Thank you for your help")
    assert terminal.fails(*arguments).startswith("Nobody with the ID 1001 has met the bot yet.")
    beside(lambda services: meet(services))
    assert terminal.ok(*arguments) == "🎁 1001 was given 3 ballots and is told why.\n"
    member = beside(lambda services: meet(services))
    assert beside(lambda services: services.voting.mine(member, 0)).purse.ballots_left == 3


GIVE = ("ballots", "grant", "1001", "3", "--reason", "Thank you")


def granted() -> int:
    member = beside(lambda services: meet(services))
    return beside(lambda services: services.voting.mine(member, 0)).purse.granted


def test_r14_the_same_gift_within_ten_minutes_needs_again(terminal: Terminal) -> None:
    beside(lambda services: meet(services))
    terminal.ok(*GIVE)
    said = terminal.fails(*GIVE)
    assert "add --again" in said and said.count("\n") == 1 and granted() == 3
    terminal.ok(*GIVE, "--again")
    assert granted() == 6


def test_r14_a_gift_with_a_key_is_given_once(terminal: Terminal) -> None:
    beside(lambda services: meet(services))
    beside(lambda services: meet(services, 1002))
    assert terminal.ok(*GIVE, "--key", "help-1") == "🎁 1001 was given 3 ballots and is told why.\n"
    assert terminal.ok(*GIVE, "--key", "help-1") == "1001 was given 3 ballots before; nothing changed.\n"
    assert granted() == 3
    terminal.ok(*GIVE, "--key", "help-2")
    assert granted() == 6
    other = ("ballots", "grant", "1002", "3", "--reason", "Thank you", "--key", "help-1")
    assert "“help-1” was used" in terminal.fails(*other)
    for key in (" ", "x" * 61):
        assert terminal.fails(*GIVE, "--key", key) == "--key takes 1 to 60 characters.\n"


def test_r14_a_gift_is_listed_and_corrected(terminal: Terminal) -> None:
    correct = ("ballots", "correct", "1", "1", "--reason", "a slip")
    assert terminal.fails(*correct).startswith("There is no gift with the number 1")
    beside(lambda services: meet(services))
    terminal.ok(*GIVE)
    assert terminal.ok(*correct) == "🎁 The gift to 1001 was corrected: 3 → 1 ballot. They are told why.\n"
    assert terminal.ok(*correct) == "1001 was given 1 ballot before; nothing changed.\n"
    assert granted() == 1
    listed = terminal.ok("ballots", "list", "1001").split()
    assert (listed[0], listed[-3:]) == ("1", ["1", "a", "slip"])
    assert terminal.fails(*correct[:-1], " ").startswith("Say why")
    assert terminal.fails("ballots", "list", "4711").startswith("Nobody with the ID 4711")


@pytest.mark.parametrize(
    "arguments", [("1001", "0", "--reason", "x"), ("1001", "9999", "--reason", "x"), ("1001", "1"), ("x", "1")]
)
def test_r14_a_gift_of_nothing_of_too_much_or_without_a_reason_is_wrong_usage(
    arguments: tuple[str, ...], terminal: Terminal
) -> None:
    assert terminal.run("ballots", "grant", *arguments).exit_code == 2
    assert terminal.fails("ballots", "grant", "1001", "1", "--reason", " ").startswith("Say why")


@pytest.mark.parametrize("why", list(WhyOut))
def test_r5_a_good_is_put_out_for_each_reason_and_only_once(why: WhyOut, terminal: Terminal, own_folder: Path) -> None:
    terminal.ok("goods", "import", str(make_goods(own_folder, 1)))
    terminal.ok("rounds", "open")

    async def want(services: Services) -> None:
        ann = await meet(services)
        await spend(services, 1001, "100")
        item = await services.groups.find("g0")
        assert item and (await services.voting.cast(ann, item.id)).refused is None

    beside(want)
    assert terminal.ok("goods", "out", "g0", "--reason", why.value) == (
        "🍂 Thing g0: no group opens. 1 person is told why.\n"
    )
    item = beside(lambda services: services.groups.find("g0"))
    assert item is not None and item.state is ItemState.REJECTED
    assert terminal.fails("goods", "out", "g0", "--reason", why.value) == "g0: It has ended already.\n"


def test_r5_what_cannot_be_put_out_says_why(terminal: Terminal) -> None:
    assert terminal.fails("goods", "out", "g9", "--reason", "price") == "There is no good with the ref “g9”.\n"
    assert terminal.run("goods", "out", "g9", "--reason", "mood").exit_code == 2
