"""Invoices and the answers to shipping and pre-checkout queries (Bot API, "Payments"). No money is involved."""

from __future__ import annotations

from typing import Any

from sandbox.bot_api.methods.common import keyboard, message_head, post_message, reply_target
from sandbox.bot_api.objects import message_json
from sandbox.bot_api.registry import method
from sandbox.bot_api.request import ApiRequest
from sandbox.errors import STALE_QUERY, bad_request
from sandbox.state.model import Checkout, Json
from sandbox.text import utf16_length

ANSWER_WITHIN = 10  # seconds
STARS = "XTR"
NO_DECIMALS = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", STARS})


def invoice_content(call: ApiRequest) -> tuple[Json, Json]:
    """The visible Invoice object, and the data that only the bot and the payment see."""
    title, description, payload = call.text("title"), call.text("description"), call.text("payload")
    for name, value, maximum in (("title", title, 32), ("description", description, 255)):
        if not value:
            raise bad_request(f"{name} is empty")
        if utf16_length(value) > maximum:
            raise bad_request(f"INVOICE_{name.upper()}_TOO_LONG")
    if not 1 <= len(payload.encode()) <= 128:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    currency = call.text("currency").upper()
    if len(currency) != 3 or not currency.isalpha():
        raise bad_request("CURRENCY_INVALID")
    provider = call.text("provider_token")
    if currency != STARS and not provider:
        raise bad_request("PAYMENT_PROVIDER_INVALID")
    prices = _prices(call.json("prices"))
    if currency == STARS and len(prices) != 1:
        raise bad_request("STARS_INVOICE_INVALID")
    total = sum(price["amount"] for price in prices)
    if total <= 0:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    shown = {
        "title": title,
        "description": description,
        "start_parameter": call.text("start_parameter"),
        "currency": currency,
        "total_amount": total,
    }
    private = {
        "payload": payload,
        "prices": prices,
        "currency": currency,
        "total_amount": total,
        "is_flexible": call.flag("is_flexible"),
    }
    return {"invoice": shown}, private


def _prices(raw: Any) -> list[Json]:
    if not isinstance(raw, list) or not raw:
        raise bad_request("expected an Array of labeled prices")
    for price in raw:
        if not isinstance(price, dict) or not isinstance(price.get("label"), str):
            raise bad_request("""can't parse labeled price: Can't find field "label\"""")
        amount = price.get("amount")
        if not isinstance(amount, int) or isinstance(amount, bool):
            raise bad_request("""can't parse labeled price: Can't find field "amount\"""")
    return raw


def price_tag(currency: str, amount: int) -> str:
    """An amount in the smallest units of its currency as text."""
    if currency == STARS:
        return f"⭐️{amount}"
    return f"{amount} {currency}" if currency in NO_DECIMALS else f"{amount / 100:.2f} {currency}"


@method("sendInvoice")
def send_invoice(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#sendinvoice; a pay button is added if there is no keyboard."""
    content, private = invoice_content(call)
    markup = keyboard(call, inline_only=True)
    if markup is None:
        label = f"Pay {price_tag(private['currency'], private['total_amount'])}"
        markup = {"inline_keyboard": [[{"text": label, "pay": True}]]}
    elif "pay" not in markup["inline_keyboard"][0][0]:
        raise bad_request("the first button of an invoice must be a pay button")
    chat = call.writable()
    reply_to = reply_target(call, chat)
    call.spend(chat)
    message = post_message(call, chat, content, markup=markup, reply_to=reply_to, head=message_head(call, chat))
    call.world.state.payments[f"{chat.key}/{message.id}"] = private
    return message_json(call.world, message, call.bot.id)


@method("createInvoiceLink")
def create_invoice_link(call: ApiRequest) -> str:
    """https://core.telegram.org/bots/api#createinvoicelink"""
    _, private = invoice_content(call)
    slug = f"sandbox-{call.world.next_serial()}"
    call.world.state.payments[f"link/{slug}"] = {**private, "bot": call.bot.id}
    return f"https://t.me/${slug}"


def _checkout(call: ApiRequest, name: str, *, shipping: bool) -> Checkout:
    checkout = call.world.state.checkouts.get(call.text(name))
    if (
        checkout is None
        or checkout.bot != call.bot.id
        or checkout.outcome
        or checkout.invoice.get("shipping", False) != shipping
        or call.world.clock.unix() - checkout.at > ANSWER_WITHIN
    ):
        raise bad_request(STALE_QUERY)
    return checkout


def _settle(call: ApiRequest, checkout: Checkout) -> None:
    error = call.text("error_message")
    if not call.flag("ok") and not error:
        raise bad_request("error message is empty")
    checkout.outcome = "ok" if call.flag("ok") else error
    call.world.feed.emit("checkout", person=checkout.person, checkout_id=checkout.id, outcome=checkout.outcome)


@method("answerPreCheckoutQuery")
def answer_pre_checkout_query(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#answerprecheckoutquery; refused after ten seconds."""
    _settle(call, _checkout(call, "pre_checkout_query_id", shipping=False))
    return True


@method("answerShippingQuery")
def answer_shipping_query(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#answershippingquery; the first option is taken."""
    checkout = _checkout(call, "shipping_query_id", shipping=True)
    options = call.json("shipping_options")
    if call.flag("ok"):
        if not isinstance(options, list) or not options or not isinstance(options[0], dict):
            raise bad_request("SHIPPING_OPTIONS_EMPTY")
        checkout.invoice["option"] = {"id": options[0].get("id", ""), "prices": _prices(options[0].get("prices"))}
    _settle(call, checkout)
    return True


@method("refundStarPayment")
def refund_star_payment(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#refundstarpayment"""
    key = f"charge/{call.text('telegram_payment_charge_id')}"
    payment = call.world.state.payments.get(key)
    if payment is None or payment["user"] != call.integer("user_id") or payment["currency"] != STARS:
        raise bad_request("CHARGE_ID_INVALID")
    if payment.get("refunded"):
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    payment["refunded"] = True
    call.bot.stars -= payment["total_amount"]
    return True


@method("getMyStarBalance")
def get_my_star_balance(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#getmystarbalance"""
    owed = call.bot.owed_tenths
    return (
        {"amount": call.bot.stars - 1, "nanostar_amount": (10 - owed) * 100_000_000}
        if owed
        else {"amount": call.bot.stars}
    )
