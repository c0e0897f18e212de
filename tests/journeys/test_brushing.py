"""Brushing in the local chat: sixty accounts tap, the votes are examined, the organiser is told (R28)."""

from __future__ import annotations

import pytest

from bot.demo.experiments import ACCOUNTS, BESIDE, BUYERS, experiments_of
from sandbox.experiments import Experiment, ExperimentState
from sandbox.testing import TestUser
from tests.journeys.conftest import Town
from tests.waiting import until

VOTES = ACCOUNTS * (1 + BESIDE)
FEW = 12


@pytest.fixture
def lab(town: Town) -> dict[str, Experiment]:
    """What the lab offers, by ID, with fewer accounts than on the page."""
    return offer(town, FEW)


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
    """A buyer who looks at today's goods."""
    ann = await town.person("Ann", yuan="300.00")
    await ann.says("/start")
    await ann.sees("Today's goods")
    return ann


def cases_told(olga: TestUser) -> int:
    """Of how many cases the organiser was told."""
    return sum("set aside until" in seen.text for seen in olga.messages())


async def test_r28_sixty_accounts_brush_a_good_and_the_organiser_is_told_of_the_cases(town: Town) -> None:
    lab = offer(town, ACCOUNTS)
    await town.stock(28)
    ann, olga = await buyer(town), await town.organiser()
    await olga.says("/start")
    await olga.sees("Hello")
    chosen = (await lab["brush"].choices())[4]
    await examined(town)
    said = await ran(town, lab["brush"], chosen.value)
    assert f"{VOTES} bought votes" in said
    counted = {each.value: each.label["en"] for each in await lab["brush"].choices()}
    wants = int(counted[chosen.value].split()[1])
    assert ACCOUNTS <= wants <= ACCOUNTS + BUYERS
    said = await ran(town, lab["examine"])
    assert f"new cases: {1 + BESIDE}; votes set aside: {VOTES}" in said
    tallies = await town.services.goods.tallies([int(chosen.value)])
    assert tallies[int(chosen.value)].set_aside == ACCOUNTS, "no buyer is among them"
    await until(lambda: cases_told(olga) == 1 + BESIDE)
    told = next(seen for seen in olga.messages() if chosen.label["en"].partition(" · ")[2] in seen.text)
    await olga.taps("🔍 Look at the case", message=told)
    case = await olga.sees("Nobody has decided yet")
    assert f"{ACCOUNTS} votes are set aside" in case.text
    assert counted == {each.value: each.label["en"] for each in await lab["brush"].choices()}, "no count fell"
    await ann.starts(f"i{chosen.value}")
    await ann.sees(f"🙋 {wants} people want it")


async def test_a_second_examination_finds_nothing_new_and_sends_no_second_notification(
    town: Town, lab: dict[str, Experiment]
) -> None:
    await town.stock(28)
    olga = await town.organiser()
    await olga.says("/start")
    await olga.sees("Hello")
    await examined(town)
    await ran(town, lab["brush"], (await lab["brush"].choices())[0].value)
    await ran(town, lab["examine"])
    await until(lambda: cases_told(olga) == 1 + BESIDE)
    assert "nothing new" in await ran(town, lab["examine"])
    await town.shows_nothing_new(olga)


async def test_the_organiser_meets_the_bot_before_an_examination(town: Town, lab: dict[str, Experiment]) -> None:
    olga = await town.organiser()
    assert "nothing looks bought" in await ran(town, lab["examine"])

    async def is_member() -> bool:
        return [each.chat_id for each in await town.services.people.organisers()] == [olga.id]

    await until(is_member)


async def test_sixty_more_accounts_are_others(town: Town, lab: dict[str, Experiment]) -> None:
    await town.stock(5)
    chosen = (await lab["brush"].choices())[0].value
    await ran(town, lab["brush"], chosen)
    await ran(town, lab["brush"], chosen)
    (label,) = [each.label["en"] for each in await lab["brush"].choices() if each.value == chosen]
    assert int(label.split()[1]) >= 2 * FEW
    assert len(town.box.people) == 2 * (FEW + BUYERS)


async def test_a_good_that_is_no_longer_on_display_is_not_brushed(town: Town, lab: dict[str, Experiment]) -> None:
    await town.stock(5)
    chosen = (await lab["brush"].choices())[0].value
    town.pass_time(days=2)
    await town.idle()
    town.box.backend.experiments.start("brush", chosen)
    await town.box.backend.experiments.ended()
    assert lab["brush"].state is ExperimentState.FAILED
    assert "not on display" in lab["brush"].said["en"]
