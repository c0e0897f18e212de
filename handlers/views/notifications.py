"""What the courier brings: the daily carousel, alerts of groups, ends of items, milestones, gifts
(R5, R6, R13, R14, R16, R22, R24)."""

from __future__ import annotations

from datetime import datetime

from domain.carousel import Card
from domain.goods import Item, WhyOut
from domain.notifications import NotificationKind
from handlers import callbacks
from handlers.localization import Localizer
from handlers.screen import Button, Screen
from handlers.views.goods import card_screen


def carousel_notification(card: Card, localizer: Localizer) -> Screen:
    """The day's carousel: an ordinary card, with a line above that says why it comes (R13)."""
    return card_screen(card, localizer, above=localizer.html("letter-carousel"))


def group_notification(
    kind: NotificationKind,
    item: Item,
    opens_at: datetime,
    localizer: Localizer,
    *,
    corrected: bool,
    middle_follows: bool,
) -> Screen:
    """An alert: the item's title and picture, when, how long from now, and the way to the group's page (R24).

    Before the group opens nobody can join it there, so the way is only called a look at the shop.
    """
    title = item.title(localizer.language)
    if kind is NotificationKind.GROUP_OPEN:
        text = localizer.html("letter-group-open", title=title, price=localizer.money(item.expected_fen))
    else:
        key = "letter-group-corrected" if corrected else f"letter-{kind.value}"
        span = localizer.span(opens_at - localizer.now)
        text = localizer.html(key, title=title, moment=localizer.moment(opens_at), span=span)
        if kind is NotificationKind.GROUP_SCHEDULED and middle_follows:
            text += "\n" + localizer.html("letter-group-scheduled-again")
    button = Button(
        localizer.text("button-group" if kind is NotificationKind.GROUP_OPEN else "button-shop-before"),
        url=item.group_url or item.url,
        style="danger" if kind is NotificationKind.GROUP_OPEN else None,
    )
    look = Button(localizer.text("button-look"), data=callbacks.OpenCallback(item=item.id).pack())
    return Screen(text, ((button,), (look,)), item.picture_id)


def item_back_notification(item: Item, localizer: Localizer) -> Screen:
    """An item that a member voted for is on display again, with a new count (R16)."""
    look = Button(localizer.text("button-look"), data=callbacks.OpenCallback(item=item.id).pack(), style="primary")
    return Screen(localizer.html("letter-item-back", title=item.title(localizer.language)), ((look,),), item.picture_id)


def item_out_notification(item: Item, why: WhyOut, localizer: Localizer, *, cancelled: bool) -> Screen:
    """An item has ended, and why; `cancelled` says that the member had been told of its group (R5)."""
    text = localizer.html(
        "letter-item-out",
        title=item.title(localizer.language),
        why=localizer.text(f"letter-item-out-{why.value}"),
    )
    return _ended(text + "\n" + localizer.html("letter-item-out-cancelled") if cancelled else text, item, localizer)


def item_expired_notification(item: Item, localizer: Localizer) -> Screen:
    """Nobody decided on an item in time (R6)."""
    return _ended(localizer.html("letter-item-lapsed", title=item.title(localizer.language)), item, localizer)


def _ended(text: str, item: Item, localizer: Localizer) -> Screen:
    goods = Button(localizer.text("button-goods"), data=callbacks.NewDrawCallback(fresh=True).pack())
    return Screen(f"{text}\n\n{localizer.html('letter-ended-thanks')}", ((goods,),), item.picture_id)


def grant_notification(ballots: int, reason: str, localizer: Localizer) -> Screen:
    """Ballots were given to a member, and why (R14)."""
    goods = Button(localizer.text("button-goods"), data=callbacks.NewDrawCallback(fresh=True).pack(), style="primary")
    return Screen(localizer.html("letter-grant", number=ballots, reason=reason), ((goods,),))


def milestone_notification(item: Item, number: int, localizer: Localizer) -> Screen:
    """So many votes came by the member's link (R22)."""
    all_links = Button(localizer.text("button-canvass-all"), data=callbacks.MyCanvassCallback().pack())
    return Screen(
        localizer.html("letter-milestone", number=number, title=item.title(localizer.language)), ((all_links,),)
    )
