"""The member's votes, settings and data, and greetings (R14, R25, R35, R36)."""

from __future__ import annotations

from collections.abc import Sequence

from domain.goods import Item, ItemState
from domain.people import LANGUAGES, Member, QuietHours
from domain.voting import Purse
from handlers import callbacks
from handlers.callbacks import action, pager
from handlers.localization import Localizer
from handlers.screen import Button, Row, Screen
from handlers.views.goods import standing
from services.context import Rules
from services.voting import MyVotes

QUIET_CHOICES = ("22:00-08:00", "23:00-07:00", "21:00-09:00")
_SHORT_TITLE = 28


def short(title: str, room: int = _SHORT_TITLE) -> str:
    """A title cut to fit a button, at a word where it has words."""
    if len(title) <= room:
        return title
    cut = title[: room - 1]
    words = cut.rpartition(" ")[0] if title[room - 1] != " " else cut
    return (words if len(words) >= room // 2 else cut).rstrip(" ,.;:，、") + "…"


def told_apart(titles: Sequence[str], room: int = _SHORT_TITLE) -> list[str]:
    """Titles cut to fit buttons. Those that would read the same keep their ends, which tell goods apart."""
    cut = [short(title, room) for title in titles]
    return [
        _with_end(title, room) if len(title) > room and cut.count(label) > 1 else label
        for title, label in zip(titles, cut, strict=True)
    ]


def _with_end(title: str, room: int) -> str:
    end = title[-(room // 2) :]
    words = end.partition(" ")[2]
    end = words if len(words) >= room // 4 else end
    return short(title, room - len(end) - 1).rstrip("…") + "…" + end


def start_screen(name: str, rules: Rules, purse: Purse, localizer: Localizer, *, lost_link: bool = False) -> Screen:
    """The greeting, which explains the bot; also for known members, who may have come by a link and never read it."""
    text = localizer.html("start", name=name, purse=_ballots(purse, localizer), **_numbers(rules, localizer))
    if lost_link:
        text = localizer.html("start-lost-link") + "\n\n" + text
    return Screen(text, menu_rows(localizer))


def welcome(name: str, rules: Rules, purse: Purse | None, localizer: Localizer) -> str:
    """The greeting of a new member above the card of the item that they came for, as HTML: what a ballot is, how many
    they have, and how to get one (R14). Without a `purse` what follows says how many they have."""
    step, ballots = localizer.money(rules.fen_per_ballot), _ballots(purse, localizer) if purse else ""
    return localizer.html("start-newcomer", name=name, step=step, purse=ballots).rstrip()


def _ballots(purse: Purse, localizer: Localizer) -> str:
    missing = localizer.money(purse.fen_to_next_ballot)
    return localizer.text("start-ballots", ballots=purse.ballots_left, missing=missing)


def help_screen(rules: Rules, localizer: Localizer) -> Screen:
    """The answer to /help."""
    text = localizer.html("help", lead=localizer.span(rules.alert_lead), **_numbers(rules, localizer))
    rules_row = (action(localizer, "button-rules", callbacks.RulesCallback()),)
    return Screen(text, (*menu_rows(localizer), rules_row))


def _numbers(rules: Rules, localizer: Localizer) -> dict[str, str | int]:
    step = localizer.money(rules.fen_per_ballot)
    return {"opens": localizer.time(rules.opens_at), "votes": rules.votes_per_day, "step": step}


def menu_rows(localizer: Localizer) -> tuple[Row, ...]:
    """The main buttons."""
    return (
        (action(localizer, "button-goods", callbacks.NewDrawCallback(fresh=True), style="primary"),),
        (
            action(localizer, "button-mine", callbacks.MineCallback(fresh=True)),
            action(localizer, "button-settings", callbacks.SettingsCallback()),
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
    ItemState.REJECTED: "🍂",
    ItemState.EXPIRED: "🍂",
}


def _line(item: Item, votes: MyVotes, localizer: Localizer) -> str:
    """An item with its state, if relisted that of its newest listing (R16), whether its ballot is back (R5), and
    whether the vote for it is void (R29)."""
    newest = votes.back.get(item.id)
    now = newest or item
    kept_back = now.kept_back_until(localizer.now) if now.state is ItemState.PASSED else None
    when = kept_back or (now.group_opens_at if now.state is ItemState.SCHEDULED else now.closes_at)
    moment = localizer.moment(when) if when else ""
    wants = localizer.number(now.wants)
    if newest and newest.state is ItemState.ON_DISPLAY:
        state = localizer.html("back-on-display", moment=moment)
    else:
        key = "state-passed-banned" if kept_back else f"state-{now.state.value}"
        state = localizer.html(key, moment=moment, number=wants, wants=now.wants)
        if newest and newest.state is not ItemState.PASSED:
            state = localizer.html("back-since", state=state)
    if item.id in votes.ballots_back:
        state += " · " + localizer.html("mine-ballot-back")
    if item.id in votes.void:
        state += " · " + localizer.html("mine-void")
    sign = "🔁" if newest else _SIGN.get(item.state, "·")
    return localizer.html("mine-line", state=sign, title=item.title(localizer.language), line=state)


def mine_screen(votes: MyVotes, localizer: Localizer) -> Screen:
    """Items voted for or followed, with state and opening time, and the ballots left; 🍂 leads to those that ended
    without a group, which are a list of their own (R25).

    Items voted for and items followed have the same pages; the shorter list ends sooner. A button leads to the newest
    listing of its item.
    """
    parts: list[str] = []
    if votes.voted:
        heading = localizer.html("mine-ended" if votes.are_ended else "mine")
        parts.append(_section(heading, votes.voted, votes, localizer))
    elif not votes.page and not (votes.are_ended and votes.followed):
        none = "mine-none-left" if votes.others else "mine-empty"
        parts.append(localizer.html("mine-ended-none" if votes.are_ended else none))
    if votes.followed:
        heading = localizer.html("mine-followed-ended" if votes.are_ended else "mine-followed")
        parts.append(_section(heading, votes.followed, votes, localizer))
    purse = votes.purse
    parts.append(standing("mine-purse" if purse.ballots_left else "mine-purse-empty", purse, localizer))
    return Screen("\n\n".join(parts), (*_my_goods(votes, localizer), *_ways_on(votes, localizer)))


def _section(heading: str, found: Sequence[Item], votes: MyVotes, localizer: Localizer) -> str:
    return heading + "\n\n" + "\n".join(_line(item, votes, localizer) for item in found)


def _my_goods(votes: MyVotes, localizer: Localizer) -> list[Row]:
    newest = {item.id: item for item in (votes.back.get(item.id, item) for item in (*votes.voted, *votes.followed))}
    labels = told_apart([item.title(localizer.language) for item in newest.values()])
    return [
        (Button("👀 " + label, data=callbacks.OpenCallback(item=item.id).pack()),)
        for label, item in zip(labels, newest.values(), strict=True)
    ]


def _ways_on(votes: MyVotes, localizer: Localizer) -> list[Row]:
    """The other pages, the other list, and the goods."""
    rows: list[Row] = []
    this = callbacks.EndedCallback if votes.are_ended else callbacks.MineCallback
    if votes.pages > 1:
        still = callbacks.StillCallback.data()
        rows.append(pager(votes.page, votes.pages, lambda number: this(page=number).pack(), still))
    if votes.are_ended:
        return [*rows, (action(localizer, "button-back", callbacks.MineCallback()),)]
    if votes.others:
        label = localizer.text("button-ended", number=localizer.number(votes.others))
        rows.append((Button(label, data=callbacks.EndedCallback().pack()),))
    return [*rows, (action(localizer, "button-goods", callbacks.NewDrawCallback(fresh=True)),)]


def settings_screen(member: Member, quiet: QuietHours, localizer: Localizer) -> Screen:
    """Language, daily goods, alerts, quiet hours."""

    def switch(what: str, on: bool) -> Button:
        key = f"settings-{what}-{'on' if on else 'off'}"
        return action(localizer, key, callbacks.SettingsCallback(what=what, value="0" if on else "1"))

    span = _quiet(quiet, localizer)
    hours = callbacks.SettingsCallback(what="quiet-hours").pack()
    rows: tuple[Row, ...] = (
        tuple(_language(code, localizer) for code in LANGUAGES),
        (switch("carousel", member.carousel_on), switch("alerts", member.alerts_on)),
        (Button(localizer.text("settings-quiet", quiet=span), data=hours),),
        *(((switch("alerts-quiet", member.alerts_quiet),),) if quiet.start != quiet.end else ()),
        (switch("name", member.show_name),),
    )
    key = "settings" if quiet.start != quiet.end else "settings-never-quiet"
    wait = "yes" if member.alerts_quiet else "no"
    return Screen(localizer.html(key, quiet=localizer.in_zone(span), alerts=wait if member.alerts_on else "off"), rows)


def _language(code: str, localizer: Localizer) -> Button:
    name = localizer.text(f"settings-language-{code}")
    if code == localizer.language:
        name = localizer.text("settings-chosen", name=name)
    return Button(name, data=callbacks.SettingsCallback(what="language", value=code).pack())


def quiet_screen(localizer: Localizer) -> Screen:
    """Choices of quiet hours; others can be sent as text."""
    rows: list[Row] = [
        (Button(choice, data=callbacks.SettingsCallback(what="quiet-to", value=choice.replace(":", "")).pack()),)
        for choice in QUIET_CHOICES
    ]
    rows.append(
        (action(localizer, "settings-quiet-off", callbacks.SettingsCallback(what="quiet-to", value="0000-0000")),)
    )
    rows.append((action(localizer, "button-back", callbacks.SettingsCallback()),))
    return Screen(localizer.html("settings-quiet-choose"), tuple(rows))


def quiet_bad(localizer: Localizer) -> Screen:
    """The answer to invalid quiet hours."""
    return Screen(
        localizer.html("settings-quiet-bad"),
        ((action(localizer, "button-back", callbacks.SettingsCallback()),),),
    )


def _quiet(hours: QuietHours, localizer: Localizer) -> str:
    return localizer.text("settings-quiet-none") if hours.start == hours.end else str(hours)


def quiet_saved(hours: QuietHours, localizer: Localizer) -> Screen:
    """The answer to valid quiet hours."""
    button = action(localizer, "button-settings", callbacks.SettingsCallback())
    return Screen(localizer.html("settings-quiet-saved", quiet=_quiet(hours, localizer)), ((button,),))


def privacy_screen(backup_hours: int, localizer: Localizer) -> Screen:
    """What is stored, with export and deletion (R36)."""
    return Screen(
        localizer.html("privacy", hours=backup_hours),
        (
            (action(localizer, "button-privacy-export", callbacks.PrivacyCallback(do="export")),),
            (action(localizer, "button-privacy-delete", callbacks.PrivacyCallback(do="ask")),),
        ),
    )


def privacy_ask_screen(localizer: Localizer) -> Screen:
    """Asks for confirmation of the deletion."""
    return Screen(
        localizer.html("privacy-ask"),
        (
            (action(localizer, "button-privacy-really", callbacks.PrivacyCallback(do="delete"), style="danger"),),
            (action(localizer, "button-back", callbacks.PrivacyCallback(do="show")),),
        ),
    )
