"""The picture of the chat in the README: `python docs/pictures/make.py` makes `chat.png` beside this file.

It starts the real bot in an empty folder, lets two people press Start and find the same good in the browser page, and
takes the picture while the second one votes. Needs Chromium and the development dependencies.
"""

import asyncio
import contextlib
import io
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, Page, async_playwright, expect

TARGET = Path(__file__).with_name("chat.png")
WIDTH, HEIGHT, SCALE = 1060, 860, 2
MOST_BYTES = 400_000

MEI, ANN, CHEN = 1001, 1002, 1005
CATEGORY = {"zh": "其他", "en": "Other"}
GOOD = {"zh": "沙燕风筝", "en": "Swallow Kite"}


def free_port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def running_bot() -> AsyncIterator[str]:
    """The bot with default settings, as started by `make run`; yields the address of the local chat."""
    port = free_port()
    inherited = {name: value for name, value in os.environ.items() if name != "BOT_TOKEN"}
    environment = {**inherited, "LOCAL_CHAT_PORT": str(port), "WEB_PORT": "0"}
    with tempfile.TemporaryDirectory() as folder:
        bot = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            cwd=folder,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert bot.stdout is not None
        try:
            while line := await asyncio.wait_for(bot.stdout.readline(), 120):
                if b"http://" in line:
                    break
            else:
                raise SystemExit("The bot did not start.")
            yield f"http://127.0.0.1:{port}"
        finally:
            bot.terminate()
            await bot.wait()


async def tap(pane: Locator, label: str) -> None:
    """Tap the newest button with this label."""
    await pane.locator(".inline-button", has_text=label).last.click()


def newest_card(pane: Locator) -> Locator:
    """The newest message with a picture."""
    return pane.locator(".message", has=pane.page.locator(".picture")).last


def place_in_draw(pane: Locator) -> Locator:
    """The button between ◀️ and ▶️, such as 3/28."""
    return newest_card(pane).locator(".inline-button").nth(1)


async def look_for_the_good(pane: Locator, language: str) -> None:
    """Press Start, choose the category, and page until the good is shown."""
    words = {"zh": ("开始", "去看宝贝", "分类"), "en": ("Start", "See the goods", "Categories")}[language]
    await pane.get_by_role("button", name=words[0], exact=True).click()
    await tap(pane, words[1])
    await tap(pane, words[2])
    await tap(pane, CATEGORY[language])
    await expect(place_in_draw(pane)).to_contain_text("1/")
    card = newest_card(pane)
    for page in range(2, 30):
        if GOOD[language] in await card.inner_text():
            return
        await tap(pane, "▶️")
        await expect(place_in_draw(pane)).to_contain_text(f"{page}/")
    raise SystemExit("The good is not on display.")


async def open_page(browser_page: Page, url: str, people: str) -> None:
    """The chat page with these people side by side."""
    await browser_page.goto(f"{url}/?theme=light&lang=en&people={people}")
    await browser_page.wait_for_selector("html[data-ready]")


def small(picture: bytes) -> bytes:
    """The picture, reduced to as many colours as fit into `MOST_BYTES`."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (256, 192, 128, 96, 64):
        out = io.BytesIO()
        image.quantize(colours, kmeans=2, dither=Image.Dither.FLOYDSTEINBERG).save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise SystemExit("The picture does not become small enough.")


async def main() -> None:
    """Make the scene and save its picture."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    async with running_bot() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE)
        # These people page faster than real ones, so the chat must not apply Telegram's limits.
        await page.request.patch(f"{url}/api/limits", data={"enabled": False})
        await open_page(page, url, str(CHEN))
        chen = page.locator(".pane").first
        await look_for_the_good(chen, "en")
        await tap(chen, "🙋")
        await expect(chen.locator(".inline-button", has_text="✅").last).to_be_visible()

        await open_page(page, url, f"{MEI},{ANN}")
        mei, ann = page.locator(".pane").nth(0), page.locator(".pane").nth(1)
        await look_for_the_good(mei, "zh")
        await look_for_the_good(ann, "en")
        await expect(page.locator(".picture.loaded")).to_have_count(2)
        await tap(ann, "🙋")
        await expect(ann.locator(".toast")).to_be_visible()
        await expect(ann.locator(".inline-button", has_text="✅").last).to_be_visible()
        here = int((await place_in_draw(mei).inner_text()).split("/")[0])
        there = here - 1 if here > 1 else here + 1
        # A card is rendered when it is paged to: after paging there and back, both cards show the new count.
        await tap(mei, "◀️" if there < here else "▶️")
        await expect(place_in_draw(mei)).to_contain_text(f"{there}/")
        await tap(mei, "▶️" if there < here else "◀️")
        await expect(mei.locator(".inline-button", has_text="· 2").last).to_be_visible()
        await expect(page.locator(".picture.loaded")).to_have_count(2)
        await page.mouse.move(0, 0)
        picture = await page.screenshot(animations="disabled")
        await browser.close()
    TARGET.write_bytes(small(picture))
    sys.stdout.write(f"{TARGET.name}: {TARGET.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    asyncio.run(main())
