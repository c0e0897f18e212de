"""/desk: what organisers run from the chat: goods, ranking, groups, special rounds (R7, R24, R31)."""

from __future__ import annotations

import asyncio
import io
import tempfile
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

from aiogram import Bot, F, Router
from aiogram.enums import ChatAction
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import BaseFilter, Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from domain.csv_files import read_goods
from domain.goods import WhyOut
from domain.people import Member
from handlers import callbacks as tap
from handlers.filters import PlainWords
from handlers.screen import Screen
from handlers.stage import Stage
from handlers.views import desk as view
from handlers.words import Speech
from services.alerts import Alerts, NotScheduled
from services.deliveries import Deliveries
from services.endings import Endings
from services.goods import Goods
from services.house import House
from services.outbox import Outbox
from services.registration import Imported
from services.rounds import Rounds

PAGE = 6
_MOST_UNPACKED = 200 * 1024 * 1024
_MOST_FILES = 5_000


class ForOrganisers(BaseFilter):
    """Lets only organisers in; to everybody else the desk does not exist."""

    async def __call__(self, _event: object, member: Member) -> bool:
        return member.organiser


class HasTable(BaseFilter):
    """A file that may be a table of goods."""

    async def __call__(self, message: Message) -> bool:
        name = (message.document.file_name or "").lower() if message.document else ""
        return name.endswith((".csv", ".zip"))


class Asking(StatesGroup):
    """What an organiser is being asked."""

    opening = State()


router = Router(name="desk")
router.message.filter(ForOrganisers())
router.callback_query.filter(ForOrganisers())


@router.message(Command("desk", ignore_case=True))
async def desk(
    message: Message,
    state: FSMContext,
    member: Member,
    speech: Speech,
    stage: Stage,
    rounds: Rounds,
    outbox: Outbox,
    deliveries: Deliveries,
) -> None:
    """The desk: what is on display, what waits, what is being sent."""
    await state.clear()
    await stage.send(member.chat_id, await desk_now(rounds, outbox, deliveries, speech))


async def desk_now(rounds: Rounds, outbox: Outbox, deliveries: Deliveries, speech: Speech) -> Screen:
    """The desk as it stands."""
    held_since = await deliveries.held_since()
    return view.desk_screen(await rounds.overview(), await outbox.states(), speech, held_since=held_since)


@router.callback_query(tap.Desk.filter(F.do == "desk"))
async def desk_again(
    query: CallbackQuery,
    state: FSMContext,
    speech: Speech,
    stage: Stage,
    rounds: Rounds,
    outbox: Outbox,
    deliveries: Deliveries,
) -> None:
    """Back to the desk."""
    await state.clear()
    await stage.answer(query)
    await stage.redraw(query, await desk_now(rounds, outbox, deliveries, speech))


@router.callback_query(tap.Desk.filter(F.do == "ranking"))
async def ranking(query: CallbackQuery, callback_data: tap.Desk, speech: Speech, stage: Stage, goods: Goods) -> None:
    """The most wanted first, each with the alerts that its opening would send (R31)."""
    page = max(0, callback_data.page)
    found = await goods.ranking(PAGE + 1, page * PAGE)
    await stage.answer(query)
    await stage.redraw(query, view.ranking_screen(found[:PAGE], page, len(found) > PAGE, speech))


@router.callback_query(tap.Desk.filter(F.do == "item"))
async def one_item(
    query: CallbackQuery, callback_data: tap.Desk, speech: Speech, stage: Stage, goods: Goods, house: House
) -> None:
    """One item with the times at which its group could open."""
    await stage.answer(query)
    item = await goods.item(callback_data.item)
    if item is not None:
        await stage.redraw(query, view.item_screen(item, _choices(speech, house), callback_data.page, speech))


def _choices(speech: Speech, house: House) -> list[datetime]:
    """Times that organisers often choose: soon, this evening, tomorrow and in three days at ten."""
    local = speech.now.astimezone(house.rules.zone).replace(second=0, microsecond=0)
    ten = local.replace(hour=10, minute=0)
    evening = local.replace(hour=20, minute=0)
    times = [local + timedelta(minutes=20), local + timedelta(hours=2), evening]
    return [*sorted(t for t in times if t > local), *(ten + timedelta(days=days) for days in (1, 3))]


@router.callback_query(tap.Desk.filter(F.do == "at"))
async def ask_to_schedule(
    query: CallbackQuery, callback_data: tap.Desk, speech: Speech, stage: Stage, alerts: Alerts, house: House
) -> None:
    """Scheduling tells people at once, so it is asked for twice."""
    await stage.answer(query)
    opens_at = _moment(callback_data.value, house)
    if opens_at is not None:
        await stage.redraw(query, await _really(alerts, callback_data.item, opens_at, speech))


def _moment(minutes: str, house: House) -> datetime | None:
    """The moment that a button carries, in minutes since 1970; None for a forged one."""
    try:
        return datetime.fromtimestamp(int(minutes) * 60, house.rules.zone)
    except (ValueError, OverflowError, OSError):
        return None


async def _really(alerts: Alerts, item_id: int, opens_at: datetime, speech: Speech) -> Screen:
    item, told = await alerts.audience(item_id)
    if item is None:
        return view.not_scheduled_screen(NotScheduled.UNKNOWN_ITEM, item_id, speech)
    return view.really_schedule_screen(item, opens_at, told, speech)


@router.callback_query(tap.Desk.filter(F.do.in_({"yes", "late"})))
async def schedule_at(
    query: CallbackQuery,
    callback_data: tap.Desk,
    member: Member,
    speech: Speech,
    stage: Stage,
    alerts: Alerts,
    house: House,
) -> None:
    """Schedule at a time that was offered; the button carries it, so that a late tap means what it said.

    `late` is the second word for a time that is later than promised (R6).
    """
    opens_at = _moment(callback_data.value, house)
    if opens_at is None:
        await stage.answer(query)
        return
    even_late = callback_data.do == "late"
    screen = await _schedule(alerts, callback_data.item, opens_at, member, speech, even_late=even_late)
    await stage.answer(query)
    await stage.redraw(query, screen)


@router.callback_query(tap.Desk.filter(F.do == "ask"))
async def ask_time(
    query: CallbackQuery, callback_data: tap.Desk, state: FSMContext, speech: Speech, stage: Stage
) -> None:
    """Ask for a time in words."""
    await state.set_state(Asking.opening)
    await state.set_data({"item": callback_data.item})
    await stage.answer(query)
    await stage.redraw(query, Screen(speech.t("desk-ask-time")))


@router.message(StateFilter(Asking.opening), PlainWords())
async def time_written(
    message: Message,
    state: FSMContext,
    member: Member,
    speech: Speech,
    stage: Stage,
    alerts: Alerts,
    house: House,
) -> None:
    """A time as 2026-12-01 10:00, in the platform's zone; anything else, and the past, is asked for again."""
    try:
        written = datetime.fromisoformat((message.text or "").strip())
    except ValueError:
        await stage.send(member.chat_id, Screen(speech.t("desk-bad-time")))
        return
    opens_at = written if written.tzinfo else written.replace(tzinfo=house.rules.zone)
    if opens_at <= speech.now:
        again = speech.t("not-scheduled-in-the-past") + "\n" + speech.t("desk-ask-time")
        await stage.send(member.chat_id, Screen(again))
        return
    item_id = int((await state.get_data()).get("item", 0))
    await state.clear()
    await stage.send(member.chat_id, await _really(alerts, item_id, opens_at, speech))


async def _schedule(
    alerts: Alerts, item_id: int, opens_at: datetime, member: Member, speech: Speech, *, even_late: bool = False
) -> Screen:
    result = await alerts.schedule(item_id, opens_at, None, f"organiser {member.id}", even_late=even_late)
    if result is NotScheduled.LATER_THAN_PROMISED:
        return view.late_screen(item_id, opens_at, speech)
    if isinstance(result, NotScheduled):
        return view.not_scheduled_screen(result, item_id, speech)
    return view.scheduled_screen(result, speech)


@router.callback_query(tap.Desk.filter(F.do == "out"))
async def why_out(query: CallbackQuery, callback_data: tap.Desk, speech: Speech, stage: Stage, goods: Goods) -> None:
    """🍂 Ask for the reason first (R5)."""
    await stage.answer(query)
    item = await goods.item(callback_data.item)
    if item is not None:
        await stage.redraw(query, view.why_out_screen(item, callback_data.page, speech))


@router.callback_query(tap.Desk.filter(F.do == "end"))
async def put_out(
    query: CallbackQuery, callback_data: tap.Desk, member: Member, speech: Speech, stage: Stage, endings: Endings
) -> None:
    """End an item for this reason, and tell its people (R5)."""
    await stage.answer(query)
    if callback_data.value in set(WhyOut):
        result = await endings.put_out(callback_data.item, WhyOut(callback_data.value), f"organiser {member.id}")
        await stage.redraw(query, view.out_screen(result, speech))


@router.callback_query(tap.Desk.filter(F.do == "again"))
async def show_again(
    query: CallbackQuery, callback_data: tap.Desk, member: Member, speech: Speech, stage: Stage, goods: Goods
) -> None:
    """Let a good come back in the next round, with a new count (R16)."""
    again = await goods.show_again(callback_data.item, f"organiser {member.id}")
    await stage.answer(query, speech.plain("desk-again" if again else "desk-not-again"), alert=True)


@router.callback_query(tap.Desk.filter(F.do == "special"))
async def ask_special(query: CallbackQuery, speech: Speech, stage: Stage, rounds: Rounds) -> None:
    """A special round tells everybody at once, so it is asked for twice."""
    await stage.answer(query)
    await stage.redraw(query, view.really_special_screen(await rounds.overview(), speech))


@router.callback_query(tap.Desk.filter(F.do == "special-yes"))
async def special_round(
    query: CallbackQuery, speech: Speech, stage: Stage, rounds: Rounds, outbox: Outbox, deliveries: Deliveries
) -> None:
    """Open a round now for what waits; members are told (R7)."""
    opened = await rounds.open_special()
    said = speech.plain("desk-special", number=opened.items) if opened else speech.plain("desk-nothing-waits")
    await stage.answer(query, said, alert=True)
    await stage.redraw(query, await desk_now(rounds, outbox, deliveries, speech))


@router.callback_query(tap.Desk.filter(F.do == "import"))
async def how_to_import(query: CallbackQuery, speech: Speech, stage: Stage) -> None:
    """How a table of goods has to look."""
    await stage.answer(query)
    await stage.redraw(query, view.import_screen(speech))


@router.message(HasTable())
async def table_came(
    message: Message, bot: Bot, state: FSMContext, member: Member, speech: Speech, stage: Stage, goods: Goods
) -> None:
    """Look a table through, say what it would do, and ask before doing it."""
    assert message.document is not None
    await bot.send_chat_action(member.chat_id, ChatAction.TYPING)
    found = await _take_in(bot, message.document.file_id, goods, member, dry_run=True)
    if found is None:
        await stage.send(member.chat_id, Screen(speech.t("desk-file-unusable")))
        return
    await state.set_data({"file": message.document.file_id})
    await stage.send(member.chat_id, view.looked_through_screen(found, speech))


@router.callback_query(tap.Desk.filter(F.do == "store"))
async def store_table(
    query: CallbackQuery,
    callback_data: tap.Desk,
    bot: Bot,
    state: FSMContext,
    member: Member,
    speech: Speech,
    stage: Stage,
    goods: Goods,
) -> None:
    """Import what was looked through; a second tap changes nothing, because the same table changes nothing."""
    file = (await state.get_data()).get("file")
    if file is None:
        await stage.answer(query, speech.plain("desk-done-already"))
        return
    await state.set_data({})
    await stage.answer(query)
    found = await _take_in(bot, str(file), goods, member, skip_bad=callback_data.value == "good")
    if found is None:
        await stage.redraw(query, Screen(speech.t("desk-file-unusable")))
        return
    await stage.redraw(query, view.stored_screen(found, speech))


async def _take_in(
    bot: Bot, file_id: str, goods: Goods, member: Member, *, dry_run: bool = False, skip_bad: bool = False
) -> Imported | None:
    """Read a CSV, or a ZIP of a CSV and its pictures; None for what is neither."""
    try:
        file = await bot.get_file(file_id)
        content = io.BytesIO()
        await bot.download(file, content)
    except TelegramBadRequest:
        return None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packed = zipfile.is_zipfile(content)
        table = await asyncio.to_thread(_unpack, content, folder) if packed else content.getvalue()
        if table is None:
            return None
        return await goods.take_in(
            read_goods(table),
            folder if packed else None,
            f"organiser {member.id}",
            dry_run=dry_run,
            skip_bad=skip_bad,
        )


def _unpack(content: io.BytesIO, folder: Path) -> bytes | None:
    """Unpack below `folder` and return the table; None where there is none, or too much in it."""
    try:
        with zipfile.ZipFile(content) as packed:
            parts = [part for part in packed.infolist() if not part.is_dir()]
            tables = sorted((p for p in parts if p.filename.lower().endswith(".csv")), key=lambda p: len(p.filename))
            if not tables or len(parts) > _MOST_FILES or sum(part.file_size for part in parts) > _MOST_UNPACKED:
                return None
            root = Path(tables[0].filename).parent
            for part in parts:
                path = Path(part.filename)
                if part is tables[0] or path.is_absolute() or ".." in path.parts or not path.is_relative_to(root):
                    continue
                target = folder / path.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(packed.read(part))
            return packed.read(tables[0])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        return None
