"""What a member sees of canvassing: the link, the poster, the ways to share, what came of it (R20-R23)."""

from __future__ import annotations

from domain.canvassing import STEPS_FROM, next_milestone, step
from domain.goods import Item, ItemState
from handlers import callbacks as tap
from handlers.links import Links, shares
from handlers.screen import Button, Row, Screen
from handlers.views.mine import short
from handlers.words import Speech
from services.canvassing import Invitation, MyCanvasses, MyLink
from services.posters import Poster, Words


def poster(link: MyLink | Invitation, address: str, speech: Speech) -> Poster:
    """The poster of a link in the reader's language; `address` is what its code holds.

    The count moves in steps, so that one poster serves many taps; where it may be more, a "+" says so.
    """
    item = link.item
    wants, off = step(item.wants), _off(item, speech)
    count = speech.number(wants) + ("+" if wants >= STEPS_FROM else "")
    link_id = link.id if isinstance(link, MyLink) else link.link_id
    words = Words(
        brand=speech.plain("poster-brand"),
        title=item.title(speech.language),
        expected=speech.money(item.expected_fen),
        label=speech.plain("poster-label"),
        original=speech.plain("poster-original", price=speech.money(item.original_fen)),
        off=off,
        wants=speech.plain("poster-wants", number=wants, count=count),
        crowd=min(3, wants),
        call=speech.plain("poster-call-named", name=link.name) if link.name else speech.plain("poster-call"),
        how=speech.plain("poster-how"),
        until=_until(item, speech, on_display=link.on_display),
    )
    return Poster(link_id, speech.language, words, item.picture_id, address)


def _off(item: Item, speech: Speech) -> str:
    percent = 100 - round(item.expected_fen * 100 / item.original_fen)
    return speech.plain("card-off", percent=percent) if percent else ""


def _until(item: Item, speech: Speech, *, on_display: bool) -> str:
    """A moment that stays true on a picture: with its date, never "today"."""
    if on_display and item.closes_at:
        return speech.plain("poster-until", moment=speech.exact(item.closes_at))
    if item.state is ItemState.SCHEDULED and item.group_opens_at:
        return speech.plain("poster-scheduled", moment=speech.exact(item.group_opens_at))
    return speech.plain("poster-open" if item.state is ItemState.OPEN else "poster-over")


def canvass_screen(mine: MyLink, links: Links, username: str, speech: Speech, *, inline: bool) -> Screen:
    """The poster with the link, what came by it, and the ways on (R20, R21).

    `inline` says whether the bot can be called from other chats.
    """
    address = links.anywhere(username, mine.token)
    chat = links.chat(username, mine.token)
    parts = [speech.t("canvass", title=mine.item.title(speech.language), link=address)]
    if address != chat:
        parts.append(speech.t("canvass-chat-link", link=chat))
    parts.append("\n".join(_came(mine, speech)))
    return Screen("\n\n".join(parts), _ways(mine, address, chat, speech, inline=inline), poster(mine, address, speech))


def _came(mine: MyLink, speech: Speech) -> list[str]:
    lines = [speech.t("canvass-came", opens=mine.opens, votes=mine.votes)]
    goal = next_milestone(mine.votes)
    if goal is not None and mine.on_display:
        lines.append(speech.t("canvass-next", number=goal))
    if mine.top:
        names = " · ".join(f"{name} {speech.number(votes)}" for name, votes in mine.top)
        lines.append(speech.t("canvass-top", names=names))
    lines.append(speech.t("canvass-named", name=mine.name) if mine.name else speech.t("canvass-nameless"))
    if not mine.on_display:
        lines.append(speech.t("canvass-over"))
    return lines


def _ways(mine: MyLink, address: str, chat: str, speech: Speech, *, inline: bool) -> tuple[Row, ...]:
    item = mine.item

    def deed(key: str, do: str) -> Button:
        return Button(speech.plain(key), data=tap.Share(item=item.id, do=do).pack())

    to_friends = shares(chat, share_text(mine, speech), None)["telegram"]
    rows: list[Row] = [
        (Button(speech.plain("button-copy"), copy=address), Button(speech.plain("button-share"), url=to_friends))
    ]
    if inline and mine.on_display:
        rows.append((Button(speech.plain("button-card"), inline=f"i{item.id}"),))
    rows.append((deed("button-more", "more"), deed("button-poster", "poster")))
    rows.append((deed("button-renew", "ask"), Button(speech.plain("button-canvass-all"), data=tap.MyCanvass().pack())))
    return tuple(rows)


def network_buttons(mine: MyLink, address: str, picture: str | None, speech: Speech) -> Screen:
    """The networks that people use, in place of the other buttons (R20); WeChat gets a picture."""
    item = mine.item
    to = shares(address, share_text(mine, speech), picture)
    wechat = Button(speech.plain("network-wechat"), data=tap.Share(item=item.id, do="wechat").pack())
    rows: tuple[Row, ...] = (
        (Button(speech.plain("network-weibo"), url=to["weibo"]), wechat),
        (
            Button(speech.plain("network-whatsapp"), url=to["whatsapp"]),
            Button(speech.plain("network-x"), url=to["x"]),
            Button(speech.plain("network-facebook"), url=to["facebook"]),
        ),
        (Button(speech.plain("button-back"), data=tap.Share(item=item.id, do="back").pack()),),
    )
    return Screen("", rows)


def poster_screen(mine: MyLink, address: str, speech: Speech) -> Screen:
    """The picture and nothing else, to be forwarded or saved."""
    return Screen("", (), poster(mine, address, speech))


def wechat_screen(mine: MyLink, address: str, speech: Speech) -> Screen:
    """The picture, and how it is passed on: WeChat reads the code from it, and what it is about stands on it, for words
    do not travel with a picture."""
    return Screen(speech.t("canvass-wechat"), (), poster(mine, address, speech))


def renew_buttons(item_id: int, speech: Speech) -> Screen:
    """Whether a new link is really wanted."""
    really = Button(speech.plain("button-renew-really"), data=tap.Share(item=item_id, do="renew").pack())
    back = Button(speech.plain("button-back"), data=tap.Share(item=item_id, do="back").pack())
    return Screen("", ((really,), (back,)))


def share_text(mine: MyLink, speech: Speech) -> str:
    """What a friend reads beside the link; plain text.

    It is said in the member's name, so it holds for whoever did not vote for it, too, and after the round.
    """
    item = mine.item
    return speech.plain(
        "canvass-share-text" if mine.on_display else "canvass-share-over",
        title=item.title(speech.language),
        price=speech.money(item.expected_fen),
        original=speech.money(item.original_fen),
    )


def canvass_list_screen(mine: MyCanvasses, speech: Speech) -> Screen:
    """What the member canvasses for: friends who opened a link → votes (R22)."""
    if not mine.lines:
        button = Button(speech.plain("button-goods"), data=tap.NewDraw(fresh=True).pack(), style="primary")
        return Screen(speech.t("canvass-mine-empty"), ((button,),))
    said = [
        speech.t("canvass-mine-line", title=line.item.title(speech.language), opens=line.opens, votes=line.votes)
        for line in mine.lines
    ]
    rows: list[Row] = [
        (Button("📣 " + short(line.item.title(speech.language)), data=tap.Canvass(item=line.item.id).pack()),)
        for line in mine.lines
    ]
    if mine.pages > 1:
        before, after = (mine.page - 1) % mine.pages, (mine.page + 1) % mine.pages
        rows.append(
            (
                Button("◀️", data=tap.MyCanvass(page=before).pack()),
                Button(f"{mine.page + 1}/{mine.pages}", data=tap.Still().pack()),
                Button("▶️", data=tap.MyCanvass(page=after).pack()),
            )
        )
    return Screen(speech.t("canvass-mine") + "\n\n" + "\n\n".join(said), tuple(rows))
