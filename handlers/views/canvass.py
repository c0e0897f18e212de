"""Views of canvassing: the link, its poster, the ways to share it, opens and votes (R20-R23)."""

from __future__ import annotations

from urllib.parse import quote

from domain.goods import Item, ItemState
from domain.payloads import ItemStart, Links
from domain.voting import STEPS_FROM, next_milestone, step
from handlers import callbacks
from handlers.callbacks import action, pager
from handlers.localization import Localizer
from handlers.screen import Button, Row, Screen
from handlers.views.goods import discount
from handlers.views.mine import told_apart
from services.canvassing.links import Invitation, MyCanvasses, MyLink
from services.pictures.uploads import Poster, Words


def poster(link: MyLink | Invitation, address: str, localizer: Localizer) -> Poster:
    """The poster of a link in the reader's language; `address` is the content of its QR code.

    The count is rounded down, so that one poster serves many taps, and marked with "+". After the vote no line asks for
    one.
    """
    item, on_display = link.item, link.on_display
    wants = step(item.wants)
    count = localizer.number(wants) + ("+" if wants >= STEPS_FROM else "")
    link_id = link.id if isinstance(link, MyLink) else link.link_id
    named = "poster-call-named" if on_display else "poster-found-named"
    original = localizer.money(item.original_fen) if item.original_fen > item.expected_fen else ""
    words = Words(
        brand=localizer.text("poster-brand"),
        title=item.title(localizer.language),
        expected=localizer.money(item.expected_fen),
        label=localizer.text("poster-label"),
        original=localizer.text("poster-original", price=original) if original else "",
        struck=original,
        off=discount(item, localizer),
        wants=localizer.text("poster-wants", number=wants, count=count) if wants or on_display else "",
        crowd=min(3, wants),
        call=localizer.text(named, name=link.name),
        name=link.name,
        nameless=localizer.text("poster-call" if on_display else "poster-found"),
        how=localizer.text("poster-how" if on_display else "poster-how-late"),
        until=_until(item, localizer, on_display=on_display),
    )
    return Poster(link_id, localizer.language, words, item.picture_id, address)


def _until(item: Item, localizer: Localizer, *, on_display: bool) -> str:
    """The deadline or state, with an absolute date: a picture does not change."""
    if on_display and item.closes_at:
        return localizer.text("poster-until", moment=localizer.exact(item.closes_at))
    if item.state is ItemState.SCHEDULED and item.group_opens_at:
        return localizer.text("poster-scheduled", moment=localizer.exact(item.group_opens_at))
    return localizer.text("poster-open" if item.state is ItemState.OPEN else "poster-over")


def canvass_screen(mine: MyLink, links: Links, username: str, localizer: Localizer, *, inline: bool) -> Screen:
    """The poster with the link, its opens and votes, and the ways to share it (R20, R21).

    `inline` says whether the bot has inline mode.
    """
    address = links.anywhere(username, mine.token)
    chat = links.chat(username, mine.token)
    parts = [localizer.html("canvass", title=mine.item.title(localizer.language), link=address)]
    if address != chat:
        parts.append(localizer.html("canvass-chat-link", link=chat))
    parts.append("\n".join(_came(mine, localizer)))
    return Screen(
        "\n\n".join(parts), _ways(mine, address, chat, localizer, inline=inline), poster(mine, address, localizer)
    )


def _came(mine: MyLink, localizer: Localizer) -> list[str]:
    lines = []
    if mine.on_display or mine.opens:  # later no line promises a vote to those who come
        lines.append(localizer.html("canvass-came", opens=mine.opens, votes=mine.votes))
    goal = next_milestone(mine.votes)
    if goal is not None and mine.on_display:
        lines.append(localizer.html("canvass-next", number=goal))
    if mine.top:
        names = " · ".join(f"{name} {localizer.number(votes)}" for name, votes in mine.top)
        lines.append(localizer.html("canvass-top", names=names))
    lines.append(localizer.html("canvass-named", name=mine.name) if mine.name else localizer.html("canvass-nameless"))
    if not mine.on_display:
        lines.append(_after_vote(mine.item, localizer))
    return lines


def _after_vote(item: Item, localizer: Localizer) -> str:
    """What is true of an item after its vote: its group has a time, is open, or neither."""
    if item.state is ItemState.SCHEDULED and item.group_opens_at:
        return localizer.html("canvass-scheduled", moment=localizer.exact(item.group_opens_at))
    return localizer.html("canvass-open" if item.state is ItemState.OPEN else "canvass-over")


def _ways(mine: MyLink, address: str, chat: str, localizer: Localizer, *, inline: bool) -> tuple[Row, ...]:
    item = mine.item

    def share_action(key: str, do: str) -> Button:
        return action(localizer, key, callbacks.ShareCallback(item=item.id, do=do))

    to_friends = shares(chat, share_text(mine, localizer), None)["telegram"]
    rows: list[Row] = [
        (Button(localizer.text("button-copy"), copy=address), Button(localizer.text("button-share"), url=to_friends))
    ]
    if inline and mine.on_display:
        rows.append((Button(localizer.text("button-card"), inline=str(ItemStart(item.id))),))
    rows.append((share_action("button-more", "more"), share_action("button-poster", "poster")))
    rows.append(
        (share_action("button-renew", "ask"), action(localizer, "button-canvass-all", callbacks.MyCanvassCallback()))
    )
    return tuple(rows)


def network_buttons(mine: MyLink, address: str, picture: str | None, localizer: Localizer) -> Screen:
    """Social networks in place of the other buttons (R20); for WeChat there is a picture."""
    item = mine.item
    to = shares(address, share_text(mine, localizer), picture)
    wechat = action(localizer, "network-wechat", callbacks.ShareCallback(item=item.id, do="wechat"))
    rows: tuple[Row, ...] = (
        (Button(localizer.text("network-weibo"), url=to["weibo"]), wechat),
        (
            Button(localizer.text("network-whatsapp"), url=to["whatsapp"]),
            Button(localizer.text("network-x"), url=to["x"]),
            Button(localizer.text("network-facebook"), url=to["facebook"]),
        ),
        (action(localizer, "button-back", callbacks.ShareCallback(item=item.id, do="back")),),
    )
    return Screen("", rows)


def poster_screen(mine: MyLink, address: str, localizer: Localizer) -> Screen:
    """Only the poster, to be forwarded or saved."""
    return Screen("", (), poster(mine, address, localizer))


def wechat_screen(mine: MyLink, address: str, localizer: Localizer) -> Screen:
    """The poster with the way to share it in WeChat, which reads the QR code and drops the caption."""
    return Screen(localizer.html("canvass-wechat"), (), poster(mine, address, localizer))


def renew_buttons(item_id: int, localizer: Localizer) -> Screen:
    """Asks for confirmation of a new link."""
    really = action(localizer, "button-renew-really", callbacks.ShareCallback(item=item_id, do="renew"))
    back = action(localizer, "button-back", callbacks.ShareCallback(item=item_id, do="back"))
    return Screen("", ((really,), (back,)))


def share_text(mine: MyLink, localizer: Localizer) -> str:
    """The plain text beside a shared link. It speaks for the member, so it does not claim that the member voted."""
    item = mine.item
    if not mine.on_display and item.state is ItemState.SCHEDULED and item.group_opens_at:
        return localizer.text(
            "canvass-share-scheduled",
            title=item.title(localizer.language),
            price=localizer.money(item.expected_fen),
            moment=localizer.exact(item.group_opens_at),
        )
    if not mine.on_display and item.state is ItemState.OPEN:
        title, price = item.title(localizer.language), localizer.money(item.expected_fen)
        return localizer.text("canvass-share-open", title=title, price=price)
    return localizer.text(
        "canvass-share-text" if mine.on_display else "canvass-share-over",
        title=item.title(localizer.language),
        price=localizer.money(item.expected_fen),
        original=localizer.money(item.original_fen),
        saved=item.original_fen - item.expected_fen,
    )


def shares(link: str, text: str, picture: str | None) -> dict[str, str]:
    """Addresses that begin a post with this link and text, by network.

    `picture` is the address of a picture, for networks that accept one.
    """
    to, post = quote(link, safe=""), quote(text, safe="")
    pic = f"&pic={quote(picture, safe='')}" if picture else ""
    return {
        "telegram": f"https://t.me/share/url?url={to}&text={post}",
        "weibo": f"https://service.weibo.com/share/share.php?url={to}&title={post}{pic}",
        "whatsapp": f"https://wa.me/?text={quote(f'{text} {link}', safe='')}",
        "x": f"https://x.com/intent/post?url={to}&text={post}",
        "facebook": f"https://www.facebook.com/sharer/sharer.php?u={to}",
    }


def canvass_list_screen(mine: MyCanvasses, localizer: Localizer) -> Screen:
    """The items that the member canvasses for, with opens → votes (R22)."""
    if not mine.lines:
        button = action(localizer, "button-goods", callbacks.NewDrawCallback(fresh=True), style="primary")
        return Screen(localizer.html("canvass-mine-empty"), ((button,),))
    lines = [
        localizer.html(
            "canvass-mine-line", title=line.item.title(localizer.language), opens=line.opens, votes=line.votes
        )
        for line in mine.lines
    ]
    labels = told_apart([line.item.title(localizer.language) for line in mine.lines])
    rows: list[Row] = [
        (Button("📣 " + label, data=callbacks.CanvassCallback(item=line.item.id).pack()),)
        for label, line in zip(labels, mine.lines, strict=True)
    ]
    if mine.pages > 1:
        still = callbacks.StillCallback.data()
        rows.append(pager(mine.page, mine.pages, lambda page: callbacks.MyCanvassCallback(page=page).pack(), still))
    return Screen(localizer.html("canvass-mine") + "\n\n" + "\n\n".join(lines), tuple(rows))
