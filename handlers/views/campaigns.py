"""What is being sent, campaign by campaign, and how an organiser steers it (R24, R26, R27)."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

from domain.campaigns import CANCEL, LEAST_STARS, PAUSE, RESUME, CampaignState, Tally, UnsentReason
from domain.notifications import ABOUT_A_GROUP, NotificationKind
from handlers import callbacks
from handlers.localization import Localizer
from handlers.screen import Button, Row, Screen, action, open_pager
from handlers.views.mine import short
from services.campaigns import Campaign

_NAMED = {
    *ABOUT_A_GROUP,
    NotificationKind.ITEM_RELISTED,
    NotificationKind.ITEM_REJECTED,
    NotificationKind.ITEM_EXPIRED,
    NotificationKind.CAROUSEL,
}
STAGES = {
    CampaignState.PAUSED_QUEUED: CampaignState.PAUSED,
    CampaignState.RESUMING: CampaignState.WAITING,
    CampaignState.RESUMING_QUEUED: CampaignState.QUEUED,
    CampaignState.CANCELLING: CampaignState.CANCELLED,
    CampaignState.EXPIRING: CampaignState.EXPIRED,
}
"""What stages that last a moment are called."""
_BAR = 10


def _do(do: str, campaign: int = 0, page: int = 0) -> str:
    return callbacks.DeskCallback(do=do, item=campaign, page=page).pack()


def _home(localizer: Localizer) -> Row:
    return (action(localizer, "button-desk", _do("desk")),)


def _name(delivery: Campaign, localizer: Localizer) -> str:
    kind = delivery.kind.value if delivery.kind in _NAMED else "other"
    title = short(delivery.title(localizer.language))
    name = localizer.text(f"delivery-kind-{kind}", title=title, day=localizer.moment(delivery.due_at))
    if delivery.revision == 1:
        return name
    return localizer.text("delivery-moved", name=name, number=delivery.revision)


def _stage(delivery: Campaign, localizer: Localizer) -> str:
    if delivery.through:
        return localizer.text("delivery-stage-through")
    stage = STAGES.get(delivery.stage, delivery.stage)
    return localizer.text(f"delivery-stage-{stage.value}", due=localizer.moment(delivery.due_at))


def deliveries_screen(found: Sequence[Campaign], page: int, more: bool, localizer: Localizer) -> Screen:
    """The campaigns of these days, the latest first, each with where it stands."""
    if not found:
        return Screen(localizer.html("deliveries-none"), (_home(localizer),))
    lines = [
        localizer.html("deliveries-line", name=_name(delivery, localizer), stage=_stage(delivery, localizer))
        for delivery in found
    ]
    rows: list[Row] = [(Button(_name(delivery, localizer), data=_do("send", delivery.id, page)),) for delivery in found]
    rows += open_pager(page, more, lambda number: _do("sends", page=number))
    rows.append(_home(localizer))
    return Screen(localizer.html("deliveries") + "\n\n" + "\n".join(lines), tuple(rows))


def delivery_screen(delivery: Campaign, page: int, localizer: Localizer, *, sure: bool = True) -> Screen:
    """One campaign: what became of its letters, how far it is, when it will be through, and what can be done.

    Not `sure`: whether it shall really be cancelled is asked for, where that still can be.
    """
    tally = delivery.tally
    parts = [localizer.html("delivery", name=_name(delivery, localizer), stage=_stage(delivery, localizer))]
    if tally.total:
        parts.append(_numbers(tally, localizer))
    elif delivery.reaches is not None:
        parts.append(localizer.html("delivery-reaches", number=delivery.reaches))
    reasons = [
        localizer.html(f"delivery-unsent-{why.value}", number=tally.unsent[why])
        for why in UnsentReason
        if why in tally.unsent
    ]
    if reasons:
        parts.append("\n".join(reasons))
    if delivery.stopped_by is not None:
        parts.append(localizer.html("delivery-stopped-by", reason=_said(delivery.stopped_by)))
    if delivery.paid_for is not None:
        parts.append(localizer.html("delivery-paid", stars=stars_of(delivery.paid_for, localizer)))
    if delivery.ends_at is not None:
        parts.append(localizer.html("delivery-ends", moment=localizer.moment(delivery.ends_at)))
    rows: list[Row] = []
    if (offer := delivery.offer) is not None:
        parts.append(localizer.html("delivery-late", number=offer.late, moment=localizer.moment(offer.until)))
        button = localizer.text("button-stars", stars=stars_of(offer.messages, localizer))
        rows.append((Button(button, data=_do("star", delivery.id, page)),))
    stoppable = delivery.stage in CANCEL and not delivery.through
    if not sure and stoppable:
        rows.clear()
        parts.append(localizer.html("delivery-ask-cancel"))
        rows.append((action(localizer, "button-really-cancel", _do("stop!", delivery.id, page), style="danger"),))
        rows.append((action(localizer, "button-back", _do("send", delivery.id, page)),))
        return Screen("\n\n".join(parts), tuple(rows))
    if delivery.stage in PAUSE and stoppable:
        rows.append((action(localizer, "button-pause", _do("pause", delivery.id, page)),))
    elif delivery.stage in RESUME:
        rows.append((action(localizer, "button-resume", _do("resume", delivery.id, page)),))
    if stoppable:
        rows.append((action(localizer, "button-cancel", _do("stop", delivery.id, page)),))
    rows.append((action(localizer, "button-refresh", _do("send", delivery.id, page)),))
    rows.append((action(localizer, "button-back", _do("sends", page=page)),))
    return Screen("\n\n".join(parts), tuple(rows))


def _numbers(tally: Tally, localizer: Localizer) -> str:
    """What became of the letters that were queued."""
    return localizer.html(
        "delivery-numbers",
        bar="█" * floor(tally.done * _BAR) + "░" * (_BAR - floor(tally.done * _BAR)),
        percent=floor(tally.done * 100),
        total=tally.total,
        queued=tally.waiting,
        paused=tally.paused,
        sent=tally.states.get("sent", 0),
        unknown=tally.states.get("unknown", 0),
        expired=tally.states.get("expired", 0),
        cancelled=tally.states.get("cancelled", 0),
        refused=tally.states.get("dead", 0),
        unsent=tally.states.get("suppressed", 0),
    )


def nothing_left(delivery: Campaign | None, localizer: Localizer) -> str:
    """Why a delivery could not be steered, for a callback's answer."""
    through = delivery is not None and delivery.through
    return localizer.text("delivery-through-already" if through else "delivery-too-late")


def stars_screen(delivery: Campaign, page: int, balance: int, localizer: Localizer) -> Screen:
    """What it costs to tell everybody in time, asked before anything is paid; or why it cannot be paid for."""
    back: Row = (action(localizer, "button-back", _do("send", delivery.id, page)),)
    offer = delivery.offer
    if offer is None:
        return Screen(localizer.html("delivery-no-offer"), (back,))
    name, stars = _name(delivery, localizer), stars_of(offer.messages, localizer)
    if balance < max(LEAST_STARS, offer.stars):
        needed = localizer.number(max(LEAST_STARS, ceil(offer.stars)))
        return Screen(localizer.html("delivery-few-stars", needed=needed, balance=localizer.number(balance)), (back,))
    text = localizer.html(
        "delivery-ask-stars",
        name=name,
        number=offer.messages,
        stars=stars,
        late=offer.late,
        until=localizer.moment(offer.until),
        ends=localizer.moment(offer.ends_at),
        balance=localizer.number(balance),
    )
    data = callbacks.DeskCallback(do="star!", item=delivery.id, page=page, value=str(offer.messages)).pack()
    yes = Button(localizer.text("button-really-stars", stars=stars), data=data, style="primary")
    return Screen(text, ((yes,), back))


def stars_of(messages: int, localizer: Localizer) -> str:
    """What so many messages cost at most, in Stars: a tenth each."""
    whole = localizer.number(messages // 10)
    return f"{whole}.{messages % 10}" if messages % 10 else whole


def stopped_letter(delivery: Campaign, localizer: Localizer) -> Screen:
    """Tells an organiser that Telegram's refusals have stopped a delivery: why, and what can be done."""
    text = localizer.html("delivery-stopped", name=_name(delivery, localizer), reason=_said(delivery.stopped_by or ""))
    return Screen(
        text,
        (
            (action(localizer, "button-delivery", _do("send", delivery.id), style="primary"),),
            (
                action(localizer, "button-resume", _do("resume", delivery.id)),
                action(localizer, "button-cancel", _do("stop", delivery.id)),
            ),
        ),
    )


def _said(reason: str) -> str:
    """Telegram's own words of a stored reason."""
    return reason.partition(" - ")[2] or reason
