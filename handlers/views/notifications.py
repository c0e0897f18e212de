"""How each kind of notification looks: one function per kind, found by its type (R5, R6, R13, R14, R16, R22, R24)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import singledispatch

from domain.call_outcomes import CallOutcome
from domain.cards import Look
from domain.goods import ENDS, Item, ItemState
from domain.payloads import Links
from handlers import callbacks
from handlers.callbacks import action
from handlers.localization import Localizer
from handlers.screen import Button, Row, Screen, Style
from handlers.views import campaigns, cards
from handlers.views.goods import card_screen
from handlers.views.transparency.figures import posted
from services.notifications import case_kinds, kinds


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a notification: in which languages, with or without pictures, and the bot's username and `links`."""

    localizers: tuple[Localizer, ...]
    pictured: bool = True
    username: str = ""
    links: Links = field(default_factory=Links)

    @property
    def localizer(self) -> Localizer:
        """The language of a member."""
        return self.localizers[0]


@singledispatch
def render(notification: object, reader: Reader) -> Screen:
    """The screen of a notification. Raises TypeError for a kind that has no view."""
    raise TypeError(f"no view of {type(notification).__name__}")


@render.register
def _daily_carousel(notification: kinds.DailyCarousel, reader: Reader) -> Screen:
    return card_screen(notification.card, reader.localizer, above=reader.localizer.html("notification-carousel"))


@render.register
def _group_scheduled(notification: kinds.GroupScheduled, reader: Reader) -> Screen:
    localizer = reader.localizer
    text = _announced(
        "notification-group-corrected" if notification.corrected else "notification-group-scheduled",
        notification,
        localizer,
    )
    if notification.middle_follows:
        text += "\n" + localizer.html("notification-group-scheduled-again")
    return _before_opening(text, notification.item, localizer)


@render.register
def _group_soon(notification: kinds.GroupSoon, reader: Reader) -> Screen:
    text = _announced("notification-group-soon", notification, reader.localizer)
    return _before_opening(text, notification.item, reader.localizer)


@render.register
def _group_open(notification: kinds.GroupOpen, reader: Reader) -> Screen:
    item, localizer = notification.item, reader.localizer
    title, price = item.title(localizer.language), localizer.money(item.expected_fen)
    button = Button(localizer.text("button-group"), url=item.group_url or item.url, style="danger")
    text = localizer.html("notification-group-open", title=title, price=price)
    return Screen(text, ((button,), _look_at(item, localizer)), item.picture_id)


def _announced(key: str, notification: kinds.GroupScheduled | kinds.GroupSoon, localizer: Localizer) -> str:
    opens_at = notification.opens_at
    return localizer.html(
        key,
        title=notification.item.title(localizer.language),
        moment=localizer.moment(opens_at),
        span=localizer.span(opens_at - localizer.now),
    )


def _before_opening(text: str, item: Item, localizer: Localizer) -> Screen:
    """Before the group opens its page cannot be joined, so the button only offers a look at the shop."""
    shop = Button(localizer.text("button-shop-before"), url=item.group_url or item.url)
    return Screen(text, ((shop,), _look_at(item, localizer)), item.picture_id)


def _look_at(item: Item, localizer: Localizer, style: Style | None = None) -> Row:
    return (Button(localizer.text("button-look"), data=callbacks.OpenCallback(item=item.id).pack(), style=style),)


@render.register
def _item_back(notification: kinds.ItemBack, reader: Reader) -> Screen:
    item, localizer = notification.item, reader.localizer
    text = localizer.html("notification-item-relisted", title=item.title(localizer.language))
    if notification.ballot_back:
        text += "\n" + localizer.html("notification-ballot-back")
    return Screen(text, (_look_at(item, localizer, "primary"),), item.picture_id)


@render.register
def _item_rejected(notification: kinds.ItemRejected, reader: Reader) -> Screen:
    item, localizer = notification.item, reader.localizer
    why = localizer.text(f"notification-item-rejected-{notification.why.value}")
    text = localizer.html("notification-item-rejected", title=item.title(localizer.language), why=why)
    return _ended(_cancelled(text, notification.group_announced, localizer), notification, localizer)


@render.register
def _item_brushed(notification: case_kinds.ItemBrushed, reader: Reader) -> Screen:
    item, localizer = notification.item, reader.localizer
    text = localizer.html("notification-item-brushed", title=item.title(localizer.language))
    return _ended(_cancelled(text, notification.group_announced, localizer), notification, localizer)


def _cancelled(text: str, group_announced: bool, localizer: Localizer) -> str:
    return f"{text}\n{localizer.html('notification-item-rejected-cancelled')}" if group_announced else text


@render.register
def _item_expired(notification: kinds.ItemExpired, reader: Reader) -> Screen:
    item, localizer = notification.item, reader.localizer
    text = localizer.html("notification-item-expired", title=item.title(localizer.language))
    return _ended(text, notification, localizer)


def _ended(text: str, notification: kinds.ItemNotification, localizer: Localizer) -> Screen:
    if notification.ballot_back:
        text += "\n" + localizer.html("notification-ballot-back")
    text = f"{text}\n\n{localizer.html('notification-ended-thanks')}"
    return Screen(text, (_goods(localizer),), notification.item.picture_id)


def _goods(localizer: Localizer, style: Style | None = None) -> Row:
    return (Button(localizer.text("button-goods"), data=callbacks.NewDrawCallback(fresh=True).pack(), style=style),)


@render.register
def _grant(notification: kinds.Grant, reader: Reader) -> Screen:
    number, before, reason = notification.ballots, notification.before, notification.reason
    if before is None:
        text = reader.localizer.html("notification-grant", number=number, reason=reason)
    else:
        text = reader.localizer.html("notification-grant-corrected", before=before, number=number, reason=reason)
    return Screen(text, (_goods(reader.localizer, "primary"),))


@render.register
def _milestone(notification: kinds.Milestone, reader: Reader) -> Screen:
    localizer, title = reader.localizer, notification.item.title(reader.localizer.language)
    all_links = action(localizer, "button-canvass-all", callbacks.MyCanvassCallback())
    return Screen(localizer.html("notification-milestone", number=notification.number, title=title), ((all_links,),))


@render.register
def _campaign_stopped(notification: kinds.CampaignStopped, reader: Reader) -> Screen:
    return campaigns.stopped_screen(notification.campaign, reader.localizer)


@render.register
def _topic_paused(notification: kinds.TopicPaused, reader: Reader) -> Screen:
    closed = notification.why is CallOutcome.TOPIC_CLOSED
    text = reader.localizer.html("notification-topic-closed" if closed else "notification-topic-gone")
    chat = str(notification.chat.chat_id).removeprefix("-100")
    address = f"https://t.me/c/{chat}/{notification.chat.topic or 1}"
    return Screen(text, ((Button(reader.localizer.text("button-open-group-chat"), url=address),),))


@render.register
def _case_opened(notification: case_kinds.CaseOpened, reader: Reader) -> Screen:
    localizer, item, tally = reader.localizer, notification.item, notification.tally
    text = localizer.html(
        "notification-case-opened",
        title=item.title(localizer.language),
        shop=item.shop,
        number=tally.set_aside,
        counted=tally.counted,
    )
    return Screen(text, (_to_case(notification.case_id, localizer),))


@render.register
def _ban_waits(notification: case_kinds.BanWaits, reader: Reader) -> Screen:
    localizer, ban = reader.localizer, notification.ban
    text = localizer.html(
        "notification-ban-waits",
        title=notification.item.title(localizer.language),
        shop=ban.shop,
        months=ban.asked_months,
        until=localizer.moment(ban.ends_at),
    )
    return Screen(text, (_to_case(ban.case_id, localizer),))


@render.register
def _appeal_waits(notification: case_kinds.AppealWaits, reader: Reader) -> Screen:
    localizer, case = reader.localizer, notification.case
    title = (case.title_en or case.title) if localizer.language == "en" else case.title
    text = localizer.html("notification-appeal-waits", title=title, shop=case.shop)
    return Screen(text, (_to_case(case.id, localizer),))


def _to_case(case_id: int, localizer: Localizer) -> Row:
    return (Button(localizer.text("button-case"), data=callbacks.desk_data("case", case_id)),)


@render.register
def _vote_void(notification: case_kinds.VoteVoid, reader: Reader) -> Screen:
    title = notification.item.title(reader.localizer.language)
    ballot = "back" if notification.ballot_back else "used"
    member = str(notification.to.id)
    text = reader.localizer.html("notification-vote-void", title=title, ballot=ballot, member=member)
    rules = (action(reader.localizer, "button-rules", callbacks.RulesCallback()),)
    return Screen(text, (_look_at(notification.item, reader.localizer), rules))


@render.register
def _item_restored(notification: case_kinds.ItemRestored, reader: Reader) -> Screen:
    item, localizer = notification.item, reader.localizer
    shown = {ItemState.ON_DISPLAY: "on-display", ItemState.PASSED: "passed"}
    where = "ended" if item.state in ENDS else shown.get(item.state, "back")
    until, moment = item.kept_back_until(localizer.now), ""
    if where == "passed" and until:
        where, moment = "passed-banned", localizer.moment(until)
    text = localizer.html(f"notification-item-restored-{where}", title=item.title(localizer.language), moment=moment)
    if notification.ballot_back:
        text += "\n" + localizer.html("notification-ballot-back" if where == "ended" else "notification-ballot-kept")
    elif notification.uses_ballot:
        text += "\n" + localizer.html("notification-ballot-in-use")
    return Screen(text, (_look_at(item, localizer),))


@render.register
def _vote_restored(notification: case_kinds.VoteRestored, reader: Reader) -> Screen:
    item, localizer = notification.item, reader.localizer
    text = localizer.html("notification-vote-restored", title=item.title(localizer.language))
    if notification.ballot_back:
        text += "\n" + localizer.html("notification-ballot-back")
    return Screen(text, (_look_at(item, localizer),))


# -- bound chats --


@render.register
def _chat_pick(notification: kinds.ChatPick, reader: Reader) -> Screen:
    look = Look(notification.to.languages, reader.pictured).code
    above = "\n".join(localizer.html("chat-picks") for localizer in reader.localizers) if notification.first else ""
    item = notification.item
    return cards.shared_card(item, str(item.id), look, reader.localizers, reader.username, on_display=True, above=above)


@render.register
def _chat_group_scheduled(notification: kinds.ChatGroupScheduled, reader: Reader) -> Screen:
    key, item = "chat-corrected" if notification.corrected else "chat-scheduled", notification.item
    text = "\n\n".join(
        localizer.html(
            key,
            title=item.title(localizer.language),
            moment=localizer.exact(notification.opens_at),
            **({} if notification.corrected else {"number": item.wants}),
        )
        for localizer in reader.localizers
    )
    button = Button(cards.both(reader.localizers, "button-shop-before"), url=item.group_url or item.url)
    return Screen(text, ((button,),), item.picture_id)


@render.register
def _chat_group_open(notification: kinds.ChatGroupOpen, reader: Reader) -> Screen:
    item = notification.item
    text = "\n\n".join(
        localizer.html("chat-open", title=item.title(localizer.language), price=localizer.money(item.expected_fen))
        for localizer in reader.localizers
    )
    label = cards.both(reader.localizers, "button-group")
    return Screen(text, ((Button(label, url=item.group_url or item.url, style="danger"),),), item.picture_id)


@render.register
def _chat_figures(notification: kinds.ChatFigures, reader: Reader) -> Screen:
    shown = notification.shown
    return posted(shown, reader.links.public(f"rounds/{shown.day.isoformat()}"), reader.localizers)


@render.register
def _chat_item_rejected(notification: kinds.ChatItemRejected, reader: Reader) -> Screen:
    return Screen(
        "\n\n".join(
            localizer.html("chat-cancelled", title=notification.item.title(localizer.language))
            for localizer in reader.localizers
        )
    )
