"""🔍 on the desk: cases, with their evidence, and the decisions on them (R29)."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from domain.limits import Act, Limits
from domain.reading.shown_text import clean
from handlers.callbacks import DeskCallback
from handlers.commands import PlainWords
from handlers.desk.menu import PAGE, ForOrganisers
from handlers.localization import Localizer
from handlers.messenger import Request
from handlers.views import cases as view
from handlers.views.cases import CaseAct, Draft
from services.brushing.case_files import CaseFile, CaseFiles
from services.cases import LONGEST_REASON, Cases
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


@router.callback_query(DeskCallback.filter(F.do == "case"))
async def show_case(query: CallbackQuery, callback_data: DeskCallback, request: Request, case_files: CaseFiles) -> None:
    """One case as it is now."""
    await _show(request, callback_data, await case_files.one(callback_data.item))


async def _show(request: Request, at: DeskCallback, file: CaseFile | None, notice: str | None = None) -> None:
    if file is None:
        await request.answer(request.localizer.text("case-gone"), alert=True)
    else:
        await request.show(view.case_screen(file, at.page, request.localizer), notice, alert=notice is not None)


async def _undecided(request: Request, at: DeskCallback, case_files: CaseFiles) -> CaseFile | None:
    """The case of a tap if it waits for a decision; where it does not, what was decided is shown."""
    file = await case_files.one(at.item)
    if file is not None and file.record.outcome is None:
        return file
    await _show(request, at, file, request.localizer.text("case-decided-already"))
    return None


@router.callback_query(DeskCallback.filter(F.do == f"case-{CaseAct.CLEAR}"))
async def ask_to_clear(
    query: CallbackQuery, callback_data: DeskCallback, request: Request, case_files: CaseFiles
) -> None:
    """Ask for confirmation, because a cleared pattern is not raised again."""
    if file := await _undecided(request, callback_data, case_files):
        await request.show(view.confirm_screen(file, Draft(CaseAct.CLEAR), callback_data.page, request.localizer))


@router.callback_query(DeskCallback.filter(F.do.in_({f"case-{act}" for act in view.REASONED})))
async def ask_for_reason(
    query: CallbackQuery, callback_data: DeskCallback, state: FSMContext, request: Request, case_files: CaseFiles
) -> None:
    """Ask for the reason of a decision; nothing is decided yet."""
    if file := await _undecided(request, callback_data, case_files):
        await _ask(state, request, callback_data, file, CaseAct(callback_data.do.removeprefix("case-")))


async def _ask(
    state: FSMContext, request: Request, at: DeskCallback, file: CaseFile, act: CaseAct, notice: str | None = None
) -> None:
    await state.set_state(CaseStates.reason)
    await state.set_data({"case": file.record.id, "act": act.value, "page": at.page})
    screen = view.ask_reason_screen(file, act, at.page, request.localizer)
    await request.show(screen, notice, alert=notice is not None)


@router.message(StateFilter(CaseStates.reason), PlainWords())
async def reason_written(message: Message, state: FSMContext, request: Request, case_files: CaseFiles) -> None:
    """Keep a reason, and ask for confirmation; another one replaces it."""
    asked = await state.get_data()
    act, page, localizer = CaseAct(str(asked["act"])), int(asked["page"]), request.localizer
    file, reason = await case_files.one(int(asked["case"])), clean(message.text or "")[:LONGEST_REASON].strip()
    if file is None or file.record.outcome is not None:
        await request.send(view.over_screen(file, page, localizer))
        await state.clear()
    elif not reason:
        await request.send(view.ask_reason_screen(file, act, page, localizer))
    else:
        draft = Draft(act, reason, str(message.message_id), await case_files.months(file))
        await state.set_data({**asked, "reason": reason, "key": draft.key})
        await request.send(view.confirm_screen(file, draft, page, localizer))


@router.callback_query(DeskCallback.filter(F.do == "case-do"))
async def decide(
    query: CallbackQuery,
    callback_data: DeskCallback,
    state: FSMContext,
    request: Request,
    asked: dict[str, object],
    cases: Cases,
    case_files: CaseFiles,
) -> None:
    """Decide as confirmed, for the reason that the screen shows. The second of two organisers reads what the first has
    decided."""
    word, _, key = callback_data.value.partition(".")
    if word not in set(CaseAct):
        await request.answer()
        return
    file, act = await _undecided(request, callback_data, case_files), CaseAct(word)
    if file is None:
        return
    shown = (asked.get("case"), asked.get("act"), asked.get("key")) == (file.record.id, act.value, key)
    if act in view.REASONED and not shown:
        await _ask(state, request, callback_data, file, act, request.localizer.text("case-reason-again"))
        return
    draft, by = Draft(act, str(asked.get("reason", ""))), f"organiser {request.member.id}"
    notice = await _do(cases, file.record.id, draft, by, request.localizer)
    await _show(request, callback_data, await case_files.one(file.record.id), notice)


async def _do(cases: Cases, case_id: int, draft: Draft, by: str, localizer: Localizer) -> str:
    """Decide; what to answer. It may have been decided meanwhile."""
    if draft.act is CaseAct.BAN:
        return view.confirmed_notice(await cases.confirm(case_id, draft.reason, by), localizer)
    if draft.act is CaseAct.VOID:
        changed, said = await cases.void(case_id, draft.reason, by), "case-done-void"
    else:
        changed, said = await cases.clear(case_id, by), "case-done-clear"
    return localizer.text("case-decided-already") if changed is None else localizer.text(said, number=len(changed))


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
