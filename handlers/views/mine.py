"""What belongs to the member: votes, settings, privacy, greetings (R14, R25, R35, R36)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from domain.goods import Item, ItemState
from domain.people import LANGUAGES, Member, QuietHours
from domain.voting import Purse
from handlers import callbacks as tap
from handlers.screen import Button, Row, Screen
from handlers.views.goods import standing
from handlers.words import Speech

QUIET_CHOICES = ("22:00-08:00", "23:00-07:00", "21:00-09:00")
_SHORT_TITLE = 28


def short(title: str, room: int = _SHORT_TITLE) -> str:
    """A title that fits a button."""
    return title if len(title) <= room else title[: room - 1].rstrip() + "…"


def start_screen(
    name: str, opens: str, votes: int, fen_per_ballot: int, speech: Speech, *, lost_link: bool = False
) -> Screen:
    """The greeting: what this is, in a few lines, and the way to the goods.

    It is the same each time: who is known may have come by a link, or have written anything, and never read it.
    """
    text = speech.t("start", name=name, opens=opens, votes=votes, step=speech.money(fen_per_ballot))
    if lost_link:
        text = speech.t("start-lost-link") + "\n\n" + text
    return Screen(text, menu_rows(speech))


def help_screen(opens: str, votes: int, fen_per_ballot: int, lead: timedelta, speech: Speech) -> Screen:
    """How it works, on one screen."""
    text = speech.t("help", opens=opens, votes=votes, step=speech.money(fen_per_ballot), lead=speech.span(lead))
    return Screen(text, menu_rows(speech))


def menu_rows(speech: Speech) -> tuple[Row, ...]:
    """The ways on from a text."""
    return (
        (Button(speech.plain("button-goods"), data=tap.NewDraw(fresh=True).pack(), style="primary"),),
        (
            Button(speech.plain("button-mine"), data=tap.Mine(fresh=True).pack()),
            Button(speech.plain("button-settings"), data=tap.Settings().pack()),
        ),
    )


_SIGN = {
    ItemState.PASSED: "🔁",
    ItemState.ON_DISPLAY: "⏳",
    ItemState.DISPLAYED: "🤔",
    ItemState.SAMPLED: "🧐",
    ItemState.REVIEWED: "📝",
    ItemState.SCHEDULED: "🗓",
    ItemState.OPEN: "🎉",
    ItemState.OUT: "🍂",
    ItemState.LAPSED: "🍂",
}


def _line(item: Item, speech: Speech, newest: Item | None = None) -> str:
    """Where an item stands; where its good came back, where its newest turn does (R16)."""
    now = newest or item
    when = now.group_opens_at if now.state is ItemState.SCHEDULED else now.closes_at
    moment = speech.moment(when) if when else ""
    wants = speech.number(now.wants)
    if newest and newest.state is ItemState.ON_DISPLAY:
        state = speech.t("back-on-display", moment=moment)
    else:
        state = speech.t(f"state-{now.state.value}", moment=moment, number=wants, wants=now.wants)
        if newest and newest.state is not ItemState.PASSED:
            state = speech.t("back-since", state=state)
    sign = "🔁" if newest else _SIGN.get(item.state, "·")
    return speech.t("mine-line", state=sign, title=item.title(speech.language), line=state)


def mine_screen(
    voted: tuple[Item, ...],
    followed: tuple[Item, ...],
    back: Mapping[int, Item],
    purse: Purse,
    page: int,
    pages: int,
    speech: Speech,
) -> Screen:
    """Every item voted for or followed with its state and, once known, its opening time; then the ballots left (R25).

    Both lists are turned by the same page; the shorter one is over sooner. `back` has the newest turns of goods that
    came back, by the item that was voted for: it is what there is to look at.
    """
    parts: list[str] = []
    if voted:
        parts.append(speech.t("mine") + "\n\n" + "\n".join(_line(item, speech, back.get(item.id)) for item in voted))
    elif not page:
        parts.append(speech.t("mine-empty"))
    if followed:
        parts.append(speech.t("mine-followed") + "\n\n" + "\n".join(_line(item, speech) for item in followed))
    parts.append(standing("mine-purse" if purse.ballots_left else "mine-purse-empty", purse, speech))
    leads = {now.id: now for now in (back.get(item.id, item) for item in (*voted, *followed))}
    rows: list[Row] = [
        (Button("👀 " + short(item.title(speech.language)), data=tap.Open(item=item.id).pack()),)
        for item in leads.values()
    ]
    if pages > 1:
        rows.append(
            (
                Button("◀️", data=tap.Mine(page=(page - 1) % pages).pack()),
                Button(f"{page + 1}/{pages}", data=tap.Still().pack()),
                Button("▶️", data=tap.Mine(page=(page + 1) % pages).pack()),
            )
        )
    rows.append((Button(speech.plain("button-goods"), data=tap.NewDraw(fresh=True).pack()),))
    return Screen("\n\n".join(parts), tuple(rows))


def settings_screen(member: Member, quiet: QuietHours, speech: Speech) -> Screen:
    """Language, daily goods, alerts, quiet hours; a tap changes one and shows the same screen again."""

    def switch(what: str, on: bool) -> Button:
        key = f"settings-{what}-{'on' if on else 'off'}"
        value = "0" if on else "1"
        return Button(speech.plain(key), data=tap.Settings(what=what, value=value).pack())

    span = _quiet(quiet, speech)
    languages = tuple(
        Button(
            speech.plain("settings-chosen", name=speech.plain(f"settings-language-{code}"))
            if code == speech.language
            else speech.plain(f"settings-language-{code}"),
            data=tap.Settings(what="language", value=code).pack(),
        )
        for code in LANGUAGES
    )
    rows: tuple[Row, ...] = (
        languages,
        (switch("carousel", member.carousel_on), switch("alerts", member.alerts_on)),
        (
            Button(speech.plain("settings-quiet", quiet=span), data=tap.Settings(what="quiet-hours").pack()),
            *((switch("alerts-quiet", member.alerts_quiet),) if quiet.start != quiet.end else ()),
        ),
        (switch("name", member.show_name),),
    )
    key = "settings" if quiet.start != quiet.end else "settings-never-quiet"
    wait = "yes" if member.alerts_quiet else "no"
    return Screen(speech.t(key, quiet=span, alerts=wait if member.alerts_on else "off"), rows)


def quiet_screen(current: QuietHours, speech: Speech) -> Screen:
    """Quiet hours to choose from, or to write."""
    rows: list[Row] = [
        (Button(choice, data=tap.Settings(what="quiet-to", value=choice.replace(":", "")).pack()),)
        for choice in QUIET_CHOICES
    ]
    rows.append(
        (Button(speech.plain("settings-quiet-off"), data=tap.Settings(what="quiet-to", value="0000-0000").pack()),)
    )
    rows.append((Button(speech.plain("button-back"), data=tap.Settings().pack()),))
    return Screen(speech.t("settings-quiet-choose"), tuple(rows))


def quiet_bad(speech: Speech) -> Screen:
    """The answer to what was no quiet hours, with the way out."""
    return Screen(speech.t("settings-quiet-bad"), ((Button(speech.plain("button-back"), data=tap.Settings().pack()),),))


def _quiet(hours: QuietHours, speech: Speech) -> str:
    return speech.plain("settings-quiet-none") if hours.start == hours.end else str(hours)


def quiet_saved(hours: QuietHours, speech: Speech) -> Screen:
    """The answer to quiet hours that were written."""
    button = Button(speech.plain("button-settings"), data=tap.Settings().pack())
    return Screen(speech.t("settings-quiet-saved", quiet=_quiet(hours, speech)), ((button,),))


def privacy_screen(speech: Speech) -> Screen:
    """What is stored, and the ways to take it out and to have it deleted (R36)."""
    return Screen(
        speech.t("privacy"),
        (
            (Button(speech.plain("button-privacy-export"), data=tap.Privacy(do="export").pack()),),
            (Button(speech.plain("button-privacy-delete"), data=tap.Privacy(do="ask").pack()),),
        ),
    )


def privacy_ask_screen(speech: Speech) -> Screen:
    """Deleting is asked for twice, because it cannot be undone."""
    return Screen(
        speech.t("privacy-ask"),
        (
            (Button(speech.plain("button-privacy-really"), data=tap.Privacy(do="delete").pack(), style="danger"),),
            (Button(speech.plain("button-back"), data=tap.Privacy(do="show").pack()),),
        ),
    )
