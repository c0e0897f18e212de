"""Creates the people and groups of a test."""

from __future__ import annotations

from typing import Any

from sandbox.errors import Misuse
from sandbox.sandbox import Sandbox
from sandbox.state.model import Bot, Chat
from sandbox.testing.user import TestUser

LIMIT = 5.0


class Kit:
    """Creates people and groups in one sandbox. `bot` defaults to the first bot of the sandbox.

    `limit` is the number of seconds after which a wait fails. Set it high where a slow machine must not fail a test.
    """

    def __init__(self, box: Sandbox, bot: str | Bot | None = None, *, limit: float = LIMIT) -> None:
        self.box = box
        self.limit = limit
        self._bot = bot

    @property
    def bot(self) -> Bot:
        """The bot that people talk to. Raises Misuse if there is none."""
        if isinstance(self._bot, Bot):
            return self._bot
        if self._bot:
            return self.box.world.bot_named(self._bot)
        for bot in self.box.world.state.bots.values():
            return bot
        raise Misuse("The sandbox has no bot yet.")

    async def person(self, first_name: str, *, bot: Bot | None = None, **account: Any) -> TestUser:
        """Create a person; `account` takes the parameters of `Sandbox.add_person`."""
        return TestUser(self, self.box.add_person(first_name, **account), bot)

    async def group(
        self, title: str, *people: TestUser, kind: str = "group", with_bot: bool = True, bot_is_admin: bool = False
    ) -> Chat:
        """Create a group, supergroup or channel of these people and the bot."""
        bots = [self.bot.id] if with_bot else []
        return self.box.backend.groups.create(
            kind, title, [one.id for one in people] + bots, bots if bot_is_admin else []
        )

    def between(self, one: TestUser, other: TestUser) -> Chat:
        """The private chat of two people, without a bot."""
        return self.box.world.direct_chat(one.id, other.id)

    def known(self, id: int) -> TestUser:
        """An existing person. Raises Misuse for an unknown id."""
        return TestUser(self, self.box.world.person(id), None)
