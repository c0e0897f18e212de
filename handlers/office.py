"""/desk, further: the days on which rounds open, and ballots that organisers give (R7, R14)."""

from __future__ import annotations

import re
from datetime import date

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from domain.people import Member
from handlers import callbacks as tap
from handlers.desk import ForOrganisers
from handlers.filters import PlainWords
from handlers.screen import Screen
from handlers.stage import Stage
from handlers.views import desk as view
from handlers.words import Speech
from services.days import Days
from services.house import House
from services.people import MOST_GIVEN, People

DAYS = 14
_DECIDED = {"+": True, "-": False, "0": None}
_GIFT = re.compile(r"\s*([0-9]{1,16})\s+([0-9]{1,6})\s+(\S.*)", re.DOTALL)

router = Router(name="office")
router.message.filter(ForOrganisers())
router.callback_query.filter(ForOrganisers())


class Asking(StatesGroup):
    """What an organiser is being asked."""

    gift = State()


@router.callback_query(tap.Desk.filter(F.do == "days"))
async def show_days(query: CallbackQuery, speech: Speech, stage: Stage, days: Days, house: House) -> None:
    """📅 The next two weeks."""
    await stage.answer(query)
    await stage.redraw(query, await _days(days, house, speech))


@router.callback_query(tap.Desk.filter(F.do.in_({"day", "day-yes"})))
async def switch_day(
    query: CallbackQuery,
    callback_data: tap.Desk,
    member: Member,
    speech: Speech,
    stage: Stage,
    days: Days,
    house: House,
) -> None:
    """Make a day what its button says; a day that is over stays as it was.

    What would move the end of the open round is asked for twice: `day-yes` is the second word.
    """
    try:
        day, decided = date.fromisoformat(callback_data.value[:10]), _DECIDED[callback_data.value[10:]]
    except (ValueError, KeyError):
        await stage.answer(query)
        return
    shift = await days.shift(day, decided) if callback_data.do == "day" else None
    if shift is not None:
        await stage.answer(query)
        await stage.redraw(query, view.really_day_screen(day, callback_data.value, shift, speech))
        return
    done = await days.decide(day, decided, f"organiser {member.id}")
    await stage.answer(query, None if done else speech.plain("desk-day-over"), alert=not done)
    await stage.redraw(query, await _days(days, house, speech))


async def _days(days: Days, house: House, speech: Speech) -> Screen:
    return view.days_screen(await days.coming(DAYS), f"{house.rules.opens_at:%H:%M}", speech)


@router.callback_query(tap.Desk.filter(F.do == "gift"))
async def ask_gift(query: CallbackQuery, state: FSMContext, speech: Speech, stage: Stage) -> None:
    """🎁 Ask whom, how many and why."""
    await state.set_state(Asking.gift)
    await stage.answer(query)
    await stage.redraw(query, view.gift_screen(speech, "desk-gift-ask"))


@router.message(StateFilter(Asking.gift), PlainWords())
async def gift_written(
    message: Message, state: FSMContext, member: Member, speech: Speech, stage: Stage, people: People
) -> None:
    """An ID that somebody has, a number and a reason; all else is asked for again. The same message gives once."""
    found = _GIFT.fullmatch(message.text or "")
    number = int(found[2]) if found else 0
    if found is None or not 1 <= number <= MOST_GIVEN:
        await stage.send(member.chat_id, view.gift_screen(speech, "desk-gift-bad", most=MOST_GIVEN))
        return
    key = f"desk:{member.id}:{message.message_id}"
    given = await people.give(int(found[1]), number, found[3], f"organiser {member.id}", key)
    said = "desk-gift-done" if given else "desk-gift-unknown"
    await stage.send(member.chat_id, view.gift_screen(speech, said, person=found[1], number=number))
    if given:  # and only now: the message comes again after a kill, and must find its question
        await state.clear()
