"""The whole journey in the browser, on the program as `make run` starts it, by two users and an organiser."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from tests import chromium
from tests.conftest import TUESDAY_TEN
from tests.waiting import GUARD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.PROGRAM is None, reason="no Chromium here; CI installs it"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


MOVED = """
import runpy, sys, time
real, offset = time.time, float(sys.argv.pop(1)) - time.time()
time.time = lambda: real() + offset
runpy.run_module("bot", run_name="__main__", alter_sys=True)
"""
"""`python -m bot` where the local chat's clock starts at a given moment, so that no test depends on the hour or day."""


@contextlib.asynccontextmanager
async def the_program(folder: Path, port: int, web_port: int = 0) -> AsyncIterator[str]:
    """`python -m bot` without a token, in an empty folder, on a Tuesday at ten; gives the address that it prints."""
    settings = {
        "WEB_PORT": str(web_port),
        "LOCAL_CHAT_PORT": str(port),
        "DOUBLE_TAP_SECONDS": "0",  # the browser is faster than any finger
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", MOVED, str(TUESDAY_TEN.timestamp())),
        cwd=folder,
        env={**{k: v for k, v in os.environ.items() if k != "BOT_TOKEN"}, **settings},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert program.stdout is not None
        async with asyncio.timeout(GUARD):
            while not (found := re.search(rb"http://\S+", await program.stdout.readline())):
                assert program.returncode is None
        yield found.group().decode()
    finally:
        program.send_signal(signal.SIGTERM)
        async with asyncio.timeout(GUARD):
            assert await program.wait() == 0


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with the_program(tmp_path, free_port()) as address, async_playwright() as playwright:
        browser = await chromium.launched(playwright)
        tab = await (await chromium.new_window(browser, viewport=chromium.size(1600, 1000))).new_page()
        await tab.goto(address)
        yield tab
        await browser.close()


def pane(page: Page, person: str) -> Locator:
    """The part of the page that shows one person's chat."""
    return page.get_by_role("region", name=re.compile(rf"{person}$"))


async def say(chat: Locator, text: str) -> None:
    field = chat.get_by_role("combobox").last
    await field.fill(text)
    await field.press("Enter")


def button(chat: Locator, label: str) -> Locator:
    return chat.get_by_role("log").get_by_role("button", name=label).last


def said(chat: Locator, text: str) -> Locator:
    return chat.get_by_role("log").get_by_text(text).last


async def test_two_users_and_an_organiser_complete_the_journey_in_the_browser(page: Page) -> None:
    await page.get_by_role("button", name="3", exact=True).click()
    mei, ann = pane(page, "林美"), pane(page, "Ann")
    await mei.get_by_role("button", name="开始", exact=True).click()
    await ann.get_by_role("button", name="Start", exact=True).click()

    # the carousel and a vote
    await button(ann, "See the goods").click()
    await expect(said(ann, "Original price")).to_be_visible()
    await button(ann, "▶️").click()
    await expect(button(ann, "2/28")).to_be_visible()
    await button(ann, "I want this group").click()
    await expect(button(ann, "✅ Voted · 1")).to_be_visible()
    await expect(page.get_by_text("Your vote counts")).to_be_visible()
    title = await ann.get_by_role("log").locator("strong, b").last.inner_text()

    # the link goes to the neighbours, and a friend votes by it
    await button(ann, "📣 Share").click()
    await expect(said(ann, "Your own link for friends")).to_be_visible()
    await button(ann, "📤 Send to friends").click()
    await page.get_by_role("dialog").get_by_text("Neighbours").first.click()
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await mei.get_by_role("button", name=re.compile("Neighbours")).first.click()
    await mei.get_by_role("log").get_by_role("link").last.click()
    await expect(said(mei, "好友请你投一票")).to_be_visible()
    await button(mei, "🙋 我想团").click()
    await expect(button(mei, "✅ 已投票 · 2")).to_be_visible()

    # the organiser schedules, the clock jumps, both are told in their languages
    await page.get_by_role("button", name=re.compile("^团长")).first.click()
    boss = pane(page, "团长")
    await boss.get_by_role("button", name="开始", exact=True).click()
    await say(boss, "/desk")
    await button(boss, "🏆").click()
    await button(boss, "1. ").click()
    await boss.get_by_role("log").get_by_role("button", name=re.compile("🗓 明天 10:00")).last.click()
    await button(boss, "✅ 确定").click()
    await expect(said(boss, "2 人会立即收到通知")).to_be_visible()
    await expect(said(ann, "Your group is coming!")).to_be_visible()
    await page.get_by_role("button", name="Next alert").click()
    await expect(said(ann, "Your group opens in 30 minutes")).to_be_visible()
    await expect(said(ann, "The first vote came by your link")).to_be_visible()
    await page.get_by_role("button", name="Next alert").click()
    await expect(said(ann, "Your group is open!")).to_be_visible()
    await say(ann, "/mine")
    await expect(said(ann, "the group is open")).to_be_visible()
    await expect(ann.get_by_role("log").get_by_text(title).last).to_be_visible()

    # a new round brings a new carousel
    await page.get_by_role("button", name="Next round opens").click()
    await expect(said(ann, "Today's goods are here")).to_be_visible()
