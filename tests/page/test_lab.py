"""The fault lab, the call log, and the page of a sandbox without a bot."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from sandbox import Sandbox

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
    await page.get_by_role("button", name="Keep a snapshot").click()
    await expect(page.get_by_role("button", name="Restore")).to_be_visible()
    await page.get_by_role("button", name="Reset the world").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Cancel").click()
    await expect(text).to_be_visible()
    await page.get_by_role("button", name="Reset the world").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Reset").click()
    await expect(text).to_have_count(0)
    await page.get_by_role("button", name="Restore").click()
    await expect(text).to_be_visible()


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
