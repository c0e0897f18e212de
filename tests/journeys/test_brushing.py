"""Brushing in the local chat: sixty accounts tap, the votes are examined, the organiser is told (R28)."""

from __future__ import annotations

import pytest

from bot.demo import experiments
from bot.demo.experiments import ACCOUNTS, BESIDE, experiments_of
from bot.jobs import handlers
from bot.services import Services
from sandbox.experiments import Experiment, ExperimentState
from sandbox.testing import TestUser
from tests.journeys.conftest import Town
from tests.waiting import GUARD, until

FEW, FEWER = 12, 3


@pytest.fixture(autouse=True)
def _votes_arrive_however_slow_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiments, "_PATIENCE", GUARD)


@pytest.fixture
def lab(town: Town) -> dict[str, Experiment]:
    """What the lab offers, by ID, with fewer accounts than on the page."""
    return offer(town, FEWER)


@pytest.fixture
def examined_here(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Examinations run in this process, which takes a moment."""

    async def examine(_services: Services) -> None:
        await town.services.examinations.run()

    monkeypatch.setattr(handlers, "examine_apart", examine)


def offer(town: Town, accounts: int) -> dict[str, Experiment]:
    """Offer the experiments with so many bought accounts."""
    offered = {each.id: each for each in experiments_of(town.box, town.services, accounts)}
    town.box.backend.experiments.offer(offered.values())
    return offered


async def ran(town: Town, experiment: Experiment, choice: str = "") -> str:
    """What an experiment says at its end."""
    town.box.backend.experiments.start(experiment.id, choice)
    await town.box.backend.experiments.ended()
    assert experiment.state is ExperimentState.DONE, experiment.said
    return experiment.said["en"]


async def examined(town: Town) -> None:
    """Wait for the end of the examination that the opening of the round asked for."""

    async def no_job_is_waiting() -> bool:
        return await town.services.jobs.waiting() == 0

    await town.idle()
    await until(no_job_is_waiting)


async def buyer(town: Town) -> TestUser:
    """A buyer who has met the bot."""
    ann = await town.person("Ann", yuan="300.00")
    await ann.says("/start")
    await ann.sees("Hello")
    return ann


def cases_told(olga: TestUser) -> int:
    """Of how many cases the organiser was told."""
    return sum("set aside until" in seen.text for seen in olga.messages())


async def test_r28_accounts_brush_a_good_and_the_organiser_is_told_once_of_the_cases(
    town: Town, examined_here: None
) -> None:
    await brush_and_examine(town, FEW)


@pytest.mark.long
async def test_r28_sixty_accounts_brush_a_good_and_the_organiser_is_told_once_of_the_cases(town: Town) -> None:
    await brush_and_examine(town, ACCOUNTS)


async def brush_and_examine(town: Town, accounts: int) -> None:
    """So many accounts vote, and their votes are examined twice."""
    lab, bought = offer(town, accounts), accounts * (1 + BESIDE)
    await town.stock(28)
    ann, olga = await buyer(town), await town.organiser()
    await olga.says("/start")
    await olga.sees("Hello")
    chosen = (await lab["brush"].choices())[4]
    await examined(town)
    said = await ran(town, lab["brush"], chosen.value)
    assert f"{bought} bought votes" in said
    counted = {each.value: each.label["en"] for each in await lab["brush"].choices()}
    wants = int(counted[chosen.value].split()[1])
    assert accounts <= wants <= accounts + experiments.BUYERS
    said = await ran(town, lab["examine"])
    assert f"new cases: {1 + BESIDE}; votes set aside: {bought}" in said
    tallies = await town.services.goods.tallies([int(chosen.value)])
    assert tallies[int(chosen.value)].set_aside == accounts, "no buyer is among them"
    await until(lambda: cases_told(olga) == 1 + BESIDE)
    assert "nothing new" in await ran(town, lab["examine"])
    await town.shows_nothing_new(olga)
    told = next(seen for seen in olga.messages() if chosen.label["en"].partition(" · ")[2] in seen.text)
    await olga.taps("🔍 Look at the case", message=told)
    case = await olga.sees("Nobody has decided yet")
    assert f"{accounts} votes are set aside" in case.text
    assert counted == {each.value: each.label["en"] for each in await lab["brush"].choices()}, "no count fell"
    await ann.starts(f"i{chosen.value}")
    await ann.sees(f"🙋 {wants} people want it")


async def test_the_organiser_meets_the_bot_before_an_examination(town: Town, lab: dict[str, Experiment]) -> None:
    olga = await town.organiser()
    assert "nothing looks bought" in await ran(town, lab["examine"])

    async def is_member() -> bool:
        return [each.chat_id for each in await town.services.people.organisers()] == [olga.id]

    await until(is_member)


@pytest.mark.long
async def test_sixty_more_accounts_are_others(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiments, "BUYERS", 1)
    lab = offer(town, FEWER)
    await town.stock(5)
    chosen = (await lab["brush"].choices())[0].value
    await ran(town, lab["brush"], chosen)
    await ran(town, lab["brush"], chosen)
    (label,) = [each.label["en"] for each in await lab["brush"].choices() if each.value == chosen]
    assert int(label.split()[1]) >= 2 * FEWER
    assert len(town.box.people) == 2 * (FEWER + 1)


async def test_a_good_that_is_no_longer_on_display_is_not_brushed(town: Town, lab: dict[str, Experiment]) -> None:
    await town.stock(5)
    chosen = (await lab["brush"].choices())[0].value
    town.pass_time(days=2)
    await town.idle()
    town.box.backend.experiments.start("brush", chosen)
    await town.box.backend.experiments.ended()
    assert lab["brush"].state is ExperimentState.FAILED
    assert "not on display" in lab["brush"].said["en"]
