"""What is being sent, campaign by campaign, and how an organiser steers it (R24, R26, R27)."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

from domain.alerts import ABOUT_A_GROUP, Kind
from domain.deliveries import CANCEL, LEAST_STARS, PAUSE, RESUME, Stage, Tally, Unsent
from handlers import callbacks as tap
from handlers.screen import Button, Row, Screen
from handlers.views.mine import short
from handlers.words import Speech
from services.deliveries import Delivery

_NAMED = {*ABOUT_A_GROUP, Kind.ITEM_BACK, Kind.ITEM_OUT, Kind.ITEM_LAPSED, Kind.CAROUSEL}
STAGES = {
    Stage.PAUSED_QUEUED: Stage.PAUSED,
    Stage.RESUMING: Stage.WAITING,
    Stage.RESUMING_QUEUED: Stage.QUEUED,
    Stage.CANCELLING: Stage.CANCELLED,
    Stage.EXPIRING: Stage.EXPIRED,
}
"""What stages that last a moment are called."""
_BAR = 10


def _do(do: str, campaign: int = 0, page: int = 0) -> str:
    return tap.Desk(do=do, item=campaign, page=page).pack()


def _home(speech: Speech) -> Row:
    return (Button(speech.plain("button-desk"), data=_do("desk")),)


def _name(delivery: Delivery, speech: Speech) -> str:
    kind = delivery.kind.value if delivery.kind in _NAMED else "other"
    title = short(delivery.title(speech.language))
    name = speech.plain(f"delivery-kind-{kind}", title=title, day=speech.moment(delivery.due_at))
    if delivery.revision == 1:
        return name
    return speech.plain("delivery-moved", name=name, number=delivery.revision)


def _stage(delivery: Delivery, speech: Speech) -> str:
    if delivery.through:
        return speech.plain("delivery-stage-through")
    stage = STAGES.get(delivery.stage, delivery.stage)
    return speech.plain(f"delivery-stage-{stage.value}", due=speech.moment(delivery.due_at))


def deliveries_screen(found: Sequence[Delivery], page: int, more: bool, speech: Speech) -> Screen:
    """The campaigns of these days, the latest first, each with where it stands."""
    if not found:
        return Screen(speech.t("deliveries-none"), (_home(speech),))
    lines = [
        speech.t("deliveries-line", name=_name(delivery, speech), stage=_stage(delivery, speech)) for delivery in found
    ]
    rows: list[Row] = [(Button(_name(delivery, speech), data=_do("send", delivery.id, page)),) for delivery in found]
    turn: list[Button] = []
    if page:
        turn.append(Button("◀️", data=_do("sends", page=page - 1)))
    if more:
        turn.append(Button("▶️", data=_do("sends", page=page + 1)))
    if turn:
        rows.append(tuple(turn))
    rows.append(_home(speech))
    return Screen(speech.t("deliveries") + "\n\n" + "\n".join(lines), tuple(rows))


def delivery_screen(delivery: Delivery, page: int, speech: Speech, *, sure: bool = True) -> Screen:
    """One campaign: what became of its letters, how far it is, when it will be through, and what can be done.

    Not `sure`: whether it shall really be cancelled is asked for, where that still can be.
    """
    tally = delivery.tally
    parts = [speech.t("delivery", name=_name(delivery, speech), stage=_stage(delivery, speech))]
    if tally.total:
        parts.append(_numbers(tally, speech))
    elif delivery.reaches is not None:
        parts.append(speech.t("delivery-reaches", number=delivery.reaches))
    reasons = [
        speech.t(f"delivery-unsent-{why.value}", number=tally.unsent[why]) for why in Unsent if why in tally.unsent
    ]
    if reasons:
        parts.append("\n".join(reasons))
    if delivery.stopped_by is not None:
        parts.append(speech.t("delivery-stopped-by", reason=_said(delivery.stopped_by)))
    if delivery.paid_for is not None:
        parts.append(speech.t("delivery-paid", stars=stars_of(delivery.paid_for, speech)))
    if delivery.ends_at is not None:
        parts.append(speech.t("delivery-ends", moment=speech.moment(delivery.ends_at)))
    rows: list[Row] = []
    if (offer := delivery.offer) is not None:
        parts.append(speech.t("delivery-late", number=offer.late, moment=speech.moment(offer.until)))
        button = speech.plain("button-stars", stars=stars_of(offer.messages, speech))
        rows.append((Button(button, data=_do("star", delivery.id, page)),))
    stoppable = delivery.stage in CANCEL and not delivery.through
    if not sure and stoppable:
        rows.clear()
        parts.append(speech.t("delivery-ask-cancel"))
        rows.append(
            (Button(speech.plain("button-really-cancel"), data=_do("stop!", delivery.id, page), style="danger"),)
        )
        rows.append((Button(speech.plain("button-back"), data=_do("send", delivery.id, page)),))
        return Screen("\n\n".join(parts), tuple(rows))
    if delivery.stage in PAUSE and stoppable:
        rows.append((Button(speech.plain("button-pause"), data=_do("pause", delivery.id, page)),))
    elif delivery.stage in RESUME:
        rows.append((Button(speech.plain("button-resume"), data=_do("resume", delivery.id, page)),))
    if stoppable:
        rows.append((Button(speech.plain("button-cancel"), data=_do("stop", delivery.id, page)),))
    rows.append((Button(speech.plain("button-refresh"), data=_do("send", delivery.id, page)),))
    rows.append((Button(speech.plain("button-back"), data=_do("sends", page=page)),))
    return Screen("\n\n".join(parts), tuple(rows))


def _numbers(tally: Tally, speech: Speech) -> str:
    """What became of the letters that were queued."""
    return speech.t(
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


def nothing_left(delivery: Delivery | None, speech: Speech) -> str:
    """Why a delivery could not be steered, for a callback's answer."""
    through = delivery is not None and delivery.through
    return speech.plain("delivery-through-already" if through else "delivery-too-late")


def stars_screen(delivery: Delivery, page: int, balance: int, speech: Speech) -> Screen:
    """What it costs to tell everybody in time, asked before anything is paid; or why it cannot be paid for."""
    back: Row = (Button(speech.plain("button-back"), data=_do("send", delivery.id, page)),)
    offer = delivery.offer
    if offer is None:
        return Screen(speech.t("delivery-no-offer"), (back,))
    name, stars = _name(delivery, speech), stars_of(offer.messages, speech)
    if balance < max(LEAST_STARS, offer.stars):
        needed = speech.number(max(LEAST_STARS, ceil(offer.stars)))
        return Screen(speech.t("delivery-few-stars", needed=needed, balance=speech.number(balance)), (back,))
    text = speech.t(
        "delivery-ask-stars",
        name=name,
        number=offer.messages,
        stars=stars,
        late=offer.late,
        until=speech.moment(offer.until),
        ends=speech.moment(offer.ends_at),
        balance=speech.number(balance),
    )
    data = tap.Desk(do="star!", item=delivery.id, page=page, value=str(offer.messages)).pack()
    yes = Button(speech.plain("button-really-stars", stars=stars), data=data, style="primary")
    return Screen(text, ((yes,), back))


def stars_of(messages: int, speech: Speech) -> str:
    """What so many messages cost at most, in Stars: a tenth each."""
    whole = speech.number(messages // 10)
    return f"{whole}.{messages % 10}" if messages % 10 else whole


def stopped_letter(delivery: Delivery, speech: Speech) -> Screen:
    """Tells an organiser that Telegram's refusals have stopped a delivery: why, and what can be done."""
    text = speech.t("delivery-stopped", name=_name(delivery, speech), reason=_said(delivery.stopped_by or ""))
    return Screen(
        text,
        (
            (Button(speech.plain("button-delivery"), data=_do("send", delivery.id), style="primary"),),
            (
                Button(speech.plain("button-resume"), data=_do("resume", delivery.id)),
                Button(speech.plain("button-cancel"), data=_do("stop", delivery.id)),
            ),
        ),
    )


def _said(reason: str) -> str:
    """Telegram's own words of a stored reason."""
    return reason.partition(" - ")[2] or reason
