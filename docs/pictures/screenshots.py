"""Pictures of the browser chat: `python docs/pictures/screenshots.py FOLDER`.

Starts a sandbox, lets a small demonstration bot and four people talk, and saves the page at widths of 1280 and 390 px,
light and dark. Needs Playwright (a development dependency) and Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import colorsys
import io
import json
import math
import shutil
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image, ImageDraw

from sandbox import Sandbox

TOKEN = "7770001:a-show-bot-for-pictures"  # noqa: S105 - any well-formed token opens a sandbox bot
USERNAME = "want_group_bot"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {1280: 860, 390: 844}  # page width: height, in CSS pixels
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Good:
    """A good: its title in both languages, its prices in yuan, and the hues and shape of its picture."""

    en: str
    zh: str
    was: int
    now: int
    wanted: int
    hue: float
    tint: float
    shape: str


GOODS = (
    Good("Hand-thrown tea set, six cups", "手拉坯茶具六杯套装", 268, 159, 412, 0.07, 0.57, "cup"),
    Good("Lamp that follows the sun", "随日光变色台灯", 329, 199, 286, 0.58, 0.13, "lamp"),
    Good("Pomelos from Guanxi, 5 kg", "琯溪蜜柚 5 公斤", 69, 39, 934, 0.27, 0.15, "fruit"),
)


def picture(good: Good, side: int = 900) -> bytes:
    """A drawn picture of a good, as JPEG."""
    width, height = side, side * 3 // 4
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for y in range(height):
        share = y / height
        red, green, blue = colorsys.hsv_to_rgb((good.hue + 0.08 * share) % 1, 0.30 + 0.25 * share, 0.98 - 0.14 * share)
        draw.line([(0, y), (width, y)], fill=(int(red * 255), int(green * 255), int(blue * 255)))
    middle, floor = width // 2, int(height * 0.8)
    dark = tuple(int(part * 255) for part in colorsys.hsv_to_rgb(good.hue, 0.72, 0.42))
    pale = tuple(int(part * 255) for part in colorsys.hsv_to_rgb(good.hue, 0.10, 1.0))
    warm = tuple(int(part * 255) for part in colorsys.hsv_to_rgb(good.tint, 0.5, 0.97))
    draw.ellipse([middle - 280, floor - 34, middle + 280, floor + 46], fill=tuple(int(part * 0.9) for part in dark))
    if good.shape == "cup":
        draw.ellipse([middle + 110, floor - 230, middle + 250, floor - 90], outline=pale, width=26)
        draw.rounded_rectangle([middle - 170, floor - 290, middle + 170, floor], 70, fill=pale)
        draw.ellipse([middle - 150, floor - 318, middle + 150, floor - 262], fill=dark)
        draw.rectangle([middle - 170, floor - 150, middle + 170, floor - 118], fill=warm)
    elif good.shape == "lamp":
        draw.rectangle([middle - 9, floor - 330, middle + 9, floor - 20], fill=dark)
        draw.rounded_rectangle([middle - 120, floor - 32, middle + 120, floor + 6], 18, fill=dark)
        corners = [
            (middle - 90, floor - 450),
            (middle + 90, floor - 450),
            (middle + 190, floor - 270),
            (middle - 190, floor - 270),
        ]
        draw.polygon(corners, fill=pale)
        draw.polygon(
            [
                (middle - 190, floor - 270),
                (middle + 190, floor - 270),
                (middle + 300, floor - 40),
                (middle - 300, floor - 40),
            ],
            fill=warm,
        )
    else:
        for side, size in ((-170, 130), (0, 170), (180, 120)):
            draw.ellipse(
                [middle + side - size, floor - 2 * size, middle + side + size, floor], fill=warm, outline=pale, width=8
            )
            draw.line(
                [middle + side, floor - 2 * size + 6, middle + side + 18, floor - 2 * size - 34], fill=dark, width=12
            )
            for step in range(5):
                angle = step * math.tau / 5
                x, y = middle + side + int(math.cos(angle) * size / 2), floor - size + int(math.sin(angle) * size / 2)
                draw.ellipse([x - 6, y - 6, x + 6, y + 6], fill=pale)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


class ShowBot:
    """A minimal bot for the pictures; it calls the Bot API over HTTP."""

    def __init__(self, box: Sandbox, http: aiohttp.ClientSession) -> None:
        self.http = http
        self.base = f"{box.url}/bot{TOKEN}"

    async def call(self, method: str, file: bytes | None = None, **params: Any) -> Any:
        """One call; `file` is sent as the multipart part `file`. Raises RuntimeError on a refusal."""
        fields = {key: value if isinstance(value, str) else json.dumps(value) for key, value in params.items()}
        form = aiohttp.FormData(fields)
        if file is not None:
            form.add_field("file", file, filename="picture.jpg", content_type="image/jpeg")
        async with self.http.post(f"{self.base}/{method}", data=form) as response:
            answer = await response.json()
        if not answer["ok"]:
            raise RuntimeError(f"{method}: {answer['description']}")
        return answer["result"]

    async def listen(self) -> None:
        """Poll and answer every tap, until cancelled."""
        offset = 0
        while True:
            for update in await self.call("getUpdates", offset=offset, timeout=30):
                offset = update["update_id"] + 1
                if "callback_query" in update:
                    await self.call("answerCallbackQuery", callback_query_id=update["callback_query"]["id"])

    async def card(self, chat_id: int, good: Good, place: int, language: str, voted: bool) -> Any:
        """The carousel's message for one good."""
        zh = language == "zh"
        price = (
            f"原价 <s>¥{good.was}</s>　期望价 <b>¥{good.now}</b>"
            if zh
            else f"<s>¥{good.was}</s>  expected <b>¥{good.now}</b>"
        )
        heat = f"🔥 {good.wanted} 人想团" if zh else f"🔥 {good.wanted} people want it"
        until = '<tg-time unix="1795910400" format="wt">Friday 08:00</tg-time>'
        ends = f"本场截止 {until}" if zh else f"This round ends {until}"
        return await self.call(
            "sendPhoto",
            picture(good),
            chat_id=chat_id,
            photo="attach://file",
            caption=f"<b>{good.zh if zh else good.en}</b>\n{price}\n{heat}\n\n{ends}",
            parse_mode="HTML",
            reply_markup={"inline_keyboard": self._keyboard(good, place, zh, voted)},
        )

    @staticmethod
    def _keyboard(good: Good, place: int, zh: bool, voted: bool) -> list[list[dict[str, Any]]]:
        vote = {
            "text": f"🙋 {'我想团' if zh else 'I want this'} · {good.wanted}",
            "style": "danger",
            "callback_data": "vote",
        }
        back = {
            "text": f"✅ {'已投票' if zh else 'Voted'} · {good.wanted}",
            "style": "success",
            "callback_data": "back",
        }
        return [
            [back if voted else vote],
            [
                {"text": "◀️", "callback_data": "prev"},
                {"text": f"{place}/28", "callback_data": "place"},
                {"text": "▶️", "callback_data": "next"},
            ],
            [
                {"text": "🔍 详情" if zh else "🔍 Details", "callback_data": "details"},
                {"text": "📣 拉票" if zh else "📣 Canvass", "callback_data": "canvass"},
            ],
            [
                {"text": "🗂 分类" if zh else "🗂 Categories", "callback_data": "kinds"},
                {"text": "🎲 换一批" if zh else "🎲 New draw", "callback_data": "draw"},
                {"text": "📋 我的" if zh else "📋 My votes", "callback_data": "mine"},
            ],
        ]


async def make_scene(box: Sandbox, http: aiohttp.ClientSession) -> ShowBot:
    """Create people, a bot, and their messages."""
    box.set_limits(enabled=False)
    bot = ShowBot(box, http)
    box.add_bot(TOKEN, USERNAME, "I want to group")
    people = (
        ("Ann", "Li", "en", "buyer", "Europe/London"),
        ("王小明", "", "zh", "买家", "Asia/Shanghai"),
        ("Ben", "Carter", "en", "Ann's friend", "Europe/Berlin"),
        ("Olga", "", "en", "organiser", "Asia/Shanghai"),
    )
    ann, wang, ben, _ = [
        box.add_person(first, language_code=language, role_note=note, last_name=last, time_zone=zone)
        for first, last, language, note, zone in people
    ]
    commands = {
        "": ["goods Today's goods", "mine My votes", "canvass Ask friends", "settings Settings", "help How it works"]
    }
    commands["zh"] = ["goods 今日宝贝", "mine 我的投票", "canvass 拉票", "settings 设置", "help 使用帮助"]
    for language, lines in commands.items():
        pairs = [line.split(" ", 1) for line in lines]
        await bot.call(
            "setMyCommands",
            commands=[{"command": name, "description": text} for name, text in pairs],
            language_code=language,
        )
    await bot.call(
        "setMyDescription", description="Vote for what you would buy together. The most wanted goods open as a group."
    )
    opening = {"en": "Next round opens", "zh": "下一场开始"}
    morning = box.clock.now() + timedelta(days=1)
    box.clock.set_marks([{"id": "round", "label": opening, "at": morning.isoformat()}])
    actions = box.backend.actions
    for person in (ann, wang, ben):
        actions.start(person, box.world.bot_named(USERNAME))
    greeting = {
        ann.id: "👋 Hello, <b>Ann</b>! You have <b>3 ballots</b> today. Tap 🙋 on what you would buy — "
        "the most wanted goods open as a group within two weeks.",
        wang.id: "👋 <b>王小明</b>，你好！今天你有 <b>3 张选票</b>。看到想要的就点 🙋 ，票数高的宝贝两周内开团。",
    }
    for chat_id, text in greeting.items():
        await bot.call("sendMessage", chat_id=chat_id, text=text, parse_mode="HTML")
    await bot.card(ann.id, GOODS[0], 3, "en", voted=True)
    await bot.card(wang.id, GOODS[2], 12, "zh", voted=False)
    group = box.backend.groups.create("supergroup", "Neighbours", [person.id for person in (ann, wang, ben)])
    actions.say(ben, group, "Who else needs tea cups? 🍵")
    actions.read(ben, group)
    link = f"https://t.me/{USERNAME}?start=c_9f3a"
    await bot.call(
        "sendMessage",
        chat_id=ben.id,
        text=f"Your friend Ann would like this group to open. <blockquote>{GOODS[0].en}</blockquote>{link}",
        parse_mode="HTML",
        reply_markup={
            "inline_keyboard": [
                [{"text": "🙋 I want this", "style": "danger", "callback_data": "vote"}],
                [
                    {"text": "📋 Copy the link", "copy_text": {"text": link}},
                    {"text": "Shop page", "url": "https://example.org/tea"},
                ],
            ]
        },
    )
    return bot


async def shoot(folder: Path) -> list[Path]:
    """Make the scene and save its pictures in an existing folder. Raises RuntimeError if Playwright is missing."""
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        raise RuntimeError("Playwright is not installed: it is one of the development dependencies.") from None
    saved: list[Path] = []
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    async with Sandbox() as box, aiohttp.ClientSession() as http, async_playwright() as playwright:
        bot = await make_scene(box, http)
        listening = asyncio.create_task(bot.listen())
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for width, height in WIDTHS.items():
            for theme in THEMES:
                page = await browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=2)
                await page.goto(f"{box.url}/?theme={theme}&lang=en&people=1001,1002")
                await page.wait_for_selector(".picture.loaded")
                await page.wait_for_selector(".chat-line:has-text('bot')")
                path = folder / f"chat-{width}-{theme}.png"
                await page.screenshot(path=path, animations="disabled")
                saved.append(path)
                await page.close()
        await browser.close()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return saved


def main() -> None:
    """Read the arguments, save the pictures and print their paths."""
    parser = argparse.ArgumentParser(
        prog="python docs/pictures/screenshots.py", description="Save pictures of the browser chat."
    )
    parser.add_argument("folder", type=Path, help="where to save them")
    try:
        folder = parser.parse_args().folder
        folder.mkdir(parents=True, exist_ok=True)
        for path in asyncio.run(shoot(folder)):
            sys.stdout.write(f"{path}\n")
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
