"""Cards, details and categories (R9-R12, R17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.carousel import NothingOnDisplay, Place
from domain.goods import Category, ItemState
from domain.people import LANGUAGES
from domain.reading.shown_text import clean
from domain.voting import Reason, Refused, why_not_on_display
from handlers import callbacks
from handlers.localization import Localizer
from handlers.screen import CAPTION_LIMIT
from handlers.views import goods as view
from tests.handlers.conftest import (
    BIGGEST,
    NASTY,
    NOW,
    PURSE,
    button,
    buttons,
    card,
    item,
    localizer_in,
    read,
    seen_text,
    signs,
)

ON_ITS_OWN = Place()


def test_a_card_shows_both_prices_the_shop_and_until_when() -> None:
    assert read(view.card_screen(card(wants=2, shown=40), localizer_in("en"))).splitlines() == [
        "Glass teapot",
        "茶香小店",
        "",
        "Original price ¥1,299",
        "Expected price ¥899.50 (30% off)",
        "🙋 2 people want it " + view.flames(item(wants=2, shown=40)),
        "⏳ 22 hours left to vote: until tomorrow 08:00",
    ]
    assert read(view.card_screen(card(), localizer_in("zh"))).splitlines() == [
        "玻璃茶壶",
        "茶香小店",
        "",
        "原价 ¥1,299",
        "期望价 ¥899.50（7 折）",
        "🙋 还没有人想团，来做第一个吧",
        "⏳ 投票还剩 22 小时，明天 08:00 截止",
    ]


def test_a_card_has_its_usual_buttons_in_order(localizer: Localizer) -> None:
    screen = view.card_screen(card(wants=12), localizer)
    read(screen)
    assert signs(screen) == [["◀️", "3/28", "▶️"], ["🙋"], ["🔍", "📣", "🔔"], ["🗂", "🎲"]]
    vote = button(screen, "🙋")
    assert vote.style == "danger" and vote.text.endswith("12")
    assert [one.style for one in buttons(screen) if one is not vote] == [None] * 8
    assert screen.picture == 3


def test_a_card_with_a_vote_has_a_button_that_takes_it_back(localizer: Localizer) -> None:
    screen = view.card_screen(card(voted=True, wants=12), localizer)
    assert signs(screen)[1] == ["✅"]
    voted = button(screen, "✅")
    assert voted.style == "success" and "12" in voted.text
    assert callbacks.TakeBackCallback.unpack(voted.data or "").item == 7


def test_r26_a_voter_is_promised_notifications_only_while_alerts_are_on() -> None:
    voted = card(ON_ITS_OWN, voted=True, state=ItemState.DISPLAYED)
    for language, on, off in (
        ("en", "✅ You voted: you will be told", "✅ Voted, but your alerts are off"),
        ("zh", "✅ 已投票，开团会通知你", "✅ 已投票，但开团通知已关闭"),
    ):
        for alerts_on, label in ((True, on), (False, off)):
            screen = view.card_screen(replace(voted, alerts_on=alerts_on), localizer_in(language))
            assert button(screen, "✅").text == label


@pytest.mark.parametrize("state", [ItemState.ON_DISPLAY, ItemState.DISPLAYED, ItemState.SCHEDULED])
def test_r28_the_card_of_a_void_vote_says_so_and_promises_nothing(state: ItemState, localizer: Localizer) -> None:
    void = replace(card(ON_ITS_OWN, voted=True, state=state), void=True)
    for screen in (view.card_screen(void, localizer), view.details_screen(void, localizer)):
        said = button(screen, "⚖️")
        assert said.text == localizer.text("button-void") and said.style is None
        assert callbacks.TakeBackCallback.unpack(said.data or "").item == 7, "a tap is told why"
        labels = {sign for row in signs(screen) for sign in row}
        assert "🔔" in labels and not {"✅", "🙋"} & labels, "news come to those who follow"
    over = replace(void, item=item(state=ItemState.REJECTED), on_display=False)
    assert signs(view.card_screen(over, localizer))[0] == ["🔍"]


def test_paging_wraps_around_within_its_draw(localizer: Localizer) -> None:
    for position, before, after in ((0, 27, 1), (13, 12, 14), (27, 26, 0)):
        screen = view.card_screen(card(Place(5, position, 28)), localizer)
        assert callbacks.PageCallback.unpack(button(screen, "◀️").data or "") == callbacks.PageCallback(
            draw=5, position=before
        )
        assert callbacks.PageCallback.unpack(button(screen, "▶️").data or "") == callbacks.PageCallback(
            draw=5, position=after
        )
        assert screen.buttons[0][1].text == f"{position + 1}/28"


def test_a_card_outside_a_draw_has_no_paging_buttons(localizer: Localizer) -> None:
    assert signs(view.card_screen(card(ON_ITS_OWN), localizer)) == [["🙋"], ["🔍", "📣", "🔔"], ["🗂", "🎲"]]


def test_r26_a_card_has_the_follow_buttons_that_the_refusals_name() -> None:
    assert "🔔" in view.refusal(Refused(Reason.DAY_LIMIT, PURSE), localizer_in("en"))
    assert "🔕" in view.refusal(Refused(Reason.NO_BALLOTS, PURSE), localizer_in("en"))
    off = view.refusal(Refused(Reason.NO_BALLOTS, PURSE), localizer_in("en"), view.ALERTS_OFF)
    assert "your alerts are off" in off and len(off) <= 200
    follow = button(view.card_screen(card(), localizer_in("en")), "🔔")
    assert callbacks.FollowCallback.unpack(follow.data or "") == callbacks.FollowCallback(
        item=7, draw=5, position=2, of=28, view="l"
    )
    unfollow = button(view.card_screen(card(following=True), localizer_in("en")), "🔕")
    assert callbacks.UnfollowCallback.unpack(unfollow.data or "").place == Place(5, 2, 28)


def test_no_user_is_asked_to_be_the_first_once_voting_is_over(localizer: Localizer) -> None:
    invited = localizer.html("card-be-first")
    assert invited in read(view.card_screen(card(), localizer))
    assert invited not in read(view.card_screen(card(state=ItemState.DISPLAYED), localizer))


@pytest.mark.parametrize("state", [ItemState.DISPLAYED, ItemState.SCHEDULED])
def test_r26_a_card_without_voting_has_one_follow_button(state: ItemState, localizer: Localizer) -> None:
    beside = ["🔍", "📣"] if state is ItemState.SCHEDULED else ["🔍"]
    assert signs(view.card_screen(card(ON_ITS_OWN, state=state), localizer)) == [["🔔"], beside, ["🗂", "🎲"]]


@pytest.mark.parametrize(
    ("state", "english", "first_row"),
    [
        (ItemState.DISPLAYED, "⌛️ Voting is over, and the organiser is choosing.", ["🔔"]),
        (ItemState.SAMPLED, "⌛️ Voting is over, and the organiser is choosing.", ["🔔"]),
        (ItemState.REVIEWED, "⌛️ Voting is over, and the organiser is choosing.", ["🔔"]),
        (ItemState.SCHEDULED, "🗓 The group opens tomorrow 10:00, in 24 hours", ["🔔"]),
        (ItemState.OPEN, "🎉 The group is open", ["🔍", "📣"]),
        (ItemState.REJECTED, "This good did not make it to a group.", ["🔍"]),
        (ItemState.EXPIRED, "This good did not make it to a group.", ["🔍"]),
        (ItemState.REFUSED, "This good did not make it to a group.", ["🔍"]),
        (ItemState.PASSED, "🔁 It comes back on display soon.", ["🔔"]),
        (ItemState.REGISTERED, "🔁 It comes back on display soon.", ["🔔"]),
    ],
)
def test_off_display_nothing_asks_for_a_vote(state: ItemState, english: str, first_row: list[str]) -> None:
    seen = card(ON_ITS_OWN, state=state, group_opens_at=NOW + timedelta(days=1))
    screen = view.card_screen(seen, localizer_in("en"))
    assert read(screen).splitlines()[-1].startswith(english)
    assert signs(screen)[0] == first_row
    for language in LANGUAGES:
        for draw in (view.card_screen, view.details_screen):
            shown = signs(draw(seen, localizer_in(language)))
            assert not {"🙋", "✅"} & {sign for row in shown for sign in row}


def test_an_item_whose_round_is_over_by_the_clock_offers_no_vote_before_the_round_is_closed(
    localizer: Localizer,
) -> None:
    seen = card(ON_ITS_OWN)
    late = type(seen)(seen.item, seen.place, seen.voted, seen.following, on_display=False)
    assert signs(view.card_screen(late, localizer))[0] == ["🔔"]
    assert "⌛️" in read(view.card_screen(late, localizer))


def test_following_and_unfollowing_have_separate_buttons(localizer: Localizer) -> None:
    follow = button(view.details_screen(card(), localizer), "🔔")
    unfollow = button(view.details_screen(card(following=True), localizer), "🔕")
    assert (
        callbacks.FollowCallback.unpack(follow.data or "").view
        == callbacks.UnfollowCallback.unpack(unfollow.data or "").view
        == "d"
    )


def test_the_details_have_the_vote_button_and_a_way_back(localizer: Localizer) -> None:
    screen = view.details_screen(card(wants=3), localizer)
    assert signs(screen) == [["🙋"], ["📣", "🏬"], ["🔔", "↩️"]]
    assert button(screen, "🙋").style == "danger"
    assert callbacks.VoteCallback.unpack(button(screen, "🙋").data or "") == callbacks.VoteCallback(
        item=7, draw=5, position=2, of=28, view="d"
    )
    assert callbacks.BackToCardCallback.unpack(button(screen, "↩️").data or "").place == Place(5, 2, 28)
    assert button(screen, "🏬").url == "https://shop.example.com/7"
    text = read(screen)
    assert item().description(localizer.language) in text and "1,200" in text and "📦" in text


def test_details_without_voting_have_one_follow_button(localizer: Localizer) -> None:
    screen = view.details_screen(card(state=ItemState.DISPLAYED), localizer)
    assert signs(screen) == [["🔔"], ["🏬"], ["↩️"]]


@pytest.mark.parametrize("draw", [view.card_screen, view.details_screen])
def test_an_open_group_is_the_first_button_of_card_and_details(draw: Any, localizer: Localizer) -> None:
    seen = card(ON_ITS_OWN, state=ItemState.OPEN, group_url="https://group.example.com/7", voted=True)
    first = draw(seen, localizer).buttons[0][0]
    assert first.text.startswith("🛒") and first.url == "https://group.example.com/7" and first.style == "danger"


@pytest.mark.parametrize("state", [ItemState.DISPLAYED, ItemState.SCHEDULED])
def test_r26_a_voter_is_promised_notifications_and_has_no_follow_button(state: ItemState, localizer: Localizer) -> None:
    screen = view.card_screen(card(ON_ITS_OWN, state=state, voted=True), localizer)
    assert signs(screen)[0] == ["✅"] and callbacks.StillCallback.unpack(screen.buttons[0][0].data or "")
    assert "🔔" not in {sign for row in signs(screen) for sign in row}


def test_an_open_group_has_a_link_in_the_details(localizer: Localizer) -> None:
    screen = view.details_screen(card(state=ItemState.OPEN, group_url="https://group.example.com/7"), localizer)
    group = button(screen, "🛒")
    assert (group.url, group.style) == ("https://group.example.com/7", "danger")


@pytest.mark.parametrize("character", ["字", "a", "&", "<", "👩‍👩‍👧‍👦", "𝔘", "\n"])
@pytest.mark.parametrize("state", list(ItemState))
def test_the_longest_goods_fit_a_caption(character: str, state: ItemState, localizer: Localizer) -> None:
    title, description = clean((character * 100)[:100]), clean((character * 800)[:800])
    seen = card(
        Place(BIGGEST, 99, 100),
        voted=True,
        state=state,
        shop=title,
        title_zh=title,
        title_en=title,
        description_zh=description,
        description_en=description,
        original_fen=10**9,
        expected_fen=10**9 - 1,
        stock=10**7,
        lead_days=365,
        wants=10**6,
        shown=10**6,
        group_opens_at=NOW + timedelta(days=40),
        closes_at=NOW + timedelta(days=40),
        group_url="https://group.example.com/7",
    )
    for screen in (
        view.card_screen(seen, localizer, above=localizer.html("start-by-friend")),
        view.details_screen(seen, localizer),
    ):
        said = read(screen)
        assert title.strip() in said


def test_a_long_description_is_cut_and_refers_to_the_shop_page(localizer: Localizer) -> None:
    long = "".join(chr(0x4E00 + number) for number in range(800))
    said = read(view.details_screen(card(description_zh=long, description_en=long), localizer))
    assert long in said and "…" not in said, "800 characters beside a short title fit"
    names = {"title_zh": "宝" * 100, "title_en": "T" * 100, "shop": "&" * 100}
    said = read(view.details_screen(card(description_zh=long, description_en=long, **names), localizer))
    assert long not in said and long[:500] in said and "…" in said
    assert localizer.html("details-more") in said
    assert len(said) > CAPTION_LIMIT - 60, "as much as fits is shown"
    short = read(view.details_screen(card(description_zh="好", description_en="好", **names), localizer))
    assert "好" in short and "…" not in short


def test_goods_without_a_description_leave_no_gap(localizer: Localizer) -> None:
    assert "\n\n\n" not in read(view.details_screen(card(description_zh="", description_en=""), localizer))


def test_missing_english_texts_fall_back_to_chinese() -> None:
    text = read(view.details_screen(card(title_en="", description_en=""), localizer_in("en")))
    assert "玻璃茶壶" in text and "耐热玻璃" in text


def test_categories_follow_the_button_for_all_in_fixed_order(localizer: Localizer) -> None:
    counts = {category.value: number for number, category in enumerate(Category, 1)}
    rows = view.categories_buttons(counts, Place(5, 2, 28), 7, localizer)
    assert [len(row) for row in rows] == [1, 2, 2, 2, 2, 1]
    everything, *singles, back = [one for row in rows for one in row]
    assert (
        everything.text.endswith("36")
        and callbacks.NewDrawCallback.unpack(everything.data or "") == callbacks.NewDrawCallback()
    )
    chosen = [callbacks.NewDrawCallback.unpack(one.data or "").category for one in singles]
    assert chosen == [category.value for category in Category]
    assert [one.text.split()[-1] for one in singles] == [str(number) for number in range(1, 9)]
    assert callbacks.BackToCardCallback.unpack(back.data or "") == callbacks.BackToCardCallback(
        item=7, draw=5, position=2, of=28
    )


def test_a_category_without_goods_is_not_offered(localizer: Localizer) -> None:
    rows = view.categories_buttons({"food": 2}, ON_ITS_OWN, 7, localizer)
    assert [len(row) for row in rows] == [1, 1, 1]


def test_an_empty_display_says_when_the_next_goods_come() -> None:
    nothing = NothingOnDisplay(NOW + timedelta(hours=22))
    screen = view.nothing_screen(nothing, localizer_in("en"))
    assert "tomorrow 08:00" in read(screen) and signs(screen) == [["📋"]]
    empty = view.nothing_screen(NothingOnDisplay(NOW, "food"), localizer_in("zh"))
    assert (
        "分类" in read(empty)
        and callbacks.NewDrawCallback.unpack(buttons(empty)[0].data or "") == callbacks.NewDrawCallback()
    )


def test_r18_a_refused_take_back_says_that_the_vote_counts() -> None:
    refused = Refused(Reason.VOTE_COUNTS, PURSE)
    assert view.refusal(refused, localizer_in("en")).endswith("Yours counts.")
    assert "算数" in view.refusal(refused, localizer_in("zh"))


@pytest.mark.parametrize("reason", list(Reason))
def test_a_refusal_fits_a_pop_up_and_names_a_remedy(reason: Reason, localizer: Localizer) -> None:
    numbers: dict[str, Any] = {"votes_per_day": 1000, "spent_fen": 1, "used": 0, "fen_per_ballot": 10**8}
    purse = PURSE._replace(**numbers)
    for known in (purse, None):
        said = view.refusal(Refused(reason, known), localizer)
        assert 10 < len(said) <= 200
        assert not said.startswith("refused-")
    if reason is Reason.NO_BALLOTS:
        assert "999,999.99" in view.refusal(Refused(reason, purse), localizer)
    if reason is Reason.DAY_LIMIT:
        assert "08:00" in view.refusal(Refused(reason, PURSE), localizer)


def test_the_amount_missing_for_the_next_ballot_is_exact() -> None:
    assert "¥37 more" in view.refusal(Refused(Reason.NO_BALLOTS, PURSE), localizer_in("en"))


def test_the_amount_for_the_first_ballot_is_the_missing_one_and_not_the_total() -> None:
    beginner = Refused(Reason.NO_BALLOTS, PURSE._replace(spent_fen=63_00, used=0))
    assert "再消费 ¥37 就有第一张" in view.refusal(beginner, localizer_in("zh"))
    assert "¥37 more spent earns your first" in view.refusal(beginner, localizer_in("en"))


def test_after_a_refund_no_ballot_is_called_the_first_one() -> None:
    refunded = Refused(Reason.NO_BALLOTS, PURSE._replace(spent_fen=0, used=2))
    assert "No ballots left: ¥300 more spent" in view.refusal(refunded, localizer_in("en"))
    assert "第一张" not in view.refusal(refunded, localizer_in("zh"))


def test_the_refusal_for_an_open_group_names_the_button_of_its_card(localizer: Localizer) -> None:
    late = item(state=ItemState.OPEN, group_url="https://shop.example.com/group")
    reason = why_not_on_display(late, NOW)
    assert reason is not None
    said = view.refusal(Refused(reason, PURSE), localizer)
    seen = view.card_screen(card(ON_ITS_OWN, state=late.state, group_url=late.group_url), localizer)
    assert "🛒" in said and "🔔" not in said and signs(seen)[0] == ["🛒"]


@pytest.mark.parametrize("key", ["voted", "taken-back"])
def test_the_answer_to_a_vote_shows_remaining_votes_and_the_end_of_the_day(key: str, localizer: Localizer) -> None:
    said = view.standing(key, PURSE, localizer)
    assert len(said) <= 200 and "2" in said and "08:00" in said
    rich = PURSE._replace(spent_fen=10**13)
    assert "4" in view.standing(key, rich, localizer) and len(view.standing(key, rich, localizer)) <= 200


@pytest.mark.parametrize("votes_today", [1, 5])
def test_r14_after_the_last_ballot_the_answer_names_the_missing_amount_and_no_time(
    votes_today: int, localizer: Localizer
) -> None:
    """Also if the votes of the day are used up as well: the next day would not help."""
    poor = PURSE._replace(used=3, slots_today=frozenset(range(1, votes_today + 1)))
    said = view.standing("voted", poor, localizer)
    assert "¥37" in said and "08:00" not in said and len(said) <= 200


def test_r15_after_the_last_vote_of_the_day_the_answer_names_the_next_day(localizer: Localizer) -> None:
    full = PURSE._replace(spent_fen=99_900, used=5, slots_today=frozenset(range(1, 6)))
    said = view.standing("voted", full, localizer)
    assert "08:00" in said and "4" in said and "¥" not in said


@given(
    seen_text(100),
    seen_text(100),
    seen_text(800),
    st.sampled_from(list(ItemState)),
    st.sampled_from(LANGUAGES),
)
def test_markup_in_texts_of_a_shop_breaks_no_screen(
    title: str, shop: str, description: str, state: ItemState, language: str
) -> None:
    seen = card(
        state=state,
        title_zh=title,
        title_en=title,
        shop=shop,
        description_zh=description,
        description_en=description,
        group_url="https://group.example.com/7",
    )
    for draw in (view.card_screen, view.details_screen):
        assert title.strip() in read(draw(seen, localizer_in(language)))


def test_markup_in_goods_is_shown_as_it_was_written(localizer: Localizer) -> None:
    text = read(
        view.details_screen(
            card(title_zh=NASTY, title_en=NASTY, shop=NASTY, description_zh=NASTY, description_en=NASTY), localizer
        )
    )
    assert text.count(NASTY) == 3
