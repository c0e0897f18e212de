"""/desk: the days on which rounds open, and grants of ballots (R7, R14)."""

from __future__ import annotations

import re
from datetime import date

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from domain.reading.shown_text import clean
from handlers.callbacks import DeskCallback, desk_data, settling
from handlers.commands import PlainWords
from handlers.desk.menu import ForOrganisers
from handlers.localization import Localizer
from handlers.messenger import Request
from handlers.screen import Screen
from handlers.views import desk as view
from services.context import ServiceContext
from services.people import MAX_GRANT, Granted, People
from services.rounds import Rounds

DAYS = 14
_DECIDED = {"+": True, "-": False, "0": None}
_GIFT = re.compile(r"\s*([0-9０-９]{1,16})\s+([0-9０-９]{1,6})\s+(\S.*)", re.DOTALL)

_CORRECTION = re.compile(r"\s*[#＃]\s*([0-9０-９]{1,16})\s+([0-9０-９]{1,6})\s+(\S.*)", re.DOTALL)

router = Router(name="calendar and grants")
router.message.filter(ForOrganisers())
router.callback_query.filter(ForOrganisers())


class GrantStates(StatesGroup):
    """Open questions to an organiser."""

    gift = State()


@router.callback_query(DeskCallback.filter(F.do == "days"))
async def show_days(query: CallbackQuery, request: Request, rounds: Rounds, context: ServiceContext) -> None:
    """📅 The next two weeks."""
    await request.show(await _days(rounds, context, request.localizer))


@router.callback_query(DeskCallback.filter(F.do.in_({"day", "day-yes"})))
async def switch_day(
    query: CallbackQuery, callback_data: DeskCallback, request: Request, rounds: Rounds, context: ServiceContext
) -> None:
    """Decide on a day as its button says; a day that has passed stays unchanged.

    A change of the open round's end needs confirmation, which is `day-yes`.
    """
    localizer, value = request.localizer, callback_data.value
    try:
        day, decided = date.fromisoformat(value[:10]), _DECIDED[value[10:]]
    except (ValueError, KeyError):
        await request.answer()
        return
    shift = await rounds.shift(day, decided) if callback_data.do == "day" else None
    if shift is not None:
        await request.show(view.confirm_day_screen(day, value, shift, localizer))
        return
    done = await rounds.decide_day(day, decided, request.member.as_organiser)
    notice = None if done else localizer.text("desk-day-over")
    screen = await _days(rounds, context, localizer)
    switched = desk_data("day", value=day.isoformat())
    await request.show(settling(screen, localizer.now, switched), notice, alert=not done)


async def _days(rounds: Rounds, context: ServiceContext, localizer: Localizer) -> Screen:
    return view.days_screen(await rounds.coming_days(DAYS), localizer.time(context.rules.opens_at), localizer)


@router.callback_query(DeskCallback.filter(F.do == "gift"))
async def ask_grant(query: CallbackQuery, state: FSMContext, request: Request) -> None:
    """🎁 Ask for the member, the number and the reason."""
    await state.set_state(GrantStates.gift)
    await request.show(view.grant_screen(request.localizer, "desk-grant-ask"))


@router.message(StateFilter(GrantStates.gift), PlainWords())
async def grant_written(message: Message, state: FSMContext, request: Request, people: People) -> None:
    """Read a member's ID, or a gift's number, how many ballots, and a reason; ask again for anything else. One message
    grants once."""
    written, localizer = clean(message.text or ""), request.localizer
    correction = _CORRECTION.fullmatch(written)
    match = correction or _GIFT.fullmatch(written)
    number = int(match[2]) if match else 0
    if match is None or not (0 if correction else 1) <= number <= MAX_GRANT:
        await request.send(view.grant_screen(localizer, "desk-grant-bad", most=MAX_GRANT))
        return
    by, key = request.member.as_organiser, f"desk:{request.member.id}:{message.message_id}"
    if correction:
        done = await people.correct_grant(int(match[1]), number, match[3], by)
    else:
        done = await people.grant_ballots(int(match[1]), number, match[3], by, key)
    await request.send(view.granted_screen(done, str(int(match[1])), localizer))
    if isinstance(done, Granted):  # last: a message that is handled again must find its question
        await state.clear()
