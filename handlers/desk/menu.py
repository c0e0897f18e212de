"""/desk: goods, ranking, groups and special rounds, run by organisers from the chat (R7, R24, R31)."""

from __future__ import annotations

from datetime import datetime, timedelta

from aiogram import Bot, F, Router
from aiogram.enums import ChatAction
from aiogram.filters import BaseFilter, Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from domain.goods import WhyOut
from domain.people import Member
from handlers import callbacks
from handlers.callbacks import Tap
from handlers.filters import PlainWords
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.screen import Screen
from handlers.views import desk as view
from services.campaigns import Campaigns
from services.context import ServiceContext
from services.endings import Endings
from services.goods import Goods
from services.groups import Groups, ScheduleRefusal
from services.jobs import JobKind, Jobs
from services.notifications.outbox import Outbox
from services.rounds import Rounds

PAGE = 6


class ForOrganisers(BaseFilter):
    """Lets through organisers only; other members get the answer to an unknown command."""

    async def __call__(self, _event: object, member: Member) -> bool:
        return member.organiser


class HasTable(BaseFilter):
    """Lets through files that may be a table of goods."""

    async def __call__(self, message: Message) -> bool:
        name = (message.document.file_name or "").lower() if message.document else ""
        return name.endswith((".csv", ".zip"))


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


@router.message(Command("desk", ignore_case=True))
async def desk(
    message: Message,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    rounds: Rounds,
    outbox: Outbox,
    campaigns: Campaigns,
) -> None:
    """/desk shows what is on display, what waits and what is being sent."""
    await messenger.send(member.chat_id, await desk_now(rounds, outbox, campaigns, localizer))


async def desk_now(rounds: Rounds, outbox: Outbox, campaigns: Campaigns, localizer: Localizer) -> Screen:
    """The desk with its current numbers."""
    held_since = await campaigns.held_since()
    return view.desk_screen(await rounds.overview(), await outbox.states(), localizer, held_since=held_since)


@router.callback_query(callbacks.DeskCallback.filter(F.do == "desk"))
async def desk_again(
    query: CallbackQuery,
    localizer: Localizer,
    messenger: Messenger,
    rounds: Rounds,
    outbox: Outbox,
    campaigns: Campaigns,
) -> None:
    """Back to the desk."""
    await messenger.answer(query)
    await messenger.edit(query, await desk_now(rounds, outbox, campaigns, localizer))


@router.callback_query(callbacks.DeskCallback.filter(F.do == "ranking"))
async def ranking(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    localizer: Localizer,
    messenger: Messenger,
    goods: Goods,
) -> None:
    """Items by votes, each with the number of members that its opening would notify (R31)."""
    page = max(0, callback_data.page)
    found = await goods.ranking(PAGE + 1, page * PAGE)
    await messenger.answer(query)
    await messenger.edit(query, view.ranking_screen(found[:PAGE], page, len(found) > PAGE, localizer))


@router.callback_query(callbacks.DeskCallback.filter(F.do == "item"))
async def one_item(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    localizer: Localizer,
    messenger: Messenger,
    goods: Goods,
    context: ServiceContext,
) -> None:
    """One item with the times at which its group could open."""
    await messenger.answer(query)
    item = await goods.item(callback_data.item)
    if item is not None:
        await messenger.edit(query, view.item_screen(item, _choices(localizer, context), callback_data.page, localizer))


def _choices(localizer: Localizer, context: ServiceContext) -> list[datetime]:
    """Frequent choices: soon, this evening, tomorrow and in three days at ten."""
    local = localizer.now.astimezone(context.rules.zone).replace(second=0, microsecond=0)
    ten = local.replace(hour=10, minute=0)
    evening = local.replace(hour=20, minute=0)
    times = [local + timedelta(minutes=20), local + timedelta(hours=2), evening]
    return [*sorted(t for t in times if t > local), *(ten + timedelta(days=days) for days in (1, 3))]


@router.callback_query(callbacks.DeskCallback.filter(F.do == "at"))
async def ask_to_schedule(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    localizer: Localizer,
    messenger: Messenger,
    groups: Groups,
    context: ServiceContext,
) -> None:
    """Ask for confirmation, because scheduling notifies members at once."""
    await messenger.answer(query)
    opens_at = _moment(callback_data.value, context)
    if opens_at is not None:
        await messenger.edit(query, await _really(groups, callback_data.item, opens_at, localizer))


def _moment(minutes: str, context: ServiceContext) -> datetime | None:
    """The moment in a button, in minutes since 1970; None for a forged one."""
    try:
        return datetime.fromtimestamp(int(minutes) * 60, context.rules.zone)
    except (ValueError, OverflowError, OSError):
        return None


async def _really(groups: Groups, item_id: int, opens_at: datetime, localizer: Localizer) -> Screen:
    item, told = await groups.audience(item_id)
    if item is None:
        return view.not_scheduled_screen(ScheduleRefusal.UNKNOWN_ITEM, item_id, localizer)
    return view.really_schedule_screen(item, opens_at, told, localizer)


@router.callback_query(callbacks.DeskCallback.filter(F.do.in_({"yes", "late"})))
async def schedule_at(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    groups: Groups,
    context: ServiceContext,
) -> None:
    """Schedule at the time in the button.

    `late` confirms a time that is later than promised (R6).
    """
    opens_at = _moment(callback_data.value, context)
    if opens_at is None:
        await messenger.answer(query)
        return
    even_late = callback_data.do == "late"
    screen = await _schedule(groups, callback_data.item, opens_at, member, localizer, even_late=even_late)
    await messenger.answer(query)
    await messenger.edit(query, screen)


@router.callback_query(callbacks.DeskCallback.filter(F.do == "ask"))
async def ask_time(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    state: FSMContext,
    localizer: Localizer,
    messenger: Messenger,
    goods: Goods,
) -> None:
    """✍️ Ask for a time as text."""
    await messenger.answer(query)
    item = await goods.item(callback_data.item)
    if item is None:
        return
    await state.set_state(ScheduleStates.opening)
    await state.set_data({"item": item.id, "page": callback_data.page})
    await messenger.edit(query, view.ask_time_screen(item, callback_data.page, localizer))


@router.message(StateFilter(ScheduleStates.opening), PlainWords())
async def time_written(
    message: Message,
    state: FSMContext,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    groups: Groups,
    goods: Goods,
    context: ServiceContext,
) -> None:
    """Read a time as 2026-12-01 10:00 in the platform's zone; ask again for anything else, and for the past."""
    asked = await state.get_data()
    item_id, page = int(asked.get("item", 0)), int(asked.get("page", 0))
    item, opens_at = await goods.item(item_id), _read(message.text or "", context)
    if item is None:
        screen = view.not_scheduled_screen(ScheduleRefusal.UNKNOWN_ITEM, item_id, localizer)
    elif wrong := _why_asked_again(opens_at, localizer):
        await messenger.send(member.chat_id, view.ask_time_screen(item, page, localizer, wrong=wrong))
        return
    else:
        assert opens_at is not None, "nothing is wrong with it"
        screen = await _really(groups, item_id, opens_at, localizer)
    await messenger.send(member.chat_id, screen)
    await state.clear()  # last: a message that is handled again must find its question


def _why_asked_again(opens_at: datetime | None, localizer: Localizer) -> str | None:
    if opens_at is None:
        return "desk-bad-time"
    why = ScheduleRefusal.at(opens_at, localizer.now)
    return f"not-scheduled-{why.value}" if why else None


def _read(text: str, context: ServiceContext) -> datetime | None:
    try:
        written = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return written if written.tzinfo else written.replace(tzinfo=context.rules.zone)


async def _schedule(
    groups: Groups, item_id: int, opens_at: datetime, member: Member, localizer: Localizer, *, even_late: bool = False
) -> Screen:
    result = await groups.schedule(item_id, opens_at, None, f"organiser {member.id}", even_late=even_late)
    if result is ScheduleRefusal.LATER_THAN_PROMISED:
        item, _ = await groups.audience(item_id)
        if item is not None:
            return view.late_screen(item, opens_at, localizer)
    if isinstance(result, ScheduleRefusal):
        return view.not_scheduled_screen(result, item_id, localizer)
    return view.scheduled_screen(result, localizer)


@router.callback_query(callbacks.DeskCallback.filter(F.do == "out"))
async def why_out(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    localizer: Localizer,
    messenger: Messenger,
    goods: Goods,
) -> None:
    """🍂 Ask for the reason of rejecting an item (R5)."""
    await messenger.answer(query)
    item = await goods.item(callback_data.item)
    if item is not None:
        await messenger.edit(query, view.why_out_screen(item, callback_data.page, localizer))


@router.callback_query(callbacks.DeskCallback.filter(F.do == "end"))
async def reject(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    endings: Endings,
) -> None:
    """Reject an item for this reason, and notify its voters and followers (R5)."""
    await messenger.answer(query)
    if callback_data.value in set(WhyOut):
        result = await endings.reject(callback_data.item, WhyOut(callback_data.value), f"organiser {member.id}")
        await messenger.edit(query, view.out_screen(result, localizer))


@router.callback_query(callbacks.DeskCallback.filter(F.do == "again"))
async def show_again(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    goods: Goods,
) -> None:
    """Relist an item in the next round, with a new count (R16)."""
    again = await goods.show_again(callback_data.item, f"organiser {member.id}")
    await messenger.answer(query, localizer.text("desk-again" if again else "desk-not-again"), alert=True)


@router.callback_query(callbacks.DeskCallback.filter(F.do == "special"))
async def ask_special(query: CallbackQuery, localizer: Localizer, messenger: Messenger, rounds: Rounds) -> None:
    """Ask for confirmation, because a special round notifies all members at once."""
    await messenger.answer(query)
    await messenger.edit(query, view.really_special_screen(await rounds.overview(), await rounds.audience(), localizer))


@router.callback_query(callbacks.DeskCallback.filter(F.do == "special-yes"))
async def special_round(
    query: CallbackQuery,
    localizer: Localizer,
    messenger: Messenger,
    rounds: Rounds,
    outbox: Outbox,
    campaigns: Campaigns,
) -> None:
    """Open a special round with the waiting items (R7)."""
    opened = await rounds.open_special()
    text = localizer.text("desk-special", number=opened.items) if opened else localizer.text("desk-nothing-waits")
    await messenger.answer(query, text, alert=True)
    await messenger.edit(query, await desk_now(rounds, outbox, campaigns, localizer))


@router.callback_query(callbacks.DeskCallback.filter(F.do == "import"))
async def how_to_import(query: CallbackQuery, localizer: Localizer, messenger: Messenger) -> None:
    """Explain the format of a table of goods."""
    await messenger.answer(query)
    await messenger.edit(query, view.import_screen(localizer))


@router.message(HasTable())
async def table_came(message: Message, bot: Bot, member: Member, jobs: Jobs) -> None:
    """Enqueue a preview of a table; importing it needs confirmation."""
    assert message.document is not None
    await bot.send_chat_action(member.chat_id, ChatAction.TYPING)
    about = {"file": message.document.file_id}
    await jobs.enqueue(f"import-check {member.id} {message.message_id}", JobKind.IMPORT_CHECK, member, about)


@router.message(HasOtherFile())
async def other_file_came(message: Message, member: Member, localizer: Localizer, messenger: Messenger) -> None:
    """Explain the formats that can be imported."""
    await messenger.send(member.chat_id, view.unusable_screen(localizer))


@router.callback_query(callbacks.DeskCallback.filter(F.do == "store"))
async def store_table(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    jobs: Jobs,
) -> None:
    """Enqueue the import of a previewed table, once: the button carries the number of the preview's job."""
    looked = await jobs.payload(callback_data.item, JobKind.IMPORT_CHECK, member)
    shown = Tap.of(query)
    left = None
    if looked is not None and shown.message is not None:
        about = {**looked, "skip_bad": callback_data.value == "good", "chat": shown.chat, "message": shown.message}
        left = await jobs.enqueue(f"import {callback_data.item}", JobKind.IMPORT, member, about)
    await messenger.answer(query, localizer.text("desk-under-way" if left else "desk-done-already"))


@router.callback_query(callbacks.DeskCallback.filter(F.do == "table"))
async def table_wanted(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    jobs: Jobs,
) -> None:
    """📄 Enqueue an export of the ranking or the votes."""
    which = "votes" if callback_data.value == "votes" else "ranking"
    await jobs.enqueue(f"export {query.id}", JobKind.EXPORT, member, {"which": which})
    await messenger.answer(query, localizer.text("desk-under-way"))
