"""Texts of the web page of a canvass link, without markup and members (R21, R23, R35)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.goods import ItemState
from domain.people import LANGUAGES
from handlers.localization import Localizer
from handlers.views.goods import flames
from services.canvassing import Invitation


@dataclass(frozen=True, slots=True)
class LandingPage:
    """One page. `goods` is None on pages without an item; `others` are its other languages."""

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
    goods: LandingGoods | None = None


@dataclass(frozen=True, slots=True)
class LandingGoods:
    """The item on its page. `wants` is the count before the words `wanters`; it is empty for zero."""

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


def item_page(shown: Invitation, next_opening: datetime, localizer: Localizer) -> LandingPage:
    """The item of a friend's link, to vote for or with its state; `next_opening` (aware) is that of the next round."""
    item = shown.item
    title = item.title(localizer.language)
    expected, original = localizer.money(item.expected_fen), localizer.money(item.original_fen)
    count = localizer.number(item.wants)
    headline, more, button, how = _state(shown, next_opening, localizer)
    percent = 100 - round(item.expected_fen * 100 / item.original_fen)
    closes = item.closes_at if shown.on_display else None
    goods = LandingGoods(
        title=title,
        shop=item.shop,
        photo=localizer.text("page-photo", title=title),
        expected=expected,
        expected_label=localizer.text("page-expected"),
        original=original,
        original_label=localizer.text("page-original"),
        off=localizer.text("card-off", percent=percent) if percent else "",
        wants=count if item.wants else "",
        wanters=localizer.text("page-wants", number=item.wants),
        heat=flames(item),
        left=localizer.text("page-left", span=localizer.span(closes - localizer.now)) if closes else "",
        until=localizer.text("page-until", moment=localizer.moment(closes)) if closes else "",
        text=item.description(localizer.language),
    )
    return _page(
        localizer,
        title=localizer.text("page-title", title=title, price=expected, original=original),
        description=localizer.text("page-description", number=item.wants, count=count),
        headline=headline,
        more=more,
        button=button,
        how=how,
        goods=goods,
    )


def _state(shown: Invitation, next_opening: datetime, localizer: Localizer) -> tuple[str, str, str, str]:
    """Headline, explanation, button, and the explanation of the button."""
    item = shown.item
    vote = localizer.text("page-vote"), localizer.text("page-vote-how")
    follow = localizer.text("page-follow"), localizer.text("page-follow-how")
    today = localizer.text("page-today"), localizer.text("page-today-how")
    moment = localizer.moment(next_opening)
    if shown.on_display:
        asks = localizer.text("page-asks-named", name=shown.name) if shown.name else localizer.text("page-asks")
        return (asks, "", *vote)
    if item.state is ItemState.SCHEDULED and item.group_opens_at:
        headline = localizer.text("page-scheduled", moment=localizer.moment(item.group_opens_at))
        return (headline, localizer.text("page-scheduled-more"), *follow)
    if item.state is ItemState.OPEN:
        group = localizer.text("page-group"), localizer.text("page-group-how")
        return (localizer.text("page-open"), localizer.text("page-open-more"), *group)
    if item.state in (ItemState.REJECTED, ItemState.EXPIRED, ItemState.REFUSED):
        return (localizer.text("page-ended"), localizer.text("page-ended-more", moment=moment), *today)
    return (localizer.text("page-over"), localizer.text("page-over-more", moment=moment), *follow)


def lost_page(localizer: Localizer) -> LandingPage:
    """The page of an unknown link."""
    return _notice(localizer, localizer.text("page-lost"), localizer.text("page-lost-more"))


def busy_page(localizer: Localizer) -> LandingPage:
    """The page of a temporary error."""
    return _notice(localizer, localizer.text("page-busy"), localizer.text("page-busy-more"))


def front_page(localizer: Localizer) -> LandingPage:
    """The front page."""
    return _notice(localizer, localizer.text("page-brand"), localizer.text("about-short"))


def _notice(localizer: Localizer, headline: str, more: str) -> LandingPage:
    return _page(
        localizer,
        title=headline,
        description=more,
        headline=headline,
        more=more,
        button=localizer.text("page-today"),
        how=localizer.text("page-today-how"),
        goods=None,
    )


def _page(
    localizer: Localizer,
    *,
    title: str,
    description: str,
    headline: str,
    more: str,
    button: str,
    how: str,
    goods: LandingGoods | None,
) -> LandingPage:
    others = [code for code in LANGUAGES if code != localizer.language]
    return LandingPage(
        language=localizer.language,
        others=tuple((code, localizer.text(f"settings-language-{code}")) for code in others),
        brand=localizer.text("page-brand"),
        title=title,
        description=description,
        headline=headline,
        more=more,
        button=button,
        how=how,
        scan=localizer.text("page-scan"),
        quiet=localizer.text("page-quiet"),
        goods=goods,
    )
