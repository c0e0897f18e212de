"""Snapshots of the state in memory, and resetting it."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.errors import Misuse
from sandbox.state.world import State, World


class Snapshots:
    """Takes and restores snapshots. Ids of messages and updates never go back: a running bot must see none twice."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._dumps: dict[str, bytes] = {}

    def take(self) -> str:
        """Store the current state; returns the snapshot's id."""
        id = str(len(self._dumps) + 1)
        self._dumps[id] = self.world.dump()
        return id

    def restore(self, id: str) -> None:
        """Restore a snapshot; bots that were added since then stay. Raises Misuse for an unknown id."""
        if id not in self._dumps:
            raise Misuse(f"There is no snapshot {id}.")
        world = self.world
        last, bots = _last_ids(world.state), dict(world.state.bots)
        world.load(self._dumps[id])
        for bot_id, bot in bots.items():
            if bot_id not in world.state.bots:
                world.state.bots[bot_id] = bot
                world.by_token[bot.token] = bot
                for person in world.state.people.values():
                    world.open_private_chat(person, bot)
        _carry_over(last, world.state)

    def reset(self) -> None:
        """Delete groups, messages and updates. Bots and people keep their accounts."""
        world, before = self.world, self.world.state
        last = _last_ids(before)
        world.state = State(bots=before.bots, people=before.people)
        for bot in before.bots.values():
            bot.updates.clear()
        for person in before.people.values():
            person.unread.clear()
            person.blocked.clear()
            person.deactivated = False
            for bot in before.bots.values():
                world.open_private_chat(person, bot)
        _carry_over(last, world.state)
        world.clock.set_offset(0)
        world.feed.emit("reload")


@dataclass(slots=True, frozen=True)
class _LastIds:
    """The last assigned numbers: queries and files, updates by bot, messages by bot or chat."""

    serial: int
    updates: dict[int, int]
    messages: dict[int | str, int]


def _last_ids(state: State) -> _LastIds:
    messages: dict[int | str, int] = {id: bot.last_message_id for id, bot in state.bots.items()}
    messages.update({key: chat.last_message_id for key, chat in state.chats.items()})
    return _LastIds(state.last_serial, {id: bot.last_update_id for id, bot in state.bots.items()}, messages)


def _carry_over(last: _LastIds, state: State) -> None:
    state.last_serial = max(state.last_serial, last.serial)
    for id, bot in state.bots.items():
        bot.last_update_id = max(bot.last_update_id, last.updates.get(id, 0))
        bot.last_message_id = max(bot.last_message_id, last.messages.get(id, 0))
    for key, chat in state.chats.items():
        chat.last_message_id = max(chat.last_message_id, last.messages.get(key, 0))
