"""The same bot in three frameworks runs unmodified against the sandbox; only the URL of the API is set.

Node finds grammY by NODE_PATH. Its test is skipped where grammY is not installed; .ci/run installs it.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import Sandbox
from sandbox.testing import Kit
from tests.sandbox.harness import TOKEN, png
from tests.waiting import GUARD

BOTS = Path(__file__).with_name("bots")


def aiogram() -> list[str]:
    return [sys.executable, str(BOTS / "aiogram_bot.py")]


def python_telegram_bot() -> list[str]:
    return [sys.executable, str(BOTS / "ptb_bot.py")]


def grammy() -> list[str]:
    node = shutil.which("node")
    script = str(BOTS / "grammy_bot.cjs")
    if node is None or subprocess.run([node, "-e", "require.resolve('grammy')"], capture_output=True).returncode:
        pytest.skip("Node or grammY is not installed")
    return [node, script]


@pytest.mark.long
@pytest.mark.parametrize("command", [aiogram, python_telegram_bot, grammy])
async def test_an_unmodified_bot_of_each_framework_works(box: Sandbox, command: Callable[[], list[str]]) -> None:
    box.add_bot(TOKEN, "pear_bot", "Pears")
    program = command()
    process = await asyncio.create_subprocess_exec(
        *program,
        box.url,
        TOKEN,
        png(200, 100).hex(),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        ann = await Kit(box, limit=GUARD).person("Ann")
        await ann.says("/start")
        card = await ann.sees("Pears")
        assert card.has_photo and card.entities[0]["type"] == "bold"
        answer = await ann.taps("🙋")
        assert answer is not None and (answer.text, answer.alert) == ("counted", True)
        assert (await ann.sees("Ann wants pears")).id == card.id
        said = await ann.says("hello")
        assert (await ann.sees("you said: hello")).message.reply_to == said.id
    finally:
        process.terminate()
        async with asyncio.timeout(GUARD):
            await process.wait()
