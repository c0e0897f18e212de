"""Notifications (R13, R16, R22, R24) and the organiser's desk (R7, R24, R31)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.brushing.verdicts import VoteTally
from domain.calendar import Window
from domain.campaigns import CampaignState
from domain.csv_files import CODES, BadCell
from domain.goods import ENDS, ItemState, WhyOut
from domain.notifications import FOR_CHATS, NotificationKind
from domain.people import LANGUAGES, Member
from domain.reach import Reach
from handlers import callbacks
from handlers.localization import Localizer
from handlers.screen import Screen
from handlers.views import desk
from handlers.views.notifications import Reader, render
from handlers.views.told import special_opened
from services.campaigns import Campaign
from services.goods import Imported
from services.groups import Proposal, Rejected, RejectionRefusal, Scheduled, ScheduleRefusal
from services.notifications.case_kinds import (
    AppealWaits,
    BanWaits,
    CaseOpened,
    ItemBrushed,
    ItemRestored,
    VoteRestored,
    VoteVoid,
)
from services.notifications.kinds import (
    CampaignStopped,
    DailyCarousel,
    Grant,
    GroupOpen,
    GroupScheduled,
    GroupSoon,
    ItemBack,
    ItemExpired,
    ItemRejected,
    Milestone,
    Notification,
    TopicPaused,
)
from services.notifications.registry import CHAT_KINDS, MEMBER_KINDS
from services.rounds import Day, Overview
from storage.brushing.appeals import ConfirmedCase
from storage.brushing.bans import StoredBan
from tests.handlers.conftest import (
    BIGGEST,
    NASTY,
    NOW,
    button,
    buttons,
    card,
    item,
    localizer_in,
    read,
    seen_text,
    signs,
)

SOON = NOW + timedelta(minutes=30)
ANN = Member(1, 1001, "Ann", "en", None, True, True, False, None)
GROUP = item(state=ItemState.SCHEDULED, group_opens_at=SOON, group_url="https://group.example.com/7")

# -- notifications --


def shown(kind: type[Notification[Member]], localizer: Localizer, *contents: Any) -> Screen:
    """A notification to a member with this language."""
    return render(kind(ANN, *contents), Reader((localizer,)))


def test_the_daily_carousel_is_a_card_with_a_heading(localizer: Localizer) -> None:
    screen = shown(DailyCarousel, localizer, card())
    assert read(screen).startswith("☀️") and signs(screen)[1] == ["🙋"]


@pytest.mark.parametrize(
    ("kind", "corrected", "middle", "english", "chinese"),
    [
        (GroupScheduled, False, True, "🗓 Your group is coming!", "🗓 你想团的宝贝要开团了！"),
        (GroupScheduled, False, False, "🗓 Your group is coming!", "🗓 你想团的宝贝要开团了！"),
        (GroupScheduled, True, True, "🗓 The time has changed", "🗓 开团时间有变"),
        (GroupSoon, False, False, "⏰ Your group opens in 30 minutes", "⏰ 30 分钟后开团"),
        (GroupOpen, False, False, "🎉 Your group is open!", "🎉 你想团的宝贝开团了！"),
    ],
)
def test_an_alert_shows_item_time_and_remaining_span(
    kind: type[Notification[Member]], corrected: bool, middle: bool, english: str, chinese: str
) -> None:
    for language, first in (("en", english), ("zh", chinese)):
        localizer = localizer_in(language)
        screen = shown(kind, localizer, GROUP, SOON, corrected, middle)
        said = read(screen)
        assert said.splitlines()[0] == first and GROUP.title(language) in said
        assert screen.picture == 3
        way = "🛒" if kind is GroupOpen else "🏬"
        assert signs(screen) == [[way], ["👀"]], "no link to a group before it opens"
        group = button(screen, way)
        assert group.url == "https://group.example.com/7"
        assert group.style == ("danger" if kind is GroupOpen else None)
        if kind is not GroupOpen:
            assert "10:30" in said and "30" in said
        again = localizer.html("notification-group-scheduled-again")
        assert (again in said) is (middle and kind is GroupScheduled)


def test_a_group_without_its_own_page_links_to_the_shop(localizer: Localizer) -> None:
    screen = shown(GroupOpen, localizer, item(state=ItemState.OPEN), NOW)
    assert button(screen, "🛒").url == "https://shop.example.com/7"


def test_the_notification_of_a_relisted_item_has_a_button_to_it(localizer: Localizer) -> None:
    screen = shown(ItemBack, localizer, item())
    assert read(screen).startswith("🔁") and callbacks.OpenCallback.unpack(button(screen, "👀").data or "").item == 7


@pytest.mark.parametrize(("number", "english"), [(1, "The first vote came"), (5, "5 votes came"), (100, "100 votes")])
def test_a_milestone_shows_the_number_of_votes(number: int, english: str) -> None:
    assert english in read(shown(Milestone, localizer_in("en"), item(), number))
    assert read(shown(Milestone, localizer_in("zh"), item(), number)).startswith("📣")


@given(
    seen_text(100),
    st.sampled_from([kind for kind in MEMBER_KINDS.values() if kind is not TopicPaused]),
    st.booleans(),
    st.sampled_from(LANGUAGES),
)
def test_markup_in_titles_breaks_no_notification(
    title: str, kind: type[Notification[Member]], corrected: bool, language: str
) -> None:
    good = item(title_zh=title, title_en=title)
    said = f"Telegram says - {title}"
    stopped = Campaign(1, NotificationKind.ITEM_RELISTED, CampaignState.PAUSED_QUEUED, SOON, "", "", stopped_by=said)
    contents: dict[type[Notification[Member]], tuple[Any, ...]] = {
        DailyCarousel: (card(title_zh=title, title_en=title),),
        ItemBack: (good,),
        ItemRejected: (good, corrected, WhyOut.PRICE),
        ItemBrushed: (good, corrected),
        ItemExpired: (good,),
        Grant: (5, title),
        Milestone: (good, 5),
        CampaignStopped: (stopped,),
        CaseOpened: (good, VoteTally(10, 3, 3)),
        BanWaits: (good, StoredBan(1, 12, title, 1, 3, "organiser 8", None, SOON, SOON, None)),
        AppealWaits: (ConfirmedCase(1, 7, "k", title, title, title, SOON, "organiser 8", title, 3, 3),),
        VoteVoid: (good,),
        ItemRestored: (good,),
        VoteRestored: (good,),
    }
    screen = shown(kind, localizer_in(language), *contents.get(kind, (good, SOON, corrected, True)))
    assert title.strip() in read(screen)


def test_every_kind_of_notification_can_be_loaded_and_has_a_view() -> None:
    assert set(CHAT_KINDS) == set(FOR_CHATS)
    assert set(MEMBER_KINDS) == set(NotificationKind) - {NotificationKind.FIGURES}
    for kind in (*MEMBER_KINDS.values(), *CHAT_KINDS.values()):
        assert render.dispatch(kind) is not render.dispatch(object), kind


@pytest.mark.parametrize("why", list(WhyOut))
def test_r5_the_notification_of_a_rejected_item_has_its_reason_and_no_link_to_a_group(why: WhyOut) -> None:
    for language, first in (("en", "🍂 No group this time"), ("zh", "🍂 这次没能开团")):
        localizer = localizer_in(language)
        screen = shown(ItemRejected, localizer, item(), False, why)
        said = read(screen)
        assert said.splitlines()[0] == first and item().title(language) in said
        assert localizer.text(f"notification-item-rejected-{why.value}") in said
        assert signs(screen) == [["🎲"]] and screen.picture == 3
        announced = read(shown(ItemRejected, localizer, item(), True, why))
        cancelled = localizer.html("notification-item-rejected-cancelled")
        assert cancelled in announced and cancelled not in said


def test_r6_the_notification_of_an_expired_item_thanks_its_reader(localizer: Localizer) -> None:
    said = read(shown(ItemExpired, localizer, item()))
    assert item().title(localizer.language) in said and said.endswith(localizer.html("notification-ended-thanks"))


@pytest.mark.parametrize("kind", [ItemRejected, ItemExpired, ItemBrushed, ItemBack])
def test_r5_a_returned_ballot_is_told_of_and_nothing_is_said_of_one_that_was_not(
    kind: type[ItemRejected | ItemExpired | ItemBrushed | ItemBack],
) -> None:
    for language, back in (("en", "🎫 Your ballot is back"), ("zh", "🎫 那张选票已退还给你")):
        reader = Reader((localizer_in(language),))
        assert back in read(render(kind(ANN, item(), ballot_back=True), reader))
        assert back not in read(render(kind(ANN, item()), reader))


def test_r14_the_notification_of_a_grant_has_its_reason() -> None:
    assert read(shown(Grant, localizer_in("en"), 1, NASTY)) == f"🎁 You were given 1 ballot\n\n{NASTY}"
    assert read(shown(Grant, localizer_in("zh"), 12, "中秋快乐")) == "🎁 你得到了 12 张选票\n\n中秋快乐"


def test_r14_the_notification_of_a_corrected_grant_has_both_numbers() -> None:
    assert read(shown(Grant, localizer_in("en"), 3, NASTY, 30)) == (
        f"🎁 A gift to you was corrected: 30 → 3 ballots\n\n{NASTY}"
    )
    assert read(shown(Grant, localizer_in("zh"), 0, "写错了", 12)) == "🎁 送你的选票有更正：12 → 0 张\n\n写错了"


# -- the desk --

OVERVIEW = Overview(on_display=48, waiting=24, members=1234, next_opening=NOW + timedelta(hours=22))


def test_the_desk_counts_goods_members_and_messages(localizer: Localizer) -> None:
    states = {"pending": 1, "claimed": 2, "inflight": 3, "sent": 40, "suppressed": 5, "dead": 1, "unknown": 1}
    screen = desk.desk_screen(OVERVIEW, {**states, "expired": 1}, localizer)
    said = read(screen)
    for number in ("48", "24", "1,234", "6", "40", "5", "3", "08:00"):
        assert number in said
    assert signs(screen) == [["🏆"], ["📥"], ["📨"], ["📅", "🎁"], ["⏩"]]
    nothing = Overview(0, 0, 0, OVERVIEW.next_opening)
    assert signs(desk.desk_screen(nothing, {}, localizer)) == [["🏆"], ["📥"], ["📨"], ["📅", "🎁"]]


def test_the_ranking_shows_votes_and_the_audience_of_an_opening(localizer: Localizer) -> None:
    scheduled = item(id=1, state=ItemState.SCHEDULED, group_opens_at=NOW + timedelta(days=1))
    found = [(scheduled if n == 1 else item(id=n, wants=90 - n), 100 - n) for n in range(6)]
    screen = desk.ranking_screen(found, 2, True, localizer)
    lines = read(screen).splitlines()
    assert lines[2].startswith("13. ") and "90" in lines[3] and "100" in lines[3] and "🗓" not in lines[3]
    assert lines[5].endswith(f"· 🗓 {localizer.brief(NOW + timedelta(days=1))}"), "its group is scheduled"
    assert callbacks.DeskCallback.unpack(button(screen, "◀️").data or "").page == 1
    assert callbacks.DeskCallback.unpack(button(screen, "▶️").data or "").page == 3
    assert callbacks.DeskCallback.unpack(buttons(screen)[0].data or "") == callbacks.DeskCallback(
        do="item", item=0, page=2
    )
    assert signs(desk.ranking_screen(found, 0, False, localizer))[-1] == ["🏪"]
    assert signs(desk.ranking_screen([], 0, False, localizer)) == [["🏪"]]
    long = [(item(id=BIGGEST, wants=10**9, title_zh="宝" * 100, title_en="&" * 100), 10**9)] * 6
    read(desk.ranking_screen(long, 10**6, True, localizer))


def test_one_item_offers_times_and_its_buttons_carry_them(localizer: Localizer) -> None:
    choices = [NOW + timedelta(hours=2), NOW + timedelta(days=1)]
    screen = desk.item_screen(item(state=ItemState.DISPLAYED, shop=NASTY, wants=7, shown=70), choices, 3, localizer)
    assert NASTY in read(screen) and "kettle-01" in read(screen)
    assert signs(screen) == [["🗓"], ["🗓"], ["✍️"], ["🍂"], ["🔁"], ["↩️"]]
    at = callbacks.DeskCallback.unpack(buttons(screen)[0].data or "")
    assert (at.do, at.item, int(at.value) * 60) == ("at", 7, int(choices[0].timestamp()))
    shown = desk.item_screen(item(state=ItemState.OPEN, group_opens_at=NOW), choices, 3, localizer)
    assert signs(shown) == [["↩️"]] and "10:00" in read(shown)
    assert signs(desk.item_screen(item(state=ItemState.REJECTED), choices, 3, localizer)) == [["↩️"]]
    assert signs(desk.item_screen(item(state=ItemState.EXPIRED), choices, 3, localizer)) == [["🔁"], ["↩️"]]


@pytest.mark.parametrize("state", ItemState)
def test_an_item_in_a_final_state_shows_it_and_offers_no_times(state: ItemState, localizer: Localizer) -> None:
    ended = state in ENDS or state is ItemState.OPEN
    said = read(desk.item_screen(item(state=state), [], 3, localizer))
    assert (localizer.html("desk-item-when") in said) is not ended
    if ended:
        assert said.endswith(localizer.html(f"desk-item-{state.value}"))


def test_votes_and_exposures_are_separate_numbers() -> None:
    shown = item(wants=2, shown=1)
    assert "🙋 2 votes · seen in the carousel by 1\n" in read(desk.item_screen(shown, [], 0, localizer_in("en")))
    assert "🙋 2 人想团 · 1 人在轮播中看过\n" in read(desk.item_screen(shown, [], 0, localizer_in("zh")))


MORNING = NOW + timedelta(hours=22)


@pytest.mark.parametrize(
    ("reach", "english"),
    [
        (Reach(), ["nobody is told"]),
        (Reach(now=1), ["1 person is told at once"]),
        (Reach(now=900), ["900 people are told at once"]),
        (Reach(later=7, first_later=MORNING), ["7 people are told after their quiet hours (from tomorrow 08:00 on)"]),
        (Reach(never=7), ["7 people are not told: their quiet hours end too late"]),
        (
            Reach(2, 1, 1, MORNING),
            ["2 people are told at once", "1 person is told after their", "1 person is not told"],
        ),
    ],
)
def test_r7_confirming_a_special_round_shows_who_is_told_when(reach: Reach, english: list[str]) -> None:
    screen = desk.confirm_special_screen(OVERVIEW, reach, localizer_in("en"))
    said, yes = read(screen), button(screen, "✅").text
    assert [line for line in english if line not in said] == []
    assert yes == ("✅ Yes, open it and tell them" if reach.now or reach.later else "✅ Yes, open it")
    assert ("at once" in said) is bool(reach.now)
    for language in LANGUAGES:
        localizer = localizer_in(language)
        assert "1,234" not in read(desk.confirm_special_screen(OVERVIEW, reach, localizer))
        assert len(special_opened(40, reach, localizer)) <= 200


@pytest.mark.parametrize(
    ("reach", "english"),
    [
        (Reach(), "Nobody waits to be told of it."),  # though some may want it, with their alerts off
        (Reach(now=1), "1 person is told at once"),
        (Reach(now=900), "They are told again 30 minutes before, and at the opening."),
        (Reach(later=9, first_later=MORNING), "9 people are told after their quiet hours"),
    ],
)
def test_a_scheduled_group_shows_who_is_told_when(reach: Reach, english: str) -> None:
    later, audience = SOON + timedelta(hours=1), reach.total
    done = Scheduled(GROUP, later, audience, timedelta(minutes=30), 1, changed=True, fits=True, reach=reach)
    said = read(desk.scheduled_screen(done, localizer_in("en")))
    assert english in said and "It was to open" not in said
    moved = read(desk.scheduled_screen(replace(done, before=SOON), localizer_in("en")))
    assert "It was to open" in moved
    page = read(desk.scheduled_screen(replace(done, moved=False), localizer_in("en")))
    assert "Only its page has changed" in page and "at once" not in page
    for language in LANGUAGES:
        localizer = localizer_in(language)
        dear = Scheduled(GROUP, SOON, 12_345, timedelta(minutes=30), 1, changed=True, fits=False, price=12_345)
        screen = desk.scheduled_screen(dear, localizer)
        assert "1,234.5" in read(screen) and signs(screen) == [["📨"], ["🏪"]]
        twice = Scheduled(GROUP, SOON, audience, timedelta(minutes=30), 1, changed=False, fits=False)
        assert read(desk.scheduled_screen(twice, localizer)).endswith(localizer.html("desk-does-not-fit"))


def test_confirming_a_group_says_that_voting_ends_and_what_it_replaces() -> None:
    opens_at = NOW + timedelta(hours=24)
    new = Proposal(item(), opens_at, Reach(now=2), timedelta(minutes=30))
    said = read(desk.confirm_schedule_screen(new, localizer_in("en")))
    assert (
        button(desk.confirm_schedule_screen(new, localizer_in("en")), "✅").text == "✅ Yes, schedule it and tell them"
    )
    unheard = desk.confirm_schedule_screen(replace(new, reach=Reach(never=2)), localizer_in("en"))
    assert button(unheard, "✅").text == "✅ Yes, schedule it", "nobody is told"
    assert "Open the group tomorrow at 10:00?" in said and "Voting for it ends now." in said and "Until now" not in said
    old = replace(new, item=item(state=ItemState.SCHEDULED, group_opens_at=SOON))
    screen = desk.confirm_schedule_screen(old, localizer_in("en"))
    assert "Until now it was to open at" in read(screen) and "Voting" not in read(screen)
    minutes = [int(when.timestamp()) // 60 for when in (opens_at, SOON)]
    data = callbacks.DeskCallback.unpack(button(screen, "✅").data or "")
    assert data.value == f"{minutes[0]}.{minutes[1]}"
    over = replace(new, item=item(state=ItemState.DISPLAYED))
    for language in LANGUAGES:
        assert "🙋" not in read(desk.confirm_schedule_screen(over, localizer_in(language)))


@pytest.mark.parametrize("why", list(ScheduleRefusal))
def test_a_refused_schedule_shows_the_reason_and_a_way_back(why: ScheduleRefusal, localizer: Localizer) -> None:
    screen = desk.not_scheduled_screen(why, 7, localizer)
    assert len(read(screen)) > 5
    assert callbacks.DeskCallback.unpack(button(screen, "↩️").data or "") == callbacks.DeskCallback(do="item", item=7)


def test_r6_a_time_later_than_promised_needs_confirmation_and_its_button_carries_it(localizer: Localizer) -> None:
    late = NOW + timedelta(days=40)
    screen = desk.late_screen(Proposal(item(), late, Reach(), timedelta(minutes=30)), localizer)
    assert item().title(localizer.language) in read(screen)
    assert localizer.moment(late) in read(screen) and signs(screen) == [["🗓"], ["↩️"]]
    again = callbacks.DeskCallback.unpack(button(screen, "🗓").data or "")
    assert (again.do, again.item, int(again.value) * 60) == ("late", 7, int(late.timestamp()))


def test_r7_each_day_shows_its_value_and_its_button_carries_the_new_one() -> None:
    window = Window(NOW, NOW + timedelta(days=3))
    days = [
        Day(date(2026, 11, 27), window, usual=True, own=False),
        Day(date(2026, 11, 28), None, usual=False, own=False),
        Day(date(2026, 11, 29), window, usual=False, own=True),
        Day(date(2026, 11, 30), None, usual=True, own=True),
    ]
    screen = desk.days_screen(days, "08:00", localizer_in("en"))
    assert [one.text for one in buttons(screen)][:4] == [
        "🟢 Fri 27 Nov · 72 h",
        "⚪️ Sat 28 Nov",
        "🟢 Sun 29 Nov ✍️ · 72 h",
        "⚪️ Mon 30 Nov ✍️",
    ]
    values = [callbacks.DeskCallback.unpack(one.data or "").value for one in buttons(screen)[:4]]
    assert values == ["2026-11-27-", "2026-11-28+", "2026-11-290", "2026-11-300"]
    chinese = desk.days_screen(days, "08:00", localizer_in("zh"))
    assert buttons(chinese)[0].text == "🟢 11月27日 周五 · 72 小时" and "08:00" in read(chinese)


def test_r5_rejecting_an_item_asks_for_the_reason_first(localizer: Localizer) -> None:
    out = callbacks.DeskCallback.unpack(button(desk.item_screen(item(), [], 3, localizer), "🍂").data or "")
    assert (out.do, out.item, out.page) == ("out", 7, 3)
    screen = desk.ask_reason_screen(item(title_zh=NASTY, title_en=NASTY), 3, localizer)
    assert NASTY in read(screen)
    *reasons, back = [callbacks.DeskCallback.unpack(one.data or "") for one in buttons(screen)]
    assert [(one.do, one.item, one.value) for one in reasons] == [("end", 7, why.value) for why in WhyOut]
    assert back == callbacks.DeskCallback(do="item", item=7, page=3)


def test_r5_the_desk_shows_the_audience_of_a_rejection_or_why_it_is_refused(localizer: Localizer) -> None:
    assert "1,200" in read(desk.rejected_screen(Rejected(item(), 1200), localizer))
    assert len({read(desk.rejected_screen(why, localizer)) for why in RejectionRefusal}) == len(RejectionRefusal)


def test_a_table_is_previewed_before_the_import(localizer: Localizer) -> None:
    bad = (BadCell(3, "stock", "not_a_number", "<none>"),)
    good = desk.preview_screen(Imported(new=5, changed=1, same=2), 31, localizer)
    assert callbacks.DeskCallback.unpack(button(good, "📥").data or "") == callbacks.DeskCallback(do="store", item=31)
    some = desk.preview_screen(Imported(new=5, bad=bad), 31, localizer)
    assert callbacks.DeskCallback.unpack(button(some, "📥").data or "") == callbacks.DeskCallback(
        do="store", item=31, value="good"
    )
    assert "<none>" in read(some)
    for nothing in (Imported(bad=bad), Imported(same=9), Imported()):
        screen = desk.preview_screen(nothing, 31, localizer)
        assert signs(screen) == [["🏪"]]
        assert read(screen).startswith(localizer.text("desk-previewed-nothing").replace("<b>", "").replace("</b>", ""))


def test_the_longest_list_of_errors_fits_a_message(localizer: Localizer) -> None:
    bad = tuple(BadCell(10**6, "expected_price", code, "&" * 80, 10**6) for code in CODES for _ in range(20))
    for code in CODES:
        worst = tuple(BadCell(10**6, "expected_price", code, "&" * 80, 10**6) for _ in range(40))
        read(desk.preview_screen(Imported(10**6, 10**6, 10**6, worst), 31, localizer))
    assert str(len(bad) - 15) in read(desk.imported_screen(Imported(bad=bad, stored=True), localizer))
    assert str(len(bad) - 15 + 100) in read(desk.imported_screen(Imported(bad=bad, further=100), localizer))


def test_the_result_of_an_import_shows_whether_it_was_stored(localizer: Localizer) -> None:
    assert read(desk.imported_screen(Imported(new=3, stored=True), localizer)).startswith("✅")
    not_stored = read(desk.imported_screen(Imported(new=3, stored=False), localizer))
    assert not_stored.startswith("⚠️") and "3" not in not_stored, "there is nothing new"


@pytest.mark.parametrize("key", ["desk-again", "desk-not-again", "desk-nothing-waits"])
def test_answers_of_the_desk_to_taps_fit_a_pop_up(key: str, localizer: Localizer) -> None:
    assert len(localizer.text(key)) <= 200
    everyone = Reach(10**6, 10**6, 10**6, NOW + timedelta(days=9))
    assert len(special_opened(10**6, everyone, localizer)) <= 240, "the last words may be cut, the numbers are there"
