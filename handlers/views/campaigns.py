"""Campaigns: their progress, and the buttons that control them (R24, R26, R27)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor

from domain.call_outcomes import CallOutcome
from domain.campaigns import (
    CANCEL,
    LEAST_STARS,
    PAUSE,
    RESUME,
    UNREACHABLE_IN_A_ROW,
    CampaignState,
    Tally,
    UnsentReason,
)
from domain.notifications import ABOUT_A_GROUP, ABOUT_AN_ITEM, NotificationKind, NotificationState
from handlers.callbacks import action, back_row, desk_data, desk_row, open_pager
from handlers.localization import Localizer
from handlers.screen import Button, Row, Screen
from handlers.views.mine import short
from services.campaigns import Campaign

_NAMED = {
    *ABOUT_A_GROUP,
    *ABOUT_AN_ITEM,
    NotificationKind.ITEM_RELISTED,
    NotificationKind.CAROUSEL,
}
SHOWN_AS = {
    CampaignState.PAUSED_QUEUED: CampaignState.PAUSED,
    CampaignState.RESUMING: CampaignState.WAITING,
    CampaignState.RESUMING_QUEUED: CampaignState.QUEUED,
    CampaignState.CANCELLING: CampaignState.CANCELLED,
    CampaignState.EXPIRING: CampaignState.EXPIRED,
}
"""The state that is shown in place of one that lasts a moment."""
_BAR = 10


def _kind(campaign: Campaign, localizer: Localizer) -> str:
    kind = campaign.kind.value if campaign.kind in _NAMED else "other"
    title = short(campaign.title(localizer.language))
    return localizer.text(f"campaign-kind-{kind}", title=title, day=localizer.brief(campaign.due_at))


def _is_moved(campaign: Campaign) -> bool:
    """Whether its group had another time before: other campaigns are numbered for other reasons."""
    return campaign.kind in ABOUT_A_GROUP and campaign.revision > 1


def _name(campaign: Campaign, localizer: Localizer) -> str:
    name = _kind(campaign, localizer)
    if not _is_moved(campaign):
        return name
    return localizer.text("campaign-moved", name=name, number=campaign.revision)


def _label(campaign: Campaign, localizer: Localizer) -> str:
    """The name for a button, whose end a phone cuts: what tells the alerts of a moved group apart comes first."""
    name = _kind(campaign, localizer)
    if not _is_moved(campaign):
        return name
    return localizer.text("campaign-moved-label", name=name, number=campaign.revision)


def _state(campaign: Campaign, localizer: Localizer) -> str:
    if campaign.finished:
        late = campaign.tally.states.get(NotificationState.EXPIRED, 0)
        if campaign.untold:
            return localizer.text("campaign-state-expired")
        return (
            localizer.text("campaign-finished-late", number=late) if late else localizer.text("campaign-state-finished")
        )
    state = SHOWN_AS.get(campaign.state, campaign.state)
    return localizer.text(f"campaign-state-{state.value}", due=localizer.moment(campaign.due_at))


def campaigns_screen(found: Sequence[Campaign], page: int, more: bool, localizer: Localizer) -> Screen:
    """Recent campaigns, the latest first, each with its state."""
    if not found:
        return Screen(localizer.html("campaigns-none"), (desk_row(localizer),))
    lines = [
        localizer.html("campaigns-line", name=_name(campaign, localizer), state=_state(campaign, localizer))
        for campaign in found
    ]
    rows: list[Row] = [
        (Button(_label(campaign, localizer), data=desk_data("send", campaign.id, page)),) for campaign in found
    ]
    rows += open_pager(page, more, lambda number: desk_data("sends", page=number))
    rows.append(desk_row(localizer))
    return Screen(localizer.html("campaigns") + "\n\n" + "\n".join(lines), tuple(rows))


def campaign_screen(campaign: Campaign, page: int, localizer: Localizer, *, confirm_cancel: bool = False) -> Screen:
    """One campaign: the states of its notifications, its progress, its estimated end, and what can be done.

    `confirm_cancel` asks whether it shall be cancelled, where that is still possible.
    """
    text = "\n\n".join(_progress(campaign, localizer))
    if confirm_cancel and _stoppable(campaign):
        yes = action(localizer, "button-really-cancel", desk_data("stop!", campaign.id, page), style="danger")
        text += "\n\n" + localizer.html("campaign-ask-cancel")
        return Screen(text, ((yes,), back_row(localizer, "send", campaign.id, page)))
    return Screen(text, (*_controls(campaign, page, localizer), back_row(localizer, "sends", page=page)))


def _progress(campaign: Campaign, localizer: Localizer) -> Iterator[str]:
    tally = campaign.tally
    yield localizer.html("campaign", name=_name(campaign, localizer), state=_state(campaign, localizer))
    if tally.total:
        yield _numbers(tally, localizer)
    elif campaign.audience is not None:
        yield localizer.html("campaign-reaches", number=campaign.audience)
    reasons = [why for why in UnsentReason if why in tally.unsent]
    if reasons:
        yield "\n".join(localizer.html(f"campaign-unsent-{why.value}", number=tally.unsent[why]) for why in reasons)
    if campaign.stopped_by is not None:
        unreachable = campaign.stopped_for is CallOutcome.UNREACHABLE
        key = "campaign-stopped-by-unreachable" if unreachable else "campaign-stopped-by"
        yield localizer.html(key, **_why(campaign))
    if campaign.paid_for is not None:
        yield localizer.html("campaign-paid", stars=stars_of(campaign.paid_for, localizer))
    if campaign.ends_at is not None:
        yield localizer.html("campaign-ends", moment=localizer.moment(campaign.ends_at))
    if (offer := campaign.offer) is not None:
        yield localizer.html("campaign-late", number=offer.late, moment=localizer.moment(offer.until))


def _stoppable(campaign: Campaign) -> bool:
    return campaign.state in CANCEL and not campaign.finished


def _controls(campaign: Campaign, page: int, localizer: Localizer) -> Iterator[Row]:
    if campaign.offer is not None:
        label = localizer.text("button-stars", stars=stars_of(campaign.offer.messages, localizer))
        yield (Button(label, data=desk_data("star", campaign.id, page)),)
    if campaign.state in PAUSE and _stoppable(campaign):
        yield (action(localizer, "button-pause", desk_data("pause", campaign.id, page)),)
    elif campaign.state in RESUME:
        yield (action(localizer, "button-resume", desk_data("resume", campaign.id, page)),)
    if _stoppable(campaign):
        yield (action(localizer, "button-cancel", desk_data("stop", campaign.id, page)),)
    yield (action(localizer, "button-refresh", desk_data("send", campaign.id, page)),)


def _numbers(tally: Tally, localizer: Localizer) -> str:
    return localizer.html(
        "campaign-numbers",
        bar="█" * floor(tally.done * _BAR) + "░" * (_BAR - floor(tally.done * _BAR)),
        percent=floor(tally.done * 100),
        total=tally.total,
        queued=tally.waiting,
        paused=tally.paused,
        sent=tally.states.get(NotificationState.SENT, 0),
        unknown=tally.states.get(NotificationState.UNKNOWN, 0),
        expired=tally.states.get(NotificationState.EXPIRED, 0),
        cancelled=tally.states.get(NotificationState.CANCELLED, 0),
        refused=tally.states.get(NotificationState.DEAD, 0),
        unsent=tally.states.get(NotificationState.SUPPRESSED, 0),
    )


def too_late(campaign: Campaign | None, localizer: Localizer) -> str:
    """Why an action on a campaign came too late, as the answer to a tap."""
    finished = campaign is not None and campaign.finished
    return localizer.text("campaign-finished-already" if finished else "campaign-too-late")


def stars_screen(campaign: Campaign, page: int, balance: int, localizer: Localizer) -> Screen:
    """The price of sending everything in time, for confirmation; or why it cannot be paid."""
    back = back_row(localizer, "send", campaign.id, page)
    offer = campaign.offer
    if offer is None:
        return Screen(localizer.html("campaign-no-offer"), (back,))
    name, stars = _name(campaign, localizer), stars_of(offer.messages, localizer)
    if balance < max(LEAST_STARS, offer.stars):
        needed = localizer.number(max(LEAST_STARS, ceil(offer.stars)))
        return Screen(localizer.html("campaign-few-stars", needed=needed, balance=localizer.number(balance)), (back,))
    text = localizer.html(
        "campaign-ask-stars",
        name=name,
        number=offer.messages,
        stars=stars,
        late=offer.late,
        until=localizer.moment(offer.until),
        ends=localizer.moment(offer.ends_at),
        balance=localizer.number(balance),
    )
    data = desk_data("star!", campaign.id, page, str(offer.messages))
    yes = Button(localizer.text("button-really-stars", stars=stars), data=data, style="primary")
    return Screen(text, ((yes,), back))


def stars_of(messages: int, localizer: Localizer) -> str:
    """The maximum price of so many messages in Stars: a tenth each."""
    whole = localizer.number(messages // 10)
    return f"{whole}.{messages % 10}" if messages % 10 else whole


def stopped_screen(campaign: Campaign, localizer: Localizer) -> Screen:
    """Telegram's refusals have stopped a campaign: the reason, and what an organiser can do."""
    key = "campaign-stopped"
    if campaign.stopped_for is CallOutcome.UNREACHABLE:
        key = "campaign-stopped-unreachable"
    elif campaign.stopped_for is not None and campaign.stopped_for.concerns_content:
        key = "campaign-stopped-content"
    text = localizer.html(key, name=_name(campaign, localizer), **_why(campaign))
    return Screen(
        text,
        (
            (action(localizer, "button-campaign", desk_data("send", campaign.id), style="primary"),),
            (
                action(localizer, "button-resume", desk_data("resume", campaign.id)),
                action(localizer, "button-cancel", desk_data("stop", campaign.id)),
            ),
        ),
    )


def _why(campaign: Campaign) -> dict[str, str | int]:
    return {"reason": _description(campaign.stopped_by or ""), "number": UNREACHABLE_IN_A_ROW}


def _description(reason: str) -> str:
    """Telegram's description within a stored reason."""
    return reason.partition(" - ")[2] or reason
