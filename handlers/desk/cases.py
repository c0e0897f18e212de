"""🔍 on the desk: cases, with their evidence, and the decisions on them (R29)."""

from __future__ import annotations

from typing import NamedTuple

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from domain.brushing.bans import SHORTEST
from domain.limits import Act, Limits
from domain.reading.numbers import read_whole
from domain.reading.shown_text import clean
from handlers.callbacks import DeskCallback
from handlers.commands import PlainWords
from handlers.desk.menu import PAGE, ForOrganisers
from handlers.localization import Localizer
from handlers.messenger import Request
from handlers.views.brushing import cases as view
from handlers.views.brushing.bans import bans_screen
from handlers.views.brushing.case_acts import DECIDED_ALREADY, REASONED, CaseAct, why_not
from handlers.views.brushing.cases import Draft
from services.brushing.appeals import LONGEST_WORDS, Appeals
from services.brushing.bans import AgreementRefusal
from services.brushing.case_files import CaseFile, CaseFiles
from services.brushing.cases import LONGEST_REASON, Cases
from services.brushing.objections import Objections
from services.jobs import JobKind, Jobs

_FILES = {"png", "csv", "xlsx"}

router = Router(name="cases")
router.message.filter(ForOrganisers())
router.callback_query.filter(ForOrganisers())


class CaseStates(StatesGroup):
    """Open questions to an organiser."""

    reason = State()


@router.callback_query(DeskCallback.filter(F.do == "cases"))
async def show_cases(
    query: CallbackQuery, callback_data: DeskCallback, request: Request, case_files: CaseFiles
) -> None:
    """🔍 Cases, a page of them, those that wait for a decision first."""
    page = callback_data.page
    found = await case_files.page(PAGE + 1, page * PAGE)
    await request.show(view.cases_screen(found, page, PAGE, request.localizer))


@router.callback_query(DeskCallback.filter(F.do == "bans"))
async def show_bans(query: CallbackQuery, callback_data: DeskCallback, request: Request, cases: Cases) -> None:
    """🔒 The bans in force, a page of them."""
    await request.show(bans_screen(await cases.bans(), callback_data.page, PAGE, request.localizer))


@router.callback_query(DeskCallback.filter(F.do == "case"))
async def show_case(query: CallbackQuery, callback_data: DeskCallback, request: Request, case_files: CaseFiles) -> None:
    """One case as it is now."""
    await _show(request, callback_data, await case_files.one(callback_data.item))


async def _show(request: Request, at: DeskCallback, file: CaseFile | None, notice: str | None = None) -> None:
    if file is None:
        await request.answer(request.localizer.text("case-gone"), alert=True)
    else:
        screen = view.case_screen(file, at.page, request.localizer, request.member.as_organiser)
        await request.show(screen, notice, alert=notice is not None)


async def _possible(request: Request, at: DeskCallback, act: CaseAct, case_files: CaseFiles) -> CaseFile | None:
    """The case of a tap if this organiser can do this about it now; else why not is said, and the case shown."""
    file = await case_files.one(at.item)
    why = why_not(file, act, request.localizer.now, request.member.as_organiser) if file else DECIDED_ALREADY
    if why is None:
        return file
    await _show(request, at, file, request.localizer.text(why))
    return None


@router.callback_query(DeskCallback.filter(F.do.in_({f"case-{act}" for act in CaseAct})))
async def ask_first(
    query: CallbackQuery, callback_data: DeskCallback, state: FSMContext, request: Request, case_files: CaseFiles
) -> None:
    """Ask for the reason of an act, or for confirmation; nothing is done yet."""
    act = CaseAct(callback_data.do.removeprefix("case-"))
    file = await _possible(request, callback_data, act, case_files)
    if file is not None and act in REASONED:
        await _ask_for_reason(state, request, callback_data, file, act)
    elif file is not None:
        draft = Draft(act, months=file.ban.asked_months if file.ban else SHORTEST)
        await request.show(view.confirm_screen(file, draft, callback_data.page, request.localizer))


async def _ask_for_reason(
    state: FSMContext, request: Request, at: DeskCallback, file: CaseFile, act: CaseAct, notice: str | None = None
) -> None:
    await state.set_state(CaseStates.reason)
    await state.set_data({"case": file.record.id, "act": act.value, "page": at.page})
    screen = view.ask_reason_screen(file, act, at.page, request.localizer)
    await request.show(screen, notice, alert=notice is not None)


@router.message(StateFilter(CaseStates.reason), PlainWords())
async def reason_written(
    message: Message, state: FSMContext, request: Request, case_files: CaseFiles, objections: Objections
) -> None:
    """Keep a reason, or the number of a member, and ask for confirmation; another one replaces it."""
    asked = await state.get_data()
    act, page, localizer = CaseAct(str(asked["act"])), int(asked["page"]), request.localizer
    file, reason = await case_files.one(int(asked["case"])), clean(message.text or "")[: _longest(act)].strip()
    by = request.member.as_organiser
    if file is None:
        await request.send(view.gone_screen(localizer))
        await state.clear()
    elif (why := why_not(file, act, localizer.now, by)) is not None:
        await request.send(view.over_screen(file, page, localizer, why, by))
        await state.clear()
    elif not reason:
        await request.send(view.ask_reason_screen(file, act, page, localizer))
    elif act is CaseAct.RESTORE and not await _has_void_vote(objections, file, reason):
        await request.send(view.no_such_vote_screen(file, reason, page, localizer))
    else:
        draft = Draft(act, reason, str(message.message_id), await case_files.months(file))
        if act is CaseAct.RESTORE:  # the button names whom the screen names
            draft = Draft(act, str(_member(reason)), str(_member(reason)))
        await state.set_data({**asked, "reason": reason, "key": draft.key})
        await request.send(view.confirm_screen(file, draft, page, localizer))


async def _has_void_vote(objections: Objections, file: CaseFile, written: str) -> bool:
    """Whether this is the number of a member whose vote the case has made void."""
    return bool(member := _member(written)) and await objections.is_void(file.record.id, member)


def _member(written: str) -> int:
    """The number of a member; 0 for what is none."""
    return read_whole(written) or 0


def _longest(act: CaseAct) -> int:
    return LONGEST_WORDS if act is CaseAct.APPEAL else LONGEST_REASON


@router.callback_query(DeskCallback.filter(F.do == "case-do"))
async def do(
    query: CallbackQuery,
    callback_data: DeskCallback,
    state: FSMContext,
    request: Request,
    asked: dict[str, object],
    cases: Cases,
    appeals: Appeals,
    objections: Objections,
    case_files: CaseFiles,
) -> None:
    """Do what was confirmed, for the reason that the screen shows. The second of two organisers reads what the first
    has decided."""
    word, _, key = callback_data.value.partition(".")
    if word not in set(CaseAct):
        await request.answer()
        return
    act = CaseAct(word)
    file = await _possible(request, callback_data, act, case_files)
    if file is None:
        return
    shown = (asked.get("case"), asked.get("act"), asked.get("key")) == (file.record.id, word, key)
    if act in REASONED and act is not CaseAct.RESTORE and not shown:
        notice = request.localizer.text("case-reason-again")
        await _ask_for_reason(state, request, callback_data, file, act, notice)
        return
    confirmed = _Confirmed(file.record.id, str(asked.get("reason", "")), request.member.as_organiser)
    if act in (CaseAct.APPEAL, CaseAct.GRANT, CaseAct.REFUSE):
        notice = await _do_about_appeal(appeals, act, confirmed, request.localizer)
    elif act is CaseAct.RESTORE:
        notice = await _restore(objections, confirmed._replace(reason=key), request.localizer)
    else:
        notice = await _do_about_case(cases, act, confirmed, request.localizer)
    await _show(request, callback_data, await case_files.one(file.record.id), notice)


class _Confirmed(NamedTuple):
    """What an organiser has confirmed to do."""

    case_id: int
    reason: str
    by: str


async def _do_about_case(cases: Cases, act: CaseAct, what: _Confirmed, localizer: Localizer) -> str:
    """Decide; returns the answer. It may have been decided meanwhile."""
    if act is CaseAct.BAN:
        return view.confirmed_notice(await cases.confirm(what.case_id, what.reason, what.by), localizer)
    if act is CaseAct.AGREE:
        agreed = await cases.agree(what.case_id, what.by)
        return view.agreed_notice(agreed if isinstance(agreed, AgreementRefusal) else agreed.months, localizer)
    if act is CaseAct.VOID:
        changed, said = await cases.void(what.case_id, what.reason, what.by), "case-done-void"
    else:
        changed, said = await cases.clear(what.case_id, what.by), "case-done-clear"
    return localizer.text("case-decided-already") if changed is None else localizer.text(said, number=len(changed))


async def _do_about_appeal(appeals: Appeals, act: CaseAct, what: _Confirmed, localizer: Localizer) -> str:
    """Record an appeal, or decide on it; returns the answer."""
    if act is CaseAct.APPEAL:
        return view.recorded_notice(await appeals.record(what.case_id, what.reason, what.by), localizer)
    granted = act is CaseAct.GRANT
    return view.appeal_notice(await appeals.decide(what.case_id, what.reason, what.by, granted=granted), localizer)


async def _restore(objections: Objections, what: _Confirmed, localizer: Localizer) -> str:
    """Let the vote of the member who objects count again; returns the answer. It may count again already."""
    member = _member(what.reason)
    done = await objections.grant(what.case_id, member, what.by)
    return localizer.text("case-done-restore" if done else "case-not-void", member=str(member))


@router.callback_query(DeskCallback.filter(F.do == "case-notice"))
async def tell_shop(query: CallbackQuery, callback_data: DeskCallback, request: Request, appeals: Appeals) -> None:
    """📋 What to tell the shop of a confirmed case, as a text to copy."""
    notice = await appeals.notice(callback_data.item)
    await request.show(view.notice_screen(notice, callback_data.page, request.localizer))


@router.callback_query(DeskCallback.filter(F.do == "case-file"))
async def send_file(
    query: CallbackQuery, callback_data: DeskCallback, request: Request, jobs: Jobs, limits: Limits
) -> None:
    """📊 📄 Enqueue the picture or the table of a case."""
    if callback_data.value not in _FILES:
        await request.answer()
    elif await request.may(limits, Act.TABLE):
        payload = {"which": "case", "case": callback_data.item, "format": callback_data.value}
        await jobs.enqueue(f"export {query.id}", JobKind.EXPORT, request.member, payload)
        await request.answer(request.localizer.text("desk-under-way"))
