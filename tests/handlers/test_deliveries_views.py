"""What organisers see of deliveries (R24, R26, R27)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alerts import Kind
from domain.deliveries import Offer, Stage, Tally, Unsent
from domain.people import LANGUAGES
from handlers import callbacks as tap
from handlers.views import deliveries as view
from handlers.views import desk
from handlers.words import Speech
from services.deliveries import Delivery
from services.rounds import Overview
from tests.handlers.conftest import BIGGEST, NASTY, NOW, button, buttons, read, signs, speech_in

TALLY = Tally(
    {"sent": 50, "pending": 30, "claimed": 4, "inflight": 1, "suppressed": 10, "unknown": 2, "expired": 1, "dead": 2},
    {Unsent.BLOCKED: 7, Unsent.OFF: 3},
)


def delivery(
    stage: Stage = Stage.QUEUED, kind: Kind = Kind.GROUP_SOON, tally: Tally = TALLY, **more: object
) -> Delivery:
    return Delivery(5, kind, stage, NOW, "玻璃茶壶", "Glass teapot", tally, **more)  # type: ignore[arg-type]


def test_a_delivery_shows_every_number_its_progress_and_its_end() -> None:
    screen = view.delivery_screen(delivery(ends_at=NOW + timedelta(minutes=2)), 1, speech_in("en"))
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
    assert tap.Desk.unpack(button(screen, "⏸").data or "") == tap.Desk(do="pause", item=5, page=1)
    assert tap.Desk.unpack(button(screen, "↩️").data or "") == tap.Desk(do="sends", page=1)


@pytest.mark.parametrize(
    ("stage", "offered"),
    [
        (Stage.WAITING, ["⏸", "✖️"]),
        (Stage.QUEUED, ["⏸", "✖️"]),
        (Stage.PAUSED, ["▶️", "✖️"]),
        (Stage.PAUSED_QUEUED, ["▶️", "✖️"]),
        (Stage.CANCELLING, []),
        (Stage.CANCELLED, []),
        (Stage.EXPIRED, []),
        (Stage.EXPIRING, []),
        (Stage.RESUMING, ["⏸", "✖️"]),
    ],
)
def test_only_what_can_be_done_is_offered(speech: Speech, stage: Stage, offered: list[str]) -> None:
    screen = view.delivery_screen(delivery(stage), 0, speech)
    assert [sign for row in signs(screen) for sign in row] == [*offered, "🔄", "↩️"]


def test_cancelling_is_asked_for_once_more(speech: Speech) -> None:
    screen = view.delivery_screen(delivery(), 0, speech, sure=False)
    assert speech.t("delivery-ask-cancel") in screen.text
    really = button(screen, "✖️")
    assert really.style == "danger" and tap.Desk.unpack(really.data or "").do == "stop!"
    assert tap.Desk.unpack(button(screen, "↩️").data or "").do == "send"


OFFER = Offer(50_005, 12_505, NOW + timedelta(minutes=25), NOW + timedelta(minutes=9))


def test_who_would_be_told_too_late_is_said_with_the_price_of_being_in_time() -> None:
    screen = view.delivery_screen(delivery(offer=OFFER), 1, speech_in("en"))
    assert "12,505 of them would leave after today 10:25" in read(screen)
    assert signs(screen) == [["⭐"], ["⏸"], ["✖️"], ["🔄"], ["↩️"]] and "5,000.5 Stars" in button(screen, "⭐").text
    asked = view.stars_screen(delivery(offer=OFFER), 1, 12_000, speech_in("en"))
    assert "Price: 5,000.5 Stars at most" in read(asked) and "bot's 12,000" in read(asked)
    assert tap.Desk.unpack(button(asked, "⭐").data or "") == tap.Desk(do="star!", item=5, page=1, value="50005")
    assert "⭐" not in str(signs(view.delivery_screen(delivery(offer=OFFER), 1, speech_in("en"), sure=False)))
    paid = view.delivery_screen(delivery(paid_for=50_000), 1, speech_in("en"))
    assert "Sent faster, for 5,000 Stars at most" in read(paid) and "⭐" not in str(signs(paid))


def test_nothing_is_paid_without_the_stars_that_telegram_asks_for(speech: Speech) -> None:
    poor = view.stars_screen(delivery(offer=OFFER), 0, 9_999, speech)
    assert signs(poor) == [["↩️"]] and "10,000" in read(poor)
    dear = view.stars_screen(delivery(offer=replace(OFFER, messages=200_001)), 0, 20_000, speech)
    assert signs(dear) == [["↩️"]] and "20,001" in read(dear)
    assert signs(view.stars_screen(delivery(), 0, 20_000, speech)) == [["↩️"]]


def test_what_telegram_has_stopped_says_why_and_can_go_on(speech: Speech) -> None:
    why = "TelegramBadRequest: Telegram server says - Bad Request: <b> is too long"
    stopped = delivery(Stage.PAUSED_QUEUED, stopped_by=why)
    assert "Bad Request: <b> is too long" in read(view.delivery_screen(stopped, 0, speech))
    letter = view.stopped_letter(stopped, speech)
    assert "Bad Request: <b> is too long" in read(letter) and "says" not in read(letter)
    assert signs(letter) == [["📨"], ["▶️", "✖️"]]
    assert [tap.Desk.unpack(each.data or "").do for each in buttons(letter)] == ["send", "resume", "stop"]


def test_what_still_waits_says_whom_it_will_reach_and_no_numbers_of_nothing(speech: Speech) -> None:
    waits = delivery(Stage.WAITING, tally=Tally(), reaches=3)
    said = read(view.delivery_screen(waits, 0, speech))
    assert speech.plain("delivery-reaches", number=3).replace("<b>", "").replace("</b>", "") in said and "%" not in said
    unknown = read(view.delivery_screen(replace(waits, reaches=None), 0, speech))
    assert "%" not in unknown and len(unknown.splitlines()) == 2


def test_what_has_arrived_is_done_and_offers_nothing_to_stop(speech: Speech) -> None:
    done = delivery(tally=Tally({"sent": 3}), through=True)
    for sure in (True, False):
        screen = view.delivery_screen(done, 0, speech, sure=sure)
        assert "✅" in read(screen) and "100 %" in read(screen)
        assert [sign for row in signs(screen) for sign in row] == ["🔄", "↩️"]
    assert "✅" in read(view.deliveries_screen([done], 0, False, speech))
    assert view.nothing_left(done, speech) != view.nothing_left(delivery(Stage.CANCELLED), speech)


def test_deliveries_of_a_group_that_was_moved_have_labels_of_their_own(speech: Speech) -> None:
    found = [delivery(kind=Kind.GROUP_SCHEDULED, revision=number) for number in (1, 2, 3)]
    labels = {row[0].text for row in view.deliveries_screen(found, 0, False, speech).buttons[:3]}
    assert len(labels) == 3


def test_the_alert_of_an_opening_does_not_say_that_the_group_is_open() -> None:
    waits = delivery(Stage.WAITING, Kind.GROUP_OPEN, Tally())
    assert "已开团" not in read(view.delivery_screen(waits, 0, speech_in("zh")))
    assert "Group open" not in read(view.delivery_screen(waits, 0, speech_in("en")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_stage_has_its_words(language: str) -> None:
    speech = speech_in(language)
    found = [delivery(stage, kind) for stage in Stage for kind in Kind]
    for start in range(0, len(found), 6):
        some = found[start : start + 6]
        screen = view.deliveries_screen(some, 1, True, speech)
        read(screen)
        assert [row[0].text for row in screen.buttons[:6]] and signs(screen)[-2:] == [["◀️", "▶️"], ["🏪"]]
    assert signs(view.deliveries_screen([], 0, False, speech)) == [["🏪"]]
    nasty = Delivery(BIGGEST, Kind.ITEM_BACK, Stage.QUEUED, NOW, NASTY * 3, NASTY * 3)
    screen = view.deliveries_screen([nasty] * 6, BIGGEST, False, speech)
    assert "<b>" in read(screen)
    assert all(len((each.data or "").encode()) <= 64 for each in buttons(screen))


def test_the_desk_says_that_deliveries_are_held_and_offers_to_go_on(speech: Speech) -> None:
    overview = Overview(0, 0, 0, NOW)
    screen = desk.desk_screen(overview, {"paused": 7}, speech, held_since=NOW)
    assert speech.t("desk-held", since=speech.moment(NOW)) in screen.text and "7" in read(screen)
    assert tap.Desk.unpack(button(screen, "▶️").data or "").do == "go"
    assert "▶️" not in [sign for row in signs(desk.desk_screen(overview, {}, speech)) for sign in row]
