"""The state on disk is loaded at the next start."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.errors import Misuse
from sandbox.state import state_store
from sandbox.testing import Kit
from tests.sandbox.harness import TOKEN, Harness
from tests.waiting import GUARD


async def test_the_whole_state_survives_a_restart(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        async with Sandbox(state_dir=tmp_path, limits=False) as box:
            box.add_bot(TOKEN, "probe_bot", "Probe")
            ann = await Kit(box, limit=GUARD).person("Ann", language_code="zh", username="ann")
            await ann.starts("abc")
            harness = Harness(box, http)
            await harness.call("setMyCommands", commands=[{"command": "help", "description": "h"}])
            photo = await harness.send_photo(ann.id, caption="kept")
            box.clock.advance(timedelta(days=2))
            pending = box.world.state.bots[100001].updates
            before, picture = box.world.dump(), ann.last().photo_bytes()
        async with Sandbox(state_dir=tmp_path, limits=False) as box:
            box.clock.set_offset(box.clock.offset)
            assert box.world.dump() == before
            ann = Kit(box, limit=GUARD).known(ann.id)
            assert ann.last().text == "kept" and ann.last().photo_bytes() == picture
            harness = Harness(box, http)
            again = await harness.call("sendPhoto", chat_id=ann.id, photo=photo["photo"][0]["file_id"])
            assert again.result["photo"] == photo["photo"]
            assert [one.id for one in box.world.state.bots[100001].updates] == [one.id for one in pending]
            fresh = await harness.send_photo(ann.id)
            assert fresh["photo"][0]["file_unique_id"] != photo["photo"][0]["file_unique_id"]


def written(folder: Path) -> bool:
    return (folder / "world.json").exists()


def people_in(folder: Path) -> list[str]:
    state = json.loads((folder / "world.json").read_text())["state"]
    return [person["first_name"] for person in state["people"].values()]


async def test_changes_are_written_while_the_sandbox_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_store, "SETTLE", 0.01)
    async with Sandbox(state_dir=tmp_path) as box:
        box.add_person("Ann")
        async with asyncio.timeout(GUARD):
            while not written(tmp_path):  # written in the background after SETTLE seconds
                await box.world.feed.wait(0.05)
        assert people_in(tmp_path) == ["Ann"]


async def test_a_stopped_sandbox_starts_again_on_the_same_port() -> None:
    box = Sandbox()
    first = await box.start()
    await box.stop()
    assert await box.start() == first, "the port stays its own"
    async with aiohttp.ClientSession() as http:
        assert (await Harness(box, http).call("getUpdates", timeout=0)).result == []
    await box.stop()


async def test_an_invalid_state_file_is_reported_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "world.json").write_text("{broken")
    with pytest.raises(Misuse, match="cannot be read"):
        Sandbox(state_dir=tmp_path)
