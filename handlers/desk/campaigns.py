"""📨 on the desk: what is being sent, and pausing, resuming, cancelling it or ⭐ paying for it; ▶️ after a restore (R24,
R26, R27)."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.people import Member
from handlers import callbacks
from handlers.desk.menu import PAGE, ForOrganisers, desk_now
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.views import campaigns as view
from services.campaigns import Campaign, Campaigns
from services.notifications.outbox import Outbox
from services.rounds import Rounds

router = Router(name="campaigns")
router.callback_query.filter(ForOrganisers())


@router.callback_query(callbacks.DeskCallback.filter(F.do == "sends"))
async def latest(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    localizer: Localizer,
    messenger: Messenger,
    campaigns: Campaigns,
) -> None:
    """The campaigns of these days, the latest first."""
    page = max(0, callback_data.page)
    found = await campaigns.latest(PAGE + 1, page * PAGE)
    await messenger.answer(query)
    await messenger.edit(query, view.campaigns_screen(found[:PAGE], page, len(found) > PAGE, localizer))


@router.callback_query(callbacks.DeskCallback.filter(F.do.in_({"send", "stop"})))
async def one(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    localizer: Localizer,
    messenger: Messenger,
    campaigns: Campaigns,
) -> None:
    """One campaign as it stands; before it is cancelled it is asked for once more."""
    campaign = await campaigns.one(callback_data.item)
    late = callback_data.do == "stop" and campaign is not None and campaign.through
    await messenger.answer(query, view.nothing_left(campaign, localizer) if late else None)
    await _show(query, callback_data, campaign, localizer, messenger, sure=callback_data.do != "stop")


@router.callback_query(callbacks.DeskCallback.filter(F.do.in_({"pause", "resume", "stop!"})))
async def steer(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    localizer: Localizer,
    messenger: Messenger,
    campaigns: Campaigns,
) -> None:
    """Pause, go on, or give up what has not left. A tap that comes too late changes nothing and says so."""
    act = {"pause": campaigns.pause, "resume": campaigns.resume, "stop!": campaigns.cancel}[callback_data.do]
    done = await act(callback_data.item)
    campaign = await campaigns.one(callback_data.item)
    await messenger.answer(query, None if done else view.nothing_left(campaign, localizer))
    await _show(query, callback_data, campaign, localizer, messenger)


@router.callback_query(callbacks.DeskCallback.filter(F.do == "star"))
async def ask_to_pay(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    localizer: Localizer,
    messenger: Messenger,
    campaigns: Campaigns,
) -> None:
    """⭐ What it costs to tell everybody in time; nothing is paid before the second tap (R24)."""
    await messenger.answer(query)
    campaign = await campaigns.one(callback_data.item)
    if campaign is not None:
        balance = await messenger.stars() if campaign.offer is not None else 0
        await messenger.edit(query, view.stars_screen(campaign, callback_data.page, balance, localizer))


@router.callback_query(callbacks.DeskCallback.filter(F.do == "star!"))
async def pay(
    query: CallbackQuery,
    callback_data: callbacks.DeskCallback,
    member: Member,
    localizer: Localizer,
    messenger: Messenger,
    campaigns: Campaigns,
) -> None:
    """Pay for what waits, for as many messages as the button says and never for more."""
    messages = int(callback_data.value) if callback_data.value.isdecimal() else 0
    done = await campaigns.pay(callback_data.item, messages, f"organiser {member.id}")
    campaign = await campaigns.one(callback_data.item)
    await messenger.answer(query, None if done else view.nothing_left(campaign, localizer))
    await _show(query, callback_data, campaign, localizer, messenger)


async def _show(
    query: CallbackQuery,
    at: callbacks.DeskCallback,
    campaign: Campaign | None,
    localizer: Localizer,
    messenger: Messenger,
    *,
    sure: bool = True,
) -> None:
    if campaign is not None:
        await messenger.edit(query, view.campaign_screen(campaign, at.page, localizer, sure=sure))


@router.callback_query(callbacks.DeskCallback.filter(F.do == "go"))
async def go(
    query: CallbackQuery,
    localizer: Localizer,
    messenger: Messenger,
    campaigns: Campaigns,
    rounds: Rounds,
    outbox: Outbox,
) -> None:
    """Let go of what is held since the database was restored."""
    await campaigns.go()
    await messenger.answer(query, localizer.text("desk-gone"))
    await messenger.edit(query, await desk_now(rounds, outbox, campaigns, localizer))
