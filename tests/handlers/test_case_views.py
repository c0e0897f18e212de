"""The organiser's desk for cases: the list, the case, the questions, the picture and the table (R29)."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from domain.brushing.cases import CaseOutcome
from domain.brushing.evidence import IdBatch, LinkVotes
from domain.brushing.verdicts import Verdict
from domain.people import LANGUAGES
from handlers.callbacks import DeskCallback, case_of
from handlers.localization import Localizer
from handlers.screen import Screen
from handlers.views import tables
from handlers.views.brushing import cases
from handlers.views.brushing.bans import bans_screen
from handlers.views.brushing.case_acts import DECIDED_ALREADY, REASONED, CaseAct
from handlers.views.brushing.case_picture import case_picture
from handlers.views.brushing.cases import Draft
from handlers.views.desk import desk_screen, item_screen
from services.brushing.case_files import CaseFile
from services.pictures.case_pictures import WIDTH, draw
from services.rounds import Overview
from tests.handlers.case_files import appealed, banned, case_file, decided, entry, exhibit, votes
from tests.handlers.conftest import BIGGEST, NASTY, NOW, button, buttons, localizer_in, read

TALLEST = 1280
"""Pixels of a photo that Telegram keeps as it is."""


def led_to(screen: Screen, start: str) -> tuple[str, int]:
    """What a button does, and with which number."""
    led = DeskCallback.unpack(button(screen, start).data or "")
    return led.do, led.item


def test_r29_the_list_has_good_shop_and_share_and_says_what_was_decided(localizer: Localizer) -> None:
    found = [entry(), *(entry(id=20 + n, outcome=outcome) for n, outcome in enumerate(CaseOutcome))]
    screen = cases.cases_screen(found, 1, 6, localizer)
    said = read(screen)
    assert said.count(entry().shop) == 4 and "33" in said and "60" in said
    for sign in ("⏳", "✅", "🚫", "⛔️"):
        assert sign in said
    assert led_to(screen, "7. ") == ("case", 12) and led_to(screen, "9. ") == ("case", 21)
    assert led_to(screen, "◀️") == ("cases", 0)


def test_r29_the_list_says_what_waits_and_what_an_appeal_has_changed() -> None:
    confirmed = entry(outcome=CaseOutcome.CONFIRMED)
    lines = [confirmed, replace(confirmed, appeal_waits=True, ban_waits=True), replace(confirmed, granted=True)]
    first, second, third = (read(cases.cases_screen([each], 0, 6, localizer_in("en"))) for each in lines)
    assert "waits" not in first and "60 void" in first
    assert "60 void" in second and "appeal waits" in second and "second organiser" in second
    assert "void" not in third and "all its votes count" in third


def test_r29_a_case_whose_appeal_was_granted_says_that_its_votes_count_again() -> None:
    granted = appealed(banned(lifted_at=NOW), granted=True, decided_at=NOW, decided_by="organiser 9", reason="No")
    assert "60 were void (33 %) and count again" in read(cases.case_screen(granted, 0, localizer_in("en")))


def test_r29_the_bans_in_force_are_listed_with_their_ends_and_lead_to_their_cases(localizer: Localizer) -> None:
    bans = [replace(banned().ban, case_id=40 + n, shop=f"Shop {n} {NASTY}") for n in range(7)]
    screen = bans_screen(bans, 0, 6, localizer)
    assert localizer.moment(bans[0].ends_at) in read(screen) and "Shop 6" not in read(screen)
    assert led_to(screen, "2. ") == ("case", 41) and led_to(screen, "▶️") == ("bans", 0)
    assert DeskCallback.unpack(button(screen, "▶️").data or "").page == 1
    last = bans_screen(bans, 1, 6, localizer)
    assert "Shop 6" in read(last) and led_to(last, "7. ") == ("case", 46)
    assert localizer.text("bans-none") in read(bans_screen([], 0, 6, localizer))
    assert led_to(cases.cases_screen([entry()], 0, 6, localizer), "🔒") == ("bans", 0)


def test_an_empty_page_of_cases_leads_back(localizer: Localizer) -> None:
    assert button(cases.cases_screen([], 3, 6, localizer), "🏪") and read(cases.cases_screen([], 0, 6, localizer))


def test_r29_an_undecided_case_has_numbers_reasons_and_three_decisions(localizer: Localizer) -> None:
    screen = cases.case_screen(case_file(), 2, localizer)
    said = read(screen)
    assert said.count("•") == 3 and "60" in said and "33" in said and "120" in said
    assert [button(screen, sign).style for sign in ("✅", "🚫", "⛔️")] == ["success", None, "danger"]
    assert led_to(screen, "🏆") == ("item", 7)
    to_good = DeskCallback.unpack(button(screen, "🏆").data or "")
    shown = item_screen(case_file().item, [], to_good.page, localizer, case=case_of(to_good.value))
    assert DeskCallback.unpack(button(shown, "↩️").data or "") == DeskCallback(do="case", item=12, page=2)
    assert DeskCallback.unpack(button(screen, "↩️").data or "").page == 2


def test_r29_a_case_says_when_its_votes_came_with_the_zone_and_each_day_once() -> None:
    abroad = replace(localizer_in("en"), names_zone=True)
    said = read(cases.case_screen(case_file(), 0, abroad))
    assert "from today 01:00 to 04:00 (China Time)" in said and "2026-11-24" not in said
    (pattern, *_) = case_file().patterns
    assert pattern.begins is not None
    longer = replace(case_file(), patterns=(replace(pattern, begins=pattern.begins - timedelta(days=1)),))
    assert "from Mon 23 Nov, 01:00 to today 04:00 (China Time)" in read(cases.case_screen(longer, 0, abroad))
    burst = replace(case_file(), patterns=(replace(pattern, ends=pattern.begins + timedelta(seconds=9)),))
    assert "from today 01:00 to 01:01 (China Time)" in read(cases.case_screen(burst, 0, abroad))
    assert "(China Time)" in case_picture(exhibit(), abroad).hours


def test_r29_a_burst_by_one_link_is_labelled_as_canvassed_with_a_number_and_no_name() -> None:
    links = (LinkVotes(77, 15, 0), LinkVotes(78, 14, 0))
    said = read(cases.case_screen(replace(case_file(), links=links), 0, localizer_in("en")))
    assert "15 votes came by one link, of member 77: canvassed" in said and "78" not in said


@pytest.mark.parametrize("outcome", list(CaseOutcome))
@pytest.mark.parametrize("by", ["organiser 8", "command"])
def test_r29_a_decided_case_says_by_whom_when_and_why_and_decides_no_more(
    outcome: CaseOutcome, by: str, localizer: Localizer
) -> None:
    screen = cases.case_screen(decided(outcome, by), 0, localizer)
    said = read(screen)
    assert ("8" in said) if by == "organiser 8" else ("command" not in said)
    assert ("Bought & <b>sold</b>" in said) is (outcome is not CaseOutcome.CLEARED)
    assert not [one for one in buttons(screen) if one.data and one.data.startswith(("k1:case-clear", "k1:case-ban"))]


def test_r29_a_ban_is_told_with_its_end_its_agreement_and_its_lifting() -> None:
    english = localizer_in("en")

    def said(file: CaseFile) -> str:
        return read(cases.case_screen(file, 0, english))

    assert "banned for 1 month, until Thu 24 Dec, 09:55" in said(banned())
    assert "3 months were asked for" in said(banned())
    assert "were asked for" not in said(banned(asked_months=1))
    agreed = banned(agreed_by="organiser 9", months=3)
    assert "3 months were agreed to by organiser 9" in said(agreed) and "were asked for" not in said(agreed)
    over = banned(ends_at=NOW)
    assert "was banned" in said(over) and "were asked for" not in said(over)
    assert "was lifted today 10:00" in said(banned(lifted_at=NOW))


@pytest.mark.parametrize("act", [CaseAct.CLEAR, CaseAct.VOID, CaseAct.BAN])
def test_r29_the_question_says_what_will_happen_and_to_how_many(act: CaseAct, localizer: Localizer) -> None:
    draft = Draft(act, "" if act is CaseAct.CLEAR else NASTY, "" if act is CaseAct.CLEAR else "4711", 3)
    screen = cases.confirm_screen(case_file(), draft, 0, localizer)
    said = read(screen)
    assert "60" in said
    assert (NASTY in said) is (act in REASONED)
    assert ("118" in said) is (act in REASONED), "the honest votes"
    assert ("🔒" in said and "3" in said) is (act is CaseAct.BAN)
    sign = {CaseAct.CLEAR: "✅", CaseAct.VOID: "🚫", CaseAct.BAN: "⛔️"}[act]
    led = DeskCallback.unpack(button(screen, sign).data or "")
    assert (led.do, led.item) == ("case-do", 12)
    assert led.value == (act.value if act is CaseAct.CLEAR else f"{act.value}.4711")


def test_a_ban_that_needs_no_second_organiser_asks_for_none() -> None:
    short = cases.confirm_screen(case_file(), Draft(CaseAct.BAN, "x", "1", 1), 0, localizer_in("en"))
    assert "is banned for 1 month." in read(short)
    longer = cases.confirm_screen(case_file(), Draft(CaseAct.BAN, "x", "1", 6), 0, localizer_in("en"))
    assert "for 1 month, and for 6 months once another organiser agrees" in read(longer)


def test_the_data_of_every_button_fits_for_the_largest_numbers(localizer: Localizer) -> None:
    file = replace(case_file(id=BIGGEST), item=case_file().item._replace(id=BIGGEST))
    draft = Draft(CaseAct.CLEAR, "", str(2**31 - 1))
    read(cases.case_screen(file, 2**31 - 1, localizer))
    for act in CaseAct:
        read(cases.confirm_screen(file, replace(draft, act=act), 10**6, localizer))
    read(cases.cases_screen([entry(id=BIGGEST)] * 7, 2**31 - 2, 6, localizer))


def test_long_and_nasty_words_break_no_screen(localizer: Localizer) -> None:
    item = case_file().item._replace(title_zh=NASTY, title_en=NASTY)
    file = replace(
        decided(CaseOutcome.CONFIRMED, reason=NASTY * 40, shop=NASTY), item=item, patterns=case_file().patterns * 9
    )
    for each in (file, appealed(file, words=NASTY * 90)):
        said = read(cases.over_screen(each, 0, localizer, DECIDED_ALREADY))
        assert NASTY in said
    assert read(cases.ask_reason_screen(file, CaseAct.VOID, 0, localizer))
    assert read(cases.gone_screen(localizer))


def test_r29_the_picture_fits_a_phone_and_names_no_one(localizer: Localizer) -> None:
    many = replace(
        exhibit().evidence,
        batches=(IdBatch(20, 300),) * 5,
        links=(*(LinkVotes(n, 20, 3) for n in range(1, 9)), LinkVotes(None, 9, 9)),
    )
    for shown in (exhibit(), replace(exhibit(), evidence=many), exhibit(judged=[])):
        content = draw(case_picture(shown, localizer))
        with Image.open(io.BytesIO(content)) as picture:
            assert picture.format == "PNG" and picture.width == WIDTH and 400 < picture.height <= TALLEST


def test_r29_the_picture_has_votes_groups_batches_and_links_in_numbers() -> None:
    words = case_picture(exhibit(), localizer_in("en"))
    assert (sum(bar.named for bar in words.bars), sum(bar.others for bar in words.bars)) == (60, 120)
    assert words.named == "set aside: 60 (33 %)" and words.others == "other votes: 120"
    assert [len(row.accounts) for row in words.goods] == [60, 60, 55, 53] and words.more_goods == "and 3 other goods"
    assert words.goods[0].about == "60 · 11-24 01:25–03:46"
    batches, links = words.lists
    assert batches.lines == ("45 accounts in 133 numbers", "15 apart from the others")
    assert links.lines[0] == "Member 77: 24, suspected 0"
    assert words.times[0] == (0, "11-23 08:00")


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (decided(CaseOutcome.CLEARED), "counted again"),
        (decided(CaseOutcome.VOTES_FALSE), "void"),
        (banned(), "void"),
        (appealed(banned(), granted=False), "void"),
        (appealed(banned(), granted=True), "counted again"),
    ],
)
def test_r29_the_picture_of_a_decided_case_says_what_became_of_its_votes(file: CaseFile, words: str) -> None:
    assert case_picture(exhibit(file), localizer_in("en")).named.startswith(words)


def test_r29_the_table_has_a_row_for_each_vote_with_numbers_and_without_telegram_ids() -> None:
    shown = exhibit()
    rows = tables.case_table(shown, localizer_in("en"))
    assert len(rows) == 180 and all(len(row) == len(tables.CASE) for row in rows)
    first = dict(zip(tables.CASE, rows[1], strict=True))
    assert (first["case"], first["member"], first["verdict"]) == (12, 501, Verdict.SET_ASIDE.value)
    assert (first["patterns"], first["score"], first["id_batch"]) == ("lockstep registration-batch", 2.5, 1)
    assert first["goods_shared"] == 4 and first["via"] is None
    ids = {str(vote.telegram_id) for vote in shown.votes}
    assert not ids & {str(cell) for row in rows for cell in row}
    last = dict(zip(tables.CASE, rows[60], strict=True))
    assert (last["patterns"], last["score"], last["id_batch"], last["goods_shared"], last["via"]) == (
        "",
        None,
        None,
        None,
        77,
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["counts", "set aside", "void", "counts, ballot returned", "taken back"]),
        ("zh", ["计入", "暂不计", "作废", "计入，选票已退还", "已收回"]),
    ],
)
def test_r29_the_table_says_in_words_what_became_of_each_vote_also_of_one_that_was_taken_back(
    language: str, words: list[str]
) -> None:
    first = votes()[0]
    counted = replace(first, verdict=Verdict.COUNTED)
    judged = [
        counted,
        first,
        replace(first, verdict=Verdict.VOID),
        replace(counted, returned_at=NOW),
        replace(first, taken_back_at=NOW),
    ]
    rows = tables.case_table(exhibit(judged=judged), localizer_in(language))
    found = [dict(zip(tables.CASE, row, strict=True)) for row in rows]
    assert [row["state"] for row in found] == words
    local = NOW.astimezone(localizer_in(language).zone).isoformat()
    assert [row["taken_back_at"] for row in found] == [None, None, None, None, local]
    assert [row["returned_at"] for row in found] == [None, None, None, local, None]


def test_r29_the_picture_is_of_votes_that_stand() -> None:
    judged = [*votes(), replace(votes()[-1], taken_back_at=NOW)]
    assert case_picture(exhibit(judged=judged), localizer_in("en")).others == "other votes: 120"


def test_r29_below_the_picture_a_case_can_be_decided_on_or_opened() -> None:
    for language in LANGUAGES:
        screen = cases.picture_screen(case_file(), localizer_in(language))
        led = [DeskCallback.unpack(each.data or "") for each in buttons(screen)]
        assert [(to.do, to.item) for to in led] == [
            ("case-clear", 12),
            ("case-void", 12),
            ("case-ban", 12),
            ("case", 12),
        ]
        assert len(buttons(cases.picture_screen(decided(CaseOutcome.CLEARED), localizer_in(language)))) == 1


def test_times_below_the_plot_name_each_day_once() -> None:
    words = case_picture(exhibit(), localizer_in("zh"))
    assert [text for _, text in words.times if text.startswith("11-24")] == ["11-24 04:00"]


def test_r29_the_desk_leads_to_the_cases_while_there_are_any_and_says_how_many_wait() -> None:
    for language, waits, none in (("en", "🔍 Cases (2)", "🔍 Cases"), ("zh", "🔍 案件（2）", "🔍 案件")):
        overview, localizer = Overview(1, 1, 1, NOW, cases=3, undecided=2), localizer_in(language)
        assert button(desk_screen(overview, {}, localizer), "🔍").text == waits
        assert led_to(desk_screen(overview, {}, localizer), "🔍") == ("cases", 0)
        assert button(desk_screen(replace(overview, undecided=0), {}, localizer), "🔍").text == none
        nothing = desk_screen(replace(overview, cases=0, undecided=0), {}, localizer)
        assert not [one for one in buttons(nothing) if one.text.startswith("🔍")]
