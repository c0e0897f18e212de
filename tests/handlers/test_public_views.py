"""The voting rules and the figures of rounds, in the chat and as data of web pages (R28, R35, R39)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.brushing.cases import CaseOutcome
from domain.people import LANGUAGES
from domain.transparency.balance import exposure_balance
from handlers.localization import Localizer
from handlers.views.mine import help_screen
from handlers.views.transparency import figures as view
from handlers.views.transparency import pages
from handlers.views.transparency.rules import SECTIONS, rules_screen, sections, short_rules
from services.context import Rules
from services.transparency.rounds import PublishedVerdicts, RoundFigures, RoundsOfDay, ShownGood
from tests.handlers.conftest import NASTY, NOW, button, buttons, localizer_in, read

RULES = Rules(ZoneInfo("Asia/Shanghai"))
ADDRESS = "https://vote.example.com/rounds/2026-11-24"
BOTH = tuple(localizer_in(language) for language in LANGUAGES)
DECIDED = PublishedVerdicts(1234, 987, {CaseOutcome.CLEARED: 1, CaseOutcome.CONFIRMED: 2}, 1)


def good(exposures: int, *, left: bool = False, title: str = "Glass teapot") -> ShownGood:
    return ShownGood("kettle-01", title, title, 12, exposures, left)


def figures(*exposures: int, closed: bool = True, special: bool = False, draws: int | None = 321) -> RoundFigures:
    goods = tuple(good(number) for number in exposures)
    opens = NOW - timedelta(days=1)
    return RoundFigures(opens, NOW, special, closed, draws, goods, exposure_balance(exposures))


def rounds(*exposures: int, verdicts: PublishedVerdicts | None = None, closed: bool = True) -> RoundsOfDay:
    return RoundsOfDay(date(2026, 11, 24), (figures(*exposures, closed=closed),), verdicts)


# -- the rules ---------------------------------------------------------------------------------------------------------


def test_r39_the_rules_fit_one_message_and_lead_to_their_page(localizer: Localizer) -> None:
    screen = rules_screen(RULES, "https://vote.example.com/rules", localizer)
    said = read(screen)
    assert all(localizer.text(f"rules-{name}") in said for name in SECTIONS)
    assert button(screen, "🌐").url == "https://vote.example.com/rules" and button(screen, "📊").data
    assert [each.text[0] for each in buttons(rules_screen(RULES, None, localizer))] == ["📊"]


def test_r39_the_rules_name_the_numbers_that_are_set(localizer: Localizer) -> None:
    changed = replace(
        RULES,
        fen_per_ballot=77_00,
        votes_per_day=13,
        take_backs_per_day=17,
        welcome_ballots=3,
        opens_at=time(9, 30),
        return_ballots=False,
    )
    said = read(rules_screen(changed, None, localizer))
    assert all(number in said for number in ("¥77", "13", "17", "3", "09:30", "2011"))
    ballots = dict(zip(SECTIONS, sections(changed, localizer), strict=True))["ballots"][1]
    usual = dict(zip(SECTIONS, sections(RULES, localizer), strict=True))["ballots"][1]
    returned = {"zh": "未能开团", "en": "without a group"}[localizer.language]
    assert returned in usual and returned not in ballots


def test_r39_the_page_of_the_rules_says_the_same_as_the_chat(localizer: Localizer) -> None:
    page, said = pages.rules_page(RULES, localizer), read(rules_screen(RULES, None, localizer))
    assert len(page.sections) == len(SECTIONS)
    for section in page.sections:
        assert section.heading in said and section.paragraphs[0] in said


def test_r39_a_group_reads_the_rules_in_short_in_its_languages() -> None:
    screen = short_rules(RULES, "https://vote.example.com/rules", "https://t.me/bot?start=rules", BOTH)
    said = read(screen)
    assert "投票规则" in said and "voting rules" in said
    assert [each.url for each in buttons(screen)] == ["https://vote.example.com/rules", "https://t.me/bot?start=rules"]


def test_r39_help_leads_to_the_rules(localizer: Localizer) -> None:
    screen = help_screen(RULES, localizer)
    assert "/rules" in read(screen) and "/fairness" in screen.text and button(screen, "⚖️").data


# -- figures -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdicts", [None, DECIDED])
def test_r39_the_figures_fit_below_their_picture_also_in_both_languages(verdicts: PublishedVerdicts | None) -> None:
    for exposures in ((), (0, 0), (40,) * 28, tuple(range(900_000, 900_900))):
        roots = tuple((date(2026, 11, 24) + timedelta(days=n), "f" * 64) for n in range(9))
        shown = replace(rounds(*exposures, verdicts=verdicts), roots=roots)
        screen = view.posted(shown, ADDRESS, BOTH)
        assert len(read(screen)) < 1024 and button(screen, "🌐").url == ADDRESS


def test_r39_the_figures_say_in_plain_words_what_the_test_says(localizer: Localizer) -> None:
    even = read(view.fairness_screen(rounds(38, 41, 44, 36), 0, False, None, localizer))
    uneven = read(view.fairness_screen(rounds(40, 40, 40, 140), 0, False, None, localizer))
    few = read(view.fairness_screen(rounds(1, 0, 2), 0, False, None, localizer))
    about_equal = {"zh": "大致相同", "en": "about equally often"}[localizer.language]
    assert about_equal in even and "p = 0." in even and about_equal not in uneven + few
    assert "p < 0.01" in uneven
    assert "36" in even and "44" in even and localizer.text("fairness-too-few") in few


def test_r28_without_decided_cases_no_number_of_theirs_is_said(localizer: Localizer) -> None:
    shown = rounds(40, 40, closed=False)
    said = read(view.fairness_screen(shown, 0, False, None, localizer))
    assert localizer.text("fairness-verdicts-later") in said
    page = pages.round_page(shown, localizer)
    assert page.sections[-1].paragraphs == (localizer.text("fairness-verdicts-later"),)
    assert not page.sections[-1].numbers


def test_r28_decided_cases_are_published_as_totals(localizer: Localizer) -> None:
    shown = rounds(40, 40, verdicts=DECIDED)
    assert "987" in read(view.fairness_screen(shown, 0, False, None, localizer))
    numbers = [number for _, number in pages.round_page(shown, localizer).sections[-1].numbers]
    assert numbers == [localizer.number(1234), "987", "1", "0", "2", "1"]


def test_r39_buttons_lead_to_the_days_before_and_after(localizer: Localizer) -> None:
    middle = view.fairness_screen(rounds(40, 40), 1, True, ADDRESS, localizer)
    assert [each.data for each in buttons(middle)][1:3] == ["qf:0:0", "qf:2:0"]


def test_r39_the_page_lists_each_good_with_a_bar_and_marks_those_that_left_early(localizer: Localizer) -> None:
    one = RoundFigures(
        NOW, NOW, False, True, None, (good(40), good(20), good(3, left=True)), exposure_balance([40, 20])
    )
    page = pages.round_page(
        RoundsOfDay(date(2026, 11, 24), (one,), None, roots=((date(2026, 11, 24), "ab" * 32),)), localizer
    )
    section = page.sections[0]
    assert [line.title for line in section.goods[1:]] == ["Glass teapot", "Glass teapot", "* Glass teapot"]
    assert section.bars is not None and section.bars.path.count("M") == 2 and section.bars.mean == 25.0
    assert section.notes == (localizer.text("fairness-left"),) and page.roots == (
        (localizer.day(date(2026, 11, 24)), "ab" * 32),
    )
    assert localizer.text("fairness-draws") not in [name for name, _ in section.numbers]


def test_r39_goods_that_left_early_count_in_the_total_and_the_text_says_that_they_are_not_compared(
    localizer: Localizer,
) -> None:
    goods = (good(41), good(21), good(4, left=True))
    one = RoundFigures(NOW, NOW, False, True, None, goods, exposure_balance([41, 21]))
    shown = RoundsOfDay(date(2026, 11, 24), (one,), None)
    assert (localizer.text("fairness-exposures"), "66") in pages.round_page(shown, localizer).sections[0].numbers
    said = read(view.fairness_screen(shown, 0, False, None, localizer))
    assert "66" in said and localizer.text("fairness-in-chat-left") in said
    assert localizer.text("fairness-in-chat-left") not in read(
        view.fairness_screen(rounds(5, 5), 0, False, None, localizer)
    )


def test_r39_a_very_long_list_is_cut_and_says_so(localizer: Localizer) -> None:
    section = pages.round_page(rounds(*[10] * 700), localizer).sections[0]
    assert len(section.goods) == 1 + pages.MOST_LISTED and section.notes == (
        localizer.text("fairness-more", number=200),
    )


def test_r39_a_title_may_be_anything(localizer: Localizer) -> None:
    one = RoundFigures(NOW, NOW, True, True, 1, (good(40, title=NASTY), good(20, title="")), exposure_balance([40, 20]))
    lines = pages.round_page(RoundsOfDay(date(2026, 11, 24), (one,), None), localizer).sections[0].goods
    assert [line.title for line in lines[1:]] == [NASTY, "kettle-01"]


def test_r39_the_root_of_the_tally_is_shown_in_the_chat(localizer: Localizer) -> None:
    shown = replace(rounds(40, 40), roots=((date(2026, 11, 24), "ab" * 32),))
    assert "ab" * 32 in read(view.fairness_screen(shown, 0, False, None, localizer))
    assert read(view.posted(shown, None, (localizer, localizer))).count("ab" * 32) == 1


def test_r39_a_post_in_a_chat_promises_nothing_that_comes_to_that_chat(localizer: Localizer) -> None:
    posted = read(view.posted(rounds(40, 40), None, (localizer,)))
    assert "/fairness" in posted and localizer.text("fairness-verdicts-later") not in posted
    answered = read(view.fairness_screen(rounds(40, 40), 0, False, None, localizer))
    assert localizer.text("fairness-verdicts-later") in answered


def test_r39_granted_appeals_are_counted_in_the_chat_as_on_the_page() -> None:
    english = (localizer_in("en"),)
    assert "appeals granted: 1." in read(view.posted(rounds(40, 40, verdicts=DECIDED), None, english))
    none = replace(DECIDED, granted=0)
    assert "2 confirmed." in read(view.posted(rounds(40, 40, verdicts=none), None, english))
