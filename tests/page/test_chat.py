"""Two people use the page: buttons, edits, links, toasts, alerts."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.async_api import Locator, Page, expect

from sandbox import Sandbox
from tests.waiting import until

from .conftest import ANN, BEN, USERNAME, PageBot, PageOpener, button, keyboard, picture

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# Watches a picture and records each frame in which it is missing, empty or of another height.
WATCH = """(image) => {
  const box = image.closest(".picture");
  const height = box.getBoundingClientRect().height;
  const watch = { frames: 0, bad: [] };
  window.watch = watch;
  const look = () => {
    watch.frames += 1;
    if (!image.isConnected) watch.bad.push("gone");
    else if (!image.complete || !image.naturalWidth) watch.bad.push("empty");
    else if (Math.abs(box.getBoundingClientRect().height - height) > 0.5) watch.bad.push("another height");
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def pane(page: Page, number: int) -> Locator:
    return page.locator(".pane").nth(number - 1)


def message_text(page: Page, number: int, text: str) -> Locator:
    """The text of a message in a pane."""
    return pane(page, number).locator(".message .text", has_text=text)


async def test_each_pane_shows_the_chats_and_language_of_its_person(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    await bot.send(ANN, "Only for Ann")
    page = await opener.open()
    await bot.send(BEN, "只给 Ben")
    await expect(message_text(page, 1, "Only for Ann")).to_be_visible()
    await expect(message_text(page, 2, "只给 Ben")).to_be_visible()
    await expect(pane(page, 1).get_by_text("只给 Ben")).to_have_count(0)
    await expect(pane(page, 2).get_by_text("Only for Ann")).to_have_count(0)
    await expect(pane(page, 1).get_by_role("combobox", name="Message")).to_be_visible()
    await expect(pane(page, 2).get_by_role("combobox", name="输入消息")).to_be_visible()


async def test_a_sent_message_appears_as_outgoing_and_empties_the_field(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    page = await opener.open()
    field = pane(page, 1).get_by_role("combobox")
    await field.fill("Good morning")
    await field.press("Enter")
    await expect(pane(page, 1).locator(".message.out", has_text="Good morning")).to_be_visible()
    await expect(field).to_have_value("")
    await expect(pane(page, 2).get_by_text("Good morning")).to_have_count(0)


async def test_an_edit_keeps_the_picture_element_its_position_and_the_focus(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    rows = keyboard([button("🙋 1", "vote", style="danger")], [button("◀️", "back"), button("▶️", "next")])
    sent = await bot.send_photo(ANN, "teal", "First good", reply_markup=rows)
    for number in range(12):
        await bot.send(ANN, f"Line {number}\nand one more")
    page = await opener.open()
    image = await pane(page, 1).locator(".picture.loaded img").element_handle()
    assert image is not None
    history = pane(page, 1).locator(".history")
    await history.evaluate("(element) => { element.scrollTop = 60; }")
    before = await image.evaluate("(element) => element.getBoundingClientRect().top")
    forward = await pane(page, 1).get_by_role("button", name="▶️").element_handle()
    assert forward is not None
    await forward.focus()
    await image.evaluate(WATCH)

    later = keyboard([button("✅ 2", "vote", style="success")], [button("◀️", "back"), button("▶️", "next")])
    where = {"chat_id": ANN, "message_id": sent["message_id"]}
    await bot.call(
        "editMessageCaption", caption="First good, <b>voted</b>", parse_mode="HTML", reply_markup=later, **where
    )
    await expect(pane(page, 1).get_by_text("First good, voted")).to_be_visible()
    source = await image.evaluate("(element) => element.src")
    media = {"type": "photo", "media": "attach://p", "caption": "Second good"}
    await bot.call("editMessageMedia", {"p": picture("orange")}, media=media, reply_markup=later, **where)
    await expect(pane(page, 1).get_by_text("Second good")).to_be_visible()
    await page.wait_for_function("([image, old]) => image.src !== old", arg=[image, source])
    frames = await page.evaluate("() => window.watch.frames")
    await page.wait_for_function("(frames) => window.watch.frames > frames + 5", arg=frames)

    assert await page.evaluate("() => window.watch.bad") == []
    assert await image.evaluate("(element) => element.getBoundingClientRect().top") == pytest.approx(before, abs=1)
    assert await forward.evaluate("(element) => element === document.activeElement"), "focus stays on the tapped button"
    await expect(pane(page, 1).locator('.inline-button[data-style="success"]')).to_have_text("✅ 2")


async def test_a_tapped_button_is_busy_until_its_answer_which_shows_a_toast(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    bot.answers = {"slow": None, "vote": {"text": "Vote counted, 2 left"}}  # type: ignore[dict-item]
    await bot.send(ANN, "Goods", reply_markup=keyboard([button("Slow", "slow"), button("🙋", "vote")]))
    page = await opener.open()
    slow = pane(page, 1).get_by_role("button", name="Slow")
    await slow.click()
    await expect(slow).to_have_attribute("aria-busy", "true")
    await pane(page, 1).get_by_role("button", name="🙋").click()
    await expect(pane(page, 1).locator(".toast")).to_have_text("Vote counted, 2 left")
    await expect(pane(page, 2).locator(".toast")).to_have_count(0)
    assert await slow.get_attribute("aria-busy") == "true"
    query = next(update["callback_query"] for update in bot.seen if "callback_query" in update)
    await bot.call("answerCallbackQuery", callback_query_id=query["id"])
    await expect(slow).not_to_have_attribute("aria-busy", "true")


async def test_an_alert_is_modal_in_its_pane_only(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    bot.answers = {"why": {"text": "¥37 more for the next ballot", "show_alert": True}}
    await bot.send(ANN, "Goods", reply_markup=keyboard([button("🙋", "why")]))
    page = await opener.open()
    await pane(page, 1).get_by_role("button", name="🙋").click()
    alert = page.get_by_role("alertdialog")
    await expect(alert).to_contain_text("¥37 more for the next ballot")
    await expect(alert.get_by_role("button", name="OK")).to_be_focused()
    await pane(page, 2).get_by_role("combobox").fill("我还能写")
    await pane(page, 2).get_by_role("combobox").press("Enter")
    await expect(pane(page, 2).locator(".message.out", has_text="我还能写")).to_be_visible()
    await alert.get_by_role("button", name="OK").click()
    await expect(alert).to_have_count(0)


async def test_a_deep_link_opens_the_bot_in_the_same_pane(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    other = box.add_bot("5555:other", "other_bot", "Other bot")
    await bot.send(ANN, "Look: https://t.me/other_bot?start=c_77")
    page = await opener.open()
    await pane(page, 1).get_by_role("link", name="other_bot").click()
    await expect(pane(page, 1).locator(".chat-name")).to_have_text("Other bot")
    await expect(pane(page, 1).locator(".message.out")).to_contain_text("/start c_77")
    await expect(pane(page, 2).locator(".chat-name")).to_have_text("Page bot")
    assert box.world.private_chat(ANN, other.id).started


async def test_a_url_button_opens_deep_links_and_asks_before_other_sites(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    rows = keyboard(
        [{"text": "Again", "url": f"https://t.me/{USERNAME}?start=again"}],
        [{"text": "Shop", "url": "https://example.org/x"}],
    )
    await bot.send(ANN, "Links", reply_markup=rows)
    page = await opener.open()
    await pane(page, 1).get_by_role("button", name="Again").click()
    await expect(pane(page, 1).locator(".message.out").last).to_contain_text("/start again")
    await pane(page, 1).get_by_role("button", name="Shop").click()
    question = page.get_by_role("alertdialog")
    await expect(question).to_contain_text("https://example.org/x")
    await page.keyboard.press("Escape")
    await expect(question).to_have_count(0)


async def test_a_copy_button_copies_and_shows_a_toast(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    rows = keyboard([{"text": "Copy link", "copy_text": {"text": "https://t.me/page_bot?start=c_1"}}])
    await bot.send(ANN, "Your link", reply_markup=rows)
    page = await opener.open()
    await pane(page, 1).get_by_role("button", name="Copy link").click()
    await expect(pane(page, 1).locator(".toast")).to_have_text("Copied to the clipboard")
    assert await page.evaluate("() => navigator.clipboard.readText()") == "https://t.me/page_bot?start=c_1"


async def test_a_disabled_button_does_nothing(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    await bot.send(ANN, "Closed", reply_markup=keyboard([{"text": "Gone", "disabled": {}}, button("Open", "open")]))
    page = await opener.open()
    await pane(page, 1).get_by_role("button", name="Gone").click(force=True)
    await pane(page, 1).get_by_role("button", name="Open").click()
    await page.wait_for_function("() => !document.querySelector('[aria-busy]')")
    await expect(pane(page, 1).locator(".toast, .veil")).to_have_count(0)
    assert [update["callback_query"]["data"] for update in bot.seen if "callback_query" in update] == ["open"]


async def test_commands_are_offered_in_the_language_of_the_person(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    await bot.call("setMyCommands", commands=[{"command": "goods", "description": "Today's goods"}])
    await bot.call("setMyCommands", commands=[{"command": "goods", "description": "今日宝贝"}], language_code="zh")
    page = await opener.open()
    await pane(page, 1).get_by_role("button", name="Menu").click()
    await expect(pane(page, 1).get_by_role("option", name="/goods")).to_contain_text("Today's goods")
    field = pane(page, 2).get_by_role("combobox")
    await field.press_sequentially("/go")
    await expect(pane(page, 2).get_by_role("option", name="/goods")).to_contain_text("今日宝贝")
    await field.press("Enter")
    await expect(pane(page, 2).locator(".message.out").last).to_contain_text("/goods")


async def test_unread_messages_are_counted_next_to_the_person(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    page = await opener.open("people=1001&theme=light&lang=en")
    await bot.send(BEN, "一")
    await bot.send(BEN, "二")
    row = page.locator(".people-list li", has_text="Ben")
    await expect(row.locator(".badge")).to_have_text("2")
    await row.locator(".person").click()
    await expect(row.locator(".badge")).to_have_count(0)
    await until(lambda: box.world.person(BEN).unread.get(box.world.private_chat(BEN, 4242).key, 0) == 0)


async def test_the_clock_jumps_to_a_mark(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    box.clock.set_marks(
        [{"id": "r", "label": {"en": "Next round opens", "zh": "下一场"}, "at": "2031-05-05T00:00:00+00:00"}]
    )
    page = await opener.open()
    await page.get_by_role("button", name="Next round opens").click()
    await expect(page.locator(".clock")).to_contain_text("5 May")
    await expect(page.locator(".clock-time")).to_contain_text("08:00:0")
    assert box.clock.now().year == 2031
    await expect(page.get_by_role("button", name="Next round opens")).to_have_count(0)


async def test_a_person_blocks_and_unblocks_the_bot(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    page = await opener.open()
    await pane(page, 1).get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Block Page bot").click()
    await expect(page.locator(".people-list li", has_text="Ann").locator(".blocked-mark")).to_be_visible()
    await pane(page, 1).get_by_role("button", name="Unblock and restart").click()
    await expect(pane(page, 1).get_by_role("combobox")).to_be_visible()
    await expect(page.locator(".blocked-mark")).to_have_count(0)


async def test_a_picture_is_sent_with_its_caption(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    page = await opener.open()
    await pane(page, 1).get_by_role("button", name="Attach a file").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("menuitem", name="Photo").click()
    await (await chooser.value).set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture("navy")})
    await page.get_by_role("textbox", name="Caption").fill("From my balcony")
    await page.get_by_role("button", name="Send", exact=True).last.click()
    bubble = pane(page, 1).locator(".message.out", has_text="From my balcony")
    await expect(bubble.locator(".picture.loaded")).to_be_visible()


async def test_a_long_history_is_rendered_in_part_and_loads_older_messages(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    for number in range(190):
        await bot.send(ANN, f"Number {number}")
    page = await opener.open()
    await expect(pane(page, 1).get_by_text("Number 189", exact=True)).to_be_visible()
    assert await pane(page, 1).locator(".message").count() < 120
    history = pane(page, 1).locator(".history")
    await history.evaluate("(element) => { element.scrollTop = 0; }")
    await expect(pane(page, 1).get_by_text("Number 40", exact=True)).to_be_attached()
    await expect(pane(page, 1).locator(".jump")).to_be_visible()
    await bot.send(ANN, "Newest of all")
    await expect(pane(page, 1).locator(".jump-count")).to_have_text("1")
    await pane(page, 1).get_by_role("button", name="To the newest message").click()
    await expect(message_text(page, 1, "Newest of all")).to_be_in_viewport()


async def test_a_shared_link_is_sent_to_a_friend_and_opens_the_bot(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    link = f"https://t.me/{USERNAME}?start=c_42"
    share = f"https://t.me/share/url?url={quote(link)}&text=Vote%20with%20me"
    await bot.send(ANN, "Your link", reply_markup=keyboard([{"text": "Send to friends", "url": share}]))
    page = await opener.open()
    await pane(page, 1).get_by_role("button", name="Send to friends").click()
    picker = page.get_by_role("dialog", name="Send to…")
    await picker.get_by_role("button", name="Ben").click()
    await expect(picker.get_by_role("button", name="Ben")).to_contain_text("Sent")
    await picker.get_by_role("button", name="Close").click()
    await pane(page, 2).locator(".tab", has_text="Ann").click()
    await expect(pane(page, 2).locator(".chat-name")).to_have_text("Ann")
    await expect(pane(page, 2).locator(".message.in")).to_contain_text("Vote with me")
    await expect(pane(page, 2).locator(".service")).to_have_count(0)
    await pane(page, 2).get_by_role("link", name="start=c_42").click()
    await expect(pane(page, 2).locator(".chat-name")).to_have_text("Page bot")
    await expect(pane(page, 2).locator(".message.out").last).to_contain_text("/start c_42")
    started = [update["message"] for update in bot.seen if "message" in update][-1]
    assert (started["from"]["id"], started["text"]) == (BEN, "/start c_42")


@pytest.mark.parametrize(("lang", "said"), [("en", "The local chat is not running"), ("zh", "本地聊天没有运行")])
async def test_what_cannot_be_sent_stays_in_the_field_and_the_notice_is_plain(
    lang: str, said: str, box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    box.world.person(ANN).language_code = lang
    page = await opener.open("people=1001&theme=light&lang=en")
    field = pane(page, 1).locator(".input")
    await page.route("**/api/people/**", lambda route: route.abort())
    await field.fill("Is this still here?")
    await field.press("Enter")
    await expect(pane(page, 1).locator(".toast")).to_contain_text(said)
    await expect(field).to_have_value("Is this still here?")
    await page.unroute("**/api/people/**")
    await field.press("Enter")
    await expect(pane(page, 1).locator(".message.out", has_text="Is this still here?")).to_be_visible()
    await expect(field).to_have_value("")
    opener.errors.clear()  # the browser notes the request that failed


async def test_an_answer_that_cannot_be_sent_is_still_an_answer(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    await bot.send(ANN, "A question")
    page = await opener.open("people=1001&theme=light&lang=en")
    field = pane(page, 1).locator(".input")
    await page.locator(".message", has_text="A question").click(button="right")
    await page.get_by_role("menuitem", name="Reply").click()
    await page.route("**/api/people/**", lambda route: route.abort())
    await field.fill("My answer")
    await field.press("Enter")
    await expect(pane(page, 1).locator(".toast")).to_be_visible()
    await expect(field).to_have_value("My answer")
    await expect(pane(page, 1).locator(".reply-line")).to_contain_text("Reply to")
    opener.errors.clear()


async def test_a_groups_members_are_listed_and_a_bot_is_added_and_removed(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    group = box.add_group("Neighbours", [ANN, BEN])
    page = await opener.open("people=1001&theme=light&lang=en")
    await pane(page, 1).locator(".tab", has_text="Neighbours").click()
    await expect(pane(page, 1).locator(".chat-line")).to_have_text("2 members")

    async def members(choose: str) -> None:
        await pane(page, 1).get_by_role("button", name="More").click()
        await page.get_by_role("menuitem", name="Members").click()
        await expect(page.get_by_role("menuitem", name="Ann")).to_contain_text("admin")
        await expect(page.get_by_role("menuitem", name="Ben")).to_be_visible()
        await page.get_by_role("menuitem", name=choose).click()

    await members("Add Page bot")
    await expect(pane(page, 1).locator(".chat-line")).to_have_text("3 members")
    assert group.bots
    await members("Remove Page bot")
    await expect(pane(page, 1).locator(".chat-line")).to_have_text("2 members")
    box.add_group("Alone", [ANN])
    await pane(page, 1).locator(".tab", has_text="Alone").click()
    await expect(pane(page, 1).locator(".chat-line")).to_have_text("1 member")
