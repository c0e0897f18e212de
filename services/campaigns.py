"""Campaigns: queueing their notifications, and how organisers see and control them (R24, R26, R27)."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.call_outcomes import CallOutcome
from domain.campaigns import (
    CANCEL,
    ENDS_IN,
    EXPIRE,
    HELD_BACK,
    NOTIFICATIONS_BECOME,
    PAUSE,
    RESUME,
    CampaignState,
    PaidOffer,
    RefusalRun,
    Tally,
    UnsentReason,
    estimated_end,
    offered,
    unsent_reason,
)
from domain.notifications import (
    ABOUT_A_GROUP,
    ABOUT_AN_ITEM,
    FOR_CHATS,
    NEWS_FOR,
    NOT_BEGUN,
    PRIORITY,
    NotificationKind,
    NotificationState,
)
from domain.people import PICKS
from services.context import ServiceContext
from services.set_back import SetBack
from storage import campaigns, groups, items, key_values, notifications, people
from storage.campaigns import StoredCampaign
from storage.db.errors import DatabaseUnavailable
from storage.notifications import ClaimedNotification, of_campaign
from storage.notifications.of_campaign import NotificationCount

BATCH = 500
"""Notifications moved in one transaction: few enough that taps hardly wait."""
QUEUE_BATCH = 1_000
"""Notifications queued in one transaction: few enough that taps hardly wait, enough for a million in a minute."""
BATCHES = 6
"""Transactions per tap, and per tick while there is more, so that neither the tap nor the rounds wait."""
EXPIRED_AT_ONCE = 200
EXPIRING_BATCHES = 40
"""Transactions per tick that expire overdue notifications, so many in each."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as an organiser sees it.

    `ends_at` is an estimate; None where nothing waits, and in lists. `stopped_by` is the refusal of Telegram's that
    paused it, and `stopped_for` its kind; None where an organiser did, or where it goes on. `paid_for` is the number of
    messages paid for, and `offer` what may be paid for. `revision` counts the times that were set for its group.
    `finished`: all is queued and nothing is left to stop; `untold`: by then all of it came too late. `audience` is the
    number of people it will reach; None once some are queued, and where it is not known.
    """

    id: int
    kind: NotificationKind
    state: CampaignState
    due_at: datetime
    title_zh: str
    title_en: str
    tally: Tally = field(default_factory=Tally)
    ends_at: datetime | None = None
    stopped_by: str | None = None
    stopped_for: CallOutcome | None = None
    paid_for: int | None = None
    offer: PaidOffer | None = None
    revision: int = 1
    finished: bool = False
    audience: int | None = None
    untold: bool = False

    def title(self, language: str) -> str:
        """The title of the good that it is about; empty for a round's carousel."""
        return (language == "en" and self.title_en) or self.title_zh


class Campaigns:
    """Use cases of campaigns."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._set_back = SetBack(context)
        self._refusals: dict[tuple[NotificationKind, int, int], RefusalRun] = {}
        self._accepted_carousel = 0

    async def latest(self, most: int, skip: int = 0) -> list[Campaign]:
        """Campaigns without counts of their notifications: what began in the last day, what is to come, the others."""
        async with self._context.db.read() as connection:
            rows = await campaigns.page(connection, most, skip, self._context.clock.now())
            return [await _with_end(connection, row) for row in rows]

    async def one(self, campaign_id: int) -> Campaign | None:
        """A campaign with what became of its notifications, and the estimated end."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            row = await campaigns.one(connection, campaign_id)
            if row is None:
                return None
            tally = _tally(await of_campaign.tally(connection, row))
            untold = tally.untold and not await of_campaign.any_told(connection, row)
            ahead = await notifications.count_ahead(connection, row.kind, row.expires_at, now) if tally.waiting else 0
            starts = await of_campaign.starts(connection, row) if tally.waiting else None
            audience = await _audience(connection, row) if not tally.total else None
        rules = self._context.rules
        finished = row.state is CampaignState.QUEUED and not tally.waiting and not tally.paused
        found = replace(campaign_of(row, tally), finished=finished, audience=audience, untold=untold)
        if not tally.waiting or found.state in HELD_BACK:
            return found
        rate = rules.paid_rate if rules.paid_rate is not None and found.paid_for is not None else rules.send_rate
        offer = None
        # Only alerts, and only once all are queued: there must not be more of them than the organiser agreed to.
        payable = found.kind in ABOUT_A_GROUP and found.state is CampaignState.QUEUED and found.paid_for is None
        if rules.paid_rate is not None and payable:
            offer = offered(now, row.expires_at, tally.waiting, ahead, rules.send_rate, rules.paid_rate)
        return replace(found, ends_at=estimated_end(now, starts, tally.waiting + ahead, rate), offer=offer)

    async def pause(self, campaign_id: int) -> bool:
        """Hold a campaign's notifications back, also those still to be queued; False where none is left."""
        return await self._steer(campaign_id, PAUSE, reason=None)

    async def resume(self, campaign_id: int) -> bool:
        """Continue a paused campaign, with the notifications whose refusals stopped it; False when it is not paused."""
        return await self._steer(campaign_id, RESUME)

    async def cancel(self, campaign_id: int) -> bool:
        """Cancel what has not been sent, for good; False when the campaign is over, or all of it was sent."""
        return await self._steer(campaign_id, CANCEL)

    async def pay(self, campaign_id: int, messages: int, actor: str) -> bool:
        """Pay Stars for the waiting notifications, at most as many as the organiser has seen the price of; False where
        the offer no longer stands."""
        campaign = await self.one(campaign_id)
        if campaign is None or campaign.offer is None or campaign.offer.messages > messages:
            return False
        async with self._context.db.write() as connection:
            return await campaigns.pay(connection, campaign_id, messages, actor, self._context.clock.now())

    def accepted(self, notification: ClaimedNotification) -> None:
        """Telegram accepted a notification: earlier refusals of this campaign were not the campaign's fault."""
        if notification.kind is NotificationKind.CAROUSEL:
            self._accepted_carousel = notification.subject
        self._refusals.pop((notification.kind, notification.subject, notification.revision), None)

    async def refused(self, notification: ClaimedNotification, reason: str, outcome: CallOutcome) -> bool:
        """Count a final refusal of this process's. Where it pauses the campaign, organisers are notified, once; True
        then. `RefusalRun` says when.

        A carousel shows everyone another item: once Telegram has accepted one, a refused content is that item's.
        """
        key = (notification.kind, notification.subject, notification.revision)
        run = self._refusals.setdefault(key, RefusalRun())
        one_for_all = (notification.kind, notification.subject) != (NotificationKind.CAROUSEL, self._accepted_carousel)
        if not run.add(outcome, reason, _recipient(notification), same_for_all=one_for_all):
            return False
        stopped = await self._stop(notification, reason, outcome)
        if not outcome.chat_is_gone:
            del self._refusals[key]
        return stopped

    async def _stop(self, notification: ClaimedNotification, reason: str, outcome: CallOutcome) -> bool:
        now = self._context.clock.now()
        key = (notification.kind, notification.subject, notification.revision)
        async with self._context.db.write() as connection:
            row = await campaigns.of_notification(connection, *key)
            if row is None:  # a notification that one event has caused has no campaign
                return False
            to = PAUSE.get(row.state)
            code = CallOutcome.UNREACHABLE if outcome.chat_is_gone else outcome
            again = code is CallOutcome.UNREACHABLE and row.code == code
            if again and to is not None:  # an organiser has looked, and let it go on
                return False
            stopped = to is not None and await campaigns.change_state(
                connection, row.id, row.state, to, reason=reason, code=code
            )
            if outcome.chat_is_gone and (stopped or again):
                await self._reach_again(connection, key, now)
            if stopped:
                await self._tell_organisers(connection, row.id, now)
        if stopped and to is not None:
            await self._apply_to_notifications(row, to)
        return stopped

    async def _reach_again(
        self, connection: AsyncConnection, key: tuple[NotificationKind, int, int], now: datetime
    ) -> None:
        """Take back the marks of a run that stopped a campaign: that so many are unreachable is doubtful."""
        members = [number for number in self._refusals[key].unreachable if number > 0]
        await people.reach_again(connection, members)
        await notifications.unsuppress_members(connection, members, now)

    async def _tell_organisers(self, connection: AsyncConnection, campaign_id: int, now: datetime) -> None:
        time = await notifications.notices(connection, NotificationKind.CAMPAIGN_STOPPED, campaign_id) + 1
        kind, until = NotificationKind.CAMPAIGN_STOPPED, now + NEWS_FOR
        for member in await people.by_chats(connection, self._context.rules.organisers):
            await notifications.add_notification(connection, kind, campaign_id, time, member.id, now, until)

    async def queue_due(self, seconds: float = math.inf) -> int:
        """Queue the notifications of due campaigns, the most urgent first; returns how many.

        Campaigns of one priority alternate, a batch each, so that a small one does not wait for a large one. Each batch
        is a transaction, which stores how far the campaign has come. What is not queued after so many seconds is left
        to the next tick. A campaign that fails does not stop the others; the first error is raised at the end.
        """
        now, until = self._context.clock.now(), self._context.clock.monotonic() + seconds
        due = await self._context.db.autocommit_read(lambda connection: campaigns.due(connection, now))
        queued, failures = 0, list[Exception]()
        for _, equal in groupby(due, lambda campaign: PRIORITY[campaign.kind]):
            waiting = deque(campaign.id for campaign in equal)
            while waiting:
                campaign_id = waiting.popleft()
                try:
                    # Votes that come meanwhile are written in the same queue: they wait for one batch at most.
                    number, more = await self._context.db.batch_write(
                        partial(self._queue_some, campaign_id=campaign_id, now=now), long=True
                    )
                    queued += number
                    if more:
                        waiting.append(campaign_id)
                except DatabaseUnavailable:
                    raise
                except Exception as error:
                    failures.append(error)
                if self._context.clock.monotonic() >= until:
                    break
        if failures:
            raise failures[0]
        return queued

    async def _queue_some(self, connection: AsyncConnection, campaign_id: int, now: datetime) -> tuple[int, bool]:
        """Queue a batch; returns how many notifications it was, and whether there may be more."""
        campaign = await campaigns.waiting(connection, campaign_id)
        if campaign is None:  # withdrawn, or queued by another process
            return 0, False
        if campaign.expires_at <= now:
            await campaigns.change(connection, campaign_id, state=CampaignState.EXPIRED)
            return 0, False
        queued = await self._queue_for_chats(connection, campaign, now) if campaign.cursor == 0 else 0
        audience = await self._audience_of(connection, campaign)
        number, last = await campaigns.queue_notifications(connection, campaign, audience, now, QUEUE_BATCH)
        if last is None:
            await campaigns.change(connection, campaign_id, state=CampaignState.QUEUED)
        else:
            await campaigns.change(connection, campaign_id, cursor=last, queued=campaign.queued + number)
        return queued + number, last is not None

    async def _queue_for_chats(self, connection: AsyncConnection, campaign: StoredCampaign, now: datetime) -> int:
        """Queue the notifications of bound chats, a round's picks or news of a group; first, for there are few."""
        if campaign.kind not in FOR_CHATS:
            return 0
        numbers = range(1, PICKS + 1) if campaign.kind is NotificationKind.CAROUSEL else [campaign.revision]
        return sum([await campaigns.queue_for_chats(connection, campaign, number, now) for number in numbers])

    async def _audience_of(self, connection: AsyncConnection, campaign: StoredCampaign) -> campaigns.Audience | None:
        """Whom a campaign notifies; None means every member with carousels on."""
        if campaign.kind is NotificationKind.CAROUSEL:
            return None
        if campaign.kind is NotificationKind.ITEM_RELISTED:  # votes must be cast anew, follows still hold (R16)
            return campaigns.Audience(await items.earlier_listings(connection, campaign.subject), followers=False)
        if campaign.kind in ABOUT_AN_ITEM:
            return campaigns.Audience((campaign.subject,))
        group = await groups.by_id(connection, campaign.subject)
        assert group is not None, "a campaign about a group is stored with it"
        return campaigns.Audience((group.item_id,))

    async def tick(self) -> None:
        """Finish state changes that a dead process had begun; expire overdue notifications and paused campaigns; bring
        forward what was due before the clock was set back."""
        await self._set_back.tick()
        now = self._context.clock.now()

        async def look(connection: AsyncConnection) -> tuple[Sequence[StoredCampaign], Sequence[StoredCampaign], bool]:
            over, begun = await campaigns.paused_too_long(connection, now), await campaigns.unfinished(connection)
            return over, begun, await notifications.any_expired(connection, now)

        over, begun, expired = await self._context.db.autocommit_read(look)
        for row in over:
            await self._change(row, EXPIRE)
        for row in begun:
            await self._apply_to_notifications(row, row.state)
        for _ in range(EXPIRING_BATCHES if expired else 0):
            ended = await self._context.db.batch_write(
                lambda of: notifications.expire(of, now, EXPIRED_AT_ONCE), long=True
            )
            if ended < EXPIRED_AT_ONCE:
                break

    async def held_since(self) -> datetime | None:
        """Since when everything due is held, because the database was restored; None while it is not."""
        async with self._context.db.read() as connection:
            since = await key_values.held_since(connection)
        return datetime.fromisoformat(since) if since else None

    async def end_hold(self) -> bool:
        """Release what a restore holds; False when nothing is held."""
        async with self._context.db.write() as connection:
            return await key_values.end_hold(connection)

    async def _steer(self, campaign_id: int, transitions: dict[CampaignState, CampaignState], **values: object) -> bool:
        async with self._context.db.read() as connection:
            row = await campaigns.one(connection, campaign_id)
            if row is None or await _is_finished(connection, row):
                return False
        return await self._change(row, transitions, **values)

    async def _change(
        self, row: StoredCampaign, transitions: dict[CampaignState, CampaignState], **values: object
    ) -> bool:
        to = transitions.get(row.state)
        if to is None:
            return False
        async with self._context.db.write() as connection:
            if not await campaigns.change_state(connection, row.id, row.state, to, **values):
                return False
        await self._apply_to_notifications(row, to)
        return True

    async def _apply_to_notifications(self, row: StoredCampaign, state: CampaignState) -> None:
        """Give a campaign's notifications the state that its own demands, in a few batches; the tick does the rest,
        also after a crash."""
        to = NOTIFICATIONS_BECOME[state]
        movable = (
            (NotificationState.PAUSED,)
            if to is NotificationState.PENDING
            else tuple(each for each in NOT_BEGUN if each != to)
        )
        for _ in range(BATCHES):
            async with self._context.db.write() as connection:
                if not await campaigns.change_state(connection, row.id, state, state):
                    return
                if to is NotificationState.PENDING and row.reason is not None:
                    await of_campaign.requeue_refused(connection, row)
                if not await of_campaign.move(connection, row, movable, to, BATCH):
                    if state in ENDS_IN:
                        await campaigns.change_state(connection, row.id, state, ENDS_IN[state])
                    return


def _recipient(notification: ClaimedNotification) -> int:
    """Members by their number, bound chats by theirs as a negative one."""
    return notification.member_id or -(notification.bound_chat_id or 0)


async def _is_finished(connection: AsyncConnection, row: StoredCampaign) -> bool:
    return row.state is CampaignState.QUEUED and not await of_campaign.any_left(connection, row)


async def _with_end(connection: AsyncConnection, row: StoredCampaign) -> Campaign:
    """A campaign in the list: whether it is finished, and without telling anybody."""
    finished = await _is_finished(connection, row)
    in_vain = finished and not await of_campaign.any_told(connection, row)
    untold = in_vain and _tally(await of_campaign.tally(connection, row)).untold
    return replace(campaign_of(row), finished=finished, untold=untold)


async def _audience(connection: AsyncConnection, row: StoredCampaign) -> int | None:
    """The number of people whom a campaign about one item will notify; None for other or finished campaigns."""
    about_item = row.kind in (*ABOUT_A_GROUP, *ABOUT_AN_ITEM)
    queues = row.state in (CampaignState.WAITING, CampaignState.PAUSED, CampaignState.RESUMING)
    if not about_item or row.item_id is None or not queues:
        return None
    return (await campaigns.audiences(connection, [row.item_id])).get(row.item_id, 0)


def _tally(counts: Sequence[NotificationCount]) -> Tally:
    states: Counter[str] = Counter()
    unsent: Counter[UnsentReason] = Counter()
    for count in counts:
        states[count.state] += count.number
        if count.state == NotificationState.SUPPRESSED:
            unsent[unsent_reason(count.code)] += count.number
    return Tally(states, unsent)


def campaign_of(row: StoredCampaign, tally: Tally | None = None) -> Campaign:
    """A campaign without what must be counted."""
    title, title_en, stopped_by = row.title or "", row.title_en or "", row.reason if row.state in RESUME else None
    found = Campaign(row.id, row.kind, row.state, row.due_at, title, title_en, tally or Tally())
    stopped_for = CallOutcome(row.code) if stopped_by and row.code else None
    return replace(found, stopped_by=stopped_by, stopped_for=stopped_for, paid_for=row.paid_for, revision=row.revision)
