"""/desk: goods, ranking, groups and special rounds, run by organisers from the chat (R7, R24, R31)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from aiogram import Bot, F, Router
from aiogram.enums import ChatAction
from aiogram.filters import BaseFilter, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from domain.goods import ENDS, Item, ItemState, WhyOut
from domain.limits import Act, Limits
from domain.people import Member
from domain.reading.encodings import Encoding
from domain.reading.times import WrittenTime, read_clock, read_time
from handlers.callbacks import DeskCallback, case_of
from handlers.commands import PlainWords, TypedCommand
from handlers.localization import Localizer
from handlers.messenger import Request
from handlers.screen import Screen
from handlers.views import desk as view
from handlers.views.told import none_opened, special_opened
from services.archives import TABLE_ENDINGS
from services.campaigns import Campaigns
from services.context import ServiceContext
from services.goods import Goods
from services.groups import Groups, ScheduleRefusal, Seen
from services.jobs import JobKind, Jobs
from services.notifications.outbox import Outbox
from services.rounds import Rounds
from services.table_files import Ambiguity

PAGE = 6
_LAST_MINUTE = 2**30
"""Of the year 4011."""


class ForOrganisers(BaseFilter):
    """Lets through organisers only; other members get the answer to an unknown command."""

    async def __call__(self, _event: object, member: Member) -> bool:
        return member.organiser


class HasTable(BaseFilter):
    """Lets through files that may be a table of goods."""

    async def __call__(self, message: Message) -> bool:
        name = (message.document.file_name or "").lower() if message.document else ""
        return name.endswith((*TABLE_ENDINGS, ".zip"))


class HasOtherFile(BaseFilter):
    """Lets through other files. An animation also has a document, but was not sent as a file (Bot API, Message)."""

    async def __call__(self, message: Message) -> bool:
        return message.document is not None and message.animation is None


class ScheduleStates(StatesGroup):
    """Open questions to an organiser."""

    opening = State()


router = Router(name="desk")
router.message.filter(ForOrganisers())
router.callback_query.filter(ForOrganisers())


@router.message(TypedCommand("desk"))
@router.callback_query(DeskCallback.filter(F.do == "desk"))
async def desk(
    event: Message | CallbackQuery, request: Request, rounds: Rounds, outbox: Outbox, campaigns: Campaigns
) -> None:
    """What is on display, what waits and what is being sent: by /desk, or back from another screen."""
    await request.show(await desk_now(rounds, outbox, campaigns, request.localizer))


async def desk_now(rounds: Rounds, outbox: Outbox, campaigns: Campaigns, localizer: Localizer) -> Screen:
    """The desk with its current numbers."""
    held_since = await campaigns.held_since()
    return view.desk_screen(await rounds.overview(), await outbox.states(), localizer, held_since=held_since)


@router.callback_query(DeskCallback.filter(F.do == "ranking"))
async def ranking(query: CallbackQuery, callback_data: DeskCallback, request: Request, goods: Goods) -> None:
    """Items by votes, each with the number of members that its opening would notify (R31)."""
    page = callback_data.page
    found = await goods.ranking(PAGE + 1, page * PAGE)
    tallies = await goods.tallies([item.id for item, _ in found])
    await request.show(view.ranking_screen(found[:PAGE], page, len(found) > PAGE, request.localizer, tallies))


@router.callback_query(DeskCallback.filter(F.do == "item"))
async def one_item(query: CallbackQuery, callback_data: DeskCallback, request: Request, goods: Goods) -> None:
    """One item with the times at which its group could open."""
    item = await goods.item(callback_data.item)
    if item is None:
        await request.answer()
        return
    screen = await _item_screen(item, callback_data.page, request.localizer, goods, case_of(callback_data.value))
    await request.show(screen)


async def _item_screen(item: Item, page: int, localizer: Localizer, goods: Goods, case: int = 0) -> Screen:
    choices = _choices(localizer.now.astimezone(localizer.zone))
    tally, came_back = (await goods.tallies([item.id])).get(item.id), await goods.came_back(item)
    return view.item_screen(item, choices, page, localizer, tally, came_back=came_back, case=case)


def _choices(local: datetime) -> list[datetime]:
    """Frequent choices: soon, this evening, tomorrow and in three days at ten."""
    local = local.replace(second=0, microsecond=0)
    ten = local.replace(hour=10, minute=0)
    evening = local.replace(hour=20, minute=0)
    times = [local + timedelta(minutes=20), local + timedelta(hours=2), evening]
    return [*sorted(t for t in times if t > local), *(ten + timedelta(days=days) for days in (1, 3))]


@router.callback_query(DeskCallback.filter(F.do == "at"))
async def ask_to_schedule(
    query: CallbackQuery, callback_data: DeskCallback, request: Request, groups: Groups, context: ServiceContext
) -> None:
    """Ask for confirmation, because scheduling notifies members at once."""
    opens_at = _moment(callback_data.value, context)
    if opens_at is None:
        await request.answer()
    else:
        await request.show(await _confirmation(groups, callback_data.item, opens_at, request.localizer))


def _moment(minutes: str, context: ServiceContext) -> datetime | None:
    """The moment in a button, in minutes since 1970; None for a forged one. Far from the first and the last moment that
    Python knows, so that hours can be added and zones changed."""
    if not (minutes.isdecimal() and int(minutes) <= _LAST_MINUTE):
        return None
    return datetime.fromtimestamp(int(minutes) * 60, context.rules.zone)


async def _confirmation(groups: Groups, item_id: int, opens_at: datetime, localizer: Localizer) -> Screen:
    proposal = await groups.proposal(item_id, opens_at)
    if proposal is None:
        return view.not_scheduled_screen(ScheduleRefusal.UNKNOWN_ITEM, item_id, localizer)
    if proposal.item.state in ENDS or proposal.item.state is ItemState.OPEN:
        over = ScheduleRefusal.OPEN_ALREADY if proposal.item.state is ItemState.OPEN else ScheduleRefusal.ENDED
        return view.not_scheduled_screen(over, item_id, localizer)
    return view.confirm_schedule_screen(proposal, localizer)


@router.callback_query(DeskCallback.filter(F.do.in_({"yes", "late"})))
async def schedule_at(
    query: CallbackQuery, callback_data: DeskCallback, request: Request, groups: Groups, context: ServiceContext
) -> None:
    """Schedule at the time in the button; `late` confirms a time that is later than promised (R6). A button that was
    offered before the group got another time asks again, and moves nothing."""
    minutes, _, replaces = callback_data.value.partition(".")
    opens_at, seen = _moment(minutes, context), Seen(_moment(replaces, context))
    if opens_at is None:
        await request.answer()
        return
    item_id, localizer, even_late = callback_data.item, request.localizer, callback_data.do == "late"
    by = request.member.as_organiser
    result = await groups.schedule(item_id, opens_at, None, by, even_late=even_late, seen=seen)
    if not isinstance(result, ScheduleRefusal):
        screen = view.scheduled_screen(result, localizer)
    elif result is ScheduleRefusal.LATER_THAN_PROMISED and (proposal := await groups.proposal(item_id, opens_at)):
        screen = view.late_screen(proposal, localizer)
    elif result is ScheduleRefusal.MOVED_MEANWHILE:
        await request.show(
            await _confirmation(groups, item_id, opens_at, localizer),
            localizer.text("not-scheduled-moved-meanwhile"),
            alert=True,
        )
        return
    else:
        screen = view.not_scheduled_screen(result, item_id, localizer)
    await request.show(screen)


@router.callback_query(DeskCallback.filter(F.do == "ask"))
async def ask_time(
    query: CallbackQuery, callback_data: DeskCallback, state: FSMContext, request: Request, goods: Goods
) -> None:
    """✍️ Ask for a time as text."""
    item = await goods.item(callback_data.item)
    if item is None:
        await request.answer()
        return
    await state.set_state(ScheduleStates.opening)
    await state.set_data({"item": item.id, "page": callback_data.page})
    await request.show(view.ask_time_screen(item, callback_data.page, request.localizer))


@router.message(StateFilter(ScheduleStates.opening), PlainWords())
async def time_written(
    message: Message, state: FSMContext, request: Request, groups: Groups, goods: Goods, context: ServiceContext
) -> None:
    """Read a time in the platform's zone. A day without a time of day is asked about; anything else, and the past, is
    asked again."""
    localizer, asked = request.localizer, await state.get_data()
    item_id, page = int(asked.get("item", 0)), int(asked.get("page", 0))
    item, written = await goods.item(item_id), _read(message.text or "", asked.get("day"), context)
    if item is not None and written is not None and written.clock is None:
        await request.send(view.ask_clock_screen(item, written.day, page, localizer))
        await state.set_data({"item": item_id, "page": page, "day": written.day.isoformat()})
        return
    opens_at = written.moment(context.rules.zone) if written else None
    if item is not None and (error := _why_asked_again(opens_at, localizer)):
        await request.send(view.ask_time_screen(item, page, localizer, error=error))
        return
    if item is None or opens_at is None:
        await request.send(view.not_scheduled_screen(ScheduleRefusal.UNKNOWN_ITEM, item_id, localizer))
    else:
        await request.send(await _confirmation(groups, item_id, opens_at, localizer))
    await state.clear()  # last: a message that is handled again must find its question


def _why_asked_again(opens_at: datetime | None, localizer: Localizer) -> str | None:
    if opens_at is None:
        return "desk-bad-time"
    why = ScheduleRefusal.at(opens_at, localizer.now)
    return f"not-scheduled-{why.value}" if why else None


def _read(text: str, asked_day: str | None, context: ServiceContext) -> WrittenTime | None:
    """What an organiser wrote: a time, or the time of day that was asked for."""
    if asked_day is not None and (clock := read_clock(text)) is not None:
        return WrittenTime(date.fromisoformat(asked_day), clock)
    return read_time(text, context.clock.now().astimezone(context.rules.zone).date())


@router.callback_query(DeskCallback.filter(F.do == "out"))
async def ask_reason(query: CallbackQuery, callback_data: DeskCallback, request: Request, goods: Goods) -> None:
    """🍂 Ask for the reason of rejecting an item (R5)."""
    item = await goods.item(callback_data.item)
    if item is None:
        await request.answer()
    else:
        await request.show(view.ask_reason_screen(item, callback_data.page, request.localizer))


@router.callback_query(DeskCallback.filter(F.do == "end"))
async def reject(query: CallbackQuery, callback_data: DeskCallback, request: Request, groups: Groups) -> None:
    """Reject an item for this reason, and notify its voters and followers (R5)."""
    if callback_data.value not in set(WhyOut):
        await request.answer()
        return
    by = request.member.as_organiser
    result = await groups.reject(callback_data.item, WhyOut(callback_data.value), by)
    await request.show(view.rejected_screen(result, request.localizer))


@router.callback_query(DeskCallback.filter(F.do == "again"))
async def show_again(query: CallbackQuery, callback_data: DeskCallback, request: Request, goods: Goods) -> None:
    """Relist an item in the next round, with a new count (R16)."""
    localizer = request.localizer
    again = await goods.show_again(callback_data.item, request.member.as_organiser)
    said, item = localizer.text("desk-again" if again else "desk-not-again"), await goods.item(callback_data.item)
    if item is None:
        await request.answer(said, alert=True)
    else:
        await request.show(await _item_screen(item, callback_data.page, localizer, goods), said, alert=True)


@router.callback_query(DeskCallback.filter(F.do == "special"))
async def ask_special(query: CallbackQuery, request: Request, rounds: Rounds) -> None:
    """Ask for confirmation, because a special round notifies all members, those with quiet hours when these end."""
    overview, reach = await rounds.overview(), await rounds.reach()
    await request.show(view.confirm_special_screen(overview, reach, request.localizer))


@router.callback_query(DeskCallback.filter(F.do == "special-yes"))
async def special_round(
    query: CallbackQuery, request: Request, rounds: Rounds, outbox: Outbox, campaigns: Campaigns
) -> None:
    """Open a special round with the waiting items (R7)."""
    localizer, opened = request.localizer, await rounds.open_special()
    if opened:
        text = special_opened(opened.items, await rounds.reach(), localizer)
    else:
        text = none_opened(await rounds.overview(), localizer)
    await request.show(await desk_now(rounds, outbox, campaigns, localizer), text, alert=True)


@router.callback_query(DeskCallback.filter(F.do == "import"))
async def how_to_import(query: CallbackQuery, request: Request) -> None:
    """Explain the format of a table of goods."""
    await request.show(view.import_screen(request.localizer))


@router.message(HasTable())
async def table_received(message: Message, bot: Bot, request: Request, jobs: Jobs) -> None:
    """Enqueue a preview of a table; importing it needs confirmation."""
    assert message.document is not None
    member, payload = request.member, {"file": message.document.file_id}
    await bot.send_chat_action(member.chat_id, ChatAction.TYPING)
    await jobs.enqueue(f"import-check {member.id} {message.message_id}", JobKind.IMPORT_CHECK, member, payload)


@router.message(HasOtherFile())
async def other_file_received(message: Message, request: Request) -> None:
    """Explain the formats that can be imported."""
    await request.send(view.unusable_screen(request.localizer))


@router.callback_query(DeskCallback.filter(F.do.in_({f"of-{about.value}" for about in Ambiguity})))
async def read_again(query: CallbackQuery, callback_data: DeskCallback, request: Request, jobs: Jobs) -> None:
    """Enqueue another preview of a file, read as the button says."""
    about, value, tap = callback_data.do.removeprefix("of-"), callback_data.value, request.tap
    previewed = await jobs.payload(callback_data.item, JobKind.IMPORT_CHECK, request.member)
    known = value in set(Encoding) if about == Ambiguity.ENCODING else value.isdecimal()
    enqueued = None
    if previewed is not None and known and tap is not None and tap.message is not None:
        payload = {**previewed, about: value, "chat": tap.chat, "message": tap.message}
        key = f"import-check {callback_data.item} {about} {value}"
        enqueued = await jobs.enqueue(key, JobKind.IMPORT_CHECK, request.member, payload)
    await request.answer(request.localizer.text("desk-under-way" if enqueued else "desk-done-already"))


@router.callback_query(DeskCallback.filter(F.do == "store"))
async def import_table(query: CallbackQuery, callback_data: DeskCallback, request: Request, jobs: Jobs) -> None:
    """Enqueue the import of a previewed table, once: the button carries the number of the preview's job."""
    previewed = await jobs.payload(callback_data.item, JobKind.IMPORT_CHECK, request.member)
    tap, enqueued = request.tap, None
    if previewed is not None and tap is not None and tap.message is not None:
        skip_bad = callback_data.value == "good"
        payload = {**previewed, "skip_bad": skip_bad, "chat": tap.chat, "message": tap.message}
        enqueued = await jobs.enqueue(f"import {callback_data.item}", JobKind.IMPORT, request.member, payload)
    await request.answer(request.localizer.text("desk-under-way" if enqueued else "desk-done-already"))


@router.callback_query(DeskCallback.filter(F.do == "table"))
async def export_table(
    query: CallbackQuery, callback_data: DeskCallback, request: Request, jobs: Jobs, limits: Limits
) -> None:
    """📄 Enqueue an export of the ranking or the votes, as a CSV or a workbook, or the template of a table."""
    if not await request.may(limits, Act.TABLE):
        return
    which, _, ending = callback_data.value.partition(".")
    payload = {"which": which if which in ("votes", "template", "template-spending") else "ranking"}
    payload |= {"format": "xlsx"} if ending == "xlsx" else {}
    await jobs.enqueue(f"export {query.id}", JobKind.EXPORT, request.member, payload)
    await request.answer(request.localizer.text("desk-under-way"))
