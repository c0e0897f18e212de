"""Cards and messages in other people's chats: whatever they show, everybody there can read (R21, R23, R35).

So nothing in them depends on who looks, and moments are written with their date: "tomorrow" would not stay true.
"""

from __future__ import annotations

from domain.carousel import Card, Place
from domain.chats import BoundChat
from domain.goods import Item, ItemState
from domain.payloads import CanvassStart, ItemStart, chat_link
from domain.people import LANGUAGES
from domain.voting import Refused
from handlers import callbacks
from handlers.localization import Localizer, written
from handlers.screen import Button, Row, Screen
from handlers.views import goods
from services.voting import Answer

BOTH = "both"
"""What stands for every language in a button."""

_ELSEWHERE = {
    "refused-unknown-item": "shared-gone",
    "refused-round-over": "shared-round-over",
    "refused-group-scheduled": "shared-group-scheduled",
    "refused-group-open": "shared-group-open",
    "refused-item-out": "shared-item-out",
    "refused-no-ballots-yet": "shared-no-ballots-yet",
    "refused-no-ballots": "shared-no-ballots",
}
"""Refusals in other words: a shared card has no 🔔 and no 🛒, and commands are not for other people's chats. 🔍 leads
to them all."""

Localizers = tuple[Localizer, ...]


def both(localizers: Localizers, key: str) -> str:
    """A button's label in every language of a chat: its sign once, then the words."""
    first, *others = dict.fromkeys(localizer.text(key) for localizer in localizers)
    return " · ".join((first, *(label.partition(" ")[2] for label in others)))


def _status(item: Item, localizer: Localizer, *, on_display: bool) -> str:
    if on_display and item.closes_at:
        return localizer.html("shared-until", moment=localizer.exact(item.closes_at))
    if item.state is ItemState.SCHEDULED and item.group_opens_at:
        return localizer.html("shared-scheduled", moment=localizer.exact(item.group_opens_at))
    if item.state is ItemState.OPEN:
        return localizer.html("card-open")
    if item.state in (ItemState.REJECTED, ItemState.EXPIRED, ItemState.REFUSED):
        return localizer.html("card-ended")
    return localizer.html("shared-over")


def _facts(item: Item, localizer: Localizer, *, on_display: bool) -> str:
    wants = localizer.html("card-wants", number=item.wants, heat=goods.flames(item)).rstrip()
    return "\n".join((goods.title_and_prices(item, localizer), wants, _status(item, localizer, on_display=on_display)))


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
    """An item in somebody's chat, with 🙋 for everybody there and the way into the bot; after its round, the way alone.

    `name` is the token of its owner's link, else the item's number. The button says how the card looks and what it
    shows: that is all the bot knows of a card that nobody told it of.
    """
    text = "\n\n".join(_facts(item, localizer, on_display=on_display) for localizer in localizers)
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
    ways: tuple[Row, ...] = ((details, beside),) if len(localizers) == 1 else ((details,), (beside,))
    rows = (vote, *ways) if vote else ways
    return Screen(f"{above}\n\n{text}" if above else text, rows, item.picture_id)


def description(item: Item, localizer: Localizer) -> str:
    """One line under a title in the list of inline mode."""
    return localizer.text(
        "inline-line",
        expected=localizer.money(item.expected_fen),
        original=localizer.money(item.original_fen),
        number=item.wants,
    )


def tap_answer(answer: Answer, localizer: Localizer, *, kept: bool = True) -> str:
    """What a member reads who tapped a card elsewhere: there is no ✅ on it, so that is in the chat with the bot.

    Who taps a card that is no longer `kept` true is told why it does not change.
    """
    if answer.refused is None:
        said = goods.standing("voted", answer.purse, localizer)
    elif answer.voted:
        said = localizer.text("shared-voted-already")
    else:
        said = goods.refusal(answer.refused, localizer, _ELSEWHERE)
    return said if kept else said + "\n" + localizer.text("shared-left")


def closed(refused: Refused, localizer: Localizer, *, kept: bool = True) -> str:
    """What a stranger reads on a card that can no longer be voted on."""
    said = goods.refusal(refused, localizer, _ELSEWHERE)
    return said if kept else said + "\n" + localizer.text("shared-left")


def ephemeral_answer(said: str, item: Item, username: str, localizer: Localizer) -> Screen:
    """A private answer in a group, with the way to the item in the chat with the bot."""
    button = Button(localizer.text("button-in-the-chat"), url=chat_link(username, ItemStart(item.id)))
    return Screen(written(said), ((button,),))


def completed(answer: Answer, name: str, localizer: Localizer) -> Screen:
    """The item in the chat with the bot, after a vote that began elsewhere: a greeting, and what became of it (R21)."""
    assert answer.item is not None, "a vote is completed for an item that there is"
    card = Card(answer.item, Place(), answer.voted, answer.following, answer.on_display)
    said = (
        goods.refusal(answer.refused, localizer) if answer.refused else goods.standing("voted", answer.purse, localizer)
    )
    above = localizer.html("start-by-card", name=name) + "\n\n" + written(said)
    return goods.card_screen(card, localizer, above=above)


# -- groups and channels -------------------------------------------------------------------------------------------


def bound(chat: BoundChat, localizers: Localizers, key: str) -> Screen:
    """An answer to /bind, with the languages to choose from: what was chosen is marked."""
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
    return Screen("\n\n".join(localizer.html(key) for localizer in localizers), (buttons,))


def plain_answer(localizers: Localizers, key: str) -> Screen:
    """A plain answer in every language of a chat."""
    return Screen("\n\n".join(localizer.html(key) for localizer in localizers))
