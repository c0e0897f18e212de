"""Paying an invoice: shipping query, pre-checkout query, successful payment. No money is involved."""

from __future__ import annotations

from sandbox.errors import Misuse
from sandbox.state.model import Chat, Checkout, Json, Person
from sandbox.users.actions import UserActions

ADDRESS = {
    "country_code": "CN",
    "state": "",
    "city": "Hangzhou",
    "street_line1": "Wenyi West Road 1",
    "street_line2": "",
    "post_code": "311121",
}
ANSWER_WITHIN = 10.0  # seconds for the bot to answer each query


async def pay(actions: UserActions, person: Person, chat: Chat, message_id: int) -> Json:
    """Pay an invoice. Returns `{"ok": true}` or `{"ok": false, "error": …}`. Raises Misuse without an invoice."""
    world = actions.world
    message = world.find_message(chat.key, message_id)
    invoice = world.state.payments.get(f"{chat.key}/{message_id}")
    if message is None or invoice is None or person.id not in chat.members:
        raise Misuse("There is no invoice to pay.")
    bot_id = message.sender
    total = invoice["total_amount"]
    option = ""
    if invoice["is_flexible"]:
        checkout = _queue_checkout_query(actions, person, chat, message_id, bot_id, invoice, shipping=True)
        if error := await _wait_for_answer(actions, checkout):
            return {"ok": False, "error": error}
        chosen = checkout.invoice["option"]
        option = chosen["id"]
        total += sum(price["amount"] for price in chosen["prices"])
    checkout = _queue_checkout_query(
        actions, person, chat, message_id, bot_id, {**invoice, "total_amount": total, "option": option}
    )
    if error := await _wait_for_answer(actions, checkout):
        return {"ok": False, "error": error}
    charge = f"sandbox-charge-{world.next_serial()}"
    paid: Json = {
        "currency": invoice["currency"],
        "total_amount": total,
        "invoice_payload": invoice["payload"],
        "telegram_payment_charge_id": charge,
        "provider_payment_charge_id": f"provider-{charge}",
    }
    if option:
        paid["shipping_option_id"] = option
    world.state.payments[f"charge/{charge}"] = {"user": person.id, "currency": paid["currency"], "total_amount": total}
    if paid["currency"] == "XTR":
        world.state.bots[bot_id].stars += total
    actions.send(person, chat, {"successful_payment": paid}, reply_to=message_id)
    return {"ok": True}


def _queue_checkout_query(
    actions: UserActions,
    person: Person,
    chat: Chat,
    message_id: int,
    bot_id: int,
    invoice: Json,
    *,
    shipping: bool = False,
) -> Checkout:
    world = actions.world
    id = str(8_000_000_000 + world.next_serial())
    details = {"shipping": shipping}
    checkout = Checkout(id, person.id, bot_id, chat.key, message_id, world.clock.unix(), details)
    world.state.checkouts[id] = checkout
    query: Json = {"id": id, "from": person.as_user(), "invoice_payload": invoice["payload"]}
    if shipping:
        query["shipping_address"] = ADDRESS
    else:
        query.update(currency=invoice["currency"], total_amount=invoice["total_amount"])
        if invoice.get("option"):
            query["shipping_option_id"] = invoice["option"]
    kind = "shipping_query" if shipping else "pre_checkout_query"
    world.queue_update(world.state.bots[bot_id], kind, query, person.id)
    return checkout


async def _wait_for_answer(actions: UserActions, checkout: Checkout) -> str:
    """The bot's error message; "" when it accepted."""
    outcome = await actions.world.feed.wait_for(lambda: checkout.outcome or None, ANSWER_WITHIN)
    if outcome is None:
        checkout.outcome = "timeout"
        return "The bot did not answer in time."
    return "" if outcome == "ok" else outcome
