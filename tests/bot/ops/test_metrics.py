"""The metrics for Prometheus, who may read them, and that the dashboard uses no others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.ops.metrics import UPDATES, render
from bot.ops.scheduler import Scheduler
from bot.services import Services
from bot.updates.processor import Ack
from bot.web.server import WebServer, _loopback
from storage.db import Database
from tests.bot.web.test_server import free_port
from tests.conftest import meet, queue_due, settings_for, spend
from tests.services.conftest import on_display
from tests.test_house_rules import ROOT

DASHBOARD = ROOT / "deploy" / "grafana-dashboard.json"


@pytest.fixture
def schedule(services: Services) -> Scheduler:
    return Scheduler(services.context.clock, services.rounds, services.groups, services.campaigns, every=60)


async def samples(services: Services, schedule: Scheduler) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample, by its name and the values of its labels."""
    families = text_string_to_metric_families((await render(services, schedule)).decode())
    return {(one.name, tuple(one.labels.values())): one.value for family in families for one in family.samples}


async def test_votes_and_notifications_are_counted(display: Services, schedule: Scheduler) -> None:
    ann = await meet(display)
    await spend(display, 1001, "900")
    ids = (await on_display(display))[:6]
    for item in (*ids, ids[0]):
        await display.voting.cast(ann, item)
    await display.voting.take_back(ann, ids[0])
    await queue_due(display)
    said = await samples(display, schedule)
    votes = {labels[0]: value for (name, labels), value in said.items() if name == "wtg_votes_total"}
    assert votes == {"counted": 5, "day-limit": 1, "already-voted": 1, "taken-back": 1}
    assert said["wtg_notifications", ("pending",)] == 1 and said["wtg_notifications", ("dead",)] == 0
    assert said["wtg_oldest_due_notification_seconds", ()] == 0 and said["wtg_campaigns_held", ()] == 0
    assert 0 <= said["wtg_tick_age_seconds", ()] < 60 and said["wtg_database_answer_seconds", ()] > 0


async def test_the_oldest_pending_notification_has_an_age(display: Services, schedule: Scheduler, watch: Any) -> None:
    await meet(display)
    await queue_due(display)
    watch.advance(minutes=5)
    assert (await samples(display, schedule))["wtg_oldest_due_notification_seconds", ()] == 300


def test_kinds_of_updates_are_few() -> None:
    assert Ack({"update_id": 1, "callback_query": {}}).kind == "callback_query"
    assert Ack({"update_id": 1, "anything-forged": {}}).kind == "other" and Ack({}).kind == "other"


async def status(port: int, **headers: str) -> int:
    url = f"http://127.0.0.1:{port}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as response:
        return response.status


FORWARDED = (
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "CF-Connecting-IP",
    "True-Client-IP",
    "X-Client-IP",
    "Host",
    "Accept",
)


@pytest.mark.parametrize(("setting", "own", "public"), [("local", 200, 404), ("on", None, 200), ("off", None, 404)])
async def test_no_proxy_in_front_of_the_web_port_publishes_the_metrics_of_this_machine(
    services: Services, schedule: Scheduler, tmp_path: Path, setting: str, own: int | None, public: int
) -> None:
    port, apart = free_port(), free_port()
    settings = settings_for(tmp_path, web_port=port, metrics=setting, metrics_port=apart)
    async with WebServer(settings, services, schedule):
        assert {await status(port, **{name: "192.0.2.7"}) for name in FORWARDED} == {public}
        if own is None:
            with pytest.raises(aiohttp.ClientConnectionError):
                await status(apart)
        else:
            assert await status(apart) == own
    with pytest.raises(aiohttp.ClientConnectionError):
        await status(apart)


async def test_the_port_of_the_metrics_serves_nothing_else_and_a_taken_one_only_leaves_them_out(
    services: Services, schedule: Scheduler, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port, apart = free_port(), free_port()
    settings = settings_for(tmp_path, web_port=port, metrics_port=apart)
    async with WebServer(settings, services, schedule), aiohttp.ClientSession() as http:
        for path in ("/", "/healthz", "/i/icon.svg", "/telegram"):
            async with http.get(f"http://127.0.0.1:{apart}{path}") as response:
                assert response.status == 404
        other = settings_for(tmp_path, web_port=free_port(), metrics_port=apart)
        async with WebServer(other, services, schedule), http.get(f"http://127.0.0.1:{other.web_port}/x") as response:
            assert response.status == 404
    assert f"METRICS_PORT {apart}" in caplog.text


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.7", "127.0.0.7"), ("::1", "::1"), ("0.0.0.0", "127.0.0.1"), ("bot.example", "127.0.0.1")],
)
def test_the_metrics_of_this_machine_are_on_loopback_whatever_the_web_port_is_on(host: str, address: str) -> None:
    assert _loopback(host) == address


async def test_metrics_are_503_while_the_database_is_unavailable(
    services: Services, schedule: Scheduler, db: Database, tmp_path: Path
) -> None:
    port = free_port()
    async with db.write() as connection:
        await connection.exec_driver_sql("DROP TABLE notifications")
    async with WebServer(settings_for(tmp_path, web_port=port, metrics="on"), services, schedule):
        assert await status(port) == 503


async def test_the_dashboard_uses_only_existing_metrics(display: Services, schedule: Scheduler) -> None:
    dashboard = json.loads(DASHBOARD.read_text("utf-8"))
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel.get("targets", [])
        for name in re.findall(r"\bwtg_\w+", target["expr"])
    }
    UPDATES.labels("message", "handled").inc(0)
    text = (await render(display, schedule)).decode()
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)", text, re.MULTILINE))
    there = {
        f"{name}{suffix}"
        for name, kind in types.items()
        for suffix in (("_bucket", "_count", "_sum") if kind == "histogram" else ("",))
    }
    assert len(asked) >= 10 and not asked - there
    for expression in (target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])):
        # Each process counts its own events, but all report the same state of the database.
        assert expression.startswith(("sum", "histogram_quantile(", "max")), expression
        for name in re.findall(r"\bwtg_(?:notifications|oldest|tick|campaigns|jobs_waiting)\w*", expression):
            assert re.search(rf"max(?: by \(state\) )?\({name}", expression), expression
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
