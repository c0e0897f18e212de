"""Every update is named in what is logged about it, no token leaves, and watchers are loaded only when asked for."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.transport import Transport

from bot.ops.metrics import REGISTRY
from bot.ops.observability import (
    UPDATE,
    Tracing,
    log_to_terminal,
    start_observability,
    trace_with,
)
from bot.settings import Settings
from bot.updates.processor import Ack, AckState
from tests.bot.conftest import Terminal

TOKEN = "123456789:AAE-canary_canary_canary_canary"
log = logging.getLogger("bot.some.part")


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    Tracing.tracer = None


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


def fail(text: str) -> None:
    try:
        raise RuntimeError(f"https://api.telegram.org/bot{TOKEN}/getMe")
    except RuntimeError as error:
        log.error(text, TOKEN, exc_info=error)


async def test_what_is_logged_while_an_update_is_handled_has_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_terminal("json")

    async def one(number: int) -> None:
        with Ack({"update_id": number, "message": {}}).observed():
            await asyncio.sleep(0)
            log.info("of %s", number)

    await asyncio.gather(*(one(number) for number in (7, 8, 9)))
    log.info("of no update")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line.get("update"), line["message"]) for line in lines] == [
        (7, "of 7"),
        (8, "of 8"),
        (9, "of 9"),
        (None, "of no update"),
    ]
    assert lines[0]["level"] == "INFO" and lines[0]["logger"] == "bot.some.part" and lines[0]["time"].endswith("+00:00")
    assert UPDATE.get() is None


def test_a_json_line_has_the_documented_fields_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_terminal("json")
    with Ack({"update_id": 7, "message": {}}).observed():
        fail("出错: %s")
    log.info({"level": "of a library"}, extra={"level": "wrong", "error": "wrong", "time": "wrong", "more": 1})
    first, second = capsys.readouterr().err.splitlines()
    assert "出错" in first, "Chinese is not escaped"
    assert list(json.loads(first)) == ["time", "level", "logger", "message", "update", "error"]
    plain = json.loads(second)
    assert list(plain) == ["time", "level", "logger", "message"]
    assert (plain["level"], plain["message"]) == ("INFO", "{'level': 'of a library'}")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", plain["time"])


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_token_is_in_any_form_of_the_log(capsys: pytest.CaptureFixture[str], form: str) -> None:
    log_to_terminal(form)
    with Ack({"update_id": 7, "message": {}}).observed():
        fail("broken: %s\nand a second line")
        log.error("arguments that do not fit %s %s", TOKEN)  # noqa: PLE1206
    said = capsys.readouterr().err
    assert "canary" not in said and "RuntimeError" in said
    if form == "json":
        assert [json.loads(line)["update"] for line in said.splitlines()] == [7, 7]
    else:
        assert said.count("[update 7]") == 2


def test_updates_are_counted_by_kind_and_outcome() -> None:
    def number(outcome: str) -> float:
        return REGISTRY.get_sample_value("wtg_updates_total", {"kind": "inline_query", "outcome": outcome}) or 0

    before = number("handled"), number("failed")
    ack = Ack({"update_id": 1, "inline_query": {}})
    with ack.observed():
        assert UPDATE.get() == 1
        ack.state = AckState.HANDLED
    ack = Ack({"update_id": 2, "inline_query": {}})
    with ack.observed():
        ack.state = AckState.FAILED
    assert (number("handled"), number("failed")) == (before[0] + 1, before[1] + 1)
    assert (REGISTRY.get_sample_value("wtg_handler_seconds_sum", {"kind": "inline_query"}) or 0) > 0


class Post(Transport):
    """Keeps what Sentry would be sent."""

    sent: list[str] = []  # noqa: RUF012 - Sentry makes the object

    def capture_envelope(self, envelope: Any) -> None:
        self.sent.append(envelope.serialize().decode())


def test_sentry_is_told_of_errors_without_tokens() -> None:
    Post.sent.clear()
    start_observability(settings(sentry_dsn="https://key@sentry.example.com/1"), transport=Post)
    try:
        fail("broken: %s")
    finally:
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)
    assert len(Post.sent) >= 1 and any("RuntimeError" in each for each in Post.sent)
    assert not any("canary" in each for each in Post.sent)


def test_updates_are_traced_with_what_became_of_them() -> None:
    kept = InMemorySpanExporter()
    trace_with(SimpleSpanProcessor(kept))
    ack = Ack({"update_id": 7, "callback_query": {}})
    with ack.observed():
        ack.state = AckState.BLOCKED
    [span] = kept.get_finished_spans()
    assert span.name == "update callback_query"
    assert dict(span.attributes or {}) == {"telegram.update_id": 7, "outcome": "blocked"}
    assert span.resource.attributes["service.name"] == "want-to-group"
    Tracing.tracer = None
    with Ack({"update_id": 8, "callback_query": {}}).observed():
        pass
    assert len(kept.get_finished_spans()) == 1


@pytest.mark.long
def test_neither_is_loaded_before_it_is_asked_for(terminal: Terminal) -> None:
    ended = terminal.python(
        "-c",
        "import sys, bot.app, bot.ops.observability\n"
        "from bot.settings import Settings\n"
        "bot.ops.observability.start_observability(Settings(_env_file=None))\n"
        "assert not {'sentry_sdk', 'opentelemetry'} & {name.partition('.')[0] for name in sys.modules}",
    )
    assert ended.returncode == 0, ended.stderr
