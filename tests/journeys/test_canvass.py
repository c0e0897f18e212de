"""From the poster to the friend's vote: in the chat, and over the web page in a browser (R20-R23)."""

from __future__ import annotations

import asyncio
import io
import re
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect

from bot import demo
from bot.app import started
from sandbox import Sandbox
from sandbox.testing import Kit, SeenMessage, TestUser
from services.clock import SystemClock
from tests import chromium
from tests.conftest import DEMO_TOKEN, TUESDAY_TEN, settings_for
from tests.journeys.conftest import Town
from tests.journeys.test_browser import button, free_port, pane, said, say, the_program
from tests.waiting import GUARD


def codes(picture: bytes) -> list[str]:
    """The links in the QR codes of a picture, read by a decoder that the bot does not use."""
    return [found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))]


async def canvasser(town: Town, name: str = "Annabel", yuan: str = "") -> TestUser:
    """A user who looks at the card of one item."""
    ann = await town.person(name, yuan=yuan)
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock(1)
    await ann.sees("Today's goods")
    return ann


async def gets(user: TestUser, tap: str, said: str = "", on: SeenMessage | None = None) -> SeenMessage:
    """Tap a button, or write a command, and wait for the new message."""
    before = user.last().id
    if tap.startswith("/"):
        await user.says(tap)
    else:
        await user.taps(tap, message=on)

    def find() -> SeenMessage | None:
        others = [seen for seen in user.messages() if seen.id > before and seen.message.sender != user.id]
        return next((seen for seen in others if said in seen.text), None)

    found = await user.box.world.feed.wait_for(find, GUARD)
    assert found is not None, user.last()
    return found


async def poster_of(user: TestUser) -> SeenMessage:
    return await gets(user, "📣 Share", "Your own link")


def link_on(screen: SeenMessage) -> str:
    copied = screen.button("🔗")
    assert copied is not None and copied.copy is not None
    return copied.copy


async def sees_buttons(user: TestUser, screen: SeenMessage, label: str) -> None:
    assert await user.box.world.feed.wait_for(lambda: screen.button(label), GUARD)


def uploads(town: Town) -> list[dict[str, Any]]:
    """Photos that were uploaded, not sent by file ID."""
    return [
        call for call in town.box.backend.call_log.since(0) if call["method"].lower() == "sendphoto" and call["files"]
    ]


async def test_r20_the_poster_carries_the_link_and_can_be_sent_without_buttons(town: Town) -> None:
    ann = await canvasser(town)
    screen = await poster_of(ann)
    assert codes(screen.photo_bytes()) == [link_on(screen)]
    alone = await gets(ann, "🖼", on=screen)
    assert alone.has_photo and not alone.text and not alone.labels
    assert codes(alone.photo_bytes()) == [link_on(screen)]


async def test_a_bot_that_is_renamed_while_it_runs_writes_its_new_name_into_links(town: Town) -> None:
    ann = await canvasser(town)
    old = await poster_of(ann)
    assert demo.USERNAME in link_on(old)
    town.kit.bot.username = "renamed_bot"
    renamed = await poster_of(ann)
    assert link_on(renamed).startswith("https://t.me/renamed_bot?start=c")
    assert codes(renamed.photo_bytes()) == [link_on(renamed)]


async def test_a_poster_is_uploaded_once_and_drawn_again_at_a_step(town: Town) -> None:
    ann = await canvasser(town)
    before = len(uploads(town))
    screen = await poster_of(ann)
    assert len(uploads(town)) == before + 1
    await gets(ann, "🖼", on=screen)
    await poster_of(ann)
    assert len(uploads(town)) == before + 1, "the second and third time by Telegram's name for it"
    for number in range(1, 12):
        friend = await town.person(f"F{number}", yuan="100.00")
        await friend.opens(link_on(screen))
        await friend.sees("A friend asks")
        await friend.taps("🙋")
        town.pass_time(minutes=1)  # so that another poster may be drawn
        await poster_of(ann)
        made = before + 1 + min(number, 10)  # exact up to nine, then in steps
        assert len(uploads(town)) == made, f"at {number} votes"


async def test_r20_one_button_shows_the_networks_and_another_leads_back(town: Town) -> None:
    ann = await canvasser(town)
    screen = await poster_of(ann)
    await ann.taps("🌐", message=screen)
    await sees_buttons(ann, screen, "Facebook")
    assert {"Weibo", "WeChat", "WhatsApp", "X"} <= set(screen.labels)
    bob = await town.person("Bob", yuan="100.00")
    await bob.opens(link_on_text(screen))
    await bob.sees("A friend asks")
    before = len(uploads(town))
    there = await gets(ann, "WeChat", "Send this picture in WeChat", on=screen)
    assert len(uploads(town)) == before, "the same poster is not uploaded again"
    await bob.taps("🙋")
    anew = await gets(ann, "WeChat", "Send this picture in WeChat", on=screen)
    assert len(uploads(town)) == before + 1, "a vote changes the poster"
    for picture in (there, anew):
        assert codes(picture.photo_bytes()) == [link_on_text(screen)] and not picture.labels
    await ann.taps("↩️", message=screen)
    await sees_buttons(ann, screen, "🌐")


def link_on_text(screen: SeenMessage) -> str:
    found = re.search(r"https://t\.me/\S+", screen.text)
    assert found is not None
    return found.group()


async def test_a_new_link_needs_confirmation_and_ends_the_old_one(town: Town) -> None:
    ann = await canvasser(town)
    bob, eve = await town.person("Bob", yuan="100.00"), await town.person("Eve", yuan="100.00")
    screen = await poster_of(ann)
    old = link_on(screen)
    asked = await ann.taps("♻️", message=screen)
    assert asked is not None and asked.alert and "counts for nobody" in asked.text
    await sees_buttons(ann, screen, "↩️")
    await ann.taps("↩️", message=screen)
    await sees_buttons(ann, screen, "🔗")
    assert link_on(screen) == old
    await ann.taps("♻️", message=screen)
    await sees_buttons(ann, screen, "♻️ Yes")
    await ann.taps("♻️ Yes", message=screen)
    await sees_buttons(ann, screen, "🔗")
    new = link_on(screen)
    assert new != old and codes(screen.photo_bytes()) == [new]
    for friend, link in ((bob, old), (eve, new)):
        await friend.opens(link)
        await friend.sees("A friend asks")
        await friend.taps("🙋")
    assert "1 friend → 1 vote" in (await gets(ann, "/canvass")).text


async def test_r23_poster_and_chat_show_a_name_only_after_its_owner_allowed_it(town: Town) -> None:
    ann = await canvasser(town)
    screen = await poster_of(ann)
    assert "Friends cannot see whose link it is" in screen.text
    bob, eve = await town.person("Bob"), await town.person("Eve")
    await bob.opens(link_on(screen))
    await bob.sees("A friend asks")
    before = screen.photo_bytes()
    await ann.says("/settings")
    await ann.taps("😊")
    await ann.sees("My first name for friends: shown")
    named = await poster_of(ann)
    assert "Friends read your first name on it: Annabel" in named.text and named.photo_bytes() != before
    await eve.opens(link_on(screen))
    await eve.sees("Annabel asks for your vote")


async def test_r22_top_canvassers_are_named_only_with_their_consent(town: Town) -> None:
    ann = await canvasser(town)
    link = link_on(await poster_of(ann))
    await ann.says("/settings")
    await ann.taps("😊")
    friend = await town.person("Bob", yuan="100.00")
    await friend.opens(link)
    await friend.taps("🙋")
    await ann.sees("The first vote came by your link")
    assert "🏅 Most votes by friends: Annabel 1" in (await poster_of(friend)).text


@pytest.mark.parametrize(
    "data",
    [
        *("w:1:x", "w:999999:renew", "y:-1"),
        *(pytest.param(data, marks=pytest.mark.long) for data in ("w:-1:wechat", "w::more", "w:1:" + "a" * 50, "y:99")),
    ],
)
async def test_r19_forged_buttons_get_an_answer(town: Town, data: str) -> None:
    ann = await canvasser(town)
    screen = await poster_of(ann)
    button_there = screen.button("🌐")
    assert button_there is not None
    button_there.raw["callback_data"] = data
    await ann.taps("🌐", message=screen)
    await gets(ann, "/canvass", "My links")


# -- the page ---------------------------------------------------------------------------------------------------------


def needs_browser(test: Any) -> Any:
    """A test that drives headless Chromium."""
    no_browser = pytest.mark.skipif(chromium.PROGRAM is None, reason="no Chromium here; CI installs it")
    return pytest.mark.browser(no_browser(test))


@pytest.fixture
async def served(tmp_path: Path, migrated: Path) -> AsyncIterator[Town]:
    """A town with web pages."""
    shutil.copy(migrated, tmp_path / "bot.db")
    box = Sandbox(any_token=False, limits=False)
    await box.start()
    box.clock.move_to(TUESDAY_TEN)
    bot = box.add_bot(DEMO_TOKEN, demo.USERNAME, "I want to group")
    port = free_port()
    settings = settings_for(tmp_path, send_rate=200, web_port=port, public_url=f"http://127.0.0.1:{port}")
    async with started(settings, DEMO_TOKEN, box.url, SystemClock(box.clock.now), every=0.05) as (running, services):
        yield Town(box, Kit(box, bot, limit=GUARD), services, running, tmp_path / "goods")
    await box.stop()


async def test_r21_the_poster_and_the_copied_link_lead_to_the_page_and_the_page_into_the_chat(served: Town) -> None:
    ann = await canvasser(served)
    screen = await poster_of(ann)
    page = link_on(screen)
    assert page.startswith("http://127.0.0.1:") and codes(screen.photo_bytes()) == [page]
    async with aiohttp.ClientSession() as session, session.get(page) as response:
        text = await response.text()
    into = re.findall(r'href="(https://t\.me/[^"]+)"', text)
    assert len(into) == 1 and into[0] == link_on_text(screen)
    bob = await served.person("Bob", yuan="100.00")
    assert (await gets(ann, "/canvass")).text.endswith("0 friends → 0 votes"), "viewing the page is not an open"
    await bob.opens(into[0])
    await bob.sees("A friend asks")
    await bob.taps("🙋")
    assert (await gets(ann, "/canvass")).text.endswith("1 friend → 1 vote")
    async with aiohttp.ClientSession() as session:
        async with asyncio.timeout(GUARD):
            while "<b>1</b> person wants it" not in text:  # a page is at most a second old
                async with session.get(page, headers={"Accept-Language": "en"}) as response:
                    text = await response.text()


async def test_a_page_leads_to_the_bot_by_its_new_name_within_a_minute(served: Town) -> None:
    page = link_on(await poster_of(await canvasser(served)))
    async with aiohttp.ClientSession() as session:
        async with session.get(page) as response:
            assert f"https://t.me/{demo.USERNAME}?start=" in await response.text()
        served.kit.bot.username = "renamed_bot"
        served.pass_time(minutes=1)
        for address in (page, page.rpartition("/")[0] + "/nothing"):
            async with session.get(address) as response:
                text = await response.text()
                assert "https://t.me/renamed_bot?start" in text and demo.USERNAME not in text


async def test_r21_without_a_web_port_the_links_lead_into_the_chat(tmp_path: Path) -> None:
    """In the demo no link leads to a page that is not served."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        box = Sandbox(any_token=False, limits=False)
        await box.start()
        try:
            token = demo.furnish(box)
            settings = settings_for(tmp_path, web_port=other.getsockname()[1])
            async with started(settings, token, box.url, SystemClock(box.clock.now), box=box) as (running, _):
                assert running.links.page("token") is None
        finally:
            await box.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await chromium.launched(playwright)
        yield browser
        await browser.close()


LOOKS = {
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "locale": "zh-CN"},
    "small": {"viewport": {"width": 320, "height": 568}, "is_mobile": True, "has_touch": True, "locale": "en-GB"},
    "desk": {"viewport": {"width": 1280, "height": 860}, "locale": "en-GB"},
    "dark": {"viewport": {"width": 1600, "height": 1000}, "locale": "zh-CN", "color_scheme": "dark"},
}


async def is_within(page: Page, selector: str) -> bool:
    """Whether the whole element is visible without scrolling."""
    box = await page.locator(selector).bounding_box()
    size = page.viewport_size
    assert box is not None and size is not None
    inside_x = box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    return inside_x and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


@needs_browser
@pytest.mark.parametrize("look", LOOKS)
async def test_the_page_in_a_browser_of_every_size(served: Town, browser: Browser, look: str) -> None:
    ann = await canvasser(served)
    link = link_on(await poster_of(ann))
    context = await chromium.new_window(browser, **LOOKS[look])
    page = await context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("requestfailed", lambda request: trouble.append(request.url))
    await page.goto(link)
    await page.wait_for_load_state("networkidle")
    assert await is_within(page, ".button"), "the button is visible without scrolling"
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no horizontal overflow"
    assert await page.evaluate("document.querySelector('img').naturalWidth > 0")
    at_a_desk = look in ("desk", "dark")
    await expect(page.locator(".code")).to_be_visible(visible=at_a_desk)
    if at_a_desk:
        shot = Image.open(io.BytesIO(await page.screenshot()))
        (code,) = zxingcpp.read_barcodes(shot.convert("L"))
        assert code.text == await page.locator(".button").get_attribute("href")
    said_left = page.get_by_text("投票还剩" if LOOKS[look]["locale"] == "zh-CN" else "left to vote")
    await expect(said_left).to_be_visible()
    assert not await context.cookies() and await page.evaluate("localStorage.length") == 0
    assert trouble == []
    await context.close()


@needs_browser
async def test_the_page_needs_no_script_and_no_mouse(served: Town, browser: Browser) -> None:
    ann = await canvasser(served)
    link = link_on(await poster_of(ann))
    context = await chromium.new_window(browser, java_script_enabled=False, locale="en-GB")
    page = await context.new_page()
    await page.goto(link)
    await expect(page.get_by_role("link", name="I want this group")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="I want this group")).to_be_focused()
    await page.get_by_role("link", name="中文").click()
    await expect(page.get_by_role("link", name="我想团")).to_be_visible()
    await context.close()


@needs_browser
@pytest.mark.long
async def test_the_program_leads_from_the_poster_over_the_page_into_the_chat(tmp_path: Path) -> None:
    """`python -m bot` with no setting but its ports: the page leads into the local chat."""
    web = free_port()
    async with the_program(tmp_path, free_port(), web) as address, async_playwright() as playwright:
        browser = await chromium.launched(playwright)
        tab = await (await chromium.new_window(browser, viewport=chromium.size(1600, 1000))).new_page()
        await tab.goto(address)
        ann = pane(tab, "Ann")
        await ann.get_by_role("button", name="Start", exact=True).click()
        await button(ann, "See the goods").click()
        await button(ann, "📣 Share").click()
        await expect(said(ann, "Your own link for friends")).to_be_visible()
        link = re.findall(rf"http://127\.0\.0\.1:{web}/i/[\w-]+", await ann.get_by_role("log").inner_text())[-1]

        friends = await chromium.new_window(browser, viewport=chromium.size(1280, 900), locale="zh-CN")
        friend = await friends.new_page()
        await friend.goto(link)
        await friend.get_by_role("link", name="我想团").click()
        await friend.get_by_role("dialog").get_by_text("林美").click()
        mei = pane(friend, "林美")
        await expect(said(mei, "好友请你投一票")).to_be_visible()
        await button(mei, "🙋 我想团").click()
        await expect(button(mei, "✅ 已投票 · 1")).to_be_visible()
        await say(ann, "/canvass")
        await expect(said(ann, "1 friend → 1 vote")).to_be_visible()
        await friend.goto(link)
        await expect(friend.get_by_text("人想团", exact=False).first).to_be_visible()
        await browser.close()
