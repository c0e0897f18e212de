"""The carousel: cards, details, categories (R9-R12, R17)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from types import MappingProxyType

from domain.carousel import Card, CategoryCounts, NothingOnDisplay
from domain.goods import Category, Item, ItemState, heat
from domain.voting import Purse, Reason, Refused
from handlers import callbacks
from handlers.localization import Localizer, written
from handlers.screen import CAPTION_LIMIT, Button, Row, Screen, action, pager

_TAG = re.compile(r"<[^>]*>")


_AS_IT_IS: Mapping[str, str] = MappingProxyType({})
_ENDED = (ItemState.REJECTED, ItemState.EXPIRED, ItemState.REFUSED)


def flames(item: Item) -> str:
    """The heat beside the count: one flame a level (R11)."""
    return "🔥" * heat(item.wants, item.shown)


def shown(text: str) -> str:
    """What is left of a text's HTML once it is read: Telegram counts the characters of that."""
    return unescape(_TAG.sub("", text))


def vote_row(card: Card, localizer: Localizer, view: str) -> Row:
    """🙋 or ✅, two acts (R18); where votes are closed, the way to an open group, or 🔔 for who did not vote."""
    item, place = card.item, card.place
    if card.on_display and card.voted:
        text = localizer.text("button-voted", number=localizer.number(item.wants))
        return (Button(text, data=callbacks.TakeBackCallback.on(item.id, place, view), style="success"),)
    if card.on_display:
        key = "button-vote-count" if item.wants else "button-vote"
        text = localizer.text(key, number=localizer.number(item.wants))
        return (Button(text, data=callbacks.VoteCallback.on(item.id, place, view), style="danger"),)
    if item.state is ItemState.OPEN and item.group_url:
        return (Button(localizer.text("button-group"), url=item.group_url, style="danger"),)
    if card.voted and item.state not in _ENDED:
        key = "button-told" if card.alerts_on else "button-told-alerts-off"
        return (action(localizer, key, callbacks.StillCallback.data(), style="success"),)
    return follow_row(card, localizer, view)


def follow_row(card: Card, localizer: Localizer, view: str) -> Row:
    """🔔 or 🔕 while there is something to be told of (R26); voters are told anyway."""
    if card.voted or card.item.state in (*_ENDED, ItemState.OPEN):
        return ()
    kind, key = (
        (callbacks.UnfollowCallback, "button-following")
        if card.following
        else (callbacks.FollowCallback, "button-follow")
    )
    return (Button(localizer.text(key), data=kind.on(card.item.id, card.place, view)),)


def status(item: Item, localizer: Localizer, *, on_display: bool) -> str:
    """Where the item stands, in one line."""
    if on_display and item.closes_at:
        return localizer.html("card-until", moment=localizer.moment(item.closes_at))
    if item.state is ItemState.SCHEDULED and item.group_opens_at:
        return localizer.html("card-scheduled", moment=localizer.moment(item.group_opens_at))
    if item.state is ItemState.OPEN:
        return localizer.html("card-open")
    if item.state in (ItemState.REJECTED, ItemState.EXPIRED, ItemState.REFUSED):
        return localizer.html("card-ended")
    if item.state in (ItemState.REGISTERED, ItemState.PASSED):
        return localizer.html("card-waiting")
    return localizer.html("card-over")


def title_and_prices(item: Item, localizer: Localizer) -> str:
    """Title, shop and both prices (R11)."""
    off = 100 - round(item.expected_fen * 100 / item.original_fen)
    return localizer.html(
        "card",
        title=item.title(localizer.language),
        shop=item.shop,
        original=localizer.money(item.original_fen),
        expected=localizer.money(item.expected_fen),
        off=localizer.text("card-off", percent=off),
    )


def facts(card: Card, localizer: Localizer) -> str:
    """Title, shop, both prices, how many want it with heat, and until when (R11)."""
    item = card.item
    return "\n".join(
        (
            title_and_prices(item, localizer),
            *wanters(item, localizer, on_display=card.on_display),
            status(item, localizer, on_display=card.on_display),
        )
    )


def wanters(item: Item, localizer: Localizer, *, on_display: bool) -> tuple[str, ...]:
    """How many want it with heat; where voting is over, nobody is asked to be the first."""
    if not item.wants and not on_display:
        return ()
    return (localizer.html("card-wants", number=item.wants, heat=flames(item)).rstrip(),)


def canvass_button(card: Card, localizer: Localizer) -> Row:
    """📣 for an item on display: friends asked later could not vote (R21)."""
    if not card.on_display:
        return ()
    return (action(localizer, "button-canvass", callbacks.CanvassCallback.data(card.item.id)),)


def card_screen(card: Card, localizer: Localizer, above: str = "") -> Screen:
    """An item in the carousel, or on its own where it is in no draw; `above` is a line of HTML over it."""
    item, place = card.item, card.place
    rows: list[Row] = []
    if place.draw:
        still = callbacks.StillCallback.data()
        rows.append(
            pager(place.position, place.of, lambda number: callbacks.PageCallback.data(place.draw, number), still)
        )
    vote, follow = vote_row(card, localizer, "l"), follow_row(card, localizer, "l")
    rows.append(vote)
    rows.append(
        (
            action(localizer, "button-details", callbacks.DetailsCallback.on(item.id, place)),
            *canvass_button(card, localizer),
            *(() if follow == vote else follow),
        )
    )
    rows.append(
        (
            action(localizer, "button-categories", callbacks.CategoriesCallback.on(item.id, place)),
            action(localizer, "button-new-draw", callbacks.NewDrawCallback.data("", 0, place.draw)),
        )
    )
    text = f"{above}\n\n{facts(card, localizer)}" if above else facts(card, localizer)
    return Screen(text, tuple(row for row in rows if row), item.picture_id)


def details_screen(card: Card, localizer: Localizer) -> Screen:
    """All that is known of an item (R2), with 🙋 here too (R17) and the ways to share it below (R20)."""
    item, place = card.item, card.place
    stock = localizer.html(
        "details-stock", stock=localizer.number(item.stock), days=localizer.text("span-days", number=item.lead_days)
    )
    parts = (facts(card, localizer), stock)
    description = item.description(localizer.language)
    room = CAPTION_LIMIT - sum(len(shown(part)) + 2 for part in parts)
    more = ""
    if len(description) > room:
        more = "\n" + localizer.html("details-more")
        description = description[: room - len(shown(more)) - 1].rstrip() + "…"
    text = "\n\n".join(part for part in (parts[0], written(description) + more, stock) if part)
    vote, follow = vote_row(card, localizer, "d"), follow_row(card, localizer, "d")
    back = callbacks.BackToCardCallback.on(item.id, place)
    rows: tuple[Row, ...] = (
        vote,
        (*canvass_button(card, localizer), Button(localizer.text("button-shop"), url=item.url)),
        (*(() if follow == vote else follow), action(localizer, "button-back", back)),
    )
    return Screen(text, tuple(row for row in rows if row), item.picture_id)


def categories_buttons(found: CategoryCounts, item: int, localizer: Localizer) -> tuple[Row, ...]:
    """Everything first, then each category that has items now, two a row; ↩️ leads back to the card (R12)."""
    place = found.place
    everything = Button(
        localizer.text(
            "category-with-count",
            name=localizer.text("category-all"),
            number=localizer.number(sum(found.counts.values())),
        ),
        data=callbacks.NewDrawCallback().pack(),
    )
    singles = [
        Button(
            localizer.text(
                "category-with-count",
                name=localizer.text(f"category-{category.value}"),
                number=localizer.number(found.counts[category.value]),
            ),
            data=callbacks.NewDrawCallback(category=category.value).pack(),
        )
        for category in Category
        if category.value in found.counts
    ]
    pairs = [tuple(singles[i : i + 2]) for i in range(0, len(singles), 2)]
    back = callbacks.BackToCardCallback(item=item, draw=place.draw, position=place.position, of=place.of).pack()
    return ((everything,), *pairs, (action(localizer, "button-back", back),))


def nothing_screen(nothing: NothingOnDisplay, localizer: Localizer) -> Screen:
    """The display is empty: when the next goods come, or the way out of an empty category."""
    if nothing.category:
        button = action(localizer, "category-all", callbacks.NewDrawCallback())
        return Screen(localizer.html("nothing-in-category"), ((button,),))
    mine = action(localizer, "button-mine", callbacks.MineCallback(fresh=True))
    return Screen(localizer.html("nothing", moment=localizer.moment(nothing.next_opening)), ((mine,),))


def refusal(refused: Refused, localizer: Localizer, instead: Mapping[str, str] = _AS_IT_IS) -> str:
    """Why a tap was refused and what would help, for a callback's answer: plain text, at most 200 characters (R19).

    `instead` has the keys of other words, for where the buttons that are named here do not stand.
    """
    purse = refused.purse
    key = f"refused-{refused.reason.value}"
    if refused.reason is Reason.NO_BALLOTS and purse is not None and not purse.earned:
        key = "refused-no-ballots-yet"
    key = instead.get(key, key)
    return localizer.text(
        key,
        missing=localizer.money(purse.fen_to_next_ballot) if purse else "",
        votes=purse.votes_per_day if purse else 0,
        until=localizer.moment(purse.day_ends) if purse else "",
    )


def standing(key: str, purse: Purse, localizer: Localizer) -> str:
    """An answer that says how many votes and ballots are left, and until when (R15)."""
    return localizer.text(
        key,
        today=min(purse.left_today, purse.ballots_left),
        until=localizer.moment(purse.day_ends),
        ballots=purse.ballots_left,
        missing=localizer.money(purse.fen_to_next_ballot),
    )
