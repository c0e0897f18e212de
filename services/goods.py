"""Goods: imports of goods and spending, relisting, ranking and exports (R1-R4, R14, R16, R31)."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.verdicts import VoteTally
from domain.csv_files import BadCell, GoodsRecord, Parsed, SpendingRecord, first_complaints
from domain.goods import ENDS, Item, ItemState
from domain.reading.identities import unwrapped
from domain.reading.shown_text import clean
from domain.reading.width import to_plain_width
from services.ballots import return_ballots_soon
from services.context import ServiceContext
from services.pictures.decoding import PictureError, Ready
from services.pictures.preparation import prepare_each
from services.rounds import display_changed
from services.spending import Correction, SpendingImported, import_spending
from storage import campaigns, groups, items, registration, votes
from storage.brushing import bans, verdicts
from storage.canvassing import cards
from storage.db import advisory_lock
from storage.registration import NewItem, NewPicture, RegisteredItem

Progress = Callable[[int, int], None]
_SAME_NAMES = ("title", "title_en", "category", "stock", "lead_days", "url", "description", "description_en")
"""Columns that have the same name in the table and in the database."""

_Pictures = Mapping[str, str | PictureError]
"""By the source in the table: the picture's digest, or its error."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The result or the preview of an import; rows with bad cells are left out.

    `further` counts the errors beyond those in `bad`.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    bad: tuple[BadCell, ...] = field(default=())
    stored: bool = False
    further: int = 0


@dataclass(frozen=True, slots=True)
class _Correction:
    """The address of a good that was on display already."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class _Verdict:
    fresh: list[NewItem]
    changed: dict[int, NewItem]
    corrected: dict[int, _Correction]
    same: int
    bad: tuple[BadCell, ...]
    further: int


class Goods:
    """Use cases of goods and spending."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def import_goods(
        self,
        table: Parsed[GoodsRecord],
        folder: Path | None,
        actor: str,
        *,
        dry_run: bool = False,
        skip_bad: bool = False,
        progress: Progress | None = None,
        patience: float = math.inf,
    ) -> Imported:
        """Register goods and audit them by rules (R4); pictures come from `folder` or by https.

        The whole table, or with `skip_bad` its valid rows, in one transaction; the same table again changes nothing.
        Goods that were on display keep what members saw; only their address can be corrected. After `patience` seconds
        no further pictures are read.
        """
        keep = not dry_run and (skip_bad or not table.bad)
        until = self._context.clock.monotonic() + patience
        pictures = await self._import_pictures(table, folder, keep=keep, until=until, progress=progress)
        async with self._context.db.read() as connection:
            verdict = await _judge(connection, table, pictures, self._context.clock.now())
        stop = dry_run or (bool(verdict.bad) and not skip_bad)
        if not stop and (verdict.fresh or verdict.changed):
            now = self._context.clock.now()
            async with self._context.db.write() as connection:
                await advisory_lock(connection, "goods")
                # Meanwhile a round may have opened with these goods.
                verdict = await _judge(connection, table, pictures, now)
                stop = bool(verdict.bad) and not skip_bad
                if not stop:
                    # The checks of the table are the machine audit (R4).
                    way = ((ItemState.REGISTERED, actor), (ItemState.PASSED, "machine audit"))
                    await registration.store_all(connection, verdict.fresh, verdict.changed, way, now)
                    await _correct_groups(connection, verdict.corrected)
        counts = len(verdict.fresh), len(verdict.changed), verdict.same
        return Imported(*counts, verdict.bad, stored=not stop, further=verdict.further)

    async def _import_pictures(
        self, table: Parsed[GoodsRecord], folder: Path | None, *, keep: bool, until: float, progress: Progress | None
    ) -> _Pictures:
        """Check every picture, and with `keep` store it, a batch in each transaction."""
        sources = list(dict.fromkeys(row.picture for row in table.rows))
        seen: dict[str, str | PictureError] = {}
        clock, network = self._context.clock, self._context.network
        async for some in prepare_each(sources, folder, network=network, too_late=lambda: clock.monotonic() > until):
            good = [one for one in some.values() if isinstance(one, Ready)]
            if good and keep:
                now = self._context.clock.now()
                new = [NewPicture(one.digest, one.content, one.width, one.height) for one in good]
                async with self._context.db.write() as connection:
                    await registration.add_pictures(connection, new, now)
            seen.update({name: one.digest if isinstance(one, Ready) else one for name, one in some.items()})
            if progress:
                progress(len(seen), len(sources))
        return seen

    async def import_spending(
        self,
        table: Parsed[SpendingRecord],
        actor: str = "command",
        *,
        dry_run: bool = False,
        skip_bad: bool = False,
        corrections: bool | Collection[Correction] = False,
    ) -> SpendingImported:
        """Store spending (R14), also of users who have not met the bot yet; any table again changes nothing.

        A row is bad that is dated after today in the platform's time zone, or names the ref of another person's order.
        What was anonymised by an erasure stays (R36). See `services.spending.import_spending` for the switches.
        """
        return await import_spending(
            self._context, table, actor, dry_run=dry_run, skip_bad=skip_bad, corrections=corrections
        )

    async def show_again(self, item_id: int, actor: str) -> int | None:
        """Relist a good whose round is over, with a new count (R16); None where it may not be. Followers move to the
        new listing (R26); voters vote again, with the ballots that return from the old one (R5)."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await advisory_lock(connection, f"item {item_id}")
            item = await items.by_id(connection, item_id)
            if item is None or item.state not in (ItemState.DISPLAYED, ItemState.EXPIRED):
                return None
            if await bans.is_banned(connection, item.id, now):
                return None
            newest = await items.by_ref(connection, item.ref)
            if newest is None or newest.id != item.id:
                return None
            if item.state is ItemState.DISPLAYED:
                why, back = "comes back", self._context.rules.return_ballots
                steps = [ItemState.EXPIRED]
                await items.move(connection, item.id, item.state, steps, actor, now, why, return_ballots=back)
                await cards.reopen(connection, item.id)
            again = await items.copy(connection, item.id, now)
            await votes.carry_follows(connection, item.id, again)
            await items.note_step(connection, again, ItemState.REGISTERED, actor, now)
            await items.note_step(connection, again, ItemState.PASSED, "machine audit", now)
        await return_ballots_soon(self._context)
        return again

    async def item(self, item_id: int) -> Item | None:
        """The item; None for an unknown one."""
        async with self._context.db.read() as connection:
            return await items.by_id(connection, item_id)

    async def came_back(self, item: Item) -> bool:
        """Whether the good of this item has a newer listing (R16)."""
        async with self._context.db.read() as connection:
            return item.id in await items.newest_listings(connection, [item])

    async def ranking(self, most: int | None = None, offset: int = 0) -> list[tuple[Item, int]]:
        """Items by votes, each with the number of members that its opening would notify (R31)."""
        async with self._context.db.read() as connection:
            found = await items.ranking(connection, most, offset)
            audiences = await campaigns.audiences(connection, [item.id for item in found])
        return [(item, audiences.get(item.id, 0)) for item in found]

    async def tallies(self, item_ids: Collection[int]) -> dict[int, VoteTally]:
        """The votes of these items that count, and those that are set aside (R28, R31)."""
        async with self._context.db.read() as connection:
            return await verdicts.tallies(connection, item_ids)

    async def votes_table(self) -> AsyncGenerator[list[votes.VoteRecord]]:
        """The standing votes, in parts."""
        async with self._context.db.read() as connection:
            async for part in votes.table(connection):
                yield part


async def _judge(
    connection: AsyncConnection, table: Parsed[GoodsRecord], pictures: _Pictures, now: datetime
) -> _Verdict:
    """Sort rows into new, changed, unchanged and bad ones."""
    banned = {_as_banned(name): ends_at for name, ends_at in (await bans.ends_by_shop(connection, now)).items()}
    found = await registration.newest_listings(connection, [row.ref for row in table.rows])
    newest = {ref: _as_shown(known) for ref, known in found.items()}
    complaints = list(_complaints(table.rows, pictures, newest, banned))
    wrong = {cell.line for cell in complaints}
    bad = first_complaints((*table.bad, *complaints))
    further = table.further + len(table.bad) + len(complaints) - len(bad)
    fresh: list[NewItem] = []
    changed: dict[int, NewItem] = {}
    corrected: dict[int, _Correction] = {}
    good = [row for row in table.rows if row.line not in wrong]
    for row in good:
        new, known = _item(row, str(pictures[row.picture])), newest.get(row.ref)
        if known is None:
            fresh.append(new)
        elif known.item != new:
            changed[known.id] = new
            if not _may_change(known):
                corrected[known.id] = _Correction(str(known.item.values["url"]), str(new.values["url"]))
    same = len(good) - len(fresh) - len(changed)
    return _Verdict(fresh, changed, corrected, same, bad, further)


def _complaints(
    rows: Sequence[GoodsRecord],
    pictures: _Pictures,
    newest: Mapping[str, RegisteredItem],
    banned: Mapping[str, datetime],
) -> Iterator[BadCell]:
    """Errors of rows with valid cells: their pictures, changes of goods that were on display, and what is new or
    changed of a banned shop, by its present name or its new one, but for addresses (R29)."""
    for row in rows:
        got = pictures[row.picture]
        if isinstance(got, PictureError):
            yield BadCell(row.line, "picture", got.code, row.picture[:80])
            continue
        known = newest.get(row.ref)
        new = _item(row, got)
        if known and (known.item == new or _only_address_differs(known, new)):
            continue
        if known and not _may_change(known):
            yield BadCell(row.line, "ref", "shown_already", row.ref)
            continue
        for shop in (row.shop, known.item.shop if known else row.shop):
            until = banned.get(_as_banned(shop))
            if until is not None:
                yield BadCell(row.line, "shop", "shop_banned", shop[:80], until=until)
                break


def _item(row: GoodsRecord, digest: str) -> NewItem:
    values = {name: getattr(row, name) for name in _SAME_NAMES}
    values |= {"original_fen": row.original_price, "expected_fen": row.expected_price}
    return NewItem(row.ref, row.shop, digest, values)


def _as_shown(known: RegisteredItem) -> RegisteredItem:
    """With its texts as imports read them: a table of an earlier version has changed nothing."""
    texts = {name: clean(unwrapped(value)) for name, value in known.item.values.items() if isinstance(value, str)}
    shop = _same_shop(known.item.shop)
    return replace(known, item=replace(known.item, shop=shop, values={**known.item.values, **texts}))


def _same_shop(name: str) -> str:
    """The name of a shop as imports read it."""
    return clean(unwrapped(name))


def _as_banned(name: str) -> str:
    """The name of a shop without case, width and spaces: to write it another way ends no ban (R29)."""
    return "".join(to_plain_width(_same_shop(name)).casefold().split())


def _may_change(known: RegisteredItem) -> bool:
    return known.state in (ItemState.REGISTERED, ItemState.PASSED)


def _only_address_differs(known: RegisteredItem, new: NewItem) -> bool:
    """Whether this corrects the address of a good on its way to a group: members see the same good as before."""
    same_address = replace(new, values={**new.values, "url": known.item.values["url"]})
    return known.state not in ENDS and known.item == same_address


async def _correct_groups(connection: AsyncConnection, corrected: Mapping[int, _Correction]) -> None:
    """Give the groups of these items the new address where they had the item's old one."""
    for item_id, address in corrected.items():
        await groups.correct_address(connection, item_id, address.old, address.new)
    if corrected:
        await display_changed(connection)
