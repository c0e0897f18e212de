"""The background jobs: drawing posters, importing and exporting tables (R4, R20, R31).

A job may run twice, because a worker can die before it stores the outcome. Importing a table again changes nothing, and
a poster that was uploaded is found by its name.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile

from bot.services import Services
from domain.csv_files import read_goods
from domain.payloads import Links
from domain.people import Member
from handlers.callbacks import Tap
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.screen import Screen
from handlers.views import canvass, desk, tables
from services.goods import Imported
from services.jobs import Job, JobKind

_MOST_UNPACKED = 200 * 1024 * 1024
_MOST_FILES = 5_000


class JobHandlers:
    """Runs jobs, one method per kind."""

    def __init__(self, services: Services, messenger: Messenger, links: Links) -> None:
        self._services = services
        self._context = services.context
        self._messenger = messenger
        self._links = links
        self._do = {
            JobKind.POSTER: self._draw_poster,
            JobKind.IMPORT_CHECK: self._check_import,
            JobKind.IMPORT: self._import,
            JobKind.EXPORT: self._export,
        }

    async def do(self, job: Job) -> None:
        """Run a job and show the result to the member who asked for it. Raises whatever goes wrong."""
        await self._do[job.kind](job, self._localizer(job.member))

    async def apologise(self, job: Job) -> None:
        """Tell the member that the job failed. Raises aiogram's errors."""
        await self._messenger.send(job.member.chat_id, Screen(self._localizer(job.member).html("error")))

    def _localizer(self, member: Member) -> Localizer:
        return Localizer(member.language, self._context.rules.zone, self._context.clock.now())

    async def _draw_poster(self, job: Job, localizer: Localizer) -> None:
        mine = await self._services.canvassing.link(job.member, int(job.payload["item"]))
        if mine is None:
            return
        me = await self._messenger.bot.me()
        name, inline = me.username or "", bool(me.supports_inline_queries)
        address = self._links.anywhere(name, mine.token)
        if job.payload.get("wechat"):
            screen = canvass.wechat_screen(mine, address, localizer)
        elif job.payload.get("poster_only"):
            screen = canvass.poster_screen(mine, address, localizer)
        else:
            screen = canvass.canvass_screen(mine, self._links, name, localizer, inline=inline)
        await self._show(job, screen)

    async def _check_import(self, job: Job, localizer: Localizer) -> None:
        found = await self._import_file(job, dry_run=True)
        if found is None:
            await self._show(job, desk.unusable_screen(localizer))
        else:
            await self._show(job, desk.preview_screen(found, job.id, localizer))

    async def _import(self, job: Job, localizer: Localizer) -> None:
        found = await self._import_file(job, skip_bad=bool(job.payload.get("skip_bad")))
        screen = desk.unusable_screen(localizer) if found is None else desk.imported_screen(found, localizer)
        await self._show(job, screen)

    async def _export(self, job: Job, localizer: Localizer) -> None:
        header: Sequence[str]
        if job.payload["which"] == "votes":
            votes = await self._services.goods.votes_table()
            header, rows = tables.VOTES, tables.votes_table(votes, self._context.rules.zone)
        else:
            header, rows = tables.RANKING, tables.ranking_table(await self._services.goods.ranking())
        content = await asyncio.to_thread(tables.as_csv, header, rows)
        local = localizer.now.astimezone(self._context.rules.zone)
        file = BufferedInputFile(content, f"{job.payload['which']}-{local:%Y%m%d-%H%M}.csv")
        said = localizer.text("desk-table", number=len(rows))
        await self._messenger.bot.send_document(job.member.chat_id, file, caption=said)

    async def _show(self, job: Job, screen: Screen) -> None:
        """Show a screen in the tapped message, or in a new one."""
        chat_id, payload = job.member.chat_id, job.payload
        if "message" in payload:
            tap = Tap("", chat_id, "", payload["chat"], payload["message"], bool(payload.get("photo")))
            await self._messenger.edit(tap, screen)
        else:
            await self._messenger.send(chat_id, screen)

    async def _import_file(self, job: Job, *, dry_run: bool = False, skip_bad: bool = False) -> Imported | None:
        """Import a CSV, or a ZIP of a CSV and its pictures; None for any other file."""
        bot = self._messenger.bot
        content = io.BytesIO()
        try:
            await bot.download(await bot.get_file(str(job.payload["file"])), content)
        except TelegramBadRequest:
            return None
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            packed = zipfile.is_zipfile(content)
            table = await asyncio.to_thread(_unpack, content, folder) if packed else content.getvalue()
            if table is None:
                return None
            return await self._services.goods.import_goods(
                read_goods(table),
                folder if packed else None,
                f"organiser {job.member.id}",
                dry_run=dry_run,
                skip_bad=skip_bad,
            )


def _unpack(content: io.BytesIO, folder: Path) -> bytes | None:
    """Unpack below `folder` and return the table; None if there is no table or the archive is too large."""
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
    # zipfile raises RuntimeError for encrypted files and unknown compression methods.
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError):
        return None
