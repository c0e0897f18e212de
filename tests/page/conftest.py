"""Fixtures: a sandbox, a bot controlled by the test, and a Chromium that opens the page."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright

from sandbox import Sandbox
from tests import chromium as browsers

TOKEN = "4242:page-tests"
USERNAME = "page_bot"
ANN, BEN = 1001, 1002

Row = list[dict[str, Any]]


def picture(colour: str, width: int = 640, height: int = 480) -> bytes:
    """A JPEG of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG")
    return out.getvalue()


def keyboard(*rows: Row) -> dict[str, Any]:
    """An inline keyboard."""
    return {"inline_keyboard": list(rows)}


def button(text: str, data: str, **more: Any) -> dict[str, Any]:
    """A callback button."""
    return {"text": text, "callback_data": data, **more}


class PageBot:
    """A bot over HTTP. `answers[data]` is its answer to a tap, None for no answer; `seen` are its updates."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.base = f"{url}/bot{TOKEN}"
        self.http = http
        self.answers: dict[str, dict[str, Any]] = {}
        self.on_inline: Callable[[dict[str, Any]], Awaitable[None]] | None = None
        self.seen: list[dict[str, Any]] = []

    async def call(self, method: str, files: dict[str, bytes] | None = None, **params: Any) -> Any:
        """Call a method; `files` are the parts that `attach://name` refers to."""
        form = aiohttp.FormData(
            {key: value if isinstance(value, str) else json.dumps(value) for key, value in params.items()}
        )
        for name, data in (files or {}).items():
            form.add_field(name, data, filename=f"{name}.jpg", content_type="image/jpeg")
        async with self.http.post(f"{self.base}/{method}", data=form) as response:
            answer = await response.json()
        assert answer["ok"], f"{method}: {answer}"
        return answer["result"]

    async def send(self, chat_id: int, text: str, **more: Any) -> Any:
        """sendMessage."""
        return await self.call("sendMessage", chat_id=chat_id, text=text, **more)

    async def send_photo(self, chat_id: int, colour: str, caption: str, **more: Any) -> Any:
        """sendPhoto with a picture of one colour."""
        return await self.call(
            "sendPhoto", {"p": picture(colour)}, chat_id=chat_id, photo="attach://p", caption=caption, **more
        )

    async def run(self) -> None:
        """Poll and answer until cancelled."""
        offset = 0
        while True:
            for update in await self.call("getUpdates", timeout=30, offset=offset):
                offset = update["update_id"] + 1
                self.seen.append(update)
                query = update.get("callback_query")
                if query:
                    answer = self.answers.get(query["data"], {})
                    if answer is not None:
                        await self.call("answerCallbackQuery", callback_query_id=query["id"], **answer)
                elif "inline_query" in update and self.on_inline:
                    await self.on_inline(update)


@pytest_asyncio.fixture(loop_scope="session")
async def box() -> AsyncIterator[Sandbox]:
    """A sandbox with one bot and two people who have started it."""
    async with Sandbox(limits=False) as box:
        bot = box.add_bot(TOKEN, USERNAME, "Page bot")
        for name, language in (("Ann", "en"), ("Ben", "zh")):
            person = box.add_person(name, language_code=language)
            box.backend.actions.start(person, bot)
        yield box


@pytest_asyncio.fixture(loop_scope="session")
async def bot(box: Sandbox) -> AsyncIterator[PageBot]:
    """The running bot."""
    async with aiohttp.ClientSession() as http:
        bot = PageBot(box.url, http)
        running = asyncio.create_task(bot.run())
        yield bot
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


class Chromium:
    """One headless browser for all tests; one that crashed is replaced before the next page opens."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._browser: Browser | None = None

    async def running(self) -> Browser:
        """The browser, started when it is not running."""
        if self._browser is None or not self._browser.is_connected():
            self._browser = await browsers.launched(self._playwright)
        return self._browser

    async def close(self) -> None:
        if self._browser is not None:
            await self._browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    """A headless Chromium for all tests; each test opens its own pages."""
    if browsers.PROGRAM is None:
        pytest.skip("no Chromium is installed")
    async with async_playwright() as playwright:
        chromium = Chromium(playwright)
        yield chromium
        await chromium.close()


class PageOpener:
    """Opens the page in browser contexts of its own; `errors` are the script and console errors."""

    def __init__(self, chromium: Chromium, url: str) -> None:
        self.chromium = chromium
        self.url = url
        self.errors: list[str] = []
        self.contexts: list[BrowserContext] = []

    async def open(
        self, query: str = "people=1001,1002&theme=light&lang=en", width: int = 1280, height: int = 860
    ) -> Page:
        """The loaded page at a window size."""
        browser = await self.chromium.running()
        context = await browsers.new_window(browser, viewport=browsers.size(width, height))
        await context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.url)
        self.contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        await page.goto(f"{self.url}/?{query}")
        await page.wait_for_selector("html[data-ready]")
        return page


@pytest_asyncio.fixture(loop_scope="session")
async def opener(chromium: Chromium, box: Sandbox) -> AsyncIterator[PageOpener]:
    """Opens pages; a script error on one of them fails the test."""
    opener = PageOpener(chromium, box.url)
    yield opener
    for context in opener.contexts:
        await context.close()
    assert not opener.errors, opener.errors
