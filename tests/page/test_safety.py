"""Content of bots and people stays text: the page never runs it, turns it into markup or loads other sites."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

import sandbox
from sandbox import Sandbox

from .conftest import ANN, PageBot, PageOpener, button, keyboard

PAGE = Path(sandbox.__file__).parent / "page"
EVIL = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script><b>not bold</b>&lt;&amp;'


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
async def test_markup_in_every_field_stays_text(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    box.world.person(ANN).first_name = EVIL
    box.world.person(ANN).role_note = EVIL
    box.clock.set_marks([{"id": "x", "label": {"en": EVIL, "zh": EVIL}, "at": "2031-05-05T00:00:00+00:00"}])
    await bot.call("setMyCommands", commands=[{"command": "evil", "description": EVIL}])
    bot.answers = {"tap": {"text": EVIL[:190]}, "alert": {"text": EVIL[:190], "show_alert": True}}
    sent = await bot.send(ANN, EVIL, reply_markup=keyboard([button(EVIL, "tap"), button("Alert", "alert")]))
    await bot.send_photo(ANN, "red", EVIL)
    await bot.send(ANN, EVIL, reply_parameters={"message_id": sent["message_id"]})
    await bot.call("sendDocument", {"f": b"x"}, chat_id=ANN, document="attach://f", caption=EVIL)
    stored = list(box.world.state.messages[box.world.private_chat(ANN, 4242).key].values())[-1]
    stored.content["document"]["file_name"] = EVIL
    page = await opener.open("people=1001&theme=light&lang=en")
    pane = page.locator(".pane")
    await expect(pane.locator(".text").first).to_contain_text("/start")
    assert await pane.locator(".message.in .text").first.inner_text() == EVIL
    await pane.get_by_role("combobox").fill(EVIL)
    await pane.get_by_role("combobox").press("Enter")
    await expect(pane.locator(".message.out .text").last).to_have_text(EVIL)
    await pane.locator(".inline-button").first.click()
    await expect(pane.locator(".toast")).to_have_text(EVIL[:190])
    await pane.get_by_role("button", name="Alert").click()
    await expect(page.get_by_role("alertdialog")).to_contain_text("<script>")
    await page.keyboard.press("Escape")
    await pane.get_by_role("combobox").fill("/")
    await expect(pane.get_by_role("option")).to_contain_text("<b>not bold</b>")
    assert await page.evaluate("() => window.hacked") is None
    assert await page.locator("script:not([src^='/page/'])").count() == 0
    assert await page.locator("img[src=x], b").count() == 0


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
async def test_only_safe_urls_become_links(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    entities = [
        {"type": "text_link", "offset": 0, "length": 4, "url": "javascript:window.hacked=1"},
        {"type": "text_link", "offset": 5, "length": 4, "url": "https://example.org/fine"},
        {"type": "text_link", "offset": 10, "length": 4, "url": "data:text/html,<script>alert(1)</script>"},
    ]
    message = await bot.send(ANN, "evil good data")
    stored = box.world.find_message(box.world.private_chat(ANN, 4242).key, message["message_id"])
    assert stored is not None
    stored.content["entities"] = entities  # the server refuses such links; the page must be safe without that
    page = await opener.open("people=1001&theme=light&lang=en")
    bubble = page.locator(".message.in").last
    await expect(bubble).to_contain_text("evil good data")
    links = bubble.locator("a")
    assert await links.evaluate_all("(all) => all.map((each) => [each.textContent, each.protocol])") == [
        ["good", "https:"]
    ]


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
async def test_no_other_site_is_contacted(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    await bot.send_photo(
        ANN, "red", "A picture", reply_markup=keyboard([{"text": "Out", "url": "https://example.org"}])
    )
    page = await opener.open("people=1001&theme=light&lang=en")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.reload()
    await page.wait_for_selector(".picture.loaded")
    assert asked
    assert all(url.startswith(box.url) for url in asked), asked


def test_no_module_makes_markup_of_text() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment"
        r"|\beval\(|new Function|srcdoc"
    )
    modules = sorted(PAGE.glob("*.js"))
    assert len(modules) > 10
    for path in modules:
        assert not forbidden.search(path.read_text("utf-8")), path.name


def test_no_file_of_the_page_contains_the_url_of_another_site() -> None:
    allowed = {"http://www.w3.org/2000/svg", "https://t.me/"}
    for path in sorted(PAGE.iterdir()):
        found = set(re.findall(r"https?://[\w./-]+", path.read_text("utf-8")))
        assert found <= allowed, (path.name, found - allowed)


def test_every_text_of_the_page_exists_in_both_languages_and_is_used() -> None:
    source = (PAGE / "words.js").read_text("utf-8")
    english, chinese = re.findall(r"^  (?:en|zh): \{(.*?)^  \},", source, re.DOTALL | re.MULTILINE)
    entry = re.compile(r"(\w+): \"((?:[^\"\\]|\\.)*)\"")
    en, zh = dict(entry.findall(english)), dict(entry.findall(chinese))
    assert en.keys() == zh.keys()
    assert len(en) > 80
    for key, sentence in en.items():
        assert set(re.findall(r"\{\w+\}", sentence)) == set(re.findall(r"\{\w+\}", zh[key])), key
    used = "".join(path.read_text("utf-8") for path in PAGE.glob("*.js") if path.name != "words.js")
    used += source.partition("/** The page has two languages")[2]
    assert [key for key in en if not re.search(rf"\b{key}\b", used)] == []
