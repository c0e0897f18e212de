"""The routers as the program wires them: nothing asks for what is not given, and nothing blocks the loop."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from aiogram import Dispatcher, Router
from aiogram.dispatcher.event.handler import FilterObject, HandlerObject
from aiogram.filters import Command, ExceptionTypeFilter, StateFilter
from aiogram.filters.callback_data import CallbackQueryFilter

from bot.services import make_services
from bot.updates.identification import Identity
from bot.wiring import ROUTERS, BotComponents, make_components
from domain.people import Member
from handlers.carousel import HOT
from handlers.commands import OutsidePrivateChat
from handlers.messenger import Request
from handlers.start import COMMANDS, FOR_ORGANISERS
from services.clock import SystemClock
from storage.db import Database
from tests.conftest import settings_for
from tests.handlers.test_callbacks import BUTTONS

FROM_AIOGRAM = {
    *("bot", "dispatcher", "event_update", "event_router", "event_context", "event_from_user", "event_chat"),
    *("fsm_storage", "state", "raw_state", "handler"),
}
"""What aiogram's dispatcher and its middlewares put beside every update (see their `data[…]`)."""


IDENTITY = {field.name for field in fields(Identity)}
"""What the processor puts beside every update."""
QUESTION = {"asked"}
"""What the middleware of questions puts beside every update."""
BESIDE_A_TAP = {"query", "callback_data"} | IDENTITY
"""What it puts beside the tap of a hot button."""


@pytest.fixture
def running(tmp_path: Path) -> BotComponents:
    services = make_services(Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db"), settings_for(tmp_path), SystemClock())
    return make_components(services, "42:a-token-for-tests", "http://127.0.0.1:1")


@pytest.fixture
def dispatcher(running: BotComponents) -> Dispatcher:
    return running.dispatcher


def handlers_of(router: Router) -> Iterator[tuple[str, HandlerObject, list[FilterObject]]]:
    """Each handler below a router with the kind of update it answers and all filters in front of it."""
    for below in router.chain_tail:
        for kind, observer in below.observers.items():
            for handler in observer.handlers if kind != "update" else ():  # that one is the dispatcher's own
                yield kind, handler, [*(observer._handler.filters or []), *(handler.filters or [])]


def name_of(handler: HandlerObject) -> str:
    return f"{handler.callback.__module__}.{handler.callback.__qualname__}"


def from_filters(filters: list[FilterObject]) -> set[str]:
    """What the filters before a handler add for it."""
    names: set[str] = set()
    for one in filters:
        names |= {"callback_data"} if isinstance(one.callback, CallbackQueryFilter) else set()
        names |= {"command"} if isinstance(one.callback, Command) else set()
        names |= {"raw_state"} if isinstance(one.callback, StateFilter) else set()
        assert not isinstance(one.callback, ExceptionTypeFilter)
    return names


def asked_for(function: Any) -> dict[str, bool]:
    """The names that a handler or filter asks for besides the event itself, and whether it can do without."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    assert all(p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters), function
    return {p.name: p.default is not p.empty for p in parameters}


def test_every_handler_asks_only_for_what_it_is_given(dispatcher: Dispatcher) -> None:
    always = set(dispatcher.workflow_data) | FROM_AIOGRAM | IDENTITY | QUESTION
    found = list(handlers_of(dispatcher))
    assert len(found) > 25
    wrong = []
    for _kind, handler, filters in found:
        unknown = set(asked_for(handler.callback)) - always - from_filters(filters)
        wrong += [f"{name_of(handler)} asks for {name}" for name in sorted(unknown)]
        for one in filters:
            if not type(one.callback).__module__.startswith("aiogram"):
                wrong += [f"{one.callback} asks for {name}" for name in set(asked_for(one.callback)) - always]
    assert not wrong


def test_what_a_handler_is_given_is_of_the_kind_that_it_expects(dispatcher: Dispatcher) -> None:
    wrong, seen = [], 0
    for kind, handler, filters in handlers_of(dispatcher):
        hints = get_type_hints(handler.callback)
        for name in set(hints) & set(dispatcher.workflow_data):
            seen += 1
            wrong += [] if isinstance(dispatcher[name], hints[name]) else [f"{name_of(handler)}: {name}"]
        # Outside their own chat with the bot users may be unknown to it, and there is no request.
        outside = "inline" in kind or any(isinstance(one.callback, OutsidePrivateChat) for one in filters)
        if "member" in hints and hints["member"] != (Member | None if outside else Member):
            wrong.append(f"{name_of(handler)}: member")
        if "request" in hints and (outside or hints["request"] is not Request):
            wrong.append(f"{name_of(handler)}: request")
    assert seen > 50
    assert not wrong


def test_every_handler_and_filter_is_awaitable(dispatcher: Dispatcher) -> None:
    """A plain function goes through a thread, 43-60 µs each time, also where it does not match.

    `F` inside `CallbackData.filter(F.do == "desk")` is no filter of its own: it is asked in the filter's own coroutine.
    """
    plain = []
    for _kind, handler, filters in handlers_of(dispatcher):
        plain += [] if handler.awaitable else [name_of(handler)]
        plain += [f"{one.callback} before {name_of(handler)}" for one in filters if one.magic or not one.awaitable]
        for one in (one for one in filters if not inspect.isfunction(one.callback)):
            plain += [] if inspect.iscoroutinefunction(type(one.callback).__call__) else [str(one.callback)]
    assert not plain


def test_the_taps_that_are_handled_before_aiogram_ask_only_for_what_they_are_given(dispatcher: Dispatcher) -> None:
    for prefix, (data, handler) in HOT.items():
        assert data.__prefix__ == prefix
        assert inspect.iscoroutinefunction(handler)
        assert set(inspect.signature(handler).parameters) <= BESIDE_A_TAP | set(dispatcher.workflow_data)
        assert set(inspect.signature(handler).parameters) >= {"query", "callback_data"}


def test_every_button_has_exactly_one_kind_of_handler(dispatcher: Dispatcher) -> None:
    answered = {
        one.callback.callback_data
        for kind, _handler, filters in handlers_of(dispatcher)
        if kind == "callback_query"
        for one in filters
        if isinstance(one.callback, CallbackQueryFilter)
    }
    hot = {data for data, _ in HOT.values()}
    assert not answered & hot
    assert answered | hot == set(BUTTONS)


def test_every_command_of_the_menus_has_a_handler(dispatcher: Dispatcher) -> None:
    answered = {
        command
        for kind, _handler, filters in handlers_of(dispatcher)
        if kind == "message"
        for one in filters
        if isinstance(one.callback, Command)
        for command in one.callback.commands
    }
    assert answered == {"start", *COMMANDS, *FOR_ORGANISERS, "bind", "unbind"}


def test_every_provided_dependency_is_used_by_a_handler(dispatcher: Dispatcher) -> None:
    asked = {name for _, handler, _ in handlers_of(dispatcher) for name in asked_for(handler.callback)}
    asked |= {name for _, handler in HOT.values() for name in inspect.signature(handler).parameters}
    assert set(dispatcher.workflow_data) - {"dispatcher"} <= asked


def test_two_bots_in_one_process_share_no_router(dispatcher: Dispatcher) -> None:
    assert len(dispatcher.sub_routers) == len(ROUTERS)
    assert not [router for router in ROUTERS if router.parent_router is not None]
