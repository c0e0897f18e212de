"""The screen, poster and web page of a canvass link (R20-R23, R35)."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.goods import ItemState
from domain.payloads import Links
from domain.people import LANGUAGES
from handlers import callbacks
from handlers.localization import Localizer
from handlers.screen import Screen
from handlers.views import canvass as view
from handlers.views.landing import busy_page, front_page, item_page, lost_page
from services.canvassing.links import Invitation, MyCanvass, MyCanvasses, MyLink
from services.pictures.uploads import Poster
from tests.handlers.conftest import BIGGEST, NASTY, NOW, button, buttons, item, localizer_in, read, seen_text, signs

TOKEN = "AbCdEfGhIjKlMnOp"
CHAT = f"https://t.me/wanttogroup_bot?start=c{TOKEN}"
PAGES = Links("https://bot.example.com")
BARE = Links()


def mine(**changes: Any) -> MyLink:
    """Ann's link for the teapot, with changes."""
    link = MyLink(5, TOKEN, item(), True, opens=0, votes=0, name="", top=())
    return dataclasses.replace(link, **changes)


def seen(state: ItemState = ItemState.ON_DISPLAY, name: str = "", **changes: Any) -> Invitation:
    """The link as a friend may see it."""
    return Invitation(5, TOKEN, item(state=state, **changes), state is ItemState.ON_DISPLAY, name)


def screen_of(link: MyLink, localizer: Localizer, links: Links = BARE, *, inline: bool = False) -> Screen:
    return view.canvass_screen(link, links, "wanttogroup_bot", localizer, inline=inline)


@pytest.mark.parametrize(
    ("opens", "votes", "english"),
    [
        (0, 0, "Nobody has opened it yet."),
        (1, 0, "1 friend opened it"),
        (1, 1, "1 friend opened it → 1 vote"),
        (12, 3, "12 friends opened it → 3 votes"),
    ],
)
def test_r22_the_screen_shows_opens_and_votes_of_the_link(opens: int, votes: int, english: str) -> None:
    said = read(screen_of(mine(opens=opens, votes=votes), localizer_in("en")))
    assert any(line.endswith(english) for line in said.splitlines()) and CHAT in said
    read(screen_of(mine(opens=10**6, votes=10**6, item=item(title_zh="宝" * 100)), localizer_in("zh"), PAGES))


@pytest.mark.parametrize(("votes", "goal"), [(0, "at 1 vote."), (1, "at 5 votes."), (49, "at 50 votes."), (100, None)])
def test_r22_the_next_milestone_is_named_while_there_is_one(votes: int, goal: str | None) -> None:
    said = read(screen_of(mine(votes=votes), localizer_in("en")))
    assert (goal in said) if goal else ("You will be told" not in said)
    assert "You will be told" not in read(screen_of(mine(on_display=False), localizer_in("en")))


def test_r20_a_link_can_be_copied_sent_and_posted(localizer: Localizer) -> None:
    screen = screen_of(mine(), localizer)
    assert button(screen, "🔗").copy == CHAT
    shared = urlsplit(button(screen, "📤").url or "")
    assert shared.netloc == "t.me" and parse_qs(shared.query)["url"] == [CHAT]
    assert button(screen, "📣").data == callbacks.MyCanvassCallback().pack()
    assert isinstance(screen.picture, Poster) and screen.picture.link == CHAT
    assert signs(screen) == [["🔗", "📤"], ["🌐", "🖼"], ["♻️", "📣"]]


def test_r20_once_a_group_is_scheduled_or_open_the_link_and_its_text_say_so(localizer: Localizer) -> None:
    opens_at = NOW + timedelta(days=1)
    texts = set()
    for state in (ItemState.DISPLAYED, ItemState.SCHEDULED, ItemState.OPEN):
        link = mine(on_display=False, item=item(state=state, group_opens_at=opens_at))
        said, share = read(screen_of(link, localizer)), view.share_text(link, localizer)
        assert "vote" not in share and "投" not in share and "can vote" not in said, "there is no vote to promise"
        assert (
            (localizer.exact(opens_at) in said)
            is (localizer.exact(opens_at) in share)
            is (state is ItemState.SCHEDULED)
        )
        texts.add(share)
    assert len(texts) == 3


def test_r21_with_web_pages_the_copied_link_leads_to_the_page(localizer: Localizer) -> None:
    screen = screen_of(mine(), localizer, PAGES)
    page = f"https://bot.example.com/i/{TOKEN}"
    assert button(screen, "🔗").copy == page
    assert isinstance(screen.picture, Poster) and screen.picture.link == page
    assert page in read(screen) and CHAT in read(screen)
    assert parse_qs(urlsplit(button(screen, "📤").url or "").query)["url"] == [CHAT], "in Telegram, without a detour"


def test_r21_a_card_is_offered_only_where_the_bot_can_be_called_from_other_chats(localizer: Localizer) -> None:
    assert button(screen_of(mine(), localizer, inline=True), "💬").inline == "i7"
    assert "💬" not in str(signs(screen_of(mine(), localizer, inline=False)))
    assert "💬" not in str(signs(screen_of(mine(on_display=False), localizer, inline=True)))


def test_r20_the_networks_take_link_and_text_and_wechat_a_picture(localizer: Localizer) -> None:
    good = mine(item=item(title_zh=NASTY, title_en=NASTY))
    page = f"https://bot.example.com/i/{TOKEN}"
    screen = view.network_buttons(good, page, f"{page}/poster.jpg", localizer)
    hosts = [urlsplit(one.url).hostname for one in buttons(screen) if one.url]
    assert hosts == ["service.weibo.com", "wa.me", "x.com", "www.facebook.com"]
    for one in buttons(screen):
        said = [value for values in parse_qs(urlsplit(one.url or "").query).values() for value in values]
        assert not one.url or any(page in value for value in said)
        assert not one.url or len(one.url) <= 2048
    assert callbacks.ShareCallback.unpack(buttons(screen)[1].data or "").do == "wechat"
    assert signs(screen)[-1] == ["↩️"]
    picture = view.wechat_screen(good, page, localizer)
    assert picture.picture == view.poster(good, page, localizer), "the good is named on it: words stay behind"
    assert not picture.buttons and read(picture) == localizer.text("canvass-wechat")


def test_every_network_gets_exactly_this_link_and_text() -> None:
    text = "A & B? 100% #1 + 拉票"
    for address in view.shares("https://e.example/i/x?a=1&b=2#c", text, None).values():
        values = [value for many in parse_qs(urlsplit(address).query).values() for value in many]
        assert any("https://e.example/i/x?a=1&b=2#c" in value for value in values)
        assert "facebook" in address or any(text in value for value in values)


def test_what_a_friend_reads_has_both_prices_and_no_markup(localizer: Localizer) -> None:
    for on_display in (True, False):
        said = view.share_text(mine(item=item(title_zh=NASTY, title_en=NASTY), on_display=on_display), localizer)
        assert NASTY in said and "¥899.50" in said and "¥1,299" in said


@pytest.mark.parametrize(
    ("language", "begins", "asks"), [("en", "Look at this: ", "to vote"), ("zh", "看看这个：", "投一票")]
)
def test_what_a_friend_reads_claims_no_vote_of_the_owner_and_asks_for_one_while_there_are_votes(
    language: str, begins: str, asks: str
) -> None:
    localizer = localizer_in(language)
    said, over = (view.share_text(mine(on_display=on_display), localizer) for on_display in (True, False))
    assert said.startswith(begins) and over.startswith(begins)
    assert asks in said and asks not in over
    assert "I want" not in said and "我想团" not in said


def test_r23_a_name_is_shown_only_where_its_owner_chose_so(localizer: Localizer) -> None:
    without, named = screen_of(mine(), localizer), screen_of(mine(name="林美"), localizer)
    assert isinstance(without.picture, Poster) and isinstance(named.picture, Poster)
    assert "林美" not in str(without) and "林美" in named.picture.words.call and "林美" in read(named)
    top = read(screen_of(mine(top=(("Mei", 12), ("Bo", 1000))), localizer))
    assert "Mei 12 · Bo 1,000" in top


def test_a_new_link_needs_confirmation(localizer: Localizer) -> None:
    actions = [callbacks.ShareCallback.unpack(one.data or "").do for one in buttons(view.renew_buttons(7, localizer))]
    assert actions == ["renew", "back"]


def test_r22_all_links_in_one_list_page_by_page(localizer: Localizer) -> None:
    lines = (MyCanvass(item(id=1), 0, 0), MyCanvass(item(id=2), 5, 2))
    screen = view.canvass_list_screen(MyCanvasses(lines, 0, 1), localizer)
    assert [callbacks.CanvassCallback.unpack(one.data or "").item for one in buttons(screen)] == [1, 2]
    assert signs(screen) == [["📣"], ["📣"]] and "→ 2" in read(screen)
    many = tuple(MyCanvass(item(id=BIGGEST - n, title_zh="宝" * 100, title_en="&" * 100), 10**6, 9) for n in range(8))
    paged = view.canvass_list_screen(MyCanvasses(many, 0, 3), localizer)
    read(paged)
    assert [callbacks.MyCanvassCallback.unpack(buttons(paged)[n].data or "").page for n in (-3, -1)] == [2, 1]
    assert signs(view.canvass_list_screen(MyCanvasses((), 0, 1), localizer)) == [["🎲"]]


# --- posters ---------------------------------------------------------------------------------------------------------


def test_a_poster_changes_at_steps_of_the_count_and_not_at_each_vote(localizer: Localizer) -> None:
    def print_of(**changes: Any) -> str:
        return view.poster(mine(item=item(**changes)), CHAT, localizer).fingerprint

    assert print_of(wants=20) == print_of(wants=21) == print_of(wants=49)
    prints = {print_of(wants=n) for n in (0, 1, 2, 5, 10, 20, 50, 100)}
    assert len(prints) == 8
    assert print_of(expected_fen=10_000) not in prints and print_of(picture_id=4) not in prints
    assert view.poster(mine(), "https://t.me/x", localizer).fingerprint != print_of()
    assert view.poster(mine(name="Ann"), CHAT, localizer).fingerprint != print_of()


@pytest.mark.parametrize("now", [NOW, NOW + timedelta(hours=20)])
def test_a_poster_shows_absolute_dates(now: Any) -> None:
    words = view.poster(mine(), CHAT, localizer_in("en", now)).words
    assert words.until == "Vote until Wed 25 Nov 2026, 08:00"
    over = mine(item=item(state=ItemState.SCHEDULED, group_opens_at=NOW), on_display=False)
    assert view.poster(over, CHAT, localizer_in("zh", now)).words.until == "2026年11月24日 周二 10:00 开团"
    for state, said in ((ItemState.OPEN, "The group is open"), (ItemState.REJECTED, "Voting is over")):
        assert view.poster(mine(item=item(state=state), on_display=False), CHAT, localizer_in("en")).words.until == said


@pytest.mark.parametrize(
    ("wants", "said", "in_chinese"),
    [
        (0, "Be the first to want it", "还没有人想团，来做第一个"),
        (1, "Someone wants it already", "已经有人想团"),
        (2, "2 people want it already", "已有 2 人想团"),
        (9, "9 people want it already", "已有 9 人想团"),
        (10, "10+ people want it already", "已有 10+ 人想团"),
        (49, "20+ people want it already", "已有 20+ 人想团"),
        (12_345, "10,000+ people want it already", "已有 10,000+ 人想团"),
    ],
)
def test_a_poster_shows_small_counts_exactly_and_rounds_down_larger_ones(
    wants: int, said: str, in_chinese: str
) -> None:
    words = view.poster(mine(item=item(wants=wants)), CHAT, localizer_in("en")).words
    assert words.wants == said and words.crowd == min(3, wants)
    assert view.poster(mine(item=item(wants=wants)), CHAT, localizer_in("zh")).words.wants == in_chinese


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_a_poster_or_a_greeting_says_too_where_another_says_be_the_first(language: str) -> None:
    localizer = localizer_in(language)
    words = view.poster(mine(item=item(wants=0)), CHAT, localizer).words
    page = item_page(seen(wants=0), NOW, localizer)
    greetings = [localizer.html("start-by-friend"), localizer.html("start-by-named-friend", name="Ann")]
    for said in (words.call, words.nameless, page.headline, *greetings):
        assert not re.search(r"\btoo\b|也", said), said
    assert words.nameless[-1] == ("？" if language == "zh" else "?")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["", "Ann"])
def test_a_poster_asks_for_a_vote_only_while_there_is_one(language: str, name: str) -> None:
    localizer = localizer_in(language)
    late = item(state=ItemState.OPEN, wants=0)
    asking = view.poster(mine(name=name, item=item(wants=0)), CHAT, localizer).words
    words = view.poster(mine(name=name, item=late, on_display=False), CHAT, localizer).words
    assert words.wants == "" and words.name == name and words.nameless
    for before, after in ((asking.call, words.call), (asking.nameless, words.nameless), (asking.how, words.how)):
        assert before != after and not re.search("vote|want|投|想", after)


def test_a_poster_strikes_the_original_price_and_shows_none_that_is_not_higher(localizer: Localizer) -> None:
    words = view.poster(mine(), CHAT, localizer).words
    assert words.struck in words.original and words.struck.startswith("¥") and words.off
    for same in (500, 400):
        equal = view.poster(mine(item=item(original_fen=same, expected_fen=500)), CHAT, localizer).words
        assert (equal.original, equal.struck, equal.off) == ("", "", "")


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "headline", "sign"),
    [
        (ItemState.ON_DISPLAY, "A friend asks: would you want it?", "🙋"),
        (ItemState.DISPLAYED, "This round is over", "🔔"),
        (ItemState.SCHEDULED, "The group opens tomorrow 10:00", "🔔"),
        (ItemState.OPEN, "The group is open", "🛒"),
        (ItemState.REJECTED, "It did not make it to a group", "🎲"),
        (ItemState.EXPIRED, "It did not make it to a group", "🎲"),
    ],
)
def test_r21_every_page_has_a_button_that_fits_the_state_of_its_item(
    state: ItemState, headline: str, sign: str
) -> None:
    shown = seen(state, group_opens_at=NOW + timedelta(days=1))
    page = item_page(shown, NOW + timedelta(days=1), localizer_in("en"))
    assert page.headline == headline and page.button.startswith(sign)
    assert page.goods is not None and bool(page.goods.left) == (state is ItemState.ON_DISPLAY)
    other = item_page(shown, NOW + timedelta(days=1), localizer_in("zh"))
    assert other.headline != headline and other.button.startswith(sign)


def test_the_page_shows_the_current_count_and_the_remaining_time(localizer: Localizer) -> None:
    page = item_page(seen(wants=1234), NOW, localizer)
    assert page.goods is not None and page.goods.wants == "1,234" and "22" in page.goods.left
    assert page.goods.expected == "¥899.50" and page.goods.original == "¥1,299" and "1,234" in page.description
    none = item_page(seen(wants=0, original_fen=500, expected_fen=500), NOW, localizer)
    assert none.goods is not None and none.goods.wants == "" and none.goods.off == ""


def test_notices_exist_in_every_language() -> None:
    for make in (lost_page, busy_page, front_page):
        pages = [make(localizer_in(language)) for language in LANGUAGES]
        assert len({page.headline for page in pages}) == len(LANGUAGES)
        assert all(page.goods is None and page.button for page in pages)


@given(seen_text(100), st.sampled_from(LANGUAGES))
def test_markup_in_names_and_titles_breaks_no_screen_and_no_page(written: str, language: str) -> None:
    localizer = localizer_in(language)
    good = item(title_zh=written, title_en=written, shop=written, description_zh=written)
    link = mine(item=good, name=written, top=((written, 3),))
    assert written.strip() in read(screen_of(link, localizer, PAGES, inline=True))
    assert written.strip() in read(view.canvass_list_screen(MyCanvasses((MyCanvass(good, 1, 1),), 0, 1), localizer))
    page = item_page(Invitation(5, TOKEN, good, True, written), NOW, localizer)
    assert written in page.headline and page.goods is not None and page.goods.title == written
