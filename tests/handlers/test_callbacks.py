"""Callback data is enough to judge a later tap, in at most 64 bytes."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from annotated_types import Ge, Le, MaxLen
from hypothesis import example, given
from hypothesis import strategies as st

from domain.carousel import Place
from domain.goods import Category
from handlers import callbacks
from handlers.screen import Button, Screen
from tests.conftest import examples
from tests.handlers.conftest import BIGGEST

LARGEST = {
    "item": BIGGEST,
    "draw": BIGGEST,
    "vote": BIGGEST,
    "position": 99,  # PAGE_SIZE is at most 100
    "of": 100,
    "view": "d",
    "page": 10**6,
    "category": max((category.value for category in Category), key=len),
    "fresh": True,
    "what": "alerts-quiet",
    "do": "ranking",
    "value": "1000000000",  # minutes since 1970: the year 3871
    "name": "A" * 16,  # a token
    "look": "bp",
    "shown": 2**31 - 1,
    "language": "both",
}
BUTTONS = sorted(
    (
        thing
        for thing in vars(callbacks).values()
        if inspect.isclass(thing)
        and issubclass(thing, CallbackData)
        and thing not in (CallbackData, callbacks.SettlingCallback, callbacks.HotCallback, callbacks.CardCallback)
    ),
    key=lambda button: button.__name__,
)


@pytest.mark.parametrize("button", BUTTONS, ids=lambda button: button.__name__)
def test_the_largest_callback_data_fits_64_bytes_and_is_read_back_unchanged(button: type[CallbackData]) -> None:
    values: dict[str, Any] = {name: LARGEST[name] for name in button.model_fields}
    packed = button(**values).pack()
    assert len(packed.encode()) <= 64
    assert button.unpack(packed) == button(**values)


@pytest.mark.parametrize("button", [b for b in BUTTONS if issubclass(b, callbacks.SettlingCallback) and b.model_fields])
def test_r18_a_switch_says_since_when_it_is_there_and_is_read_as_before(
    button: type[callbacks.SettlingCallback],
) -> None:
    values: dict[str, Any] = {name: LARGEST[name] for name in button.model_fields}
    packed, now = button(**values).pack(), datetime(2026, 11, 30, 7, 30, 1, 250_000, UTC)
    others = (Button("Shop", url="https://example.com"), Button("Other", data="zz:1"))
    screen = Screen("Hello", ((Button("A", data=packed),), others))
    ((settled,), rest) = callbacks.settling(screen, now, button.__prefix__ + ":").buttons
    assert rest == others
    assert settled.data is not None and len(settled.data.encode()) <= 64
    assert button.unpack(settled.data) == button(**values)
    assert callbacks.settling_since(settled.data) == now.replace(microsecond=200_000)
    assert callbacks.settling_since(packed) is None


@pytest.mark.parametrize("forged", ["s:a:b~", "s:a:b~x", "s:a:b~" + "f" * 50, "s:a:b~-" + "f" * 20, "~", ""])
def test_r19_a_forged_time_is_none(forged: str) -> None:
    assert callbacks.settling_since(forged) is None


@pytest.mark.parametrize(
    "button", [b for b in BUTTONS if issubclass(b, callbacks.HotCallback)], ids=lambda b: b.__name__
)
def test_fast_packing_equals_pack(button: type[callbacks.HotCallback]) -> None:
    values: dict[str, Any] = {name: LARGEST[name] for name in button.model_fields}
    packed = button(**values).pack()
    assert button.data(*(int(v) if isinstance(v, bool) else v for v in values.values())) == packed
    if issubclass(button, callbacks.CardCallback):
        assert button.on(BIGGEST, Place(BIGGEST, 99, 100), "d") == packed


def test_callback_prefixes_are_unique() -> None:
    prefixes = [button.__prefix__ for button in BUTTONS]
    assert len(set(prefixes)) == len(prefixes) > 15
    assert max(map(len, prefixes)) <= 2


def test_a_card_button_keeps_the_place_of_its_card() -> None:
    button = callbacks.DetailsCallback.unpack(callbacks.DetailsCallback(item=7, draw=5, position=2, of=28).pack())
    assert button.place == Place(5, 2, 28)
    assert callbacks.VoteCallback.unpack(callbacks.VoteCallback(item=7).pack()).place == Place()


@pytest.mark.parametrize(
    "forged", ["v", "v:", "v:7", "v:x:0:0:1:l", "v:7:0:0:1:l:more", "", "q:7", "v:7:0:0:1.5:l", "v:7:9:0:0:l"]
)
def test_forged_callback_data_is_refused(forged: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        callbacks.VoteCallback.unpack(forged)


@pytest.mark.parametrize("button", BUTTONS, ids=lambda button: button.__name__)
def test_every_field_of_a_button_is_bounded(button: type[CallbackData]) -> None:
    for name, field in button.model_fields.items():
        bounds = {type(one) for one in field.metadata}
        wanted = {int: {Ge, Le}, str: {MaxLen}, bool: set()}
        assert bounds >= wanted[field.annotation or object], name  # KeyError: a type whose bounds this test must learn


DIGITS = st.one_of(st.integers(), st.integers(-(2**70), 2**70), st.sampled_from([2**31, 2**53, 2**63])).map(str)
FORGED = st.one_of(DIGITS, st.text(max_size=60), st.text("0123456789-_. ١１", max_size=30))


@pytest.mark.parametrize("button", BUTTONS, ids=lambda button: button.__name__)
@examples(40)
@given(parts=st.lists(FORGED, max_size=6))
@example(parts=["A" * 16, "zp", "9223372036854775808"])
@example(parts=["1", "\0", "\ud800", "1", "1"])
def test_r19_any_callback_data_is_refused_or_within_the_bounds_of_the_database(
    button: type[CallbackData], parts: list[str]
) -> None:
    fields = list(button.model_fields)
    for data in (":".join([button.__prefix__, *parts]), ":".join([button.__prefix__, *(parts * 6)[: len(fields)]])):
        try:
            read = button.unpack(data)
        except (TypeError, ValueError):
            continue
        for name in fields:
            value, largest = getattr(read, name), 2**31 - 1 if name in ("page", "shown") else 2**53
            assert 0 <= value <= largest if isinstance(value, int) else value.isascii() and value.isprintable()
