"""A person pays: shipping and pre-checkout questions to the bot, then the successful payment."""

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
PATIENCE = 10.0  # seconds that the bot has for each question


async def pay(actions: UserActions, person: Person, chat: Chat, message_id: int) -> Json:
    """Pay an invoice: `{"ok": true}` or `{"ok": false, "error": …}` as the app would show it. Raises Misuse."""
    world = actions.world
    message = world.find_message(chat.key, message_id)
    invoice = world.state.payments.get(f"{chat.key}/{message_id}")
    if message is None or invoice is None or person.id not in chat.members:
        raise Misuse("There is no invoice to pay.")
    bot_id = message.sender
    total = invoice["total_amount"]
    option = ""
    if invoice["is_flexible"]:
        asked = _ask(actions, person, chat, message_id, bot_id, invoice, shipping=True)
        if error := await _outcome(actions, asked):
            return {"ok": False, "error": error}
        chosen = asked.invoice["option"]
        option = chosen["id"]
        total += sum(price["amount"] for price in chosen["prices"])
    asked = _ask(actions, person, chat, message_id, bot_id, {**invoice, "total_amount": total, "option": option})
    if error := await _outcome(actions, asked):
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


def _ask(
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
    kept = {"shipping": shipping}
    checkout = Checkout(id, person.id, bot_id, chat.key, message_id, world.clock.unix(), kept)
    world.state.checkouts[id] = checkout
    question: Json = {"id": id, "from": person.as_user(), "invoice_payload": invoice["payload"]}
    if shipping:
        question["shipping_address"] = ADDRESS
    else:
        question.update(currency=invoice["currency"], total_amount=invoice["total_amount"])
        if invoice.get("option"):
            question["shipping_option_id"] = invoice["option"]
    kind = "shipping_query" if shipping else "pre_checkout_query"
    world.queue_update(world.state.bots[bot_id], kind, question, person.id)
    return checkout


async def _outcome(actions: UserActions, checkout: Checkout) -> str:
    """The bot's error message, "" when it agreed."""
    outcome = await actions.world.feed.wait_for(lambda: checkout.outcome or None, PATIENCE)
    if outcome is None:
        checkout.outcome = "timeout"
        return "The bot did not answer in time."
    return "" if outcome == "ok" else outcome
