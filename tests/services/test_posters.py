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
from PIL import Image, ImageChops, ImageStat

from bot.services import Services
from services.pictures import posters
from services.pictures.posters import HEIGHT, STAMP, WIDTH, draw, qr_path
from services.pictures.typography import face
from services.pictures.uploads import Pictures, Poster, Words
from storage.db import Database
from tests.conftest import a_picture, meet
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
    struck="¥860",
    off="5 折",
    wants="已有 20+ 人想团",
    crowd=3,
    call="林美 请你投一票",
    name="林美",
    nameless="你想团它吗？",
    how="扫码看宝贝，想要就投一票",
    until="投票截止：2026年11月25日 周三 08:00",
)
EN = Words(
    brand="I want to group",
    title="Washed Linen Shirt, Relaxed Fit, Off-White",
    expected="¥198",
    label="expected price",
    original="was ¥369",
    struck="¥369",
    off="46% off",
    wants="Be the first to want it",
    crowd=0,
    call="",
    name="",
    nameless="Would you want it?",
    how="Scan, have a look, and vote",
    until="Vote until Wed 25 Nov 2026, 08:00 (China Time)",
)
LONG_ZH = replace(
    ZH,
    title="超级长的标题：纯手工制作（限量版）高山云雾白茶礼盒，送长辈送朋友都体面，买二送一还包邮到家",
    expected="¥1,234,567.89",
    original="原价 ¥9,876,543.21",
    struck="¥9,876,543.21",
    wants="100,000+ 人想团",
    call="阿卜杜勒·买买提·吐尔逊江·艾合买提 请你投一票",
    name="阿卜杜勒·买买提·吐尔逊江·艾合买提",
    until="2026年11月25日 周三 08:00 开团",
)
LONG_EN = replace(
    EN,
    title="Extraordinarily Comfortable Multifunctional Ergonomic Rechargeable Self-Heating Travel Pillow",
    expected="¥12,345.50",
    original="was ¥99,999",
    struck="¥99,999",
    wants="1,000,000+ people want it",
    crowd=3,
    call="Bartholomew-Maximilian asks for your vote",
    name="Bartholomew-Maximilian",
    until="The group opens Wed 25 Nov 2026, 08:00 (United States (Los Angeles) Time)",
)
SCRIPTS = replace(
    EN,
    title="[김치] שלום, ชาเขียว (100 g) 𠮷野家 ★ ❤️🇨🇳",
    off="",
    original="",
    struck="",
    call="محمد علي 👨‍👩‍👧‍👦 asks for your vote",
    name="محمد علي 👨‍👩‍👧‍👦",
    until="",
)
SHOWN = {
    "zh": (ZH, "jade-bangle-01.jpg", CHAT),
    "en": (EN, "linen-shirt-01.jpg", PAGE),
    "long-zh": (LONG_ZH, "tea-tin-01.jpg", LONGEST),
    "long-en": (LONG_EN, "suitcase-01.jpg", CHAT),
    "scripts": (SCRIPTS, "beef-noodles-01.jpg", CHAT),
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
    image, words = opened(drawn(name)), SHOWN[name][0]
    areas = {
        "title": (56, 585, 904, 690),
        "price": (56, 740, 350, 815),
        "wants": (56, 845, 700, 890),
        "call": (422, 930, 904, 1020),
        **({"original": (300, 785, 904, 812)} if words.original else {}),
        **({"until": (422, 1040, 904, 1180)} if words.until else {}),
    }
    for area, box in areas.items():
        assert ink(image, box) > 0.01, area
    assert ink(image, (0, 620, 46, HEIGHT)) == 0 and ink(image, (914, 620, WIDTH, HEIGHT)) == 0
    assert ink(image, (0, 1264, WIDTH, HEIGHT)) == 0
    assert ink(image, (56, 891, 904, 902)) == 0, "nothing runs into the perforation"
    assert ink(image, (56, 704, 904, 730)) == 0, "there is space between the title and the price"


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_lies_below_the_time_that_chats_draw_into_the_corner(name: str) -> None:
    image = opened(drawn(name))
    assert ink(image, (WIDTH - STAMP[0], HEIGHT - STAMP[1], WIDTH, HEIGHT)) == 0
    code = zxingcpp.read_barcodes(image.convert("L"))[0].position
    assert code.top_right.x - code.top_left.x >= 255
    assert code.bottom_right.x < WIDTH - STAMP[0]


def test_the_code_is_read_with_a_time_stamp_over_the_corner() -> None:
    image = opened(drawn("zh"))
    image.paste((90, 90, 90), (WIDTH - STAMP[0], HEIGHT - STAMP[1], WIDTH, HEIGHT))
    assert read_codes(as_forwarded(image, 320, 60)) == [CHAT]


def test_only_the_number_of_the_original_price_is_struck_through() -> None:
    def grey(words: Words) -> Image.Image:
        return opened(draw(words, b"", CHAT)).convert("L")

    change = ImageChops.difference(grey(EN), grey(replace(EN, struck=""))).point(lambda value: 255 * (value > 40))
    left, top, right, bottom = change.getbbox() or (0, 0, 0, 0)
    label = face(30, 400).getlength("was ")
    number = face(30, 400).getlength("¥369")
    begins = 56 + face(92, 900).getlength(EN.expected) + 18
    assert begins + label - 3 <= left and abs(right - left - number) < 6
    assert bottom - top <= 6


def test_a_name_that_no_font_shows_gives_way_to_a_sentence_without_one() -> None:
    secret = replace(EN, name="\ue000\ue001", call="\ue000\ue001 asks for your vote")
    assert draw(secret, b"", CHAT) == draw(EN, b"", CHAT)
    assert draw(replace(EN, name="Ann", call="Ann asks for your vote"), b"", CHAT) != draw(EN, b"", CHAT)


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


async def test_r36_a_poster_that_was_being_uploaded_is_not_known_after_the_deletion(
    display: Services, pictures: Pictures, db: Database
) -> None:
    """It may show the name of the link's owner."""
    poster = await poster_of(display)
    await display.people.erase(await meet(display))
    await pictures.keep_file_id(poster, "uploaded")
    assert await one(db, "SELECT count(*) FROM poster_files") == 0


async def test_a_new_link_deletes_the_old_ones_posters(display: Services, pictures: Pictures, db: Database) -> None:
    poster = await poster_of(display)
    await pictures.keep_file_id(poster, "known")
    await display.canvassing.link(await meet(display), (await on_display(display))[0], renew=True)
    assert await one(db, "SELECT count(*) FROM poster_files") == 0


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    for each in SHOWN:
        opened(drawn(each)).resize(SMALL, Image.Resampling.BOX).save(KEPT / f"{each}.png", optimize=True)
