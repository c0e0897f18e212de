"""📨 on the desk: campaigns, to pause, resume, cancel or ⭐ pay for, and to release after a restore (R24, R26, R27)."""

from __future__ import annotations

from collections.abc import Collection

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.campaigns import PAUSE, RESUME, CampaignState
from handlers.callbacks import DeskCallback, settling
from handlers.desk.menu import PAGE, ForOrganisers, desk_now
from handlers.messenger import Request
from handlers.views import campaigns as view
from services.campaigns import Campaign, Campaigns
from services.notifications.outbox import Outbox
from services.rounds import Rounds

_LOOKS = {"send", "stop"}
"""Buttons that show a campaign without a change."""

_AFTER: dict[str, Collection[CampaignState]] = {"pause": RESUME, "resume": PAUSE, "stop!": ()}
"""States in which a second tap finds what the first one has done."""

router = Router(name="campaigns")
router.callback_query.filter(ForOrganisers())


@router.callback_query(DeskCallback.filter(F.do == "sends"))
async def latest(query: CallbackQuery, callback_data: DeskCallback, request: Request, campaigns: Campaigns) -> None:
    """Campaigns, a page of them."""
    page = callback_data.page
    found = await campaigns.latest(PAGE + 1, page * PAGE)
    await request.show(view.campaigns_screen(found[:PAGE], page, len(found) > PAGE, request.localizer))


@router.callback_query(DeskCallback.filter(F.do.in_(_LOOKS)))
async def one(query: CallbackQuery, callback_data: DeskCallback, request: Request, campaigns: Campaigns) -> None:
    """One campaign with its state; `stop` asks for confirmation before it is cancelled."""
    campaign, confirm = await campaigns.one(callback_data.item), callback_data.do == "stop"
    late = confirm and campaign is not None and campaign.finished
    await _show(request, callback_data, campaign, too_late=late, confirm=confirm)


@router.callback_query(DeskCallback.filter(F.do.in_({"pause", "resume", "stop!"})))
async def steer(query: CallbackQuery, callback_data: DeskCallback, request: Request, campaigns: Campaigns) -> None:
    """Pause, resume, or cancel what has not been sent. A tap that comes too late changes nothing and says so."""
    act = {"pause": campaigns.pause, "resume": campaigns.resume, "stop!": campaigns.cancel}[callback_data.do]
    done = await act(callback_data.item)
    campaign = await campaigns.one(callback_data.item)
    done_before = campaign is not None and not campaign.finished and campaign.state in _AFTER[callback_data.do]
    await _show(request, callback_data, campaign, too_late=not (done or done_before))


@router.callback_query(DeskCallback.filter(F.do == "star"))
async def ask_to_pay(query: CallbackQuery, callback_data: DeskCallback, request: Request, campaigns: Campaigns) -> None:
    """⭐ The price of sending everything in time; nothing is paid before the second tap (R24)."""
    campaign = await campaigns.one(callback_data.item)
    if campaign is None:
        await request.answer()
        return
    balance = await request.messenger.stars() if campaign.offer is not None else 0
    await request.show(view.stars_screen(campaign, callback_data.page, balance, request.localizer))


@router.callback_query(DeskCallback.filter(F.do == "star!"))
async def pay(query: CallbackQuery, callback_data: DeskCallback, request: Request, campaigns: Campaigns) -> None:
    """Pay for what waits, for as many messages as the button says and never for more."""
    messages = int(callback_data.value) if callback_data.value.isdecimal() else 0
    done = await campaigns.pay(callback_data.item, messages, request.member.as_organiser)
    await _show(request, callback_data, await campaigns.one(callback_data.item), too_late=not done)


async def _show(
    request: Request, at: DeskCallback, campaign: Campaign | None, *, too_late: bool, confirm: bool = False
) -> None:
    notice = view.too_late(campaign, request.localizer) if too_late else None
    if campaign is None:
        await request.answer(notice)
    else:
        screen = view.campaign_screen(campaign, at.page, request.localizer, confirm_cancel=confirm)
        if at.do not in _LOOKS:
            screen = settling(screen, request.localizer.now, "k1:pause:", "k1:resume:")
        await request.show(screen, notice)


@router.callback_query(DeskCallback.filter(F.do == "go"))
async def release(query: CallbackQuery, request: Request, campaigns: Campaigns, rounds: Rounds, outbox: Outbox) -> None:
    """Release everything that is held since the database was restored."""
    await campaigns.end_hold()
    screen = await desk_now(rounds, outbox, campaigns, request.localizer)
    await request.show(screen, request.localizer.text("desk-gone"))
