"""What is said of goods that wait for the end of their shop's ban: nothing that is not true (R29)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.goods import Item, ItemState
from domain.people import LANGUAGES
from handlers.localization import Localizer
from handlers.views import desk
from handlers.views.goods import status
from handlers.views.mine import mine_screen
from handlers.views.notifications import Reader, render
from handlers.views.told import none_opened
from services.notifications.case_kinds import ItemRestored
from services.rounds import Overview
from services.voting import MyVotes
from tests.handlers.conftest import MEMBER, NOW, PURSE, item, localizer_in, read, signs

ENDS = NOW + timedelta(days=20)
"""The end of the ban."""


def waiting(until: datetime | None) -> Item:
    """A listing that waits for its round."""
    return item(id=8, listing_number=2, state=ItemState.PASSED, closes_at=None, shop_banned_until=until)


def sentences(until: datetime | None, localizer: Localizer) -> list[str]:
    """All that members read of it: on its card, among their votes, and after an appeal."""
    good = waiting(until)
    old = item(state=ItemState.EXPIRED)
    return [
        status(good, localizer, on_display=False),
        read(mine_screen(MyVotes((good,), (), {}, PURSE, 0, 1), localizer)),
        read(mine_screen(MyVotes((old,), (), {old.id: good}, PURSE, 0, 1), localizer)),
        read(render(ItemRestored(MEMBER, good), Reader((localizer,)))),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_r29_while_a_ban_is_in_force_members_read_from_when_on_it_may_be_displayed(language: str) -> None:
    localizer = localizer_in(language)
    soon = ("soon", "即将", "很快")
    for said in sentences(ENDS, localizer):
        assert localizer.moment(ENDS) in said and not any(word in said for word in soon)
    for over in (NOW, None):
        assert all(any(word in said for word in soon) for said in sentences(over, localizer))


@pytest.mark.parametrize("language", LANGUAGES)
def test_r29_the_desk_offers_no_new_listing_while_a_ban_is_in_force_and_says_until_when(language: str) -> None:
    localizer = localizer_in(language)
    for state in (ItemState.DISPLAYED, ItemState.EXPIRED):
        screen = desk.item_screen(item(state=state, shop_banned_until=ENDS), [], 0, localizer)
        assert localizer.moment(ENDS) in read(screen) and ["🔁"] not in signs(screen)
        screen = desk.item_screen(item(state=state, shop_banned_until=NOW), [], 0, localizer)
        assert localizer.moment(NOW) not in read(screen) and ["🔁"] in signs(screen)


@pytest.mark.parametrize("language", LANGUAGES)
def test_r29_the_desk_counts_what_waits_for_the_end_of_a_ban_apart(language: str) -> None:
    localizer = localizer_in(language)
    some, none = (Overview(0, 0, 0, NOW + timedelta(hours=22), kept_back=number) for number in (3, 0))
    assert "🔒 3" in read(desk.desk_screen(some, {}, localizer))
    assert "🔒" not in read(desk.desk_screen(none, {}, localizer))
    assert none_opened(some, localizer) != none_opened(none, localizer)
