"""The background jobs: posters, imported and exported tables, the export of a member's data (R4, R20, R31, R36).

A job may run twice, because a worker can die before it stores the outcome. Importing a table again changes nothing, and
a poster that was uploaded is found by its name.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, FSInputFile

from bot.jobs.examining import examine_apart
from bot.jobs.exports import sendable, write_personal_files, write_table
from bot.jobs.folders import job_folder
from bot.services import Services
from bot.telegram.files import fetch_file
from domain.payloads import Links
from domain.people import Member
from domain.reading.encodings import Encoding
from handlers.callbacks import Tap
from handlers.localization import Localizer
from handlers.messenger import Messenger, keyboard
from handlers.screen import Screen
from handlers.views import canvass, desk, tables
from handlers.views.brushing.case_picture import case_picture
from handlers.views.brushing.cases import picture_screen
from services.goods import Imported
from services.isolation.readers import read_goods_file
from services.jobs import Job, JobKind
from services.table_files import Choices, FileQuestion, UnusableFile

PICTURES_TAKE = 900.0
"""Seconds after which no further pictures of a table are read: two such jobs would hold up everyone's posters."""


class JobHandlers:
    """Runs jobs, one method per kind."""

    def __init__(self, services: Services, messenger: Messenger, links: Links, files: Path | None = None) -> None:
        """`files` is where this machine sees the files of a Bot API server in local mode."""
        self._services = services
        self._context = services.context
        self._messenger = messenger
        self._links = links
        self._files = files
        self._do = {
            JobKind.POSTER: self._draw_poster,
            JobKind.IMPORT_CHECK: self._check_import,
            JobKind.IMPORT: self._import,
            JobKind.EXPORT: self._export,
            JobKind.PERSONAL_DATA: self._export_personal_data,
        }

    async def do(self, job: Job) -> None:
        """Run a job and show the result to the member who asked for it. Raises whatever goes wrong."""
        if job.kind is JobKind.EXAMINE:
            if await self._services.examinations.may_find():
                await examine_apart(self._services)
            await self._services.cases.tell_organisers()
        elif job.kind is JobKind.TALLY:
            await self._services.tally.build()
        else:
            await self._do[job.kind](job, self._localizer(job.asker))

    async def apologise(self, job: Job) -> None:
        """Tell the member, if one asked for it, that the job failed. Raises aiogram's errors."""
        if job.member is None:
            return
        await self._messenger.send(job.asker.chat_id, Screen(self._localizer(job.asker).html("error")))

    def _localizer(self, member: Member) -> Localizer:
        rules, now = self._context.rules, self._context.clock.now()
        return Localizer(member.language, rules.zone, now, names_zone=member.elsewhere)

    async def _draw_poster(self, job: Job, localizer: Localizer) -> None:
        mine = await self._services.canvassing.link(job.asker, int(job.payload["item"]))
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
        elif isinstance(found, FileQuestion):
            await self._show(job, desk.file_question_screen(found, job.id, localizer))
        else:
            await self._show(job, desk.preview_screen(found, job.id, localizer))

    async def _import(self, job: Job, localizer: Localizer) -> None:
        found = await self._import_file(job, skip_bad=bool(job.payload.get("skip_bad")))
        if not isinstance(found, Imported):  # a preview has read the same file in the same way
            await self._show(job, desk.unusable_screen(localizer))
        else:
            await self._show(job, desk.imported_screen(found, localizer))

    async def _export(self, job: Job, localizer: Localizer) -> None:
        which, ending = str(job.payload["which"]), str(job.payload.get("format", "csv"))
        if which.startswith("template"):
            kind = tables.Template.SPENDING if which == "template-spending" else tables.Template.GOODS
            name = f"{localizer.text(f'template-{kind.value}')}.xlsx"
            content = await asyncio.to_thread(tables.template, kind, name, localizer)
            await self._send_file(job, name, content, localizer.text(f"desk-template-{kind.value}"))
            return
        if which == "case":
            await self._export_case(job, ending, localizer)
            return
        header, parts = (tables.VOTES, self._votes()) if which == "votes" else (tables.RANKING, self._ranking())
        local = localizer.now.astimezone(self._context.rules.zone)
        with job_folder() as folder:
            file = folder / f"{which}-{local:%Y%m%d-%H%M}.{ending}"
            async with aclosing(parts):
                number = await write_table(file, header, parts)
            sent, said = await asyncio.to_thread(sendable, file), localizer.text("desk-table", number=number)
            await self._messenger.bot.send_document(job.asker.chat_id, FSInputFile(sent), caption=said)

    async def _export_case(self, job: Job, ending: str, localizer: Localizer) -> None:
        """The evidence of a case as a picture, or as a table (R29)."""
        exhibit = await self._services.case_files.exhibit(int(job.payload["case"]))
        if exhibit is None:
            return
        number = exhibit.file.record.id
        if ending == "png":
            from services.pictures import case_pictures  # loads Pillow, which few processes need

            content = await asyncio.to_thread(case_pictures.draw, case_picture(exhibit, localizer))
            photo = BufferedInputFile(content, f"case-{number}.png")
            below = picture_screen(exhibit.file, localizer, job.asker.as_organiser)
            markup = keyboard(below)
            await self._messenger.bot.send_photo(
                job.asker.chat_id, photo, caption=below.text, parse_mode=ParseMode.HTML, reply_markup=markup
            )
            return
        rows = tables.case_table(exhibit, localizer)
        name = f"case-{number}.{ending}"
        content = await asyncio.to_thread(tables.as_file, name, tables.CASE, rows)
        await self._send_file(job, name, content, localizer.text("desk-table", number=len(rows)))

    async def _votes(self) -> AsyncGenerator[list[list[Any]]]:
        async with aclosing(self._services.goods.votes_table()) as parts:
            async for part in parts:
                yield tables.votes_table(part, self._context.rules.zone)

    async def _ranking(self) -> AsyncGenerator[list[list[Any]]]:
        found = await self._services.goods.ranking()
        yield tables.ranking_table(found, await self._services.goods.tallies([item.id for item, _ in found]))

    async def _export_personal_data(self, job: Job, localizer: Localizer) -> None:
        with job_folder() as folder:
            files = await write_personal_files(self._services.people, job.asker, folder, localizer)
            for file, said in zip(files, (None, localizer.text("privacy-file")), strict=True):
                await self._messenger.bot.send_document(job.asker.chat_id, FSInputFile(file), caption=said)

    async def _send_file(self, job: Job, name: str, content: bytes, said: str) -> None:
        file = BufferedInputFile(content, name)
        await self._messenger.bot.send_document(job.asker.chat_id, file, caption=said)

    async def _show(self, job: Job, screen: Screen) -> None:
        """Show a screen in the tapped message, or in a new one."""
        chat_id, payload = job.asker.chat_id, job.payload
        if "message" in payload:
            tap = Tap("", chat_id, "", payload["chat"], payload["message"], bool(payload.get("photo")))
            await self._messenger.edit(tap, screen)
        else:
            await self._messenger.send(chat_id, screen)

    async def _import_file(
        self, job: Job, *, dry_run: bool = False, skip_bad: bool = False
    ) -> Imported | FileQuestion | None:
        """Import a file of goods; None for one that is no table, and a question for one that has several readings."""
        payload = job.payload
        try:
            content = await fetch_file(self._messenger.bot, str(payload["file"]), self._files)
        except TelegramBadRequest:
            return None
        if content is None:
            return None
        encoding = Encoding(str(payload["encoding"])) if "encoding" in payload else None
        choices = Choices(_place(payload.get("table")), _place(payload.get("sheet")), encoding)
        with job_folder() as folder:
            try:
                found = await read_goods_file(content, folder, choices)
            except UnusableFile:
                return None
            if isinstance(found, FileQuestion):
                return found
            by = job.asker.as_organiser
            return await self._services.goods.import_goods(
                found.parsed, found.folder, by, dry_run=dry_run, skip_bad=skip_bad, patience=PICTURES_TAKE
            )


def _place(value: object) -> int | None:
    return None if value is None else int(str(value))
