"""Keeping worlds: on disk between starts, and in memory as snapshots to come back to."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import orjson

from sandbox.errors import Misuse
from sandbox.world import State, World

SETTLE = 0.5  # seconds from a change until it is written
WORLD = "world.json"
FILES = "files"


class StateStore:
    """Writes the world to a folder a moment after each change, atomically, and reads it back."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self._task: asyncio.Task[None] | None = None
        self._written: set[str] = set()
        self._saved_rev = -1

    def load(self) -> bool:
        """Bring back the world kept in the folder; False when there is none. Raises Misuse for a broken one."""
        (self.folder / FILES).mkdir(parents=True, exist_ok=True)
        path = self.folder / WORLD
        if not path.exists():
            return False
        for stored in (self.folder / FILES).iterdir():
            self.world.files.data[stored.name] = stored.read_bytes()
            self._written.add(stored.name)
        try:
            self.world.load(path.read_bytes())
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise Misuse(f"The world in {path} cannot be read ({type(error).__name__}). Move the file away.") from None
        self._saved_rev = self.world.feed.rev
        return True

    def start(self) -> None:
        """Begin to watch for changes."""
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Write what is not written yet, and stop watching."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self._save()

    async def _watch(self) -> None:
        while True:
            if self.world.feed.rev == self._saved_rev:
                await self.world.feed.changed()
            await asyncio.sleep(SETTLE)
            await asyncio.shield(self._save())

    async def _save(self) -> None:
        if self.world.feed.rev == self._saved_rev:
            return
        self._saved_rev = self.world.feed.rev
        data = self.world.files.data
        fresh = {name: data[name] for name in data.keys() - self._written}
        dumped = self.world.dump()
        await asyncio.to_thread(self._write, fresh, dumped)
        self._written.update(fresh)

    def _write(self, fresh: dict[str, bytes], dumped: bytes) -> None:
        for name, data in fresh.items():
            _replace(self.folder / FILES / name, data)
        _replace(self.folder / WORLD, dumped)


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves either the old or the new one."""
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class Snapshots:
    """Worlds to come back to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._kept: dict[str, bytes] = {}

    def take(self) -> str:
        """Remember the world as it is; returns the snapshot's id."""
        id = str(len(self._kept) + 1)
        self._kept[id] = self.world.dump()
        return id

    def restore(self, id: str) -> None:
        """Go back to a snapshot. Numbers never go back: a bot that runs must not meet an id twice."""
        if id not in self._kept:
            raise Misuse(f"There is no snapshot {id}.")
        world = self.world
        numbers, bots = _numbers(world.state), dict(world.state.bots)
        world.load(self._kept[id])
        for bot_id, bot in bots.items():
            if bot_id not in world.state.bots:
                world.state.bots[bot_id] = bot
                world.by_token[bot.token] = bot
                for person in world.state.people.values():
                    world.open_private(person, bot)
        _carry_over(numbers, world.state)

    def reset(self) -> None:
        """Forget all that happened. Bots and people keep their accounts; groups, messages and updates are gone."""
        world, before = self.world, self.world.state
        numbers = _numbers(before)
        world.state = State(bots=before.bots, people=before.people)
        for bot in before.bots.values():
            bot.updates.clear()
        for person in before.people.values():
            person.unread.clear()
            person.blocked.clear()
            person.deactivated = False
            for bot in before.bots.values():
                world.open_private(person, bot)
        _carry_over(numbers, world.state)
        world.clock.set_offset(0)
        world.feed.emit("reload")


@dataclass(slots=True, frozen=True)
class _Numbers:
    """The last numbers given: of queries and files, of updates by bot, of messages by bot or chat."""

    serial: int
    updates: dict[int, int]
    messages: dict[int | str, int]


def _numbers(state: State) -> _Numbers:
    messages: dict[int | str, int] = {id: bot.last_message_id for id, bot in state.bots.items()}
    messages.update({key: chat.last_message_id for key, chat in state.chats.items()})
    return _Numbers(state.last_serial, {id: bot.last_update_id for id, bot in state.bots.items()}, messages)


def _carry_over(numbers: _Numbers, state: State) -> None:
    state.last_serial = max(state.last_serial, numbers.serial)
    for id, bot in state.bots.items():
        bot.last_update_id = max(bot.last_update_id, numbers.updates.get(id, 0))
        bot.last_message_id = max(bot.last_message_id, numbers.messages.get(id, 0))
    for key, chat in state.chats.items():
        chat.last_message_id = max(chat.last_message_id, numbers.messages.get(key, 0))
