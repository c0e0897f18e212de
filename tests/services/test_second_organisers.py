"""A second organiser is another person, whatever number history has for them (R29, R36)."""

from __future__ import annotations

import pytest

from bot.services import Services
from domain.people import Member
from services.brushing.appeals import AppealDecided, AppealRefusal
from services.brushing.bans import AgreementRefusal
from services.brushing.cases import Confirmed
from storage.brushing.bans import StoredBan
from tests.conftest import Watch, meet
from tests.services.test_appeals import FALSE, HONEST, item, voters
from tests.services.test_cases import suspicion

__all__ = ["item", "voters"]


@pytest.fixture
async def organisers(display: Services) -> list[Member]:
    """Two who are members, as each who can use the desk is."""
    return [await meet(display, chat_id, f"O{chat_id}") for chat_id in (8, 9)]


@pytest.fixture
async def case(display: Services, organisers: list[Member], item: int, voters: list[Member], watch: Watch) -> int:
    """A case that the first one has confirmed, with a ban of three months, and the shop's appeal."""
    assert FALSE == HONEST, "half of the votes are false"
    await display.cases.suspect(suspicion(item, voters[:FALSE]))
    (case,) = await display.cases.undecided()
    watch.advance(minutes=1)
    assert isinstance(await display.cases.confirm(case.id, "bought", organisers[0].as_organiser), Confirmed)
    assert await display.appeals.record(case.id, "no", organisers[0].as_organiser) is None
    watch.advance(minutes=1)
    return case.id


async def test_r29_who_deletes_their_data_and_comes_back_is_no_second_organiser(
    display: Services, organisers: list[Member], case: int, watch: Watch
) -> None:
    await display.people.erase(organisers[0])
    again = (await meet(display, 8, "O8")).as_organiser
    watch.advance(days=2)
    assert again != organisers[0].as_organiser
    assert await display.cases.agree(case, again) is AgreementRefusal.SAME_ORGANISER
    assert await display.appeals.decide(case, "mine", again, granted=False) is AppealRefusal.SAME_ORGANISER
    other = organisers[1].as_organiser
    assert isinstance(await display.cases.agree(case, other), StoredBan)
    assert isinstance(await display.appeals.decide(case, "true", other, granted=True), AppealDecided)


async def test_r29_who_became_an_organiser_after_the_decision_is_a_second_one(
    display: Services, organisers: list[Member], case: int
) -> None:
    newcomer = (await meet(display, 10, "O10")).as_organiser
    assert isinstance(await display.cases.agree(case, newcomer), StoredBan)
    assert isinstance(await display.appeals.decide(case, "true", newcomer, granted=True), AppealDecided)
