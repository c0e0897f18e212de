"""The job that looks for brushing: no member asked for it, and none is told (R28)."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import cast

import pytest

from bot.jobs import handlers
from bot.jobs.examining import NICE, find_apart
from bot.jobs.handlers import JobHandlers
from bot.services import Services
from domain.brushing.cases import LEAST_ACCOUNTS
from domain.payloads import Links
from handlers.messenger import Messenger
from services.jobs import JobKind
from storage.db import Database
from tests.bot.jobs.worker_kit import RecordingHandlers, ended, worker_of
from tests.conftest import import_goods
from tests.services.conftest import ask, on_display, voter


async def test_r28_a_job_of_the_schedule_is_done_by_a_worker(services: Services, db: Database) -> None:
    done = RecordingHandlers()
    async with worker_of(services, done, look_every=60):
        assert await services.jobs.enqueue("examine 1", JobKind.EXAMINE, None, {}) is not None
        await ended(services)
    assert [(job.kind, job.member) for job in done.given] == [(JobKind.EXAMINE, None)]
    assert await ask(db, "SELECT state, attempts FROM jobs") == [("done", 1)]


async def test_r28_the_job_runs_the_detector_apart_once_enough_people_voted_and_its_failure_is_told_to_no_member(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over: list[Services] = []

    async def run(services: Services) -> None:
        over.append(services)

    monkeypatch.setattr(handlers, "examine_apart", run)
    no_chat = cast(Messenger, None)  # which would raise
    job_handlers = JobHandlers(services, no_chat, cast(Links, None))
    number = await services.jobs.enqueue("examine 1", JobKind.EXAMINE, None, {})
    job = await services.jobs.claim(number or 0)
    assert job is not None
    await import_goods(services, tmp_path, 2)
    assert await services.rounds.open_special()
    good, other = await on_display(services)
    for person in range(LEAST_ACCOUNTS):
        await job_handlers.do(job)
        assert not over, "too few voted for a case"
        ann = await voter(services, 1001 + person)
        for item in (good, other)[: 1 + person % 2]:
            assert (await services.voting.cast(ann, item)).voted
    await job_handlers.do(job)
    await job_handlers.apologise(job)
    assert over == [services]


async def test_r28_a_run_gives_way_to_votes_and_is_not_interrupted_with_the_bot(services: Services) -> None:
    look = "import json, os, sys; sys.stdin.read(); own = os.nice(0), os.getpgrp(), os.getsid(0)"
    told = "print(json.dumps({'votes': own, 'suspicions': []}))"
    found = await find_apart(services.context, (sys.executable, "-c", f"{look}; {told}"))
    nice, group, session = cast(tuple[int, int, int], found.votes)
    assert nice == max(os.nice(0), NICE)
    assert group != os.getpgrp(), "Ctrl-C reaches the processes of a group"
    assert session == os.getsid(0), "niceness counts within a session"
