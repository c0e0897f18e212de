"""The organiser's desk (R7, R24, R31)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from domain.goods import ENDS, Item, ItemState, WhyOut
from handlers import callbacks as tap
from handlers.screen import Button, Row, Screen
from handlers.views.complaints import bad_line
from handlers.views.deliveries import stars_of
from handlers.views.mine import short
from handlers.words import Speech, written
from services.alerts import NotScheduled, Scheduled
from services.days import Day, Shift
from services.endings import NotOut, PutOut
from services.registration import Imported
from services.rounds import Overview

_BAD_SHOWN = 15


def _desk(do: str, item: int = 0, page: int = 0, value: str = "") -> str:
    return tap.Desk(do=do, item=item, page=page, value=value).pack()


def _home(speech: Speech) -> Row:
    return (Button(speech.plain("button-desk"), data=_desk("desk")),)


def desk_screen(
    now: Overview, letters: dict[str, int], speech: Speech, *, held_since: datetime | None = None
) -> Screen:
    """What is on display, what waits for the next round, what is being sent."""
    text = speech.t(
        "desk",
        on_display=now.on_display,
        waiting=now.waiting,
        next=speech.moment(now.next_opening),
        members=now.members,
        queued=sum(letters.get(state, 0) for state in ("pending", "claimed", "inflight", "paused")),
        sent=letters.get("sent", 0),
        unreachable=letters.get("suppressed", 0),
        failed=letters.get("dead", 0) + letters.get("unknown", 0) + letters.get("expired", 0),
    )
    rows: list[Row] = [
        (Button(speech.plain("button-ranking"), data=_desk("ranking")),),
        (Button(speech.plain("button-import"), data=_desk("import")),),
        (Button(speech.plain("button-deliveries"), data=_desk("sends")),),
    ]
    if held_since is not None:
        text = speech.t("desk-held", since=speech.moment(held_since)) + "\n\n" + text
        rows.insert(0, (Button(speech.plain("button-go"), data=_desk("go"), style="primary"),))
    rows.append(
        (
            Button(speech.plain("button-days"), data=_desk("days")),
            Button(speech.plain("button-gift"), data=_desk("gift")),
        )
    )
    if now.waiting:
        rows.append((Button(speech.plain("button-special"), data=_desk("special")),))
    return Screen(text, tuple(rows))


def ranking_screen(found: Sequence[tuple[Item, int]], page: int, more: bool, speech: Speech) -> Screen:
    """By votes; beside each the number of people whom its opening would be told to (R31)."""
    if not found:
        return Screen(speech.t("desk-ranking-empty"), (_home(speech),))
    lines = [
        speech.t(
            "desk-ranking-line",
            place=page * 6 + number + 1,
            title=item.title(speech.language),
            wants=item.wants,
            told=told,
            price=speech.money(item.expected_fen),
        )
        for number, (item, told) in enumerate(found)
    ]
    rows: list[Row] = [
        (Button(f"{place}. {short(item.title(speech.language))}", data=_desk("item", item.id, page)),)
        for place, (item, _) in enumerate(found, page * 6 + 1)
    ]
    turn: list[Button] = []
    if page:
        turn.append(Button("◀️", data=_desk("ranking", page=page - 1)))
    if more:
        turn.append(Button("▶️", data=_desk("ranking", page=page + 1)))
    if turn:
        rows.append(tuple(turn))
    rows.append(
        (
            Button(speech.plain("button-table-ranking"), data=_desk("table", value="ranking")),
            Button(speech.plain("button-table-votes"), data=_desk("table", value="votes")),
        )
    )
    rows.append(_home(speech))
    return Screen(speech.t("desk-ranking") + "\n\n" + "\n".join(lines), tuple(rows))


def item_screen(item: Item, choices: Sequence[datetime], page: int, speech: Speech) -> Screen:
    """One item, and the times at which its group could open; where none can any more, what became of it."""
    text = speech.t(
        "desk-item",
        title=item.title(speech.language),
        ref=item.ref,
        shop=item.shop,
        wants=item.wants,
        shown=item.shown,
        price=speech.money(item.expected_fen),
        stock=item.stock,
        days=speech.plain("span-days", number=item.lead_days),
        opens=speech.moment(item.group_opens_at) if item.group_opens_at else "–",
    )
    rows: list[Row] = []
    if item.state is ItemState.OPEN or item.state in ENDS:
        text += "\n\n" + speech.t(f"desk-item-{item.state.value}")
    else:
        text += "\n\n" + speech.t("desk-item-when")
        rows += [
            (
                Button(
                    speech.plain("button-opens-at", moment=speech.moment(when)),
                    data=_desk("at", item.id, page, str(int(when.timestamp()) // 60)),
                ),
            )
            for when in choices
        ]
        rows.append((Button(speech.plain("button-other-time"), data=_desk("ask", item.id, page)),))
        rows.append((Button(speech.plain("button-out"), data=_desk("out", item.id, page)),))
    if item.state in (ItemState.DISPLAYED, ItemState.LAPSED):
        rows.append((Button(speech.plain("button-again"), data=_desk("again", item.id, page)),))
    rows.append((Button(speech.plain("button-back"), data=_desk("ranking", page=page)),))
    return Screen(text, tuple(rows))


def ask_time_screen(item: Item, page: int, speech: Speech, *, wrong: str | None = None) -> Screen:
    """Asks in words when the group of this item shall open; `wrong` is the text that says why an answer was none."""
    text = speech.t("desk-ask-time", title=item.title(speech.language))
    if wrong is not None:
        text = speech.t(wrong) + "\n\n" + text
    return Screen(text, ((Button(speech.plain("button-back"), data=_desk("item", item.id, page)),),))


def really_schedule_screen(item: Item, opens_at: datetime, told: int, speech: Speech) -> Screen:
    """Whom scheduling would tell, asked before it does."""
    text = speech.t(
        "desk-really-schedule",
        title=item.title(speech.language),
        moment=speech.moment(opens_at),
        told=told,
        days=speech.plain("span-days", number=item.lead_days),
    )
    yes = Button(
        speech.plain("button-really-schedule"),
        data=_desk("yes", item.id, value=str(int(opens_at.timestamp()) // 60)),
        style="primary",
    )
    return Screen(text, ((yes,), (Button(speech.plain("button-back"), data=_desk("item", item.id)),)))


def really_special_screen(now: Overview, told: int, speech: Speech) -> Screen:
    """Whom a special round would tell, asked before it does."""
    text = speech.t("desk-really-special", number=now.waiting, told=told, next=speech.moment(now.next_opening))
    yes = Button(speech.plain("button-really-special"), data=_desk("special-yes"), style="primary")
    return Screen(text, ((yes,), _home(speech)))


def scheduled_screen(result: Scheduled, speech: Speech) -> Screen:
    """The group has its time; how many people are told, and whether all can be in time (R24)."""
    key = "desk-scheduled" if speech.now + result.lead < result.opens_at else "desk-scheduled-soon"
    if not result.changed:
        key = "desk-scheduled-before"
    text = speech.t(
        key,
        title=result.item.title(speech.language),
        moment=speech.moment(result.opens_at),
        told=result.audience,
        lead=speech.span(result.lead),
    )
    if result.fits:
        return Screen(text, (_home(speech),))
    text += "\n\n" + speech.t("desk-does-not-fit")
    if result.price is None:
        return Screen(text, (_home(speech),))
    text += " " + speech.t("desk-or-pay", stars=stars_of(result.price, speech))
    return Screen(text, ((Button(speech.plain("button-deliveries"), data=_desk("sends")),), _home(speech)))


def not_scheduled_screen(why: NotScheduled, item_id: int, speech: Speech) -> Screen:
    """Why a group cannot be scheduled so, and the way back."""
    back = Button(speech.plain("button-back"), data=_desk("item", item_id))
    return Screen(speech.t(f"not-scheduled-{why.value}"), ((back,),))


def late_screen(item: Item, opens_at: datetime, speech: Speech) -> Screen:
    """A time later than promised is asked for twice (R6)."""
    all_the_same = Button(
        speech.plain("button-late"), data=_desk("late", item.id, value=str(int(opens_at.timestamp()) // 60))
    )
    back = Button(speech.plain("button-back"), data=_desk("item", item.id))
    about = speech.t("desk-late", title=item.title(speech.language), moment=speech.moment(opens_at))
    text = about + "\n\n" + speech.t("not-scheduled-later-than-promised")
    return Screen(text, ((all_the_same,), (back,)))


def why_out_screen(item: Item, page: int, speech: Speech) -> Screen:
    """Asks why an item gets no group; the reason is the second tap (R5)."""
    rows: list[Row] = [
        (Button(speech.plain(f"out-{why.value}"), data=_desk("end", item.id, page, why.value)),) for why in WhyOut
    ]
    rows.append((Button(speech.plain("button-back"), data=_desk("item", item.id, page)),))
    return Screen(speech.t("desk-out", title=item.title(speech.language)), tuple(rows))


def out_screen(result: PutOut | NotOut, speech: Speech) -> Screen:
    """An item has ended, and how many are told; or why it cannot be put out (R5)."""
    if isinstance(result, NotOut):
        return Screen(speech.t(f"not-out-{result.value}"), (_home(speech),))
    text = speech.t("desk-out-done", title=result.item.title(speech.language), told=result.told)
    return Screen(text, (_home(speech),))


def gift_screen(speech: Speech, key: str, **about: str | int) -> Screen:
    """🎁 The question whom to give ballots, or what came of the answer, with the way back to the desk."""
    return Screen(speech.t(key, **about), ((Button(speech.plain("button-back"), data=_desk("desk")),),))


def days_screen(days: Sequence[Day], opens: str, speech: Speech) -> Screen:
    """The coming days; a tap on one changes it. Its button carries what it shall become, so that a second tap on the
    same button changes nothing (R7)."""
    rows: list[Row] = [(Button(_day(day, speech), data=_desk("day", value=_switched(day))),) for day in days]
    return Screen(speech.t("desk-days", opens=opens), (*rows, _home(speech)))


def really_day_screen(day: date, value: str, shift: Shift, speech: Speech) -> Screen:
    """What deciding on a day would do to what is on display, asked before it does; `value` is the tapped button's."""
    text = speech.t(
        "desk-really-day",
        day=speech.day(day),
        goods=shift.goods,
        after=speech.moment(shift.after),
        before=speech.moment(shift.before),
    )
    yes = Button(speech.plain("button-really-day"), data=_desk("day-yes", value=value), style="primary")
    return Screen(text, ((yes,), (Button(speech.plain("button-back"), data=_desk("days")),)))


def _day(day: Day, speech: Speech) -> str:
    name = speech.day(day.day)
    name = speech.plain("day-own", day=name) if day.own else name
    if day.window is None:
        return speech.plain("day-off", day=name)
    return speech.plain("day-working", day=name, hours=round(day.window.duration.total_seconds() / 3600))


def _switched(day: Day) -> str:
    """The day with what it becomes: a working day, a day off, or what the calendar says."""
    working = day.window is None
    return day.day.isoformat() + ("0" if working == day.usual else "+" if working else "-")


def import_screen(speech: Speech) -> Screen:
    """How to hand in goods."""
    return Screen(speech.t("desk-import"), (_home(speech),))


def unusable_screen(speech: Speech) -> Screen:
    """That a file is no table of goods, and what would be one."""
    return Screen(speech.t("desk-file-unusable"), (_home(speech),))


def _complaints(found: Imported, speech: Speech) -> str:
    lines = [written(bad_line(cell, speech)) for cell in found.bad[:_BAD_SHOWN]]
    if len(found.bad) > _BAD_SHOWN:
        lines.append(speech.t("bad-more", number=len(found.bad) - _BAD_SHOWN))
    return "\n".join(lines)


def _counts(found: Imported, speech: Speech) -> str:
    return speech.t("import-counts", new=found.new, changed=found.changed, same=found.same)


def looked_through_screen(found: Imported, errand: int, speech: Speech) -> Screen:
    """What a table would do, every bad cell, and the question whether to do it; `errand` is the one that looked."""
    rows: list[Row] = []
    parts = [speech.t("desk-looked-through"), _counts(found, speech)]
    if found.bad:
        parts.append(_complaints(found, speech))
        if found.new or found.changed:
            button = speech.plain("button-store-good", number=found.new + found.changed)
            rows.append((Button(button, data=_desk("store", errand, value="good")),))
    elif found.new or found.changed:
        button = speech.plain("button-store", number=found.new + found.changed)
        rows.append((Button(button, data=_desk("store", errand), style="primary"),))
    rows.append(_home(speech))
    return Screen("\n\n".join(parts), tuple(rows))


def stored_screen(found: Imported, speech: Speech) -> Screen:
    """What an import did."""
    parts = [speech.t("desk-stored" if found.stored else "desk-not-stored"), _counts(found, speech)]
    if found.bad:
        parts.append(_complaints(found, speech))
    return Screen("\n\n".join(parts), (_home(speech),))
