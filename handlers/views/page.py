"""What a friend without the app open sees on the web: words only, no markup and no member (R21, R23, R35)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.goods import ItemState
from domain.people import LANGUAGES
from handlers.views.goods import flames
from handlers.words import Speech
from services.canvassing import Invitation


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `goods` is left out where the page is about nothing; `others` are the languages it also speaks."""

    language: str
    others: tuple[tuple[str, str], ...]
    brand: str
    title: str
    description: str
    headline: str
    more: str
    button: str
    how: str
    scan: str
    quiet: str
    goods: Goods | None = None


@dataclass(frozen=True, slots=True)
class Goods:
    """The item on its page. `wants` stands before `wanters`, which says what it counts; it is empty for nought."""

    title: str
    shop: str
    photo: str
    expected: str
    expected_label: str
    original: str
    original_label: str
    off: str
    wants: str
    wanters: str
    heat: str
    left: str
    until: str
    text: str


def item_page(shown: Invitation, next_opening: datetime, speech: Speech) -> Page:
    """An item by a friend's link: to vote for, or how it ended; `next_opening` (aware) is when new goods come."""
    item = shown.item
    title = item.title(speech.language)
    expected, original = speech.money(item.expected_fen), speech.money(item.original_fen)
    count = speech.number(item.wants)
    headline, more, button, how = _state(shown, next_opening, speech)
    percent = 100 - round(item.expected_fen * 100 / item.original_fen)
    closes = item.closes_at if shown.on_display else None
    goods = Goods(
        title=title,
        shop=item.shop,
        photo=speech.plain("page-photo", title=title),
        expected=expected,
        expected_label=speech.plain("page-expected"),
        original=original,
        original_label=speech.plain("page-original"),
        off=speech.plain("card-off", percent=percent) if percent else "",
        wants=count if item.wants else "",
        wanters=speech.plain("page-wants", number=item.wants),
        heat=flames(item),
        left=speech.plain("page-left", span=speech.span(closes - speech.now)) if closes else "",
        until=speech.plain("page-until", moment=speech.moment(closes)) if closes else "",
        text=item.description(speech.language),
    )
    return _page(
        speech,
        title=speech.plain("page-title", title=title, price=expected, original=original),
        description=speech.plain("page-description", number=item.wants, count=count),
        headline=headline,
        more=more,
        button=button,
        how=how,
        goods=goods,
    )


def _state(shown: Invitation, next_opening: datetime, speech: Speech) -> tuple[str, str, str, str]:
    """Headline, what it means, the button, and what the button does."""
    item = shown.item
    vote = speech.plain("page-vote"), speech.plain("page-vote-how")
    follow = speech.plain("page-follow"), speech.plain("page-follow-how")
    today = speech.plain("page-today"), speech.plain("page-today-how")
    moment = speech.moment(next_opening)
    if shown.on_display:
        asks = speech.plain("page-asks-named", name=shown.name) if shown.name else speech.plain("page-asks")
        return (asks, "", *vote)
    if item.state is ItemState.SCHEDULED and item.group_opens_at:
        headline = speech.plain("page-scheduled", moment=speech.moment(item.group_opens_at))
        return (headline, speech.plain("page-scheduled-more"), *follow)
    if item.state is ItemState.OPEN:
        group = speech.plain("page-group"), speech.plain("page-group-how")
        return (speech.plain("page-open"), speech.plain("page-open-more"), *group)
    if item.state in (ItemState.OUT, ItemState.LAPSED, ItemState.REFUSED):
        return (speech.plain("page-ended"), speech.plain("page-ended-more", moment=moment), *today)
    return (speech.plain("page-over"), speech.plain("page-over-more", moment=moment), *follow)


def lost_page(speech: Speech) -> Page:
    """There is no such link."""
    return _notice(speech, speech.plain("page-lost"), speech.plain("page-lost-more"))


def busy_page(speech: Speech) -> Page:
    """Something is wrong on our side."""
    return _notice(speech, speech.plain("page-busy"), speech.plain("page-busy-more"))


def front_page(speech: Speech) -> Page:
    """The address without anything behind it."""
    return _notice(speech, speech.plain("page-brand"), speech.plain("about-short"))


def _notice(speech: Speech, headline: str, more: str) -> Page:
    return _page(
        speech,
        title=headline,
        description=more,
        headline=headline,
        more=more,
        button=speech.plain("page-today"),
        how=speech.plain("page-today-how"),
        goods=None,
    )


def _page(
    speech: Speech,
    *,
    title: str,
    description: str,
    headline: str,
    more: str,
    button: str,
    how: str,
    goods: Goods | None,
) -> Page:
    others = [code for code in LANGUAGES if code != speech.language]
    return Page(
        language=speech.language,
        others=tuple((code, speech.plain(f"settings-language-{code}")) for code in others),
        brand=speech.plain("page-brand"),
        title=title,
        description=description,
        headline=headline,
        more=more,
        button=button,
        how=how,
        scan=speech.plain("page-scan"),
        quiet=speech.plain("page-quiet"),
        goods=goods,
    )
