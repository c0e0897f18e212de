"""The courier and the answers that have a rule of their own: pictures, 429s of one chat or of all, equal refusals, a
bot that nobody knows any more (R24, R26, R27)."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import timedelta

import pytest

from domain.campaigns import CampaignState
from domain.notifications import NotificationKind
from services.campaigns import EQUAL_REFUSALS, Campaign
from tests.bot.delivery.test_sender import TOKEN, Make, Office, make_office, until
from tests.conftest import ORGANISER, meet
from tests.services.conftest import ask, made_once, on_display, one, order

BOT = int(TOKEN.partition(":")[0])


def by_method(office: Office) -> Counter[tuple[str, bool]]:
    """How often each method was called, and whether Telegram did it."""
    return Counter((call["method"], call["ok"]) for call in office.sends())


# -- pictures --


@pytest.mark.parametrize("said", ["PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED", "failed to get HTTP URL content"])
async def test_a_bad_picture_leaves_the_words_and_the_buttons(make_office: Make, said: str) -> None:
    office = await make_office(30, rate=30)
    await office.alerts()
    office.box.backend.faults.add({"kind": "refuse", "method": "sendPhoto", "said": f"Bad Request: {said}"})
    await office.deliver()
    assert office.arrived() == {member.chat_id: 1 for member in office.people}
    assert await office.states() == {"sent": 30}
    refused = by_method(office)["sendPhoto", False]
    assert by_method(office) == {("sendPhoto", False): refused, ("sendMessage", True): 30}
    assert refused < 15, "those that leave when the refusal is known try no picture"
    for call in office.sends():
        if call["ok"]:
            assert "Your group is coming" in call["params"]["text"]
            assert "inline_keyboard" in str(call["params"]["reply_markup"])


async def test_a_picture_whose_name_telegram_has_forgotten_is_uploaded_anew(make_office: Make) -> None:
    office = await make_office(2)
    await office.alerts()
    await office.deliver()
    [known] = await ask(office.db, "SELECT file_id FROM picture_files")
    await order(office.db, "UPDATE items SET picture_id = (SELECT picture_id FROM picture_files)")
    said = "Bad Request: wrong remote file identifier specified: Wrong padding in the string"
    office.box.backend.faults.add({"kind": "refuse", "method": "sendPhoto", "said": said, "count": 1})
    await office.alerts()
    await office.deliver()
    assert by_method(office) == {("sendPhoto", True): 4, ("sendPhoto", False): 1}
    [anew] = await ask(office.db, "SELECT file_id FROM picture_files")
    assert anew != known and await office.states() == {"sent": 4}


async def test_words_that_are_refused_as_well_are_not_tried_again(make_office: Make) -> None:
    office = await make_office(1)
    await office.alerts()
    office.box.backend.faults.add(
        {"kind": "refuse", "method": "sendPhoto", "said": "Bad Request: IMAGE_PROCESS_FAILED"}
    )
    office.box.backend.faults.add({"kind": "refuse", "method": "sendMessage", "said": "Bad Request: no file, no photo"})
    await office.deliver()
    assert by_method(office) == {("sendPhoto", False): 1, ("sendMessage", False): 1}
    assert await office.states() == {"dead": 1}


# -- 429 --


async def test_a_429_of_one_chat_keeps_nobody_else_waiting(make_office: Make) -> None:
    office = await make_office(20, rate=50)
    alone = office.people[7].chat_id
    await office.alerts()
    rule = {"kind": "429", "method": "sendPhoto", "chat": str(alone), "retry_after": 3, "count": 1}
    office.box.backend.faults.add(rule)

    async def others_are_told() -> bool:
        return len(office.arrived()) == 19

    began = time.monotonic()
    async with office.at_work():
        await until(others_are_told)
        assert time.monotonic() - began < 3
        await until(office.settled)
    first, second = (call for call in office.sends() if int(call["chat_id"]) == alone)
    assert not first["ok"] and second["ok"]
    assert second["at_monotonic"] - first["at_monotonic"] - first["seconds"] >= 3
    assert office.arrived() == {member.chat_id: 1 for member in office.people}


async def test_everything_for_a_chat_waits_as_long_as_telegram_asked_in_every_process(make_office: Make) -> None:
    office = await make_office(1)
    for place in range(3):
        await office.alerts(place=place)
    office.fault("429", retry_after=90, count=1)

    async def was_refused() -> bool:
        return len(office.sends()) == 1 and await office.settled_but_for(3)

    async with office.at_work():
        await until(was_refused)
    due = [row.not_before for row in await ask(office.db, "SELECT not_before FROM notifications")]
    earliest = office.box.clock.now() + timedelta(seconds=80)
    assert len(due) == 3 and min(due) > earliest.replace(tzinfo=None).isoformat(" ", "microseconds")


async def test_a_429_that_several_chats_hear_stops_everybody_also_after_a_restart(make_office: Make) -> None:
    office = await make_office(40, rate=50)
    await office.alerts()
    office.fault("429", retry_after=3, count=2)

    async def two_were_refused() -> bool:
        return len(office.sends()) >= 2

    async with office.at_work():
        await until(two_were_refused)
    tried = len(office.sends())
    refused_at = max(call["at_monotonic"] + call["seconds"] for call in office.sends() if not call["ok"])
    async with office.at_work():  # a fresh courier: what it must not do stands in the database
        office.box.clock.advance(timedelta(seconds=3))
        await until(office.settled)
    assert sorted(call["at_monotonic"] for call in office.sends())[tried] - refused_at >= 2.9
    assert office.arrived() == {member.chat_id: 1 for member in office.people}


# -- groups --


async def in_a_group(office: Office, kind: str = "supergroup") -> int:
    """A bound group that gets the day's picks; returns its number at Telegram."""
    owner = office.box.add_person("Owner")
    group = office.box.add_group("Neighbours", [owner.id, BOT], kind=kind)
    assert await office.services.chats.bind(group.id, "en")
    return group.id


async def test_letters_follow_a_group_that_became_a_supergroup_which_nobody_has_told_us(make_office: Make) -> None:
    office = await make_office(0)
    old = await in_a_group(office, "group")
    await office.carousels()
    new = office.box.backend.groups.upgrade(office.box.world.chat(f"g{old}")).id
    await office.deliver()
    assert office.arrived() == {new: 3} and await office.states() == {"sent": 3}
    assert await one(office.db, "SELECT chat_id FROM bound_chats") == new
    assert await one(office.db, "SELECT count(*) FROM shared_cards") == 3
    assert {call["description"] for call in office.sends() if not call["ok"]} == {
        "Bad Request: group chat was upgraded to a supergroup chat"
    }


async def test_a_group_that_forbids_messages_gets_none_and_stops_nobodys(make_office: Make) -> None:
    office = await make_office(8)
    group = await in_a_group(office)
    said = "Bad Request: not enough rights to send text messages to the chat"
    office.box.backend.faults.add({"kind": "refuse", "method": "*", "chat": str(group), "said": said})
    await office.carousels()
    await office.deliver()
    assert office.arrived() == {member.chat_id: 1 for member in office.people}
    assert await office.states() == {"sent": 8, "suppressed": 3}


async def test_what_a_group_was_sent_before_a_restart_counts_in_its_minute(make_office: Make) -> None:
    office = await make_office(2)
    group = await in_a_group(office)
    await office.carousels()
    await office.deliver()
    lately = await office.services.outbox.lately_in_chats()
    assert [chat for chat, _ in lately] == [group] * 3
    assert all(timedelta(0) <= ago < timedelta(minutes=1) for _, ago in lately)
    office.box.clock.advance(timedelta(minutes=3))
    assert await office.services.outbox.lately_in_chats() == []


# -- refused alike --


async def campaign(office: Office, kind: NotificationKind = NotificationKind.GROUP_SCHEDULED) -> Campaign:
    [found] = [delivery for delivery in await office.services.campaigns.latest(50) if delivery.kind is kind]
    delivery = await office.services.campaigns.one(found.id)
    assert delivery is not None
    return delivery


async def with_organiser(office: Office, members: int) -> None:
    """An organiser who has pressed Start and follows nothing, and so many members."""
    office.box.add_person("Olga", ORGANISER)
    office.box.world.private_chat(ORGANISER, BOT).started = True
    await meet(office.services, ORGANISER, "Olga")
    await office.join(members)


async def test_r26_equal_refusals_in_a_row_stop_the_campaign_and_organisers_are_told_once(make_office: Make) -> None:
    office = await make_office(0, rate=50)
    await with_organiser(office, 60)
    item = await office.alerts()
    await order(office.db, "UPDATE items SET title_en = :long WHERE id = :id", long="x" * 2000, id=item)

    async def told() -> bool:
        return office.arrived()[ORGANISER] == 1 and await office.settled()

    async with office.at_work():
        await until(told)
    delivery = await campaign(office)
    assert delivery.stage is CampaignState.PAUSED_QUEUED and "too long" in (delivery.stopped_by or "")
    dead = delivery.tally.states["dead"]
    assert EQUAL_REFUSALS <= dead < 60 and delivery.tally.paused == 60 - dead
    [notification] = [call for call in office.sends() if int(call["chat_id"]) == ORGANISER]
    assert "too long" in notification["params"]["text"] and "Nobody is forgotten" in notification["params"]["text"]
    assert all(sign in str(notification["params"]["reply_markup"]) for sign in ("Look at it", "Go on", "Cancel"))

    await order(office.db, "UPDATE items SET title_en = 'Thing' WHERE id = :id", id=item)
    assert await office.services.campaigns.resume(delivery.id)
    await office.deliver()
    assert office.arrived() == {ORGANISER: 1, **{member.chat_id: 1 for member in office.people}}
    assert (await campaign(office)).tally.states == {"sent": 60}


async def test_r26_a_campaign_that_is_refused_again_stops_again(make_office: Make) -> None:
    office = await make_office(0)
    await with_organiser(office, 8)
    item = await office.alerts()
    await order(office.db, "UPDATE items SET title_en = :long WHERE id = :id", long="x" * 2000, id=item)
    await office.deliver()
    assert await office.services.campaigns.resume((await campaign(office)).id)
    office.box.clock.advance(timedelta(seconds=2))
    await office.deliver()
    assert office.arrived() == {ORGANISER: 2}
    assert await office.services.campaigns.cancel((await campaign(office)).id)
    states = (await campaign(office)).tally.states
    assert set(states) <= {"dead", "cancelled"} and sum(states.values()) == 8


async def test_refusals_with_others_in_between_stop_nothing(make_office: Make) -> None:
    # So slowly that hardly two are in hand at a time: who reads many at once brings them to the door in any order.
    office = await make_office(4 * EQUAL_REFUSALS, rate=5)
    await office.alerts()
    said = "Bad Request: message is too long"
    for member in office.people[::2]:
        rule = {"kind": "refuse", "method": "sendPhoto", "chat": str(member.chat_id), "said": said}
        office.box.backend.faults.add(rule)
    async with office.at_work():
        await until(office.settled)
    assert await office.states() == {"sent": 2 * EQUAL_REFUSALS, "dead": 2 * EQUAL_REFUSALS}


# -- paid for --


async def more_than(office: Office, number: int) -> bool:
    """Whether so many messages and more were sent."""
    return len(office.sends()) > number


@pytest.mark.long
async def test_r24_only_what_is_paid_for_leaves_faster_and_costs_no_more_than_was_said(make_office: Make) -> None:
    office = await make_office(120, rate=10, paid_rate=100)
    limits, bot = office.box.backend.limiter, office.box.world.state.bots[BOT]
    limits.rates.change({"enabled": True, "global_per_second": 15, "chat_burst": 5})
    bot.stars = 10_500
    await office.alerts(opens_in=timedelta(seconds=11))
    delivery = await campaign(office)
    assert delivery.offer is not None and delivery.offer.messages == 120
    assert await office.services.campaigns.pay(delivery.id, 120, "organiser 1")
    began = time.monotonic()
    await office.deliver()
    assert await office.states("group-scheduled") == {"sent": 120}
    assert time.monotonic() - began < 120 / 10, "faster than the free rate"
    assert {call["params"].get("allow_paid_broadcast") for call in office.sends()} <= {True, "true"}
    assert 0 < 10_500 - bot.stars <= 12, "a tenth of a Star each, but for the free ones"
    paid = len(office.sends())
    office.box.clock.advance(timedelta(seconds=12))
    await office.services.groups.tick()
    async with office.at_work():
        await until(lambda: more_than(office, paid + 5))
    assert {call["params"].get("allow_paid_broadcast") for call in office.sends()[paid:]} == {None}


# -- nobody's letter is taken --


@pytest.mark.parametrize(("code", "said"), [(401, "Unauthorized"), (409, "Conflict: terminated"), (404, "Not Found")])
async def test_an_answer_that_is_about_the_bot_stops_sending_and_marks_nothing(
    make_office: Make, code: int, said: str
) -> None:
    office = await make_office(10, rate=20)
    await office.alerts()
    await office.carousels()
    office.fault("refuse", code=code, said=said)

    async with office.at_work():
        await until(office.tried_once)
        tried = len(office.sends())
        await asyncio.sleep(0.5)  # that nothing more is tried takes its time to see
        assert len(office.sends()) == tried < 20
    assert await office.states() == {"pending": 20}
    assert await one(office.db, "SELECT sum(uncertain_attempts) FROM notifications") == 0
    assert await one(office.db, "SELECT count(*) FROM members WHERE unreachable IS NOT NULL") == 0


@pytest.mark.parametrize(("policy", "states"), [("alerts", {"sent": 1}), ("carousels", {"unknown": 1})])
async def test_an_answer_that_nobody_can_read_follows_the_policy(
    make_office: Make, policy: str, states: dict[str, int]
) -> None:
    office = await make_office(1)
    await getattr(office, policy)()
    office.box.backend.faults.add({"kind": "garbled", "method": "sendPhoto", "count": 1})
    async with office.at_work():
        await until(office.tried_once)
        office.box.clock.advance(timedelta(seconds=5))
        await until(office.settled)
    assert await office.states() == states
