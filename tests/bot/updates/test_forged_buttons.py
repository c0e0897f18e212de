"""Every field of every button with every number and text that a forger may write there: answered, never an error."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from aiogram.types import Chat, Message, User

from bot.services import Services
from bot.telegram.session import BotSession
from bot.updates.processor import Ack, AckState, UpdateProcessor
from bot.wiring import make_components
from handlers import callbacks
from handlers.views.brushing.case_acts import CaseAct
from tests.bot.delivery.sender_kit import TOKEN
from tests.conftest import ORGANISER, TUESDAY_TEN, spend
from tests.handlers.test_callbacks import BUTTONS
from tests.services.conftest import ask, db, pools, server, source, templates

__all__ = ["db", "pools", "server", "source", "templates"]

pytestmark = pytest.mark.postgresql_later

PERSON = {"id": ORGANISER, "is_bot": False, "first_name": "Olga", "language_code": "en"}
"""An organiser, to whom every button answers."""
PRIVATE = {"id": ORGANISER, "type": "private", "first_name": "Olga"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Neighbours"}

NUMBERS = (-(2**63) - 1, -(2**63), -(2**31), -1, 0, 1, 999, 2**31 - 1, 2**31, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**70)
FEW = ("-1", str(2**63), "a\0")
MANY = (*FEW, "\ud800", *map(str, NUMBERS), "9" * 40, "", "x", "1.5", "１", "١", "1_0", " 1", "-0", "nan")
ACTIONS = {
    callbacks.DeskCallback: (
        *("ranking", "item", "at", "yes", "late", "ask", "out", "end", "again", "table", "of-encoding", "of-sheet"),
        *("store", "sends", "send", "stop", "pause", "resume", "stop!", "star", "star!", "day", "day-yes"),
        *("cases", "bans", "case", "case-do", "case-notice", "case-file", *(f"case-{act}" for act in CaseAct)),
    ),
    callbacks.SettingsCallback: ("language", "carousel", "alerts", "alerts-quiet", "name", "quiet-to"),
    callbacks.ShareCallback: ("more", "back", "poster", "wechat", "ask", "renew"),
}
"""The actions of a class, in each of which the other fields mean something else."""
ORDINARY = {
    **{"item": "1", "draw": "1", "position": "0", "of": "1", "view": "l", "page": "0", "category": "food"},
    **{
        "vote": "1",
        "fresh": "0",
        "what": "alerts",
        "do": "show",
        "value": "1",
        "look": "ep",
        "shown": "0",
        "language": "en",
    },
}
MOMENTS = ("-1", "0", "1073741824", "4000000000", "1.-1", "1.0", "30000000.4000000000", "4000000000.0")
DAYS = ("0001-01-01+", "9999-12-31+", "9999-12-31-", "9999-12-310", "2026-W01-1+", "20261124  +")


@pytest.fixture
async def processor(services: Services, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[UpdateProcessor]:
    """A bot whose calls Telegram accepts."""

    async def make_request(_session: Any, _bot: Any, method: Any, **_: Any) -> Any:
        if method.__returning__ is User:
            return User(id=7, is_bot=True, first_name="Bot", username="a_bot")
        if method.__returning__ is bool or method.__api_method__.startswith("answer"):
            return True
        return Message(message_id=7, date=TUESDAY_TEN, chat=Chat(id=ORGANISER, type="private"))

    async def call(_session: Any, _bot: Any, _name: str, _payload: dict[str, Any], *_: Any, **__: Any) -> Any:
        return {"message_id": 7, "date": 1, "chat": {"id": ORGANISER, "type": "private"}}

    monkeypatch.setattr(BotSession, "make_request", make_request)
    monkeypatch.setattr(BotSession, "call", call)
    running = make_components(services, TOKEN, "http://127.0.0.1:1")
    yield running.processor
    await running.bot.session.close()


def forgeries(button: type[CallbackData], token: str, extremes: Sequence[str]) -> Iterator[str]:
    """Each field takes every extreme, in every action of the button."""
    fields = list(button.model_fields)
    chosen = next((name for name in ("do", "what") if name in fields), None)
    for action in ACTIONS.get(button, (ORDINARY.get(chosen or "", ""),)):
        ordinary = {**ORDINARY, "name": token, **({chosen: action} if chosen else {})}
        for field in fields:
            for extreme in (*extremes, *(MOMENTS + DAYS if field == "value" else ())):
                yield ":".join([button.__prefix__, *({**ordinary, field: extreme}[name] for name in fields)])


@pytest.mark.parametrize("extremes", [FEW, pytest.param(MANY, marks=pytest.mark.long)], ids=["few", "many"])
@pytest.mark.parametrize("chat", [PRIVATE, pytest.param(GROUP, marks=pytest.mark.long)], ids=["private", "group"])
async def test_r19_no_field_of_any_button_can_be_forged_into_an_error(
    chat: dict[str, Any],
    extremes: Sequence[str],
    processor: UpdateProcessor,
    display: Services,
    caplog: pytest.LogCaptureFixture,
) -> None:
    member = await display.people.meet(ORGANISER, "Olga", "en")
    await spend(display, ORGANISER, "90000.00")
    link = await display.canvassing.link(member, 1)
    assert link is not None
    message = {"message_id": 5, "date": 1, "chat": chat, "from": {"id": 7, "is_bot": True, "first_name": "Bot"}}
    failed: list[str] = []

    async def tap(number: int, data: str) -> None:
        query = {"id": f"q{number}", "from": PERSON, "chat_instance": "1", "data": data, "message": message}
        ack = Ack({"update_id": number, "callback_query": query})
        await processor.process(ack)
        if ack.state is not AckState.HANDLED:
            failed.append(data)

    with caplog.at_level(logging.ERROR):
        forged = [data for button in BUTTONS for data in forgeries(button, link.token, extremes)]
        for start in range(0, len(forged), 8):
            await asyncio.gather(*(tap(number, forged[number]) for number in range(start, min(start + 8, len(forged)))))
    assert not failed
    assert not [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert not await ask(display.context.db, "SELECT error FROM failed_updates")
