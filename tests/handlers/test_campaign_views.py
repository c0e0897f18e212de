"""Campaigns on the desk (R24, R26, R27)."""

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
from tests.handlers.conftest import BIGGEST, NASTY, NOW, button, buttons, localizer_in, read, signs

TALLY = Tally(
    {"sent": 50, "pending": 30, "claimed": 4, "inflight": 1, "suppressed": 10, "unknown": 2, "expired": 1, "dead": 2},
    {UnsentReason.BLOCKED: 7, UnsentReason.TURNED_OFF: 3},
)


def campaign(
    state: CampaignState = CampaignState.QUEUED,
    kind: NotificationKind = NotificationKind.GROUP_SOON,
    tally: Tally = TALLY,
    **more: object,
) -> Campaign:
    return Campaign(5, kind, state, NOW, "玻璃茶壶", "Glass teapot", tally, **more)  # type: ignore[arg-type]


def test_a_campaign_shows_its_numbers_progress_and_estimated_end() -> None:
    screen = view.campaign_screen(campaign(ends_at=NOW + timedelta(minutes=2)), 1, localizer_in("en"))
    said = read(screen)
    for line in (
        "⏰ Opens soon: Glass teapot",
        "██████░░░░ 64 %",
        "100 in all",
        "On their way: 35",
        "Sent: 50",
        "Perhaps arrived, perhaps not: 2",
        "Expired: 1",
        "refused by Telegram: 2",
        "unreachable: 10",
        "blocked the bot: 7",
        "turned it off: 3",
        "Done about today 10:02",
    ):
        assert line in said, line
    assert "gone" not in said
    assert signs(screen) == [["⏸"], ["✖️"], ["🔄"], ["↩️"]]
    assert callbacks.DeskCallback.unpack(button(screen, "⏸").data or "") == callbacks.DeskCallback(
        do="pause", item=5, page=1
    )
    assert callbacks.DeskCallback.unpack(button(screen, "↩️").data or "") == callbacks.DeskCallback(do="sends", page=1)


@pytest.mark.parametrize(
    ("state", "offered"),
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
def test_a_campaign_offers_only_possible_actions(
    localizer: Localizer, state: CampaignState, offered: list[str]
) -> None:
    screen = view.campaign_screen(campaign(state), 0, localizer)
    assert [sign for row in signs(screen) for sign in row] == [*offered, "🔄", "↩️"]


def test_cancelling_a_campaign_needs_confirmation(localizer: Localizer) -> None:
    screen = view.campaign_screen(campaign(), 0, localizer, confirm_cancel=True)
    assert localizer.html("campaign-ask-cancel") in screen.text
    really = button(screen, "✖️")
    assert really.style == "danger" and callbacks.DeskCallback.unpack(really.data or "").do == "stop!"
    assert callbacks.DeskCallback.unpack(button(screen, "↩️").data or "").do == "send"


OFFER = PaidOffer(50_005, 12_505, NOW + timedelta(minutes=25), NOW + timedelta(minutes=9))


def test_late_notifications_are_counted_and_the_price_of_sending_in_time_is_named() -> None:
    screen = view.campaign_screen(campaign(offer=OFFER), 1, localizer_in("en"))
    assert "12,505 of them would leave after today 10:25" in read(screen)
    assert signs(screen) == [["⭐"], ["⏸"], ["✖️"], ["🔄"], ["↩️"]] and "⭐ 5,000.5 at most" in button(screen, "⭐").text
    asked = view.stars_screen(campaign(offer=OFFER), 1, 12_000, localizer_in("en"))
    assert "Price: ⭐ 5,000.5 at most" in read(asked) and "bot's 12,000" in read(asked)
    assert callbacks.DeskCallback.unpack(button(asked, "⭐").data or "") == callbacks.DeskCallback(
        do="star!", item=5, page=1, value="50005"
    )
    assert "⭐" not in str(
        signs(view.campaign_screen(campaign(offer=OFFER), 1, localizer_in("en"), confirm_cancel=True))
    )
    paid = view.campaign_screen(campaign(paid_for=50_000), 1, localizer_in("en"))
    assert "Sent faster, for ⭐ 5,000 at most" in read(paid) and "⭐" not in str(signs(paid))


def test_paying_is_offered_only_with_enough_stars(localizer: Localizer) -> None:
    poor = view.stars_screen(campaign(offer=OFFER), 0, 9_999, localizer)
    assert signs(poor) == [["↩️"]] and "10,000" in read(poor)
    dear = view.stars_screen(campaign(offer=replace(OFFER, messages=200_001)), 0, 20_000, localizer)
    assert signs(dear) == [["↩️"]] and "20,001" in read(dear)
    assert signs(view.stars_screen(campaign(), 0, 20_000, localizer)) == [["↩️"]]


def test_a_campaign_stopped_by_telegram_names_the_reason_and_can_be_resumed(localizer: Localizer) -> None:
    why = "TelegramBadRequest: Telegram server says - Bad Request: <b> is too long"
    stopped = campaign(CampaignState.PAUSED_QUEUED, stopped_by=why)
    assert "Bad Request: <b> is too long" in read(view.campaign_screen(stopped, 0, localizer))
    notification = view.stopped_screen(stopped, localizer)
    assert "Bad Request: <b> is too long" in read(notification) and "says" not in read(notification)
    assert signs(notification) == [["📨"], ["▶️", "✖️"]]
    assert [callbacks.DeskCallback.unpack(each.data or "").do for each in buttons(notification)] == [
        "send",
        "resume",
        "stop",
    ]


def test_a_waiting_campaign_shows_its_audience_and_no_progress(localizer: Localizer) -> None:
    waits = campaign(CampaignState.WAITING, tally=Tally(), audience=3)
    said = read(view.campaign_screen(waits, 0, localizer))
    assert (
        localizer.text("campaign-reaches", number=3).replace("<b>", "").replace("</b>", "") in said and "%" not in said
    )
    unknown = read(view.campaign_screen(replace(waits, audience=None), 0, localizer))
    assert "%" not in unknown and len(unknown.splitlines()) == 2


def test_a_finished_campaign_cannot_be_stopped(localizer: Localizer) -> None:
    done = campaign(tally=Tally({"sent": 3}), finished=True)
    for confirm_cancel in (True, False):
        screen = view.campaign_screen(done, 0, localizer, confirm_cancel=confirm_cancel)
        assert "✅" in read(screen) and "100 %" in read(screen)
        assert [sign for row in signs(screen) for sign in row] == ["🔄", "↩️"]
    assert "✅" in read(view.campaigns_screen([done], 0, False, localizer))
    assert view.too_late(done, localizer) != view.too_late(campaign(CampaignState.CANCELLED), localizer)


def test_a_campaign_that_came_too_late_is_not_shown_as_done(localizer: Localizer) -> None:
    tally = Tally({"expired": 7, "suppressed": 1})
    vain = campaign(tally=tally, finished=True, untold=tally.untold)
    for screen in (view.campaign_screen(vain, 0, localizer), view.campaigns_screen([vain], 0, False, localizer)):
        assert "✅" not in read(screen) and "⌛" in read(screen) and "100 %" not in read(screen)
    partly = Tally({"expired": 7, "sent": 3})
    some = campaign(tally=partly, finished=True, untold=partly.untold)
    said = read(view.campaign_screen(some, 0, localizer))
    assert "✅" not in said and "7" in said.splitlines()[1] and "30 %" in said


def test_campaigns_of_a_moved_group_have_different_labels(localizer: Localizer) -> None:
    found = [campaign(kind=NotificationKind.GROUP_SCHEDULED, revision=number) for number in (1, 2, 3)]
    labels = [row[0].text for row in view.campaigns_screen(found, 0, False, localizer).buttons[:3]]
    assert len({label[:5] for label in labels}) == 3, "a phone cuts the end of a label"


def test_the_campaign_of_an_opening_does_not_say_that_the_group_is_open() -> None:
    waits = campaign(CampaignState.WAITING, NotificationKind.GROUP_OPEN, Tally())
    assert "已开团" not in read(view.campaign_screen(waits, 0, localizer_in("zh")))
    assert "Group open" not in read(view.campaign_screen(waits, 0, localizer_in("en")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_campaign_kind_and_state_has_a_text(language: str) -> None:
    localizer = localizer_in(language)
    found = [campaign(state, kind) for state in CampaignState for kind in NotificationKind]
    for start in range(0, len(found), 6):
        some = found[start : start + 6]
        screen = view.campaigns_screen(some, 1, True, localizer)
        read(screen)
        assert [row[0].text for row in screen.buttons[:6]] and signs(screen)[-2:] == [["◀️", "▶️"], ["🏪"]]
    assert signs(view.campaigns_screen([], 0, False, localizer)) == [["🏪"]]
    nasty = Campaign(BIGGEST, NotificationKind.ITEM_RELISTED, CampaignState.QUEUED, NOW, NASTY * 3, NASTY * 3)
    screen = view.campaigns_screen([nasty] * 6, 10**6, False, localizer)
    assert "<b>" in read(screen)
    assert all(len((each.data or "").encode()) <= 64 for each in buttons(screen))


def test_the_desk_shows_that_campaigns_are_held_and_offers_to_release_them(localizer: Localizer) -> None:
    overview = Overview(0, 0, 0, NOW)
    screen = desk.desk_screen(overview, {"paused": 7}, localizer, held_since=NOW)
    assert localizer.html("desk-held", since=localizer.moment(NOW)) in screen.text and "7" in read(screen)
    assert callbacks.DeskCallback.unpack(button(screen, "▶️").data or "").do == "go"
    assert "▶️" not in [sign for row in signs(desk.desk_screen(overview, {}, localizer)) for sign in row]
