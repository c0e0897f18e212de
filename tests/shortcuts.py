"""What all tests save: work of libraries that costs a good part of a run and that no test is about."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import aiosqlite
import pytest
import typer.main
from sqlalchemy import Dialect, Engine, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.db import database


class _WithoutPauses:
    """asyncio for a module that must not pause."""

    async def sleep(self, _seconds: float) -> None:
        await asyncio.sleep(0)

    def __getattr__(self, name: str) -> object:
        return getattr(asyncio, name)


class _OneTlsContext:
    """ssl for a module that makes a context for each bot: to read the authorities takes 20 ms of the processor."""

    create_default_context = staticmethod(cache(ssl.create_default_context))

    def __getattr__(self, name: str) -> object:
        return getattr(ssl, name)


@pytest.fixture(scope="session", autouse=True)
def bots_open_and_close_at_once() -> Iterator[None]:
    """aiogram makes a TLS context for each bot, and waits a quarter of a second for TLS connections after it has closed
    a session. Tests have none."""
    with pytest.MonkeyPatch.context() as patch:
        if (module := sys.modules.get("aiogram.client.session.aiohttp")) is not None:
            patch.setattr(module, "asyncio", _WithoutPauses())
            patch.setattr(module, "ssl", _OneTlsContext())
        yield


@pytest.fixture(scope="session", autouse=True)
def bots_share_their_handlers() -> Iterator[None]:
    """A bot copies the routers, because a router has one parent. Handlers know no router: one copy serves every bot."""
    with pytest.MonkeyPatch.context() as patch:
        if (module := sys.modules.get("aiogram.dispatcher.event.handler")) is not None:
            patch.setattr(module.HandlerObject, "__deepcopy__", lambda self, _memo: self, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def commands_are_read_once() -> Iterator[None]:
    """typer reads the functions of all commands for each command that a test runs, which takes 50 ms."""
    with pytest.MonkeyPatch.context() as patch:
        if (module := sys.modules.get("typer.testing")) is not None:
            patch.setattr(module, "_get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_are_compiled_once() -> Iterator[None]:
    """Each test has databases of its own, and SQLAlchemy compiles for each engine: a seventh of the processor's time.

    Here all engines of a kind share what was compiled. The cache's key holds the dialect, so equal ones are made equal.
    """
    shared: dict[type[Dialect], dict[Any, Any]] = {}
    with pytest.MonkeyPatch.context() as patch:

        def sharing(engine: Engine) -> dict[str, Any]:
            kind = type(engine.dialect)
            if kind not in shared:
                shared[kind] = {}
                patch.setattr(kind, "__hash__", lambda self: hash(type(self)))
                patch.setattr(kind, "__eq__", lambda self, other: type(self) is type(other))
            return {"compiled_cache": shared[kind]}

        def make_async(*args: Any, **options: Any) -> AsyncEngine:
            engine = create_async_engine(*args, **options)
            return engine.execution_options(**sharing(engine.sync_engine))

        def make(*args: Any, **options: Any) -> Engine:
            engine = create_engine(*args, **options)
            return engine.execution_options(**sharing(engine))

        patch.setattr(database, "create_async_engine", make_async)
        patch.setattr(database, "create_engine", make)
        yield


_IN_PLACE = frozenset(("cursor", "execute", "executemany", "fetchall"))
_MAY_WAIT = ("BEGIN IMMEDIATE", "PRAGMA journal_mode")
"""Statements that may wait for a lock of the file: they stay on the connection's thread."""


@pytest.fixture(scope="session", autouse=True)
def sqlite_changes_no_threads() -> Iterator[None]:
    """aiosqlite hands each step of a statement to its connection's thread, which takes longer than most statements.

    Here they run where they are asked for, and other tasks go on before each, as with the thread. The campaigns use the
    thread.
    """
    if "CAMPAIGN_SIZE" in os.environ:
        yield
        return
    on_thread = aiosqlite.Connection._execute

    async def execute(self: aiosqlite.Connection, do: Callable[..., Any], *args: Any, **options: Any) -> Any:
        name = do.__name__
        if name not in _IN_PLACE or (name == "execute" and args[0].startswith(_MAY_WAIT)):
            return await on_thread(self, do, *args, **options)
        if name != "cursor":
            await asyncio.sleep(0)
        if not self._running or not self._connection:
            raise ValueError("Connection closed")
        return do(*args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiosqlite.Connection, "_execute", execute)
        patch.setattr(aiosqlite, "connect", partial(aiosqlite.connect, check_same_thread=False))
        yield
