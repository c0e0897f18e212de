"""The platform's time zone is named beside clock times for readers who may be elsewhere (R35)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.people import may_be_elsewhere
from handlers.localization import Localizer
from handlers.views import goods as view
from handlers.views.mine import help_screen, settings_screen
from services.context import NIGHT, Rules
from tests.handlers.conftest import MEMBER, NOW, PURSE, buttons, card, localizer_in, read

LATER = NOW + timedelta(hours=22)


@pytest.mark.parametrize(
    ("app", "elsewhere"), [("zh", False), ("ZH-TW", False), ("en", True), ("de", True), (None, True)]
)
def test_members_whose_app_is_not_in_chinese_may_be_elsewhere(app: str | None, elsewhere: bool) -> None:
    assert may_be_elsewhere(app) is elsewhere


def test_every_clock_time_has_the_zone_by_name_but_no_button_has() -> None:
    abroad = replace(localizer_in("en"), names_zone=True)
    assert abroad.moment(LATER) == "tomorrow 08:00 (China Time)"
    assert abroad.day_at(LATER) == "tomorrow at 08:00 (China Time)"
    assert abroad.at_day(LATER) == "at 08:00 tomorrow (China Time)"
    assert abroad.exact(LATER) == "Wed 25 Nov 2026, 08:00 (China Time)"
    assert abroad.time(time(8)) == "08:00 (China Time)"
    assert abroad.brief(LATER) == "tomorrow 08:00"
    chinese = replace(localizer_in("zh"), names_zone=True)
    assert chinese.moment(LATER) == "明天 08:00（中国时间）"
    assert localizer_in("zh").moment(LATER) == "明天 08:00"
    settings = settings_screen(MEMBER, NIGHT, abroad)
    assert "22:00-08:00 (China Time)" in read(settings)
    assert not [one.text for one in buttons(settings) if "Time" in one.text]


def test_a_zone_without_a_name_is_named_by_its_key() -> None:
    utc = Localizer("en", ZoneInfo("UTC"), NOW, names_zone=True)
    assert utc.time(time(8)) == "08:00 (UTC)"


def test_texts_for_anyone_name_the_zone_unless_they_are_chinese() -> None:
    for language, named in (("en", True), ("zh", False)):
        assert Localizer.for_anyone(language, ZoneInfo("Asia/Shanghai"), NOW).names_zone is named


def test_a_card_says_how_much_time_is_left() -> None:
    said = read(view.card_screen(card(), replace(localizer_in("en"), names_zone=True)))
    assert "22 hours left to vote: until tomorrow 08:00 (China Time)" in said


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_sentence_puts_the_zone_in_brackets_within_brackets(language: str) -> None:
    abroad = replace(localizer_in(language), names_zone=True)
    purses = (PURSE, PURSE._replace(slots_today=frozenset(range(1, 6))))
    said = [view.standing(key, purse, abroad) for key in ("voted", "taken-back", "mine-purse") for purse in purses]
    said += [read(view.card_screen(card(), abroad)), read(help_screen(Rules(abroad.zone), abroad))]
    assert not [text for text in said if re.search(r"[(（][^)）]*[(（]", text)]


def test_after_the_last_vote_of_a_day_the_answer_says_when_the_next_is() -> None:
    spent = PURSE._replace(slots_today=frozenset(range(1, 6)))
    said = view.standing("voted", spent, localizer_in("en"))
    assert "You can vote again at " in said and " and have " in said
