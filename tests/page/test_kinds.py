"""Kinds of messages: formatted text, albums, rich messages, inline results, reply keyboards, files."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.async_api import expect

from sandbox import Sandbox

from .conftest import ANN, BEN, USERNAME, PageBot, PageOpener, button, keyboard, picture

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
ONE = "people=1001&theme=light&lang=en"
TWO = "people=1001,1002&theme=light&lang=en"


async def test_formatted_text_is_rendered_with_its_entities(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    html = (
        "👋 <b>bold <i>and italic</i></b> <u>under</u> <s>gone</s> <code>code</code> "
        '<a href="https://example.org/x">words</a><pre><code class="language-python">print(1)</code></pre>'
        "<blockquote>quoted</blockquote>"
    )
    await bot.send(ANN, html, parse_mode="HTML")
    page = await opener.open(ONE)
    text = page.locator(".message.in .text").last
    await expect(text.locator("strong")).to_have_text("bold and italic")
    await expect(text.locator("strong em")).to_have_text("and italic")
    await expect(text.locator("u")).to_have_text("under")
    await expect(text.locator("s")).to_have_text("gone")
    await expect(text.locator("code").first).to_have_text("code")
    await expect(text.locator("a")).to_have_attribute("href", "https://example.org/x")
    await expect(text.locator("pre code")).to_have_text("print(1)")
    await expect(text.locator("blockquote")).to_have_text("quoted")


async def test_a_link_in_a_spoiler_works_only_after_the_spoiler_is_opened(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    await bot.send(ANN, '<tg-spoiler>the <a href="https://example.org/x">secret</a></tg-spoiler>', parse_mode="HTML")
    page = await opener.open(ONE)
    spoiler = page.get_by_role("button", name="Hidden text")
    await spoiler.locator("a").click(force=True)
    await expect(page.get_by_role("alertdialog")).to_have_count(0)
    await expect(page.locator(".spoiler.open")).to_contain_text("the secret")
    await page.get_by_role("link", name="secret").click()
    await expect(page.get_by_role("alertdialog")).to_contain_text("example.org")
    await page.keyboard.press("Escape")


async def test_a_date_entity_is_shown_in_the_time_zone_and_language_of_the_viewer(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    for person, zone in ((ANN, "America/New_York"), (BEN, "Asia/Shanghai")):
        box.world.person(person).time_zone = zone
        await bot.send(person, 'At <tg-time unix="1795910400" format="wDt">x</tg-time>', parse_mode="HTML")
    page = await opener.open(TWO)
    await expect(page.locator(".pane").nth(0).locator(".text time")).to_have_text(
        re.compile("Saturday,? 28 November 2026 at 19:00")
    )
    await expect(page.locator(".pane").nth(1).locator(".text time")).to_have_text(
        re.compile("2026年11月29日星期日 ?08:00")
    )


async def test_a_relative_date_entity_follows_the_clock(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    at = int(box.clock.now().timestamp()) + 3 * 3600 + 60
    await bot.send(ANN, f'Opens <tg-time unix="{at}" format="r">x</tg-time>', parse_mode="HTML")
    page = await opener.open(ONE)
    await expect(page.locator(".text time")).to_have_text("in 3 hours")
    await page.get_by_role("button", name="+1 h").click()
    await expect(page.locator(".text time")).to_have_text("in 2 hours")


async def test_an_album_is_one_bubble_and_opens_in_the_viewer(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    media = [{"type": "photo", "media": f"attach://p{number}"} for number in range(3)]
    media[0]["caption"] = "Three of them"
    files = {f"p{number}": picture(colour) for number, colour in enumerate(("red", "green", "blue"))}
    await bot.call("sendMediaGroup", files, chat_id=ANN, media=media)
    page = await opener.open(ONE)
    bubble = page.locator(".message.in").last
    await expect(bubble.locator(".picture.loaded")).to_have_count(3)
    await expect(bubble.locator(".text")).to_have_text("Three of them")
    await bubble.locator(".picture").nth(1).click()
    await expect(page.locator(".viewer img")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".viewer")).to_have_count(0)


def _rich() -> dict[str, Any]:
    def cell(text: str, align: str = "left", **more: Any) -> dict[str, Any]:
        return {"text": text, "align": align, "valign": "middle", **more}

    return {
        "blocks": [
            {"type": "heading", "size": 2, "text": "Ranking"},
            {"type": "paragraph", "text": ["Vote ", {"type": "bold", "text": "now"}, "."]},
            {
                "type": "table",
                "is_bordered": True,
                "cells": [
                    [cell("Good", is_header=True), cell("Votes", "right", is_header=True)],
                    [cell("Tea"), cell("412", "right")],
                ],
            },
            {"type": "details", "summary": "How?", "blocks": [{"type": "paragraph", "text": "One each."}]},
            {
                "type": "buttons",
                "buttons": [button("🙋 Vote", "vote", style="danger"), {"text": "Copy", "copy_text": {"text": "tea"}}],
            },
        ]
    }


async def test_a_rich_message_shows_its_blocks_and_its_buttons_work(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    bot.answers = {"vote": {"text": "Counted"}}
    await bot.call("sendRichMessage", chat_id=ANN, rich_message=_rich())
    page = await opener.open(ONE)
    rich = page.locator(".rich")
    await expect(rich.get_by_role("heading", name="Ranking")).to_be_visible()
    await expect(rich.locator("th")).to_have_text(["Good", "Votes"])
    await expect(rich.get_by_text("One each.")).to_be_hidden()
    await rich.get_by_text("How?").click()
    await expect(rich.get_by_text("One each.")).to_be_visible()
    await rich.get_by_role("button", name="🙋 Vote").click()
    await expect(page.locator(".toast")).to_have_text("Counted")
    await rich.get_by_role("button", name="Copy").click()
    await expect(page.locator(".toast").last).to_have_text("Copied to the clipboard")


async def test_a_slideshow_keeps_its_position_and_pictures_after_an_edit(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    photos = []
    for colour in ("red", "green"):
        photos.append((await bot.send_photo(BEN, colour, ""))["photo"])
    chat = box.world.private_chat(ANN, 4242)
    blocks: list[dict[str, Any]] = [
        {"type": "slideshow", "blocks": [{"type": "photo", "photo": photo} for photo in photos]},
        {"type": "footer", "text": "first"},
    ]
    message = box.world.add_message(chat, 4242, {"rich_message": {"blocks": blocks}})
    page = await opener.open(ONE)
    await expect(page.locator(".slide:visible .picture.loaded")).to_be_visible()
    await page.locator(".rich").get_by_role("button", name="Next").click()
    second = await page.locator(".slide:visible img").element_handle()
    assert second is not None
    message.content = {"rich_message": {"blocks": [blocks[0], {"type": "footer", "text": "second"}]}}
    box.world.message_changed(message)
    await expect(page.locator(".rich-footer")).to_have_text("second")
    assert await second.evaluate("(image) => image.isConnected && !image.closest('.slide').hidden && image.complete")


async def test_inline_results_are_chosen_and_sent_to_a_group(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    group = box.backend.groups.create("supergroup", "Neighbours", [ANN, BEN, 4242], [ANN])

    async def answer(update: dict[str, Any]) -> None:
        content = {"message_text": "Tea set, 412 want it"}
        result = {
            "type": "article",
            "id": "1",
            "title": "Tea set",
            "description": "¥159",
            "input_message_content": content,
        }
        rows = keyboard([button("🙋 1", "vote", style="danger")])
        results = json.dumps([{**result, "reply_markup": rows}])
        await bot.call("answerInlineQuery", inline_query_id=update["inline_query"]["id"], results=results)

    bot.on_inline = answer
    bot.answers = {"vote": {"text": "Counted"}}
    await bot.send(ANN, "Share it", reply_markup=keyboard([{"text": "To a group", "switch_inline_query": "tea"}]))
    page = await opener.open(TWO)
    ann, ben = page.locator(".pane").nth(0), page.locator(".pane").nth(1)
    await ann.get_by_role("button", name="To a group").click()
    await page.get_by_role("dialog").get_by_role("button", name="Neighbours").click()
    await expect(ann.locator(".chat-name")).to_have_text("Neighbours")
    await expect(ann.get_by_role("combobox")).to_have_value(f"@{USERNAME} tea")
    await ann.get_by_role("option", name="Tea set").click()
    await expect(ann.locator(".message.out")).to_contain_text("Tea set, 412 want it")
    await ben.locator(".tab", has_text="Neighbours").click()
    await ben.get_by_role("button", name="🙋 1").click()
    await expect(ben.locator(".toast")).to_have_text("Counted")
    query = next(update["callback_query"] for update in bot.seen if "callback_query" in update)
    assert query["inline_message_id"]
    assert query["from"]["id"] == BEN
    assert group.type == "supergroup"


async def test_a_reply_keyboard_sends_its_labels_and_can_be_removed(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    await bot.send(ANN, "Yes or no?", reply_markup={"keyboard": [[{"text": "Yes"}, {"text": "No"}]]})
    page = await opener.open(ONE)
    await page.locator(".reply-key", has_text="Yes").click()
    await expect(page.locator(".message.out").last).to_contain_text("Yes")
    await bot.send(ANN, "Thanks", reply_markup={"remove_keyboard": True})
    await expect(page.locator(".reply-key")).to_have_count(0)


async def test_a_file_is_downloaded_and_never_runs_in_the_page(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    page = await opener.open(ONE)
    await page.get_by_role("button", name="Attach a file").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("menuitem", name="File").click()
    evil = {"name": "page.html", "mimeType": "text/html", "buffer": b"<script>window.hacked=1</script>"}
    await (await chooser.value).set_files(evil)  # type: ignore[arg-type]
    await page.get_by_role("button", name="Send", exact=True).last.click()
    card = page.locator(".file-card", has_text="page.html")
    async with page.expect_download() as download:
        await card.click()
    assert (await download.value).suggested_filename == "page.html"
    answer = await page.request.get(box.url + (await card.get_attribute("href") or ""))
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_ephemeral_message_is_hidden_from_other_members(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    group = box.backend.groups.create("supergroup", "Neighbours", [ANN, BEN, 4242], [ANN])
    box.world.add_message(group, 4242, {"text": "Only Ann reads this"}, only_for=ANN)
    box.world.add_message(group, 4242, {"text": "All read this"})
    page = await opener.open(TWO)
    for number in (0, 1):
        await page.locator(".pane").nth(number).locator(".tab", has_text="Neighbours").click()
        await expect(page.locator(".pane").nth(number).get_by_text("All read this").first).to_be_visible()
    await expect(page.locator(".pane").nth(0).locator(".text", has_text="Only Ann reads this")).to_be_visible()
    await expect(page.locator(".pane").nth(1).locator(".text", has_text="Only Ann reads this")).to_have_count(0)


async def test_a_person_reacts_to_a_message(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    sent = await bot.send(ANN, "Do you like it?")
    page = await opener.open(ONE)
    await page.locator(".text", has_text="Do you like it?").click(button="right")
    await page.get_by_role("menuitemcheckbox", name="React with 🔥").click()
    await expect(page.locator(".reaction")).to_have_text("🔥")
    stored = box.world.find_message(box.world.private_chat(ANN, 4242).key, sent["message_id"])
    assert stored is not None
    assert stored.reactions[str(ANN)][0]["emoji"] == "🔥"


async def test_a_person_edits_a_message_and_replies_to_another(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    await bot.send(ANN, "Which one?")
    page = await opener.open(ONE)
    field = page.get_by_role("combobox")
    await field.fill("The blue one")
    await field.press("Enter")
    await page.locator(".message.out .text", has_text="The blue one").click(button="right")
    await page.get_by_role("menuitem", name="Edit").click()
    await field.fill("The red one")
    await field.press("Enter")
    await expect(page.locator(".message.out", has_text="The red one")).to_contain_text("edited")
    await page.locator(".text", has_text="Which one?").click(button="right")
    await page.get_by_role("menuitem", name="Reply").click()
    await field.fill("That one")
    await field.press("Enter")
    await expect(page.locator(".message.out").last.locator(".reply")).to_contain_text("Which one?")
    kinds = [kind for update in bot.seen for kind in ("message", "edited_message") if kind in update]
    assert kinds[-3:] == ["message", "edited_message", "message"]
