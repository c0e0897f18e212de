"""/desk: what organisers run from the chat: goods, ranking, groups, special rounds (R7, R24, R31)."""

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
from handlers import callbacks as tap
from handlers.filters import PlainWords
from handlers.screen import Screen
from handlers.stage import Stage
from handlers.tap import Tap
from handlers.views import desk as view
from handlers.words import Speech
from services.alerts import Alerts, NotScheduled
from services.deliveries import Deliveries
from services.endings import Endings
from services.errands import Errands, Work
from services.goods import Goods
from services.house import House
from services.outbox import Outbox
from services.rounds import Rounds

PAGE = 6


class ForOrganisers(BaseFilter):
    """Lets only organisers in; to everybody else the desk does not exist."""

    async def __call__(self, _event: object, member: Member) -> bool:
        return member.organiser


class HasTable(BaseFilter):
    """A file that may be a table of goods."""

    async def __call__(self, message: Message) -> bool:
        name = (message.document.file_name or "").lower() if message.document else ""
        return name.endswith((".csv", ".zip"))


class HasOtherFile(BaseFilter):
    """A file that is no table of goods. An animation has one, too, but was not sent as one (Bot API, Message)."""

    async def __call__(self, message: Message) -> bool:
        return message.document is not None and message.animation is None


class Asking(StatesGroup):
    """What an organiser is being asked."""

    opening = State()


router = Router(name="desk")
router.message.filter(ForOrganisers())
router.callback_query.filter(ForOrganisers())


@router.message(Command("desk", ignore_case=True))
async def desk(
    message: Message,
    member: Member,
    speech: Speech,
    stage: Stage,
    rounds: Rounds,
    outbox: Outbox,
    deliveries: Deliveries,
) -> None:
    """The desk: what is on display, what waits, what is being sent."""
    await stage.send(member.chat_id, await desk_now(rounds, outbox, deliveries, speech))


async def desk_now(rounds: Rounds, outbox: Outbox, deliveries: Deliveries, speech: Speech) -> Screen:
    """The desk as it stands."""
    held_since = await deliveries.held_since()
    return view.desk_screen(await rounds.overview(), await outbox.states(), speech, held_since=held_since)


@router.callback_query(tap.Desk.filter(F.do == "desk"))
async def desk_again(
    query: CallbackQuery,
    speech: Speech,
    stage: Stage,
    rounds: Rounds,
    outbox: Outbox,
    deliveries: Deliveries,
) -> None:
    """Back to the desk."""
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
    query: CallbackQuery, callback_data: tap.Desk, state: FSMContext, speech: Speech, stage: Stage, goods: Goods
) -> None:
    """✍️ Ask for a time in words."""
    await stage.answer(query)
    item = await goods.item(callback_data.item)
    if item is None:
        return
    await state.set_state(Asking.opening)
    await state.set_data({"item": item.id, "page": callback_data.page})
    await stage.redraw(query, view.ask_time_screen(item, callback_data.page, speech))


@router.message(StateFilter(Asking.opening), PlainWords())
async def time_written(
    message: Message,
    state: FSMContext,
    member: Member,
    speech: Speech,
    stage: Stage,
    alerts: Alerts,
    goods: Goods,
    house: House,
) -> None:
    """A time as 2026-12-01 10:00, in the platform's zone; anything else, and the past, is asked for again."""
    asked = await state.get_data()
    item_id, page = int(asked.get("item", 0)), int(asked.get("page", 0))
    item, opens_at = await goods.item(item_id), _read(message.text or "", house)
    if item is None:
        screen = view.not_scheduled_screen(NotScheduled.UNKNOWN_ITEM, item_id, speech)
    elif wrong := _why_asked_again(opens_at, speech):
        await stage.send(member.chat_id, view.ask_time_screen(item, page, speech, wrong=wrong))
        return
    else:
        assert opens_at is not None, "nothing is wrong with it"
        screen = await _really(alerts, item_id, opens_at, speech)
    await stage.send(member.chat_id, screen)
    await state.clear()  # only now: the message comes again after a kill, and must find its question


def _why_asked_again(opens_at: datetime | None, speech: Speech) -> str | None:
    if opens_at is None:
        return "desk-bad-time"
    why = NotScheduled.at(opens_at, speech.now)
    return f"not-scheduled-{why.value}" if why else None


def _read(text: str, house: House) -> datetime | None:
    try:
        written = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return written if written.tzinfo else written.replace(tzinfo=house.rules.zone)


async def _schedule(
    alerts: Alerts, item_id: int, opens_at: datetime, member: Member, speech: Speech, *, even_late: bool = False
) -> Screen:
    result = await alerts.schedule(item_id, opens_at, None, f"organiser {member.id}", even_late=even_late)
    if result is NotScheduled.LATER_THAN_PROMISED:
        item, _ = await alerts.audience(item_id)
        if item is not None:
            return view.late_screen(item, opens_at, speech)
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
    await stage.redraw(query, view.really_special_screen(await rounds.overview(), await rounds.audience(), speech))


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
async def table_came(message: Message, bot: Bot, member: Member, errands: Errands) -> None:
    """Have a table looked through; what it would do is said, and asked, before it is done."""
    assert message.document is not None
    await bot.send_chat_action(member.chat_id, ChatAction.TYPING)
    about = {"file": message.document.file_id}
    await errands.leave(f"look {member.id} {message.message_id}", Work.LOOK, member, about)


@router.message(HasOtherFile())
async def other_file_came(message: Message, member: Member, speech: Speech, stage: Stage) -> None:
    """Whoever sends goods in another form reads which forms can be read."""
    await stage.send(member.chat_id, view.unusable_screen(speech))


@router.callback_query(tap.Desk.filter(F.do == "store"))
async def store_table(
    query: CallbackQuery, callback_data: tap.Desk, member: Member, speech: Speech, stage: Stage, errands: Errands
) -> None:
    """Have imported what was looked through, once: the button names the errand that looked."""
    looked = await errands.about(callback_data.item, Work.LOOK, member)
    shown = Tap.of(query)
    left = None
    if looked is not None and shown.message is not None:
        about = {**looked, "good": callback_data.value == "good", "chat": shown.chat, "message": shown.message}
        left = await errands.leave(f"store {callback_data.item}", Work.STORE, member, about)
    await stage.answer(query, speech.plain("desk-under-way" if left else "desk-done-already"))


@router.callback_query(tap.Desk.filter(F.do == "table"))
async def table_wanted(
    query: CallbackQuery, callback_data: tap.Desk, member: Member, speech: Speech, stage: Stage, errands: Errands
) -> None:
    """📄 Have the ranking, or the votes, made into a file."""
    which = "votes" if callback_data.value == "votes" else "ranking"
    await errands.leave(f"table {query.id}", Work.TABLE, member, {"which": which})
    await stage.answer(query, speech.plain("desk-under-way"))
