"""What can be done about a case once it is confirmed: agreeing to its ban, the shop's appeal, the notice (R29)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.brushing.bans import APPEAL_WITHIN
from domain.brushing.cases import CaseOutcome
from domain.brushing.verdicts import Verdict, VoteTally
from domain.goods import ItemState
from handlers.callbacks import DeskCallback
from handlers.localization import Localizer
from handlers.views.brushing import cases
from handlers.views.brushing.appeals import notice_to_shop
from handlers.views.brushing.case_acts import REASONED, CaseAct, acts_now, why_not
from handlers.views.brushing.cases import Draft
from services.brushing.appeals import AppealDecided, AppealRefusal, ShopNotice
from services.brushing.bans import AgreementRefusal
from services.brushing.case_files import CaseFile
from services.brushing.cases import ConfirmationRefusal
from storage.brushing.appeals import ConfirmedCase, StoredAppeal
from storage.brushing.bans import StoredBan
from tests.handlers.case_files import appealed, banned, case_file, decided
from tests.handlers.conftest import NASTY, NOW, button, localizer_in, read

DECIDED = NOW - timedelta(minutes=5)


def alone(file: CaseFile) -> CaseFile:
    """The same where there is one organiser only."""
    return replace(file, organisers=1)


def with_void(file: CaseFile) -> CaseFile:
    """The same where votes are void as yet."""
    return replace(file, named={Verdict.VOID: 60})


@pytest.mark.parametrize(
    ("file", "now", "acts"),
    [
        (case_file(), NOW, "clear void ban"),
        (decided(CaseOutcome.CLEARED), NOW, ""),
        (decided(CaseOutcome.VOTES_FALSE), NOW, ""),
        (with_void(decided(CaseOutcome.VOTES_FALSE)), NOW, "restore"),
        (with_void(banned(asked_months=1)), NOW, "appeal restore"),
        (banned(), NOW, "agree appeal"),
        (banned(asked_months=1), NOW, "appeal"),
        (banned(months=3, agreed_by="organiser 9"), NOW, "appeal"),
        (banned(lifted_at=NOW), NOW, "appeal"),
        (banned(), DECIDED + APPEAL_WITHIN - timedelta(seconds=1), "agree appeal"),
        (banned(), DECIDED + APPEAL_WITHIN, "agree"),
        (banned(), DECIDED + timedelta(days=40), ""),
        (appealed(banned()), NOW, "agree grant refuse"),
        (appealed(banned()), NOW + timedelta(days=90), "grant refuse"),
        (appealed(banned(), granted=False, decided_at=NOW), NOW, "agree"),
        (appealed(banned(lifted_at=NOW), granted=True, decided_at=NOW), NOW, ""),
    ],
)
def test_r29_each_state_of_a_case_offers_what_can_be_done_then(file: CaseFile, now: datetime, acts: str) -> None:
    assert [act.value for act in acts_now(file, now)] == acts.split()
    screen = cases.case_screen(file, 0, localizer_in("en", now))
    offered = [DeskCallback.unpack(one.data).do for row in screen.buttons for one in row if one.data]
    assert [do.removeprefix("case-") for do in offered if do.removeprefix("case-") in set(CaseAct)] == acts.split()
    assert ("case-notice" in offered) is (file.record.outcome is CaseOutcome.CONFIRMED)


@pytest.mark.parametrize(
    ("file", "now", "reader", "acts"),
    [
        (banned(), NOW, "organiser 8", "appeal"),
        (banned(), NOW, "organiser 9", "agree appeal"),
        (appealed(banned()), NOW, "organiser 8", ""),
        (appealed(banned()), NOW, "organiser 9", "agree grant refuse"),
        (alone(appealed(banned(asked_months=1))), NOW, "organiser 8", ""),
        (alone(appealed(banned(asked_months=1))), NOW + timedelta(days=1), "organiser 8", "grant refuse"),
    ],
)
def test_r29_an_organiser_is_offered_only_what_they_may_do(
    file: CaseFile, now: datetime, reader: str, acts: str
) -> None:
    screen = cases.case_screen(file, 0, localizer_in("en", now), reader)
    offered = [
        DeskCallback.unpack(one.data).do.removeprefix("case-") for row in screen.buttons for one in row if one.data
    ]
    assert [do for do in offered if do in set(CaseAct)] == acts.split()


def test_r29_a_tap_that_comes_too_late_is_told_what_is_too_late() -> None:
    late = DECIDED + APPEAL_WITHIN
    assert why_not(banned(), CaseAct.APPEAL, late) == "case-no-appeal-too-late"
    assert why_not(banned(), CaseAct.AGREE, late + timedelta(days=60)) == "case-not-agreed-no-ban"
    assert why_not(banned(), CaseAct.CLEAR, NOW) == "case-decided-already"
    assert why_not(alone(appealed(banned())), CaseAct.GRANT, NOW, "organiser 8") == "case-no-appeal-too-early"
    over = read(cases.case_screen(banned(), 0, localizer_in("en", late)))
    assert "has not appealed; its time was over" in over and "can appeal until" not in over


def test_r29_an_organiser_reads_what_they_did_as_their_own_and_for_whom_an_appeal_waits() -> None:
    mine = read(cases.case_screen(appealed(banned()), 0, localizer_in("en"), "organiser 8"))
    assert "confirmed by you, today" in mine and "another organiser than you" in mine
    other = read(cases.case_screen(appealed(banned()), 0, localizer_in("en"), "organiser 9"))
    assert "another organiser than organiser 8" in other
    single = read(cases.case_screen(alone(appealed(banned())), 0, localizer_in("en"), "organiser 8"))
    assert "from tomorrow 09:59 on" in single


def test_r29_the_appeal_is_told_with_its_words_and_what_became_of_it() -> None:
    english = localizer_in("en")

    def said(file: CaseFile) -> str:
        return read(cases.case_screen(file, 0, english))

    assert "The shop can appeal until Tue 1 Dec, 09:55" in said(banned())
    waits = said(appealed(banned()))
    assert "“A rival has bought them”" in waits and "waits for another organiser" in waits and "until Tue" not in waits
    granted = appealed(banned(), granted=True, decided_at=NOW, decided_by="organiser 9", reason="They did not")
    assert "was granted by organiser 9, today 10:00" in said(granted) and "“They did not”" in said(granted)
    refused = appealed(banned(), granted=False, decided_at=NOW, decided_by="organiser 9", reason="They did")
    assert "was refused by organiser 9" in said(refused)


@pytest.mark.parametrize("act", [CaseAct.AGREE, CaseAct.APPEAL, CaseAct.GRANT, CaseAct.REFUSE])
def test_r29_each_of_these_is_asked_about_first(act: CaseAct, localizer: Localizer) -> None:
    reason = NASTY * 100 if act in REASONED else ""
    screen = cases.confirm_screen(banned(), Draft(act, reason, "47" if reason else "", 3), 0, localizer)
    said = read(screen)
    assert banned().record.shop in said and ("3" in said or act is not CaseAct.AGREE)
    data = [DeskCallback.unpack(one.data) for row in screen.buttons for one in row if one.data]
    assert [(one.do, one.value) for one in data] == [
        ("case-do", f"{act.value}.47" if reason else act.value),
        ("case", ""),
    ]
    if reason:
        assert read(cases.ask_reason_screen(banned(), act, 0, localizer))


def test_r29_a_good_whose_group_is_open_stays_and_the_question_says_so(localizer: Localizer) -> None:
    file = replace(case_file(), item=case_file().item._replace(state=ItemState.OPEN))
    draft = Draft(CaseAct.BAN, "bought", "47")
    assert "🎉" in read(cases.confirm_screen(file, draft, 0, localizer))
    assert "🍂" in read(cases.confirm_screen(case_file(), draft, 0, localizer))


def test_r29_the_question_promises_no_ballot_that_returned_before_and_none_where_there_is_none() -> None:
    english, draft = localizer_in("en"), Draft(CaseAct.BAN, "bought", "47")
    ended = replace(case_file(), item=case_file().item._replace(state=ItemState.EXPIRED))
    said = read(cases.confirm_screen(ended, draft, 0, english))
    assert "has ended already" in said and "ballots" not in said
    alone = replace(case_file(), tally=VoteTally(62, 60, 60))
    said = read(cases.confirm_screen(alone, draft, 0, english))
    assert "Nobody else has voted" in said and "0 honest" not in said


def test_r29_a_case_says_how_many_void_votes_count_again_after_objections() -> None:
    file = replace(decided(CaseOutcome.VOTES_FALSE), restored=1)
    assert "1 of these votes counts again" in read(cases.case_screen(file, 0, localizer_in("en")))
    granted = replace(appealed(banned(lifted_at=NOW), granted=True, decided_at=NOW), restored=60)
    assert "of these votes" not in read(cases.case_screen(granted, 0, localizer_in("en")))


def test_every_answer_is_said_in_both_languages(localizer: Localizer) -> None:
    said = [cases.agreed_notice(each, localizer) for each in (3, *AgreementRefusal)]
    said += [cases.recorded_notice(each, localizer) for each in (None, *AppealRefusal)]
    said += [cases.appeal_notice(AppealDecided(granted), localizer) for granted in (True, False)]
    said += [cases.confirmed_notice(each, localizer) for each in ConfirmationRefusal]
    assert all(0 < len(words) <= 200 for words in said), "what an answer to a tap may have (Bot API)"
    assert cases.appeal_notice(AppealRefusal.TOO_EARLY, localizer) == cases.recorded_notice(
        AppealRefusal.TOO_EARLY, localizer
    )


def test_r29_the_notice_to_the_shop_is_a_text_that_a_tap_copies(localizer: Localizer) -> None:
    ban = StoredBan(1, 12, NASTY, 1, 3, "organiser 8", None, DECIDED, NOW + timedelta(days=30), None)
    case = ConfirmedCase(12, 7, "kettle-01", NASTY, NASTY, NASTY, DECIDED, "organiser 8", NASTY * 10, 120, 60, ban)
    screen = cases.notice_screen(ShopNotice(case, DECIDED + APPEAL_WITHIN, True, False), 2, localizer)
    assert screen.text.count("<pre>") == 2 and "宝贝" in screen.text and "your good" in screen.text
    assert "(China Time)" in read(screen), "a reader of English may be elsewhere"
    assert NASTY in read(screen) and "kettle-01" in read(screen)
    assert DeskCallback.unpack(button(screen, "↩️").data or "").item == 12
    assert read(cases.notice_screen(None, 0, localizer))


def test_r29_a_shop_whose_appeal_was_granted_reads_that_the_votes_count_and_no_ban() -> None:
    appeal = StoredAppeal("No", NOW, "organiser 8", True, NOW, "organiser 9", "True")
    ban = StoredBan(1, 12, "Tea", 1, 3, "organiser 8", None, DECIDED, NOW + timedelta(days=30), NOW)
    case = ConfirmedCase(12, 7, "k", "茶", "Tea", "Tea", DECIDED, "organiser 8", "Bought", 120, 60, ban, appeal)
    said = notice_to_shop(ShopNotice(case, DECIDED + APPEAL_WITHIN, False, False), localizer_in("en"))
    assert "made 60 votes void" in said and "count again, the ban by this case is lifted" in said
    assert "are void" not in said and "banned" not in said


@pytest.mark.parametrize("granted", [True, False])
def test_r29_the_reason_of_an_appeal_does_not_run_into_who_has_decided(granted: bool) -> None:
    file = appealed(banned(asked_months=1), granted=granted, decided_at=NOW)
    assert file.appeal is not None
    appeal = replace(file.appeal, decided_by="organiser 8", reason="Nothing new")
    case = ConfirmedCase(12, 7, "k", "茶", "Tea", "Tea", DECIDED, "organiser 8", "Bought", 120, 60, None, appeal)
    said = notice_to_shop(ShopNotice(case, DECIDED + APPEAL_WITHIN, False, True), localizer_in("en"))
    assert "The reason: Nothing new\n\nThe same organiser decided" in said


def test_r29_a_ban_that_is_over_is_told_as_over() -> None:
    ban = StoredBan(1, 12, "Tea", 1, 1, "organiser 8", None, DECIDED, NOW, None)
    case = ConfirmedCase(12, 7, "k", "茶", "Tea", "Tea", DECIDED, "organiser 8", "Bought", 120, 60, ban)
    said = notice_to_shop(ShopNotice(case, DECIDED + APPEAL_WITHIN, False, False), localizer_in("en"))
    assert "was over on" in said and "is banned" not in said


@pytest.mark.parametrize(
    ("language", "is_open", "out"), [("en", "its group is open", "The good is out"), ("zh", "已经开团", "宝贝已下架")]
)
def test_r29_a_shop_whose_group_is_open_does_not_read_that_its_good_is_out(
    language: str, is_open: str, out: str
) -> None:
    ban = StoredBan(1, 12, "Tea", 1, 1, "organiser 8", None, DECIDED, NOW + timedelta(days=30), None)
    case = ConfirmedCase(12, 7, "k", "茶", "Tea", "Tea", DECIDED, "organiser 8", "Bought", 120, 60, ban)
    notice = ShopNotice(case, DECIDED + APPEAL_WITHIN, True, False)
    said = notice_to_shop(replace(notice, group_is_open=True), localizer_in(language))
    assert is_open in said and out not in said
    said = notice_to_shop(notice, localizer_in(language))
    assert out in said and is_open not in said
