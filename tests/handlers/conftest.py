"""Values for views, which are pure: an item, a card, a purse, a localizer for each language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st

from domain.carousel import Card, Place
from domain.goods import Category, Item, ItemState
from domain.people import LANGUAGES, Member
from domain.reading.shown_text import clean
from domain.voting import Purse
from handlers.localization import Localizer
from handlers.screen import CAPTION_LIMIT, TEXT_LIMIT, Button, Screen
from sandbox.text.html import parse_html

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Tuesday, 10:00 in Shanghai."""

BIGGEST = 2**53
NASTY = '<b>&"</b> <a href="tg://user?id=1">x</a> &lt; </s>'

ITEM = Item(
    id=7,
    ref="kettle-01",
    listing_number=1,
    shop="茶香小店",
    title_zh="玻璃茶壶",
    title_en="Glass teapot",
    category=Category.HOME,
    original_fen=129_900,
    expected_fen=89_950,
    stock=1200,
    lead_days=5,
    url="https://shop.example.com/7",
    picture_id=3,
    description_zh="耐热玻璃，一壶四杯。",
    description_en="Heat-proof glass, four cups.",
    state=ItemState.ON_DISPLAY,
    wants=0,
    shown=0,
    closes_at=NOW + timedelta(hours=22),
    group_opens_at=None,
    group_url=None,
)

MEMBER = Member(1, 1001, "Ann", "en", None, True, True, False, None)

PURSE = Purse(
    spent_fen=36_300,
    granted=0,
    used=1,
    slots_today=frozenset({1}),
    day=date(2026, 11, 24),
    day_ends=NOW + timedelta(hours=22),
    votes_per_day=5,
    fen_per_ballot=100_00,
)


def item(**changes: Any) -> Item:
    """A teapot on display, with changes."""
    return ITEM._replace(**changes)


THIRD_OF_28 = Place(5, 2, 28)


def card(place: Place = THIRD_OF_28, *, voted: bool = False, following: bool = False, **changes: Any) -> Card:
    """The card of that item, third of 28; on display unless the state is another."""
    found = item(**changes)
    return Card(found, place, voted, following, found.state is ItemState.ON_DISPLAY)


def localizer_in(language: str, now: datetime = NOW, zone: str = "Asia/Shanghai") -> Localizer:
    return Localizer(language, ZoneInfo(zone), now)


@pytest.fixture(params=LANGUAGES)
def localizer(request: pytest.FixtureRequest) -> Localizer:
    """Each language."""
    return localizer_in(request.param)


def read(screen: Screen) -> str:
    """The text without markup. Fails where Telegram would refuse the HTML, a length or a button."""
    said, _ = parse_html(screen.text)
    limit = TEXT_LIMIT if screen.picture is None else CAPTION_LIMIT
    assert 0 < len(said) <= limit
    assert len(screen.buttons) <= 100
    for button in buttons(screen):
        assert 0 < len(button.text) <= 64, button.text
        kinds = [kind for kind in (button.data, button.url, button.copy, button.inline) if kind is not None]
        assert len(kinds) == 1, button
        assert button.data is None or 1 <= len(button.data.encode()) <= 64
        assert button.copy is None or 1 <= len(button.copy) <= 256
        assert button.url is None or (button.url.startswith(("https://", "http://")) and len(button.url) <= 2048)
    return said


def buttons(screen: Screen) -> list[Button]:
    """All buttons, row by row."""
    return [button for row in screen.buttons for button in row]


def button(screen: Screen, start: str) -> Button:
    """The only button whose label has this start."""
    found = [one for one in buttons(screen) if one.text.startswith(start)]
    assert len(found) == 1, [one.text for one in buttons(screen)]
    return found[0]


def signs(screen: Screen) -> list[list[str]]:
    """The emoji of each button, row by row."""
    return [[one.text.split(" ")[0] for one in row] for row in screen.buttons]


def seen_text(longest: int) -> st.SearchStrategy[str]:
    """Any text of a person's with something to see: screens show nothing else."""
    return st.text(min_size=1, max_size=longest).map(clean).filter(bool)
