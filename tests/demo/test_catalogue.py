"""The demo catalogue: 72 goods as a shop registers them (R2, R3), their pictures, the members' spending (R14)."""

import csv
import re
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image

import demo

FOLDER = Path(demo.__file__).parent
COLUMNS = (
    "ref,shop,title,title_en,category,original_price,expected_price,stock,lead_days,"
    "url,picture,description,description_en"
)
CATEGORIES = ("apparel", "fashion", "shoes_bags", "appliances", "food", "mother_baby", "home", "other")
HAN = re.compile(r"[\u4e00-\u9fff]")
MONEY = re.compile(r"\d+\.\d\d")

Row = dict[str, str]


def read(name: str) -> list[Row]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


GOODS = read("goods.csv")
SPENDING = read("spend.csv")
each_good = pytest.mark.parametrize("good", GOODS, ids=[good["ref"] for good in GOODS])


def test_columns_are_the_agreed_ones() -> None:
    assert (FOLDER / "goods.csv").read_text(encoding="utf-8").splitlines()[0] == COLUMNS
    assert (FOLDER / "spend.csv").read_text(encoding="utf-8").splitlines()[0] == "telegram_id,amount,spent_on,ref"


def test_seventy_two_goods_nine_in_each_category() -> None:
    assert Counter(good["category"] for good in GOODS) == dict.fromkeys(CATEGORIES, 9)


def test_each_eight_in_a_row_show_every_category_so_the_first_48_hold_six_of_each() -> None:
    for start in range(0, len(GOODS), 8):
        assert {good["category"] for good in GOODS[start : start + 8]} == set(CATEGORIES)
    assert Counter(good["category"] for good in GOODS[:48]) == dict.fromkeys(CATEGORIES, 6)


@pytest.mark.parametrize("column", ["ref", "title", "title_en", "url", "picture", "description", "description_en"])
def test_nothing_is_said_twice(column: str) -> None:
    assert len({good[column] for good in GOODS}) == len(GOODS)


def test_about_two_dozen_shops_each_with_one_address() -> None:
    addresses = defaultdict(set)
    for good in GOODS:
        addresses[good["shop"]].add(good["url"].rsplit("/", 1)[0])
    assert 20 <= len(addresses) <= 28
    assert all(len(found) == 1 for found in addresses.values())
    assert len(set.union(*addresses.values())) == len(addresses)


@each_good
def test_a_good_is_complete_in_both_languages(good: Row) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", good["ref"]) and len(good["ref"]) <= 24
    assert HAN.search(good["shop"])
    assert HAN.search(good["title"]) and 6 <= len(good["title"]) <= 30
    assert not HAN.search(good["title_en"]) and 20 <= len(good["title_en"]) <= 45
    assert HAN.search(good["description"]) and 2 <= good["description"].count("。") <= 3
    assert not HAN.search(good["description_en"]) and 60 <= len(good["description_en"]) <= 220
    assert re.fullmatch(rf"https://shop\.example\.com/[a-z-]+/{good['ref']}", good["url"])
    assert good["picture"] == f"pictures/{good['ref']}.jpg"


@each_good
def test_a_price_is_exact_and_the_expected_one_a_real_offer(good: Row) -> None:
    assert MONEY.fullmatch(good["original_price"]) and MONEY.fullmatch(good["expected_price"])
    share = Decimal(good["expected_price"]) / Decimal(good["original_price"])
    assert Decimal("0.40") <= share <= Decimal("0.75")
    assert 50 <= int(good["stock"]) <= 5000
    assert 2 <= int(good["lead_days"]) <= 15


@each_good
def test_a_picture_is_a_jpeg_within_telegrams_photo_limits(good: Row) -> None:
    """Bot API, sendPhoto: at most 10 MB, width and height together at most 10,000, ratio at most 20."""
    file = FOLDER / good["picture"]
    assert 20_000 <= file.stat().st_size <= 60_000
    with Image.open(file) as picture:
        picture.load()
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (960, 720))


def test_every_picture_belongs_to_a_good_and_all_are_light() -> None:
    files = sorted((FOLDER / "pictures").iterdir())
    assert [file.name for file in files] == sorted(f"{good['ref']}.jpg" for good in GOODS)
    assert sum(file.stat().st_size for file in files) < 3_500_000


def test_no_two_pictures_look_alike() -> None:
    hashes = {good["ref"]: difference_hash(FOLDER / good["picture"]) for good in GOODS}
    nearest = min((hashes[a] ^ hashes[b]).bit_count() for a, b in combinations(hashes, 2))
    assert nearest >= 48, "of 256 bits"


def difference_hash(file: Path) -> int:
    """256 bits: in a 17 x 16 grey miniature, is each spot brighter than its right neighbour?"""
    with Image.open(file) as picture:
        grey = picture.convert("L").resize((17, 16), Image.Resampling.LANCZOS).tobytes()
    bits = [grey[17 * y + x] > grey[17 * y + x + 1] for y in range(16) for x in range(16)]
    return sum(bit << place for place, bit in enumerate(bits))


@pytest.mark.parametrize(
    ("telegram_id", "total", "ballots"),
    [("1001", "1863.00", 18), ("1002", "763.00", 7), ("1004", "63.00", 0), ("1005", "2410.50", 24)],
)
def test_r14_spending_gives_the_demo_members_their_ballots(telegram_id: str, total: str, ballots: int) -> None:
    spent = sum((Decimal(row["amount"]) for row in SPENDING if row["telegram_id"] == telegram_id), Decimal())
    assert spent == Decimal(total)
    assert spent // 100 == ballots


def test_spending_is_only_of_those_who_spent_and_since_2011() -> None:
    assert {row["telegram_id"] for row in SPENDING} == {"1001", "1002", "1004", "1005"}
    assert len({row["ref"] for row in SPENDING}) == len(SPENDING)
    for row in SPENDING:
        assert MONEY.fullmatch(row["amount"]) and Decimal(row["amount"]) > 0
        spent_on = date.fromisoformat(row["spent_on"])
        assert date(2011, 1, 1) <= spent_on <= date(2026, 12, 31)
        assert re.fullmatch(rf"order-{spent_on.year}-\d{{6}}", row["ref"])
