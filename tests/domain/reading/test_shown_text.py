"""R2, R23: invisible and reordering characters in texts that members read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reading.shown_text import clean, shown


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Glass teapot", "Glass teapot"),
        ("玻璃茶壶", "玻璃茶壶"),
        ("cod\u202efdp.exe", "codfdp.exe"),
        ("\u2066a\u2069\u2067b\u2069\u2068c\u2069", "abc"),
        ("茶\u200b壶\ufeff\u2060", "茶壶"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u200eleft\u200fright\u061c", "leftright"),
        ("\u3164\u115f\uffa0", ""),
        ("a\u200db\u200cc", "abc"),
        ("茶\u200d壶", "茶壶"),
        ("\u200dx\u200d", "x"),
        ("\U000e0041\U000e0042secret", "secret"),
    ],
)
def test_what_is_invisible_is_removed(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧‍👦",
        "👩🏽‍🚀",
        "🏳️‍🌈",
        "❤️‍🔥",
        "🧔‍♂️",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می‌خواهم",  # Persian, with a non-joiner in the word
        "क्‍ष",  # Devanagari, with a joiner after the virama
        "ന്‍",  # Malayalam, at the end
        "☎️ 1️⃣",
        "สวัสดี",
        "𠮷野家",
        "e\u0301",
    ],
)
def test_what_words_and_emoji_need_stays(text: str) -> None:
    assert clean(text) == text


def test_names_from_right_to_left_are_isolated_and_others_are_not() -> None:
    assert shown("Ann") == "Ann" and shown("小博") == "小博" and shown("김치") == "김치"
    assert shown("דנה") == "\u2068דנה\u2069"
    assert shown("علي 5") == "\u2068علي 5\u2069"
    assert shown("\u202eעלי") == "\u2068עלי\u2069"


def test_what_is_isolated_once_stays_so_in_a_longer_text() -> None:
    inner = f"{shown('דנה')} · 5 votes"
    assert shown(inner) == inner
    assert shown("\u2068a\u202eb\u2069 · 茶") == "\u2068ab\u2069 · 茶"
    assert shown("\u2069\u2068a") == "a"
    assert shown(f"{shown('דנה')} עם 5") == "\u2068דנה עם 5\u2069"


@given(st.text())
def test_cleaning_again_changes_nothing_and_isolates_are_balanced(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert shown(shown(text)) == shown(text)
    depth = 0
    for character in shown(text):
        depth += {"\u2068": 1, "\u2069": -1}.get(character, 0)
        assert depth in (0, 1)
    assert depth == 0 and not set(shown(text)) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u200b\ufeff")
