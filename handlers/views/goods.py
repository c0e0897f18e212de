"""The carousel: cards, details, categories (R9-R12, R17)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from types import MappingProxyType

from domain.carousel import Card, Categories, NothingOnDisplay
from domain.goods import Category, Item, ItemState
from domain.heat import heat
from domain.voting import Purse, Reason, Refused
from handlers import callbacks as tap
from handlers.screen import CAPTION_LIMIT, Button, Row, Screen
from handlers.words import Speech, written

_TAG = re.compile(r"<[^>]*>")


_AS_IT_IS: Mapping[str, str] = MappingProxyType({})
_ENDED = (ItemState.OUT, ItemState.LAPSED, ItemState.REFUSED)


def flames(item: Item) -> str:
    """The heat beside the count: one flame a level (R11)."""
    return "🔥" * heat(item.wants, item.shown)


def shown(text: str) -> str:
    """What is left of a text's HTML once it is read: Telegram counts the characters of that."""
    return unescape(_TAG.sub("", text))


def vote_row(card: Card, speech: Speech, view: str) -> Row:
    """🙋 or ✅, two acts (R18); where votes are closed, the way to an open group, or 🔔 for who did not vote."""
    item, place = card.item, card.place
    if card.on_display and card.voted:
        text = speech.plain("button-voted", number=speech.number(item.wants))
        return (Button(text, data=tap.TakeBack.on(item.id, place, view), style="success"),)
    if card.on_display:
        key = "button-vote-count" if item.wants else "button-vote"
        text = speech.plain(key, number=speech.number(item.wants))
        return (Button(text, data=tap.Vote.on(item.id, place, view), style="danger"),)
    if item.state is ItemState.OPEN and item.group_url:
        return (Button(speech.plain("button-group"), url=item.group_url, style="danger"),)
    if card.voted and item.state not in _ENDED:
        key = "button-told" if card.alerts_on else "button-told-alerts-off"
        return (Button(speech.plain(key), data=tap.Still.data(), style="success"),)
    return follow_row(card, speech, view)


def follow_row(card: Card, speech: Speech, view: str) -> Row:
    """🔔 or 🔕 while there is something to be told of (R26); voters are told anyway."""
    if card.voted or card.item.state in (*_ENDED, ItemState.OPEN):
        return ()
    kind, key = (tap.Unfollow, "button-following") if card.following else (tap.Follow, "button-follow")
    return (Button(speech.plain(key), data=kind.on(card.item.id, card.place, view)),)


def status(item: Item, speech: Speech, *, on_display: bool) -> str:
    """Where the item stands, in one line."""
    if on_display and item.closes_at:
        return speech.t("card-until", moment=speech.moment(item.closes_at))
    if item.state is ItemState.SCHEDULED and item.group_opens_at:
        return speech.t("card-scheduled", moment=speech.moment(item.group_opens_at))
    if item.state is ItemState.OPEN:
        return speech.t("card-open")
    if item.state in (ItemState.OUT, ItemState.LAPSED, ItemState.REFUSED):
        return speech.t("card-ended")
    if item.state in (ItemState.REGISTERED, ItemState.PASSED):
        return speech.t("card-waiting")
    return speech.t("card-over")


def title_and_prices(item: Item, speech: Speech) -> str:
    """Title, shop and both prices (R11)."""
    off = 100 - round(item.expected_fen * 100 / item.original_fen)
    return speech.t(
        "card",
        title=item.title(speech.language),
        shop=item.shop,
        original=speech.money(item.original_fen),
        expected=speech.money(item.expected_fen),
        off=speech.plain("card-off", percent=off),
    )


def facts(card: Card, speech: Speech) -> str:
    """Title, shop, both prices, how many want it with heat, and until when (R11)."""
    item = card.item
    return "\n".join(
        (
            title_and_prices(item, speech),
            *wanters(item, speech, on_display=card.on_display),
            status(item, speech, on_display=card.on_display),
        )
    )


def wanters(item: Item, speech: Speech, *, on_display: bool) -> tuple[str, ...]:
    """How many want it with heat; where voting is over, nobody is asked to be the first."""
    if not item.wants and not on_display:
        return ()
    return (speech.t("card-wants", number=item.wants, heat=flames(item)).rstrip(),)


def canvass_button(card: Card, speech: Speech) -> Row:
    """📣 for an item on display: friends asked later could not vote (R21)."""
    if not card.on_display:
        return ()
    return (Button(speech.plain("button-canvass"), data=tap.Canvass.data(card.item.id)),)


def card_screen(card: Card, speech: Speech, above: str = "") -> Screen:
    """An item in the carousel, or on its own where it is in no draw; `above` is a line of HTML over it."""
    item, place = card.item, card.place
    rows: list[Row] = []
    if place.draw:
        before, after = (place.position - 1) % place.of, (place.position + 1) % place.of
        rows.append(
            (
                Button("◀️", data=tap.Page.data(place.draw, before)),
                Button(f"{place.position + 1}/{place.of}", data=tap.Still.data()),
                Button("▶️", data=tap.Page.data(place.draw, after)),
            )
        )
    vote, follow = vote_row(card, speech, "l"), follow_row(card, speech, "l")
    rows.append(vote)
    rows.append(
        (
            Button(speech.plain("button-details"), data=tap.Details.on(item.id, place)),
            *canvass_button(card, speech),
            *(() if follow == vote else follow),
        )
    )
    rows.append(
        (
            Button(speech.plain("button-categories"), data=tap.Categories.on(item.id, place)),
            Button(speech.plain("button-new-draw"), data=tap.NewDraw.data("", 0, place.draw)),
        )
    )
    text = f"{above}\n\n{facts(card, speech)}" if above else facts(card, speech)
    return Screen(text, tuple(row for row in rows if row), item.picture_id)


def details_screen(card: Card, speech: Speech) -> Screen:
    """All that is known of an item (R2), with 🙋 here too (R17) and the ways to share it below (R20)."""
    item, place = card.item, card.place
    stock = speech.t(
        "details-stock", stock=speech.number(item.stock), days=speech.plain("span-days", number=item.lead_days)
    )
    parts = (facts(card, speech), stock)
    description = item.description(speech.language)
    room = CAPTION_LIMIT - sum(len(shown(part)) + 2 for part in parts)
    more = ""
    if len(description) > room:
        more = "\n" + speech.t("details-more")
        description = description[: room - len(shown(more)) - 1].rstrip() + "…"
    text = "\n\n".join(part for part in (parts[0], written(description) + more, stock) if part)
    vote, follow = vote_row(card, speech, "d"), follow_row(card, speech, "d")
    back = tap.BackToCard.on(item.id, place)
    rows: tuple[Row, ...] = (
        vote,
        (*canvass_button(card, speech), Button(speech.plain("button-shop"), url=item.url)),
        (*(() if follow == vote else follow), Button(speech.plain("button-back"), data=back)),
    )
    return Screen(text, tuple(row for row in rows if row), item.picture_id)


def categories_buttons(found: Categories, item: int, speech: Speech) -> tuple[Row, ...]:
    """Everything first, then each category that has items now, two a row; ↩️ leads back to the card (R12)."""
    place = found.place
    everything = Button(
        speech.plain(
            "category-with-count",
            name=speech.plain("category-all"),
            number=speech.number(sum(found.counts.values())),
        ),
        data=tap.NewDraw().pack(),
    )
    singles = [
        Button(
            speech.plain(
                "category-with-count",
                name=speech.plain(f"category-{category.value}"),
                number=speech.number(found.counts[category.value]),
            ),
            data=tap.NewDraw(category=category.value).pack(),
        )
        for category in Category
        if category.value in found.counts
    ]
    pairs = [tuple(singles[i : i + 2]) for i in range(0, len(singles), 2)]
    back = tap.BackToCard(item=item, draw=place.draw, position=place.position, of=place.of).pack()
    return ((everything,), *pairs, (Button(speech.plain("button-back"), data=back),))


def nothing_screen(nothing: NothingOnDisplay, speech: Speech) -> Screen:
    """The display is empty: when the next goods come, or the way out of an empty category."""
    if nothing.category:
        button = Button(speech.plain("category-all"), data=tap.NewDraw().pack())
        return Screen(speech.t("nothing-in-category"), ((button,),))
    mine = Button(speech.plain("button-mine"), data=tap.Mine(fresh=True).pack())
    return Screen(speech.t("nothing", moment=speech.moment(nothing.next_opening)), ((mine,),))


def refusal(refused: Refused, speech: Speech, instead: Mapping[str, str] = _AS_IT_IS) -> str:
    """Why a tap was refused and what would help, for a callback's answer: plain text, at most 200 characters (R19).

    `instead` has the keys of other words, for where the buttons that are named here do not stand.
    """
    purse = refused.purse
    key = f"refused-{refused.reason.value}"
    if refused.reason is Reason.NO_BALLOTS and purse is not None and not purse.earned:
        key = "refused-no-ballots-yet"
    key = instead.get(key, key)
    return speech.plain(
        key,
        missing=speech.money(purse.fen_to_next_ballot) if purse else "",
        votes=purse.votes_per_day if purse else 0,
        until=speech.moment(purse.day_ends) if purse else "",
    )


def standing(key: str, purse: Purse, speech: Speech) -> str:
    """An answer that says how many votes and ballots are left, and until when (R15)."""
    return speech.plain(
        key,
        today=min(purse.left_today, purse.ballots_left),
        until=speech.moment(purse.day_ends),
        ballots=purse.ballots_left,
        missing=speech.money(purse.fen_to_next_ballot),
    )
