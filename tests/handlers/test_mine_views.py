"""The member's votes, settings, data and greetings (R14, R25, R35, R36)."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.goods import Item, ItemState
from domain.people import LANGUAGES, QuietHours
from handlers import callbacks
from handlers.localization import Localizer
from handlers.views import mine as view
from services.context import Rules
from services.voting import MyVotes
from tests.handlers.conftest import (
    BIGGEST,
    MEMBER,
    NASTY,
    NOW,
    PURSE,
    button,
    buttons,
    item,
    localizer_in,
    read,
    seen_text,
    signs,
)

NIGHT = QuietHours(time(22), time(8))
RULES = Rules(ZoneInfo("Asia/Shanghai"))


def many(number: int, **changes: object) -> tuple[Item, ...]:
    """Goods with titles of the maximum length."""
    return tuple(item(id=BIGGEST - n, title_zh="宝" * 100, title_en="&" * 100, **changes) for n in range(number))


# --- my votes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "english", "chinese"),
    [
        (ItemState.PASSED, "comes back on display soon", "即将再次展示"),
        (
            ItemState.ON_DISPLAY,
            "on display until tomorrow 08:00 · 1,234 people want it",
            "展示中，明天 08:00 截止 · 1,234 人想团",
        ),
        (ItemState.DISPLAYED, "the organiser is choosing · 1,234 people want it", "小二正在挑选 · 1,234 人想团"),
        (ItemState.SAMPLED, "samples are being looked at", "正在查看样品"),
        (ItemState.REVIEWED, "the final review is done", "已通过终审"),
        (ItemState.SCHEDULED, "the group opens Fri 27 Nov, 10:00", "11月27日 周五 10:00 开团"),
        (ItemState.OPEN, "the group is open", "已开团"),
        (ItemState.REJECTED, "it did not make it to a group", "最终没有开团"),
        (ItemState.EXPIRED, "its time is over without a group", "已过期，没有开团"),
    ],
)
def test_each_vote_shows_its_state_and_the_opening_time_if_known(state: ItemState, english: str, chinese: str) -> None:
    voted = item(state=state, wants=1234, group_opens_at=NOW + timedelta(days=3))
    for language, line in (("en", english), ("zh", chinese)):
        screen = view.mine_screen(MyVotes((voted,), (), {}, PURSE, 0, 1), localizer_in(language))
        lines = read(screen).splitlines()
        assert lines[0].startswith("📋") and lines[2].endswith(voted.title(language)) and lines[3] == line
        assert callbacks.OpenCallback.unpack(button(screen, "👀").data or "") == callbacks.OpenCallback(item=7)


@pytest.mark.parametrize(
    ("state", "english", "chinese"),
    [
        (ItemState.PASSED, "comes back on display soon", "即将再次展示"),
        (
            ItemState.ON_DISPLAY,
            "on display again until tomorrow 08:00, with a new count",
            "又在展示了，明天 08:00 截止，重新计票",
        ),
        (ItemState.SAMPLED, "came back since: samples are being looked at", "后来再次展示：正在查看样品"),
        (ItemState.REJECTED, "came back since: it did not make it to a group", "后来再次展示：最终没有开团"),
    ],
)
def test_r16_a_relisted_good_is_marked_and_its_button_leads_to_the_newest_listing(
    state: ItemState, english: str, chinese: str
) -> None:
    old, new = item(id=7, state=ItemState.EXPIRED), item(id=9, listing_number=2, state=state)
    for language, line in (("en", english), ("zh", chinese)):
        screen = view.mine_screen(MyVotes((old,), (new,), {7: new}, PURSE, 0, 1), localizer_in(language))
        lines = read(screen).splitlines()
        assert lines[2].startswith("🔁") and lines[3] == line
        assert callbacks.OpenCallback.unpack(button(screen, "👀").data or "") == callbacks.OpenCallback(item=9), (
            "one button, however it is listed"
        )


def test_the_remaining_votes_are_the_last_line(localizer: Localizer) -> None:
    last = read(view.mine_screen(MyVotes((item(),), (), {}, PURSE, 0, 1), localizer)).splitlines()[-1]
    assert "2" in last and "08:00" in last
    poor = PURSE._replace(used=3)
    assert "¥37" in read(view.mine_screen(MyVotes((), (), {}, poor, 0, 1), localizer))


def test_an_empty_list_of_votes_leads_to_the_goods(localizer: Localizer) -> None:
    screen = view.mine_screen(MyVotes((), (), {}, PURSE, 0, 1), localizer)
    assert "/goods" in read(screen) and signs(screen) == [["🎲"]]


def test_followed_items_have_their_own_section(localizer: Localizer) -> None:
    screen = view.mine_screen(MyVotes((item(id=1),), (item(id=2),), {}, PURSE, 0, 1), localizer)
    assert read(screen).index("📋") < read(screen).index("🔔")
    assert signs(screen) == [["👀"], ["👀"], ["🎲"]]


def test_a_later_page_with_only_follows_does_not_claim_that_there_are_no_votes(localizer: Localizer) -> None:
    said = read(view.mine_screen(MyVotes((), (item(id=2),), {}, PURSE, 1, 2), localizer))
    assert said.startswith("🔔") and localizer.html("mine-empty") not in said


def test_paging_wraps_around(localizer: Localizer) -> None:
    screen = view.mine_screen(MyVotes((item(),), (), {}, PURSE, 0, 3), localizer)
    assert screen.buttons[-2][1].text == "1/3"
    assert callbacks.MineCallback.unpack(button(screen, "◀️").data or "").page == 2
    assert callbacks.MineCallback.unpack(button(screen, "▶️").data or "").page == 1


def test_r25_what_ended_without_a_group_is_behind_a_button_with_its_number(localizer: Localizer) -> None:
    screen = view.mine_screen(MyVotes((item(),), (), {}, PURSE, 0, 1, others=1234), localizer)
    assert signs(screen) == [["👀"], ["🍂"], ["🎲"]] and "1,234" in button(screen, "🍂").text
    assert callbacks.EndedCallback.unpack(button(screen, "🍂").data or "").page == 0
    none_ended = view.mine_screen(MyVotes((item(),), (), {}, PURSE, 0, 1), localizer)
    assert signs(none_ended) == [["👀"], ["🎲"]]


def test_r25_who_has_only_ended_goods_is_not_told_that_they_never_voted(localizer: Localizer) -> None:
    said = read(view.mine_screen(MyVotes((), (), {}, PURSE, 0, 1, others=1), localizer))
    assert localizer.html("mine-empty") not in said and said.startswith(localizer.html("mine-none-left"))


def test_r25_the_ended_goods_have_pages_and_a_way_back(localizer: Localizer) -> None:
    ended = item(state=ItemState.REJECTED)
    screen = view.mine_screen(MyVotes((ended,), (ended,), {}, PURSE, 0, 3, are_ended=True, others=4), localizer)
    assert read(screen).startswith("🍂") and "🔔" in read(screen)
    assert signs(screen)[-2:] == [["◀️", "1/3", "▶️"], ["↩️"]]
    assert callbacks.EndedCallback.unpack(button(screen, "▶️").data or "").page == 1
    assert callbacks.MineCallback.unpack(button(screen, "↩️").data or "") == callbacks.MineCallback()


def test_r25_the_button_of_ended_goods_works_when_none_are_left(localizer: Localizer) -> None:
    screen = view.mine_screen(MyVotes((), (), {}, PURSE, 0, 1, are_ended=True, others=1), localizer)
    assert read(screen).startswith(localizer.html("mine-ended-none")) and signs(screen) == [["↩️"]]


def test_r5_a_vote_whose_ballot_came_back_says_so() -> None:
    ended, other = item(id=7, state=ItemState.REJECTED), item(id=8, state=ItemState.EXPIRED)
    found = MyVotes((ended, other), (), {}, PURSE, 0, 1, ballots_back=frozenset({7}), are_ended=True)
    for language, line in (
        ("en", "it did not make it to a group · 🎫 your ballot is back"),
        ("zh", "最终没有开团 · 🎫 选票已退还"),
    ):
        lines = read(view.mine_screen(found, localizer_in(language))).splitlines()
        assert lines[3] == line and "🎫" not in lines[5]


def test_r29_a_void_vote_is_not_listed_as_one_that_counts() -> None:
    found = MyVotes((item(id=7), item(id=8)), (), {}, PURSE, 0, 1, void=frozenset({7}))
    for language, words in (("en", "⚖️ your vote does not count"), ("zh", "⚖️ 你的这一票不算数")):
        lines = read(view.mine_screen(found, localizer_in(language))).splitlines()
        assert lines[3].endswith(words) and "⚖️" not in lines[5]


@pytest.mark.parametrize("state", [ItemState.ON_DISPLAY, ItemState.SCHEDULED])
def test_the_longest_page_fits_a_message(state: ItemState, localizer: Localizer) -> None:
    goods = many(8, state=state, wants=10**9, group_opens_at=NOW + timedelta(days=9))
    read(view.mine_screen(MyVotes(goods, goods, {}, PURSE, 999, 1000), localizer))


# --- settings, privacy, greetings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "start", "what", "value"),
    [
        ({"carousel_on": True}, "☀️", "carousel", "0"),
        ({"carousel_on": False}, "☀️", "carousel", "1"),
        ({"alerts_on": True}, "🔔", "alerts", "0"),
        ({"alerts_on": False}, "🔔", "alerts", "1"),
        ({"alerts_quiet": True}, "🌙 Alerts", "alerts-quiet", "0"),
        ({"alerts_quiet": False}, "🌙 Alerts", "alerts-quiet", "1"),
        ({"show_name": True}, "😊", "name", "0"),
        ({"show_name": False}, "😊", "name", "1"),
    ],
)
def test_each_switch_shows_its_value_and_carries_the_opposite(
    changes: dict[str, bool], start: str, what: str, value: str
) -> None:
    member = replace(MEMBER, **changes)
    switch = button(view.settings_screen(member, NIGHT, localizer_in("en")), start)
    assert callbacks.SettingsCallback.unpack(switch.data or "") == callbacks.SettingsCallback(what=what, value=value)
    shown = switch.text.rpartition(" ")[2]
    assert shown in (("on", "yes", "shown") if value == "0" else ("off", "no", "hidden"))


def test_the_long_labels_of_quiet_hours_have_a_row_each(localizer: Localizer) -> None:
    rows = view.settings_screen(MEMBER, NIGHT, localizer).buttons
    assert [len(row) for row in rows if row[0].text.startswith("🌙")] == [1, 1]


def test_the_chosen_language_is_marked(localizer: Localizer) -> None:
    screen = view.settings_screen(MEMBER, NIGHT, localizer)
    chosen = [
        callbacks.SettingsCallback.unpack(one.data or "").value for one in screen.buttons[0] if one.text.startswith("●")
    ]
    assert chosen == [localizer.language]
    assert [callbacks.SettingsCallback.unpack(one.data or "").value for one in screen.buttons[0]] == list(LANGUAGES)


def test_the_settings_show_quiet_hours_and_whether_alerts_wait(localizer: Localizer) -> None:
    loud = read(view.settings_screen(MEMBER, NIGHT, localizer))
    quiet = read(view.settings_screen(replace(MEMBER, alerts_quiet=True), NIGHT, localizer))
    assert "22:00-08:00" in loud and "22:00-08:00" in quiet and loud != quiet
    off = {
        read(view.settings_screen(replace(MEMBER, alerts_on=False, alerts_quiet=wait), NIGHT, localizer))
        for wait in (True, False)
    }
    assert len(off) == 1 and not off & {loud, quiet}, "alerts that are off are not promised for any hour"
    never = QuietHours(time(0), time(0))
    assert "00:00" not in read(view.settings_screen(MEMBER, never, localizer))
    assert "00:00" not in read(view.quiet_saved(never, localizer))


def test_buttons_of_quiet_hours_carry_the_hours_of_their_labels(localizer: Localizer) -> None:
    screen = view.quiet_screen(localizer)
    read(screen)
    offered = [callbacks.SettingsCallback.unpack(one.data or "") for one in buttons(screen)[:-1]]
    assert {one.what for one in offered} == {"quiet-to"}
    values = [f"{one.value[:2]}:{one.value[2:7]}:{one.value[7:]}" for one in offered]
    assert [str(QuietHours.parse(value)) for value in values] == [*view.QUIET_CHOICES, "00:00-00:00"]
    assert signs(screen)[-1] == ["↩️"]


def test_deleting_the_data_needs_confirmation(localizer: Localizer) -> None:
    offered = buttons(view.privacy_screen(48, localizer))
    assert [callbacks.PrivacyCallback.unpack(one.data or "").do for one in offered] == ["export", "ask"]
    asked = view.privacy_ask_screen(localizer)
    assert [callbacks.PrivacyCallback.unpack(one.data or "").do for one in buttons(asked)] == ["delete", "show"]
    assert buttons(asked)[0].style == "danger"
    assert len(read(view.privacy_screen(48, localizer))) > 100 and read(asked)
    assert "48" in read(view.privacy_screen(48, localizer)) and "48" not in read(view.privacy_screen(0, localizer))


def test_a_greeting_names_the_person_and_leads_to_the_goods(localizer: Localizer) -> None:
    screen = view.start_screen(NASTY, RULES, PURSE, localizer)
    assert NASTY in read(screen) and "08:00" in read(screen) and "5" in read(screen)
    assert signs(screen) == [["🎲"], ["📋", "⚙️"]] and button(screen, "🎲").style == "primary"
    lost = view.start_screen(NASTY, RULES, PURSE, localizer, lost_link=True)
    assert read(lost).endswith("\n\n" + read(screen)) and len(read(lost)) > len(read(screen)) + 5


def test_a_greeting_says_what_a_ballot_is_how_many_there_are_and_how_to_get_one() -> None:
    english = localizer_in("en")
    for said in (view.welcome("Ann", RULES, PURSE, english), read(view.start_screen("Ann", RULES, PURSE, english))):
        assert "Each full ¥100 that you spent with us is one" in said and "You have 2." in said
    none = PURSE._replace(spent_fen=63_00, used=0)
    assert "You have none right now: ¥37 more spent earns one." in view.welcome("Ann", RULES, none, english)
    brief = view.welcome("Ann", RULES, None, english)
    assert brief.endswith("Each full ¥100 that you spent with us is one."), "what follows says how many there are"
    chinese = view.welcome("Ann", RULES, none, localizer_in("zh"))
    assert "¥37" in chinese and "选票" in chinese


def test_help_shows_the_numbers_of_the_rules(localizer: Localizer) -> None:
    rules = replace(
        RULES, opens_at=time(9, 30), votes_per_day=7, fen_per_ballot=12_345, alert_lead=timedelta(minutes=45)
    )
    said = read(view.help_screen(rules, localizer))
    for detail in ("09:30", "7", "¥123.45", "45", "/goods", "/mine", "/settings", "/privacy"):
        assert detail in said


def test_a_greeting_of_a_member_who_used_all_ballots_does_not_call_the_next_one_the_first() -> None:
    used_up = PURSE._replace(spent_fen=163_00, used=1)
    said = view.welcome("Ann", RULES, used_up, localizer_in("en"))
    assert "none right now" in said and "yet" not in said


@pytest.mark.parametrize(("slots", "said"), [({1}, "2 votes left until"), ({1, 2, 3, 4}, "1 vote left until")])
def test_votes_that_are_left_are_counted_in_words(slots: set[int], said: str) -> None:
    purse = PURSE._replace(slots_today=frozenset(slots))
    assert said in read(view.mine_screen(MyVotes((), (), {}, purse, 0, 1), localizer_in("en")))


def test_with_no_vote_left_today_my_votes_say_from_when_on_one_can_vote_again() -> None:
    purse = PURSE._replace(slots_today=frozenset(range(5)))
    said = [read(view.mine_screen(MyVotes((), (), {}, purse, 0, 1), localizer_in(code))) for code in ("en", "zh")]
    assert (
        "You can vote again at 08:00 tomorrow, and you have 2 ballots." in said[0]
        and "明天 08:00 起又可以投" in said[1]
    )


def test_two_settings_in_a_row_fit_a_phone(localizer: Localizer) -> None:
    for row in view.settings_screen(MEMBER, NIGHT, localizer).buttons:
        assert len(row) == 1 or all(len(one.text) <= (10 if localizer.language == "zh" else 20) for one in row)


@given(seen_text(100), st.sampled_from(LANGUAGES))
def test_markup_in_names_and_titles_breaks_no_screen(written: str, language: str) -> None:
    localizer = localizer_in(language)
    good = item(title_zh=written, title_en=written)
    for screen in (
        view.start_screen(written, RULES, PURSE, localizer),
        view.mine_screen(MyVotes((good,), (good,), {}, PURSE, 0, 1), localizer),
    ):
        assert written.strip() in read(screen)


@pytest.mark.parametrize(("title", "shown"), [("tea", "tea"), ("t" * 28, "t" * 28), ("t" * 29, "t" * 27 + "…")])
def test_a_title_is_cut_to_fit_a_button(title: str, shown: str) -> None:
    assert view.short(title) == shown
