"""The tables. Times are UTC, money is integer fen, and uniqueness is a constraint."""

from storage.models.base import Base, JsonObject
from storage.models.canvassing import BoundChatRow, CanvassLinkRow, CanvassOpenRow, PosterFileRow, SharedCardRow
from storage.models.delivery import CampaignRow, NotificationCountRow, NotificationRow
from storage.models.goods import (
    CalendarDayRow,
    GroupRow,
    ItemRow,
    ItemStepRow,
    PictureFileRow,
    PictureRow,
    RoundRow,
    ShopRow,
)
from storage.models.operations import FailedUpdateRow, JobRow, KeyValueRow
from storage.models.people import ConversationRow, GrantRow, MemberRow, SpendingCorrectionRow, SpendingRow
from storage.models.tally import TallyChunkRow, TallyDayRow, TallyLeafRow
from storage.models.verdicts import AppealRow, BanRow, CaseAccountRow, CaseRow, VerdictChangeRow
from storage.models.voting import DrawRow, ExposureRow, FollowRow, PastVoteRow, ReusedBallotRow, VoteRow

__all__ = (
    "AppealRow",
    "BanRow",
    "Base",
    "BoundChatRow",
    "CalendarDayRow",
    "CampaignRow",
    "CanvassLinkRow",
    "CanvassOpenRow",
    "CaseAccountRow",
    "CaseRow",
    "ConversationRow",
    "DrawRow",
    "ExposureRow",
    "FailedUpdateRow",
    "FollowRow",
    "GrantRow",
    "GroupRow",
    "ItemRow",
    "ItemStepRow",
    "JobRow",
    "JsonObject",
    "KeyValueRow",
    "MemberRow",
    "NotificationCountRow",
    "NotificationRow",
    "PastVoteRow",
    "PictureFileRow",
    "PictureRow",
    "PosterFileRow",
    "ReusedBallotRow",
    "RoundRow",
    "SharedCardRow",
    "ShopRow",
    "SpendingCorrectionRow",
    "SpendingRow",
    "TallyChunkRow",
    "TallyDayRow",
    "TallyLeafRow",
    "VerdictChangeRow",
    "VoteRow",
)
