"""Texts of the web page of a canvass link, without markup and members (R21, R23, R35)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from domain.goods import ENDS, ItemState
from domain.people import LANGUAGES
from domain.reading.shown_text import clean
from handlers.localization import Localizer
from handlers.views.goods import discount, flames
from services.canvassing.links import Invitation


@dataclass(frozen=True, slots=True)
class LandingPage:
    """One page. `goods` is None on pages without an item; `others` are its other languages. `leads_to_group` is the
    address of an open group, to which its button leads instead of the chat."""

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
    leads_to_group: str = ""
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
    item, goods = shown.item, _goods(shown, localizer)
    count, moment = localizer.number(item.wants), localizer.moment(next_opening)
    saved = item.original_fen - item.expected_fen
    title = localizer.text("page-title", title=goods.title, price=goods.expected, original=goods.original, saved=saved)
    page = partial(_item_page, localizer, title, goods)
    if shown.on_display:
        asks = localizer.text("page-asks-named", name=shown.name) if shown.name else localizer.text("page-asks")
        description = localizer.text("page-description", number=item.wants, count=count)
        return _page(localizer, title, description, asks, "", "vote", goods)
    if item.state is ItemState.SCHEDULED and item.group_opens_at:
        headline = localizer.text("page-scheduled", moment=localizer.moment(item.group_opens_at))
        return page(headline, localizer.text("page-scheduled-more"), "follow")
    if item.state is ItemState.OPEN:
        found = page(localizer.text("page-open"), localizer.text("page-open-more"), "group")
        return replace(found, leads_to_group=item.group_url or item.url)
    if item.state in ENDS:
        return page(localizer.text("page-ended"), localizer.text("page-ended-more", moment=moment), "today")
    return page(localizer.text("page-over"), localizer.text("page-over-more", moment=moment), "follow")


def _item_page(
    localizer: Localizer, title: str, goods: LandingGoods, headline: str, more: str, action: str
) -> LandingPage:
    """An item after its vote: a preview in a chat says what became of it, too."""
    return _page(localizer, title, more, headline, more, action, goods)


def _goods(shown: Invitation, localizer: Localizer) -> LandingGoods:
    item, title = shown.item, shown.item.title(localizer.language)
    closes = item.closes_at if shown.on_display else None
    return LandingGoods(
        title=title,
        shop=clean(item.shop),
        photo=localizer.text("page-photo", title=title),
        expected=localizer.money(item.expected_fen),
        expected_label=localizer.text("page-expected"),
        original=localizer.money(item.original_fen),
        original_label=localizer.text("page-original"),
        off=discount(item, localizer),
        wants=localizer.number(item.wants) if item.wants else "",
        wanters=localizer.text("page-wants", number=item.wants),
        heat=flames(item),
        left=localizer.text("page-left", span=localizer.span(closes - localizer.now)) if closes else "",
        until=localizer.text("page-until", moment=localizer.moment(closes)) if closes else "",
        text=item.description(localizer.language),
    )


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
    return _page(localizer, headline, more, headline, more, "today")


def _page(
    localizer: Localizer,
    title: str,
    description: str,
    headline: str,
    more: str,
    action: str,
    goods: LandingGoods | None = None,
) -> LandingPage:
    """A page whose button leads to an action: vote, follow, group or today."""
    others = [code for code in LANGUAGES if code != localizer.language]
    return LandingPage(
        language=localizer.language,
        others=tuple((code, localizer.text(f"settings-language-{code}")) for code in others),
        brand=localizer.text("page-brand"),
        title=title,
        description=description,
        headline=headline,
        more=more,
        button=localizer.text(f"page-{action}"),
        how=localizer.text(f"page-{action}-how"),
        scan=localizer.text("page-scan"),
        quiet=localizer.text("page-quiet"),
        goods=goods,
    )
