"""The demo: without a token the bot runs in a local chat with people and goods of its own, by that chat's clock."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import demo
from bot.doctor import MIXED
from bot.ops.locks import AlreadyRunning, database_lock
from bot.services import Services
from bot.settings import Settings, SettingsError
from domain.csv_files import Parsed, read_goods, read_spending
from domain.goods import ItemState
from services.operations import keep_for_demo, mixed
from services.rounds import RoundOpened
from storage.db import Database

if TYPE_CHECKING:
    from sandbox import Sandbox

BOT_ID = 70000001
USERNAME = "wanttogroup_bot"
ORGANISER = 1009
FIRST_ROUND = 48
KEEP_WAITING = 24
_MARK_EVERY = 5.0
"""Seconds between two updates of the times that the page offers: two queries each."""

_PEOPLE = (
    (1001, "林美", "zh-hans", "买家 · 18 张选票"),
    (1002, "Ann", "en", "buyer · 7 ballots"),
    (1003, "王磊", "zh-hans", "朋友 · 没有选票"),
    (1004, "老周", "zh-hans", "买家 · 差 ¥37"),
    (1005, "Chen", "en", "buyer · 24 ballots"),
    (ORGANISER, "团长", "zh-hans", "小二 / organiser · /desk"),
)
_ADDRESS = "address"
"""The file, in the local chat's folder, that holds where it is open, or was last."""
_CATALOGUE = Path(demo.__file__).parent


def furnish(box: Sandbox) -> str:
    """Put the bot, its people and a group of neighbours into the local chat, where they are not there yet. Returns the
    bot's token, which is new at each start: no web page can know it."""
    token, known = f"{BOT_ID}:{secrets.token_urlsafe(24)}", BOT_ID in box.world.state.bots
    box.add_bot(token, USERNAME, "我想团 · I want to group")
    if known:
        return token
    for number, name, language, note in _PEOPLE:
        box.add_person(name, id=number, language_code=language, role_note=note, time_zone="Asia/Shanghai")
    # People show each other links in a chat of their own; the bot is not in it.
    neighbours = box.backend.groups.create("supergroup", "邻居群 · Neighbours", [number for number, *_ in _PEOPLE])
    for person in box.world.state.people.values():
        box.backend.actions.read(person, neighbours)  # that they joined is not shown as unread
    return token


def note_address(settings: Settings, url: str) -> None:
    """Write down where the local chat is open, for a second start."""
    settings.chat_folder.mkdir(parents=True, exist_ok=True)
    (settings.chat_folder / _ADDRESS).write_text(url, encoding="utf-8")


def refuse_a_second(settings: Settings) -> None:
    """Raises AlreadyRunning, with the address of the local chat that is open, where a bot runs on this database."""
    try:
        with database_lock(Database(settings.database_url)):
            return
    except AlreadyRunning as error:
        noted = settings.chat_folder / _ADDRESS
        if not noted.is_file():
            raise
        raise AlreadyRunning(f"the local chat is open already:  {noted.read_text(encoding='utf-8')}") from error


async def keep_apart(services: Services, *, demo: bool) -> None:
    """Keep the demo's people out of a real database, and real members out of the demo's. Raises SettingsError."""
    db = services.context.db
    why_not = await mixed(db, demo=demo)
    if why_not is not None:
        raise SettingsError(MIXED[why_not])
    if demo:
        await keep_for_demo(db)


async def stock(services: Services, progress: Callable[[int, int], None]) -> None:
    """Import the catalogue into an empty database, open a special round with most of it, keep the rest for 08:00."""
    if (await services.rounds.overview()).on_display or await services.goods.ranking(1):
        return
    table = read_goods((_CATALOGUE / "goods.csv").read_bytes())
    first, rest = table.rows[:FIRST_ROUND], table.rows[FIRST_ROUND:]
    found = await services.goods.import_goods(Parsed(first, table.bad), _CATALOGUE, "demo", progress=progress)
    assert found.stored, f"the catalogue that comes with the bot is valid: {found.bad[:1]}"
    await services.goods.import_spending(read_spending((_CATALOGUE / "spend.csv").read_bytes()))
    await services.rounds.open_special()
    await services.goods.import_goods(Parsed(rest, ()), _CATALOGUE, "demo")


class LocalChatHost:
    """Keeps the local chat in step: it provides goods for the next round, and the times that its page offers."""

    def __init__(self, box: Sandbox, services: Services) -> None:
        self._box = box
        self._services = services
        self._marks: list[dict[str, Any]] = []
        self._marked_at = -math.inf
        self._offset: float | None = None

    async def after_tick(self, opened: RoundOpened | None) -> None:
        """Runs after each tick of the schedule."""
        if opened is not None:
            await self._restock()
            if not (await self._services.rounds.overview()).on_display:
                await self._services.rounds.open_special()  # a special round took this morning's goods
        now = self._services.context.clock.monotonic()
        if opened is not None or now - self._marked_at >= _MARK_EVERY or self._offset != self._box.clock.offset:
            self._marked_at = now
            await self._mark()
        if self._offset != self._box.clock.offset:
            self._offset = self._box.clock.offset
            await self._services.rounds.note_clock(self._offset)  # so that commands beside the bot use the same time

    async def _restock(self) -> None:
        """Show goods without votes again, so that the next round is never empty (R16)."""
        missing = KEEP_WAITING - (await self._services.rounds.overview()).waiting
        for item, _told in reversed(await self._services.goods.ranking()):
            if missing > 0 and item.state is ItemState.DISPLAYED and item.wants == 0:
                missing -= bool(await self._services.goods.show_again(item.id, "demo"))

    async def _mark(self) -> None:
        marks = [_a_mark("round", "Next round opens", "下一场开始", await self._services.rounds.next_opening())]
        alert = await self._services.groups.next_alert()
        if alert is not None:
            marks.append(_a_mark("alert", "Next alert", "下一次开团通知", alert))
        if marks != self._marks:
            self._marks = marks
            self._box.clock.set_marks(marks)


def _a_mark(name: str, english: str, chinese: str, at: Any) -> dict[str, Any]:
    return {"id": name, "label": {"en": english, "zh": chinese}, "at": (at + timedelta(seconds=1)).isoformat()}
