"""The browser of the tests. Its waits give up late: they guard against a hang and measure no speed."""

from __future__ import annotations

import shutil
from typing import Any

from playwright.async_api import Browser, BrowserContext, Playwright, ViewportSize, expect

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 120_000
"""Real milliseconds after which a wait in a page gives up."""
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=PATIENCE)


async def launched(playwright: Playwright) -> Browser:
    """A headless Chromium."""
    return await playwright.chromium.launch(executable_path=PROGRAM, args=_ARGUMENTS, timeout=PATIENCE)


async def new_window(browser: Browser, **look: Any) -> BrowserContext:
    """A window with cookies of its own; `look` are options of a Playwright context."""
    context = await browser.new_context(**{"locale": "en-GB", **look})
    context.set_default_timeout(PATIENCE)
    return context


def size(width: int, height: int) -> ViewportSize:
    """A window's size in CSS pixels."""
    return {"width": width, "height": height}
