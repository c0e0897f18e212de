"""Posters are looked at: they resemble the kept ones, their codes are read, their words are there and fit.

`python -m tests.services.test_posters` keeps the posters as they are drawn now; look at them before they are committed.
"""

from __future__ import annotations

import asyncio
import io
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from bot.services import Services
from services.pictures import posters
from services.pictures.posters import HEIGHT, WIDTH, draw, drawable, face, qr_path, shortened, wrap
from services.pictures.uploads import Pictures, Poster, Words
from storage.db import Database
from tests.conftest import a_picture, examples, meet
from tests.services.conftest import on_display, one

KEPT = Path(__file__).parent / "posters"
PHOTOS = Path(__file__).parents[2] / "demo" / "pictures"
CHAT = "https://t.me/wanttogroup_bot?start=cAbCdEfGhIjKlMnOp"
PAGE = "https://bot.example.com/i/AbCdEfGhIjKlMnOp"
LONGEST = "https://a-rather-long-name-of-a-host.example.com/groups/i/AbCdEfGhIjKlMnOp"
SMALL = (240, 320)
PAPER = (255, 249, 241)

ZH = Words(
    brand="我想团",
    title="岫玉圆条手镯 春水绿 附检测证书",
    expected="¥430",
    label="期望价",
    original="原价 ¥860",
    off="省 50%",
    wants="20+ 人想团",
    crowd=3,
    call="林美 请你投一票",
    how="扫码看宝贝，想要就投一票",
    until="投票截止 2026年11月25日 周三 08:00",
)
EN = Words(
    brand="I want to group",
    title="Washed Linen Shirt, Relaxed Fit, Off-White",
    expected="¥198",
    label="expected price",
    original="was ¥369",
    off="46% off",
    wants="Be the first to want it",
    crowd=0,
    call="Would you want it too?",
    how="Scan, have a look, and vote",
    until="Vote until Wed 25 Nov 2026, 08:00",
)
LONG_ZH = replace(
    ZH,
    title="超级长的标题：纯手工制作（限量版）高山云雾白茶礼盒，送长辈送朋友都体面，买二送一还包邮到家",
    expected="¥1,234,567.89",
    original="原价 ¥9,876,543.21",
    wants="100,000+ 人想团",
    call="阿卜杜勒·买买提·吐尔逊江·艾合买提 请你投一票",
    until="2026年11月25日 周三 08:00 开团",
)
LONG_EN = replace(
    EN,
    title="Extraordinarily Comfortable Multifunctional Ergonomic Rechargeable Self-Heating Travel Pillow",
    expected="¥12,345.50",
    original="was ¥99,999",
    wants="1,000,000+ people want it",
    crowd=3,
    call="Bartholomew-Maximilian asks for your vote",
    until="The group opens Wed 25 Nov 2026, 08:00",
)
SHOWN = {
    "zh": (ZH, "jade-bangle-01.jpg", CHAT),
    "en": (EN, "linen-shirt-01.jpg", PAGE),
    "long-zh": (LONG_ZH, "tea-tin-01.jpg", LONGEST),
    "long-en": (LONG_EN, "suitcase-01.jpg", CHAT),
}


def drawn(name: str) -> bytes:
    words, photo, link = SHOWN[name]
    return draw(words, (PHOTOS / photo).read_bytes(), link)


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def read_codes(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image.convert("L"))]


def as_forwarded(image: Image.Image, width: int, quality: int) -> Image.Image:
    """What a chat makes of a picture: smaller, and JPEG."""
    out = io.BytesIO()
    image.convert("RGB").resize((width, image.height * width // image.width), Image.Resampling.BICUBIC).save(
        out, "JPEG", quality=quality
    )
    return opened(out.getvalue())


def ink(image: Image.Image, box: tuple[int, int, int, int], ground: tuple[int, int, int] = PAPER) -> float:
    """The share of pixels in a box that are clearly not the ground."""
    part = image.convert("RGB").crop(box)
    difference = ImageChops.difference(part, Image.new("RGB", part.size, ground)).convert("L")
    return sum(difference.histogram()[40:]) / (part.width * part.height)


# -- how it looks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHOWN)
def test_the_poster_looks_like_the_one_that_was_approved(name: str) -> None:
    now = opened(drawn(name)).resize(SMALL, Image.Resampling.BOX)
    before = Image.open(KEPT / f"{name}.png").convert("RGB")
    difference = ImageChops.difference(now, before).convert("L")
    assert ImageStat.Stat(difference).mean[0] < 1.5, "draw it, look at it, and keep it if it is better"
    tiles = difference.resize((12, 16), Image.Resampling.BOX)
    assert tiles.getextrema()[1] < 14, "a part of it has changed"


def test_the_comparison_would_see_a_missing_word() -> None:
    words, photo, link = SHOWN["zh"]
    now = opened(draw(replace(words, wants="", crowd=0), (PHOTOS / photo).read_bytes(), link)).resize(
        SMALL, Image.Resampling.BOX
    )
    before = Image.open(KEPT / "zh.png").convert("RGB")
    tiles = ImageChops.difference(now, before).convert("L").resize((12, 16), Image.Resampling.BOX)
    assert tiles.getextrema()[1] >= 14


@pytest.mark.parametrize("name", SHOWN)
def test_a_poster_is_a_jpeg_that_telegram_keeps_as_it_is(name: str) -> None:
    content = drawn(name)
    image = opened(content)
    assert (image.format, image.size) == ("JPEG", (WIDTH, HEIGHT)) and max(image.size) <= 1280
    assert len(content) < 400_000
    assert drawn(name) == content, "equal prints mean equal pictures"


@pytest.mark.parametrize("name", SHOWN)
def test_every_part_has_its_words_and_the_margins_are_free(name: str) -> None:
    image = opened(drawn(name))
    areas = {
        "title": (56, 680, 904, 790),
        "price": (56, 800, 350, 890),
        "original": (300, 845, 904, 890),
        "wants": (56, 910, 700, 960),
        "call": (56, 1010, 600, 1050),
        "until": (56, 1205, 600, 1250),
    }
    for area, box in areas.items():
        assert ink(image, box) > 0.01, area
    assert ink(image, (0, 700, 46, HEIGHT)) == 0 and ink(image, (918, 700, WIDTH, HEIGHT)) == 0
    assert ink(image, (0, 1264, WIDTH, HEIGHT)) == 0
    assert ink(image, (56, 958, 904, 974)) == 0, "nothing runs into the perforation"


@pytest.mark.parametrize(
    "photo", [b"", b"no picture", a_picture(8, 6), a_picture(300, 1200), a_picture(1280, 90, "PNG")]
)
def test_any_photo_fills_its_place_and_a_broken_one_leaves_it_plain(photo: bytes) -> None:
    image = opened(draw(ZH, photo, CHAT))
    assert image.size == (WIDTH, HEIGHT) and read_codes(image) == [CHAT]
    colours = image.convert("RGB").crop((200, 150, 760, 600)).getcolors(1 << 20)
    assert colours is not None and len(colours) < 50, "one plain colour and JPEG's noise"


# -- the code ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize(("width", "quality"), [(960, 95), (640, 70), (320, 75), (320, 50)])
def test_r21_the_posters_code_is_read_by_an_independent_decoder(name: str, width: int, quality: int) -> None:
    assert read_codes(as_forwarded(opened(drawn(name)), width, quality)) == [SHOWN[name][2]]


@pytest.mark.parametrize("link", [CHAT, LONGEST])
def test_the_pages_code_is_the_same_code(link: str) -> None:
    path, side = qr_path(link)
    image = Image.new("L", (side + 8, side + 8), 255)
    for bar in path.split("z")[:-1]:
        start, _, width = bar.removeprefix("M").partition("h")
        x, y = map(int, start.split())
        image.paste(0, (x + 4, y + 4, x + 4 + int(width.partition("v")[0]), y + 5))
    assert read_codes(image.resize((image.width * 6,) * 2, Image.Resampling.NEAREST)) == [link]


# -- type -------------------------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80), st.integers(200, 900), st.integers(1, 3))
@examples(60)
def test_lines_fit_their_room(text: str, width: int, most: int) -> None:
    font = face(44, 700)
    lines = wrap(drawable(text), font, width, most)
    assert len(lines) <= most and all(font.getlength(line) <= width for line in lines)
    assert all(line == line.strip() and line for line in lines)


def test_chinese_breaks_anywhere_but_before_a_stop_and_words_stay_whole() -> None:
    font = face(44, 700)
    lines = wrap("春江潮水连海平，海上明月共潮生。滟滟随波千万里，何处春江无月明！", font, 44 * 8, 9)
    assert len(lines) > 3 and not [line for line in lines if line[0] in "，。！"]
    assert "".join(lines) == "春江潮水连海平，海上明月共潮生。滟滟随波千万里，何处春江无月明！"
    words = wrap("Washed Linen Shirt, Relaxed Fit", font, 300, 9)
    assert " ".join(words) == "Washed Linen Shirt, Relaxed Fit" and len(words) > 1
    assert not [line for line in wrap("一二三（四五六七）八九十", font, 44 * 4, 9) if line.endswith("（")]


def test_what_does_not_fit_ends_in_dots() -> None:
    font = face(44, 700)
    assert wrap("字" * 100, font, 44 * 10, 2)[1].endswith("…")
    assert shortened("W" * 100, font, 300).endswith("…") and shortened("ok", font, 300) == "ok"


def test_signs_that_the_typeface_lacks_are_left_out() -> None:
    assert drawable("Ann 🎉🙋🏽‍♀️ 林美\n\t ok") == "Ann 林美 ok"
    assert drawable("é ¥ € 龘 —… ·") == "é ¥ € 龘 —… ·"
    assert drawable("e\u0301") == "é"


# -- cost and keeping -------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_poster_costs_less_than_a_tenth_of_a_second_of_one_core() -> None:
    spent = []
    for _ in range(5):
        before = time.thread_time()
        drawn("zh")
        spent.append(time.thread_time() - before)
    assert min(spent) < 0.1


@pytest.fixture
async def pictures(display: Services) -> Pictures:
    return Pictures(display.context, bot_id=42)


async def poster_of(display: Services, **changes: object) -> Poster:
    """A poster of a link that exists."""
    link = await display.canvassing.link(await meet(display), (await on_display(display))[0])
    assert link is not None
    values = {"link_id": link.id, "language": "zh", "words": ZH, "picture": link.item.picture_id, "link": CHAT}
    return Poster(**{**values, **changes})  # type: ignore[arg-type]


async def test_a_poster_is_drawn_off_the_loop_and_once_for_all_who_ask_at_once(
    display: Services, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def noted(words: Words, photo: bytes, link: str) -> bytes:
        threads.append(threading.current_thread())
        return draw(words, photo, link)

    monkeypatch.setattr(posters, "draw", noted)
    poster = await poster_of(display)
    made = await asyncio.gather(*(pictures.content(poster) for _ in range(20)))
    assert len(set(made)) == 1 and len(threads) == 1
    assert threads[0] is not threading.main_thread()


@pytest.mark.long
async def test_only_the_last_posters_are_kept_in_memory(
    display: Services, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posters, "draw", lambda words, photo, link: link.encode())
    first = await poster_of(display)
    await pictures.content(first)
    for number in range(200):
        assert await pictures.content(await poster_of(display, link=f"{CHAT}{number}")) == f"{CHAT}{number}".encode()
        await pictures.content(first)
    assert len(pictures._recent) == 64 and first.fingerprint in pictures._recent


async def test_telegrams_name_is_kept_for_this_very_poster_and_this_bot(
    display: Services, pictures: Pictures, db: Database
) -> None:
    poster = await poster_of(display)
    assert await pictures.poster_file_id(poster) is None
    await pictures.keep_file_id(poster, "first")
    await pictures.keep_file_id(poster, "second")
    assert await pictures.poster_file_id(poster) == "second"
    assert await Pictures(display.context, bot_id=43).poster_file_id(poster) is None
    newer = await poster_of(display, words=EN)
    assert await pictures.poster_file_id(newer) is None, "what is written on it has changed"
    await pictures.keep_file_id(newer, "third")
    assert await pictures.poster_file_id(poster) is None and await one(db, "SELECT count(*) FROM poster_files") == 1
    await pictures.drop_file_id(newer)
    assert await pictures.poster_file_id(newer) is None


async def test_a_new_link_deletes_the_old_ones_posters(display: Services, pictures: Pictures, db: Database) -> None:
    poster = await poster_of(display)
    await pictures.keep_file_id(poster, "known")
    await display.canvassing.link(await meet(display), (await on_display(display))[0], renew=True)
    assert await one(db, "SELECT count(*) FROM poster_files") == 0


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    for each in SHOWN:
        opened(drawn(each)).resize(SMALL, Image.Resampling.BOX).save(KEPT / f"{each}.png", optimize=True)
