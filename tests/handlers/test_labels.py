"""Labels of buttons: titles are cut at a word, and those of similar goods keep what tells them apart."""

from __future__ import annotations

import pytest

from domain.carousel import Place
from handlers import callbacks
from handlers.localization import Localizer
from handlers.views.goods import positions_buttons
from handlers.views.mine import short, told_apart


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("Glass teapot", "Glass teapot"),
        ("Cotton summer dress for women", "Cotton summer dress for…"),
        ("Cotton summer dress, for all of us", "Cotton summer dress, for…"),
        ("Donaudampfschifffahrtsgesellschaft", "Donaudampfschifffahrtsgesel…"),
        ("耐热玻璃茶壶" * 6, ("耐热玻璃茶壶" * 6)[:27] + "…"),
    ],
)
def test_a_long_title_is_cut_at_a_word_where_it_has_words(title: str, label: str) -> None:
    assert short(title) == label and len(label) <= 28


def test_titles_that_begin_alike_keep_their_ends() -> None:
    titles = [
        f"Long-sleeved cotton shirt for women, size {size}, {colour}" for size in "SM" for colour in ("red", "blue")
    ]
    labels = told_apart([*titles, "Teapot"])
    assert len(set(labels)) == 5 and labels[-1] == "Teapot"
    assert all(len(label) <= 28 for label in labels)
    assert [label.endswith(title[-6:]) for label, title in zip(labels, titles, strict=False)] == [True] * 4
    same = [
        "纯棉长袖衬衫女款宽松百搭春秋季新款韩版学生上衣打底衫白色",
        "纯棉长袖衬衫女款宽松百搭春秋季新款韩版学生上衣打底衫黑色",
    ]
    assert len(set(told_apart(same, 20))) == 2


def test_the_positions_of_a_draw_lead_to_its_cards(localizer: Localizer) -> None:
    rows = positions_buttons(Place(5, 2, 28), localizer)
    assert [len(row) for row in rows] == [7, 7, 7, 7, 1] and rows[0][2].text == "·3·"
    assert callbacks.PageCallback.unpack(rows[3][6].data or "") == callbacks.PageCallback(draw=5, position=27)
    assert callbacks.PageCallback.unpack(rows[4][0].data or "") == callbacks.PageCallback(draw=5, position=2)
    assert sum(map(len, positions_buttons(Place(5, 0, 2**40), localizer))) <= 100
