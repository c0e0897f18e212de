"""What the courier brings: the daily carousel, alerts of groups, ends of items, milestones, gifts
(R5, R6, R13, R14, R16, R22, R24)."""

from __future__ import annotations

from datetime import datetime

from domain.alerts import Kind
from domain.carousel import Card
from domain.goods import Item, WhyOut
from handlers import callbacks as tap
from handlers.screen import Button, Screen
from handlers.views.goods import card_screen
from handlers.words import Speech


def carousel_letter(card: Card, speech: Speech) -> Screen:
    """The day's carousel: an ordinary card, with a line above that says why it comes (R13)."""
    return card_screen(card, speech, above=speech.t("letter-carousel"))


def group_letter(
    kind: Kind, item: Item, opens_at: datetime, speech: Speech, *, corrected: bool, middle_follows: bool
) -> Screen:
    """An alert: the item's title and picture, when, how long from now, and the way to the group's page (R24).

    Before the group opens nobody can join it there, so the way is only called a look at the shop.
    """
    title = item.title(speech.language)
    if kind is Kind.GROUP_OPEN:
        text = speech.t("letter-group-open", title=title, price=speech.money(item.expected_fen))
    else:
        key = "letter-group-corrected" if corrected else f"letter-{kind.value}"
        span = speech.span(opens_at - speech.now)
        text = speech.t(key, title=title, moment=speech.moment(opens_at), span=span)
        if kind is Kind.GROUP_SCHEDULED and middle_follows:
            text += "\n" + speech.t("letter-group-scheduled-again")
    button = Button(
        speech.plain("button-group" if kind is Kind.GROUP_OPEN else "button-shop-before"),
        url=item.group_url or item.url,
        style="danger" if kind is Kind.GROUP_OPEN else None,
    )
    look = Button(speech.plain("button-look"), data=tap.Open(item=item.id).pack())
    return Screen(text, ((button,), (look,)), item.picture_id)


def item_back_letter(item: Item, speech: Speech) -> Screen:
    """An item that a member voted for is on display again, with a new count (R16)."""
    look = Button(speech.plain("button-look"), data=tap.Open(item=item.id).pack(), style="primary")
    return Screen(speech.t("letter-item-back", title=item.title(speech.language)), ((look,),), item.picture_id)


def item_out_letter(item: Item, why: WhyOut, speech: Speech, *, cancelled: bool) -> Screen:
    """An item has ended, and why; `cancelled` says that the member had been told of its group (R5)."""
    text = speech.t(
        "letter-item-out",
        title=item.title(speech.language),
        why=speech.plain(f"letter-item-out-{why.value}"),
    )
    return _ended(text + "\n" + speech.t("letter-item-out-cancelled") if cancelled else text, item, speech)


def item_lapsed_letter(item: Item, speech: Speech) -> Screen:
    """Nobody decided on an item in time (R6)."""
    return _ended(speech.t("letter-item-lapsed", title=item.title(speech.language)), item, speech)


def _ended(text: str, item: Item, speech: Speech) -> Screen:
    goods = Button(speech.plain("button-goods"), data=tap.NewDraw(fresh=True).pack())
    return Screen(f"{text}\n\n{speech.t('letter-ended-thanks')}", ((goods,),), item.picture_id)


def grant_letter(ballots: int, reason: str, speech: Speech) -> Screen:
    """Ballots were given to a member, and why (R14)."""
    goods = Button(speech.plain("button-goods"), data=tap.NewDraw(fresh=True).pack(), style="primary")
    return Screen(speech.t("letter-grant", number=ballots, reason=reason), ((goods,),))


def milestone_letter(item: Item, number: int, speech: Speech) -> Screen:
    """So many votes came by the member's link (R22)."""
    all_links = Button(speech.plain("button-canvass-all"), data=tap.MyCanvass().pack())
    return Screen(speech.t("letter-milestone", number=number, title=item.title(speech.language)), ((all_links,),))
