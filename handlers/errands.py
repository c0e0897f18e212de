"""What errands are made of: posters, tables that are taken in, tables to take out (R4, R20, R31).

Each may be done a second time, because whoever did it first may have died before saying so. A table that is taken in
again changes nothing, and a poster that was uploaded is known by its name.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
import zipfile
import zlib
from pathlib import Path

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile

from domain.csv_files import read_goods
from domain.people import Member
from handlers.links import Links
from handlers.screen import Screen
from handlers.stage import Stage
from handlers.tap import Tap
from handlers.views import canvass, desk, tables
from handlers.words import Speech
from services.canvassing import Canvassing
from services.errands import Errand, Errands, Work
from services.goods import Goods
from services.house import House
from services.posters import Poster
from services.registration import Imported

_MOST_UNPACKED = 200 * 1024 * 1024
_MOST_FILES = 5_000


async def bring_poster(errands: Errands, stage: Stage, tap: Tap, member: Member, item_id: int, screen: Screen) -> None:
    """Send a screen with a poster: at once where Telegram has it, else as soon as it is drawn."""
    if await _is_there(stage, screen):
        await stage.send(member.chat_id, screen)
    else:
        about = {"item": item_id, "alone": not screen.buttons, "wechat": bool(screen.text) and not screen.buttons}
        await errands.leave(f"poster {tap.id}", Work.POSTER, member, about)


async def redraw_poster(errands: Errands, stage: Stage, tap: Tap, member: Member, item_id: int, screen: Screen) -> None:
    """Show a screen with a poster in the tapped message: at once where Telegram has it, else as soon as it is drawn."""
    if tap.chat is None or await _is_there(stage, screen):
        await stage.redraw(tap, screen)
    else:
        about = {"item": item_id, "chat": tap.chat, "message": tap.message, "photo": tap.photo}
        await errands.leave(f"poster {tap.id}", Work.POSTER, member, about)


async def _is_there(stage: Stage, screen: Screen) -> bool:
    return not isinstance(screen.picture, Poster) or await stage.knows(screen.picture)


class Workshop:
    """Does errands, whichever process it is in."""

    def __init__(self, house: House, stage: Stage, links: Links, canvassing: Canvassing, goods: Goods) -> None:
        self._house = house
        self._stage = stage
        self._links = links
        self._canvassing = canvassing
        self._goods = goods
        self._do = {
            Work.POSTER: self._poster,
            Work.LOOK: self._look,
            Work.STORE: self._store,
            Work.TABLE: self._table,
        }

    async def do(self, errand: Errand) -> None:
        """Do it, and show whoever asked what came of it. Raises whatever goes wrong."""
        await self._do[errand.kind](errand, self._speech(errand.member))

    async def apologise(self, errand: Errand) -> None:
        """Say that nothing came of it. Raises aiogram's errors."""
        await self._stage.send(errand.member.chat_id, Screen(self._speech(errand.member).t("error")))

    def _speech(self, member: Member) -> Speech:
        return Speech(member.language, self._house.rules.zone, self._house.clock())

    async def _poster(self, errand: Errand, speech: Speech) -> None:
        mine = await self._canvassing.link(errand.member, int(errand.about["item"]))
        if mine is None:
            return
        me = await self._stage.bot.me()
        name, inline = me.username or "", bool(me.supports_inline_queries)
        address = self._links.anywhere(name, mine.token)
        if errand.about.get("wechat"):
            screen = canvass.wechat_screen(mine, address, speech)
        elif errand.about.get("alone"):
            screen = canvass.poster_screen(mine, address, speech)
        else:
            screen = canvass.canvass_screen(mine, self._links, name, speech, inline=inline)
        await self._show(errand, screen)

    async def _look(self, errand: Errand, speech: Speech) -> None:
        found = await self._take_in(errand, dry_run=True)
        if found is None:
            await self._show(errand, desk.unusable_screen(speech))
        else:
            await self._show(errand, desk.looked_through_screen(found, errand.id, speech))

    async def _store(self, errand: Errand, speech: Speech) -> None:
        found = await self._take_in(errand, skip_bad=bool(errand.about.get("good")))
        if found is None:
            await self._show(errand, desk.unusable_screen(speech))
        else:
            await self._show(errand, desk.stored_screen(found, speech))

    async def _table(self, errand: Errand, speech: Speech) -> None:
        if errand.about["which"] == "votes":
            rows = tables.votes_table(await self._goods.votes_table(), self._house.rules.zone)
            content = await asyncio.to_thread(tables.as_csv, tables.VOTES, rows)
        else:
            rows = tables.ranking_table(await self._goods.ranking())
            content = await asyncio.to_thread(tables.as_csv, tables.RANKING, rows)
        local = speech.now.astimezone(self._house.rules.zone)
        file = BufferedInputFile(content, f"{errand.about['which']}-{local:%Y%m%d-%H%M}.csv")
        said = speech.plain("desk-table", number=len(rows))
        await self._stage.bot.send_document(errand.member.chat_id, file, caption=said)

    async def _show(self, errand: Errand, screen: Screen) -> None:
        """In the message that was tapped, or in a new one."""
        person, about = errand.member.chat_id, errand.about
        if "message" in about:
            tap = Tap("", person, "", about["chat"], about["message"], bool(about.get("photo")))
            await self._stage.redraw(tap, screen)
        else:
            await self._stage.send(person, screen)

    async def _take_in(self, errand: Errand, *, dry_run: bool = False, skip_bad: bool = False) -> Imported | None:
        """Read a CSV, or a ZIP of a CSV and its pictures; None for what is neither."""
        bot = self._stage.bot
        content = io.BytesIO()
        try:
            await bot.download(await bot.get_file(str(errand.about["file"])), content)
        except TelegramBadRequest:
            return None
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            packed = zipfile.is_zipfile(content)
            table = await asyncio.to_thread(_unpack, content, folder) if packed else content.getvalue()
            if table is None:
                return None
            return await self._goods.take_in(
                read_goods(table),
                folder if packed else None,
                f"organiser {errand.member.id}",
                dry_run=dry_run,
                skip_bad=skip_bad,
            )


def _unpack(content: io.BytesIO, folder: Path) -> bytes | None:
    """Unpack below `folder` and return the table; None where there is none, or too much in it."""
    try:
        with zipfile.ZipFile(content) as packed:
            parts = [part for part in packed.infolist() if not part.is_dir()]
            found = sorted((p for p in parts if p.filename.lower().endswith(".csv")), key=lambda p: len(p.filename))
            if not found or len(parts) > _MOST_FILES or sum(part.file_size for part in parts) > _MOST_UNPACKED:
                return None
            root = Path(found[0].filename).parent
            for part in parts:
                path = Path(part.filename)
                if part is found[0] or path.is_absolute() or ".." in path.parts or not path.is_relative_to(root):
                    continue
                target = folder / path.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(packed.read(part))
            return packed.read(found[0])
    # A RuntimeError is what zipfile says of a password, and of ways of packing that it does not know.
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError):
        return None
