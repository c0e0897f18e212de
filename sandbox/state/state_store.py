"""The state on disk: one JSON document and one file for each upload."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import orjson

from sandbox.errors import Misuse
from sandbox.state.world import World

SETTLE = 0.5  # seconds between a change and writing it, so that a burst is written once
WORLD = "world.json"
FILES = "files"


class StateStore:
    """Writes the state to a folder shortly after each change, atomically, and loads it at start."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self._task: asyncio.Task[None] | None = None
        self._written: set[str] = set()
        self._saved_rev = -1

    def load(self) -> bool:
        """Load the state from the folder; False when there is none. Raises Misuse for an invalid file."""
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
        """Start writing changes in the background."""
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Stop the background task and write the last changes."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self._save()

    async def _watch(self) -> None:
        while True:
            if self.world.feed.rev == self._saved_rev:
                await self.world.feed.wait()
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
    """Replace a file atomically: a crash leaves either the old or the new content."""
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
