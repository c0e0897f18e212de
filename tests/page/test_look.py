"""Appearance and accessibility: widths, contrast, keyboard, themes, languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from sandbox import Sandbox
from tests.waiting import until

from .conftest import ANN, PageBot, PageOpener, button, keyboard

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# The WCAG 2.2 contrast of each visible text with its background, composited through its ancestors.
CONTRAST = """(selectors) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = paint.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top, under) => [0, 1, 2].map((part) => top[part] * top[3] + under[part] * (1 - top[3]));
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] > 0.995) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const light = (colour) => {
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const [red, green, blue] = colour.map((part) => linear(part / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const found = {};
  for (const selector of selectors) {
    const shown = [...document.querySelectorAll(selector)].filter((element) => element.getClientRects().length);
    found[selector] = shown.map((element) => {
      const back = behind(element);
      const front = over(rgba(getComputedStyle(element).color), back);
      const [bright, dark] = [light(back), light(front)].sort((a, b) => b - a);
      return (bright + 0.05) / (dark + 0.05);
    });
  }
  return found;
}"""

READ = [
    ".text",
    ".message.in .meta",
    ".message.out .meta",
    ".text .link",
    ".inline-button[data-style=plain] .button-label",
    ".inline-button[data-style=danger] .button-label",
    ".inline-button[data-style=success] .button-label",
    ".inline-button[data-style=primary] .button-label",
    ".day span",
    ".person-name",
    ".preview",
    ".role",
    ".person-time",
    ".who-name",
    ".tab span",
    ".chat-name",
    ".chat-line",
    ".menu-button span",
    ".jump-button",
    ".clock-day",
    ".text-button",
    ".toast",
    ".pane-marks i",
]


async def _crowded(bot: PageBot) -> None:
    await bot.call("setMyCommands", commands=[{"command": "goods", "description": "Today's goods"}])
    bot.answers = {"vote": {"text": "Vote counted"}}
    rows = keyboard(
        [button("🙋 I want this · 412", "vote", style="danger")],
        [button("✅ Voted", "a", style="success"), button("🔔 Follow", "b", style="primary")],
        [button("◀️", "c"), button("3/28", "d"), button("▶️ The next one of many", "e")],
    )
    await bot.send(ANN, "A link: https://t.me/page_bot?start=c_1 and a_very_long_word_" + "x" * 120)
    await bot.send_photo(ANN, "teal", "A good " * 20, reply_markup=rows)


async def _toast(page: Page) -> None:
    await page.locator(".pane").first.get_by_role("button", name="🙋").click()
    await expect(page.locator(".toast")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_kind_of_text_has_enough_contrast(
    theme: str, box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    box.world.person(ANN).role_note = "buyer"
    await _crowded(bot)
    page = await opener.open(f"people=1001,1002&theme={theme}&lang=en")
    await page.emulate_media(reduced_motion="reduce")
    await page.wait_for_selector(".picture.loaded")
    await _toast(page)
    found: dict[str, list[float]] = await page.evaluate(CONTRAST, READ)
    assert [selector for selector in READ if not found[selector]] == [], "every kind is on the page"
    low = {selector: min(values) for selector, values in found.items() if min(values) < 4.5}
    assert low == {}


async def test_the_theme_follows_the_system_until_it_is_toggled(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    page = await opener.open("people=1001&lang=en")
    wall = "() => getComputedStyle(document.querySelector('.pane-body')).backgroundColor"
    light = await page.evaluate(wall)
    await page.emulate_media(color_scheme="dark")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert await page.evaluate(wall) != light
    await page.get_by_role("button", name="Light or dark").click()
    assert await page.evaluate(wall) == light
    await page.reload()
    await page.wait_for_selector("html[data-ready]")
    assert await page.evaluate(wall) == light, "the choice is remembered"
    assert await page.context.cookies() == []


@pytest.mark.parametrize("width", [390, 320, 768, 1280])
async def test_no_element_overflows_at_any_width(width: int, box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    await _crowded(bot)
    page = await opener.open("people=1001,1002&theme=light&lang=en", width=width, height=800)
    await page.wait_for_selector(".picture.loaded")
    assert await page.locator(".pane:visible").count() == (1 if width < 761 else 2)
    wide = """() => [document.documentElement, ...document.querySelectorAll(".app, .pane, .history, .composer")]
      .filter((element) => element.scrollWidth > element.clientWidth + 1).map((element) => element.className)"""
    assert await page.evaluate(wide) == []
    beyond = """() => [...document.querySelectorAll(".bubble, .inline-button, .composer button, .input")]
      .filter((element) => element.getClientRects().length)
      .filter((element) => {
        const box = element.getBoundingClientRect();
        const pane = element.closest(".pane").getBoundingClientRect();
        return box.right > pane.right + 0.5 || box.left < pane.left - 0.5;
      }).map((element) => element.className)"""
    assert await page.evaluate(beyond) == []


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [390, 320, 768, 1280])
async def test_every_clock_button_is_visible(width: int, lang: str, box: Sandbox, opener: PageOpener) -> None:
    labels = ({"en": "Next round opens", "zh": "下一场开始"}, {"en": "Next group opens", "zh": "下个团开团"})
    at = "2031-05-05T00:00:00+00:00"
    box.clock.set_marks([{"id": f"{n}", "label": label, "at": at} for n, label in enumerate(labels)])
    box.clock.advance(timedelta(hours=1))
    page = await opener.open(f"theme=light&lang={lang}", width=width, height=800)
    await expect(page.locator(".jump-button")).to_have_count(5)
    if width < 761:  # they are in the clock's menu, which leaves the room to the chat
        await page.locator(".clock").click()
        await expect(page.get_by_role("menuitem")).to_have_count(6)
    out_of_sight = """() => [...document.querySelectorAll(".jump-button, .tools button, .menu-row")]
      .filter((button) => {
      if (document.querySelector(".menu") && !button.closest(".menu")) return false;
      const box = button.getBoundingClientRect();
      const there = document.elementFromPoint(box.left + 2, box.top + box.height / 2);
      const end = document.elementFromPoint(box.right - 2, box.top + box.height / 2);
      return box.width && !(button.contains(there) && button.contains(end));
    }).map((button) => button.textContent)"""
    assert await page.evaluate(out_of_sight) == []
    if width < 761:
        await page.get_by_role("menuitem").nth(2).click()
        await until(lambda: box.clock.offset > 7000)  # an hour more
    await page.locator(".tools button").last.click()
    await expect(page.locator(".lab")).to_be_visible()
    assert await page.evaluate(out_of_sight) == [], "the open fault lab hides none"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 568), (640, 430), (960, 470)])
async def test_on_a_phone_and_at_twice_the_size_the_controls_leave_the_room_to_the_chat(
    width: int, height: int, box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    at = "2031-05-05T00:00:00+00:00"
    box.clock.set_marks([{"id": "1", "label": {"en": "Next round opens", "zh": "下一场开始"}, "at": at}])
    page = await opener.open("people=1001&theme=light&lang=en", width=width, height=height)
    above = await page.locator(".pane-body").first.evaluate("(element) => element.getBoundingClientRect().top")
    assert above <= 0.3 * height, f"{above} of {height}"
    frame = await page.locator(".stage").evaluate("(element) => element.getBoundingClientRect().top")
    assert frame <= 0.2 * height, f"{frame} of {height}"


async def test_a_narrow_page_shows_one_chat_and_switches_between_people(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    await bot.send(ANN, "For Ann")
    await bot.send(1002, "For Ben")
    page = await opener.open("theme=light&lang=en", width=390, height=844)
    await expect(page.locator(".history").get_by_text("For Ann")).to_be_visible()
    await page.locator(".person", has_text="Ben").click()
    await expect(page.locator(".history").get_by_text("For Ben")).to_be_visible()
    await expect(page.locator(".history").get_by_text("For Ann")).to_have_count(0)


async def test_the_number_of_unread_messages_covers_no_name_on_a_phone(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    for number in range(12):
        await bot.send(1002, f"For Ben {number}")
    page = await opener.open("people=1001&theme=light&lang=en", width=390, height=844)
    ben = page.locator(".person", has_text="Ben")
    await expect(ben.locator(".badge")).to_have_text("12")
    right = await ben.locator(".badge").evaluate("(element) => element.getBoundingClientRect().right")
    left = await ben.locator(".person-name").evaluate("(element) => element.getBoundingClientRect().left")
    assert right <= left, f"the number ends at {right}, the name begins at {left}"


async def test_the_page_is_usable_with_the_keyboard_alone(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    person = box.add_person("Cleo", language_code="en")
    bot.answers = {"vote": {"text": "You have voted", "show_alert": True}}
    page = await opener.open("people=1001&theme=light&lang=en")
    await page.keyboard.press("F6")
    await expect(page.locator(".person", has_text="Ann")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(".person", has_text="Cleo")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Start", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    field = page.get_by_role("combobox", name="Message")
    await expect(field).to_be_focused()
    await bot.send(person.id, "Goods", reply_markup=keyboard([button("🙋 I want this", "vote")]))
    vote = page.get_by_role("button", name="🙋 I want this")
    await expect(vote).to_be_visible()
    for _ in range(6):
        await page.keyboard.press("Shift+Tab")
        if await vote.evaluate("(element) => element === document.activeElement"):
            break
    await expect(vote).to_be_focused()
    outline = await vote.evaluate("(element) => getComputedStyle(element).outlineStyle")
    assert outline != "none", "the focus can be seen"
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alertdialog").get_by_role("button", name="OK")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(vote).to_be_focused()
    await page.keyboard.press("Alt+1")
    await expect(field).to_be_focused()
    await page.keyboard.type("Thank you")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.out", has_text="Thank you")).to_be_visible()
    await page.keyboard.press("ArrowUp")
    await expect(page.locator(".message.out", has_text="Thank you")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Reply")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".reply-line")).to_contain_text("Reply to Page bot")


async def test_new_messages_are_announced_and_every_control_has_a_name(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    await _crowded(bot)
    page = await opener.open()
    await bot.send(ANN, "The group opens in 30 minutes")
    heard = page.locator(".pane").first.locator("[aria-live=polite].visually-hidden").first
    await expect(heard).to_have_text("New message from Page bot: The group opens in 30 minutes")
    nameless = """() => [...document.querySelectorAll("button, a, input, select, textarea, [role=button]")]
      .filter((element) => element.getClientRects().length && !element.matches("[aria-hidden=true]"))
      .filter((element) => !element.getAttribute("aria-label") && !element.textContent.trim())
      .filter((element) => !element.labels?.length)
      .map((element) => element.outerHTML.slice(0, 120))"""
    assert await page.evaluate(nameless) == []


async def test_the_languages_of_the_page_and_of_a_person_can_be_changed(
    box: Sandbox, bot: PageBot, opener: PageOpener
) -> None:
    page = await opener.open("people=1001&theme=light")
    await expect(page.get_by_role("heading", name="People")).to_be_visible()
    await page.get_by_role("button", name="中文").click()
    await expect(page.get_by_role("heading", name="人物")).to_be_visible()
    await expect(page.get_by_role("combobox", name="Message")).to_be_visible()
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Language").click()
    await page.get_by_role("menuitemradio", name="中文").click()
    await expect(page.get_by_role("combobox", name="输入消息")).to_be_visible()
    await until(lambda: box.world.person(ANN).language_code == "zh")


async def test_the_chosen_panes_are_restored_after_a_reload(box: Sandbox, bot: PageBot, opener: PageOpener) -> None:
    box.add_person("Cleo")
    page = await opener.open("theme=light&lang=en")
    await page.get_by_role("button", name="3", exact=True).click()
    await expect(page.locator(".pane")).to_have_count(3)
    await page.locator(".pane").nth(0).get_by_role("button", name="Whose chat is shown").click()
    await page.get_by_role("menuitemradio", name="Cleo").click()
    await page.reload()
    await expect(page.locator(".pane")).to_have_count(3)
    await expect(page.locator(".who-name").first).to_have_text("Cleo")
