"""The organiser's desk for cases: the list, one case with what was found and decided, and the questions (R29)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.brushing.bans import APPEAL_WITHIN, SAME_ORGANISER_AFTER, SHORTEST
from domain.brushing.cases import CaseOutcome
from domain.brushing.evidence import LinkVotes
from domain.goods import ENDS, ItemState
from domain.people import organiser_number
from handlers.callbacks import action, back_row, desk_data, desk_row, from_case, open_pager
from handlers.localization import Localizer, escaped
from handlers.screen import Button, Row, Screen, Style
from handlers.views.brushing.appeals import notices_to_shop
from handlers.views.brushing.case_acts import CaseAct, acts_now
from handlers.views.brushing.found import why_good
from handlers.views.mine import told_apart
from services.brushing.appeals import AppealDecided, AppealRefusal, ShopNotice
from services.brushing.bans import AgreementRefusal
from services.brushing.case_files import CaseEntry, CaseFile, StoredBan
from services.brushing.cases import ConfirmationRefusal, Confirmed

_PATTERNS = 5
"""Findings that are told in words."""
_LONGEST_WORDS = 400
"""Characters of a reason that the screen shows."""


_STYLES: dict[CaseAct, Style] = {CaseAct.CLEAR: "success", CaseAct.GRANT: "success", CaseAct.BAN: "danger"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision that waits for its confirmation. `key` names the message with the reason, or the member: a button
    decides with no other one. `months` is the ban that is asked for."""

    act: CaseAct
    reason: str = ""
    key: str = ""
    months: int = SHORTEST


def percent(part: int, rest: int) -> int:
    """The share of a part of the whole that it makes with the rest, in whole percent; 0 of nothing."""
    return round(100 * part / (part + rest)) if part + rest else 0


def who(actor: str | None, localizer: Localizer, reader: str = "") -> str:
    """An actor of the history in words; `reader` is who reads them, as history names them."""
    if actor is None:
        return localizer.text("case-by-nobody")
    if actor == reader:
        return localizer.text("case-by-you")
    number = organiser_number(actor)
    if number is None:
        return localizer.text("case-by-operator")
    return localizer.text("case-by-organiser", number=str(number))


def cases_screen(found: Sequence[CaseEntry], page: int, size: int, localizer: Localizer) -> Screen:
    """Cases, a page of `size`: those that wait for a decision first. `found` may have one more, for the next page."""
    shown, more = found[:size], len(found) > size
    if not shown:
        return Screen(localizer.html("cases-empty"), (*open_pager(page, False, _page), desk_row(localizer)))
    titles = [_title(entry, localizer) for entry in shown]
    first = page * size + 1
    lines = [_line(first + n, title, shown[n], localizer) for n, title in enumerate(titles)]
    rows: list[Row] = [
        (Button(f"{place}. {label}", data=desk_data("case", entry.id, page)),)
        for place, (label, entry) in enumerate(zip(told_apart(titles), shown, strict=True), first)
    ]
    text = localizer.html("cases") + "\n\n" + "\n".join(lines)
    bans = (action(localizer, "button-bans", desk_data("bans")),)
    return Screen(text, (*rows, *open_pager(page, more, _page), bans, desk_row(localizer)))


def _page(number: int) -> str:
    return desk_data("cases", page=number)


def _title(entry: CaseEntry, localizer: Localizer) -> str:
    return entry.title_en if localizer.language == "en" and entry.title_en else entry.title


def _line(place: int, title: str, entry: CaseEntry, localizer: Localizer) -> str:
    head = localizer.html("case-title-line", place=place, title=title, shop=entry.shop)
    if entry.outcome is CaseOutcome.CLEARED or entry.granted:
        return f"{head}\n    {localizer.html('cases-granted' if entry.granted else 'cases-cleared')}"
    share = {"suspect": entry.suspect, "percent": percent(entry.suspect, entry.counted)}
    if entry.outcome is None:
        return f"{head}\n    {localizer.html('cases-undecided', counted=entry.counted, **share)}"
    lines = [head, localizer.html(f"cases-{entry.outcome.value}", **share)]
    if entry.appeal_waits:
        lines.append(localizer.html("cases-appeal-waits"))
    if entry.ban_waits:
        lines.append(localizer.html("cases-ban-waits"))
    return "\n    ".join(lines)


def case_screen(file: CaseFile, page: int, localizer: Localizer, reader: str = "") -> Screen:
    """One case: votes, why in words, what was decided, and what its reader can do about it now."""
    parts = [_head(file, localizer), *_why(file, localizer), _state(file, localizer, reader)]
    rows = _acts(file, page, localizer, reader)
    if file.record.outcome is CaseOutcome.CONFIRMED:
        rows.append((action(localizer, "button-case-notice", desk_data("case-notice", file.record.id, page)),))
    picture, *tables = (
        action(localizer, f"button-case-{name}", desk_data("case-file", file.record.id, page, ending))
        for name, ending in (("picture", "png"), ("csv", "csv"), ("xlsx", "xlsx"))
    )
    rows += [(picture,), tuple(tables)]  # three in a row are cut on a small phone
    to_good = desk_data("item", file.item.id, page, from_case(file.record.id))
    rows.append((action(localizer, "button-case-good", to_good),))
    rows.append(back_row(localizer, "cases", page=page))
    return Screen("\n\n".join(parts), tuple(rows))


def picture_screen(file: CaseFile, localizer: Localizer, reader: str = "") -> Screen:
    """What stands below the picture of a case: what its reader can do about it now, and the way to the case. It is a
    message of its own: the reasons in words are longer than a caption may be."""
    title, number = file.item.title(localizer.language), file.record.id
    to_case = action(localizer, "button-case", desk_data("case", number))
    text = localizer.html("case-picture-said", title=title, case=str(number))
    return Screen(text, (*_acts(file, 0, localizer, reader), (to_case,)))


def _acts(file: CaseFile, page: int, localizer: Localizer, reader: str) -> list[Row]:
    return [
        (action(localizer, f"button-case-{act.value}", _data(act, file, page), _STYLES.get(act)),)
        for act in acts_now(file, localizer.now, reader)
    ]


def _data(act: CaseAct, file: CaseFile, page: int) -> str:
    return desk_data(f"case-{act.value}", file.record.id, page)


def _head(file: CaseFile, localizer: Localizer) -> str:
    record, title = file.record, file.item.title(localizer.language)
    moment = localizer.moment(record.opened_at)
    head = localizer.html("case", title=title, shop=record.shop, case=str(record.id), moment=moment)
    if record.outcome is None:
        suspect, counted, key = file.tally.set_aside, file.tally.counted, "case-votes"
    elif record.void is not None and record.counted is not None:
        suspect, counted, key = record.void, record.counted, "case-votes-decided"
    else:
        return head
    if file.appeal is not None and file.appeal.granted:
        key = "case-votes-restored"
    share = percent(suspect, counted)
    return head + "\n" + localizer.html(key, suspect=suspect, counted=counted, percent=share)


def _why(file: CaseFile, localizer: Localizer) -> list[str]:
    lines = [f"• {escaped(why_good(found, localizer))}" for found in file.patterns[:_PATTERNS]]
    lines += [_canvassed(link, localizer) for link in file.links if link.canvassed]
    return ["\n".join((localizer.html("case-why"), *lines))] if lines else []


def _canvassed(link: LinkVotes, localizer: Localizer) -> str:
    return localizer.html("case-canvassed", votes=link.votes, member=str(link.owner))


def _state(file: CaseFile, localizer: Localizer, reader: str) -> str:
    record = file.record
    if record.outcome is None or record.decided_at is None:
        return localizer.html("case-undecided")
    moment, by = localizer.moment(record.decided_at), who(record.decided_by, localizer, reader)
    lines = [localizer.html(f"case-{record.outcome.value}", who=by, moment=moment)]
    if record.reason:
        lines.append(localizer.html("case-reason", reason=_cut(record.reason)))
    if file.restored and not (file.appeal and file.appeal.granted):
        lines.append(localizer.html("case-restored", number=file.restored))
    if file.ban is not None:
        lines += _ban(file.ban, record.shop, localizer, reader)
    return "\n".join((*lines, *_appeal(file, localizer, reader)))


def _appeal(file: CaseFile, localizer: Localizer, reader: str) -> list[str]:
    appeal, decided_at = file.appeal, file.record.decided_at
    if appeal is None:
        if file.record.outcome is not CaseOutcome.CONFIRMED or decided_at is None:
            return []
        until = decided_at + APPEAL_WITHIN
        key = "case-appeal-until" if localizer.now < until else "case-appeal-never"
        return [localizer.html(key, until=localizer.moment(until))]
    moment, by = localizer.moment(appeal.recorded_at), who(appeal.recorded_by, localizer, reader)
    lines = [
        localizer.html("case-appealed", who=by, moment=moment),
        localizer.html("case-reason", reason=_cut(appeal.words)),
    ]
    if appeal.decided_at is None:
        return [*lines, _waits(file, localizer, reader)]
    moment, by = localizer.moment(appeal.decided_at), who(appeal.decided_by, localizer, reader)
    key = "case-appeal-granted" if appeal.granted else "case-appeal-refused"
    lines.append(localizer.html(key, who=by, moment=moment))
    return [*lines, localizer.html("case-reason", reason=_cut(appeal.reason or ""))]


def _waits(file: CaseFile, localizer: Localizer, reader: str) -> str:
    """For whom an appeal waits, or with a single organiser until when."""
    assert file.appeal is not None
    if file.organisers > 1:
        return localizer.html("case-appeal-waits", who=who(file.record.decided_by, localizer, reader))
    since = file.appeal.recorded_at + SAME_ORGANISER_AFTER
    return localizer.html("case-appeal-waits-alone", moment=localizer.moment(since))


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST_WORDS else words[: _LONGEST_WORDS - 1] + "…"


def _ban(ban: StoredBan, shop: str, localizer: Localizer, reader: str) -> list[str]:
    if ban.lifted_at is not None:
        return [localizer.html("case-ban-lifted", shop=shop, moment=localizer.moment(ban.lifted_at))]
    over = ban.ends_at <= localizer.now
    until, months = localizer.moment(ban.ends_at), months_text(ban.months, localizer)
    lines = [localizer.html("case-ban-over" if over else "case-ban", shop=shop, months=months, until=until)]
    asked = months_text(ban.asked_months, localizer)
    if ban.agreed_by is not None:
        lines.append(localizer.html("case-ban-agreed", who=who(ban.agreed_by, localizer, reader), months=asked))
    elif ban.asked_months > SHORTEST and not over:
        lines.append(localizer.html("case-ban-asked", months=asked))
    return lines


def months_text(number: int, localizer: Localizer) -> str:
    """A number of months in words."""
    return localizer.text("case-months", number=number)


def over_screen(file: CaseFile, page: int, localizer: Localizer, why: str, reader: str = "") -> Screen:
    """A reason came too late, or from one who may not decide: says why, by the key of a text, above the case."""
    screen = case_screen(file, page, localizer, reader)
    return replace(screen, text=localizer.html(why) + "\n\n" + screen.text)


def gone_screen(localizer: Localizer) -> Screen:
    """There is no such case."""
    return Screen(localizer.html("case-gone"), (desk_row(localizer),))


def ask_reason_screen(file: CaseFile, act: CaseAct, page: int, localizer: Localizer) -> Screen:
    """Asks why votes are false, or a shop has brushed; or whose vote counts again."""
    text = localizer.html(f"case-ask-{act.value}", title=file.item.title(localizer.language))
    return Screen(text, (back_row(localizer, "case", file.record.id, page),))


def no_such_vote_screen(file: CaseFile, written: str, page: int, localizer: Localizer) -> Screen:
    """The case has made no vote of such a member void: asks again."""
    asked = ask_reason_screen(file, CaseAct.RESTORE, page, localizer)
    return replace(asked, text=localizer.html("case-not-void", member=_cut(written)) + "\n\n" + asked.text)


def confirm_screen(file: CaseFile, draft: Draft, page: int, localizer: Localizer) -> Screen:
    """Says what an act will do, and to how many."""
    act, case_id = draft.act, file.record.id
    lines = [localizer.html("case-title", title=file.item.title(localizer.language)), *_effects(file, draft, localizer)]
    if draft.reason and act is not CaseAct.RESTORE:
        lines.append(localizer.html("case-reason", reason=_cut(draft.reason)))
    value = f"{act.value}.{draft.key}" if draft.key else act.value
    yes = action(localizer, f"case-yes-{act.value}", desk_data("case-do", case_id, page, value), style="primary")
    return Screen("\n\n".join(lines), ((yes,), back_row(localizer, "case", case_id, page)))


def _effects(file: CaseFile, draft: Draft, localizer: Localizer) -> list[str]:
    shop, months = file.record.shop, months_text(draft.months, localizer)
    match draft.act:
        case CaseAct.CLEAR:
            return [localizer.html("case-really-clear", number=file.suspect)]
        case CaseAct.VOID:
            return [localizer.html("case-really-void", number=file.suspect, counted=file.honest)]
        case CaseAct.BAN:
            ended = "ended" if file.item.state in ENDS else "good"
            good = "open" if file.item.state is ItemState.OPEN else ended
            asked = "asked" if draft.months > SHORTEST else "months"
            return [
                localizer.html("case-really-ban", number=file.suspect),
                localizer.html(f"case-really-ban-{good}", counted=file.honest),
                localizer.html(f"case-really-ban-{asked}", shop=shop, months=months),
            ]
        case CaseAct.AGREE:
            return [localizer.html("case-really-agree", shop=shop, months=months)]
        case CaseAct.RESTORE:
            return [localizer.html("case-really-restore", member=draft.reason)]
        case _:
            return [localizer.html(f"case-really-{draft.act.value}", shop=shop)]


def notice_screen(notice: ShopNotice | None, page: int, localizer: Localizer) -> Screen:
    """What the shop is told, as a text of each language that a tap copies: too long for a button that copies (256
    characters)."""
    if notice is None:
        return gone_screen(localizer)
    texts = [f"<pre>{escaped(text)}</pre>" for text in notices_to_shop(notice, localizer)]
    return Screen(
        "\n\n".join((localizer.html("case-notice"), *texts)), (back_row(localizer, "case", notice.case.id, page),)
    )


def agreed_notice(done: int | AgreementRefusal, localizer: Localizer) -> str:
    """The answer to an agreement: the months of the ban now, or why there is none."""
    if isinstance(done, AgreementRefusal):
        return localizer.text(f"case-not-agreed-{done.value}")
    return localizer.text("case-done-agree", months=months_text(done, localizer))


def recorded_notice(done: AppealRefusal | None, localizer: Localizer) -> str:
    """The answer to a recorded appeal."""
    return localizer.text("case-done-appeal") if done is None else localizer.text(f"case-no-appeal-{done.value}")


def appeal_notice(done: AppealDecided | AppealRefusal, localizer: Localizer) -> str:
    """The answer to a decision on an appeal."""
    if isinstance(done, AppealRefusal):
        return localizer.text(f"case-no-appeal-{done.value}")
    if not done.granted:
        return localizer.text("case-done-refuse")
    return localizer.text("case-done-grant", number=len(done.restored))


def confirmed_notice(done: Confirmed | ConfirmationRefusal, localizer: Localizer) -> str:
    """The answer to a confirmation."""
    if done is ConfirmationRefusal.NO_FALSE_VOTE:
        return localizer.text("case-no-false-vote")
    if isinstance(done, ConfirmationRefusal):
        return localizer.text("case-decided-already")
    said = "case-done-ban-open" if done.group_is_open else "case-done-ban"
    return localizer.text(said, number=len(done.void))
