"""A member cannot tell whether their vote is set aside: the bot's calls are the same, byte for byte (R28).

The same taps are done in two towns. In one the vote of the member who taps is set aside, in the other one that of
another member, so that public figures are the same in both after the round has closed, too.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from domain.brushing.cases import SuspectAccount, Suspicion
from domain.brushing.votes import Pattern
from sandbox.bot_api import dispatcher
from sandbox.bot_api.request import Upload
from sandbox.testing import SeenMessage, TestUser
from tests import postgres
from tests.journeys.conftest import Town, a_town
from tests.waiting import until

pytestmark = pytest.mark.postgresql_later

_DIFFERENT = (
    re.compile(rb'(?<=message_id)"?[:=]"?\d+|(?<=callback_query_id)"?[:=]"?\d+'),
    re.compile(rb"(?<=attach://)[\w-]+|(?<=photo=)[\w-]+"),  # names of a part of a body, and of a picture
    re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?|\d\d(:|%3A)\d\d|(?<=opens\+in\+)\d+"),
    re.compile(rb"(?<=~)[0-9a-f]{9}"),  # the moment in a button's data
)
"""Numbers and moments that differ between any two towns, whatever happens in them."""


@dataclass
class Wire:
    """The bodies of the bot's calls since the last `take`, as they came."""

    bodies: list[bytes] = field(default_factory=list)

    def take(self) -> list[bytes]:
        """What has come since the last time, without `_DIFFERENT`. Calls that leave together arrive in any order."""
        taken = self.bodies[:]
        for pattern in _DIFFERENT:
            taken = [pattern.sub(b"<>", body) for body in taken]
        self.bodies.clear()
        return sorted(taken)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    made, read = Wire(), dispatcher.read_parameters

    async def reading(request: Any) -> tuple[dict[str, Any], dict[str, Upload]]:
        args, files = await read(request)
        raw = b"" if request.content_type.startswith("multipart") else await request.read()
        method = request.match_info["method"]
        if method != "getUpdates":
            content = b"".join(file.data for file in files.values())
            made.bodies.append(method.encode() + b" " + (raw or orjson.dumps(args)) + content)
        return args, files

    monkeypatch.setattr(dispatcher, "read_parameters", reading)
    return made


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def towns(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> AsyncIterator[list[Town]]:
    """Two towns that know nothing of each other, on each database."""
    settings: list[dict[str, object]] = [{}, {}]
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder, changes in zip(folders, settings, strict=True):
        folder.mkdir()
        if request.param == "sqlite":
            shutil.copy(migrated, folder / "bot.db")
        else:
            server = request.getfixturevalue("server")
            changes["database_url"] = postgres.address(await postgres.new_database(server))
    async with a_town(folders[0], **settings[0]) as one, a_town(folders[1], **settings[1]) as other:
        yield [one, other]


class Voter:
    """Ann, who has one ballot and votes for one of two goods, in one of the towns."""

    def __init__(self, town: Town, wire: Wire, *, suspect: bool) -> None:
        self._town, self._wire, self._suspect = town, wire, suspect
        self.steps: dict[str, list[bytes]] = {}

    async def walk(self) -> None:
        """Everything that shows her something of her vote."""
        town = self._town
        for prefix in ("g", "h"):  # one after the other, so that their numbers are the same in both towns
            await town.hand_in_goods(1, prefix)
        await town.services.rounds.open_special()
        async with town.services.context.db.write() as connection:  # no carousel shows them a good by chance
            await connection.execute(text("UPDATE campaigns SET state = 'queued'"))
        self._ann, bob = (
            await town.person("Ann", yuan="100.00", id=5001),
            await town.person("Bob", yuan="100.00", id=5002),
        )
        for user in (self._ann, bob):
            await user.says("/start")
            await user.sees("Hello")
        self._goods = [item.id for item in sorted((item for item, _ in await town.services.goods.ranking()), key=_ref)]
        await self._votes(bob)
        self._card = await self._votes(self._ann)
        await self._does("set aside", self._set_aside())
        await self._does("again", self._again())
        await self._does("ballot in use", self._other_good())
        await self._does("mine", self._ann.says("/mine"))
        await self._does("receipts", self._ann.says("/receipt"))
        await self._does("receipt", self._ann.taps("🧾", message=self._ann.last()))
        await self._does("card", self._ann.starts(f"i{self._goods[0]}"))
        town.pass_time(minutes=2)  # a second tap within seconds undoes nothing
        await self._does("take back", self._ann.taps("✅", message=self._ann.last()))
        town.pass_time(minutes=2)
        await self._does("vote anew", self._ann.taps("🙋", message=self._ann.last()))
        self._button = self._ann.last().button("✅")
        await self._does("set aside again", self._set_aside())
        await self._does("what is stored", self._export())
        await self._does("alerts", self._is_told(self._schedule))
        town.pass_time(days=1)
        await town.idle()  # the round closes
        await self._does("mine, later", self._ann.says("/mine"))
        await self._does("card, later", self._ann.starts(f"i{self._goods[0]}"))
        await self._does("take back, later", self._again())
        await self._does("the group is near", self._is_told(self._wait))

    async def _does(self, step: str, act: Any) -> None:
        """Do it, let the bot finish, and keep what it called for her, answers to her taps among it."""
        self._wire.take()
        await act
        await self._town.idle()
        await until(self._no_job)
        await self._town.idle()
        calls = self._wire.take()
        self.steps[step] = [call for call in calls if b"5001" in call or call.startswith(b"answerCallbackQuery")]

    async def _is_told(self, act: Callable[[], Awaitable[None]]) -> None:
        before = self._ann.last().id
        await act()
        await until(lambda: self._ann.last().id > before)

    async def _wait(self) -> None:
        self._town.pass_time(hours=25, minutes=45)

    async def _no_job(self) -> bool:
        return await self._town.services.jobs.waiting() == 0

    async def _votes(self, user: TestUser) -> SeenMessage:
        sent = await user.starts(f"i{self._goods[0]}")
        await until(lambda: user.last().id > sent.id and user.last().button("🙋") is not None)
        self._button = user.last().button("🙋")
        card = user.last()
        await user.taps("🙋", message=card)
        await self._town.idle()
        return card

    async def _set_aside(self) -> None:
        """Make one of the two votes suspect, hers or the other one, in a case on the good."""
        member = await self._town.services.people.find(5001 if self._suspect else 5002)
        assert member is not None
        account = SuspectAccount(member.id, Pattern.LOCKSTEP, 4.0, 3)
        found = Suspicion(self._goods[0], 4.0, (account,), ())
        await self._town.services.cases.suspect(found)
        assert len(await self._town.services.cases.undecided()) == 1

    async def _again(self) -> None:
        """Tap the button that the card had before."""
        assert self._button is not None
        actions, chat = self._town.box.backend.actions, self._ann.chat()
        done = actions.press_button(self._ann.person, chat, self._card.message, self._button.raw)
        await self._ann.answered(done["callback_query_id"])

    async def _other_good(self) -> None:
        sent = await self._ann.starts(f"i{self._goods[1]}")
        await until(lambda: self._ann.last().id > sent.id and self._ann.last().button("🙋") is not None)
        await self._ann.taps("🙋", message=self._ann.last())

    async def _export(self) -> None:
        await self._ann.says("/privacy")
        await self._ann.taps("📦")

    async def _schedule(self) -> None:
        now = self._town.services.context.clock.now()
        opens = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=1, hours=26)
        await self._town.services.groups.schedule(self._goods[0], opens, "", "organiser 9")


def _ref(item: Any) -> str:
    return str(item.ref)


def _differences(one: dict[str, list[bytes]], other: dict[str, list[bytes]]) -> list[str]:
    """What differs, with some bytes around the first difference of each call."""
    found = []
    for step, calls in one.items():
        for mine, theirs in zip_longest(calls, other[step], fillvalue=b""):
            at = next((n for n, (a, b) in enumerate(zip_longest(mine, theirs)) if a != b), None)
            if at is not None:
                found += [f"{step}: {mine[max(0, at - 60) : at + 60]!r} / {theirs[max(0, at - 60) : at + 60]!r}"]
    return found


async def test_r28_a_member_whose_vote_is_set_aside_gets_the_same_bytes(towns: list[Town], wire: Wire) -> None:
    suspect, counted = Voter(towns[0], wire, suspect=True), Voter(towns[1], wire, suspect=False)
    await suspect.walk()
    await counted.walk()
    assert [step for step, calls in suspect.steps.items() if not calls] == ["set aside", "set aside again"]
    assert _differences(suspect.steps, counted.steps) == []
