"""The sender's reaction to answers with a special rule: refused pictures, 429s of one or of all chats, equal refusals,
refusals of the bot itself (R24, R26, R27)."""

# ruff: noqa: F401, F811 - fixtures of another file are requested by name

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import timedelta

import pytest

import domain.campaigns
from domain.campaigns import EQUAL_REFUSALS, UNREACHABLE_IN_A_ROW, CampaignState
from domain.notifications import NotificationKind
from services.campaigns import Campaign
from tests.bot.delivery.sender_kit import SENDS, TOKEN, Make, SenderKit, make_kit
from tests.conftest import ORGANISER, meet, queue_due
from tests.services.conftest import ask, on_display, one, order
from tests.virtual_clock import VirtualClock

BOT = int(TOKEN.partition(":")[0])


def by_method(kit: SenderKit) -> Counter[tuple[str, bool]]:
    """How often each method was called, with and without success."""
    return Counter((call["method"], call["ok"]) for call in kit.sends())


# -- pictures --


@pytest.mark.parametrize(
    "said",
    [
        "PHOTO_INVALID_DIMENSIONS",
        pytest.param("IMAGE_PROCESS_FAILED", marks=pytest.mark.long),
        pytest.param("failed to get HTTP URL content", marks=pytest.mark.long),
    ],
)
async def test_a_refused_picture_leaves_text_and_buttons(make_kit: Make, said: str) -> None:
    kit = await make_kit(30, rate=30)
    await kit.alerts()
    kit.box.backend.faults.add({"kind": "refuse", "method": "sendPhoto", "said": f"Bad Request: {said}"})
    await kit.deliver()
    assert kit.arrived() == {member.chat_id: 1 for member in kit.people}
    assert await kit.states() == {"sent": 30}
    refused = by_method(kit)["sendPhoto", False]
    assert by_method(kit) == {("sendPhoto", False): refused, ("sendMessage", True): 30}
    assert refused < 15, "those that leave when the refusal is known try no picture"
    for call in kit.sends():
        if call["ok"]:
            assert "Your group is coming" in call["params"]["text"]
            assert "inline_keyboard" in str(call["params"]["reply_markup"])


async def test_a_picture_whose_file_id_became_invalid_is_uploaded_again(make_kit: Make) -> None:
    kit = await make_kit(2)
    await kit.alerts()
    await kit.deliver()
    [known] = await ask(kit.db, "SELECT file_id FROM picture_files")
    await order(kit.db, "UPDATE items SET picture_id = (SELECT picture_id FROM picture_files)")
    said = "Bad Request: wrong remote file identifier specified: Wrong padding in the string"
    kit.box.backend.faults.add({"kind": "refuse", "method": "sendPhoto", "said": said, "count": 1})
    await kit.alerts()
    await kit.deliver()
    assert by_method(kit) == {("sendPhoto", True): 4, ("sendPhoto", False): 1}
    [anew] = await ask(kit.db, "SELECT file_id FROM picture_files")
    assert anew != known and await kit.states() == {"sent": 4}


async def test_a_text_that_is_refused_as_well_is_not_retried(make_kit: Make) -> None:
    kit = await make_kit(1)
    await kit.alerts()
    kit.box.backend.faults.add({"kind": "refuse", "method": "sendPhoto", "said": "Bad Request: IMAGE_PROCESS_FAILED"})
    kit.box.backend.faults.add({"kind": "refuse", "method": "sendMessage", "said": "Bad Request: no file, no photo"})
    await kit.deliver()
    assert by_method(kit) == {("sendPhoto", False): 1, ("sendMessage", False): 1}
    assert await kit.states() == {"dead": 1}


# -- 429 --


async def test_a_429_of_one_chat_delays_no_other(make_kit: Make) -> None:
    kit = await make_kit(20, rate=50)
    alone = kit.people[7].chat_id
    await kit.alerts()
    rule = {"kind": "429", "method": "sendPhoto", "chat": str(alone), "retry_after": 3, "count": 1}
    kit.box.backend.faults.add(rule)

    async def others_are_told() -> bool:
        return len(kit.arrived()) == 19

    async with kit.at_work():
        await kit.until(others_are_told, within=3)
        await kit.until(kit.settled)
    first, second = (call for call in kit.sends() if int(call["chat_id"]) == alone)
    assert not first["ok"] and second["ok"]
    first_at, second_at = (at for at, chat in zip(kit.sends_at, kit.chats(), strict=True) if chat == alone)
    assert second_at - first_at >= 3
    assert kit.arrived() == {member.chat_id: 1 for member in kit.people}


async def test_every_notification_to_a_chat_waits_for_its_429_in_every_process(make_kit: Make) -> None:
    kit = await make_kit(1)
    for place in range(3):
        await kit.alerts(place=place)
    kit.fault("429", retry_after=90, count=1)

    async def was_refused() -> bool:
        return len(kit.sends()) == 1 and await kit.settled_but_for(3)

    async with kit.at_work():
        await kit.until(was_refused)
    due = [row.not_before for row in await ask(kit.db, "SELECT not_before FROM notifications")]
    earliest = kit.clock.now() + timedelta(seconds=80)
    assert len(due) == 3 and min(due) > earliest.replace(tzinfo=None).isoformat(" ", "microseconds")


async def test_429s_of_several_chats_stop_all_sending_also_after_a_restart(make_kit: Make) -> None:
    kit = await make_kit(40, rate=50)
    await kit.alerts()
    kit.fault("429", retry_after=3, count=2)

    async def two_were_refused() -> bool:
        return len(kit.sends()) >= 2

    async with kit.at_work():
        await kit.until(two_were_refused)
    tried = len(kit.sends())
    refused_at = max(at for at, call in zip(kit.sends_at, kit.sends(), strict=True) if not call["ok"])
    async with kit.at_work():  # a new sender, which reads the pause from the database
        await kit.until(kit.settled)
    assert kit.sends_at[tried] - refused_at >= 3
    assert kit.arrived() == {member.chat_id: 1 for member in kit.people}


# -- groups --


async def in_a_group(kit: SenderKit, kind: str = "supergroup") -> int:
    """A bound group that gets the day's picks. Returns its chat id."""
    owner = kit.box.add_person("Owner")
    group = kit.box.add_group("Neighbours", [owner.id, BOT], kind=kind)
    assert await kit.services.chats.bind(group.id, "en")
    return group.id


async def test_notifications_follow_a_group_that_became_a_supergroup_without_an_update(make_kit: Make) -> None:
    kit = await make_kit(0)
    old = await in_a_group(kit, "group")
    await kit.carousels()
    new = kit.box.backend.groups.upgrade(kit.box.world.chat(f"g{old}")).id
    await kit.deliver()
    assert kit.arrived() == {new: 3} and await kit.states() == {"sent": 3}
    assert await one(kit.db, "SELECT chat_id FROM bound_chats") == new
    assert await one(kit.db, "SELECT count(*) FROM shared_cards") == 3
    assert {call["description"] for call in kit.sends() if not call["ok"]} == {
        "Bad Request: group chat was upgraded to a supergroup chat"
    }


async def test_a_group_that_forbids_messages_gets_none_and_stops_no_others(make_kit: Make) -> None:
    kit = await make_kit(8)
    group = await in_a_group(kit)
    said = "Bad Request: not enough rights to send text messages to the chat"
    kit.box.backend.faults.add({"kind": "refuse", "method": "*", "chat": str(group), "said": said})
    await kit.carousels()
    await kit.deliver()
    assert kit.arrived() == {member.chat_id: 1 for member in kit.people}
    assert await kit.states() == {"sent": 8, "suppressed": 3}


async def test_messages_to_a_group_before_a_restart_count_in_its_minute(make_kit: Make) -> None:
    kit = await make_kit(2)
    group = await in_a_group(kit)
    await kit.carousels()
    await kit.deliver()
    lately = await kit.services.outbox.lately_in_chats()
    assert [chat for chat, _ in lately] == [group] * 3
    assert all(timedelta(0) <= ago < timedelta(minutes=1) for _, ago in lately)
    kit.jump(minutes=3)
    assert await kit.services.outbox.lately_in_chats() == []


# -- equal refusals --


async def campaign(kit: SenderKit, kind: NotificationKind = NotificationKind.GROUP_SCHEDULED) -> Campaign:
    [found] = [delivery for delivery in await kit.services.campaigns.latest(50) if delivery.kind is kind]
    delivery = await kit.services.campaigns.one(found.id)
    assert delivery is not None
    return delivery


async def with_organiser(kit: SenderKit, members: int) -> None:
    """Add members, and an organiser who has pressed Start and follows nothing."""
    kit.box.add_person("Olga", ORGANISER)
    kit.box.world.private_chat(ORGANISER, BOT).started = True
    await meet(kit.services, ORGANISER, "Olga")
    await kit.join(members)


async def test_r26_a_refused_content_stops_the_campaign_and_organisers_are_told_once(make_kit: Make) -> None:
    kit = await make_kit(0, rate=50)
    await with_organiser(kit, 60)
    item = await kit.alerts()
    await order(kit.db, "UPDATE items SET title_en = :long WHERE id = :id", long="x" * 2000, id=item)

    async def told() -> bool:
        return kit.arrived()[ORGANISER] == 1 and await kit.settled()

    async with kit.at_work():
        await kit.until(told)
    delivery = await campaign(kit)
    assert delivery.state is CampaignState.PAUSED_QUEUED and "too long" in (delivery.stopped_by or "")
    dead = delivery.tally.states["dead"]
    assert 1 <= dead < 60 and delivery.tally.paused == 60 - dead
    [notification] = [call for call in kit.sends() if int(call["chat_id"]) == ORGANISER]
    assert "does not accept this message" in notification["params"]["text"]
    assert "too long" in notification["params"]["text"] and "Nobody is forgotten" in notification["params"]["text"]
    assert all(sign in str(notification["params"]["reply_markup"]) for sign in ("Look at it", "Go on", "Cancel"))

    await order(kit.db, "UPDATE items SET title_en = 'Thing' WHERE id = :id", id=item)
    assert await kit.services.campaigns.resume(delivery.id)
    await kit.deliver()
    assert kit.arrived() == {ORGANISER: 1, **{member.chat_id: 1 for member in kit.people}}
    assert (await campaign(kit)).tally.states == {"sent": 60}


async def test_r26_a_campaign_that_is_refused_again_stops_again(make_kit: Make) -> None:
    kit = await make_kit(0)
    await with_organiser(kit, 8)
    item = await kit.alerts()
    await order(kit.db, "UPDATE items SET title_en = :long WHERE id = :id", long="x" * 2000, id=item)
    await kit.deliver()
    assert await kit.services.campaigns.resume((await campaign(kit)).id)
    await kit.deliver()
    assert kit.arrived() == {ORGANISER: 2}
    assert await kit.services.campaigns.cancel((await campaign(kit)).id)
    states = (await campaign(kit)).tally.states
    assert set(states) <= {"dead", "cancelled"} and sum(states.values()) == 8


async def test_refusals_with_others_in_between_stop_nothing(make_kit: Make) -> None:
    # At a low rate hardly two are in flight at a time. At a high one the order of arrival would be random.
    kit = await make_kit(4 * EQUAL_REFUSALS, rate=5)
    await kit.alerts()
    said = "Bad Request: SOMETHING_NEW"
    for member in kit.people[::2]:
        rule = {"kind": "refuse", "method": "sendPhoto", "chat": str(member.chat_id), "said": said}
        kit.box.backend.faults.add(rule)
    async with kit.at_work():
        await kit.until(kit.settled)
    assert await kit.states() == {"sent": 2 * EQUAL_REFUSALS, "dead": 2 * EQUAL_REFUSALS}


# -- unreachable recipients --

GONE = ("Bad Request: user not found", "Bad Request: PEER_ID_INVALID", "Bad Request: chat not found")


def refuse(kit: SenderKit, chat_id: int, said: str) -> None:
    """Let the Bot API answer every message to a chat with these words."""
    for method in SENDS:
        kit.box.backend.faults.add({"kind": "refuse", "method": method, "chat": str(chat_id), "said": said})


@pytest.mark.parametrize("said", GONE)
async def test_r26_deleted_accounts_keep_the_carousel_from_no_other_member(make_kit: Make, said: str) -> None:
    kit = await make_kit(28, rate=50)
    for member in kit.people[:8]:
        refuse(kit, member.chat_id, said)
    await kit.carousels()
    await kit.deliver()
    assert kit.arrived() == {member.chat_id: 1 for member in kit.people[8:]}
    assert await kit.states() == {"sent": 20, "suppressed": 8}
    assert await one(kit.db, "SELECT count(*) FROM members WHERE unreachable IS NOT NULL") == 8
    assert (await campaign(kit, NotificationKind.CAROUSEL)).state is CampaignState.QUEUED


async def test_r26_unknown_words_to_a_few_people_stop_nothing_and_to_all_they_do(make_kit: Make) -> None:
    kit = await make_kit(0, rate=5)
    await with_organiser(kit, 20)
    for member in kit.people[: EQUAL_REFUSALS - 1]:
        refuse(kit, member.chat_id, "Bad Request: SOMETHING_NEW")
    await kit.alerts()
    await kit.deliver()
    assert await kit.states("group-scheduled") == {"sent": 21 - EQUAL_REFUSALS, "dead": EQUAL_REFUSALS - 1}
    for member in kit.people:
        refuse(kit, member.chat_id, "Bad Request: SOMETHING_NEW")
    await kit.alerts(place=1)
    await kit.deliver()
    states = await kit.states("group-scheduled")
    assert states["paused"] and states["sent"] == 21 - EQUAL_REFUSALS
    [notice] = [call for call in kit.sends() if int(call["chat_id"]) == ORGANISER]
    assert "the same words" in notice["params"]["text"]


async def test_r26_a_bad_item_of_the_carousel_stops_only_its_own_cards(make_kit: Make) -> None:
    kit = await make_kit(12, rate=5)
    await kit.carousels()
    for member in kit.people[1::3]:
        refuse(kit, member.chat_id, "Bad Request: can't parse entities: Unsupported start tag")
    await kit.deliver()
    assert await kit.states() == {"sent": 8, "dead": 4}


async def test_r26_fifty_unreachable_in_a_row_hold_the_campaign_and_none_is_given_up(make_kit: Make) -> None:
    kit = await make_kit(0, rate=50)
    await with_organiser(kit, UNREACHABLE_IN_A_ROW + 10)
    await kit.alerts()
    for member in kit.people:  # as with a token of another bot
        refuse(kit, member.chat_id, "Bad Request: chat not found")

    async def told() -> bool:
        return kit.arrived()[ORGANISER] == 1 and await kit.settled()

    async with kit.at_work():
        await kit.until(told)
    held = await campaign(kit)
    assert held.state is CampaignState.PAUSED_QUEUED
    assert held.tally.states == {"paused": UNREACHABLE_IN_A_ROW + 10}
    assert await one(kit.db, "SELECT count(*) FROM members WHERE unreachable IS NOT NULL") == 0
    [notice] = [call for call in kit.sends() if int(call["chat_id"]) == ORGANISER]
    assert "50 people in a row" in notice["params"]["text"] and "token" in notice["params"]["text"]

    kit.box.backend.faults.remove()
    assert await kit.services.campaigns.resume(held.id)
    await kit.deliver()
    assert (await campaign(kit)).tally.states == {"sent": UNREACHABLE_IN_A_ROW + 10}


async def test_r26_a_campaign_that_was_let_go_on_is_not_held_for_unreachable_people_again(
    make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain.campaigns, "UNREACHABLE_IN_A_ROW", 5)
    kit = await make_kit(0, rate=50)
    await with_organiser(kit, 8)
    await kit.alerts()
    for member in kit.people:
        refuse(kit, member.chat_id, "Forbidden: bot was blocked by the user")
        kit.box.backend.faults.rules[-1].code = kit.box.backend.faults.rules[-2].code = 403
    await kit.deliver()
    held = await campaign(kit)
    assert held.state is CampaignState.PAUSED_QUEUED
    assert await kit.services.campaigns.resume(held.id)
    await kit.deliver()
    gone = await campaign(kit)
    assert gone.state is CampaignState.QUEUED and gone.tally.states == {"suppressed": 8}
    assert kit.arrived() == {ORGANISER: 1}


async def test_a_chat_that_is_said_not_to_exist_stays_bound_and_one_that_removed_the_bot_does_not(
    make_kit: Make,
) -> None:
    kit = await make_kit(0)
    unknown, other = await in_a_group(kit), await in_a_group(kit)
    refuse(kit, unknown, "Bad Request: chat not found")
    refuse(kit, other, "Forbidden: bot was kicked from the supergroup chat")
    kit.box.backend.faults.rules[-1].code = kit.box.backend.faults.rules[-2].code = 403
    await kit.carousels()
    await kit.deliver()
    assert [row.chat_id for row in await ask(kit.db, "SELECT chat_id FROM bound_chats")] == [unknown]
    assert await kit.states() == {"suppressed": 3}


# -- paid broadcasts --


async def more_than(kit: SenderKit, number: int) -> bool:
    """Whether at least this number of messages were sent."""
    return len(kit.sends()) > number


async def test_r24_only_paid_broadcasts_are_faster_and_they_cost_no_more_than_announced(make_kit: Make) -> None:
    kit = await make_kit(60, rate=10, paid_rate=100)
    limits, bot = kit.box.backend.limiter, kit.box.world.state.bots[BOT]
    limits.rates.change({"enabled": True, "global_per_second": 15, "chat_burst": 5})
    bot.stars = 10_500
    await kit.alerts(opens_in=timedelta(seconds=5))
    delivery = await campaign(kit)
    assert delivery.offer is not None and delivery.offer.messages == 60
    assert await kit.services.campaigns.pay(delivery.id, 60, "organiser 1")
    began = kit.clock.monotonic()
    await kit.deliver()
    assert await kit.states("group-scheduled") == {"sent": 60}
    assert kit.clock.monotonic() - began < 60 / 10, "faster than the free rate"
    assert {call["params"].get("allow_paid_broadcast") for call in kit.sends()} <= {True, "true"}
    assert 0 < 10_500 - bot.stars <= 6, "a tenth of a Star each, but for the free ones"
    paid = len(kit.sends())
    kit.jump(seconds=6)
    await queue_due(kit.services)
    async with kit.at_work():
        await kit.until(lambda: more_than(kit, paid + 5))
    assert {call["params"].get("allow_paid_broadcast") for call in kit.sends()[paid:]} == {None}


# -- refusals of the bot --


@pytest.mark.parametrize(("code", "said"), [(401, "Unauthorized"), (409, "Conflict: terminated"), (404, "Not Found")])
async def test_an_answer_that_is_about_the_bot_stops_sending_and_marks_nothing(
    make_kit: Make, code: int, said: str
) -> None:
    kit = await make_kit(10, rate=20)
    await kit.alerts()
    await kit.carousels()
    kit.fault("refuse", code=code, said=said)

    async with kit.at_work():
        await kit.until(kit.tried_once)
        tried = len(kit.sends())
        assert isinstance(kit.clock, VirtualClock)
        await kit.clock.advance(0.5)
        assert len(kit.sends()) == tried < 20
    assert await kit.states() == {"pending": 20}
    assert await one(kit.db, "SELECT sum(uncertain_attempts) FROM notifications") == 0
    assert await one(kit.db, "SELECT count(*) FROM members WHERE unreachable IS NOT NULL") == 0


@pytest.mark.parametrize(("policy", "states"), [("alerts", {"sent": 1}), ("carousels", {"unknown": 1})])
async def test_an_unreadable_answer_follows_the_policy(make_kit: Make, policy: str, states: dict[str, int]) -> None:
    kit = await make_kit(1)
    await getattr(kit, policy)()
    kit.box.backend.faults.add({"kind": "garbled", "method": "sendPhoto", "count": 1})
    async with kit.at_work():
        await kit.until(kit.tried_once)
        await kit.until(kit.settled)
    assert await kit.states() == states
