"""The files of a production set-up, as far as they can be held to something without a container engine."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from bot.settings import Role, Settings
from tests.brokers import program
from tests.deployment import FOLDER, ROOT, Wrong, read, variables
from tests.waiting import GUARD

COMPOSE = (FOLDER / "compose.yaml").read_text("utf-8")
DOCUMENTED = (ROOT / "docs" / "operating.md").read_text("utf-8")
ENV = {
    "BOT_TOKEN": "123456:AAbbCCddEEffGGhhIIjj",
    "WEBHOOK_SECRET": "a-secret-of-twenty-one",
    "PUBLIC_URL": "https://bot.example.com",
    "DOMAIN": "bot.example.com",
    "ORGANISER_IDS": "1234567",
    "POSTGRES_PASSWORD": "abc123",
}
OURS = {"web-1": "web", "web-2": "web", "sender": "sender", "ticker": "ticker", "worker": "worker"}
"""Our services, and the role of each."""


def test_what_stands_beside_the_compose_file_is_documented_and_enough() -> None:
    shown = re.search(r"Beside it, `\.env`:\n\n```\n(.*?)```", DOCUMENTED, re.DOTALL)
    assert shown is not None
    names = [line.partition("=")[0] for line in shown[1].splitlines()]
    assert names == list(ENV)
    assert variables(COMPOSE) <= set(ENV)


def test_the_set_up_is_two_web_two_senders_and_one_of_each_else() -> None:
    services = read(COMPOSE, ENV)
    assert {name: one.replicas for name, one in services.items()} == {
        **{"database": 1, "broker": 1, "web-1": 1, "web-2": 1, "sender": 2, "ticker": 1, "worker": 1, "proxy": 1}
    }


@pytest.mark.parametrize("name", OURS)
def test_each_of_our_processes_would_start(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = read(COMPOSE, ENV)[name]
    assert service.command == ("python", "-m", "bot", "run", "--role", OURS[name])
    known = {field.upper() for field in Settings.model_fields} | {"DOMAIN", "POSTGRES_PASSWORD"}
    assert set(service.environment) <= known, "a setting that nobody reads"
    for key, value in service.environment.items():
        monkeypatch.setenv(key, value)
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    Role(OURS[name]).check(settings)
    assert settings.environment == "production" and settings.updates == "webhook"
    assert {"database", "broker"} <= service.needs and service.raw["restart"] == "always"
    assert service.raw["read_only"] and service.raw["tmpfs"] == ["/tmp"] and service.raw["stop_grace_period"] == "60s"


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("restart: always", "restarts: always"),
        ("${DOMAIN:?}", "${DOMAIN}"),
        ("volumes: [database:/var", "volumes: [databse:/var"),
        ("./Caddyfile:", "./Cadyfile:"),
        ('WEB_PORT: "8080"', "WEB_PORT: 8080"),
        ("condition: service_healthy", "condition: healthy"),
        ("name: want-to-group\n", "nmae: want-to-group\n"),
        ("    image: nats:2\n", "    image: nats:2\n    image: nats:3\n"),
        ("depends_on: [web-1, web-2]", "depends_on: [web-1, web-3]"),
        ("command: [-js, -sd, /data]", "command: -js -sd /data"),
        ("POSTGRES_DB: bot", "POSTGRES_DB: ${UNHEARD_OF:?}"),
    ],
)
def test_a_wrong_file_is_refused(was: str, becomes: str) -> None:
    """Otherwise the tests above would say little."""
    assert was in COMPOSE
    with pytest.raises(Wrong):
        read(COMPOSE.replace(was, becomes, 1), ENV)


def test_the_proxy_serves_the_address_and_leads_to_the_port_of_web() -> None:
    services = read(COMPOSE, ENV)
    text = (FOLDER / "Caddyfile").read_text("utf-8")
    assert services["proxy"].environment == {"DOMAIN": "bot.example.com"} and "{$DOMAIN} {" in text
    assert "reverse_proxy web-1:8080 web-2:8080 {" in text and "health_uri /readyz" in text
    assert {services[name].environment["WEB_PORT"] for name in ("web-1", "web-2")} == {"8080"}
    caddy = program("caddy")
    assert caddy is not None, "caddy is needed: apt-get install caddy"
    subprocess.run(
        [caddy, "validate", "--adapter", "caddyfile", "--config", FOLDER / "Caddyfile"],
        env={"DOMAIN": "bot.example.com", "HOME": "/nonexistent"},
        check=True,
        capture_output=True,
        timeout=GUARD,
    )


def test_the_image_holds_what_the_services_need_and_no_secret() -> None:
    text = (FOLDER / "Dockerfile").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (wanted,) = re.findall(r"-e '\.\[(.*?)\]'", text)
    extras = set(wanted.split(","))
    assert extras == {"postgres", "nats"} <= set(project["project"]["optional-dependencies"])
    assert "-c constraints.txt" in text and (ROOT / "constraints.txt").is_file()
    rooms = set(shlex.split(text.partition("compileall -q ")[2].splitlines()[0]))
    assert rooms == {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert text.rindex("USER bot") > text.rindex("RUN "), "what runs later is nobody's root"
    version = re.search(r"FROM python:([0-9.]+)-slim", text)
    assert version and version[1] in project["project"]["requires-python"]
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {"**/.env", ".git", ".venv", "data"} <= set(ignored)
    needed = {"bot", "handlers", "services", "domain", "storage", "sandbox", "demo", "README.md", "constraints.txt"}
    assert not needed & set(ignored) and "LICENSE" not in ignored


def test_the_image_the_checks_and_the_manual_name_the_fonts_of_posters() -> None:
    packages = {"fonts-noto-core", "fonts-noto-color-emoji", "fonts-hanazono", "libfribidi0"}
    for path in (FOLDER / "Dockerfile", ROOT / ".ci" / "run", ROOT / "docs" / "operating.md"):
        assert packages <= set(path.read_text("utf-8").split()), path


def test_the_health_check_asks_the_port_that_is_served() -> None:
    service = read(COMPOSE, ENV)["web-1"]
    kind, python, dash_c, script = service.raw["healthcheck"]["test"]
    assert (kind, python, dash_c) == ("CMD", "python", "-c")
    assert f"127.0.0.1:{service.environment['WEB_PORT']}/healthz" in script
    compile(script, "healthcheck", "exec")
