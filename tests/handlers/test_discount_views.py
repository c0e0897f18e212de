"""The discount on card, poster and page (R11)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.localization import Localizer
from handlers.views import goods as view
from handlers.views.canvass import poster, share_text
from handlers.views.cards import description
from handlers.views.landing import item_page
from services.canvassing.links import Invitation, MyLink
from tests.handlers.conftest import NOW, card, item, localizer_in, read


@pytest.mark.parametrize(
    ("original", "expected", "english", "chinese"),
    [
        (100_00, 100_00, "", ""),
        (100_00, 99_01, "", ""),
        (100_00, 96_00, "4% off", "立省 ¥4"),
        (100_00, 50_00, "50% off", "5 折"),
        (100_00, 30, "99% off", "0.1 折"),
        (1000_00, 849_90, "15% off", "8.5 折"),
        (1000_00, 850_10, "14% off", "8.6 折"),
        (4000_00, 3601_00, "9% off", "立省 ¥399"),
    ],
)
def test_r11_the_discount_is_one_rule_for_card_poster_and_page(
    original: int, expected: int, english: str, chinese: str
) -> None:
    for language, said in (("en", english), ("zh", chinese)):
        localizer = localizer_in(language)
        priced = item(original_fen=original, expected_fen=expected)
        assert view.discount(priced, localizer) == said
        text = read(view.card_screen(card(original_fen=original, expected_fen=expected), localizer))
        assert (f"({said})" in text or f"（{said}）" in text) if said else "%" not in text and "折" not in text
        link = Invitation(1, "t" * 16, priced, True, "")
        assert item_page(link, NOW, localizer).goods.off == said  # type: ignore[union-attr]
        assert poster(link, "https://t.me/x", localizer).words.off == said


def test_goods_at_their_original_price_are_not_offered_instead_of_it(localizer: Localizer) -> None:
    same = item(original_fen=100_00, expected_fen=100_00)
    link = MyLink(1, "t" * 16, same, True, 0, 0, "", ())
    for said in (
        item_page(Invitation(1, "t" * 16, same, True, ""), NOW, localizer).title,
        description(same, localizer),
        share_text(link, localizer),
    ):
        assert said.count("100") == 1, said
    lower = replace(link, item=item(original_fen=100_50, expected_fen=100_00))
    assert "100.50" in share_text(lower, localizer)
