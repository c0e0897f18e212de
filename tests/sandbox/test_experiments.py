"""Experiments on offer in the lab: started over HTTP, one at a time, with progress as events."""

from __future__ import annotations

import asyncio

import pytest

from sandbox import Sandbox
from sandbox.errors import Misuse
from sandbox.experiments import Experiment, ExperimentChoice, ExperimentFailed, ExperimentState, Tell, Words
from tests.sandbox.harness import Harness

LABEL = {"en": "Do it", "zh": "开始"}
DONE = {"en": "It is done.", "zh": "完成。"}


async def two_goods() -> list[ExperimentChoice]:
    return [ExperimentChoice(value, {"en": value}) for value in ("1", "2")]


async def steps(choice: str, tell: Tell) -> Words:
    for step in range(1, 3):
        tell(step, 2, {"en": f"{choice}: step {step}"})
    return DONE


def offered(box: Sandbox, run=steps) -> Experiment:
    experiment = Experiment("do", LABEL, {"en": "Does something."}, run, two_goods)
    box.backend.experiments.offer([experiment])
    return experiment


async def test_an_experiment_tells_its_progress_and_its_end_as_events(harness: Harness) -> None:
    offered(harness.box)
    rev = harness.box.world.feed.rev
    status, answer = await harness.api("POST", "/api/experiments/do", choice="2")
    assert status == 202 and answer["label"] == LABEL
    await harness.box.backend.experiments.ended()
    shown = [
        each.payload["experiment"] for each in harness.box.world.feed.since(rev) or () if each.type == "experiment"
    ]
    assert [(one["state"], one["done"], one["of"]) for one in shown[1:]] == [
        ("running", 1, 2),
        ("running", 2, 2),
        ("done", 2, 2),
    ]
    assert shown[1]["said"] == {"en": "2: step 1"} and shown[-1]["said"] == DONE


async def test_what_is_on_offer_is_listed_with_its_choices(harness: Harness) -> None:
    assert (await harness.api("GET", "/api/experiments"))[1] == {"experiments": []}
    offered(harness.box)
    (one,) = (await harness.api("GET", "/api/experiments"))[1]["experiments"]
    assert one["state"] == "idle" and [each["value"] for each in one["choices"]] == ["1", "2"]


async def test_one_experiment_runs_at_a_time(harness: Harness) -> None:
    go = asyncio.Event()

    async def waits(choice: str, tell: Tell) -> Words:
        await go.wait()
        return DONE

    experiment = offered(harness.box, waits)
    assert (await harness.api("POST", "/api/experiments/do"))[0] == 202
    status, answer = await harness.api("POST", "/api/experiments/do")
    assert status == 400 and "still running" in answer["error"]
    go.set()
    await harness.box.backend.experiments.ended()
    assert experiment.state is ExperimentState.DONE


async def test_an_unknown_experiment_is_refused(harness: Harness) -> None:
    status, answer = await harness.api("POST", "/api/experiments/other")
    assert status == 400 and "no experiment" in answer["error"]


@pytest.mark.parametrize("failure", [ExperimentFailed({"en": "Not now."}), Misuse("taken"), NotImplementedError()])
async def test_a_failed_experiment_says_so_and_can_be_started_again(box: Sandbox, failure: Exception) -> None:
    async def fails(choice: str, tell: Tell) -> Words:
        tell(1, 2, {"en": "On the way"})
        raise failure

    experiment = offered(box, fails)
    for _ in range(2):
        box.backend.experiments.start("do")
        await box.backend.experiments.ended()
        assert experiment.state is ExperimentState.FAILED
        assert experiment.said["en"] == "Not now." or "log" in experiment.said["en"]


async def test_closing_the_sandbox_stops_a_running_experiment() -> None:
    async with Sandbox(limits=False) as box:

        async def for_ever(choice: str, tell: Tell) -> Words:
            await asyncio.Event().wait()
            return DONE

        experiment = offered(box, for_ever)
        box.backend.experiments.start("do")
        await asyncio.sleep(0)
    assert experiment.state is ExperimentState.IDLE
