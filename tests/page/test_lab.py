"""The fault lab, the call log, and the page of a sandbox without a bot."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Route, expect

from sandbox import Sandbox
from sandbox.experiments import Experiment, ExperimentChoice, Tell, Words

from .conftest import ANN, TOKEN, Chromium, PageBot, PageOpener

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_fault_rule_is_added_applied_and_removed(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    page = await opener.open()
    await page.get_by_role("button", name="Fault lab").click()
    lab = page.get_by_role("complementary", name="Fault lab")
    await lab.get_by_label("What goes wrong").select_option("429")
    await lab.get_by_label("Method").fill("sendMessage")
    await lab.get_by_label("Times").fill("1")
    await lab.get_by_label("Seconds").fill("7")
    await lab.get_by_role("button", name="Add rule").click()
    await expect(lab.locator(".rules li")).to_contain_text("sendMessage")
    with pytest.raises(AssertionError, match="retry after 7"):
        await bot.send(ANN, "refused")
    await expect(lab.locator("tr[data-ok=false]")).to_contain_text("429")
    await bot.send(ANN, "taken")
    await expect(lab.locator("tr[data-ok=true]", has_text="sendMessage")).to_contain_text(str(ANN))
    await expect(lab.locator(".rules li")).to_contain_text("×0")
    await lab.get_by_role("button", name="Remove").click()
    await expect(lab.locator(".rules li")).to_have_text("Everything works.")


async def test_reset_asks_for_confirmation_and_a_snapshot_is_restored(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    await bot.send(ANN, "Before the reset")
    page = await opener.open("people=1001&theme=light&lang=en")
    text = page.locator(".text", has_text="Before the reset")
    await page.get_by_role("button", name="Fault lab").click()
    await page.get_by_role("button", name="Save the chats").click()
    await expect(page.get_by_role("button", name="Restore")).to_be_visible()
    await page.get_by_role("button", name="Delete all chats").click()
    await expect(page.get_by_role("alertdialog")).to_contain_text("so does what the bots have stored")
    await page.get_by_role("alertdialog").get_by_role("button", name="Cancel").click()
    await expect(text).to_be_visible()
    await page.get_by_role("button", name="Delete all chats").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    await expect(text).to_have_count(0)
    await page.get_by_role("button", name="Restore").click()
    await expect(text).to_be_visible()


@pytest.mark.parametrize("width", [1900, 1280, 1024, 800])
@pytest.mark.parametrize("people", ["1001", "1001,1002"])
async def test_the_open_lab_covers_no_chat(
    width: int, people: str, box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    page = await opener.open(f"people={people}&theme=light&lang=en", width=width)
    before = await page.locator(".pane:visible").count()
    await page.locator(".pane").first.click()
    await page.get_by_role("button", name="Fault lab").click()
    lab = await page.get_by_role("complementary", name="Fault lab").bounding_box()
    assert lab is not None
    panes = [await pane.bounding_box() for pane in await page.locator(".pane:visible").all()]
    assert panes and all(one is not None and one["x"] + one["width"] <= lab["x"] + 1 for one in panes)
    assert all(one is not None and one["width"] >= 290 for one in panes)
    await expect(page.locator(".pane.active")).to_be_visible()
    await page.get_by_role("button", name="Fault lab").click()
    await expect(page.locator(".pane:visible")).to_have_count(before)


async def test_a_page_without_a_bot_explains_how_to_connect_one(chromium: Chromium) -> None:
    async with Sandbox() as box:
        box.add_person("Ann")
        opener = PageOpener(chromium, box.url)
        page = await opener.open("theme=light&lang=en")
        await expect(page.locator(".empty")).to_contain_text(box.url)
        box.add_bot(TOKEN, "late_bot", "Late bot")
        await expect(page.locator(".chat-name")).to_have_text("Late bot")
        await expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
        assert opener.errors == []
        await opener.contexts[0].close()


async def test_a_lost_connection_is_shown_and_restored(box: Sandbox, opener: PageOpener) -> None:
    page = await opener.open("people=1001&theme=light&lang=en")
    await box.stop()
    await expect(page.locator(".line-state")).to_have_text("Connecting…")
    box.world.add_message(box.world.private_chat(ANN, 4242), 4242, {"text": "Sent meanwhile"})
    await box.start()
    await expect(page.locator(".text", has_text="Sent meanwhile")).to_be_visible()
    await expect(page.locator(".line-state")).to_have_text("")
    assert all("ERR_" in line or "Failed to load" in line for line in opener.errors), opener.errors
    opener.errors.clear()  # the browser logs each refused connection


async def test_an_experiment_shows_what_it_does_how_far_it_is_and_how_it_ended(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    go = asyncio.Event()

    async def run(choice: str, tell: Tell) -> Words:
        tell(1, 2, {"en": f"Half of {choice}"})
        await go.wait()
        return {"en": "All of it is done.", "zh": "全部完成。"}

    async def choices() -> list[ExperimentChoice]:
        return [ExperimentChoice(value, {"en": f"Good {value}"}) for value in ("1", "2")]

    page = await opener.open("people=1001&theme=light&lang=en", width=390, height=844)
    await page.get_by_role("button", name="Fault lab").click()
    lab = page.get_by_role("complementary", name="Fault lab")
    await expect(lab.get_by_role("heading", name="Experiments")).to_have_count(0)
    box.backend.experiments.offer([Experiment("do", {"en": "Do it", "zh": "开始"}, {"en": "Does it."}, run, choices)])
    await expect(lab).to_contain_text("Does it.")
    await lab.get_by_label("For which good").select_option("Good 2")
    await lab.get_by_role("button", name="Do it").click()
    await expect(lab.get_by_role("status")).to_have_text("Half of 2")
    await expect(lab.get_by_role("progressbar")).to_have_attribute("value", "1")
    await expect(lab.get_by_role("button", name="Do it")).to_be_disabled()
    go.set()
    await expect(lab.get_by_role("status")).to_have_text("All of it is done.")
    await expect(lab.get_by_role("progressbar")).to_have_count(0)
    await expect(lab.get_by_label("For which good")).to_have_value("2")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.evaluate("document.querySelector('.lab').dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}))")
    await page.locator(".tools .text-button").click()
    await page.get_by_role("button", name="故障实验室").click()
    await expect(page.locator(".experiment-said")).to_have_text("全部完成。")


async def test_a_page_whose_world_is_still_loading_does_not_call_it_empty(box: Sandbox, opener: PageOpener) -> None:
    page = await opener.open("people=1001&theme=light&lang=en")
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await go_on.wait()
        await route.continue_()

    await page.route("**/api/world", hold)
    await page.reload(wait_until="commit")
    await asked.wait()
    await expect(page.locator(".people")).to_be_attached()
    await expect(page.locator("body")).not_to_contain_text("Nobody lives here")
    go_on.set()
    await expect(page.locator(".person", has_text="Ann")).to_be_visible()
