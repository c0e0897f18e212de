"""Text in pictures: no character is lost, each has a glyph, both directions are in order, and lines fit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from services.pictures import fonts, typography
from services.pictures.bidi import Run, in_visual_order
from services.pictures.typography import (
    can_show,
    clusters,
    drawable,
    face,
    fitted,
    in_its_direction,
    shortened,
    wrap,
)
from tests.conftest import examples

ARABIC, HEBREW, KOREAN, THAI, HINDI = "محمد علي", "שלום כהן", "김민수", "สมชาย ใจดี", "रवि कुमार"
FAMILY, FLAG, SCOTLAND, RAISED_HAND = "👨‍👩‍👧‍👦", "🇨🇳", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🙋🏽‍♀️"
NAMES = [
    *("林美", "Ann O’Neill", KOREAN, ARABIC, HEBREW, THAI, HINDI, "Nguyễn Thị Ánh", "Ελένη", "Ольга", "ქეთევანი"),
    *("தமிழ்", "బాల", "ආරියසේන", "ສົມສັກ", "အောင်", "ሰላም", "Արամ", "さくら", "髙橋", "𠮷野家", "𠀀𪚥", "龘"),
    *("🎉", "❤️", "❤", "1️⃣", FAMILY, FLAG, SCOTLAND, RAISED_HAND, "★", "½", "[김치]"),
]
FONT = face(44, 700)
BLACK = (0, 0, 0)


@pytest.fixture
def only_pip() -> Iterator[pytest.MonkeyPatch]:
    """A machine without Debian's fonts."""

    def clear_caches() -> None:
        for kept in (fonts._installed, fonts.families, fonts.family_of, typography._parts):
            kept.cache_clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fonts, "_FOLDERS", ())
        clear_caches()
        yield patch
    clear_caches()


def written(text: str) -> Image.Image:
    sheet = Image.new("RGB", (900, 120), (255, 255, 255))
    FONT.write(sheet, (20, 60), text, BLACK)
    return sheet


# -- glyphs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_no_character_of_a_name_is_lost_and_none_is_a_box(name: str) -> None:
    assert drawable(name) == name and can_show(name)
    for cluster in clusters(name.replace(" ", "")):
        family = fonts.family_of(cluster)
        assert family is not None
        font = fonts.opened(family, 44, 700)
        missing, glyph = (Image.new("RGBA", (400, 200)) for _ in range(2))
        ImageDraw.Draw(missing).text((50, 150), "\U0010fffe", font=font, anchor="ls", embedded_color=True)
        ImageDraw.Draw(glyph).text((50, 150), cluster, font=font, anchor="ls", embedded_color=True)
        assert ImageChops.difference(missing, glyph).getbbox(), f"{cluster!r} is a box in {family.file.name}"
        assert glyph.getbbox(), f"{cluster!r} is blank in {family.file.name}"


@pytest.mark.parametrize("emoji", [FAMILY, FLAG, SCOTLAND, RAISED_HAND, "1️⃣", "❤️"])
def test_a_joined_emoji_is_one_picture_in_colour(emoji: str) -> None:
    assert clusters(emoji) == [emoji]
    assert FONT.getlength(emoji) == FONT.getlength("😀")
    saturation = written(emoji).convert("HSV").getchannel("S").getextrema()
    assert saturation[1] > 100 or emoji == FAMILY, "this font draws families as grey silhouettes"


def test_arabic_and_hindi_are_joined() -> None:
    assert FONT.getlength("لا") < FONT.getlength("ل") + FONT.getlength("ا")
    assert FONT.getlength("क्ष") < FONT.getlength("क") + FONT.getlength("ष")


def test_every_cluster_has_a_font_of_its_own() -> None:
    parts = typography._parts("Tea 김치, 𠮷野家 🎉 5")
    names = [(part.text, part.family.file.name.partition("[")[0]) for part in parts]
    sc = "NotoSansSC"
    korean, japanese, emoji = ("김치, ", "NotoSansKR"), ("𠮷", "NotoSansJP"), ("🎉", "NotoColorEmoji.ttf")
    assert names == [("Tea ", sc), korean, japanese, ("野家 ", sc), emoji, (" 5", sc)]


def test_a_full_width_question_mark_takes_the_width_of_an_ideograph() -> None:
    assert drawable("你想团它吗？").endswith("？") and FONT.getlength("吗？") == 2 * FONT.getlength("吗")


def test_what_no_font_shows_is_left_out_with_brackets_that_would_be_empty() -> None:
    assert drawable("Ann \ue000 林美\n\t ok") == "Ann 林美 ok"
    assert drawable("[\ue000] tea (【\ue001】)") == "tea" and drawable("f() [ ]") == "f() [ ]"
    assert drawable("é ¥ € 龘 —… ·") == "é ¥ € 龘 —… ·" and drawable("e\u0301") == "é"
    assert drawable("Z" + "\u0335" * 40) == "Z" + "\u0335" * 4, "marks do not run into other lines"
    assert not can_show("") and not can_show("\ue000") and not can_show("A\U0003fffd"), "a torn name is none"
    assert can_show("A \U0001faff"), "an emoji of a later Unicode is left out"
    assert can_show("A \U0001faff"), "an emoji of a later Unicode is left out"


def test_without_debians_fonts_emoji_are_left_out_and_other_scripts_leave_no_torn_name(
    only_pip: pytest.MonkeyPatch,
) -> None:
    assert can_show("林美") and can_show(KOREAN) and can_show("𠮷野家")
    assert can_show("Ann 🎉") and drawable("Ann 🎉") == "Ann"
    assert not any(can_show(name) for name in (ARABIC, HEBREW, THAI, "Ann محمد", "🎉", "𠀀美"))
    only_pip.setattr(fonts, "can_shape", lambda: False)
    assert FONT.getlength("Ann 林美") > 0 and written("Ann 林美 محمد").getbbox()


def test_without_the_library_that_shapes_no_script_is_shown_unshaped(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.families.cache_clear()
    fonts.family_of.cache_clear()
    try:
        monkeypatch.setattr(fonts, "can_shape", lambda: False)
        assert not can_show(ARABIC) and can_show("林美")
    finally:
        fonts.families.cache_clear()
        fonts.family_of.cache_clear()


# -- directions -------------------------------------------------------------------------------------------------------


def test_a_name_from_right_to_left_leaves_the_sentence_in_order() -> None:
    named = [Run("שלום כהן", rtl=True), Run(" asks for 5 votes", rtl=False)]
    assert in_visual_order(f"\u2068{HEBREW}\u2069 asks for 5 votes") == named
    assert in_visual_order("\u2068אבג\u2069 5") == [Run("אבג", rtl=True), Run(" 5", rtl=False)]
    assert in_visual_order("Ann 5") == [Run("Ann 5", rtl=False)] and in_visual_order("") == []


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("דירה 5 חדרים", ["~ חדרים", "5", "~דירה "]),
        ("דירה ₪1,000 יפה", ["~ יפה", "₪1,000", "~דירה "]),
        ("אבג ABC דהו", ["~ דהו", "ABC", "~אבג "]),
        ("אבג ABC 5 דהו", ["~ דהו", "ABC 5", "~אבג "]),
        ("דָוִד", ["~דָוִד"]),
    ],
)
def test_a_title_from_right_to_left_is_ordered_as_its_readers_expect(line: str, seen: list[str]) -> None:
    [title] = in_its_direction([line], line)
    assert [("~" if run.rtl else "") + run.text for run in in_visual_order(title)] == seen
    assert in_its_direction(["ABC אבג"], "ABC אבג") == ["ABC אבג"]


@given(st.text(st.sampled_from("ab 1,₪אבج\u2067\u2068\u2069()é"), max_size=30))
@examples(100)
def test_ordering_keeps_every_character(line: str) -> None:
    runs = in_visual_order(line)
    assert sorted("".join(run.text for run in runs)) == sorted(
        each for each in line if each not in "\u2067\u2068\u2069"
    )


# -- lines ------------------------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80), st.integers(200, 900), st.integers(1, 3))
@examples(60)
def test_lines_fit_their_room(text: str, width: int, most: int) -> None:
    lines = wrap(drawable(text), FONT, width, most)
    assert len(lines) <= most and all(FONT.getlength(line) <= width for line in lines)
    assert all(line == line.strip() and line for line in lines)


def test_chinese_breaks_anywhere_but_before_a_stop_and_words_stay_whole() -> None:
    lines = wrap("春江潮水连海平，海上明月共潮生。滟滟随波千万里，何处春江无月明！", FONT, 44 * 8, 9)
    assert len(lines) > 3 and not [line for line in lines if line[0] in "，。！"]
    assert "".join(lines) == "春江潮水连海平，海上明月共潮生。滟滟随波千万里，何处春江无月明！"
    words = wrap("Washed Linen Shirt, Relaxed Fit", FONT, 300, 9)
    assert " ".join(words) == "Washed Linen Shirt, Relaxed Fit" and len(words) > 1
    assert not [line for line in wrap("一二三（四五六七）八九十", FONT, 44 * 4, 9) if line.endswith("（")]


def test_thai_and_emoji_break_between_clusters_and_never_inside() -> None:
    thai = "ชาเขียวคุณภาพดีจากเชียงใหม่"
    assert "".join(wrap(thai, FONT, 200, 9)) == thai
    assert set("".join(wrap(FAMILY * 9, FONT, 120, 9)).split(FAMILY)) == {""}
    cut = shortened(FAMILY * 9, FONT, 200)
    assert cut.endswith("…") and set(cut[:-1].split(FAMILY)) == {""}


def test_what_does_not_fit_ends_in_dots() -> None:
    assert wrap("字" * 100, FONT, 44 * 10, 2)[1].endswith("…")
    assert shortened("W" * 100, FONT, 300).endswith("…") and shortened("ok", FONT, 300) == "ok"


def test_a_line_shrinks_a_little_before_it_breaks_and_breaks_before_it_is_cut() -> None:
    def lines_in(text: str) -> tuple[int, int, bool]:
        font, lines = fitted(text, (40, 20), 700, 400)
        return font.size, len(lines), lines[-1].endswith("…")

    assert lines_in("字" * 10) == (40, 1, False) and lines_in("字" * 15) == (20, 1, False)
    assert lines_in("字" * 25) == (20, 2, False) and lines_in("字" * 45) == (20, 2, True)
