"""Inline queries, prepared messages and invoices: what bots answer reaches people, and what people do reaches bots."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.sandbox.harness import ANN, KEYBOARD, MEMBER, Harness
from tests.sandbox.test_methods import message


async def test_an_inline_result_is_chosen_sent_tapped_and_edited(harness: Harness) -> None:
    backend, world = harness.box.backend, harness.box.world
    mia, bot, group = world.person(MEMBER), world.state.bots[100001], world.chat(f"g{harness.ids['super']}")
    id = backend.inline.send_query(mia, group, bot, "pears")
    query = (await harness.updates())[0]["inline_query"]
    assert (query["id"], query["query"], query["chat_type"]) == (id, "pears", "supergroup")
    text = {"message_text": "<b>Pears</b>", "parse_mode": "HTML"}
    article = {"type": "article", "id": "r1", "title": "Pears", "input_message_content": text, "reply_markup": KEYBOARD}
    photo = {"type": "photo", "id": "r2", "photo_file_id": harness.ids["photo_file"], "caption": "c"}
    assert (await harness.call("answerInlineQuery", inline_query_id=id, results=[article, photo])).result is True
    sent = await backend.inline.choose_result(mia, group, id, "r1")
    assert sent.via_bot == bot.id and sent.content["entities"][0]["type"] == "bold"
    assert "photo" in (await backend.inline.choose_result(mia, group, id, "r2")).content
    found = await harness.updates()
    chosen = next(one["chosen_inline_result"] for one in found if "chosen_inline_result" in one)
    assert chosen["result_id"] == "r1" and chosen["inline_message_id"] == sent.inline_id
    backend.actions.tap(world.person(ANN), group, sent.id, 0, 0)
    callback = (await harness.updates())[0]["callback_query"]
    assert callback["inline_message_id"] == sent.inline_id and "message" not in callback
    edited = await harness.call("editMessageText", inline_message_id=sent.inline_id, text="Sold", reply_markup=KEYBOARD)
    assert edited.result is True and message(harness, sent.id, group.key).text == "Sold"


async def test_inline_answers_are_cached_by_cache_time_and_is_personal(harness: Harness) -> None:
    inline, world = harness.box.backend.inline, harness.box.world
    ann, mia, bot = world.person(ANN), world.person(MEMBER), world.state.bots[100001]
    group = world.chat(f"g{harness.ids['super']}")
    place = {"type": "location", "id": "1", "latitude": 1, "longitude": 1, "title": "x"}

    async def asked(person: Any, query: str, **answer: Any) -> int:
        """The number of queries that reach the bot, which answers each of them."""
        id = inline.send_query(person, group, bot, query)
        reached = [one["inline_query"]["id"] for one in await harness.updates()]
        for one in reached:
            await harness.call("answerInlineQuery", inline_query_id=one, results=[place], **answer)
        assert world.state.inline_queries[id].results == [place]
        return len(reached)

    assert [await asked(ann, "a"), await asked(ann, "a"), await asked(mia, "a")] == [1, 0, 0]
    assert [await asked(ann, "b", cache_time=0), await asked(ann, "b", cache_time=0)] == [1, 1]
    personal = {"is_personal": True, "cache_time": 10}
    assert [
        await asked(ann, "c", **personal),
        await asked(ann, "c", **personal),
        await asked(mia, "c", **personal),
    ] == [1, 0, 1]
    harness.box.clock.set_offset(301)
    assert await asked(ann, "a") == 1


async def test_a_prepared_inline_message_is_sent_by_its_person(harness: Harness) -> None:
    result = {"type": "article", "id": "p", "title": "t", "input_message_content": {"message_text": "share me"}}
    made = (await harness.call("savePreparedInlineMessage", user_id=ANN, result=result, allow_group_chats=True)).result
    status, sent = await harness.api(
        "POST", f"/api/people/{ANN}/prepared", chat=f"g{harness.ids['super']}", id=made["id"]
    )
    assert status == 201 and sent["text"] == "share me" and sent["via_bot"]["username"] == "probe_bot"


async def test_an_invoice_is_paid_and_refunded(harness: Harness) -> None:
    invoice = {
        "title": "T",
        "description": "D",
        "payload": "p1",
        "currency": "XTR",
        "prices": [{"label": "x", "amount": 5}],
    }
    sent = (await harness.call("sendInvoice", chat_id=ANN, **invoice)).result
    assert sent["invoice"]["total_amount"] == 5 and sent["reply_markup"]["inline_keyboard"][0][0]["pay"] is True
    paying = asyncio.create_task(
        harness.api("POST", f"/api/people/{ANN}/pay", chat=f"p{ANN}:100001", message_id=sent["message_id"])
    )
    query = (await harness.call("getUpdates", timeout=50)).result[0]["pre_checkout_query"]
    assert (query["invoice_payload"], query["total_amount"]) == ("p1", 5)
    await harness.call("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True)
    assert await paying == (200, {"ok": True})
    paid = (await harness.updates())[-1]["message"]["successful_payment"]
    assert paid["invoice_payload"] == "p1"
    assert (await harness.call("getMyStarBalance")).result == {"amount": 5}
    charge = paid["telegram_payment_charge_id"]
    assert (await harness.call("refundStarPayment", user_id=ANN, telegram_payment_charge_id=charge)).result is True
