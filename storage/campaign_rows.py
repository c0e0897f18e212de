"""Campaigns as they are stored, and the conditions that find a campaign's notifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_

from domain.campaigns import CampaignState
from domain.notifications import PRIORITY, NotificationKind
from storage.models import CampaignRow, NotificationRow

_FEW = 10_000
"""Notifications of a campaign that can be read at once in a few milliseconds."""

COLUMNS = (
    *(CampaignRow.id, CampaignRow.kind, CampaignRow.subject, CampaignRow.revision, CampaignRow.due_at),
    *(CampaignRow.expires_at, CampaignRow.state, CampaignRow.cursor, CampaignRow.queued, CampaignRow.reason),
    CampaignRow.paid_for,
)


@dataclass(frozen=True, slots=True)
class StoredCampaign:
    """A campaign as it is stored; the item that it is about only where it was read with it, and where there is one."""

    id: int
    kind: NotificationKind
    subject: int
    revision: int
    due_at: datetime
    expires_at: datetime
    state: CampaignState
    cursor: int
    queued: int
    reason: str | None
    paid_for: int | None
    item_id: int | None = None
    title: str | None = None
    title_en: str | None = None


class NotificationCount(NamedTuple):
    """How many notifications are in a state; suppressed ones by their code."""

    state: str
    code: str | None
    number: int


def stored_campaign(row: Sequence[Any]) -> StoredCampaign:
    campaign_id, kind, subject, revision, due_at, expires_at, state, *rest = row
    kind, state = NotificationKind(kind), CampaignState(state)
    return StoredCampaign(campaign_id, kind, subject, revision, due_at, expires_at, state, *rest)


def campaign_revision(kind: str, revision: int) -> int:
    """The revision of a notification's campaign: picks for bound chats are numbered where others have a revision."""
    return 1 if kind == NotificationKind.CAROUSEL else revision


def by_key(campaign: StoredCampaign) -> ColumnElement[bool]:
    """The notifications of a campaign. A round's picks for bound chats are numbered where others have a revision."""
    same = and_(NotificationRow.kind == campaign.kind, NotificationRow.subject == campaign.subject)
    return (
        same
        if campaign.kind == NotificationKind.CAROUSEL
        else and_(same, NotificationRow.revision == campaign.revision)
    )


def by_state(campaign: StoredCampaign) -> list[ColumnElement[bool]]:
    """The same, where few are in the state that is asked for: the index by state leads to those; by the campaign's key
    all of its notifications would be read."""
    same = [NotificationRow.kind == campaign.kind, NotificationRow.subject + 0 == campaign.subject]
    if campaign.kind != NotificationKind.CAROUSEL:
        same.append(NotificationRow.revision + 0 == campaign.revision)
    return same


def by_key_or_state(campaign: StoredCampaign) -> list[ColumnElement[bool]]:
    """The same, for few of its notifications in some states. Those of a small campaign are found by its key: by their
    state, all that wait of other campaigns would be read."""
    if campaign.queued <= _FEW:
        return [by_key(campaign)]
    return [NotificationRow.priority == int(PRIORITY[NotificationKind(campaign.kind)]), *by_state(campaign)]
