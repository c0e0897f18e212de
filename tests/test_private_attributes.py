"""What the project uses of other libraries beyond their documented interface: one test names each.

An upgrade that takes one of these away fails here with the name, the version and the modules to look at.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import typing
from collections.abc import AsyncGenerator, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiogram.loggers
import aiogram.methods
import aiohttp
import pytest
from aiogram import Router
from aiogram.client.session.base import BaseSession
from aiogram.dispatcher.event.handler import FilterObject
from aiogram.filters.callback_data import CallbackData
from aiogram.methods import TelegramMethod
from apscheduler.schedulers import base as scheduler_base
from asyncpg import Connection
from sqlalchemy import Column, Integer, MetaData, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import visitors
from taskiq import InMemoryBroker
from taskiq.receiver import Receiver

from tests.syntax import parse
from tests.waiting import GUARD

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "handlers", "services", "domain", "storage", "sandbox", "tests", "benchmarks", "docs")

NAMED = {"_result_columns", "_transport", "_handler"}
"""The private attributes of libraries that a test below is about."""
STANDARD_LIBRARY = {"_exit", "_make"}
"""Documented in spite of their underscore: os._exit and namedtuple's _make."""

_GOODS = Table("goods", MetaData(), Column("id", Integer, key="id"), Column("stock", Integer))
_STATEMENT = select(_GOODS.c.id).where(_GOODS.c.stock > bindparam("least"))


@cache
def sources() -> dict[str, str]:
    """The text of every Python file but this one, by its path below the root."""
    files = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in files if path != Path(__file__)}


def users_of(pattern: str) -> list[str]:
    """The files in which something is used."""
    return [path for path, text in sources().items() if re.search(pattern, text)]


def expect(present: bool, library: str, name: str, pattern: str) -> None:
    """Fail if something of a library is gone; or if no file uses it any more, so that its test can be deleted."""
    users = users_of(pattern)
    assert users, f"no file uses {name} of {library} any more: delete its test"
    assert present, f"{name} is gone in {library} {version(library)}: see {', '.join(users)}"


def expect_parameters(callee: Any, names: set[str], library: str, pattern: str) -> None:
    """Each of these can be handed over by name."""
    there = set(inspect.signature(callee).parameters)
    for name in sorted(names):
        expect(name in there, library, f"{callee.__qualname__}({name}=…)", pattern)


# -- aiogram ----------------------------------------------------------------------------------------------------------


def test_aiogram_keeps_the_filters_of_a_whole_router_in_the_observers_handler() -> None:
    router = Router()
    router.message.filter(lambda _: True)
    kept = getattr(getattr(router.message, "_handler", None), "filters", None) or []
    there = [type(one) for one in kept] == [FilterObject]
    expect(there, "aiogram", "TelegramEventObserver._handler.filters", r"\._handler\b")


@pytest.mark.parametrize("name", ["__api_method__", "__returning__"])
def test_aiogram_methods_say_what_they_are_called_and_what_they_return(name: str) -> None:
    method = aiogram.methods.SendMessage
    expect(hasattr(method, name), "aiogram", f"TelegramMethod.{name}", rf"\b{name}\b")
    assert (method.__api_method__, method.__returning__) == ("sendMessage", aiogram.types.Message)


def test_aiogram_lets_a_method_be_declared_outside_of_its_own_catalogue() -> None:
    class Call(TelegramMethod[Any]):
        __returning__ = Any
        __api_method__ = "call"

    expect(Call().__api_method__ == "call", "aiogram", "TelegramMethod as a base class", r"\(TelegramMethod\[Any\]\)")


def test_aiogram_checks_an_answer_that_another_client_has_fetched() -> None:
    order = list(inspect.signature(BaseSession.check_response).parameters)
    there = order == ["self", "bot", "method", "status_code", "content"]
    expect(there, "aiogram", "BaseSession.check_response(bot, method, status_code, content)", r"\.check_response\(")


def test_aiogram_keeps_the_prefix_of_callback_data_on_its_class() -> None:
    class Tap(CallbackData, prefix="tap"):
        pass

    expect(getattr(Tap, "__prefix__", None) == "tap", "aiogram", "CallbackData.__prefix__", r"\b__prefix__\b")


@pytest.mark.parametrize(("field", "kind"), [("parse_mode", "Default"), ("photo", "InputFile")])
def test_aiogram_methods_mark_what_is_a_default_or_a_file_by_these_types(field: str, kind: str) -> None:
    parts = typing.get_args(aiogram.methods.SendPhoto.model_fields[field].annotation)
    expect(kind in {part.__name__ for part in parts}, "aiogram", f"the type {kind} of SendPhoto.{field}", rf'"{kind}"')


@pytest.mark.parametrize("logger", ["dispatcher", "event"])
def test_aiogram_logs_under_the_names_that_are_made_quiet(logger: str) -> None:
    there = getattr(getattr(aiogram.loggers, logger, None), "name", None) == f"aiogram.{logger}"
    expect(there, "aiogram", f"the logger aiogram.{logger}", rf'"aiogram\.{logger}"')


# -- aiohttp ----------------------------------------------------------------------------------------------------------


def test_aiohttps_connector_opens_a_connection_in_a_step_of_its_own() -> None:
    step = getattr(aiohttp.TCPConnector, "_wrap_create_connection", None)
    there = step is not None and {"addr_infos", "req", "timeout"} <= set(inspect.signature(step).parameters)
    expect(
        there, "aiohttp", "TCPConnector._wrap_create_connection(addr_infos, req, timeout)", r"_wrap_create_connection"
    )


# -- SQLAlchemy and asyncpg -------------------------------------------------------------------------------------------


def test_sqlalchemys_compiler_keeps_the_columns_of_a_result_with_their_types() -> None:
    columns = getattr(_STATEMENT.compile(dialect=sqlite.dialect()), "_result_columns", None) or ()
    kinds = [type(getattr(column, "type", None)) for column in columns]
    expect(kinds == [Integer], "SQLAlchemy", "SQLCompiler._result_columns[…].type", r"\._result_columns\b")


def test_sqlalchemys_compiler_keeps_the_order_of_the_parameters() -> None:
    for dialect in (sqlite.dialect(), postgresql.asyncpg.dialect()):
        order = getattr(_STATEMENT.compile(dialect=dialect), "positiontup", None)
        expect(order == ["least"], "SQLAlchemy", f"SQLCompiler.positiontup ({dialect.name})", r"\.positiontup\b")


@pytest.mark.parametrize(("name", "value"), [("required", True), ("effective_value", None)])
def test_sqlalchemys_compiler_keeps_its_parameters_by_name(name: str, value: object) -> None:
    binds = getattr(_STATEMENT.compile(dialect=sqlite.dialect()), "binds", {})
    found = getattr(binds.get("least"), name, "gone")
    expect(found is value, "SQLAlchemy", f"SQLCompiler.binds[…].{name}", rf"\.{name}\b")


@pytest.mark.parametrize("processor", ["bind_processor", "result_processor"])
def test_sqlalchemys_types_give_processors_for_a_dialect(processor: str) -> None:
    kind = Integer().dialect_impl(sqlite.dialect()) if hasattr(Integer, "dialect_impl") else None
    expect(hasattr(kind, processor), "SQLAlchemy", f"TypeEngine.dialect_impl().{processor}", rf"\.{processor}\(")


def test_sqlalchemys_visitors_replace_parts_of_a_statement() -> None:
    there = hasattr(visitors, "replacement_traverse")
    expect(there, "SQLAlchemy", "visitors.replacement_traverse", r"\.replacement_traverse\(")
    swapped: Any = visitors.replacement_traverse(
        _STATEMENT, {}, lambda element, **_: _GOODS.c.id if getattr(element, "key", "") == "least" else None
    )
    assert not swapped.compile(dialect=sqlite.dialect()).binds


def test_asyncpgs_connection_keeps_its_transport() -> None:
    expect("_transport" in Connection.__slots__, "asyncpg", "Connection._transport", r"\._transport\.get_extra_info")


# -- taskiq and APScheduler -------------------------------------------------------------------------------------------


def test_taskiqs_receiver_takes_what_it_is_made_with() -> None:
    names = {"broker", "max_async_tasks", "ack_type", "run_startup"}
    expect_parameters(Receiver.__init__, names, "taskiq", r"\bReceiver\(")
    expect_parameters(Receiver.listen, {"finish_event"}, "taskiq", r"\bReceiver\(")


async def test_taskiqs_receiver_reads_through_the_listen_that_was_put_in_place() -> None:
    asked, stopping = asyncio.Event(), asyncio.Event()

    async def listen() -> AsyncGenerator[bytes]:
        asked.set()
        await stopping.wait()
        yield b""

    broker = InMemoryBroker()
    broker.listen = listen  # type: ignore[method-assign,assignment]
    receiving = asyncio.create_task(Receiver(broker, run_startup=False).listen(stopping))
    done, _ = await asyncio.wait(
        {receiving, asyncio.create_task(asked.wait())}, timeout=GUARD, return_when=asyncio.FIRST_COMPLETED
    )
    expect(bool(done) and asked.is_set(), "taskiq", "Receiver's call of broker.listen()", r"\.listen = partial\(")
    stopping.set()
    await asyncio.wait_for(receiving, GUARD)


def test_apscheduler_reads_the_clock_where_a_test_replaces_it() -> None:
    expect(
        hasattr(scheduler_base, "datetime"),
        "APScheduler",
        "apscheduler.schedulers.base.datetime",
        r'"apscheduler\.schedulers\.base\.datetime"',
    )


# -- all of them ------------------------------------------------------------------------------------------------------


def own_names(tree: ast.Module) -> Iterator[str]:
    """The private names that a file gives itself: what it defines, sets on `self`, or declares in a class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_own(node.value):
            yield node.attr


def is_own(value: ast.expr) -> bool:
    """Whether an attribute is read from `self` or `cls`."""
    return isinstance(value, ast.Name) and value.id in ("self", "cls")


def foreign_uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Private attributes of anything but `self` and `cls`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr) and not is_own(node.value):
            yield node.lineno, node.attr


def test_no_other_private_attribute_of_a_library_is_used() -> None:
    trees = {path: parse(text, str(path)) for path, text in sources().items()}
    ours = {name for tree in trees.values() for name in own_names(tree)}
    found = [
        f"{path}:{line}: {name}"
        for path, tree in trees.items()
        for line, name in foreign_uses(tree)
        if name not in ours | NAMED | STANDARD_LIBRARY
    ]
    assert not found, f"use a public way, or name it in this module: {found}"
