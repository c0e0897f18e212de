"""Cards and messages in shared chats (R21, R23, R35).

Every member of a chat reads the same message at any time, so nothing depends on the reader, and times are absolute.
"""

from __future__ import annotations

from domain.carousel import Card, Place
from domain.goods import ENDS, Item, ItemState
from domain.payloads import CanvassStart, ItemStart, chat_link
from domain.people import LANGUAGES, BoundChat
from domain.voting import Refused
from handlers import callbacks
from handlers.localization import Localizer, escaped
from handlers.screen import Button, Row, Screen
from handlers.views import goods
from services.voting import VoteOutcome

BOTH = "both"
"""All languages, in a button."""

_ELSEWHERE = {
    "refused-unknown-item": "shared-gone",
    "refused-round-over": "shared-round-over",
    "refused-group-scheduled": "shared-group-scheduled",
    "refused-group-open": "shared-group-open",
    "refused-item-out": "shared-item-out",
    "refused-no-ballots-yet": "shared-no-ballots-yet",
    "refused-no-ballots": "shared-no-ballots",
    "refused-day-limit": "shared-day-limit",
}
"""Other texts for refusals: a shared card has no 🔔 and no 🛒, and no commands. 🔍 leads to the card that has them."""

Localizers = tuple[Localizer, ...]


def both(localizers: Localizers, key: str) -> str:
    """A button's label in every language of a chat, with the emoji once."""
    first, *others = dict.fromkeys(localizer.text(key) for localizer in localizers)
    return " · ".join((first, *(label.partition(" ")[2] for label in others)))


def _status(item: Item, localizer: Localizer, *, on_display: bool) -> str:
    if on_display and item.closes_at:
        return localizer.html("shared-until", moment=localizer.exact(item.closes_at))
    if item.state is ItemState.SCHEDULED and item.group_opens_at:
        return localizer.html("shared-scheduled", moment=localizer.exact(item.group_opens_at))
    if item.state is ItemState.OPEN or item.state in ENDS:
        return goods.status(item, localizer, on_display=on_display)
    return localizer.html("shared-over")


def _summary(item: Item, localizer: Localizer, *, on_display: bool) -> str:
    status = _status(item, localizer, on_display=on_display)
    return "\n".join(
        (goods.title_and_prices(item, localizer), goods.votes_line(item, localizer, on_display=on_display), status)
    )


def _vote_label(item: Item, localizers: Localizers) -> str:
    label = both(localizers, "button-vote")
    return f"{label} · {localizers[0].number(item.wants)}" if item.wants else label


def shared_card(
    item: Item,
    name: str,
    look: str,
    localizers: Localizers,
    username: str,
    *,
    on_display: bool,
    above: str = "",
) -> Screen:
    """An item's card in a shared chat, with 🙋, or 🛒 once its group is open, and a link to the bot.

    `name` is the token of its owner's link, or the item's number without an owner. The button carries the card's look
    and count, because the bot may not have stored the card.
    """
    text = "\n\n".join(_summary(item, localizer, on_display=on_display) for localizer in localizers)
    chat = f"https://t.me/{username}"
    details = Button(
        both(localizers, "button-details"),
        url=chat_link(username, ItemStart(item.id) if name.isdecimal() else CanvassStart(name)),
    )
    vote: Row = ()
    beside = Button(both(localizers, "button-today"), url=chat)
    if on_display:
        data = callbacks.SharedVoteCallback(name=name, look=look, shown=item.wants).pack()
        vote = (Button(_vote_label(item, localizers), data=data, style="danger"),)
        beside = Button(both(localizers, "button-pass-on"), inline=str(ItemStart(item.id)))
    elif item.state is ItemState.OPEN and item.group_url:
        vote = (Button(both(localizers, "button-group"), url=item.group_url, style="danger"),)
    ways: tuple[Row, ...] = ((details, beside),) if len(localizers) == 1 else ((details,), (beside,))
    rows = (vote, *ways) if vote else ways
    return Screen(f"{above}\n\n{text}" if above else text, rows, item.picture_id)


def description(item: Item, localizer: Localizer) -> str:
    """The line under a title in inline results."""
    return localizer.text(
        "inline-line",
        expected=localizer.money(item.expected_fen),
        original=localizer.money(item.original_fen),
        saved=item.original_fen - item.expected_fen,
        number=item.wants,
    )


def tap_answer(answer: VoteOutcome, localizer: Localizer, *, kept: bool = True) -> str:
    """The answer to a member's tap on a shared card; without `kept` it says that the card is no longer edited."""
    if answer.refused is None:
        said = goods.standing("voted", answer.purse, localizer)
    elif answer.voted and not answer.void:
        said = localizer.text("shared-voted-already")
    else:
        said = goods.refusal(answer.refused, localizer, _ELSEWHERE)
    return said if kept else said + "\n" + localizer.text("shared-left")


def closed(refused: Refused, localizer: Localizer, *, kept: bool = True) -> str:
    """The answer to a stranger's tap on a card whose item is no longer on display."""
    said = goods.refusal(refused, localizer, _ELSEWHERE)
    return said if kept else said + "\n" + localizer.text("shared-left")


def ephemeral_answer(said: str, item: Item, username: str, localizer: Localizer) -> Screen:
    """An ephemeral answer in a group, with a link to the item in the chat with the bot."""
    button = Button(localizer.text("button-in-the-chat"), url=chat_link(username, ItemStart(item.id)))
    return Screen(escaped(said), ((button,),))


def completed(answer: VoteOutcome, greeting: str, localizer: Localizer) -> Screen:
    """The item after a vote that began on a shared card, with a greeting (HTML) and the result (R21)."""
    assert answer.item is not None, "a vote is completed for an item that there is"
    card = Card(answer.item, Place(), answer.voted, answer.following, answer.on_display, void=answer.void)
    said = (
        goods.refusal(answer.refused, localizer) if answer.refused else goods.standing("voted", answer.purse, localizer)
    )
    above = greeting + "\n\n" + escaped(said)
    return goods.card_screen(card, localizer, above=above)


# -- groups and channels -------------------------------------------------------------------------------------------


def bound(chat: BoundChat, localizers: Localizers, key: str) -> Screen:
    """The answer to /bind, with the languages, of which the chosen one is marked, and the switch of the figures."""
    names = {name: localizers[0].text(f"settings-language-{name}") for name in LANGUAGES}
    names[BOTH] = " + ".join(names.values())
    chosen = chat.language or BOTH
    buttons = tuple(
        Button(
            label,
            data=callbacks.ChatLanguageCallback(language=name).pack(),
            style="success" if name == chosen else None,
        )
        for name, label in names.items()
    )
    figures = Button(
        both(localizers, "bind-fairness-on" if chat.fairness else "bind-fairness-off"),
        data=callbacks.ChatFairnessCallback(value="0" if chat.fairness else "1").pack(),
    )
    return Screen("\n\n".join(localizer.html(key) for localizer in localizers), (buttons, (figures,)))


def plain_answer(localizers: Localizers, key: str) -> Screen:
    """A text in every language of a chat."""
    return Screen("\n\n".join(localizer.html(key) for localizer in localizers))
