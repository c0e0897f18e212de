"""Experiments: what the program beside the sandbox offers in the page's lab. One runs at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.errors import Misuse
from sandbox.state.events import EventFeed
from sandbox.state.model import Json

log = logging.getLogger("sandbox")

Words = dict[str, str]
"""A sentence by language."""
Tell = Callable[[int, int, Words], None]
"""Shows progress: how many of how many, and what is going on."""

_UNEXPECTED = {
    "en": "This went wrong. The program's log says why.",
    "zh": "出了点问题，原因见程序日志。",
}


class ExperimentFailed(Exception):
    """An experiment that cannot go on; `said` is shown on the page."""

    def __init__(self, said: Words) -> None:
        super().__init__(said.get("en", ""))
        self.said = said


class ExperimentState(StrEnum):
    """Where an experiment is."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ExperimentChoice:
    """One of the things that an experiment can be done to."""

    value: str
    label: Words

    def as_json(self) -> Json:
        """As the control API shows it."""
        return {"value": self.value, "label": self.label}


async def _no_choices() -> list[ExperimentChoice]:
    return []


@dataclass(slots=True)
class Experiment:
    """`run` gets the chosen value ("" without choices) and shows progress; it returns what has happened, or raises
    ExperimentFailed. `note` says what will happen."""

    id: str
    label: Words
    note: Words
    run: Callable[[str, Tell], Awaitable[Words]]
    choices: Callable[[], Awaitable[list[ExperimentChoice]]] = _no_choices
    state: ExperimentState = ExperimentState.IDLE
    done: int = 0
    of: int = 0
    said: Words = field(default_factory=dict)

    def as_json(self) -> Json:
        """As events and the control API show it, without choices."""
        shown = {"id": self.id, "label": self.label, "note": self.note}
        return {**shown, "state": self.state, "done": self.done, "of": self.of, "said": self.said}


class Experiments:
    """The experiments on offer."""

    def __init__(self, feed: EventFeed) -> None:
        self._feed = feed
        self._offered: dict[str, Experiment] = {}
        self._task: asyncio.Task[None] | None = None

    def offer(self, experiments: Iterable[Experiment]) -> None:
        """Offer these in place of those before."""
        self._offered = {each.id: each for each in experiments}
        self._feed.emit("experiments")

    async def as_json(self) -> list[Json]:
        """All of them with what they can be done to now."""
        return [
            {**each.as_json(), "choices": [one.as_json() for one in await each.choices()]}
            for each in list(self._offered.values())
        ]

    def start(self, id: str, choice: str = "") -> Experiment:
        """Start one; its progress comes as events. Raises Misuse for an unknown one, or while another runs."""
        experiment = self._offered.get(id)
        if experiment is None:
            raise Misuse(f"There is no experiment {id}.")
        if self._task is not None and not self._task.done():
            raise Misuse("An experiment is still running. Wait until it has ended.")
        self._task = asyncio.create_task(self._run(experiment, choice))
        return experiment

    async def ended(self) -> None:
        """Wait until none runs."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def close(self) -> None:
        """Stop what runs, and offer nothing."""
        if self._task is not None:
            self._task.cancel()
        await self.ended()
        self.offer(())

    async def _run(self, experiment: Experiment, choice: str) -> None:
        def show(state: ExperimentState, done: int, of: int, said: Words) -> None:
            experiment.state, experiment.done, experiment.of, experiment.said = state, done, of, said
            self._feed.emit("experiment", experiment=experiment.as_json())

        def tell(done: int, of: int, said: Words) -> None:
            show(ExperimentState.RUNNING, done, of, said)

        tell(0, 0, experiment.note)
        try:
            said = await experiment.run(choice, tell)
            show(ExperimentState.DONE, experiment.of, experiment.of, said)
        except ExperimentFailed as failure:
            show(ExperimentState.FAILED, experiment.done, experiment.of, failure.said)
        except Exception as error:
            log.error("The experiment %s has failed", experiment.id, exc_info=error)
            show(ExperimentState.FAILED, experiment.done, experiment.of, _UNEXPECTED)
        except asyncio.CancelledError:
            show(ExperimentState.IDLE, 0, 0, {})
            raise
