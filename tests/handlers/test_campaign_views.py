"""What organisers see of deliveries (R24, R26, R27)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.campaigns import CampaignState, PaidOffer, Tally, UnsentReason
from domain.notifications import NotificationKind
from domain.people import LANGUAGES
from handlers import callbacks
from handlers.localization import Localizer
from handlers.views import campaigns as view
from handlers.views import desk
from services.campaigns import Campaign
from services.rounds import Overview
from tests.handlers.conftest import BIGGEST, NASTY, NOW, button, buttons, read, signs, speech_in

TALLY = Tally(
    {"sent": 50, "pending": 30, "claimed": 4, "inflight": 1, "suppressed": 10, "unknown": 2, "expired": 1, "dead": 2},
    {UnsentReason.BLOCKED: 7, UnsentReason.TURNED_OFF: 3},
)


def campaign(
    stage: CampaignState = CampaignState.QUEUED,
    kind: NotificationKind = NotificationKind.GROUP_SOON,
    tally: Tally = TALLY,
    **more: object,
) -> Campaign:
    return Campaign(5, kind, stage, NOW, "玻璃茶壶", "Glass teapot", tally, **more)  # type: ignore[arg-type]


def test_a_delivery_shows_every_number_its_progress_and_its_end() -> None:
    screen = view.campaign_screen(campaign(ends_at=NOW + timedelta(minutes=2)), 1, speech_in("en"))
    said = read(screen)
    for line in (
        "⏰ Opens soon: Glass teapot",
        "██████░░░░ 65 %",
        "100 in all",
        "On their way: 35",
        "Sent: 50",
        "nobody knows: 2",
        "Expired: 1",
        "refused by Telegram: 2",
        "unreachable: 10",
        "blocked the bot: 7",
        "turned it off: 3",
        "through about today 10:02",
    ):
        assert line in said, line
    assert "gone" not in said
    assert signs(screen) == [["⏸"], ["✖️"], ["🔄"], ["↩️"]]
    assert callbacks.DeskCallback.unpack(button(screen, "⏸").data or "") == callbacks.DeskCallback(
        do="pause", item=5, page=1
    )
    assert callbacks.DeskCallback.unpack(button(screen, "↩️").data or "") == callbacks.DeskCallback(do="sends", page=1)


@pytest.mark.parametrize(
    ("stage", "offered"),
    [
        (CampaignState.WAITING, ["⏸", "✖️"]),
        (CampaignState.QUEUED, ["⏸", "✖️"]),
        (CampaignState.PAUSED, ["▶️", "✖️"]),
        (CampaignState.PAUSED_QUEUED, ["▶️", "✖️"]),
        (CampaignState.CANCELLING, []),
        (CampaignState.CANCELLED, []),
        (CampaignState.EXPIRED, []),
        (CampaignState.EXPIRING, []),
        (CampaignState.RESUMING, ["⏸", "✖️"]),
    ],
)
def test_only_what_can_be_done_is_offered(localizer: Localizer, stage: CampaignState, offered: list[str]) -> None:
    screen = view.campaign_screen(campaign(stage), 0, localizer)
    assert [sign for row in signs(screen) for sign in row] == [*offered, "🔄", "↩️"]


def test_cancelling_is_asked_for_once_more(localizer: Localizer) -> None:
    screen = view.campaign_screen(campaign(), 0, localizer, sure=False)
    assert localizer.html("campaign-ask-cancel") in screen.text
    really = button(screen, "✖️")
    assert really.style == "danger" and callbacks.DeskCallback.unpack(really.data or "").do == "stop!"
    assert callbacks.DeskCallback.unpack(button(screen, "↩️").data or "").do == "send"


OFFER = PaidOffer(50_005, 12_505, NOW + timedelta(minutes=25), NOW + timedelta(minutes=9))


def test_who_would_be_told_too_late_is_said_with_the_price_of_being_in_time() -> None:
    screen = view.campaign_screen(campaign(offer=OFFER), 1, speech_in("en"))
    assert "12,505 of them would leave after today 10:25" in read(screen)
    assert signs(screen) == [["⭐"], ["⏸"], ["✖️"], ["🔄"], ["↩️"]] and "5,000.5 Stars" in button(screen, "⭐").text
    asked = view.stars_screen(campaign(offer=OFFER), 1, 12_000, speech_in("en"))
    assert "Price: 5,000.5 Stars at most" in read(asked) and "bot's 12,000" in read(asked)
    assert callbacks.DeskCallback.unpack(button(asked, "⭐").data or "") == callbacks.DeskCallback(
        do="star!", item=5, page=1, value="50005"
    )
    assert "⭐" not in str(signs(view.campaign_screen(campaign(offer=OFFER), 1, speech_in("en"), sure=False)))
    paid = view.campaign_screen(campaign(paid_for=50_000), 1, speech_in("en"))
    assert "Sent faster, for 5,000 Stars at most" in read(paid) and "⭐" not in str(signs(paid))


def test_nothing_is_paid_without_the_stars_that_telegram_asks_for(localizer: Localizer) -> None:
    poor = view.stars_screen(campaign(offer=OFFER), 0, 9_999, localizer)
    assert signs(poor) == [["↩️"]] and "10,000" in read(poor)
    dear = view.stars_screen(campaign(offer=replace(OFFER, messages=200_001)), 0, 20_000, localizer)
    assert signs(dear) == [["↩️"]] and "20,001" in read(dear)
    assert signs(view.stars_screen(campaign(), 0, 20_000, localizer)) == [["↩️"]]


def test_what_telegram_has_stopped_says_why_and_can_go_on(localizer: Localizer) -> None:
    why = "TelegramBadRequest: Telegram server says - Bad Request: <b> is too long"
    stopped = campaign(CampaignState.PAUSED_QUEUED, stopped_by=why)
    assert "Bad Request: <b> is too long" in read(view.campaign_screen(stopped, 0, localizer))
    notification = view.stopped_notification(stopped, localizer)
    assert "Bad Request: <b> is too long" in read(notification) and "says" not in read(notification)
    assert signs(notification) == [["📨"], ["▶️", "✖️"]]
    assert [callbacks.DeskCallback.unpack(each.data or "").do for each in buttons(notification)] == [
        "send",
        "resume",
        "stop",
    ]


def test_what_still_waits_says_whom_it_will_reach_and_no_numbers_of_nothing(localizer: Localizer) -> None:
    waits = campaign(CampaignState.WAITING, tally=Tally(), reaches=3)
    said = read(view.campaign_screen(waits, 0, localizer))
    assert (
        localizer.text("campaign-reaches", number=3).replace("<b>", "").replace("</b>", "") in said and "%" not in said
    )
    unknown = read(view.campaign_screen(replace(waits, reaches=None), 0, localizer))
    assert "%" not in unknown and len(unknown.splitlines()) == 2


def test_what_has_arrived_is_done_and_offers_nothing_to_stop(localizer: Localizer) -> None:
    done = campaign(tally=Tally({"sent": 3}), through=True)
    for sure in (True, False):
        screen = view.campaign_screen(done, 0, localizer, sure=sure)
        assert "✅" in read(screen) and "100 %" in read(screen)
        assert [sign for row in signs(screen) for sign in row] == ["🔄", "↩️"]
    assert "✅" in read(view.campaigns_screen([done], 0, False, localizer))
    assert view.nothing_left(done, localizer) != view.nothing_left(campaign(CampaignState.CANCELLED), localizer)


def test_deliveries_of_a_group_that_was_moved_have_labels_of_their_own(localizer: Localizer) -> None:
    found = [campaign(kind=NotificationKind.GROUP_SCHEDULED, revision=number) for number in (1, 2, 3)]
    labels = {row[0].text for row in view.campaigns_screen(found, 0, False, localizer).buttons[:3]}
    assert len(labels) == 3


def test_the_alert_of_an_opening_does_not_say_that_the_group_is_open() -> None:
    waits = campaign(CampaignState.WAITING, NotificationKind.GROUP_OPEN, Tally())
    assert "已开团" not in read(view.campaign_screen(waits, 0, speech_in("zh")))
    assert "Group open" not in read(view.campaign_screen(waits, 0, speech_in("en")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_stage_has_its_words(language: str) -> None:
    localizer = speech_in(language)
    found = [campaign(stage, kind) for stage in CampaignState for kind in NotificationKind]
    for start in range(0, len(found), 6):
        some = found[start : start + 6]
        screen = view.campaigns_screen(some, 1, True, localizer)
        read(screen)
        assert [row[0].text for row in screen.buttons[:6]] and signs(screen)[-2:] == [["◀️", "▶️"], ["🏪"]]
    assert signs(view.campaigns_screen([], 0, False, localizer)) == [["🏪"]]
    nasty = Campaign(BIGGEST, NotificationKind.ITEM_RELISTED, CampaignState.QUEUED, NOW, NASTY * 3, NASTY * 3)
    screen = view.campaigns_screen([nasty] * 6, BIGGEST, False, localizer)
    assert "<b>" in read(screen)
    assert all(len((each.data or "").encode()) <= 64 for each in buttons(screen))


def test_the_desk_says_that_deliveries_are_held_and_offers_to_go_on(localizer: Localizer) -> None:
    overview = Overview(0, 0, 0, NOW)
    screen = desk.desk_screen(overview, {"paused": 7}, localizer, held_since=NOW)
    assert localizer.html("desk-held", since=localizer.moment(NOW)) in screen.text and "7" in read(screen)
    assert callbacks.DeskCallback.unpack(button(screen, "▶️").data or "").do == "go"
    assert "▶️" not in [sign for row in signs(desk.desk_screen(overview, {}, localizer)) for sign in row]
