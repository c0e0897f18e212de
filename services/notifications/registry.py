"""Every kind of notification with its type."""

from __future__ import annotations

from domain.people import BoundChat, Member
from services.notifications.case_kinds import (
    AppealWaits,
    BanWaits,
    CaseOpened,
    ChatItemBrushed,
    ItemBrushed,
    ItemRestored,
    VoteRestored,
    VoteVoid,
)
from services.notifications.kinds import (
    CampaignStopped,
    ChatFigures,
    ChatGroupOpen,
    ChatGroupScheduled,
    ChatItemRejected,
    ChatPick,
    DailyCarousel,
    Grant,
    GroupOpen,
    GroupScheduled,
    GroupSoon,
    ItemBack,
    ItemExpired,
    ItemRejected,
    Milestone,
    Notification,
    TopicPaused,
)

_FOR_MEMBERS: tuple[type[Notification[Member]], ...] = (
    *(GroupScheduled, GroupSoon, GroupOpen, ItemBack, ItemRejected, ItemExpired, ItemBrushed),
    *(
        Grant,
        Milestone,
        CampaignStopped,
        TopicPaused,
        CaseOpened,
        BanWaits,
        AppealWaits,
        VoteRestored,
        VoteVoid,
        ItemRestored,
        DailyCarousel,
    ),
)
_FOR_CHATS: tuple[type[Notification[BoundChat]], ...] = (
    *(ChatPick, ChatGroupScheduled, ChatGroupOpen, ChatItemRejected, ChatItemBrushed, ChatFigures),
)
MEMBER_KINDS = {each.kind: each for each in _FOR_MEMBERS}
CHAT_KINDS = {each.kind: each for each in _FOR_CHATS}
