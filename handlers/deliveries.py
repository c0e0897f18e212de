"""📨 on the desk: what is being sent, and pausing, resuming, cancelling it or ⭐ paying for it; ▶️ after a restore (R24,
R26, R27)."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.people import Member
from handlers import callbacks as tap
from handlers.desk import PAGE, ForOrganisers, desk_now
from handlers.stage import Stage
from handlers.views import deliveries as view
from handlers.words import Speech
from services.deliveries import Deliveries, Delivery
from services.outbox import Outbox
from services.rounds import Rounds

router = Router(name="deliveries")
router.callback_query.filter(ForOrganisers())


@router.callback_query(tap.Desk.filter(F.do == "sends"))
async def latest(
    query: CallbackQuery, callback_data: tap.Desk, speech: Speech, stage: Stage, deliveries: Deliveries
) -> None:
    """The campaigns of these days, the latest first."""
    page = max(0, callback_data.page)
    found = await deliveries.latest(PAGE + 1, page * PAGE)
    await stage.answer(query)
    await stage.redraw(query, view.deliveries_screen(found[:PAGE], page, len(found) > PAGE, speech))


@router.callback_query(tap.Desk.filter(F.do.in_({"send", "stop"})))
async def one(
    query: CallbackQuery, callback_data: tap.Desk, speech: Speech, stage: Stage, deliveries: Deliveries
) -> None:
    """One campaign as it stands; before it is cancelled it is asked for once more."""
    delivery = await deliveries.one(callback_data.item)
    late = callback_data.do == "stop" and delivery is not None and delivery.through
    await stage.answer(query, view.nothing_left(delivery, speech) if late else None)
    await _show(query, callback_data, delivery, speech, stage, sure=callback_data.do != "stop")


@router.callback_query(tap.Desk.filter(F.do.in_({"pause", "resume", "stop!"})))
async def steer(
    query: CallbackQuery, callback_data: tap.Desk, speech: Speech, stage: Stage, deliveries: Deliveries
) -> None:
    """Pause, go on, or give up what has not left. A tap that comes too late changes nothing and says so."""
    act = {"pause": deliveries.pause, "resume": deliveries.resume, "stop!": deliveries.cancel}[callback_data.do]
    done = await act(callback_data.item)
    delivery = await deliveries.one(callback_data.item)
    await stage.answer(query, None if done else view.nothing_left(delivery, speech))
    await _show(query, callback_data, delivery, speech, stage)


@router.callback_query(tap.Desk.filter(F.do == "star"))
async def ask_to_pay(
    query: CallbackQuery, callback_data: tap.Desk, speech: Speech, stage: Stage, deliveries: Deliveries
) -> None:
    """⭐ What it costs to tell everybody in time; nothing is paid before the second tap (R24)."""
    await stage.answer(query)
    delivery = await deliveries.one(callback_data.item)
    if delivery is not None:
        balance = await stage.stars() if delivery.offer is not None else 0
        await stage.redraw(query, view.stars_screen(delivery, callback_data.page, balance, speech))


@router.callback_query(tap.Desk.filter(F.do == "star!"))
async def pay(
    query: CallbackQuery,
    callback_data: tap.Desk,
    member: Member,
    speech: Speech,
    stage: Stage,
    deliveries: Deliveries,
) -> None:
    """Pay for what waits, for as many messages as the button says and never for more."""
    messages = int(callback_data.value) if callback_data.value.isdecimal() else 0
    done = await deliveries.pay(callback_data.item, messages, f"organiser {member.id}")
    delivery = await deliveries.one(callback_data.item)
    await stage.answer(query, None if done else view.nothing_left(delivery, speech))
    await _show(query, callback_data, delivery, speech, stage)


async def _show(
    query: CallbackQuery, at: tap.Desk, delivery: Delivery | None, speech: Speech, stage: Stage, *, sure: bool = True
) -> None:
    if delivery is not None:
        await stage.redraw(query, view.delivery_screen(delivery, at.page, speech, sure=sure))


@router.callback_query(tap.Desk.filter(F.do == "go"))
async def go(
    query: CallbackQuery, speech: Speech, stage: Stage, deliveries: Deliveries, rounds: Rounds, outbox: Outbox
) -> None:
    """Let go of what is held since the database was restored."""
    await deliveries.go()
    await stage.answer(query, speech.plain("desk-gone"))
    await stage.redraw(query, await desk_now(rounds, outbox, deliveries, speech))
