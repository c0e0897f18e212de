"""The organiser's desk (R7, R24, R31)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

from domain.brushing.verdicts import VoteTally
from domain.goods import ENDS, Item, ItemState, WhyOut
from domain.notifications import ON_THE_WAY, NotificationState
from domain.reach import Reach
from domain.reading.shown_text import clean
from domain.voting import why_not_on_display
from handlers.callbacks import action, back_row, desk_data, desk_row, open_pager
from handlers.localization import Localizer, escaped
from handlers.screen import Button, Row, Screen
from handlers.views.campaigns import stars_of
from handlers.views.mine import short, told_apart
from handlers.views.tables import bad_line
from handlers.views.told import alerts_of, told_lines
from services.goods import Imported
from services.groups import Proposal, Rejected, RejectionRefusal, Scheduled, ScheduleRefusal
from services.people import Granted, GrantRefusal
from services.rounds import Day, Overview, Shift
from services.table_files import FileQuestion

_BAD_SHOWN = 15
_MOST_OPTIONS = 10
_LONGEST_LABEL = 80
_FAILED = (NotificationState.DEAD, NotificationState.UNKNOWN, NotificationState.EXPIRED)


def desk_screen(
    now: Overview, notifications: dict[str, int], localizer: Localizer, *, held_since: datetime | None = None
) -> Screen:
    """The desk: items on display, items waiting for the next round, notifications."""
    text = localizer.html(
        "desk",
        on_display=now.on_display,
        waiting=now.waiting,
        kept_back=now.kept_back,
        next=localizer.moment(now.next_opening),
        members=now.members,
        queued=sum(notifications.get(state, 0) for state in (*ON_THE_WAY, NotificationState.PAUSED)),
        sent=notifications.get(NotificationState.SENT, 0),
        unreachable=notifications.get(NotificationState.SUPPRESSED, 0),
        failed=sum(notifications.get(state, 0) for state in _FAILED),
    )
    rows: list[Row] = [
        (action(localizer, "button-ranking", desk_data("ranking")),),
        (action(localizer, "button-import", desk_data("import")),),
        (action(localizer, "button-campaigns", desk_data("sends")),),
    ]
    if now.cases:
        label = localizer.text("button-cases", number=now.undecided)
        rows.append((Button(label, data=desk_data("cases"), style="primary" if now.undecided else None),))
    if held_since is not None:
        text = localizer.html("desk-held", since=localizer.moment(held_since)) + "\n\n" + text
        rows.insert(0, (action(localizer, "button-go", desk_data("go"), style="primary"),))
    rows.append(
        (action(localizer, "button-days", desk_data("days")), action(localizer, "button-grant", desk_data("gift")))
    )
    if now.waiting:
        rows.append((action(localizer, "button-special", desk_data("special")),))
    return Screen(text, tuple(rows))


def _votes(item: Item, tally: VoteTally | None, localizer: Localizer) -> dict[str, str | int]:
    """The votes that count, and a remark about those set aside, as variables of a text (R28)."""
    suspect = tally.set_aside if tally else 0
    return {
        "wants": tally.counted if tally else item.wants,
        "set_aside": localizer.text("desk-set-aside", number=suspect) if suspect else "",
    }


def ranking_screen(
    found: Sequence[tuple[Item, int]],
    page: int,
    more: bool,
    localizer: Localizer,
    tallies: Mapping[int, VoteTally] = MappingProxyType({}),
) -> Screen:
    """Items by votes, each with the number of members that its opening would notify (R31)."""
    if not found:
        return Screen(localizer.html("desk-ranking-empty"), (desk_row(localizer),))
    lines = [
        _ranking_line(place, item, audience, tallies.get(item.id), localizer)
        for place, (item, audience) in enumerate(found, page * 6 + 1)
    ]
    labels = told_apart([item.title(localizer.language) for item, _ in found])
    rows: list[Row] = [
        (Button(f"{place}. {label}", data=desk_data("item", item.id, page)),)
        for place, (label, (item, _)) in enumerate(zip(labels, found, strict=True), page * 6 + 1)
    ]
    rows += open_pager(page, more, lambda number: desk_data("ranking", page=number))
    rows.append(
        (
            action(localizer, "button-table-ranking", desk_data("table", value="ranking")),
            action(localizer, "button-table-votes", desk_data("table", value="votes")),
        )
    )
    rows.append(
        (
            action(localizer, "button-workbook-ranking", desk_data("table", value="ranking.xlsx")),
            action(localizer, "button-workbook-votes", desk_data("table", value="votes.xlsx")),
        )
    )
    rows.append(desk_row(localizer))
    return Screen(localizer.html("desk-ranking") + "\n\n" + "\n".join(lines), tuple(rows))


def _ranking_line(place: int, item: Item, audience: int, tally: VoteTally | None, localizer: Localizer) -> str:
    title, price = item.title(localizer.language), localizer.money(item.expected_fen)
    votes = _votes(item, tally, localizer)
    line = localizer.html("desk-ranking-line", place=place, title=title, told=audience, price=price, **votes)
    if item.state is ItemState.SCHEDULED and item.group_opens_at is not None:
        line += localizer.html("desk-ranking-scheduled", moment=localizer.brief(item.group_opens_at))
    return line


def item_screen(
    item: Item,
    choices: Sequence[datetime],
    page: int,
    localizer: Localizer,
    tally: VoteTally | None = None,
    *,
    came_back: bool = False,
    case: int = 0,
) -> Screen:
    """One item with the times at which its group could open, or with its final state; `came_back` says that its good
    has a newer listing. ↩️ leads to this page of the ranking, or to the `case` of this number in that page of cases."""
    text = localizer.html(
        "desk-item",
        title=item.title(localizer.language),
        ref=item.ref,
        shop=item.shop,
        **_votes(item, tally, localizer),
        shown=item.shown,
        price=localizer.money(item.expected_fen),
        stock=item.stock,
        days=localizer.text("span-days", number=item.lead_days),
        opens=localizer.moment(item.group_opens_at) if item.group_opens_at else localizer.text("desk-item-no-time"),
    )
    rows: list[Row] = []
    if came_back:
        text += "\n\n" + localizer.html("desk-item-came-back")
    elif item.state is ItemState.OPEN or item.state in ENDS:
        text += "\n\n" + localizer.html(f"desk-item-{item.state.value}")
    else:
        text += "\n\n" + localizer.html("desk-item-when")
        for when in choices:
            label = localizer.text("button-opens-at", moment=localizer.brief(when))
            rows.append((Button(label, data=desk_data("at", item.id, page, _minutes(when))),))
        rows.append((action(localizer, "button-other-time", desk_data("ask", item.id, page)),))
        rows.append((action(localizer, "button-reject", desk_data("out", item.id, page)),))
    if item.state in (ItemState.DISPLAYED, ItemState.EXPIRED) and not came_back:
        if until := item.kept_back_until(localizer.now):
            text += "\n\n" + localizer.html("desk-item-banned", moment=localizer.moment(until))
        else:
            rows.append((action(localizer, "button-again", desk_data("again", item.id, page)),))
    rows.append(back_row(localizer, "case", case, page) if case else back_row(localizer, "ranking", page=page))
    return Screen(text, tuple(rows))


def _minutes(when: datetime) -> str:
    """A moment in callback data, in minutes since 1970."""
    return str(int(when.timestamp()) // 60)


def ask_time_screen(item: Item, page: int, localizer: Localizer, *, error: str | None = None) -> Screen:
    """Asks when the group of this item shall open; `error` is the key of the text that refuses the last answer."""
    text = localizer.html("desk-ask-time", title=item.title(localizer.language))
    if error is not None:
        text = localizer.html(error) + "\n\n" + text
    return Screen(text, (back_row(localizer, "item", item.id, page),))


def ask_clock_screen(item: Item, day: date, page: int, localizer: Localizer) -> Screen:
    """Asks at what time of this day the group of the item shall open."""
    text = localizer.html("desk-ask-clock", title=item.title(localizer.language), day=localizer.day(day))
    return Screen(text, (back_row(localizer, "item", item.id, page),))


def confirm_schedule_screen(proposal: Proposal, localizer: Localizer) -> Screen:
    """Asks for confirmation: what it replaces, that voting ends, and who is told when (R17, R24)."""
    item = proposal.item
    lines = [
        localizer.html(
            "desk-really-schedule",
            title=item.title(localizer.language),
            moment=localizer.day_at(proposal.opens_at),
            days=localizer.text("span-days", number=item.lead_days),
        )
    ]
    if item.group_opens_at is not None:
        lines.append(localizer.html("desk-replaces", moment=localizer.at_day(item.group_opens_at)))
    if why_not_on_display(item, localizer.now) is None:
        lines.append(localizer.html("desk-voting-ends"))
    lines += map(escaped, told_lines(proposal.reach, "desk-told-nobody", localizer))
    label = "button-really-schedule" if proposal.reach.tells else "button-really-schedule-silent"
    yes = action(localizer, label, _confirmed("yes", proposal), style="primary")
    return Screen("\n".join(lines), ((yes,), back_row(localizer, "item", item.id)))


def _confirmed(do: str, proposal: Proposal) -> str:
    """The button that schedules, with the time that it replaces: later it must not replace another one."""
    replaced = proposal.item.group_opens_at
    value = _minutes(proposal.opens_at) + (f".{_minutes(replaced)}" if replaced else "")
    return desk_data(do, proposal.item.id, value=value)


def confirm_special_screen(now: Overview, reach: Reach, localizer: Localizer) -> Screen:
    """Asks for confirmation with the members that a special round would notify, and when."""
    asks = localizer.html("desk-really-special", number=now.waiting)
    told = map(escaped, told_lines(reach, "desk-special-nobody", localizer))
    text = "\n".join((asks, *told, localizer.html("desk-special-rest", next=localizer.at_day(now.next_opening))))
    label = "button-really-special" if reach.tells else "button-really-special-silent"
    yes = action(localizer, label, desk_data("special-yes"), style="primary")
    return Screen(text, ((yes,), desk_row(localizer)))


def scheduled_screen(result: Scheduled, localizer: Localizer) -> Screen:
    """A group was scheduled: who is told when, and whether all alerts can be on time (R24)."""
    key = "desk-scheduled" if result.changed else "desk-scheduled-before"
    title, moment = result.item.title(localizer.language), localizer.moment(result.opens_at)
    lines = [localizer.html(key, title=title, moment=moment)]
    if result.before is not None:
        lines.append(localizer.html("desk-replaced", moment=localizer.at_day(result.before)))
    text = "\n".join((*lines, *map(escaped, alerts_of(result, localizer))))
    if result.fits:
        return Screen(text, (desk_row(localizer),))
    text += "\n\n" + localizer.html("desk-does-not-fit")
    if result.price is None:
        return Screen(text, (desk_row(localizer),))
    text += " " + localizer.html("desk-or-pay", stars=stars_of(result.price, localizer))
    return Screen(text, ((action(localizer, "button-campaigns", desk_data("sends")),), desk_row(localizer)))


def not_scheduled_screen(why: ScheduleRefusal, item_id: int, localizer: Localizer) -> Screen:
    """Why a group cannot be scheduled."""
    return Screen(localizer.html(f"not-scheduled-{why.value}"), (back_row(localizer, "item", item_id),))


def late_screen(proposal: Proposal, localizer: Localizer) -> Screen:
    """Asks for confirmation of a time later than promised (R6)."""
    item, moment = proposal.item, localizer.moment(proposal.opens_at)
    yes = action(localizer, "button-late", _confirmed("late", proposal))
    about = localizer.html("desk-late", title=item.title(localizer.language), moment=moment)
    text = about + "\n\n" + localizer.html("not-scheduled-later-than-promised")
    return Screen(text, ((yes,), back_row(localizer, "item", item.id)))


def ask_reason_screen(item: Item, page: int, localizer: Localizer) -> Screen:
    """Asks for the reason of rejecting an item (R5)."""
    rows: list[Row] = [
        (Button(localizer.text(f"rejection-{why.value}"), data=desk_data("end", item.id, page, why.value)),)
        for why in WhyOut
    ]
    rows.append(back_row(localizer, "item", item.id, page))
    return Screen(localizer.html("desk-reject", title=item.title(localizer.language)), tuple(rows))


def rejected_screen(result: Rejected | RejectionRefusal, localizer: Localizer) -> Screen:
    """An item was rejected, with the number of members notified; or why it cannot be rejected (R5)."""
    if isinstance(result, RejectionRefusal):
        return Screen(localizer.html(f"not-rejected-{result.value}"), (desk_row(localizer),))
    text = localizer.html("desk-rejected", title=result.item.title(localizer.language), told=result.notified)
    return Screen(text, (desk_row(localizer),))


def grant_screen(localizer: Localizer, key: str, **about: str | int) -> Screen:
    """🎁 The question about a grant, or the result of the answer."""
    return Screen(localizer.html(key, **about), (back_row(localizer, "desk"),))


def granted_screen(done: Granted | GrantRefusal, written: str, localizer: Localizer) -> Screen:
    """🎁 What became of a grant or of its correction; `written` is the ID or the number that the organiser wrote."""
    if isinstance(done, GrantRefusal):
        return grant_screen(localizer, f"not-granted-{done.value}", person=written)
    grant, person = done.grant, str(done.member.chat_id)
    if grant.before is not None:
        key = "desk-grant-corrected"
        return grant_screen(localizer, key, person=person, before=grant.before, number=grant.ballots)
    text = localizer.html("desk-grant-done", person=person, number=grant.ballots)
    text += "\n\n" + localizer.html("desk-grant-correct", grant=str(grant.number))
    return Screen(text, (back_row(localizer, "desk"),))


def days_screen(days: Sequence[Day], opens: str, localizer: Localizer) -> Screen:
    """The coming days. Each button carries the new value of its day, so a second tap changes nothing (R7)."""
    rows: list[Row] = [(Button(_day(day, localizer), data=desk_data("day", value=_switched(day))),) for day in days]
    return Screen(localizer.html("desk-days", opens=opens), (*rows, desk_row(localizer)))


def confirm_day_screen(day: date, value: str, shift: Shift, localizer: Localizer) -> Screen:
    """Asks for confirmation of a decision that moves the end of the open round; `value` is the tapped button's."""
    text = localizer.html(
        "desk-really-day",
        day=localizer.day(day),
        goods=shift.goods,
        after=localizer.moment(shift.after),
        before=localizer.moment(shift.before),
    )
    yes = action(localizer, "button-really-day", desk_data("day-yes", value=value), style="primary")
    return Screen(text, ((yes,), back_row(localizer, "days")))


def _day(day: Day, localizer: Localizer) -> str:
    name = localizer.day(day.day)
    name = localizer.text("day-own", day=name) if day.own else name
    if day.window is None:
        return localizer.text("day-off", day=name)
    return localizer.text("day-working", day=name, hours=round(day.window.duration.total_seconds() / 3600))


def _switched(day: Day) -> str:
    """The day with its new value: a working day, a day off, or the calendar's."""
    working = day.window is None
    return day.day.isoformat() + ("0" if working == day.usual else "+" if working else "-")


def import_screen(localizer: Localizer) -> Screen:
    """How to import goods, with the templates of tables."""
    goods = action(localizer, "button-template", desk_data("table", value="template"))
    spending = action(localizer, "button-template-spending", desk_data("table", value="template-spending"))
    return Screen(localizer.html("desk-import"), ((goods,), (spending,), desk_row(localizer)))


def unusable_screen(localizer: Localizer) -> Screen:
    """A file is no table of goods, and the formats that are."""
    return Screen(localizer.html("desk-file-unusable"), (desk_row(localizer),))


def _report(found: Imported, heading: str, localizer: Localizer, *, counted: bool = True) -> str:
    """The counts and errors of an import."""
    counts = localizer.html("import-counts", new=found.new, changed=found.changed, same=found.same)
    parts = [heading, counts] if counted else [heading]
    lines = [escaped(bad_line(cell, localizer)) for cell in found.bad[:_BAD_SHOWN]]
    if more := max(0, len(found.bad) - _BAD_SHOWN) + found.further:
        lines.append(localizer.html("bad-more", number=more))
    return "\n\n".join((*parts, "\n".join(lines)) if lines else parts)


def file_question_screen(question: FileQuestion, job: int, localizer: Localizer) -> Screen:
    """Asks how to read a file: which of its tables or sheets, or in which encoding; `job` is the preview's job."""
    shown, more = question.options[:_MOST_OPTIONS], len(question.options) > _MOST_OPTIONS
    rows: list[Row] = [
        (Button(short(clean(option.label)), data=desk_data(f"of-{question.about.value}", job, value=option.value)),)
        for option in shown
    ]
    lines = [escaped(clean(option.label)[:_LONGEST_LABEL]) for option in shown] + (["…"] if more else [])
    text = "\n".join((localizer.html(f"desk-which-{question.about.value}"), "", *lines))
    return Screen(text, (*rows, desk_row(localizer)))


def preview_screen(found: Imported, job: int, localizer: Localizer) -> Screen:
    """The preview of an import, with every bad cell and the question whether to import; `job` is the preview's job."""
    number = found.new + found.changed
    text = _report(found, localizer.html("desk-previewed" if number else "desk-previewed-nothing"), localizer)
    rows: tuple[Row, ...] = (desk_row(localizer),)
    if number and found.bad:
        data = desk_data("store", job, value="good")
        rows = ((Button(localizer.text("button-store-good", number=number), data=data),), *rows)
    elif number:
        button = Button(localizer.text("button-store", number=number), data=desk_data("store", job), style="primary")
        rows = ((button,), *rows)
    return Screen(text, rows)


def imported_screen(found: Imported, localizer: Localizer) -> Screen:
    """The result of an import."""
    heading = localizer.html("desk-stored" if found.stored else "desk-not-stored")
    return Screen(_report(found, heading, localizer, counted=found.stored), (desk_row(localizer),))
