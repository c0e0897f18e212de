"""An open question survives a restart, and its row is deleted once it is answered."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import StorageKey
from sqlalchemy import text

from bot.services import Services
from bot.updates.conversations import DatabaseFsmStorage
from storage import updates
from storage.db import Database
from storage.db.errors import DatabaseUnavailable
from tests.conftest import meet


class Asking(StatesGroup):
    """Something to be asked."""

    time = State()


@pytest.fixture(autouse=True)
async def _members(services: Services) -> None:
    """Only members are asked something."""
    await meet(services, 1001)
    await meet(services, 1002)


KEY = StorageKey(bot_id=7, chat_id=1001, user_id=1001)


async def restarted(services: Services) -> FSMContext:
    """The conversation as a bot that has just started knows it."""
    storage = DatabaseFsmStorage(services.context)
    await storage.start()
    return FSMContext(storage, KEY)


async def stored(db: Database) -> int:
    async with db.read() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM conversations"))).scalar_one())


async def test_a_question_survives_a_restart(services: Services, db: Database) -> None:
    state = await restarted(services)
    await state.set_state(Asking.time)
    await state.set_data({"item": 5, "file": "名"})
    again = await restarted(services)
    assert await again.get_state() == Asking.time.state
    assert await again.get_data() == {"item": 5, "file": "名"}
    assert await again.update_data(page=2) == {"item": 5, "file": "名", "page": 2}
    await again.clear()
    assert await (await restarted(services)).get_state() is None
    assert await stored(db) == 0


async def test_a_user_without_an_open_question_costs_no_query() -> None:
    context: Any = SimpleNamespace(db=SimpleNamespace(is_sqlite=True))  # any query raises AttributeError
    state = FSMContext(DatabaseFsmStorage(context), KEY)
    assert await state.get_state() is None and await state.get_data() == {}
    await state.clear()


async def test_questions_to_two_users_are_separate(services: Services) -> None:
    storage = DatabaseFsmStorage(services.context)
    other = StorageKey(bot_id=7, chat_id=1002, user_id=1002)
    await storage.set_state(KEY, Asking.time)
    await storage.set_state(other, "something")
    await storage.set_data(other, {"a": 1})
    await storage.set_state(KEY, None)
    assert await storage.get_state(KEY) is None
    assert (await storage.get_state(other), await storage.get_data(other)) == ("something", {"a": 1})


async def test_each_addition_to_the_data_is_stored(services: Services) -> None:
    state = await restarted(services)
    await state.set_data({"item": 1})
    await state.update_data(page=2)
    (await state.get_data())["item"] = 3  # a reader's own copy
    assert await (await restarted(services)).get_data() == await state.get_data() == {"item": 1, "page": 2}


async def test_a_state_whose_write_failed_is_not_kept_in_memory(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The update is handled again once the database is back: then it is asked, and answered, as the first time."""
    whole, missing = updates.store_conversation, [DatabaseUnavailable("unreachable")]

    async def store(*given: Any) -> None:
        if missing:
            raise missing.pop()
        await whole(*given)

    monkeypatch.setattr(updates, "store_conversation", store)
    state = await restarted(services)
    with pytest.raises(DatabaseUnavailable):
        await state.set_state(Asking.time)
    assert await state.get_state() is None
    await state.set_state(Asking.time)
    assert await (await restarted(services)).get_state() == Asking.time.state
    missing.append(DatabaseUnavailable("unreachable"))
    with pytest.raises(DatabaseUnavailable):
        await state.set_state(None)
    assert await state.get_state() == Asking.time.state
    await state.set_state(None)
    assert await (await restarted(services)).get_state() is None
