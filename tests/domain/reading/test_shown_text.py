"""R2, R23: invisible and reordering characters in texts that members read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reading.shown_text import clean


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


@given(st.text())
def test_cleaning_again_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
