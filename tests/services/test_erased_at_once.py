"""Everything at once in two processes, deletions and returns among it: no error, no deadlock, and every count is right
(R16, R19, R36)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.services import Services, make_services
from domain.people import MemberErased
from services.canvassing.cards import Spot
from storage.db import Database
from tests.conftest import Watch, meet, settings_for
from tests.services.conftest import ask, assert_sound, on_display

ACTS = ("vote", "take back", "tap", "tap", "tap", "link", "renew", "offers", "erase", "draw", "follow", "edit")
MANY = {"welcome_ballots": 50, "votes_per_day": 50}


@pytest.fixture
async def both(db: Database, tmp_path: Path, watch: Watch, display: Services) -> AsyncIterator[tuple[Services, ...]]:
    """Two processes that give new members ballots."""
    other = Database(db.url.render_as_string(hide_password=False))
    yield tuple(make_services(each, settings_for(tmp_path, **MANY), watch) for each in (db, other))
    await other.close()


async def act(services: Services, chat_id: int, items: list[int], tokens: list[str], chance: random.Random) -> None:
    """One thing that a person does, or the updater of cards. Raises MemberErased."""
    member, item = await meet(services, chat_id), chance.choice(items)
    match chance.choice(ACTS):
        case "vote":
            await services.voting.cast(member, item)
        case "take back":
            await services.voting.take_back(member, item)
        case "tap" if tokens:
            card = Spot(inline_id=f"card {chance.randrange(6)}")
            await services.cards.tap(member, chance.choice(tokens[-12:]), card, "zp", 0)
        case "link" | "renew" as how:
            link = await services.canvassing.link(member, item, renew=how == "renew")
            assert link is not None
            tokens.append(link.token)
        case "offers":
            tokens += [offer.token for offer in (await services.cards.offers(member, "", 0, 3)).offers]
        case "erase":
            await services.people.erase(member)
        case "draw":
            await services.carousel.new_draw(member)
            await services.carousel.shown(member, item)
        case "follow":
            await services.voting.follow(member, item, on=True)
        case "edit":
            await services.cards.settle(await services.cards.claim(5))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
async def test_r36_deletions_among_everything_else_at_once(both: tuple[Services, ...], db: Database, seed: int) -> None:
    chance, items, tokens = random.Random(seed), (await on_display(both[0]))[:3], list[str]()
    met_a_deletion = 0

    async def person(number: int) -> None:
        """One of four places from which the same person acts."""
        nonlocal met_a_deletion
        for _ in range(25):
            try:
                await act(chance.choice(both), 2000 + number % 5, items, tokens, chance)
            except MemberErased:
                met_a_deletion += 1

    async with asyncio.TaskGroup() as people:  # a failure ends them all before the fixtures do
        for number in range(20):
            people.create_task(person(number))
    assert met_a_deletion, "the acts meet"
    await assert_sound(db, votes_per_day=50)
    leftover = "SELECT m.id FROM members m JOIN {0} t ON t.member_id = m.id WHERE m.chat_id IS NULL"
    for table in ("follows", "draws", "notifications", "jobs"):
        assert await ask(db, leftover.format(table)) == []
