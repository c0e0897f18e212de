"""The carousel: cards, details, categories (R9-R12, R17)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from types import MappingProxyType

from domain.carousel import Card, NothingOnDisplay, Place
from domain.goods import ENDS, Category, Item, ItemState, heat, percent_off
from domain.voting import Purse, Reason, Refused
from handlers import callbacks
from handlers.callbacks import action, pager
from handlers.localization import Localizer, escaped
from handlers.screen import CAPTION_LIMIT, Button, Row, Screen

_TAG = re.compile(r"<[^>]*>")
_FOLDS_FROM = 10
"""Percent from which a discount is said as 折 in Chinese: below, 立省 ¥40 says more than 9.6 折."""
ALERTS_OFF: Mapping[str, str] = MappingProxyType(
    {"refused-no-ballots": "refused-no-ballots-off", "refused-no-ballots-yet": "refused-no-ballots-off"}
)
"""Other texts for members who get no alerts, also of what they follow."""
_IN_A_ROW = 7
_MOST_POSITIONS = 98
"""With ↩️ that makes 15 rows; Telegram takes at most 100 buttons."""
_UNCHANGED: Mapping[str, str] = MappingProxyType({})


def flames(item: Item) -> str:
    """The heat beside the count: one flame for each level (R11)."""
    return "🔥" * heat(item.wants, item.shown)


def shown(text: str) -> str:
    """The text of HTML after entities are parsed, whose characters Telegram counts."""
    return unescape(_TAG.sub("", text))


def vote_row(card: Card, localizer: Localizer, view: str) -> Row:
    """🙋 or ✅ (R18), or ⚖️ for a void vote (R28); after the round a link to an open group, or 🔔 for members without
    a vote."""
    item, place = card.item, card.place
    if card.void and (card.on_display or item.state not in (*ENDS, ItemState.OPEN)):
        return (action(localizer, "button-void", callbacks.TakeBackCallback.on(item.id, place, view)),)
    if card.on_display and card.voted:
        text = localizer.text("button-voted", number=localizer.number(item.wants))
        return (Button(text, data=callbacks.TakeBackCallback.on(item.id, place, view), style="success"),)
    if card.on_display:
        key = "button-vote-count" if item.wants else "button-vote"
        text = localizer.text(key, number=localizer.number(item.wants))
        return (Button(text, data=callbacks.VoteCallback.on(item.id, place, view), style="danger"),)
    if item.state is ItemState.OPEN and item.group_url:
        return (Button(localizer.text("button-group"), url=item.group_url, style="danger"),)
    if card.voted and item.state not in ENDS:
        key = "button-told" if card.alerts_on else "button-told-alerts-off"
        return (action(localizer, key, callbacks.StillCallback.data(), style="success"),)
    return follow_row(card, localizer, view)


def follow_row(card: Card, localizer: Localizer, view: str) -> Row:
    """🔔 or 🔕 while news of the item may come (R26); voters get it anyway, but for those whose vote is void."""
    if (card.voted and not card.void) or card.item.state in (*ENDS, ItemState.OPEN):
        return ()
    kind, key = (
        (callbacks.UnfollowCallback, "button-following")
        if card.following
        else (callbacks.FollowCallback, "button-follow")
    )
    return (Button(localizer.text(key), data=kind.on(card.item.id, card.place, view)),)


def status(item: Item, localizer: Localizer, *, on_display: bool) -> str:
    """The state of an item, in one line."""
    if on_display and item.closes_at:
        return localizer.html(
            "card-until", moment=localizer.moment(item.closes_at), left=localizer.left(item.closes_at)
        )
    if item.state is ItemState.SCHEDULED and item.group_opens_at:
        return localizer.html(
            "card-scheduled", moment=localizer.moment(item.group_opens_at), left=localizer.left(item.group_opens_at)
        )
    if item.state is ItemState.OPEN:
        return localizer.html("card-open")
    if item.state in ENDS:
        return localizer.html("card-ended")
    if item.state in (ItemState.REGISTERED, ItemState.PASSED):
        if until := item.kept_back_until(localizer.now):
            return localizer.html("card-waiting-banned", moment=localizer.moment(until))
        return localizer.html("card-waiting")
    return localizer.html("card-over")


def title_and_prices(item: Item, localizer: Localizer) -> str:
    """Title, shop and both prices (R11)."""
    off = discount(item, localizer)
    return localizer.html(
        "card",
        title=item.title(localizer.language),
        shop=item.shop,
        original=localizer.money(item.original_fen),
        expected=localizer.money(item.expected_fen),
        off=localizer.text("card-discount", off=off) if off else "",
    )


def discount(item: Item, localizer: Localizer) -> str:
    """The discount on card, poster and page: by how much the price is lower, or in Chinese what of it is left (折),
    rounded against us; empty below one percent (R11)."""
    percent = percent_off(item.original_fen, item.expected_fen)
    if not percent:
        return ""
    if localizer.language == "zh" and percent < _FOLDS_FROM:
        return localizer.text("card-saved", amount=localizer.money(item.original_fen - item.expected_fen))
    return localizer.text("card-off", number=localizer.discount(percent))


def summary(card: Card, localizer: Localizer) -> str:
    """Title, shop, both prices, votes with heat, and the deadline (R11)."""
    item = card.item
    lines = [title_and_prices(item, localizer)]
    if item.wants or card.on_display:  # after the round no line invites the first vote
        lines.append(votes_line(item, localizer, on_display=card.on_display))
    return "\n".join((*lines, status(item, localizer, on_display=card.on_display)))


def votes_line(item: Item, localizer: Localizer, *, on_display: bool) -> str:
    """The votes with heat."""
    if on_display and not item.wants:
        return localizer.html("card-be-first")
    return localizer.html("card-wants", number=item.wants, heat=flames(item)).rstrip()


def canvass_button(card: Card, localizer: Localizer) -> Row:
    """📣 while friends can vote, follow the item, or join its group (R21)."""
    if not card.on_display and card.item.state not in (ItemState.SCHEDULED, ItemState.OPEN):
        return ()
    return (action(localizer, "button-canvass", callbacks.CanvassCallback.data(card.item.id)),)


def card_screen(card: Card, localizer: Localizer, above: str = "") -> Screen:
    """An item's card, in a draw or outside any; `above` is a line of HTML over it."""
    item, place = card.item, card.place
    rows: list[Row] = []
    if place.draw:
        jump = callbacks.JumpCallback.data(place.draw, place.position, place.of)
        rows.append(
            pager(place.position, place.of, lambda number: callbacks.PageCallback.data(place.draw, number), jump)
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
    text = f"{above}\n\n{summary(card, localizer)}" if above else summary(card, localizer)
    return Screen(text, tuple(row for row in rows if row), item.picture_id)


def details_screen(card: Card, localizer: Localizer) -> Screen:
    """All details of an item (R2), with 🙋 (R17) and 📣 (R20)."""
    item, place = card.item, card.place
    stock = localizer.html(
        "details-stock", stock=localizer.number(item.stock), days=localizer.text("span-days", number=item.lead_days)
    )
    parts = (summary(card, localizer), stock)
    description = item.description(localizer.language)
    room = CAPTION_LIMIT - sum(len(shown(part)) + 2 for part in parts)
    more = ""
    if len(description) > room:
        more = "\n" + localizer.html("details-more")
        description = description[: room - len(shown(more)) - 1].rstrip() + "…"
    text = "\n\n".join(part for part in (parts[0], escaped(description) + more, stock) if part)
    vote, follow = vote_row(card, localizer, "d"), follow_row(card, localizer, "d")
    back = callbacks.BackToCardCallback.on(item.id, place)
    rows: tuple[Row, ...] = (
        vote,
        (*canvass_button(card, localizer), Button(localizer.text("button-shop"), url=item.url)),
        (*(() if follow == vote else follow), action(localizer, "button-back", back)),
    )
    return Screen(text, tuple(row for row in rows if row), item.picture_id)


def categories_buttons(counts: dict[str, int], place: Place, item: int, localizer: Localizer) -> tuple[Row, ...]:
    """All items, then each category with items on display, two in a row; ↩️ leads back to the card (R12)."""

    def button(name: str, count: int, category: str) -> Button:
        text = localizer.text("category-with-count", name=name, number=localizer.number(count))
        return Button(text, data=callbacks.NewDrawCallback(category=category).pack())

    everything = button(localizer.text("category-all"), sum(counts.values()), "")
    singles = [
        button(localizer.text(f"category-{category.value}"), counts[category.value], category.value)
        for category in Category
        if category.value in counts
    ]
    pairs = [tuple(singles[i : i + 2]) for i in range(0, len(singles), 2)]
    back = callbacks.BackToCardCallback(item=item, draw=place.draw, position=place.position, of=place.of).pack()
    return ((everything,), *pairs, (action(localizer, "button-back", back),))


def positions_buttons(place: Place, localizer: Localizer) -> tuple[Row, ...]:
    """All positions of a draw, seven in a row as the page of 28 has them; the present one is marked."""
    of = min(place.of, _MOST_POSITIONS)
    numbers = [
        Button(f"·{n + 1}·" if n == place.position else str(n + 1), data=callbacks.PageCallback.data(place.draw, n))
        for n in range(of)
    ]
    rows = [tuple(numbers[start : start + _IN_A_ROW]) for start in range(0, of, _IN_A_ROW)]
    back = action(localizer, "button-back", callbacks.PageCallback.data(place.draw, place.position))
    return (*rows, (back,))


def nothing_screen(nothing: NothingOnDisplay, localizer: Localizer) -> Screen:
    """The display or a category is empty."""
    if nothing.category:
        button = action(localizer, "category-all", callbacks.NewDrawCallback())
        return Screen(localizer.html("nothing-in-category"), ((button,),))
    mine = action(localizer, "button-mine", callbacks.MineCallback(fresh=True))
    return Screen(localizer.html("nothing", moment=localizer.moment(nothing.next_opening)), ((mine,),))


def refusal(refused: Refused, localizer: Localizer, instead: Mapping[str, str] = _UNCHANGED) -> str:
    """Why a tap was refused and what would help: plain text of at most 200 characters (R19).

    `instead` replaces keys of texts that name buttons which are not there.
    """
    purse = refused.purse
    key = f"refused-{refused.reason.value}"
    if refused.reason is Reason.NO_BALLOTS and purse is not None and not (purse.earned or purse.used):
        key = "refused-no-ballots-yet"
    key = instead.get(key, key)
    return localizer.text(
        key,
        missing=localizer.money(purse.fen_to_next_ballot) if purse else "",
        votes=purse.votes_per_day if purse else 0,
        changes=purse.take_backs_per_day if purse else 0,
        until=localizer.at_day(purse.day_ends) if purse else "",
    )


def standing(key: str, purse: Purse, localizer: Localizer) -> str:
    """An answer with the votes and ballots that are left, and the end of the voting day (R15)."""
    return localizer.text(
        key,
        today=min(purse.left_today, purse.ballots_left),
        until=localizer.moment(purse.day_ends),
        again=localizer.at_day(purse.day_ends),
        ballots=purse.ballots_left,
        missing=localizer.money(purse.fen_to_next_ballot),
    )
