"""Cards and messages in shared chats: valid for every reader, in every language of the chat (R21, R23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from domain.goods import ItemState
from domain.people import LANGUAGES, BoundChat
from domain.voting import Reason, Refused
from handlers import callbacks
from handlers.localization import Localizer, escaped
from handlers.screen import Screen
from handlers.views import cards as view
from handlers.views.notifications import Reader, render
from services.notifications.kinds import ChatGroupOpen, ChatGroupScheduled, ChatPick
from services.voting import VoteOutcome
from tests.handlers.conftest import (
    BIGGEST,
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

TOKEN = "AbCdEfGhIjKlMnOp"
BOTH = tuple(localizer_in(language) for language in LANGUAGES)
CHAT = BoundChat(1, -1001, channel=False, language=None)


def shared(
    name: str = TOKEN, localizers: tuple[Localizer, ...] = BOTH, *, on_display: bool = True, **changes: object
) -> Screen:
    return view.shared_card(item(**changes), name, "bp", localizers, "wanttogroup_bot", on_display=on_display)


def answer(refused: Reason | None = None, *, voted: bool = False) -> VoteOutcome:
    """The outcome of a tap on a teapot's card."""
    verdict = Refused(refused, PURSE) if refused else None
    return VoteOutcome(verdict, item(), PURSE, voted, following=False, on_display=refused is not Reason.ROUND_OVER)


def test_a_shared_card_has_a_vote_button_and_a_link_into_the_bot(localizer: Localizer) -> None:
    card = shared(localizers=(localizer,), wants=12)
    assert signs(card) == [["🙋"], ["🔍", "📤"]]
    vote = button(card, "🙋")
    assert vote.style == "danger" and vote.text.endswith("12")
    assert callbacks.SharedVoteCallback.unpack(vote.data or "") == callbacks.SharedVoteCallback(
        name=TOKEN, look="bp", shown=12
    )
    assert button(card, "🔍").url == f"https://t.me/wanttogroup_bot?start=c{TOKEN}"
    assert button(card, "📤").inline == "i7"
    unowned = shared(name="7", localizers=(localizer,))
    assert button(unowned, "🔍").url == "https://t.me/wanttogroup_bot?start=i7"


def test_a_shared_card_has_no_text_that_depends_on_reader_or_day() -> None:
    said = read(shared(wants=3))
    assert "玻璃茶壶" in said and "Glass teapot" in said
    assert (
        "2026" in said and "today" not in said and "tomorrow" not in said and "今天" not in said and "明天" not in said
    )
    assert not [one for one in buttons(shared()) if one.text.startswith(("✅", "🔔", "🔕"))]


@pytest.mark.parametrize(
    "state", [ItemState.DISPLAYED, ItemState.SCHEDULED, ItemState.OPEN, ItemState.REJECTED, ItemState.EXPIRED]
)
def test_after_its_round_a_shared_card_has_no_vote_button(state: ItemState, localizer: Localizer) -> None:
    card = shared(localizers=(localizer,), on_display=False, state=state, group_opens_at=NOW + timedelta(days=1))
    assert signs(card) == [["🔍", "🎲"]]
    assert read(card)


def test_a_shared_card_of_an_open_group_leads_to_it(localizer: Localizer) -> None:
    address = "https://group.example.com/7"
    card = shared(localizers=(localizer,), on_display=False, state=ItemState.OPEN, group_url=address)
    assert signs(card) == [["🛒"], ["🔍", "🎲"]] and button(card, "🛒").url == address


def test_the_longest_card_in_both_languages_fits_a_caption() -> None:
    names = {"title_zh": "宝" * 100, "title_en": "&" * 100, "shop": "<" * 100}
    money = {"original_fen": 10**9, "expected_fen": 10**9 - 1, "wants": 10**7, "shown": 10**7, "id": BIGGEST}
    for on_display in (True, False):
        card = shared(on_display=on_display, **names, **money)
        read(card)
        pick = ChatPick(CHAT, item(**names, **money), 1, first=True)  # type: ignore[arg-type]
        above = render(pick, Reader(BOTH, username="b"))
        assert read(above).startswith("☀️")


def test_the_answer_to_a_tap_on_a_shared_card_fits_and_names_the_outcome(localizer: Localizer) -> None:
    for one in (answer(), answer(Reason.ALREADY_VOTED, voted=True), *(answer(reason) for reason in Reason)):
        assert 10 < len(view.tap_answer(one, localizer)) <= 200
        assert localizer.text("shared-left") in view.tap_answer(one, localizer, kept=False)[:200]
    assert view.tap_answer(answer(Reason.ALREADY_VOTED, voted=True), localizer) == localizer.text(
        "shared-voted-already"
    )
    void = replace(answer(Reason.VOTE_VOID, voted=True), void=True)
    assert view.tap_answer(void, localizer) == localizer.text("refused-vote-void")
    assert "08:00" in view.tap_answer(answer(), localizer)
    for key in ("shared-gone", "bind-only-administrators", "unbind-none"):
        assert len(localizer.text(key)) <= 200


@pytest.mark.parametrize("reason", list(Reason))
def test_a_refusal_on_a_shared_card_names_only_buttons_of_that_card(reason: Reason, localizer: Localizer) -> None:
    """🔍 leads to the item in the private chat, which has 🔔 and 🛒; commands do not belong in a group."""
    beginner = PURSE._replace(spent_fen=63_00, used=0)
    said = [view.closed(Refused(reason), localizer)]
    for purse in (PURSE, beginner):
        refused = Refused(reason, purse)
        said.append(view.tap_answer(replace(answer(reason), refused=refused, purse=purse), localizer))
    for text in said:
        assert not [sign for sign in ("🔔", "🛒", "/goods") if sign in text], text
        if reason in (Reason.NO_BALLOTS, Reason.GROUP_SCHEDULED, Reason.GROUP_OPEN):
            assert "🔍" in text, text


def test_an_ephemeral_answer_in_a_group_links_to_the_item(localizer: Localizer) -> None:
    screen = view.ephemeral_answer(NASTY, item(), "wanttogroup_bot", localizer)
    assert read(screen) == NASTY
    assert button(screen, "💬").url == "https://t.me/wanttogroup_bot?start=i7"


def test_a_vote_from_a_shared_card_is_completed_in_the_private_chat(localizer: Localizer) -> None:
    done = view.completed(answer(voted=True), escaped(NASTY), localizer)
    assert NASTY in read(done) and signs(done)[0] == ["✅"]
    poor = view.completed(answer(Reason.NO_BALLOTS), "Ann", localizer)
    assert "¥37" in read(poor)
    assert signs(poor)[0] == ["🙋"] and "🔔" in signs(poor)[1], "members without ballots can follow"


@pytest.mark.parametrize("language", [*LANGUAGES, None])
def test_the_language_of_a_chat_is_marked(language: str | None, localizer: Localizer) -> None:
    screen = view.bound(BoundChat(1, -1001, channel=False, language=language), (localizer,), "bind-done")
    read(screen)
    chosen = [
        callbacks.ChatLanguageCallback.unpack(one.data or "").language
        for one in buttons(screen)
        if one.style == "success"
    ]
    assert chosen == [language or "both"]


@pytest.mark.parametrize("kind", [ChatGroupScheduled, ChatGroupOpen])
@pytest.mark.parametrize("corrected", [False, True])
def test_notifications_of_a_group_in_a_bound_chat(
    kind: type[ChatGroupScheduled | ChatGroupOpen], corrected: bool
) -> None:
    good = item(state=ItemState.SCHEDULED, wants=5, group_opens_at=NOW + timedelta(days=1), title_en=NASTY)
    screen = render(kind(CHAT, good, NOW + timedelta(days=1), corrected), Reader(BOTH))
    assert NASTY in read(screen) and "玻璃茶壶" in read(screen)
    way = "🛒" if kind is ChatGroupOpen else "🏬"
    assert signs(screen) == [[way]] and button(screen, way).url == good.url
    assert ("2026" in read(screen)) is (kind is not ChatGroupOpen)


@given(seen_text(100), seen_text(100))
def test_markup_in_texts_of_a_shop_breaks_no_shared_card(title: str, shop: str) -> None:
    assert title.strip() in read(shared(title_zh=title, title_en=title, shop=shop))
