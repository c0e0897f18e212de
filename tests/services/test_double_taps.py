"""Double taps: the button that undoes an act does nothing in its first two seconds (R18)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.services import Services, make_services
from domain.voting import Reason
from services.voting import VoteOutcome
from storage.db import Database
from tests.conftest import Watch, settings_for
from tests.services.conftest import assert_sound, on_display, voter


def why(answer: VoteOutcome) -> Reason | None:
    return answer.refused.reason if answer.refused else None


@pytest.fixture
async def goods(display: Services) -> list[int]:
    """The items on display."""
    return await on_display(display)


async def test_r18_at_once_after_a_vote_it_is_not_taken_back_from_whatever_card_it_came(
    db: Database, tmp_path: Path, watch: Watch, goods: list[int]
) -> None:
    services = make_services(db, settings_for(tmp_path, double_tap_seconds=2), watch)
    ann = await voter(services, ballots=3)
    await services.voting.cast(ann, goods[0])
    await services.voting.cast(ann, goods[1])
    watch.advance(seconds=0.4)
    soon = await services.voting.take_back(ann, goods[0])
    assert why(soon) is Reason.JUST_VOTED and soon.voted and soon.purse.ballots_left == 1
    watch.advance(seconds=1.6)
    await services.voting.cast(ann, goods[2])
    assert why(await services.voting.take_back(ann, goods[2])) is Reason.JUST_VOTED
    assert why(await services.voting.take_back(ann, goods[0])) is None, "another good's vote has no part in it"
    again = await services.voting.cast(ann, goods[0])
    assert why(again) is None and why(await services.voting.take_back(ann, goods[0])) is Reason.JUST_VOTED
    await assert_sound(db)


async def test_r26_at_once_after_a_follow_it_is_not_undone(
    db: Database, tmp_path: Path, watch: Watch, goods: list[int]
) -> None:
    services = make_services(db, settings_for(tmp_path, double_tap_seconds=2), watch)
    ann = await voter(services, ballots=0)
    await services.voting.follow(ann, goods[0], on=True)
    watch.advance(seconds=0.3)
    soon = await services.voting.follow(ann, goods[0], on=False)
    assert why(soon) is Reason.JUST_FOLLOWED and soon.following
    watch.advance(seconds=2)
    later = await services.voting.follow(ann, goods[0], on=False)
    assert why(later) is None and not later.following
