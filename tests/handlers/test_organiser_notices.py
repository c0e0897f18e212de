"""Notices to organisers and to who bound a chat, and those about a vote that a case is about (R29, R35)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.brushing.verdicts import VoteTally
from domain.call_outcomes import CallOutcome
from domain.csv_files import BadCell
from domain.goods import ItemState
from domain.people import LANGUAGES, BoundChat, Member
from handlers import callbacks
from handlers.views.notifications import Reader, render
from handlers.views.tables import bad_line
from services.notifications.case_kinds import BanWaits, CaseOpened, ItemRestored, VoteRestored, VoteVoid
from services.notifications.kinds import TopicPaused
from storage.brushing.bans import StoredBan
from tests.handlers.conftest import NOW, button, item, localizer_in, read

ANN = Member(1, 1001, "Ann", "en", None, True, True, False, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_paused_topic_says_what_helps_and_leads_to_the_group(language: str) -> None:
    for why, topic, path in (
        (CallOutcome.TOPIC_CLOSED, 5, "77/5"),
        (CallOutcome.TOPIC_GONE, 5, "77/5"),
        (CallOutcome.TOPIC_CLOSED, None, "77/1"),
    ):
        chat = BoundChat(1, -10077, channel=False, language=None, topic=topic, paused=why)
        screen = render(TopicPaused(ANN, chat, why), Reader((localizer_in(language),)))
        assert "/bind" in read(screen)
        assert [button.url for row in screen.buttons for button in row] == [f"https://t.me/c/{path}"]


def test_r29_a_new_case_says_how_many_votes_are_set_aside_and_leads_to_it() -> None:
    for language, words in (("en", "3 votes for it look bought and are set aside"), ("zh", "有 3 票疑似刷票")):
        screen = render(CaseOpened(ANN, item(), VoteTally(10, 3, 3), 12), Reader((localizer_in(language),)))
        assert words in read(screen) and "7" in read(screen)
        led = callbacks.DeskCallback.unpack(button(screen, "🔍").data or "")
        assert (led.do, led.item) == ("case", 12)


@pytest.mark.parametrize(("language", "words"), [("en", "a ban of 3 months"), ("zh", "拟封禁 3 个月")])
def test_r29_an_organiser_reads_that_a_longer_ban_waits_for_a_second_one_and_is_led_to_the_case(
    language: str, words: str
) -> None:
    ban = StoredBan(1, 12, "小店1", 1, 3, "organiser 8", None, NOW, NOW + timedelta(days=30), None)
    localizer = localizer_in(language)
    screen = render(BanWaits(ANN, item(), ban), Reader((localizer,)))
    assert words in read(screen) and localizer.moment(ban.ends_at) in read(screen)
    led = callbacks.DeskCallback.unpack(button(screen, "🔍").data or "")
    assert (led.do, led.item) == ("case", 12)


@pytest.mark.parametrize(("language", "banned"), [("en", "is banned until"), ("zh", "被禁到")])
def test_r29_a_table_with_goods_of_a_banned_shop_says_until_when(language: str, banned: str) -> None:
    localizer = localizer_in(language)
    said = bad_line(BadCell(3, "shop", "shop_banned", "小店1", until=NOW), localizer)
    assert banned in said and "小店1" in said and localizer.exact(NOW) in said


@pytest.mark.parametrize(
    ("state", "back", "in_use", "english"),
    [
        (ItemState.ON_DISPLAY, True, False, ("is back on display", "You keep the ballot")),
        (ItemState.DISPLAYED, False, True, ("within two weeks", "uses its ballot")),
        (ItemState.PASSED, False, False, ("on display soon", "")),
        (ItemState.REJECTED, True, False, ("counts after all", "Your ballot is back")),
    ],
)
def test_r29_a_granted_appeal_says_where_the_good_stands_and_where_the_ballot_is(
    state: ItemState, back: bool, in_use: bool, english: tuple[str, str]
) -> None:
    restored = ItemRestored(ANN, item(state=state), in_use, ballot_back=back)
    said = read(render(restored, Reader((localizer_in("en"),))))
    assert all(words in said for words in english) and ("🎫" in said) is (back or in_use)
    assert "申诉" in read(render(restored, Reader((localizer_in("zh"),))))


@pytest.mark.parametrize(("language", "stays"), [("en", "stays used"), ("zh", "选票不退")])
def test_r29_a_void_vote_is_told_with_what_became_of_its_ballot(language: str, stays: str) -> None:
    used, back = (read(render(VoteVoid(ANN, item(), had), Reader((localizer_in(language),)))) for had in (False, True))
    assert stays in used and stays not in back


@pytest.mark.parametrize(("language", "words"), [("en", "counts after all"), ("zh", "现在算数了")])
def test_r29_a_member_whose_objection_was_right_reads_that_the_vote_counts(language: str, words: str) -> None:
    reader = Reader((localizer_in(language),))
    said = read(render(VoteRestored(ANN, item()), reader))
    assert words in said and "🎫" not in said
    assert "🎫" in read(render(VoteRestored(ANN, item(state=ItemState.REJECTED), ballot_back=True), reader))


@pytest.mark.parametrize(("language", "words"), [("en", "let your vote count"), ("zh", "恢复计票")])
def test_r29_a_member_whose_vote_is_void_reads_what_an_objection_can_bring(language: str, words: str) -> None:
    said = read(render(VoteVoid(ANN, item()), Reader((localizer_in(language),))))
    assert words in said and f" {ANN.id}" in said, "by its number an organiser finds the vote"
    assert words in localizer_in(language).text("rules-objections-text")
