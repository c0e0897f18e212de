"""Canvass links, posters, link opens, and the cards and bound chats outside the private chat (R20-R23)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id


class CanvassLinkRow(Base):
    """One member's personal link for one item. The token is random and does not identify them (R23).

    At most one is valid at a time: a new link revokes the old one, whose row keeps its opens and votes.
    A link that inline mode only offered is not `used` before its card is sent or tapped; unused, it is deleted later.
    """

    __tablename__ = "canvass_links"
    __table_args__ = (
        Index(
            "uq_canvass_links_one_holds",
            "member_id",
            "item_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index(None, "member_id", "item_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used: Mapped[bool] = mapped_column(default=True)


class PosterFileRow(Base):
    """Telegram's file ID of an uploaded poster, and the fingerprint of its content; valid for one bot.

    There is one for each link and language: when the price or count changes by a step, the fingerprint differs and the
    poster is drawn again.
    """

    __tablename__ = "poster_files"

    link_id: Mapped[int] = mapped_column(ForeignKey("canvass_links.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    bot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    print: Mapped[str] = mapped_column(String(32))
    file_id: Mapped[str] = mapped_column(String(256))


class CanvassOpenRow(Base):
    """A friend who came to an item by a link; the first link wins, each friend once (R22)."""

    __tablename__ = "canvass_opens"

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    friend_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True, index=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("canvass_links.id"), index=True)
    at: Mapped[datetime]


class SharedCardRow(Base):
    """An item's card in a chat that is not the bot's own (R21): sent through inline mode, known by `inline_id`, or
    posted in a bound chat, known by `message_id` there.

    `look` says in which languages it is drawn, and whether it has a picture; `shown` is the count that it shows,
    where that is known; from `free_at` on it may be edited again; one that is `over` shows how its vote ended.
    """

    __tablename__ = "shared_cards"
    __table_args__ = (
        UniqueConstraint("bound_chat_id", "message_id"),
        Index(None, "over", "item_id", "shown"),
        CheckConstraint("(inline_id IS NULL) <> (bound_chat_id IS NULL)", name="place"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    inline_id: Mapped[str | None] = mapped_column(Text, unique=True)
    bound_chat_id: Mapped[int | None] = mapped_column(ForeignKey("bound_chats.id"))
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("canvass_links.id"), index=True)
    look: Mapped[str] = mapped_column(String(4))
    shown: Mapped[int | None]
    free_at: Mapped[datetime]
    tapped_at: Mapped[datetime]
    over: Mapped[bool] = mapped_column(default=False)


class BoundChatRow(Base):
    """A group or channel that administrators bound to the bot; `language` is None for both.

    `topic` is the forum topic that it is bound in, `paused` why nothing is posted there now, and `bound_by` the member
    who is told so. With `fairness`, each round's figures are posted there when it has closed.
    """

    __tablename__ = "bound_chats"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    channel: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None] = mapped_column(String(8))
    bound_at: Mapped[datetime]
    topic: Mapped[int | None] = mapped_column(BigInteger)
    paused: Mapped[str | None] = mapped_column(String(16))
    bound_by: Mapped[int | None] = mapped_column(ForeignKey("members.id"), index=True)
    fairness: Mapped[bool] = mapped_column(server_default=false())
